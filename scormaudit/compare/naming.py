"""What an element is called: by its column, with its index, and when it is left out."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from scormaudit.cmi import NESTED
from scormaudit.compare.kind import ELEMENT
from scormaudit.errors import SettingsError
from scormaudit.frame import ATTEMPT

_INDEX = re.compile(r"\.(\d+)(?=\.|$)")
NAME = (
    {("records", name): name for name in ATTEMPT}
    | {place: element.name for place, element in ELEMENT.items()}
    | {("interactions", e.column): e.name.rpartition(".m.")[0] for e in NESTED}
)
"""What a column of a table is called, with `n` for the index."""


STRAYS = ("strays", "")


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is not compared: columns by table and name, and their elements by name."""

    columns: frozenset[tuple[str, str]]
    names: frozenset[str]

    def __contains__(self, place: object) -> bool:
        return place in self.columns

    def __bool__(self) -> bool:
        return bool(self.columns)


def leaving(words: Iterable[str]) -> Leaving:
    """By columns (`student_id`, of records) or names (`cmi.interactions.n.latency`); `strays` is
    all that SCORM 1.2 does not have.

    SettingsError names a word that is neither.
    """
    places: set[tuple[str, str]] = set()
    known = {name: place for place, name in NAME.items()}
    known |= {column: (table, column) for table, column in NAME if table == "records"}
    known["strays"] = STRAYS
    for word in words:
        if word not in known:
            near = get_close_matches(word, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else "Take a name of the CMI data model."
            raise SettingsError(f"There is no element {word}.", where="without", todo=hint)
        places.add(known[word])
    return Leaving(frozenset(places), frozenset(NAME[place] for place in places - {STRAYS}))


def generic(element: str) -> str:
    """An element's name with `n` for its index, and without what is below it in its list."""
    name = _INDEX.sub(".n", element, count=1)
    return next((list_ for list_ in _NESTED if name.startswith(f"{list_}.")), name)


_NESTED = tuple(e.name.rpartition(".m.")[0] for e in NESTED)


def located(element: str) -> tuple[str, str, int] | None:
    """Table, column and index of an element, or None where no table has it.

    What is within a list (`…objectives.0.id`) is the list's.
    """
    name = generic(element)
    place = _PLACE.get(name)
    if place is None:
        return None
    found = _INDEX.search(element)
    return (*place, int(found[1]) if found else 0)


_PLACE = {name: place for place, name in NAME.items()}


def named(table: str, column: str, index: int) -> str:
    """The name of a cell, or of a whole row of a collection where the column is blank."""
    name = NAME[table, column] if column else f"cmi.{table}.n"
    return re.sub(r"\.n(?=\.|$)", f".{index}", name, count=1)
