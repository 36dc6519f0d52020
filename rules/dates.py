"""Start and exit: when the learner was in the course, as the LMS tells it."""

import pandas as pd
from pandera.pandas import Check

from scormaudit import Rule

_FIRST = pd.Timestamp("2001-01-01", tz="UTC")


def _unreadable(given: pd.Series, moment: pd.Series) -> pd.Series:
    """Dates that are there and name no moment."""
    return given & moment.isna()


class ExitBeforeStart(Rule, code="CL101"):
    """Left before it was started, though the status is final.

    Either the learner has opened the finished course again and is in it now, or a date is
    wrong. Wait a day and read it again before you believe the second.
    """

    severity = "info"
    needs = ("start_date_utc", "exit_date_utc", "lesson_status")
    element = "exit_date_utc"
    check = Check(
        lambda cmi: (
            ~(
                cmi.exit_utc.lt(cmi.start_utc)
                & cmi.lesson_status.isin(["passed", "completed", "failed"])
            )
        )
    )
    good = (
        {
            "start_date_utc": "2026-03-02T10:00:00Z",
            "exit_date_utc": "2026-03-02T10:00:00.0000000+00:00",
            "lesson_status": "passed",
        },
        {
            "start_date_utc": "2026-03-02T10:00:00Z",
            "exit_date_utc": "2026-03-02T09:00:00Z",
            "lesson_status": "incomplete",
        },
        {"start_date_utc": "2026-03-02T10:00:00Z", "exit_date_utc": None},
    )
    bad = (
        {
            "start_date_utc": "2026-03-02T10:00:00Z",
            "exit_date_utc": "2026-03-02T10:30:00+01:00",
            "lesson_status": "passed",
        },
    )


class StartUnreadable(Rule, code="CL102"):
    """The start date is no date.

    The LMS writes dates as `2026-03-02T10:00:00Z`, with up to seven digits behind the
    seconds. From anything else nobody can tell whether the learner is in the course now, so
    rules that wait for the learner to leave judge this record at once.
    """

    severity = "warning"
    needs = ("start_date_utc",)
    check = Check(lambda cmi: ~_unreadable(cmi.given_start_date_utc, cmi.start_utc))
    good = (
        {"start_date_utc": "2026-03-02T10:00:00Z"},
        {"start_date_utc": "2026-03-02T10:00:00.1234567+00:00"},
        {"start_date_utc": "2026-03-02T10:00:00"},
        {"start_date_utc": ""},
        {"start_date_utc": None},
    )
    bad = (
        {"start_date_utc": "02/03/2026 10:00"},
        {"start_date_utc": "2026-02-30T10:00:00Z"},
        {"start_date_utc": "null"},
    )


class ExitUnreadable(Rule, code="CL103"):
    """The exit date is no date.

    It is spelled as the start date is. A record with a start and no exit that can be read
    counts as one whose learner may be in the course, and is left alone by many rules.
    """

    severity = "warning"
    needs = ("exit_date_utc",)
    check = Check(lambda cmi: ~_unreadable(cmi.given_exit_date_utc, cmi.exit_utc))
    good = (
        {"exit_date_utc": "2026-03-02T10:00:00Z"},
        {"exit_date_utc": "2026-03-02T10:00:00.04+01:00"},
        {"exit_date_utc": ""},
        {"exit_date_utc": None},
    )
    bad = ({"exit_date_utc": "2026-03-02 at ten"}, {"exit_date_utc": "2026-13-02T10:00:00Z"})


class StartTooEarly(Rule, code="CL104"):
    """The start date lies before SCORM 1.2 existed.

    The year 1 is what a program writes that was given no date, 1970 what one writes that
    was given 0. The specification came out in 2001.
    """

    severity = "warning"
    needs = ("start_date_utc",)
    check = Check(lambda cmi: ~cmi.start_utc.lt(_FIRST))
    good = (
        {"start_date_utc": "2002-05-06T08:00:00Z"},
        {"start_date_utc": "2026-03-02T10:00:00Z"},
        {"start_date_utc": "1970"},
        {"start_date_utc": None},
    )
    bad = ({"start_date_utc": "0001-01-01T00:00:00"}, {"start_date_utc": "1970-01-01T00:00:00Z"})
