"""What a file of another system says, piece by piece: elements of a record, or a bad row."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

HALF = re.compile("[\ud800-\udfff]")
"""Half a surrogate pair, which JSON may spell and which is no text."""


class Cell(NamedTuple):
    """One element as a row gave it: its text (None: absent), or why it failed to be read."""

    row: int
    element: str
    text: str | None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some elements of one record; `ids` are enrollment, assignment, assignment status and SCO.

    Without a SCO it says that the assignment is there and has no record.
    """

    row: int
    ids: tuple[str, str, str, str]
    labels: Mapping[str, str] = field(repr=False)
    cells: tuple[Cell, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A row that cannot be taken, why, and what stands in it; its ids where they are known."""

    row: int
    reason: str
    content: str = field(repr=False)
    ids: tuple[str, str] = ("", "")
    state: str = "error"
