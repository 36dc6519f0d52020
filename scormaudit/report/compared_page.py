"""A comparison as one HTML file that loads nothing from elsewhere and runs nothing."""

import base64
import hashlib
import platform
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from scormaudit.compare import KINDS, Comparison, with_values
from scormaudit.compare.account import SUMS
from scormaudit.frame import RECORD
from scormaudit.report.chart import mark, stack, symbols
from scormaudit.report.compared import WORDS, by_course, by_status, notes, verdict
from scormaudit.report.html import LIMIT
from scormaudit.report.markup import counted, text
from scormaudit.report.veil import bounded, short, told

_STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
_MARKS = {"lost": "error", "value": "warning", "gained": "info", "spelling": "held",
          "blank": "unknown"}  # fmt: skip
_HEADS = {"added": "new records"}
_SIZES = ((200, 60, 40, 8), (60, 40, 20, 4), (20, 20, 10, 2), (10, 5, 3, 1), (5, 0, 0, 0))
"""How many courses, elements, records and changed cells of an element a page has room for."""


def as_html(found: Comparison, *, show_values: bool = False) -> str:
    """The page; it shows as much as there is room for, and says of how much that is.

    Learners' values are shown only if `show_values`.
    """
    page = ""
    for courses, elements, records, cells in _SIZES:
        page = _page(found, courses, elements, records, cells, show_values)
        if len(page.encode("utf-8", "replace")) < LIMIT:
            break
    return page


def _page(
    found: Comparison, courses: int, elements: int, records: int, cells: int, show: bool
) -> str:
    kind = _kind(found)
    told_besides = " ".join(map(text, notes(found)))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">
<title>SCORM comparison</title><style>{_STYLE}</style></head><body>{symbols()}
<header><div class="verdict {kind}"><p class="kind">Comparison of two SCORM 1.2 snapshots</p>
<h1><span class="{kind}">{mark(kind)}</span>{_headline(found)}</h1>
<p class="lead">{text(verdict(found))} {told_besides}</p></div>
<nav aria-label="Sections"><ul>{_links()}</ul></nav>{_tiles(found)}</header><main>
<h2 id="records">Records by status and {found.grouped_by}</h2>{_records(found, courses)}
<h2 id="elements">Changed elements</h2>{_elements(found, elements)}
<h2 id="findings">Findings</h2>{_findings(found)}
<h2 id="missing">Missing and new records</h2>{_alone(found, records)}
<h2 id="cells">Changed cells</h2>{_cells(found, cells, show=show)}
<h2 id="reproduce">How to reproduce</h2>{_facts(found)}
</main><footer>{_privacy(show=show)}</footer></body></html>
"""


def _links() -> str:
    words = ("Records", "Elements", "Findings", "Missing", "Cells", "Reproduce")
    return "".join(f'<li><a href="#{word.lower()}">{word}</a></li>' for word in words)


def _kind(found: Comparison) -> str:
    if len(found.missing) or found.count("lost"):
        return "error"
    if not found.complete:
        return "unknown"
    return "held" if found.alike else "warning"


def _headline(found: Comparison) -> str:
    if found.same:
        return "Nothing differs"
    if found.alike:
        return "Alike but for spelling"
    harm = [
        *([f"{counted(len(found.missing), 'record')} missing"] if len(found.missing) else []),
        *([f"{counted(found.count('lost'), 'value')} lost"] if found.count("lost") else []),
    ]
    return " and ".join(harm) or "Nothing lost, but not alike"


def _tiles(found: Comparison) -> str:
    tiles = [
        ("old records", len(found.old)), ("new records", len(found.new)),
        ("in both", found.paired), ("missing", len(found.missing)),
        ("only in new", len(found.added)),
    ]  # fmt: skip
    cells = "".join(f"<div><dt>{name}</dt><dd>{number:,}</dd></div>" for name, number in tiles)
    drawn = stack((_MARKS[kind], found.count(kind)) for kind in KINDS)
    listed = "".join(
        f'<li><span class="{_MARKS[kind]}">{mark(_MARKS[kind])}</span>{found.count(kind):,} '
        f"{WORDS[kind]}</li>"
        for kind in KINDS
    )
    return f'<dl class="tiles">{cells}</dl>{drawn}<ul class="legend">{listed}</ul>'


def _records(found: Comparison, most: int) -> str:
    courses = by_course(found)
    shown = courses.head(most)
    left = len(courses) - len(shown)
    status = _table(
        "By status, in all courses", ["status", *SUMS],
        ([text(name), *sums] for name, *sums in by_status(found).itertuples(index=False)),
    )  # fmt: skip
    named = shown[["course", *SUMS]].itertuples(index=False)
    course = _table(
        f"By {found.grouped_by}, most differences first", [found.grouped_by, *SUMS],
        ([short(name), *sums] for name, *sums in named),
    )  # fmt: skip
    more = f'<p class="note">Not shown: {counted(left, found.grouped_by)} more.</p>' if left else ""
    return status + course + more + _crossed(found, shown["course"].head(20).tolist())


def _crossed(found: Comparison, courses: Sequence[str]) -> str:
    """Course by status, folded: the counts as they stand in `records`."""
    own = found.records[found.records["course"].isin(courses)]
    rows = own[["course", "status", *SUMS]].itertuples(index=False)
    table = _table(
        f"By {found.grouped_by} and status", [found.grouped_by, "status", *SUMS],
        ([short(course), text(status), *sums] for course, status, *sums in rows), texts=2,
    )  # fmt: skip
    return f"""<details class="plain"><summary>Each {found.grouped_by} by status
