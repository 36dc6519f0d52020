"""What has become of a cell: the same in another spelling, another value, lost or gained."""

import re
from collections.abc import Callable, Hashable, Mapping
from decimal import Decimal
from functools import partial
from typing import Final, Literal

from scormaudit.cmi import INTERACTIONS, OBJECTIVES, SCALARS, Element
from scormaudit.lms.wire import instant
from scormaudit.timespan import centiseconds, respell

Kind = Literal["lost", "value", "gained", "spelling", "blank"]
KINDS: Final[tuple[Kind, ...]] = ("lost", "value", "gained", "spelling", "blank")
"""Worst first: a value gone, another value, one that was not there, the same value spelled
otherwise, and no value on either side (empty, absent and failed are told apart)."""
GRAVE: Final = KINDS[:3]

FAILED: Final = 0
Cell = str | None | Literal[0]

_DECIMAL = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_SPACING = re.compile(r"[\s_-]+")
_COMMA = re.compile(r"(-?\d+),(\d{1,2})", re.ASCII)
_SYNONYMS: Mapping[str, Mapping[str, str]] = {
    "exit": {"normal": ""},
    "result": {"incorrect": "wrong"},
}
"""Words of SCORM 2004 that say what a word of SCORM 1.2 says."""


def kind_of(old: Cell, new: Cell, column: str, element: Element | None = None) -> Kind:
    """The class of a change between two cells that differ; a failed one is FAILED, absent None.

    An empty text is a value only where the vocabulary has it, as it has for `exit`. Spelling
    alone is timespans of one length, decimals of one value, dates of one instant, a word of a
    vocabulary in other case, spacing or hyphens; free text differs if any character does.
    """
    had, has = _holds(old, element), _holds(new, element)
    if had and has:
        assert isinstance(old, str)
        assert isinstance(new, str)
        return "spelling" if _same(old, new, column, element) else "value"
    if had:
        return "lost"
    return "gained" if has else "blank"


def _holds(cell: Cell, element: Element | None) -> bool:
    if cell is None or cell == FAILED:
        return False
    return bool(cell) or (element is not None and "" in element.vocabulary)


def _same(old: str, new: str, column: str, element: Element | None) -> bool:
    read = _READERS.get(element.type if element else column)
    if element and element.vocabulary:
        read = partial(_word, column=column)
    if column == "student_id":
        read = str.casefold  # RTE 3-21: without regard to case
    before = read(old) if read else None
    return before is not None and read is not None and before == read(new)


def _word(text: str, column: str) -> Hashable:
    """A word without case, spacing and hyphens; `result` may be a decimal as well (RTE 3-56)."""
    if column == "result" and (number := _decimal(text)) is not None:
        return number
    word = _SPACING.sub("", text.casefold())
    return _SYNONYMS.get(column, {}).get(word, word) if word or not text else text


def _decimal(text: str) -> Decimal | None:
    text = text.strip()
    if comma := _COMMA.fullmatch(text):
        text = f"{comma[1]}.{comma[2]}"
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


def _length(text: str) -> int | None:
    legal = respell(text)
    return None if legal is None else centiseconds(legal)


_READERS: Mapping[str, Callable[[str], Hashable | None]] = {
    "CMIDecimal": _decimal,
    "CMIInteger": _decimal,
    "CMISInteger": _decimal,
    "CMITime": _length,
    "CMITimespan": _length,
    "start_date_utc": instant,
    "exit_date_utc": instant,
}

ELEMENT: Mapping[tuple[str, str], Element] = {
    (table, element.column): element
    for table, elements in (
        ("records", SCALARS), ("objectives", OBJECTIVES), ("interactions", INTERACTIONS),
    )
    for element in elements
}  # fmt: skip
"""The element behind a column of a table."""
