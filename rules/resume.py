"""Coming back: what a later launch needs of an earlier exit (RTE 3-26, 3-31)."""

from pandera.pandas import Check

from scormaudit import Edit, Row, Rule


class SuspendDataNotKept(Rule, code="RE101"):
    """Incomplete with suspend data, but the exit does not ask to keep it.

    Only an exit of `suspend` promises that the data is given back at the next launch; many
    systems drop it otherwise and the learner begins again. Whether the course meant to
    suspend is a guess, so a person decides.
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
                & cmi.suspend_data.ne("")
                & cmi.suspend_data.notna()
                & cmi.exit.eq("")
                & ~(cmi.start_utc.notna() & ~cmi.exit_utc.ge(cmi.start_utc))
            )
        )
    )
    good = (
        {"lesson_status": "incomplete", "suspend_data": "p=3", "exit": "suspend"},
        {"lesson_status": "incomplete", "suspend_data": "", "exit": ""},
        {"lesson_status": "passed", "suspend_data": "p=3", "exit": ""},
        {"lesson_status": "incomplete", "suspend_data": "p=3", "exit": None},
        {
            "lesson_status": "incomplete",
            "suspend_data": "p=3",
            "exit": "",
            "start_date_utc": "2026-03-02T10:00:00Z",
        },
    )
    bad = (
        {"lesson_status": "incomplete", "suspend_data": "p=3", "exit": ""},
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
