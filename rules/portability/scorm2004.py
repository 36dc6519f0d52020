"""What becomes of a record's words as SCORM 2004 (4th Edition), by section of its RTE."""

import pandas as pd
from pandera.pandas import Check

from scormaudit import VOCABULARY, Rule


def _scaled(cmi: pd.DataFrame) -> pd.Series:
    """The scaled score; NaN where there is none."""
    low, high = cmi.score_min_value.fillna(0), cmi.score_max_value.fillna(100)
    inside = cmi.score_raw_value.between(low, high) & low.ne(high)
    return ((cmi.score_raw_value - low) / (high - low)).where(inside)


def _passes(cmi: pd.DataFrame) -> pd.Series:
    return _scaled(cmi).round(7).ge((cmi.mastery_score_value / 100).round(9))


def _told(text: pd.Series) -> pd.Series:
    return text.notna() & text.ne("")


class StatusUntranslated(Rule, code="SFE101"):
    """SCORM 2004 has no status for this word.

    Completion and success are worked out from the six words of SCORM 1.2 (RTE 4.2.4 and 4.2.22);
    from another nothing follows, so the result of the learner is lost.
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


class StatusBrowsed(Rule, code="SFE102"):
    """SCORM 2004 has no status of its own for `browsed`.

    Completion and success are both unknown then, which says less (RTE 4.2.4). Where the mode is
    `browse`, that still tells it.
    """

    severity = "warning"
    element = "lesson_status"
    check = Check.ne("browsed")
    good = ({"lesson_status": "completed"},)
    bad = ({"lesson_status": "browsed"},)


class SuccessRecomputed(Rule, code="SFE103"):
    """SCORM 2004 works out another success than this status.

    With a passing score the scaled score alone decides about success, and without a scaled
    score it is unknown (RTE 4.2.22): what the course said is not asked.
    """

    needs = ("lesson_status", "score_raw", "score_max", "score_min", "mastery_score")
    check = Check(
        lambda cmi: (
            ~(
                cmi.mastery_score_value.between(0, 100)
                & (
                    cmi.lesson_status.eq("passed") & ~_passes(cmi)
                    | cmi.lesson_status.eq("failed") & (_scaled(cmi).isna() | _passes(cmi))
                    | cmi.lesson_status.eq("completed") & _scaled(cmi).notna()
                )
            )
        )
    )
    good = (
        {"lesson_status": "passed", "score_raw": "80", "mastery_score": "80"},
        {"lesson_status": "failed", "score_raw": "79", "mastery_score": "80"},
        {"lesson_status": "passed", "score_raw": "10", "mastery_score": ""},
        {"lesson_status": "completed", "score_raw": "", "mastery_score": "80"},
    )
    bad = (
        {"lesson_status": "passed", "score_raw": "79", "mastery_score": "80"},
        {"lesson_status": "passed", "score_raw": "", "mastery_score": "80"},
        {"lesson_status": "failed", "score_raw": "7", "score_max": "10", "mastery_score": "70"},
        {"lesson_status": "completed", "score_raw": "90", "mastery_score": "80"},
    )


class CreditUntranslated(Rule, code="SFE111"):
    """SCORM 2004 does not know this credit.

    It has `credit` and `no-credit` (RTE 4.2.6); without the word the attempt counts.
    """

    element = "credit"
    check = Check.isin((*VOCABULARY["credit"], ""))
    good = ({"credit": "no-credit"},)
    bad = ({"credit": "no credit"},)


class EntryUntranslated(Rule, code="SFE112"):
    """SCORM 2004 does not know this entry.

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


class ExitUntranslated(Rule, code="SFE113"):
    """SCORM 2004 does not know this exit.

    Only `suspend` lets the learner go on where they were (RTE 4.2.8), and this is none.
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


class ModeUntranslated(Rule, code="SFE114"):
    """SCORM 2004 does not know this lesson mode.

    The word is left out, and the attempt is one in normal mode.
    """

    severity = "warning"
    element = "lesson_mode"
    check = Check.isin((*VOCABULARY["lesson_mode"], ""))
    good = ({"lesson_mode": "review"},)
    bad = ({"lesson_mode": "exam"},)


class LimitUntranslated(Rule, code="SFE115"):
    """SCORM 2004 does not know this time limit action.

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


class DataDropped(Rule, code="SFE116"):
    """SCORM 2004 begins this unfinished lesson anew.

    An attempt goes on only after an exit of `suspend`; after any other the next launch is a new
    attempt with nothing kept (RTE 4.2.8), so the place and the data of the learner are lost.
    """

    needs = ("exit", "lesson_status", "suspend_data", "lesson_location")
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.eq("incomplete")
                & cmi.exit.isin(["", "normal", "time-out", "logout"])
                & (_told(cmi.suspend_data) | _told(cmi.lesson_location))
            )
        )
    )
    good = (
        {"lesson_status": "incomplete", "exit": "suspend", "suspend_data": "p=3"},
        {"lesson_status": "incomplete", "exit": "", "suspend_data": "", "lesson_location": ""},
        {"lesson_status": "passed", "exit": "", "suspend_data": "p=3"},
    )
    bad = (
        {"lesson_status": "incomplete", "exit": "", "suspend_data": "p=3"},
        {"lesson_status": "incomplete", "exit": "time-out", "lesson_location": "slide_9"},
    )
