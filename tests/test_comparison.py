"""What a record, read again, says about a change: in substance where the field has one."""

import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import get_args

import pytest
from changes import change, framed
from hypothesis import assume, example, given
from hypothesis import strategies as st
from strategies import anything, dates, legal_timespans, texts

from scormaudit.cmi import FIELDS
from scormaudit.comparison import compared, ended, states_of
from scormaudit.lms.classification import Answer, Outcome
from scormaudit.lms.wire import Reading, Sco, encode, instant, same
from scormaudit.plan import FIELD, Op, Seen, element_of, fingerprint
from scormaudit.sandbox.edit import single
from scormaudit.timespan import spell

ELEMENT = {name: element_of(field.column) for name, field in FIELD.items()}
ANSWERS = [Answer(outcome, "told") for outcome in get_args(Outcome)]
UNCHANGED = {
    "ack": "wrong_pairing", "unknown": "not_applied", "rejected": "rejected",
    "not_sent": "not_sent", "busy": "deferred", "throttled": "deferred",
    "unauthenticated": "deferred",
}  # fmt: skip
DATES = ("start_date_utc", "exit_date_utc")
EDGES = (-4001, -4000, 4000, 4001)
EXACT = [f for f in FIELDS if f.kind in ("text", "integer", "exit", "credit")
         and f.column not in ("session_time", "total_time")]  # fmt: skip


def op(field, before, after):
    """One field of an edit."""
    return Op(field=field, element=ELEMENT[field], before=before, after=after, undo="exact")


def sco(**elements):
    """A record with these elements; what is not named is absent."""
    item = {name: elements.pop(name, None) for name in ("title", *DATES)}
    readings = {
        name.replace("__", "."): Reading("value" if text else "empty", text)
        if isinstance(text, str)
        else text
        for name, text in elements.items()
    }
    return Sco(sco_id="sco", **item, elements=readings)


def shown(made, **moved):
    """A record in which the change's elements read as they did before, but for what moved."""
    states = {one.element: one.before for one in made.ops} | dict(made.guards)
    states |= {name: Seen("value", "p=3") for name in made.frame}
    texts = {name: state.text for name, state in states.items() if state.state != "absent"}
    return sco(**texts | {name.replace("__", "."): text for name, text in moved.items()})


# --- one field ---------------------------------------------------------------------------


def test_every_two_decimal_score_comes_back():
    """All 10,001 scores of two decimals pass: written, kept in single precision, read back."""
    score = FIELD["raw_score"]
    passed = 0
    for hundredths in range(10_001):
        text = str(Decimal(hundredths) / 100)
        kept = struct.unpack("<f", struct.pack("<f", encode(score, text)))[0]
        spelt = [single(kept), f"{hundredths / 100:.2f}", str(hundredths / 100), f"{kept:.9g}"]
        assert all(same(score, text, read) for read in spelt), text
        assert not same(score, text, str(Decimal(hundredths + 1) / 100)), text
        passed += 1
    assert 10_001 == passed


@pytest.mark.parametrize("read", ["85", "85.0", "85.00", "085", "85."])
def test_a_score_in_another_spelling_is_verified_and_told(read):
    """The number counts; that the server spells it in its own way is said."""
    made = change(1, op("raw_score", Seen("value", "85,5"), "85"), frame={})
    state, detail = ended(made, states_of(sco(**{ELEMENT["raw_score"]: read})), ANSWERS[0])
    assert ("verified", read != "85") == (state, detail == "another spelling: cmi.core.score.raw")


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
@example(struct.unpack("<f", b"\xff\xff\x7f\x7f")[0])
@example(-0.0)
def test_a_score_is_the_shortest_decimal_of_its_32_bits(number):
    """A score and its neighbour in single precision differ; every spelling of one is the same."""
    text = single(number)
    assert same(FIELD["raw_score"], text, f"{Decimal(number):f}")
    (bits,) = struct.unpack("<i", struct.pack("<f", number))
    (neighbour,) = struct.unpack("<f", struct.pack("<i", bits - 1 if bits % 2 else bits + 1))
    assert (number == neighbour) == same(FIELD["raw_score"], text, single(neighbour))


