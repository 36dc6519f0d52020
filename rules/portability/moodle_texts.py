"""What Moodle's mod_scorm does to texts and lists, by its run-time (`datamodels/scorm_12.js`)."""

import re

from pandera.pandas import Check

from scormaudit import VOCABULARY, Rule, centiseconds

_DECIMAL = re.compile(r"-?[0-9]{0,3}(\.[0-9]*)?")
_RESULT = re.compile(r"[0-9]{0,3}(\.[0-9]*)?")
_NUMBER = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_TIME = re.compile(r"[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,2})?")
_ID = re.compile(r"[!-~]{0,255}")


def _within(text: str, least: float, most: float) -> bool:
    """Blank, or a number that its pattern and this range let pass."""
    if text == "":
        return True
    decimal = _DECIMAL.fullmatch(text) and _NUMBER.fullmatch(text)
    return decimal is not None and least <= float(text) <= most


def _identifies(text: str) -> bool:
    return _ID.fullmatch(text) is not None


class SuspendDataRefused(Rule, code="MDL201"):
    """Moodle refuses this suspend data in its standard mode.

    With the setting `scorm12standard`, which is on unless an administrator turned it off, it
    takes 4096 characters and otherwise 64,000. The last value that it took stays, and the
    course resumes at an old place.
    """

    element = "suspend_data"
    check = Check.str_length(0, 4096)
    good = ({"suspend_data": "é" * 4096}, {"suspend_data": "a\nb"})
    bad = ({"suspend_data": "x" * 4097},)


class LocationRefused(Rule, code="MDL202"):
    """Moodle refuses this lesson location in its standard mode.

    It takes 255 characters there (`scorm12standard`); the bookmark is lost.
    """

    element = "lesson_location"
    check = Check.str_length(0, 255)
    good = ({"lesson_location": "x" * 255},)
    bad = ({"lesson_location": "x" * 256},)


class CommentsRefused(Rule, code="MDL203"):
    """Moodle refuses these comments in one piece in its standard mode.

    It takes 4096 characters a time and joins what is set one after another, so the text can be
    brought over in pieces.
    """

    severity = "warning"
    element = "comments"
    check = Check.str_length(0, 4096)
    good = ({"comments": "x" * 4096},)
    bad = ({"comments": "x" * 4097},)


class CommentsFromLmsDropped(Rule, code="MDL204"):
    """Moodle has no place for comments from the LMS.

    It knows the element, always blank, and stores none. What an instructor told the learner
    has to be kept elsewhere.
    """

    severity = "warning"
    element = "comments_from_lms"
    check = Check.eq("")
    good = ({"comments_from_lms": ""},)
    bad = ({"comments_from_lms": "Well done."},)


class StrayRefused(Rule, code="MDL205"):
    """Moodle has no element of this name in SCORM 1.2.

    What is not in its list is answered with 201, and its value is lost.
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


class ObjectiveIdRefused(Rule, code="MDL211"):
    """Moodle refuses this objective's id.

    Its pattern has the printable characters of ASCII without blanks, 255 at most. Status and
    score of the objective arrive without a name.
    """

    table = "objectives"
    element = "id"
    check = Check(_identifies, element_wise=True)
    good = ({"id": "urn:x:1"}, {"id": ""})
    bad = ({"id": "a b"}, {"id": "übung"})


class ObjectiveStatusRefused(Rule, code="MDL212"):
    """Moodle refuses this objective's status.

    The words are those of the lesson status.
    """

    table = "objectives"
    element = "status"
    check = Check.isin((*VOCABULARY["status"], ""))
    good = ({"status": "not attempted"}, {"status": ""})
    bad = ({"status": "mastered"},)


class ObjectiveScoreRefused(Rule, code="MDL213"):
    """Moodle refuses this objective's score.

    It takes numbers from 0 to 100 with three digits before the point.
    """

    table = "objectives"
    element = "score_raw"
    check = Check(lambda text: _within(text, 0, 100), element_wise=True)
    good = ({"score_raw": "100"}, {"score_raw": ""})
    bad = ({"score_raw": "101"}, {"score_raw": "-1"})


class QuestionIdRefused(Rule, code="MDL221"):
    """Moodle refuses this interaction's id.

    Its pattern has the printable characters of ASCII without blanks, 255 at most; the answer
    stays, and nobody knows to which question.
    """

    table = "interactions"
    element = "id"
    check = Check(_identifies, element_wise=True)
    good = ({"id": "urn:scormdriver:Q1"}, {"id": ""})
    bad = ({"id": "What is 2?"}, {"id": "größe"})


class QuestionTypeRefused(Rule, code="MDL222"):
    """Moodle refuses this interaction's type.

    It has the eight words alone, and its reports read an answer by its type.
    """

    table = "interactions"
    element = "type"
    check = Check.isin((*VOCABULARY["type"], ""))
    good = ({"type": "choice"}, {"type": ""})
    bad = ({"type": "multiple choice"},)


class AnswerRefused(Rule, code="MDL223"):
    """Moodle refuses this answer in its standard mode.

    It looks at no form, whatever the type, but takes 255 characters alone (`scorm12standard`).
    """

    table = "interactions"
    element = "student_response"
    check = Check.str_length(0, 255)
    good = ({"student_response": "a[,]b"}, {"student_response": "x" * 255})
    bad = ({"student_response": "x" * 256},)


class PatternRefused(Rule, code="MDL224"):
    """Moodle refuses this correct response in its standard mode.

    It takes 255 characters; the course writes the response again.
    """

    severity = "warning"
    table = "correct_responses"
    element = "pattern"
    check = Check.str_length(0, 255)
    good = ({"pattern": "a[,]b"},)
    bad = ({"pattern": "x" * 256},)


class ResultRefused(Rule, code="MDL225"):
    """Moodle refuses this interaction's result.

    It has the four words and numbers without a minus and with three digits before the point;
    `incorrect` is refused, so mistakes are lost and right answers stay.
    """

    table = "interactions"
    element = "result"
    check = Check(
        lambda text: text in (*VOCABULARY["result"], "") or bool(_RESULT.fullmatch(text)),
        element_wise=True,
    )
    good = ({"result": "wrong"}, {"result": "0.5"}, {"result": ""})
    bad = ({"result": "incorrect"}, {"result": "-1"}, {"result": "1000"})


class QuestionTimeRefused(Rule, code="MDL226"):
    """Moodle refuses this interaction's time.

    It takes two digits each, and hours up to 29; dates and zones are refused.
    """

    table = "interactions"
    element = "time"
    check = Check(lambda text: text == "" or bool(_TIME.fullmatch(text)), element_wise=True)
    good = ({"time": "24:00:00"}, {"time": ""})
    bad = ({"time": "1:00:00"}, {"time": "2020-08-13T08:48:17.0Z"})


class LatencyRefused(Rule, code="MDL227"):
    """Moodle refuses this interaction's latency.

    It takes the spelling HHHH:MM:SS.SS alone.
    """

    table = "interactions"
    element = "latency"
    check = Check(lambda text: text == "" or centiseconds(text) is not None, element_wise=True)
    good = ({"latency": "00:00:09.8"}, {"latency": ""})
    bad = ({"latency": "PT9S"},)


class WeightingRefused(Rule, code="MDL228"):
    """Moodle refuses this interaction's weighting.

    Its range is -100 to 100, which the specification does not have.
    """

    table = "interactions"
    element = "weighting"
    check = Check(lambda text: _within(text, -100, 100), element_wise=True)
    good = ({"weighting": "-0.5"}, {"weighting": ""})
    bad = ({"weighting": "1000"}, {"weighting": "high"})
