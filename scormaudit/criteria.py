"""What a migration is asked in writing, so that it can be agreed upon before the day.

::

    title = "Spring move"            # stands on the sign-off
    target = "moodle"                # must be the one that is asked for
    coverage = 100                   # percent of the worklist that was read, at least
    no_errors = ["all"]              # codes or beginnings of which no error may be found

    [warnings]                       # at most so many, by code or its beginning
    MDL = 0
    all = 500

    [[allow]]                        # findings that somebody answers for
    rule = "MDL101"
    owner = "R. Egistrar"
    reason = "The mastery scores are removed from the packages first."
    until = 2030-01-31               # the last day it holds (UTC)
    enrollment_id = "…"              # and assignment_id, sco_id, where wanted

What a file leaves out is as above, but no warning is counted and nothing is allowed. Settings
of pyproject.toml have no say: two people with the same files get the same answer.
"""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from scormaudit.allowance import Allowance, read_allowances
from scormaudit.errors import SettingsError
from scormaudit.pack import TARGETS, Pack, unknown

ALL = "all"
_TARGETS = f"Targets are {', '.join(TARGETS)}."
_KEYS = {
    "title": "a text",
    "target": "the target that is asked for",
    "coverage": "a number from 0 to 100",
    "no_errors": f'a list of codes or beginnings of codes, such as ["MDL", "ST1"], or ["{ALL}"]',
    "warnings": f"a table of codes, beginnings of codes or {ALL}, and whole numbers from 0",
    "allow": "a list of tables with rule, owner, reason and until",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """An allowance and who answers for it."""

    allowance: Allowance
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What must hold; `coverage` in percent, `warnings` at most so many by beginning of code.

    `file` and its SHA-256 `digest` are blank where nobody wrote any.
    """

    title: str = ""
    coverage: float = 100
    no_errors: tuple[str, ...] = (ALL,)
    warnings: tuple[tuple[str, int], ...] = ()
    allow: tuple[Leave, ...] = ()
    file: str = ""
    digest: str = ""


def read_criteria(file: Path, target: str, pack: Pack) -> Criteria:
    """The criteria of a TOML file; SettingsError names the key at fault and what it may be."""
    try:
        content = file.read_bytes()
        table = tomllib.loads(content.decode("utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"It cannot be read ({error.strerror}).", where=str(file)) from None
    except UnicodeDecodeError:
        raise SettingsError(
            "This is not UTF-8.", where=str(file), todo="Save it as UTF-8."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"This is not TOML ({error}).", where=str(file)) from None
    return Criteria(
        **dict(_read(table, target, pack, str(file))),
        file=str(file),
        digest=hashlib.sha256(content).hexdigest(),
    )


def _read(
    table: Mapping[str, Any], target: str, pack: Pack, file: str
) -> Iterator[tuple[str, Any]]:
    """Each key that was given, as it stands in Criteria."""
    for key, value in table.items():
        where = f"{file}: {key}"
        match key:
            case "title" if isinstance(value, str) and value.strip():
                yield key, value.strip()
            case "target" if value == target:
                pass
            case "coverage" if _is_number(value) and 0 <= value <= 100:
                yield key, value
            case "no_errors" if isinstance(value, list):
                yield key, tuple(dict.fromkeys(_code(code, pack, where) for code in value))
            case "warnings" if isinstance(value, dict):
                yield key, tuple(_limits(value, pack, where))
            case "allow" if isinstance(value, list):
                yield key, tuple(_leave(entry, n, pack, where) for n, entry in enumerate(value))
            case _:
                raise _refused(key, value, target, where)


def _refused(key: str, value: Any, target: str, where: str) -> SettingsError:
    """What is wrong with a key or its value, and what is allowed."""
    if key not in _KEYS:
        near = get_close_matches(key, _KEYS, n=1)
        todo = f"Did you mean {near[0]}?" if near else f"There are {', '.join(_KEYS)}."
        return SettingsError("The criteria have no such key.", where=where, todo=todo)
    if key == "target" and isinstance(value, str):
        what = f"The criteria are for {value}, and {target} was asked for."
        todo = f"Run it with --target {value}." if value in TARGETS else _TARGETS
        return SettingsError(what, where=where, todo=todo)
    return SettingsError("This cannot be.", where=where, todo=f"It is {_KEYS[key]}.")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _code(code: Any, pack: Pack, where: str) -> str:
    """A code or beginning that some rule has, or `all`."""
    if not isinstance(code, str) or not code.strip():
        raise SettingsError("This is no code.", where=where, todo=f"It is {_KEYS['no_errors']}.")
    plain = code.strip()
    if plain.lower() == ALL:
        return ALL
    if not any(rule.code.startswith(plain.upper()) for rule in pack.rules):
        found = unknown(plain, pack.rules)
        raise SettingsError(found.what, where=where, todo=found.todo)
    return plain.upper()


def _limits(table: Mapping[str, Any], pack: Pack, where: str) -> Iterator[tuple[str, int]]:
    codes = set[str]()
    for code, most in table.items():
        known = _code(code, pack, f"{where}.{code}")
        if known in codes:
            raise SettingsError(
                f"{known} is there twice.", where=f"{where}.{code}", todo="Leave one."
            )
        codes.add(known)
        if not isinstance(most, int) or isinstance(most, bool) or most < 0:
            raise SettingsError(
                "This cannot be.", where=f"{where}.{code}", todo="It is a whole number from 0."
            )
        yield known, most


def _leave(entry: Any, number: int, pack: Pack, where: str) -> Leave:
    place = f"{where}[{number}]"
    if not isinstance(entry, dict):
        raise SettingsError("This cannot be.", where=place, todo=f"It is {_KEYS['allow']}.")
    owner = entry.get("owner")
    if not isinstance(owner, str) or not owner.strip():
        raise SettingsError(
            "An allowance has an owner.", where=f"{place}.owner", todo="Name who answers for it."
        )
    rest = {name: value for name, value in entry.items() if name != "owner"}
    return Leave(allowance=_allowance(rest, place, pack), owner=owner.strip())


def _allowance(entry: Mapping[str, Any], place: str, pack: Pack) -> Allowance:
    try:
        (allowance,) = read_allowances([entry], pack)
    except SettingsError as error:
        key = error.where.removeprefix("allow[0]")
        raise SettingsError(error.what, where=f"{place}{key}", todo=error.todo) from None
    return allowance
