"""What an earlier snapshot knows of a worklist and that cannot have changed since."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scormaudit.errors import SettingsError, SnapshotError
from scormaudit.frame import COLUMNS, KEYS, Row, typed
from scormaudit.lms.wire import instant
from scormaudit.place import content
from scormaudit.snapshot import TABLES, Snapshot, schema_of
from scormaudit.spool import Tables
from scormaudit.worklist import Worklist

FINAL = ("passed", "completed", "failed")
_PAIR = list(KEYS[:2])
_SLICE = 5_000
_SOME = 64

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Reuse:
    """For each position of a worklist the part of `snapshot` that knows it, or -1."""

    snapshot: Snapshot
    parts: np.ndarray

    def __contains__(self, position: int) -> bool:
        return bool(self.parts[position] >= 0)

    def known_by(self, part: int) -> list[int]:
        """The positions that a part knows, wherever they are in the worklist."""
        positions: list[int] = np.flatnonzero(self.parts == part).tolist()
        return positions


def reusable(snapshot: Snapshot, worklist: Worklist, *, older_than: float, from_utc: str) -> Reuse:
    """What of `worklist` need not be read again at `from_utc`; `older_than` is in days.

    An assignment is reused if it was read well, each of its SCOs is passed, completed or
    failed, and every date is older than that: a SCO without an exit date is never finished.
    The parts must be what was written. In memory are some columns of one part at a time.
    """
    now = instant(from_utc)
    if not (math.isfinite(older_than) and older_than >= 0) or now is None:
        raise SettingsError(
            f"{older_than} is no age in days.", where="older_than", todo="Give 0 or more."
        )
    try:
        before = now - timedelta(days=older_than)
    except OverflowError:
        before = datetime.min.replace(tzinfo=now.tzinfo)
    snapshot.verify()
    found = np.full(len(worklist), -1, dtype=np.int32)
    positions = pd.Index(_hashes(worklist.frame))
    for number in range(len(snapshot.manifest.parts)):
        at = positions.get_indexer(pd.Index(_hashes(_settled(snapshot, number, before))))
        found[at[at >= 0]] = number
    return Reuse(snapshot, found)


def lend(reuse: Reuse, part: int, entries: Mapping[int, Row]) -> Iterator[tuple[int, Tables]]:
    """The rows that a part holds of assignments it knows, by their positions in the worklist.

    Keys and labels are those of `entries`, the rest is as it was read. A position that does not
    come must be read. In memory is one part, which is read here and nowhere else: whoever asks
    for few entries at a time pays for all of it each time.
    """
    tables = {name: _part(reuse.snapshot, name, part) for name in TABLES}
    positions = list(entries)
    for at in range(0, len(positions), _SOME):
        some = {position: entries[position] for position in positions[at : at + _SOME]}
        yield from _lent(reuse.snapshot, tables, some)


def _lent(
    snapshot: Snapshot, parts: Mapping[str, pa.Table], entries: Mapping[int, Row]
) -> Iterator[tuple[int, Tables]]:
    by_table = {name: _grouped(table, entries.values()) for name, table in parts.items()}
    for position, entry in entries.items():
        pair = (entry["enrollment_id"], entry["assignment_id"])
        found = {name: rows.get(pair, []) for name, rows in by_table.items()}
        if len(found["coverage"]) != 1:
            continue
        (covered,) = found.pop("coverage")
        status_id = entry["assignment_status_id"] or None
        key = {**dict(zip(_PAIR, pair, strict=True)), "assignment_status_id": status_id}
        labels = {name: value for name, value in entry.items() if name not in ("row", *KEYS)}
        tables: Tables = {
            name: [{**row, **key, **(labels if name == "records" else {})} for row in rows]
            for name, rows in found.items()
        }
        tables["coverage"] = [
            {
                **labels,
                **covered,
                **key,
                "row": entry["row"],
                "read_in": covered.get("read_in") or snapshot.manifest.id,
                "read_utc": covered.get("read_utc") or snapshot.manifest.from_utc,
            }
        ]
        yield position, tables


def _grouped(table: pa.Table, entries: Iterable[Row]) -> dict[Pair, list[Row]]:
    """The rows of these assignments, together."""
    enrollments = pa.array([entry["enrollment_id"] for entry in entries], pa.string())
    chosen = table.filter(pc.is_in(table["enrollment_id"], enrollments))
    rows: dict[Pair, list[Row]] = {}
    for row in chosen.to_pylist():
        rows.setdefault((row["enrollment_id"], row["assignment_id"]), []).append(row)
    return rows


def _settled(snapshot: Snapshot, number: int, before: datetime) -> pd.DataFrame:
    """The keys of those assignments of a part that are finished and old enough."""
    coverage = snapshot.table("coverage", [*_PAIR, "state", "scos"], number)
    coverage = coverage[coverage["state"].eq("ok")].astype(dict.fromkeys(_PAIR, "object"))
    dates = ["start_date_utc", "exit_date_utc"]
    records = snapshot.table("records", [*_PAIR, "lesson_status", *dates], number)
    when = typed(records, dates)
    settled = (
        records["lesson_status"].isin(FINAL)
        & when["exit_utc"].lt(before)
        & (when["start_utc"].lt(before) | records["start_date_utc"].isna())
    )
    keys = records[_PAIR].astype("object").assign(settled=settled)
    counted = keys.groupby(_PAIR)["settled"].agg(["all", "size"]).reset_index()
    known = coverage.merge(counted, on=_PAIR)
    return known[known["all"] & known["size"].eq(known["scos"])]


def _hashes(frame: pd.DataFrame) -> np.ndarray:
    """64 bits for each pair of ids, as few at a time as a part has."""
    slices = [frame[_PAIR].iloc[at : at + _SLICE] for at in range(0, len(frame), _SLICE)]
    hashed = [pd.util.hash_pandas_object(s.astype("object"), index=False) for s in slices]
    return np.concatenate([np.empty(0, "uint64"), *(h.to_numpy() for h in hashed)])


def _part(snapshot: Snapshot, name: str, number: int) -> pa.Table:
    """One table of a part without its labels; SnapshotError if a column of today is missing."""
    entry = snapshot.manifest.parts[number][name]
    file = snapshot.path / entry["file"]
    try:
        source = content(file, entry["sha256"])
        there = pq.read_schema(source).names
        columns = [column for column in schema_of(name, ()).names if column in there]
        table = pq.read_table(source, columns=columns)
    except (OSError, pa.ArrowException) as error:
        raise SnapshotError(
            f"It cannot be read ({type(error).__name__}).", where=str(file), todo="Fetch it anew."
        ) from None
    missing = set(COLUMNS.get(name, ())) - set(table.column_names)
    if missing:
        raise SnapshotError(
            f"It has no {min(missing)}, so an older version wrote it.",
            where=str(file),
            todo="Fetch without --since.",
        )
    return table
