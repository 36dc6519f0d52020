"""The tables of a comparison: records by course and status, what is missing, what changed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from scormaudit.compare.column import apart
from scormaudit.compare.difference import STATES, Cells
from scormaudit.compare.digest import Side
from scormaudit.compare.kind import GRAVE, KINDS
from scormaudit.compare.naming import generic, named
from scormaudit.frame import COLUMNS, RECORD

SUMS = ("old", "new", "missing", "added", "changed")
_TABLES = ("records", "objectives", "interactions", "strays", "element_errors")
_COLUMNS = tuple(dict.fromkeys(["", *(name for table in _TABLES for name in COLUMNS[table])]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Positions of records: of pairs in `old` and `new`, and of records that are in no pair.

    `differing` are the numbers of the pairs that are not equal.
    """

    old: np.ndarray
    new: np.ndarray
    differing: np.ndarray
    missing: np.ndarray
    added: np.ndarray


def counted(left: Side, right: Side, pairing: Pairing, cells: Sequence[Cells]) -> pd.DataFrame:
    """How many records there are by course and status, and what became of them.

    A record counts in one course, that of the side that has labels, the old one if both have.
    It is changed if a value is another, lost or gained, and counts so where it was.
    """
    of_pairs = left.course.take(pa.array(pairing.old))
    if right.labelled and not left.labelled:
        of_pairs = right.course.take(pa.array(pairing.new))
    old, new = (
        _placed(side.course, positions, of_pairs)
        for side, positions in ((left, pairing.old), (right, pairing.new))
    )
    changed = pairing.old[pairing.differing[_changed(cells)]]
    sums = (
        _sums(old, left.status, None),
        _sums(new, right.status, None),
        _sums(old, left.status, pairing.missing),
        _sums(new, right.status, pairing.added),
        _sums(old, left.status, changed),
    )
    table = pd.concat(sums, axis=1, keys=SUMS).fillna(0).astype("int64")
    counts: pd.DataFrame = table.sort_index().reset_index()
    return counts


def records_of(side: Side, positions: np.ndarray) -> pd.DataFrame:
    """Some records by their ids, with course and status, in the order of their ids."""
    at = pa.array(positions)
    ids = apart(side.keys.take(at), len(RECORD))
    texts = [*ids, pc.fill_null(side.course.take(at), ""), side.status.take(at)]
    frame = pa.table(texts, names=[*RECORD, "course", "status"]).to_pandas()
    ordered: pd.DataFrame = frame.sort_values(list(RECORD), ignore_index=True)
    return ordered


def changes_of(
    cells: Sequence[Cells], left: Side, right: Side, pairing: Pairing, names: Sequence[str]
) -> pd.DataFrame:
    """A row a cell that differs, by record and then in the order of the data model.

    `names` are those of strays, by number.
    """
    own = left.keys.take(pa.array(pairing.old[pairing.differing]))
    theirs = right.keys.take(pa.array(pairing.new[pairing.differing]))
    merged = _merged(cells, own)
    pair = merged["pair"]
    columns: dict[str, object] = {
        name: _categories(ids, pair) for name, ids in zip(RECORD, apart(own, 3), strict=True)
    }
    columns |= {
        f"new_{name}": _categories(ids, pair)
        for name, ids in zip(RECORD, apart(theirs, 3), strict=True)
    }
    columns["element"] = _elements(merged, names)
    columns["kind"] = _categorical(merged["kind"], list(KINDS))
    columns |= {
        name: _categorical(merged[name], list(STATES)) for name in ("old_state", "new_state")
    }
    columns["table"] = _categorical(merged["table"], list(_TABLES))
    columns["column"] = _categorical(merged["column"], list(_COLUMNS))
    columns |= {name: merged[name] for name in ("old_row", "new_row")}
    return pd.DataFrame(columns)


