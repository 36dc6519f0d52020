"""The wire: four states that never merge, values that survive, dates in every spelling."""

import json
import struct
from dataclasses import astuple
from datetime import UTC, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import anything, dates, decimals, legal_timespans, texts, wire_items

from scormaudit.cmi import FIELDS
from scormaudit.errors import NotUnderstood
from scormaudit.lms.wire import encode, instant, read_body, read_error, read_scos, read_token, same

FIELD = {field.column: field for field in FIELDS}
SCORE, SPEED, START = FIELD["score_raw"], FIELD["preference_speed"], FIELD["start_date_utc"]
ITEM = {"sco_id": "s", "title": "t", "cmi_fields": [], "api_error_entity": {"error_code": 0}}
SECRET = "Zoë Learner 9.81"


@given(st.lists(wire_items(), max_size=3))
def test_every_item_keeps_its_states(items):
    """Value, empty, absent and error stay apart, and every text comes through unchanged."""
    read = read_scos(json.dumps([item for item, _ in items]).encode())
    for (item, told), (sco, error) in zip(items, read, strict=True):
        assert told == {name: (r.state, r.text) for name, r in sco.elements.items()}
        assert (item["sco_id"], item["title"]) == (sco.sco_id, sco.title)
        assert item.get("start_date_utc") == sco.start_date_utc
        assert item.get("exit_date_utc") == sco.exit_date_utc
        assert item["api_error_entity"]["error_code"] == error.error_code


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"{}", b"[", b"[null]", b"\xff\xfe", b"NaN", b"[" * 100_000,
        *(json.dumps([{k: v for k, v in ITEM.items() if k != name}]).encode() for name in ITEM),
        json.dumps([{**ITEM, "title": 5}]).encode(),
        json.dumps([{**ITEM, "cmi_fields": [{"cmi_element_value": "x"}]}]).encode(),
        json.dumps([{**ITEM, "sco_id": "\ud800"}]).encode(),
    ],
)  # fmt: skip
def test_other_bodies_are_not_understood(body):
    """A body that is not an array of SCOs is refused by name, whatever it is."""
    with pytest.raises(NotUnderstood):
        read_scos(body)


HALVES = ("\ud83d", "x\ud800", "\udc00y", "\ude00\ud83d", "\U0001f600\ud83d")


@pytest.mark.parametrize("ascii", [True, False], ids=["escaped", "bytes"])
@pytest.mark.parametrize("half", HALVES)
def test_half_a_surrogate_pair_fails_its_element_alone(half, ascii):
    """A value that was cut within a character fails; all other elements and SCOs are kept."""
    values = {"cmi.suspend_data": half, "cmi.comments": "\U0001f600", "cmi.core.exit": ""}
    fields = [{"cmi_element_name": n, "cmi_element_value": text} for n, text in values.items()]
    fields.append({"cmi_element_name": "x", "cmi_element_value": "", "error_message": f"e{half}"})
    page = [{**ITEM, "cmi_fields": fields}, {**ITEM, "sco_id": "t", "title": "\U0001f600"}]
    body = json.dumps(page, ensure_ascii=ascii).encode("utf-8", "surrogatepass")
    (sco, _), (other, _) = read_scos(body)
    assert ("error", "error") == (sco.elements["cmi.suspend_data"].state, sco.elements["x"].state)
    assert "half a surrogate pair" in sco.elements["cmi.suspend_data"].text
    assert ("value", "\U0001f600") == astuple(sco.elements["cmi.comments"])
    assert ("empty", "") == astuple(sco.elements["cmi.core.exit"])
    assert ("t", "\U0001f600") == (other.sco_id, other.title)
    for reading in sco.elements.values():
        assert reading.text == reading.text.encode().decode()


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("name", ["sco_id", "title", "start_date_utc", "cmi_fields"])
def test_half_a_surrogate_pair_elsewhere_is_said_at_once(half, name):
    """An id, a title or a name that is no text fails the page for good, and says why."""
    odd = [{"cmi_element_name": half}] if name == "cmi_fields" else half
    with pytest.raises(NotUnderstood, match="half a surrogate pair") as caught:
        read_scos(json.dumps([{**ITEM, name: odd}]).encode())
    assert caught.value.passing is False


