"""What a plan leaves as it is: how many findings of which rules, and why."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from scormaudit.audit import Report
from scormaudit.plan import Plan
from scormaudit.rule import Rule


def left_alone(plan: Plan) -> list[str]:
    """A line a reason, the most frequent first: each rule with its number, then the reason."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for refusal in plan.refused:
        counts[refusal.reason].update(refusal.rules)
    return _lines(counts)


def never_planned(report: Report, fix: Mapping[str, str]) -> list[str]:
    """The same of findings that are in no plan, though their rules mend; `fix` as for `propose`."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for code, number in report.findings["rule"].value_counts().items():
        if number and (why := _why(report.pack[str(code)], fix)):
            counts[why][str(code)] += number
    return _lines(counts)


def _why(rule: type[Rule], fix: Mapping[str, str]) -> str:
    """Why no plan takes up what a rule finds; nothing where one may, or where it cannot mend."""
    if rule.fix == "manual":
        return ""
    if rule.table != "records":
        return "the API writes no objectives and no interactions"
    if fix.get(rule.code) == "manual":
        return "[tool.scormaudit.fix] leaves it as it is"
    return "only worth knowing, so it stays as it is" if rule.severity == "info" else ""


def _lines(counts: Mapping[str, Counter[str]]) -> list[str]:
    ranked = sorted(counts.items(), key=lambda item: -item[1].total())
    return [
        f"{', '.join(f'{code} {number}' for code, number in sorted(rules.items()))}: {why}"
        for why, rules in ranked
    ]