@given(texts)
def test_what_is_no_number_is_no_score(read):
    """Only digits can be the score that was written: no blank, sign, comma or other numeral."""
    assume(read.strip("0") not in ("85", "85.") and not read.startswith("85.0"))
    assert not same(FIELD["raw_score"], "85", read)


def test_numbers_beyond_single_precision_are_not_the_same():
    """Two different numbers that are both too large for the field are two numbers."""
    for many in ("9" * 39, "9" * 400):
        assert not same(FIELD["raw_score"], many, f"8{many}")
        assert not same(FIELD["raw_score"], "85", many)


@given(legal_timespans(), st.sampled_from(("total_time", "session_time")))
def test_a_duration_compares_by_its_length(span, field):
    """A legal spelling of the same length is verified and the changed spelling told."""
    text, length = span
    made = change(1, op(field, Seen("value", "PT1S"), text), frame={})
    spelt = spell(length)
    assume(spelt is not None)
    state, detail = ended(made, states_of(sco(**{ELEMENT[field]: spelt})), ANSWERS[0])
    assert "verified" == state
    assert (spelt != text) == (detail == f"another spelling: {ELEMENT[field]}")
    assert not same(FIELD[field], text, spell(length + 1) or "")
    assert not same(FIELD[field], text, f"{text} ")


@given(dates(), st.integers(-9000, 9000) | st.sampled_from(EDGES), st.sampled_from(DATES))
def test_dates_compare_within_four_milliseconds(date, microseconds, field):
    """An instant is the same up to 4 ms, with any number of digits and any offset or none."""
    text, moment = date
    other = moment + timedelta(microseconds=microseconds)
    naive = other.replace(tzinfo=None).isoformat()
    for read in (naive, f"{naive}Z", f"{naive}+00:00"):
        assert (abs(microseconds) <= 4000) == same(FIELD[field], text, read)


@pytest.mark.parametrize("digits", range(8))
def test_dates_of_any_precision_are_read(digits):
    """0 to 7 digits, `Z`, `+00:00` and a missing offset are one instant, which is verified."""
    fraction = f".{'1230000'[:digits]}" if digits else ""
    wanted = f"2026-03-02T10:00:00{fraction}"
    for spelt in ("", "Z", "+00:00"):
        assert same(FIELD["exit_date_utc"], f"{wanted}Z", wanted + spelt)
    assert datetime(2026, 3, 2, 10, tzinfo=UTC) == instant(wanted).replace(microsecond=0)


@given(anything)
def test_what_is_no_date_is_no_date(read):
    """Any other text is not the date that was written."""
    assume(instant(read) is None)
    assert not same(FIELD["exit_date_utc"], "2026-03-02T10:00:00Z", read)


@pytest.mark.parametrize(
    ("field", "written", "read", "agrees"),
    [
        ("exit_status", "", "", True),
        ("exit_status", "suspend", "suspend", True),
        ("exit_status", "", "normal", False),
        ("exit_status", "", "suspend", False),
        ("exit_status", "suspend", "", False),
        ("for_credit", "credit", "credit", True),
        ("for_credit", "no-credit", "no-credit", True),
        ("for_credit", "credit", "no-credit", False),
        ("for_credit", "credit", "true", False),
    ],
)
def test_exit_and_credit_read_back_by_their_mapping(field, written, read, agrees):
    """Normal reads back as a blank, true as credit, false as no-credit; nothing else will do."""
    made = change(1, op(field, Seen("value", "logout"), written), frame={})
    state, detail = ended(made, states_of(sco(**{ELEMENT[field]: read})), ANSWERS[0])
    assert ("verified" if agrees else "conflict_after") == state
    assert agrees == (detail == "")


@given(st.sampled_from(EXACT), texts, texts)
def test_everything_else_is_byte_for_byte(field, wanted, read):
    """No other field is trimmed, folded, normalised or taken as a number."""
    assert (wanted == read) == same(field, wanted, read)
    assert same(field, wanted, wanted)


