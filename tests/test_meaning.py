"""Decoders that look at eight bytes at once say what those that look at one text say."""

import math
import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import HOSTILE, dates, decimals, legal_timespans, texts, timespans

from scormaudit.layout import fitting, number
from scormaudit.letters import by_length
from scormaudit.meaning import blank, decimal, instants, lengths, moment, seconds, tenths
from scormaudit.meaning import decimals as decoded
from scormaudit.meaning import given as is_given
from scormaudit.text import Text

KINDS = (pa.string(), pa.large_string())
NEAR = ("00:00:00", "0000:00:00.00", "2026-02-29T23:59:60Z", "2024-02-29T00:00:00.1234567Z")


@st.composite
def damaged(draw, sound):
    """A text of the usual layout in which perhaps one letter is another."""
    text = draw(sound)
    at, letter = draw(st.integers(0, max(len(text) - 1, 0))), draw(st.sampled_from("0569:.-TZ٣é"))
    return text[:at] + letter + text[at + 1 :] if draw(st.booleans()) else text


spans = damaged(legal_timespans().map(lambda pair: pair[0])) | timespans | texts
moments = damaged(dates().map(lambda pair: pair[0])) | texts


def columns_of(one):
    """Columns of such texts and nulls in either kind of string, perhaps cut from a longer one."""
    whole = st.lists(st.none() | one | st.sampled_from(NEAR), max_size=12)
    return st.tuples(whole, st.sampled_from(KINDS), st.integers(0, 3))


def same(expected, found):
    """Whether two columns are the same, null included."""
    return np.array_equal(np.array(expected, dtype=found.dtype), found, equal_nan=True)


@settings(max_examples=100)
@given(columns_of(spans))
@example((["9999:99:99.99", "00:00:00.9", "", None, "0:00:00"], pa.string(), 1))
def test_timespans_mean_what_each_of_them_means(case):
    """A column of timespans is decoded to what each is by itself, null to NaN."""
    words, kind, skipped = case
    found = lengths(pa.array(words, kind).slice(skipped))
    assert same([math.nan if w is None else seconds(w) for w in words[skipped:]], found)


@settings(max_examples=100)
@given(columns_of(moments))
@example((["0000-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "2026-02-30T00:00:00"],
          pa.large_string(), 0))  # fmt: skip
@example((["2026-03-02T24:00:00Z", "2026-03-02T10:00:00+00:00", "2026-13-02T10:00:00Z"],
          pa.string(), 0))  # fmt: skip
def test_dates_mean_what_each_of_them_means(case):
    """A column of dates is decoded to what each is by itself, exact to the microsecond."""
    words, kind, skipped = case
    found = instants(pa.array(words, kind).slice(skipped))
    nothing = np.datetime64("NaT", "us")
    assert same([nothing if w is None else moment(w) for w in words[skipped:]], found)


ZULU = st.datetimes().map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%SZ}".rjust(20, "0"))
ODD = ("0000-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2024-01-01 00:00:00Z",
       "2024-01-01T000000.1Z", "2016-12-31T23:59:60Z", "2024-01-01T24:00:00Z")  # fmt: skip


@settings(max_examples=100)
@given(st.lists(st.none() | ZULU), st.none() | st.sampled_from(ODD), st.sampled_from(KINDS))
@example(["2024-02-29T23:59:59Z", None], None, pa.string())
def test_dates_of_one_layout_mean_the_same(words, odd, kind):
    """A column of dates as they mostly are is decoded to what each is, also with an odd one."""
    words = words if odd is None else [*words, odd]
    nothing = np.datetime64("NaT", "us")
    expected = [nothing if word is None else moment(word) for word in words]
    assert same(expected, instants(pa.array(words, kind)))


@given(columns_of(decimals | texts))
def test_decimals_mean_what_each_of_them_means(case):
    """A column of decimals is decoded to what each is by itself."""
    words, kind, skipped = case
    found = decoded(pa.array(words, kind).slice(skipped))
    assert same([math.nan if w is None else decimal(w) for w in words[skipped:]], found)


