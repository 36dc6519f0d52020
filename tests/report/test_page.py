"""A page tells where it is bad first, shows no value unasked, and never grows past its bound."""

import re
from dataclasses import replace
from html import unescape

import pandas as pd
import pytest
from hostile import hostile
from many import WRONG, record, snapshot, uuid

from scormaudit import audit
from scormaudit.errors import ScormauditError
from scormaudit.pack import load
from scormaudit.report import html
from scormaudit.report.download import downloads
from scormaudit.report.pattern import concentrations, together
from scormaudit.report.placing import placed
from scormaudit.report.written import write_page
from scormaudit.rule import reason

SECRET = "Zoe says sesame"


def words(page):
    """The text of a page, without its marks."""
    body = page.partition("<body>")[2]
    return " ".join(unescape(re.sub("<[^>]*>", " ", body)).split())


@pytest.fixture(scope="module")
def quiz(tmp_path_factory):
    """Three courses; 9 of 10 misprinted entries are in one SCO, and status breaks with credit."""
    rows = [record(n, course=f"Course {n % 3}", sco_id=f"s{n % 6}") for n in range(60)]
    for n in (0, 6, 12, 18, 24, 30, 36, 42, 48, 1):
        rows[n] = rows[n] | {"entry": "ab-inito", "title": "Quiz" if n % 6 == 0 else "Lesson"}
    for n in (2, 3, 4, 5):
        rows[n] = rows[n] | {"lesson_status": SECRET, "credit": "maybe"}
    rows[7] = rows[7] | {"credit": "maybe"}
    return snapshot(tmp_path_factory.mktemp("quiz") / "snapshot", *rows, states={"forbidden": 3})


@pytest.fixture(scope="module")
def page(quiz):
    """The page of it, values hidden."""
    return html.as_html(audit(quiz))


def test_the_verdict_comes_first(page):
    """The first heading is a sentence with the number of errors and of the records they are in."""
    assert "19 errors in 15 of 60 records" in words(page.partition("</h1>")[0])


def test_it_says_where_most_of_it_is(page):
    """Where most findings of a rule are in one SCO, the verdict names it."""
    told = words(page.partition("</header>")[0])
    assert "VO102 : 9 of 10 are in one SCO: s0 “ Quiz ” of Course 0" in told
    assert "which has 15 % of the records" in told


def test_one_course_is_no_pattern(tmp_path):
    """Nobody is told that all findings are in the only course there is."""
    rows = [record(n, entry="ab-inito") for n in range(5)]
    assert {} == concentrations(placed(audit(snapshot(tmp_path / "s", *rows))))


def test_it_says_what_was_read(page):
    """Coverage counts every assignment by what became of it."""
    assert "60 of 63 assignments read (95.2 %)" in words(page)
    assert "3 the token may not read it" in words(page)
    assert "The snapshot is incomplete." in words(page)


def test_broken_rules_come_before_unknown_and_held(quiz):
    """Crashed rules, then broken, worst first; then those that could not judge; held ones last."""
    report = audit(quiz, select="VO")
    crashed, *between, last = report.results
    lost = replace(last, tested=0, unknown=60, reason="it was not read")
    results = (*between, replace(crashed, crashed=True, reason="ValueError"), lost)
    page = html.as_html(replace(report, results=results))
    told = words("<body>" + page.partition('id="rules"')[2])
    signs = ("VO101", "VO102", "VO105", "1 rule could not be judged", "VO106", "2 rules held")
    order = [told.index(sign) for sign in (*signs, "VO103", "VO104")]
    assert sorted(order) == order


def test_a_row_folds_out_to_why_and_what(page):
    """Each broken rule has its reason, page, examples, and ten records before and after."""
    fold = page.partition('id="VO102"')[2].partition("</details>")[0]
    rule, told = load()["VO102"], words(f"<body>{fold}")
    assert f"page {rule.page}" in told
    assert " ".join(reason(rule).replace("`", " ").split()) in told
    assert "Holds" in told
    assert "Breaks" in told
    assert 10 == told.count("aa-aaaaa → aa-aaaaaa") == fold.count("<tr><td>")


def test_values_stay_hidden_unless_asked(quiz, page):
    """A value is a shape or a length, a label but the course is left out, an id is shortened."""
    full = html.as_html(audit(quiz), show_values=True)
    assert "sesame" not in page
    assert "Learner, Anna" not in page
    assert "Aaa aaaa aaaaaa" in page
    assert "'<bdi>Zoe says sesame</bdi>'" in full
    assert uuid(6) not in page.replace("data:", "")
    assert uuid(6)[:8] in page


def test_rules_that_break_together_are_told(quiz):
    """Rules that share their records come as a pair, with what each has alone."""
    (pair,) = together(placed(audit(quiz)))
    assert (("VO101", "VO105"), 4, 4, 5) == (pair.rules, pair.both, pair.first, pair.second)
    assert pytest.approx(0.8) == pair.overlap


