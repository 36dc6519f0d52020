"""What the LMS could and could not answer, and whether it is SCORM 1.2 at all."""

import re

import pandas as pd
from pandera.pandas import Check

from scormaudit import Rule

_LACKING = re.compile(r"\s*(401|20[123])\b|.*not[ _]?implemented", re.IGNORECASE | re.DOTALL)
_UNREADABLE = re.compile(r"\s*404\b|.*write[ _-]?only", re.IGNORECASE | re.DOTALL)
_GIVEN = (
    "record_student_id",
    "record_student_name",
    "record_lesson_location",
    "record_credit",
    "record_entry",
    "record_score_raw",
    "record_total_time",
)
_KEPT = (
    "record_lesson_status",
    "record_lesson_mode",
    "record_exit",
    "record_session_time",
)
_STATUS = ("record_lesson_status", "record_entry")
_MANDATORY = (
    "cmi.core.student_id",
    "cmi.core.student_name",
    "cmi.core.lesson_location",
    "cmi.core.credit",
    "cmi.core.lesson_status",
    "cmi.core.entry",
    "cmi.core.score.raw",
    "cmi.core.total_time",
    "cmi.suspend_data",
    "cmi.launch_data",
)


def _lacks(message: pd.Series) -> pd.Series:
    """Whether each message says that the element is not implemented."""
    return message.isin([text for text in message.cat.categories if _LACKING.match(text)])


def _is_scorm12(rows: pd.DataFrame, asked: tuple[str, ...]) -> pd.Series:
    """Whether the record gave any of these elements, which no other model has."""
    return rows[list(asked)].notna().any(axis=1)


def _strays(rows: pd.DataFrame, names: str) -> pd.Series:
    """Whether each row is a value under a name of this pattern."""
    strays = [name for name in rows.element.cat.categories if re.fullmatch(names, name)]
    return rows.element.isin(strays) & rows.value.notna() & rows.value.ne("")


class ElementFailed(Rule, code="ID201"):
    """The LMS could not read an element that it has.

    The answer holds an error in place of a value, so rules that need the element cannot
    judge this record. `401` is left out here, since an LMS need not implement every element,
    and so is `404`, which a course gets for what it may only write.
    """

    severity = "warning"
    table = "element_errors"
    element = "message"
    check = Check(
        lambda message: bool(_LACKING.match(message) or _UNREADABLE.match(message)),
        element_wise=True,
    )
    good = (
        {"element": "cmi.comments", "message": "401 - Not Implemented Error"},
        {"element": "cmi.student_preference.audio", "message": "Element not implemented"},
        {"element": "cmi.core.exit", "message": "404 - Element is write only"},
        {"element": "cmi.interactions.0.id", "message": "The element is write-only"},
    )
    bad = (
        {"element": "cmi.core.score.raw", "message": "101 - General exception"},
        {"element": "cmi.suspend_data", "message": ""},
    )


class RecordOfOtherModel(Rule, code="ID202"):
    """The record is not SCORM 1.2: not one of its mandatory elements is implemented.

    A course of SCORM 2004 answers so. There is nothing wrong with it, but no rule here can
    judge it; leave it out of the worklist.
    """

    severity = "info"
    page = "3-20"
    table = "element_errors"
    needs = ("element", "message", *_GIVEN)
    check = Check(
        lambda rows: (
            ~(
                rows.element.eq("cmi.core.lesson_status")
                & _lacks(rows.message)
                & ~_is_scorm12(rows, _GIVEN)
            )
        )
    )
    good = (
        {
            "element": "cmi.core.lesson_status",
            "message": "401 - Not Implemented Error",
            "record_total_time": "00:10:00",
        },
        {"element": "cmi.core.lesson_status", "message": "101 - General exception"},
        {"element": "cmi.core.entry", "message": "401 - Not Implemented Error"},
    )
    bad = ({"element": "cmi.core.lesson_status", "message": "401 - Not Implemented Error"},)


