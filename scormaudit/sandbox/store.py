"""State in SQLite: every edit and its entry in the log are one transaction."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from threading import Lock
from typing import Any

from scormaudit.errors import SettingsError
from scormaudit.sandbox.attempt import Attempt, Label, Sco
from scormaudit.sandbox.field import sizes

APPLICATION_ID = 0x5C0A0D17
ITEM_FIELDS = ("title", "start_date_utc", "exit_date_utc")
WORKLIST = ("enrollment_id", "assignment_id", "assignment_status_id", "learner", "course")
LABELS = ("enrollment_id", "assignment_id", "sco_id", "element", "defect")
_SCHEMA = f"""
PRAGMA application_id = {APPLICATION_ID};
CREATE TABLE attempts (
  enrollment_id TEXT, assignment_id TEXT, assignment_status_id TEXT UNIQUE, learner TEXT,
  course TEXT, PRIMARY KEY (enrollment_id, assignment_id));
CREATE TABLE scos (
  assignment_status_id TEXT, sco_id TEXT, state TEXT,
  PRIMARY KEY (assignment_status_id, sco_id)) WITHOUT ROWID;
CREATE TABLE labels (
  enrollment_id TEXT, assignment_id TEXT, sco_id TEXT, element TEXT, defect TEXT);
CREATE TABLE edits (
  seq INTEGER PRIMARY KEY, assignment_status_id TEXT, sco_id TEXT, body TEXT);
"""
_STATUS = "SELECT assignment_status_id FROM attempts WHERE enrollment_id = ? AND assignment_id = ?"
_PAGE = """
SELECT sco_id, state FROM scos WHERE assignment_status_id = ? ORDER BY sco_id LIMIT ? OFFSET ?"""
_STATE = "SELECT state FROM scos WHERE assignment_status_id = ? AND sco_id = ?"
_CHANGE = "UPDATE scos SET state = ? WHERE assignment_status_id = ? AND sco_id = ?"
_LOG = "INSERT INTO edits (assignment_status_id, sco_id, body) VALUES (?, ?, ?)"


class Store:
    """One connection for the server's thread and for the tests that look in from outside."""

    def __init__(self, path: Path | None) -> None:
        self._lock = Lock()
        if path is not None:
            with suppress(OSError):
                path.touch(mode=0o600)
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False)
        try:
            self.is_new = self._open()
        except sqlite3.DatabaseError:
            self._db.close()
            raise SettingsError(
                "not a database of the sandbox.", where=str(path), todo="Name another file."
            ) from None

    def _open(self) -> bool:
        found = self._db.execute("PRAGMA application_id").fetchone()[0]
        tables = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if tables and found != APPLICATION_ID:
            raise sqlite3.DatabaseError
        self._db.execute("PRAGMA synchronous = OFF")
        if not tables:
            self._db.executescript(_SCHEMA)
        return not tables

    def fill(self, attempts: Iterable[Attempt], labels: Iterable[Label] = ()) -> None:
        """Stores attempts; `labels` is read after them, so that it may grow meanwhile."""
        try:
            with self._lock, self._db:
                for attempt in attempts:
                    self._add(attempt)
                rows = map(astuple, labels)
                self._db.executemany("INSERT INTO labels VALUES (?, ?, ?, ?, ?)", rows)
        except sqlite3.IntegrityError as fault:
            raise SettingsError(
                f"two attempts or SCOs have the same ids ({fault}).",
                where="sandbox",
                todo="Give each pair of enrollment and assignment its own assignment status.",
            ) from None

    def _add(self, attempt: Attempt) -> None:
        keys = (attempt.enrollment_id, attempt.assignment_id, attempt.assignment_status_id)
        lowered = [key.lower() for key in keys]
        self._db.execute(
            "INSERT INTO attempts VALUES (?, ?, ?, ?, ?)",
            (*lowered, attempt.learner, attempt.course),
        )
        rows = ((lowered[2], sco.sco_id, _dump(_state(sco))) for sco in attempt.scos)
        self._db.executemany("INSERT INTO scos VALUES (?, ?, ?)", rows)

    def status_of(self, enrollment_id: str, assignment_id: str) -> str | None:
        """The assignment status of a read key, or None where nothing has these ids."""
        with self._lock:
            row = self._db.execute(_STATUS, (enrollment_id, assignment_id)).fetchone()
        return None if row is None else str(row[0])

    def page(self, status_id: str, size: int, start: int) -> Iterator[tuple[str, dict[str, Any]]]:
        """SCO ids and states, ordered by SCO id."""
        with self._lock:
            rows = self._db.execute(_PAGE, (status_id, size, start)).fetchall()
        return ((sco_id, json.loads(state)) for sco_id, state in rows)

    def state(self, status_id: str, sco_id: str) -> dict[str, Any] | None:
        """The state of one SCO, or None where nothing has these ids."""
        with self._lock:
            return self._read(status_id, sco_id)

    def change(
        self,
        status_id: str,
        sco_id: str,
        values: Mapping[str, str | None],
        edit: Mapping[str, Any] | None = None,
    ) -> bool:
        """Whether the SCO is known; an `edit` is logged in the transaction that changes it."""
        with self._lock, self._db:
            state = self._read(status_id, sco_id)
            if state is None:
                return False
            state = _changed(state, values)
            if edit is not None:
                state["closed"] |= edit.get("lesson_status") == "completed"
                self._db.execute(_LOG, (status_id, sco_id, json.dumps(edit)))
            self._db.execute(_CHANGE, (_dump(state), status_id, sco_id))
        return True

    def _read(self, status_id: str, sco_id: str) -> dict[str, Any] | None:
        row = self._db.execute(_STATE, (status_id, sco_id)).fetchone()
        return None if row is None else json.loads(row[0])

    def edits(self) -> list[dict[str, Any]]:
        """Every committed edit, in order."""
        names = ("seq", "assignment_status_id", "sco_id", "body")
        rows = self._rows("edits", names, "seq")
        return [{**row, "body": json.loads(row["body"])} for row in rows]

    def worklist(self) -> list[dict[str, str]]:
        """Every attempt, in the order it was stored."""
        return self._rows("attempts", WORKLIST)

    def labels(self) -> list[dict[str, str]]:
        """Every planted defect, in the order of the records."""
        return self._rows("labels", LABELS)

    def _rows(self, table: str, names: tuple[str, ...], order: str = "rowid") -> list[Any]:
        query = f"SELECT {', '.join(names)} FROM {table} ORDER BY {order}"  # noqa: S608
        with self._lock:
            rows = self._db.execute(query).fetchall()
        return [dict(zip(names, row, strict=True)) for row in rows]

    def close(self) -> None:
        """Closes the connection; what was kept in memory is gone."""
        with self._lock:
            self._db.close()


def _dump(state: Mapping[str, Any]) -> str:
    """Escaped, so that even half a surrogate pair can be stored and served."""
    return json.dumps(state, separators=(",", ":"))


def _state(sco: Sco) -> dict[str, Any]:
    return {
        "title": sco.title,
        "start_date_utc": sco.start_date_utc,
        "exit_date_utc": sco.exit_date_utc,
        "cmi": dict(sco.cmi),
        "errors": dict(sco.errors),
        "sizes": sizes(sco.cmi),
        "scorm2004": sco.scorm2004,
        "closed": False,
    }


def _changed(state: dict[str, Any], values: Mapping[str, str | None]) -> dict[str, Any]:
    own = {name: value for name, value in values.items() if name in ITEM_FIELDS}
    cmi = state["cmi"] | {name: values[name] for name in values if name not in own}
    return state | own | {"cmi": cmi, "sizes": sizes(cmi)}
