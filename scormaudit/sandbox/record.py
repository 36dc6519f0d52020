"""One clean record of each kind: legal and coherent under everything SCORM 1.2 states."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from random import Random

from scormaudit.sandbox.attempt import Sco
from scormaudit.sandbox.courses import Lesson
from scormaudit.sandbox.work import interactions, objectives, score
from scormaudit.timespan import spell

LAST_DAY = datetime(2026, 3, 2, tzinfo=UTC)
ZERO = "0000:00:00.00"
_NOTE = "slide=12;visited=1,2,3,4,5,6,7,8,9,10,11,12;quiz=" + "qA1:b|qB2:d|qC3:a|" * 8 + "v=3.1;"
_MEMORY = _NOTE * 30
_FRACTIONS = ("", ".731", ".04", ".24731", ".5", ".9000001")
_COMMENTS = ("", "", "", "The video in part 2 did not load.", "Very clear, thank you! (5/5)")
_LANGUAGES = ("", "", "English", "French")


class Kind(StrEnum):
    """What a learner did with a lesson."""

    UNTOUCHED = "untouched"
    STARTED = "started"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    PASSED = "passed"
    FAILED = "failed"
    COMPLETED = "completed"
    BROWSED = "browsed"
    REVIEWED = "reviewed"


FINISHED = (Kind.PASSED, Kind.FAILED, Kind.COMPLETED)
_UNFINISHED = {Kind.UNTOUCHED: 2, Kind.STARTED: 1, Kind.SUSPENDED: 4, Kind.RESUMED: 1}
_SCORED = _UNFINISHED | {Kind.PASSED: 9, Kind.FAILED: 4}
_UNSCORED = _UNFINISHED | {Kind.COMPLETED: 10, Kind.BROWSED: 1, Kind.REVIEWED: 1}
_STATUS = {
    Kind.UNTOUCHED: "not attempted",
    Kind.STARTED: "incomplete",
    Kind.SUSPENDED: "incomplete",
    Kind.RESUMED: "incomplete",
    Kind.REVIEWED: "completed",
}
_MODE = {Kind.BROWSED: "browse", Kind.REVIEWED: "review"}


def kinds(lesson: Lesson) -> dict[Kind, int]:
    """The kinds that suit a lesson, and how often they occur."""
    if not lesson.scored:
        return _UNSCORED
    return _SCORED if lesson.mastery else _SCORED | {Kind.COMPLETED: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """When the learner was there; lengths in centiseconds, `session` is the last one."""

    start: datetime
    exit: datetime
    session: int
    total: int

    @property
    def is_single(self) -> bool:
        """Whether the first session was the last."""
        return self.session == self.total


def build(lesson: Lesson, student: tuple[str, str], kind: Kind, random: Random) -> Sco:
    """The record of a student (id and name) who did this with a lesson."""
    stay = _stay(kind, lesson.long_hours, random)
    cmi = _given(lesson, student, kind) | _preferences(random) | score(lesson, kind, random)
    if kind is Kind.UNTOUCHED:
        return Sco(lesson.sco_id, lesson.title, None, None, cmi)
    start, end = _spell(stay.start, random), _spell(stay.exit, random)
    if kind is Kind.STARTED:
        return Sco(lesson.sco_id, lesson.title, start, None, cmi)
    cmi |= _left(kind, stay, lesson.long_hours, random)
    cmi |= objectives(lesson, kind, random)
    if kind in FINISHED:
        began = stay.exit - timedelta(milliseconds=10 * stay.session)
        cmi |= interactions(lesson, cmi, began, stay.session, random)
    return Sco(lesson.sco_id, lesson.title, start, end, cmi)


def _given(lesson: Lesson, student: tuple[str, str], kind: Kind) -> dict[str, str | None]:
    """What the LMS puts there at the first launch."""
    return {
        "cmi.core.student_id": student[0],
        "cmi.core.student_name": student[1],
        "cmi.core.lesson_location": "",
        "cmi.core.credit": "no-credit" if kind in _MODE else "credit",
        "cmi.core.lesson_status": _STATUS.get(kind, kind.value),
        "cmi.core.entry": "ab-initio",
        "cmi.core.lesson_mode": _MODE.get(kind, "normal"),
        "cmi.core.total_time": ZERO,
        "cmi.suspend_data": "",
        "cmi.launch_data": lesson.launch_data,
        "cmi.comments": "",
        "cmi.comments_from_lms": "",
        "cmi.student_data.mastery_score": lesson.mastery,
        "cmi.student_data.max_time_allowed": lesson.max_time_allowed,
        "cmi.student_data.time_limit_action": lesson.time_limit_action,
    }


def _preferences(random: Random) -> dict[str, str | None]:
    if random.random() < 0.3:
        return {}
    chosen = random.random() < 0.2
    return {
        "cmi.student_preference.audio": str(random.randint(-1, 100)) if chosen else "0",
        "cmi.student_preference.language": random.choice(_LANGUAGES),
        "cmi.student_preference.speed": str(random.randrange(-100, 101, 10)) if chosen else "0",
        "cmi.student_preference.text": str(random.randint(-1, 1)) if chosen else "0",
    }


def _left(kind: Kind, stay: Stay, long_hours: bool, random: Random) -> dict[str, str | None]:
    """What the learner's sessions left behind."""
    suspended = kind in (Kind.SUSPENDED, Kind.RESUMED)
    again = "resume" if suspended else ""
    kept = suspended or (kind in FINISHED and random.random() < 0.4)
    return {
        "cmi.core.lesson_location": f"slide_{random.randint(2, 60)}",
        "cmi.core.entry": "ab-initio" if stay.is_single else again,
        "cmi.core.exit": "suspend" if suspended else random.choice(("", "", "", "logout")),
        "cmi.core.session_time": duration(stay.session, long_hours),
        "cmi.core.total_time": duration(stay.total, long_hours),
        "cmi.suspend_data": _memory(random) if kept else "",
        "cmi.comments": random.choice(_COMMENTS) if kind in FINISHED else "",
    }


