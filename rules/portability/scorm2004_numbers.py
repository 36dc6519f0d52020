"""What becomes of times and scores as SCORM 2004 (4th Edition), by section of its RTE."""

import re

import pandas as pd
from pandera.pandas import Check

from scormaudit import Rule, centiseconds

_DECIMAL = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


def _number(text: str) -> bool:
    return text == "" or (len(text) <= 40 and _DECIMAL.fullmatch(text) is not None)


def _timespan(text: str) -> bool:
    return text == "" or centiseconds(text) is not None


def _scaled(cmi: pd.DataFrame) -> pd.Series:
    """The scaled score; NaN where there is none."""
    low, high = cmi.score_min_value.fillna(0), cmi.score_max_value.fillna(100)
    inside = cmi.score_raw_value.between(low, high) & low.ne(high)
    return ((cmi.score_raw_value - low) / (high - low)).where(inside)


class TotalUntranslated(Rule, code="SFE121"):
    """SCORM 2004 cannot have this total time.

    A duration of ISO 8601 is made of a timespan (RTE 4.2.25), and this is none: the time learned is
    lost.
    """

    element = "total_time"
    check = Check(_timespan, element_wise=True)
    good = (
        {"total_time": "9999:99:99.99"},
        {"total_time": "00:00:60.0"},
    )
    bad = (
        {"total_time": "10049:00:00.00"},
        {"total_time": "5:00"},
        {"total_time": "PT10M"},
    )


class SessionUntranslated(Rule, code="SFE122"):
    """SCORM 2004 cannot have this session time.

    It is no timespan to make a duration of; the total time may still count the session.
    """

    element = "session_time"
    check = Check(_timespan, element_wise=True)
    good = (
        {"session_time": ""},
        {"session_time": "00:10:00.9"},
    )
    bad = (
        {"session_time": "-00:00:05"},
        {"session_time": "PT10M"},
    )


class AllowedUntranslated(Rule, code="SFE123"):
    """SCORM 2004 cannot have this maximum time.

    It is no timespan; the package says it again.
    """

    severity = "info"
    element = "max_time_allowed"
    check = Check(_timespan, element_wise=True)
    good = (
        {"max_time_allowed": "00:30:00"},
        {"max_time_allowed": ""},
    )
    bad = ({"max_time_allowed": "30"},)


class ScoreUntranslated(Rule, code="SFE131"):
    """SCORM 2004 cannot have this raw score.

    It is a number there as well (RTE 4.2.20), of any size, and this is none. The score is lost.
    """

    element = "score_raw"
    check = Check(_number, element_wise=True)
    good = (
        {"score_raw": "150"},
        {"score_raw": "-5"},
        {"score_raw": ""},
    )
    bad = (
        {"score_raw": "85,5"},
        {"score_raw": "NaN"},
        {"score_raw": "17/20"},
    )


class MaximumUntranslated(Rule, code="SFE132"):
    """SCORM 2004 cannot have this maximum score.

    It is no number, so the score is scaled as a percentage.
    """

    element = "score_max"
    check = Check(_number, element_wise=True)
    good = (
        {"score_max": "150"},
        {"score_max": "-5"},
        {"score_max": ""},
    )
    bad = (
        {"score_max": "85,5"},
        {"score_max": "NaN"},
        {"score_max": "17/20"},
    )


class MinimumUntranslated(Rule, code="SFE133"):
    """SCORM 2004 cannot have this minimum score.

    It is no number, so the score is scaled from zero.
    """

    element = "score_min"
    check = Check(_number, element_wise=True)
    good = (
        {"score_min": "150"},
        {"score_min": "-5"},
        {"score_min": ""},
    )
    bad = (
        {"score_min": "85,5"},
        {"score_min": "NaN"},
        {"score_min": "17/20"},
    )


class ScoreUnscaled(Rule, code="SFE134"):
    """SCORM 2004 gets no scaled score from this raw score.

    The scaled score, which decides there (RTE 4.2.20), is the share of the way from the minimum to
    the maximum, or the percentage without them; this one lies outside.
    """

    needs = ("score_raw", "score_max", "score_min")
    check = Check(lambda cmi: cmi.score_raw_value.isna() | _scaled(cmi).notna())
    good = (
        {"score_raw": "7", "score_max": "10"},
        {"score_raw": ""},
        {"score_raw": "150", "score_max": "200"},
    )
    bad = ({"score_raw": "150"}, {"score_raw": "-5"}, {"score_raw": "50", "score_max": "10"})


class MasteryUntranslated(Rule, code="SFE135"):
    """SCORM 2004 cannot have this mastery score.

    The scaled passing score is a hundredth of it, and it is no decimal from 0 to 100. The
    package says it again.
    """

    severity = "warning"
    element = "mastery_score"
    check = Check(
        lambda text: text == "" or (_number(text) and 0 <= float(text) <= 100), element_wise=True
    )
    good = (
        {"mastery_score": "70"},
        {"mastery_score": ""},
    )
    bad = (
        {"mastery_score": "150"},
        {"mastery_score": "high"},
    )
