"""Decimals and integers of a record: scores, preferences, counts (RTE 3-57, 3-58)."""

import re

from pandera.pandas import Check

from scormaudit import Edit, Row, Rule

_DECIMAL = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_INTEGER = re.compile(r"-?[0-9]+")
_COMMA = re.compile(r"([0-9]+),([0-9]{1,2})")
_DRESSED = re.compile(r"\+?(?P<number>[0-9]+(\.[0-9]*)?|\.[0-9]+) ?%?")
_WHOLE = re.compile(r"(?:\+(?=[0-9]))?(?P<number>-?[0-9]{1,3})(\.0*)?")
_FIFTEEN = 15


def _decimal(text: str) -> bool:
    return _DECIMAL.fullmatch(text) is not None


def _within(text: str, least: float, most: float) -> bool:
    return least <= float(text) <= most


def _percentage(text: str) -> bool:
    """Blank, or a decimal from 0 to 100."""
    return text == "" or (_decimal(text) and _within(text, 0, 100))


def _count(text: str) -> bool:
    """Blank, or a CMIInteger."""
    return text == "" or (text.isascii() and text.isdigit() and _within(text, 0, 65536))


def _setting(text: str, least: int, most: int) -> bool:
    """Blank, or a CMISInteger from `least` to `most`."""
    return text == "" or (_INTEGER.fullmatch(text) is not None and _within(text, least, most))


def _exact(text: str) -> str | None:
    """The hundredths that a decimal misses by less than a float can show, or None."""
    digits = text.strip("-").replace(".", "").lstrip("0")
    if not _decimal(text) or len(digits) < _FIFTEEN or not _within(text, -1000, 1000):
        return None
    near = f"{round(float(text), 2) + 0.0:.2f}".rstrip("0").removesuffix(".")
    return near if near != text and abs(float(text) - float(near)) < 1e-9 else None


class ScoreRawDecimal(Rule, code="DT101"):
    """The raw score is neither a decimal nor blank.

    A score with a comma, a percent sign or words in it is read as 0 by some systems and
    refused by others. One comma with one or two digits behind it is a decimal comma beyond
    doubt, and a plus, a percent sign or a blank around a number says nothing that the number
    does not; fractions like `17/20`, `NaN` and words are left to a person.
    """

    severity = "error"
    fix = "safe"
    page = "3-27"
    element = "score_raw"
    check = Check(lambda text: text == "" or _decimal(text), element_wise=True)
    good = (
        {"score_raw": ""},
        {"score_raw": "85.5"},
        {"score_raw": "0"},
        {"score_raw": "-0"},
        {"score_raw": "5."},
        {"score_raw": ".5"},
        {"score_raw": "0000"},
        {"score_raw": "99.9999999999"},
        {"score_raw": "-1"},
        {"score_raw": None},
    )
    bad = (
        {"score_raw": "85,5"},
        {"score_raw": "85%"},
        {"score_raw": " +85"},
        {"score_raw": "1,234,5"},
        {"score_raw": "17/20"},
        {"score_raw": "eighty five"},
        {"score_raw": "1e2"},
        {"score_raw": "NaN"},
        {"score_raw": "85\n"},
    )

    @staticmethod
    def repair(row: Row) -> Edit | None:
        """The comma as a point, the rest around the number dropped; only what is in range."""
        text = row["score_raw"].strip()
        if comma := _COMMA.fullmatch(text):
            number = f"{comma[1]}.{comma[2]}"
        elif dressed := _DRESSED.fullmatch(text):
            number = dressed["number"]
        else:
            return None
        return Edit("raw_score", number) if _within(number, 0, 100) else None


class ScoreRawRounding(Rule, code="DT102"):
    """The raw score carries the rounding error of a computer's fractions.

    `28.999999999999996` is what a program gets for 29 when it multiplies fractions. Any
    number of digits is legal, but such a score can miss a mastery score that it means to
    reach, and the API keeps no more than single precision.
    """

    severity = "info"
    fix = "safe"
    page = "3-27"
    element = "score_raw"
    check = Check(lambda text: _exact(text) is None, element_wise=True)
    good = (
        {"score_raw": "29"},
        {"score_raw": "33.33"},
        {"score_raw": "66.66666666666667"},
        {"score_raw": "99.9999999999"},
        {"score_raw": "000000000000000029"},
        {"score_raw": ""},
        {"score_raw": None},
    )
    bad = ({"score_raw": "28.999999999999996"}, {"score_raw": "57.00000000000001"})

    @staticmethod
    def repair(row: Row) -> Edit | None:
        """The number that was meant, to two decimals."""
        number = _exact(row["score_raw"])
        return Edit("raw_score", number) if number else None


class ScoreMaxPercentage(Rule, code="DT103"):
    """The maximum score is neither blank nor a decimal from 0 to 100.

    All three scores are normalised in SCORM 1.2. A maximum of 200 says that the course
    reports points; its raw score must be read against it, and not as a percentage.
    """

    severity = "error"
    page = "3-28"
    element = "score_max"
    check = Check(_percentage, element_wise=True)
    good = ({"score_max": "100"}, {"score_max": "7.5"}, {"score_max": ""}, {"score_max": None})
    bad = ({"score_max": "200"}, {"score_max": "-1"}, {"score_max": "100%"})