def _memory(random: Random) -> str:
    start = random.randrange(len(_NOTE))
    return _MEMORY[start : start + random.choice((40, 200, 900, 2500, 4000))]


def _stay(kind: Kind, exact: bool, random: Random) -> Stay:
    """Sessions are by day, 07:00 to 20:00, so that no time of day wraps around midnight."""
    several = kind in (Kind.SUSPENDED, Kind.RESUMED, Kind.REVIEWED)
    several = several or (kind in FINISHED and random.random() < 0.4)
    session = _length(exact, random)
    earlier = sum(_length(exact, random) for _ in range(random.randint(1, 3))) if several else 0
    end = LAST_DAY - timedelta(days=random.randint(2, 120), seconds=-random.randint(32_400, 72_000))
    length = timedelta(milliseconds=10 * session)
    start = end - length - timedelta(seconds=random.randint(3, 40))
    if kind is Kind.RESUMED:
        start = end + timedelta(seconds=random.randint(1_800, 100_000))
    elif several:
        start -= timedelta(days=random.randint(2, 20))
    return Stay(start=start, exit=end, session=session, total=session + earlier)


def _length(exact: bool, random: Random) -> int:
    seconds = random.randint(61, 5_400)
    return 100 * seconds + (random.randint(1, 99) if exact else 0)


def duration(length: int, long_hours: bool) -> str:
    """A CMITimespan, with four digits of hours where the lesson writes them so."""
    text = spell(length) or ZERO
    return text.zfill(len(text) + 2) if long_hours else text


def _spell(moment: datetime, random: Random) -> str:
    """The vendor's examples show both spellings of UTC and several lengths of fractions."""
    whole = moment.replace(microsecond=0, tzinfo=None).isoformat()
    return f"{whole}{random.choice(_FRACTIONS)}{random.choice(('Z', '+00:00'))}"
