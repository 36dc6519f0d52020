"""A snapshot folder: what was read, in Parquet parts that any tool can open."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from scormaudit import stored
from scormaudit.errors import PartError, SnapshotError
from scormaudit.frame import COLUMNS, KEYS, Row
from scormaudit.place import Place, place, replacing, sha256_of, verify, why
from scormaudit.privacy import make_folder

FORMAT = "scormaudit-snapshot-1"
TABLES = (*COLUMNS, "coverage")
GOOD = ("ok", "empty")
MANIFEST = "manifest.json"
_COVERAGE = ("row", *KEYS[:3], "state", "scos", "message", "read_in", "read_utc")
_INTEGERS = ("index", "row", "scos")
_LISTS = ("objective_ids", "correct_responses")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`manifest.json`: dates are UTC, `parts` gives for each table its files and digests.

    `reused` is how many assignments were taken from earlier snapshots; their rows in `coverage`
    have the id of the snapshot they were read in as `read_in`, and when it was begun as
    `read_utc`.
    """

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
    reused: int = 0


_MANIFEST = TypeAdapter(Manifest)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A finished snapshot; its tables are read from where it is kept when asked for.

    `lost` names files that cannot be read: every row of their parts is null in every table.
    """

    path: Place
    manifest: Manifest
    lost: tuple[str, ...] = ()

    def __len__(self) -> int:
        return self.manifest.counts["records"]

    def __repr__(self) -> str:
        words = "" if self.manifest.complete and not self.lost else ", incomplete"
        return f"<Snapshot of {len(self)} records{words}: {self.path}>"

    def table(
        self, name: str, columns: Sequence[str] | None = None, part: int | None = None
    ) -> pd.DataFrame:
        """One table (or one part of it); text as category, `""` empty, null absent or failed.

        PartError where a part is missing or damaged and not among `lost`.
        """
        chosen = self.manifest.parts if part is None else self.manifest.parts[part : part + 1]
        tables = [self._part(name, columns, entry) for entry in chosen]
        schema = schema_of(name, self.manifest.labels)
        whole = pa.concat_tables(tables) if tables else schema.empty_table()
        frame: pd.DataFrame = whole.to_pandas()
        return frame

    def arrow(self, name: str, columns: Sequence[str], part: int) -> pa.Table:
        """One part of a table as Arrow: texts by a dictionary where the file keeps them so.

        Where most rows have a text of their own, making a dictionary costs more than it saves.
        """
        return self._part(name, columns, self.manifest.parts[part], few=True)

    def lost_rows(self, name: str) -> int:
        """How many rows of a table are of parts that are lost."""
        return sum(e[name]["rows"] for e in self.manifest.parts if self._is_lost(e))

    def _is_lost(self, entry: Mapping[str, Mapping[str, Any]]) -> bool:
        return any(file["file"] in self.lost for file in entry.values())

    def _part(
        self,
        name: str,
        columns: Sequence[str] | None,
        entry: Mapping[str, Mapping[str, Any]],
        *,
        few: bool = False,
    ) -> pa.Table:
        schema, own = schema_of(name, self.manifest.labels), entry[name]
        if self._is_lost(entry):
            return stored.nulls(schema, columns, own["rows"])
        file = self.path / own["file"]
        try:
            return stored.read(file, own, schema, columns, few=few)
        except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
            raise PartError(
                f"A part of {name} cannot be read ({why(error)}).",
                where=str(file),
                todo="Fetch it anew.",
                file=own["file"],
                rows={table: file["rows"] for table, file in entry.items()},
            ) from None

    @property
    def records(self) -> pd.DataFrame:
        """One row a record: keys, labels, title, dates and every scalar element."""
        return self.table("records")

    def verify(self) -> None:
        """SnapshotError unless every part is byte for byte what was written."""
        for entry in self.manifest.parts:
            verify(self.path, entry)


def read_snapshot(path: Place | str) -> Snapshot:
    """The snapshot in a folder or at a URL; SnapshotError says what is there instead."""
    folder = place(path)
    file = folder / MANIFEST
    try:
        content = json.loads(file.read_bytes())
        if content["format"] != FORMAT:
            raise ValueError(content["format"])
        manifest = _MANIFEST.validate_python(content)
        _check(manifest)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        what, todo = "is missing", "Run `scormaudit fetch`."
        if isinstance(folder, Path) and folder.is_dir():
            what = f"holds no {MANIFEST}, so the fetch did not finish"
            todo = "Run the same `scormaudit fetch` with --resume."
        raise SnapshotError(f"The folder {what}.", where=str(folder), todo=todo) from None
    except OSError as error:
        raise SnapshotError(f"It cannot be read ({why(error)}).", where=str(file)) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SnapshotError(
            f"This is not a manifest of format {FORMAT}.", where=str(file), todo="Fetch it anew."
        ) from None
    return Snapshot(folder, manifest)


def _check(manifest: Manifest) -> None:
    """KeyError or ValueError unless every table is counted and has its file in every part."""
    for table in TABLES:
        files = [(str(part[table]["file"]), part[table]["sha256"]) for part in manifest.parts]
        if manifest.counts[table] and not all(file.startswith(f"{table}/") for file, _ in files):
            raise ValueError(table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part as written: each table's file, and how many assignments had which state."""

    files: dict[str, dict[str, Any]]
    coverage: dict[str, int]
    reused: int


