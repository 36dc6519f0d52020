"""What findings have in common: the one place they are in, the rules that break together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scormaudit.report.placing import Placed
from scormaudit.report.row import ORDER

_FEWEST = 3
_COMMON = 0.25
_CHUNK = 1 << 15
_SHARE, _EXPECTED = 0.75, 0.5
_PLACE = {"SCO": ["course", "sco_id", "title"], "course": ["course"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Concentration:
    """Most findings of a rule in one place that has far fewer of the records."""

    rule: str
    kind: str
    inside: int
    findings: int
    course: str
    sco_id: str
    title: str
    of_records: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two rules that broke in the same `both` records, of `first` and of `second` alone."""

    rules: tuple[str, str]
    both: int
    first: int
    second: int

    @property
    def overlap(self) -> float:
        """The share of the records that broke either which broke both."""
        return self.both / (self.first + self.second - self.both)


def concentrations(placed: Placed) -> dict[str, Concentration]:
    """For each rule with a few findings, the one SCO or else course that most of them are in.

    A place counts only if it has at most half of all records, so that a snapshot of one course
    is not told that all is in one course.
    """
    found: dict[str, Concentration] = {}
    for kind, place in _PLACE.items():
        for one in _concentrated(placed, kind, place):
            found.setdefault(one.rule, one)
    return found


def together(placed: Placed, most: int = 10) -> list[Pair]:
    """The pairs of rules that share most of their records, the closest first.

    A pair shares at least a quarter of the rarer rule's records, for a few would meet by chance.
    One whose rules hang together by closer pairs already is left out.
    """
    pairs = placed.findings[["record", "rule"]].drop_duplicates()
    columns, codes = pd.factorize(pairs["rule"].astype("object"), sort=True)
    counts = _shared(pairs["record"].to_numpy(), columns, len(codes))
    found = [
        Pair(
            rules=(str(codes[int(a)]), str(codes[int(b)])),
            both=int(counts[a, b]),
            first=int(counts[a, a]),
            second=int(counts[b, b]),
        )
        for a, b in zip(*np.triu_indices(len(codes), 1), strict=True)
        if counts[a, b] >= max(_FEWEST, _COMMON * min(counts[a, a], counts[b, b]))
    ]
    found.sort(key=lambda pair: (-pair.overlap, -pair.both, pair.rules))
    return _apart(found)[:most]


def heat(placed: Placed) -> pd.DataFrame:
    """Records that broke a rule, courses by rules; the course with most of them first."""
    broken = placed.findings[["record", "rule", "course"]].drop_duplicates()
    table = pd.crosstab(broken["course"], broken["rule"])
    return table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index]


def monthly(placed: Placed) -> pd.DataFrame:
    """A row a month, the undated last: records, those with a finding, findings by severity.

    The columns are `records`, `affected`, `error`, `warning` and `info`; without dates there is
    no row.
    """
    found = placed.findings[["month", "record", "severity"]].astype({"severity": "object"})
    table = pd.DataFrame(index=sorted(placed.months.index, key=lambda month: (not month, month)))
    table["records"] = placed.months
    table["affected"] = found.groupby("month")["record"].nunique()
    for severity in ORDER:
        table[severity] = found.loc[found["severity"].eq(severity), "month"].value_counts()
    return table.fillna(0).astype("int64")


def _apart(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs that link what those before them have not linked."""
    groups: dict[str, set[str]] = {}
    chosen = []
    for pair in pairs:
        one, other = (groups.setdefault(rule, {rule}) for rule in pair.rules)
        if one is not other:
            chosen.append(pair)
            one |= other
            groups |= dict.fromkeys(one, one)
    return chosen


def _shared(records: np.ndarray, rules: np.ndarray, width: int) -> np.ndarray:
    """In how many records each two rules broke, some records at a time."""
    order = np.argsort(records, kind="stable")
    _, rows = np.unique(records[order], return_inverse=True)
    rules, counts = rules[order], np.zeros((width, width), dtype=np.int64)
    for start in range(0, int(rows.max(initial=-1)) + 1, _CHUNK):
        first, last = np.searchsorted(rows, [start, start + _CHUNK])
        broke = np.zeros((_CHUNK, width), dtype=np.float32)
        broke[rows[first:last] - start, rules[first:last]] = 1
        counts += (broke.T @ broke).round().astype(np.int64)
    return counts


def _concentrated(placed: Placed, kind: str, place: list[str]) -> Iterator[Concentration]:
    records = placed.records.groupby(place, observed=True, as_index=False)["records"].sum()
    sizes = dict(zip(records[place].itertuples(index=False, name=None), records["records"],
                     strict=True))  # fmt: skip
    counts = placed.findings.value_counts(["rule", *place]).rename("inside").reset_index()
    totals = placed.findings["rule"].value_counts().to_dict()
    for row in counts.drop_duplicates("rule").to_dict("records"):
        where, total = tuple(row[name] for name in place), totals[row["rule"]]
        share = sizes.get(where, 0) / max(sum(sizes.values()), 1)
        if sizes and total >= _FEWEST and row["inside"] >= _SHARE * total and share <= _EXPECTED:
            yield Concentration(
                rule=row["rule"],
                kind=kind,
                inside=row["inside"],
                findings=total,
                course=row["course"],
                sco_id=row.get("sco_id", ""),
                title=row.get("title", ""),
                of_records=share,
            )
