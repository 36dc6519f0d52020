"""What the rules say of a part: how many rows each judged, and which rows broke it."""

import inspect
import json
import os
import re
import traceback
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from scormaudit.answer import holds
from scormaudit.columns import Columns
from scormaudit.errors import PartError
from scormaudit.frame import ELEMENTS, RECORD
from scormaudit.part import Rules, Table, Tables
from scormaudit.repetition import Hashes, among, distinct, hashed, keys_of, twice
from scormaudit.rule import Rule, columns, subject
from scormaudit.text import Text, text_of

_WORD = pa.dictionary(pa.int32(), pa.string())
_FOUND = pa.schema(
    [
        ("rule", _WORD),
        *((name, pa.large_string()) for name in RECORD),
        ("element", _WORD),
        ("index", pa.int32()),
        ("value", pa.large_string()),
        ("row", pa.int64()),
    ]
)
_NOBODY = np.array([], dtype=np.intp)
_FAILED = "the element itself failed"
THREADS = min(os.cpu_count() or 1, 4)
"""Rules that are asked at once; numpy and Arrow let go of the interpreter while they work."""
_LOST = "a part cannot be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One rule over some rows: how many it judged, how many broke it, how many it could not
    judge, and why."""

    tested: int = 0
    broken: int = 0
    unknown: int = 0
    reason: str = ""
    crashed: bool = False

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            tested=self.tested + other.tested,
            broken=self.broken + other.broken,
            unknown=self.unknown + other.unknown,
            reason=self.reason or other.reason,
            crashed=self.crashed or other.crashed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is known of some parts that follow one another; plain data, so that it travels.

    `tallies` and `hashes` are by code. `findings` are by table, and rule by rule in each part;
    their `row` counts from the first row of these parts, and `rows` says how many there are in
    each table. `hashes` of keys are kept for rules about repetition: what repeats in another part
    only all of them together can tell. `lost` names the parts that could not be read.
    """

    tallies: Mapping[str, Tally] = field(default_factory=dict)
    findings: Mapping[str, pa.Table] = field(default_factory=dict, repr=False)
    rows: Mapping[str, int] = field(default_factory=dict)
    hashes: Mapping[str, tuple[Hashes, ...]] = field(default_factory=dict)
    lost: tuple[str, ...] = ()


def judge_part(rules: Rules, tables: Tables, *, only: bool = False, threads: int = 1) -> Verdict:
    """One part by these rules; a rule that crashes is told in its tally, never raised.

    If it is the `only` part, no key can repeat elsewhere.
    """
    order = sorted(rules, key=lambda rule: not rule.unique)
    ask = partial(judge, tables=tables)
    if threads > 1:
        with ThreadPoolExecutor(threads) as pool:
            judged = dict(zip(order, pool.map(ask, order), strict=True))
    else:
        judged = {rule: ask(rule) for rule in order}
    kept = {r.code: (_keys(r, tables),) for r in rules if r.unique and not only}
    return Verdict(
        tallies={rule.code: judged[rule][0] for rule in rules},
        findings=_findings(rules, tables, {r.code: judged[r][1] for r in rules}),
        rows={name: len(table) for name, table in tables.items()},
        hashes=kept,
    )


def _keys(rule: type[Rule], tables: Tables) -> np.ndarray:
    """The hashes of all keys of a part, each once: those that repeat there are found already."""
    table = tables.get(rule.table)
    if table is None or not all(name in table.columns for name in rule.unique):
        return np.array([], dtype=np.uint64)
    return distinct(table.columns, rule.unique)


def looked(rules: Rules, look: Callable[[Tables], Verdict], read: Callable[[], Tables]) -> Verdict:
    """What a look at a part says; of one that cannot be read, nothing is known but its rows."""
    try:
        return look(read())
    except PartError as error:
        unknown = {r.code: Tally(unknown=error.rows.get(r.table, 0), reason=_LOST) for r in rules}
        return Verdict(tallies=unknown, rows=error.rows, lost=(error.file,))


