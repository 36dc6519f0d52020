"""A cell shows what a value is, and no program finds anything in it but text."""

import ast
import re
from dataclasses import replace
from unicodedata import normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from sheets import PAYLOADS, change, op, planned
from strategies import anything, texts

from scormaudit.plan import Seen
from scormaudit.sheet.cells import FULL, LONG, coded, difference, fitted, quoted
from scormaudit.sheet.grid import edit, grid

hostile = st.lists(
    st.sampled_from([*"=+-@\uff1d\uff0b\u2212\"',;|\t\r\n \\_x0041a)(.", "\ufeff", "\u202e"])
).map("".join)
text = texts | hostile | st.sampled_from(list(PAYLOADS.values()))


def pieces(cell):
    """What any program may take for a cell, whatever it splits at and strips."""
    parts = re.split(r"[^\w)\].=+@ -]", cell)
    return [piece.strip() for part in parts for piece in (part, *re.split(r"\s(?!- )", part))]


def a_formula(piece):
    """Whether a program may take a piece for a formula; a lone dash is none."""
    first = normalize("NFKC", piece)[:1]
    return (first in "=+-@\u2212" and first != "") and not piece.startswith("- ")


@given(text)
def test_no_piece_of_a_cell_begins_like_a_formula(value):
    """Wherever a program may split a cell, nothing begins with a sign of a formula."""
    assert [] == [piece for piece in pieces(quoted(value)) if a_formula(piece)]


@pytest.mark.parametrize("value", PAYLOADS.values(), ids=PAYLOADS)
def test_every_payload_is_text(value):
    """A cell of a payload begins with a quote and holds no sign of a formula after a break."""
    cell = quoted(value)
    assert cell.startswith('"')
    assert [] == [piece for piece in pieces(cell) if a_formula(piece)]
    assert not re.search("_x[0-9a-f]{4}_", cell, re.I)


@given(text)
@example("\\x3d")
@example("\\")
def test_codes_lose_nothing(value):
    """A value can be told from its codes, so no two values have the same."""
    assert value == ast.literal_eval(f'"{coded(value)}"')


@given(text)
def test_nothing_is_hidden(value):
    """A cell has no control, direction or format character and none that XML refuses."""
    cell = quoted(value)
    assert cell.isprintable()
    assert not ILLEGAL_CHARACTERS_RE.search(cell)


@given(text, text)
def test_other_values_have_other_cells(one, other):
    """Two values have the same cell only if they are equal."""
    assert (one == other) == (quoted(one) == quoted(other))


@pytest.mark.parametrize(
    "words", ["ab-initio", "Safety - part 1", "cGFnZQ==", "a@b.example", "(a) - b"]
)
def test_words_stay_readable(words):
    """Signs within words and dashes in prose are shown as they are."""
    assert f'"{words}"' == quoted(words)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1", r'"\x3d1"'),
        ("a;=1", r'"a;\x3d1"'),
        ("-5", r'"\x2d5"'),
        ("a\tb\r\n", r'"a\tb\r\n"'),
        ("\x1b", r'"\x1b"'),
        ('"', r'"\""'),
        ("\\", r'"\\"'),
        ("_x0041_", r'"\x5fx0041_"'),
    ],
)
def test_codes(value, expected):
    """What is dangerous or hidden is shown by its code."""
    assert expected == quoted(value)


@pytest.mark.parametrize(
    "character",
    "\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u207a\u2212\u2795\u3164\u2800\ufe0f\U000e0100",
)
def test_twins_of_signs_and_letters_like_nothing_are_codes(character):
    """What a program may take for a sign, or a reader for nothing, is never shown as it is."""
    code = f"{ord(character):04x}" if ord(character) < 0x10000 else f"{ord(character):08x}"
    assert f"a\\{'u' if len(code) == 4 else 'U'}{code}1" == coded(f"a{character}1")


@pytest.mark.parametrize("value", ["pass\u00e9", "passe\u0301", "p\u0430ssed", "\u202epassed"])
def test_what_may_look_like_another_says_so(value):
    """Letters that may pass for others have a length and a digest beside them."""
    assert re.search(rf"\({len(value)} characters, sha256 [0-9a-f]{{16}}\)$", quoted(value))


def test_long_values_show_length_digest_and_difference():
    """A value that is not shown whole says how long it is and where it changes."""
    old, new = "a" * 5000, "a" * 4700 + "b" * 300
    shown = edit(op("suspend_data", old, new))
    assert re.search(r'^"a{60}"\.\.\. \(5000 characters, sha256 [0-9a-f]{16}\)$', shown.was)
    assert shown.was != shown.now
    assert f'first difference at character 4701: "{"a" * 20}" and "{"b" * 20}"' == shown.difference


@pytest.mark.parametrize(
    ("old", "new"), [("a" * 300, "a" * 301), ("a" * 301, "a" * 300), ("", "a" * 300)]
)
def test_a_value_that_ends_earlier_differs_there(old, new):
    """Where one value is the beginning of the other, they differ at its end."""
    assert f"character {min(len(old), len(new)) + 1}:" in difference(old, new)


def test_short_values_need_no_difference():
    """Values that are shown whole are left to the reader."""
    assert "" == difference("a" * LONG, "b" * LONG)


def test_what_is_no_value_parts_nowhere():
    """Where there was no value, a long one that comes has no first difference."""
    shown = edit(replace(op("suspend_data", "", "a" * 300), before=Seen("absent")))
    assert ("absent", "") == (shown.was, shown.difference)


def test_over_long_cells_are_cut_visibly():
    """A cell that is cut says so, with the length and digest of all of it."""
    one, other = (fitted("a" * 50_000 + end) for end in "bc")
    assert one.startswith("a" * FULL + "... (cut from 50001 characters, sha256 ")
    assert one != other
    assert len(one) < FULL + 100


def test_states_are_no_values():
    """Absent, empty and unreadable are words, the same words as values are in quotes."""
    shown = [
        edit(replace(op("entry", "", "x"), before=before)).was
        for before in (Seen("absent"), Seen("empty"), Seen("error"), Seen("value", "absent"))
    ]
    assert ["absent", "empty", "unreadable", '"absent"'] == shown
    assert "empty" == edit(op("entry", "x", "")).now


@given(st.lists(anything, min_size=2, max_size=4, unique=True))
def test_headers_are_told_apart(names):
    """Every label has a column of its own, whatever it is called."""
    own = grid(planned(change(0, "x", labels=dict.fromkeys(names, "x"))))
    assert len(own.header) == len(set(own.header))
    assert all(len(row) == len(own.header) for row in own.rows.values())
