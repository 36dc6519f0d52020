"""The verdict in words: how bad it is, how sure, and where most of it sits."""

from collections.abc import Iterable, Mapping

from scormaudit.audit import Report
from scormaudit.report.markup import counted, text
from scormaudit.report.pattern import Concentration
from scormaudit.report.placing import Placed
from scormaudit.report.row import ORDER, WORD, percent
from scormaudit.report.veil import bounded, short
from scormaudit.rule import Severity

_TOLD = 3


def kind(report: Report) -> str:
    """What the verdict looks like: crashed, error, warning or held; unknown if not all was read."""
    if any(result.crashed for result in report.results):
        return "crashed"
    if report.count("error"):
        return "error"
    if not report.complete:
        return "unknown"
    return "warning" if report.count("warning") else "held"


def headline(report: Report, placed: Placed) -> str:
    """The verdict in one sentence, as HTML."""
    records = counted(report.records, "record")
    match kind(report):
        case "crashed":
            crashed = sum(result.crashed for result in report.results)
            return f"No verdict: {counted(crashed, 'rule')} crashed"
        case "error":
            return f"{_of(placed, 'error')} of {records}"
        case "unknown":
            return "No error in what was read, but not all was read"
        case "warning":
            return f"No error; {_of(placed, 'warning')} of {records}"
        case _:
            return f"No error and no warning in {records}"


def besides(report: Report) -> list[str]:
    """What else there is to say at once: other severities, what is allowed, what is not known."""
    shown = {"error": "error", "warning": "warning"}.get(kind(report))
    others = [
        counted(report.count(severity), WORD[severity])
        for severity in ORDER
        if severity != shown and report.count(severity)
    ]
    outcomes = [result.outcome for result in report.results]
    told = [f"Judged by {counted(len(outcomes), 'rule')}."]
    if others:
        told.insert(0, f"Besides, {' and '.join(others)}.")
    if len(report.allowed):
        told.append(f"{counted(len(report.allowed), 'finding')} more allowed.")
    if unknown := outcomes.count("unknown"):
        told.append(f"{counted(unknown, 'rule')} could not be judged.")
    if not report.complete:
        told.append("The snapshot is incomplete.")
    return told


def where(found: Iterable[Concentration], severities: Mapping[str, Severity]) -> list[str]:
    """The gravest concentrations, each as HTML: `39 of 41 ST103 are in one SCO: …`."""
    ranked = sorted(
        found,
        key=lambda one: (ORDER.index(severities[one.rule]), -one.findings),
    )
    return [
        f'<a href="#{text(one.rule)}">{text(one.rule)}</a>: {concentrated(one)}'
        for one in ranked[:_TOLD]
    ]


def concentrated(one: Concentration) -> str:
    """One concentration as a sentence of HTML."""
    many_of = (
        f"All {one.findings:,}"
        if one.inside == one.findings
        else f"{one.inside:,} of {one.findings:,}"
    )
    if one.kind == "course":
        place = f"one course: {short(one.course)}"
    else:
        titled = f" “{bounded(one.title)}”" if one.title else ""
        place = f"one SCO: <code>{bounded(one.sco_id)}</code>{titled} of {short(one.course)}"
    return f"{many_of} are in {place}, which has {percent(one.of_records)} of the records."


def _of(placed: Placed, severity: str) -> str:
    found = placed.findings[placed.findings["severity"].eq(severity)]
    number = counted(len(found), WORD[severity])
    return f"{number} in {found['record'].nunique():,}"