@settings(max_examples=100)
@given(columns_of(spans))
@example((["00:00:00.9", "00:00:00.0", "00:00:00.90", "0:00:00.9", "100:00:00.1"], pa.string(), 0))
def test_tenths_are_one_digit_behind_the_point(case):
    """A legal timespan has tenths if one digit stands behind its point, and it is not 0."""
    words, kind, skipped = case
    legal = re.compile(r"[0-9]{2,4}:[0-9]{2}:[0-9]{2}\.[1-9]")
    found = tenths(pa.array(words, kind).slice(skipped))
    assert [legal.fullmatch(word or "") is not None for word in words[skipped:]] == found.tolist()


@pytest.mark.parametrize("digits", range(1, 9))
@given(st.data())
def test_a_number_is_that_of_its_digits(digits, data):
    """Up to eight digits at any place of a word are read as the number that they spell."""
    before, behind = data.draw(st.tuples(st.integers(0, 9), st.integers(0, 9)))
    spelled = data.draw(st.text("0123456789", min_size=digits, max_size=digits))
    (letters,) = by_length(pa.array([":" * before + spelled + "." * behind]))
    assert [int(spelled)] == number(letters, before, digits).tolist()


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_null_is_neither_given_nor_blank(kind):
    """Null and blank are not given, and blank alone is blank; a single blank letter is given."""
    words = pa.array([None, "", " ", "x"], kind)
    assert [False, False, True, True] == is_given(words).tolist()
    assert [False, True, False, False] == blank(words).tolist()


@pytest.mark.parametrize("groups", [("0123456789",), ("012345", "678"), ()])
@given(st.lists(st.none() | spans, max_size=12))
def test_words_are_alike_but_for_letters_of_one_group(groups, words):
    """Each row is told by a word that is like its own, two rows by one word only if alike."""
    text = Text(pa.array(words, pa.string())).alike(groups)

    def shape(word):
        for group in groups:
            word = re.sub(f"[{group}]", group[0], word)
        return word

    told = text.take().to_pylist()
    assert [word and shape(word) for word in words] == [word and shape(word) for word in told]
    assert len({shape(word) for word in words if word is not None}) == len(text.words)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize(
    "words",
    [
        ["ab"],
        ["a", "bcd", None, ""],
        [*HOSTILE],
        ["x" * 20, "y" * 20],
        ["x" * 70_000, "y", None],
        ["x" * n for n in range(20)],
    ],
)
def test_letters_are_the_bytes_of_the_words(words, kind):
    """Eight letters from any place of a word are its bytes, with zeros behind its end."""
    seen = {}
    for letters in by_length(pa.array([w.encode("utf-8", "replace").decode() if w else w
                                       for w in words], kind)):  # fmt: skip
        for at in range(0, letters.length, 3):
            for row, eight in zip(letters.rows, letters.eight(at), strict=True):
                own = words[row].encode()[at : at + 8].ljust(8, b"\0")
                assert own == int(eight).to_bytes(8, "little")
        seen |= dict.fromkeys(letters.rows.tolist(), letters.length)
    there = {n: len(w.encode()) for n, w in enumerate(words) if w is not None}
    assert there == seen


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12:34", True), ("1a:34", False), ("12;34", False), ("12:3\x00", False), ("12:3ÿ"[:5], False),
     ("/2:34", False), (":2:34", False)],
)  # fmt: skip
def test_a_layout_has_digits_and_its_letters(text, expected):
    """A word has a layout if a digit stands at each nine, and the same letters elsewhere."""
    (letters,) = by_length(pa.array([text.encode().decode()]))
    found = fitting(letters, "99:99".ljust(letters.length, "9"))
    assert [expected] == found.tolist()
    if expected:
        assert [1234] == (number(letters, 0, 2) * 100 + number(letters, 3, 2)).tolist()


def test_many_blocks_are_one_column():
    """A column that is longer than a block of rows is decoded to its end."""
    words = pa.array([f"{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}" for n in range(70_000)])
    assert np.array_equal(np.arange(70_000), lengths(words))