</summary>{table}</details>"""


def _elements(found: Comparison, most: int) -> str:
    elements = found.elements
    if elements.empty:
        return "<p>Every cell of the records that both have is the same.</p>"
    shown = elements.head(most).itertuples(index=False)
    table = _table(
        "Cells that differ, most harm first", ["element", *(WORDS[kind] for kind in KINDS)],
        ([f"<code>{bounded(name)}</code>", *sums] for name, *sums in shown),
    )  # fmt: skip
    left = len(elements) - most
    more = f'<p class="note">Not shown: {counted(left, "element")} more.</p>' if left > 0 else ""
    return f"""<p class="note">Spelling only: timespans of one length, decimals of one value, dates
of one instant, a word in other case or spacing. No value: empty, absent or failed on both sides,
not the same of these.</p>{table}{more}"""


def _findings(found: Comparison) -> str:
    if found.findings is None:
        return "<p>Neither snapshot was audited.</p>"
    rules = found.findings.rules
    if rules.empty:
        return "<p>No finding in either.</p>"
    return _table(
        "What the rules found", ["rule", "severity", "vanished", "appeared", "stayed"],
        (
            [text(rule), text(severity), *sums]
            for rule, severity, *sums in rules.itertuples(index=False)
        ),
        texts=2,
    )  # fmt: skip


def _alone(found: Comparison, most: int) -> str:
    tables = []
    for word, frame in (("missing", found.missing), ("new", found.added)):
        shown = frame.head(most)
        if shown.empty:
            tables.append(f"<p>{'Not shown' if len(frame) else 'None'} {word}.</p>")
            continue
        caption = f"The first {len(shown):,} of {len(frame):,} {word}"
        rows = shown[[*RECORD, "course", "status"]].itertuples(index=False)
        tables.append(
            _table(
                caption if len(shown) < len(frame) else f"{len(frame):,} {word}",
                ["enrollment", "assignment", "SCO", found.grouped_by, "status"],
                ([*(f"<code>{short(i)}</code>" for i in row[:3]), short(row[3]), text(row[4])]
                 for row in rows),
                texts=5,
            )
        )  # fmt: skip
    return "".join(tables)


def _cells(found: Comparison, most: int, *, show: bool) -> str:
    if found.changes.empty:
        return "<p>None.</p>"
    if not most:
        return "<p>Not shown, for want of room.</p>"
    some = found.changes.groupby(["table", "column", "kind"], observed=True, sort=False).head(most)
    some = with_values(some, found.old, found.new)
    parts = [
        _fold(kind, own, found.count(kind), show=show)
        for kind in KINDS
        if len(own := some[some["kind"].eq(kind)])
    ]
    return "".join(parts)


def _fold(kind: str, changes: pd.DataFrame, number: int, *, show: bool) -> str:
    table = _table(
        f"{f'Some of {number:,}' if len(changes) < number else 'All'} {WORDS[kind]}",
        ["enrollment", "SCO", "element", "old → new"],
        (_change(change, show=show) for change in changes.itertuples(index=False)),
        texts=4,
    )
    words = f"{mark(_MARKS[kind])}{number:,} {WORDS[kind]}"
    opened = " open" if kind in ("lost", "value") else ""
    return f"""<details class="plain"{opened}><summary><span class="{_MARKS[kind]}">{words}</span>
