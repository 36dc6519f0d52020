"""A row a rule: what came of it, and folded below why, examples and its first findings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from scormaudit.audit import Result
from scormaudit.report.chart import bar, mark
from scormaudit.report.evidence import Row
from scormaudit.report.markup import counted, prose, text
from scormaudit.report.mending import Mended, mended
from scormaudit.report.veil import bounded, short, told
from scormaudit.rule import Rule, Severity, reason, title

ORDER: tuple[Severity, ...] = ("error", "warning", "info")
WORD = {"error": "error", "warning": "warning", "info": "note"}
HEAD = """<div class="row head" aria-hidden="true"><span></span><span>rule</span>
<span class="title">what must not be</span><span class="severity">severity</span>
<span class="number tested">tested</span><span class="number broken">broken</span>
<span class="share">share</span><span class="fix">fix</span></div>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What the rows are made of: findings by rule, records at hand, links, how much to show."""

    findings: Mapping[str, pd.DataFrame]
    records: Mapping[int, Row]
    pages: Mapping[int, int]
    links: Mapping[str, str]
    notes: Mapping[str, list[str]]
    show_values: bool
    most: int


def sort_key(result: Result) -> tuple[int, int, int, str]:
    """Crashed, broken, unknown, held; within these by severity and the number of findings."""
    ranks = ("crashed", "broken", "unknown", "held")
    rule = result.rule
    return ranks.index(result.outcome), ORDER.index(rule.severity), -result.broken, rule.code


def row(result: Result, shelf: Shelf) -> str:
    """One rule as an item of the list."""
    rule, share = result.rule, result.broken / max(result.tested, 1)
    kind = "crashed" if result.crashed else rule.severity
    word = "crashed" if result.crashed else WORD[rule.severity]
    link = shelf.links.get(rule.code)
    get = (
        f'<a class="get" href="{text(link)}" download="{text(rule.code)}.csv" '
        f'aria-label="CSV of {text(rule.code)}">CSV</a>'
        if link
        else ""
    )
    return f"""<li><details><summary class="row"><span class="code">{text(rule.code)}</span>
<span class="title">{prose(title(rule))}</span>
<span class="severity {kind}">{mark(kind)}{word}</span>
<span class="number tested">{result.tested:,}</span>
<span class="number broken">{result.broken:,}<span class="unit"> of {result.tested:,}
broken</span></span>
<span class="share">{bar(share, kind)}<span class="number">{percent(share)}</span></span>
<span class="fix">{text(rule.fix)}</span></summary>
<div class="fold" id="{text(rule.code)}">{_fold(result, shelf)}</div></details>{get}</li>
"""


def percent(share: float) -> str:
    """A share in percent that no line breaks: `<0.1 %` is not nothing, and `100 %` is all."""
    if 0 < share < 0.001:
        return "&lt;0.1&nbsp;%"
    if 0.999 <= share < 1:
        return "99.9&nbsp;%"
    return f"{100 * share:.1f}".removesuffix(".0") + "&nbsp;%"


def quiet(result: Result) -> str:
    """A rule without findings as a row of a table."""
    rule = result.rule
    if result.outcome == "unknown":
        last = f'<td class="number">{result.unknown:,}</td><td>{text(result.reason)}</td>'
    else:
        allowed = f", {result.allowed:,} allowed" if result.allowed else ""
        last = f'<td class="number">{result.tested:,}{allowed}</td>'
    return (
        f'<tr><th scope="row" class="code">{text(rule.code)}</th><td>{prose(title(rule))}</td>'
        f"<td>{WORD[rule.severity]}</td>{last}</tr>"
    )


def _fold(result: Result, shelf: Shelf) -> str:
    rule = result.rule
    page = f'<p class="note">SCORM 1.2 Run-Time Environment, page {text(rule.page)}.</p>'
    parts = [
        f"<p>The rule crashed: {text(result.reason)}.</p>" if result.crashed else "",
        *(f"<p>{prose(' '.join(part.split()))}</p>" for part in reason(rule).split("\n\n")),
        page if rule.page else "",
        *(f"<p>{note}</p>" for note in shelf.notes.get(rule.code, ())),
        _unjudged(result),
        _examples(rule),
        _found(rule, shelf),
    ]
    return "".join(filter(None, parts))


def _unjudged(result: Result) -> str:
    if not result.unknown:
        return ""
    verb = "was" if result.unknown == 1 else "were"
    return f"<p>{counted(result.unknown, 'row')} {verb} not judged: {text(result.reason)}.</p>"


def _examples(rule: type[Rule]) -> str:
    parts = [
        f"<dt>{word}</dt><dd>{_example(rows[0])}</dd>"
        for word, rows in (("Holds", rule.good), ("Breaks", rule.bad))
        if rows
    ]
    return f'<dl class="examples">{"".join(parts)}</dl>' if parts else ""


def _example(example: Row) -> str:
    return ", ".join(
        f"<code>{text(name)}</code> {told(_text(value), name, show=True)}"
        for name, value in example.items()
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _found(rule: type[Rule], shelf: Shelf) -> str:
    mine = shelf.findings.get(rule.code)
    if mine is None or not shelf.most:
        return ""
    shown = mine.head(shelf.most)
    rows = "".join(_finding(rule, finding, shelf) for finding in shown.itertuples(index=False))
    caption = f"{len(mine):,} findings" if len(mine) > 1 else "1 finding"
    if len(shown) < len(mine):
        caption = f"The first {len(shown)} of {caption}"
    after = "" if rule.fix == "manual" else ", before → after the repair"
    return f"""<table class="stacked finds"><caption>{caption}{after}</caption><thead><tr>
<th scope="col">enrollment</th><th scope="col">course and SCO</th><th scope="col">element</th>
<th scope="col">{"value" if rule.fix == "manual" else "before → after"}</th></tr></thead>
<tbody>{rows}</tbody></table>"""


def _finding(rule: type[Rule], finding: Any, shelf: Shelf) -> str:
    change = mended(rule, finding, shelf.records.get(finding.record))
    page = shelf.pages.get(finding.record)
    name = f"<code>{short(finding.enrollment_id)}</code>"
    name = f'<a href="#record-{page}">{name}</a>' if page else name
    course = short(finding.course)
    where = f"{course}<br>" if course else ""
    titled = f" {bounded(finding.title, 40)}" if finding.title else ""
    return (
        f"<tr><td>{name}</td><td>{where}<code>{bounded(finding.sco_id, 40)}</code>{titled}</td>"
        f"<td><code>{bounded(change.element)}</code></td>"
        f"<td>{_change(rule, change, show=shelf.show_values)}</td></tr>"
    )


def _change(rule: type[Rule], change: Mended, *, show: bool) -> str:
    before = told(_text(change.before), change.column, show=show)
    if change.after is not None:
        return f"{before} → {told(change.after, change.column, show=show)}"
    return before if rule.fix == "manual" else f"{before} → <i>{change.why}</i>"
