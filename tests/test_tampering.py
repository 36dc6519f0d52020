"""A byte changed in a plan, in its decisions or in a journal is seen, or changes nothing."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from changes import TARGET, change, forge, pried, rechained, written

from scormaudit.entry import exported, hash_of, holds, read_export, redacted
from scormaudit.errors import ApprovalError, JournalError, PlanError
from scormaudit.journal import Journal, read_journal
from scormaudit.plan import Plan, read_plan, write_plan
from scormaudit.policy import Policy
from scormaudit.review import approved, decide, decisions_file, read_decisions

SMALL = 512
"""Bytes of a page: a database of the smallest pages has the fewest bytes to flip."""
MAGIC = len(b'{"format":"scormaudit-plan-')


@pytest.fixture
def path(tmp_path):
    """A plan of two changes, one approved by Ann, the other rejected by Bea."""
    plan = Plan(
        target=TARGET, snapshot="", pack="", tool_version="0", policy=Policy(),
        proposed=(change(1), change(2)),
    )  # fmt: skip
    file = tmp_path / "plan.json"
    write_plan(plan, file)
    for number, (reviewer, meaning) in enumerate((("Ann", "approve"), ("Bea", "reject"))):
        decide(
            plan, decisions_file(file), [plan.proposed[number]],
            reviewer=reviewer, meaning=meaning, reason="looked", expect=1,
        )  # fmt: skip
    return file


@pytest.fixture
def journal(tmp_path):
    """A journal of two verified changes and one open intent, on small pages."""
    file = small(tmp_path / "journal")
    written(file, 1, 2)
    with Journal.open(file, TARGET) as opened:
        opened.intent("plan", change(3), "0" * 64)
    return file


def small(file):
    """A database of the smallest pages, with nothing in it yet."""
    with closing(sqlite3.connect(file)) as db:
        db.execute(f"PRAGMA page_size={SMALL}")
        db.execute("VACUUM")
    return file


def flipped(file, bits):
    """Flip these bits of every byte in turn, in place; gives the position of the flip."""
    content = file.read_bytes()
    with file.open("r+b", buffering=0) as stream:
        for position, byte in enumerate(content):
            for bit in bits:
                stream.seek(position)
                stream.write(bytes([byte ^ bit]))
                yield position
            stream.seek(position)
            stream.write(bytes([byte]))
    assert content == file.read_bytes()


def test_every_byte_of_a_plan_counts(path):
    """Whichever byte of a plan is another, its approvals are void, or it says to be no plan."""
    positions = set()
    for position in flipped(path, (0x01, 0x20)):
        with pytest.raises(ApprovalError if position >= MAGIC else PlanError):
            read_plan(path)
        positions.add(position)
    assert len(path.read_bytes()) == len(positions) > 1000


def test_every_byte_of_a_decision_counts(path):
    """Whichever byte of the decisions is another, all approvals are void."""
    file = decisions_file(path)
    for _ in flipped(file, (0x01, 0x20, 0x40)):
        with pytest.raises(ApprovalError):
            read_decisions(file)
    assert 2 == len(read_decisions(file))


@pytest.mark.parametrize("cut", [1, 2, 40, 300])
def test_a_torn_decision_does_not_count(path, cut):
    """Of a line that is not whole, as a crash leaves the last one, nothing is believed."""
    file = decisions_file(path)
    first, _ = read_decisions(file)
    file.write_bytes(file.read_bytes()[:-cut])
    assert (first,) == read_decisions(file)


def test_decisions_keep_their_order(path):
    """Lines that were swapped, doubled, or lost but for the last, are seen."""
    file = decisions_file(path)
    first, second = file.read_bytes().splitlines(keepends=True)
    for lines in ((second, first), (first, first), (second,), (first, second, second)):
        file.write_bytes(b"".join(lines))
        with pytest.raises(ApprovalError):
            read_decisions(file)


def test_a_decision_of_another_plan_does_not_count(path, tmp_path):
    """A line moved here from another plan's decisions breaks the chain, or approves nothing."""
    plan = read_plan(path)
    other = replace(plan, proposed=(change(3),))
    strange = tmp_path / "other.decisions.jsonl"
    decide(other, strange, other.proposed, reviewer="Ann", reason="looked", expect=1)
    moved = strange.read_bytes()
    file = decisions_file(path)
    honest = file.read_bytes()
    file.write_bytes(honest + moved)
    with pytest.raises(ApprovalError, match="Line 3"):
        read_decisions(file)
    file.write_bytes(moved)
    with pytest.raises(ApprovalError):
        approved(plan, file)


