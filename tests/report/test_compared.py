"""A comparison is told in a terminal, a page, JSON and CSV, and shows nobody's values unasked."""

import csv
import io
import json
import re
from html import unescape

import pytest
from hostile import PAYLOADS, hostile
from many import record, snapshot, uuid

from scormaudit import audit
from scormaudit.compare import compare
from scormaudit.report import compared, compared_page, terminal

SECRET = "Zoe says sesame"
KEY = {name: uuid(1) for name in ("enrollment_id", "assignment_id", "assignment_status_id")}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """One record missing, one new; a value lost, another value, a spelling, a stray gained."""
    folder = tmp_path_factory.mktemp("two")
    rows = [record(n, course=f"Course {n % 2}", suspend_data=SECRET) for n in range(4)]
    old = snapshot(folder / "old", *rows)
    rows = [record(n, course=f"Course {n % 2}", suspend_data=SECRET) for n in range(1, 5)]
    rows[0] |= {"suspend_data": f"{SECRET}!", "lesson_location": None, "student_name": None}
    rows[1] |= {"total_time": "00:05:00", "lesson_status": "Incomplete"}
    stray = {**KEY, "sco_id": "sco", "element": "cmi.completion_status", "value": "done"}
    new = snapshot(folder / "new", *rows, strays=[stray])
    return compare(old, new, reports=(audit(old), audit(new)))


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """Everything that a learner may have written differs, and is as hostile as it gets."""
    folder = tmp_path_factory.mktemp("odd")
    old = hostile(folder / "old")
    safe = [text.encode("utf-8", "replace").decode() for text in PAYLOADS]
    rows = [record(at, course=text, sco_id=text) for at, text in enumerate(safe)]
    strays = [
        {**{name: uuid(at) for name in KEY}, "sco_id": text, "element": text, "value": text}
        for at, text in enumerate(safe)
    ]
    new = snapshot(folder / "new", *rows, strays=strays)
    return compare(old, new, reports=(audit(old), audit(new)))


def words(page):
    """The text of a page, without its marks."""
    body = page.partition("<body>")[2]
    return " ".join(unescape(re.sub("<[^>]*>", " ", body)).split())


def test_the_terminal(found):
    """Counts by status and course, elements, findings and a verdict fit into 80 columns."""
    told = terminal.plain(compared.overview(found))
    assert 80 >= max(map(len, told.splitlines()))
    assert re.search(r"incomplete +4 +3 +1 +1 +1\n", told)
    assert re.search(r"'Course 1' +2 +2 +· +· +1\n", told)
    assert re.search(r"cmi.core.student_name +1 +· +· +· +·\n", told)
    assert re.search(r"1 record missing, 1 new; of cells 1 lost, 1 another value, 1\s+gained", told)


def test_the_same_is_said(found):
    """Where nothing differs the terminal and the page say so."""
    same = compare(found.old, found.old)
    assert "All 4 records are the same in every cell." in terminal.plain(compared.overview(same))
    assert "Nothing differs" in words(compared_page.as_html(same))


def test_spelling_alone_is_alike(tmp_path):
    """Where only spellings differ the verdict is that they are alike."""
    old = snapshot(tmp_path / "old", record(1))
    new = snapshot(tmp_path / "new", record(1, total_time="00:05:00"))
    found = compare(old, new)
    assert "Alike but for spelling: " in compared.verdict(found)
    assert "Alike but for spelling" in words(compared_page.as_html(found))


@pytest.mark.parametrize("show", [False, True])
def test_values_are_shown_when_asked_for(found, show):
    """No format tells what a record holds, unless it is asked to."""
    answers = [
        compared.as_json(found, show_values=show),
        compared.as_csv(found, show_values=show),
        compared_page.as_html(found, show_values=show),
    ]
    assert [show] * 3 == [SECRET in answer for answer in answers]
    assert SECRET not in terminal.plain(compared.overview(found))


