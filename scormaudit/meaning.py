"""What texts mean: decimals, timespans and dates, each decoded for itself."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scormaudit.layout import fitting, number
from scormaudit.letters import Letters, by_length
from scormaudit.lms.wire import instant
from scormaudit.timespan import centiseconds

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = 1_000_000
_ZULU, _UTC = "9999-99-99T99:99:99Z", pa.timestamp("us", "UTC")
_YEAR_1 = np.datetime64("0001-01-01", "us")


def decimal(text: str) -> float:
    """A CMIDecimal as a float, NaN where it is none."""
    body = text.removeprefix("-")
    plain = body.isascii() and body.replace(".", "", 1).isdigit()
    return float(text) if plain else math.nan


def seconds(text: str) -> float:
    """A CMITimespan in seconds, exact to the hundredth, NaN where it is none."""
    length = centiseconds(text)
    return math.nan if length is None else length / 100


def moment(text: str) -> np.datetime64:
    """A date in UTC, exact to the microsecond, NaT where it is none."""
    when = instant(text)
    if when is None:
        return NOTHING["M"]  # type: ignore[no-any-return]
    return np.datetime64((when - _EPOCH) // timedelta(microseconds=1), "us")


def decimals(words: pa.Array) -> np.ndarray:
    """The meaning of each word as `decimal` has it, NaN for null."""
    return _decoded(words, {}, _hundredths, decimal, np.full(len(words), math.nan))


def lengths(words: pa.Array) -> np.ndarray:
    """The meaning of each word as `seconds` has it, NaN for null."""
    return _decoded(words, _TIMESPANS, _hundredths, seconds, np.full(len(words), math.nan))


def instants(words: pa.Array) -> np.ndarray:
    """The meaning of each word as `moment` has it, NaT for null."""
    if (dates := _zulu(words)) is not None:
        return dates
    nothing = np.full(len(words), NOTHING["M"])
    return _decoded(words, _DATES, _microseconds, moment, nothing)


def _zulu(words: pa.Array) -> np.ndarray | None:
    """The dates of a column, if all of them have the layout that is usual and the calendar has
    them: Arrow reads those fastest."""
    for letters in by_length(words.drop_null()):
        if letters.length != len(_ZULU) or not fitting(letters, _ZULU).all():
            return None
    try:
        dates: np.ndarray = words.cast(_UTC).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    return None if (dates < _YEAR_1).any() else dates


def tenths(words: pa.Array) -> np.ndarray:
    """Whether each word is a timespan with one digit behind the point that is not 0, which some
    producers write for tenths of a second and others for hundredths."""
    found = np.zeros(len(words), dtype=bool)
    for letters in by_length(words):
        for layout in _TIMESPANS.get(letters.length, ()):
            if layout[-2] == ".":
                fits = fitting(letters, layout)
                found[letters.rows[fits]] = number(letters, letters.length - 1, 1)[fits] > 0
    return found


def given(words: pa.Array) -> np.ndarray:
    """Whether each word is there and not blank."""
    there: np.ndarray = pc.binary_length(words).fill_null(0).to_numpy(zero_copy_only=False) > 0
    return there


def blank(words: pa.Array) -> np.ndarray:
    """Whether each word is there, and blank."""
    nothing: np.ndarray = pc.binary_length(words).fill_null(1).to_numpy(zero_copy_only=False) == 0
    return nothing


_Layouts = Mapping[int, Sequence[str]]
_Read = Callable[[Letters, str], tuple[np.ndarray, np.ndarray]]


def _decoded(
    words: pa.Array, layouts: _Layouts, read: _Read, one: Callable[[str], Any], meanings: np.ndarray
) -> np.ndarray:
    """Words of the usual layouts all at once, the others one by one."""
    left = words.is_valid().to_numpy(zero_copy_only=False)
    for letters in by_length(words):
        for layout in layouts.get(letters.length, ()):
            fits = fitting(letters, layout)
            if fits.any():
                values, sound = read(letters, layout)
                good = fits & sound
                rows = letters.rows if good.all() else letters.rows[good]
                meanings[rows] = values if good.all() else values[good]
                left[rows] = False
    rows = np.flatnonzero(left)
    if len(rows):
        odd = words.take(pa.array(rows)).dictionary_encode()
        known = np.array([one(word) for word in odd.dictionary.to_pylist()], dtype=meanings.dtype)
        meanings[rows] = known[odd.indices.to_numpy()]
    return meanings


def _layouts(heads: Iterable[str], tails: Iterable[str]) -> _Layouts:
    found: dict[int, list[str]] = {}
    for layout in (head + tail for head in heads for tail in tails):
        found.setdefault(len(layout), []).append(layout)
    return found


_TIMESPANS = _layouts(("99:99:99", "999:99:99", "9999:99:99"), ("", ".9", ".99"))
_SECOND = len("9999-99-99T99:99:99")
_DATES = _layouts(
    ("9999-99-99T99:99:99" + ("." + "9" * digits if digits else "") for digits in range(8)),
    ("", "Z", "+00:00"),
)


def _hundredths(letters: Letters, layout: str) -> tuple[np.ndarray, np.ndarray]:
    """Timespans in seconds; each that has the layout is one."""
    hours = layout.index(":")
    fraction = layout.partition(".")[2]
    below = number(letters, hours + 1, 2) * 60 + number(letters, hours + 4, 2)
    below *= 100
    if fraction:
        below += number(letters, hours + 7, len(fraction)) * 10 ** (2 - len(fraction))
    whole = number(letters, 0, hours) * np.int64(360_000) + below
    return whole / 100, np.ones(len(whole), dtype=bool)


def _microseconds(letters: Letters, layout: str) -> tuple[np.ndarray, np.ndarray]:
    """Dates in UTC, and which of them the calendar and the clock have."""
    year = number(letters, 0, 4)
    month, day, hour, minute, second = (letters.pairs(at) for at in (5, 8, 11, 14, 17))
    begins = _months()
    place = np.clip(year * 12 + month - 13, 0, len(begins) - 2)
    first = begins[place]
    sound = (year >= 1) & (month >= 1) & (month <= 12) & (hour < 24) & (minute < 60)
    sound &= (second < 60) & (day >= 1) & (day <= begins[place + 1] - first)
    clock = hour * np.int32(3600) + minute * np.int32(60) + second
    passed = (first + day - 1) * 86_400 + clock
    passed *= _MICROSECOND
    digits = min(len(layout[_SECOND + 1 :].rstrip("Z").partition("+")[0]), 6)
    if layout[_SECOND : _SECOND + 1] == "." and digits:
        passed += number(letters, _SECOND + 1, digits) * 10 ** (6 - digits)
    return passed.astype("datetime64[us]"), sound


@cache
def _months() -> np.ndarray:
    """The day since 1970 on which each month of the calendar begins, from that of the year 1."""
    months = np.arange("0001-01", "10000-02", dtype="datetime64[M]")
    return months.astype("datetime64[D]").astype(np.int64)


@dataclass(frozen=True, slots=True)
class Meaning:
    """A kind of meaning: the decoder, and how its column is named after that of the text."""

    decode: Callable[[pa.Array], np.ndarray]
    named: str
    dropped: str = ""

    def name(self, column: str) -> str:
        """The column of what `column` means."""
        return self.named.format(column.removesuffix(self.dropped))


NOTHING: dict[str, Any] = {
    "b": np.False_,
    "f": np.float64(math.nan),
    "M": np.datetime64("NaT", "us"),
}
_NUMBER = Meaning(decimals, "{}_value")
MEANINGS = {
    "CMIDecimal": _NUMBER,
    "CMIInteger": _NUMBER,
    "CMISInteger": _NUMBER,
    "CMITimespan": Meaning(lengths, "{}_seconds"),
    "date": Meaning(instants, "{}_utc", "_date_utc"),
}
MARKS = (Meaning(given, "given_{}"), Meaning(blank, "blank_{}"))
TENTHS = Meaning(tenths, "{}_tenths")
