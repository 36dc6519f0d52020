"""What becomes of objectives and interactions as SCORM 2004 (4th Edition), by section."""

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
_NAME = re.compile(r"[^\s\x00-\x1f\x7f]{1,4000}")
_KEY = ("id", "enrollment_id", "assignment_id", "sco_id")
_ALONE = {"sco_id": "lesson", "id": "aim_1"}


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


def _once(rows: pd.DataFrame) -> pd.Series:
    """Rows whose id stands in no earlier row of their record; a blank repeats nothing.

    An example is one row, so a row that comes alone stands after `_ALONE`, which names no
    assignment as every row of a snapshot does.
    """
    seen = rows[[*_KEY]].astype("object")
    seen = seen.where(seen.notna(), None)
    if len(rows) == 1:
        alone = {name: _ALONE.get(name) for name in _KEY}
        seen = pd.concat([pd.DataFrame([alone], dtype="object"), seen])
    again = seen.duplicated() & seen["id"].notna() & seen["id"].ne("")
    return ~again.iloc[len(seen) - len(rows) :]


class ObjectiveUnnamed(Rule, code="SFE201"):
    """SCORM 2004 cannot have this objective.

    An objective begins with an id that has no white space (RTE 4.2.17). Without one its status
    and score are lost.
    """

    table = "objectives"
    element = "id"
    check = Check(lambda text: bool(_NAME.fullmatch(text)), element_wise=True)
    good = ({"id": "aim_1"},)
    bad = (
        {"id": "a b"},
        {"id": ""},
    )


class ObjectiveTwice(Rule, code="SFE202"):
    """SCORM 2004 cannot have this objective again.

    An id may stand once among the objectives of a record (RTE 4.2.17, error 351), so the status
    and the score of the second are lost.
    """

    table = "objectives"
    needs = _KEY
    check = Check(_once)
    good = (
        {"sco_id": "lesson", "id": "aim_2"},
        {"sco_id": "lesson", "id": ""},
        {"sco_id": "other", "id": "aim_1"},
    )
    bad = ({"sco_id": "lesson", "id": "aim_1"},)


class ObjectiveUntranslated(Rule, code="SFE203"):
    """SCORM 2004 has no status for this objective's word.

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


class ObjectiveBrowsed(Rule, code="SFE204"):
    """SCORM 2004 has no status of its own for a browsed objective.

    It is neither completed nor passed there.
    """

    severity = "info"
    table = "objectives"
    element = "status"
    check = Check.ne("browsed")
    good = ({"status": "completed"},)
    bad = ({"status": "browsed"},)


class ObjectiveScoreUntranslated(Rule, code="SFE205"):
    """SCORM 2004 cannot have this objective's score.

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


class QuestionUnnamed(Rule, code="SFE211"):
    """SCORM 2004 cannot have this interaction.

    An interaction begins with an id that has no white space (RTE 4.2.9). Without one the answer
    and its result are lost.
    """

    table = "interactions"
    element = "id"
    check = Check(lambda text: bool(_NAME.fullmatch(text)), element_wise=True)
    good = ({"id": "q1"},)
    bad = (
        {"id": "What is 2?"},
        {"id": ""},
    )


class QuestionUntyped(Rule, code="SFE212"):
    """SCORM 2004 does not know this interaction's type.

    It has the eight words of SCORM 1.2 among its own (RTE 4.2.9), and an answer means nothing
    without one.
    """

    table = "interactions"
    element = "type"
    check = Check.isin((*VOCABULARY["type"], ""))
    good = (
        {"type": "choice"},
        {"type": ""},
    )
    bad = ({"type": "multiple choice"},)


class AnswerUntranslated(Rule, code="SFE213"):
    """SCORM 2004 cannot read this answer.

    The commas and periods of SCORM 1.2 become `[,]` and `[.]` (RTE 4.2.9.1) where the answer
    has the form of its type; what the learner answered here is lost.
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


class PatternUntranslated(Rule, code="SFE214"):
    """SCORM 2004 cannot read this correct response.

    It must have the form of its type as well. The course writes it again.
    """

    severity = "warning"
    table = "correct_responses"
    needs = ("pattern", "type")
    check = Check(lambda rows: _answers(rows, "pattern"))
    good = ({"type": "choice", "pattern": "a,c"},)
    bad = ({"type": "choice", "pattern": "a b"}, {"type": "", "pattern": "a"})


class ResultUntranslated(Rule, code="SFE216"):
    """SCORM 2004 does not know this interaction's result.

    The four words and decimals of SCORM 1.2 have a meaning there; `wrong` becomes incorrect.
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


class LatencyUntranslated(Rule, code="SFE217"):
    """SCORM 2004 cannot have this interaction's latency.

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


class QuestionUndated(Rule, code="SFE218"):
    """SCORM 2004 wants a date for this interaction's time.

    SCORM 1.2 has a time of day without date or zone, and a timestamp needs both (RTE 4.2.9).
    The time is left out; keep losses.csv beside.
    """

    severity = "warning"
    table = "interactions"
    element = "time"
    check = Check.eq("")
    good = ({"time": ""},)
    bad = ({"time": "22:30:40"},)
