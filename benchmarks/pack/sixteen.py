"""Sixteen rules as a user would write them, for comparison with other engines."""

import pandas as pd
from pandera.pandas import Check

from scormaudit import VOCABULARY, Rule

_KEY = ("enrollment_id", "assignment_id", "sco_id")


def _legal_timespan(given: pd.Series, seconds: pd.Series) -> pd.Series:
    """Timespans that are blank or mean a number of seconds."""
    return ~(given & seconds.isna())


def _percentage(given: pd.Series, score: pd.Series) -> pd.Series:
    """Scores that are blank or a number from 0 to 100."""
    return ~given | score.between(0, 100)


class Status(Rule, code="BV101"):
    """The lesson status is no word of its vocabulary."""

    element = "lesson_status"
    check = Check.isin(VOCABULARY["lesson_status"])


class Entry(Rule, code="BV102"):
    """The entry is no word of its vocabulary."""

    element = "entry"
    check = Check.isin(VOCABULARY["entry"])


class Exit(Rule, code="BV103"):
    """The exit is no word of its vocabulary."""

    element = "exit"
    check = Check.isin(VOCABULARY["exit"])


class Credit(Rule, code="BV104"):
    """The credit is no word of its vocabulary."""

    element = "credit"
    check = Check.isin(VOCABULARY["credit"])


class Mode(Rule, code="BV105"):
    """The lesson mode is no word of its vocabulary."""

    element = "lesson_mode"
    check = Check.isin(VOCABULARY["lesson_mode"])


class SessionTime(Rule, code="BT101"):
    """The session time is no timespan."""

    needs = ("session_time",)
    check = Check(lambda cmi: _legal_timespan(cmi.given_session_time, cmi.session_time_seconds))


class TotalTime(Rule, code="BT102"):
    """The total time is no timespan."""

    needs = ("total_time",)
    check = Check(lambda cmi: _legal_timespan(cmi.given_total_time, cmi.total_time_seconds))


class ScoreRaw(Rule, code="BS101"):
    """The raw score is no number from 0 to 100."""

    needs = ("score_raw",)
    check = Check(lambda cmi: _percentage(cmi.given_score_raw, cmi.score_raw_value))


class ScoreMin(Rule, code="BS102"):
    """The minimum score is no number from 0 to 100."""

    needs = ("score_min",)
    check = Check(lambda cmi: _percentage(cmi.given_score_min, cmi.score_min_value))


class ScoreMax(Rule, code="BS103"):
    """The maximum score is no number from 0 to 100."""

    needs = ("score_max",)
    check = Check(lambda cmi: _percentage(cmi.given_score_max, cmi.score_max_value))


class ScoreBounds(Rule, code="BS201"):
    """The raw score lies below the minimum or above the maximum."""

    needs = ("score_raw", "score_min", "score_max")
    check = Check(
        lambda cmi: (
            ~(
                cmi.score_raw_value.lt(cmi.score_min_value)
                | cmi.score_raw_value.gt(cmi.score_max_value)
            )
        )
    )


class ExitBeforeStart(Rule, code="BC101"):
    """The exit lies before the start."""

    needs = ("exit_date_utc", "start_date_utc")
    check = Check(lambda cmi: ~cmi.exit_utc.lt(cmi.start_utc))


class TotalBelowSession(Rule, code="BC102"):
    """The total time is shorter than the session."""

    needs = ("total_time", "session_time")
    check = Check(lambda cmi: ~cmi.total_time_seconds.lt(cmi.session_time_seconds))


class PassedBelowMastery(Rule, code="BP101"):
    """Passed, with a score below the mastery score."""

    needs = ("lesson_status", "score_raw", "mastery_score")
    check = Check(
        lambda cmi: (
            ~(cmi.lesson_status.eq("passed") & cmi.score_raw_value.lt(cmi.mastery_score_value))
        )
    )


class Repeated(Rule, code="BU101"):
    """The record is there more than once."""

    unique = _KEY
    element = "sco_id"


class SuspendData(Rule, code="BL101"):
    """The suspend data has more than 4096 characters."""

    element = "suspend_data"
    check = Check.str_length(0, 4096)
