"""What SCORM Cloud (Rustici Engine) does to texts and lists, by its own player."""

import re

import pandas as pd
from pandera.pandas import Check

from scormaudit import VOCABULARY, Rule

_NUMBER = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_TIMESPAN = re.compile(r"[0-9]{2,4}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,2})?")
_LIST = r"[0-9a-z](,[0-9a-z])*"
_PAIRS = r"[0-9a-z]\.[0-9a-z](,[0-9a-z]\.[0-9a-z])*"
_FORMS = {
    "true-false": "[01tf]|true|false",
    "choice": rf"{_LIST}|\{{{_LIST}\}}",
    "numeric": _NUMBER.pattern,
    "likert": "[0-9a-z]",
    "matching": rf"{_PAIRS}|\{{{_PAIRS}\}}",
    "sequencing": _LIST,
    "fill-in": r"(?s).{0,255}",
    "performance": r"(?s).{0,255}",
}


def _identifies(text: str) -> bool:
    return len(text) <= 255 and all(c.isprintable() and not c.isspace() for c in text)


def _answers(rows: pd.DataFrame) -> pd.Series:
    """Whether each answer is blank or of the form of its type; each distinct text is read once."""
    held = pd.Series(True, index=rows.index)
    for kind, form in _FORMS.items():
        texts = rows["student_response"].cat.categories
        wrong = [text for text in texts if text and not re.fullmatch(form, text)]
        held &= ~(rows["type"].eq(kind) & rows["student_response"].isin(wrong))
    return held


class SuspendDataRefused(Rule, code="SCC201"):
    """SCORM Cloud refuses this suspend data, and cuts what it stores.

    The package property `suspendDataMaxLength` is 4096 for SCORM 1.2 unless it is raised: a
    longer text is answered with 405, and one that is already there is trimmed to the limit when
    it is sent to the server. Raise the property before the migration.
    """

    element = "suspend_data"
    check = Check.str_length(0, 4096)
    good = ({"suspend_data": "x" * 4096},)
    bad = ({"suspend_data": "x" * 4097},)


class LocationRefused(Rule, code="SCC202"):
    """SCORM Cloud refuses this lesson location.

    The player takes 255 characters; the bookmark is lost.
    """

    element = "lesson_location"
    check = Check.str_length(0, 255)
    good = ({"lesson_location": "x" * 255},)
    bad = ({"lesson_location": "x" * 256},)


class LanguageCut(Rule, code="SCC203"):
    """SCORM Cloud cuts this language preference.

    It keeps 250 characters of it.
    """

    severity = "warning"
    element = "preference_language"
    check = Check.str_length(0, 250)
    good = ({"preference_language": "English"},)
    bad = ({"preference_language": "x" * 251},)


class StrayRefused(Rule, code="SCC204"):
    """SCORM Cloud has no element of this name in a SCORM 1.2 course.

    Its player answers 401, and the value is lost.
    """

    table = "strays"
    needs = ("value", "element", "record_lesson_status")
    check = Check(
        lambda rows: ~(rows.value.notna() & rows.value.ne("") & rows.record_lesson_status.notna())
    )
    good = (
        {"element": "cmi.score.scaled", "value": "", "record_lesson_status": "passed"},
        {"element": "cmi.score.scaled", "value": "0.8"},
    )
    bad = ({"element": "cmi.score.scaled", "value": "0.8", "record_lesson_status": "passed"},)


class ObjectiveIdRefused(Rule, code="SCC211"):
    """SCORM Cloud refuses this objective's id.

    White space and more than 255 characters are refused; status and score of the objective
    arrive without a name.
    """

    table = "objectives"
    element = "id"
    check = Check(_identifies, element_wise=True)
    good = ({"id": "aim_1"}, {"id": ""})
    bad = ({"id": "a b"},)


class ObjectiveStatusRefused(Rule, code="SCC212"):
    """SCORM Cloud refuses this objective's status.

    It is kept as completion and success, as the lesson status is.
    """

    table = "objectives"
    element = "status"
    check = Check.isin((*VOCABULARY["status"], ""))
    good = ({"status": "passed"}, {"status": ""})
    bad = ({"status": "mastered"},)


class ObjectiveScoreRefused(Rule, code="SCC213"):
    """SCORM Cloud refuses this objective's score.

    It takes a decimal from 0 to 100 or a blank.
    """

    table = "objectives"
    element = "score_raw"
    check = Check(
        lambda text: text == "" or (bool(_NUMBER.fullmatch(text)) and 0 <= float(text) <= 100),
        element_wise=True,
    )
    good = ({"score_raw": "100"}, {"score_raw": ""})
    bad = ({"score_raw": "101"}, {"score_raw": "many"})


class QuestionIdRefused(Rule, code="SCC221"):
    """SCORM Cloud refuses this interaction's id.

    The answer stays, and nobody knows to which question.
    """

    table = "interactions"
    element = "id"
    check = Check(_identifies, element_wise=True)
    good = ({"id": "q1"}, {"id": ""})
    bad = ({"id": "What is 2?"},)


class QuestionTypeRefused(Rule, code="SCC222"):
    """SCORM Cloud refuses this interaction's type.

    In a SCORM 1.2 course it has the eight words alone.
    """

    table = "interactions"
    element = "type"
    check = Check.isin((*VOCABULARY["type"], ""))
    good = ({"type": "choice"}, {"type": ""})
    bad = ({"type": "multiple choice"},)


class AnswerRefused(Rule, code="SCC223"):
    """SCORM Cloud refuses this answer.

    With the property `validateInteractionResponses`, which is on by itself, an answer must have
    the form of its type and at most 255 characters. Turn it off to bring the answer over.
    """

    table = "interactions"
    needs = ("student_response", "type")
    check = Check(_answers)
    good = (
        {"type": "choice", "student_response": "a,b"},
        {"type": "", "student_response": "10"},
    )
    bad = (
        {"type": "choice", "student_response": "10"},
        {"type": "choice", "student_response": "a[,]b"},
        {"type": "fill-in", "student_response": "x" * 256},
    )


class ResultRefused(Rule, code="SCC224"):
    """SCORM Cloud refuses this interaction's result.

    It has the four words of SCORM 1.2 and decimals there; `incorrect` belongs to SCORM 2004.
    """

    table = "interactions"
    element = "result"
    check = Check(
        lambda text: text in (*VOCABULARY["result"], "") or bool(_NUMBER.fullmatch(text)),
        element_wise=True,
    )
    good = ({"result": "wrong"}, {"result": "-1"})
    bad = ({"result": "incorrect"},)


class QuestionDated(Rule, code="SCC225"):
    """SCORM Cloud puts the day of the migration to this interaction's time.

    A time of SCORM 1.2 has no date, and the player takes the day on which it is written
    (`ConvertCmiTimeToIso8601Time`). Keep the date of the attempt beside it.
    """

    severity = "warning"
    table = "interactions"
    element = "time"
    check = Check.eq("")
    good = ({"time": ""},)
    bad = ({"time": "22:30:40"}, {"time": "25:00:00"})


class LatencyRefused(Rule, code="SCC226"):
    """SCORM Cloud refuses this interaction's latency.

    It takes the spelling HHHH:MM:SS.SS alone.
    """

    table = "interactions"
    element = "latency"
    check = Check(lambda text: text == "" or bool(_TIMESPAN.fullmatch(text)), element_wise=True)
    good = ({"latency": "00:00:09.84"}, {"latency": ""})
    bad = ({"latency": "9.84"},)
