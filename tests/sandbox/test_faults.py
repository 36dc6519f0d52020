"""Faults: each does what its name says, on a count and not by chance."""

import time

import httpx
import pytest

from scormaudit.errors import ScormauditError
from scormaudit.sandbox import Attempt, Sandbox, Sco

from .known import ASSIGNMENT, EDIT, ENROLLMENT, READ, STATUS

ATTEMPTS = [Attempt(ENROLLMENT, ASSIGNMENT, STATUS, scos=[Sco("s")])]
BODY = {"enrollment_id": ENROLLMENT, "assignment_id": ASSIGNMENT, "cmi_element_names": []}


def statuses(sandbox, times):
    """Status and media type of reads in a row."""
    url = f"{sandbox.base_url}{READ}?access_token={sandbox.token}"
    with httpx.Client() as client:
        answers = [client.post(url, json=BODY) for _ in range(times)]
    return [(answer.status_code, answer.headers["content-type"]) for answer in answers]


def test_server_error_hits_every_fifth_request():
    """Every 5th request is answered 503 and counted all the same."""
    with Sandbox.of(ATTEMPTS, faults=["server-error"]) as sandbox:
        found = [status for status, _ in statuses(sandbox, 10)]
        assert 10 == sandbox.requests()["GetCmiData"]
    assert [200, 200, 200, 200, 503] * 2 == found


def test_html_page_hits_every_seventh_request():
    """Every 7th request is answered 200 with HTML."""
    with Sandbox.of(ATTEMPTS, faults=("html-page",)) as sandbox:
        found = statuses(sandbox, 14)
    assert [6, 13] == [place for place, (_, kind) in enumerate(found) if "html" in kind]
    assert {200} == {status for status, _ in found}


def test_latency_delays():
    """Every request takes 10 ms longer."""
    with Sandbox.of(ATTEMPTS, faults=("latency",)) as sandbox:
        start = time.perf_counter()
        statuses(sandbox, 5)
        assert time.perf_counter() - start >= 0.05


def test_code_1_commits_nothing():
    """An edit is answered 200 with error code 1, nothing is stored, reads are as ever."""
    with Sandbox.of(ATTEMPTS, faults=("code-1", "latency")) as sandbox:
        url = f"{sandbox.base_url}{EDIT}?access_token={sandbox.token}"
        body = {"assignment_status_id": STATUS, "sco_id": "s", "lesson_location": "x"}
        answer = httpx.post(url, json=body)
        assert (200, 1) == (answer.status_code, answer.json()["api_error_entity"]["error_code"])
        assert [(200, "application/json")] == statuses(sandbox, 1)
        assert [] == sandbox.edits()


def test_unknown_fault_names_the_known_ones():
    """A misspelt fault is refused before anything is opened."""
    with pytest.raises(ScormauditError, match=r"'latencyy'.*latency, html-page"):
        Sandbox(records=1, faults=("latencyy",))
