"""A number for each record that is another one if anything in the record is."""

from collections.abc import Container
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from scormaudit.compare.column import OTHERS, Rows, keys, rows_of
from scormaudit.compare.half import left_out
from scormaudit.compare.naming import Leaving
from scormaudit.errors import SnapshotError
from scormaudit.frame import COLUMNS
from scormaudit.snapshot import Snapshot

STATUS = "cmi.core.lesson_status"
_COURSE = "course"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two snapshots: for each record its key, digest, course and status.

    A digest is of all elements and all rows of collections, whatever their order, and of no key
    and no label. `course` is the label of that name, or else the assignment.
    """

    snapshot: Snapshot
    keys: pa.Array
    digests: np.ndarray
    course: pa.Array
    status: pa.Array
    labelled: bool

    def __len__(self) -> int:
        return len(self.digests)

    @property
    def digest(self) -> str:
        """A digest of all records, the same for the same records in any order."""
        return f"{int(mixed(self.digests).sum(dtype=np.uint64)):016x}"


def read_side(snapshot: Snapshot, without: Leaving) -> Side:
    """The keys and digests of a snapshot; SnapshotError where a record stands there twice."""
    label = next((n for n in snapshot.manifest.labels if n.casefold() == _COURSE), "")
    place = label or "assignment_id"
    parts = [
        _part(snapshot, number, without, place) for number in range(len(snapshot.manifest.parts))
    ]
    side = Side(
        snapshot=snapshot,
        keys=_one([part.keys for part in parts]),
        digests=np.concatenate([_NONE, *(part.digests for part in parts)]),
        course=_one([part.course for part in parts]),
        status=_one([part.status for part in parts]),
        labelled=bool(label),
    )
    _refuse_twins(side)
    return side


def _part(snapshot: Snapshot, number: int, without: Leaving, place: str) -> Side:
    """As a side, but of one part."""
    rows = rows_of(snapshot, number, "records", more=[place])
    own, digests = keys(rows.table), _digests(rows, "records", without)
    failed = np.zeros(len(own), bool)
    begin = rows.record[0] if len(own) else 0
    for table in OTHERS:
        if not snapshot.manifest.parts[number][table]["rows"] or (table, "") in without:
            continue
        more = rows_of(snapshot, number, table, own)
        at = more.record - begin
        if table == "element_errors":
            failed[at[_is(more, STATUS)]] = True
        numbers = mixed(_digests(more, table, without) + _salt(table))
        if table in ("element_errors", "strays"):
            numbers[left_out(more, without)] = 0
        np.add.at(digests, at, numbers)
    status = pc.if_else(pa.array(failed), "(failed)", _shown(rows.text("lesson_status")))
    return Side(snapshot, own, digests, rows.text(place), status, labelled=False)


def mixed(numbers: np.ndarray) -> np.ndarray:
    """Numbers whose bits all depend on all bits (the finaliser of splitmix64)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = numbers ^ (numbers >> np.uint64(31))
    return mixed


def hashed(texts: pa.Array) -> np.ndarray:
    """64 bits of each text, the same on every machine."""
    values = texts.to_numpy(zero_copy_only=False)
    return pd.util.hash_array(values, categorize=False) if len(values) else _NONE


_NONE = np.empty(0, np.uint64)


def _digests(rows: Rows, table: str, without: Container[tuple[str, str]]) -> np.ndarray:
    """For each row the sum over its columns; null adds nothing."""
    total = np.zeros(len(rows.table), np.uint64)
    for column in COLUMNS[table]:
        if (table, column) in without or (table, column) == ("element_errors", "message"):
            continue
        if column == "index":
            total += mixed(rows.indices().astype(np.uint64) + _salt(column))
            continue
        text = rows.text(column)
        own = np.append(mixed(hashed(text.dictionary) + _salt(column)), np.uint64(0))
        total += own[np.asarray(pc.fill_null(text.indices, len(own) - 1))]
    return total


@cache
def _salt(name: str) -> np.uint64:
    return np.uint64(hashed(pa.array([name]))[0])


def _is(rows: Rows, element: str) -> np.ndarray:
    return np.asarray(
        pc.fill_null(pc.equal(rows.text("element").cast(pa.string()), element), False)
    )


def _shown(status: pa.DictionaryArray) -> pa.Array:
    """A status as it may be shown: what is no word of the vocabulary may be anything."""
    from scormaudit.cmi import STATUS as WORDS

    names = status.dictionary.to_pylist()
    told = [name if name in WORDS else "(empty)" if not name else "(other)" for name in names]
    words = pa.array([*told, "(absent)"], pa.string())
    return words.take(pc.fill_null(status.indices, len(told)))


def _one(chunks: list[pa.Array]) -> pa.Array:
    """Chunks as one plain array of text."""
    plain = [pc.cast(chunk, pa.large_string()) for chunk in chunks]
    return pa.concat_arrays(plain) if plain else pa.array([], pa.large_string())


def _refuse_twins(side: Side) -> None:
    first = pc.index_in(side.keys, value_set=side.keys)
    twins = int((np.asarray(first) != np.arange(len(side))).sum())
    if twins:
        raise SnapshotError(
            f"It has {twins} records whose keys another record has too.",
            where=str(side.snapshot.path),
            todo="Fetch or import it anew; nothing was compared.",
        )