def merged(left: Verdict, right: Verdict) -> Verdict:
    """The verdict on both, `right` being of the parts after `left`; associative, and a Verdict()
    changes nothing."""
    tallies, rows, hashes = dict(left.tallies), dict(left.rows), dict(left.hashes)
    for code, tally in right.tallies.items():
        tallies[code] = tallies.get(code, Tally()) + tally
    for name, number in right.rows.items():
        rows[name] = rows.get(name, 0) + number
    for code, own in right.hashes.items():
        hashes[code] = (*hashes.get(code, ()), *own)
    return Verdict(
        tallies=tallies,
        findings=_followed(left, right),
        rows=rows,
        hashes=hashes,
        lost=left.lost + right.lost,
    )


def combined(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict on all, in their order; merged as a tree, so that none is copied often."""
    branches: list[tuple[int, Verdict]] = []
    for verdict in verdicts:
        size = 1
        while branches and branches[-1][0] <= size:
            more, before = branches.pop()
            size, verdict = size + more, merged(before, verdict)  # noqa: PLW2901
        branches.append((size, verdict))
    return reduce(
        lambda right, left: merged(left, right), [v for _, v in reversed(branches)], Verdict()
    )


def _followed(left: Verdict, right: Verdict) -> dict[str, pa.Table]:
    """The findings of both, those of `right` at the rows they have behind those of `left`."""
    findings = dict(left.findings)
    for name, own in right.findings.items():
        rows = pc.add(own["row"], left.rows.get(name, 0))
        later = own.set_column(own.schema.get_field_index("row"), "row", rows)
        before = [findings[name]] if name in findings else []
        findings[name] = pa.concat_tables([*before, later])
    return findings


def suspected(verdict: Verdict) -> dict[str, np.ndarray]:
    """The hashes that more than one key has, for each rule about repetition that has any.

    Where this is empty, the verdict stands; else each part is lined up, and the verdict settled.
    """
    found = {code: twice(hashes) for code, hashes in verdict.hashes.items()}
    return {code: hashes for code, hashes in found.items() if len(hashes)}


def line_up(rules: Rules, tables: Tables, suspected: Mapping[str, np.ndarray]) -> Verdict:
    """The rows of a part whose key may be another's, as findings with their `key` beside them."""
    lined: dict[str, list[pa.Table]] = {}
    for rule in rules:
        if rule.code not in suspected:
            continue
        own, hashes = hashed(tables[rule.table].columns, rule.unique)
        own = own[among(hashes, suspected[rule.code])]
        found = _of_table([rule], tables[rule.table], {rule.code: own})
        keys = keys_of(tables[rule.table].columns, rule.unique, own)
        texts = pa.array([json.dumps(key) for key in keys], pa.string())
        lined.setdefault(rule.table, []).append(found.append_column("key", texts))
    return Verdict(
        findings={name: pa.concat_tables(found) for name, found in lined.items()},
        rows={name: len(table) for name, table in tables.items()},
    )


def settled(verdict: Verdict, lined: Verdict) -> Verdict:
    """The verdict with the repetitions among the rows that were lined up of all parts."""
    tallies, findings = dict(verdict.tallies), dict(verdict.findings)
    for name, rows in lined.findings.items():
        before = findings.get(name, rows.slice(0, 0).select(_FOUND.names))
        asked = rows.select(["rule", "row", "key"]).to_pandas().astype({"rule": "str"})
        known = before.select(["rule", "row"]).to_pandas().astype({"rule": "str"})
        new = asked.duplicated(["rule", "key"], keep=False)
        new &= ~_places(asked).isin(_places(known))
        for code, number in asked["rule"][new].value_counts().items():
            tallies[str(code)] += Tally(broken=int(number))
        findings[name] = pa.concat_tables([before, rows.filter(pa.array(new)).select(_FOUND.names)])
    lost = tuple(dict.fromkeys(verdict.lost + lined.lost))
    return replace(verdict, tallies=tallies, findings=findings, lost=lost)


def _places(found: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(found[["rule", "row"]])


def judge(rule: type[Rule], tables: Tables) -> tuple[Tally, np.ndarray]:
    """One rule over one part: its tally, and the positions of the rows that broke it.

    A rule about repetition is judged within the part.
    """
    if rule.table not in tables:
        return _unread(1, rule.table), _NOBODY
    table = tables[rule.table]
    missing = [column for column in columns(rule) if column not in table.columns]
    if missing:
        return _unread(len(table), ", ".join(missing)), _NOBODY
    if not len(table):
        return Tally(), _NOBODY
    known = np.ones(len(table), dtype=bool)
    for column in columns(rule):
        if column in table.failed:
            known &= ~table.failed[column]
    try:
        held = holds(rule, table.columns)
        broken = _NOBODY if held.all() else np.flatnonzero(~held & known)
    except Exception as error:  # noqa: BLE001 - a rule may do anything; the audit goes on
        return Tally(reason=_place(rule, error), crashed=True), _NOBODY
    tested = int(np.count_nonzero(known))
    unknown = len(known) - tested
    reason = _FAILED if unknown else ""
    return Tally(tested=tested, broken=len(broken), unknown=unknown, reason=reason), broken


def _place(rule: type[Rule], error: Exception) -> str:
    """Where a rule crashed; the message stays out, since it may quote a learner's value."""
    file = inspect.getfile(rule)
    lines = [line for line in traceback.extract_tb(error.__traceback__) if line.filename == file]
    place = f"line {lines[-1].lineno}" if lines else f"{rule.code}"
    return f"{type(error).__name__} in {Path(file).name}, {place}"


def _unread(rows: int, what: str) -> Tally:
    return Tally(unknown=rows, reason=f"{what} was not read")


def _findings(
    rules: Rules, tables: Tables, broken: Mapping[str, np.ndarray]
) -> dict[str, pa.Table]:
    """The broken rows of each rule, by table; the ids are joined to them once a table."""
    by_table: dict[str, list[type[Rule]]] = {}
    for rule in rules:
        if len(broken[rule.code]):
            by_table.setdefault(rule.table, []).append(rule)
    return {name: _of_table(own, tables[name], broken) for name, own in by_table.items()}


def _of_table(rules: Rules, table: Table, broken: Mapping[str, np.ndarray]) -> pa.Table:
    own, rows = table.columns, np.concatenate([broken[rule.code] for rule in rules])
    numbers = np.repeat(np.arange(len(rules), dtype="int32"), [len(broken[r.code]) for r in rules])
    found: dict[str, Any] = dict.fromkeys(_FOUND.names, pa.nulls(len(rows)))
    found["rule"] = pa.DictionaryArray.from_arrays(numbers, [rule.code for rule in rules])
    found |= {name: _ids(ids, rows) for name, ids in table.ids.items() if name in RECORD}
    elements = pa.chunked_array([_elements(rule, own, broken[rule.code]) for rule in rules])
    found["element"] = elements.unify_dictionaries().combine_chunks()
    if "index" in own:
        found["index"] = own["index"].to_numpy()[rows]
    found["value"] = _texts(own.texts[subject(rule)].take(broken[rule.code]) for rule in rules)
    found["row"] = rows
    return pa.table(found).cast(_FOUND)


def _ids(ids: pd.Series | Text, rows: np.ndarray) -> pa.Array:
    return ids.take(rows) if isinstance(ids, Text) else text_of(ids.iloc[rows]).take()


def _texts(texts: Iterable[pa.Array]) -> pa.Array:
    return pa.concat_arrays([text.cast(pa.large_string()) for text in texts])


def _elements(rule: type[Rule], own: Columns, rows: np.ndarray) -> pa.Array:
    """The CMI name of what each finding is about, as a dictionary."""
    if "element" in own:
        return text_of(own["element"].iloc[rows]).take().cast(pa.string()).dictionary_encode()
    names = {element.column: element.name for element in ELEMENTS[rule.table]}
    first, *others = re.split(r"\.[nm]\.", names.get(subject(rule), subject(rule)))
    if not others:
        return pa.DictionaryArray.from_arrays(
            pa.repeat(pa.scalar(0, pa.int32()), len(rows)), [first]
        )
    words = pa.repeat(first, len(rows))
    for part, index in zip(others, ("index", "m"), strict=False):
        numbers = pa.array(own[index].to_numpy()[rows]).cast(pa.string())
        words = pc.binary_join_element_wise(words, numbers, part, ".")
    return words.dictionary_encode()