def test_an_error_is_read_though_its_words_are_no_text():
    """Half a surrogate pair in an error message does not hide the error's code."""
    body = {"api_error_entity": {"error_code": 3, "error_message": "no \ud800"}}
    shape, error = read_body(json.dumps(body).encode())
    assert ("json", 3, "no \ufffd") == (shape, error.error_code, error.error_message)


@pytest.mark.parametrize(
    ("message", "value", "expected"),
    [("", "x", ("value", "x")), (None, "x", ("value", "x")), ("", "", ("empty", "")),
     (None, None, ("absent", "")), ("", None, ("absent", "")), ("101", "", ("error", "101"))],
)  # fmt: skip
def test_a_message_that_says_nothing_is_no_error(message, value, expected):
    """Only an error message with words in it makes an element fail."""
    field = {"cmi_element_name": "x", "cmi_element_value": value, "error_message": message}
    ((sco, _),) = read_scos(json.dumps([{**ITEM, "cmi_fields": [field]}]).encode())
    assert expected == astuple(sco.elements["x"])


def test_refusal_names_the_place_and_no_value():
    """The error says where the answer is odd, and holds nothing of the learner's."""
    field = {"cmi_element_name": "cmi.comments", "cmi_element_value": [SECRET]}
    with pytest.raises(NotUnderstood, match=r"0\.cmi_fields\.0\.cmi_element_value") as caught:
        read_scos(json.dumps([{**ITEM, "title": SECRET, "cmi_fields": [field]}]).encode())
    assert SECRET not in f"{caught.value}{caught.value!r}{caught.value.__context__}"


def test_a_sco_does_not_show_its_values():
    """The repr of a SCO, as a log or a traceback would show it, holds no learner data."""
    field = {"cmi_element_name": "cmi.comments", "cmi_element_value": SECRET}
    sco, _ = read_scos(json.dumps([{**ITEM, "title": SECRET, "cmi_fields": [field]}]).encode())[0]
    assert SECRET not in repr(sco)


@pytest.mark.parametrize("code", [0, 3, 8, 99, -1])
def test_every_error_code_is_kept(code):
    """A code beyond the documented ones is kept, not refused."""
    body = {"api_error_entity": {"error_code": code, "warning_messages": ["x"], "new": 1}}
    assert code == read_error(json.dumps(body).encode()).error_code


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"api_error_entity": null}'])
def test_other_bodies_hold_no_error(body):
    """What is not an envelope has no error entity."""
    assert read_error(body) is None


def test_token_is_read_or_not_understood():
    """A token is taken as it is; a body without one is refused without being shown."""
    token = read_token(b'{"access_token": "abc", "token_type": "bearer"}')
    assert "abc" == token.get_secret_value()
    with pytest.raises(NotUnderstood, match="at access_token"):
        read_token(b'{"access_token": null}')


# --- dates -------------------------------------------------------------------------------


@given(dates())
def test_instant_in_every_spelling(pair):
    """A date with 0 to 7 digits and any offset, or none, is the instant it names."""
    text, expected = pair
    assert expected == instant(text)


@given(texts)
def test_instant_of_any_text(text):
    """No text breaks the reading of dates; what is none is None."""
    found = instant(text)
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "", "2026-03-01", "2026-03-01 09:00:00Z", "2026-02-30T09:00:00Z", "2026-03-01T25:00:00Z",
        "2026-03-01T09:00:00.12345678Z", "2026-03-01T09:00:00.Z", "2026-03-01T09:00:00+1:00",
        "٢٠٢٦-03-01T09:00:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "1767225600",
        "9999-12-31T23:59:59-01:00", "2026-03-01T09:00:00z", "2026-03-01T09:00:00+24:00",
    ],
)  # fmt: skip
def test_other_texts_are_no_dates(text):
    """A text that .NET would not write, or that no calendar holds, is no date."""
    assert instant(text) is None


# --- writing -----------------------------------------------------------------------------


@given(decimals)
def test_scores_survive_single_precision(text):
    """A score is written so that the API's 32-bit float still names the same decimal."""
    single = struct.unpack("<f", struct.pack("<f", encode(SCORE, text)))[0]
    assert same(SCORE, text, f"{single:.9g}")
    assert Decimal(text) == Decimal(str(encode(SCORE, text)))


