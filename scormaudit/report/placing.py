"""Where and when the findings are: record, course, SCO and month of each."""

from dataclasses import dataclass
from functools import reduce

import numpy as np
import pandas as pd

from scormaudit.audit import Report
from scormaudit.frame import RECORD, typed
from scormaudit.snapshot import Snapshot

COURSE = "course"
_DATES = ("start_date_utc", "exit_date_utc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Findings with four columns more, and how many records there are where.

    `record` is the position of the record in the snapshot, of a frame a number; `course` the
    label of that name, or else the assignment; `title` is the SCO's; `month` (`2026-03`, UTC)
    that of the exit, or else of the start, blank where neither is a date. `records` counts all
    records by course, SCO and title, `months` by month; `grouped_by` says what a course is here.
    """

    findings: pd.DataFrame
    records: pd.DataFrame
    months: pd.Series
    grouped_by: str


def placed(report: Report) -> Placed:
    """The places of all findings; a frame gives no courses, titles and dates."""
    if report.snapshot is None:
        return _of_frame(report)
    label = _label(report.snapshot)
    columns = [*RECORD, *filter(None, [label]), "title", *_DATES]
    records = report.snapshot.table("records", columns)
    course = records[label or "assignment_id"].astype("category")
    known = course.cat.add_categories([""]).fillna("") if course.hasnans else course
    records = pd.DataFrame(
        {
            **{name: records[name] for name in (*RECORD, "title", *_DATES)},
            "course": known,
        }
    )
    position = _positions(records, report.findings)
    own, months = records.iloc[position], _months(records)
    findings = report.findings.assign(
        record=position,
        course=own["course"].astype("object").to_numpy(),
        title=_filled(own["title"]),
        month=months[position],
    )
    return Placed(
        findings=findings,
        records=_counted(records),
        months=pd.Series(months[records["sco_id"].notna().to_numpy()]).value_counts(),
        grouped_by=COURSE if label else "assignment",
    )


def by_rule(findings: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The findings of each rule that has any."""
    return {str(rule): own for rule, own in findings.groupby("rule", sort=False)}


def _of_frame(report: Report) -> Placed:
    found = report.findings
    records, _ = pd.factorize(found["row"])
    courses = _filled(found["assignment_id"])
    findings = found.assign(record=records, course=courses, title="", month="")
    none = pd.DataFrame({"course": [], "sco_id": [], "title": [], "records": []})
    months = pd.Series(dtype="int64")
    return Placed(findings=findings, records=none, months=months, grouped_by="assignment")


def _label(snapshot: Snapshot) -> str:
    """The label column that names the course, whatever its case; nothing if there is none."""
    return next((label for label in snapshot.manifest.labels if label.casefold() == COURSE), "")


def _positions(records: pd.DataFrame, findings: pd.DataFrame) -> np.ndarray:
    """Which record each finding is of: the three ids as one number, then a binary search."""
    codes = [_coded(records, findings, name) for name in RECORD]
    own, wanted = reduce(
        lambda left, right: (left[0] * right[2] + right[0], left[1] * right[2] + right[1]),
        codes,
        (np.zeros(len(records), np.int64), np.zeros(len(findings), np.int64)),
    )
    order = np.argsort(own, kind="stable")
    return order[np.searchsorted(own[order], wanted)]


def _coded(
    records: pd.DataFrame, findings: pd.DataFrame, name: str
) -> tuple[np.ndarray, np.ndarray, int]:
    """One id of the records and of the findings in the same numbers, and how many there are."""
    column = records[name].astype("category").cat
    codes = column.codes.to_numpy().astype(np.int64)
    return codes, column.categories.get_indexer(pd.Index(findings[name])), len(column.categories)


def _months(rows: pd.DataFrame) -> np.ndarray:
    dates = typed(rows, _DATES)
    last = dates["exit_utc"].fillna(dates["start_utc"]).dt.tz_localize(None)
    codes, distinct = pd.factorize(last.to_numpy().astype("datetime64[M]"))
    names = np.array([*map(str, distinct.astype("datetime64[M]")), ""], dtype="object")
    return names[codes]  # the code of no date is -1, which is the last name


def _counted(records: pd.DataFrame) -> pd.DataFrame:
    named = records.assign(title=pd.Categorical(_filled(records["title"])))
    groups = named.groupby(["course", "sco_id", "title"], observed=True, sort=False).size()
    return groups.rename("records").reset_index()


def _filled(column: pd.Series) -> np.ndarray:
    texts = column.astype("object")
    return texts.where(texts.notna(), "").to_numpy()
