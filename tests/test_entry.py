"""An entry is bound by its hash; what a stranger may see of it is bound too."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from changes import change, rechained, written

from scormaudit.entry import (
    FORMAT,
    RESTORE,
    Entry,
    exported,
    hash_of,
    need_head,
    read_export,
    redacted,
    verified,
)
from scormaudit.errors import JournalError
from scormaudit.plan import digest

BODY = (
    '{"change":{"kind":"safe","ops":[{"field":"entry"},{"field":"raw_score"}],"rules":["VO101"]},'
    '"detail":"a word","format":"f","outcome":"o","salt":"s","state":"verified","target":"t"}'
)
MADE = Entry(
    seq=2, kind="intent", at="2026-03-02T10:00:00.000+00:00", plan="plan", change="change",
    write_key="status sco", closes=None, body=BODY, previous="0" * 64, hash="",
)  # fmt: skip


@pytest.fixture
def entries(tmp_path):
    """A journal's entries: one verified change."""
    return written(tmp_path / "journal")


def test_the_hash_of_an_entry_is_what_it_was():
    """A journal written yesterday verifies tomorrow: what the hash is over never moves."""
    assert "e0f1906227eacda19461a27102ffb7af8895bc2fd23d077bcb0827f47b10e864" == hash_of(MADE)
    assert hash_of(MADE) == hash_of(redacted(MADE))


@pytest.mark.parametrize(
    "part",
    [
        {"seq": 3}, {"kind": "result"}, {"at": "now"}, {"plan": "other"}, {"change": "other"},
        {"write_key": "status"}, {"closes": 1}, {"body": BODY.replace("word", "wood")},
        {"previous": "1" * 64},
    ],
    ids=lambda part: next(iter(part)),
)  # fmt: skip
def test_every_part_of_an_entry_is_bound(part):
    """Another value anywhere gives another hash."""
    assert hash_of(MADE) != hash_of(replace(MADE, **part))


def test_a_stranger_sees_what_was_done_and_no_value():
    """Redacted, an entry shows states, fields and rules, and seals the rest."""
    assert json.loads(redacted(MADE).body) == {
        "fields": ["entry", "raw_score"], "format": "f", "kind": "safe", "outcome": "o",
        "rules": ["VO101"], "sealed": digest("body", BODY), "state": "verified", "target": "t",
    }  # fmt: skip
    assert (True, False) == (MADE.is_whole, redacted(MADE).is_whole)


def test_an_entry_without_a_change_says_so():
    """Whoever asks for the change of another entry is told which one it was."""
    with pytest.raises(JournalError, match=r"^Entry 2 holds no change\.$"):
        redacted(MADE).intended()


def test_the_first_entry_that_fails_is_named(entries):
    """An error names the file, the entry, and what is to be done with the file."""
    broken = [*entries[:2], replace(entries[2], plan="other"), entries[3]]
    with pytest.raises(JournalError) as caught:
        verified(broken, "a/journal")
    assert f"a/journal: Entry 3 is not as it was written. {RESTORE}" == str(caught.value)
    with pytest.raises(JournalError) as caught:
        verified(entries[:0], "a/journal")
    assert f"a/journal: This is not a journal of format {FORMAT}." == str(caught.value)


@pytest.mark.parametrize("body", ["", "{", "[]", "1", '{"change":1,"salt":""}', "[" * 9999, None])
def test_a_body_that_is_none_is_refused(entries, body):
    """A body that is no JSON, or JSON of another kind, is a broken entry and no traceback."""
    broken = [entries[0], replace(entries[1], body=body)]
    with pytest.raises(JournalError, match="Entry 2 is"):
        verified(broken, "journal")


@pytest.mark.parametrize("line", ["", "{", "[]", "1", "{}", '{"seq":"x"}', "[" * 9999])
def test_a_line_that_is_none_is_refused(entries, tmp_path, line):
    """A line that is no JSON, or JSON of another kind, is told by its number."""
    file = tmp_path / "audit.jsonl"
    file.write_text(exported(entries[:1]) + line + "\n", "utf-8")
    with pytest.raises(JournalError, match="Line 2 is not as it was exported"):
        read_export(file)


def test_a_head_that_is_missing_is_told(entries):
    """A journal that lacks the head which a plan knows of was cut off or is another."""
    for head in ("", entries[1].hash):
        need_head(entries, head, Path("journal"))
    with pytest.raises(JournalError) as caught:
        need_head(entries[:1], entries[1].hash, Path("journal"))
    assert str(caught.value) == (
        "journal: The journal lacks entries that the plan knows of."
        " Find the whole journal, and name it with --journal if it is not in its place."
    )


def test_an_export_that_cannot_be_read_is_named(entries, tmp_path):
    """An error of an export names the file and the line, or the entry, or what the system says."""
    file = tmp_path / "audit.jsonl"
    with pytest.raises(JournalError) as caught:
        read_export(file)
    assert f"{file}: It cannot be read (No such file or directory)." == str(caught.value)
    lines = exported(entries).splitlines(keepends=True)
    file.write_text("".join([*lines[:2], lines[2].replace(":", ": "), lines[3]]), "utf-8")
    with pytest.raises(JournalError) as caught:
        read_export(file)
    assert f"{file}: Line 3 is not as it was exported." == str(caught.value)
    file.write_text("".join([lines[0], lines[2]]), "utf-8")
    with pytest.raises(JournalError) as caught:
        read_export(file)
    assert f"{file}: Entry 2 is not as it was written. {RESTORE}" == str(caught.value)


def test_an_export_has_a_line_an_entry(entries):
    """Each entry is one line of JSON with all its columns as text and its body as it is."""
    first, second, *_ = map(json.loads, exported(entries).splitlines())
    assert ("1", "", "2", FORMAT) == (
        first["seq"], first["closes"], second["seq"], first["body"]["format"],
    )  # fmt: skip
    assert "2" == json.loads(exported(entries).splitlines()[3])["closes"]


@pytest.mark.parametrize(
    ("at", "wrong"),
    [
        (1, {"closes": 1}), (2, {"closes": 2}), (2, {"closes": 99}), (3, {"plan": "other"}),
        (3, {"change": "other"}), (3, {"write_key": "other"}), (3, {"kind": "run"}),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(entries, at, wrong):
    """Chained anew by whoever could: only a result closes an intent, and only its own."""
    forged = list(entries)
    forged[at] = replace(entries[at], **wrong)
    with pytest.raises(JournalError, match=f"Entry {at + 1} is"):
        verified(rechained(forged), "journal")


def test_an_sco_may_have_an_intent_again(entries):
    """Once its intent is closed an SCO may be written to again, and two SCOs at a time."""
    again = [*entries, entries[1], replace(entries[1], write_key=change(2).write_key)]
    assert 6 == len(verified(rechained(again), "journal"))
    with pytest.raises(JournalError, match="Entry 6"):
        verified(rechained([*entries, entries[1], entries[1]]), "journal")
