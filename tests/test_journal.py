"""A journal only grows; what it holds can be shown to a stranger without showing a learner."""

import json
import re
import shutil
import sqlite3
import stat
import sys
from contextlib import closing
from dataclasses import replace

import pytest
from changes import TARGET, change, pried, rechained, written
from typer.testing import CliRunner

from scormaudit.cli import app
from scormaudit.entry import COLUMNS, exported, hash_of, holds, read_export, redacted, verified
from scormaudit.errors import JournalError, SafetyStop, ScormauditError
from scormaudit.journal import Journal, locked, read_journal
from scormaudit.undo import undo

SECRETS = ("ab-init", "Learner", "misprinted", "worklist.csv", "000000000001", "000000000101")


@pytest.fixture
def path(tmp_path):
    """A journal with one verified change."""
    file = tmp_path / "journal"
    written(file)
    return file


@pytest.fixture
def user():
    """Runs a command as a user types it; gives the exit code and what was printed."""

    def typed(*arguments):
        done = CliRunner().invoke(app, ["journal", *map(str, arguments)])
        error = done.exception
        code = error.exit_code if isinstance(error, ScormauditError) else done.exit_code
        return code, done.output + str(error or "")

    return typed


def test_it_reads_back(path):
    """What was appended is there in order, the change as it was."""
    entries = read_journal(path)
    assert ["open", "intent", "outcome", "result"] == [entry.kind for entry in entries]
    assert change() == entries[1].intended()


@pytest.mark.parametrize("statement", ["UPDATE entries SET body = '{}'", "DELETE FROM entries"])
def test_an_entry_cannot_be_changed(path, statement):
    """The database itself refuses to change or remove an entry."""
    with closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute(statement)


@pytest.mark.parametrize("column", ["kind", "at", "plan", "change", "write_key", "body", "hash"])
def test_a_forced_change_is_seen(path, column):
    """Even where the triggers were gone for a while, any changed column breaks the chain."""
    with pried(path) as db:
        db.execute(f"UPDATE entries SET {column} = {column} || ' ' WHERE seq = 2")
    with pytest.raises(JournalError, match="Entry 2"):
        read_journal(path)
    with pytest.raises(JournalError), Journal.open(path, TARGET):
        pass


def test_one_open_intent_an_sco(path):
    """A second intent for an SCO is refused while the first is open."""
    with Journal.open(path, TARGET) as journal:
        journal.intent("plan", change(), "0")
        with pytest.raises(JournalError, match="still open"):
            journal.intent("plan", change(), "0")


def test_a_result_closes_one_intent(path):
    """An intent has one result."""
    with Journal.open(path, TARGET) as journal:
        intent = journal.intent("plan", change(), "0")
        assert [intent] == journal.open_intents()
        journal.result("plan", change(), "verified", closes=intent.seq)
        assert [] == journal.open_intents()
        with pytest.raises(JournalError):
            journal.result("plan", change(), "parked", closes=intent.seq)


def test_a_result_closes_its_own_intent(path):
    """What became of one change never ends the intent of another, nor one of another plan."""
    with Journal.open(path, TARGET) as journal:
        intent = journal.intent("plan", change(), "0")
        for plan, other in (("plan", change(2)), ("plan b", change()), ("plan", change(kind="x"))):
            with pytest.raises(JournalError, match="its own change"):
                journal.result(plan, other, "verified", closes=intent.seq)
        assert [intent] == journal.open_intents()


def test_what_became_of_a_plan_is_told(path):
    """The last state of each change of a plan counts, and how often an edit of it was lost."""
    with Journal.open(path, TARGET) as journal:
        for state in ("not_applied", "not_applied", "parked"):
            journal.result("plan", change(2), state)
        assert {change().hash: "verified", change(2).hash: "parked"} == journal.ended("plan")
        assert {} == journal.ended("another")
        assert (2, 0) == (journal.lost("plan", change(2)), journal.lost("plan", change()))
        assert journal.entries()[-1].hash == journal.head


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
    """A database of something else is not a journal, and not a byte of it changes."""
    file = tmp_path / "other.db"
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE things (name TEXT)")
    before = file.read_bytes()
    with pytest.raises(JournalError):
        read_journal(file)
    with pytest.raises(JournalError), Journal.open(file, TARGET):
        pass
    assert before == file.read_bytes()


@pytest.mark.parametrize("name", ["", "missing/journal"])
def test_a_place_where_no_file_can_be_is_refused(tmp_path, name):
    """A folder, or a file in what is no folder, is a mistake told in words, not a stopped run."""
    (tmp_path / "missing").write_text("")
    with pytest.raises(JournalError), Journal.open(tmp_path / name, TARGET):
        pass
    with pytest.raises(JournalError), locked(tmp_path / "missing" / "home", TARGET):
        pass


