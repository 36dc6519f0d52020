"""What becomes of a record's words as xAPI statements by cmi5 and the SCORM profile."""

import pandas as pd
from pandera.pandas import Check

from scormaudit import VOCABULARY, Rule


def _scaled(cmi: pd.DataFrame) -> pd.Series:
    """The scaled score; NaN where there is none."""
    low, high = cmi.score_min_value.fillna(0), cmi.score_max_value.fillna(100)
    inside = cmi.score_raw_value.between(low, high) & low.ne(high)
    return ((cmi.score_raw_value - low) / (high - low)).where(inside)


def _passing(cmi: pd.DataFrame) -> pd.Series:
    return (cmi.mastery_score_value / 100).round(9)


class StatusUntranslated(Rule, code="CMV101"):
    """xAPI has no status for this word.

    Completion and success are worked out from the six words of SCORM 1.2 (cmi5 9.3); from
    another nothing follows, so the result of the learner is lost.
    """

    element = "lesson_status"
    check = Check.isin((*VOCABULARY["lesson_status"], ""))
    good = (
        {"lesson_status": "passed"},
        {"lesson_status": ""},
    )
    bad = (
        {"lesson_status": "complete"},
        {"lesson_status": "unknown"},
        {"lesson_status": "Passed "},
    )


class StatusBrowsed(Rule, code="CMV102"):
    """xAPI has no status of its own for `browsed`.

    It becomes `experienced`, which counts for nothing. Where the mode is `browse`, that still
    tells it.
    """

    severity = "warning"
    element = "lesson_status"
    check = Check.ne("browsed")
    good = ({"lesson_status": "completed"},)
    bad = ({"lesson_status": "browsed"},)


class ResultContradicted(Rule, code="CMV103"):
    """cmi5 takes no such result beside its mastery score.

    `passed` needs a scaled score that reaches the mastery score and `failed` one below it (cmi5
    9.3.4, 9.3.5); an LMS refuses the statement, which is left outside cmi5 here.
    """

    needs = ("lesson_status", "score_raw", "score_max", "score_min", "mastery_score")
    check = Check(
        lambda cmi: (
            ~(
                cmi.mastery_score_value.between(0, 100)
                & (
                    cmi.lesson_status.eq("passed") & _scaled(cmi).round(7).lt(_passing(cmi))
                    | cmi.lesson_status.eq("failed") & _scaled(cmi).round(7).ge(_passing(cmi))
                )
            )
        )
    )
    good = (
        {"lesson_status": "passed", "score_raw": "80", "mastery_score": "80"},
        {"lesson_status": "passed", "score_raw": "", "mastery_score": "80"},
        {"lesson_status": "completed", "score_raw": "10", "mastery_score": "80"},
    )
    bad = (
        {"lesson_status": "passed", "score_raw": "79", "mastery_score": "80"},
        {"lesson_status": "failed", "score_raw": "80", "mastery_score": "80"},
    )


class ResultOfBrowsing(Rule, code="CMV104"):
    """cmi5 takes no result from a browse or a review.

    An LMS refuses `completed`, `passed` and `failed` where the launch mode is not Normal (cmi5
    10.2.2), so the statement is left outside cmi5 and counts for nothing.
    """

    needs = ("lesson_status", "lesson_mode")
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.isin(["passed", "completed", "failed"])
                & cmi.lesson_mode.isin(["browse", "review"])
            )
        )
    )
    good = (
        {"lesson_status": "browsed", "lesson_mode": "browse"},
        {"lesson_status": "passed", "lesson_mode": "normal"},
    )
    bad = ({"lesson_status": "completed", "lesson_mode": "browse"},)


class ResultUndated(Rule, code="CMV105"):
    """cmi5 takes no result without a date.

    Every statement has a timestamp (cmi5 9.7), and this record has no start that can be read.
    """

    needs = ("start_date_utc", "lesson_status")
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.isin(["passed", "completed", "failed", "incomplete"])
                & cmi.start_utc.isna()
            )
        )
    )
    good = (
        {"lesson_status": "passed", "start_date_utc": "2026-03-02T10:00:00Z"},
        {"lesson_status": "not attempted", "start_date_utc": None},
    )
    bad = ({"lesson_status": "passed", "start_date_utc": "yesterday"}, {"lesson_status": "failed"})


class ResultUntimed(Rule, code="CMV106"):
    """cmi5 takes no result without a duration.

    `completed`, `passed`, `failed` and `terminated` have one (cmi5 9.5.4), and this record has
    no total time.
    """

    needs = ("total_time", "lesson_status")
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.isin(["passed", "completed", "failed", "incomplete"])
                & cmi.total_time_seconds.isna()
            )
        )
    )
    good = (
        {"lesson_status": "passed", "total_time": "00:10:00"},
        {"lesson_status": "not attempted", "total_time": ""},
    )
    bad = (
        {"lesson_status": "passed", "total_time": ""},
        {"lesson_status": "failed", "total_time": "5:00"},
    )


class CreditUntranslated(Rule, code="CMV111"):
    """xAPI does not know this credit.

    It has `credit` and `no-credit` (the SCORM profile's attempt state); without the word the
    attempt counts.
    """

    element = "credit"
    check = Check.isin((*VOCABULARY["credit"], ""))
    good = ({"credit": "no-credit"},)
    bad = ({"credit": "no credit"},)


class EntryUntranslated(Rule, code="CMV112"):
    """xAPI does not know this entry.

    The word is left out; it follows from the exit of the last session.
    """

    severity = "warning"
    element = "entry"
    check = Check.isin(VOCABULARY["entry"])
    good = (
        {"entry": "resume"},
        {"entry": ""},
    )
    bad = ({"entry": "ab-inito"},)


class ExitUntranslated(Rule, code="CMV113"):
    """xAPI does not know this exit.

    Only `suspend` lets the learner go on where they were (the SCORM profile), and this is none.
    """

    element = "exit"
    check = Check.isin((*VOCABULARY["exit"], "normal"))
    good = (
        {"exit": "suspend"},
        {"exit": "normal"},
        {"exit": ""},
    )
    bad = (
        {"exit": "Suspend"},
        {"exit": "resume"},
    )


class ModeUntranslated(Rule, code="CMV114"):
    """xAPI does not know this lesson mode.

    The word is left out, and the attempt is one in normal mode.
    """

    severity = "warning"
    element = "lesson_mode"
    check = Check.isin((*VOCABULARY["lesson_mode"], ""))
    good = ({"lesson_mode": "review"},)
    bad = ({"lesson_mode": "exam"},)


class LimitUntranslated(Rule, code="CMV115"):
    """xAPI does not know this time limit action.

    It has the four phrases of SCORM 1.2; the package says it again.
    """

    severity = "info"
    element = "time_limit_action"
    check = Check.isin((*VOCABULARY["time_limit_action"], ""))
    good = (
        {"time_limit_action": "exit,message"},
        {"time_limit_action": ""},
    )
    bad = ({"time_limit_action": "exit, message"},)
