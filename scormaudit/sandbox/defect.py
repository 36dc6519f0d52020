"""One kind of labelled defect, how it is planted, and the shapes that many of them share."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random

from scormaudit.sandbox.attempt import Sco
from scormaudit.sandbox.record import FINISHED, Kind

Changes = dict[str, str | None]
Plant = Callable[[Sco, Random], Changes | None]

STATUS, ENTRY, MODE = "cmi.core.lesson_status", "cmi.core.entry", "cmi.core.lesson_mode"
CREDIT, EXIT = "cmi.core.credit", "cmi.core.exit"
LOCATION, DATA = "cmi.core.lesson_location", "cmi.suspend_data"
TOTAL, SESSION = "cmi.core.total_time", "cmi.core.session_time"
RAW, LOW, HIGH = "cmi.core.score.raw", "cmi.core.score.min", "cmi.core.score.max"
MASTERY = "cmi.student_data.mastery_score"
START, END = "start_date_utc", "exit_date_utc"

SUCCESSES = (Kind.PASSED, Kind.COMPLETED)
SCORED = (Kind.PASSED, Kind.FAILED)
LEFT = (*FINISHED, Kind.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong, and how to make it so.

    `plant` gets a clean record of one of the `kinds` and answers with what to change, the
    wrong element first, or None where the record does not suit; None for a value takes the
    element away.
    Where the element `fails`, the value is the message of its error.
    In `element`, `n` and `m` stand for an index and `*` for anything.
    """

    name: str
    element: str
    kinds: tuple[Kind, ...]
    plant: Plant
    fails: bool = False


def planted(defect: Defect, sco: Sco, random: Random) -> tuple[Sco, str] | None:
    """The record with its defect and the element that is wrong, or None."""
    changes = defect.plant(sco, random)
    if changes is None:
        return None
    element = next(iter(changes))
    if defect.fails:
        errors = {name: message or "" for name, message in changes.items()}
        return replace(sco, errors=errors), element
    start, end = changes.pop(START, sco.start_date_utc), changes.pop(END, sco.exit_date_utc)
    cmi = {name: text for name, text in {**sco.cmi, **changes}.items() if text is not None}
    return replace(sco, start_date_utc=start, exit_date_utc=end, cmi=cmi), element


def value(sco: Sco, element: str) -> str:
    """The text of an element, blank where it is null."""
    return sco.cmi.get(element) or ""


def one_of(element: str, *texts: str) -> Plant:
    """Any of these texts."""

    def plant(_: Sco, random: Random) -> Changes | None:
        return {element: random.choice(texts)}

    return plant


def misspelt(element: str, spellings: Mapping[str, tuple[str, ...]]) -> Plant:
    """Another spelling of the word that stands there."""

    def plant(sco: Sco, random: Random) -> Changes | None:
        wrong = spellings.get(value(sco, element))
        return {element: random.choice(wrong)} if wrong else None

    return plant


def overlong(element: str, most: int, words: str) -> Plant:
    """The same words again and again, beyond the limit."""

    def plant(_: Sco, random: Random) -> Changes | None:
        length = random.randint(most + 1, 2 * most)
        return {element: (words * (length // len(words) + 1))[:length]}

    return plant


def entries(sco: Sco, array: str) -> list[str]:
    """The names of the entries of an array, such as `cmi.objectives.0`, in order."""
    found = (re.match(rf"{re.escape(array)}\.\d+(?=\.)", name) for name in sco.cmi)
    return list(dict.fromkeys(match[0] for match in found if match))


def in_entry(array: str, leaf: str, *texts: str) -> Plant:
    """Any of these texts in any entry of an array."""

    def plant(sco: Sco, random: Random) -> Changes | None:
        places = entries(sco, array)
        return {f"{random.choice(places)}.{leaf}": random.choice(texts)} if places else None

    return plant


def renamed(array: str, words: str) -> Plant:
    """Any entry, named in words."""

    def plant(sco: Sco, random: Random) -> Changes | None:
        places = entries(sco, array)
        if not places:
            return None
        place = random.choice(places)
        return {f"{place}.id": f"{words} {int(place.rpartition('.')[2]) + 1}"}

    return plant


def gap(array: str) -> Plant:
    """An entry without anything, though not the last one: nobody would know of that."""

    def plant(sco: Sco, _: Random) -> Changes | None:
        first, *others = entries(sco, array) or [""]
        lost = [name for name in sco.cmi if name.startswith(f"{first}.")]
        return dict.fromkeys(lost) if others else None

    return plant


def twice(array: str) -> Plant:
    """A later entry with the id of the first."""

    def plant(sco: Sco, random: Random) -> Changes | None:
        first, *others = entries(sco, array) or [""]
        return {f"{random.choice(others)}.id": value(sco, f"{first}.id")} if others else None

    return plant