def test_a_lock_that_cannot_be_taken_is_no_other_process(tmp_path):
    """A lock file that is damaged is said to be so; one that is held is another process."""
    with (
        locked(tmp_path, TARGET),
        pytest.raises(SafetyStop, match="Another process"),
        locked(tmp_path, TARGET),
    ):
        pass
    (lock,) = tmp_path.glob("*.lock")
    lock.write_bytes(b"not a database" * 99)
    with pytest.raises(JournalError), locked(tmp_path, TARGET):
        pass


def test_a_kill_while_it_is_begun_leaves_an_empty_file(tmp_path, monkeypatch):
    """Tables and first entry are made in one: cut off in between, the next run begins anew."""
    file = tmp_path / "journal"
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "append", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt), Journal.open(file, TARGET):
            pass
    assert 4 == len(written(file))


def test_a_write_that_a_kill_cut_off_is_taken_back(path, tmp_path):
    """A journal in the midst of a write, as a kill leaves it, reads as it was before."""
    honest, torn = read_journal(path), tmp_path / "torn"
    torn.mkdir()
    row = "SELECT {}, 'run', '', '', '', '', NULL, hex(randomblob(9000)), '', {}"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA cache_size=1")
        db.execute("BEGIN")
        for seq in range(9, 99):
            db.execute(f"INSERT INTO entries {row.format(seq, seq)}")
        for file in (path, path.with_name("journal-journal")):
            shutil.copy(file, torn)
    assert path.stat().st_size < (torn / "journal").stat().st_size
    assert honest == read_journal(torn / "journal")


def test_a_full_disk_stops_the_run(path):
    """Where the database may not grow, the entry is not there, and the run is to stop."""
    with Journal.open(path, TARGET) as journal:
        before = journal.entries()
        journal._db.execute("PRAGMA max_page_count=1")
        with pytest.raises(SafetyStop, match="the disk is full"):
            journal.result("plan", change(), "conflict", detail="x" * 9999)
        assert before == journal.entries()


def test_each_lms_has_a_journal_of_its_own(path):
    """The journal of another LMS is refused by name; one that is not there is told so."""
    with pytest.raises(JournalError, match=TARGET), Journal.open(path, "https://lms.example.com"):
        pass
    with pytest.raises(JournalError, match="no journal here"):
        read_journal(path.with_name("missing"))


def test_only_an_intent_holds_a_change(path):
    """What became of a change does not say what it was; nothing is made up."""
    entries = read_journal(path)
    for entry in (entries[0], entries[2], redacted(entries[1])):
        with pytest.raises(JournalError, match="holds no change"):
            entry.intended()


def test_a_journal_of_another_format_is_refused(path):
    """A chain that begins with another format, or with none, is not read as this one."""
    first, *_ = read_journal(path)
    assert "scormaudit-journal-1" == first.content()["format"]
    for body in (first.body.replace("journal-1", "journal-2"), '{"salt":""}'):
        with pytest.raises(JournalError, match="format"):
            verified(rechained([replace(first, body=body)]), path)
    with pytest.raises(JournalError, match="format"):
        verified([], path)


def test_text_that_no_utf8_can_hold_is_kept_as_an_escape(path):
    """Half a surrogate pair in what was read back does not keep a result from being written."""
    with Journal.open(path, TARGET) as journal:
        journal.result(
            "plan", change(), "conflict_after", read={"title": "a\ud800"}, detail="\udfff"
        )
    content = read_journal(path)[-1].content()
    assert ({"title": "a\\ud800"}, "\\udfff") == (content["read"], content["detail"])


def test_a_repr_shows_no_learner(path):
    """The repr of an entry, whole or redacted, holds no value and no name of a learner."""
    for entry in read_journal(path):
        assert not [secret for secret in SECRETS if secret in repr(entry) + repr(redacted(entry))]


def test_the_head_shows_what_was_cut_off(path):
    """A kept head is in the chain, however much was appended since, and not when it was cut."""
    head = read_journal(path)[-1].hash
    longer = written(path, 2)
    assert [True, True, False] == [holds(longer, kept) for kept in (head, "", "0" * 64)]
    with pried(path) as db:
        db.execute("DELETE FROM entries WHERE seq > 3")
    assert not holds(read_journal(path), head)


def test_verify_with_a_head(path, user):
    """`--head` accepts a hash that is in the chain and refuses, exit code 2, any other."""
    first, *_, last = read_journal(path)
    for head in (first.hash, last.hash):
        assert 0 == user(path, "--verify", "--head", head)[0]
    for head in ("", last.hash[:12], "0" * 64):
        code, said = user(path, "--verify", "--head", head)
        assert (2, True) == (code, "cut off" in said)


def test_an_export_is_verified_like_the_journal(path, tmp_path, user):
    """An export holds every entry with its values, for its owner alone, and proves the same."""
    export = tmp_path / "audit.jsonl"
    code, said = user(path, "--export", export)
    assert 0 == code
    assert f"journal {export} --verify --head" in " ".join(said.split())
    assert read_journal(path) == read_export(export)
    if sys.platform != "win32":
        assert 0o600 == stat.S_IMODE(export.stat().st_mode)
    code, said = user(export, "--verify")
    assert (0, True) == (code, "4 entries, chain intact" in said)
    before = export.read_bytes()
    assert 2 == user(path, "--export", export)[0]
    assert before == export.read_bytes()