class MandatoryElementLacking(Rule, code="ID203"):
    """The LMS does not implement an element that SCORM 1.2 makes mandatory.

    Other elements of the record were given. The record may be sound, but rules that need
    this element cannot judge it, and a course that needs it must do without. Exit and
    session time are left out: the specification itself forbids a course to read them.
    """

    severity = "info"
    page = "3-20"
    table = "element_errors"
    needs = ("element", "message", *_KEPT)
    check = Check(
        lambda rows: (
            ~(rows.element.isin(_MANDATORY) & _lacks(rows.message) & _is_scorm12(rows, _KEPT))
        )
    )
    good = (
        {
            "element": "cmi.core.exit",
            "message": "401 - Not Implemented Error",
            "record_lesson_mode": "normal",
        },
        {
            "element": "cmi.comments",
            "message": "401 - Not Implemented Error",
            "record_lesson_mode": "normal",
        },
        {
            "element": "cmi.core.entry",
            "message": "101 - General exception",
            "record_lesson_status": "passed",
        },
        {"element": "cmi.core.entry", "message": "401 - Not Implemented Error"},
    )
    bad = (
        {
            "element": "cmi.core.entry",
            "message": "401 - Not Implemented Error",
            "record_lesson_status": "passed",
        },
        {
            "element": "cmi.launch_data",
            "message": "Not implemented",
            "record_lesson_status": "passed",
        },
    )


class StrayModel(Rule, code="ID301"):
    """A value stands under a name of SCORM 2004 that SCORM 1.2 does not have.

    Content that mixes the two writes `cmi.completion_status` or `cmi.score.scaled`, and a
    SCORM 1.2 report never looks there: status and score of this record may be missing or
    old. What the value means for the lesson status, a person decides.
    """

    severity = "error"
    page = "3-20"
    table = "strays"
    needs = ("element", "value", *_STATUS)
    element = "value"
    check = Check(
        lambda rows: (
            ~(
                _strays(rows, r"cmi\.(core\.)?(completion|success)_status|cmi\.score\..*")
                & _is_scorm12(rows, _STATUS)
            )
        )
    )
    good = (
        {"element": "cmi.score.scaled", "value": "", "record_lesson_status": "passed"},
        {"element": "cmi.score.scaled", "value": None, "record_lesson_status": "passed"},
        {"element": "cmi.completion_status", "value": "completed"},
        {"element": "cmi.core.suspend_data", "value": "x", "record_lesson_status": "passed"},
    )
    bad = (
        {"element": "cmi.score.scaled", "value": "0.8", "record_lesson_status": "passed"},
        {"element": "cmi.completion_status", "value": "unknown", "record_entry": ""},
    )


class StraySuspendData(Rule, code="ID302"):
    """Suspend data stands under `cmi.core`, where it does not belong.

    The element is `cmi.suspend_data`. A run-time gives nothing back from the wrong place, so
    the course begins anew. If the right element is empty, this value may belong there; make
    sure that it comes from the same attempt.
    """

    severity = "error"
    page = "3-33"
    table = "strays"
    needs = ("element", "value")
    element = "value"
    check = Check(lambda rows: ~_strays(rows, r"cmi\.core\.suspend_data"))
    good = (
        {"element": "cmi.core.suspend_data", "value": ""},
        {"element": "cmi.core.suspend_data", "value": None},
        {"element": "cmi.score.raw", "value": "80"},
    )
    bad = ({"element": "cmi.core.suspend_data", "value": "x"},)


class StrayIndex(Rule, code="ID303"):
    """A value stands under an index that is no number from 0 upwards.

    `undefined` and `NaN` are what a script writes that has lost count. No report finds the
    value, and one more entry of the same question or objective may stand at its own index.
    """

    severity = "error"
    page = "3-19"
    table = "strays"
    needs = ("element", "value")
    element = "value"
    check = Check(lambda rows: ~_strays(rows, r"cmi\.(objectives|interactions)\.(?![0-9]).*"))
    good = (
        {"element": "cmi.interactions.NaN.id", "value": ""},
        {"element": "cmi.interactions.-1.id", "value": None},
        {"element": "cmi.score.raw", "value": "80"},
    )
    bad = (
        {"element": "cmi.interactions.undefined.id", "value": "q"},
        {"element": "cmi.interactions.-1.id", "value": "q"},
        {"element": "cmi.objectives.undefined.id", "value": "o"},
    )
