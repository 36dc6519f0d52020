"""Interactions, one at a time: ids, times, types, weights and results (RTE 3-48 to 3-57)."""

import re

from pandera.pandas import Check

from scormaudit import VOCABULARY, Rule, centiseconds

_DECIMAL = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_PLAIN = re.compile(r"[A-Za-z0-9_-]*")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,2})?")


def _identifies(text: str) -> bool:
    """At most 255 characters that can be seen; blank where none was ever set."""
    return len(text) <= 255 and all(c.isprintable() and not c.isspace() for c in text)


def _is_plain(text: str) -> bool:
    return _PLAIN.fullmatch(text) is not None


def _decimal(text: str) -> bool:
    return _DECIMAL.fullmatch(text) is not None


def _count(text: str) -> bool:
    """Blank, or a CMIInteger."""
    return text == "" or (text.isascii() and text.isdigit() and float(text) <= 65536)


class InteractionId(Rule, code="IN101"):
    """An interaction's id has white space or unprintable characters, or is too long.

    Answers are compared across learners by this id of at most 255 characters. Ids made of
    the question's text are the usual cause. Replacing the blanks would part earlier attempts
    from later ones.
    """

    severity = "error"
    page = "3-49"
    table = "interactions"
    element = "id"
    check = Check(_identifies, element_wise=True)
    good = (
        {"id": "Obj123"},
        {"id": "obj.1"},
        {"id": "urn:scormdriver:Q1"},
        {"id": "x" * 255},
        {"id": ""},
        {"id": None},
    )
    bad = ({"id": "What is 2?"}, {"id": "q1 "}, {"id": "x" * 256})


class InteractionIdPlain(Rule, code="IN102"):
    """An interaction's id has characters other than ASCII letters, digits, `-` and `_`.

    The specification asks for an alphanumeric string and leaves open what `:` or `.` are.
    Run-times take them; another system may ask for plain ids when the record is moved.
    """

    severity = "info"
    page = "3-49"
    table = "interactions"
    element = "id"
    check = Check(lambda text: _is_plain(text) or not _identifies(text), element_wise=True)
    good = ({"id": "Q-101"}, {"id": "HH_q1"}, {"id": "a b"}, {"id": ""}, {"id": None})
    bad = ({"id": "urn:scormdriver:Q1"}, {"id": "obj.1"}, {"id": "größe"})


class InteractionObjectiveId(Rule, code="IN103"):
    """An interaction names an objective by an id that no objective can have.

    White space, unprintable characters and more than 255 characters are not allowed in an
    id, so the question can be counted for no objective.
    """

    severity = "error"
    page = "3-50"
    table = "interaction_objectives"
    element = "id"
    check = Check(_identifies, element_wise=True)
    good = (
        {"id": "five_moments"},
        {"id": "urn:x:1"},
        {"id": ""},
        {"id": None},
    )
    bad = ({"id": "five moments"}, {"id": "x" * 256})


class InteractionTime(Rule, code="IN111"):
    """An interaction's time is no time of day spelled HH:MM:SS.SS.

    Two digits each on the 24 hour clock, so midnight is `00:00:00` and not `24:00:00`, and
    neither a date nor a zone belongs here: those are of SCORM 2004.
    """

    severity = "error"
    page = "3-51"
    table = "interactions"
    element = "time"
    check = Check(lambda text: text == "" or bool(_TIME.fullmatch(text)), element_wise=True)
    good = (
        {"time": "22:30:40"},
        {"time": "12:33:35.5"},
        {"time": "23:59:59.99"},
        {"time": "00:00:00"},
        {"time": ""},
        {"time": None},
    )
    bad = (
        {"time": "24:00:00"},
        {"time": "12:00:60"},
        {"time": "1:00:00"},
        {"time": "2020-08-13T08:48:17.0Z"},
    )


