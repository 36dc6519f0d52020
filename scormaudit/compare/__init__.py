"""Two snapshots side by side: what is missing, what is new, and what became of every cell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from scormaudit.audit import Report
from scormaudit.compare.account import Pairing, changes_of, counted, elements_of, records_of
from scormaudit.compare.difference import Cells, differences
from scormaudit.compare.digest import Side, read_side
from scormaudit.compare.evidence import with_values
from scormaudit.compare.findings import Turned, turned
from scormaudit.compare.half import Half, Names
from scormaudit.compare.kind import GRAVE, KINDS, Kind
from scormaudit.compare.mapping import Mapped, Mapping, Source, mapped, read_mapping
from scormaudit.compare.naming import Leaving, leaving
from scormaudit.errors import MappingError
from scormaudit.frame import RECORD
from scormaudit.snapshot import Snapshot, read_snapshot

__all__ = ["GRAVE", "KINDS", "Comparison", "Kind", "compare", "read_mapping", "with_values"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What became of the records of `old` in `new`.

    `records` counts by `course` and lesson `status`: records of `old`, of `new`, and of them
    those `missing` in new, `added` in it, and `changed`. `missing` and `added` name the records.
    `changes` has a row a cell: the record's ids (in old), `element`, `kind` (a `Kind`), the
    states (`value`, `empty`, `absent`, `failed`), `table` and `column`, and `old_row` and
    `new_row`, its rows there (-1: none). What the cells hold is read by `with_values`. With a
    mapping, `new_enrollment_id` and so on are the ids in new. `findings` says what appeared and
    what vanished, where reports were given. A digest is of all records of a snapshot in any
    order.
    """

    old: Snapshot
    new: Snapshot
    records: pd.DataFrame
    missing: pd.DataFrame
    added: pd.DataFrame
    changes: pd.DataFrame
    findings: Turned | None
    paired: int
    digests: tuple[str, str]
    grouped_by: str
    mapping: Mapped | None
    without: tuple[str, ...]

    def __repr__(self) -> str:
        return (
            f"<Comparison of {len(self.old)} and {len(self.new)} records: {len(self.missing)} "
            f"missing, {len(self.added)} new, {len(self.changes)} cells changed>"
        )

    @property
    def complete(self) -> bool:
        """Whether every assignment of both worklists was read."""
        return self.old.manifest.complete and self.new.manifest.complete

    @property
    def alike(self) -> bool:
        """Whether nothing is missing or new and every cell means the same on both sides."""
        return not (len(self.missing) or len(self.added) or any(map(self.count, GRAVE)))

    @property
    def same(self) -> bool:
        """Whether nothing differs at all, not even a spelling."""
        return not (len(self.missing) or len(self.added) or len(self.changes))

    @property
    def elements(self) -> pd.DataFrame:
        """How many cells of each element changed in which way, an `n` for indices."""
        return elements_of(self.changes)

    def count(self, kind: Kind) -> int:
        """How many cells changed in this way."""
        return int(self.changes["kind"].eq(kind).sum())


def compare(
    old: Snapshot | Path | str,
    new: Snapshot | Path | str,
    mapping: Source | Sequence[Source] | None = None,
    *,
    without: Iterable[str] = (),
    reports: tuple[Report, Report] | None = None,
) -> Comparison:
    """Compare two snapshots: before and after, or source and target; nothing is changed.

    Records are the same if enrollment, assignment and SCO are; `mapping` says which old ids are
    which new ones (see `read_mapping`). `without` leaves elements out, by column or name.
    `reports` are audits of both, by the same rules. Labels, titles of courses and
    `assignment_status_id` are not compared. SnapshotError where one cannot be read or has a
    record twice, MappingError where a mapping is not one to one.
    """
    snapshots = [s if isinstance(s, Snapshot) else read_snapshot(s) for s in (old, new)]
    leave = leaving(words := tuple(without))
    mappings = _mappings(mapping)
    left, right = (read_side(snapshot, leave) for snapshot in snapshots)
    names = mapped(left.keys, mappings)
    pairing = _pairing(names.keys, left, right)
    elements = Names()
    cells = _differing(left, right, pairing, leave, elements)
    changes = changes_of(cells, left, right, pairing, list(elements.known))
    if not mappings:
        changes = changes.drop(columns=[f"new_{name}" for name in RECORD])
    return Comparison(
        old=left.snapshot,
        new=right.snapshot,
        records=counted(left, right, pairing, cells),
        missing=records_of(left, pairing.missing),
        added=records_of(right, pairing.added),
        changes=changes,
        findings=turned(*reports, mappings) if reports else None,
        paired=len(pairing.old),
        digests=(left.digest, right.digest),
        grouped_by="course" if left.labelled or right.labelled else "assignment",
        mapping=names if mappings else None,
        without=words,
    )


def _mappings(given: Source | Sequence[Source] | None) -> list[Mapping]:
    if given is None:
        return []
    several = [given] if isinstance(given, Path | str | pd.DataFrame) else given
    return [read_mapping(source) for source in several]


def _pairing(keys: pa.Array, left: Side, right: Side) -> Pairing:
    """Which record is which; MappingError where two old records would become one."""
    place = pc.index_in(keys, value_set=right.keys)
    there = np.asarray(pc.is_valid(place))
    old, new = np.flatnonzero(there), np.asarray(place.drop_null(), np.int64)
    _refuse_merging(keys)
    rest = np.ones(len(right), bool)
    rest[new] = False
    return Pairing(
        old=old, new=new, differing=np.flatnonzero(left.digests[old] != right.digests[new]),
        missing=np.flatnonzero(~there), added=np.flatnonzero(rest),
    )  # fmt: skip


def _refuse_merging(keys: pa.Array) -> None:
    first = np.asarray(pc.index_in(keys, value_set=keys))
    merged = int((first != np.arange(len(keys))).sum())
    if merged:
        raise MappingError(
            f"{merged} old record{'s' if merged > 1 else ''} would get the ids of another one.",
            todo="An id that is not in the mapping stays as it is; map it as well.",
        )


def _differing(
    left: Side, right: Side, pairing: Pairing, leave: Leaving, names: Names
) -> list[Cells]:
    """The cells that differ, of the pairs whose digests do."""
    halves = []
    for side, positions in ((left, pairing.old), (right, pairing.new)):
        pair = np.full(len(side), -1, np.int32)
        pair[positions[pairing.differing]] = np.arange(len(pairing.differing))
        halves.append(Half(side.snapshot, side.keys, pair))
    old, new = halves
    return [cells for cells in differences(old, new, leave, names) if len(cells.pair)]
