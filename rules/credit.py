"""The lesson status against credit and lesson mode (RTE 3-23, 3-25, 3-30)."""

from pandera.pandas import Check

from scormaudit import Edit, Row, Rule, in_course


class BrowsedOutsideBrowsing(Rule, code="ST201"):
    """Browsed, though the lesson mode is not `browse`.

    The status is for a learner who only looked around in browse mode. In a later, normal
    launch the course or the LMS should have put another one in its place, so an attempt
    may be hidden behind this word.
    """

    severity = "info"
    page = "3-25"
    needs = ("lesson_status", "lesson_mode", "start_date_utc", "exit_date_utc")
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.eq("browsed")
                & cmi.lesson_mode.isin(["normal", "review"])
                & ~in_course(cmi)
            )
        )
    )
    good = (
        {"lesson_status": "browsed", "lesson_mode": "browse"},
        {"lesson_status": "browsed", "lesson_mode": None},
        {"lesson_status": "browsed", "lesson_mode": "Normal"},
        {"lesson_status": "completed", "lesson_mode": "normal"},
        {
            "lesson_status": "browsed",
            "lesson_mode": "normal",
            "start_date_utc": "2026-03-02T10:00:00Z",
        },
    )
    bad = (
        {"lesson_status": "browsed", "lesson_mode": "normal"},
        {"lesson_status": "browsed", "lesson_mode": "review"},
    )


class JudgedWithoutCredit(Rule, code="ST202"):
    """Passed or failed in an attempt that is not for credit.

    Both words are meant for attempts that count; without credit the LMS changes nothing and
    a course should say completed. A review keeps the result of the attempt before it, so
    review mode is left out.
    """

    severity = "info"
    page = "3-25"
    needs = ("lesson_status", "credit", "lesson_mode")
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.isin(["passed", "failed"])
                & cmi.credit.eq("no-credit")
                & cmi.lesson_mode.isin(["normal", "browse"])
            )
        )
    )
    good = (
        {"lesson_status": "passed", "credit": "credit", "lesson_mode": "normal"},
        {"lesson_status": "passed", "credit": "no-credit", "lesson_mode": "review"},
        {"lesson_status": "failed", "credit": "no-credit", "lesson_mode": None},
        {"lesson_status": "completed", "credit": "no-credit", "lesson_mode": "normal"},
    )
    bad = (
        {"lesson_status": "passed", "credit": "no-credit", "lesson_mode": "normal"},
        {"lesson_status": "failed", "credit": "no-credit", "lesson_mode": "browse"},
    )


class CompletedWhileBrowsing(Rule, code="ST203"):
    """Completed in browse mode without credit, where `browsed` is the word.

    The one change that the LMS makes without credit is to write `browsed` after a preview;
    some systems write `completed` there, and a look around counts as training done. A
    course may have said completed itself, so a person decides.
    """

    severity = "warning"
    fix = "judgement"
    page = "3-24"
    needs = ("lesson_status", "lesson_mode", "credit", "start_date_utc", "exit_date_utc")
    check = Check(
        lambda cmi: (
            ~(
                cmi.lesson_status.eq("completed")
                & cmi.lesson_mode.eq("browse")
                & cmi.credit.eq("no-credit")
                & ~in_course(cmi)
            )
        )
    )
    good = (
        {"lesson_status": "browsed", "lesson_mode": "browse", "credit": "no-credit"},
        {"lesson_status": "completed", "lesson_mode": "review", "credit": "no-credit"},
        {"lesson_status": "completed", "lesson_mode": "browse", "credit": "credit"},
        {"lesson_status": "completed", "lesson_mode": "browse", "credit": None},
    )
    bad = ({"lesson_status": "completed", "lesson_mode": "browse", "credit": "no-credit"},)

    @staticmethod
    def repair(row: Row) -> Edit | None:  # noqa: ARG004
        """Status `browsed`."""
        return Edit("lesson_status", "browsed")


class LookedAtForCredit(Rule, code="ST204"):
    """Browsing or reviewing counts for credit.

    Nothing forbids it, but a preview and a second look are normally not for credit, and an
    LMS that applies the mastery score to them can undo a result that was earned.
    """

    severity = "info"
    page = "3-30"
    needs = ("credit", "lesson_mode")
    check = Check(
        lambda cmi: ~(cmi.credit.eq("credit") & cmi.lesson_mode.isin(["browse", "review"]))
    )
    good = (
        {"credit": "no-credit", "lesson_mode": "review"},
        {"credit": "credit", "lesson_mode": "normal"},
        {"credit": None, "lesson_mode": "browse"},
    )
    bad = ({"credit": "credit", "lesson_mode": "review"},)


class UnfinishedReview(Rule, code="ST205"):
    """Incomplete in review mode, which follows a finished attempt.

    A review follows a finished attempt, and without credit nobody should change its result.
    Some courses write `incomplete` whenever they start and some systems let them, so an
    earlier result may be overwritten; only a history would show it.
    """

    severity = "info"
    page = "3-24"
    needs = ("lesson_status", "lesson_mode", "start_date_utc", "exit_date_utc")
    check = Check(
        lambda cmi: (
            ~(cmi.lesson_status.eq("incomplete") & cmi.lesson_mode.eq("review") & ~in_course(cmi))
        )
    )
    good = (
        {"lesson_status": "completed", "lesson_mode": "review"},
        {"lesson_status": "incomplete", "lesson_mode": "normal"},
        {"lesson_status": "incomplete", "lesson_mode": None},
    )
    bad = ({"lesson_status": "incomplete", "lesson_mode": "review"},)
