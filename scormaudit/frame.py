"""SCOs as rows of text, and rows of text as typed columns; the four states stay apart.

A value is text, an empty element is `""`, an absent one is null, and one that failed is null
with a row of its own in `element_errors`.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from scormaudit.cmi import INTERACTIONS, NESTED, OBJECTIVES, SCALARS, STRAYS, Element
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
    "strays": ("element", "value"),
}
VIEWS: Mapping[str, Element] = {
    "interaction_objectives": NESTED[0],
    "correct_responses": NESTED[1],
}
ELEMENTS: Mapping[str, tuple[Element, ...]] = {
    "records": SCALARS,
    "objectives": OBJECTIVES,
    "interactions": INTERACTIONS,
    **{name: (replace(view, column=view.name.rpartition(".")[2]),) for name, view in VIEWS.items()},
}
MOST_INDICES = 2000
_HALF = re.compile("[\ud800-\udfff]")
_INDICES = r"^cmi\.\w+\.(\d+)\.(?:\w+\.(\d+)\.)?"

_CORE = tuple(
    f"cmi.core.{name}"
    for name in (
        "student_id", "student_name", "lesson_location", "credit", "lesson_status", "entry",
        "score.raw", "total_time",
    )
)  # fmt: skip
_OF_RECORD = {f"record_{element.column}" for element in SCALARS}

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
            if reading.state == "error" and name not in STRAYS and not _beyond(sco, name)
        )
        self.tables["strays"].extend(
            {**key, "element": name, "value": text}
            for name in STRAYS
            if (text := _text(sco, name)) is not None
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


def exploded(interactions: pd.DataFrame, view: str) -> pd.DataFrame:
    """One row an index of a collection inside the interactions: keys, `index`, `m`, `type`.

    The value stands under the element's last word; interactions without any give no row.
    """
    column, name = VIEWS[view].column, ELEMENTS[view][0].column
    rows = interactions.rename(columns={column: name}).explode(name)
    rows = rows[interactions[column].str.len().gt(0).reindex(rows.index)]
    rows["m"] = rows.groupby([*RECORD, "index"], observed=True).cumcount()
    return rows.reset_index(drop=True)


def joined(frame: pd.DataFrame, records: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """`frame` with columns of its rows' records beside it, each named `record_…`."""
    wanted = dict.fromkeys(column for column in columns if column in _OF_RECORD)
    names = [column.removeprefix("record_") for column in wanted]
    if not names:
        return frame
    beside = records[[*RECORD, *names]].rename(columns={name: f"record_{name}" for name in names})
    return frame.merge(beside, on=list(RECORD), how="left").set_axis(frame.index)


def failures(tables: Mapping[str, pd.DataFrame], table: str) -> dict[str, np.ndarray]:
    """For each column of `table` that failed anywhere, which of its rows it failed in."""
    errors = tables.get("element_errors")
    if table not in ELEMENTS or errors is None or errors.empty:
        return {}
    found = errors["element"].astype("object").str.extract(_INDICES).astype("Int64")
    errors = errors.assign(index=found[0], m=found[1])
    names = errors["element"].astype("object").map(_pattern)
    own = {e.name: e.column for e in ELEMENTS[table]}
    of_record = {e.name: f"record_{e.column}" for e in SCALARS if table != "records"}
    failed = {}
    for name in names.unique():
        column = own.get(name) or of_record.get(name, "")
        if column in tables[table]:
            indices = [] if column in _OF_RECORD else ["index", "m"]
            by_index = [index for index in indices if index in tables[table]]
            failed[column] = _members(tables[table], errors[names.eq(name)], by_index)
    foreign = _members(tables[table], _foreign(errors), [])
    if foreign.any():
        own_columns = [e.column for e in ELEMENTS[table] if e.column in tables[table]]
        failed |= {column: failed.get(column, foreign) | foreign for column in own_columns}
    return failed


def _foreign(errors: pd.DataFrame) -> pd.DataFrame:
    """The keys of records that implement none of the mandatory elements, so are not SCORM 1.2."""
    lacking = errors["message"].astype("object").str.match(r"\s*401\b")
    core = errors[lacking & errors["element"].isin(_CORE)]
    found = core.groupby(list(RECORD), observed=True)["element"].nunique().reset_index()
    return found[found["element"].eq(len(_CORE))]


def _members(frame: pd.DataFrame, errors: pd.DataFrame, by_index: list[str]) -> np.ndarray:
    """Which rows of `frame` are named by the record (and the index) of an error."""
    keys = [*RECORD, *by_index]
    types = dict.fromkeys(RECORD, "object") | dict.fromkeys(by_index, "int64")
    rows, wanted = frame[keys].astype(types), errors[keys].astype(types)
    return pd.MultiIndex.from_frame(rows).isin(pd.MultiIndex.from_frame(wanted))


def _pattern(name: str) -> str:
    """The name of an element with `n` and `m` for its indices."""
    for letter in ("n", "m"):
        name = re.sub(r"\.\d+\.", f".{letter}.", name, count=1)
    return name


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
    types |= {f"record_{element.column}": element.type for element in SCALARS}
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


def in_course(cmi: pd.DataFrame) -> pd.Series:
    """Records of a learner who may be in the course now: started, and no exit since."""
    return cmi.start_utc.notna() & ~cmi.exit_utc.ge(cmi.start_utc)


def categorical(column: pd.Series) -> pd.Series:
    """Any kind of text column as a category of Python strings, null for every kind of null.

    Python's own strings, because patterns mean something else in Arrow's.
    """
    if not isinstance(column.dtype, pd.CategoricalDtype):
        text = column.astype("object").where(column.notna(), None)
        column = text.map(_spelled, na_action="ignore").astype("category")
    words = pd.Index([_spelled(value) for value in column.cat.categories], dtype="object")
    if not words.is_unique:
        return categorical(column.astype("object"))
    return column.cat.rename_categories(words)  # type: ignore[arg-type]


def _spelled(value: Any) -> str:
    """A value as an LMS would write it: whole numbers without a point, dates in ISO 8601.

    A column of integers with one value missing is a column of floats in pandas. Half a surrogate
    pair, which Python may hold and nothing can store, is judged as U+FFFD.
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return text if text.isascii() else _HALF.sub("\N{REPLACEMENT CHARACTER}", text)


def _decoded(text: pd.Series, decode: Callable[[str], float]) -> np.ndarray:
    """The meaning of each row: one call a distinct value, looked up by code (-1 is null)."""
    meanings = [decode(value) for value in text.cat.categories]
    return np.array([*meanings, math.nan])[text.cat.codes.to_numpy()]


def _instants(text: pd.Series) -> pd.api.extensions.ExtensionArray:
    """As `_decoded`, for dates; exact over the whole calendar, which floats are not."""
    meanings = [instant(value) for value in text.cat.categories]
    dates = pd.array([*meanings, None], dtype=pd.DatetimeTZDtype("us", "UTC"))
    return dates.take(text.cat.codes.to_numpy())
