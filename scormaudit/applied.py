"""What became of a plan: how each change ended, and how the run did."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pandas as pd

from scormaudit.entry import Entry, need_head
from scormaudit.journal import State, is_begun, read_journal
from scormaudit.plan import Change, Plan

SENT = ("verified", "conflict_after", "frame_changed", "wrong_pairing", "parked")


@dataclass(frozen=True, slots=True)
class Done:
    """How one change ended; `detail` names elements, never values, `stop` ends the run."""

    change: Change
    state: State | Literal["would_send", "open"]
    detail: str = ""
    stop: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """Every change that the run came to and its state; `head` is the journal's last hash.

    `stopped` says why the run ended before its last change, `open` counts edits whose outcome
    nobody knows yet.
    """

    done: tuple[Done, ...]
    stopped: str = ""
    open: int = 0
    journal: Path | None = None
    head: str = ""

    @property
    def results(self) -> pd.DataFrame:
        """One row a change: change, state, rules, sco_id, fields, detail."""
        return pd.DataFrame(
            {
                "change": [d.change.hash[:12] for d in self.done],
                "state": [d.state for d in self.done],
                "rules": [" ".join(d.change.rules) for d in self.done],
                "sco_id": [d.change.sco_id for d in self.done],
                "fields": [" ".join(op.field for op in d.change.ops) for d in self.done],
                "detail": [d.detail for d in self.done],
            }
        )

    @property
    def again(self) -> pd.DataFrame:
        """A worklist of the records that an edit reached, to be fetched and audited once more."""
        keys = ["enrollment_id", "assignment_id", "assignment_status_id"]
        rows = [
            [getattr(done.change, key) for key in keys] for done in self.done if done.state in SENT
        ]
        return pd.DataFrame(rows, columns=keys).drop_duplicates(ignore_index=True)

    def __repr__(self) -> str:
        states = Counter(done.state for done in self.done)
        counts = ", ".join(f"{number} {state}" for state, number in states.items())
        lost = f"; {self.open} of unknown outcome" if self.open else ""
        kind = "Run" if self.journal else "Dry run, nothing was sent"
        return f"<{kind}: {counts or 'no changes'}{lost}>"

    def count(self, *states: str) -> int:
        """How many changes ended in one of these states."""
        return sum(done.state in states for done in self.done)

    @property
    def exit_code(self) -> int:
        """4 unknown outcomes, 3 stopped, 6 conflicts, 2 not carried out, 0 done."""
        if self.open or self.count("parked"):
            return 4
        if self.stopped and not self.count("conflict_after"):
            return 3
        if self.count("conflict", "conflict_after"):
            return 6
        return 2 if self.count("skipped", "rejected", "not_sent", "deferred") else 0


def journal_file(home: Path, target: str) -> Path:
    """The journal of an LMS unless another is named."""
    name = "".join(c if c.isalnum() else "-" for c in target.partition("://")[2])
    return home / f"{name}.journal"


def known(path: Path, plan: Plan) -> dict[str, State]:
    """The last state of each change of the plan, by a journal that is only read.

    JournalError where it is not as it was written, or lacks what the plan knows of.
    """
    entries = read_journal(path) if is_begun(path) else []
    need_head(entries, plan.journal, path)
    results = (entry for entry in entries if entry.kind == "result" and entry.plan == plan.hash)
    return {result.change: result.content()["state"] for result in results}


def recalled(applied: Applied, entries: Iterable[Entry], plan: str) -> Applied:
    """The run, where a change that had ended before it has the detail that the journal kept."""
    last = {e.change: e.content() for e in entries if e.kind == "result" and e.plan == plan}
    ended = {name: (said["state"], said["detail"]) for name, said in last.items()}
    done = []
    for one in applied.done:
        state, detail = ended.get(one.change.hash, ("", ""))
        done.append(replace(one, detail=one.detail or detail) if one.state == state else one)
    return replace(applied, done=tuple(done))


def unfinished(entries: Iterable[Entry]) -> dict[str, Entry]:
    """By the write key, each intent that no result has closed."""
    entries = list(entries)
    closed = {entry.closes for entry in entries}
    return {
        entry.write_key: entry
        for entry in entries
        if entry.kind == "intent" and entry.seq not in closed
    }
