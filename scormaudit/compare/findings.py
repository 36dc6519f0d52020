"""Findings that appeared, vanished or stayed from one snapshot to the other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from scormaudit.audit import Report
from scormaudit.compare.column import keys
from scormaudit.compare.mapping import Mapping, mapped
from scormaudit.frame import RECORD

_SHOWN = ("rule", "severity", *RECORD, "element")


@dataclass(frozen=True, slots=True)
class Turned:
    """What became of findings: each that `appeared` or `vanished` as `turn`, ids as in its
    snapshot, and by rule how many `vanished`, `appeared` and `stayed`.

    A finding is the same if its record, rule and element are.
    """

    findings: pd.DataFrame
    rules: pd.DataFrame


def turned(old: Report, new: Report, mappings: Sequence[Mapping]) -> Turned:
    """What became of the findings of two reports by the same rules; allowed ones do not count."""
    before, after = _keys(old, mappings), _keys(new, [])
    gone = ~np.asarray(pc.is_in(before, value_set=after))
    come = ~np.asarray(pc.is_in(after, value_set=before))
    findings = pd.concat(
        [
            report.findings.loc[mask, list(_SHOWN)].assign(turn=turn)
            for report, mask, turn in ((old, gone, "vanished"), (new, come, "appeared"))
        ],
        ignore_index=True,
    ).sort_values(["rule", *RECORD, "element", "turn"], ignore_index=True)
    return Turned(findings=findings, rules=_by_rule(old, new, findings, ~gone))


def _keys(report: Report, mappings: Sequence[Mapping]) -> pa.Array:
    """A text for each finding, of its record (by its new ids), its rule and its element."""
    found = report.findings
    texts = {
        name: pa.chunked_array([pa.array(found[name], pa.string(), from_pandas=True)])
        for name in (*RECORD, "rule", "element")
    }
    table = pa.table(texts)
    record = mapped(keys(table), mappings).keys
    return keys(pa.table({"record": record, "rule": table["rule"], "element": table["element"]}),
                ("record", "rule", "element"))  # fmt: skip


def _by_rule(old: Report, new: Report, findings: pd.DataFrame, stayed: np.ndarray) -> pd.DataFrame:
    severities = {result.rule.code: result.rule.severity for result in (*old.results, *new.results)}
    turns = {
        turn: findings.loc[findings["turn"].eq(turn), "rule"].value_counts()
        for turn in ("vanished", "appeared")
    }
    sums = turns | {"stayed": old.findings.loc[stayed, "rule"].value_counts()}
    table = pd.DataFrame(sums).fillna(0).astype("int64").rename_axis("rule").reset_index()
    table.insert(1, "severity", table["rule"].map(severities))
    return table.sort_values("rule", ignore_index=True)
