"""A plan as rows of text: what a sheet shows, and what a returned one is compared with."""

from collections.abc import Mapping
from dataclasses import dataclass

from scormaudit.plan import Change, Op, Plan, Seen
from scormaudit.sheet.cells import code, difference, fitted, named, quoted

CHANGE, DECISION, COMMENT = range(3)
OWN = 3
"""The columns before the first one that is only compared."""


@dataclass(frozen=True, slots=True)
class Grid:
    """`header` and, for each change hash, its cells, with decision and comment left blank.

    Where a plan holds one change twice, `ids` has it twice.
    """

    header: tuple[str, ...]
    ids: tuple[str, ...]
    rows: Mapping[str, tuple[str, ...]]

    def filled(self, meanings: Mapping[str, str]) -> list[tuple[str, ...]]:
        """Every row in plan order, with its decision."""
        return [(id_, meanings.get(id_, ""), *self.rows[id_][DECISION + 1 :]) for id_ in self.ids]


@dataclass(frozen=True, slots=True)
class Edit:
    """One field as it is shown: what it was, what it will be, and where long values part."""

    field: str
    was: str
    now: str
    difference: str

    def __str__(self) -> str:
        # Latin words first and between: text that runs from right to left swaps nothing.
        parts = (f"was {self.was}", f"now {self.now}", self.difference)
        return ", ".join(filter(None, parts))


def grid(plan: Plan) -> Grid:
    """The cells of a plan, a row a change; the first header names the plan by its hash."""
    labels = tuple(dict.fromkeys(name for c in plan.proposed for name in c.labels))
    fields = tuple(dict.fromkeys(op.field for c in plan.proposed for op in c.ops))
    header = (
        f"change of plan {plan.hash}", "decision", "comment", "class", "rules", "why",
        *(f"label {named(name)}" for name in labels),
        "sco", "enrollment", "assignment",
        *(f"edit {named(field)}" for field in fields),
        "undo", "risks",
    )  # fmt: skip
    ids = tuple(change.hash for change in plan.proposed)
    rows = {
        id_: _row(id_, change, labels, fields)
        for id_, change in zip(ids, plan.proposed, strict=True)
    }
    return Grid(tuple(map(fitted, header)), ids, rows)


def edit(op: Op) -> Edit:
    """One operation for reading."""
    parts = difference(op.before.text, op.after) if op.before.state == "value" else ""
    return Edit(
        named(op.field), _state(op.before), quoted(op.after) if op.after else "empty", parts
    )


def undo(op: Op) -> str:
    """How well an operation can be taken back, and if not exactly, why."""
    why = f" ({quoted(op.undo_reason)})" if op.undo_reason else ""
    return f"{op.undo} for {named(op.field)}{why}"


def _row(
    id_: str, change: Change, labels: tuple[str, ...], fields: tuple[str, ...]
) -> tuple[str, ...]:
    cells = (
        id_, "", "", change.kind, ", ".join(map(code, change.rules)), _listed(change.reasons),
        *(quoted(change.labels[name]) if name in change.labels else "" for name in labels),
        *map(quoted, (change.sco_id, change.enrollment_id, change.assignment_id)),
        *("; ".join(str(edit(op)) for op in change.ops if op.field == name) for name in fields),
        "; ".join(map(undo, change.ops)), _listed(change.risks),
    )  # fmt: skip
    return tuple(map(fitted, cells))


def _listed(texts: tuple[str, ...]) -> str:
    return "; ".join(map(quoted, texts))


def _state(before: Seen) -> str:
    """A value in quotes; what is none as a word without."""
    return quoted(before.text) if before.state == "value" else _WORDS[before.state]


_WORDS = {"empty": "empty", "absent": "absent", "error": "unreadable"}
