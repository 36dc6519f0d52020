"""Dates and durations against each other (RTE 3-29 to 3-33)."""

import pandas as pd
from pandera.pandas import Check

from scormaudit import Edit, Row, Rule, in_course, shared

_LARGEST = 9999 * 3600 + 99 * 60 + 99.99
"""What stands for a time that was lost, in seconds."""
_EPSILON = 0.001
_HUNDRED_HOURS = 360_000


_LEFT = {"start_date_utc": "2026-03-02T10:00:00Z", "exit_date_utc": "2026-03-02T10:30:00Z"}


@shared
def _tolerance(cmi: pd.DataFrame) -> pd.Series:
    """What one digit behind the point may stand for: `.9` is read as 0.9 and as 0.09 seconds."""
    return (cmi.session_time_tenths | cmi.total_time_tenths) * 0.81 + _EPSILON


@shared
def _usable(cmi: pd.DataFrame) -> pd.Series:
    """Records whose session says something: the largest timespan stands for a lost one."""
    session = cmi.session_time_seconds
    return session.gt(0) & session.lt(_LARGEST) & ~cmi.total_time_seconds.ge(_LARGEST)


@shared
def _doubled(cmi: pd.DataFrame) -> pd.Series:
    """First launches whose session was counted exactly twice."""
    twice = (cmi.total_time_seconds - 2 * cmi.session_time_seconds).abs().lt(_EPSILON)
    return twice & cmi.entry.eq("ab-initio") & _usable(cmi)


@shared
def _single(cmi: pd.DataFrame) -> pd.Series:
    """Records of one session: of a first launch, or with nothing added up before it."""
    alone = cmi.total_time_seconds.eq(cmi.session_time_seconds) & cmi.entry.ne("resume")
    return (cmi.entry.eq("ab-initio") | alone) & _usable(cmi)


def _longest(cmi: pd.DataFrame) -> pd.Series:
    """The longer one of total and session, where it is a time that was measured."""
    total = cmi.total_time_seconds.where(cmi.total_time_seconds.lt(_LARGEST))
    session = cmi.session_time_seconds.where(cmi.session_time_seconds.lt(_LARGEST))
    return total.where(~session.gt(total.fillna(0)), session)


@shared
def _spent(cmi: pd.DataFrame) -> pd.Series:
    """Seconds from start to exit, less than none where the exit is not the later one."""
    return (cmi.exit_utc - cmi.start_utc).dt.total_seconds()


def _outlasts(cmi: pd.DataFrame) -> pd.Series:
    """Records whose session is longer than the time from start to exit, clocks being a second
    apart."""
    spent = _spent(cmi)
    return spent.ge(0) & cmi.session_time_seconds.gt(spent + 1)


def _hundreds_lost(cmi: pd.DataFrame) -> pd.Series:
    """Records with hundreds of hours from start to exit that the session lacks."""
    lost = _spent(cmi) - cmi.session_time_seconds + 1
    hundreds = (lost / _HUNDRED_HOURS).round()
    return hundreds.ge(1) & (lost - hundreds * _HUNDRED_HOURS).between(0, 61)


class TotalBelowSession(Rule, code="CL201"):
    """The total time is shorter than the last session, which it should include.

    The LMS adds the last session time of each session to the total when the session ends,
    so a total of 0 or less than one session was never added up. After a first launch the
    session is the whole total, and a person may put it there; otherwise the earlier sessions
    are not known. Judged only where the dates show that the learner has left.
    """

    severity = "error"
    fix = "judgement"
    page = "3-29"
    needs = ("total_time", "session_time", "entry", "start_date_utc", "exit_date_utc")
    check = Check(
        lambda cmi: (
            ~(
                (cmi.session_time_seconds - cmi.total_time_seconds).gt(_tolerance(cmi))
                & _usable(cmi)
                & cmi.exit_utc.ge(cmi.start_utc)
            )
        )
    )
    good = (
        {"total_time": "00:10:00", "session_time": "00:05:00"},
        {"total_time": "0000:00:00.00", "session_time": "00:05:00", "entry": "ab-initio"},
        {"total_time": "00:05:00", "session_time": "0000:05:00.00"},
        {"total_time": "00:00:03.09", "session_time": "00:00:03.9"},
        {"total_time": "0000:00:00.00", "session_time": ""},
        {"total_time": "00:10:00", "session_time": "9999:99:99.99"},
        {"total_time": "", "session_time": "00:05:00"},
        {
            "total_time": "00:01:00",
            "session_time": "00:05:00",
            "start_date_utc": "2026-03-02T10:00:00Z",
        },
    )
    bad = (
        _LEFT | {"total_time": "0000:00:00.00", "session_time": "00:05:00", "entry": "ab-initio"},
        {"total_time": "00:04:59.50", "session_time": "00:05:00", "entry": "resume", **_LEFT},
        {"total_time": "00:00:03", "session_time": "00:00:03.9", **_LEFT},
    )

    @staticmethod
    def repair(row: Row) -> Edit | None:
        """The session as the total, where it was the first one."""
        first = row.get("entry") == "ab-initio"
        return Edit("total_time", row["session_time"]) if first else None


