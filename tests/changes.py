"""Changes and a journal of them, made without a server; and hands that reach into the file."""

import sqlite3
from contextlib import closing, contextmanager

from scormaudit.entry import COLUMNS, Entry, hash_of
from scormaudit.journal import Journal
from scormaudit.lms.classification import Answer
from scormaudit.plan import Change, Op, Seen, fingerprint

TARGET = "https://lms.example.org"


def change(number=1, *ops, guards=None, frame=None, **more):
    """The change of one learner's record: a misprinted entry, unless told otherwise."""
    misprint = Op(
        field="entry", element="cmi.core.entry", before=Seen("value", "ab-inito"),
        after="ab-initio", undo="exact",
    )  # fmt: skip
    facts = {
        "enrollment_id": f"00000000-0000-4000-8000-{number:012}",
        "assignment_id": f"00000000-0000-4000-8000-{100 + number:012}",
        "assignment_status_id": f"00000000-0000-4000-8000-{200 + number:012}",
        "sco_id": "sco",
        "binding": "worklist.csv row 2",
        "rules": ("VO101",),
        "reasons": ("misprinted",),
        "risks": (),
        "kind": "safe",
        "labels": {"learner": f"Learner {number}"},
        "target": TARGET,
    }
    return Change(
        ops=ops or (misprint,),
        guards={} if guards is None else guards,
        frame=framed({"cmi.suspend_data": "p=3"}) if frame is None else frame,
        **facts | more,
    )


def framed(texts):
    """The frame over these elements and texts."""
    return {name: fingerprint(Seen("value", text)) for name, text in texts.items()}


def written(file, *numbers):
    """A journal with one verified change for each number, and its entries."""
    with Journal.open(file, TARGET) as journal:
        for number in numbers or (1,):
            made = change(number)
            intent = journal.intent("plan", made, "0" * 64)
            journal.outcome("plan", made, Answer("ack", "HTTP 200, code 0"))
            read = {"cmi.core.entry": "ab-initio"}
            journal.result("plan", made, "verified", read=read, closes=intent.seq)
        return journal.entries()


@contextmanager
def pried(file):
    """The database of a journal without its triggers, which come back at the end."""
    with closing(sqlite3.connect(file)) as db, db:
        triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        kept = dict(triggers.fetchall())
        for name in kept:
            db.execute(f"DROP TRIGGER {name}")
        yield db
        for statement in kept.values():
            db.execute(statement)


def rechained(entries):
    """The same entries numbered, chained and hashed anew: what a forger without a head can do."""
    forged, previous = [], ""
    for number, entry in enumerate(entries, start=1):
        facts = {name: getattr(entry, name) for name in COLUMNS}
        moved = Entry(**facts | {"seq": number, "previous": previous})
        previous = hash_of(moved)
        forged.append(Entry(**{name: getattr(moved, name) for name in COLUMNS[:-1]}, hash=previous))
    return forged


def forge(file, entries):
    """Put these entries in place of a journal's own."""
    rows = [tuple(getattr(entry, name) for name in COLUMNS) for entry in entries]
    with pried(file) as db:
        db.execute("DELETE FROM entries")
        db.executemany(f"INSERT INTO entries VALUES ({','.join('?' * len(COLUMNS))})", rows)
