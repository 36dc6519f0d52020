"""The defects that everybody meets, with several whose repair is beyond doubt."""

import re
from datetime import datetime, timedelta
from random import Random

from scormaudit.sandbox.attempt import Sco
from scormaudit.sandbox.defect import (
    DATA,
    END,
    ENTRY,
    EXIT,
    HIGH,
    LEFT,
    LOW,
    MASTERY,
    MODE,
    RAW,
    SCORED,
    SESSION,
    STATUS,
    SUCCESSES,
    TOTAL,
    Changes,
    Defect,
    Plant,
    misspelt,
    value,
)
from scormaudit.sandbox.record import FINISHED, Kind
from scormaudit.timespan import centiseconds


def _respelt_time(element: str) -> Plant:
    """The same length without padding or in ISO 8601."""

    def plant(sco: Sco, random: Random) -> Changes | None:
        length = centiseconds(value(sco, element)) or 0
        whole, rest = divmod(length, 100)
        hours, minutes, seconds = whole // 3600, whole // 60 % 60, whole % 60
        tail = f".{rest:02}" if rest else ""
        spellings = [f"PT{hours}H{minutes}M{seconds}{tail}S"]
        if hours < 10:
            spellings.append(f"{hours}:{minutes:02}:{seconds:02}{tail}")
        if seconds < 10:
            spellings.append(f"{hours:02}:{minutes:02}:{seconds}{tail or '.0'}")
        return {element: random.choice(spellings)} if length else None

    return plant


def _score_out_of_range(sco: Sco, random: Random) -> Changes | None:
    """Without mastery, minimum and maximum no other statement is touched."""
    if value(sco, MASTERY) or not value(sco, RAW):
        return None
    failed = value(sco, STATUS) == "failed"
    raw = str(random.randint(-20, -1) if failed else random.randint(101, 150))
    return {RAW: raw, LOW: None, HIGH: None}


def _score_decimal_comma(sco: Sco, _: Random) -> Changes | None:
    raw = value(sco, RAW)
    return {RAW: f"{min(99, int(float(raw)))},5"} if raw else None


def _score_outside_min_max(sco: Sco, _: Random) -> Changes | None:
    """Legal by itself; not where a mastery score would end up beyond the maximum."""
    raw = value(sco, RAW)
    if not raw or value(sco, MASTERY):
        return None
    if value(sco, STATUS) == "failed":
        return {RAW: raw, LOW: str(int(float(raw)) + 5)}
    return {RAW: raw, HIGH: str(int(float(raw)) - 5)}


def _suspend_data_too_long(sco: Sco, random: Random) -> Changes | None:
    data = value(sco, DATA)
    length = random.randint(4097, 9000)
    return {DATA: (data * (length // len(data) + 1))[:length]} if data else None


def _against_mastery(status: str) -> Plant:
    def plant(sco: Sco, _: Random) -> Changes | None:
        return {STATUS: status} if value(sco, MASTERY) else None

    return plant


def _exit_before_start(sco: Sco, random: Random) -> Changes | None:
    """After several sessions, where no session can be held against the clock."""
    if value(sco, ENTRY) or sco.start_date_utc is None:
        return None
    whole = re.sub(r"\.\d+", "", sco.start_date_utc)
    end = datetime.fromisoformat(whole) - timedelta(hours=random.randint(2, 40))
    return {END: end.isoformat().replace("+00:00", "Z")}


def _suspend_data_not_kept(sco: Sco, _: Random) -> Changes | None:
    return {EXIT: ""} if value(sco, DATA) else None


def _element_failed(_: Sco, random: Random) -> Changes | None:
    names = ("cmi.core.lesson_location", "cmi.comments", "cmi.launch_data", DATA)
    return {random.choice(names): "101 - General exception"}


def _objective_status_misspelt(sco: Sco, random: Random) -> Changes | None:
    found = [name for name in sco.cmi if re.fullmatch(r"cmi\.objectives\.\d+\.status", name)]
    if not found:
        return None
    name = random.choice(found)
    word = value(sco, name)
    return {name: random.choice((word.capitalize(), word.upper(), f"{word} "))}


STATUSES = {
    "passed": ("PASSED", "Passed", " passed"),
    "completed": ("Completed", "COMPLETED"),
    "incomplete": ("incomplete ", "Incomplete"),
    "failed": ("Failed", "failed "),
}
ENTRIES = {"ab-initio": ("ab-inito", "ab initio"), "resume": ("Resume", "resume ")}
MODES = {"normal": ("Normal",)}

COMMON = (
    Defect("status-misspelt", STATUS, LEFT, misspelt(STATUS, STATUSES)),
    Defect("entry-misspelt", ENTRY, LEFT, misspelt(ENTRY, ENTRIES)),
    Defect("mode-misspelt", MODE, LEFT, misspelt(MODE, MODES)),
    Defect("total-time-misspelt", TOTAL, LEFT, _respelt_time(TOTAL)),
    Defect("session-time-misspelt", SESSION, LEFT, _respelt_time(SESSION)),
    Defect("score-out-of-range", RAW, SCORED, _score_out_of_range),
    Defect("score-decimal-comma", RAW, SUCCESSES, _score_decimal_comma),
    Defect("score-outside-min-max", RAW, SCORED, _score_outside_min_max),
    Defect("suspend-data-too-long", DATA, (Kind.SUSPENDED, Kind.RESUMED), _suspend_data_too_long),
    Defect("failed-above-mastery", STATUS, (Kind.PASSED,), _against_mastery("failed")),
    Defect("passed-below-mastery", STATUS, (Kind.FAILED,), _against_mastery("passed")),
    Defect("exit-before-start", END, SUCCESSES, _exit_before_start),
    Defect("suspend-data-not-kept", EXIT, (Kind.SUSPENDED,), _suspend_data_not_kept),
    Defect("element-failed", "cmi.*", FINISHED, _element_failed, fails=True),
    Defect(
        "objective-status-misspelt", "cmi.objectives.n.status", FINISHED, _objective_status_misspelt
    ),
)