class InteractionTypeWord(Rule, code="IN112"):
    """An interaction's type is none of the eight words.

    `multiple choice`, `fill in the blank` and `simple performance` are the words of SCORM
    1.0, `long-fill-in` and `other` those of SCORM 2004. Without a type the answer cannot be
    read; the API cannot write it.
    """

    severity = "error"
    page = "3-52"
    table = "interactions"
    element = "type"
    check = Check.isin((*VOCABULARY["type"], ""))
    good = (
        {"type": "choice"},
        {"type": "true-false"},
        {"type": "fill-in"},
        {"type": "likert"},
        {"type": ""},
        {"type": None},
    )
    bad = ({"type": "simple performance"}, {"type": "Choice"}, {"type": "long-fill-in"})


class InteractionWeightingDecimal(Rule, code="IN113"):
    """An interaction's weighting is no decimal.

    Any decimal will do: the limits of -100, 0 or 100 that some systems set are their own.
    """

    severity = "error"
    page = "3-54"
    table = "interactions"
    element = "weighting"
    check = Check(lambda text: text == "" or _decimal(text), element_wise=True)
    good = (
        {"weighting": "1"},
        {"weighting": "1000"},
        {"weighting": "-0.5"},
        {"weighting": ""},
        {"weighting": None},
    )
    bad = ({"weighting": "high"}, {"weighting": "0,5"}, {"weighting": "NaN"})


class InteractionResultWord(Rule, code="IN114"):
    """An interaction's result is neither one of the four words nor a decimal.

    The words are `correct`, `wrong`, `unanticipated` and `neutral`. `incorrect` is the word
    of SCORM 2004 for `wrong`, the commonest case; the API cannot write it.
    """

    severity = "error"
    page = "3-56"
    table = "interactions"
    element = "result"
    check = Check(
        lambda text: text in (*VOCABULARY["result"], "") or _decimal(text), element_wise=True
    )
    good = (
        {"result": "correct"},
        {"result": "wrong"},
        {"result": "neutral"},
        {"result": "-1"},
        {"result": "0.5"},
        {"result": ""},
        {"result": None},
    )
    bad = ({"result": "incorrect"}, {"result": "true"}, {"result": "1e2"}, {"result": "Correct"})


class InteractionLatencyTimespan(Rule, code="IN115"):
    """An interaction's latency is not spelled HHHH:MM:SS.SS.

    It is a length of time like the session time; plain seconds (`9.84`) and the durations of
    SCORM 2004 (`PT9S`) are read as nothing.
    """

    severity = "error"
    page = "3-56"
    table = "interactions"
    element = "latency"
    check = Check(lambda text: text == "" or centiseconds(text) is not None, element_wise=True)
    good = (
        {"latency": "00:00:09.84"},
        {"latency": "1234:44:30"},
        {"latency": "00:61:05"},
        {"latency": "00:00:09.8"},
        {"latency": ""},
        {"latency": None},
    )
    bad = ({"latency": "9.84"}, {"latency": "PT9S"}, {"latency": "0:00:09"})


class InteractionObjectivesCount(Rule, code="IN121"):
    """The number of an interaction's objectives is no integer from 0 to 65536.

    Without it nobody knows which of them to read, so none were judged.
    """

    severity = "error"
    page = "3-50"
    table = "interactions"
    element = "objectives_count"
    check = Check(_count, element_wise=True)
    good = ({"objectives_count": "0"}, {"objectives_count": "2"}, {"objectives_count": ""})
    bad = ({"objectives_count": "-1"}, {"objectives_count": "one"})


class InteractionCorrectResponsesCount(Rule, code="IN122"):
    """The number of an interaction's correct responses is no integer from 0 to 65536.

    Without it nobody knows which of them to read, so none were judged.
    """

    severity = "error"
    page = "3-53"
    table = "interactions"
    element = "correct_responses_count"
    check = Check(_count, element_wise=True)
    good = (
        {"correct_responses_count": "0"},
        {"correct_responses_count": "2"},
        {"correct_responses_count": ""},
    )
    bad = ({"correct_responses_count": "-1"}, {"correct_responses_count": "70000"})
