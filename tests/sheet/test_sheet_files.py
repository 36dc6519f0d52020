"""Only a sheet of this plan is read, in whatever spelling a program saved it."""

import re
import resource
import sys
from dataclasses import replace

import pytest
from openpyxl import load_workbook
from sheets import altered, cells, change, op, plain, planned, said, sheet_of, words

from scormaudit.errors import PlanError
from scormaudit.sheet import read_sheet, workbook, write_sheet

SUFFIXES = pytest.mark.parametrize("suffix", [".csv", ".xlsx"])


@pytest.fixture(params=[".csv", ".xlsx"])
def path(request, tmp_path):
    """A sheet of `plain()`, in either kind."""
    return sheet_of(plain(), tmp_path, request.param)


def test_a_sheet_of_another_plan_is_refused(path):
    """A plan that differs in anything does not take this plan's sheet."""
    with pytest.raises(PlanError, match="of another plan"):
        read_sheet(replace(plain(), snapshot="other"), path)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda row: row.pop(4), "rules missing"),
        (lambda row: row.insert(2, "notes"), "notes added"),
        (lambda row: row.insert(2, ""), "without a name added"),
        (lambda row: row.append("notes"), "notes added"),
        (lambda row: row.insert(1, row.pop(2)), "another order"),
        (lambda row: row.append("decision"), "there twice"),
        (lambda row: row.__setitem__(1, "=1+1"), "decision missing"),
        (lambda row: row.__setitem__(0, "change"), "not the header"),
        (list.clear, "not the header"),
        (lambda row: row.insert(0, ""), "not the header"),
    ],
)
def test_other_columns_are_told(path, change, told):
    """A header that is not the plan's is refused, and which column is why."""
    with pytest.raises(PlanError, match=told):
        read_sheet(plain(), altered(path, lambda rows: [change(row) for row in rows] and None))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("quoting", [0, 1])
def test_spellings_of_a_csv_are_read(tmp_path, delimiter, encoding, quoting):
    """Delimiter, encoding and quotes may be other ones, if every cell is still the same."""
    path = sheet_of(plan := plain(), tmp_path, ".csv")
    altered(path, lambda _: None, delimiter=delimiter, encoding=encoding, quoting=quoting)
    sheet = read_sheet(plan, path)
    assert said(plan) == words(sheet)
    assert () == sheet.void


def test_a_csv_opens_as_it_is(tmp_path):
    """A CSV has the mark by which Excel knows UTF-8, and every cell of it is in quotes."""
    content = sheet_of(plain(), tmp_path, ".csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content[3:].decode().split("\r\n")[:-1]
    assert 5 == len(lines)
    assert not [line for line in lines if re.search(r'(^|,)[^",]|,,', re.sub('".*?"', '""', line))]


def test_a_quote_that_never_ends_is_told(tmp_path):
    """A quote that swallows the rows below it is a damaged file, not so many missing rows."""
    path = sheet_of(plain(), tmp_path, ".csv")
    path.write_bytes(path.read_bytes().replace(b'"reject"', b'"reject', 1).rstrip()[:-1])
    with pytest.raises(PlanError):
        read_sheet(plain(), path)


def test_letters_of_another_encoding_are_not_believed(tmp_path):
    """Without Unicode, cells count while they are the same letters, comments in ASCII alone."""
    plan = planned(change(0, "p\u00e4ss"), change(1, "passed"), change(2, "done"))
    path = sheet_of(plan, tmp_path, ".csv", {c.hash: "approve" for c in plan.proposed})
    altered(path, lambda rows: rows[2].__setitem__(2, "p\u00e4ss"), encoding="cp1252")
    sheet = read_sheet(plan, path)
    assert [plan.proposed[n].hash for n in (0, 2)] == list(sheet.decisions)
    assert ((3, "comment: letters of an unknown encoding; save it as CSV UTF-8"),) == sheet.void
    path.write_bytes(path.read_bytes().replace(b"p\xe4ss", b"p\x8ass"))  # as on a Macintosh
    assert [plan.proposed[2].hash] == list(read_sheet(plan, path).decisions)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"\xef\xbb\xbf\xff",
        b"\x81\x8d",
        b'"a',
        b'"a"b;',
        b"PK\x03\x04",
        b"\0" * 99,
    ],
)
@SUFFIXES
def test_damaged_files_are_told(tmp_path, suffix, content):
    """What is no sheet is refused by name, with what to do."""
    path = tmp_path / f"s{suffix}"
    path.write_bytes(content)
    with pytest.raises(PlanError) as told:
        read_sheet(plain(), path)
    assert path.name in str(told.value)
    assert told.value.todo


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("s.html", "not read from a page"),
        ("s.ods", ".ods file"),
        ("s", "nameless"),
        ("gone.csv", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path, name, told):
    """A page, another kind of file or none is refused."""
    with pytest.raises(PlanError, match=told):
        read_sheet(plain(), tmp_path / name)


