"""The records that held, for whoever takes only those further."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from scormaudit.audit import Report
from scormaudit.errors import ScormauditError
from scormaudit.frame import RECORD
from scormaudit.privacy import make_folder, open_file
from scormaudit.report.placing import placed
from scormaudit.report.tables import harmless
from scormaudit.report.written import refuse
from scormaudit.snapshot import Snapshot, schema_of

_TABLES = ("records", "objectives", "interactions")
_NOT_GIVEN = r"\s*(401|404|20[123])\b"
_STATUS = "cmi.core.lesson_status"
_NOT_WRITTEN = (".xlsx", ".xls", ".ods", ".json", ".html", ".txt", ".tsv", ".zip")


def write_clean(report: Report, path: Path) -> int:
    """Write the records that held, and say how many they are.

    A record held if no rule of severity error or warning was broken in it (what is allowed does
    not count), and if its status and every element that the LMS gives out could be read: where
    one failed, or the part cannot be read, nobody knows.

    A name ending in .parquet or .csv gets the records alone, with all they hold; any other is a
    folder of Parquet files of records, objectives and interactions. In a CSV, text that a
    spreadsheet would take for a formula begins with `'`; Parquet is exact.

    ScormauditError where there is something of this name or a name that promises another kind of
    file, where the report is of a frame, or where a rule crashed.
    """
    path, snapshot = Path(path), _snapshot(report)
    refuse_kind(path)
    refuse(path)
    held = _held(report, snapshot)
    try:
        match path.suffix.lower():
            case ".csv":
                _write_csv(snapshot, held, path)
            case ".parquet":
                _write_parquet(snapshot, "records", held, path)
            case _:
                make_folder(path)
                for table in _TABLES:
                    _write_parquet(snapshot, table, held, path / f"{table}.parquet")
    except (OSError, pa.ArrowException) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise ScormauditError(f"It cannot be written ({why}).", where=str(path)) from None
    return int(held.sum())


def refuse_kind(path: Path) -> None:
    """ScormauditError where a name promises a kind of file that records are not written as."""
    if path.suffix.lower() in _NOT_WRITTEN:
        raise ScormauditError(
            f"Records are not written as {path.suffix}.",
            where=str(path),
            todo="Name a .csv file, which a spreadsheet opens, a .parquet file, or a folder.",
        )


def _snapshot(report: Report) -> Snapshot:
    if report.snapshot is None:
        raise ScormauditError("Only the records of a snapshot can be written.")
    crashed = [result.rule.code for result in report.results if result.crashed]
    if crashed:
        raise ScormauditError(
            f"{', '.join(crashed)} crashed, so it is not known which records held.",
            todo="Mend the rule, or leave it out with --ignore.",
        )
    return report.snapshot


def _held(report: Report, snapshot: Snapshot) -> np.ndarray:
    """Which records held, by their position."""
    held = np.ones(len(snapshot), dtype=bool)
    findings = placed(report).findings
    held[findings.loc[findings["severity"].isin(["error", "warning"]), "record"]] = False
    if snapshot.lost:
        held &= snapshot.table("records", ["sco_id"])["sco_id"].notna().to_numpy()
    errors = snapshot.table("element_errors", [*RECORD, "element", "message"])
    given = ~errors["message"].astype("str").str.match(_NOT_GIVEN)
    lost = errors[given | errors["element"].eq(_STATUS)]
    if len(lost):
        records = snapshot.table("records", list(RECORD))
        held &= ~_among(records, lost)
    return held


def _among(frame: pd.DataFrame, records: pd.DataFrame) -> np.ndarray:
    """Which rows of a table belong to one of `records`."""
    keys = pd.MultiIndex.from_frame(frame[list(RECORD)].astype("object"))
    wanted = pd.MultiIndex.from_frame(records[list(RECORD)].astype("object"))
    return np.asarray(keys.isin(wanted.unique()))


def _parts(snapshot: Snapshot, table: str, held: np.ndarray) -> Iterator[pd.DataFrame]:
    """The rows of a table that are of records that held, a part at a time."""
    start = 0
    for number, part in enumerate(snapshot.manifest.parts):
        stop = start + part["records"]["rows"]
        rows = snapshot.table(table, part=number)
        if table == "records":
            yield rows[held[start:stop]]
        else:
            records = snapshot.table("records", list(RECORD), number)[held[start:stop]]
            yield rows[_among(rows, records)]
        start = stop


def _write_parquet(snapshot: Snapshot, table: str, held: np.ndarray, path: Path) -> None:
    schema = schema_of(table, snapshot.manifest.labels)
    with (
        os.fdopen(open_file(path, new=True), "wb") as stream,
        pq.ParquetWriter(stream, schema, compression="zstd") as writer,
    ):
        for rows in _parts(snapshot, table, held):
            texts = rows.astype("object").where(rows.notna(), None)
            writer.write_table(pa.Table.from_pandas(texts, schema=schema, preserve_index=False))


def _write_csv(snapshot: Snapshot, held: np.ndarray, path: Path) -> None:
    with os.fdopen(
        open_file(path, new=True), "w", encoding="utf-8", errors="replace", newline=""
    ) as stream:
        for number, rows in enumerate(_parts(snapshot, "records", held)):
            safe = rows.astype("object").map(harmless, na_action="ignore")
            if not number:
                safe = safe.rename(columns=harmless)
            safe.to_csv(stream, index=False, header=not number)