class Writer:
    """Writes a snapshot part by part; without its manifest a folder is not a snapshot.

    `path` must not be there yet, unless `parts` are gone on with: their files must be what was
    written. SnapshotError where that is not so, or where the disk fails.
    """

    def __init__(
        self, path: Path, labels: tuple[str, ...], parts: Iterable[Part] | None = None
    ) -> None:
        self._path, self._labels = path, labels
        self._parts = list(parts or ())
        try:
            make_folder(path, exist_ok=parts is not None)
            for table in TABLES:
                (path / table).mkdir(mode=0o700, exist_ok=parts is not None)
        except FileExistsError:
            raise in_the_way(path) from None
        except OSError as error:
            raise SnapshotError(
                f"The folder cannot be made ({error.strerror}).", where=str(path)
            ) from None
        for part in self._parts:
            verify(path, part.files)

    def write(self, *batches: Mapping[str, list[Row]]) -> Part:
        """One part from rows at hand; a table that a batch lacks has no rows in it."""
        return self.write_batches(batches)

    def write_batches(self, batches: Iterable[Mapping[str, list[Row]]]) -> Part:
        """One part of every table from rows as they come; `coverage` goes last.

        What it costs in memory is one batch of rows, and the part as Arrow.
        """
        schemas = {name: schema_of(name, self._labels) for name in TABLES}
        chunks: dict[str, list[pa.RecordBatch]] = {name: [] for name in TABLES}
        coverage: Counter[str] = Counter()
        reused = 0
        for batch in batches:
            for name in TABLES:
                rows = batch.get(name, [])
                chunks[name].append(pa.RecordBatch.from_pylist(rows, schema=schemas[name]))
            coverage.update(row["state"] for row in batch.get("coverage", []))
            reused += sum(bool(row.get("read_in")) for row in batch.get("coverage", []))
        files = {}
        for name in TABLES:
            table = pa.Table.from_batches(chunks.pop(name), schema=schemas[name])
            file = f"{name}/part-{len(self._parts):05}.parquet"
            with replacing(self._path / file) as stream:
                pq.write_table(table, stream, compression="zstd", write_page_checksum=True)
            files[name] = {
                "file": file,
                "rows": table.num_rows,
                "sha256": sha256_of(self._path / file),
            }
        self._parts.append(Part(files=files, coverage=dict(coverage), reused=reused))
        return self._parts[-1]

    def finish(self, **facts: Any) -> Snapshot:
        """Write the manifest, which makes the folder a snapshot."""
        entries = tuple(part.files for part in self._parts)
        coverage: Counter[str] = Counter()
        for part in self._parts:
            coverage.update(part.coverage)
        digests = "".join(file["sha256"] for entry in entries for file in entry.values())
        seed = f"{facts['base_url']} {facts['from_utc']} {digests}"
        manifest = Manifest(
            format=FORMAT,
            id=hashlib.sha256(seed.encode()).hexdigest()[:32],
            complete=set(coverage) <= set(GOOD),
            counts={t: sum(entry[t]["rows"] for entry in entries) for t in TABLES},
            coverage=dict(coverage),
            labels=self._labels,
            parts=entries,
            reused=sum(part.reused for part in self._parts),
            **facts,
        )
        content = json.dumps(asdict(manifest), indent=2, ensure_ascii=False)
        with replacing(self._path / MANIFEST) as stream:
            stream.write(content.encode())
        return Snapshot(self._path, manifest)


def in_the_way(path: Path, instead: str = "") -> SnapshotError:
    """That something stands where a new snapshot should, and what to do `instead`."""
    return SnapshotError(
        "There is already something of this name.",
        where=str(path),
        todo=f"Snapshots are never overwritten; {instead}choose another folder.",
    )


def schema_of(table: str, labels: Sequence[str]) -> pa.Schema:
    """The columns of a table, and their types, in a snapshot of today."""
    names: Iterator[str] | tuple[str, ...]
    if table == "coverage":
        names = (*_COVERAGE, *(label for label in labels if label not in _COVERAGE))
    else:
        names = (*KEYS, *(labels if table == "records" else ()), *COLUMNS[table])
    return pa.schema([(name, _type(name)) for name in names])


def _type(name: str) -> pa.DataType:
    if name in _INTEGERS:
        return pa.int32()
    return pa.list_(pa.string()) if name in _LISTS else pa.string()
