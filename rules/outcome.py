"""A final or unfinished status beside a score that points elsewhere (RTE 3-24 to 3-28)."""

import pandas as pd
from pandera.pandas import Check

from scormaudit import Rule, in_course, shared


@shared
def _decided(cmi: pd.DataFrame) -> pd.Series:
    """Records that the mastery score decides: for credit, in normal mode."""
    return cmi.credit.ne("no-credit") & ~cmi.lesson_mode.isin(["browse", "review"])


class FailedWithFullMarks(Rule, code="ST110"):
    """Marked failed with the highest possible score, and no mastery score explains it.

    A course may fail a learner for something other than points, but a report that shows
    100 % and failed side by side will be asked about. Look at the course's own rule.
    """

    severity = "warning"
    page = "3-24"
    needs = ("lesson_status", "score_raw", "mastery_score")
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.eq("failed")
                & cmi.score_raw_value.eq(100)
                & cmi.mastery_score_value.isna()
            )
        )
    )
    good = (
        {"lesson_status": "failed", "score_raw": "99.5"},
        {"lesson_status": "failed", "score_raw": "100", "mastery_score": "80"},
        {"lesson_status": "passed", "score_raw": "100"},
        {"lesson_status": "failed", "score_raw": ""},
    )
    bad = ({"lesson_status": "failed", "score_raw": "100", "mastery_score": ""},)


class CompletedBesideMastery(Rule, code="ST111"):
    """Completed, though a score and a mastery score would say passed or failed.

    The LMS may leave the course's `completed` as it is, and many do. Who moves the record to
    a system that applies the mastery score gets another status there.
    """

    severity = "info"
    page = "3-24"
    needs = ("lesson_status", "score_raw", "mastery_score", "credit", "lesson_mode")
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.eq("completed")
                & cmi.score_raw_value.between(0, 100)
                & cmi.mastery_score_value.notna()
                & _decided(cmi)
            )
        )
    )
    good = (
        {"lesson_status": "completed", "score_raw": "", "mastery_score": "80"},
        {"lesson_status": "completed", "score_raw": "90", "mastery_score": ""},
        {"lesson_status": "passed", "score_raw": "90", "mastery_score": "80"},
        {
            "lesson_status": "completed",
            "score_raw": "90",
            "mastery_score": "80",
            "credit": "no-credit",
        },
    )
    bad = (
        {"lesson_status": "completed", "score_raw": "79", "mastery_score": "80"},
        {"lesson_status": "completed", "score_raw": "80", "mastery_score": "80"},
    )


class CompletedBelowHalf(Rule, code="ST112"):
    """Completed with less than half of 100 points, and no mastery score.

    A course that reports completion alone is free to do so. Whoever reads the score as a
    result will take this learner for one who did not learn it.
    """

    severity = "info"
    page = "3-24"
    needs = ("lesson_status", "score_raw", "score_max", "mastery_score")
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.eq("completed")
                & cmi.score_raw_value.between(0, 50, inclusive="left")
                & cmi.score_max_value.eq(100)
                & cmi.mastery_score_value.isna()
            )
        )
    )
    good = (
        {"lesson_status": "completed", "score_raw": "50", "score_max": "100"},
        {"lesson_status": "completed", "score_raw": "7", "score_max": "10"},
        {"lesson_status": "completed", "score_raw": "7", "score_max": ""},
        {"lesson_status": "completed", "score_raw": "", "score_max": "100"},
        {
            "lesson_status": "completed",
            "score_raw": "20",
            "score_max": "100",
            "mastery_score": "10",
        },
    )
    bad = ({"lesson_status": "completed", "score_raw": "49.5", "score_max": "100"},)


class IncompleteBelowMastery(Rule, code="ST113"):
    """Incomplete after answers and a score below the mastery score.

    Some courses never send failed, so a learner who lost the test stays incomplete for
    ever. Others wait for another try: the record cannot tell whether all was answered.
    """

    severity = "info"
    page = "3-25"
    needs = (
        "lesson_status", "score_raw", "mastery_score", "interactions_count", "exit",
        "credit", "lesson_mode", "start_date_utc", "exit_date_utc",
    )  # fmt: skip
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.eq("incomplete")
                & cmi.score_raw_value.between(0, 100)
                & cmi.score_raw_value.lt(cmi.mastery_score_value)
                & cmi.interactions_count_value.gt(0)
                & cmi.exit.ne("suspend")
                & _decided(cmi)
                & ~in_course(cmi)
            )
        )
    )
    _lost = {
        "lesson_status": "incomplete",
        "score_raw": "40",
        "mastery_score": "80",
        "interactions_count": "10",
        "exit": "",
    }
    good = (
        {**_lost, "exit": "suspend"},
        {**_lost, "interactions_count": "0"},
        {**_lost, "score_raw": ""},
        {**_lost, "lesson_status": "failed"},
        {**_lost, "start_date_utc": "2026-03-02T10:00:00Z"},
    )
    bad = (_lost,)


class IncompleteWithScore(Rule, code="ST114"):
    """Incomplete, but there is a score that no mastery score speaks against.

    A score is legal at any time. Some systems take a record with a score for a finished
    one, so reports of two systems may differ about this learner.
    """

    severity = "info"
    page = "3-27"
    needs = ("lesson_status", "score_raw", "mastery_score", "start_date_utc", "exit_date_utc")
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.eq("incomplete")
                & cmi.score_raw_value.between(0, 100, inclusive="right")
                & ~cmi.score_raw_value.lt(cmi.mastery_score_value)
                & ~in_course(cmi)
            )
        )
    )
    good = (
        {"lesson_status": "incomplete", "score_raw": ""},
        {"lesson_status": "incomplete", "score_raw": "0"},
        {"lesson_status": "incomplete", "score_raw": "40", "mastery_score": "80"},
        {"lesson_status": "completed", "score_raw": "90"},
        {
            "lesson_status": "incomplete",
            "score_raw": "90",
            "start_date_utc": "2026-03-02T10:00:00Z",
        },
    )
    bad = (
        {"lesson_status": "incomplete", "score_raw": "90", "mastery_score": "80"},
        {"lesson_status": "incomplete", "score_raw": "55"},
    )
