"""SCOs as rows of text, and rows of text as typed columns; the four states stay apart.

A value is text, an empty element is `""`, an absent one is null, and one that failed is null
with a row of its own in `element_errors`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from scormaudit.cmi import INTERACTIONS, NESTED, OBJECTIVES, SCALARS, STRAYS, Element
from scormaudit.columns import columns_of
from scormaudit.lms.wire import Reading, Sco

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
    """`frame` with columns of its rows' records beside it, each named `record_…`.

    Where a key stands for several records that differ in these columns, nothing is known of them.
    """
    wanted = dict.fromkeys(column for column in columns if column in _OF_RECORD)
    names = [column.removeprefix("record_") for column in wanted]
    if not names:
        return frame
    beside = records[[*RECORD, *names]].rename(columns={name: f"record_{name}" for name in names})
    beside = beside.drop_duplicates().drop_duplicates(list(RECORD), keep=False)
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


def types(table: str) -> dict[str, str]:
    """The data type of each column of a table that has one, and of its records' columns."""
    own: dict[str, str] = {f"record_{element.column}": element.type for element in SCALARS}
    own |= {element.column: element.type for element in ELEMENTS.get(table, ())}
    return own | dict.fromkeys(("start_date_utc", "exit_date_utc"), "date")


def typed(frame: pd.DataFrame, columns: Iterable[str], table: str = "records") -> pd.DataFrame:
    """The `columns` as categories, and beside each its meaning, decoded once a distinct value.

    A decimal or integer `x` gains `x_value`, a timespan `x_seconds`, `start_date_utc` and
    `exit_date_utc` gain `start_utc` and `exit_utc` (UTC). Columns that `frame` lacks are left
    out; its index is kept.
    """
    made = columns_of(frame, columns, types(table))
    return made.frame(made.typed).set_axis(frame.index)
