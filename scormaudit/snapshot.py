"""A snapshot folder: what was read, in Parquet parts that any tool can open."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from scormaudit.errors import SnapshotError
from scormaudit.frame import COLUMNS, KEYS, Row

FORMAT = "scormaudit-snapshot-1"
TABLES = (*COLUMNS, "coverage")
GOOD = ("ok", "empty")
_COVERAGE = ("row", *KEYS[:3], "state", "scos", "message")
_INTEGERS = ("index", "row", "scos")
_LISTS = ("objective_ids", "correct_responses")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`manifest.json`: dates are UTC, `parts` gives for each table its files and digests."""

    format: str
    id: str
    base_url: str
    from_utc: str
    to_utc: str
    complete: bool
    counts: dict[str, int]
    coverage: dict[str, int]
    elements: tuple[str, ...]
    labels: tuple[str, ...]
    worklist: dict[str, str]
    parts: tuple[dict[str, dict[str, Any]], ...]
    tool_version: str


_MANIFEST = TypeAdapter(Manifest)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A finished snapshot; its tables are read from the folder when asked for."""

    path: Path
    manifest: Manifest

    def __len__(self) -> int:
        return self.manifest.counts["records"]

    def __repr__(self) -> str:
        words = "" if self.manifest.complete else ", incomplete"
        return f"<Snapshot of {len(self)} records{words}: {self.path}>"

    def table(
        self, name: str, columns: Sequence[str] | None = None, part: int | None = None
    ) -> pd.DataFrame:
        """One table (or one part of it); text as category, `""` empty, null absent or failed."""
        chosen = self.manifest.parts if part is None else self.manifest.parts[part : part + 1]
        files = [self.path / entry[name]["file"] for entry in chosen]
        schema = _schema(name, self.manifest.labels)
        try:
            tables = [
                pq.read_table(file, columns=columns, read_dictionary=_texts(schema))
                for file in files
            ]
        except (OSError, pa.ArrowException) as error:
            raise SnapshotError(
                f"A part of {name} cannot be read ({type(error).__name__}).",
                where=str(self.path),
                todo="Fetch it anew.",
            ) from None
        whole = pa.concat_tables(tables) if tables else schema.empty_table()
        frame: pd.DataFrame = whole.to_pandas()
        return frame

    @property
    def records(self) -> pd.DataFrame:
        """One row a record: keys, labels, title, dates and every scalar element."""
        return self.table("records")

    def verify(self) -> None:
        """SnapshotError unless every part is byte for byte what was written."""
        for entry in self.manifest.parts:
            for part in entry.values():
                file = self.path / part["file"]
                if not file.is_file() or _sha256(file.read_bytes()) != part["sha256"]:
                    raise SnapshotError(
                        "A part is not what was written.",
                        where=str(file),
                        todo="Fetch it anew; a plan needs the evidence intact.",
                    )


def read_snapshot(path: Path | str) -> Snapshot:
    """The snapshot in a folder; SnapshotError says what the folder is instead."""
    path = Path(path)
    file = path / "manifest.json"
    if not file.is_file():
        what = (
            "holds no manifest.json, so the fetch did not finish" if path.is_dir() else "is missing"
        )
        raise SnapshotError(f"The folder {what}.", where=str(path), todo="Run `scormaudit fetch`.")
    try:
        content = json.loads(file.read_bytes())
        if content["format"] != FORMAT:
            raise ValueError(content["format"])
        manifest = _MANIFEST.validate_python(content)
        _check(manifest)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SnapshotError(
            f"This is not a manifest of format {FORMAT}.", where=str(file), todo="Fetch it anew."
        ) from None
    return Snapshot(path, manifest)


def _check(manifest: Manifest) -> None:
    """KeyError or ValueError unless every table is counted and has its file in every part."""
    for table in TABLES:
        files = [(str(part[table]["file"]), part[table]["sha256"]) for part in manifest.parts]
        if manifest.counts[table] and not all(file.startswith(f"{table}/") for file, _ in files):
            raise ValueError(table)


class Writer:
    """Writes a snapshot part by part; without its manifest a folder is not a snapshot."""

    def __init__(self, path: Path, labels: tuple[str, ...]) -> None:
        self._path, self._labels = path, labels
        self._parts: list[dict[str, dict[str, Any]]] = []
        self._coverage: Counter[str] = Counter()
        try:
            path.mkdir(parents=True, mode=0o700)
        except FileExistsError:
            raise SnapshotError(
                "There is already something of this name.",
                where=str(path),
                todo="Snapshots are never overwritten; choose another folder.",
            ) from None
        except OSError as error:
            raise SnapshotError(
                f"The folder cannot be made ({error.strerror}).", where=str(path)
            ) from None
        for table in TABLES:
            (path / table).mkdir(mode=0o700)

    def write(self, tables: dict[str, list[Row]]) -> None:
        """One part of every table; `coverage` goes last."""
        number = len(self._parts)
        part: dict[str, dict[str, Any]] = {}
        for name in TABLES:
            rows, file = tables[name], f"{name}/part-{number:05}.parquet"
            sink = pa.BufferOutputStream()
            pq.write_table(
                pa.Table.from_pylist(rows, schema=_schema(name, self._labels)),
                sink,
                compression="zstd",
            )
            content = sink.getvalue().to_pybytes()
            _write(self._path / file, content)
            part[name] = {"file": file, "rows": len(rows), "sha256": _sha256(content)}
        self._coverage.update(row["state"] for row in tables["coverage"])
        self._parts.append(part)

    def finish(self, **facts: Any) -> Snapshot:
        """Write the manifest, which makes the folder a snapshot."""
        digests = "".join(part["sha256"] for entry in self._parts for part in entry.values())
        manifest = Manifest(
            format=FORMAT,
            id=_sha256(f"{facts['base_url']} {facts['from_utc']} {digests}".encode())[:32],
            complete=set(self._coverage) <= set(GOOD),
            counts={t: sum(entry[t]["rows"] for entry in self._parts) for t in TABLES},
            coverage=dict(self._coverage),
            labels=self._labels,
            parts=tuple(self._parts),
            **facts,
        )
        content = json.dumps(asdict(manifest), indent=2, ensure_ascii=False)
        _write(self._path / "manifest.json", content.encode())
        return Snapshot(self._path, manifest)


def _schema(table: str, labels: Sequence[str]) -> pa.Schema:
    names: Iterator[str] | tuple[str, ...]
    if table == "coverage":
        names = (*_COVERAGE, *labels)
    else:
        names = (*KEYS, *(labels if table == "records" else ()), *COLUMNS[table])
    return pa.schema([(name, _type(name)) for name in names])


def _type(name: str) -> pa.DataType:
    if name in _INTEGERS:
        return pa.int32()
    return pa.list_(pa.string()) if name in _LISTS else pa.string()


def _texts(schema: pa.Schema) -> list[str]:
    return [field.name for field in schema if field.type == pa.string()]


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(file: Path, content: bytes) -> None:
    """Durably and whole or not at all: a new file that takes its name when it is on the disk."""
    temporary = file.with_suffix(".tmp")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
    except OSError as error:
        raise SnapshotError(
            f"It cannot be written ({error.strerror}).", where=str(file), todo="Fetch it anew."
        ) from None
