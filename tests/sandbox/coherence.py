"""What SCORM 1.2 states about a record, written once more and without the product's code."""

import re
from datetime import datetime

from .arrays import array_complaints

TIMESPAN = re.compile(r"(\d{2,4}):(\d\d):(\d\d)(\.\d\d)?", re.ASCII)
DECIMAL = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
LARGEST = "9999:99:99.99"
STATUS = {"passed", "completed", "failed", "incomplete", "browsed", "not attempted"}
WORDS = {
    "cmi.core.credit": {"credit", "no-credit"},
    "cmi.core.lesson_status": STATUS,
    "cmi.core.entry": {"ab-initio", "resume", ""},
    "cmi.core.lesson_mode": {"normal", "review", "browse"},
    "cmi.core.exit": {"time-out", "suspend", "logout", ""},
    "cmi.student_data.time_limit_action": {
        "exit,message", "exit,no message", "continue,message", "continue,no message",
    },
}  # fmt: skip
NEVER_NULL = set(WORDS) - {"cmi.core.exit"}
RANGES = {"audio": (-1, 100), "speed": (-100, 100), "text": (-1, 1)}
LENGTHS = {
    "cmi.core.student_name": 255, "cmi.core.lesson_location": 255, "cmi.suspend_data": 4096,
    "cmi.launch_data": 4096, "cmi.comments": 4096, "cmi.comments_from_lms": 4096,
    "cmi.student_preference.language": 255,
}  # fmt: skip
FOREIGN = re.compile(
    r"cmi\.(core\.)?(completion_status|success_status)|cmi\.score\..+|cmi\.core\.suspend_data"
    r"|cmi\.(objectives|interactions)\.(?!\d|_count).+"
)
"""Names that the data model does not have."""


def complaints(item, cmi, errors):
    """Everything that is wrong with a record, as (element, statement) pairs."""
    if not any(cmi.values()):
        return {("cmi.core.lesson_status", "model")}
    found = {(name, "failed") for name in errors}
    found |= {(name, "word") for name in WORDS if not _is_word(name, cmi[name])}
    found |= {(name, "stray") for name in cmi if FOREIGN.fullmatch(name) and cmi[name]}
    for check in (strings, inside, scores, times, traces, modes, preferences, array_complaints):
        found |= set(check(item, cmi))
    return found


def _is_word(name, value):
    return value in WORDS[name] or (value is None and name not in NEVER_NULL)


def seconds(text):
    """The length of a legal timespan, None otherwise."""
    match = TIMESPAN.fullmatch(text or "")
    if match is None or text == LARGEST:
        return None
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3]) + float(match[4] or 0)


def number(text):
    """A CMIDecimal as a float, None otherwise."""
    return float(text) if DECIMAL.fullmatch(text or "") else None


def strings(item, cmi):
    """Lengths, ASCII but for names, identifiers."""
    for name, limit in LENGTHS.items():
        text = cmi[name] or ""
        if len(text) > limit:
            yield name, "length"
        elif _is_misread(text):
            yield name, "misread"
        elif not text.isascii() and name != "cmi.core.student_name":
            yield name, "ascii"
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", cmi["cmi.core.student_id"]):
        yield "cmi.core.student_id", "identifier"
    if not cmi["cmi.core.student_name"] or not item["title"]:
        yield "cmi.core.student_name", "length"


def _is_misread(text):
    """Whether a text is UTF-8 that was taken for Latin-1."""
    try:
        return not text.isascii() and bool(text.encode("latin-1").decode())
    except UnicodeError:
        return False


def inside(_, cmi):
    """Suspend data that begins like JSON ends like it, and nobody escaped it."""
    text = cmi["cmi.suspend_data"]
    if text.startswith(("{&quot;", '{\\"')):
        yield "cmi.suspend_data", "escaped"
    if text.startswith('{"') and not text.endswith("}"):
        yield "cmi.suspend_data", "cut"


def scores(_, cmi):
    """Numbers from 0 to 100, the raw score inside its bounds, the status on its side."""
    legal = {}
    for part in ("raw", "min", "max"):
        name = f"cmi.core.score.{part}"
        value = number(cmi[name])
        if cmi[name] and value is None:
            yield name, "decimal"
        is_legal = value is not None and 0 <= value <= 100
        if value is not None and not is_legal:
            yield name, "range"
        legal[part] = value if is_legal else None
    raw, low, high = legal.values()
    if None not in (low, high) and low >= high:
        yield "cmi.core.score.min", "scale"
    elif raw is not None and not (low or 0) <= raw <= (100 if high is None else high):
        yield "cmi.core.score.raw", "bounds"
    yield from _mastery(cmi, raw, high)


def _mastery(cmi, raw, high):
    name, status = "cmi.student_data.mastery_score", cmi["cmi.core.lesson_status"]
    mastery = number(cmi[name])
    if cmi[name] and mastery is None:
        yield name, "decimal"
    elif mastery is not None and not 0 <= mastery <= 100:
        yield name, "range"
    elif mastery is not None and high is not None and mastery > high:
        yield name, "unreachable"
    elif mastery and (status, raw, cmi["cmi.interactions._count"]) == ("failed", 0, "0"):
        yield "cmi.core.lesson_status", "early"
    elif not _agrees(status, cmi["cmi.core.score.raw"], raw, mastery):
        yield "cmi.core.lesson_status", "mastery"


