"""What goes out comes back: every decision, and nothing but decisions."""

import stat
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sheets import (
    PAYLOADS,
    WORDS,
    altered,
    change,
    hostile,
    plain,
    planned,
    said,
    sheet_of,
    words,
)  # fmt: skip
from strategies import texts

from scormaudit import review
from scormaudit.errors import PlanError
from scormaudit.sheet import read_sheet, write_sheet
from scormaudit.sheet.returned import Meaning

SUFFIXES = pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
MEANINGS = st.sampled_from(WORDS)


@pytest.fixture(params=[".csv", ".xlsx"])
def path(request, tmp_path):
    """A sheet of `plain()`, in either kind."""
    return sheet_of(plain(), tmp_path, request.param)


@SUFFIXES
def test_every_payload_goes_out_and_back(tmp_path, suffix):
    """Every decision about a plan full of payloads survives, and no row is void."""
    plan = hostile()
    sheet = read_sheet(plan, sheet_of(plan, tmp_path, suffix))
    assert said(plan) == words(sheet)
    assert ((), (), (), 0) == (sheet.void, sheet.unknown, sheet.duplicate, sheet.missing)
    assert len(plan) - len(said(plan)) == sheet.blank


@SUFFIXES
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_plan_comes_back(tmp_path, suffix, data):
    """Whatever text a plan holds, exactly the decisions that were given come back."""
    payloads = data.draw(st.lists(texts, min_size=1, max_size=3))
    changes = [
        change(n, text, labels={text[:20]: text, "course": text}, rules=(text,))
        for n, text in enumerate(payloads)
    ]
    plan = planned(*changes)
    given_ = {c.hash: w for c in changes if (w := data.draw(MEANINGS))}
    path = tmp_path / f"s{suffix}"
    path.unlink(missing_ok=True)
    write_sheet(plan, given_, path)
    sheet = read_sheet(plan, path)
    assert given_ == words(sheet)
    assert ((), (), (), 0) == (sheet.void, sheet.unknown, sheet.duplicate, sheet.missing)


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_no_cell_of_a_workbook_is_a_formula(tmp_path, payload):
    """Every cell of a workbook is text in the text format, whatever a plan holds."""
    plan = planned(change(0, payload, labels={payload: payload}, rules=(payload,)))
    book = load_workbook(sheet_of(plan, tmp_path, ".xlsx"))
    filled = [cell for row in book["review"] for cell in row if cell.value is not None]
    assert {("s", "@")} == {(cell.data_type, cell.number_format) for cell in filled}
    assert not [cell for cell in filled if cell.value[0] in "=+-@\t\r\n'"]


def test_a_workbook_helps_to_decide(tmp_path):
    """Decisions are chosen from a list; all but them and comments is locked; the head stays."""
    sheet = load_workbook(sheet_of(plain(), tmp_path, ".xlsx"))["review"]
    (words_,) = sheet.data_validations.dataValidation
    assert '"approve,reject,defer"' == words_.formula1
    assert {"B2", "B5"} <= {f"B{n}" for n in range(2, 7) if f"B{n}" in words_.sqref}
    assert sheet.protection.sheet
    assert "D2" == sheet.freeze_panes
    unlocked = {c.column for row in sheet for c in row if not c.protection.locked}
    assert {2, 3} == unlocked


@SUFFIXES
def test_a_sheet_is_its_owners_and_never_overwritten(tmp_path, suffix):
    """Nobody else can read a sheet, and a second one of its name is refused."""
    path = sheet_of(plain(), tmp_path, suffix)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    before = path.read_bytes()
    with pytest.raises(PlanError, match="never overwritten"):
        write_sheet(plain(), {}, path)
    assert before == path.read_bytes()


def test_a_sheet_knows_the_words_of_a_review():
    """What a sheet can say is what a reviewer can decide."""
    assert get_args(review.Meaning) == get_args(Meaning)


@pytest.mark.parametrize("word", ["approve", "APPROVE", " Approve ", "approve\n", "\u00a0approve"])
def test_words_may_be_spelled_in_any_case(path, word):
    """A decision counts whatever its case and the blanks around it."""
    altered(path, lambda rows: rows[1].__setitem__(1, word))
    assert "approve" == words(read_sheet(plain(), path))[plain().proposed[0].hash]


@pytest.mark.parametrize(
    "word", ["approved", "yes", "x", "ok", "approve reject", "\u0430pprove", "1"]
)
def test_other_words_void_their_row(path, word):
    """A word that is none of the three decides nothing and is told by its row."""
    altered(path, lambda rows: rows[2].__setitem__(1, word))
    sheet = read_sheet(plain(), path)
    assert ((3, "decision: not approve, reject or defer"),) == sheet.void
    assert plain().proposed[1].hash not in sheet.decisions


@pytest.mark.parametrize("word", ["", " ", "\n"])
def test_blank_is_not_approved(path, word):
    """A row without a decision is counted and decides nothing."""

    def blanked(rows):
        for row in rows[1:]:
            row[1] = word

    sheet = read_sheet(plain(), altered(path, blanked))
    assert ({}, (), 4, 0) == (sheet.decisions, sheet.void, sheet.blank, sheet.missing)


@pytest.mark.parametrize(
    "comment", ["as agreed", "\u0434\u0430; \u2713", "two\nlines", "a,b;c\td", "\ufeffx"]
)
def test_comments_come_along(path, comment):
    """A comment comes back as it was written."""
    altered(path, lambda rows: rows[1].__setitem__(2, comment))
    assert ("approve", comment) == read_sheet(plain(), path).decisions[plain().proposed[0].hash]


def test_a_workbook_spells_characters_its_own_way(tmp_path):
    """A comment that a workbook holds in its escapes is read as Excel shows it."""
    path = sheet_of(plain(), tmp_path, ".xlsx")
    altered(path, lambda rows: rows[1].__setitem__(2, "a_x005F_x0041_"))
    assert "a_x0041_" == read_sheet(plain(), path).decisions[plain().proposed[0].hash][1]
