"""A plan before its reviewers: an overview, a list of all changes, a card of one."""

import sys
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scormaudit.applied import Applied
from scormaudit.plan import Change, Op, Plan
from scormaudit.report.facets import Facet, facets, pairs
from scormaudit.report.lettering import brief, coded, compared
from scormaudit.report.markup import many
from scormaudit.review import Decision, Verdict, counted

_PAIRS = 8
_VALUE = 24


def reviewed(plan: Plan, found: Mapping[str, Verdict]) -> RenderableType:
    """Every change below the facet of its like: hash, verdict, and each field old and new."""
    lines: list[RenderableType] = []
    for facet in facets(plan.proposed):
        grid = Table.grid(padding=(0, 2, 0, 0))
        for width in (14, 22, None):
            grid.add_column(width=width, overflow="fold")
        for name, change in facet.by_hash.items():
            edits = "\n".join(_edit(op) for op in change.ops)
            grid.add_row(f"  {name[:12]}", coded(str(found[name])), edits)
        lines += [heading(facet), grid, Text()]
    risks = dict.fromkeys(risk for change in plan.proposed for risk in change.risks)
    lines += [Text(coded(risk), "yellow") for risk in risks]
    return Group(*lines, Text(tally(found)))


def sendable(applied: Applied) -> RenderableType:
    """Each change that an execution would send now, and its fields old and new below it."""
    lines = [
        line
        for change in (done.change for done in applied.done if done.state == "would_send")
        for line in (
            f"{change.hash[:12]}  {change.enrollment_id}  {coded(change.sco_id)}",
            *(f"  {op.field} {brief(_before(op))} → {brief(op.after)}" for op in change.ops),
        )
    ]
    return Group(*map(Text, lines))


def heading(facet: Facet) -> Text:
    """One line on a facet: rules, how many, old → new, and what is unusual."""
    text = Text.assemble((facet.rules, "bold"), f"  {many(len(facet), 'change')}  {facet.pattern}")
    return text.append(f"  ! {', '.join(facet.unusual)}", "yellow") if facet.unusual else text


def overview(made: Sequence[Facet], found: Mapping[str, Verdict]) -> RenderableType:
    """Every facet with how many of its changes are settled, the unusual first."""
    table = Table(box=None, pad_edge=False, header_style="dim", show_edge=False)
    for name in ("rules", "settled", "old → new", "unusual"):
        table.add_column(name, overflow="fold", no_wrap=name == "settled")
    table.columns[1].justify = "right"
    for facet in made:
        settled = sum(found[name].settled for name in facet.by_hash)
        table.add_row(
            facet.rules, f"{settled}/{len(facet)}", facet.pattern,
            Text(", ".join(facet.unusual), "yellow"),
        )  # fmt: skip
    return table


def tally(found: Mapping[str, Verdict]) -> str:
    """All verdicts counted: `2 of 3 decided: 1 approved, 1 rejected by Ann, 1 open.` for one."""
    heard = sum(verdict.word != "open" for verdict in found.values())
    return f"{heard} of {len(found)} decided: {coded(counted(found.values()))}."


def card(change: Change, facet: Facet, verdict: Verdict, width: int) -> RenderableType:
    """All that a reviewer needs to see of one change, on lines of `width` cells."""
    labels = [f"{coded(name)} {brief(text or '')}" for name, text in change.labels.items()]
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for code, why in zip(change.rules, change.reasons, strict=False):
        grid.add_row(code, coded(why))
    if labels:
        grid.add_row("of", " · ".join(labels))
    grid.add_row("record", f"enrollment {coded(change.enrollment_id)}, SCO {coded(change.sco_id)}")
    grid.add_row("class", change.kind)
    for op in change.ops:
        grid.add_row("undo", f"{op.field}: {op.undo}{' — ' * bool(op.undo_reason)}{op.undo_reason}")
    for risk in change.risks:
        grid.add_row("risk", Text(coded(risk), "yellow"))
    if facet.unusual:
        grid.add_row("unusual", Text(", ".join(facet.unusual), "bold yellow"))
    for decision in said(verdict):
        grid.add_row("said", decision)
    more = f", {verdict.needed} reviewers must approve" if verdict.needed > 1 else ""
    grid.add_row("verdict", f"{coded(str(verdict))}{more}")
    values = [line for op in change.ops for line in _values(op, width)]
    return Group(grid, *values)


def said(verdict: Verdict) -> list[str]:
    """A line for each reviewer: who, what, when and why."""
    words: tuple[tuple[str, tuple[Decision, ...]], ...] = (
        ("approves", verdict.approved), ("rejects", verdict.rejected),
        ("defers", verdict.deferred), ("approved, which has expired", verdict.late),
        ("approves, which does not count (four eyes)", verdict.barred),
    )  # fmt: skip
    return [
        f"{coded(d.reviewer)} {word} ({d.at[:10]}: {brief(d.reason)})"
        for word, decisions in words
        for d in decisions
    ]


def alike(changes: Iterable[Change]) -> RenderableType:
    """The different old and new values among changes, the rarest first, and how many are left."""
    counted = sorted(pairs(changes).items(), key=lambda item: item[1])
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(justify="right")
    grid.add_column(overflow="fold")
    for edits, number in counted[:_PAIRS]:
        grid.add_row(f"{number} times" if number > 1 else "once", "\n".join(
            f"{field} {brief(old, _VALUE)} → {brief(new, _VALUE)}" for field, old, new in edits
        ))  # fmt: skip
    left = counted[_PAIRS:]
    more = (
        [Text(f"and {many(len(left), 'more pair')} in {sum(n for _, n in left)} changes")]
        if left
        else []
    )
    return Group(grid, *more)


def values(change: Change) -> RenderableType:
    """Every value of a change in full, whatever its length."""
    texts = [
        f"{op.field} {label}: {brief(text, sys.maxsize)}"
        for op in change.ops
        for label, text in (("old", _before(op)), ("new", op.after))
    ]
    return Group(*map(Text, texts))


def _edit(op: Op) -> str:
    return f"{op.field} {brief(_before(op), _VALUE)} → {brief(op.after, _VALUE)}"


def _values(op: Op, width: int) -> list[RenderableType]:
    """A field old and new, what differs marked."""
    lines: list[RenderableType] = [Text(f"{op.field} ({op.element})", "bold")]
    return lines + [
        Padding(line, (0, 0, 0, 2)) for line in compared(_before(op), op.after, width - 2)
    ]


def _before(op: Op) -> str | None:
    return None if op.before.state == "absent" else op.before.text
