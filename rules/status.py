"""The lesson status against what else the record says (RTE 3-24 to 3-26)."""

import pandas as pd
from pandera.pandas import Check

from scormaudit import Rule


def _decided(cmi: pd.DataFrame) -> pd.Series:
    """Records that the mastery score decides: for credit, in normal mode."""
    return cmi.credit.ne("no-credit") & ~cmi.lesson_mode.isin(["browse", "review"])


class FailedAboveMastery(Rule, code="ST103"):
    """Marked failed, though the score reaches the mastery score.

    Once a mastery score is set, the LMS may decide between passed and failed by it, and a
    raw score that reaches it means passed. Not every LMS overrides a status the course
    set itself, so this is a contradiction to look at, never one to mend unseen.
    """

    severity = "warning"
    page = "3-24"
    needs = ("lesson_status", "score_raw", "mastery_score", "credit", "lesson_mode")
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.eq("failed")
                & cmi.score_raw_value.ge(cmi.mastery_score_value)
                & _decided(cmi)
            )
        )
    )
    good = (
        {"lesson_status": "passed", "score_raw": "80", "mastery_score": "70"},
        {"lesson_status": "failed", "score_raw": "69.9", "mastery_score": "70"},
        {"lesson_status": "failed", "score_raw": "", "mastery_score": "0"},
        {"lesson_status": "failed", "score_raw": "80", "mastery_score": ""},
        {
            "lesson_status": "failed",
            "score_raw": "80",
            "mastery_score": "70",
            "credit": "no-credit",
        },
    )
    bad = (
        {"lesson_status": "failed", "score_raw": "80", "mastery_score": "70"},
        {"lesson_status": "failed", "score_raw": "70", "mastery_score": "70.0", "credit": "credit"},
    )


class PassedBelowMastery(Rule, code="ST104"):
    """Marked passed, though the score stays below the mastery score.

    Where the LMS applies the mastery score, this record would read failed. A course may
    count more than its score, and some systems let its word stand: ask before mending.
    """

    severity = "warning"
    page = "3-24"
    needs = ("lesson_status", "score_raw", "mastery_score", "credit", "lesson_mode")
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.eq("passed")
                & cmi.score_raw_value.lt(cmi.mastery_score_value)
                & _decided(cmi)
            )
        )
    )
    good = (
        {"lesson_status": "passed", "score_raw": "70", "mastery_score": "70"},
        {"lesson_status": "passed", "score_raw": "", "mastery_score": "70"},
        {
            "lesson_status": "passed",
            "score_raw": "10",
            "mastery_score": "80",
            "lesson_mode": "review",
        },
    )
    bad = ({"lesson_status": "passed", "score_raw": "69.9", "mastery_score": "70"},)