@pytest.mark.parametrize(
    ("wanted", "read"),
    [
        ("passed", "Passed"), ("passed", "passed "), ("passed", " passed"), ("a\n", "a\r\n"),
        ("caf\u00e9", "cafe\u0301"), ("\ufeffa", "a"), ("a\0", "a"), ("1", "1.0"), ("", " "),
        ("\u212b", "\u00c5"), ("ß", "ss"), ("٣", "3"),
    ],
)  # fmt: skip
def test_nothing_is_forgiven(wanted, read):
    """What merely looks like the text that was written is another text."""
    for field in EXACT:
        assert not same(field, wanted, read)
        assert not same(field, read, wanted)


# --- a whole change ----------------------------------------------------------------------

seen = st.one_of(
    st.builds(Seen, st.just("value"), texts.filter(bool)),
    st.sampled_from([Seen("empty"), Seen("absent"), Seen("error")]),
)


@st.composite
def situations(draw):
    """A change, and the states of a record that may or may not be as it was planned."""
    names = draw(st.lists(st.sampled_from(sorted(FIELD)), min_size=2, max_size=6, unique=True))
    here = {name: draw(seen) for name in names}
    cut = draw(st.integers(1, len(names) - 1))
    guards = {f"cmi.objectives.{n}.status": draw(seen) for n in range(draw(st.integers(0, 2)))}
    made = change(
        1,
        *(op(name, here[name], draw(texts)) for name in names[:cut]),
        guards=guards,
        frame={ELEMENT[name]: fingerprint(here[name]) for name in names[cut:]},
    )
    now = {ELEMENT[name]: state for name, state in here.items()} | guards
    moved = draw(st.lists(st.sampled_from(sorted(now)), max_size=2, unique=True))
    reached = draw(st.booleans())
    if reached:
        now |= {one.element: Seen("value" if one.after else "empty", one.after) for one in made.ops}
    return made, now | {name: draw(seen) for name in moved}


def recorded(states):
    """The record that shows these states; dates and title have no error of their own."""
    item = {name: states[name] for name in ("title", *DATES) if name in states}
    assume(all(state.state != "error" for state in item.values()))
    texts = {name: None if s.state == "absent" else s.text for name, s in item.items()}
    readings = {
        name: Reading(s.state, "101 - General exception" if s.state == "error" else s.text)
        for name, s in states.items()
        if name not in item
    }
    return Sco(sco_id="sco", **dict.fromkeys(("title", *DATES)) | texts, elements=readings)


def holds(made, states):
    """Whether every element beside those of the change is what it was."""
    return all(fingerprint(states[name]) == was for name, was in made.frame.items())


def is_after(made, states):
    return all(
        states[one.element].state in ("value", "empty")
        and same(FIELD[one.field], one.after, states[one.element].text)
        for one in made.ops
    )


@given(situations())
def test_nothing_is_sent_to_a_record_that_moved(situation):
    """A change is to be sent only if before, guards and frame all are as they were planned."""
    made, now = situation
    state, detail = compared(made, recorded(now))
    as_planned = (
        all(now[one.element] == one.before for one in made.ops)
        and all(now[name] == was for name, was in made.guards.items())
        and holds(made, now)
    )
    reached = is_after(made, now) and holds(made, now)
    assert ("already" if reached else None if as_planned else "conflict") == state
    moved = [one.element for one in made.ops if now[one.element] != one.before]
    assert state != "conflict" or all(name in detail for name in moved)


@given(situations(), st.sampled_from(ANSWERS))
def test_verified_is_what_a_record_shows(situation, answer):
    """Whatever was answered, verified takes the new values and an unchanged frame."""
    made, now = situation
    state, _ = ended(made, states_of(recorded(now)), answer)
    if not holds(made, now):
        assert "frame_changed" == state
    elif is_after(made, now):
        assert "verified" == state
    elif any(now[one.element] != one.before for one in made.ops):
        assert "conflict_after" == state
    else:
        assert UNCHANGED[answer.outcome] == state


