"""Faults of a server or a proxy that answers something else, and of all of it together."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime

import httpx
import pytest

from scormaudit.sandbox import Attempt

from .faulty import SCOS, outcome, silent

VALIDATE = "/api/v1/AdminApi/ValidateAccessToken"
AUTHENTICATE = "/api/v1/AdminApi/Authenticate"
STORMY = {"reset", "half", 503, "html", 429, "empty"}


@pytest.fixture
def faulty(caplog):
    """Makes sandboxes with faults; none of them may have anything to say about it."""
    with silent(caplog) as make:
        yield make


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("server-error", [200, 200, 200, 200, 503] * 2),
        ("html-page", [200, 200, 200, 200, 200, 200, "html"] * 2),
        ("retry-after-seconds", [200, 200, 200, 200, 200, 429] * 2),
        ("retry-after-date", [200, 200, 200, 200, 200, 503] * 2),
        ("wrong-type", [200, 200, 200, 200, 200, "empty"] * 2),
        ("server-error-burst", [*[200] * 17, 500, 502, 503] * 2),
        ("storm", [200, "reset", "half", 200, 200, 200, 503, 200, 200, 200,
                   200, "html", 429, 200, 200, 200, "empty", 200, 200, 200] * 2),
    ],
)  # fmt: skip
def test_reads_meet_it_on_a_count(faulty, name, expected):
    """What became of each read of a row is the same in every run; each of them is counted."""
    bench = faulty(name)
    assert expected == bench.reads(len(expected))
    assert len(expected) == bench.sandbox.requests()["GetCmiData"]


def test_retry_after_is_one_second(faulty):
    """The 6th answer asks for a second of patience."""
    bench = faulty("retry-after-seconds")
    bench.reads(5)
    assert "1" == bench.read().headers["retry-after"]


def test_retry_after_is_a_date_nearby(faulty):
    """The date is HTTP's, in GMT, and between half a second and one and a half away."""
    bench = faulty("retry-after-date")
    bench.reads(5)
    before = time.time()
    text = bench.read().headers["retry-after"]
    after = time.time()
    assert text.endswith(" GMT")
    assert before + 0.49 <= parsedate_to_datetime(text).timestamp() <= after + 1.51


def test_wrong_type_is_right_json(faulty):
    """The JSON that nobody would call JSON is the very same; only its type is another."""
    calm, bench = faulty().read(), faulty("wrong-type").read()
    assert "application/json" == calm.headers["content-type"]
    assert "text/plain; charset=utf-8" == bench.headers["content-type"]
    assert calm.content == bench.content


def test_a_token_expires_once(faulty):
    """After ten reads the token is refused everywhere; the next one reads as long as it likes."""
    bench = faulty("expired-token")
    assert [*[200] * 10, 403, 403] == bench.reads(12)
    assert 4 == bench.read().json()["api_error_entity"]["error_code"]
    assert (403, 403) == (bench.edit().status_code, bench.read().status_code)
    asked = bench.http.get(VALIDATE, params=bench.params).json()
    assert "error_message" in asked["api_error_entity"]
    login = {"username": bench.sandbox.username, "password": bench.sandbox.password}
    granted = bench.http.post(AUTHENTICATE, json={**login, "grant_type": "password"})
    bench.params = {"access_token": granted.json()["access_token"]}
    assert [200] * 30 == bench.reads(30)
    assert [] == bench.edits()
    assert 200 == bench.edit().status_code


def test_another_token_does_not_age(faulty):
    """Each token counts its own reads, and after the first that expired none does."""
    bench = faulty("expired-token")
    viewer = {"access_token": bench.sandbox.viewer_token}
    assert [200] * 9 == [bench.read(**viewer).status_code for _ in range(9)]
    assert [*[200] * 10, 403] == bench.reads(11)
    assert [200] * 9 == [bench.read(**viewer).status_code for _ in range(9)]


def test_storm_hits_three_of_ten_and_nobody_three_times(faulty):
    """Eight clients at once: about 30 % of the requests fail, in all six ways.

    No read needs a fourth attempt, however the clients' requests fall among each other.
    """
    ids = [f"00000000-0000-4000-8000-{number:012}" for number in range(100)]
    bench = faulty("storm", attempts=[Attempt(one, one, one, scos=SCOS) for one in ids])

    def until_done(one):
        found = []
        while not found or found[-1] != 200:
            keys = {"enrollment_id": one, "assignment_id": one}
            found.append(outcome(bench.read, keys))
        return found

    with ThreadPoolExecutor(8) as pool:
        attempts = list(pool.map(until_done, ids))
    came = Counter(result for found in attempts for result in found)
    assert STORMY | {200} == set(came)
    assert max(map(len, attempts)) <= 3
    total = bench.sandbox.requests()["GetCmiData"]
    assert 0.2 <= 1 - 100 / total <= 0.32


@pytest.mark.parametrize(
    ("name", "failures"), [("server-error", 1), ("half-body", 1), ("server-error-burst", 3)]
)
def test_one_request_is_not_picked_on(faulty, name, failures):
    """A request that is only ever sent on a bad turn gets through when it has failed enough."""
    bench = faulty(name)
    round_of = {"server-error": 5, "half-body": 4, "server-error-burst": 20}[name]
    found = []
    while not found or found[-1] != 200:
        bench.reads(round_of - 1)
        found.append(outcome(bench.read, page=2))
    assert failures == len(found) - 1


def test_storm_forgives_the_request_that_failed_twice(faulty):
    """A request that fell on every bad turn passes at its third attempt all the same."""
    bench = faulty("storm")
    assert [200, "reset", "half"] == [outcome(bench.read, page=page) for page in (1, 2, 2)]
    bench.reads(3)
    assert 200 == bench.read(page=2).status_code


def test_storm_says_when_to_come_back(faulty):
    """The 429 of a storm wants no pause."""
    bench = faulty("storm")
    answers = []
    while len(answers) < 20:
        try:
            answers.append(bench.read())
        except httpx.TransportError:
            continue
    assert {"0"} == {one.headers["retry-after"] for one in answers if one.status_code == 429}


def test_faults_leave_the_token_service_alone(faulty):
    """Under a storm every login is answered, and a body without keys is refused as ever."""
    bench = faulty("storm", "clamped-pages", "moving-pages", "endless-pages", "repeated-page")
    codes = [bench.http.post(AUTHENTICATE, json={}).status_code for _ in range(20)]
    assert [422] * 20 == codes
    assert 422 == bench.read({}).status_code
