"""Recorded HTTP without a network; anew: `pytest tests/test_cassettes.py --record-mode=rewrite`."""

import re
from pathlib import Path

import pytest
from traces import traces
from vcr.errors import CannotOverwriteExistingCassetteException

from scormaudit.errors import NotFound
from scormaudit.fetch import fetch, read_scos
from scormaudit.lms.client import Client
from scormaudit.sandbox import Attempt, Sandbox, Sco

CASSETTES = Path(__file__).parents[1] / "cassettes"
RECORDED = "http://127.0.0.1:8765"
E, A, S = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "123")
ATTEMPT = Attempt(
    E, A, S, "Ada Example", "Fiction",
    [
        Sco(
            "lesson", "Grüße 👋", "2026-03-01T09:00:00.73100Z", None,
            {
                "cmi.core.lesson_status": "incomplete", "cmi.core.lesson_location": "",
                "cmi.suspend_data": "v=3;visited=1,2", "cmi.objectives.0.id": "o1",
                "cmi.interactions.0.id": "q1",
                "cmi.interactions.0.correct_responses.0.pattern": "a",
            },
            {"cmi.comments": "101 - General exception"},
        ),
        Sco("other", scorm2004=True),
    ],
)  # fmt: skip


@pytest.fixture(scope="module")
def vcr_cassette_dir():
    """A folder for this module, beside those of others."""
    return str(CASSETTES / Path(__file__).stem)


@pytest.fixture(scope="module")
def vcr_config():
    """Requests match by what they ask, wherever the server was; the token is left out."""

    def settled(request):
        request.uri = re.sub(r"^http://127\.0\.0\.1:\d+", RECORDED, request.uri)
        return request

    return {
        "match_on": ["method", "path", "query", "body"],
        "filter_query_parameters": ["access_token"],
        "filter_headers": ["host", "user-agent"],
        "before_record_request": settled,
    }


@pytest.fixture
def recorded(record_mode):
    """A client of the recording, or of the sandbox while it is being recorded."""
    if record_mode == "none":
        with Client(RECORDED, "replayed") as client:
            yield client
    else:
        with Sandbox.of([ATTEMPT]) as sandbox, Client(sandbox.base_url, sandbox.token) as client:
            yield client


@pytest.mark.vcr
@pytest.mark.block_network
def test_records_are_read_from_a_recording(recorded):
    """A record with its collections is read from recorded answers, its states apart."""
    lesson, other = read_scos(recorded, E, A)
    assert ("lesson", "Grüße 👋") == (lesson.sco_id, lesson.title)
    assert ["value", "empty", "absent", "error"] == [
        lesson.elements[f"cmi.{name}"].state
        for name in ("core.lesson_status", "core.lesson_location", "core.exit", "comments")
    ]
    assert "o1" == lesson.elements["cmi.objectives.0.id"].text
    assert "a" == lesson.elements["cmi.interactions.0.correct_responses.0.pattern"].text
    assert {"error"} == {reading.state for reading in other.elements.values()}


@pytest.mark.vcr
@pytest.mark.block_network
def test_a_whole_fetch_is_replayed(recorded, tmp_path):
    """A worklist becomes a snapshot from recorded answers, not found ones included."""
    worklist = [
        {"enrollment_id": E, "assignment_id": A},
        {"enrollment_id": S, "assignment_id": A},
    ]
    snapshot = fetch(recorded, worklist, tmp_path / "s", jobs=1)
    assert ["ok", "not_found"] == snapshot.table("coverage")["state"].tolist()
    assert ["lesson", "other"] == snapshot.records["sco_id"].tolist()
    assert ["v=3;visited=1,2"] == snapshot.records["suspend_data"].dropna().tolist()


@pytest.mark.vcr
@pytest.mark.block_network
def test_another_question_is_not_answered(recorded, record_mode):
    """A recording answers the body it was asked with and no other one."""
    with pytest.raises(NotFound):
        recorded.page(S, A, ("cmi.core.exit",), 1)
    if record_mode == "none":
        for question in ((E, ("cmi.core.exit",), 1), (S, ("x",), 1), (S, ("cmi.core.exit",), 2)):
            with pytest.raises(CannotOverwriteExistingCassetteException):
                recorded.page(question[0], A, *question[1:])


def test_cassettes_lead_to_nobody():
    """No file below cassettes/ holds a token, a password, an address or an id of the real world."""
    files = [path for path in CASSETTES.rglob("*") if path.is_file()]
    assert 3 <= len(files)
    for path in files:
        assert [] == traces(path.read_text("utf-8")), path.name


@pytest.mark.parametrize(
    "text",
    [
        "http://h/x?page=1&access_token=0f0e", "?access_token%3D0f0e", '{"access_token": "0f0e"}',
        r'"{\"access_token\":\"0f0e\"}"', "access_token:\n    - 0f0e", '{"password": "x"}',
        r'"{\"password\":\"x\"}"', "password=x",
        "uri: https://campus.example.com/api/v1", "https://lms.example.org.evil.org/",
        "http://10.0.0.7:8080/x", "https%3A%2F%2Fcampus.example.com", "http://127.0.0.10/",
        "jane.roe@university.edu", r'\"jane@roe.org\"',
        "0f0e41d2-1b7c-4c7e-9d3a-5b1f0c2d3e4f", "0F0E41D2-1B7C-4C7E-8D3A-5B1F0C2D3E4F",
        "0f0e41d2-1b7c-4c7e-8000-500000123456",
    ],
)  # fmt: skip
def test_a_trace_would_be_found(text):
    """The search knows every spelling in which a cassette could hold one of them."""
    assert traces(text)


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:8765/api/v1?page=1", "https://lms.example.org/api/v1", E, A, S,
        "ada@example.org", "cmi_element_names", "0f0e41d2-1b7c-4c7e-8000-000000123456",
    ],
)  # fmt: skip
def test_what_was_made_up_is_no_trace(text):
    """Ids of tests and of `scormaudit record`, and their hosts, are nobody's."""
    assert [] == traces(text)
