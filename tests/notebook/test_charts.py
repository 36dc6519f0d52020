"""Charts in a notebook: what a report draws by itself, and what anyone can draw of a table."""

import pandas as pd
import pytest
from browser import browser
from many import record, snapshot

from scormaudit import audit
from scormaudit.notebook import show
from scormaudit.notebook.chart import bars, columns
from scormaudit.notebook.places import places

__all__ = ["browser"]
BAD = {"entry": "ab-inito", "lesson_status": "failed", "score_raw": "80", "mastery_score": "70"}
"""An error and a warning."""


def report(folder, months, courses=2, **elements):
    """The report of a record a month, in turn of some courses."""
    rows = [
        record(n, course=f"Course {n % courses}", exit_date_utc=f"{month}-05T10:00:00Z", **elements)
        for n, month in enumerate(months)
    ]
    return audit(snapshot(folder / "snapshot", *rows))


def test_a_report_draws_where_and_when(tmp_path):
    """Findings by course and by month, errors apart from warnings."""
    made = report(tmp_path, ["2026-01", "2026-02", "2026-02"], **BAD)
    by_course, by_month = places(made)
    assert [("Course 0", 2), ("Course 1", 1)] == list(by_course.numbers["error"].items())
    assert ["error", "warning", "info"] == list(by_course.numbers)
    assert [("2026-01", 1), ("2026-02", 2)] == list(by_month.numbers["error"].items())
    assert 2 == show.report(made).count("<svg")


def test_one_place_is_not_compared(tmp_path):
    """With one course and one month there is nothing to draw."""
    assert () == places(report(tmp_path, ["2026-01"] * 3, courses=1, entry="ab-inito"))


def test_a_frame_has_no_places():
    """Nor has a report without a finding."""
    assert () == places(audit(pd.DataFrame([record(1, entry="ab-inito")])))


def test_only_the_last_two_years_are_drawn(tmp_path):
    """And the title says so."""
    months = [f"{year}-{month:02}" for year in (2023, 2024, 2025) for month in range(1, 13)]
    _, by_month = places(report(tmp_path, months, entry="ab-inito"))
    assert months[-24:] == list(by_month.numbers.index)
    assert "the last 24" in by_month.title


def test_most_courses_are_counted_only(tmp_path):
    """Twelve are drawn, the title counts the others."""
    by_course, _ = places(report(tmp_path, ["2026-01", "2026-02"] * 8, 16, entry="ab-inito"))
    assert 12 == len(by_course.numbers)
    assert by_course.title.endswith("4 courses with fewer not shown")


@pytest.mark.parametrize("draw", [bars, columns])
def test_a_chart_has_its_table(draw):
    """Folded below the drawing, and as text, with every number."""
    chart = draw(pd.Series([1234, 5], index=["<a>", "b"], name="n"), "Things")
    html = chart._repr_html_()
    assert "Things, as a table" in html
    assert ">&lt;a&gt;</th>" in html
    assert ">1,234</td>" in html
    assert "<a>" not in html
    assert ["Things", "n", "<a>", "1234", "b", "5"] == repr(chart).split()


def test_the_same_numbers_give_the_same_chart():
    """Byte for byte, so that a committed notebook stays the same."""
    first, second = (bars(pd.DataFrame({"n": [1, 2.5]}), "t")._repr_html_() for _ in range(2))
    assert first == second


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_chart(browser, tmp_path, scheme):
    """Neither on white nor on black, folded open."""
    from axe_playwright_python.sync_playwright import Axe

    made = report(tmp_path, ["2026-01", "2026-02", "2026-02"], **BAD)
    body = show.report(made).replace("<details", "<details open")
    page = browser.new_page(color_scheme=scheme)
    page.set_content(
        "<!doctype html><html lang=en><meta name=color-scheme content='light dark'>"
        f"<title>t</title><main><h1>t</h1>{body}</main></html>"
    )
    found = Axe().run(page).response
    page.close()
    assert [] == [(rule["id"], n["html"]) for rule in found["violations"] for n in rule["nodes"]]