def elements_of(changes: pd.DataFrame) -> pd.DataFrame:
    """A row an element, those with most changes of the worst class first."""
    names = {name: generic(name) for name in changes["element"].cat.categories}
    element = changes["element"].astype("object").map(names)
    sums = pd.crosstab(element, changes["kind"].astype("object"))
    table = sums.reindex(columns=list(KINDS), fill_value=0).sort_values(
        list(KINDS), ascending=False, kind="stable"
    )
    told: pd.DataFrame = table.rename_axis(index="element", columns=None).reset_index()
    return told


def _placed(course: pa.Array, positions: np.ndarray, of_pairs: pa.Array) -> pa.Array:
    """The course of each record, that of its pair where it is in one."""
    mask = np.zeros(len(course), bool)
    mask[positions] = True
    order = np.argsort(positions, kind="stable")
    return pc.replace_with_mask(course, pa.array(mask), of_pairs.take(pa.array(order)))


def _changed(cells: Sequence[Cells]) -> np.ndarray:
    """The differing pairs in which a value changed."""
    grave = [one.pair[one.kind < len(GRAVE)] for one in cells]
    return np.unique(np.concatenate(grave)) if grave else np.empty(0, np.intp)


def _sums(course: pa.Array, status: pa.Array, at: np.ndarray | None) -> pd.Series:
    """How many records have which course and status."""
    table = pa.table([pc.fill_null(course, ""), status], names=["course", "status"])
    if at is not None:
        table = table.take(pa.array(at))
    found = table.group_by(["course", "status"]).aggregate([([], "count_all")])
    frame = found.to_pandas().set_index(["course", "status"])
    sums: pd.Series = frame["count_all"]
    return sums


def _merged(cells: Sequence[Cells], own: pa.Array) -> dict[str, np.ndarray]:
    """All cells as columns of numbers, in the order of the records' ids and the data model."""
    rank = np.empty(len(own), np.int64)
    rank[np.asarray(pc.sort_indices(own))] = np.arange(len(own))
    parts = {
        "pair": [one.pair for one in cells],
        "table": [np.full(len(one.pair), _TABLES.index(one.table), np.int8) for one in cells],
        "column": [np.full(len(one.pair), _COLUMNS.index(one.column), np.int8) for one in cells],
        "sub": [one.sub for one in cells],
        "kind": [one.kind.astype(np.int8) for one in cells],
        "old_row": [one.old for one in cells],
        "new_row": [one.new for one in cells],
        "old_state": [one.old_state for one in cells],
        "new_state": [one.new_state for one in cells],
    }
    none = [np.empty(0, np.int64)]
    whole = {name: np.concatenate(chunks or none) for name, chunks in parts.items()}
    by = (whole["column"], whole["sub"], whole["table"], rank[whole["pair"]])
    order = np.lexsort(by)
    return {name: column[order] for name, column in whole.items()}


def _categories(ids: pa.Array, pair: np.ndarray) -> pd.Categorical:
    coded = ids.dictionary_encode()
    codes = np.asarray(coded.indices)[pair]
    return _categorical(codes, coded.dictionary.to_pandas())


def _categorical(codes: np.ndarray, words: object) -> pd.Categorical:
    made: pd.Categorical = pd.Categorical.from_codes(codes, words)  # type: ignore[call-overload]
    return made


def _elements(merged: dict[str, np.ndarray], names: Sequence[str]) -> pd.Categorical:
    """The name of each cell, made once for each name there is."""
    width = np.int64(len(_COLUMNS))
    codes = (merged["sub"] * len(_TABLES) + merged["table"]) * width + merged["column"]
    unique, place = np.unique(codes, return_inverse=True)
    told = []
    for code in unique.tolist():
        rest, column = divmod(code, int(width))
        sub, table = divmod(rest, len(_TABLES))
        several = _TABLES[table] in ("strays", "element_errors")
        told.append(names[sub] if several else named(_TABLES[table], _COLUMNS[column], sub))
    categories, first = np.unique(np.array(told, dtype=object), return_inverse=True)
    return _categorical(first[place], categories)
