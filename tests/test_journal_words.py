"""What goes wrong with a journal is told in words: what, where, and what to do."""

import errno
import json
import re
import sqlite3
import stat
import sys
from contextlib import closing
from dataclasses import asdict

import pytest
from changes import TARGET, change, pried, written

from scormaudit.entry import FORMAT, RESTORE, redacted
from scormaudit.errors import JournalError, SafetyStop
from scormaudit.journal import Journal, _connected, _failure, is_begun, locked, read_journal
from scormaudit.lms.classification import Answer
from scormaudit.plan import digest

MEND = "Nothing is sent without it; mend this, then run the same command again."
DAMAGED = "it is damaged, or no journal"


@pytest.fixture
def path(tmp_path):
    """A journal with one verified change."""
    written(tmp_path / "journal")
    return tmp_path / "journal"


def told(kind, work, *arguments):
    """The words of the error that this work ends in."""
    with pytest.raises(kind) as caught:
        work(*arguments)
    return str(caught.value)


def opened(path, target=TARGET):
    """Open a journal and close it."""
    with Journal.open(path, target):
        pass


def of_sqlite(code, kind=sqlite3.OperationalError, words="secret"):
    """An error as SQLite raises it."""
    error = kind(words)
    if code is not None:
        error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left"), "No space left"),
        (OSError(errno.EDQUOT, "Quota exceeded"), "Quota exceeded"),
        (OSError(errno.EROFS, "Read-only file system"), "Read-only file system"),
        (of_sqlite(sqlite3.SQLITE_FULL), "the disk is full"),
        (of_sqlite(sqlite3.SQLITE_IOERR), "the disk fails"),
        (of_sqlite(sqlite3.SQLITE_IOERR_FSYNC), "the disk fails"),
        (of_sqlite(sqlite3.SQLITE_CANTOPEN), "a file beside it cannot be made"),
        (of_sqlite(sqlite3.SQLITE_BUSY), "another process holds it"),
    ],
)
def test_where_nothing_can_be_written_nothing_is_sent(tmp_path, error, words):
    """A disk that fails or is full stops the run, with what the system says and what to do."""
    failed = _failure(error, tmp_path)
    assert f"{tmp_path}: The journal cannot be written: {words}. {MEND}" == str(failed)
    assert isinstance(failed, SafetyStop)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.EACCES, "Permission denied"), "Permission denied"),
        (OSError(), "no access"),
        (of_sqlite(sqlite3.SQLITE_READONLY), "it is read-only"),
        (of_sqlite(sqlite3.SQLITE_NOTADB), DAMAGED),
        (of_sqlite(sqlite3.SQLITE_ERROR), DAMAGED),
        (of_sqlite(None), DAMAGED),
        (of_sqlite(sqlite3.SQLITE_CONSTRAINT, sqlite3.IntegrityError, "still open"), "still open"),
    ],
)
def test_a_journal_that_cannot_be_used_is_a_mistake(tmp_path, error, words):
    """What the user has to put right is named, without the words of the database."""
    failed = _failure(error, tmp_path)
    assert f"{tmp_path}: The journal cannot be used: {words}." == str(failed)
    assert isinstance(failed, JournalError)


def test_a_file_that_cannot_be_opened_is_named(tmp_path):
    """A database that cannot be opened is named, and nothing is made in its place."""
    missing = tmp_path / "journal"
    for mode in ("ro", "rw"):
        assert f"{missing}: It cannot be opened." == told(JournalError, _connected, missing, mode)
    assert f"{missing}: It cannot be opened." == told(JournalError, _connected, missing)
    assert not missing.exists()


def test_what_is_no_journal_is_named(path, tmp_path):
    """A missing file, one that is no journal, and another LMS's each have their words."""
    missing = tmp_path / "missing"
    assert f"{missing}: There is no journal here." == told(JournalError, read_journal, missing)
    notes = tmp_path / "notes.txt"
    notes.write_bytes(b"not a database" * 99)
    damaged = f"{notes}: The journal cannot be used: {DAMAGED}."
    assert [damaged] * 2 == [told(JournalError, work, notes) for work in (read_journal, opened)]
    other = f"{path}: It is the journal of {TARGET}. Each LMS has a journal of its own."
    assert other == told(JournalError, opened, path, "https://b")


