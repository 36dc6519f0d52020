"""A report for programs: JSON, CSV, JUnit XML and GitHub annotations."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd

from scormaudit.allowance import Standing
from scormaudit.audit import Report, Result
from scormaudit.frame import RECORD
from scormaudit.report.markup import visible
from scormaudit.rule import title

_LEVEL = {"error": "error", "warning": "warning", "info": "notice"}
_CASE = {"broken": "failure", "crashed": "error", "unknown": "skipped", "allowed": "skipped"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def as_json(report: Report, *, show_values: bool = False) -> str:
    """Snapshot, rules and findings as documented for `--format json`.

    Where parts cannot be read, `lost` of the snapshot names their files, and `records` counts
    those of the others. Where there are allowances, `allowances` says what became of each, and
    `allowed` has the findings that they cover, which are not among `findings`.
    """
    manifest = report.snapshot.manifest if report.snapshot else None
    document: dict[str, Any] = {
        "snapshot": {
            "id": manifest.id if manifest else None,
            "records": report.records,
            "complete": report.complete,
        },
        "rules": [_rule(result) for result in report.results],
        "findings": _plainly(report.findings, show_values=show_values).to_dict("records"),
    }
    if report.lost:
        document["snapshot"]["lost"] = list(report.lost)
    if report.allowances:
        allowed = _plainly(report.allowed, show_values=show_values)
        document["allowances"] = [_allowance(standing) for standing in report.allowances]
        document["allowed"] = allowed.to_dict("records")
    return json.dumps(document, ensure_ascii=False, indent=1, default=_plain)


def as_csv(report: Report, *, show_values: bool = False) -> str:
    """One line a finding; text that a spreadsheet would take for a formula begins with `'`.

    Findings that are allowed follow, and say so in two columns more.
    """
    frame = _plainly(report.findings, show_values=show_values)
    if len(report.allowed):
        frame = pd.concat([frame, _plainly(report.allowed, show_values=show_values)])
        frame = frame.rename(columns={"reason": "allowed_because", "until": "allowed_until"})
    numbers = frame["index"].astype("Int64")
    return frame.map(harmless).assign(index=numbers).to_csv(index=False)


def as_junit(report: Report) -> str:
    """One test case a rule: broken fails, crashed errs, unknown and allowed are skipped."""
    suite = ET.Element("testsuite", name="scormaudit", tests=str(len(report.results)))
    kinds = [_CASE.get(_word(result)) for result in report.results]
    for kind, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(name, str(kinds.count(kind)))
    for result in report.results:
        case = ET.SubElement(
            suite,
            "testcase",
            classname="scormaudit",
            name=f"{result.rule.code} {title(result.rule)}",
        )
        word = _word(result)
        if word == "broken":
            message = f"{result.broken} of {result.tested} rows"
            failure = ET.SubElement(case, "failure", message=message, type=result.rule.severity)
            failure.text = "\n".join([*places(report, result), *lapsed(report, result)])
        elif word in _CASE:
            why = permitted(report, result) if word == "allowed" else result.reason
            ET.SubElement(case, _CASE[word], message=why)
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True)


def as_github(report: Report) -> str:
    """One workflow annotation a broken, crashed or allowed rule."""
    lines = []
    for result in report.results:
        if result.outcome == "broken":
            level = _LEVEL[result.rule.severity]
            text = f"{title(result.rule)}: {result.broken} of {result.tested} rows"
            text = "; ".join([text, *lapsed(report, result)])
        elif result.outcome == "crashed":
            level, text = "error", f"the rule crashed: {result.reason}"
        elif result.allowed:
            level, text = "notice", permitted(report, result)
        else:
            continue
        lines.append(f"::{level} title={result.rule.code}::{_escaped(text)}")
    return "\n".join(lines)


def permitted(report: Report, result: Result) -> str:
    """How many findings of a rule are allowed, until when and why."""
    mine = report.allowed[report.allowed["rule"].eq(result.rule.code)]
    groups = Counter(zip(mine["until"], mine["reason"], strict=True))
    return "; ".join(
        f"{number} allowed until {until}: {reason}" for (until, reason), number in groups.items()
    )


def lapsed(report: Report, result: Result) -> Iterator[str]:
    """What was allowed of a rule once and no longer is."""
    for standing in report.allowances:
        if (standing.state, standing.allowance.rule) == ("expired", result.rule.code):
            yield f"the allowance expired {standing.allowance.until}: {standing.allowance.reason}"


def places(
    report: Report, result: Result, *, most: int = 20, show_values: bool = False
) -> Iterator[str]:
    """The first findings of a rule by their ids, with what was read only if it is asked for."""
    mine = report.findings[report.findings["rule"].eq(result.rule.code)]
    names = [*RECORD, "element", "value"]
    for *ids, value in mine[names].head(most).itertuples(index=False):
        yield " ".join(map(str, ids)) + (f" {visible(value)}" if show_values else "")
    if len(mine) > most:
        yield f"and {len(mine) - most} more"


def harmless(cell: Any) -> Any:
    """A cell of CSV that no spreadsheet takes for a formula; what is no text stays as it is."""
    risky = isinstance(cell, str) and cell.lstrip()[:1] in _FORMULA
    return f"'{cell}" if risky and cell else cell


def _word(result: Result) -> str:
    """The outcome, but where all that broke is allowed, that."""
    return "allowed" if result.outcome == "held" and result.allowed else result.outcome


def _allowance(standing: Standing) -> dict[str, Any]:
    leave = standing.allowance
    return {
        "rule": leave.rule,
        "reason": leave.reason,
        "until": leave.until,
        **{name: getattr(leave, name) or None for name in RECORD},
        "state": standing.state,
        "findings": standing.findings,
    }


def _rule(result: Result) -> dict[str, Any]:
    return {
        "code": result.rule.code,
        "title": title(result.rule),
        "severity": result.rule.severity,
        "outcome": result.outcome,
        "tested": result.tested,
        "broken": result.broken,
        "unknown": result.unknown,
        "fix": result.rule.fix,
    }


def _plainly(findings: pd.DataFrame, *, show_values: bool) -> pd.DataFrame:
    """Findings without what only a program of ours can use, null as None."""
    frame = findings.drop(columns="row").astype("object")
    frame = frame.where(frame.notna(), None)
    return frame if show_values else frame.assign(value=None)


def _escaped(text: str) -> str:
    """Text as a workflow command may hold it: on one line."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value.item()
