"""Faults of edits: what the client sees, what was committed, and that a second attempt succeeds."""

import time
from urllib.parse import unquote

import httpx
import pytest

from scormaudit.sandbox import Attempt, Sco
from scormaudit.sandbox.faults import FAULTS

from .faulty import outcome, silent
from .known import ASSIGNMENT, EDIT, EMPTY, ENROLLMENT, STATUS

AUTHENTICATE = "/api/v1/AdminApi/Authenticate"
FIRST_ONLY = {
    "commit-and-cut": ("reset", True),
    "cut-before-commit": ("reset", False),
    "error-after-commit": (500, True),
    "error-before-commit": (500, False),
    "half-answer": ("half", True),
    "code-1-after-commit": (200, True),
    "ack-without-commit": (200, False),
    "html-answer": ("html", False),
    "dripping-answer-20": (200, True),
    "validation": (422, False),
    "throttled": (429, False),
    "throttled-50": (429, False),
    "redirect": (302, False),
}
SUCCESS = {"api_error_entity": {"error_code": 0, "warning_messages": []}}


@pytest.fixture
def faulty(caplog):
    """Makes sandboxes with faults; none of them may have anything to say about it."""
    with silent(caplog) as make:
        yield make


@pytest.mark.parametrize("name", FIRST_ONLY)
def test_a_first_edit_meets_it_and_a_second_does_not(faulty, name):
    """What the client sees of the first is as stated, and so is whether it was committed."""
    bench = faulty(name)
    seen, is_committed = FIRST_ONLY[name]
    assert seen == outcome(bench.edit)
    assert ["sco_a"] * is_committed == bench.edits()
    assert SUCCESS == bench.edit().json()
    assert ["sco_a"] * (1 + is_committed) == bench.edits()


@pytest.mark.parametrize("name", FIRST_ONLY)
def test_each_sco_has_a_first_edit(faulty, name):
    """A fault meets every SCO once, whatever was edited before and how its ids are spelt."""
    bench = faulty(name)
    seen = FIRST_ONLY[name][0]
    assert [seen, seen] == [outcome(bench.edit, sco) for sco in ("sco_a", "sco_b")]
    assert [200, 200] == [outcome(bench.edit, sco) for sco in ("sco_b", "sco_a")]


@pytest.mark.parametrize("name", FIRST_ONLY)
def test_reads_are_as_ever(faulty, name):
    """A fault of edits disturbs no read, before or after it struck."""
    bench = faulty(name)
    assert [200] * 9 == bench.reads(9)
    outcome(bench.edit)
    assert [200] * 9 == bench.reads(9)


@pytest.mark.parametrize("name", ["commit-and-cut", "half-answer", "error-after-commit"])
def test_a_refusal_is_not_spoilt(faulty, name):
    """What the server refuses commits nothing, and its answer comes whole."""
    bench = faulty(name)
    assert 422 == outcome(bench.edit, raw_score="x")
    assert 409 == outcome(bench.edit, "nowhere")
    assert [] == bench.edits()


def test_what_is_no_edit_is_nobodys_first(faulty):
    """A body without a key is refused as ever and leaves the fault to the edit that follows."""
    bench = faulty("cut-before-commit")
    bodies = (b"", b"[]", b"{", b'{"assignment_status_id": 5}')
    answers = [bench.http.post(EDIT, content=one, params=bench.params) for one in bodies]
    assert [422] * 4 == [answer.status_code for answer in answers]
    assert "reset" == outcome(bench.edit)