class ScoreMinPercentage(Rule, code="DT104"):
    """The minimum score is neither blank nor a decimal from 0 to 100.

    A minimum below zero comes from courses that take points away for wrong answers; SCORM
    1.2 has no room for it, and no number can be put in its place.
    """

    severity = "error"
    page = "3-29"
    element = "score_min"
    check = Check(_percentage, element_wise=True)
    good = ({"score_min": "0"}, {"score_min": "10"}, {"score_min": ""}, {"score_min": None})
    bad = ({"score_min": "200"}, {"score_min": "-5"}, {"score_min": "none"})


class MasteryScoreDecimal(Rule, code="DT105"):
    """The mastery score is neither a decimal nor blank.

    It comes from the manifest of the package, and every verdict of the LMS hangs on it: a
    system that cannot read the number passes or fails everybody. Mend the manifest.
    """

    severity = "error"
    page = "3-43"
    element = "mastery_score"
    check = Check(lambda text: text == "" or _decimal(text), element_wise=True)
    good = (
        {"mastery_score": "80"},
        {"mastery_score": "0"},
        {"mastery_score": "0.8"},
        {"mastery_score": "100.5"},
        {"mastery_score": ""},
        {"mastery_score": None},
    )
    bad = ({"mastery_score": "80%"}, {"mastery_score": "80,0"}, {"mastery_score": "none"})


class MasteryScoreReachable(Rule, code="DT106"):
    """The mastery score lies outside 0 to 100.

    Raw scores end at 100, so a higher mastery score fails everybody and a negative one
    passes everybody. The run-time environment states no range for it, only the packaging
    documents do.
    """

    severity = "warning"
    page = "3-43"
    element = "mastery_score"
    check = Check(lambda text: not _decimal(text) or _within(text, 0, 100), element_wise=True)
    good = (
        {"mastery_score": "0"},
        {"mastery_score": "100"},
        {"mastery_score": "100.0"},
        {"mastery_score": "0.8"},
        {"mastery_score": "80%"},
        {"mastery_score": ""},
        {"mastery_score": None},
    )
    bad = ({"mastery_score": "100.5"}, {"mastery_score": "-1"})


class AudioInteger(Rule, code="DT111"):
    """The audio preference is no integer up to 100.

    -1 is off, 0 leaves the volume alone, 1 to 100 is loud. A sentence of the specification
    counts every negative number as off, so -5 is let pass.
    """

    severity = "error"
    page = "3-45"
    element = "preference_audio"
    check = Check(lambda text: _setting(text, -32768, 100), element_wise=True)
    good = (
        {"preference_audio": "-1"},
        {"preference_audio": "-2"},
        {"preference_audio": "0"},
        {"preference_audio": "100"},
        {"preference_audio": ""},
        {"preference_audio": None},
    )
    bad = ({"preference_audio": "101"}, {"preference_audio": "+5"}, {"preference_audio": "on"})


class SpeedInteger(Rule, code="DT112"):
    """The speed preference is no integer from -100 to 100.

    A plus, outer blanks or zeros behind a point change nothing about the number and can be
    dropped. A value beyond the range is never brought to its edge.
    """

    severity = "error"
    fix = "safe"
    page = "3-46"
    element = "preference_speed"
    check = Check(lambda text: _setting(text, -100, 100), element_wise=True)
    good = (
        {"preference_speed": "-100"},
        {"preference_speed": "0"},
        {"preference_speed": "100"},
        {"preference_speed": ""},
        {"preference_speed": None},
    )
    bad = (
        {"preference_speed": "+50"},
        {"preference_speed": "50.0"},
        {"preference_speed": "1.5"},
        {"preference_speed": "101"},
        {"preference_speed": "-101"},
        {"preference_speed": "fast"},
    )

    @staticmethod
    def repair(row: Row) -> Edit | None:
        """The integer alone."""
        found = _WHOLE.fullmatch(row["preference_speed"].strip())
        if found is None or not _within(found["number"], -100, 100):
            return None
        return Edit("preference_speed", str(int(found["number"])))


class TextInteger(Rule, code="DT113"):
    """The text preference is none of -1, 0 and 1.

    -1 hides captions, 1 shows them, 0 leaves them alone; a course that meets something else
    may do either to a learner who depends on them.
    """

    severity = "error"
    page = "3-47"
    element = "preference_text"
    check = Check(lambda text: _setting(text, -1, 1), element_wise=True)
    good = (
        {"preference_text": "-1"},
        {"preference_text": "0"},
        {"preference_text": "1"},
        {"preference_text": ""},
        {"preference_text": None},
    )
    bad = ({"preference_text": "2"}, {"preference_text": "0.5"}, {"preference_text": "true"})


class ObjectivesCountInteger(Rule, code="DT121"):
    """The number of objectives is no integer from 0 to 65536.

    Without it nobody knows which objectives to read, so none of this record's were judged.
    """

    severity = "error"
    page = "3-37"
    element = "objectives_count"
    check = Check(_count, element_wise=True)
    good = ({"objectives_count": "0"}, {"objectives_count": "3"}, {"objectives_count": ""})
    bad = ({"objectives_count": "-1"}, {"objectives_count": "three"})


class InteractionsCountInteger(Rule, code="DT122"):
    """The number of interactions is no integer from 0 to 65536.

    Without it nobody knows which interactions to read, so none of this record's were judged.
    """

    severity = "error"
    page = "3-48"
    element = "interactions_count"
    check = Check(_count, element_wise=True)
    good = ({"interactions_count": "0"}, {"interactions_count": "12"}, {"interactions_count": ""})
    bad = ({"interactions_count": "65537"}, {"interactions_count": "1.0"})
