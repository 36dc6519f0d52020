"""What SCORM Cloud (Rustici Engine) does to a record, by the functions of its own player."""

import re

import pandas as pd
from pandera.pandas import Check

from scormaudit import VOCABULARY, Rule

_NUMBER = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_TIMESPAN = re.compile(r"[0-9]{2,4}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,2})?")
_HUNDREDTHS = re.compile(r"[0-9:]+\.0[1-9]")
_MONTH = 730.5 * 3600
_YEAR = 12 * _MONTH


def _score(text: str) -> bool:
    """Blank, or a decimal from 0 to 100."""
    return text == "" or (_NUMBER.fullmatch(text) is not None and 0 <= float(text) <= 100)


def _timespan(text: str) -> bool:
    return text == "" or _TIMESPAN.fullmatch(text) is not None


def _visited(cmi: pd.DataFrame) -> pd.Series:
    """Records with a trace of a session: time, a score or an answer."""
    return (
        cmi.total_time_seconds.gt(0)
        | cmi.session_time_seconds.gt(0)
        | cmi.score_raw_value.notna()
        | cmi.interactions_count_value.gt(0)
    )


class StatusRefused(Rule, code="SCC101"):
    """SCORM Cloud refuses this lesson status.

    The player keeps a status as completion and success, and has no pair for any other than the
    six words (`TranslateSingleStatusIntoCompletion`): the result arrives as unknown.
    """

    element = "lesson_status"
    check = Check.isin(VOCABULARY["lesson_status"])
    good = ({"lesson_status": "browsed"},)
    bad = ({"lesson_status": "complete"}, {"lesson_status": "unknown"}, {"lesson_status": ""})


class StatusSetByFinish(Rule, code="SCC102"):
    """SCORM Cloud sets this status itself at the next finish.

    A status that was never set is decided there: by the mastery score where there are both it
    and a raw score, else as completed (Rustici support 206167486).
    """

    needs = (
        "lesson_status", "total_time", "session_time", "score_raw", "interactions_count",
    )  # fmt: skip
    check = Check(lambda cmi: ~(cmi.lesson_status.eq("not attempted") & _visited(cmi)))
    good = ({"lesson_status": "not attempted", "total_time": "0000:00:00.00"},)
    bad = ({"lesson_status": "not attempted", "total_time": "00:10:00"},)


class StatusSetByScore(Rule, code="SCC103"):
    """SCORM Cloud changes this status where its score overrides the status.

    By itself the player lets the word of a course stand; with the package property
    `scoreOverridesStatus` the mastery score decides. Leave it off, and nothing changes.
    """

    severity = "warning"
    needs = ("lesson_status", "score_raw", "mastery_score", "credit")
    check = Check(
        lambda cmi: (
            ~(
                cmi.credit.ne("no-credit")
                & (
                    cmi.lesson_status.ne("passed") & cmi.score_raw_value.ge(cmi.mastery_score_value)
                    | cmi.lesson_status.ne("failed")
                    & cmi.score_raw_value.lt(cmi.mastery_score_value)
                )
            )
        )
    )
    good = (
        {"lesson_status": "failed", "score_raw": "79", "mastery_score": "80"},
        {"lesson_status": "completed", "score_raw": "", "mastery_score": "80"},
    )
    bad = (
        {"lesson_status": "passed", "score_raw": "10", "mastery_score": "80"},
        {"lesson_status": "incomplete", "score_raw": "79", "mastery_score": "80"},
    )


class FailedIsCompleted(Rule, code="SCC104"):
    """SCORM Cloud keeps this `failed` as failed and completed.

    SCORM 1.2 says nothing of the completion of a failed lesson. The player puts completed,
    unless the property `completionStatOfFailedSuccessStat` says incomplete; the status reads
    failed again.
    """

    severity = "info"
    element = "lesson_status"
    check = Check.ne("failed")
    good = ({"lesson_status": "passed"},)
    bad = ({"lesson_status": "failed"},)


class ScoreNotShown(Rule, code="SCC105"):
    """SCORM Cloud shows no result for the score of this unfinished course.

    A score before completion counts only where the property `isIncompleteScoreMeaningful` says
    so; other systems have read it as the end of the course (Rustici support 206166406).
    """

    severity = "warning"
    needs = ("lesson_status", "score_raw")
    check = Check(lambda cmi: ~(cmi.lesson_status.eq("incomplete") & cmi.score_raw_value.gt(0)))
    good = (
        {"lesson_status": "incomplete", "score_raw": ""},
        {"lesson_status": "passed", "score_raw": "90"},
    )
    bad = ({"lesson_status": "incomplete", "score_raw": "55"},)


