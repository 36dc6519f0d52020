"""SCOs as rows of text, and rows of text as typed columns; the four states stay apart.

A value is text, an empty element is `""`, an absent one is null, and one that failed is null
with a row of its own in `element_errors`.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from scormaudit.cmi import FIELDS, INTERACTIONS, NESTED, OBJECTIVES, SCALARS, Element
from scormaudit.lms.wire import Reading, Sco, instant
from scormaudit.timespan import centiseconds

KEYS = ("enrollment_id", "assignment_id", "assignment_status_id", "sco_id")
RECORD = ("enrollment_id", "assignment_id", "sco_id")
ATTEMPT = ("title", "start_date_utc", "exit_date_utc")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "records": (*ATTEMPT, *(element.column for element in SCALARS)),
    "objectives": ("index", *(element.column for element in OBJECTIVES)),
    "interactions": ("index", *(element.column for element in INTERACTIONS + NESTED)),
    "element_errors": ("element", "message"),
}
ELEMENTS: Mapping[str, tuple[Element, ...]] = {
    "records": SCALARS,
    "objectives": OBJECTIVES,
    "interactions": INTERACTIONS,
}
FIELD_OF = {f.column: f for f in FIELDS}
MOST_INDICES = 2000
_FIRST_INDEX = r"\.(\d+)\."

Row = dict[str, Any]


@dataclass(slots=True)
class Rows:
    """What is known of some records, a list of rows a table, as it grows."""

    tables: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in COLUMNS})

    def add(self, sco: Sco, key: Row, labels: Row) -> None:
        """One record more; `key` names its assignment, `labels` are carried along."""
        key = {**key, "sco_id": sco.sco_id}
        self.tables["records"].append({**key, **labels, **record(sco)})
        for table, prefix in (
            ("objectives", "cmi.objectives"),
            ("interactions", "cmi.interactions"),
        ):
            for index in range(count(sco, prefix)):
                self.tables[table].append({**key, "index": index, **_indexed(sco, table, index)})
        self.tables["element_errors"].extend(
            {**key, "element": name, "message": reading.text}
            for name, reading in sco.elements.items()
            if reading.state == "error" and not _beyond(sco, name)
        )


def record(sco: Sco) -> Row:
    """The columns of `records` but its keys: text, `""` where empty, None where not known."""
    row: Row = {name: getattr(sco, name) for name in ATTEMPT}
    return row | {element.column: _text(sco, element.name) for element in SCALARS}


def names_after(scos: Iterable[Sco]) -> tuple[str, ...]:
    """The names to ask for next: every index that a count promises and no reading holds."""
    names: dict[str, None] = {}
    for sco in scos:
        names.update(dict.fromkeys(_promised(sco)))
        for name in sco.elements:
            names.pop(name, None)
    return tuple(names)


def count(sco: Sco, prefix: str) -> int:
    """How many indices a collection has; 0 where its count is no usable number."""
    text = _text(sco, f"{prefix}._count") or ""
    usable = text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= MOST_INDICES
    return int(text) if usable else 0


def _promised(sco: Sco) -> Iterable[str]:
    for elements, prefix in ((OBJECTIVES, "cmi.objectives"), (INTERACTIONS, "cmi.interactions")):
        for index in range(count(sco, prefix)):
            yield from (_name(element, index) for element in elements)
            if elements is INTERACTIONS:
                for element in NESTED:
                    nested = _name(element, index).rsplit(".m.", 1)[0]
                    yield from (_name(element, index, m) for m in range(count(sco, nested)))


def _beyond(sco: Sco, name: str) -> bool:
    """Whether an element failed only because this SCO's count is smaller than another's."""
    words = name.split(".")
    if len(words) < 4 or not words[2].isdigit():
        return False
    if int(words[2]) >= count(sco, ".".join(words[:2])):
        return True
    return len(words) == 6 and int(words[4]) >= count(sco, ".".join(words[:4]))


def _indexed(sco: Sco, table: str, index: int) -> Row:
    row: Row = {e.column: _text(sco, _name(e, index)) for e in ELEMENTS[table]}
    if table == "interactions":
        for element in NESTED:
            nested = _name(element, index).rsplit(".m.", 1)[0]
            row[element.column] = [
                _text(sco, _name(element, index, m)) for m in range(count(sco, nested))
            ]
    return row


def _name(element: Element, index: int, m: int | None = None) -> str:
    name = element.name.replace(".n.", f".{index}.", 1)
    return name if m is None else name.replace(".m.", f".{m}.", 1)


def _text(sco: Sco, name: str) -> str | None:
    reading = sco.elements.get(name, Reading("absent"))
    return reading.text if reading.state in ("value", "empty") else None


def failures(tables: Mapping[str, pd.DataFrame], table: str) -> dict[str, np.ndarray]:
    """For each column of `table` that failed anywhere, which of its rows it failed in."""
    errors = tables.get("element_errors")
    if table not in ELEMENTS or errors is None or errors.empty:
        return {}
    names = errors["element"].astype("object").str.replace(_FIRST_INDEX, ".n.", n=1, regex=True)
    failed = {}
    for element in ELEMENTS[table]:
        mine = errors[names.eq(element.name)]
        if len(mine):
            failed[element.column] = _members(tables[table], mine)
    return failed


def _members(frame: pd.DataFrame, errors: pd.DataFrame) -> np.ndarray:
    """Which rows of `frame` are named by the record (and the index) of an error."""
    wanted = errors[[*RECORD]].astype("object")
    if "index" in frame:
        index = errors["element"].astype("object").str.extract(_FIRST_INDEX, expand=False)
        wanted = wanted.assign(index=index.astype("int64"))
    rows = frame[list(wanted.columns)].astype(dict.fromkeys(RECORD, "object"))
    return pd.MultiIndex.from_frame(rows).isin(pd.MultiIndex.from_frame(wanted))


# --- typed columns -----------------------------------------------------------------------


def decimal(text: str) -> float:
    """A CMIDecimal as a float, NaN where it is none."""
    body = text.removeprefix("-")
    plain = body.isascii() and body.replace(".", "", 1).isdigit()
    return float(text) if plain else math.nan


def seconds(text: str) -> float:
    """A CMITimespan in seconds, exact to the hundredth, NaN where it is none."""
    length = centiseconds(text)
    return math.nan if length is None else length / 100


_DECODERS: Mapping[str, tuple[str, Callable[[str], float]]] = {
    "CMIDecimal": ("_value", decimal),
    "CMIInteger": ("_value", decimal),
    "CMISInteger": ("_value", decimal),
    "CMITimespan": ("_seconds", seconds),
}


def typed(frame: pd.DataFrame, columns: Iterable[str], table: str = "records") -> pd.DataFrame:
    """The `columns` as categories, and beside each its meaning, decoded once a distinct value.

    A decimal or integer `x` gains `x_value`, a timespan `x_seconds`, `start_date_utc` and
    `exit_date_utc` gain `start_utc` and `exit_utc` (UTC). Columns that `frame` lacks are left
    out; its index is kept.
    """
    types = {element.column: element.type for element in ELEMENTS.get(table, ())}
    out: dict[str, pd.Series] = {}
    for column in dict.fromkeys(columns):
        if column not in frame:
            continue
        text = out[column] = categorical(frame[column])
        if types.get(column) in _DECODERS:
            suffix, decode = _DECODERS[types[column]]
            out[f"{column}{suffix}"] = pd.Series(_decoded(text, decode), index=frame.index)
        elif column in ("start_date_utc", "exit_date_utc"):
            name = column.replace("_date_utc", "_utc")
            out[name] = pd.Series(_instants(text), index=frame.index)
    return pd.DataFrame(out, index=frame.index)


def categorical(column: pd.Series) -> pd.Series:
    """Any kind of text column as a category of `str`, null for every kind of null."""
    if isinstance(column.dtype, pd.CategoricalDtype) and all(
        isinstance(value, str) for value in column.cat.categories
    ):
        return column
    if column.dtype == "str":
        return column.astype("category")
    plain = column.astype("object").where(column.notna(), None)
    return plain.astype(pd.StringDtype(na_value=np.nan)).astype("category")


def _decoded(text: pd.Series, decode: Callable[[str], float]) -> np.ndarray:
    """The meaning of each row: one call a distinct value, looked up by code (-1 is null)."""
    meanings = [decode(value) for value in text.cat.categories]
    return np.array([*meanings, math.nan])[text.cat.codes.to_numpy()]


def _instants(text: pd.Series) -> pd.api.extensions.ExtensionArray:
    """As `_decoded`, for dates; exact over the whole calendar, which floats are not."""
    meanings = [instant(value) for value in text.cat.categories]
    dates = pd.array([*meanings, None], dtype=pd.DatetimeTZDtype("us", "UTC"))
    return dates.take(text.cat.codes.to_numpy())
