"""What SCORM 1.2 states about a record, written once more and without the product's code."""

import re
from datetime import datetime

IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,255}")
TIMESPAN = re.compile(r"(\d{2,4}):(\d\d):(\d\d)(\.\d\d)?")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d\d)?")
DECIMAL = re.compile(r"-?\d+(\.\d+)?")
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
RESPONSES = {
    "true-false": r"[01tf]",
    "choice": r"[0-9a-z](,[0-9a-z])*|\{[0-9a-z](,[0-9a-z])*\}",
    "fill-in": r".{1,255}",
    "performance": r".{1,255}",
    "numeric": r"-?\d+(\.\d+)?",
    "likert": r"[0-9a-z]?",
    "matching": r"[0-9a-z]\.[0-9a-z](,[0-9a-z]\.[0-9a-z])*|\{[0-9a-z.,]+\}",
    "sequencing": r"[0-9a-z](,[0-9a-z])*",
}


def complaints(item, cmi, errors):
    """Everything that is wrong with a record, as (element, statement) pairs."""
    found = {(name, "failed") for name in errors}
    found |= {(name, "word") for name in WORDS if not _is_word(name, cmi[name])}
    checks = (strings, scores, times, traces, modes, preferences, objectives, interactions)
    for check in checks:
        found |= set(check(item, cmi))
    return found


def _is_word(name, value):
    return value in WORDS[name] or (value is None and name not in NEVER_NULL)


def seconds(text):
    """The length of a legal timespan, None otherwise."""
    match = TIMESPAN.fullmatch(text or "")
    if match is None:
        return None
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3]) + float(match[4] or 0)


def number(text):
    """A CMIDecimal as a float, None otherwise."""
    return float(text) if DECIMAL.fullmatch(text or "") else None


def instant(text):
    """A date of an item."""
    return None if text is None else datetime.fromisoformat(text)


def strings(item, cmi):
    """Lengths, ASCII, identifiers."""
    for name, limit in (
        ("cmi.core.lesson_location", 255), ("cmi.suspend_data", 4096), ("cmi.launch_data", 4096),
        ("cmi.comments", 4096), ("cmi.comments_from_lms", 4096),
    ):  # fmt: skip
        if len(cmi[name]) > limit or not cmi[name].isascii():
            yield name, "length"
    if not IDENTIFIER.fullmatch(cmi["cmi.core.student_id"]):
        yield "cmi.core.student_id", "identifier"
    if not 0 < len(cmi["cmi.core.student_name"]) <= 255 or not item["title"]:
        yield "cmi.core.student_name", "length"


def scores(_, cmi):
    """Numbers from 0 to 100, the raw score inside its bounds, the status on its side."""
    bounds = {}
    for part in ("raw", "min", "max"):
        name = f"cmi.core.score.{part}"
        bounds[part] = number(cmi[name])
        if cmi[name] and bounds[part] is None:
            yield name, "decimal"
        if bounds[part] is not None and not 0 <= bounds[part] <= 100:
            yield name, "range"
    raw, low, high = bounds.values()
    if raw is not None and ((low is not None and raw < low) or (high is not None and raw > high)):
        yield "cmi.core.score.raw", "bounds"
    yield from _mastery(cmi, raw)


def _mastery(cmi, raw):
    mastery = number(cmi["cmi.student_data.mastery_score"])
    if cmi["cmi.student_data.mastery_score"] and mastery is None:
        yield "cmi.student_data.mastery_score", "decimal"
    status = cmi["cmi.core.lesson_status"]
    is_judged = mastery is not None and raw is not None and status in ("passed", "failed")
    if is_judged and (raw >= mastery) != (status == "passed"):
        yield "cmi.core.lesson_status", "mastery"
    if status == "completed" and (mastery is not None or (raw is not None and raw < 50)):
        yield "cmi.core.lesson_status", "mastery"


def times(item, cmi):
    """Timespans, their sum, and the clock."""
    total, session = cmi["cmi.core.total_time"], cmi["cmi.core.session_time"]
    if seconds(total) is None:
        yield "cmi.core.total_time", "timespan"
    if session is not None and seconds(session) is None:
        yield "cmi.core.session_time", "timespan"
    limit = cmi["cmi.student_data.max_time_allowed"]
    if limit and (seconds(limit) is None or (seconds(total) or 0) > seconds(limit)):
        yield "cmi.student_data.max_time_allowed", "timespan"
    if None not in (seconds(total), seconds(session)) and seconds(total) < seconds(session):
        yield "cmi.core.total_time", "sum"
    start, end = (instant(item.get(f"{name}_date_utc")) for name in ("start", "exit"))
    if start is not None and end is not None:
        yield from _clock((end - start).total_seconds(), cmi)