def test_a_chain_of_rules_is_told_once(tmp_path):
    """Of rules that all break in the same records no pair is told that follows from others."""
    rows = [record(n, **WRONG) for n in range(4)]
    report = audit(snapshot(tmp_path / "s", *rows))
    broken = {result.rule.code for result in report.results if result.broken}
    assert len(broken) - 1 == len(together(placed(report)))


def test_meeting_by_chance_is_no_pattern(tmp_path):
    """Two frequent rules that share a few records are not told to have one cause."""
    rows = [record(n) for n in range(60)]
    for n in range(40):
        rows[n] |= {"entry": "ab-inito"} if n < 20 else {"credit": "maybe"}
    for n in range(4):
        rows[n] |= {"credit": "maybe"}
    assert [] == together(placed(audit(snapshot(tmp_path / "few", *rows))))
    rows[4] |= {"credit": "maybe"}
    found = together(placed(audit(snapshot(tmp_path / "quarter", *rows))))
    assert [("VO102", "VO105", 5)] == [(*sorted(pair.rules), pair.both) for pair in found]


def test_shapes_are_explained_before_the_first(page, quiz):
    """Who meets `99,9` on the page has read what it means; with values there is nothing to say."""
    explained = "Values are not shown, only what they look like"
    assert explained in words(page).partition("before → after")[0]
    assert explained not in html.as_html(audit(quiz), show_values=True)


def test_the_heat_strip_counts_records(page):
    """A cell has the number of records of a course that broke a rule."""
    strip = page.partition('class="heats"')[2].partition("</table>")[0]
    rows = {row[0]: row[1:] for row in (re.findall(r">([^<>\n]+)<", r) for r in strip.split("<tr>"))
            if row}  # fmt: skip
    codes = rows["course"]
    assert "9" == rows["Course 0"][codes.index("VO102")]


def test_the_months_count_records_and_findings(tmp_path):
    """A row a month: its records, findings by severity, and the share with a finding."""
    months = dated(tmp_path, ["2026-01", "2026-02", "2026-02", ""])
    told = words(html.as_html(audit(months, select=["VO102", "VO105"])))
    told = told.partition("records with a finding")[2].partition("Rules that")[0]
    assert "2026-01 1 0 0 0 0 % 2026-02 2 1 0 0 50 % no date 1 2 0 0 100 %" == told.strip()


def test_the_months_of_long_ago_are_one_row(tmp_path):
    """Two years are told month by month, what was before them together."""
    months = [f"{year}-{month:02}" for year in (2023, 2024, 2025) for month in range(1, 13)]
    page = html.as_html(audit(dated(tmp_path, months), select=["VO102"]))
    rows = page.partition('class="months"')[2].partition("</table>")[0].split("<tr>")[2:]
    assert 25 == len(rows)
    assert words(f"<body>{rows[0]}").startswith("before 2024-01 12 6 0 0 50 %")
    assert words(f"<body>{rows[1]}").startswith("2024-01 1 0 ")


def dated(folder, months):
    """A record a month, every second one with a misprinted entry, the last with two errors."""
    exits = [f"{month}-05T10:00:00Z" if month else "" for month in months]
    rows = [
        record(n, start_date_utc=exit_, exit_date_utc=exit_, entry=("ab-initio", "ab-inito")[n % 2])
        for n, exit_ in enumerate(exits)
    ]
    rows[-1] |= {"credit": "maybe"}
    return snapshot(folder / "dated", *rows)


def test_a_record_page_has_every_element_in_order(page):
    """The worst records have all their elements in the order of the model, and what is wrong."""
    record_page = page.partition('id="record-1"')[2].partition("</details>")[0]
    names = re.findall(r'<th scope="row"><code><bdi>([^<]*)', record_page)
    assert names.index("title") < names.index("cmi.core.student_id")
    assert names.index("cmi.core.entry") < names.index("cmi.suspend_data")
    rows = record_page.split("<tr")
    (wrong,) = (row for row in rows if "cmi.core.lesson_status" in row)
    assert "VO101" in wrong
    assert "The lesson status is none of the six words" in words(f"<body>{wrong}")


def test_it_can_be_reproduced(quiz):
    """Snapshot, digest of the pack, version and command are there to repeat it."""
    report = audit(quiz)
    command = "scormaudit audit 'my snapshot' --format html -o r.html"
    told = unescape(html.as_html(report, command=command))
    for fact in (quiz.manifest.id, report.pack.digest, quiz.manifest.base_url, command):
        assert fact in told
    assert "scormaudit 0." in told


def test_nothing_is_loaded_or_run(page):
    """The page has a policy that forbids all but its own style, and nothing that needs more."""
    assert "default-src 'none'" in page
    assert not re.search(r"<(script|link|img|iframe|form)\b|\son\w+=|\sstyle=|url\(|@import", page)
    assert 1 == page.count("<style>")


