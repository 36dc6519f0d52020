"""A report as one HTML file that loads nothing from elsewhere and runs nothing."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scormaudit.audit import Report, Result
from scormaudit.report import attempt, origin, overview, story
from scormaudit.report.chart import mark, symbols
from scormaudit.report.download import Downloads, downloads
from scormaudit.report.evidence import Row, Shown, attempts, rows
from scormaudit.report.markup import counted, text
from scormaudit.report.pattern import Concentration, concentrations
from scormaudit.report.placing import Placed, by_rule, placed
from scormaudit.report.row import HEAD, ORDER, WORD, Shelf, quiet, row, sort_key
from scormaudit.report.veil import bounded

LIMIT = 300_000
"""Bytes that a page never reaches."""

_STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
_SHAPES = (
    '<p class="note">Values are not shown, only what they look like: <code>99,9</code> is any '
    "number with a comma, <code>aaaa</code> any word of four letters.</p>"
)
_SIZES = ((10, 5, 80), (5, 3, 60), (2, 1, 40), (1, 0, 0), (0, 0, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Book:
    """All that is computed once, whatever length the page will have."""

    report: Report
    placed: Placed
    common: Mapping[str, Concentration]
    worst: Sequence[int]
    records: Mapping[int, Row]
    elements: Mapping[int, list[Shown]]
    files: Downloads
    command: str
    show_values: bool


def as_html(report: Report, *, show_values: bool = False, command: str = "") -> str:
    """The page alone; what is too much for it is left out, and it says so."""
    return page(report, downloads(report, "", show_values=show_values),
                show_values=show_values, command=command)  # fmt: skip


def page(report: Report, files: Downloads, *, show_values: bool = False, command: str = "") -> str:
    """The page with links to `files`; it shows as many findings a rule as `LIMIT` leaves room for.

    `command` is what made it. Learners' values are shown only if `show_values`.
    """
    where = placed(report)
    worst = attempt.worst(where, _SIZES[0][1]) if report.snapshot else []
    first = where.findings.groupby("rule", sort=False).head(_SIZES[0][0])["record"]
    found = report.snapshot
    book = _Book(
        report=report,
        placed=where,
        common=concentrations(where),
        worst=worst,
        records=rows(found, [*first.tolist(), *worst]) if found else {},
        elements=attempts(found, worst) if found else {},
        files=files,
        command=command,
        show_values=show_values,
    )
    above, below = _above(book), _below(book)
    whole = ""
    for most, pages, elements in _SIZES:
        records = _pages(book, pages, elements)
        whole = above + _rules(book, most, pages) + below[0] + records + below[1]
        if len(whole.encode()) < LIMIT:
            break
    return whole


def _above(book: _Book) -> str:
    """What stands before the rules."""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">
<title>SCORM audit</title><style>{_STYLE}</style></head><body>{symbols()}
<header>{_verdict(book)}</header><main>
<h2 id="coverage">Coverage</h2>{origin.coverage(book.report)}
<h2 id="rules">Rules</h2>{"" if book.show_values else _SHAPES}"""


def _below(book: _Book) -> tuple[str, str]:
    """What stands between the rules and the records, and what comes after these."""
    where = book.placed
    return (
        f"""<h2 id="courses">{where.grouped_by.capitalize()}s and rules</h2>
{overview.strip(where) or "<p>No finding.</p>"}
<h2 id="months">Months</h2>{overview.months(where)}
<h2 id="together">Rules that break together</h2>{overview.pairs(where)}
<h2 id="records">Records with most findings</h2>""",
        f"""<h2 id="reproduce">How to reproduce</h2>
{origin.again(book.report, book.files, book.command)}
</main><footer>{_privacy(book)}</footer></body></html>
""",
    )


def _verdict(book: _Book) -> str:
    report, kind = book.report, story.kind(book.report)
    severities = {result.rule.code: result.rule.severity for result in report.results}
    told = story.where(book.common.values(), severities)
    listed = "".join(f"<li>{sentence}</li>" for sentence in told)
    links = "".join(
        f'<li><a href="#{name}">{word}</a></li>'
        for name, word in (
            ("coverage", "Coverage"), ("rules", "Rules"), ("courses", "Courses"),
            ("months", "Months"), ("together", "Together"), ("records", "Records"),
            ("reproduce", "Reproduce"),
        )
    )  # fmt: skip
    return f"""<div class="verdict {kind}">
<p class="kind">SCORM 1.2 audit{origin.source(report)}</p>
<h1><span class="{kind}">{mark(kind)}</span>{story.headline(report, book.placed)}</h1>
<p class="lead">{" ".join(story.besides(report))}</p>{f"<ul>{listed}</ul>" if told else ""}</div>
<nav aria-label="Sections"><ul>{links}</ul></nav>{_tiles(book)}"""


