"""What came back: decisions whose rows are still what the plan says, and why others are not."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from scormaudit.errors import PlanError
from scormaudit.sheet.cells import coded
from scormaudit.sheet.grid import CHANGE, COMMENT, DECISION, OWN, Grid

_PLAN = "change of plan "
_ANEW = "Export the plan again and decide there."
Meaning = Literal["approve", "reject", "defer"]
_MEANINGS: dict[str, Meaning] = {word: word for word in get_args(Meaning)}


@dataclass(frozen=True, slots=True)
class Odd:
    """A cell that is no text any more, or whose text cannot be relied on; `what` says which."""

    what: str


Cell = str | Odd


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a returned sheet says; every row is in `decisions`, in `void`, or counted in `blank`.

    `decisions`: change hash to meaning and comment, in plan order. `void`: row number as a
    spreadsheet shows it (the header is row 1), and what is wrong. `unknown` and `duplicate` are
    ids whose rows are void; `missing` counts changes of the plan that have no row.
    A decision column that was sorted or shifted alone, with all else in place, cannot be told
    from other decisions: show the counts before they are believed.
    """

    decisions: Mapping[str, tuple[Meaning, str]] = field(repr=False)
    void: tuple[tuple[int, str], ...]
    unknown: tuple[str, ...] = field(repr=False)
    duplicate: tuple[str, ...]
    blank: int
    missing: int


def judge(own: Grid, rows: Sequence[Sequence[Cell]]) -> Sheet:
    """The decisions in `rows`, of which the first is the header; PlanError if it is not."""
    check_header(own, trimmed(rows[0]) if rows else ())
    width = len(own.header)
    numbered = [(n, _padded(row, width)) for n, row in enumerate(rows[1:], 2) if trimmed(row)]
    times = Counter(id_ for _, row in numbered if isinstance(id_ := row[CHANGE], str))
    decisions: dict[str, tuple[Meaning, str]] = {}
    void: list[tuple[int, str]] = []
    blank = 0
    for number, row in numbered:
        if wrong := _wrong(own, row, times):
            void.append((number, wrong))
        elif meaning := _meaning(row):
            decisions[str(row[CHANGE])] = meaning, str(row[COMMENT]).strip()
        else:
            blank += 1
    return Sheet(
        decisions={id_: decisions[id_] for id_ in own.ids if id_ in decisions},
        void=tuple(void),
        unknown=tuple(_shown(id_) for id_ in times if id_ and id_ not in own.rows),
        duplicate=tuple(id_ for id_, n in times.items() if n > 1 and id_ in own.rows),
        blank=blank,
        missing=sum(id_ not in times for id_ in own.rows),
    )


def check_header(own: Grid, header: Sequence[Cell]) -> None:
    """PlanError unless `header` is that of the plan, column for column."""
    if tuple(header) == own.header:
        return
    first = header[0] if header else ""
    if not isinstance(first, str) or not first.startswith(_PLAN):
        raise PlanError("The first row is not the header of a review sheet.", todo=_ANEW)
    if first != own.header[0]:
        raise PlanError("This sheet is of another plan.", todo=_ANEW)
    names = [name if isinstance(name, str) else "" for name in header]
    missing = [name for name in own.header if name not in names]
    added = [coded(name)[:40] or "one without a name" for name in names if name not in own.header]
    faults = [f"{_some(missing)} missing"] * bool(missing) + [f"{_some(added)} added"] * bool(added)
    what = " and ".join(faults) or "they are in another order or there twice"
    raise PlanError(f"The columns are not those of the plan: {what}.", todo=_ANEW)


def trimmed(row: Sequence[Cell]) -> Sequence[Cell]:
    """A row without its empty end."""
    end = len(row)
    while end and row[end - 1] == "":
        end -= 1
    return row[:end]


def _padded(row: Sequence[Cell], width: int) -> tuple[Cell, ...]:
    return (*row, *("",) * (width - len(row)))


def _wrong(own: Grid, row: Sequence[Cell], times: Mapping[str, int]) -> str:
    """Why a row cannot be believed, or nothing."""
    id_ = row[CHANGE]
    if isinstance(id_, Odd):
        return f"change: {id_.what}"
    if id_ not in own.rows:
        return "change: not in this plan" if id_ else "change: there is no id"
    if times[id_] > 1:
        return f"change: there {times[id_]} times"
    differing = [
        f"{name}: {cell.what}" if isinstance(cell, Odd) else f"{name}: not what the plan says"
        for name, cell, due in zip(own.header[OWN:], row[OWN:], own.rows[id_][OWN:], strict=False)
        if cell != due
    ]
    odd = [
        f"{own.header[at]}: {cell.what}"
        for at in (DECISION, COMMENT)
        if isinstance(cell := row[at], Odd)
    ]
    beyond = ["there are cells right of the last column"] * bool(trimmed(row[len(own.header) :]))
    if not odd and _word(row) not in ("", *_MEANINGS):
        odd = ["decision: not approve, reject or defer"]
    return _some([*odd, *differing, *beyond], "; ")


def _word(row: Sequence[Cell]) -> str:
    return str(row[DECISION]).strip().lower()


def _meaning(row: Sequence[Cell]) -> Meaning | None:
    return _MEANINGS.get(_word(row))


def _some(names: Sequence[str], between: str = ", ") -> str:
    more = [f"{len(names) - 5} more"] if len(names) > 5 else []
    return between.join([*names[:5], *more])


def _shown(id_: str) -> str:
    """An unknown id, which may be anything, on one short line."""
    text = coded(id_)
    return text if len(text) <= 80 else f"{text[:64]}... ({len(id_)} characters)"
