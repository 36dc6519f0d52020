"""A comparison of two snapshots in a terminal, and for programs as JSON and CSV."""

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from scormaudit.compare import KINDS, Comparison, with_values
from scormaudit.compare.account import SUMS
from scormaudit.frame import RECORD
from scormaudit.report.lettering import brief
from scormaudit.report.markup import counted
from scormaudit.report.tables import harmless

_MOST = 12
_STYLE = {"lost": "bold red", "value": "yellow", "gained": "yellow", "missing": "bold red"}
_CELL = ("element", "kind", "old_state", "new_state", "old", "new")
WORDS = {
    "lost": "lost", "value": "another value", "gained": "gained",
    "spelling": "spelling only", "blank": "no value, said otherwise",
}  # fmt: skip


def overview(found: Comparison) -> RenderableType:
    """Counts by status and course, changed elements, findings and the verdict, in 80 columns."""
    tables = [_statuses(found), *_courses(found), *_elements(found), *_findings(found)]
    spaced = [part for table in tables for part in (table, Text())]
    return Group(*spaced, *map(Text, notes(found)), Text(verdict(found), "bold"))


def verdict(found: Comparison) -> str:
    """One sentence: what is missing, new and changed."""
    if found.same:
        return f"All {counted(found.paired, 'record')} are the same in every cell."
    kinds = [f"{found.count(kind):,} {WORDS[kind]}" for kind in KINDS if found.count(kind)]
    cells = f"; of cells {', '.join(kinds)}" if kinds else ""
    told = f"{counted(len(found.missing), 'record')} missing, {len(found.added):,} new{cells}."
    return f"Alike but for spelling: {told}" if found.alike else told


def notes(found: Comparison) -> Iterator[str]:
    """What must be known beside the figures: what is incomplete, unmapped or left out."""
    for word, snapshot in (("old", found.old), ("new", found.new)):
        if not snapshot.manifest.complete:
            yield f"The {word} snapshot is incomplete; what is missing may only not be read."
    if found.mapping:
        yield (
            f"{counted(found.mapping.unnamed, 'old record')} not in the mapping, so by the same "
            f"ids; {counted(found.mapping.unused, 'row')} of the mapping without a record."
        )
    if found.without:
        yield f"Not compared: {', '.join(found.without)}."


def by_course(found: Comparison) -> pd.DataFrame:
    """Records by course, those with most that is missing, new or changed first."""
    sums = found.records.groupby("course", sort=False)[list(SUMS)].sum().reset_index()
    worse = sums[["missing", "added", "changed"]].sum(axis=1)
    return sums.assign(worse=worse).sort_values(
        ["worse", "old", "course"], ascending=[False, False, True], ignore_index=True
    )


def by_status(found: Comparison) -> pd.DataFrame:
    """Records by lesson status."""
    return found.records.groupby("status", sort=True)[list(SUMS)].sum().reset_index()


def as_json(found: Comparison, *, show_values: bool = False) -> str:
    """Everything that a comparison found; `old` and `new` of a cell are null unless shown."""
    turned = found.findings
    document = {
        "old": _snapshot(found, 0),
        "new": _snapshot(found, 1),
        "alike": found.alike,
        "same": found.same,
        "complete": found.complete,
        "paired": found.paired,
        "mapping": found.mapping
        and {"unnamed": found.mapping.unnamed, "unused": found.mapping.unused},
        "without": list(found.without),
        "grouped_by": found.grouped_by,
        "records": found.records.to_dict("records"),
        "elements": found.elements.to_dict("records"),
        "missing": found.missing.to_dict("records"),
        "added": found.added.to_dict("records"),
        "changes": _changes(found, show_values=show_values).to_dict("records"),
        "findings": turned
        and {
            "rules": turned.rules.to_dict("records"),
            "turned": _plain(turned.findings).to_dict("records"),
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def as_csv(found: Comparison, *, show_values: bool = False) -> str:
    """A line a missing or new record and a changed cell; no text is taken for a formula."""
    changes = _changes(found, show_values=show_values).rename(columns={"kind": "difference"})
    lines = [
        found.missing[list(RECORD)].assign(difference="missing"),
        found.added[list(RECORD)].assign(difference="new"),
        changes,
    ]
    columns = ["difference", *(name for name in changes if name != "difference")]
    whole = pd.concat([line.astype("object") for line in lines], ignore_index=True)
    whole = whole.reindex(columns=columns)
    return whole.where(whole.notna(), None).map(harmless).to_csv(index=False)


def _changes(found: Comparison, *, show_values: bool) -> pd.DataFrame:
    if show_values:
        frame = with_values(found.changes, found.old, found.new)
    else:
        frame = found.changes.assign(old=None, new=None)
    ids = [name for name in frame if str(name).endswith("_id")]
    return _plain(frame[[*ids, *_CELL]])


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    plain = frame.astype("object")
    return plain.where(plain.notna(), None)


def _snapshot(found: Comparison, side: int) -> dict[str, Any]:
    manifest = (found.old, found.new)[side].manifest
    return {
        "id": manifest.id,
        "from": manifest.base_url,
        "records": manifest.counts["records"],
        "complete": manifest.complete,
        "digest": found.digests[side],
    }


# --- tables ------------------------------------------------------------------------------


def _statuses(found: Comparison) -> Table:
    table = _table("status", *SUMS)
    for status, *sums in by_status(found).itertuples(index=False):
        table.add_row(status, *_sums(sums))
    whole = found.records[list(SUMS)].sum()
    table.add_row(Text("all", "bold"), *_sums(whole.tolist()))
    return table


def _courses(found: Comparison) -> Iterator[RenderableType]:
    courses = by_course(found)
    worse = courses[courses["worse"].gt(0)]
    if worse.empty:
        return
    table = _table(found.grouped_by, *SUMS)
    for course, *sums in worse.head(_MOST)[["course", *SUMS]].itertuples(index=False):
        table.add_row(brief(course, 30), *_sums(sums))
    yield table
    if len(worse) > _MOST:
        yield Text(f"and {counted(len(worse) - _MOST, found.grouped_by)} more", "dim")


def _elements(found: Comparison) -> Iterator[RenderableType]:
    elements = found.elements
    if elements.empty:
        return
    table = _table("element", *KINDS)
    for element, *sums in elements.head(_MOST).itertuples(index=False):
        table.add_row(brief(element, 36).strip("'"), *_sums(sums, KINDS))
    yield table
    if len(elements) > _MOST:
        yield Text(f"and {counted(len(elements) - _MOST, 'element')} more", "dim")


def _findings(found: Comparison) -> Iterator[RenderableType]:
    turned = found.findings
    if turned is None:
        return
    rules = turned.rules[turned.rules[["vanished", "appeared"]].sum(axis=1).gt(0)]
    if rules.empty:
        yield Text("No finding appeared or vanished.")
        return
    table = _table("rule", "severity", "vanished", "appeared", "stayed")
    for rule, severity, *sums in rules.itertuples(index=False):
        table.add_row(rule, severity, *_sums(sums))
    yield table


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", show_edge=False)
    for at, name in enumerate(names):
        right = at and name != "severity"
        table.add_column(
            "new records" if name == "added" else name,
            overflow="fold", justify="right" if right else "left",
        )  # fmt: skip
    return table


def _sums(sums: list[int], names: tuple[str, ...] = SUMS) -> Iterator[Text]:
    """Numbers, those that speak of harm in their colour, none as a dot."""
    for name, number in zip(names, sums, strict=False):
        yield Text(f"{number:,}" if number else "·", _STYLE.get(name, "") if number else "dim")
