"""Changes that are alike, and the order in which a reviewer meets them: the unusual first."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scormaudit.cmi import VOCABULARY
from scormaudit.plan import FIELD, Change, Op
from scormaudit.report.lettering import coded, hides

RULE, PATTERN = "rule", "old → new"
_WORD, _SHAPE = 24, 20
_RARE = 20
_WEIGHTS = {"undo impossible": 32, "risk": 16, "judgement": 8, "hidden characters": 4,
            "undo not exact": 2, "rare": 1}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """Changes of the same rules, class, risks and fields, whose old and new look the same.

    `unusual` is what sets them apart from most of the plan, the gravest first.
    """

    rules: str
    pattern: str
    unusual: tuple[str, ...]
    by_hash: Mapping[str, Change]

    def __len__(self) -> int:
        return len(self.by_hash)

    @property
    def weight(self) -> int:
        """How unusual; the greater, the sooner it is seen."""
        return sum(_WEIGHTS[word] for word in self.unusual)


def facets(proposed: Iterable[Change]) -> tuple[Facet, ...]:
    """Every change in the facet of its like: the unusual first, then the rare, then as planned."""
    alike: dict[tuple[object, ...], list[Change]] = defaultdict(list)
    for change in proposed:
        alike[_kind(change)].append(change)
    total = sum(map(len, alike.values()))
    made = [
        Facet(
            rules=" ".join(changes[0].rules),
            pattern=pattern(changes[0]),
            unusual=_unusual(changes, total),
            by_hash={change.hash: change for change in changes},
        )
        for changes in alike.values()
    ]
    return tuple(sorted(made, key=lambda facet: (-facet.weight, len(facet))))


def columns(changes: Mapping[str, Change]) -> dict[str, dict[str, str]]:
    """For each column that divides the changes (rule, old → new, labels), the value of each.

    Changes are given and named by their hash; a value is a text safe to show.
    """
    found: dict[str, dict[str, str]] = {RULE: {}, PATTERN: {}}
    for name, change in changes.items():
        found[RULE][name] = " ".join(change.rules)
        found[PATTERN][name] = pattern(change)
        for label, text in change.labels.items():
            found.setdefault(coded(label), {})[name] = coded(text or "")
    return {column: values for column, values in found.items() if len(set(values.values())) > 1}


def pattern(change: Change) -> str:
    """`entry 'ab-inito' → 'ab-initio'`; of free text its shape alone, `total_time 9:99 → 99:99`."""
    return ", ".join(
        f"{op.field} {_shape(op, op.before.text, absent=op.before.state == 'absent')} → "
        f"{_shape(op, op.after)}"
        for op in change.ops
    )


def pairs(changes: Iterable[Change]) -> Counter[tuple[tuple[str, str | None, str], ...]]:
    """How often each set of field, old (None: absent) and new occurs among changes."""
    return Counter(
        tuple(
            (op.field, None if op.before.state == "absent" else op.before.text, op.after)
            for op in change.ops
        )
        for change in changes
    )


def _kind(change: Change) -> tuple[object, ...]:
    """What changes have in common that may be approved together."""
    undo = tuple((op.field, op.undo) for op in change.ops)
    return change.rules, change.kind, change.risks, undo, pattern(change), _hides(change)


def _unusual(changes: Sequence[Change], total: int) -> tuple[str, ...]:
    change = changes[0]
    undo = {op.undo for op in change.ops}
    true: Mapping[str, bool] = {
        "undo impossible": "impossible" in undo,
        "risk": bool(change.risks),
        "judgement": change.kind == "judgement",
        "hidden characters": _hides(change),
        "undo not exact": "lossy" in undo,
        "rare": len(changes) < total and len(changes) <= max(1, total // _RARE),
    }
    return tuple(word for word, holds in true.items() if holds)


def _hides(change: Change) -> bool:
    """Whether a value has characters that are shown as codes."""
    return any(hides(text) for op in change.ops for text in (op.before.text, op.after))


def _shape(op: Op, text: str, *, absent: bool = False) -> str:
    """A word of a vocabulary as it is; of other texts which characters stand where."""
    if absent:
        return "absent"
    if VOCABULARY.get(FIELD[op.field].column) and len(text) <= _WORD:
        return f"'{coded(text)}'"
    shape = re.sub("[0-9]", "9", re.sub("[A-Za-z]+", "a", text))
    return coded(shape if len(shape) <= _SHAPE else f"{shape[:_SHAPE]}…") or "''"
