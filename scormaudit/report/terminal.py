"""Reports, plans and runs as tables that fit eighty columns."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any, get_args

from rich.console import Console, Group, RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from scormaudit.cmi import COMPLETED, FIELDS
from scormaudit.pack import declared
from scormaudit.report.markup import many, visible
from scormaudit.rule import Edit, Fix, Row, Rule, Severity, columns, reason, subject, theme, title

if TYPE_CHECKING:
    from scormaudit.applied import Applied
    from scormaudit.audit import Report, Result
    from scormaudit.doctor import Check
    from scormaudit.entry import Entry
    from scormaudit.plan import Plan

_STYLE = {"error": "bold red", "warning": "yellow", "info": "blue", "crashed": "bold magenta"}
_WELL = ("verified", "already", "would_send")
_EXAMPLES = 4
_REASONS, _CODES = 4, 6
_ORDER: tuple[Severity, ...] = ("error", "warning", "info")


def findings(report: Report) -> RenderableType:
    """The rules that were broken or crashed, worst first; below them in a few lines what is
    allowed, which parts cannot be read and what could not be judged; then a line of totals."""
    from scormaudit.report.gap import named

    shown = [r for r in report.results if r.outcome in ("broken", "crashed")]
    shown.sort(key=lambda r: (r.outcome != "crashed", _ORDER.index(r.rule.severity), -r.broken))
    table = _table("rule", "severity", "broken", "fix", "what")
    table.columns[2].justify = "right"
    for result in shown:
        word = "crashed" if result.outcome == "crashed" else result.rule.severity
        what = result.reason if result.outcome == "crashed" else title(result.rule)
        table.add_row(
            result.rule.code, Text(word, _STYLE[word]), str(result.broken), result.rule.fix, what
        )
    lost = [Text(f"cannot be read: {file}", "red") for file in named(report)]
    notes = [*_allowances(report), *lost, *_unjudged(report)]
    gap = [Text()] if notes else []
    return Group(*([table] if shown else []), *gap, *notes, *gap, Text(summary(report)))


def summary(report: Report) -> str:
    """One sentence with the verdict."""
    counts = ", ".join(
        many(report.count(severity), severity if severity != "info" else "note")
        for severity in _ORDER
    )
    outcomes = [result.outcome for result in report.results]
    tail = "".join(
        f"; {many(outcomes.count(word), 'rule')} {text}"
        for word, text in (("unknown", "could not be judged"), ("crashed", "crashed"))
        if word in outcomes
    )
    tail = f"{_permitted(report)}{tail}"
    part = "" if report.complete else "; the snapshot is incomplete"
    judged = f"{many(report.records, 'record')} by {many(len(outcomes), 'rule')}"
    return f"{counts} in {judged}{tail}{part}."


def changes(plan: Plan, never: Iterable[str] = ()) -> RenderableType:
    """How many changes of which kind a plan proposes, and what of which rule it leaves and why."""
    from scormaudit.report.leaving import left_alone

    table = _table("rules", "class", "field", "undo", "changes")
    table.columns[4].justify = "right"
    grouped = Counter(
        (" ".join(change.rules), change.kind, op.field, op.undo)
        for change in plan.proposed
        for op in change.ops
    )
    for words, number in sorted(grouped.items()):
        table.add_row(*words, str(number))
    lines: list[RenderableType] = [table] if grouped else []
    lines += [Text(f"left alone: {line}") for line in (*left_alone(plan), *never)]
    safe = sum(change.kind == "safe" for change in plan.proposed)
    lines.append(Text(f"{many(len(plan), 'change')}, {safe} of them safe."))
    return Group(*lines)


def run(applied: Applied) -> RenderableType:
    """How each change ended; those that went well only as a count."""
    table = _table("change", "state", "rules", "SCO", "detail")
    loud = [d for d in applied.done if d.detail or d.state not in _WELL]
    for done in loud:
        change = done.change
        rules = " ".join(change.rules)
        table.add_row(change.hash[:12], done.state, rules, change.sco_id, done.detail)
    lines: list[RenderableType] = [table] if loud else []
    counts = Counter(done.state for done in applied.done)
    lines.append(Text(", ".join(f"{n} {state}" for state, n in counts.items()) or "no changes"))
    if applied.stopped:
        lines.append(Text(applied.stopped, "bold red"))
    return Group(*lines)


def rules(catalogue: Iterable[type[Rule]]) -> RenderableType:
    """The catalogue, a table a theme: code, severity, fix class and title; then totals."""
    catalogue = tuple(catalogue)
    lines: list[RenderableType] = []
    for name, group in groupby(sorted(catalogue, key=theme), key=theme):
        table = Table(box=None, pad_edge=False, show_header=False, show_edge=False)
        for width in (7, 8, 9, None):
            table.add_column(width=width)
        for rule in group:
            mark = "" if rule.severity == declared(rule) else "*"
            severity = Text(f"{rule.severity}{mark}", _STYLE[rule.severity])
            table.add_row(rule.code, severity, Text(rule.fix, "dim"), title(rule))
        lines += [Text(name, "bold"), table, Text()]
    if any(rule.severity != declared(rule) for rule in catalogue):
        lines.append(Text("* by pyproject.toml; `explain` says what the rule itself says", "dim"))
    kinds = Counter(rule.severity for rule in catalogue)
    fixes = Counter(rule.fix for rule in catalogue)
    parts = [f"{kinds[word]} {word}" for word in _ORDER if kinds[word]]
    parts += [f"{fixes[word]} {word}" for word in get_args(Fix) if fixes[word]]
    lines.append(
        Text(": ".join([many(len(catalogue), "rule"), ", ".join(parts)][: 1 + bool(parts)]))
    )
    return Group(*lines)


def explained(rule: type[Rule]) -> RenderableType:
    """One rule in full: why, where it is written, examples, and what can be mended how."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    was = f", by pyproject.toml; the rule itself says {declared(rule)}"
    severity = Text(rule.severity, _STYLE[rule.severity])
    severity.append("" if rule.severity == declared(rule) else was, "default")
    grid.add_row("severity", severity)
    grid.add_row("theme", theme(rule))
    if rule.page:
        grid.add_row("written in", f"SCORM 1.2 RTE, page {rule.page}")
    grid.add_row("reads", f"{', '.join(columns(rule))} of {rule.table}")
    grid.add_row()
    for label, rows in (("holds", rule.good), ("breaks", rule.bad)):
        for number, row in enumerate(rows[:_EXAMPLES]):
            grid.add_row("" if number else label, _example(row))
            if label == "breaks" and rule.fix != "manual":
                grid.add_row("", _mending(rule, row))
        grid.add_row()
    for number, line in enumerate(_repair(rule)):
        grid.add_row("" if number else "repair", Text(line))
    why = [part for text in reason(rule).split("\n\n") for part in (_reflowed(text), Text())]
    head = Text.assemble((rule.code, "bold"), "  ", (title(rule), "bold"))
    return Constrain(Group(head, Text(), *why, grid), 80)