</summary>{table}</details>"""


def _change(change: Any, *, show: bool) -> list[str]:
    sides = [
        _side(*side, column=change.column, show=show)
        for side in ((change.old, change.old_state), (change.new, change.new_state))
    ]
    return [
        f"<code>{short(change.enrollment_id)}</code>",
        f"<code>{bounded(change.sco_id, 40)}</code>",
        f"<code>{bounded(change.element)}</code>",
        " → ".join(sides),
    ]


def _side(value: str | None, state: str, *, column: str, show: bool) -> str:
    """One side of a change: its text if it is known, else in which state the cell is."""
    if value is not None:
        return told(value, column, show=show)
    return f"<i>{'there' if state == 'value' else state}</i>"


def _table(
    caption: str, names: Sequence[str], rows: Iterable[Sequence[Any]], texts: int = 1
) -> str:
    """A table whose first columns are HTML and whose others are numbers."""
    head = "".join(
        f'<th scope="col"{"" if at < texts else _NUMBER}>{_HEADS.get(name, name)}</th>'
        for at, name in enumerate(names)
    )
    body = "".join(f"<tr>{''.join(_row(row))}</tr>" for row in rows)
    label = f' role="region" aria-label="{caption}"'
    return f"""<div class="scroll" tabindex="0"{label}><table><caption>{caption}</caption>
<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"""


_NUMBER = ' class="number"'


def _row(cells: Sequence[Any]) -> Iterator[str]:
    for at, cell in enumerate(cells):
        if isinstance(cell, str):
            yield f'<th scope="row">{cell}</th>' if not at else f"<td>{cell}</td>"
        else:
            yield f'<td class="number">{cell:,}</td>' if cell else f"<td{_NUMBER}>·</td>"


def _facts(found: Comparison) -> str:
    facts: dict[str, str] = {}
    for word, snapshot, digest in zip(
        ("old", "new"), (found.old, found.new), found.digests, strict=True
    ):
        manifest = snapshot.manifest
        whole = "complete" if manifest.complete else "incomplete"
        facts |= {
            f"{word} snapshot": f"{manifest.id}, {whole}",
            f"{word} read from": f"{manifest.base_url} until {manifest.to_utc}",
            f"{word} digest": f"{digest} (of all records, in any order)",
        }
    facts["compared by"] = f"scormaudit {version('scormaudit')}, Python {platform.python_version()}"
    listed = "".join(
        f"<dt>{name}</dt><dd><code>{bounded(fact, 200)}</code></dd>" for name, fact in facts.items()
    )
    return f'<dl class="facts">{listed}</dl>'


def _privacy(*, show: bool) -> str:
    if show:
        return "This page shows what learners' records hold. Keep it as safe as the records."
    return (
        "What records hold is not shown: of a value the shape is (a for a letter, 9 for a digit), "
        "of free text the length. Ids are shortened. --show-values shows values."
    )
