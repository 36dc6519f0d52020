"""The tables of a part, read and typed: only the columns that rules need."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from scormaudit.columns import Columns, columns_of
from scormaudit.errors import SnapshotError
from scormaudit.frame import COLUMNS, KEYS, RECORD, VIEWS, exploded, failures, joined, types
from scormaudit.rule import Rule, columns
from scormaudit.snapshot import Snapshot
from scormaudit.text import Text, text_in

_OWN = {"records": (), "element_errors": ("element", "message"), "strays": ("element", "value")}
_BESIDE = ("index", "m", "element")
MOST = 100_000
"""Rows that are judged at once where parts are smaller."""


Ids = Mapping[str, pd.Series | Text]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a part: its typed columns, the ids as they stood there, and which rows of a
    column failed to be read."""

    columns: Columns
    ids: Ids
    failed: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.columns)


Tables = Mapping[str, Table]
Rules = Sequence[type[Rule]]


def batches(snapshot: Snapshot) -> list[tuple[int, ...]]:
    """The numbers of the parts, those together that are judged at once: what a rule costs whatever
    the number of rows would be most of it for small ones."""
    found: list[tuple[int, ...]] = []
    rows = MOST
    for number, part in enumerate(snapshot.manifest.parts):
        own = sum(table["rows"] for table in part.values())
        rows += own
        if rows > MOST:
            found.append(())
            rows = own
        found[-1] = (*found[-1], number)
    return found


def tables_of(snapshot: Snapshot, rules: Rules, *parts: int) -> Tables:
    """The tables that the rules need of parts that follow one another.

    PartError where one cannot be read.
    """
    asked = {rule.table for rule in rules} | {"element_errors"}
    read = {name: _read(snapshot, name, _wanted(name, rules), parts) for name in _sources(rules)}
    records = read.pop("records")
    raw: dict[str, pd.DataFrame] = {
        name: table.to_pandas() for name, table in read.items() if len(table)
    }
    for view in asked & {*VIEWS} if "interactions" in raw else ():
        own = [*RECORD, "index", "type", VIEWS[view].column]
        raw[view] = exploded(raw["interactions"][own], view)
    raw["records"] = (records if raw else records.select(RECORD).slice(0, 0)).to_pandas()
    for name in (asked & {*raw}) - {"records"}:
        raw[name] = joined(raw[name], raw["records"], _needed(name, rules))
    tables = {name: _table(raw, name, rules) for name in asked - {"records"}}
    if "records" in asked:
        tables["records"] = _records(records, failures(raw, "records"), rules)
    return tables


def _records(records: pa.Table, failed: Mapping[str, np.ndarray], rules: Rules) -> Table:
    """The records without a detour through pandas: nothing is made that no rule asks for."""
    texts = {name: text_in(_whole(records[name])) for name in records.column_names}
    needed = {name: texts[name] for name in _needed("records", rules) if name in texts}
    return Table(Columns(needed, types("records"), records.num_rows), texts, failed)


def _read(snapshot: Snapshot, name: str, columns: list[str], parts: Iterable[int]) -> pa.Table:
    """A table of several parts; a column is a dictionary only if it is one in all of them."""
    tables = [snapshot.arrow(name, columns, part) for part in parts]
    plain = {
        field.name
        for table in tables
        for field in table.schema
        if not pa.types.is_dictionary(field.type)
    }
    return pa.concat_tables([_plainly(table, plain) for table in tables]).unify_dictionaries()


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece; Arrow would copy it even where it is."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _plainly(table: pa.Table, names: Iterable[str]) -> pa.Table:
    for number, field in enumerate(table.schema):
        if field.name in names and pa.types.is_dictionary(field.type):
            plain = table[field.name].cast(field.type.value_type)
            table = table.set_column(number, field.name, plain)
    return table


def tables_in(frame: pd.DataFrame, rules: Rules) -> Tables:
    """The columns of a frame as `records`; SnapshotError where one is there twice."""
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise SnapshotError(f"The column {twice[0]} is there twice.", where="DataFrame")
    return {"records": _table({"records": frame}, "records", rules)}


def _sources(rules: Rules) -> set[str]:
    """The tables to read from a snapshot; a view is made of the interactions."""
    asked = {rule.table for rule in rules}
    views = {"interactions"} if asked & {*VIEWS} else set()
    return {"records", "element_errors"} | views | (asked - {*VIEWS})


def _needed(table: str, rules: Rules) -> list[str]:
    """The columns that the rules about a table read."""
    return [column for rule in rules if rule.table == table for column in columns(rule)]


def _wanted(table: str, rules: Rules) -> list[str]:
    """The columns of a snapshot's table that judging and naming need."""
    wanted = [*RECORD, *_OWN.get(table, ("index",)), *_needed(table, rules)]
    if table == "records":
        of_record = [column for rule in rules for column in columns(rule)]
        wanted += [c.removeprefix("record_") for c in of_record if c.startswith("record_")]
    if table == "interactions":
        views = {rule.table for rule in rules} & {*VIEWS}
        wanted += ["type", *(VIEWS[view].column for view in views)]
    return list(dict.fromkeys(name for name in wanted if name in (*KEYS, *COLUMNS[table])))


def _table(raw: Mapping[str, pd.DataFrame], name: str, rules: Rules) -> Table:
    """A table as its rules want it; one without rows has the columns, and no more."""
    if name not in raw:
        nothing = dict.fromkeys(_needed(name, rules), Text(pa.array([], pa.string())))
        return Table(Columns(nothing, types(name), 0), nothing, {})
    frame = raw[name]
    made = columns_of(frame, _needed(name, rules), types(name), (*RECORD, *_BESIDE))
    ids: Ids = {column: frame[column] for column in RECORD if column in frame}
    return Table(made, ids, failures(raw, name))
