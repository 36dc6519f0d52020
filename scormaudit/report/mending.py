"""What the repairs of a few findings would make, without planning or sending anything."""

from dataclasses import dataclass
from typing import Any

from scormaudit.plan import FIELD, element_of
from scormaudit.report.evidence import Row
from scormaudit.rule import Rule, subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """A finding and its repair: the element and column that change, the text before and after.

    `after` is None where there is none, and `why` says why not.
    """

    element: str
    column: str
    before: str | None
    after: str | None = None
    why: str = ""


def mended(rule: type[Rule], finding: Any, row: Row | None) -> Mended:
    """What `rule` would make of one of its findings; `row` is its whole record, if at hand."""
    left = {"element": finding.element, "column": subject(rule), "before": finding.value}
    if rule.fix == "manual":
        return Mended(**left, why="by hand")
    if row is None:
        return Mended(**left, why="known of a snapshot only")
    try:
        edit = rule.repair(row)
    except Exception:  # noqa: BLE001 - a repair may do anything; the report goes on
        return Mended(**left, why="the repair crashed")
    if edit is None:
        return Mended(**left, why="no value is certain")
    changed = FIELD[edit.field].column
    return Mended(element=element_of(changed), column=changed, before=row[changed], after=edit.text)
