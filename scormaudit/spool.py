"""What an unfinished fetch has read: kept when its process ends, at whatever moment."""

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from scormaudit.errors import SnapshotError

FILE = "spool.sqlite"
_BATCH = 64
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS errand (body TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS parts (stop INTEGER PRIMARY KEY, body TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS answers"
    " (position INTEGER PRIMARY KEY, settled INTEGER NOT NULL, tables TEXT NOT NULL)",
)
_PUT = "INSERT OR REPLACE INTO answers VALUES (?, ?, ?)"
_SLICE = "SELECT tables FROM answers WHERE position >= ? AND position < ? ORDER BY position"

Tables = dict[str, list[dict[str, Any]]]


class Spool:
    """The answers that are in no part yet, by position in the worklist, and the parts so far.

    One SQLite file, whose lock lasts as long as its process. What was put outlives the process
    but need not outlive a power cut, which costs a reading: so nothing waits for the disk.
    Opening one that was begun changes nothing in it. Safe to share between threads.
    SnapshotError where the file is locked, damaged or the disk is full.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._lock = Lock()
        with self._named():
            os.close(os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600))
            self._db = sqlite3.connect(
                self._file, isolation_level=None, timeout=0, check_same_thread=False
            )
            try:
                self._open()
            except sqlite3.Error:
                self._db.close()
                raise

    def _open(self) -> None:
        """Not knowing answers that were not settled: those are asked for again, and replaced."""
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=NORMAL"):
            self._db.execute(f"PRAGMA {pragma}")
        with self._transaction():
            for statement in _SCHEMA:
                self._db.execute(statement)
        rows = self._db.execute("SELECT body FROM errand").fetchall()
        self.errand: dict[str, Any] | None = json.loads(rows[0][0]) if rows else None
        parts = self._db.execute("SELECT stop, body FROM parts ORDER BY stop").fetchall()
        self.parts: list[dict[str, Any]] = [json.loads(body) for _, body in parts]
        self.head = parts[-1][0] if parts else 0
        sizes = self._db.execute("SELECT position, length(tables) FROM answers WHERE settled")
        self._sizes: dict[int, int] = dict(sizes.fetchall())
        self._edge, self._weight = self.head, 0

    def begin(self, errand: Mapping[str, Any]) -> None:
        """Note what is to be done; from now on the fetch can be gone on with."""
        with self._named(), self._lock, self._transaction():
            self._db.execute("INSERT INTO errand VALUES (?)", (json.dumps(errand),))
        self.errand = dict(errand)

    def __contains__(self, position: int) -> bool:
        return position < self.head or position in self._sizes

    @property
    def known(self) -> int:
        """How many assignments are done, those in parts included."""
        return self.head + len(self._sizes)

    def put(self, position: int, tables: Tables, *, settled: bool = True) -> None:
        """Keep the rows of one assignment; the next process asks again for what is not settled."""
        text = json.dumps(tables, separators=(",", ":"))
        with self._named(), self._lock:
            self._db.execute(_PUT, (position, settled, text))
            self._sizes[position] = len(text)

    def ready(self, total: int, most: int, weight: int) -> int | None:
        """Where the next part stops, once every assignment before that is here, else None.

        A part has `most` assignments or a `weight` of JSON, whichever comes first; the last
        one stops at `total`.
        """
        with self._lock:
            while self._edge in self._sizes:
                self._weight += self._sizes[self._edge]
                self._edge += 1
                if self._edge - self.head >= most or self._weight >= weight or self._edge == total:
                    return self._edge
        return None

    def batches(self, stop: int) -> Iterator[Tables]:
        """The rows up to `stop` in the order of the worklist, some assignments at a time."""
        for at in range(self.head, stop, _BATCH):
            with self._named(), self._lock:
                rows = self._db.execute(_SLICE, (at, min(at + _BATCH, stop))).fetchall()
            batch: Tables = {}
            for (text,) in rows:
                for name, more in json.loads(text).items():
                    batch.setdefault(name, []).extend(more)
            yield batch

    def shelve(self, stop: int, part: Mapping[str, Any]) -> None:
        """Note that what comes before `stop` is in a finished part, and forget its answers."""
        with self._named(), self._lock, self._transaction():
            self._db.execute("INSERT INTO parts VALUES (?, ?)", (stop, json.dumps(part)))
            self._db.execute("DELETE FROM answers WHERE position < ?", (stop,))
            for position in range(self.head, stop):
                del self._sizes[position]
            self.head, self._edge, self._weight = stop, stop, 0

    def close(self) -> None:
        """Give the file free; what it holds stays. Twice is no harm."""
        with self._named(), self._lock:
            self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Failures of SQLite and of the disk as SnapshotError."""
        try:
            yield
        except sqlite3.OperationalError as error:
            locked = "locked" in str(error)
            what = "Another process is fetching into it" if locked else f"It failed ({error})"
            todo = "Wait for its end." if locked else "Make room, then go on with --resume."
        except sqlite3.Error as error:
            what, todo = f"It is damaged ({type(error).__name__})", "Fetch into another folder."
        except OSError as error:
            what, todo = f"It cannot be used ({error.strerror})", "Go on with --resume."
        else:
            return
        raise SnapshotError(f"{what}.", where=str(self._file), todo=todo)


def remove(folder: Path) -> None:
    """Remove a closed spool, and what a killed process left beside it."""
    for file in (
        *folder.glob(f"{FILE}*"),
        *folder.glob("manifest.tmp"),
        *folder.glob("*/part-*.tmp"),
    ):
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise SnapshotError(
                f"It cannot be removed ({error.strerror}).", where=str(file), todo="Remove it."
            ) from None
