"""Decisions: who approved, rejected or deferred which change, when and why; append-only."""

import getpass
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError, with_config

from scormaudit.errors import ApprovalError, CountError, PlanError
from scormaudit.plan import STRICT, Change, Plan, canonical, digest

Meaning = Literal["approve", "reject", "defer"]


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One line of the decisions file; `changes` are hashes, `previous` chains the lines.

    Without a signature this says who is said to have decided; it does not prove it.
    """

    at: str
    reviewer: str
    account: str
    plan: str
    changes: tuple[str, ...]
    meaning: Meaning
    reason: str
    previous: str

    @property
    def hash(self) -> str:
        """The hash that the next line names."""
        return digest("decision", asdict(self))


_ADAPTER = TypeAdapter(Decision)


def decisions_file(plan: Path | str) -> Path:
    """Where the decisions about a plan are kept: beside it."""
    return Path(plan).with_suffix(".decisions.jsonl")


def read_decisions(file: Path) -> tuple[Decision, ...]:
    """Every decision in order; ApprovalError if a byte of the file is not as it was written."""
    if not file.exists():
        return ()
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ApprovalError(f"It cannot be read ({error.strerror}).", where=str(file)) from None
    decisions: list[Decision] = []
    for number, line in enumerate(content.splitlines(keepends=True), start=1):
        previous = decisions[-1].hash if decisions else ""
        try:
            loaded = json.loads(line)
            decision = _ADAPTER.validate_json(canonical(loaded["decision"]))
            intact = line == _line(decision) and decision.previous == previous
        except (ValueError, KeyError, TypeError, ValidationError, PlanError):
            intact = False
        if not intact:
            raise ApprovalError(
                f"Line {number} was changed after it was written, so all approvals are void.",
                where=str(file),
                todo="Keep the file as evidence, propose a new plan and review it anew.",
            )
        decisions.append(decision)
    return tuple(decisions)


def decide(
    plan: Plan,
    file: Path,
    chosen: Iterable[Change],
    *,
    meaning: Meaning = "approve",
    reviewer: str,
    reason: str,
    expect: int,
    now: datetime | None = None,
) -> Decision:
    """Append one decision about exactly `expect` changes, or nothing (CountError)."""
    changes = tuple(change.hash for change in chosen)
    if len(changes) != expect:
        raise CountError(
            f"{len(changes)} changes match, {expect} were expected; nothing was decided.",
            todo="Look at the plan again before you give another count.",
        )
    if not changes:
        raise CountError("No change matches; nothing was decided.")
    if not reviewer.strip() or not reason.strip():
        raise PlanError("A decision needs a reviewer and a reason.", todo="Nothing was decided.")
    earlier = read_decisions(file)
    decision = Decision(
        at=(now or datetime.now(UTC)).isoformat(timespec="seconds"),
        reviewer=reviewer.strip(),
        account=_account(),
        plan=plan.hash,
        changes=changes,
        meaning=meaning,
        reason=reason.strip(),
        previous=earlier[-1].hash if earlier else "",
    )
    _append(file, _line(decision))
    return decision


def standing(plan: Plan, decisions: Iterable[Decision]) -> dict[str, Decision]:
    """For each change of the plan, the last decision about it."""
    known = {change.hash for change in plan.proposed}
    last: dict[str, Decision] = {}
    for decision in decisions:
        last.update(dict.fromkeys(known.intersection(decision.changes), decision))
    return last


def approved(plan: Plan, file: Path, now: datetime | None = None) -> tuple[Change, ...]:
    """The changes whose last decision is an approval that has not expired, in plan order.

    ApprovalError where there is none, or where one that was given has expired.
    """
    now = now or datetime.now(UTC)
    life = timedelta(days=float(plan.policy.expiry_days))
    last = standing(plan, read_decisions(file))
    given = [c for c in plan.proposed if c.hash in last and last[c.hash].meaning == "approve"]
    if not given:
        raise ApprovalError(
            f"None of the {len(plan)} changes is approved.",
            todo="Review them: `scormaudit review`, then `scormaudit approve`.",
        )
    late = [c for c in given if not _lives(last[c.hash], now, life)]
    if late:
        raise ApprovalError(
            f"The approval of {len(late)} changes has expired ({plan.policy.expiry_days} days).",
            todo="Approve them again, or reject them.",
        )
    return tuple(given)


def _account() -> str:
    """The account of this process, if the system knows one."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _lives(decision: Decision, now: datetime, life: timedelta) -> bool:
    at = datetime.fromisoformat(decision.at)
    return at <= now <= at + life


def _line(decision: Decision) -> bytes:
    return canonical({"decision": asdict(decision), "hash": decision.hash}) + b"\n"


def _append(file: Path, line: bytes) -> None:
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise PlanError(
            f"The decision cannot be kept ({error.strerror}).", where=str(file)
        ) from None