def _agrees(status, text, raw, mastery):
    """Whether a status follows from the scores; a blank one can fail nobody."""
    if mastery is None:
        return (status, raw) != ("failed", 100) and (status != "completed" or (raw or 50) >= 50)
    if status == "completed" or (status == "failed" and not text):
        return False
    return (
        raw is None
        or status not in ("passed", "failed")
        or (raw >= mastery) == (status == "passed")
    )


def times(item, cmi):
    """Timespans, their sum, and the clock."""
    total, session = (cmi[f"cmi.core.{name}_time"] for name in ("total", "session"))
    for name, text in (("total", total), ("session", session)):
        if text == LARGEST:
            yield f"cmi.core.{name}_time", "lost"
        elif seconds(text) is None and (text is not None or name == "total"):
            yield f"cmi.core.{name}_time", "timespan"
    limit = cmi["cmi.student_data.max_time_allowed"]
    if limit and seconds(limit) is None:
        yield "cmi.student_data.max_time_allowed", "timespan"
    elif limit and (seconds(total) or 0) > seconds(limit):
        yield "cmi.core.total_time", "limit"
    total, session = seconds(total), seconds(session)
    if None not in (total, session):
        yield from _sum(cmi["cmi.core.entry"], total, session)
    yield from _clock(item, cmi, total, session)


def _sum(entry, total, session):
    """One session is a first launch, and several are none."""
    if total < session:
        yield "cmi.core.total_time", "sum"
    elif entry == "ab-initio" and total == 2 * session:
        yield "cmi.core.total_time", "doubled"
    elif entry in ("ab-initio", "resume", "") and (entry == "ab-initio") != (total == session):
        yield "cmi.core.entry", "sessions"


def _clock(item, cmi, total, session):
    dates = {}
    for name in ("start_date_utc", "exit_date_utc"):
        dates[name] = _instant(item[name]) if name in item else None
        if name in item and dates[name] is None:
            yield name, "date"
    if None in dates.values():
        return
    start, end = dates.values()
    wall = (end - start).total_seconds()
    if wall < 0 and cmi["cmi.core.lesson_status"] in ("passed", "failed", "completed"):
        yield "exit_date_utc", "order"
    if wall >= 0 and session is not None and session == total and session > wall + 1:
        yield "cmi.core.session_time", "clock"


def _instant(text):
    """A date of an item, None where it is none or older than SCORM 1.2."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year > 2000 else None


def traces(item, cmi):
    """Status, entry and exit agree with what the learner left behind."""
    status, entry, out = (cmi[f"cmi.core.{name}"] for name in ("lesson_status", "entry", "exit"))
    left = cmi["cmi.core.lesson_location"] or cmi["cmi.suspend_data"]
    if status == "not attempted" and (_is_touched(cmi) or left or "start_date_utc" in item):
        yield "cmi.core.lesson_status", "trace"
    if status == "incomplete" and left and out != "suspend":
        yield "cmi.core.exit", "kept"
    if status in ("passed", "completed") and out == "suspend":
        yield "cmi.core.exit", "finished"
    if entry == "resume" and not left:
        yield "cmi.core.entry", "nothing"


def _is_touched(cmi):
    names = ("score.raw", "score.min", "score.max", "session_time", "exit")
    counts = cmi["cmi.objectives._count"], cmi["cmi.interactions._count"]
    start = cmi["cmi.core.entry"], cmi["cmi.core.total_time"]
    if counts != ("0", "0") or start != ("ab-initio", "0000:00:00.00"):
        return True
    return any(cmi[f"cmi.core.{name}"] for name in names) or bool(cmi["cmi.comments"])


def modes(_, cmi):
    """Browsing and reviewing are not for credit; passed and failed are."""
    status = cmi["cmi.core.lesson_status"]
    mode, credit = cmi["cmi.core.lesson_mode"], cmi["cmi.core.credit"]
    if (mode == "browse") != (status == "browsed"):
        yield "cmi.core.lesson_status", "browsed"
    if mode in ("browse", "review") and credit == "credit":
        yield "cmi.core.credit", "mode"
    if status in ("passed", "failed") and credit == "no-credit":
        yield "cmi.core.lesson_status", "credit"


def preferences(_, cmi):
    """Whole numbers in their ranges, an alphabetic language."""
    for name, (low, high) in RANGES.items():
        value = cmi[f"cmi.student_preference.{name}"]
        if value is not None and not (re.fullmatch(r"-?\d+", value) and low <= int(value) <= high):
            yield f"cmi.student_preference.{name}", "range"
    if not re.fullmatch(r"[A-Za-z ]*", cmi["cmi.student_preference.language"] or ""):
        yield "cmi.student_preference.language", "alphabetic"
