"""Findings that somebody answers for: of which rule, why, and until when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from difflib import get_close_matches
from typing import Any, Literal

import numpy as np
import pandas as pd

from scormaudit.errors import PackError, SettingsError
from scormaudit.frame import RECORD
from scormaudit.pack import Pack

_DATE = "Give the last day it holds, as until = 2030-12-31."


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Leave to break one rule up to and including a day (UTC), for a stated reason.

    An id that is given narrows it to that enrollment, assignment or SCO; without any it holds
    for every record.
    """

    rule: str
    reason: str
    until: date
    enrollment_id: str = ""
    assignment_id: str = ""
    sco_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What became of an allowance in one audit; `findings` is how many it covered."""

    allowance: Allowance
    state: Literal["used", "unused", "expired"]
    findings: int = 0


Given = Allowance | Mapping[str, Any]


def read_allowances(given: Iterable[Given], pack: Pack) -> tuple[Allowance, ...]:
    """Allowances as tables of pyproject.toml give them; SettingsError names the key at fault.

    A code must be whole: leave for all that begins alike would cover rules nobody has read.
    """
    return tuple(_read(entry, f"allow[{number}]", pack) for number, entry in enumerate(given))


def sift(
    findings: pd.DataFrame, allowances: Iterable[Allowance], today: date | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Standing, ...]]:
    """The findings that count; those allowed, with `reason` and `until`; each one's standing.

    Where several allowances cover a finding, the first of them does.
    """
    allowances, today = tuple(allowances), today or datetime.now(UTC).date()
    holder = np.full(len(findings), -1)
    standings = []
    for number, allowance in enumerate(allowances):
        if allowance.until < today:
            standings.append(Standing(allowance=allowance, state="expired"))
            continue
        mine = _covered(findings, allowance) & (holder < 0)
        holder[mine] = number
        count = int(mine.sum())
        state: Literal["used", "unused"] = "used" if count else "unused"
        standings.append(Standing(allowance=allowance, state=state, findings=count))
    covered = holder >= 0
    allowed = (
        findings[covered].reset_index(drop=True) if covered.any() else findings.iloc[:0].copy()
    )
    holders = [allowances[number] for number in holder[holder >= 0]]
    allowed["reason"] = [holder.reason for holder in holders]
    allowed["until"] = [holder.until for holder in holders]
    counting = findings[~covered].reset_index(drop=True) if covered.any() else findings
    return counting, allowed, tuple(standings)


def _covered(findings: pd.DataFrame, allowance: Allowance) -> np.ndarray:
    mask = findings["rule"].eq(allowance.rule)
    for name in RECORD:
        if wanted := getattr(allowance, name):
            mask &= findings[name].eq(wanted)
    return mask.to_numpy(dtype=bool)


def _read(entry: Given, where: str, pack: Pack) -> Allowance:
    table = _table(entry, where)
    rule = _text(table, "rule", where, "Name the rule, as rule = 'ST103'.").upper()
    try:
        pack[rule]
    except PackError as error:
        raise SettingsError(error.what, where=f"{where}.rule", todo=error.todo) from None
    ids = {name: _text(table, name, where) for name in RECORD if name in table}
    for name in RECORD[:2]:
        ids |= {name: ids[name].lower()} if name in ids else {}
    return Allowance(
        rule=rule,
        reason=_text(table, "reason", where, "Say why the rule may be broken."),
        until=_day(table.get("until"), f"{where}.until"),
        **ids,
    )


def _table(entry: Given, where: str) -> Mapping[str, Any]:
    """An entry as a table; a misspelt id must not pass, or it would allow everything."""
    names = [field.name for field in fields(Allowance)]
    if isinstance(entry, Allowance):
        given = {name: getattr(entry, name) for name in names}
        return {name: value for name, value in given.items() if name not in RECORD or value}
    if not isinstance(entry, Mapping):
        raise SettingsError("An allowance is a table.", where=where, todo="Begin [[…allow]].")
    for name in entry:
        if name not in names:
            near = get_close_matches(str(name), names, n=1) or names
            todo = f"Did you mean {' or '.join(near)}?"
            raise SettingsError("An allowance has no such key.", where=f"{where}.{name}", todo=todo)
    return entry


def _text(table: Mapping[str, Any], name: str, where: str, todo: str = "") -> str:
    text = table.get(name, "")
    if not isinstance(text, str) or not text.strip():
        raise SettingsError(
            "This must be a text that is not blank.", where=f"{where}.{name}", todo=todo
        )
    return text.strip()


def _day(value: Any, where: str) -> date:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        day = None
    if isinstance(day, datetime):
        day = day.date()
    if not isinstance(day, date):
        what = "An allowance must end." if value is None else "This is not a date."
        raise SettingsError(what, where=where, todo=_DATE)
    return day
