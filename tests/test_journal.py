"""A journal only grows; whatever else happens to it is seen."""

import sqlite3

import pytest
from repair import Bench

from scormaudit.errors import JournalError
from scormaudit.journal import Journal, read_journal

TARGET = "https://lms.example.org"


@pytest.fixture(scope="module")
def change(tmp_path_factory):
    """Some change."""
    bench = Bench(tmp_path_factory.mktemp("plan"))
    yield bench.plan().proposed[0]
    bench.close()


@pytest.fixture
def path(tmp_path, change):
    """A journal with one verified change."""
    file = tmp_path / "journal"
    with Journal.open(file, TARGET) as journal:
        intent = journal.intent("plan", change, "0")
        journal.result("plan", change, "verified", closes=intent.seq)
    return file


def test_it_reads_back(path, change):
    """What was appended is there in order, the change as it was."""
    entries = read_journal(path)
    assert ["open", "intent", "result"] == [entry.kind for entry in entries]
    assert change == entries[1].intended()


@pytest.mark.parametrize("statement", ["UPDATE entries SET body = '{}'", "DELETE FROM entries"])
def test_an_entry_cannot_be_changed(path, statement):
    """The database itself refuses to change or remove an entry."""
    with sqlite3.connect(path) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute(statement)
    db.close()


@pytest.mark.parametrize("column", ["kind", "at", "plan", "change", "write_key", "body", "hash"])
def test_a_forced_change_is_seen(path, column):
    """Even with the triggers gone, any changed column breaks the chain."""
    with sqlite3.connect(path) as db:
        db.execute("DROP TRIGGER never_updated")
        db.execute(f"UPDATE entries SET {column} = {column} || ' ' WHERE seq = 2")
    db.close()
    with pytest.raises(JournalError, match="Entry 2"):
        read_journal(path)
    with pytest.raises(JournalError), Journal.open(path, TARGET):
        pass


def test_an_entry_cannot_vanish(path):
    """An entry taken out from between others breaks the chain."""
    with sqlite3.connect(path) as db:
        db.execute("DROP TRIGGER never_deleted")
        db.execute("DELETE FROM entries WHERE seq = 2")
    db.close()
    with pytest.raises(JournalError, match="Entry 2"):
        read_journal(path)


def test_one_open_intent_an_sco(path, change):
    """A second intent for an SCO is refused while the first is open."""
    with Journal.open(path, TARGET) as journal:
        journal.intent("plan", change, "0")
        with pytest.raises(sqlite3.IntegrityError):
            journal.intent("plan", change, "0")


def test_a_result_closes_one_intent(path, change):
    """An intent has one result."""
    with Journal.open(path, TARGET) as journal:
        intent = journal.intent("plan", change, "0")
        assert [intent] == journal.open_intents()
        journal.result("plan", change, "verified", closes=intent.seq)
        assert [] == journal.open_intents()
        with pytest.raises(sqlite3.IntegrityError):
            journal.result("plan", change, "parked", closes=intent.seq)


@pytest.mark.parametrize("content", [b"not a database", b"SQLite format 3\x00" + b"\xff" * 200])
def test_what_is_no_journal_is_left_alone(tmp_path, content):
    """A file that is no journal is neither read nor written."""
    file = tmp_path / "notes.txt"
    file.write_bytes(content)
    with pytest.raises(JournalError):
        read_journal(file)
    with pytest.raises(JournalError), Journal.open(file, TARGET):
        pass
    assert content == file.read_bytes()


def test_another_database_is_refused(tmp_path):
    """A database of something else is not a journal."""
    file = tmp_path / "other.db"
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE things (name TEXT)")
    db.close()
    with pytest.raises(JournalError):
        read_journal(file)


def test_a_repr_shows_no_learner(path):
    """The repr of an entry holds no value and no name of a learner."""
    for entry in read_journal(path):
        assert "ab-inito" not in repr(entry)
        assert "Learner" not in repr(entry)