@given(situations(), st.sampled_from(ANSWERS))
def test_no_value_is_in_the_words(situation, answer):
    """What is told names elements, never what a learner's record holds."""
    made, now = situation
    here = recorded(
        {name: replace(s, text=f"<{s.text}>") if s.text else s for name, s in now.items()}
    )
    said = compared(made, here)[1] + ended(made, states_of(here), answer)[1]
    assert "<" not in said


def test_what_could_not_be_read_is_skipped():
    """A record that was not read is neither absent nor as planned."""
    assert ("skipped", "no answer") == compared(change(), "no answer")


@pytest.mark.parametrize("reading", [Reading("error", "101"), Reading("absent"), None])
def test_a_failed_read_is_not_absence(reading):
    """An element that fails is another thing than one that is absent, or not there at all."""
    made = change(1, guards={"cmi.student_data.mastery_score": Seen("absent")}, frame={})
    here = {"cmi.core.entry": "ab-inito"}
    if reading is not None:
        here["cmi.student_data.mastery_score"] = reading
    failed = reading is not None and reading.state == "error"
    assert ("conflict" if failed else None) == compared(made, sco(**here))[0]


def test_a_text_that_no_plan_can_hold_has_moved():
    """Half a surrogate pair beside the change is a difference, not a crash."""
    made = change(1, frame=framed({"cmi.suspend_data": "p=3"}))
    odd = shown(made, cmi__suspend_data="p=\ud800")
    assert "conflict" == compared(made, odd)[0]
    assert "frame_changed" == ended(made, states_of(odd), ANSWERS[0])[0]


def test_what_differs_is_named_once():
    """An element that is both changed and relied upon is named once."""
    made = change(1, guards={"cmi.core.entry": Seen("value", "ab-inito")})
    moved = shown(made, cmi__core__entry="resume")
    assert ("conflict", "changed since: cmi.core.entry") == compared(made, moved)


def test_the_words_for_each_end():
    """Each end of a change has its own words."""
    made = change()
    assert {*get_args(Outcome)} == {*UNCHANGED}
    before, after = shown(made), shown(made, cmi__core__entry="ab-initio")
    assert ("already", "") == compared(made, after)
    assert (None, "") == compared(made, before)
    for answer in ANSWERS:
        words = "acknowledged, but not shown" if answer.outcome == "ack" else "told"
        assert (UNCHANGED[answer.outcome], words) == ended(made, states_of(before), answer)
    other = states_of(shown(made, cmi__core__entry="resume"))
    assert ("conflict_after", "neither the old nor the new value") == ended(made, other, ANSWERS[0])
    both = states_of(shown(made, cmi__core__entry="ab-initio", cmi__suspend_data="p=4"))
    assert ("frame_changed", "changed too: cmi.suspend_data") == ended(made, both, ANSWERS[0])


def test_elements_are_named_one_by_one():
    """Where several elements moved or came back in another spelling, a comma parts their names."""
    two = {"cmi.suspend_data": "p=3", "cmi.core.lesson_location": "1"}
    made = change(1, frame=framed(two))
    both = states_of(sco(**two | {"cmi.core.entry": "ab-initio"} | dict.fromkeys(two, "x")))
    words = "changed too: cmi.suspend_data, cmi.core.lesson_location"
    assert ("frame_changed", words) == ended(made, both, ANSWERS[0])
    words = "changed since: cmi.core.entry, cmi.suspend_data, cmi.core.lesson_location"
    moved = sco(**dict.fromkeys(("cmi.core.entry", *two), "x"))
    assert ("conflict", words) == compared(made, moved)
    made = change(
        1, op("raw_score", Seen("value", "1"), "85"),
        op("total_time", Seen("value", "1"), "00:05:00"), frame={},
    )  # fmt: skip
    spelt = states_of(sco(**{ELEMENT["raw_score"]: "85.0", ELEMENT["total_time"]: "00:05:00.00"}))
    words = "another spelling: cmi.core.score.raw, cmi.core.total_time"
    assert ("verified", words) == ended(made, spelt, ANSWERS[0])
