"""What a SCORM 1.2 run-time that enforces the specification does to a record (RTE 3-15 to 3-48)."""

import re

import pandas as pd
from pandera.pandas import Check

from scormaudit import VOCABULARY, Rule, centiseconds

_DECIMAL = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_PLAIN = re.compile(r"[A-Za-z0-9_-]{0,255}")
_LONGEST = 9999 * 3600 + 99 * 60 + 99.99


def _score(text: str) -> bool:
    """Blank, or a decimal from 0 to 100."""
    return text == "" or (_DECIMAL.fullmatch(text) is not None and 0 <= float(text) <= 100)


def _timespan(text: str) -> bool:
    return text == "" or centiseconds(text) is not None


def _visited(cmi: pd.DataFrame) -> pd.Series:
    """Records with a trace of a session: time, a score or an answer."""
    return (
        cmi.total_time_seconds.gt(0)
        | cmi.session_time_seconds.gt(0)
        | cmi.score_raw_value.notna()
        | cmi.interactions_count_value.gt(0)
    )


class StatusRefused(Rule, code="STR101"):
    """A strict run-time refuses this lesson status.

    Only the six words are of the type, and any other is answered with error 405 (RTE 3-24):
    the record arrives without a status, and the result of the learner is lost.
    """

    page = "3-24"
    element = "lesson_status"
    check = Check.isin(VOCABULARY["lesson_status"])
    good = ({"lesson_status": "passed"}, {"lesson_status": "not attempted"})
    bad = ({"lesson_status": "complete"}, {"lesson_status": "Passed"}, {"lesson_status": "p"})


class StatusSetByFinish(Rule, code="STR102"):
    """A strict run-time makes `completed` of this `not attempted` at the next visit.

    No course may set `not attempted`, and at the end of a session in which the course said
    nothing the LMS has to put `completed` (RTE 3-25). This record has the traces of a
    session, so the status cannot stay what it is.
    """

    page = "3-25"
    needs = (
        "lesson_status", "total_time", "session_time", "score_raw", "interactions_count",
    )  # fmt: skip
    check = Check(lambda cmi: ~(cmi.lesson_status.eq("not attempted") & _visited(cmi)))
    good = (
        {"lesson_status": "not attempted", "total_time": "0000:00:00.00", "session_time": ""},
        {"lesson_status": "incomplete", "total_time": "00:10:00"},
    )
    bad = (
        {"lesson_status": "not attempted", "total_time": "00:10:00"},
        {"lesson_status": "not attempted", "session_time": "00:00:01"},
        {"lesson_status": "not attempted", "interactions_count": "1"},
    )


class StatusSetByMastery(Rule, code="STR103"):
    """A strict run-time changes this status by the mastery score.

    For credit and in normal mode a raw score that reaches the mastery score is passed and one
    below it failed (RTE 3-24, rule 1); only `incomplete`, set by the course, stays.
    """

    page = "3-24"
    needs = ("lesson_status", "score_raw", "mastery_score", "credit", "lesson_mode")
    check = Check(
        lambda cmi: (
            ~(
                cmi.credit.ne("no-credit")
                & ~cmi.lesson_mode.isin(["browse", "review"])
                & (
                    cmi.lesson_status.isin(["failed", "completed"])
                    & cmi.score_raw_value.ge(cmi.mastery_score_value)
                    | cmi.lesson_status.isin(["passed", "completed"])
                    & cmi.score_raw_value.lt(cmi.mastery_score_value)
                )
            )
        )
    )
    _told = {"mastery_score": "80", "score_raw": "79"}
    good = (
        {**_told, "lesson_status": "failed"},
        {**_told, "lesson_status": "incomplete"},
        {**_told, "lesson_status": "completed", "score_raw": ""},
        {**_told, "lesson_status": "completed", "mastery_score": ""},
        {**_told, "lesson_status": "passed", "credit": "no-credit"},
    )
    bad = (
        {**_told, "lesson_status": "passed"},
        {**_told, "lesson_status": "completed"},
        {**_told, "lesson_status": "failed", "score_raw": "80"},
    )


class ExitRefused(Rule, code="STR111"):
    """A strict run-time refuses this exit.

    The words are `time-out`, `suspend`, `logout` and blank (RTE 3-31). A misspelt `suspend` is
    no exit, so the next visit begins anew and what the learner had done is not resumed.
    """

    page = "3-31"
    element = "exit"
    check = Check.isin((*VOCABULARY["exit"], "normal"))
    good = ({"exit": "suspend"}, {"exit": ""}, {"exit": "normal"})
    bad = ({"exit": "Suspend"}, {"exit": "resume"})


class ExitNormal(Rule, code="STR112"):
    """A strict run-time refuses the exit `normal`, and takes it for blank.

    It is the word of SCORM 2004 for what SCORM 1.2 spells as a blank (RTE 3-31). An exit that
    was never set means the same, so nothing is lost but the word.
    """

    severity = "warning"
    page = "3-31"
    element = "exit"
    check = Check.ne("normal")
    good = ({"exit": ""}, {"exit": "Normal"})
    bad = ({"exit": "normal"},)


