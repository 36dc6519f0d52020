"""What SCORM 1.2 states about objectives and interactions, without the product's code."""

import re

IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,255}")
TIMESPAN = re.compile(r"(\d{2,4}):(\d\d):(\d\d)(\.\d\d)?", re.ASCII)
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d\d)?", re.ASCII)
DECIMAL = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
STATUS = {"passed", "completed", "failed", "incomplete", "browsed", "not attempted"}
RESULT = {"correct", "wrong", "unanticipated", "neutral"}
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


def array_complaints(_, cmi):
    """Counts, gaps and ids of both arrays, and what stands in their entries.

    Which objective a question serves can be said only where the objectives are in order.
    """
    wrong = list(_objectives(cmi))
    yield from wrong
    yield from _interactions(cmi, known=None if wrong else _ids(cmi, "cmi.objectives"))


def _seconds(text):
    match = TIMESPAN.fullmatch(text or "")
    if match is None:
        return None
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3]) + float(match[4] or 0)


def _number(text):
    return float(text) if DECIMAL.fullmatch(text or "") else None


def _places(cmi, array):
    """The names of the entries that the count promises; none where it cannot be right."""
    count = cmi[f"{array}._count"] or ""
    size = int(count) if re.fullmatch(r"\d+", count) else 0
    return [] if size > 2000 else [f"{array}.{index}" for index in range(size)]


def _wrong_count(cmi, array):
    count = cmi[f"{array}._count"] or ""
    if not re.fullmatch(r"\d+", count) or int(count) > 2000:
        yield f"{array}._count", "count"


def _texts(cmi, place):
    """What stands at an index, null or not, but for lists inside of it."""
    return [
        cmi[name] for name in cmi if re.fullmatch(rf"{re.escape(place)}\.[a-z_.]+(?<!_count)", name)
    ]


def _ids(cmi, array):
    return [cmi[f"{place}.id"] for place in _places(cmi, array)]


def _listed(cmi, array):
    """The entries of an array that are there; those that are not are gaps, returned second."""
    places = _places(cmi, array)
    there = [place for place in places if any(text for text in _texts(cmi, place))]
    return there, [(f"{place}.id", "gap") for place in places if place not in there]


def _identified(cmi, places):
    """Each id is an identifier and the first of its kind."""
    seen = set()
    for place in places:
        name = cmi[f"{place}.id"]
        if not IDENTIFIER.fullmatch(name or ""):
            yield f"{place}.id", "identifier"
        elif name in seen:
            yield f"{place}.id", "unique"
        seen.add(name)


def _objectives(cmi):
    yield from _wrong_count(cmi, "cmi.objectives")
    places, gaps = _listed(cmi, "cmi.objectives")
    yield from gaps
    yield from _identified(cmi, places)
    for place in places:
        if cmi[f"{place}.status"] not in STATUS:
            yield f"{place}.status", "word"
        yield from _score(cmi, f"{place}.score")
    if len(places) == 1 and cmi["cmi.core.lesson_status"] == "passed":
        own, raw = (
            _number(cmi[f"{name}.raw"]) for name in (f"{places[0]}.score", "cmi.core.score")
        )
        if raw == 0 and own:
            yield f"{places[0]}.score.raw", "left"


def _score(cmi, place):
    """Numbers from 0 to 100 or blank; where all are, the raw one inside its bounds."""
    texts = {part: cmi[f"{place}.{part}"] for part in ("raw", "min", "max")}
    values = {part: _number(text) for part, text in texts.items()}
    wrong = [part for part, text in texts.items() if text and not 0 <= (values[part] or 0) <= 100]
    wrong += [part for part, text in texts.items() if text and values[part] is None]
    yield from ((f"{place}.{part}", "range") for part in wrong)
    raw, low, high = values.values()
    if wrong or low is None or high is None:
        return
    if low >= high:
        yield f"{place}.min", "scale"
    elif raw is not None and not low <= raw <= high:
        yield f"{place}.raw", "bounds"


def _interactions(cmi, known):
    """`known` are the ids of the objectives, None where nobody can tell."""
    yield from _wrong_count(cmi, "cmi.interactions")
    places, gaps = _listed(cmi, "cmi.interactions")
    yield from gaps
    yield from _identified(cmi, places)
    for place in places:
        yield from _answer(cmi, place)
        if not TIME.fullmatch(cmi[f"{place}.time"]):
            yield f"{place}.time", "time"
        if not DECIMAL.fullmatch(cmi[f"{place}.weighting"]):
            yield f"{place}.weighting", "decimal"
        yield from _served(cmi, place, known)
    yield from _latencies(cmi, [f"{place}.latency" for place in places])


def _served(cmi, place, known):
    """The objectives of a question."""
    yield from _wrong_count(cmi, f"{place}.objectives")
    for entry in _places(cmi, f"{place}.objectives"):
        name = cmi[f"{entry}.id"]
        if name is None:
            yield f"{entry}.id", "gap"
        elif not IDENTIFIER.fullmatch(name):
            yield f"{entry}.id", "identifier"
        elif known is not None and name not in known:
            yield f"{entry}.id", "unknown"


def _answer(cmi, place):
    """The answer and the correct ones have the form of the type, and the result follows."""
    kind, result, answer = (
        cmi[f"{place}.{leaf}"] for leaf in ("type", "result", "student_response")
    )
    if kind not in RESPONSES:
        yield f"{place}.type", "word"
        return
    yield from _wrong_count(cmi, f"{place}.correct_responses")
    names = [f"{entry}.pattern" for entry in _places(cmi, f"{place}.correct_responses")]
    patterns = {name: cmi[name] for name in names}
    for name, text in {f"{place}.student_response": answer, **patterns}.items():
        if text is None:
            yield name, "gap"
        elif not re.fullmatch(RESPONSES[kind], text, re.ASCII):
            yield name, "feedback"
    expected = "correct" if answer in patterns.values() else "wrong"
    if cmi[f"{place}.correct_responses._count"] == "0":
        expected = "neutral"
    if result not in RESULT or ((patterns or expected == "neutral") and result != expected):
        yield f"{place}.result", "word"


def _latencies(cmi, names):
    """Each one a part of the time that was spent, all of them a part of the last session."""
    total, session = (_seconds(cmi[f"cmi.core.{name}_time"]) for name in ("total", "session"))
    spent = {name: _seconds(cmi[name]) for name in names}
    yield from ((name, "timespan") for name in names if spent[name] is None)
    known = {name: length for name, length in spent.items() if length is not None}
    beyond = [
        name for name in known if None not in (total, session) and known[name] > max(total, session)
    ]
    yield from ((name, "sum") for name in beyond)
    if not beyond and session is not None and sum(known.values()) > session:
        yield "cmi.interactions.0.latency", "sum"
