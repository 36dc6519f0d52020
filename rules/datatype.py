"""Data types of single elements: timespans, decimals, string limits (RTE 3.4.5)."""

import pandas as pd
from pandera.pandas import Check

from scormaudit import Edit, Row, Rule, centiseconds, respell

_DECIMAL = r"^-?([0-9]+(\.[0-9]*)?|\.[0-9]+)\Z"


def _timespan(column: pd.Series) -> pd.Series:
    return column.map(lambda text: centiseconds(text) is not None).astype(bool)


class ScoreRawDecimal(Rule, code="DT101"):
    """The raw score is neither a decimal nor blank.

    A score with a comma, a percent sign or words in it is read as 0 by some systems and
    refused by others. One comma with one or two digits behind it is a decimal comma beyond
    doubt; anything else is left to a person.
    """

    severity = "error"
    fix = "safe"
    page = "3-27"
    element = "score_raw"
    check = Check.str_matches(rf"{_DECIMAL}|^\Z")
    good = ({"score_raw": ""}, {"score_raw": "85.5"}, {"score_raw": "0"}, {"score_raw": "-1"})
    bad = (
        {"score_raw": "85,5"},
        {"score_raw": "85%"},
        {"score_raw": "1,234,5"},
        {"score_raw": "eighty five"},
        {"score_raw": "1e2"},
        {"score_raw": "85\n"},
    )

    @staticmethod
    def repair(row: Row) -> Edit | None:
        """The comma as a point, the percent sign dropped."""
        whole, comma, fraction = row["score_raw"].strip().partition(",")
        if whole.isdecimal() and whole.isascii() and fraction.isdecimal() and fraction.isascii():
            return Edit("raw_score", f"{whole}.{fraction}") if len(fraction) < 3 else None
        number = row["score_raw"].strip().removesuffix("%").strip()
        plain = number.isascii() and number.replace(".", "", 1).isdecimal() and not comma
        return Edit("raw_score", number) if plain else None


class TotalTimeTimespan(Rule, code="DT201"):
    """The total time is not spelled HHHH:MM:SS.SS.

    Hours need two to four digits, minutes and seconds two each. Missing zeros and ISO 8601
    durations name one length, so the legal spelling of that length is safe; a two-part
    `5:00` may be minutes or hours, and is left alone.
    """

    severity = "error"
    fix = "safe"
    page = "3-29"
    element = "total_time"
    check = Check(_timespan)
    good = ({"total_time": "0000:00:00.00"}, {"total_time": "12:34:56.7"}, {"total_time": None})
    bad = (
        {"total_time": "0:05:00"},
        {"total_time": "PT5M"},
        {"total_time": "00:00:5.0"},
        {"total_time": "5:00"},
        {"total_time": "300"},
        {"total_time": ""},
    )

    @staticmethod
    def repair(row: Row) -> Edit | None:
        """The same length in its legal spelling."""
        text = respell(row["total_time"])
        return Edit("total_time", text) if text else None


class SessionTimeTimespan(Rule, code="DT202"):
    """The session time is not spelled HHHH:MM:SS.SS.

    The LMS adds it to the total time when the session ends; a spelling it cannot read is a
    session that never counts. A blank is what a run-time stores that was never told one.
    """

    severity = "error"
    fix = "safe"
    page = "3-32"
    element = "session_time"
    check = Check(lambda column: _timespan(column) | column.eq(""))
    good = ({"session_time": "00:00:01.50"}, {"session_time": ""}, {"session_time": "9999:59:59"})
    bad = (
        {"session_time": "0:00:01"},
        {"session_time": "PT1H2M3S"},
        {"session_time": "00:00:01 "},
        {"session_time": "0000:00:NaN"},
        {"session_time": "12345:00:00"},
    )

    @staticmethod
    def repair(row: Row) -> Edit | None:
        """The same length in its legal spelling."""
        text = respell(row["session_time"])
        return Edit("session_time", text) if text else None


class SuspendDataLength(Rule, code="DT301"):
    """The suspend data is longer than 4096 characters.

    A run-time that keeps to the limit refuses or cuts it, and the course cannot resume.
    Nothing may be cut: half a bookmark is worse than a long one.
    """

    severity = "error"
    page = "3-33"
    element = "suspend_data"
    check = Check.str_length(0, 4096)
    good = ({"suspend_data": ""}, {"suspend_data": "x" * 4096})
    bad = ({"suspend_data": "x" * 4097},)