@pytest.mark.parametrize(
    "text", ["", " 5", "5 ", "1e5", "NaN", "inf", "1,5", "٣", "16777217", "0.123456789", "9" * 400]
)
def test_scores_that_would_change_are_not_written(text):
    """What is no number, or would come back as another one, cannot be written."""
    with pytest.raises(ValueError):  # noqa: PT011
        encode(SCORE, text)


@given(st.sampled_from(FIELDS), texts)
def test_encode_any_text(field, text):
    """Whatever a record holds either has a JSON value or is a ValueError, never a crash."""
    try:
        value = encode(field, text)
    except ValueError:
        return
    json.dumps(value, allow_nan=False)


@given(st.integers(-(2**31), 2**31 - 1))
def test_speed_is_an_integer(number):
    """A 32-bit integer is written as it is."""
    assert number == encode(SPEED, str(number))


@pytest.mark.parametrize("text", ["", "1.0", "2147483648", "-2147483649", "٣", "9" * 5000])
def test_other_speeds_are_not_written(text):
    """What is no 32-bit integer cannot be written."""
    with pytest.raises(ValueError):  # noqa: PT011
        encode(SPEED, text)


@given(dates())
def test_dates_are_written_in_utc(pair):
    """A date is sent as UTC with `Z`, and read back as the same instant."""
    text, expected = pair
    sent = encode(START, text)
    assert (True, expected) == (sent.endswith("Z"), instant(sent))
    assert same(START, text, sent)


@pytest.mark.parametrize(
    ("column", "text", "expected"),
    [
        ("exit", "", "normal"), ("exit", "suspend", "suspend"), ("credit", "credit", True),
        ("credit", "no-credit", False), ("title", "", ""), ("suspend_data", "\0 é ", "\0 é "),
    ],
)  # fmt: skip
def test_words_are_translated(column, text, expected):
    """Exit and credit have words of their own on the wire; text goes as it is."""
    assert expected == encode(FIELD[column], text)


@pytest.mark.parametrize(
    ("column", "text"),
    [("exit", "time-out"), ("exit", "logout"), ("credit", ""), ("start_date_utc", "")],
)
def test_unwritable_words_are_refused(column, text):
    """What the API has no word for cannot be written."""
    with pytest.raises(ValueError, match=r"only|not a date"):
        encode(FIELD[column], text)


# --- comparing ---------------------------------------------------------------------------


@given(st.sampled_from(FIELDS), anything)
def test_equal_texts_are_the_same(field, text):
    """What is read back to the letter is what was written, whatever it is."""
    assert same(field, text, text)


@given(legal_timespans())
def test_timespans_compare_by_length(pair):
    """Another spelling of the same length is the same time, another length is not."""
    text, length = pair
    whole, rest = divmod(length, 100)
    other = f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{rest:02}"
    if whole // 3600 <= 9999:
        assert same(FIELD["total_time"], text, other)
        assert not same(FIELD["lesson_location"], text, other) or text == other
    assert not same(FIELD["total_time"], text, "00:00:00") or length == 0


@pytest.mark.parametrize(
    ("wanted", "read", "expected"),
    [
        ("85", "85.0", True), ("0.1", "0.10000000149011612", True), ("-0", "0", True),
        ("85", "85.01", False), ("85", "", False), ("NaN", "nan", False), ("", "0", False),
    ],
)  # fmt: skip
def test_scores_compare_as_single_precision(wanted, read, expected):
    """Two spellings are one score if they are one 32-bit float."""
    assert expected is same(SCORE, wanted, read)


@given(dates(), st.integers(-4000, 4000))
def test_dates_compare_within_four_milliseconds(pair, microseconds):
    """The instant counts, not its spelling, and 4 ms are forgiven."""
    text, moment = pair
    near, far = (moment + timedelta(microseconds=n) for n in (microseconds, 4001))
    assert same(START, text, near.isoformat().replace("+00:00", "Z"))
    assert not same(START, text, far.isoformat())
    assert not same(START, text, "")


def test_suspend_data_compares_byte_for_byte():
    """Bookmarks are opaque: one blank more is another bookmark."""
    assert not same(FIELD["suspend_data"], "a=1", "a=1 ")
