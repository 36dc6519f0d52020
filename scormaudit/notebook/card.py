"""A change as plain data for a page: hostile text in codes, long text cut, the difference apart."""

from collections.abc import Iterable, Sequence
from typing import Any

from scormaudit.notebook.evidence import Element
from scormaudit.plan import Change, Op
from scormaudit.report.facets import Facet
from scormaudit.report.lettering import coded, measured, parted
from scormaudit.report.reviewing import said
from scormaudit.review import Verdict

_LINE, _CARD, _ALL = 24, 400, 1 << 30
_BESIDE = 160
_LABEL = 120
Parts = tuple[str, str, str]


def line(change: Change, name: str, facet: int) -> list[Any]:
    """A change in the list: name, number of its facet, whose it is, and each field old and new."""
    return [name, facet, _whose(change), [_edit(op, _LINE) for op in change.ops]]


def heading(facet: Facet) -> dict[str, Any]:
    """What the changes of a facet have in common."""
    return {"rules": facet.rules, "pattern": facet.pattern, "unusual": list(facet.unusual)}


def card(
    change: Change, facet: Facet, verdict: Verdict, record: Iterable[Element], *, full: bool
) -> dict[str, Any]:
    """All that a reviewer needs to see of one change; `full` cuts no value."""
    room = _ALL if full else _CARD
    return {
        "facts": list(_facts(change, facet, verdict)),
        "edits": [
            {"field": op.field, "element": op.element, "values": _edit(op, room)[1:],
             "notes": _notes(op, room)}
            for op in change.ops
        ],
        "record": [_element(change, element, _ALL if full else _BESIDE) for element in record],
    }  # fmt: skip


def _whose(change: Change) -> str:
    """The labels of a change's record, or a short id where there are none, and its SCO."""
    labels = [text for text in change.labels.values() if text]
    who = labels or [f"{change.enrollment_id[:8]}…"]
    return " · ".join(_cut(text, _LABEL) for text in (*who, change.sco_id))


def _edit(op: Op, room: int) -> list[Any]:
    """The field, and old (None: absent) and new as what is shared, what differs, what is shared."""
    before, after = parted(op.before.text, op.after)
    old = None if op.before.state == "absent" else _clipped(before, room)
    return [op.field, old, _clipped(after, room)]


def _clipped(parts: Parts, room: int) -> Parts:
    """A text cut to what lies around its difference."""
    head, middle, tail = parts
    return (
        "…" * (len(head) > room) + coded(head[-room:]),
        coded(middle[: 2 * room]) + "…" * (len(middle) > 2 * room),
        coded(tail[:room]) + "…" * (len(tail) > room),
    )


def _notes(op: Op, room: int) -> list[str]:
    """What cannot be seen of the values: where a cut text differs, and whether it can come back."""
    notes = [f"undo {op.undo}" + (f": {op.undo_reason}" if op.undo_reason else "")]
    parts = parted(op.before.text, op.after)
    for label, text, cut in zip(("old", "new"), (op.before.text, op.after), parts, strict=True):
        if any(len(piece) > room for piece in cut):
            notes.append(f"{label}: {measured(text)}; differs from {len(cut[0]) + 1:,} on")
    return notes


def _facts(change: Change, facet: Facet, verdict: Verdict) -> Iterable[tuple[str, str]]:
    for code, why in zip(change.rules, change.reasons, strict=False):
        yield code, coded(why)
    for risk in change.risks:
        yield "risk", coded(risk)
    if facet.unusual:
        yield "unusual", ", ".join(facet.unusual)
    for label, text in change.labels.items():
        yield _cut(label, _LABEL), _cut(text or "", _LABEL)
    yield "SCO", _cut(change.sco_id, _LABEL)
    yield "enrollment", coded(change.enrollment_id)
    yield "class", change.kind
    for decision in said(verdict):
        yield "said", decision
    more = f", {verdict.needed} reviewers must approve" if verdict.needed > 1 else ""
    yield "verdict", f"{coded(str(verdict))}{more}"
    yield "change", change.hash[:12]


def _element(change: Change, element: Element, room: int) -> Sequence[str]:
    """Name, state, text, and what the change has to do with it."""
    role = "changes" if any(op.element == element.name for op in change.ops) else ""
    if element.name in change.guards:
        role = "relied on"
    return coded(element.name), element.state, _cut(element.text, room), role


def _cut(text: str, room: int) -> str:
    return coded(text) if len(text) <= room else f"{coded(text[:room])}… ({measured(text)})"
