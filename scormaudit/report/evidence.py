"""What the snapshot holds of a few records: their rows, and every element in order."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import pandas as pd

from scormaudit.cmi import INTERACTIONS, NESTED, OBJECTIVES, SCALARS, Element
from scormaudit.frame import ATTEMPT, RECORD
from scormaudit.snapshot import Snapshot

Row = Mapping[str, Any]
_TABLES = ("objectives", "interactions", "element_errors", "strays")


@dataclass(frozen=True, slots=True)
class Shown:
    """One element of an attempt: its name, the column it is kept in, its text or its error."""

    name: str
    column: str
    text: str | None
    error: str = ""


def rows(snapshot: Snapshot, positions: Iterable[int]) -> dict[int, Row]:
    """Whole records by their position in the snapshot, null as None; reads only their parts."""
    found: dict[int, Row] = {}
    for part, start, wanted in _by_part(snapshot, positions):
        chosen = _plain(snapshot.table("records", part=part).iloc[[p - start for p in wanted]])
        found |= dict(zip(wanted, chosen, strict=True))
    return found


def attempts(snapshot: Snapshot, positions: Iterable[int]) -> dict[int, list[Shown]]:
    """Every element of some records, in the order of the data model, strays last."""
    found = {}
    for part, start, wanted in _by_part(snapshot, positions):
        records = snapshot.table("records", part=part)
        tables = {name: snapshot.table(name, part=part) for name in _TABLES}
        for position in wanted:
            (row,) = _plain(records.iloc[[position - start]])
            own = {name: _of(table, row) for name, table in tables.items()}
            found[position] = list(_elements(row, own))
    return found


def _by_part(snapshot: Snapshot, positions: Iterable[int]) -> Iterator[tuple[int, int, list[int]]]:
    """Each part that has some of the positions, where it starts, and which."""
    sizes = (part["records"]["rows"] for part in snapshot.manifest.parts)
    starts = [0, *accumulate(sizes)]
    grouped: dict[int, list[int]] = {}
    for position in sorted(set(positions)):
        grouped.setdefault(bisect_right(starts, position) - 1, []).append(position)
    for part, wanted in grouped.items():
        yield part, starts[part], wanted


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    texts = frame.astype("object")
    return texts.where(texts.notna(), None).to_dict("records")  # type: ignore[return-value]


def _of(table: pd.DataFrame, row: Row) -> list[dict[str, Any]]:
    """The rows of a table that are of one record."""
    own = pd.Series(True, index=table.index)
    for name in RECORD:
        own &= table[name].eq(row[name])
    chosen = table[own].astype("object")
    return chosen.to_dict("records")  # type: ignore[return-value]


def _elements(row: Row, own: Mapping[str, list[dict[str, Any]]]) -> Iterator[Shown]:
    errors = {error["element"]: error["message"] for error in own["element_errors"]}
    for name in ATTEMPT:
        yield Shown(name, name, row[name])
    for element in SCALARS:
        yield _shown(element.name, element, row, errors)
    for table, elements in (("objectives", OBJECTIVES), ("interactions", INTERACTIONS)):
        for item in own[table]:
            prefix = f".{item['index']}."
            for element in elements:
                yield _shown(element.name.replace(".n.", prefix, 1), element, item, errors)
            if table == "interactions":
                yield from _nested(item, prefix, errors)
    for stray in own["strays"]:
        yield Shown(stray["element"], "", stray["value"])


def _nested(item: Row, prefix: str, errors: Mapping[str, str]) -> Iterator[Shown]:
    for element in NESTED:
        texts = item[element.column]
        for m, text in enumerate(texts if texts is not None else ()):
            name = element.name.replace(".n.", prefix, 1).replace(".m.", f".{m}.", 1)
            yield Shown(name, element.column, text, errors.get(name, ""))


def _shown(name: str, element: Element, row: Row, errors: Mapping[str, str]) -> Shown:
    text = row[element.column]
    known = text if isinstance(text, str) else None
    return Shown(name, element.column, known, errors.get(name, ""))
