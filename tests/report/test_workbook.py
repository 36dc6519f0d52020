"""Findings as XLSX: a sheet a rule, groups, and no cell that a spreadsheet takes for its own."""

from io import BytesIO

import pytest
from hostile import PAYLOADS, hostile
from many import record, snapshot, uuid
from openpyxl import load_workbook

from scormaudit import audit
from scormaudit.report.workbook import as_workbook

SECRET = "Zoe says sesame"


def sheets(content):
    """Every sheet as rows of (value, kind of cell)."""
    book = load_workbook(BytesIO(content))
    return {
        sheet.title: [[(cell.value, cell.data_type) for cell in row] for row in sheet.iter_rows()]
        for sheet in book.worksheets
    }


def table(rows):
    """Rows below a header as dictionaries."""
    header = [value for value, _ in rows[0]]
    return [dict(zip(header, (value for value, _ in row), strict=True)) for row in rows[1:]]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Findings of two rules in two courses and two months."""
    rows = [
        record(1, course="Fire", sco_id="a", entry="ab-inito", lesson_status=SECRET),
        record(2, course="Fire", sco_id="b", entry="ab-inito"),
        record(3, course="Water", sco_id="a", entry="=1+1",
               start_date_utc="2026-01-31T23:00:00Z", exit_date_utc="2026-01-31T23:30:00-01:00"),
        record(4, course="Water", sco_id="a"),
    ]  # fmt: skip
    return audit(snapshot(tmp_path_factory.mktemp("book") / "s", *rows), select="VO")


def test_there_is_a_sheet_a_rule(report):
    """Summary and groups come first, then every broken rule has a sheet, the worst first."""
    assert ["summary", "by course", "by SCO", "by month", "VO102", "VO101"] == list(
        sheets(as_workbook(report))
    )


def test_a_sheet_has_a_row_a_finding(report):
    """Each finding is a row with its course, SCO, month and whole ids."""
    rows = table(sheets(as_workbook(report))["VO102"])
    assert 3 == len(rows)
    assert ("Fire", "b", "2026-03", uuid(2), "cmi.core.entry") == tuple(
        rows[1][name] for name in ("course", "sco_id", "month", "enrollment_id", "element")
    )


def test_months_are_those_of_the_exit_in_utc(report):
    """A record is of the month of its exit, wherever the LMS's clock stood."""
    rows = table(sheets(as_workbook(report))["VO102"])
    assert "2026-02" == rows[2]["month"]


def test_groups_count_findings_and_records(report):
    """Courses, SCOs and months each have their records, findings by severity and by rule."""
    found = sheets(as_workbook(report))
    course = {row["course"]: row for row in table(found["by course"])}
    assert {"records affected": 2, "errors": 3, "warnings": 0, "VO101": 1, "VO102": 2}.items() <= (
        course["Fire"].items()
    )
    assert {"Fire a", "Fire b", "Water a"} == {
        f"{row['course']} {row['sco_id']}" for row in table(found["by SCO"])
    }
    assert [("2026-02", 1), ("2026-03", 3)] == [
        (row["month"], row["errors"]) for row in table(found["by month"])
    ]


def test_the_summary_has_every_rule(report):
    """Rules that held are in the summary as well, with how many rows they judged."""
    rows = {row["rule"]: row for row in table(sheets(as_workbook(report))["summary"])}
    assert ("held", 4) == (rows["VO103"]["outcome"], rows["VO103"]["tested"])


def test_values_are_in_it_on_request_only(report):
    """What a record holds has a column only if it was asked for, and then stands in quotes."""
    plain, full = (sheets(as_workbook(report, show_values=show)) for show in (False, True))
    assert "value" not in table(plain["VO101"])[0]
    assert SECRET not in str(plain)
    assert f'"{SECRET}"' == table(full["VO101"])[0]["value"]
    assert '"\\x3d1+1"' == table(full["VO102"])[2]["value"]


def test_no_cell_is_a_formula(tmp_path):
    """Whatever learners and courses are called, every cell is text or a count, nothing hidden."""
    report = audit(hostile(tmp_path / "s"))
    found = sheets(as_workbook(report, show_values=True))
    cells = [cell for rows in found.values() for row in rows for cell in row]
    assert {"s", "n"} == {kind for _, kind in cells}
    texts = [value for value, kind in cells if kind == "s"]
    assert all(text.isprintable() for text in texts)
    assert not [text for text in texts if text.startswith(("=", "+", "-", "@"))]
    assert any("\\x3d1+1" in text for text in texts)
    assert any(PAYLOADS[0] in text.replace("\\x3d", "=") for text in texts)


@pytest.mark.parametrize("name", ["#N/A", "#REF!", "TRUE", "1/2"])
def test_a_name_is_no_error_and_no_number(tmp_path, name):
    """A course of a name that Excel has a meaning for is that name, as text."""
    report = audit(snapshot(tmp_path / "s", record(1, course=name, entry="x")), select="VO102")
    assert (name, "s") == sheets(as_workbook(report))["by course"][1][0]


def test_nothing_found_is_a_workbook_too(tmp_path):
    """A clean audit gives the summary and empty groups."""
    found = sheets(as_workbook(audit(snapshot(tmp_path / "s", record(1)))))
    assert ["summary", "by course", "by SCO", "by month"] == list(found)
    assert 1 == len(found["by course"])
