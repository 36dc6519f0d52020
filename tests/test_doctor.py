"""The doctor: what is so, what is wrong, what nobody knows; and it never writes."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from strategies import anything

from scormaudit.doctor import UNTRIED, examine
from scormaudit.lms.client import Client
from scormaudit.sandbox import Attempt, Sandbox, Sco

E, A, S = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "eab")
ROW = {"enrollment_id": E, "assignment_id": A}
OTHER = {"enrollment_id": S, "assignment_id": A}
FULL = {
    "cmi.core.lesson_status": "passed",
    "cmi.objectives.0.id": "o",
    "cmi.interactions.0.id": "q",
}
SEEN = ("settings", "address", "clock", "token", "read permission", "elements", "page numbers",
        "page size")  # fmt: skip
VALID = b'{"api_error_entity": {"error_code": 0}}'


@pytest.fixture
def of():
    """Examines a server of these SCOs behind faults: its checks by name."""

    def look(*scos, faults=(), worklist=(ROW,), token=None, **options):
        attempts = [Attempt(E, A, S, scos=scos)]
        with Sandbox.of(attempts, faults=faults) as server:
            with Client(server.base_url, token or server.token) as client:
                checks = examine(client, worklist and list(worklist), **options)
            assert [] == server.edits()
            assert 0 == server.requests()["EditScormData"]
        return {check.name: check for check in checks}

    return look


def at(url, token="secret-token", **options):
    """The checks of a server that is no sandbox, by name."""
    with Client(url, token) as client:
        return {check.name: check for check in examine(client, **options)}


def states(checks, *names):
    return [checks[name].state for name in names]


def test_a_good_server_is_well(of):
    """Address, token, permission, elements and pages are good; what was not reached is unknown."""
    checks = of(Sco("s", cmi=FULL), Sco("t"))
    assert [*SEEN, *(check.name for check in UNTRIED)] == list(checks)
    assert ["ok", "ok", "unknown", "ok", "ok", "ok", "ok", "unknown"] == states(checks, *SEEN)
    assert "count from 1" in checks["page numbers"].what
    assert all(
        check.todo for check in checks.values() if check.state != "ok" and check != checks["clock"]
    )


def test_it_makes_nothing_that_could_write(of, monkeypatch):
    """No editor is made, and the server sees no edit, however much is examined."""
    monkeypatch.setattr(Client, "editor", None)
    assert "unknown" == of(Sco("s", cmi=FULL))["write permission"].state


def test_what_stays_unknown_is_said(of):
    """What no read can show is listed as unknown, with what to do, whatever else was found."""
    names = {"write permission", "times on write", "clearing a field", "what an edit sets off",
             "rate limits", "settle time"}  # fmt: skip
    assert names == {check.name for check in UNTRIED}
    for checks in (of(Sco("s")), of(worklist=None), at("http://127.0.0.1:1")):
        assert {"unknown"} == {checks[name].state for name in names}


# --- settings ----------------------------------------------------------------------------


def test_settings_are_said_with_their_origin_and_no_secret(of):
    """Each setting stands with where it came from; a secret is only said to be set."""
    given = {
        "base_url": ("https://lms.example.org", "environment"), "token": ("s3cret", "environment"),
        "write_token": ("", ""), "password": ("hunter22", "keyring"), "home": ("/data", "default"),
    }  # fmt: skip
    check = of(worklist=None, settings=given)["settings"]
    for words in ("base_url is https://lms.example.org (environment)", "token is set (environment)",
                  "write_token is not set;", "home is /data (default)", "password is set (keyring)",
                  "timeout is 30 seconds"):  # fmt: skip
        assert words in check.what
    assert "s3cret" not in repr(check)
    assert "hunter22" not in repr(check)


def test_no_check_shows_the_token(stub):
    """A server that echoes the token gets it into no check."""
    echo = json.dumps({"api_error_entity": {"error_code": 3, "error_message": "secret-token"}})
    for status in (200, 403, 409, 500):
        checks = at(
            stub((status, echo.encode())).url, worklist=[ROW], settings={"a": ("secret-token", "b")}
        )
        assert "secret-token" not in repr(checks)


# --- address and clock -------------------------------------------------------------------


def test_a_server_that_is_not_there_is_a_problem(refused):
    """Where nothing answers, that is the problem, and the rest was not seen."""
    checks = at(refused, worklist=[ROW])
    assert ["problem", *["unknown"] * 6] == states(checks, *SEEN[1:])
    assert "No connection" in checks["address"].what
    assert checks["address"].todo


def test_an_answer_of_another_kind_is_not_believed(stub):
    """A page of HTML, or an error, says nothing of the token."""
    for answer in ((200, b"<html>"), (404, b"no"), (500, b""), (200, b"[]"), (200, b"{}")):
        checks = at(stub(answer).url)
        assert ["ok", "unknown", "unknown"] == states(checks, "address", "clock", "token")


@pytest.mark.parametrize(
    ("seconds", "state", "words"),
    [(0, "ok", "agree"), (50, "ok", "agree"), (-50, "ok", "agree"), (600, "problem", "ahead of"),
     (-600, "problem", "behind")],
)  # fmt: skip
def test_clocks_are_compared(stub, seconds, state, words):
    """The server's Date is held against our clock; more than a minute is a problem."""
    date = datetime.now(UTC) + timedelta(seconds=seconds)
    server = stub((200, VALID, f"Date: {format_datetime(date, usegmt=True)}"))
    check = at(server.url)["clock"]
    assert state == check.state
    assert words in check.what


