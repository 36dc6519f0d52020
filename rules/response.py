"""CMIFeedback: what an answer may look like depends on the type of the question (RTE 3-58)."""

import re

import pandas as pd
from pandera.pandas import Check

from scormaudit import Rule

_LIST = r"[0-9a-z](,[0-9a-z])*"
_PAIRS = r"[0-9a-z]\.[0-9a-z](,[0-9a-z]\.[0-9a-z])*"
_FORMS = {
    kind: re.compile(form)
    for kind, form in {
        "true-false": "[01tf]|true|false",
        "choice": rf"{_LIST}|\{{{_LIST}\}}",
        "numeric": r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)",
        "likert": "[0-9a-z]",
        "matching": rf"{_PAIRS}|\{{{_PAIRS}\}}",
        "sequencing": _LIST,
    }.items()
}
_FREE = ("fill-in", "performance")


def _fits(text: pd.Series, kind: pd.Series) -> pd.Series:
    """Whether each answer is blank or has the form of its type; each distinct text is read once.

    A type that is none of the eight words says nothing of the answer.
    """
    held = pd.Series(True, index=text.index)
    for name, form in _FORMS.items():
        misfits = [t for t in text.cat.categories if t and form.fullmatch(t) is None]
        held &= ~(kind.eq(name) & text.isin(misfits))
    return held


def _fits_in(text: pd.Series, kind: pd.Series) -> pd.Series:
    """Whether each free answer has at most 255 characters."""
    return ~(kind.isin(_FREE) & text.isin([t for t in text.cat.categories if len(t) > 255]))


class ResponseForm(Rule, code="FB101"):
    """A learner's answer does not have the form that its type of question asks for.

    Choices, sequences and pairs are single letters a-z or digits with commas between them:
    a tenth option written `10`, a blank behind the comma, the delimiters of SCORM 2004
    (`a[,]b`, `1[.]c`) and whole words or URNs are read as something else or refused. What
    the learner chose cannot be told from here, so look at the course.
    """

    severity = "error"
    page = "3-55"
    table = "interactions"
    needs = ("student_response", "type")
    check = Check(lambda cmi: _fits(cmi.student_response, cmi.type))
    good = (
        {"type": "true-false", "student_response": "t"},
        {"type": "true-false", "student_response": "false"},
        {"type": "choice", "student_response": "a,b,3"},
        {"type": "choice", "student_response": "{a,b}"},
        {"type": "choice", "student_response": ""},
        {"type": "numeric", "student_response": "-3.14"},
        {"type": "likert", "student_response": "3"},
        {"type": "matching", "student_response": "1.b,2.a"},
        {"type": "matching", "student_response": "{1.b,2.a}"},
        {"type": "sequencing", "student_response": "c,a,b"},
        {"type": "fill-in", "student_response": "Zürich, a lake"},
        {"type": "performance", "student_response": "left by exit 3"},
        {"type": "essay", "student_response": "10"},
        {"type": "", "student_response": "10"},
        {"type": None, "student_response": "10"},
        {"type": "choice", "student_response": None},
    )
    bad = (
        {"type": "true-false", "student_response": "yes"},
        {"type": "choice", "student_response": "10"},
        {"type": "choice", "student_response": "a, b"},
        {"type": "choice", "student_response": "a[,]b"},
        {"type": "choice", "student_response": "urn:scormdriver:An%20opioid"},
        {"type": "numeric", "student_response": "abc"},
        {"type": "likert", "student_response": "Strongly_agree"},
        {"type": "matching", "student_response": "1[.]b"},
        {"type": "sequencing", "student_response": "{a,b}"},
    )


class ResponseLength(Rule, code="FB102"):
    """A learner's free answer is longer than 255 characters.

    It is the learner's own text, so nothing may be cut; another system may cut it when the
    record is moved.
    """

    severity = "error"
    page = "3-55"
    table = "interactions"
    needs = ("student_response", "type")
    check = Check(lambda cmi: _fits_in(cmi.student_response, cmi.type))
    good = (
        {"type": "fill-in", "student_response": "x" * 255},
        {"type": "performance", "student_response": ""},
        {"type": "choice", "student_response": "x" * 256},
        {"type": None, "student_response": "x" * 256},
        {"type": "fill-in", "student_response": None},
    )
    bad = (
        {"type": "fill-in", "student_response": "x" * 256},
        {"type": "performance", "student_response": "x" * 300},
    )


class PatternForm(Rule, code="FB111"):
    """A correct response does not have the form that its type of question asks for.

    It is compared with the learner's answers, which must have the same form. The course
    writes it, so every learner of the course has the same finding.
    """

    severity = "error"
    page = "3-53"
    table = "correct_responses"
    needs = ("pattern", "type")
    check = Check(lambda cmi: _fits(cmi.pattern, cmi.type))
    good = (
        {"type": "choice", "pattern": "{a,c,e}"},
        {"type": "true-false", "pattern": "t"},
        {"type": "matching", "pattern": "1.b,2.a"},
        {"type": "numeric", "pattern": "2.5"},
        {"type": "fill-in", "pattern": "Car park B"},
        {"type": "likert", "pattern": ""},
        {"type": None, "pattern": "Car park B"},
        {"type": "choice", "pattern": None},
    )
    bad = (
        {"type": "choice", "pattern": "12"},
        {"type": "choice", "pattern": "a[,]b"},
        {"type": "numeric", "pattern": "2:3"},
        {"type": "sequencing", "pattern": "{a,b}"},
    )


class PatternLength(Rule, code="FB112"):
    """A correct response to a free question is longer than 255 characters.

    No learner can give it: an answer may not be so long either.
    """

    severity = "error"
    page = "3-53"
    table = "correct_responses"
    needs = ("pattern", "type")
    check = Check(lambda cmi: _fits_in(cmi.pattern, cmi.type))
    good = (
        {"type": "fill-in", "pattern": "x" * 255},
        {"type": "choice", "pattern": "x" * 256},
        {"type": "performance", "pattern": None},
    )
    bad = ({"type": "fill-in", "pattern": "x" * 256},)
