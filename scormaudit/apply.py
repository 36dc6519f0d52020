"""Carries out approved changes, one at a time: read, intend, send, read back.

The only caller of an edit; without `execute` no object that could write is ever made.
"""

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path

from scormaudit.applied import Applied, Done, journal_file, known
from scormaudit.comparison import ended, states_of
from scormaudit.entry import Entry, need_head
from scormaudit.errors import (
    ApprovalError,
    CountError,
    JournalError,
    LmsError,
    PlanError,
    SafetyStop,
)
from scormaudit.fetch import read_scos
from scormaudit.journal import FINAL, Journal, State, locked
from scormaudit.limits import Consent, Limits, need_room
from scormaudit.lms.classification import Answer
from scormaudit.lms.client import Client, edit_body
from scormaudit.lms.wire import Sco
from scormaudit.plan import Change, column_of, read_plan
from scormaudit.policy import Policy
from scormaudit.progress import Tick, ticking
from scormaudit.review import approved, decisions_file

_STOPS = ("conflict_after", "frame_changed", "wrong_pairing")
_TROUBLES = ("conflict", "rejected", "skipped")
_WELL = ("verified", "already", "conflict", "skipped")
_AGAIN = ("not_applied", "not_sent", "deferred")
_LOST = Answer("unknown", "the process ended before the answer was kept")
_ATTEMPTS = 5


def apply(
    path: Path | str,
    client: Client,
    *,
    execute: bool = False,
    expect: int | None = None,
    home: Path,
    journal: Path | None = None,
    settle: float | None = None,
    rate: float = 2,
    canary: str | None = None,
    max_conflicts: int = 25,
    min_quiet_hours: float | None = None,
    progress: Tick | None = None,
) -> Applied:
    """Compare the approved changes of the plan at `path` with the LMS; with `execute`, send them.

    `expect` is the number of approved changes and must be given to execute. `settle` (seconds;
    by default 120, or twice the timeout) is how long an unknown outcome is given before it is
    read back, `rate` the most edits a second. `canary` gives the sizes of the first batches
    (default: the plan's); a batch that does not go well is the last. `home` holds the journals
    and the lock. Run again, it resumes: what has ended is not sent again.
    """
    plan = read_plan(path)
    if plan.target != client.base_url:
        raise PlanError(
            f"The plan is for {plan.target}, not for {client.base_url}.", where=str(path)
        )
    settle = max(120, 2 * client.timeout) if settle is None else settle
    limits = Limits(
        settle=settle, pause=1 / rate, troubles=max_conflicts, quiet_hours=min_quiet_hours
    )
    file = journal or journal_file(home, plan.target)
    past = known(file, plan)
    used = {name for name, state in past.items() if state in FINAL}
    standing = partial(approved, plan, decisions_file(path), ended=used)
    changes = standing()
    if not execute:
        with ticking("comparing", len(changes), progress) as tick:
            done = tuple(_previewed(client, changes, past, limits, tick))
        missing = len(changes) - len(done)
        stopped = f"{limits.troubles + 1} records could not be read, so {missing} were not tried."
        return Applied(done=done, stopped=stopped if missing else "")
    if expect != len(changes):
        expected = "no number was" if expect is None else f"{expect} were"
        raise CountError(
            f"{len(changes)} changes are approved, {expected} expected; nothing was sent.",
            where=str(path),
            todo="Do a dry run first, then give its number with --expect.",
        )
    policy = Policy.of(asdict(plan.policy) | ({} if canary is None else {"canary": canary}))
    with locked(home, plan.target), Journal.open(file, plan.target) as opened:
        need_head(opened.entries(), plan.journal, file)
        run = _Run(client, opened, plan.hash, limits, Consent(standing))
        with ticking("applying", len(changes), progress) as tick:
            return run.carry_out(changes, policy, tick)


