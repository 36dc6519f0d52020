"""A plan that puts back what verified changes replaced."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from scormaudit.applied import unfinished
from scormaudit.entry import Entry
from scormaudit.errors import PlanError
from scormaudit.journal import read_journal
from scormaudit.plan import Change, Op, Plan, Refusal, fingerprint, seen, undo_of
from scormaudit.policy import Policy, account

_OPEN = "an edit of unknown outcome: run `scormaudit apply` again, then undo"


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
    already is left out. What cannot be written again is listed as refused, and so is a record of
    which an edit is of unknown outcome. Of the `policy` all but the quiet hours hold: what was
    just written was just used.
    """
    entries = read_journal(path)
    target = entries[0].content()["target"]
    lost = unfinished(entries)
    proposed, refused = [], [_refusal(i.intended(), _OPEN) for i in lost.values()]
    for history in _histories(entries):
        if history.change.write_key in lost:
            continue
        change, impossible = _inverse(history)
        proposed.extend([change] if change.ops else [])
        refused.extend(impossible)
    if not proposed and not refused:
        raise PlanError(
            "The journal holds no verified change that is still to be undone.", where=str(path)
        )
    policy = policy or Policy()
    policy.bear(len(proposed), "Raise max_changes in [tool.scormaudit.policy].")
    return Plan(
        target=target,
        snapshot="",
        pack="",
        tool_version=version("scormaudit"),
        policy=replace(policy, quiet_hours="0"),
        proposed=tuple(proposed),
        refused=tuple(refused),
        undoes=entries[-1].hash,
        planner=account(),
        journal=entries[-1].hash,
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
        _refusal(replace(latest, rules=tuple(history.rules)), f"{', '.join(names)}: {reason}")
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


def _refusal(change: Change, reason: str) -> Refusal:
    return Refusal(
        enrollment_id=change.enrollment_id,
        assignment_id=change.assignment_id,
        sco_id=change.sco_id,
        rules=change.rules,
        reason=reason,
    )
