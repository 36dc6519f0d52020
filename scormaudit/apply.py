"""Carries out approved changes, one at a time: read, intend, send, read back.

The only caller of an edit; without `execute` no object that could write is ever made.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd

from scormaudit.cmi import FIELDS
from scormaudit.errors import (
    CountError,
    LmsError,
    PlanError,
)
from scormaudit.fetch import read_scos
from scormaudit.frame import ATTEMPT
from scormaudit.journal import FINAL, Entry, Journal, State, locked
from scormaudit.lms.classification import Answer, Outcome
from scormaudit.lms.client import Client, edit_body
from scormaudit.lms.wire import Sco, same
from scormaudit.plan import FIELD, Change, Seen, column_of, fingerprint, read_plan
from scormaudit.review import approved, decisions_file

if TYPE_CHECKING:
    from scormaudit.lms.client import Editor

_STOPS = ("frame_changed", "wrong_pairing")
_ATTEMPTS = 2
_UNCHANGED: Mapping[Outcome, State] = {
    "ack": "wrong_pairing",
    "rejected": "rejected",
    "not_sent": "not_sent",
    "unknown": "not_applied",
}
_LOST = Answer("unknown", "the process ended before the answer was kept")


@dataclass(frozen=True, slots=True)
class Done:
    """How one change ended; `detail` names elements, never values, `stop` ends the run."""

    change: Change
    state: State | Literal["would_send", "open"]
    detail: str = ""
    stop: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """Every change of the run and its state; `head` is the journal's last hash."""

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
        if self.stopped:
            return 3
        if self.count("conflict", "conflict_after"):
            return 6
        return 2 if self.count("skipped", "rejected", "not_sent") else 0


def apply(
    path: Path | str,
    client: Client,
    *,
    execute: bool = False,
    expect: int | None = None,
    home: Path,
    journal: Path | None = None,
    settle: float = 120,
    rate: float = 2,
    progress: Callable[[], None] = lambda: None,
) -> Applied:
    """Compare the approved changes of the plan at `path` with the LMS; with `execute`, send them.

    `expect` is the number of approved changes and must be given to execute. `settle` (seconds)
    is how long an unknown outcome is given before it is read back, `rate` the most edits a
    second. `home` holds the journals and the lock. Run again, it resumes: what has ended is
    not sent again.
    """
    plan = read_plan(path)
    if plan.target != client.base_url:
        raise PlanError(
            f"The plan is for {plan.target}, not for {client.base_url}.", where=str(path)
        )
    changes = approved(plan, decisions_file(path))
    if not execute:
        return Applied(done=tuple(_previewed(client, changes, progress)))
    if expect != len(changes):
        raise CountError(
            f"{len(changes)} changes are approved, {expect} were expected; nothing was sent.",
            where=str(path),
            todo="Do a dry run first.",
        )
    with locked(home, plan.target), Journal.open(journal or journal_file(home, plan.target),
                                                 plan.target) as opened:  # fmt: skip
        run = _Run(client, opened, plan.hash, settle, 1 / rate)
        return run.carry_out(changes, progress)


def journal_file(home: Path, target: str) -> Path:
    """The journal of an LMS unless another is named."""
    name = "".join(c if c.isalnum() else "-" for c in target.partition("://")[2])
    return home / f"{name}.journal"


