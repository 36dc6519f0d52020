"""The journal: every step of an apply, durable before it happens, chained, never changed."""

import errno
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, astuple, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self

from scormaudit.entry import COLUMNS, FORMAT, RESTORE, Entry, Kind, hash_of, verified
from scormaudit.errors import JournalError, SafetyStop, ScormauditError
from scormaudit.lms.classification import Answer
from scormaudit.plan import Change, canonical, digest
from scormaudit.privacy import make_folder

State = Literal[
    "verified", "already", "skipped", "conflict", "conflict_after", "frame_changed",
    "wrong_pairing", "rejected", "not_sent", "not_applied", "deferred", "parked",
]  # fmt: skip
FINAL = ("verified", "already", "conflict_after", "frame_changed", "wrong_pairing", "rejected",
         "parked")  # fmt: skip
_SCHEMA = """
CREATE TABLE entries (
  seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, at TEXT NOT NULL, plan TEXT NOT NULL,
  change TEXT NOT NULL, write_key TEXT NOT NULL, closes INTEGER UNIQUE REFERENCES entries(seq),
  body TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL UNIQUE);
CREATE TRIGGER never_updated BEFORE UPDATE ON entries
  BEGIN SELECT RAISE(ABORT, 'a journal is never changed'); END;
CREATE TRIGGER never_deleted BEFORE DELETE ON entries
  BEGIN SELECT RAISE(ABORT, 'a journal is never changed'); END;
CREATE TRIGGER one_open_intent BEFORE INSERT ON entries
  WHEN NEW.kind = 'intent' AND EXISTS (
    SELECT 1 FROM entries i WHERE i.kind = 'intent' AND i.write_key = NEW.write_key
    AND NOT EXISTS (SELECT 1 FROM entries r WHERE r.closes = i.seq))
  BEGIN SELECT RAISE(ABORT, 'an intent for this SCO is still open'); END;
CREATE TRIGGER closes_its_own BEFORE INSERT ON entries
  WHEN NEW.closes IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM entries i WHERE i.seq = NEW.closes AND i.kind = 'intent' AND i.plan = NEW.plan
    AND i.change = NEW.change AND i.write_key = NEW.write_key)
  BEGIN SELECT RAISE(ABORT, 'a result closes the intent of its own change'); END;
"""
_TABLES = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
_WORDS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk fails",
    sqlite3.SQLITE_CANTOPEN: "a file beside it cannot be made",
    sqlite3.SQLITE_BUSY: "another process holds it",
    sqlite3.SQLITE_READONLY: "it is read-only",
}
_FAILED = tuple(_WORDS)[:4]
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)


