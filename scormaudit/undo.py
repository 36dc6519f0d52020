"""A plan that puts back what verified changes replaced."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from scormaudit.entry import Entry
from scormaudit.errors import PlanError
from scormaudit.journal import read_journal
from scormaudit.plan import Change, Op, Plan, Refusal, fingerprint, seen, undo_of
from scormaudit.policy import Policy, account


@dataclass(slots=True)
class _History:
    """The verified changes of one SCO: each field's first value before and last after."""

    change: Change
    first: dict[str, Op] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)
    rules: dict[str, None] = field(default_factory=dict)
    judged: bool = False


def undo(path: Path | str, *, policy: Policy | None = None) -> Plan:
    """The plan that restores every verified change of the journal at `path`.

    A field that was changed more than once goes back to its first value; one that is back
    already is left out. What cannot be written again is listed as refused. Of the `policy` all but
    the quiet hours hold: what was just written was just used.
    """
    entries = read_journal(path)
    target = entries[0].content()["target"]
    proposed, refused = [], []
    for history in _histories(entries):
        change, impossible = _inverse(history)
        proposed.extend([change] if change.ops else [])
        refused.extend(impossible)
    if not proposed and not refused:
        raise PlanError("The journal holds no verified change to undo.", where=str(path))
    return Plan(
        target=target,
        snapshot="",
        pack="",
        tool_version=version("scormaudit"),
        policy=replace(policy or Policy(), quiet_hours="0"),
        proposed=tuple(proposed),
        refused=tuple(refused),
        undoes=entries[-1].hash,
        planner=account(),
    )


def _histories(entries: list[Entry]) -> list[_History]:
    intents = {entry.seq: entry for entry in entries if entry.kind == "intent"}
    histories: dict[str, _History] = {}
    for entry in entries:
        if entry.closes is None or entry.content()["state"] != "verified":
            continue
        change, read = intents[entry.closes].intended(), entry.content()["read"]
        history = histories.setdefault(change.write_key, _History(change))
        history.change = change
        history.judged |= change.kind == "judgement"
        history.rules |= dict.fromkeys(change.rules)
        for op in change.ops:
            history.first.setdefault(op.field, op)
            history.last[op.field] = read[op.element]
    return list(histories.values())


def _inverse(history: _History) -> tuple[Change, list[Refusal]]:
    """The change back, and a refusal for each field that cannot go back."""
    ops: list[Op] = []
    refused: list[Refusal] = []
    latest = history.change
    frame = dict(latest.frame)
    reasons = defaultdict(list)
    for name, op in history.first.items():
        now = seen(history.last[name])
        if now == op.before:
            frame[op.element] = fingerprint(now)
            continue
        possible, reason = undo_of(name, None if op.before.state == "absent" else op.before.text)
        if possible == "impossible":
            reasons[reason].append(name)
            frame[op.element] = fingerprint(now)
            continue
        frame.pop(op.element, None)
        kind, why = undo_of(name, now.text)
        ops.append(replace(op, before=now, after=op.before.text, undo=kind, undo_reason=why))
    refused.extend(
        Refusal(
            enrollment_id=latest.enrollment_id,
            assignment_id=latest.assignment_id,
            sco_id=latest.sco_id,
            rules=tuple(history.rules),
            reason=f"{', '.join(names)}: {reason}",
        )
        for reason, names in reasons.items()
    )
    change = replace(
        latest,
        ops=tuple(ops),
        guards={},
        frame=frame,
        rules=tuple(history.rules),
        reasons=("Restores what was read before the repair",),
        risks=(),
        kind="judgement" if history.judged else "safe",
    )
    return change, refused