@pytest.mark.parametrize("show", [False, True])
def test_hostile_text_is_escaped(tmp_path, show):
    """Names, locations, suspend data, labels, titles, messages and states are only ever text."""
    page = html.as_html(audit(hostile(tmp_path / "s")), show_values=show)
    assert 1 == page.count("</style>") == page.count("</title>")
    assert not re.search(r"<(script|img|base|b|!--)\b", page)
    hidden = [c for c in page if not c.isprintable() and c != "\n"]
    assert [] == hidden


def test_a_hundred_thousand_findings_fit(tmp_path):
    """With 100,000 findings the page stays below 300 kB, and the rest is in files it names."""
    rows = [record(n, course=f"Course {n % 40}", sco_id=f"s{n % 7}", **WRONG)
            for n in range(12_500)]  # fmt: skip
    report = audit(snapshot(tmp_path / "s", *rows))
    page, folder = write_page(report, tmp_path / "report.html")
    assert 100_000 <= len(report.findings)
    assert 300_000 > page.stat().st_size
    told = page.read_text()
    files = sorted(folder.iterdir())
    assert {f"{code}.csv" for code in report.findings["rule"]} == {file.name for file in files}
    assert all(f'href="report-files/{file.name}"' in told for file in files)
    lines = sum(len(file.read_text().splitlines()) - 1 for file in files)
    assert len(report.findings) == lines


def test_all_rules_at_once_fit_too(tmp_path):
    """Even where every rule is broken, by hostile text, the page stays below 300 kB."""
    report = audit(hostile(tmp_path / "s"))
    text = "\U0001f600\u200b" * 3000
    one = report.findings.head(1).assign(element=text)
    rules = [rule for rule in report.pack.rules for _ in range(806)]
    found = one.loc[[one.index[0]] * len(rules)].reset_index(drop=True)
    found = found.assign(rule=[r.code for r in rules], severity=[r.severity for r in rules])
    results = tuple(replace(result, broken=806, tested=900) for result in report.results)
    worst = replace(report, findings=found, results=results)
    nothing = downloads(replace(worst, findings=found.head(0)), "", show_values=False)
    assert 300_000 > len(html.page(worst, nothing, show_values=True).encode())


def test_a_small_report_is_one_file(quiz, tmp_path):
    """Where there is room, every download is within the page."""
    written = write_page(audit(quiz), tmp_path / "report.html")
    assert [tmp_path / "report.html"] == written
    assert 3 == written[0].read_text().count("data:text/csv")


def test_where_the_page_cannot_be_nothing_is_written(tmp_path):
    """A page that is there already is kept, and no folder is left beside it."""
    rows = [record(n, **WRONG) for n in range(300)]
    report = audit(snapshot(tmp_path / "s", *rows))
    (tmp_path / "report.html").write_text("mine")
    with pytest.raises(ScormauditError, match="already something"):
        write_page(report, tmp_path / "report.html")
    assert {"s", "report.html"} == {path.name for path in tmp_path.iterdir()}
    assert "mine" == (tmp_path / "report.html").read_text()


def test_findings_are_placed_whatever_the_order(tmp_path):
    """A finding of any table has the course and the position of its own record."""
    places = [(1, "a"), (2, "b"), (1, "b")]
    rows = [record(n, course=f"{n}{sco}", sco_id=sco, entry="x") for n, sco in places]
    ids = dict.fromkeys(("enrollment_id", "assignment_id", "assignment_status_id"), uuid(1))
    wrong = ids | {"sco_id": "b", "index": 0, "id": "o", "status": "mastered"}
    report = audit(snapshot(tmp_path / "s", *rows, objectives=[wrong]), select=["VO102", "CO101"])
    found = placed(report).findings[["rule", "course", "record"]]
    expected = [("CO101", "1b", 2), ("VO102", "1a", 0), ("VO102", "2b", 1), ("VO102", "1b", 2)]
    assert expected == list(found.itertuples(index=False, name=None))


def test_a_frame_has_a_page_too():
    """A DataFrame gives the same page, as far as it knows courses and records."""
    page = html.as_html(audit(pd.DataFrame([record(1, entry="ab-inito")])))
    assert "1 error in 1 of 1 record" in words(page)
    assert "known of a snapshot only" in page


def test_an_empty_report_says_so(tmp_path):
    """Without a finding the verdict is that there is none, and no section is broken."""
    told = words(html.as_html(audit(snapshot(tmp_path / "s", record(1)))))
    assert "No error and no warning in 1 record" in told
    assert "No rule was broken." in told


def test_a_rule_whose_repair_crashes_spoils_nothing(tmp_path):
    """A repair that crashes is told beside its finding, without what it said."""
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "odd.py").write_text(
        "from pandera.pandas import Check\nfrom scormaudit import Rule\n"
        "class Odd(Rule, code='OD101'):\n    'Odd.'\n    element = 'entry'\n    fix = 'safe'\n"
        "    check = Check.isin(['x'])\n"
        "    @staticmethod\n    def repair(row):\n        raise ValueError(row['entry'])\n"
    )
    report = audit(snapshot(tmp_path / "s", record(1)), rules=rules, select=["OD101"])
    assert "the repair crashed" in html.as_html(report)
