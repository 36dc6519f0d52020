"""What a SCORM 1.2 run-time that enforces the specification does to texts and lists (RTE 3-19)."""

import re

import pandas as pd
from pandera.pandas import Check

from scormaudit import VOCABULARY, Rule, centiseconds

_DECIMAL = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,2})?")
_LIST = r"[0-9a-z](,[0-9a-z])*"
_PAIRS = r"[0-9a-z]\.[0-9a-z](,[0-9a-z]\.[0-9a-z])*"
_FORMS = {
    "true-false": "[01tf]|true|false",
    "choice": rf"{_LIST}|\{{{_LIST}\}}",
    "numeric": _DECIMAL.pattern,
    "likert": "[0-9a-z]",
    "matching": rf"{_PAIRS}|\{{{_PAIRS}\}}",
    "sequencing": _LIST,
    "fill-in": r"(?s).{0,255}",
    "performance": r"(?s).{0,255}",
}


def _identifies(text: str) -> bool:
    return len(text) <= 255 and all(c.isprintable() and not c.isspace() for c in text)


def _score(text: str) -> bool:
    return text == "" or (_DECIMAL.fullmatch(text) is not None and 0 <= float(text) <= 100)


def _answers(rows: pd.DataFrame, column: str) -> pd.Series:
    """Whether each answer is blank or of the form of its type; each distinct text is read once."""
    held = pd.Series(True, index=rows.index)
    for kind, form in _FORMS.items():
        texts = rows[column].cat.categories
        wrong = [text for text in texts if text and not re.fullmatch(form, text)]
        held &= ~(rows["type"].eq(kind) & rows[column].isin(wrong))
    return held


class SuspendDataRefused(Rule, code="STR201"):
    """A strict run-time refuses this suspend data.

    It takes 4096 characters (RTE 3-33) and keeps the last value it took, so the course resumes
    at an old place or anew.
    """

    page = "3-33"
    element = "suspend_data"
    check = Check.str_length(0, 4096)
    good = ({"suspend_data": "x" * 4096}, {"suspend_data": ""})
    bad = ({"suspend_data": "x" * 4097},)


class LocationRefused(Rule, code="STR202"):
    """A strict run-time refuses this lesson location.

    It takes 255 characters (RTE 3-22); the bookmark is lost.
    """

    page = "3-22"
    element = "lesson_location"
    check = Check.str_length(0, 255)
    good = ({"lesson_location": "x" * 255},)
    bad = ({"lesson_location": "x" * 256},)


class CommentsRefused(Rule, code="STR203"):
    """A strict run-time refuses these comments in one piece.

    It takes 4096 characters a time (RTE 3-35) and joins what is set one after another, so the
    text can be brought over in pieces.
    """

    severity = "warning"
    page = "3-35"
    element = "comments"
    check = Check.str_length(0, 4096)
    good = ({"comments": "x" * 4096},)
    bad = ({"comments": "x" * 4097},)


class SuspendDataBeyondAscii(Rule, code="STR204"):
    """A run-time strict to the letter refuses suspend data beyond ASCII.

    The type is a set of ASCII characters (RTE 3-58). Run-times that were tried take others, so
    try one record before you count it lost.
    """

    severity = "warning"
    page = "3-58"
    element = "suspend_data"
    check = Check(str.isascii, element_wise=True)
    good = ({"suspend_data": "p=3"}, {"suspend_data": ""})
    bad = ({"suspend_data": "name=Zoë"},)


class LocationBeyondAscii(Rule, code="STR205"):
    """A run-time strict to the letter refuses a lesson location beyond ASCII.

    As with suspend data, the type has ASCII characters alone (RTE 3-58).
    """

    severity = "warning"
    page = "3-58"
    element = "lesson_location"
    check = Check(str.isascii, element_wise=True)
    good = ({"lesson_location": "slide_9"},)
    bad = ({"lesson_location": "Ã¼bung"},)


class StrayRefused(Rule, code="STR207"):
    """A strict run-time has no element of this name.

    A name beyond the data model is answered with 201 or 401 (RTE 3-14), and its value is lost.
    """

    page = "3-14"
    table = "strays"
    needs = ("value", "element", "record_lesson_status")
    check = Check(
        lambda rows: ~(rows.value.notna() & rows.value.ne("") & rows.record_lesson_status.notna())
    )
    good = (
        {"element": "cmi.score.scaled", "value": "", "record_lesson_status": "passed"},
        {"element": "cmi.score.scaled", "value": "0.8"},
    )
    bad = (
        {"element": "cmi.score.scaled", "value": "0.8", "record_lesson_status": "passed"},
        {"element": "cmi.interactions.NaN.id", "value": "q", "record_lesson_status": "passed"},
    )


