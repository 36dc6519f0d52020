"""Runs rules over a snapshot or a frame: held, broken, unknown or crashed, and the findings."""

import inspect
import re
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd

from scormaudit.allowance import Given, Standing, read_allowances, sift
from scormaudit.errors import SnapshotError
from scormaudit.frame import (
    COLUMNS,
    ELEMENTS,
    KEYS,
    RECORD,
    VIEWS,
    exploded,
    failures,
    joined,
    typed,
)
from scormaudit.pack import Pack, choose, load, rated
from scormaudit.rule import Row, Rule, Severity, columns, subject
from scormaudit.snapshot import Snapshot

Outcome = Literal["held", "broken", "unknown", "crashed"]
FINDING = ("rule", "severity", *RECORD, "element", "index", "value", "fix", "row")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of one part: its typed columns, and which rows of a column failed to be read."""

    frame: pd.DataFrame
    failed: Mapping[str, np.ndarray]


Tables = Mapping[str, Table]
_OWN = {"records": (), "element_errors": ("element", "message"), "strays": ("element", "value")}
_NOBODY = np.array([], dtype=np.intp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One rule over all records: how many rows it judged, how many broke it, how many it
    could not judge, and why; `allowed` rows broke it too, but do not count as broken."""

    rule: type[Rule]
    tested: int
    broken: int
    unknown: int
    allowed: int = 0
    reason: str = ""
    crashed: bool = False

    @property
    def outcome(self) -> Outcome:
        """Broken beats unknown, and a rule that judged no row for want of data is unknown."""
        if self.crashed:
            return "crashed"
        if self.broken:
            return "broken"
        return "unknown" if self.unknown and not self.tested else "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the rules found.

    `findings` has one row a rule and row that broke it: `row` is the row's label in the frame
    or its position in the snapshot's table, `value` the text that was read. `allowed` has the
    findings that an allowance covers instead, with its `reason` and `until`; `allowances` says
    of each allowance about these rules what became of it.
    """

    results: tuple[Result, ...]
    findings: pd.DataFrame
    allowed: pd.DataFrame
    allowances: tuple[Standing, ...] = ()
    snapshot: Snapshot | None
    records: int
    pack: Pack

    def __repr__(self) -> str:
        return f"<Report of {len(self.findings)} findings in {self.records} records>"

    @property
    def complete(self) -> bool:
        """Whether every assignment of the worklist was read."""
        return self.snapshot is None or self.snapshot.manifest.complete

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return int(self.findings["severity"].eq(severity).sum())


def audit(
    source: Snapshot | pd.DataFrame,
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    rules: Pack | Path | str | None = None,
    severity: Mapping[str, str] = MappingProxyType({}),
    allow: Iterable[Given] = (),
) -> Report:
    """Judge every row of `source` by the chosen rules.

    `source` is a snapshot or a frame with the columns of `records`; `select` and `ignore`
    take codes or their beginnings, or one; `rules` is a pack, or a folder beside the shipped;
    `severity` gives codes or their beginnings another severity; `allow` takes tables of
    `rule`, `reason`, `until` (the last day, UTC) and where wanted `enrollment_id`,
    `assignment_id`, `sco_id`. What pyproject.toml says of these is read by commands alone.
    """
    if not isinstance(source, Snapshot | pd.DataFrame):
        raise SnapshotError(
            f"An audit needs a snapshot or a DataFrame, not {type(source).__name__}.",
            todo="Open a folder with read_snapshot(path).",
        )
    if not isinstance(rules, Pack):
        rules = load(Path(rules)) if rules else load()
    rules = rated(rules, severity)
    chosen = choose(rules, select, ignore)
    codes = {rule.code for rule in chosen.rules}
    allowances = [leave for leave in read_allowances(allow, rules) if leave.rule in codes]
    parts = [_judged(chosen, tables) for tables in _parts(source, chosen)]
    results = tuple(
        _total(rule, [judged[rule.code] for judged, _ in parts]) for rule in chosen.rules
    )
    found = [findings for _, findings in parts if len(findings)]
    empty = pd.DataFrame(columns=list(FINDING))
    findings, allowed, standings = sift(
        pd.concat(found, ignore_index=True) if found else empty, allowances
    )
    return Report(
        results=tuple(_less(result, allowed) for result in results),
        findings=findings,
        allowed=allowed,
        allowances=standings,
        snapshot=source if isinstance(source, Snapshot) else None,
        records=len(source),
        pack=chosen,
    )


def judge(rule: type[Rule], tables: Tables) -> tuple[Result, np.ndarray]:
    """One rule over one part: its result, and the positions of the rows that broke it."""
    if rule.table not in tables:
        return _unread(rule, 1, rule.table), _NOBODY
    table = tables[rule.table]
    missing = [column for column in columns(rule) if column not in table.frame]
    if missing:
        return _unread(rule, len(table.frame), ", ".join(missing)), _NOBODY
    known = np.ones(len(table.frame), dtype=bool)
    for column in columns(rule):
        if column in table.failed:
            known &= ~table.failed[column]
    try:
        broken = np.flatnonzero(~holds(rule, table.frame) & known)
    except Exception as error:  # noqa: BLE001 - a rule may do anything; the audit goes on
        return _crashed(rule, error), _NOBODY
    tested = int(known.sum())
    unknown = len(known) - tested
    reason = "the element itself failed" if unknown else ""
    return Result(
        rule=rule, tested=tested, broken=len(broken), unknown=unknown, reason=reason
    ), broken


def breaks(rule: type[Rule], row: Row) -> bool:
    """Whether one row, given as column → text, breaks a rule; columns left out are null.

    A rule that crashes raises here, so that its author sees the traceback.
    """
    frame = pd.DataFrame([dict.fromkeys(columns(rule)) | dict(row)])
    return not holds(rule, typed(frame, columns(rule), rule.table)).all()


def holds(rule: type[Rule], frame: pd.DataFrame) -> np.ndarray:
    """True for each row that holds, taken from the rule's pandera Check itself.

    A rule about one element is asked about its distinct values; null always holds.
    """
    if rule.needs:
        return np.asarray(_ask(rule, frame), dtype=bool)
    column = frame[rule.element].cat
    distinct = pd.Series(column.categories, dtype="object", name=rule.element)
    answers = np.asarray(_ask(rule, distinct), dtype=bool)
    return np.array([*answers, True])[column.codes.to_numpy()]


def _ask(rule: type[Rule], asked: pd.Series | pd.DataFrame) -> pd.Series:
    backend: Any = rule.check.get_backend(asked)(rule.check)
    answer = backend.apply(backend.preprocess(asked, None))
    if not isinstance(answer, pd.Series) or len(answer) != len(asked):
        raise TypeError("a check must answer for every row")
    return answer


def _crashed(rule: type[Rule], error: Exception) -> Result:
    """Where a rule crashed; the message stays out, since it may quote a learner's value."""
    file = inspect.getfile(rule)
    lines = [line for line in traceback.extract_tb(error.__traceback__) if line.filename == file]
    place = f"line {lines[-1].lineno}" if lines else f"{rule.code}"
    reason = f"{type(error).__name__} in {Path(file).name}, {place}"
    return Result(rule=rule, tested=0, broken=0, unknown=0, reason=reason, crashed=True)