def _clock(wall, cmi):
    total, session = (seconds(cmi[f"cmi.core.{name}_time"]) for name in ("total", "session"))
    if wall < 0 and cmi["cmi.core.lesson_status"].strip().lower() != "incomplete":
        yield "exit_date_utc", "order"
    if wall >= 0 and session is not None and session == total and session > wall + 1:
        yield "cmi.core.session_time", "clock"


def traces(item, cmi):
    """Status, entry and exit agree with what the learner left behind."""
    status, entry, out = (cmi[f"cmi.core.{name}"] for name in ("lesson_status", "entry", "exit"))
    left = cmi["cmi.core.lesson_location"] or cmi["cmi.suspend_data"]
    if status == "not attempted" and (_is_touched(cmi) or left or "start_date_utc" in item):
        yield "cmi.core.lesson_status", "trace"
    if status.strip().lower() == "incomplete" and left and out != "suspend":
        yield "cmi.core.exit", "kept"
    if status in ("passed", "completed", "failed") and out == "suspend":
        yield "cmi.core.exit", "finished"
    if entry in ("ab-initio", "resume", ""):
        yield from _entry(cmi, entry)


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
    if (mode in ("browse", "review")) != (credit == "no-credit"):
        yield "cmi.core.credit", "mode"
    if status in ("passed", "failed") and credit != "credit":
        yield "cmi.core.lesson_status", "credit"


def _entry(cmi, entry):
    total, session = (seconds(cmi[f"cmi.core.{name}_time"]) for name in ("total", "session"))
    if None not in (total, session) and (entry == "ab-initio") != (total == session):
        yield "cmi.core.entry", "sessions"


def preferences(_, cmi):
    """Whole numbers in their ranges, an alphabetic language."""
    for name, (low, high) in RANGES.items():
        value = cmi[f"cmi.student_preference.{name}"]
        if value is not None and not (re.fullmatch(r"-?\d+", value) and low <= int(value) <= high):
            yield f"cmi.student_preference.{name}", "range"
    if not re.fullmatch(r"[A-Za-z ]*", cmi["cmi.student_preference.language"] or ""):
        yield "cmi.student_preference.language", "alphabetic"


def objectives(_, cmi):
    """Unique identifiers, legal statuses, normalised scores."""
    places = [f"cmi.objectives.{index}" for index in range(int(cmi["cmi.objectives._count"]))]
    yield from _unique([cmi[f"{place}.id"] for place in places], "cmi.objectives")
    for place in places:
        if cmi[f"{place}.status"] not in STATUS:
            yield f"{place}.status", "word"
        raw, low, high = (cmi[f"{place}.score.{part}"] for part in ("raw", "min", "max"))
        if raw and not 0 <= number(low) <= number(raw) <= number(high) <= 100:
            yield f"{place}.score.raw", "range"


def interactions(_, cmi):
    """Unique identifiers, answers legal for their type, latencies within the session."""
    places = [f"cmi.interactions.{index}" for index in range(int(cmi["cmi.interactions._count"]))]
    yield from _unique([cmi[f"{place}.id"] for place in places], "cmi.interactions")
    known = {cmi[name] for name in cmi if re.fullmatch(r"cmi\.objectives\.\d+\.id", name)}
    spent = 0.0
    for place in places:
        spent += seconds(cmi[f"{place}.latency"])
        patterns = _listed(cmi, place, "correct_responses", "pattern")
        shape = RESPONSES[cmi[f"{place}.type"]]
        answer = cmi[f"{place}.student_response"]
        if not all(re.fullmatch(shape, text, re.ASCII) for text in [answer, *patterns]):
            yield f"{place}.student_response", "feedback"
        expected = "neutral" if not patterns else "correct" if answer in patterns else "wrong"
        if cmi[f"{place}.result"] != expected or not DECIMAL.fullmatch(cmi[f"{place}.weighting"]):
            yield f"{place}.result", "word"
        if not TIME.fullmatch(cmi[f"{place}.time"]):
            yield f"{place}.time", "time"
        if not known.issuperset(_listed(cmi, place, "objectives", "id")):
            yield f"{place}.objectives.0.id", "unknown"
    session = seconds(cmi["cmi.core.session_time"])
    if session is not None and spent > session:
        yield "cmi.interactions.0.latency", "sum"


def _listed(cmi, place, array, leaf):
    count = int(cmi[f"{place}.{array}._count"])
    return [cmi[f"{place}.{array}.{index}.{leaf}"] for index in range(count)]


def _unique(ids, array):
    if len(set(ids)) < len(ids) or not all(IDENTIFIER.fullmatch(name or "") for name in ids):
        yield f"{array}.0.id", "unique"
