"""Editing: a subset of the fields, read back the way the platform spells them."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scormaudit.sandbox.edit import single

from .known import EDIT, EMPTY, STATUS

SUCCESS = {"api_error_entity": {"error_code": 0, "warning_messages": []}}


def codes(answer):
    """Status and error code of an answer."""
    return answer.status_code, answer.json()["api_error_entity"]["error_code"]


@pytest.mark.parametrize(
    ("field", "sent", "element", "expected"),
    [
        ("lesson_mode", "review", "cmi.core.lesson_mode", "review"),
        ("lesson_status", "passed", "cmi.core.lesson_status", "passed"),
        ("lesson_location", "", "cmi.core.lesson_location", ""),
        ("exit_status", "normal", "cmi.core.exit", ""),
        ("exit_status", "suspend", "cmi.core.exit", "suspend"),
        ("session_time", "00:01:00", "cmi.core.session_time", "00:01:00"),
        ("total_time", "PT5M", "cmi.core.total_time", "PT5M"),
        ("raw_score", 85.1, "cmi.core.score.raw", "85.1"),
        ("raw_score", 100, "cmi.core.score.raw", "100"),
        ("raw_score", 33.333333333, "cmi.core.score.raw", "33.333332"),
        ("raw_score", 0.00001, "cmi.core.score.raw", "0.00001"),
        ("raw_score", -0.0, "cmi.core.score.raw", "0"),
        ("suspend_data", "é\u0000\n\t€ 𝄞", "cmi.suspend_data", "é\u0000\n\t€ 𝄞"),
        ("entry", "", "cmi.core.entry", ""),
        ("preference_language", "English", "cmi.student_preference.language", "English"),
        ("preference_speed", -20, "cmi.student_preference.speed", "-20"),
        ("for_credit", True, "cmi.core.credit", "credit"),
        ("for_credit", False, "cmi.core.credit", "no-credit"),
    ],
)
def test_field_reads_back(edit, value, *, field, sent, element, expected):
    """Each writable field is read back as the element that it sets."""
    assert SUCCESS == edit(**{field: sent}).json()
    assert expected == value(element)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05"),
        ("2026-01-02T03:04:05", "2026-01-02T03:04:05"),
        ("2026-01-02T03:04:05.1230000+02:00", "2026-01-02T01:04:05.123"),
        ("2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.1234567"),
        ("0999-12-31T23:59:59-01:00", "1000-01-01T00:59:59"),
    ],
)
def test_dates_are_normalised(edit, read, sent, expected):
    """Dates come back in UTC with at most seven digits, in both spellings of the offset."""
    assert 200 == edit(title="New", start_date_utc=sent, exit_date_utc=sent).status_code
    item = read().json()[0]
    assert "New" == item["title"]
    assert [f"{expected}Z", f"{expected}+00:00"] == [item["start_date_utc"], item["exit_date_utc"]]


def test_any_word_can_be_written(edit, value):
    """A text field takes words outside the vocabulary, so that a repair can be undone."""
    edit(entry="ab-inito", lesson_mode="Normal")
    assert ["ab-inito", "Normal"] == [value("cmi.core.entry"), value("cmi.core.lesson_mode")]


def test_what_is_not_passed_stays(edit, value, sandbox):
    """An edit leaves everything else alone, and null counts as not passed."""
    edit(lesson_location="p2", lesson_status=None)
    assert "incomplete" == value("cmi.core.lesson_status")
    assert [{"lesson_location": "p2"}] == [entry["body"] for entry in sandbox.edits()]


@pytest.mark.parametrize(
    "fields",
    [
        {"lesson_mode": 1}, {"lesson_status": ["done"]},
        {"exit_status": "logout"}, {"exit_status": ""},
        {"start_date_utc": "yesterday"}, {"exit_date_utc": "2026-02-30T00:00:00Z"},
        {"exit_date_utc": "0001-01-01T00:00:00+14:00"}, {"exit_date_utc": 5},
        {"raw_score": "85"}, {"raw_score": True}, {"raw_score": 1e39}, {"raw_score": 10**400},
        {"preference_speed": 1.5}, {"preference_speed": 2**31}, {"preference_speed": True},
        {"preference_speed": "1"}, {"for_credit": "true"}, {"for_credit": 1}, {"title": 7},
        {"suspend_data": ["x"]}, {"exit_status": ["normal"]},
        {"assignment_status_id": "x"}, {"assignment_status_id": None}, {"sco_id": None},
        {"sco_id": 1},
    ],
)  # fmt: skip
def test_invalid_fields_are_422(edit, sandbox, fields):
    """Wrong types, unknown words and impossible dates are refused and change nothing."""
    assert (422, 2) == codes(edit(**{"lesson_location": "changed", **fields}))
    assert [] == sandbox.edits()


@pytest.mark.parametrize(
    "fault", ['"raw_score": 1e999', '"title": "\\ud800"', '"sco_id": "\\udfff"']
)
def test_what_json_can_say_but_not_mean_is_422(post, fault):
    """A number beyond all floats and half a character are refused."""
    content = f'{{"assignment_status_id": "{STATUS}", "sco_id": "sco_a", {fault}}}'
    headers = {"Content-Type": "application/json"}
    assert (422, 2) == codes(post(EDIT, content=content, headers=headers))


def test_unknown_ids_are_409(edit, sandbox):
    """An unknown status or SCO is 409 with code 3 and not logged."""
    assert (409, 3) == codes(edit(sco_id="SCO_A"))
    assert (409, 3) == codes(edit(assignment_status_id=EMPTY))
    assert [] == sandbox.edits()


def test_edits_are_logged_in_order(edit, sandbox):
    """Every committed edit is in the log with its keys and the fields as they were sent."""
    edit(raw_score=85.1, unknown="ignored")
    edit(assignment_status_id=STATUS.upper(), lesson_status="completed")
    keys = {"assignment_status_id": STATUS, "sco_id": "sco_a"}
    expected = [
        {"seq": 1, **keys, "body": {"raw_score": 85.1}},
        {"seq": 2, **keys, "body": {"lesson_status": "completed"}},
    ]
    assert expected == sandbox.edits()


def test_completed_closes_the_sco(edit, value, sandbox):
    """Completing by an edit closes the SCO for the course and keeps the stored mode."""
    assert not sandbox.is_closed(STATUS, "sco_a")
    edit(lesson_status="completed")
    assert sandbox.is_closed(STATUS, "sco_a")
    assert "normal" == value("cmi.core.lesson_mode")


def test_put_changes_without_a_log(value, read, sandbox):
    """The test hook changes elements and item fields, as a learner would."""
    sandbox.put(STATUS, "sco_a", {"cmi.objectives.3.id": "o4", "cmi.core.lesson_status": None})
    sandbox.put(STATUS, "sco_a", {"title": "T", "start_date_utc": None})
    assert ("4", None) == (value("cmi.objectives._count"), value("cmi.core.lesson_status"))
    assert ("T", False) == (read().json()[0]["title"], "start_date_utc" in read().json()[0])
    assert [] == sandbox.edits()
    with pytest.raises(KeyError):
        sandbox.put(STATUS, "nope", {})


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_single_precision_survives(number):
    """The text of a score is a plain decimal that is the same 32-bit float again."""
    text = single(number)
    assert struct.pack("<f", number + 0.0) == struct.pack("<f", float(text))
    assert not set(text) - set("-.0123456789")