class ExitRefused(Rule, code="SCC111"):
    """SCORM Cloud does not know this exit, so it does not resume.

    It has `time-out`, `suspend`, `logout` and normal, which it takes for the blank.
    """

    element = "exit"
    check = Check.isin((*VOCABULARY["exit"], "normal"))
    good = ({"exit": "suspend"}, {"exit": "normal"})
    bad = ({"exit": "Suspend"}, {"exit": "resume"})


class EntryRecomputed(Rule, code="SCC112"):
    """SCORM Cloud makes this entry from the exit.

    A word that it does not know is lost; its meaning comes back with the exit.
    """

    severity = "warning"
    element = "entry"
    check = Check.isin(VOCABULARY["entry"])
    good = ({"entry": "resume"},)
    bad = ({"entry": "ab-inito"},)


class CreditRefused(Rule, code="SCC113"):
    """SCORM Cloud does not know this credit.

    With another word than its two an attempt is one for credit, and its score counts.
    """

    element = "credit"
    check = Check.isin(VOCABULARY["credit"])
    good = ({"credit": "no-credit"},)
    bad = ({"credit": "no credit"},)


class ScoreRefused(Rule, code="SCC121"):
    """SCORM Cloud refuses this raw score.

    The player takes a decimal from 0 to 100 or a blank, which it keeps as no score. Points above
    100 are answered with 405 and lost.
    """

    element = "score_raw"
    check = Check(_score, element_wise=True)
    good = ({"score_raw": ""}, {"score_raw": "100"})
    bad = ({"score_raw": "150"}, {"score_raw": "NaN"}, {"score_raw": "85%"})


class MaximumRefused(Rule, code="SCC122"):
    """SCORM Cloud refuses this maximum score.

    It is a decimal from 0 to 100 as well; without it points are taken for percent.
    """

    element = "score_max"
    check = Check(_score, element_wise=True)
    good = ({"score_max": "10"},)
    bad = ({"score_max": "200"},)


class ScoreInPoints(Rule, code="SCC123"):
    """SCORM Cloud takes the points of this score for percent.

    Its scaled score is a hundredth of the raw score, unless the property `scaleRawScore` says to
    use the minimum and the maximum. Turn it on before the migration.
    """

    severity = "warning"
    needs = ("score_raw", "score_max")
    check = Check(
        lambda cmi: (
            ~(cmi.score_raw_value.gt(0) & cmi.score_max_value.notna() & cmi.score_max_value.ne(100))
        )
    )
    good = ({"score_raw": "70", "score_max": "100"}, {"score_raw": "7", "score_max": ""})
    bad = ({"score_raw": "7", "score_max": "10"},)


class TotalRefused(Rule, code="SCC131"):
    """SCORM Cloud cannot read this total time.

    It counts in hundredths of a second what is spelled HHHH:MM:SS.SS, and nothing else.
    """

    element = "total_time"
    check = Check(_timespan, element_wise=True)
    good = ({"total_time": "00:61:05"}, {"total_time": "9999:99:99.99"})
    bad = ({"total_time": "PT10M"}, {"total_time": "10049:00:00"}, {"total_time": "0:05:00"})


class TotalLosesMonths(Rule, code="SCC132"):
    """SCORM Cloud's player loses the months of this total time.

    `ConvertHundredthsToIso8601TimeSpan` takes out the whole months of 730.5 hours and, by a slip
    in the condition, never writes them: 800 hours become 69.5.
    """

    needs = ("total_time",)
    check = Check(lambda cmi: ~(cmi.total_time_seconds % _YEAR).ge(_MONTH))
    good = (
        {"total_time": "0730:29:59.99"},
        {"total_time": "8766:00:00"},
        {"total_time": "PT1000H"},
        {"total_time": None},
    )
    bad = (
        {"total_time": "0730:30:00"},
        {"total_time": "0800:00:00"},
        {"total_time": "9999:99:99.99"},
    )


class TotalHundredths(Rule, code="SCC133"):
    """SCORM Cloud's player writes the hundredths of this total time without their zero.

    `.05` becomes `.5` in the duration it keeps, which reads as half a second: up to 0.81 seconds
    are added (`ConvertHundredthsToIso8601TimeSpan`).
    """

    severity = "warning"
    element = "total_time"
    check = Check(lambda text: _HUNDREDTHS.fullmatch(text) is None, element_wise=True)
    good = ({"total_time": "00:00:01.50"}, {"total_time": "00:00:01.00"})
    bad = ({"total_time": "00:00:01.05"},)


class SessionRefused(Rule, code="SCC134"):
    """SCORM Cloud refuses this session time.

    A session whose time was refused is never added to the total time.
    """

    element = "session_time"
    check = Check(_timespan, element_wise=True)
    good = ({"session_time": ""}, {"session_time": "00:10:00.9"})
    bad = ({"session_time": "PT10M"}, {"session_time": "-00:00:05"})
