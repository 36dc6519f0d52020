"""What a learner record may hold, good and hostile, with what it means where that is known."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

HOSTILE = (
    "\0", "\ufeff", "\u200b", "\u202epassed", "passe\u0301", "pass\u00e9", "٣", "²",
    "１２:００:００", "null", "None", "NaN", "nan", "inf", "-", ".", "--1", "1e5", "1_000", "1,5",
    "0x10", "+1", "", " ", "\t\n", "\u00a0", "\u2028", "passed ", "Passed", "=1+1",
    "<script>", "'; --", "%s", "{0}", "👩‍👩‍👧", "\U0010ffff", "9" * 5000,
    "P" + "9" * 5000 + "D", "a" * 70_000, '"', "\\", "true",
)  # fmt: skip

anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
"""Any text that UTF-8 can hold."""


def _padded(digits: int, most: int) -> st.SearchStrategy[str]:
    return st.integers(0, most).map(lambda n: f"{n:0>{digits}}")


@st.composite
def legal_timespans(draw: st.DrawFn) -> tuple[str, int]:
    """A legal CMITimespan and its length in centiseconds."""
    hours, minutes, seconds = draw(st.tuples(*[st.integers(0, n) for n in (9999, 99, 99)]))
    width = draw(st.integers(2, 4))
    fraction = draw(st.one_of(st.just(""), _padded(1, 9), _padded(2, 99)))
    length = (hours * 3600 + minutes * 60 + seconds) * 100 + int(f"{fraction:0<2}")
    tail = f".{fraction}" if fraction else ""
    return f"{hours:0>{width}}:{minutes:02}:{seconds:02}{tail}", length


@st.composite
def unpadded_timespans(draw: st.DrawFn) -> tuple[str, int]:
    """A timespan that lacks zeros, perhaps between blanks, and its length in centiseconds."""
    hours, minutes, seconds = draw(st.tuples(*[st.integers(0, n) for n in (9999, 99, 99)]))
    fraction = draw(st.one_of(st.just(""), _padded(2, 99)))
    text = f"{hours}:{minutes}:{seconds}{'.' if fraction else ''}{fraction}"
    blank = draw(st.sampled_from(("", " ", "\n", "\u00a0")))
    length = (hours * 3600 + minutes * 60 + seconds) * 100 + int(f"{fraction:0<2}")
    return blank + text + blank, length


@st.composite
def iso_durations(draw: st.DrawFn) -> tuple[str, int]:
    """An ISO 8601 duration of days and less, not above 9999 hours, and its centiseconds."""
    parts = [draw(st.none() | st.integers(0, most)) for most in (300, 2000, 5000, 9000)]
    if parts == [None] * 4:
        parts[3] = 0
    days, hours, minutes, seconds = parts
    fraction = draw(st.sampled_from(("", "5", "05", "99"))) if seconds is not None else ""
    text = f"P{days}D" if days is not None else "P"
    if parts[1:] != [None] * 3:
        tail = f".{fraction}" if fraction else ""
        shown = zip((hours, minutes, seconds), ("H", "M", f"{tail}S"), strict=True)
        text += "T" + "".join(f"{n}{unit}" for n, unit in shown if n is not None)
    days, hours, minutes, seconds = (n or 0 for n in parts)
    whole = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    return text, whole * 100 + int(f"{fraction:0<2}")


@st.composite
def dates(draw: st.DrawFn) -> tuple[str, datetime]:
    """A date as .NET writes it, and the instant; digits beyond microseconds are cut off."""
    moment = draw(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)))
    digits = draw(st.integers(0, 7))
    seventh = draw(_padded(1, 9))
    fraction = f"{moment.microsecond:06}{seventh}"[:digits]
    minutes = draw(st.none() | st.integers(-14 * 60, 14 * 60))
    spelled = "Z" if draw(st.booleans()) else ""
    offset = timedelta(0)
    if minutes is not None:
        offset = timedelta(minutes=minutes)
        spelled = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    whole = moment.replace(microsecond=int(f"{fraction[:6]:0<6}"), tzinfo=timezone(offset))
    text = f"{moment.replace(microsecond=0).isoformat()}{fraction and '.'}{fraction}{spelled}"
    return text, whole.astimezone(UTC)


decimals = st.decimals(-1000, 1000, places=2).map(str) | st.integers(-200, 200).map(str)
"""A CMIDecimal."""

timespans = (legal_timespans() | unpadded_timespans() | iso_durations()).map(lambda pair: pair[0])
"""A timespan as producers spell it, legal or not."""

texts = st.one_of(
    anything, st.sampled_from(HOSTILE), decimals, timespans, dates().map(lambda pair: pair[0]),
    st.sampled_from(("passed", "completed", "incomplete", "not attempted", "suspend", "normal")),
)  # fmt: skip
"""What an element may hold."""


@st.composite
def wire_fields(draw: st.DrawFn, name: str) -> tuple[dict[str, Any], tuple[str, str]]:
    """A CmiField in one of the four states, and that state with its text."""
    state = draw(st.sampled_from(("value", "empty", "absent", "null", "error")))
    field: dict[str, Any] = {"cmi_element_name": name}
    if state == "value":
        text = draw(texts.filter(bool))
        return {**field, "cmi_element_value": text}, ("value", text)
    if state == "empty":
        return {**field, "cmi_element_value": ""}, ("empty", "")
    if state == "error":
        text = draw(texts.filter(bool))
        return {**field, "cmi_element_value": "", "error_message": text}, ("error", text)
    return {**field, **({"cmi_element_value": None} if state == "null" else {})}, ("absent", "")


@st.composite
def wire_items(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, tuple[str, str]]]:
    """An item of GetCmiData, and the state and text of each of its elements."""
    names = draw(st.lists(st.sampled_from(("cmi.core.exit", "cmi.comments", "x", "")), unique=True))
    fields = [(name, draw(wire_fields(name))) for name in names]
    item: dict[str, Any] = {
        "sco_id": draw(texts),
        "title": draw(texts),
        "cmi_fields": [field for _, (field, _) in fields],
        "api_error_entity": {"error_code": draw(st.integers(-(2**31), 2**31 - 1))},
    }
    for name in ("start_date_utc", "exit_date_utc"):
        if draw(st.booleans()):
            item[name] = draw(st.none() | texts)
    return item, {name: expected for name, (_, expected) in fields}
