"""Pieces of records in any order, gathered by record on the disk rather than in memory."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scormaudit.errors import SourceError
from scormaudit.imports.piece import Cell, Piece

_SCHEMA = (
    "CREATE TABLE assignments (id INTEGER PRIMARY KEY, ids TEXT UNIQUE, status TEXT, row INTEGER)",
    "CREATE TABLE records (id INTEGER PRIMARY KEY, assignment INTEGER, sco TEXT, labels TEXT,"
    " UNIQUE (assignment, sco))",
    "CREATE TABLE pieces (assignment INTEGER, record INTEGER, part INTEGER, body TEXT,"
    " PRIMARY KEY (assignment, record, part)) WITHOUT ROWID",
)
_ALL = (
    "SELECT a.ids, a.status, a.row, r.sco, r.labels, p.body FROM assignments a"
    " LEFT JOIN records r ON r.assignment = a.id"
    " LEFT JOIN pieces p ON p.assignment = a.id AND p.record = r.id"
    " ORDER BY a.id, r.id, p.part"
)
_ASSIGNMENT = "INSERT OR IGNORE INTO assignments (ids, status, row) VALUES (?, ?, ?)"
_ITS_NUMBER = "SELECT id FROM assignments WHERE ids = ?"
_RECORD = "INSERT OR IGNORE INTO records (assignment, sco, labels) VALUES (?, ?, ?)"
_ITS_RECORD = "SELECT id FROM records WHERE assignment = ? AND sco = ?"
_RECENT = 4096


@dataclass(slots=True)
class Gathered:
    """One record whole: `cells` in the order of the file; without a SCO only an assignment."""

    ids: tuple[str, str]
    status: str
    row: int
    sco: str | None
    labels: dict[str, str] = field(repr=False)
    cells: list[Cell] = field(repr=False)

    @property
    def weight(self) -> int:
        """About how many bytes it takes."""
        return sum(64 + len(cell.text or "") for cell in self.cells)


class Gathering:
    """A SQLite file beside the snapshot, removed when it is closed."""

    def __init__(self, path: Path) -> None:
        self.path, self._part = path, 0
        self._run: tuple[tuple[str, ...], int, int, list[Cell]] | None = None
        self._known: dict[tuple[str, ...], tuple[int, int]] = {}
        if path.exists():
            raise SourceError(
                "An import is under way here, or was cut off.",
                where=str(path),
                todo="Remove this file if none is running.",
            )
        with self._named():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            self._db = sqlite3.connect(path, isolation_level=None)
            for pragma in ("journal_mode=OFF", "synchronous=OFF", "temp_store=FILE"):
                self._db.execute(f"PRAGMA {pragma}")
            for statement in _SCHEMA:
                self._db.execute(statement)
            self._db.execute("BEGIN")

    def put(self, piece: Piece) -> None:
        """Keep a piece; pieces of one record that follow one another are kept together."""
        if self._run is None or self._run[0] != piece.ids:
            self._settle()
            with self._named():
                self._run = (piece.ids, *self._number(piece), [])
        self._run[3].extend(piece.cells)

    def records(self) -> Iterator[Gathered]:
        """Every record, those of one assignment together, in the order of the file."""
        self._settle()
        last: Gathered | None = None
        with self._named():
            for ids, status, row, sco, labels, body in self._db.execute(_ALL):
                enrollment, assignment = json.loads(ids)
                key = (enrollment, assignment)
                cells = [Cell(*cell) for cell in json.loads(body or "[]")]
                if last is not None and (last.ids, last.sco) == (key, sco):
                    last.cells.extend(cells)
                    continue
                if last is not None:
                    yield last
                last = Gathered(key, status, row, sco, json.loads(labels or "{}"), cells)
        if last is not None:
            yield last

    def close(self) -> None:
        """Remove the file."""
        self._db.close()
        self.path.unlink(missing_ok=True)

    def _settle(self) -> None:
        if self._run is not None:
            _, assignment, record, cells = self._run
            self._run, self._part = None, self._part + 1
            if record:
                body = json.dumps(cells, separators=(",", ":"))
                with self._named():
                    self._db.execute(
                        "INSERT INTO pieces VALUES (?, ?, ?, ?)",
                        (assignment, record, self._part, body),
                    )

    def _number(self, piece: Piece) -> tuple[int, int]:
        """The numbers of a piece's assignment and record, 0 for no record."""
        known = self._known.get(piece.ids)
        if known is None:
            enrollment, assignment, status, sco = piece.ids
            ids = json.dumps([enrollment, assignment])
            self._db.execute(_ASSIGNMENT, (ids, status, piece.row))
            number = self._db.execute(_ITS_NUMBER, (ids,)).fetchone()[0]
            record = 0
            if sco:
                self._db.execute(_RECORD, (number, sco, json.dumps(dict(piece.labels))))
                record = self._db.execute(_ITS_RECORD, (number, sco)).fetchone()[0]
            if len(self._known) >= _RECENT:
                self._known.clear()
            known = self._known[piece.ids] = number, record
        return known

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Failures of SQLite and of the disk as SourceError."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise SourceError(
                f"The import cannot be kept on the disk ({why}).",
                where=str(self.path),
                todo="Make room, then import again.",
            ) from None
