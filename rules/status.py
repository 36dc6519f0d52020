"""The lesson status against the scores it should follow from (RTE 3-24 to 3-26)."""

import pandas as pd
from pandera.pandas import Check

from scormaudit import Edit, Row, Rule, in_course, shared


@shared
def _decided(cmi: pd.DataFrame) -> pd.Series:
    """Records that the mastery score decides: for credit, in normal mode."""
    return cmi.credit.ne("no-credit") & ~cmi.lesson_mode.isin(["browse", "review"])


def _normalised(score: pd.Series) -> pd.Series:
    """Scores within 0 to 100; others are the business of the rules about ranges."""
    return score.between(0, 100)


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
                & _normalised(cmi.score_raw_value)
                & _normalised(cmi.mastery_score_value)
                & _decided(cmi)
            )
        )
    )
    good = (
        {"lesson_status": "passed", "score_raw": "80", "mastery_score": "70"},
        {"lesson_status": "failed", "score_raw": "69.9", "mastery_score": "70"},
        {"lesson_status": "failed", "score_raw": "", "mastery_score": "0"},
        {"lesson_status": "failed", "score_raw": "80", "mastery_score": ""},
        {"lesson_status": "failed", "score_raw": "150", "mastery_score": "70"},
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
                & _normalised(cmi.score_raw_value)
                & _normalised(cmi.mastery_score_value)
                & _decided(cmi)
            )
        )
    )
    good = (
        {"lesson_status": "passed", "score_raw": "70", "mastery_score": "70"},
        {"lesson_status": "passed", "score_raw": "", "mastery_score": "70"},
        {"lesson_status": "passed", "score_raw": "10", "mastery_score": ""},
        {"lesson_status": "passed", "score_raw": "-10", "mastery_score": "70"},
        {
            "lesson_status": "passed",
            "score_raw": "10",
            "mastery_score": "80",
            "lesson_mode": "review",
        },
    )
    bad = ({"lesson_status": "passed", "score_raw": "69.9", "mastery_score": "70"},)


class FailedWithoutScore(Rule, code="ST105"):
    """Marked failed by a mastery score, though there is no score.

    A blank score is below no mastery score, yet some systems read a blank as 0 and fail the
    learner. Whether the course itself said failed cannot be told any more: look for
    evidence outside the record before you believe or change it.
    """

    severity = "warning"
    page = "3-25"
    needs = ("lesson_status", "score_raw", "mastery_score", "credit", "lesson_mode")
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.eq("failed")
                & cmi.blank_score_raw
                & cmi.mastery_score_value.notna()
                & _decided(cmi)
            )
        )
    )
    good = (
        {"lesson_status": "failed", "score_raw": "0", "mastery_score": "80"},
        {"lesson_status": "failed", "score_raw": "", "mastery_score": ""},
        {"lesson_status": "failed", "score_raw": None, "mastery_score": "80"},
        {"lesson_status": "completed", "score_raw": "", "mastery_score": "80"},
    )
    bad = ({"lesson_status": "failed", "score_raw": "", "mastery_score": "80"},)


class FailedByLeavingEarly(Rule, code="ST106"):
    """Marked failed with 0 points, though the course was suspended before any question.

    Some authoring tools send a score of 0 before the quiz, and an LMS with a mastery score
    turns it into failed when the learner leaves early. The course asked to be resumed, kept
    its data and recorded no answer, so `incomplete` is the likely truth; a person decides.
    """

    severity = "warning"
    fix = "judgement"
    page = "3-24"
    needs = (
        "lesson_status", "score_raw", "interactions_count", "exit", "suspend_data", "credit",
        "lesson_mode", "start_date_utc", "exit_date_utc",
    )  # fmt: skip
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.eq("failed")
                & cmi.score_raw_value.eq(0)
                & cmi.interactions_count_value.eq(0)
                & cmi.exit.eq("suspend")
                & cmi.given_suspend_data
                & _decided(cmi)
                & ~in_course(cmi)
            )
        )
    )
    _early = {
        "lesson_status": "failed",
        "score_raw": "0",
        "interactions_count": "0",
        "exit": "suspend",
        "suspend_data": "slide=2",
    }
    good = (
        {**_early, "interactions_count": "5"},
        {**_early, "interactions_count": None},
        {**_early, "exit": ""},
        {**_early, "suspend_data": ""},
        {**_early, "score_raw": "10"},
        {**_early, "score_raw": ""},
        {**_early, "lesson_mode": "review"},
        {**_early, "start_date_utc": "2026-03-02T10:00:00Z"},
    )
    bad = (
        _early,
        {
            **_early,
            "start_date_utc": "2026-03-02T10:00:00Z",
            "exit_date_utc": "2026-03-02T10:05:00Z",
        },
    )

    @staticmethod
    def repair(row: Row) -> Edit | None:  # noqa: ARG004
        """Status `incomplete`."""
        return Edit("lesson_status", "incomplete")


class FailedBeforeAnyQuestion(Rule, code="ST107"):
    """Marked failed with 0 points against a mastery score, and nothing was answered.

    That is the trace of a package whose manifest has a mastery score it never earns points
    for, or of one that fails everybody at the start. Whether it does is seen in the
    manifest, not here; other records of the same course will look alike.
    """

    severity = "info"
    page = "3-24"
    needs = (
        "lesson_status", "score_raw", "mastery_score", "interactions_count", "exit",
        "suspend_data", "credit", "lesson_mode",
    )  # fmt: skip
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.eq("failed")
                & cmi.score_raw_value.eq(0)
                & cmi.mastery_score_value.gt(0)
                & cmi.interactions_count_value.eq(0)
                & ~(cmi.exit.eq("suspend") & cmi.given_suspend_data)
                & _decided(cmi)
            )
        )
    )
    _nothing = {
        "lesson_status": "failed",
        "score_raw": "0",
        "mastery_score": "75",
        "interactions_count": "0",
    }
    good = (
        {**_nothing, "interactions_count": "4"},
        {**_nothing, "mastery_score": ""},
        {**_nothing, "score_raw": "12"},
        {**_nothing, "exit": "suspend", "suspend_data": "slide=2"},
    )
    bad = (_nothing,)


class FailedByNothing(Rule, code="ST108"):
    """Marked failed with neither a score, nor a mastery score, nor an answer.

    Without a mastery score the LMS has no say, so the course must have called it failed; a
    course that does so usually has a score or an answer to show. Some systems take a blank
    mastery score for one that nobody reaches.
    """

    severity = "info"
    page = "3-24"
    needs = ("lesson_status", "score_raw", "mastery_score", "interactions_count")
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.eq("failed")
                & cmi.blank_score_raw
                & cmi.blank_mastery_score
                & cmi.interactions_count_value.eq(0)
            )
        )
    )
    _blank = {
        "lesson_status": "failed",
        "score_raw": "",
        "mastery_score": "",
        "interactions_count": "0",
    }
    good = (
        {**_blank, "score_raw": "53"},
        {**_blank, "interactions_count": "3"},
        {**_blank, "mastery_score": None},
        {**_blank, "lesson_status": "incomplete"},
    )
    bad = (_blank,)