def _unread(rule: type[Rule], rows: int, what: str) -> Result:
    return Result(rule=rule, tested=0, broken=0, unknown=rows, reason=f"{what} was not read")


def _parts(source: Snapshot | pd.DataFrame, pack: Pack) -> Iterator[Tables]:
    """The tables that the rules need, typed, a part at a time."""
    if isinstance(source, pd.DataFrame):
        twice = source.columns[source.columns.duplicated()]
        if len(twice):
            raise SnapshotError(f"The column {twice[0]} is there twice.", where="DataFrame")
        yield {"records": _table({"records": source}, "records", pack)}
        return
    offsets: Counter[str] = Counter()
    asked = {rule.table for rule in pack.rules} | {"element_errors"}
    for number in range(len(source.manifest.parts)):
        raw = {name: source.table(name, _wanted(name, pack), number) for name in _read(pack)}
        for view in asked & {*VIEWS}:
            own = [*RECORD, "index", "type", VIEWS[view].column]
            raw[view] = exploded(raw["interactions"][own], view)
        for name, frame in raw.items():
            frame.index = pd.RangeIndex(offsets[name], offsets[name] + len(frame))
            offsets[name] += len(frame)
        for name in asked - {"records"}:
            raw[name] = joined(raw[name], raw["records"], _needed(name, pack))
        yield {name: _table(raw, name, pack) for name in asked}