def test_every_byte_of_a_journal_counts(tmp_path):
    """Whichever byte of a journal is another, it is refused, or reads back equal in all."""
    journal = small(tmp_path / "journal")
    honest = written(journal, 1)
    refused = equal = 0
    for _ in flipped(journal, (0x01,)):
        try:
            assert honest == read_journal(journal)
            equal += 1
        except JournalError:
            refused += 1
    assert len(journal.read_bytes()) == refused + equal
    assert refused > equal
    assert honest == read_journal(journal)


def test_no_flip_misleads_a_run(journal):
    """A run that opens a flipped journal refuses it, or sees the same open intents and states."""
    honest = journal.read_bytes()
    with Journal.open(journal, TARGET) as opened:
        known = _known(opened)
    refused = 0
    for position in range(0, len(honest), 23):
        for bit in (0x01, 0x80):
            content = bytearray(honest)
            content[position] ^= bit
            journal.write_bytes(content)
            try:
                with Journal.open(journal, TARGET) as opened:
                    assert known == _known(opened)
            except JournalError:
                refused += 1
    assert refused > len(honest) // 23


def _known(opened):
    """All that a run asks of a journal."""
    return (
        opened.entries(), opened.open_intents(), opened.ended("plan"), opened.head,
        [opened.lost("plan", change(number)) for number in (1, 2, 3)],
    )  # fmt: skip


def test_every_byte_of_an_export_counts(journal, tmp_path):
    """Whichever byte of an export, whole or redacted, is another, it does not verify."""
    entries = read_journal(journal)[:4]
    for number, kept in enumerate((entries, [redacted(entry) for entry in entries])):
        export = tmp_path / f"{number}.jsonl"
        export.write_text(exported(kept), encoding="utf-8")
        for _ in flipped(export, (0x01,)):
            with pytest.raises(JournalError):
                read_export(export)
        assert kept == read_export(export)


@pytest.mark.parametrize("keep", range(7))
def test_a_cut_tail_takes_the_head_to_be_seen(journal, keep):
    """Entries removed at the end leave an intact chain, in which the kept head is missing."""
    entries = read_journal(journal)
    with pried(journal) as db:
        db.execute("DELETE FROM entries WHERE seq > ?", (1 + keep,))
    left = read_journal(journal)
    assert entries[: 1 + keep] == left
    assert (keep == 7) == holds(left, entries[-1].hash)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM entries WHERE seq = 3",
        "DELETE FROM entries WHERE seq = 1",
        "UPDATE entries SET seq = 99 WHERE seq = 3",
        "UPDATE entries SET seq = CASE seq WHEN 99 THEN 3 ELSE 99 END WHERE seq IN (3, 99)",
        "UPDATE entries SET closes = NULL WHERE seq = 4",
        "UPDATE entries SET closes = 8 WHERE seq = 7",
        "UPDATE entries SET body = CAST(body AS BLOB) WHERE seq = 2",
        "UPDATE entries SET body = x'ff' WHERE seq = 2",
        "UPDATE entries SET body = CAST(x'ff' AS TEXT) WHERE seq = 2",
        "UPDATE entries SET body = '[]' WHERE seq = 2",
        "UPDATE entries SET body = body || ' ' WHERE seq = 2",
        "UPDATE entries SET plan = 7 WHERE seq = 2",
        "INSERT INTO entries SELECT 9, kind, at, plan, change, write_key, NULL, body, previous,"
        " hash || 'x' FROM entries WHERE seq = 7",
    ],
)
def test_what_is_done_to_rows_is_seen(journal, statement):
    """Entries removed, renumbered, reopened, reclosed, retyped or doubled are refused."""
    with pried(journal) as db:
        db.execute(statement)
    with pytest.raises(JournalError) as caught:
        read_journal(journal)
    assert "ab-init" not in str(caught.value)
    with pytest.raises(JournalError), Journal.open(journal, TARGET):
        pass


@pytest.mark.parametrize(
    "order", [(0, 2, 1, 3), (0, 1, 3, 2), (1, 0, 2, 3), (0, 1, 2, 3, 3), (0, 1, 1, 2, 3), (0, 3)]
)
def test_entries_in_another_order_are_refused(journal, order):
    """Entries swapped, repeated or left out are refused, for each names the one before."""
    entries = read_journal(journal)
    moved = [replace(entries[n], seq=seq) for seq, n in enumerate(order, start=1)]
    export = journal.with_suffix(".jsonl")
    export.write_text(exported(moved), encoding="utf-8")
    with pytest.raises(JournalError):
        read_export(export)


