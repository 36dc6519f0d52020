"""A row decides only while it says what the plan says; whatever a program did to it is seen."""

from datetime import datetime

import pytest
from openpyxl import load_workbook
from sheets import altered, cells, plain, said, sheet_of, words

from scormaudit.sheet import read_sheet
from scormaudit.sheet.grid import COMMENT, DECISION, grid

COLUMNS = len(grid(plain()).header)


@pytest.fixture(params=[".csv", ".xlsx"])
def path(request, tmp_path):
    """A sheet of `plain()`, in either kind."""
    return sheet_of(plain(), tmp_path, request.param)


@pytest.mark.parametrize("column", [n for n in range(COLUMNS) if n != COMMENT])
@pytest.mark.parametrize("end", ["x", " ", ""])
def test_one_changed_cell_voids_exactly_its_row(path, column, end):
    """Whichever cell of a row is changed, if by a blank, that row is void, told, and no other."""
    if (column, end) == (DECISION, " "):
        end = "."  # blanks around a word are forgiven

    def changed(rows):
        rows[2][column] = f"{rows[2][column]}{end}" if end else "\u200b"

    sheet = read_sheet(plain(), altered(path, changed))
    name = "change" if column == 0 else grid(plain()).header[column]
    assert [3] == [row for row, _ in sheet.void]
    assert sheet.void[0][1].startswith(f"{name}: ")
    assert [plain().proposed[n].hash for n in (0, 2)] == list(sheet.decisions)


@pytest.mark.parametrize("column", [0, *range(3, COLUMNS)])
def test_an_emptied_cell_voids_its_row(path, column):
    """A cell that was deleted is a difference as any other."""
    assert grid(plain()).rows[plain().proposed[1].hash][column]
    sheet = read_sheet(plain(), altered(path, lambda rows: rows[2].__setitem__(column, "")))
    assert [3] == [row for row, _ in sheet.void]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (7, "a number"),
        (1.5, "a number"),
        (True, "a truth value"),
        (datetime(2026, 1, 2), "a date"),
        ("=1+1", "a formula"),
        ("#N/A", "an error"),
    ],
)
@pytest.mark.parametrize("column", [0, 1, 2, 3, 9])
def test_what_became_no_text_voids_its_row(tmp_path, value, kind, column):
    """A number, a date, a truth value, an error or a formula is told as what it is."""
    path = sheet_of(plain(), tmp_path, ".xlsx")
    altered(path, lambda rows: rows[1].__setitem__(column, value))
    ((row, what),) = read_sheet(plain(), path).void
    assert 2 == row
    assert what.endswith(f": {kind} instead of text")


@pytest.mark.parametrize("habit", ["7", "1.23457E+19", "02.01.2026", "WAHR", "#NAME?", "-1"])
@pytest.mark.parametrize("column", [0, 1, 3, 9])
def test_what_a_csv_became_voids_its_row(tmp_path, habit, column):
    """What a spreadsheet writes for what it took for a number or a date is a difference."""
    path = sheet_of(plain(), tmp_path, ".csv")
    altered(path, lambda rows: rows[1].__setitem__(column, habit))
    assert [2] == [row for row, _ in read_sheet(plain(), path).void]


@pytest.mark.parametrize("column", [0, *range(3, COLUMNS)])
def test_one_column_sorted_alone_is_seen(path, column):
    """Where one column was turned around alone, no row that moved decides anything."""

    def turned(rows):
        column_ = [row[column] for row in rows[1:]]
        for row, cell in zip(rows[1:], reversed(column_), strict=True):
            row[column] = cell

    before = [row[column] for row in cells(path)[1:]]
    sheet = read_sheet(plain(), altered(path, turned))
    moved = [n for n, cell in enumerate(before, 2) if cell != before[-1 - (n - 2)]]
    assert moved == [row for row, _ in sheet.void]


def test_whole_rows_may_be_sorted(path):
    """Rows that were sorted as a whole keep their decisions."""
    sheet = read_sheet(plain(), altered(path, lambda rows: rows[:1] + rows[:0:-1]))
    assert said(plain()) == words(sheet)
    assert () == sheet.void


def test_a_partial_paste_is_seen(path):
    """Cells of one row pasted over another's void the rows that they cover."""

    def pasted(rows):
        for row in rows[2:4]:
            row[5:9] = rows[1][5:9]

    sheet = read_sheet(plain(), altered(path, pasted))
    assert [3, 4] == [row for row, _ in sheet.void]
    assert {plain().proposed[0].hash} == set(sheet.decisions)


def test_a_row_pasted_over_another_is_void_with_it(path):
    """An id that is there twice voids both rows, even where they agree."""
    sheet = read_sheet(plain(), altered(path, lambda rows: rows.__setitem__(2, list(rows[1]))))
    first = plain().proposed[0].hash
    assert (first,) == sheet.duplicate
    assert [2, 3] == [row for row, _ in sheet.void]
    assert first not in sheet.decisions
    assert 1 == sheet.missing


def test_deleted_rows_are_counted(path):
    """A change whose row is gone is missing, not decided."""
    sheet = read_sheet(plain(), altered(path, lambda rows: rows.pop(2) and None))
    assert (1, (), 2) == (sheet.missing, sheet.void, len(sheet.decisions))


@pytest.mark.parametrize("id_", ["0" * 64, "=1+1", "a\u202e", ""])
def test_added_rows_decide_nothing(path, id_):
    """A row of no change in the plan is void, and its id listed without hidden characters."""
    added = [id_, "approve", "", "safe"]
    sheet = read_sheet(plain(), altered(path, lambda rows: rows.append(added)))
    assert [6] == [row for row, _ in sheet.void]
    assert said(plain()) == words(sheet)
    assert all(known.isprintable() and known[0] != "=" for known in sheet.unknown)
    if id_ == "0" * 64:
        assert (id_,) == sheet.unknown


def test_empty_rows_and_columns_are_nothing(path):
    """Empty rows between and after, and empty columns at the end, change nothing."""

    def spaced(rows):
        wide = [[*row, "", ""] for row in rows]
        return [*wide[:2], [""] * len(wide[0]), *wide[2:], [""] * 3]

    sheet = read_sheet(plain(), altered(path, spaced))
    assert said(plain()) == words(sheet)
    assert ((), 1) == (sheet.void, sheet.blank)


def test_a_cell_beside_the_table_voids_its_row(path):
    """Something written right of the last column voids the row that it stands in."""
    sheet = read_sheet(plain(), altered(path, lambda rows: rows[3].append("see mail")))
    assert ((4, "there are cells right of the last column"),) == sheet.void


def test_merged_cells_are_void(tmp_path):
    """Rows of cells that were merged decide nothing, whichever of them holds the word."""
    path = sheet_of(plain(), tmp_path, ".xlsx")
    book = load_workbook(path)
    book["review"].merge_cells("B2:B4")
    book.save(path)
    sheet = read_sheet(plain(), path)
    assert [(n, "decision: merged with others") for n in (2, 3, 4)] == list(sheet.void)
    assert {} == sheet.decisions
