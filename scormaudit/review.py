"""What reviewers said of a plan, and which of its changes may be sent for it."""

import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from scormaudit.decisions import (
    Decision,
    Ledger,
    Meaning,
    decisions_file,
    read_decisions,
    read_ledger,
    record,
)
from scormaudit.errors import ApprovalError, CountError, PlanError
from scormaudit.plan import Change, Plan
from scormaudit.policy import account

__all__ = [
    "Decision",
    "Ledger",
    "Meaning",
    "Verdict",
    "approved",
    "barred",
    "counted",
    "decide",
    "decisions_file",
    "person",
    "read_decisions",
    "read_ledger",
    "verdicts",
]

Word = Literal["approved", "rejected", "deferred", "short", "expired", "barred", "open"]
_TODO: dict[Word, str] = {
    "open": "Review them: `scormaudit review`, then `scormaudit approve`.",
    "deferred": "Review again what was deferred: `scormaudit review`.",
    "short": "Another reviewer must approve too: `scormaudit approve --reviewer`.",
    "rejected": "A rejection stands until who gave it decides anew.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Where the reviewers stand about one change; of each the last decision counts.

    `needed` is how many must approve. `late` approvals have expired, `barred` ones are by the
    planner of a plan that wants four eyes: neither counts.
    """

    needed: int
    approved: tuple[Decision, ...] = ()
    rejected: tuple[Decision, ...] = ()
    deferred: tuple[Decision, ...] = ()
    late: tuple[Decision, ...] = ()
    barred: tuple[Decision, ...] = ()

    @property
    def word(self) -> Word:
        """One rejection blocks; enough approvals approve; else what stands in the way."""
        if self.rejected:
            return "rejected"
        if len(self.approved) >= self.needed:
            return "approved"
        if len(self.approved) + len(self.late) >= self.needed:
            return "expired"
        if self.approved or self.late:
            return "short"
        return "barred" if self.barred else "deferred" if self.deferred else "open"

    @property
    def settled(self) -> bool:
        """Whether nobody else has to decide."""
        return self.word in ("approved", "rejected")

    def __str__(self) -> str:
        """`open`, `rejected by Ann`, `1 of 2 approvals`."""
        match self.word:
            case "rejected":
                return f"rejected by {_names(self.rejected)}"
            case "short":
                return f"{len(self.approved)} of {self.needed} approvals"
            case "barred":
                return "approved, which does not count (four eyes)"
            case word:
                return word


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
    plan_hash: str = "",
) -> Decision:
    """Append one decision about exactly `expect` changes, or nothing (CountError).

    `plan_hash` saves the time of hashing the plan again.
    """
    changes = tuple(dict.fromkeys(change.hash for change in chosen))
    if len(changes) != expect:
        raise CountError(
            f"{len(changes)} changes match, {expect} were expected; nothing was decided.",
            todo="Look at the plan again before you give another count.",
        )
    if not changes:
        raise CountError("No change matches; nothing was decided.")
    if not person(reviewer) or not reason.strip():
        raise PlanError("A decision needs a reviewer and a reason.", todo="Nothing was decided.")
    decision = Decision(
        at=(now or datetime.now(UTC)).isoformat(timespec="seconds"),
        reviewer=reviewer.strip(),
        account=account(),
        plan=plan_hash or plan.hash,
        changes=changes,
        meaning=meaning,
        reason=reason.strip(),
        previous="",
    )
    return record(file, decision)


def person(name: str) -> str:
    """A name as it is compared: no difference by case, width, blanks or what cannot be seen."""
    plain = "".join(
        " " if c.isspace() else c for c in unicodedata.normalize("NFKC", name)
        if c.isprintable() or c.isspace()
    )  # fmt: skip
    return " ".join(plain.casefold().split())


def barred(plan: Plan, reviewer: str, by: str) -> str:
    """Why an approval by this reviewer from this account does not count; nothing if it does."""
    if plan.policy.four_eyes != "yes":
        return ""
    if not plan.planner:
        return "The plan wants four eyes, but does not say who proposed it; propose it anew."
    if person(plan.planner) in (person(reviewer), person(by)):
        return f"The plan wants four eyes, and {_seen(plan.planner)} proposed it."
    return ""


def verdicts(
    plan: Plan,
    decisions: Iterable[Decision],
    now: datetime | None = None,
    *,
    by_hash: Mapping[str, Change] | None = None,
) -> dict[str, Verdict]:
    """For the hash of each change, in plan order, where its reviewers stand.

    `by_hash`, the changes by their hash, saves the time of hashing them again.
    """
    now = now or datetime.now(UTC)
    changes = by_hash or {change.hash: change for change in plan.proposed}
    said: dict[str, dict[str, Decision]] = {name: {} for name in changes}
    for decision in decisions:
        who = person(decision.reviewer)
        for name in said.keys() & decision.changes:
            said[name][who] = decision
    return {
        name: _verdict(plan, changes[name], heard.values(), now) for name, heard in said.items()
    }


def approved(
    plan: Plan, file: Path, now: datetime | None = None, *, ended: Container[str] = ()
) -> tuple[Change, ...]:
    """The changes that enough reviewers approve and nobody rejects, in plan order.

    ApprovalError where there is none, or where one lacks only an approval that has expired. The
    approval of what has `ended`, given by the change's hash, was used and does not expire.
    """
    changes = {change.hash: change for change in plan.proposed}
    found = verdicts(plan, read_decisions(file), now, by_hash=changes)
    used = {name for name, verdict in found.items() if verdict.word == "expired" and name in ended}
    words = Counter(verdict.word for name, verdict in found.items() if name not in used)
    if words["expired"]:
        raise ApprovalError(
            f"The approval of {words['expired']} changes has expired "
            f"({plan.policy.expiry_days} days)" + _ahead(found.values(), now) + ".",
            todo="Approve them again, or reject them.",
        )
    if not changes:
        raise ApprovalError("The plan holds no change.", todo="There is nothing to send.")
    if not (used or words["approved"]):
        raise ApprovalError(
            f"None of the {len(plan)} changes is approved ({counted(found.values())}).",
            todo=" ".join(_todo(plan, found.values())),
        )
    return tuple(
        changes[name]
        for name, verdict in found.items()
        if name in used or verdict.word == "approved"
    )


def counted(found: Iterable[Verdict]) -> str:
    """How many verdicts of each kind: `1 approved, 2 with 1 of 2 approvals`."""
    counts = Counter(map(str, found))
    return (
        ", ".join(
            f"{number} {'with ' if what[:1].isdigit() else ''}{what}"
            for what, number in counts.items()
        )
        or "there is none"
    )


def _verdict(plan: Plan, change: Change, said: Iterable[Decision], now: datetime) -> Verdict:
    heard: dict[str, tuple[Decision, ...]] = {}
    for decision in said:
        name = _heard(plan, decision, now)
        heard[name] = (*heard.get(name, ()), decision)
    final = any(op.undo == "impossible" for op in change.ops)
    return Verdict(needed=max(int(plan.policy.approvals), 2 if final else 1), **heard)


def _heard(plan: Plan, decision: Decision, now: datetime) -> str:
    """As what a decision counts: the name of a field of Verdict."""
    if decision.meaning != "approve":
        return "rejected" if decision.meaning == "reject" else "deferred"
    if barred(plan, decision.reviewer, decision.account):
        return "barred"
    at = datetime.fromisoformat(decision.at)
    life = timedelta(days=float(plan.policy.expiry_days))
    return "approved" if at <= now <= at + life else "late"


def _todo(plan: Plan, found: Iterable[Verdict]) -> Iterator[str]:
    """What to do about verdicts that are no approval, each once."""
    words = {verdict.word: verdict for verdict in found}
    yield from (text for word, text in _TODO.items() if word in words)
    if "barred" in words:
        by = words["barred"].barred[0]
        yield f"{barred(plan, by.reviewer, by.account)} Another person must approve."


def _ahead(found: Iterable[Verdict], now: datetime | None) -> str:
    """That an approval bears a time to come, as a clock that is fast gives it; else nothing."""
    times = (datetime.fromisoformat(one.at) for verdict in found for one in verdict.late)
    fast = any(time > (now or datetime.now(UTC)) for time in times)
    return ", or bears a time to come: look at the clocks" if fast else ""


def _names(decisions: Iterable[Decision]) -> str:
    return ", ".join(_seen(decision.reviewer) for decision in decisions)


def _seen(name: str) -> str:
    """A name as it may stand in an error: what is not printable as codes."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in name)