class CreditRefused(Rule, code="STR113"):
    """A strict run-time does not know this credit.

    It has `credit` and `no-credit` (RTE 3-23) and sets its own where it gets another word. An
    attempt without credit is then judged by the mastery score like one with it.
    """

    page = "3-23"
    element = "credit"
    check = Check.isin(VOCABULARY["credit"])
    good = ({"credit": "credit"}, {"credit": "no-credit"})
    bad = ({"credit": "no credit"}, {"credit": "true"})


class EntryRecomputed(Rule, code="STR114"):
    """A strict run-time does not know this entry, and sets its own.

    It follows from the exit of the last session (RTE 3-26), so the word is lost and its meaning
    comes back with the exit.
    """

    severity = "warning"
    page = "3-26"
    element = "entry"
    check = Check.isin(VOCABULARY["entry"])
    good = ({"entry": "resume"}, {"entry": ""})
    bad = ({"entry": "ab-inito"},)


class ModeRecomputed(Rule, code="STR115"):
    """A strict run-time does not know this lesson mode, and takes it for `normal`.

    A reviewer's visit is then an attempt (RTE 3-31).
    """

    severity = "warning"
    page = "3-30"
    element = "lesson_mode"
    check = Check.isin(VOCABULARY["lesson_mode"])
    good = ({"lesson_mode": "browse"},)
    bad = ({"lesson_mode": "exam"}, {"lesson_mode": "Normal"})


class ScoreRefused(Rule, code="STR121"):
    """A strict run-time refuses this raw score.

    A score is blank or a decimal from 0 to 100; an out-of-range number is answered with 405 like
    a word (RTE 3-27). The score of the learner is lost.
    """

    page = "3-27"
    element = "score_raw"
    check = Check(_score, element_wise=True)
    good = ({"score_raw": ""}, {"score_raw": "85.5"})
    bad = ({"score_raw": "150"}, {"score_raw": "85,5"}, {"score_raw": "NaN"}, {"score_raw": "-5"})


class MaximumRefused(Rule, code="STR122"):
    """A strict run-time refuses this maximum score.

    It is a percentage as well (RTE 3-28); without it points are taken for percent.
    """

    page = "3-28"
    element = "score_max"
    check = Check(_score, element_wise=True)
    good = ({"score_max": ""}, {"score_max": "100"})
    bad = ({"score_max": "200"},)


class MinimumRefused(Rule, code="STR123"):
    """A strict run-time refuses this minimum score.

    It is a percentage as well (RTE 3-29).
    """

    page = "3-29"
    element = "score_min"
    check = Check(_score, element_wise=True)
    good = ({"score_min": ""}, {"score_min": "0"})
    bad = ({"score_min": "-5"},)


class TotalRefused(Rule, code="STR131"):
    """A strict run-time cannot keep this total time.

    The type is HHHH:MM:SS.SS with two to four digits of hours (RTE 3-29, 3-58), so ISO 8601,
    missing zeros and more than 9999 hours all fail. The time learned is lost.
    """

    page = "3-29"
    element = "total_time"
    check = Check(lambda text: centiseconds(text) is not None, element_wise=True)
    good = ({"total_time": "0000:10:00.00"}, {"total_time": "00:61:05"})
    bad = ({"total_time": "10049:00:00.00"}, {"total_time": "PT10M"}, {"total_time": "0:05:00"})


class SessionRefused(Rule, code="STR132"):
    """A strict run-time refuses this session time.

    A session whose time was refused (405) is never added to the total time (RTE 3-32).
    """

    page = "3-32"
    element = "session_time"
    check = Check(_timespan, element_wise=True)
    good = ({"session_time": ""}, {"session_time": "00:10:00.9"})
    bad = ({"session_time": "-00:00:05"}, {"session_time": "5:00"})


class TotalBeyond(Rule, code="STR133"):
    """The next session of its kind takes the total time beyond what can be spelled.

    The type ends at 9999:99:99.99 (RTE 3-58): what comes after is cut to it or refused.
    """

    severity = "warning"
    page = "3-58"
    needs = ("total_time", "session_time")
    check = Check(lambda cmi: ~((cmi.total_time_seconds + cmi.session_time_seconds).ge(_LONGEST)))
    good = ({"total_time": "0050:00:00", "session_time": "9000:00:00"}, {"total_time": "00:10:00"})
    bad = (
        {"total_time": "0050:00:00", "session_time": "9999:00:00"},
        {"total_time": "9999:99:99.99", "session_time": "00:10:00"},
    )


class StudentIdRefused(Rule, code="STR141"):
    """A strict run-time has no learner with this student id.

    Besides letters and digits it may have `-` and `_`, and periods are ruled out by name (RTE
    3-21). The id is not the learner's evidence, but records are found by it.
    """

    severity = "warning"
    page = "3-21"
    element = "student_id"
    check = Check(lambda text: _PLAIN.fullmatch(text) is not None, element_wise=True)
    good = ({"student_id": "stu_1"}, {"student_id": ""})
    bad = ({"student_id": "anna.learner"}, {"student_id": "anna@example.org"})
