"""The journal: every step of an apply, durable before it happens, chained, never changed."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import TypeAdapter, ValidationError

from scormaudit.errors import JournalError, SafetyStop
from scormaudit.lms.classification import Answer
from scormaudit.plan import Change, canonical, digest

FORMAT = "scormaudit-journal-1"
Kind = Literal["open", "run", "intent", "outcome", "result"]
State = Literal[
    "verified", "already", "skipped", "conflict", "conflict_after", "frame_changed",
    "wrong_pairing", "rejected", "not_sent", "not_applied", "parked",
]  # fmt: skip
FINAL = ("verified", "already", "conflict_after", "frame_changed", "wrong_pairing", "rejected",
         "parked")  # fmt: skip
_COLUMNS = ("seq", "kind", "at", "plan", "change", "write_key", "closes", "body", "previous")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
  seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, at TEXT NOT NULL, plan TEXT NOT NULL,
  change TEXT NOT NULL, write_key TEXT NOT NULL, closes INTEGER UNIQUE REFERENCES entries(seq),
  body TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL UNIQUE);
CREATE TRIGGER IF NOT EXISTS never_updated BEFORE UPDATE ON entries
  BEGIN SELECT RAISE(ABORT, 'a journal is never changed'); END;
CREATE TRIGGER IF NOT EXISTS never_deleted BEFORE DELETE ON entries
  BEGIN SELECT RAISE(ABORT, 'a journal is never changed'); END;
CREATE TRIGGER IF NOT EXISTS one_open_intent BEFORE INSERT ON entries
  WHEN NEW.kind = 'intent' AND EXISTS (
    SELECT 1 FROM entries i WHERE i.kind = 'intent' AND i.write_key = NEW.write_key
    AND NOT EXISTS (SELECT 1 FROM entries r WHERE r.closes = i.seq))
  BEGIN SELECT RAISE(ABORT, 'an intent for this SCO is still open'); END;
"""
_CHANGE = TypeAdapter(Change)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the journal; `closes` is the seq of the intent that a result ends."""

    seq: int
    kind: Kind
    at: str
    plan: str
    change: str
    write_key: str
    closes: int | None
    body: str = field(repr=False)
    previous: str
    hash: str

    def content(self) -> dict[str, Any]:
        """The body as it was written."""
        content: dict[str, Any] = json.loads(self.body)
        return content

    def intended(self) -> Change:
        """The change that an intent is about."""
        try:
            return _CHANGE.validate_json(canonical(self.content()["change"]))
        except (ValidationError, KeyError, ValueError):
            raise JournalError(f"Entry {self.seq} holds no change.") from None


class Journal:
    """An open journal of one LMS; it appends, and refuses everything else."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db, self.path = connection, path

    @classmethod
    @contextmanager
    def open(cls, path: Path, target: str) -> Iterator[Self]:
        """The journal of `target`, begun if there is none; JournalError if it is another's."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
            with closing(sqlite3.connect(path, isolation_level=None)) as connection:
                connection.execute("PRAGMA journal_mode=DELETE")
                connection.execute("PRAGMA synchronous=EXTRA")
                journal = cls(connection, path)
                connection.executescript(_SCHEMA)
                if not journal.entries():
                    journal.append("open", body={"format": FORMAT, "target": target})
                journal._check(target)
                yield journal
        except (OSError, sqlite3.DatabaseError) as error:
            kind = type(error).__name__
            raise JournalError(
                f"The journal cannot be used ({kind}).",
                where=str(path),
                todo="Nothing is sent without a journal.",
            ) from None

    def append(
        self,
        kind: Kind,
        *,
        body: Mapping[str, Any],
        plan: str = "",
        change: Change | None = None,
        closes: int | None = None,
    ) -> int:
        """One entry more, on the disk when this returns; its seq."""
        last = self._db.execute("SELECT seq, hash FROM entries ORDER BY seq DESC").fetchone()
        seq, previous = (last[0] + 1, last[1]) if last else (1, "")
        values = (
            seq,
            kind,
            datetime.now(UTC).isoformat(timespec="milliseconds"),
            plan,
            change.hash if change else "",
            change.write_key if change else "",
            closes,
            canonical(body).decode(),
            previous,
        )
        marks = ",".join("?" * (len(values) + 1))
        self._db.execute(f"INSERT INTO entries VALUES ({marks})", (*values, _hash(values)))  # noqa: S608
        return seq

    def intent(self, plan: str, change: Change, body_digest: str) -> Entry:
        """That these bytes are about to be sent."""
        body = {"change": asdict(change), "sha256": body_digest}
        seq = self.append("intent", body=body, plan=plan, change=change)
        return _entry(self._db.execute("SELECT * FROM entries WHERE seq = ?", (seq,)).fetchone())

    def outcome(self, plan: str, change: Change, answer: Answer) -> None:
        """What came back."""
        body = {"outcome": answer.outcome, "reason": answer.reason}
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
        body = {"state": state, "detail": detail, "read": dict(read or {})}
        self.append("result", body=body, plan=plan, change=change, closes=closes)

    def entries(self) -> list[Entry]:
        """Every entry in order."""
        rows = self._db.execute("SELECT * FROM entries ORDER BY seq").fetchall()
        return [_entry(row) for row in rows]

    def open_intents(self) -> list[Entry]:
        """Intents that no result has closed: nobody knows yet whether they were carried out."""
        rows = self._db.execute(
            "SELECT * FROM entries i WHERE kind = 'intent' AND NOT EXISTS"
            " (SELECT 1 FROM entries r WHERE r.closes = i.seq) ORDER BY seq"
        )
        return [_entry(row) for row in rows.fetchall()]

    def ended(self, plan: str) -> dict[str, State]:
        """For each change of a plan, the last state it came to."""
        rows = self._db.execute(
            "SELECT change, body FROM entries WHERE kind = 'result' AND plan = ? ORDER BY seq",
            (plan,),
        )
        return {change: json.loads(body)["state"] for change, body in rows.fetchall()}

    def lost(self, plan: str, change: Change) -> int:
        """How often an edit of unknown outcome turned out not to have been made."""
        rows = self._db.execute(
            "SELECT body FROM entries WHERE kind = 'result' AND plan = ? AND change = ?",
            (plan, change.hash),
        )
        return sum(json.loads(body)["state"] == "not_applied" for (body,) in rows.fetchall())

    @property
    def head(self) -> str:
        """The hash of the last entry: whoever keeps it can prove that nothing was cut off."""
        return str(self._db.execute("SELECT hash FROM entries ORDER BY seq DESC").fetchone()[0])

    def _check(self, target: str) -> None:
        entries = verified(self.entries(), self.path)
        if entries[0].content()["target"] != target:
            raise JournalError(
                f"It is the journal of {entries[0].content()['target']}.",
                where=str(self.path),
                todo="Each LMS has a journal of its own.",
            )


def read_journal(path: Path | str) -> list[Entry]:
    """Every entry of a journal, the chain checked; JournalError names the first broken one."""
    path = Path(path)
    if not path.is_file():
        raise JournalError("There is no journal here.", where=str(path))
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return verified(Journal(connection, path).entries(), path)
    except sqlite3.DatabaseError:
        raise JournalError("This is not a journal, or it is damaged.", where=str(path)) from None


def exported(entries: list[Entry]) -> str:
    """Every entry as one line of JSON, learners' values included."""
    return "".join(canonical(_strings(entry)).decode() + "\n" for entry in entries)


