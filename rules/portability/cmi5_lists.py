"""What becomes of objectives and interactions as xAPI statements."""

import re

import pandas as pd
from pandera.pandas import Check

from scormaudit import VOCABULARY, Rule, centiseconds

_DECIMAL = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_ID = r"[^\s,\[\]{}]{1,250}"
_WORD = r"[^\s,.\[\]{}]{1,250}"
_LIST = rf"{_ID}((,|\[,\]){_ID})*"
_PAIRS = rf"{_WORD}\.{_WORD}(,{_WORD}\.{_WORD})*"
_NEW_PAIRS = rf"{_ID}\[\.\]{_ID}(\[,\]{_ID}\[\.\]{_ID})*"
_FREE = r"(?s)(?!\{(lang|case_matters|order_matters)=)(?!.*\[[.,:]\]).{0,4000}"
_FORMS = {
    "true-false": "[01tf]|true|false",
    "choice": rf"{_LIST}|\{{{_LIST}\}}",
    "numeric": _DECIMAL.pattern,
    "likert": _ID,
    "matching": rf"{_PAIRS}|\{{{_PAIRS}\}}|{_NEW_PAIRS}",
    "sequencing": _LIST,
    "fill-in": _FREE,
    "performance": _FREE,
}


def _number(text: str) -> bool:
    return text == "" or (len(text) <= 40 and _DECIMAL.fullmatch(text) is not None)


def _answers(rows: pd.DataFrame, column: str) -> pd.Series:
    """Whether each answer is blank, or of the form of its type; without a type none is."""
    told = rows[column].notna() & rows[column].ne("")
    read = ~told
    for kind, form in _FORMS.items():
        texts = rows[column].cat.categories
        right = [text for text in texts if re.fullmatch(form, text)]
        read |= rows["type"].eq(kind) & rows[column].isin(right)
    return read


class ObjectiveUnnamed(Rule, code="CMV201"):
    """xAPI knows this objective by its index alone.

    Without an id it is another objective whenever the order changes.
    """

    severity = "warning"
    table = "objectives"
    element = "id"
    check = Check.ne("")
    good = (
        {"id": "aim_1"},
        {"id": "a b"},
    )
    bad = ({"id": ""},)


class ObjectiveUntranslated(Rule, code="CMV203"):
    """xAPI has no status for this objective's word.

    Completion and success follow from the six words alone.
    """

    table = "objectives"
    element = "status"
    check = Check.isin((*VOCABULARY["status"], ""))
    good = (
        {"status": "passed"},
        {"status": ""},
    )
    bad = ({"status": "mastered"},)


class ObjectiveBrowsed(Rule, code="CMV204"):
    """xAPI has no status of its own for a browsed objective.

    It is neither completed nor passed there.
    """

    severity = "info"
    table = "objectives"
    element = "status"
    check = Check.ne("browsed")
    good = ({"status": "completed"},)
    bad = ({"status": "browsed"},)


class ObjectiveScoreUntranslated(Rule, code="CMV205"):
    """xAPI cannot have this objective's score.

    It is no number.
    """

    table = "objectives"
    element = "score_raw"
    check = Check(_number, element_wise=True)
    good = (
        {"score_raw": "101"},
        {"score_raw": ""},
    )
    bad = ({"score_raw": "85%"},)


class QuestionUnnamed(Rule, code="CMV211"):
    """xAPI knows this interaction by its index alone.

    Without an id it is another question whenever the order changes. White space is percent-
    encoded and comes back.
    """

    severity = "warning"
    table = "interactions"
    element = "id"
    check = Check.ne("")
    good = (
        {"id": "q1"},
        {"id": "What is 2?"},
    )
    bad = ({"id": ""},)


class QuestionUntyped(Rule, code="CMV212"):
    """xAPI does not know this interaction's type.

    It has the eight words of SCORM 1.2 among its own (xAPI 2.4.4.1), and an answer means
    nothing without one.
    """

    table = "interactions"
    element = "type"
    check = Check.isin((*VOCABULARY["type"], ""))
    good = (
        {"type": "choice"},
        {"type": ""},
    )
    bad = ({"type": "multiple choice"},)


class AnswerUntranslated(Rule, code="CMV213"):
    """xAPI cannot read this answer.

    The commas and periods of SCORM 1.2 become `[,]` and `[.]` (xAPI appendix C) where the
    answer has the form of its type; what the learner answered here is lost.
    """

    table = "interactions"
    needs = ("student_response", "type")
    check = Check(lambda rows: _answers(rows, "student_response"))
    good = (
        {"type": "choice", "student_response": "{a,b}"},
        {"type": "choice", "student_response": "urn:scormdriver:An%20opioid"},
        {"type": "matching", "student_response": "1[.]b[,]2[.]a"},
        {"type": "performance", "student_response": "left by exit 3"},
        {"type": None, "student_response": ""},
    )
    bad = (
        {"type": "choice", "student_response": "a, b"},
        {"type": "true-false", "student_response": "yes"},
        {"type": "fill-in", "student_response": "x" * 4001},
        {"type": None, "student_response": "a"},
    )


class PatternUntranslated(Rule, code="CMV214"):
    """xAPI cannot read this correct response.

    It must have the form of its type as well. The course writes it again.
    """

    severity = "warning"
    table = "correct_responses"
    needs = ("pattern", "type")
    check = Check(lambda rows: _answers(rows, "pattern"))
    good = ({"type": "choice", "pattern": "a,c"},)
    bad = ({"type": "choice", "pattern": "a b"}, {"type": "", "pattern": "a"})


class ResultUntranslated(Rule, code="CMV216"):
    """xAPI does not know this interaction's result.

    The four words and decimals of SCORM 1.2 have a meaning there; `wrong` becomes no success.
    """

    table = "interactions"
    element = "result"
    check = Check(
        lambda text: text in (*VOCABULARY["result"], "") or _number(text), element_wise=True
    )
    good = (
        {"result": "wrong"},
        {"result": "0.5"},
    )
    bad = ({"result": "incorrect"},)


class LatencyUntranslated(Rule, code="CMV217"):
    """xAPI cannot have this interaction's latency.

    It is no timespan to make a duration of.
    """

    table = "interactions"
    element = "latency"
    check = Check(lambda text: text == "" or centiseconds(text) is not None, element_wise=True)
    good = (
        {"latency": "00:00:09.8"},
        {"latency": ""},
    )
    bad = ({"latency": "9.84"},)


class QuestionUndated(Rule, code="CMV218"):
    """xAPI wants a date for this interaction's time.

    SCORM 1.2 has a time of day without date or zone, and a timestamp needs both (xAPI 2.4.7).
    The time is left out; keep losses.csv beside.
    """

    severity = "warning"
    table = "interactions"
    element = "time"
    check = Check.eq("")
    good = ({"time": ""},)
    bad = ({"time": "22:30:40"},)


class ResultUndecided(Rule, code="CMV219"):
    """xAPI has no word for a result that is neither right nor wrong.

    Success is true, false or not told; `neutral` and `unanticipated` are not told.
    """

    severity = "warning"
    table = "interactions"
    element = "result"
    check = Check(lambda text: text not in ("neutral", "unanticipated"), element_wise=True)
    good = ({"result": "correct"},)
    bad = (
        {"result": "neutral"},
        {"result": "unanticipated"},
    )


class QuestionUnweighted(Rule, code="CMV220"):
    """xAPI has no place for this interaction's weighting.

    The weight belongs to the course, which has it again.
    """

    severity = "info"
    table = "interactions"
    element = "weighting"
    check = Check.eq("")
    good = ({"weighting": ""},)
    bad = ({"weighting": "1"},)