def test_a_redacted_export_is_verified_by_a_stranger(path, tmp_path, user):
    """Without a learner's value, label, read key or free text the whole chain still verifies."""
    export = tmp_path / "audit.jsonl"
    assert 0 == user(path, "--export", export, "--redacted")[0]
    text = export.read_text("utf-8")
    assert [] == [secret for secret in (*SECRETS, "salt", "HTTP 200") if secret in text]
    head = read_journal(path)[-1].hash
    assert 0 == user(export, "--verify", "--head", head)[0]
    shown = [json.loads(line)["body"] for line in text.splitlines()]
    assert {"kind": "safe", "rules": ["VO101"], "fields": ["entry"]} == {
        name: shown[1][name] for name in ("kind", "rules", "fields")
    }
    assert ("ack", "verified") == (shown[2]["outcome"], shown[3]["state"])
    assert change().write_key == read_export(export)[1].write_key


def test_what_is_shown_of_a_redacted_entry_is_bound_too(path):
    """Nobody can show another state, rule or field than the one that was written."""
    text = exported(map(redacted, read_journal(path)))
    for honest, forged in (("verified", "parked"), ("VO101", "VO102"), ('"ack"', '"rejected"')):
        export = path.with_suffix(".jsonl")
        export.write_text(text.replace(honest, forged), encoding="utf-8")
        with pytest.raises(JournalError):
            read_export(export)


def test_equal_values_have_unequal_digests(tmp_path):
    """A short value cannot be guessed from a redacted entry: the same body seals differently."""
    entries = [redacted(entry) for entry in written(tmp_path / "j", 1, 1)]
    first, second = (entry.content() for entry in entries if entry.kind == "result")
    assert first.pop("sealed") != second.pop("sealed")
    assert first == second


def test_a_whole_entry_opens_a_redacted_one(path):
    """Whoever holds the journal can prove what a redacted entry says: the hashes are the same."""
    whole = read_journal(path)
    for entry in whole:
        assert entry.hash == hash_of(entry) == hash_of(redacted(entry))
        assert redacted(entry) == redacted(redacted(entry))
    assert whole != verified([redacted(entry) for entry in whole], path)


def test_a_journal_is_never_redacted(path):
    """A journal whose values were taken out is refused, for no undo could come of it."""
    body = redacted(read_journal(path)[1]).body
    with pried(path) as db:
        db.execute("UPDATE entries SET body = ? WHERE seq = 2", (body,))
    with pytest.raises(JournalError, match="cut down"):
        read_journal(path)


def test_an_export_is_no_journal(path, tmp_path):
    """Nothing is undone or carried on from an export: only the journal itself will do."""
    export = tmp_path / "audit.jsonl"
    export.write_text(exported(read_journal(path)), encoding="utf-8")
    with pytest.raises(JournalError):
        undo(export)
    with pytest.raises(JournalError), Journal.open(export, TARGET):
        pass


@pytest.mark.parametrize(
    "content",
    ["{", "{}\n", "[]\n", '{"seq":1}\n', '{"seq":"x","closes":"","body":{}}\n', "{" * 9999],
)
def test_what_is_no_export_is_told_in_words(tmp_path, user, content):
    """A file that begins like an export but is none is refused without a traceback."""
    file = tmp_path / "audit.jsonl"
    file.write_text(content)
    code, said = user(file, "--verify")
    assert (2, True) == (code, "Line 1" in said or "journal" in said)
    with pytest.raises(JournalError):
        read_export(tmp_path / "missing.jsonl")


def test_a_journal_is_shown_without_values(path, tmp_path, user):
    """The table names what was done and how it ended, of an export as of the journal."""
    export = tmp_path / "audit.jsonl"
    user(path, "--export", export, "--redacted")
    for file in (path, export):
        code, said = user(file)
        assert (0, True) == (code, "verified" in said and "intent" in said)
        assert not [secret for secret in SECRETS if secret in said]
        assert (file == path) == ("scormaudit undo" in said)
    code, said = user(tmp_path / "missing")
    assert (2, True) == (code, "no journal" in said)


def test_redacted_goes_with_export(path, user):
    """Asking for a redacted form of nothing is wrong usage."""
    assert 2 == user(path, "--redacted")[0]


def test_a_forged_chain_is_no_secret(path):
    """Whoever may write the file can chain it anew: only a kept head proves it wrong."""
    honest = read_journal(path)
    forged = rechained([entry for entry in honest if entry.kind != "outcome"])
    assert forged == verified(forged, path)
    assert not holds(forged, honest[-1].hash)
    assert re.fullmatch("[0-9a-f]{64}", forged[-1].hash)
    assert ("seq", "hash") == (COLUMNS[0], COLUMNS[-1])
