"""A report tells programs everything and strangers nothing about a learner."""

import csv
import io
import json
from xml.etree import ElementTree as ET

import pytest
from repair import Bench, attempt
from rich.console import Console

from scormaudit import audit
from scormaudit.entry import Entry
from scormaudit.report import html, markup, tables, terminal

HOSTILE = "<script>alert(1)</script>"
SECRET = "Zoe says sesame"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """A report with findings whose values must not be shown unasked."""
    bench = Bench(
        tmp_path_factory.mktemp("report"),
        attempt(1, core__entry=HOSTILE),
        attempt(2, core__entry="resume", core__lesson_status=SECRET),
        attempt(3, core__entry="=1+1"),
        attempt(4, core__entry="resume", errors={"cmi.core.exit": "101 - General exception"}),
    )
    yield audit(bench.snapshot())
    bench.close()


def test_json_is_as_documented(report):
    """The JSON has the documented keys, and a count for every rule."""
    document = json.loads(tables.as_json(report))
    assert {"snapshot", "rules", "findings"} == set(document)
    assert {"id", "records", "complete"} == set(document["snapshot"])
    assert {"code", "title", "severity", "outcome", "tested", "broken", "unknown", "fix"} == set(
        document["rules"][0]
    )
    assert {
        "rule", "severity", "enrollment_id", "assignment_id", "sco_id", "element", "index",
        "value", "fix",
    } == set(document["findings"][0])  # fmt: skip
    broken = {rule["code"]: rule["broken"] for rule in document["rules"]}
    assert len(document["findings"]) == sum(broken.values())


@pytest.mark.parametrize(
    "form", [tables.as_json, tables.as_csv, html.as_html], ids=["json", "csv", "html"]
)
def test_values_are_shown_on_request_only(report, form):
    """What a record holds is in a report only if it was asked for."""
    plain, full = form(report), form(report, show_values=True)
    assert "sesame" not in plain
    assert "sesame" in full


@pytest.mark.parametrize("form", [tables.as_junit, tables.as_github])
def test_forms_for_machines_never_show_values(report, form):
    """CI logs are public: they hold counts and ids alone."""
    assert "sesame" not in form(report)
    assert "script" not in form(report)


def test_html_escapes_everything(report):
    """Learners' text reaches the page as text."""
    page = html.as_html(report, show_values=True)
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    assert "http://www" not in page
    assert "<script" not in page


def test_csv_holds_no_formula(report):
    """No cell of the CSV begins like a formula."""
    rows = list(csv.reader(io.StringIO(tables.as_csv(report, show_values=True))))
    assert ["'=1+1"] == [cell for row in rows for cell in row if "=1+1" in cell]


def test_junit_has_a_case_a_rule(report):
    """Each rule is a test case: broken fails."""
    suite = ET.fromstring(tables.as_junit(report).encode())
    assert len(report.results) == len(suite.findall("testcase"))
    broken = [r for r in report.results if r.outcome == "broken"]
    assert len(broken) == len(suite.findall("testcase/failure")) == int(suite.get("failures"))


def test_github_has_a_line_a_broken_rule(report):
    """Each broken rule is one annotation of its level."""
    lines = tables.as_github(report).splitlines()
    assert any(line.startswith("::error title=VO102::") for line in lines)
    assert any(line.startswith("::warning title=ID201::") for line in lines)


def test_the_terminal_fits(report):
    """The terminal's table fits eighty columns and ends with the verdict."""
    lines = terminal.plain(terminal.findings(report)).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[-1].startswith("3 errors, 1 warning")


def test_a_narrow_journal_breaks_no_time_in_two():
    """Where there is no room for both, the date and the time stand below one another."""
    entry = Entry(
        seq=1, kind="result", at="2026-11-23T19:48:25Z", plan="", change="f" * 64, write_key="",
        closes=None, body='{"state": "verified", "detail": "changed since it was read"}',
        previous="", hash="",
    )  # fmt: skip
    shown = Console(file=io.StringIO(), width=60)
    shown.print(terminal.entries([entry]))
    assert {"2026-11-23", "19:48:25"} <= set(shown.file.getvalue().split())


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\nb", "\u202egnp", "x" * 5000])
def test_hostile_text_is_made_visible(text):
    """Control characters and bidirectional marks are shown as codes, long text is cut visibly."""
    shown = markup.visible(text)
    assert not set("\x1b\n\u202e") & set(shown)
    assert len(shown) < 80