def _tiles(book: _Book) -> str:
    report, found = book.report, book.placed.findings
    broken = found["record"].nunique()
    tiles = [
        ("records", f"{report.records:,}"),
        ("without a finding", f"{report.records - broken:,}"),
        *(
            (f'<span class="{kind}">{mark(kind)}</span>{WORD[kind]}s', f"{report.count(kind):,}")
            for kind in ORDER
        ),
    ]
    cells = "".join(f"<div><dt>{name}</dt><dd>{number}</dd></div>" for name, number in tiles)
    return f'<dl class="tiles">{cells}</dl>'


def _rules(book: _Book, most: int, pages: int) -> str:
    report, files = book.report, book.files
    shelf = Shelf(
        findings=by_rule(book.placed.findings),
        records=book.records,
        pages={position: n for n, position in enumerate(book.worst[:pages], 1)},
        links=files.links,
        notes={rule: [story.concentrated(one)] for rule, one in book.common.items()},
        show_values=book.show_values,
        most=most,
    )
    ranked = sorted(report.results, key=sort_key)
    loud = "".join(row(r, shelf) for r in ranked if r.outcome in ("crashed", "broken"))
    return "".join(
        (
            f'{HEAD}<ul class="rules">{loud}</ul>' if loud else "<p>No rule was broken.</p>",
            _beside(files),
            _quiet("could not be judged", [r for r in ranked if r.outcome == "unknown"]),
            _quiet("held", [r for r in ranked if r.outcome == "held"]),
            _allowances(report),
        )
    )


def _quiet(words: str, results: Sequence[Result]) -> str:
    """The rules without findings, folded."""
    if not results:
        return ""
    last = "<th scope='col' class='number'>tested</th>"
    if words != "held":
        last = "<th scope='col' class='number'>unknown</th><th scope='col'>why</th>"
    return f"""<details class="plain held-rules"><summary>{counted(len(results), "rule")} {words}
</summary><table class="stacked"><thead><tr><th scope="col">rule</th>
<th scope="col">what must not be</th><th scope="col">severity</th>{last}</tr></thead>
<tbody>{"".join(map(quiet, results))}</tbody></table></details>"""


def _beside(files: Downloads) -> str:
    if not files.beside:
        return ""
    names = ", ".join(file.name for file in files.beside)
    others = len(files.links) > len(files.beside)
    within = " The other downloads are within the page." if others else ""
    return (
        f'<p class="note">Too much for this page, so in the folder <code>{text(files.folder)}'
        f"</code> beside it: {text(names)}.{within}</p>"
    )


def _allowances(report: Report) -> str:
    if not report.allowances:
        return ""
    listed = "".join(
        f'<tr><th scope="row">{text(leave.allowance.rule)}</th><td>{leave.state}</td>'
        f'<td class="number">{leave.findings:,}</td><td>{leave.allowance.until}</td>'
        f"<td>{bounded(leave.allowance.reason, 200)}</td></tr>"
        for leave in report.allowances
    )
    return f"""<h3>Allowed</h3><table class="stacked"><thead><tr><th scope="col">rule</th>
<th scope="col">state</th><th scope="col" class="number">findings</th><th scope="col">until</th>
<th scope="col">why</th></tr></thead><tbody>{listed}</tbody></table>"""


def _pages(book: _Book, most: int, elements: int) -> str:
    if not book.worst[:most]:
        why = "Not shown, for want of room." if book.worst else "None."
        return f"<p>{why}</p>"
    found = book.placed.findings
    labels = book.report.snapshot.manifest.labels if book.report.snapshot else ()
    return "".join(
        attempt.page(
            number, book.records[position], book.elements[position],
            found[found["record"].eq(position)], book.report.pack,
            labels=labels, show_values=book.show_values, most=elements,
        )
        for number, position in enumerate(book.worst[:most], 1)
    )  # fmt: skip


def _privacy(book: _Book) -> str:
    if book.show_values:
        return "This page shows what learners' records hold. Keep it as safe as the records."
    return (
        "What records hold is not shown: of a value the shape is (a for a letter, 9 for a digit), "
        "of free text the length. Ids are shortened here, but whole in the downloads. "
        "--show-values shows it all."
    )