def examined(checks: Iterable[Check]) -> RenderableType:
    """What the doctor saw: problems and unknowns with what to do about them."""
    table = _table("", "what", "seen")
    for check in checks:
        style = {"ok": "green", "problem": "bold red", "unknown": "yellow"}[check.state]
        seen = f"{check.what} {check.todo}".strip() if check.state != "ok" else check.what
        table.add_row(Text(check.state, style), check.name, seen)
    return table


def entries(journal: list[Entry]) -> RenderableType:
    """Every entry of a journal by kind and state, without learners' values."""
    table = _table("seq", "at (UTC)", "kind", "change", "state", "detail")
    for entry in journal:
        content = entry.content()
        state = content.get("state") or content.get("outcome") or ""
        detail = content.get("detail") or content.get("reason") or content.get("target") or ""
        at = entry.at[:19].replace("T", " ")  # so that a narrow column breaks it there
        table.add_row(str(entry.seq), at, entry.kind, entry.change[:12], state, detail)
    return table


def plain(renderable: RenderableType) -> str:
    """The same as a terminal shows, as text."""
    made = _console(file=io.StringIO(), width=80)
    made.print(renderable)
    return made.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def console(*, stderr: bool = False, width: int = 80) -> Console:
    """A console as wide as its terminal; plain text of `width` columns where there is none."""
    made = _console(stderr=stderr, soft_wrap=False)
    return made if made.is_terminal else _console(stderr=stderr, width=width)


def _console(**options: Any) -> Console:
    """A console that takes no text for markup: a learner may have written `[/bold]`."""
    return Console(highlight=False, markup=False, emoji=False, **options)


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", show_edge=False)
    for name in names:
        table.add_column(name, overflow="fold", no_wrap=name in ("rule", "severity", "change"))
    return table


def _example(row: Row) -> str:
    return ", ".join(
        f"{name} {'absent' if text is None else visible(text)}" for name, text in row.items()
    )