def verified(entries: list[Entry], path: Path) -> list[Entry]:
    """The entries, if each follows from the one before."""
    previous = ""
    for number, entry in enumerate(entries, start=1):
        values = tuple(getattr(entry, name) for name in _COLUMNS)
        if (entry.seq, entry.previous, entry.hash) != (number, previous, _hash(values)):
            raise JournalError(
                f"Entry {number} is not as it was written.",
                where=str(path),
                todo="Keep the file as it is and restore the journal from a backup.",
            )
        previous = entry.hash
    if not entries or entries[0].content().get("format") != FORMAT:
        raise JournalError(f"This is not a journal of format {FORMAT}.", where=str(path))
    return entries


@contextmanager
def locked(home: Path, target: str) -> Iterator[None]:
    """Only one process at a time changes an LMS; the lock ends with the process."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise JournalError(
            f"The home cannot be made ({error.strerror}).",
            where=str(home),
            todo="Set SCORMAUDIT_HOME to a folder that you may write in.",
        ) from None
    file = home / f"{digest('target', target)[:16]}.lock"
    with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
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


def _entry(row: tuple[Any, ...]) -> Entry:
    return Entry(**dict(zip((*_COLUMNS, "hash"), row, strict=True)))


def _strings(entry: Entry) -> dict[str, Any]:
    fields = {name: getattr(entry, name) for name in (*_COLUMNS, "hash")}
    return {**{k: "" if v is None else str(v) for k, v in fields.items()}, "body": entry.content()}


def _hash(values: tuple[Any, ...]) -> str:
    return digest("entry", ["" if value is None else str(value) for value in values])
