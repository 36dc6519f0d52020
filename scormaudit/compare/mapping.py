"""Which old ids are which new ones, one to one, by CSV."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from scormaudit.compare.column import apart, keys
from scormaudit.errors import MappingError
from scormaudit.frame import RECORD

_UUID = r"^(?i)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$"
_SHOWN = 10
Source = Path | str | pd.DataFrame


@dataclass(frozen=True, slots=True)
class Mapping:
    """Old and new ids of some of the key columns, `columns`, row by row."""

    columns: tuple[str, ...]
    old: pa.Array
    new: pa.Array

    def __len__(self) -> int:
        return len(self.old)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """Old keys by their new ids; how many records no row is of, and how many rows of no record."""

    keys: pa.Array
    unnamed: int
    unused: int


def read_mapping(source: Source) -> Mapping:
    """A mapping by a CSV file (UTF-8) or a frame; MappingError unless it is one to one.

    Its columns are pairs of `old_enrollment_id` and `new_enrollment_id`, `old_assignment_id` and
    `new_assignment_id`, `old_sco_id` and `new_sco_id`: one pair or several, which then count
    together; other columns are not looked at. A UUID is compared in lower case.
    """
    if isinstance(source, pd.DataFrame):
        where, first, frame = "DataFrame", 1, source
    else:
        where, first, frame = str(source), 2, _of_file(Path(source))
    columns = _columns([str(name) for name in frame.columns], where)
    ids = {name: _ids(frame[name]) for c in columns for name in (f"old_{c}", f"new_{c}")}
    given = np.zeros(len(frame), bool)
    for texts in ids.values():
        given |= np.asarray(pc.not_equal(texts, ""))
    table = pa.table(ids).append_column("row", pa.array(np.arange(first, first + len(frame))))
    table = table.filter(pa.array(given))
    if not len(table):
        raise MappingError("It has no rows.", where=where, todo="Nothing was compared.")
    problems = list(islice(_problems(table, columns), _SHOWN + 1))
    if problems:
        shown = [*problems[:_SHOWN], *(["and more"] if len(problems) > _SHOWN else [])]
        raise MappingError(
            "\n  ".join(["The mapping is not one to one:", *shown]),
            where=where,
            todo="\nNothing was compared.",
        )
    old, new = (keys(table, [f"{side}_{c}" for c in columns]) for side in ("old", "new"))
    return Mapping(columns, old, new)


def mapped(own: pa.Array, mappings: Sequence[Mapping]) -> Mapped:
    """Keys with the ids that the mappings name under their new names; others stay as they are.

    MappingError where two mappings are of one column.
    """
    named = [column for mapping in mappings for column in mapping.columns]
    twice = {column for column in named if named.count(column) > 1}
    if twice:
        raise MappingError(f"Two mappings are of {min(twice)}.", todo="Put them into one file.")
    table = pa.table(apart(own, len(RECORD)), names=list(RECORD))
    unnamed, unused = np.zeros(len(own), bool), 0
    for mapping in mappings:
        mine = keys(table, mapping.columns)
        place = pc.index_in(mine, value_set=mapping.old)
        unnamed |= np.asarray(pc.is_null(place))
        unused += len(mapping) - pc.count_distinct(place).as_py()
        told = pc.coalesce(mapping.new.take(place), mine)
        for column, ids in zip(mapping.columns, apart(told, len(mapping.columns)), strict=True):
            table = table.set_column(RECORD.index(column), column, ids)
    return Mapped(keys=keys(table) if mappings else own, unnamed=int(unnamed.sum()), unused=unused)


def _of_file(path: Path) -> pd.DataFrame:
    try:
        content = path.read_bytes()
        header = content.partition(b"\n")[0].decode("latin-1")
        frame = pd.read_csv(
            BytesIO(content),
            header=None,
            dtype=str,
            keep_default_na=False,
            encoding="utf-8-sig",
            sep=max(",;\t", key=header.count),
            skip_blank_lines=False,
        )
    except pd.errors.EmptyDataError:
        raise MappingError("It is empty.", where=str(path), todo="Nothing was compared.") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not CSV in UTF-8"
        raise MappingError(f"It cannot be read ({why}).", where=str(path)) from None
    names = frame.iloc[0].fillna("").str.strip()
    return frame.iloc[1:].set_axis(pd.Index(names), axis=1)


def _columns(header: Sequence[str], where: str) -> tuple[str, ...]:
    columns = tuple(c for c in RECORD if f"old_{c}" in header or f"new_{c}" in header)
    wanted = [f"{side}_{c}" for c in columns or RECORD[:1] for side in ("old", "new")]
    missing = [name for name in wanted if name not in header]
    if missing:
        raise MappingError(
            f"The column{'s' if missing[1:] else ''} {' and '.join(missing)} "
            f"{'are' if missing[1:] else 'is'} missing.",
            where=where,
            todo=f"Ids come in pairs, old and new, of {', '.join(RECORD)}. "
            f"Found are {', '.join(header) or 'none'}.",
        )
    twice = [name for name in wanted if list(header).count(name) > 1]
    if twice:
        raise MappingError(f"The column {twice[0]} is there twice.", where=where)
    return columns


def _ids(column: pd.Series) -> pa.Array:
    """A column as text without blanks around it, UUIDs in lower case."""
    texts = column.astype("object").where(column.notna(), "").astype("str")
    plain = pc.utf8_trim_whitespace(pa.array(texts, pa.large_string(), from_pandas=True))
    return pc.if_else(pc.match_substring_regex(plain, _UUID), pc.utf8_lower(plain), plain)


def _problems(table: pa.Table, columns: Sequence[str]) -> Iterator[str]:
    """What keeps a mapping from being one to one, by row."""
    rows = table["row"].to_numpy()
    for side in ("old", "new"):
        for column in columns:
            blank = np.asarray(pc.equal(table[f"{side}_{column}"], ""))
            yield from (f"row {row}: {side}_{column} is empty" for row in rows[blank])
        own = keys(table, [f"{side}_{column}" for column in columns])
        first = np.asarray(pc.index_in(own, value_set=own))
        for at in np.flatnonzero(first != np.arange(len(own))):
            yield f"row {rows[at]}: the {side} id of row {rows[first[at]]} again"