class ObjectiveIdRefused(Rule, code="STR211"):
    """A strict run-time refuses this objective's id.

    An id has no white space and at most 255 characters (RTE 3-38). Without an id nobody can
    tell which objective its status and score belong to.
    """

    page = "3-38"
    table = "objectives"
    element = "id"
    check = Check(_identifies, element_wise=True)
    good = ({"id": "aim_1"}, {"id": ""})
    bad = ({"id": "a b"},)


class ObjectiveStatusRefused(Rule, code="STR212"):
    """A strict run-time refuses this objective's status.

    The words are those of the lesson status (RTE 3-41); the objective arrives without one.
    """

    page = "3-41"
    table = "objectives"
    element = "status"
    check = Check.isin((*VOCABULARY["status"], ""))
    good = ({"status": "passed"}, {"status": ""})
    bad = ({"status": "mastered"},)


class ObjectiveScoreRefused(Rule, code="STR213"):
    """A strict run-time refuses this objective's score.

    Blank or a decimal from 0 to 100 (RTE 3-39).
    """

    page = "3-39"
    table = "objectives"
    element = "score_raw"
    check = Check(_score, element_wise=True)
    good = ({"score_raw": "100"}, {"score_raw": ""})
    bad = ({"score_raw": "101"}, {"score_raw": "85%"})


class QuestionIdRefused(Rule, code="STR221"):
    """A strict run-time refuses this interaction's id.

    An id has no white space and at most 255 characters (RTE 3-49); the answer stays, and
    nobody knows to which question.
    """

    page = "3-49"
    table = "interactions"
    element = "id"
    check = Check(_identifies, element_wise=True)
    good = ({"id": "q1"}, {"id": ""})
    bad = ({"id": "What is 2?"},)


class QuestionTypeRefused(Rule, code="STR222"):
    """A strict run-time refuses this interaction's type.

    It has eight words (RTE 3-52), and what the answer means hangs on them.
    """

    page = "3-52"
    table = "interactions"
    element = "type"
    check = Check.isin((*VOCABULARY["type"], ""))
    good = ({"type": "choice"}, {"type": ""})
    bad = ({"type": "multiple choice"}, {"type": "long-fill-in"})


class AnswerRefused(Rule, code="STR223"):
    """A strict run-time refuses this answer.

    It must have the form of its type, and 255 characters at most (RTE 3-55, 3-58). What the
    learner answered is lost.
    """

    page = "3-55"
    table = "interactions"
    needs = ("student_response", "type")
    check = Check(lambda rows: _answers(rows, "student_response"))
    good = (
        {"type": "choice", "student_response": "{a,b}"},
        {"type": "fill-in", "student_response": "a lake"},
        {"type": "", "student_response": "10"},
    )
    bad = (
        {"type": "choice", "student_response": "10"},
        {"type": "matching", "student_response": "1[.]c"},
        {"type": "fill-in", "student_response": "x" * 256},
    )


class PatternRefused(Rule, code="STR224"):
    """A strict run-time refuses this correct response.

    It must have the form of its type as well (RTE 3-53). The course writes it again.
    """

    severity = "warning"
    page = "3-53"
    table = "correct_responses"
    needs = ("pattern", "type")
    check = Check(lambda rows: _answers(rows, "pattern"))
    good = ({"type": "choice", "pattern": "a"},)
    bad = ({"type": "choice", "pattern": "12"},)


class ResultRefused(Rule, code="STR225"):
    """A strict run-time refuses this interaction's result.

    It has four words and decimals (RTE 3-56); `incorrect` is not among them, so the mistakes of
    the learner are lost, and right answers stay.
    """

    page = "3-56"
    table = "interactions"
    element = "result"
    check = Check(
        lambda text: text in (*VOCABULARY["result"], "") or bool(_DECIMAL.fullmatch(text)),
        element_wise=True,
    )
    good = ({"result": "wrong"}, {"result": "0.5"})
    bad = ({"result": "incorrect"},)


class QuestionTimeRefused(Rule, code="STR226"):
    """A strict run-time refuses this interaction's time.

    It is a time of day on the 24 hour clock (RTE 3-51).
    """

    page = "3-51"
    table = "interactions"
    element = "time"
    check = Check(lambda text: text == "" or bool(_TIME.fullmatch(text)), element_wise=True)
    good = ({"time": "22:30:40.5"}, {"time": ""})
    bad = ({"time": "24:00:00"}, {"time": "2020-08-13T08:48:17.0Z"})


class LatencyRefused(Rule, code="STR227"):
    """A strict run-time refuses this interaction's latency.

    It is a timespan (RTE 3-56).
    """

    page = "3-56"
    table = "interactions"
    element = "latency"
    check = Check(lambda text: text == "" or centiseconds(text) is not None, element_wise=True)
    good = ({"latency": "00:00:09.84"}, {"latency": ""})
    bad = ({"latency": "9.84"},)