class TotalDoubled(Rule, code="CL202"):
    """After a first launch the total time is exactly twice the session.

    There was one session, so it was counted twice; that happens when a course ends its
    session two times. The total should be the session itself, which a person may write.
    """

    severity = "info"
    fix = "judgement"
    page = "3-29"
    needs = ("total_time", "session_time", "entry", "start_date_utc", "exit_date_utc")
    check = Check(lambda cmi: ~(_doubled(cmi) & ~in_course(cmi)))
    good = (
        {"total_time": "00:10:00", "session_time": "00:05:00", "entry": "resume"},
        {"total_time": "00:10:00", "session_time": "00:05:00", "entry": ""},
        {"total_time": "00:10:00", "session_time": "00:10:00", "entry": "ab-initio"},
        {"total_time": "0000:00:00.00", "session_time": "00:00:00", "entry": "ab-initio"},
    )
    bad = ({"total_time": "00:10:00", "session_time": "00:05:00", "entry": "ab-initio"},)

    @staticmethod
    def repair(row: Row) -> Edit | None:
        """The session as the total."""
        return Edit("total_time", row["session_time"])


class TotalOfOneLaunch(Rule, code="CL203"):
    """The entry says first launch, but the total time holds more than one session.

    `ab-initio` stands for a learner who was never there before, and then the total is the
    session. Either the entry was never brought up to date, so the course starts again from
    its beginning, or sessions were added up that never were.
    """

    severity = "warning"
    page = "3-26"
    needs = ("entry", "total_time", "session_time", "start_date_utc", "exit_date_utc")
    check = Check(
        lambda cmi: (
            ~(
                cmi.entry.eq("ab-initio")
                & (cmi.total_time_seconds - cmi.session_time_seconds).gt(_tolerance(cmi))
                & _usable(cmi)
                & ~_doubled(cmi)
                & ~in_course(cmi)
            )
        )
    )
    good = (
        {"entry": "ab-initio", "total_time": "00:05:00", "session_time": "00:05:00"},
        {"entry": "resume", "total_time": "00:15:00", "session_time": "00:05:00"},
        {"entry": "", "total_time": "00:15:00", "session_time": "00:05:00"},
        {"entry": "ab-initio", "total_time": "00:15:00", "session_time": ""},
        {"entry": "ab-initio", "total_time": "00:00:05.90", "session_time": "00:00:05.9"},
        {"entry": "ab-initio", "total_time": "00:00:10", "session_time": "00:00:05"},
    )
    bad = ({"entry": "ab-initio", "total_time": "00:15:00", "session_time": "00:05:00"},)


class SessionBeyondClock(Rule, code="CL301"):
    """The session is longer than the time from start to exit.

    Nobody can stay longer than that, apart from a second that clocks differ by. Half an
    hour too much comes from code that mistakes the time zone; whole hours from a clock that
    was set. Only records of a single session are judged.
    """

    severity = "warning"
    page = "3-32"
    needs = ("session_time", "total_time", "entry", "start_date_utc", "exit_date_utc")
    check = Check(lambda cmi: ~(_single(cmi) & _outlasts(cmi)))
    _hour = {
        "session_time": "01:00:00",
        "total_time": "01:00:00",
        "entry": "ab-initio",
        "start_date_utc": "2026-03-02T10:00:00Z",
        "exit_date_utc": "2026-03-02T11:00:10Z",
    }
    good = (
        _hour,
        {**_hour, "exit_date_utc": "2026-03-02T10:59:59Z"},
        {**_hour, "exit_date_utc": "2026-03-02T09:00:00Z"},
        {**_hour, "exit_date_utc": None},
        {**_hour, "session_time": "9999:99:99.99", "total_time": "9999:99:99.99"},
        {**_hour, "entry": "resume", "session_time": "05:00:00", "total_time": "09:00:00"},
    )
    bad = (
        {**_hour, "session_time": "01:30:10", "total_time": "01:30:10"},
        {**_hour, "session_time": "05:00:00", "total_time": "05:00:00", "entry": ""},
    )