class _Run:
    """One run over the approved changes; the journal decides what is still to be done."""

    def __init__(
        self, client: Client, journal: Journal, plan: str, limits: Limits, consent: Consent
    ) -> None:
        self._client, self._journal, self._plan, self._limits = client, journal, plan, limits
        self._consent, self._editor = consent, client.editor()
        self._open = {intent.seq for intent in journal.open_intents()}
        self._done: list[Done] = []
        self._last, self._row = "", 0
        self._last_edit = 0.0

    def carry_out(self, changes: Sequence[Change], policy: Policy, progress: Tick) -> Applied:
        """Resolve what is open, then every change in turn, until done or stopped."""
        try:
            stopped = self._resolve() or self._all(changes, policy, progress)
        except (SafetyStop, JournalError, ApprovalError) as error:
            stopped = str(error)
        except KeyboardInterrupt:
            stopped = "It was interrupted; run it again to go on."
        return Applied(
            done=tuple(self._done),
            stopped=stopped,
            open=self._still_open(),
            journal=self._journal.path,
            head=self._head(),
        )

    def _resolve(self) -> str:
        """Find out how every open intent of this LMS ended, whichever plan it came from."""
        for intent in self._journal.open_intents():
            self._wait(intent)
            done = self._read_back(intent.intended(), intent, _LOST)
            if done.state == "parked" and intent.plan != self._plan:
                self._done.append(replace(done, detail=f"of another plan: {done.detail}"))
            if done.stop:
                return f"An earlier edit: {done.stop}"
        return ""

    def _all(self, changes: Sequence[Change], policy: Policy, progress: Tick) -> str:
        """Every change in batches; why the run stopped, if it did."""
        past = self._journal.ended(self._plan)
        over = [Done(c, past[c.hash]) for c in changes if past.get(c.hash) in FINAL]
        self._done += over
        rest = iter([c for c in changes if past.get(c.hash) not in FINAL])
        for size in policy.batches(len(changes) - len(over)):
            batch = tuple(islice(rest, size))
            self._consent.ask()
            for change in batch:
                self._consent.need(change)
            if stop := self._batch(batch, progress):
                return stop
        return ""

    def _batch(self, batch: Sequence[Change], progress: Tick) -> str:
        """One batch; why no other may follow, if so."""
        begun = len(self._done)
        for change in batch:
            self._done.append(self._one(change))
            progress()
            if stop := self._done[-1].stop:
                return stop
            troubles = sum(done.state in _TROUBLES for done in self._done)
            if troubles > self._limits.troubles:
                return f"{troubles} changes met a conflict, a rejection or a failed read."
        bad = [done for done in self._done[begun:] if done.state not in _WELL]
        return f"a batch of {len(batch)} did not go well: {bad[0].detail}." if bad else ""

    def _one(self, change: Change) -> Done:
        """One change, sent again only where reading back has shown that it was not made."""
        for _ in range(_ATTEMPTS):
            self._consent.need(change)
            state, detail = self._limits.judged(change, _read(self._client, change))
            if state is not None:
                return self._end(change, state, detail)
            done = self._sent(change)
            if done.state not in _AGAIN or done.stop:
                return done
        return replace(done, stop="the LMS takes no edit now; go on later.")

    def _sent(self, change: Change) -> Done:
        """One attempt, from the intent to reading back."""
        body = edit_body(change.assignment_status_id, change.sco_id, change.fields())
        self._pace()
        need_room(self._journal.path)
        intent = self._journal.intent(self._plan, change, hashlib.sha256(body).hexdigest())
        self._open.add(intent.seq)
        answer = self._editor.edit(body)
        self._journal.outcome(self._plan, change, answer)
        stop = self._rest(intent, answer)
        done = self._read_back(change, intent, answer)
        return done if done.stop else replace(done, stop=stop)

    def _rest(self, intent: Entry, answer: Answer) -> str:
        """Do what an answer asks for before the record is read; why the run must end, if so."""
        self._row = self._row + 1 if answer.outcome == self._last else 1
        self._last = answer.outcome
        if answer.outcome in ("unknown", "busy"):
            self._wait(intent)
        if answer.stop:
            odd = "answered an edit with a redirect or in no known way"
            verb = odd if answer.outcome == "unknown" else "refused an edit"
            return f"the LMS {verb} ({answer.reason})."
        time.sleep(answer.retry_after or 0)
        if answer.outcome == "unknown" and self._row > 1:
            return "two outcomes in a row are unknown."
        if answer.outcome == "unauthenticated":
            return "the token was refused twice." if self._row > 1 else self._editor.renew()
        return ""

    def _read_back(self, change: Change, intent: Entry, answer: Answer) -> Done:
        """Say how an edit ended by what the record says now; unread, its intent stays open."""
        sco = _read(self._client, change)
        if isinstance(sco, str):
            stop = f"an edit could not be read back ({sco.rstrip('.')}); run apply again."
            return Done(change, "open", sco, stop)
        states = states_of(sco)
        state, detail = ended(change, states, answer)
        if state == "not_applied" and self._journal.lost(intent.plan, change):
            state, detail = "parked", "twice of unknown outcome, a person must look"
        read = {op.element: states[column_of(op.element)].text for op in change.ops}
        paired = f" (paired by {change.binding})" if state == "wrong_pairing" else ""
        stop = f"{detail}{paired}; look before you go on." if state in _STOPS else ""
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
        if intent:
            self._open.discard(intent.seq)
        return Done(change, state, detail, stop)

    def _wait(self, intent: Entry) -> None:
        """Give a lost edit the time in which the LMS may still carry it out."""
        age = (datetime.now(UTC) - datetime.fromisoformat(intent.at)).total_seconds()
        time.sleep(max(0.0, self._limits.settle - max(age, 0.0)))

    def _still_open(self) -> int:
        """Edits whose outcome is not known; where a write failed, the journal may know of more."""
        with suppress(SafetyStop, JournalError):
            return len(self._journal.open_intents())
        return len(self._open)

    def _head(self) -> str:
        with suppress(SafetyStop, JournalError):
            return self._journal.head
        return ""

    def _pace(self) -> None:
        time.sleep(max(0.0, self._last_edit + self._limits.pause - time.monotonic()))
        self._last_edit = time.monotonic()


def _previewed(
    client: Client,
    changes: Sequence[Change],
    past: Mapping[str, State],
    limits: Limits,
    progress: Tick,
) -> Iterator[Done]:
    unread = 0
    for change in changes:
        state, detail = past.get(change.hash), ""
        if state not in FINAL:
            sco = _read(client, change)
            unread += isinstance(sco, str)
            state, detail = limits.judged(change, sco)
        yield Done(change, state or "would_send", detail)
        progress()
        if unread > limits.troubles:
            return


def _read(client: Client, change: Change) -> Sco | str:
    """The SCO of a change as it is now, or why it cannot be read (never: absent)."""
    try:
        scos = read_scos(client, change.enrollment_id, change.assignment_id)
    except LmsError as error:
        return str(error)
    found = [sco for sco in scos if sco.sco_id == change.sco_id]
    return found[0] if found else "the SCO is not in the answer"