def _read(pack: Pack) -> set[str]:
    """The tables to read from a snapshot; a view is made of the interactions."""
    asked = {rule.table for rule in pack.rules}
    views = {"interactions"} if asked & {*VIEWS} else set()
    return {"records", "element_errors"} | views | (asked - {*VIEWS})


def _needed(table: str, pack: Pack) -> list[str]:
    """The columns that the rules about a table read."""
    return [column for rule in pack.rules if rule.table == table for column in columns(rule)]


def _wanted(table: str, pack: Pack) -> list[str]:
    """The columns of a snapshot's table that judging and naming need."""
    wanted = [*RECORD, *_OWN.get(table, ("index",)), *_needed(table, pack)]
    if table == "records":
        of_record = [column for rule in pack.rules for column in columns(rule)]
        wanted += [c.removeprefix("record_") for c in of_record if c.startswith("record_")]
    if table == "interactions":
        views = {rule.table for rule in pack.rules} & {*VIEWS}
        wanted += ["type", *(VIEWS[view].column for view in views)]
    return list(dict.fromkeys(name for name in wanted if name in (*KEYS, *COLUMNS[table])))


def _table(raw: Mapping[str, pd.DataFrame], name: str, pack: Pack) -> Table:
    frame = typed(raw[name], _needed(name, pack), name)
    keys = [c for c in (*RECORD, "index", "m", "element") if c in raw[name] and c not in frame]
    return Table(pd.concat([raw[name][keys], frame], axis=1), failures(raw, name))


def _judged(pack: Pack, tables: Tables) -> tuple[dict[str, Result], pd.DataFrame]:
    results, found = {}, []
    for rule in pack.rules:
        results[rule.code], broken = judge(rule, tables)
        if len(broken):
            found.append(_findings(rule, tables[rule.table].frame, broken))
    return results, pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def _findings(rule: type[Rule], frame: pd.DataFrame, broken: np.ndarray) -> pd.DataFrame:
    rows = frame.iloc[broken]
    found = pd.DataFrame(
        {name: rows[name].astype("object") if name in rows else None for name in RECORD},
        index=rows.index,
    )
    found.insert(0, "rule", rule.code)
    found.insert(1, "severity", rule.severity)
    found["index"] = rows.get("index", pd.NA)
    found["index"] = found["index"].astype("Int64")
    found["element"] = _elements(rule, rows)
    found["value"] = rows[subject(rule)].astype("object")
    found["fix"] = rule.fix
    found["row"] = rows.index
    return found[list(FINDING)]


def _elements(rule: type[Rule], rows: pd.DataFrame) -> pd.Series | str:
    """The CMI name of what each finding is about."""
    if "element" in rows:
        return rows["element"].astype("object")
    names = {element.column: element.name for element in ELEMENTS[rule.table]}
    name = names.get(subject(rule), subject(rule))
    if ".n." not in name:
        return name
    parts = re.split(r"\.[nm]\.", name)
    words = pd.Series(parts[0], index=rows.index, dtype="object")
    for part, index in zip(parts[1:], ("index", "m"), strict=False):
        words += "." + rows[index].astype("str").astype("object") + f".{part}"
    return words


def _total(rule: type[Rule], results: list[Result]) -> Result:
    return Result(
        rule=rule,
        tested=sum(result.tested for result in results),
        broken=sum(result.broken for result in results),
        unknown=sum(result.unknown for result in results),
        reason=next((result.reason for result in results if result.reason), ""),
        crashed=any(result.crashed for result in results),
    )


def _less(result: Result, allowed: pd.DataFrame) -> Result:
    """A result that no longer counts as broken what is allowed."""
    number = int(allowed["rule"].eq(result.rule.code).sum())
    return replace(result, broken=result.broken - number, allowed=number)
