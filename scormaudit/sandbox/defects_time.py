"""Defects of time: the spelling of timespans, totals against sessions, the clock, dates."""

from datetime import datetime, timedelta
from random import Random

from scormaudit.sandbox.attempt import Sco
from scormaudit.sandbox.defect import (
    DATA,
    END,
    ENTRY,
    LEFT,
    LOCATION,
    SESSION,
    START,
    STATUS,
    TOTAL,
    Changes,
    Defect,
    Plant,
    one_of,
    value,
)
from scormaudit.sandbox.record import FINISHED, ZERO, Kind
from scormaudit.timespan import centiseconds, spell

LIMIT = "cmi.student_data.max_time_allowed"
LARGEST = "9999:99:99.99"
HOUR = 360_000


def _length(sco: Sco, element: str) -> int:
    """A timespan in centiseconds."""
    return centiseconds(value(sco, element)) or 0


def _is_single(sco: Sco) -> bool:
    """Whether the first session was the last."""
    return value(sco, ENTRY) == "ab-initio" and _length(sco, TOTAL) == _length(sco, SESSION)


def _carried_over(element: str) -> Plant:
    """One minute in the place of the seconds, or one hour in that of the minutes."""

    def plant(sco: Sco, random: Random) -> Changes | None:
        whole = _length(sco, element) // 100
        hours, minutes, seconds = whole // 3600, whole // 60 % 60, whole % 60
        spellings = []
        if minutes and seconds < 40:
            spellings.append(f"{hours:02}:{minutes - 1:02}:{seconds + 60}")
        if hours and minutes < 40:
            spellings.append(f"{hours - 1:02}:{minutes + 60}:{seconds:02}")
        rest = _length(sco, element) % 100
        tail = f".{rest:02}" if rest else ""
        return {element: random.choice(spellings) + tail} if spellings else None

    return plant


def _one_digit(sco: Sco, _: Random) -> Changes | None:
    """The course means 9 hundredths, and so did the LMS that added it up."""
    session, total = (_length(sco, element) // 100 * 100 for element in (SESSION, TOTAL))
    return {SESSION: f"{spell(session)}.9", TOTAL: spell(total + 9)}


def _never_added(sco: Sco, random: Random) -> Changes | None:
    """Nothing at all, or less than the last session."""
    return {TOTAL: random.choice((ZERO, spell(_length(sco, SESSION) - 3_000)))}


def _added_twice(sco: Sco, _: Random) -> Changes | None:
    return {TOTAL: spell(2 * _length(sco, TOTAL))} if _is_single(sco) else None


def _entry_left_behind(sco: Sco, _: Random) -> Changes | None:
    """Several sessions; exactly two of one length are told by another statement."""
    total, session = _length(sco, TOTAL), _length(sco, SESSION)
    return None if total in (session, 2 * session) else {ENTRY: "ab-initio"}


def _beyond_clock(sco: Sco, _: Random) -> Changes | None:
    """The half hour of a time zone."""
    longer = spell(_length(sco, SESSION) + HOUR // 2)
    return {SESSION: longer, TOTAL: longer} if _is_single(sco) else None


def _hundred_hours_lost(sco: Sco, _: Random) -> Changes | None:
    """The first two digits of the hours are gone, so the clock ran longer."""
    times: Changes = {SESSION: value(sco, SESSION), START: _earlier(sco, 100 * HOUR)}
    return times if _is_single(sco) else None


def _overlong_session(sco: Sco, random: Random) -> Changes | None:
    """A window that stayed open, in truth."""
    more = random.randint(9, 30) * HOUR
    text = spell(_length(sco, SESSION) + more)
    times: Changes = {SESSION: text, TOTAL: text, START: _earlier(sco, more)}
    return times if _is_single(sco) and not value(sco, LIMIT) else None


def _beyond_limit(sco: Sco, _: Random) -> Changes | None:
    total = _length(sco, TOTAL)
    limit = spell(total // 200 * 100)
    return {TOTAL: value(sco, TOTAL), LIMIT: limit} if total > HOUR // 4 else None


def _earlier(sco: Sco, length: int) -> str:
    """The start, so much earlier."""
    start = datetime.fromisoformat((sco.start_date_utc or "")[:19])
    return f"{(start - timedelta(milliseconds=10 * length)).isoformat()}Z"


def _glance(sco: Sco, random: Random) -> Changes | None:
    """A course that says nothing of its status is completed when it is left."""
    length = f"00:00:0{random.randint(1, 5)}"
    glance: Changes = {STATUS: "completed", TOTAL: length, SESSION: length, LOCATION: "", DATA: ""}
    return glance if _is_single(sco) and not value(sco, "cmi.core.score.raw") else None


def _too_early(sco: Sco, random: Random) -> Changes | None:
    """After several sessions, where no session can be held against the clock."""
    years = ("0001-01-01T00:00:00", "1970-01-01T00:00:00Z")
    return None if value(sco, ENTRY) else {START: random.choice(years)}


UNREADABLE = ("02/03/2026 10:00", "2026-02-30T10:00:00Z", "yesterday")
TIMES = (
    Defect("session-time-not-carried", SESSION, LEFT, _carried_over(SESSION)),
    Defect("total-below-session", TOTAL, FINISHED, _never_added),
    Defect("entry-left-behind", ENTRY, LEFT, _entry_left_behind),
    Defect("session-beyond-clock", SESSION, FINISHED, _beyond_clock),
    Defect("total-time-not-carried", TOTAL, LEFT, _carried_over(TOTAL)),
    Defect("session-time-one-digit", SESSION, FINISHED, _one_digit),
    Defect("session-time-largest", SESSION, FINISHED, one_of(SESSION, LARGEST)),
    Defect("total-time-largest", TOTAL, FINISHED, one_of(TOTAL, LARGEST)),
    Defect("total-time-doubled", TOTAL, FINISHED, _added_twice),
    Defect("hundred-hours-lost", SESSION, FINISHED, _hundred_hours_lost),
    Defect("session-overlong", SESSION, FINISHED, _overlong_session),
    Defect("time-beyond-limit", TOTAL, FINISHED, _beyond_limit),
    Defect("limit-unreadable", LIMIT, (*Kind,), one_of(LIMIT, "30", "PT40M")),
    Defect("completed-by-opening", STATUS, (Kind.COMPLETED,), _glance),
    Defect("start-unreadable", START, FINISHED, one_of(START, *UNREADABLE)),
    Defect("exit-unreadable", END, FINISHED, one_of(END, *UNREADABLE)),
    Defect("start-too-early", START, FINISHED, _too_early),
)