def _permitted(report: Report) -> str:
    """`; 3 allowed until 2030-12-31`, and how many allowances no longer hold."""
    used = [standing for standing in report.allowances if standing.state == "used"]
    lapsed = sum(standing.state == "expired" for standing in report.allowances)
    days = sorted({standing.allowance.until for standing in used})
    first = "the first until" if len(days) > 1 else "until"
    allowed = f"; {len(report.allowed)} allowed {first} {days[0]}" if days else ""
    return allowed + (f"; {many(lapsed, 'allowance')} expired" if lapsed else "")


def _allowances(report: Report) -> Iterator[Text]:
    """A line an allowance: what it covers, until when and why."""
    from scormaudit.frame import RECORD

    for standing in report.allowances:
        leave = standing.allowance
        place = "".join(
            f", {name} {getattr(leave, name)}" for name in RECORD if getattr(leave, name)
        )
        match standing.state:
            case "used":
                word, style = f"{many(standing.findings, 'finding')} until {leave.until}", ""
            case "unused":
                word, style = f"nothing to allow until {leave.until}", "dim"
            case "expired":
                word, style = f"expired {leave.until}, so its findings count", "yellow"
        yield Text(f"allowed: {leave.rule} {word}{place} ({leave.reason})", style)


def _unjudged(report: Report) -> Iterator[Text]:
    """A line a reason for which rules could not judge, the most frequent first."""
    by_reason: dict[str, list[Result]] = {}
    for result in report.results:
        if result.unknown and not result.crashed:
            by_reason.setdefault(result.reason, []).append(result)
    ranked = sorted(by_reason.items(), key=lambda item: -sum(r.unknown for r in item[1]))
    for why, results in ranked[:_REASONS]:
        results.sort(key=lambda result: -result.unknown)
        codes = [f"{r.rule.code} {r.unknown}/{r.unknown + r.tested}" for r in results[:_CODES]]
        more = f" and {len(results) - _CODES} more" if len(results) > _CODES else ""
        yield Text(f"not judged: {why} ({', '.join(codes)}{more})", "dim")
    if len(ranked) > _REASONS:
        rest = sum(len(results) for _, results in ranked[_REASONS:])
        yield Text(f"not judged: {many(rest, 'rule')} more for other reasons", "dim")


def _mending(rule: type[Rule], row: Row) -> Text:
    """The field and value that the API is sent for one example."""
    from scormaudit.lms.wire import encode
    from scormaudit.plan import FIELD

    edit = rule.repair(row)
    if edit is None:
        return Text("not mended: no value is certain", "dim")
    sent = json.dumps(encode(FIELD[edit.field], edit.text), ensure_ascii=False)
    back = "" if sent.strip('"') == edit.text else f", which reads back as {visible(edit.text)}"
    return Text(f"mended by EditScormData {edit.field} = {sent}{back}", "green")


def _repair(rule: type[Rule]) -> Iterator[str]:
    """Who may mend it, and what mending cannot do."""
    fields = [field.name for field in FIELDS if field.column == subject(rule)]
    if rule.fix == "manual":
        if rule.table == "records" and fields:
            yield f"None: EditScormData could write {fields[0]}, but no value for it is certain."
        else:
            yield "None: EditScormData has no field for this."
        return
    if rule.fix == "safe":
        yield "Safe: `scormaudit propose` plans it; it is sent when a person has approved it."
    else:
        yield "Judgement: planned by `scormaudit propose --include judgement`; a person decides."
    edits = [(row, edit) for row in rule.bad if (edit := rule.repair(row))]
    yield from _undoing(rule, edits)
    if any((edit.field, edit.text) == ("lesson_status", "completed") for _, edit in edits):
        yield COMPLETED
    if len(edits) < len(rule.bad):
        yield "Rows without a certain value are left alone."


def _undoing(rule: type[Rule], edits: Iterable[tuple[Row, Edit]]) -> Iterator[str]:
    """What writing the old values back cannot do, each once."""
    from scormaudit.plan import FIELD, undo_of

    undone = [undo_of(edit.field, row.get(FIELD[edit.field].column)) for row, edit in edits]
    for kind, why in dict.fromkeys(undone):
        if kind == "impossible" and rule.fix == "safe":
            yield f"Undo: {why}; there a person decides (--include judgement)."
        elif why:
            yield f"Undo: {why}."


def _reflowed(text: str) -> Text:
    return Text(" ".join(text.split()))
