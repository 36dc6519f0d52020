"""A report for programs: JSON, CSV, JUnit XML and GitHub annotations."""

import json
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd

from scormaudit.audit import FINDING, Report, Result
from scormaudit.frame import RECORD
from scormaudit.rule import title

COLUMNS = [name for name in FINDING if name != "row"]
_LEVEL = {"error": "error", "warning": "warning", "info": "notice"}
_SHOWN = 20
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def as_json(report: Report, *, show_values: bool = False) -> str:
    """Snapshot, rules and findings as documented for `--format json`."""
    manifest = report.snapshot.manifest if report.snapshot else None
    document = {
        "snapshot": {
            "id": manifest.id if manifest else None,
            "records": report.records,
            "complete": report.complete,
        },
        "rules": [_rule(result) for result in report.results],
        "findings": _findings(report, show_values=show_values).to_dict("records"),
    }
    return json.dumps(document, ensure_ascii=False, indent=1, default=_plain)


def as_csv(report: Report, *, show_values: bool = False) -> str:
    """One line a finding; text that a spreadsheet would take for a formula begins with `'`."""
    frame = _findings(report, show_values=show_values)
    return frame.map(_harmless).to_csv(index=False)


def as_junit(report: Report) -> str:
    """One test case a rule: broken fails, crashed errs, unknown is skipped."""
    suite = ET.Element("testsuite", name="scormaudit", tests=str(len(report.results)))
    for outcome, name in (("broken", "failures"), ("crashed", "errors"), ("unknown", "skipped")):
        suite.set(name, str(sum(result.outcome == outcome for result in report.results)))
    for result in report.results:
        case = ET.SubElement(
            suite,
            "testcase",
            classname="scormaudit",
            name=f"{result.rule.code} {title(result.rule)}",
        )
        if result.outcome == "broken":
            message = f"{result.broken} of {result.tested} rows"
            failure = ET.SubElement(case, "failure", message=message, type=result.rule.severity)
            failure.text = "\n".join(_places(report, result))
        elif result.outcome != "held":
            kind = "error" if result.outcome == "crashed" else "skipped"
            ET.SubElement(case, kind, message=result.reason)
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True)


def as_github(report: Report) -> str:
    """One workflow annotation a broken or crashed rule."""
    lines = []
    for result in report.results:
        if result.outcome == "broken":
            level = _LEVEL[result.rule.severity]
            text = f"{title(result.rule)}: {result.broken} of {result.tested} rows"
        elif result.outcome == "crashed":
            level, text = "error", f"the rule crashed: {result.reason}"
        else:
            continue
        lines.append(f"::{level} title={result.rule.code}::{text}")
    return "\n".join(lines)


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


def _findings(report: Report, *, show_values: bool) -> pd.DataFrame:
    frame = report.findings[COLUMNS].astype("object")
    frame = frame.where(frame.notna(), None)
    return frame if show_values else frame.assign(value=None)


def _places(report: Report, result: Result) -> Iterator[str]:
    """The first findings of a rule, by their ids alone."""
    mine = report.findings[report.findings["rule"].eq(result.rule.code)]
    for row in mine[[*RECORD, "element"]].head(_SHOWN).to_numpy():
        yield " ".join(map(str, row))
    if len(mine) > _SHOWN:
        yield f"and {len(mine) - _SHOWN} more"


def _harmless(cell: Any) -> Any:
    risky = isinstance(cell, str) and cell.lstrip()[:1] in _FORMULA
    return f"'{cell}" if risky and cell else cell


def _plain(value: Any) -> Any:
    return value.item()
