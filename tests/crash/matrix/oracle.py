"""What the journal says of a run, held against what the LMS saw of it."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from scormaudit.errors import JournalError
from scormaudit.journal import read_journal
from scormaudit.lms.client import edit_body

from .figures import FIGURES

ENDS = ("verified", "already", "conflict", "conflict_after", "frame_changed", "wrong_pairing",
        "rejected", "parked")  # fmt: skip
UNSENT = ("already", "conflict", "rejected", "parked")


@dataclass(slots=True)
class Verdict:
    """The figures of a run, how its changes ended, and a line for each thing that is wrong."""

    figures: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIGURES, 0))
    ends: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, figure, what):
        """One more of a figure."""
        self.figures[figure] += 1
        if figure != "late":
            self.notes.append(f"{figure}: {what}")


def bytes_of(change):
    """The bytes that were approved."""
    return edit_body(change.assignment_status_id, change.sco_id, change.fields())


def results(entries):
    """The last state of each change, by its hash."""
    return {e.change: json.loads(e.body)["state"] for e in entries if e.kind == "result"}


def open_intents(entries):
    """Intents that no result closes."""
    closed = {e.closes for e in entries}
    return [e for e in entries if e.kind == "intent" and e.seq not in closed]


def judge(changes, journal, events, settle):
    """Hold the journal's file against the events; `changes` are the approved ones."""
    verdict = Verdict()
    try:
        entries = read_journal(journal)
    except JournalError as error:
        verdict.add("damaged", str(error))
        entries = []
    for intent in open_intents(entries):
        verdict.add("damaged", f"entry {intent.seq} is an open intent")
    _judge_bytes(verdict, {sha256(bytes_of(c)).hexdigest(): c for c in changes}, events)
    by_key = defaultdict(list)
    for event in events:
        by_key[event["key"]].append(event)
    ends = results(entries)
    for number, change in enumerate(changes):
        seen = by_key[change.assignment_status_id]
        intents = [e for e in entries if e.kind == "intent" and e.change == change.hash]
        state = ends.get(change.hash, "nothing")
        verdict.ends.append(state)
        if state not in ENDS:
            verdict.add("lost", f"change {number} ended as {state}")
        commits = _judge_commits(verdict, number, seen, intents, settle)
        _judge_end(verdict, f"change {number} is {state}", state, change, seen, commits)
    return verdict


def _judge_bytes(verdict, approved, events):
    """Each edit that arrived is, byte for byte, one of the approved, and so is each commit."""
    arrived = {e["arrival"]: e for e in events if e["kind"] == "arrival"}
    for event in arrived.values():
        change = approved.get(event["sha256"])
        if change is None or change.assignment_status_id != event["key"]:
            verdict.add("unapproved", f"edit {event['arrival']} of {event['key'][-3:]}")
    for event in events:
        if event["kind"] == "commit" and event["arrival"] not in arrived:
            verdict.add("unapproved", f"a commit to {event['key'][-3:]} that nobody sent")


def _judge_commits(verdict, number, seen, intents, settle):
    """How many edits of a change were committed within the settle time of their intents."""
    arrivals = [e for e in seen if e["kind"] == "arrival"]
    for _ in arrivals[len(intents) :]:
        verdict.add("unintended", f"change {number}, {len(intents)} intents")
    committed = {}
    for event in seen:
        if event["kind"] == "commit":
            committed.setdefault(event["arrival"], event["at"])
    late = [e for e in arrivals if _is_late(e, committed.get(e["arrival"]), intents, settle)]
    if len(committed) > 1:
        timely = len(committed) - len(late)
        verdict.add("late" if timely < 2 else "doubled", f"change {number}, {len(committed)} edits")
    return len(committed) - len(late)


def _is_late(arrival, commit, intents, settle):
    """Whether an edit was committed when the settle time since its intent was over."""
    before = [at for e in intents if (at := _when(e)) <= arrival["sent"]]
    return bool(before) and commit is not None and commit - max(before) > settle


def _when(entry):
    return datetime.fromisoformat(entry.at).timestamp()


def _judge_end(verdict, what, state, change, seen, commits):
    """What a state claims must have been so: verified is a read after the send (I5)."""
    if state == "verified":
        kinds = [e["kind"] for e in seen]
        after = seen[kinds.index("arrival") :] if "arrival" in kinds else []
        shown = [e["cmi"] for e in after if e["kind"] == "read"]
        if "commit" not in kinds:
            verdict.add("false", f"{what}, nothing was committed")
        elif not any(all(cmi.get(o.element) == o.after for o in change.ops) for cmi in shown):
            verdict.add("false", f"{what}, no read showed it")
    if state in UNSENT and commits:
        verdict.add("false", f"{what}, but committed")