def test_json(found):
    """JSON holds both snapshots, all counts, each record and each cell, and the findings."""
    told = json.loads(compared.as_json(found))
    assert (4, 4, 3, False, True) == (
        told["old"]["records"], told["new"]["records"], told["paired"], told["alike"],
        told["complete"],
    )  # fmt: skip
    assert [uuid(0)] == [one["enrollment_id"] for one in told["missing"]]
    assert [uuid(4)] == [one["enrollment_id"] for one in told["added"]]
    assert {"cmi.suspend_data": "value", "cmi.core.student_name": "lost",
            "cmi.core.lesson_location": "blank", "cmi.completion_status": "gained",
            "cmi.core.total_time": "spelling", "cmi.core.lesson_status": "spelling"} == {
        one["element"]: one["kind"] for one in told["changes"]
    }  # fmt: skip
    assert {(None, None)} == {(one["old"], one["new"]) for one in told["changes"]}
    assert {"vanished", "appeared"} >= {one["turn"] for one in told["findings"]["turned"]}
    assert 8 == sum(row["old"] + row["new"] for row in told["records"])


def test_csv(found):
    """CSV has a line a missing or new record and a cell, with the states of both sides."""
    lines = list(csv.DictReader(io.StringIO(compared.as_csv(found, show_values=True))))
    assert ["missing", "new"] == [line["difference"] for line in lines[:2]]
    (lost,) = [line for line in lines if line["difference"] == "lost"]
    assert ("value", "absent", "Learner, Anna", "") == tuple(
        lost[name] for name in ("old_state", "new_state", "old", "new")
    )


def test_no_cell_is_a_formula(odd):
    """No cell of the CSV is taken for a formula by a spreadsheet, whatever a learner wrote."""
    for line in csv.reader(io.StringIO(compared.as_csv(odd, show_values=True))):
        assert not [cell for cell in line if cell.lstrip().startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("show", [False, True])
def test_hostile_text_is_escaped(odd, show):
    """Names of elements, courses, ids and values are only ever text, on the page and beside it."""
    page = compared_page.as_html(odd, show_values=show)
    assert 1 == page.count("</style>") == page.count("</title>")
    assert not re.search(r"<(script|img|base|b|!--)\b", page)
    assert [] == [c for c in page if not c.isprintable() and c != "\n"]
    assert 300_000 > len(page.encode())
    told = terminal.plain(compared.overview(odd))
    assert "\x1b" not in told
    assert 80 >= max(map(len, told.splitlines()))


def test_a_page_stays_small(tmp_path):
    """With ten thousand changed cells in forty courses the page stays below 300 kB."""
    rows = [record(n, course=f"Course {n % 400}" * 9, sco_id=f"s{n}") for n in range(3000)]
    old = snapshot(tmp_path / "old", *rows)
    other = {"suspend_data": "other", "score_raw": "7", "lesson_location": "5", "title": "x"}
    new = snapshot(tmp_path / "new", *({**row, **other} for row in rows))
    page = compared_page.as_html(compare(old, new))
    assert 300_000 > len(page.encode())
    assert "Not shown" in words(page)


def test_notes(tmp_path, found):
    """What is incomplete, unmapped or left out is said."""
    broken = snapshot(tmp_path / "broken", record(1), states={"error": 1})
    mapping = tmp_path / "mapping.csv"
    mapping.write_text("old_sco_id,new_sco_id\nsco,sco\nother,another\n")
    told = " ".join(compared.notes(compare(broken, found.new, mapping, without=["title"])))
    assert "The old snapshot is incomplete" in told
    assert "0 old records not in the mapping" in told
    assert "1 row of the mapping without a record" in told
    assert "Not compared: title." in told


def test_axe_finds_nothing(browser, odd, found, tmp_path):
    """No violation of any rule of axe-core, with everything unfolded, and nothing is loaded."""
    from axe_playwright_python.sync_playwright import Axe

    for name, one in (("found", found), ("odd", odd)):
        path = tmp_path / f"{name}.html"
        path.write_bytes(compared_page.as_html(one, show_values=True).encode("utf-8", "replace"))
        asked, page = [], browser.new_page(viewport={"width": 400, "height": 900})
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
        results = Axe().run(page)
        assert 0 == results.violations_count, results.generate_report()
        assert [path.as_uri()] == asked
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.close()