@pytest.mark.parametrize(
    ("name", "told"), [("s.ods", ".ods file"), ("no/s.csv", "cannot be written")]
)
def test_what_cannot_be_written_is_told(tmp_path, name, told):
    """Another kind of file, or a folder that is not there, is refused."""
    with pytest.raises(PlanError, match=told):
        write_sheet(plain(), {}, tmp_path / name)


def test_a_sheet_cut_short_is_taken_away(tmp_path):
    """Where the disk takes only a part of a sheet, nothing stays and the reason is told."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(PlanError, match=r"cannot be written \(File too large\)"):
            write_sheet(plain(), {}, tmp_path / "s.csv")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [] == list(tmp_path.iterdir())


def test_a_workbook_has_an_end(tmp_path, monkeypatch):
    """A plan of more changes than a workbook has rows is refused; CSV goes on."""
    monkeypatch.setattr(workbook, "_MOST", 3)
    with pytest.raises(PlanError, match="4 changes are more than the 3 rows"):
        write_sheet(plain(), {}, tmp_path / "s.xlsx")
    write_sheet(plain(), {}, tmp_path / "s.csv")


def test_a_meaning_is_one_of_three(tmp_path):
    """A decision that no reviewer can have made is not put into a sheet."""
    with pytest.raises(PlanError, match="1 of the meanings"):
        write_sheet(plain(), {plain().proposed[0].hash: "=1+1"}, tmp_path / "s.csv")
    assert [] == list(tmp_path.iterdir())


def test_a_workbook_needs_its_extra(tmp_path, monkeypatch):
    """Without openpyxl, a workbook is refused and the extra named; CSV goes on."""
    path = sheet_of(plain(), tmp_path, ".xlsx")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    for call in (
        lambda: read_sheet(plain(), path),
        lambda: write_sheet(plain(), {}, tmp_path / "o.xlsx"),
    ):
        with pytest.raises(PlanError, match=r"scormaudit\[excel\]"):
            call()
    write_sheet(plain(), {}, tmp_path / "s.csv")


def test_the_sheet_is_found_among_others(tmp_path):
    """Another sheet in the workbook is passed over; without `review` several are refused."""
    path = sheet_of(plain(), tmp_path, ".xlsx")
    book = load_workbook(path)
    book.create_sheet("notes", 0)
    book.save(path)
    assert said(plain()) == words(read_sheet(plain(), path))
    book["review"].title = "renamed"
    book.save(path)
    with pytest.raises(PlanError, match="no sheet named review"):
        read_sheet(plain(), path)


def test_cells_far_outside_are_refused(tmp_path):
    """A cell at the other end of the sheet does not make the reader walk there."""
    path = sheet_of(plain(), tmp_path, ".xlsx")
    book = load_workbook(path)
    book["review"]["XFD1048576"] = "x"
    book.save(path)
    with pytest.raises(PlanError, match="far outside"):
        read_sheet(plain(), path)


def test_no_value_is_in_a_repr_or_an_error(path):
    """What a sheet says of itself names columns and rows, never a value."""
    altered(path, lambda rows: rows[1].__setitem__(9, "secret") or rows[2].__setitem__(2, "secret"))
    sheet = read_sheet(plain(), path)
    for shown in (repr(sheet), str(sheet.void)):
        assert "secret" not in shown
        assert "ab-inito" not in shown


def test_an_empty_plan_has_a_sheet(tmp_path):
    """A plan without changes goes out and back as well."""
    for suffix in (".csv", ".xlsx", ".html"):
        path = sheet_of(planned(), tmp_path, suffix)
        if suffix != ".html":
            assert {} == read_sheet(planned(), path).decisions


def test_a_field_may_be_edited_in_some_changes_only(tmp_path):
    """Columns are those of all changes; where one has nothing, its cell is empty."""
    one = change(0, "a", labels={"x": "1"}, ops=(op("entry", "a", "b"),))
    plan = planned(one, change(1, "b", labels={"y": "2"}))
    rows = cells(sheet_of(plan, tmp_path, ".csv"))
    at = rows[0].index("edit entry")
    assert ['was "a", now "b"', ""] == [row[at] for row in rows[1:]]
    assert ["", '"2"'] == [row[rows[0].index("label y")] for row in rows[1:]]
