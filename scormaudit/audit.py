"""Runs rules over a snapshot or a frame: held, broken, unknown or crashed, and the findings."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from scormaudit.allowance import Allowance, Given, Standing, read_allowances, sift
from scormaudit.answer import breaks
from scormaudit.cluster import judged_on
from scormaudit.errors import PartError, SnapshotError
from scormaudit.frame import RECORD
from scormaudit.pack import Pack, choose, load, rated
from scormaudit.part import Rules, Tables, batches, tables_in, tables_of
from scormaudit.rule import Rule, Severity
from scormaudit.shelf import Shelf
from scormaudit.snapshot import Snapshot
from scormaudit.verdict import (
    THREADS,
    Tally,
    Verdict,
    combined,
    judge_part,
    line_up,
    looked,
    settled,
    suspected,
)

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["FINDING", "Outcome", "Report", "Result", "audit", "breaks"]

_Look = Callable[[Tables], Verdict]
Outcome = Literal["held", "broken", "unknown", "crashed"]
FINDING = ("rule", "severity", *RECORD, "element", "index", "value", "fix", "row")


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
    of each allowance about these rules what became of it; `lost` names the parts that could
    not be read.
    """

    results: tuple[Result, ...]
    findings: pd.DataFrame
    allowed: pd.DataFrame
    allowances: tuple[Standing, ...] = ()
    snapshot: Snapshot | None
    records: int
    pack: Pack
    lost: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Report of {len(self.findings)} findings in {self.records} records>"

    @property
    def complete(self) -> bool:
        """Whether every assignment of the worklist was read, and every part of the snapshot."""
        return not self.lost and (self.snapshot is None or self.snapshot.manifest.complete)

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
    client: "Client | None" = None,
) -> Report:
    """Judge every row of `source` by the chosen rules.

    `source` is a snapshot or a frame with the columns of `records`; `select` and `ignore`
    take codes or their beginnings, or one; `rules` is a pack, or a folder beside the shipped;
    `severity` gives codes or their beginnings another severity; `allow` takes tables of
    `rule`, `reason`, `until` (the last day, UTC) and where wanted `enrollment_id`,
    `assignment_id`, `sco_id`. With `client`, of dask.distributed, a snapshot is judged on its
    cluster, one task a part. What pyproject.toml says of these is read by commands alone.
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
    return reported(judged(source, chosen, client), source, chosen, allowances)


_LOCK = Lock()
_BEFORE: list[pa.MemoryPool] = []
"""Arrow's pool before an audit, once for each that runs now; the first one's comes last."""


@contextmanager
def _thrifty() -> Iterator[None]:
    """Arrow takes memory from jemalloc where it is built in: the default keeps a third more of
    what parts have given back, and wants it in pages so large that a system may have to make
    them first."""
    with _LOCK:
        _BEFORE.append(pa.default_memory_pool())
        if "jemalloc" in pa.supported_memory_backends():
            pa.set_memory_pool(pa.jemalloc_memory_pool())
    try:
        yield
    finally:
        with _LOCK:
            before = _BEFORE.pop()
            if not _BEFORE:
                pa.set_memory_pool(before)


@_thrifty()
def judged(source: Snapshot | pd.DataFrame, pack: Pack, client: "Client | None" = None) -> Verdict:
    """All parts of `source`, one after the other in this process, or else those of a snapshot on
    a cluster; a frame is judged here."""
    if client is not None and isinstance(source, Snapshot):
        return judged_on(client, source, pack)
    if isinstance(source, pd.DataFrame):
        return judge_part(pack.rules, tables_in(source, pack.rules), only=True, threads=THREADS)
    rules, numbers = pack.rules, batches(source)
    only = len(numbers) == 1
    first = partial(judge_part, rules, only=only, threads=THREADS if only else 1)
    apart = partial(judge_part, rules)
    with Shelf() as shelf:
        verdict = shelf.gathered(_each(partial(_seen, source, rules, first, apart), numbers))
        suspects = suspected(verdict)
    verdict = replace(verdict, hashes={})
    if not suspects:
        return verdict
    alone = [rule for rule in rules if rule.code in suspects]
    again = partial(line_up, alone, suspected=suspects)
    second = partial(_seen, source, alone, again, again)
    return settled(verdict, combined(_each(second, numbers)))


def _each(
    task: Callable[[Sequence[int]], Verdict], numbers: Iterable[Sequence[int]]
) -> Iterator[Verdict]:
    """What a task gives for each batch, in their order; a few run at once, and none far ahead."""
    with ThreadPoolExecutor(THREADS) as pool:
        waiting: deque[Future[Verdict]] = deque()
        for batch in numbers:
            waiting.append(pool.submit(task, batch))
            if len(waiting) > THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _seen(
    snapshot: Snapshot, rules: Rules, look: _Look, apart: _Look, parts: Sequence[int]
) -> Verdict:
    """What a look at some parts gives; where one cannot be read, each is looked at `apart`."""
    try:
        return look(tables_of(snapshot, rules, *parts))
    except PartError:
        reads = [partial(tables_of, snapshot, rules, part) for part in parts]
        return combined(looked(rules, apart, read) for read in reads)


def reported(
    verdict: Verdict,
    source: Snapshot | pd.DataFrame,
    pack: Pack,
    allowances: Iterable[Allowance] = (),
) -> Report:
    """The report of a verdict that is settled, on `source` by the rules of `pack`."""
    snapshot = replace(source, lost=verdict.lost) if isinstance(source, Snapshot) else None
    findings, allowed, standings = sift(_findings(verdict, source, pack), allowances)
    counts = allowed["rule"].value_counts()
    return Report(
        results=tuple(
            _result(rule, verdict.tallies.get(rule.code, Tally()), int(counts.get(rule.code, 0)))
            for rule in pack.rules
        ),
        findings=findings,
        allowed=allowed,
        allowances=standings,
        snapshot=snapshot,
        records=len(source) - (snapshot.lost_rows("records") if snapshot else 0),
        pack=pack,
        lost=verdict.lost,
    )


def _findings(verdict: Verdict, source: Snapshot | pd.DataFrame, pack: Pack) -> pd.DataFrame:
    """The findings of all tables by rule and row, with what the rules add to them; of a rule,
    those of keys that repeat across parts only come behind the others.

    They come in runs of one rule, which are put in order where they lie: values may be large.
    """
    found = [findings for findings in verdict.findings.values() if findings.num_rows]
    if not found:
        return pd.DataFrame(columns=list(FINDING))
    lying = pa.concat_tables(found).unify_dictionaries()
    rule = lying["rule"].combine_chunks()
    codes = pd.Index([rule.code for rule in pack.rules])
    number = codes.get_indexer(rule.dictionary.to_pylist())[rule.indices]
    begins = np.flatnonzero(np.diff(number, prepend=-1))
    ends = np.append(begins[1:], len(number))
    runs = [lying.slice(b, e - b) for b, e in zip(begins, ends, strict=True)]
    lying = pa.concat_tables([runs[n] for n in np.argsort(number[begins], kind="stable")])
    element, number = lying["element"].combine_chunks(), np.sort(number, kind="stable")
    words = {name: lying[name] for name in lying.column_names}
    words["rule"] = _spread(codes, number)
    words["element"] = _spread(element.dictionary.to_pylist(), element.indices.to_numpy())
    for name in ("severity", "fix"):
        words[name] = _spread([getattr(rule, name) for rule in pack.rules], number)
    ordered: pd.DataFrame = pa.table(words).to_pandas(
        types_mapper={pa.int32(): pd.Int64Dtype()}.get
    )
    if isinstance(source, pd.DataFrame):
        ordered["row"] = source.index[ordered["row"]]
    return ordered[list(FINDING)]


def _spread(words: Iterable[str], codes: np.ndarray) -> pa.Array:
    """The word of each code; words that stand in runs cost next to nothing."""
    letters = [word.encode() for word in words]
    begins = np.flatnonzero(np.diff(codes, prepend=-1))
    runs = zip(codes[begins].tolist(), np.diff(begins, append=len(codes)).tolist(), strict=True)
    content = b"".join(letters[code] * count for code, count in runs)
    ends = np.append(0, np.cumsum(np.array([*map(len, letters)])[codes]))
    buffers = pa.py_buffer(ends), pa.py_buffer(content)
    return pa.LargeStringArray.from_buffers(len(codes), *buffers)


def _result(rule: type[Rule], tally: Tally, allowed: int) -> Result:
    """What came of a rule; what is allowed no longer counts as broken."""
    return Result(
        rule=rule,
        tested=tally.tested,
        broken=tally.broken - allowed,
        unknown=tally.unknown,
        allowed=allowed,
        reason=tally.reason,
        crashed=tally.crashed,
    )