class SessionLostHundredHours(Rule, code="CL302"):
    """The session is shorter than the time from start to exit by exactly 100 hours.

    Old sample code keeps the last two digits of the hours only, so a session that was never
    closed loses every full hundred. A learner who stayed away that long may explain it too.
    """

    severity = "info"
    page = "3-32"
    needs = ("session_time", "total_time", "entry", "start_date_utc", "exit_date_utc")
    check = Check(lambda cmi: ~(_single(cmi) & _hundreds_lost(cmi)))
    _stay = {
        "session_time": "02:00:00",
        "total_time": "02:00:00",
        "entry": "ab-initio",
        "start_date_utc": "2026-03-02T10:00:00Z",
        "exit_date_utc": "2026-03-06T16:00:20Z",
    }
    good = (
        {**_stay, "exit_date_utc": "2026-03-06T18:00:20Z"},
        {**_stay, "exit_date_utc": "2026-03-02T12:00:10Z"},
        {**_stay, "exit_date_utc": None},
        {**_stay, "entry": "resume"},
    )
    bad = (_stay, {**_stay, "exit_date_utc": "2026-03-10T20:00:30Z"})


class LongSession(Rule, code="CL303"):
    """The last session lasted longer than eight hours.

    Rarely did somebody learn so long: the window stayed open, and the clock ran. The total
    time of this learner says little about the work done.
    """

    severity = "info"
    page = "3-32"
    needs = ("session_time",)
    check = Check(
        lambda cmi: ~cmi.session_time_seconds.between(8 * 3600, _LARGEST, inclusive="neither")
    )
    good = (
        {"session_time": "08:00:00"},
        {"session_time": "00:45:00"},
        {"session_time": "9999:99:99.99"},
        {"session_time": "PT9H"},
    )
    bad = ({"session_time": "13:20:00"},)


class TotalBeyondAllowed(Rule, code="CL304"):
    """The time spent is beyond the maximum time allowed.

    What happens at the limit the time limit action says, and `continue` lets the learner go
    on. Only a limit that was meant to end the attempt makes this worth a question.
    """

    severity = "info"
    page = "3-43"
    needs = ("total_time", "session_time", "max_time_allowed")
    check = Check(
        lambda cmi: (
            ~(
                _longest(cmi).gt(cmi.max_time_allowed_seconds + 60)
                & cmi.max_time_allowed_seconds.gt(0)
            )
        )
    )
    good = (
        {"total_time": "00:30:40", "max_time_allowed": "00:30:00"},
        {"total_time": "00:45:00", "max_time_allowed": ""},
        {"total_time": "00:45:00", "max_time_allowed": "00:00:00"},
        {"total_time": "9999:99:99.99", "max_time_allowed": "00:30:00"},
    )
    bad = (
        {"total_time": "00:45:00", "max_time_allowed": "00:30:00"},
        {"total_time": "00:15:00", "session_time": "00:45:00", "max_time_allowed": "00:30:00"},
    )


class LatencyBeyondTotal(Rule, code="CL305"):
    """An interaction took longer than all the time spent in the course.

    The latency is a part of a session, and sessions add up to the total time. One of the
    two was measured wrongly; reports of time on a question should leave this one out.
    """

    severity = "warning"
    page = "3-56"
    table = "interactions"
    needs = ("latency", "record_total_time", "record_session_time", "record_lesson_status")
    check = Check(
        lambda cmi: (
            ~(
                cmi.latency_seconds.gt(cmi.record_total_time_seconds + 1)
                & ~cmi.latency_seconds.le(cmi.record_session_time_seconds + 1)
                & cmi.record_lesson_status.isin(["passed", "completed", "failed"])
                & cmi.latency_seconds.lt(_LARGEST)
            )
        )
    )
    _long = {
        "latency": "00:20:00",
        "record_total_time": "00:10:00",
        "record_session_time": "00:10:00",
        "record_lesson_status": "passed",
    }
    good = (
        {**_long, "latency": "00:09:59"},
        {**_long, "latency": "00:10:00.90"},
        {**_long, "record_lesson_status": "incomplete"},
        {**_long, "record_total_time": "PT10M"},
        {**_long, "record_session_time": "00:25:00"},
        {**_long, "latency": "20"},
    )
    bad = (_long,)
