"""Coming back: what a later launch needs of an earlier exit (RTE 3-26, 3-31)."""

import pandas as pd
from pandera.pandas import Check

from scormaudit import Edit, Row, Rule, in_course


def _has_left(cmi: pd.DataFrame) -> pd.Series:
    """Records whose dates show that the last session has ended."""
    return cmi.exit_utc.ge(cmi.start_utc)


class SuspendDataNotKept(Rule, code="RE101"):
    """Incomplete with suspend data, but the exit does not ask to keep it.

    Only an exit of `suspend` promises that the data is given back at the next launch; many
    systems drop it otherwise and the learner begins again. Whether the course meant to
    suspend is a guess, so a person decides. Judged only where the dates show that the
    learner has left.
    """

    severity = "warning"
    fix = "judgement"
    page = "3-31"
    needs = ("lesson_status", "suspend_data", "exit", "start_date_utc", "exit_date_utc")
    element = "exit"
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.eq("incomplete")
                & cmi.given_suspend_data
                & cmi.exit.eq("")
                & _has_left(cmi)
            )
        )
    )
    good = (
        {"lesson_status": "incomplete", "suspend_data": "p=3", "exit": "suspend"},
        {"lesson_status": "incomplete", "suspend_data": "", "exit": ""},
        {"lesson_status": "passed", "suspend_data": "p=3", "exit": ""},
        {"lesson_status": "incomplete", "suspend_data": "p=3", "exit": None},
        {"lesson_status": "incomplete", "suspend_data": "p=3", "exit": ""},
        {
            "lesson_status": "incomplete",
            "suspend_data": "p=3",
            "exit": "",
            "start_date_utc": "2026-03-02T10:00:00Z",
        },
    )
    bad = (
        {
            "lesson_status": "incomplete",
            "suspend_data": "p=3",
            "exit": "",
            "start_date_utc": "2026-03-02T10:00:00Z",
            "exit_date_utc": "2026-03-02T10:05:00Z",
        },
    )

    @staticmethod
    def repair(row: Row) -> Edit | None:  # noqa: ARG004
        """Exit `suspend`."""
        return Edit("exit_status", "suspend")


class SuspendDataAfterLogout(Rule, code="RE102"):
    """Incomplete with suspend data, but the learner was logged out or ran out of time.

    After `time-out` and `logout` the next entry is blank, so a course that asks for
    `resume` before it reads its data begins anew. The data itself stays; whether the course
    reads it all the same, its owner knows.
    """

    severity = "info"
    page = "3-31"
    needs = ("lesson_status", "suspend_data", "exit", "start_date_utc", "exit_date_utc")
    element = "exit"
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.eq("incomplete")
                & cmi.given_suspend_data
                & cmi.exit.isin(["time-out", "logout"])
                & ~in_course(cmi)
            )
        )
    )
    good = (
        {"lesson_status": "incomplete", "suspend_data": "p=3", "exit": "suspend"},
        {"lesson_status": "incomplete", "suspend_data": "", "exit": "time-out"},
        {"lesson_status": "passed", "suspend_data": "p=3", "exit": "logout"},
        {
            "lesson_status": "incomplete",
            "suspend_data": "p=3",
            "exit": "logout",
            "start_date_utc": "2026-03-02T10:00:00Z",
        },
    )
    bad = (
        {"lesson_status": "incomplete", "suspend_data": "p=3", "exit": "time-out"},
        {"lesson_status": "incomplete", "suspend_data": "p=3", "exit": "logout"},
    )


class LocationNotKept(Rule, code="RE103"):
    """Incomplete with a location, but the exit does not ask to keep it.

    The bookmark alone is as little promised as suspend data is, and some systems drop both
    when the exit was a normal one. Many courses leave like this and come back well, so a
    person decides whether this one needs `suspend`.
    """

    severity = "info"
    fix = "judgement"
    page = "3-31"
    needs = (
        "lesson_status", "lesson_location", "suspend_data", "exit", "start_date_utc",
        "exit_date_utc",
    )  # fmt: skip
    element = "exit"
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.eq("incomplete")
                & cmi.given_lesson_location
                & ~cmi.given_suspend_data
                & cmi.exit.eq("")
                & ~in_course(cmi)
            )
        )
    )
    good = (
        {"lesson_status": "incomplete", "lesson_location": "slide_3", "exit": "suspend"},
        {"lesson_status": "incomplete", "lesson_location": "slide_3", "exit": None},
        {"lesson_status": "incomplete", "lesson_location": "", "exit": ""},
        {"lesson_status": "completed", "lesson_location": "slide_3", "exit": ""},
        {
            "lesson_status": "incomplete",
            "lesson_location": "slide_3",
            "suspend_data": "p=3",
            "exit": "",
        },
    )
    bad = ({"lesson_status": "incomplete", "lesson_location": "slide_3", "exit": ""},)

    @staticmethod
    def repair(row: Row) -> Edit | None:  # noqa: ARG004
        """Exit `suspend`."""
        return Edit("exit_status", "suspend")


class NothingToResume(Rule, code="RE104"):
    """The entry says resume, but neither a location nor suspend data was kept.

    The course will ask where the learner was and get no answer. A course may need no
    bookmark; where others of the same course have one, it was lost.
    """

    severity = "info"
    page = "3-26"
    needs = ("entry", "lesson_location", "suspend_data", "lesson_status")
    check = Check(
        lambda cmi: (
            ~(
                cmi.entry.eq("resume")
                & cmi.blank_lesson_location
                & cmi.blank_suspend_data
                & cmi.lesson_status.ne("not attempted")
            )
        )
    )
    good = (
        {"entry": "resume", "lesson_location": "slide_3", "suspend_data": ""},
        {"entry": "resume", "lesson_location": "", "suspend_data": "p=3"},
        {"entry": "resume", "lesson_location": None, "suspend_data": ""},
        {"entry": "ab-initio", "lesson_location": "", "suspend_data": ""},
    )
    bad = ({"entry": "resume", "lesson_location": "", "suspend_data": ""},)
