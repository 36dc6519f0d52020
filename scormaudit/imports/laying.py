"""A gathered record as the rows of a snapshot; what no table has a place for becomes a stray."""

import json
from collections import Counter
from collections.abc import Iterator

from scormaudit.cmi import SCALARS, STRAYS, is_known
from scormaudit.frame import ATTEMPT, Row, Rows, count
from scormaudit.imports.gathering import Gathered
from scormaudit.imports.piece import HALF, Bad, Cell
from scormaudit.lms.wire import Reading, Sco

_SCALARS = {element.name for element in SCALARS}
_LISTS = ("cmi.objectives", "cmi.interactions")
_NESTED = ("objectives", "correct_responses")
_LONGEST = 5


def lay(record: Gathered, rows: Rows, *, counts: bool, tally: Counter[str]) -> Iterator[Bad]:
    """Add a record's rows to `rows`; yields each cell that contradicts an earlier one.

    With `counts` a list that has no `_count` is counted even if it has no item: its system does
    not store counts.
    """
    found: dict[str, Cell] = {}
    for cell in record.cells:
        first = found.setdefault(cell.element, cell)
        if first is cell:
            continue
        if (first.text, first.message) == (cell.text, cell.message):
            tally["repeated"] += 1
            continue
        yield Bad(
            row=cell.row,
            reason=f"row {first.row} has another value of this element, which was taken",
            content=json.dumps([*record.ids, record.sco, cell.element, cell.text],
                               ensure_ascii=False),
            ids=record.ids,
            state="ambiguous",
        )  # fmt: skip
    attempt = {name: _attempt(found.pop(name, None)) for name in ATTEMPT}
    elements = {name: _reading(cell) for name, cell in found.items()}
    _count(elements, counts=counts, tally=tally)
    title = attempt.pop("title")
    sco = Sco(sco_id=record.sco or "", title=title or "", **attempt, elements=elements)
    key: Row = {
        "enrollment_id": record.ids[0],
        "assignment_id": record.ids[1],
        "assignment_status_id": record.status,
    }
    rows.add(sco, key, dict(record.labels))
    rows.tables["records"][-1]["title"] = title
    strays = [
        {**key, "sco_id": sco.sco_id, "element": name, "value": reading.text}
        for name, reading in elements.items()
        if reading.state in ("value", "empty") and not _has_a_place(sco, name)
    ]
    tally["strays"] += len(strays)
    rows.tables["strays"].extend(strays)


def _attempt(cell: Cell | None) -> str | None:
    if cell is None or cell.text is None:
        return None
    return HALF.sub("\N{REPLACEMENT CHARACTER}", cell.text)


def _reading(cell: Cell) -> Reading:
    if cell.message:
        return Reading("error", HALF.sub("\N{REPLACEMENT CHARACTER}", cell.message))
    if cell.text is None:
        return Reading("absent")
    if HALF.search(cell.text):
        return Reading("error", "The value holds half a surrogate pair, so it is no text.")
    return Reading("value" if cell.text else "empty", cell.text)


def _count(elements: dict[str, Reading], *, counts: bool, tally: Counter[str]) -> None:
    """Give lists without a `_count` the one that their items have."""
    items: dict[str, int] = dict.fromkeys(_LISTS if counts else (), 0)
    for name in elements:
        words = name.split(".")
        for place in (2, 4):
            if len(words) > place + 1 and is_known(name) and _index(words[place]) is not None:
                own = ".".join(words[:place])
                items[own] = max(items.get(own, 0), int(words[place]) + 1)
    if counts:
        nested = [
            f"cmi.interactions.{index}.{list_}"
            for index in range(items["cmi.interactions"])
            for list_ in _NESTED
        ]
        items = dict.fromkeys(nested, 0) | items
    for own, number in items.items():
        if f"{own}._count" not in elements:
            elements[f"{own}._count"] = Reading("value", str(number))
            tally["counted"] += number > 0


def _index(word: str) -> int | None:
    """A canonical index; `00` is none, since nobody asks for it."""
    plain = word.isascii() and word.isdigit() and len(word) < _LONGEST
    return int(word) if plain and str(int(word)) == word else None


def _has_a_place(sco: Sco, name: str) -> bool:
    """Whether a table holds this element already."""
    if name in _SCALARS or name in STRAYS:
        return True
    if not is_known(name):
        return False
    words = name.split(".")
    for place in (2, 4):
        if len(words) > place + 1:
            index = _index(words[place])
            if index is None or index >= count(sco, ".".join(words[:place])):
                return False
    return True