def test_a_place_that_holds_no_journal_is_named(tmp_path):
    """A journal in what is no folder is named with what the system says."""
    (tmp_path / "file").write_text("")
    words = told(JournalError, opened, tmp_path / "file" / "journal")
    assert words.startswith(f"{tmp_path / 'file' / 'journal'}: The journal cannot be used: ")


def test_damage_under_a_run_is_named(path):
    """A journal that is overwritten while it is open is named, read as written."""
    with Journal.open(path, TARGET) as journal:
        path.write_bytes(b"not a database" * 9999)
        words = [
            told(JournalError, work)
            for work in (journal.entries, journal.open_intents, lambda: journal.head)
        ]
        words.append(told(JournalError, journal.result, "plan", change(), "already"))
    assert [f"{path}: The journal cannot be used: {DAMAGED}."] * 4 == words


def test_what_was_done_to_a_journal_is_told(path):
    """Entries that were cut down or changed, and tables that were, each have their words."""
    body = redacted(read_journal(path)[1]).body
    with pried(path) as db:
        db.execute("UPDATE entries SET body = ? WHERE seq = 2", (body,))
    cut = f"{path}: Its entries were cut down. {RESTORE}"
    assert [cut] * 2 == [told(JournalError, work, path) for work in (read_journal, opened)]
    with pried(path) as db:
        db.execute("UPDATE entries SET plan = '' WHERE seq = 3")
    broken = f"{path}: Entry 3 is not as it was written. {RESTORE}"
    assert broken == told(JournalError, read_journal, path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE more (name TEXT)")
    tables = f"{path}: This is not a journal, or its tables were changed."
    assert [tables] * 2 == [told(JournalError, work, path) for work in (read_journal, opened)]


def test_reading_never_asks_to_write(path, monkeypatch):
    """A journal is opened to be read alone, but where a kill left a write to be taken back."""
    connect, asked = sqlite3.connect, []

    def noted(database, **options):
        asked.append(database)
        return connect(database, **options)

    monkeypatch.setattr(sqlite3, "connect", noted)
    read_journal(path)
    path.with_name(f"{path.name}-journal").touch()
    read_journal(path)
    assert ["ro", "rw"] == [uri.partition("mode=")[2] for uri in asked if "mode=" in uri]


def test_an_index_that_lost_an_entry_is_damage(path):
    """Where an index no longer leads to an entry, the file is to be restored."""
    with closing(sqlite3.connect(path)) as db:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_entries_2'"
        (page,) = db.execute(query).fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    content = bytearray(path.read_bytes())
    content[(page - 1) * size + 3 : (page - 1) * size + 5] = b"\0\0"  # the number of its cells
    path.write_bytes(content)
    assert f"{path}: The journal is damaged. {RESTORE}" == told(JournalError, read_journal, path)


def test_tables_that_are_no_text_are_damage(path):
    """Bytes in the tables that are no UTF-8 are damage, told without them."""
    path.write_bytes(path.read_bytes().replace(b"BEFORE DELETE", b"BEFOR\xff DELETE"))
    assert f"{path}: The journal is damaged. {RESTORE}" == told(JournalError, read_journal, path)


def test_who_holds_the_lock_is_told(tmp_path):
    """Of two processes the second is told which LMS is busy; afterwards the lock is free again."""

    def taken():
        with locked(tmp_path / "home", TARGET):
            pass

    with locked(tmp_path / "home", TARGET), locked(tmp_path / "home", "https://b"):
        assert told(SafetyStop, taken) == (
            f"{TARGET}: Another process is applying changes to this LMS. Wait until it has ended."
        )
    taken()
    lock = tmp_path / "home" / f"{digest('target', TARGET)[:16]}.lock"
    if sys.platform != "win32":
        assert 0o600 == stat.S_IMODE(lock.stat().st_mode)
    lock.write_bytes(b"not a database" * 99)
    words = f"{lock}: The journal cannot be used: {DAMAGED}."
    assert words == told(JournalError, taken)


@pytest.mark.parametrize("statement", ["BEGIN EXCLUSIVE", "ROLLBACK"])
def test_a_lock_on_a_failing_disk_is_no_lock(tmp_path, monkeypatch, statement):
    """Where the lock cannot be taken the run stops; where it cannot be given back it just ends."""

    class Failing:
        close = staticmethod(lambda: None)

        def execute(self, asked):
            if asked.upper() == statement:
                raise of_sqlite(sqlite3.SQLITE_IOERR)

    def taken():
        with locked(tmp_path, TARGET):
            pass

    monkeypatch.setattr(sqlite3, "connect", lambda *_, **__: Failing())
    if statement == "ROLLBACK":
        taken()
    else:
        words = told(SafetyStop, taken)
        assert words.endswith(f".lock: The journal cannot be written: the disk fails. {MEND}")


def test_a_home_that_cannot_be_made_is_named(tmp_path):
    """Where the home cannot be, its name is told with the setting that moves it."""
    (tmp_path / "file").write_text("")
    home = tmp_path / "file" / "home"

    def taken():
        with locked(home, TARGET):
            pass

    words = told(JournalError, taken)
    assert words.startswith(f"{home}: The home cannot be made (Not a directory).")
    assert words.endswith(" Set SCORMAUDIT_HOME to a folder that you may write in.")


def test_a_journal_is_begun_where_there_is_none(tmp_path):
    """A new journal, in a new folder, belongs to its owner alone and begins with its LMS."""
    path = tmp_path / "new" / "journal"
    opened(path)
    (entry,) = read_journal(path)
    assert {"format": FORMAT, "target": TARGET} == without_salt(entry)
    assert (1, "open", "", None) == (entry.seq, entry.kind, entry.previous, entry.closes)
    assert ("", "", "") == (entry.plan, entry.change, entry.write_key)
    if sys.platform != "win32":
        assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    opened(path)
    assert [entry] == read_journal(path)


def without_salt(entry):
    """The body but for its salt, a secret of 16 bytes."""
    content = entry.content()
    assert re.fullmatch("[0-9a-f]{32}", content.pop("salt"))
    return content


def test_what_is_written_of_a_change(tmp_path):
    """Intent, outcome and result hold the change, the bytes sent, the answer and what was read."""
    made = change()
    with Journal.open(tmp_path / "journal", TARGET) as journal:
        intent = journal.intent("plan", made, "0" * 64)
        journal.outcome("plan", made, Answer("ack", "HTTP 200, code 0"))
        journal.result(
            "plan", made, "verified", detail="a word", read={"title": "b"}, closes=intent.seq
        )
        journal.result("plan", made, "already")
        entries = journal.entries()
        assert entries[-1].hash == journal.head
    assert intent == entries[1]
    assert [
        {"change": json.loads(json.dumps(asdict(made))), "sha256": "0" * 64},
        {"outcome": "ack", "reason": "HTTP 200, code 0"},
        {"state": "verified", "detail": "a word", "read": {"title": "b"}},
        {"state": "already", "detail": "", "read": {}},
    ] == [without_salt(entry) for entry in entries[1:]]
    assert [(1, None), (2, None), (3, None), (4, 2), (5, None)] == [
        (entry.seq, entry.closes) for entry in entries
    ]
    for entry in entries[1:]:
        assert ("plan", made.hash, made.write_key) == (entry.plan, entry.change, entry.write_key)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", entry.at)


def test_every_write_is_on_the_disk(path):
    """The database waits for the disk and its folder at every commit, and keeps no second file."""
    with Journal.open(path, TARGET) as journal:
        asked = [journal._db.execute(f"PRAGMA {name}").fetchone() for name in PRAGMAS]
    assert [(3,), ("delete",)] == asked


PRAGMAS = ("synchronous", "journal_mode")


def test_open_intents_come_in_order(path):
    """A run resolves what is open in the order in which it was sent."""
    with Journal.open(path, TARGET) as journal:
        intents = [journal.intent("plan", change(n), "0") for n in (4, 3, 2)]
        assert intents == journal.open_intents()
        journal.result("plan", change(3), "parked", closes=intents[1].seq)
        assert intents[::2] == journal.open_intents()
        assert {change(3).hash: "parked", change().hash: "verified"} == journal.ended("plan")
        assert 0 == journal.lost("other", change(3))


def test_a_journal_is_begun_with_its_first_byte(tmp_path):
    """Nothing, a folder and an empty file, which a kill may leave, are no journal yet."""
    begun, empty = tmp_path / "begun", tmp_path / "empty"
    begun.write_bytes(b"S")
    empty.touch()
    assert is_begun(begun)
    assert not any(map(is_begun, (empty, tmp_path, tmp_path / "nothing")))
