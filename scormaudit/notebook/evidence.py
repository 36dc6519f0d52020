"""The record beside a change: every element as the snapshot or, without one, the plan holds it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from scormaudit.errors import PlanError
from scormaudit.frame import ATTEMPT, ELEMENTS, RECORD
from scormaudit.plan import Change, Plan, element_of
from scormaudit.snapshot import Snapshot

State = Literal["value", "empty", "absent", "error"]
_TABLES = ("records", "objectives", "interactions", "element_errors", "strays")
_LISTS = {
    "objective_ids": ("objectives", "id"),
    "correct_responses": ("correct_responses", "pattern"),
}
Row = Mapping[str, Any]
Found = Mapping[str, list[Row]]


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a record; the text of a failed one is what the LMS said of it."""

    name: str
    state: State
    text: str = ""


Evidence = Callable[[Change], list[Element]]


def evidence(plan: Plan, snapshot: Snapshot | None) -> Evidence:
    """Looks up the elements of a change's record; the tables are read at the first question.

    PlanError where the snapshot is not the one that the plan was made of. A record that the
    snapshot does not hold has no elements.
    """
    if snapshot is None:
        return _planned
    if snapshot.manifest.id != plan.snapshot:
        raise PlanError(
            "This snapshot is not the one that the plan was made of.",
            where=str(snapshot.path),
            todo="Give the snapshot that was audited for the plan, or none.",
        )
    records: dict[tuple[str, ...], Found] = {}
    return partial(_looked_up, plan, snapshot, records)


def _planned(change: Change) -> list[Element]:
    """What the plan itself holds: the elements to be changed and those the rules relied on."""
    known = {op.element: op.before for op in change.ops} | dict(change.guards)
    return [Element(name, seen.state, seen.text) for name, seen in known.items()]


def _looked_up(
    plan: Plan, snapshot: Snapshot, records: dict[tuple[str, ...], Found], change: Change
) -> list[Element]:
    if not records:
        records.update(_read(plan, snapshot))
    found = records.get(_key(change))
    return list(_elements(found)) if found and found["records"] else []


def _key(change: Change) -> tuple[str, ...]:
    return tuple(getattr(change, name) for name in RECORD)


def _read(plan: Plan, snapshot: Snapshot) -> dict[tuple[str, ...], Found]:
    """The rows of every record that the plan would change, part by part, by table."""
    wanted: dict[tuple[str, ...], defaultdict[str, list[Row]]] = {
        _key(change): defaultdict(list) for change in plan.proposed
    }
    enrollments = {change.enrollment_id for change in plan.proposed}
    for part in range(len(snapshot.manifest.parts)):
        for table in _TABLES:
            frame = snapshot.table(table, part=part)
            frame = frame[frame["enrollment_id"].isin(enrollments)].astype("object")
            rows: list[Any] = frame.where(frame.notna(), None).to_dict("records")
            for row in rows:
                key = tuple(row[name] for name in RECORD)
                if key in wanted:
                    wanted[key][table].append(row)
    return dict(wanted)


def _elements(found: Found) -> Iterator[Element]:
    """Dates and scalars in the order of the data model, then collections, then strays."""
    failed = {row["element"]: row["message"] or "" for row in found["element_errors"]}
    record = found["records"][0]
    scalars = (*ATTEMPT, *(element.column for element in ELEMENTS["records"]))
    for column in scalars:
        yield _element(element_of(column), record[column], failed)
    for table in ("objectives", "interactions"):
        for row in sorted(found[table], key=lambda row: row["index"]):
            for name, text in _indexed(table, row):
                yield _element(name, text, failed)
    for row in found["strays"]:
        yield _element(row["element"], row["value"], failed)


def _indexed(table: str, row: Row) -> Iterable[tuple[str, str | None]]:
    """Each element of one index, and behind an interaction its lists."""
    for element in ELEMENTS[table]:
        yield element.name.replace(".n.", f".{row['index']}."), row[element.column]
    for column, (inner, last) in _LISTS.items():
        for number, text in enumerate(() if row.get(column) is None else row[column]):
            yield f"cmi.{table}.{row['index']}.{inner}.{number}.{last}", text


def _element(name: str, text: str | None, failed: Mapping[str, str]) -> Element:
    if text is None:
        return Element(name, "error", failed[name]) if name in failed else Element(name, "absent")
    return Element(name, "value" if text else "empty", text)
