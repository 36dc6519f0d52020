"""The engines, each with the same sixteen rules: what it loads beforehand, and what is timed.

Every one returns all its findings: rule, row and value.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.documented import documented, expected
from benchmarks.expressions import CODES, KEY, SUBJECT, broken, sql
from benchmarks.records import SIXTEEN

PACK = Path(__file__).parent / "pack"
Found = Iterable[tuple[str, Any, Any]]
"""A rule, the rows that broke it, and their values; a rule may come in several pieces."""


@dataclass(frozen=True, slots=True)
class Engine:
    """`load` makes ready what a user would have at hand, `run` is timed."""

    load: Callable[[Path], Any]
    run: Callable[[Any], Found]


# --- scormaudit --------------------------------------------------------------------------


def _snapshot(folder: Path) -> Any:
    from scormaudit import read_snapshot

    return read_snapshot(folder)


def _as_read(folder: Path) -> Any:
    return _snapshot(folder).table("records", list(SIXTEEN))


def _as_str(folder: Path) -> Any:
    frame = _as_read(folder)
    return frame.astype(dict.fromkeys(frame, "str"))


def _judged(source: Any, **options: Any) -> Found:
    """The findings, which stand rule by rule."""
    from scormaudit import audit

    found = audit(source, **options).findings
    for rule, rows in found.groupby("rule").indices.items():
        own = slice(rows[0], rows[-1] + 1)
        yield str(rule), found["row"].iloc[own], found["value"].iloc[own]


def _sixteen(source: Any) -> Found:
    from scormaudit.pack import load

    return _judged(source, rules=load(PACK, shipped_too=False))


def _all_columns(folder: Path) -> Any:
    return _snapshot(folder).records


# --- polars and what stands on it --------------------------------------------------------


def _polars(folder: Path) -> Any:
    import polars as pl

    return pl.read_parquet(folder / "records" / "*.parquet", columns=list(SIXTEEN))


def _tuned(frame: Any) -> Found:
    """One select of all masks, then one gather a rule."""
    masks = frame.lazy().select(**broken()).collect()
    for code in CODES:
        rows = masks[code].arg_true()
        yield code, rows, frame[SUBJECT[code]].gather(rows)


def _lazy(folder: Path) -> Found:
    """A scan of the files that reads each column once."""
    import polars as pl

    subjects = {f"value_{code}": pl.col(SUBJECT[code]) for code in CODES}
    scan = pl.scan_parquet(folder / "records" / "*.parquet").with_row_index("row")
    found = scan.select("row", **broken(), **subjects).filter(pl.any_horizontal(*CODES)).collect()
    for code in CODES:
        own = found.filter(pl.col(code))
        yield code, own["row"], own[f"value_{code}"]


def _pandera_polars(frame: Any) -> Found:
    import pandera.polars as pa

    def check(code: str, expression: Any) -> Any:
        return pa.Check(lambda data: data.lazyframe.select(~expression), name=code, error=code)

    rules = {c: e for c, e in broken().items() if c != "BU101"}
    schema = pa.DataFrameSchema(checks=[check(c, e) for c, e in rules.items()])
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        for (code,), own in cases.group_by("check"):
            yield code, own["index"], frame[SUBJECT[code]].gather(own["index"])
    rows = frame.select(__import__("polars").struct(KEY).is_duplicated().arg_true()).to_series()
    yield "BU101", rows, frame["sco_id"].gather(rows)


def _dataframely(frame: Any) -> Found:
    import dataframely as dy
    import polars as pl

    def rule(expression: Any) -> Any:
        return dy.rule()(lambda cls: ~expression)  # noqa: ARG005

    rules = {code: rule(expression) for code, expression in broken().items()}
    columns = {name: dy.String(nullable=True) for name in SIXTEEN}
    schema = type("Records", (dy.Schema,), {**columns, "row": dy.UInt32(), **rules})
    _, failure = schema.filter(frame.with_row_index("row"))
    details = failure.details()
    for code in CODES:
        own = details.filter(pl.col(code) == "invalid")
        yield code, own["row"], own[SUBJECT[code]]


def _pointblank(frame: Any) -> Found:
    import pointblank as pb

    validation = pb.Validate(frame)
    for expression in broken().values():
        validation = validation.col_vals_expr(expr=~expression)
    done = validation.interrogate(extract_limit=len(frame))
    for number, code in enumerate(CODES, 1):
        own = done.get_data_extracts(number, frame=True)
        if own is not None and len(own):
            yield code, own["_row_num_"] - 1, own[SUBJECT[code]]


# --- DuckDB ------------------------------------------------------------------------------


def _duckdb(folder: Path) -> Any:
    import duckdb

    base = duckdb.connect()
    columns = ", ".join(SIXTEEN)
    base.execute(f"CREATE TABLE t AS SELECT {columns} FROM '{folder}/records/*.parquet'")  # noqa: S608
    return base


def _sql(base: Any) -> Found:
    return _split(base.execute(sql("t", "rowid")).to_arrow_table())


def _sql_on_files(folder: Path) -> Found:
    import duckdb

    columns = ", ".join(("file_row_number", "file_index", *SIXTEEN))
    base = duckdb.connect()
    parts = sorted((folder / "records").glob("*.parquet"))
    offsets = np.cumsum([0, *(_rows(part) for part in parts)])
    base.execute(
        f"CREATE VIEW t AS SELECT {columns} "  # noqa: S608
        f"FROM read_parquet('{folder}/records/*.parquet', file_row_number = true)"
    )
    table = base.execute(
        sql("t", "(file_row_number + file_index::BIGINT * 4294967296)::BIGINT")
    ).to_arrow_table()
    row = table["row"].to_numpy()
    at = table.column_names.index("row")
    return _split(table.set_column(at, "row", [offsets[row >> 32] + (row & 0xFFFFFFFF)]))


def _rows(file: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(file).num_rows)


def _split(table: Any) -> Found:
    import pyarrow.compute as pc

    for code in CODES:
        own = table.filter(pc.equal(table["rule"], code))
        yield code, own["row"], own["value"]


ENGINES = {
    "scormaudit": Engine(_as_read, _sixteen),
    "scormaudit, str columns": Engine(_as_str, _sixteen),
    "scormaudit from file": Engine(_snapshot, _sixteen),
    "scormaudit, all rules": Engine(_all_columns, _judged),
    "scormaudit, all rules, from file": Engine(_snapshot, _judged),
    "polars, tuned (the limit)": Engine(_polars, _tuned),
    "polars, lazy from file": Engine(lambda folder: folder, _lazy),
    "pandera on polars": Engine(_polars, _pandera_polars),
    "dataframely": Engine(_polars, _dataframely),
    "pointblank": Engine(_polars, _pointblank),
    "DuckDB": Engine(_duckdb, _sql),
    "DuckDB from file": Engine(lambda folder: folder, _sql_on_files),
    "pandera as documented": Engine(_as_str, documented),
    "Great Expectations": Engine(_as_str, expected),
}