@pytest.mark.parametrize(
    "respell",
    [
        lambda text: text.replace('"seq":"2"', '"seq":"02"'),
        lambda text: text.replace('"seq":"2"', '"seq":" 2"'),
        lambda text: text.replace('"closes":"2"', '"closes":"+2"'),
        lambda text: text.replace(":", ": ", 1),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.rstrip("\n"),
        lambda text: text + "\n",
        lambda text: text.replace('{"at"', '{"x":"","at"', 1),
        lambda text: text.replace("ab-inito", "\\u0061b-inito"),
    ],
)
def test_an_export_has_one_spelling(journal, respell):
    """An export that says the same in other bytes is refused: nobody has to judge by eye."""
    text = exported(read_journal(journal))
    export = journal.with_suffix(".jsonl")
    export.write_bytes(respell(text).encode())
    assert text.encode() != export.read_bytes()
    with pytest.raises(JournalError):
        read_export(export)


@pytest.mark.parametrize("wrong", [{"previous": "0" * 64}, {"seq": 99}, {"kind": "outcome"}])
def test_a_right_hash_does_not_make_an_entry_fit(journal, wrong):
    """An entry that was hashed anew but names another before it, or another place, is refused."""
    entries = read_journal(journal)[:4]
    moved = replace(entries[-1], **wrong)
    forge(journal, [*entries[:-1], replace(moved, hash=hash_of(moved))])
    with pytest.raises(JournalError, match="Entry 4"):
        read_journal(journal)


def test_an_intent_has_one_result(journal):
    """Even chained anew, a second result of an intent is refused."""
    entries = read_journal(journal)[:4]
    export = journal.with_suffix(".jsonl")
    export.write_text(exported(rechained([*entries, entries[-1]])), encoding="utf-8")
    with pytest.raises(JournalError, match="Entry 5"):
        read_export(export)


def test_an_intent_is_closed_by_its_own_result_alone(journal):
    """Even chained anew, a result that closes another's intent, or none, is refused."""
    entries = read_journal(journal)
    results = [n for n, entry in enumerate(entries) if entry.kind == "result"]
    for closes in (1, 3, entries[results[1]].closes, 99):
        forged = list(entries)
        forged[results[0]] = replace(entries[results[0]], closes=closes)
        forge(journal, rechained(forged[: results[0] + 1]))
        with pytest.raises(JournalError, match="Entry 4"):
            read_journal(journal)


def test_two_open_intents_of_an_sco_are_refused(journal):
    """Even chained anew, a second intent for an SCO whose first is open is refused."""
    entries = read_journal(journal)
    forge(journal, rechained([*entries, entries[-1]]))
    with pytest.raises(JournalError, match="Entry 9"):
        read_journal(journal)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER never_deleted",
        "DROP TRIGGER one_open_intent",
        "CREATE TRIGGER more AFTER INSERT ON entries BEGIN SELECT 1; END",
        "CREATE VIEW more AS SELECT * FROM entries",
        "CREATE TABLE more (name TEXT)",
        "CREATE INDEX more ON entries (at)",
    ],
)
def test_tables_are_as_they_were_made(journal, statement):
    """A journal without one of its triggers, or with anything more, is refused."""
    with closing(sqlite3.connect(journal)) as db:
        db.execute(statement)
    with pytest.raises(JournalError, match="tables"):
        read_journal(journal)
    with pytest.raises(JournalError, match="tables"), Journal.open(journal, TARGET):
        pass


def test_a_trigger_is_the_one_that_was_made(journal):
    """A trigger of the right name that does nothing is not the one that forbids a change."""
    with closing(sqlite3.connect(journal)) as db:
        db.execute("DROP TRIGGER never_deleted")
        db.execute(
            "CREATE TRIGGER never_deleted BEFORE DELETE ON entries WHEN 0 BEGIN SELECT 1; END"
        )
    with pytest.raises(JournalError, match="tables"):
        read_journal(journal)


def test_a_name_that_is_no_text_is_seen(journal):
    """Bytes in a table's name that are no UTF-8 end in words, not in a traceback."""
    content = journal.read_bytes()
    journal.write_bytes(content.replace(b"never_deleted", b"never_delete\xff"))
    with pytest.raises(JournalError):
        read_journal(journal)


def test_an_index_that_lies_is_seen(journal):
    """An index that no longer leads to a result, so that its intent would look open, is refused."""
    with closing(sqlite3.connect(journal)) as db:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_entries_1'"
        (page,) = db.execute(query).fetchone()
    content = bytearray(journal.read_bytes())
    start = (page - 1) * SMALL
    content[start + 3 : start + 5] = b"\0\0"  # the number of its cells
    journal.write_bytes(content)
    with pytest.raises(JournalError):
        read_journal(journal)


def test_an_emptied_journal_is_seen_by_its_head(journal):
    """A file cut to nothing begins a new journal, which does not hold the head that was kept."""
    head = read_journal(journal)[-1].hash
    journal.write_bytes(b"")
    with pytest.raises(JournalError):
        read_journal(journal)
    with Journal.open(journal, TARGET) as opened:
        assert not holds(opened.entries(), head)
