"""Records as they were read, one at a time with their lists, a part of a snapshot at a time."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from scormaudit.cmi import INTERACTIONS, OBJECTIVES
from scormaudit.frame import RECORD
from scormaudit.snapshot import Snapshot

Row = Mapping[str, Any]
Key = tuple[Any, ...]
_TELLING = tuple(
    element.column for element in OBJECTIVES + INTERACTIONS if not element.name.endswith("_count")
)
_LISTS = ("objectives", "interactions", "element_errors", "strays")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One record: column to text (None where absent or unread), and its lists by index.

    `unread` names the elements that failed, `strays` those that SCORM 1.2 does not have.
    """

    row: Row
    objectives: Sequence[Row] = ()
    interactions: Sequence[Row] = ()
    unread: Sequence[str] = ()
    strays: Sequence[str] = ()

    def text(self, column: str) -> str:
        """What a column holds; `""` where it is blank, absent or unread."""
        return self.row.get(column) or ""


def sources(snapshot: Snapshot) -> Iterator[Source]:
    """Every record of a snapshot, in its order; memory holds one part."""
    for number in range(len(snapshot.manifest.parts)):
        lists = {name: _by_record(snapshot.table(name, part=number)) for name in _LISTS}
        for row in _rows(snapshot.table("records", part=number)):
            key = _key(row)
            yield Source(
                row=row,
                objectives=_told(lists["objectives"].get(key, ())),
                interactions=_told(lists["interactions"].get(key, ())),
                unread=[entry["element"] for entry in lists["element_errors"].get(key, ())
                        if not _never_given(entry["message"])],
                strays=[e["element"] for e in lists["strays"].get(key, ()) if e["value"]],
            )  # fmt: skip


def _told(rows: Sequence[Row]) -> list[Row]:
    """The rows of which anything is known; at an index that is absent there is nothing to lose."""
    return [row for row in rows if any(row.get(name) is not None for name in _TELLING)]


def _by_record(frame: pd.DataFrame) -> dict[Key, list[Row]]:
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in _rows(frame):
        found[_key(row)].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: row.get("index") or 0)
    return found


def _rows(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    columns = [_column(frame[name]) for name in frame.columns]
    for values in zip(*columns, strict=True):
        yield dict(zip(frame.columns, values, strict=True))


def _column(column: pd.Series) -> list[Any]:
    """The values of a column, null as None; a category's words are made once."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        words = [*column.cat.categories.tolist(), None]
        return [words[code] for code in column.cat.codes.tolist()]
    plain = column.astype("object")
    return plain.where(column.notna(), None).tolist()


def _key(row: Row) -> Key:
    return tuple(row[name] for name in RECORD)


def _never_given(message: str | None) -> bool:
    """Whether an LMS says of an element that it has none, or that it never gives it out."""
    return (message or "").strip().startswith(("401", "404", "201", "202", "203"))
