"""Where and when a report's findings are, as two charts below its table."""

import pandas as pd

from scormaudit.audit import Report
from scormaudit.notebook.chart import Chart, bars, columns
from scormaudit.report.markup import counted
from scormaudit.report.pattern import monthly
from scormaudit.report.placing import Placed, placed
from scormaudit.report.row import ORDER

_COURSES, _MONTHS = 12, 24


def places(report: Report) -> tuple[Chart, ...]:
    """Findings by course and by month, each only where there are two of them to compare.

    Of a frame nothing is known; ids of assignments, where the worklist has no courses, would
    tell nobody anything.
    """
    if report.snapshot is None or report.findings.empty:
        return ()
    where = placed(report)
    drawn = (_by_course(where), _by_month(where))
    return tuple(chart for chart in drawn if chart)


def _by_course(where: Placed) -> Chart | None:
    if where.grouped_by != "course" or where.findings["course"].nunique() < 2:
        return None
    found = where.findings.astype({"severity": "object"})
    table = pd.crosstab(found["course"], found["severity"]).reindex(columns=_kinds(found))
    table = table.sort_values(list(table.columns), ascending=False, kind="stable")
    left = len(table) - _COURSES
    more = f"; {counted(left, 'course')} with fewer not shown" if left > 0 else ""
    return bars(table.head(_COURSES).rename_axis(None), f"Findings by course{more}")


def _by_month(where: Placed) -> Chart | None:
    table = monthly(where)
    dated = table[table.index != ""]
    if len(dated) < 2:
        return None
    kinds = [kind for kind in ORDER if table[kind].any()]
    first = f", the last {_MONTHS}" if len(dated) > _MONTHS else ""
    return columns(
        table.drop(index=dated.index[:-_MONTHS]).rename(index={"": "no date"})[kinds],
        f"Findings by month of the record{first}",
    )


def _kinds(found: pd.DataFrame) -> list[str]:
    seen = set(found["severity"])
    return [kind for kind in ORDER if kind in seen]
