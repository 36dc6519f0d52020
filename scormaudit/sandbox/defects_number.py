"""Defects of numbers: scores and their scale, the mastery score, preferences, counts."""

from random import Random

from scormaudit.sandbox.attempt import Sco
from scormaudit.sandbox.defect import (
    HIGH,
    LEFT,
    LOW,
    MASTERY,
    RAW,
    SCORED,
    STATUS,
    Changes,
    Defect,
    Plant,
    entries,
    one_of,
    value,
)
from scormaudit.sandbox.record import FINISHED, Kind

AUDIO, SPEED, TEXT = (f"cmi.student_preference.{name}" for name in ("audio", "speed", "text"))
OBJECTIVES, INTERACTIONS = "cmi.objectives", "cmi.interactions"


def _without_mastery(sco: Sco) -> bool:
    return bool(value(sco, RAW)) and not value(sco, MASTERY)


def _score_percent_sign(sco: Sco, _: Random) -> Changes | None:
    raw = value(sco, RAW)
    return {RAW: f"{raw}%"} if raw else None


def _score_unreadable(sco: Sco, random: Random) -> Changes | None:
    return {RAW: random.choice(("NaN", "17/20", "1e2"))} if value(sco, RAW) else None


def _score_imprecise(sco: Sco, _: Random) -> Changes | None:
    """What a computer makes of a fraction that it multiplies; the status is the course's."""
    if not _without_mastery(sco):
        return None
    failed = value(sco, STATUS) == "failed"
    return {RAW: "28.999999999999996" if failed else "84.99999999999999"}


def _bound(element: str, text: str) -> Plant:
    """A bound of a score out of its range."""

    def plant(sco: Sco, _: Random) -> Changes | None:
        return {element: text} if value(sco, RAW) else None

    return plant


def _bounds_swapped(sco: Sco, _: Random) -> Changes | None:
    """Where there is no score that could lie outside of them."""
    return None if value(sco, RAW) else {LOW: "100", HIGH: "0"}


def _mastery_unreachable(sco: Sco, random: Random) -> Changes | None:
    """Points against percent: failed by any score."""
    mastery = value(sco, MASTERY)
    return {MASTERY: mastery, RAW: str(random.randint(2, 9)), HIGH: "10"} if mastery else None


def _mastery(*texts: str) -> Plant:
    def plant(sco: Sco, random: Random) -> Changes | None:
        return {MASTERY: random.choice(texts)} if value(sco, MASTERY) else None

    return plant


def _scored(raw: str, high: str) -> Plant:
    """Another scale."""

    def plant(sco: Sco, _: Random) -> Changes | None:
        return {RAW: raw, HIGH: high} if _without_mastery(sco) else None

    return plant


def _counted(array: str, *texts: str) -> Plant:
    """A wrong count of the entries of an array that has some."""

    def plant(sco: Sco, random: Random) -> Changes | None:
        return {f"{array}._count": random.choice(texts)} if entries(sco, array) else None

    return plant


def _nested_count(nested: str) -> Plant:
    """A wrong count inside any interaction."""

    def plant(sco: Sco, random: Random) -> Changes | None:
        places = entries(sco, INTERACTIONS)
        if not places:
            return None
        return {f"{random.choice(places)}.{nested}._count": random.choice(("-1", "NaN"))}

    return plant


COUNTS = ("-1", "NaN", "1.0")
NUMBERS = (
    Defect("score-percent-sign", RAW, FINISHED, _score_percent_sign),
    Defect("score-unreadable", RAW, FINISHED, _score_unreadable),
    Defect("score-imprecise", RAW, SCORED, _score_imprecise),
    Defect("score-max-out-of-range", HIGH, FINISHED, _bound(HIGH, "200")),
    Defect("score-min-out-of-range", LOW, FINISHED, _bound(LOW, "-10")),
    Defect("score-bounds-swapped", LOW, (Kind.COMPLETED,), _bounds_swapped),
    Defect("score-in-points", RAW, (Kind.PASSED,), _scored("7", "10")),
    Defect("score-fraction-of-one", RAW, (Kind.PASSED,), _scored("0.85", "1")),
    Defect("score-without-maximum", RAW, (Kind.PASSED,), _scored("85", "")),
    Defect("mastery-unreachable", MASTERY, (Kind.FAILED,), _mastery_unreachable),
    Defect("mastery-unreadable", MASTERY, SCORED, _mastery("80%", "80,0")),
    Defect("mastery-out-of-range", MASTERY, (Kind.FAILED,), _mastery("120", "800")),
    Defect("speed-not-integer", SPEED, LEFT, one_of(SPEED, "+50", "50.0", "150")),
    Defect("audio-not-integer", AUDIO, LEFT, one_of(AUDIO, "101", "+5", "loud")),
    Defect("text-preference-illegal", TEXT, LEFT, one_of(TEXT, "2", "true")),
    Defect(
        "objectives-count-illegal", f"{OBJECTIVES}._count", FINISHED, _counted(OBJECTIVES, *COUNTS)
    ),
    Defect(
        "interactions-count-illegal", f"{INTERACTIONS}._count", FINISHED,
        _counted(INTERACTIONS, *COUNTS),
    ),
    Defect(
        "objectives-count-excessive", f"{OBJECTIVES}._count", FINISHED,
        _counted(OBJECTIVES, "2001", "65536"),
    ),
    Defect(
        "interactions-count-excessive", f"{INTERACTIONS}._count", FINISHED,
        _counted(INTERACTIONS, "2001", "65536"),
    ),
    Defect(
        "question-objectives-count-illegal", f"{INTERACTIONS}.n.objectives._count", FINISHED,
        _nested_count("objectives"),
    ),
    Defect(
        "correct-responses-count-illegal", f"{INTERACTIONS}.n.correct_responses._count", FINISHED,
        _nested_count("correct_responses"),
    ),
)  # fmt: skip
