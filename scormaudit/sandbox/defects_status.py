"""Defects of the lesson status: against score, mastery, mode, credit, and what was left behind."""

from random import Random

from scormaudit.sandbox.attempt import Sco
from scormaudit.sandbox.defect import (
    CREDIT,
    DATA,
    ENTRY,
    EXIT,
    HIGH,
    LOCATION,
    LOW,
    MASTERY,
    RAW,
    SCORED,
    STATUS,
    Changes,
    Defect,
    Plant,
    one_of,
    value,
)
from scormaudit.sandbox.record import FINISHED, Kind

ANSWER = {
    "id": "first_question",
    "type": "true-false",
    "time": "10:15:00",
    "weighting": "1",
    "student_response": "t",
    "correct_responses.0.pattern": "t",
    "result": "correct",
    "latency": "00:00:12",
}


def _answered(_: Sco, __: Random) -> Changes | None:
    """A question, in a record that nothing else was done to."""
    changes: Changes = {STATUS: "not attempted"}
    return changes | {f"cmi.interactions.0.{leaf}": text for leaf, text in ANSWER.items()}


def _failed_without_score(sco: Sco, _: Random) -> Changes | None:
    return {STATUS: "failed", RAW: ""} if value(sco, MASTERY) else None


def _failed_early(sco: Sco, _: Random) -> Changes | None:
    """The 0 that a course sends before its test, judged when the learner leaves."""
    early: Changes = {STATUS: "failed", RAW: "0", LOW: "0", HIGH: "100"}
    return early if value(sco, MASTERY) else None


def _failed_unanswered(sco: Sco, _: Random) -> Changes | None:
    """Nothing to earn points with, in a lesson with a mastery score."""
    unanswered: Changes = {STATUS: "failed", RAW: "0", LOW: "0", HIGH: "100"}
    return unanswered | {EXIT: "", ENTRY: "", DATA: ""} if value(sco, MASTERY) else None


def _beside_score(status: str, raw: str) -> Plant:
    """A status and a score, where no mastery score says which of them is right."""

    def plant(sco: Sco, _: Random) -> Changes | None:
        free = value(sco, RAW) and not value(sco, MASTERY)
        return {STATUS: status, RAW: raw} if free else None

    return plant


def _completed_beside_mastery(sco: Sco, _: Random) -> Changes | None:
    return {STATUS: "completed"} if value(sco, MASTERY) else None


def _incomplete_with_score(sco: Sco, random: Random) -> Changes | None:
    """Left like a finished lesson, without anything to resume."""
    raw = str(random.randint(50, 99))
    changes: Changes = {STATUS: "incomplete", RAW: raw, LOCATION: "", DATA: ""}
    return changes if value(sco, RAW) and not value(sco, MASTERY) else None


def _without_credit(sco: Sco, _: Random) -> Changes | None:
    return {STATUS: value(sco, STATUS), CREDIT: "no-credit"}


def _nothing_to_resume(_: Sco, __: Random) -> Changes | None:
    return {ENTRY: "resume", LOCATION: "", DATA: ""}


def _location_not_kept(_: Sco, __: Random) -> Changes | None:
    return {EXIT: "", DATA: ""}


def _logged_out(sco: Sco, random: Random) -> Changes | None:
    return {EXIT: random.choice(("time-out", "logout"))} if value(sco, DATA) else None


NOT_ATTEMPTED, BROWSED = one_of(STATUS, "not attempted"), one_of(STATUS, "browsed")
STATUSES = (
    Defect("not-attempted-with-traces", STATUS, FINISHED, NOT_ATTEMPTED),
    Defect("not-attempted-with-answers", STATUS, (Kind.UNTOUCHED,), _answered),
    Defect("failed-without-score", STATUS, (Kind.FAILED,), _failed_without_score),
    Defect("failed-by-leaving-early", STATUS, (Kind.SUSPENDED,), _failed_early),
    Defect("failed-before-any-question", STATUS, (Kind.SUSPENDED,), _failed_unanswered),
    Defect("failed-with-full-marks", STATUS, (Kind.FAILED,), _beside_score("failed", "100")),
    Defect("completed-beside-mastery", STATUS, (Kind.PASSED,), _completed_beside_mastery),
    Defect("completed-below-half", STATUS, (Kind.COMPLETED,), _beside_score("completed", "30")),
    Defect("incomplete-with-score", STATUS, (Kind.PASSED,), _incomplete_with_score),
    Defect("browsed-in-normal-mode", STATUS, (Kind.COMPLETED,), BROWSED),
    Defect("judged-without-credit", STATUS, SCORED, _without_credit),
    Defect("completed-while-browsing", STATUS, (Kind.BROWSED,), one_of(STATUS, "completed")),
    Defect("review-for-credit", CREDIT, (Kind.BROWSED, Kind.REVIEWED), one_of(CREDIT, "credit")),
    Defect("suspend-data-after-logout", EXIT, (Kind.SUSPENDED,), _logged_out),
    Defect("location-not-kept", EXIT, (Kind.SUSPENDED,), _location_not_kept),
    Defect("nothing-to-resume", ENTRY, (Kind.SUSPENDED,), _nothing_to_resume),
)