class _Run:
    """One run over the approved changes; the journal decides what is still to be done."""

    def __init__(
        self, client: Client, journal: Journal, plan: str, settle: float, pause: float
    ) -> None:
        self._client, self._journal, self._plan = client, journal, plan
        self._settle, self._pause = settle, pause
        self._editor: Editor = client.editor()
        self._last_edit = 0.0

    def carry_out(self, changes: Sequence[Change], progress: Callable[[], None]) -> Applied:
        """Resolve what is open, then every change in turn, until done or stopped."""
        stopped = self._resolve()
        ended = self._journal.ended(self._plan)
        done: list[Done] = []
        for change in changes if not stopped else ():
            state = ended.get(change.hash)
            done.append(Done(change, state) if state in FINAL else self._one(change))
            progress()
            stopped = done[-1].stop
            if stopped:
                break
        return Applied(
            done=tuple(done),
            stopped=stopped,
            open=len(self._journal.open_intents()),
            journal=self._journal.path,
            head=self._journal.head,
        )

    def _resolve(self) -> str:
        """Find out how every open intent of this LMS ended, whichever plan it came from."""
        for intent in self._journal.open_intents():
            self._wait(intent)
            done = self._read_back(intent.intended(), intent, _LOST)
            if done.stop:
                return f"An earlier edit: {done.stop}"
        return ""

    def _one(self, change: Change) -> Done:
        """One change from reading before to reading back."""
        state, detail = compared(change, _read(self._client, change))
        if state is not None:
            return self._end(change, state, detail)
        if self._journal.lost(self._plan, change) >= _ATTEMPTS:
            return self._end(change, "parked", "twice of unknown outcome, a person must look")
        body = edit_body(change.assignment_status_id, change.sco_id, change.fields())
        self._pace()
        intent = self._journal.intent(self._plan, change, hashlib.sha256(body).hexdigest())
        answer = self._editor.edit(body)
        self._journal.outcome(self._plan, change, answer)
        if answer.outcome == "unknown":
            self._wait(intent)
        done = self._read_back(change, intent, answer)
        return self._one(change) if done.state == "not_applied" and not done.stop else done

    def _read_back(self, change: Change, intent: Entry, answer: Answer) -> Done:
        """Say how an edit ended by what the record says now; unread, its intent stays open."""
        sco = _read(self._client, change)
        if isinstance(sco, str):
            return Done(change, "open", sco, "an edit could not be read back; run apply again.")
        states = states_of(sco)
        state, detail = _ended(change, states, answer)
        read = {op.element: states[column_of(op.element)].text for op in change.ops}
        stop = f"{detail}; look before you go on." if state in _STOPS else ""
        if answer.stop and not stop:
            stop = f"the LMS refused an edit ({answer.reason})."
        return self._end(change, state, detail, stop, read, intent)

    def _end(
        self,
        change: Change,
        state: State,
        detail: str,
        stop: str = "",
        read: Mapping[str, str] | None = None,
        intent: Entry | None = None,
    ) -> Done:
        plan, seq = (intent.plan, intent.seq) if intent else (self._plan, None)
        self._journal.result(plan, change, state, detail=detail, read=read, closes=seq)
        return Done(change, state, detail, stop)

    def _wait(self, intent: Entry) -> None:
        """Give a lost edit the time in which the LMS may still carry it out."""
        age = (datetime.now(UTC) - datetime.fromisoformat(intent.at)).total_seconds()
        time.sleep(max(0.0, self._settle - max(age, 0.0)))

    def _pace(self) -> None:
        time.sleep(max(0.0, self._last_edit + self._pause - time.monotonic()))
        self._last_edit = time.monotonic()


def compared(change: Change, sco: Sco | str) -> tuple[State | None, str]:
    """Why a change must not be sent now, or None where the record is as it was planned."""
    if isinstance(sco, str):
        return "skipped", sco
    states = states_of(sco)
    if _is_after(change, states) and not _moved(change, states):
        return "already", ""
    differs = [op.element for op in change.ops if states[column_of(op.element)] != op.before]
    differs += [name for name, was in change.guards.items() if states[column_of(name)] != was]
    differs += _moved(change, states)
    if differs:
        return "conflict", f"changed since: {', '.join(dict.fromkeys(differs))}"
    return None, ""


def states_of(sco: Sco) -> dict[str, Seen]:
    """The state of every element by its column; one that is not in the answer is absent."""
    states = {
        name: Seen("absent") if text is None else Seen("value" if text else "empty", text)
        for name in ATTEMPT
        for text in [getattr(sco, name)]
    }
    for name, reading in sco.elements.items():
        states[column_of(name)] = Seen(
            reading.state, "" if reading.state == "error" else reading.text
        )
    return {f.column: Seen("absent") for f in FIELDS} | states


def _previewed(
    client: Client, changes: Sequence[Change], progress: Callable[[], None]
) -> Iterator[Done]:
    for change in changes:
        state, detail = compared(change, _read(client, change))
        yield Done(change, state or "would_send", detail)
        progress()


def _read(client: Client, change: Change) -> Sco | str:
    """The SCO of a change as it is now, or why it cannot be read (never: absent)."""
    try:
        scos = read_scos(client, change.enrollment_id, change.assignment_id)
    except LmsError as error:
        return str(error)
    found = [sco for sco in scos if sco.sco_id == change.sco_id]
    return found[0] if found else "the SCO is not in the answer"


def _is_after(change: Change, states: dict[str, Seen]) -> bool:
    return all(
        (now := states[column_of(op.element)]).state in ("value", "empty")
        and same(FIELD[op.field], op.after, now.text)
        for op in change.ops
    )


def _is_before(change: Change, states: dict[str, Seen]) -> bool:
    return all(states[column_of(op.element)] == op.before for op in change.ops)


def _moved(change: Change, states: dict[str, Seen]) -> list[str]:
    """Writable elements beside those of the change that are not what they were."""
    return [
        name for name, was in change.frame.items() if fingerprint(states[column_of(name)]) != was
    ]


def _respelled(change: Change, states: dict[str, Seen]) -> str:
    """Which verified elements came back in another spelling than was sent."""
    names = [op.element for op in change.ops if states[column_of(op.element)].text != op.after]
    return f"another spelling: {', '.join(names)}" if names else ""


def _ended(change: Change, states: dict[str, Seen], answer: Answer) -> tuple[State, str]:
    """The state that a record, read back after an edit, proves."""
    moved = _moved(change, states)
    if moved:
        return "frame_changed", f"changed too: {', '.join(moved)}"
    if _is_after(change, states):
        return "verified", _respelled(change, states)
    if not _is_before(change, states):
        return "conflict_after", "neither the old nor the new value"
    state = _UNCHANGED[answer.outcome]
    return state, answer.reason if state != "wrong_pairing" else "acknowledged, but not shown"
