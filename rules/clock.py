"""Dates and durations against each other."""

from pandera.pandas import Check

from scormaudit import Rule


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
