"""Objectives, one at a time: their ids, scores and statuses (RTE 3-36 to 3-42)."""

import re

from pandera.pandas import Check

from scormaudit import VOCABULARY, Rule

_DECIMAL = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_PLAIN = re.compile(r"[A-Za-z0-9_-]*")


def _identifies(text: str) -> bool:
    """At most 255 characters that can be seen; blank where none was ever set."""
    return len(text) <= 255 and all(c.isprintable() and not c.isspace() for c in text)


def _percentage(text: str) -> bool:
    """Blank, or a decimal from 0 to 100."""
    return text == "" or (_DECIMAL.fullmatch(text) is not None and 0 <= float(text) <= 100)


class ObjectiveStatusWord(Rule, code="CO101"):
    """An objective's status is none of the six words.

    The words are those of the lesson status, in lower case; `mastered` and `unknown` are not
    among them. A blank is what a run-time stores that was never told one.
    """

    severity = "error"
    page = "3-41"
    table = "objectives"
    element = "status"
    check = Check.isin((*VOCABULARY["status"], ""))
    good = (
        {"status": "passed"},
        {"status": "incomplete"},
        {"status": "not attempted"},
        {"status": ""},
        {"status": None},
    )
    bad = ({"status": "mastered"}, {"status": "Passed"})


class ObjectiveId(Rule, code="CO102"):
    """An objective's id has white space or unprintable characters, or is too long.

    Reports and courses find an objective again by its id of at most 255 characters. It must
    not be mended from outside: the course would look for the old one at its next visit.
    """

    severity = "error"
    page = "3-38"
    table = "objectives"
    element = "id"
    check = Check(_identifies, element_wise=True)
    good = (
        {"id": "I_001"},
        {"id": "urn:scormdriver:Q1"},
        {"id": "übung"},
        {"id": "x" * 255},
        {"id": ""},
        {"id": None},
    )
    bad = ({"id": "a b"}, {"id": "a\n"}, {"id": "a\u200bb"}, {"id": "x" * 256})


class ObjectiveIdPlain(Rule, code="CO103"):
    """An objective's id has characters other than ASCII letters, digits, `-` and `_`.

    The specification asks for an alphanumeric string and leaves open what `:` or `.` are.
    Run-times take them; another system may ask for plain ids when the record is moved.
    """

    severity = "info"
    page = "3-38"
    table = "objectives"
    element = "id"
    check = Check(
        lambda text: _PLAIN.fullmatch(text) is not None or not _identifies(text), element_wise=True
    )
    good = ({"id": "I_001"}, {"id": "Q-1"}, {"id": "a b"}, {"id": ""}, {"id": None})
    bad = ({"id": "urn:scormdriver:Q1"}, {"id": "übung"})


class ObjectiveScoreRaw(Rule, code="CO104"):
    """An objective's raw score is neither blank nor a decimal from 0 to 100.

    The specification calls it unprocessed in one sentence and normalised in the next; the
    range stands. The API cannot write objectives, so the course's owner must know.
    """

    severity = "error"
    page = "3-39"
    table = "objectives"
    element = "score_raw"
    check = Check(_percentage, element_wise=True)
    good = ({"score_raw": "0"}, {"score_raw": "87.5"}, {"score_raw": ""}, {"score_raw": None})
    bad = ({"score_raw": "200"}, {"score_raw": "-1"}, {"score_raw": "85,5"})


class ObjectiveScoreMax(Rule, code="CO105"):
    """An objective's maximum score is neither blank nor a decimal from 0 to 100.

    A larger one says that the course reports points; read its raw score against it.
    """

    severity = "error"
    page = "3-40"
    table = "objectives"
    element = "score_max"
    check = Check(_percentage, element_wise=True)
    good = ({"score_max": "100"}, {"score_max": "5"}, {"score_max": ""}, {"score_max": None})
    bad = ({"score_max": "200"}, {"score_max": "1e2"})


class ObjectiveScoreMin(Rule, code="CO106"):
    """An objective's minimum score is neither blank nor a decimal from 0 to 100.

    Courses that take points away for wrong answers write one below zero, for which SCORM 1.2
    has no room.
    """

    severity = "error"
    page = "3-40"
    table = "objectives"
    element = "score_min"
    check = Check(_percentage, element_wise=True)
    good = ({"score_min": "0"}, {"score_min": "10"}, {"score_min": ""}, {"score_min": None})
    bad = ({"score_min": "-10"}, {"score_min": "zero"})