class Journal:
    """An open journal of one LMS; it appends, and refuses everything else."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db, self.path = connection, path

    @classmethod
    @contextmanager
    def open(cls, path: Path, target: str) -> Iterator[Self]:
        """The journal of `target`, begun if there is none; JournalError if it is another's.

        SafetyStop where the disk fails.
        """
        with _told(path):
            make_folder(path.parent, exist_ok=True)
            path.touch(mode=0o600)
        with closing(_connected(path)) as connection:
            journal = cls(connection, path)
            with _told(path):
                if connection.execute(_TABLES).fetchone():
                    journal.check(target)
                connection.execute("PRAGMA journal_mode=DELETE")
                connection.execute("PRAGMA synchronous=EXTRA")
                journal._begin(target)
            yield journal

    def append(
        self,
        kind: Kind,
        *,
        body: Mapping[str, Any],
        plan: str = "",
        change: Change | None = None,
        closes: int | None = None,
    ) -> int:
        """One entry more, on the disk when this returns; its seq.

        SafetyStop where it may not be on the disk, JournalError where it does not belong there.
        """
        salted = {**body, "salt": secrets.token_hex(16)}
        with _told(self.path):
            last = self._db.execute("SELECT seq, hash FROM entries ORDER BY seq DESC").fetchone()
            seq, previous = last or (0, "")
            entry = Entry(
                seq=seq + 1,
                kind=kind,
                at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                plan=plan,
                change=change.hash if change else "",
                write_key=change.write_key if change else "",
                closes=closes,
                body=canonical(salted).decode(),
                previous=previous,
                hash="",
            )
            row = astuple(replace(entry, hash=hash_of(entry)))
            marks = ",".join("?" * len(row))
            self._db.execute(f"INSERT INTO entries VALUES ({marks})", row)  # noqa: S608
        return entry.seq

    def intent(self, plan: str, change: Change, body_digest: str) -> Entry:
        """That these bytes are about to be sent."""
        body = {"change": asdict(change), "sha256": body_digest}
        seq = self.append("intent", body=body, plan=plan, change=change)
        return self._rows("WHERE seq = ?", seq)[0]

    def outcome(self, plan: str, change: Change, answer: Answer) -> None:
        """What came back."""
        body = {"outcome": answer.outcome, "reason": _storable(answer.reason)}
        self.append("outcome", body=body, plan=plan, change=change)

    def result(
        self,
        plan: str,
        change: Change,
        state: State,
        *,
        detail: str = "",
        read: Mapping[str, str] | None = None,
        closes: int | None = None,
    ) -> None:
        """How a change ended; `read` is what its elements read back as."""
        seen = {name: _storable(text) for name, text in (read or {}).items()}
        body = {"state": state, "detail": _storable(detail), "read": seen}
        self.append("result", body=body, plan=plan, change=change, closes=closes)

    def entries(self) -> list[Entry]:
        """Every entry in order."""
        return self._rows("ORDER BY seq")

    def open_intents(self) -> list[Entry]:
        """Intents that no result has closed: nobody knows yet whether they were carried out."""
        return self._rows(
            "i WHERE kind = 'intent' AND NOT EXISTS"
            " (SELECT 1 FROM entries r WHERE r.closes = i.seq) ORDER BY seq"
        )

    def ended(self, plan: str) -> dict[str, State]:
        """For each change of a plan, the last state it came to."""
        results = self._rows("WHERE kind = 'result' AND plan = ? ORDER BY seq", plan)
        return {result.change: result.content()["state"] for result in results}

    def lost(self, plan: str, change: Change) -> int:
        """How often an edit of unknown outcome turned out not to have been made."""
        results = self._rows("WHERE kind = 'result' AND plan = ? AND change = ?", plan, change.hash)
        return sum(result.content()["state"] == "not_applied" for result in results)

    @property
    def head(self) -> str:
        """The hash of the last entry: whoever keeps it can prove that nothing was cut off."""
        return self._rows("ORDER BY seq DESC LIMIT 1")[0].hash

    def _begin(self, target: str) -> None:
        """Make the tables and the first entry in one, so that a kill leaves both or neither."""
        if not self._db.execute(_TABLES).fetchone():
            self._db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA}")
            self.append("open", body={"format": FORMAT, "target": target})
            self._db.execute("COMMIT")

    def check(self, target: str = "") -> list[Entry]:
        """Every entry; JournalError unless all is as it was written, and for this LMS if named."""
        if self._db.execute(_TABLES).fetchall() != _tables():
            raise JournalError(
                "This is not a journal, or its tables were changed.", where=str(self.path)
            )
        if self._db.execute("PRAGMA integrity_check(1)").fetchall() != [("ok",)]:
            raise JournalError("The journal is damaged.", where=str(self.path), todo=RESTORE)
        entries = verified(self.entries(), self.path)
        if not all(entry.is_whole for entry in entries):
            raise JournalError("Its entries were cut down.", where=str(self.path), todo=RESTORE)
        of = entries[0].content()["target"]
        if target and target != of:
            raise JournalError(
                f"It is the journal of {of}.",
                where=str(self.path),
                todo="Each LMS has a journal of its own.",
            )
        return entries

    def _rows(self, which: str, *values: object) -> list[Entry]:
        with _told(self.path):
            query = f"SELECT {', '.join(COLUMNS)} FROM entries {which}"  # noqa: S608
            return [Entry(**dict(zip(COLUMNS, row, strict=True)))
                    for row in self._db.execute(query, values)]  # fmt: skip


def is_begun(path: Path) -> bool:
    """Whether anything was written there; a kill may leave an empty file."""
    return path.is_file() and path.stat().st_size > 0


def read_journal(path: Path | str) -> list[Entry]:
    """Every entry of a journal, the chain checked; JournalError names the first broken one.

    Where a kill cut off a write, SQLite takes it back, for which it must be able to write.
    """
    path = Path(path)
    if not path.is_file():
        raise JournalError("There is no journal here.", where=str(path))
    mode = "rw" if path.with_name(f"{path.name}-journal").exists() else "ro"
    with closing(_connected(path, mode)) as connection, _told(path):
        return Journal(connection, path).check()


@contextmanager
def locked(home: Path, target: str) -> Iterator[None]:
    """Only one process at a time changes an LMS; the lock ends with the process."""
    file = home / f"{digest('target', target)[:16]}.lock"
    try:
        make_folder(home, exist_ok=True)
        file.touch(mode=0o600)
    except OSError as error:
        raise JournalError(
            f"The home cannot be made ({error.strerror}).",
            where=str(home),
            todo="Set SCORMAUDIT_HOME to a folder that you may write in.",
        ) from None
    with closing(_connected(file, "rwc", timeout=0)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise _failure(error, file) from None
            raise SafetyStop(
                "Another process is applying changes to this LMS.",
                where=target,
                todo="Wait until it has ended.",
            ) from None
        try:
            yield
        finally:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")


def _connected(path: Path, mode: str = "rw", timeout: float = 5) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    try:
        return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=timeout)
    except sqlite3.Error:
        raise JournalError("It cannot be opened.", where=str(path)) from None


@cache
def _tables() -> list[tuple[str, ...]]:
    """The tables and triggers of a new journal."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(_SCHEMA)
        return connection.execute(_TABLES).fetchall()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Faults of the disk and the database in our words, without the text of an entry."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise _failure(error, path) from None
    except UnicodeDecodeError:
        raise JournalError("The journal is damaged.", where=str(path), todo=RESTORE) from None


def _failure(error: OSError | sqlite3.Error, path: Path) -> ScormauditError:
    if isinstance(error, OSError):
        what, failed = error.strerror or "no access", error.errno in _NO_ROOM
    else:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        what, failed = _WORDS.get(code, "it is damaged, or no journal"), code in _FAILED
    if isinstance(error, sqlite3.IntegrityError):
        what = str(error)
    if failed:
        return SafetyStop(
            f"The journal cannot be written: {what}.",
            where=str(path),
            todo="Nothing is sent without it; mend this, then run the same command again.",
        )
    return JournalError(f"The journal cannot be used: {what}.", where=str(path))


def _storable(text: str) -> str:
    """The text, where half a surrogate pair, which no UTF-8 can hold, is spelt as an escape."""
    return text.encode("utf-8", "backslashreplace").decode()