# --- token -------------------------------------------------------------------------------


def test_the_three_answers_about_a_token(of, stub):
    """Never expires, valid until, invalid: each answer of ValidateAccessToken is understood."""
    endless, invalid = of()["token"], of(token="no-such-token")["token"]
    assert ("ok", "problem") == (endless.state, invalid.state)
    assert "never expires" in endless.what
    assert "SCORMAUDIT_TOKEN" in invalid.todo
    for hours, state in ((8, "ok"), (0.5, "problem")):
        until = datetime.now(UTC) + timedelta(hours=hours)
        body = {"utc_expiration_date": until.isoformat(), **json.loads(VALID)}
        check = at(stub((200, json.dumps(body).encode())).url)["token"]
        assert state == check.state
        assert f"until {until:%Y-%m-%d %H:%M:%S} UTC" in check.what


def test_a_login_has_an_end(fresh):
    """A token of Authenticate is valid until its eight hours are over."""
    server = fresh(records=1)
    with Client.login(server.base_url, server.username, server.password) as client:
        checks = {check.name: check for check in examine(client)}
    assert "valid until" in checks["token"].what


# --- what the first record shows ---------------------------------------------------------


def test_without_a_worklist_nothing_is_read(of):
    """Who gives no worklist learns nothing about reading, and is told what to give."""
    checks = of(Sco("s"), worklist=None)
    assert ["unknown"] * 4 == states(checks, *SEEN[4:])
    assert "worklist" in checks["read permission"].todo


def test_a_bad_worklist_is_a_problem(of):
    """A worklist that cannot be trusted is named as in a fetch, and nothing is read."""
    checks = of(Sco("s"), worklist=[{**ROW, "enrollment_id": "x"}])
    assert "row 1: enrollment_id is not a UUID" in checks["worklist"].what
    assert ["unknown"] * 4 == states(checks, *SEEN[4:])


def test_a_missing_permission_is_a_problem_and_a_missing_record_is_not(of, stub):
    """403 says that the token may not read; an unknown id says nothing about it."""
    assert "unknown" == of(Sco("s"), worklist=[OTHER])["read permission"].state
    forbidden = b'{"api_error_entity": {"error_code": 5}}'
    check = at(stub((403, forbidden)).url, worklist=[ROW])["read permission"]
    assert "problem" == check.state
    assert "View Section Enrollments" in check.todo


def test_elements_that_fail_are_named(of):
    """An element that the LMS does not give is named; SCORM 2004 is no fault of the LMS."""
    broken = Sco("s", cmi=FULL, errors={"cmi.core.exit": "401 - Not Implemented Error"})
    check = of(broken)["elements"]
    assert "problem" == check.state
    assert "does not give cmi.core.exit." in check.what
    check = of(Sco("s", scorm2004=True))["elements"]
    assert "unknown" == check.state
    assert "not SCORM 1.2" in check.what


def test_elements_that_a_record_lacks_are_no_fault(of):
    """A record without objectives and interactions lacks their elements rightly."""
    assert ["ok", "unknown"] == [of(*scos)["elements"].state for scos in ([Sco("s")], [])]


@pytest.mark.parametrize(
    ("faults", "first", "cap"),
    [((), 1, "unknown"), (["pages-from-zero"], 0, "unknown"), (["clamped-pages"], 1, "ok"),
     (["pages-from-zero", "clamped-pages"], 0, "ok")],
)  # fmt: skip
def test_pages_are_understood(of, faults, first, cap):
    """From where pages are counted, and how many SCOs one holds, shows in a record of three."""
    checks = of(Sco("a"), Sco("b"), Sco("c"), faults=faults)
    assert f"count from {first}" in checks["page numbers"].what
    assert cap == checks["page size"].state
    if cap == "ok":
        assert "at most 2 SCOs" in checks["page size"].what


def test_an_empty_record_shows_nothing_about_pages(of):
    """A record without SCOs leaves open how pages are counted."""
    assert ["unknown"] * 3 == states(of(), *SEEN[5:])


@given(anything, anything)
@settings(max_examples=20, deadline=None)
def test_any_setting_can_be_said(value, origin):
    """Whatever a setting holds, the doctor says it in one check and does not break."""
    with Client("https://lms.example.org", "token") as client:
        from scormaudit.doctor import _settings

        (check,) = _settings(client, {"home": (value, origin)})
    assert "home is" in check.what