def test_half_answer_is_half_of_it(faulty):
    """The socket gets the length of the success, half of its bytes, and an end."""
    bench = faulty("half-answer")
    body = {"assignment_status_id": STATUS, "sco_id": "sco_a", "lesson_location": "x"}
    found, end = bench.raw(EDIT, body)
    whole = bench.edit()
    head, _, half = found.partition(b"\r\n\r\n")
    assert f"content-length: {len(whole.content)}".encode() in head.lower()
    assert (whole.content[: len(whole.content) // 2], "closed") == (half, end)


@pytest.mark.parametrize("name", ["commit-and-cut", "cut-before-commit", "late-commit-1"])
def test_a_cut_leaves_not_one_byte(faulty, name):
    """The socket is reset; what was committed or not cannot be told from it."""
    body = {"assignment_status_id": STATUS, "sco_id": "sco_a", "lesson_location": "x"}
    assert (b"", "reset") == faulty(name).raw(EDIT, body)


def test_late_commit_comes_after_the_cut(faulty):
    """The client knows of the break while nothing is committed yet."""
    bench = faulty("late-commit-900")
    assert "reset" == outcome(bench.edit)
    assert [] == bench.edits()
    bench.sandbox.stop()
    assert ["sco_a"] == bench.edits()


@pytest.mark.parametrize(("name", "seconds"), [("late-commit", 0.2), ("late-commit-400", 0.4)])
def test_late_commit_takes_its_time(faulty, name, seconds):
    """It comes 200 ms after the cut, or as late as the name says, and a stop waits for it."""
    bench = faulty(name)
    start = time.perf_counter()
    assert "reset" == outcome(bench.edit)
    bench.sandbox.stop()
    assert time.perf_counter() - start >= seconds
    assert ["sco_a"] == bench.edits()


def test_late_commit_overtakes_a_hasty_second_attempt(faulty):
    """Who sends again at once is answered first, and is then overwritten by the edit that was late.

    Two commits came of it: that is what waiting before a second attempt prevents.
    """
    bench = faulty("late-commit-500")
    assert "reset" == outcome(bench.edit, lesson_location="first")
    assert 200 == outcome(bench.edit, lesson_location="second")
    bench.sandbox.stop()
    locations = [edit["body"]["lesson_location"] for edit in bench.sandbox.edits()]
    assert ["second", "first"] == locations


def test_a_late_refusal_is_silent(faulty):
    """An edit that would be refused is refused when nobody listens; nothing is committed."""
    bench = faulty("late-commit-1")
    assert "reset" == outcome(bench.edit, raw_score="x")
    bench.sandbox.stop()
    assert [] == bench.edits()


def test_code_1_always_commits_nothing(faulty):
    """Each edit is answered 200 with error code 1 and nothing is stored, the third as the first."""
    bench = faulty("code-1", "latency")
    codes = [bench.edit().json()["api_error_entity"]["error_code"] for _ in range(3)]
    assert [1, 1, 1] == codes
    assert [] == bench.edits()
    assert [200] == bench.reads(1)


def test_what_looks_like_a_success_and_is_none(faulty):
    """Code 1 may hide a commit and code 0 the want of one; only a read shows which."""
    asked = {
        name: faulty(name).edit().json()["api_error_entity"]["error_code"]
        for name in ("code-1-after-commit", "ack-without-commit", "dripping-answer-20")
    }
    assert {"code-1-after-commit": 1, "ack-without-commit": 0, "dripping-answer-20": 0} == asked


def test_stalled_answer_ends_with_the_patience_of_its_client(faulty):
    """A first edit is committed and half answered, then nothing comes and nothing is closed."""
    bench = faulty("stalled-answer")
    body = {"assignment_status_id": STATUS, "sco_id": "sco_a", "lesson_location": "x"}
    with pytest.raises(httpx.ReadTimeout):
        bench.http.post(EDIT, json=body, params=bench.params, timeout=0.2)
    assert ["sco_a"] == bench.edits()
    assert 200 == outcome(bench.edit)
    assert [200] * 3 == bench.reads(3)


def test_dripping_answer_outlasts_a_timeout_for_each_piece(faulty):
    """The answer is whole, though no read of it alone takes as long as all of them."""
    bench = faulty("dripping-answer-400")
    body = {"assignment_status_id": STATUS, "sco_id": "sco_a", "lesson_location": "x"}
    with bench.http.stream("POST", EDIT, json=body, params=bench.params) as answer:
        pieces = list(answer.iter_raw())
    assert len(pieces) > 10
    assert bench.edit().content == b"".join(pieces)


def test_a_token_expires_at_an_edit(faulty):
    """Each SCO's first edit ends the token it came with, for reads too; another one succeeds."""
    bench = faulty("expired-at-edit")
    login = {"username": bench.sandbox.username, "password": bench.sandbox.password}
    for sco in ("sco_a", "sco_b"):
        refused = bench.edit(sco)
        assert (403, 4) == (refused.status_code, refused.json()["api_error_entity"]["error_code"])
        assert [403, 403] == [outcome(bench.edit, sco), outcome(bench.read)]
        granted = bench.http.post(AUTHENTICATE, json={**login, "grant_type": "password"})
        bench.params = {"access_token": granted.json()["access_token"]}
        assert [200, 200] == [outcome(bench.edit, sco), outcome(bench.read)]
    assert ["sco_a", "sco_b"] == bench.edits()


def test_what_comes_with_a_refusal(faulty):
    """Validation has its code, throttling its pause, a redirect echoes the URL with its token."""
    assert 2 == faulty("validation").edit().json()["api_error_entity"]["error_code"]
    rests = [faulty(name).edit().headers["retry-after"] for name in ("throttled", "throttled-50")]
    assert ["1", "0.05"] == rests
    bench = faulty("redirect")
    location = bench.edit().headers["location"]
    assert f"/login?ReturnUrl={EDIT}?access_token={bench.sandbox.token}" == unquote(location)
    assert 404 == bench.http.get(location).status_code


def test_faults_of_edits_come_one_after_the_other(faulty):
    """Two faults that commit nothing take the first and the second attempt; the third succeeds."""
    bench = faulty("throttled", "cut-before-commit")
    assert ["reset", 429, 200] == [outcome(bench.edit) for _ in range(3)]
    assert ["sco_a"] == bench.edits()


def test_a_doubled_edit_that_breaks(faulty):
    """Delivered twice and cut: both are committed, and the second attempt commits two more."""
    bench = faulty("commit-and-cut", "duplicate-delivery")
    assert "reset" == outcome(bench.edit)
    assert ["sco_a"] * 2 == bench.edits()
    assert 200 == outcome(bench.edit)
    assert ["sco_a"] * 4 == bench.edits()


def test_ids_are_compared_as_the_server_does(faulty):
    """An assignment status in capitals is the same; a SCO id in capitals is another."""
    attempts = [
        Attempt(ENROLLMENT, ASSIGNMENT, STATUS, scos=[Sco("a"), Sco("A")]),
        Attempt(EMPTY, ASSIGNMENT, "aaaaaaaa-3333-4333-8333-333333333333", scos=[Sco("a")]),
    ]
    bench = faulty("error-before-commit", attempts=attempts)
    ids = "aaaaaaaa-3333-4333-8333-333333333333"
    assert [500, 200] == [
        outcome(bench.edit, "a", assignment_status_id=one) for one in (ids.upper(), ids)
    ]
    assert [500, 500] == [outcome(bench.edit, sco) for sco in ("a", "A")]


def test_every_fault_of_edits_is_in_the_table():
    """What is tested above is all that exists between code-1 and the late commit."""
    names = list(FAULTS)
    edits = names[names.index("code-1") : names.index("duplicate-delivery")]
    tested = {name.rstrip("-0123456789") if "-1-" not in name else name for name in FIRST_ONLY}
    others = {"code-1", "late-commit", "stalled-answer", "expired-at-edit"}
    assert set(edits) == tested | others


def test_no_timeout_is_mistaken_for_a_cut(faulty):
    """With latency before it, a client that gave up sees its timeout; its edit was never read."""
    bench = faulty("latency-300", "commit-and-cut")
    body = {"assignment_status_id": STATUS, "sco_id": "sco_a", "lesson_location": "x"}
    with pytest.raises(httpx.ReadTimeout):
        bench.http.post(EDIT, json=body, params=bench.params, timeout=0.05)
    bench.sandbox.stop()
    assert [] == bench.edits()
