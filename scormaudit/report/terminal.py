"""Reports, plans and runs as tables that fit eighty columns."""

import io
from collections import Counter
from collections.abc import Iterable, Mapping

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from scormaudit.apply import Applied
from scormaudit.audit import Report
from scormaudit.journal import Entry
from scormaudit.plan import Plan
from scormaudit.report.markup import many, visible
from scormaudit.rule import Row, Rule, Severity, reason, theme, title

_STYLE = {"error": "bold red", "warning": "yellow", "info": "blue", "crashed": "bold magenta"}
_WELL = ("verified", "already", "would_send")
_ORDER: tuple[Severity, ...] = ("error", "warning", "info")


def findings(report: Report) -> RenderableType:
    """The rules that were broken or crashed, worst first, then a line of totals."""
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
    return Group(*([table] if shown else []), Text(summary(report)))


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
    part = "" if report.complete else "; the snapshot is incomplete"
    return f"{counts} in {many(report.records, 'record')} by {len(outcomes)} rules{tail}{part}."


def changes(plan: Plan) -> RenderableType:
    """How many changes of which kind a plan proposes, and why records were left alone."""
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
    reasons = Counter(refusal.reason for refusal in plan.refused)
    lines += [Text(f"left alone: {many(n, 'record')}, {why}") for why, n in reasons.items()]
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
    """The catalogue: code, severity, fix class and title."""
    table = _table("rule", "severity", "fix", "what must not be")
    for rule in catalogue:
        table.add_row(rule.code, Text(rule.severity, _STYLE[rule.severity]), rule.fix, title(rule))
    return table


def explained(rule: type[Rule]) -> RenderableType:
    """One rule in full: why, where it is written, examples, repair."""
    facts = f"{rule.severity}, fix {rule.fix}, theme {theme(rule)}"
    page = f"SCORM 1.2 RTE, page {rule.page}" if rule.page else ""
    lines = [f"{rule.code}  {title(rule)}", facts, page, "", reason(rule), ""]
    lines += [f"holds:  {_example(row)}" for row in rule.good[:3]]
    for row in rule.bad[:3]:
        edit = rule.repair(row)
        mended = f"  ->  {edit.field} = {edit.text!r}" if edit else ""
        lines.append(f"breaks: {_example(row)}{mended}")
    return Text("\n".join(line for line in lines if line or line == ""))


def reviewed(plan: Plan, meanings: Mapping[str, str]) -> RenderableType:
    """Every change: hash, decision, class, rules, and each field old and new."""
    table = _table("change", "decision", "class", "rules", "field", "old", "new", "undo")
    for change in plan.proposed:
        for op in change.ops:
            table.add_row(
                change.hash[:12], meanings.get(change.hash, "open"), change.kind,
                " ".join(change.rules), op.field, visible(op.before.text), visible(op.after),
                op.undo,
            )  # fmt: skip
    decided = sum(change.hash in meanings for change in plan.proposed)
    risks = dict.fromkeys(risk for change in plan.proposed for risk in change.risks)
    lines = [Text(risk, "yellow") for risk in risks]
    return Group(table, *lines, Text(f"{decided} of {len(plan)} decided."))


def entries(journal: list[Entry]) -> RenderableType:
    """Every entry of a journal by kind and state, without learners' values."""
    table = _table("seq", "at (UTC)", "kind", "change", "state", "detail")
    for entry in journal:
        content = entry.content()
        state = content.get("state") or content.get("outcome") or ""
        detail = content.get("detail") or content.get("reason") or content.get("target") or ""
        table.add_row(str(entry.seq), entry.at[:19], entry.kind, entry.change[:12], state, detail)
    return table


def plain(renderable: RenderableType) -> str:
    """The same as a terminal shows, as text."""
    made = Console(file=io.StringIO(), highlight=False, width=100)
    made.print(renderable)
    return made.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def console(*, stderr: bool = False) -> Console:
    """A console as wide as its terminal; plain text of 100 columns where there is none."""
    made = Console(stderr=stderr, highlight=False, soft_wrap=False)
    return made if made.is_terminal else Console(stderr=stderr, highlight=False, width=100)


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", show_edge=False)
    for name in names:
        table.add_column(name, overflow="fold", no_wrap=name in ("rule", "severity", "change"))
    return table


def _example(row: Row) -> str:
    return ", ".join(
        f"{name} {'absent' if text is None else visible(text)}" for name, text in row.items()
    )
