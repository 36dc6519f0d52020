"""What can be wrong with a record, one labelled defect a row."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from scormaudit.sandbox.attempt import Sco
from scormaudit.sandbox.record import FINISHED, Kind
from scormaudit.timespan import centiseconds

Changes = dict[str, str | None]
Plant = Callable[[Sco, Random], Changes | None]

IN_SUSPENSE = (Kind.SUSPENDED, Kind.RESUMED)
STAYED = (*FINISHED, *IN_SUSPENSE)


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong, and how to make it so.

    `plant` gets a clean record of one of the `kinds` and answers with what to change, the
    wrong element first, or None where the record does not suit.
    Where the element `fails`, the value is the message of its error.
    """

    name: str
    element: str
    kinds: tuple[Kind, ...]
    plant: Plant
    fails: bool = False


def planted(defect: Defect, sco: Sco, random: Random) -> tuple[Sco, str] | None:
    """The record with its defect and the element that is wrong, or None."""
    changes = defect.plant(sco, random)
    if changes is None:
        return None
    element = next(iter(changes))
    if defect.fails:
        errors = {name: message or "" for name, message in changes.items()}
        return replace(sco, errors=errors), element
    end = changes.pop("exit_date_utc", sco.exit_date_utc)
    return replace(sco, exit_date_utc=end, cmi={**sco.cmi, **changes}), element


def _misspelt(element: str, spellings: Mapping[str, tuple[str, ...]]) -> Plant:
    """Another spelling of the word that stands there."""

    def plant(sco: Sco, random: Random) -> Changes | None:
        wrong = spellings.get(sco.cmi.get(element) or "")
        return {element: random.choice(wrong)} if wrong else None

    return plant


def _respelt_time(element: str) -> Plant:
    """The same length without padding or in ISO 8601."""

    def plant(sco: Sco, random: Random) -> Changes | None:
        length = centiseconds(sco.cmi.get(element) or "") or 0
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
    if sco.cmi["cmi.student_data.mastery_score"] or not sco.cmi["cmi.core.score.raw"]:
        return None
    failed = sco.cmi["cmi.core.lesson_status"] == "failed"
    raw = str(random.randint(-20, -1) if failed else random.randint(101, 150))
    return {"cmi.core.score.raw": raw, "cmi.core.score.min": None, "cmi.core.score.max": None}


def _score_decimal_comma(sco: Sco, _: Random) -> Changes | None:
    raw = sco.cmi["cmi.core.score.raw"]
    return {"cmi.core.score.raw": f"{min(99, int(float(raw)))},5"} if raw else None


def _score_outside_min_max(sco: Sco, _: Random) -> Changes | None:
    """Legal by itself; not where a mastery score would end up beyond the maximum."""
    raw = sco.cmi["cmi.core.score.raw"]
    if not raw or sco.cmi["cmi.student_data.mastery_score"]:
        return None
    if sco.cmi["cmi.core.lesson_status"] == "failed":
        return {"cmi.core.score.raw": raw, "cmi.core.score.min": str(int(float(raw)) + 5)}
    return {"cmi.core.score.raw": raw, "cmi.core.score.max": str(int(float(raw)) - 5)}


def _suspend_data_too_long(sco: Sco, random: Random) -> Changes | None:
    data = sco.cmi["cmi.suspend_data"] or ""
    length = random.randint(4097, 9000)
    return {"cmi.suspend_data": (data * (length // len(data) + 1))[:length]} if data else None


def _against_mastery(status: str) -> Plant:
    def plant(sco: Sco, _: Random) -> Changes | None:
        mastery = sco.cmi["cmi.student_data.mastery_score"]
        return {"cmi.core.lesson_status": status} if mastery else None

    return plant


def _exit_before_start(sco: Sco, random: Random) -> Changes | None:
    """After several sessions, where no session can be held against the clock."""
    if sco.cmi["cmi.core.entry"] != "" or sco.start_date_utc is None:
        return None
    whole = re.sub(r"\.\d+", "", sco.start_date_utc)
    end = datetime.fromisoformat(whole) - timedelta(hours=random.randint(2, 40))
    return {"exit_date_utc": end.isoformat().replace("+00:00", "Z")}


def _suspend_data_not_kept(sco: Sco, _: Random) -> Changes | None:
    return {"cmi.core.exit": ""} if sco.cmi["cmi.suspend_data"] else None


def _element_failed(_: Sco, random: Random) -> Changes | None:
    names = ("cmi.core.lesson_location", "cmi.comments", "cmi.launch_data", "cmi.suspend_data")
    return {random.choice(names): "101 - General exception"}


def _objective_status_misspelt(sco: Sco, random: Random) -> Changes | None:
    found = [name for name in sco.cmi if re.fullmatch(r"cmi\.objectives\.\d+\.status", name)]
    if not found:
        return None
    name = random.choice(found)
    word = sco.cmi[name] or ""
    return {name: random.choice((word.capitalize(), word.upper(), f"{word} "))}


STATUS, ENTRY, MODE = "cmi.core.lesson_status", "cmi.core.entry", "cmi.core.lesson_mode"
TOTAL, SESSION = "cmi.core.total_time", "cmi.core.session_time"
RAW, DATA = "cmi.core.score.raw", "cmi.suspend_data"
STATUSES = {
    "passed": ("PASSED", "Passed", " passed"),
    "completed": ("Completed", "COMPLETED"),
    "incomplete": ("incomplete ", "Incomplete"),
    "failed": ("Failed", "failed "),
}
ENTRIES = {"ab-initio": ("ab-inito", "ab initio"), "resume": ("Resume", "resume ")}
MODES = {"normal": ("Normal",)}
SUCCESSES = (Kind.PASSED, Kind.COMPLETED)
SCORED = (Kind.PASSED, Kind.FAILED)

DEFECTS = (
    Defect("status-misspelt", STATUS, STAYED, _misspelt(STATUS, STATUSES)),
    Defect("entry-misspelt", ENTRY, STAYED, _misspelt(ENTRY, ENTRIES)),
    Defect("mode-misspelt", MODE, STAYED, _misspelt(MODE, MODES)),
    Defect("total-time-misspelt", TOTAL, STAYED, _respelt_time(TOTAL)),
    Defect("session-time-misspelt", SESSION, STAYED, _respelt_time(SESSION)),
    Defect("score-out-of-range", RAW, SCORED, _score_out_of_range),
    Defect("score-decimal-comma", RAW, SUCCESSES, _score_decimal_comma),
    Defect("score-outside-min-max", RAW, SCORED, _score_outside_min_max),
    Defect("suspend-data-too-long", DATA, IN_SUSPENSE, _suspend_data_too_long),
    Defect("failed-above-mastery", STATUS, (Kind.PASSED,), _against_mastery("failed")),
    Defect("passed-below-mastery", STATUS, (Kind.FAILED,), _against_mastery("passed")),
    Defect("exit-before-start", "exit_date_utc", SUCCESSES, _exit_before_start),
    Defect("suspend-data-not-kept", "cmi.core.exit", (Kind.SUSPENDED,), _suspend_data_not_kept),
    Defect("element-failed", "cmi.*", FINISHED, _element_failed, fails=True),
    Defect(
        "objective-status-misspelt", "cmi.objectives.n.status", FINISHED, _objective_status_misspelt
    ),
)
