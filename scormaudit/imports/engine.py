"""The runtime data of Rustici Engine as elements of SCORM 1.2, and what has no such element."""

import json
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from scormaudit.cmi import CREDIT, ENTRY, EXIT, INTERACTION, MODE

Elements = dict[str, str | None]

_PLAIN = {
    "location": "cmi.core.lesson_location",
    "scoreRaw": "cmi.core.score.raw",
    "scoreMin": "cmi.core.score.min",
    "scoreMax": "cmi.core.score.max",
    "totalTime": "cmi.core.total_time",
    "suspendData": "cmi.suspend_data",
}
_WORDS = {
    "credit": ("cmi.core.credit", CREDIT),
    "entry": ("cmi.core.entry", ENTRY),
    "exit": ("cmi.core.exit", EXIT),
    "mode": ("cmi.core.lesson_mode", MODE),
}
_COMMENTS = {"learnerComments": "cmi.comments", "lmsComments": "cmi.comments_from_lms"}
_LISTS = ("runtimeInteractions", "runtimeObjectives")
_OF_INTERACTION = {
    "id": "id", "timestamp": "time", "weighting": "weighting", "result": "result",
    "learnerResponse": "student_response", "latency": "latency",
}  # fmt: skip
_OF_OBJECTIVE = {
    "id": "id", "scoreRaw": "score.raw", "scoreMin": "score.min", "scoreMax": "score.max",
}  # fmt: skip
_NESTED = {"objectives": ("objectives", "id"), "correctResponses": ("correct_responses", "pattern")}
_SIGNS = re.compile(r"[\s_-]+")
_NONE: Mapping[str, Any] = MappingProxyType({})


def elements(runtime: Mapping[str, Any]) -> Elements:
    """Every element of one SCO by name; what SCORM 1.2 has no name for as `runtime.…`."""
    found: Elements = {}
    rest = dict(runtime)
    for name, element in _PLAIN.items():
        found[element] = _text(rest.pop(name, None))
    for name, (element, words) in _WORDS.items():
        found |= _word(rest.pop(name, None), element, words, f"runtime.{name}")
    completion, success = (rest.pop(n, None) for n in ("completionStatus", "runtimeSuccessStatus"))
    found |= _status(completion, success, "cmi.core.lesson_status", "runtime.")
    preference = rest.pop("learnerPreference", None) or _NONE
    found |= _preference(preference)
    for name, element in _COMMENTS.items():
        found |= dict(_comments(rest.pop(name, None) or [], element, name))
    for name, read in zip(_LISTS, (_interaction, _objective), strict=True):
        for index, item in enumerate(rest.pop(name, None) or []):
            found |= read(item if isinstance(item, dict) else {"value": item}, index)
    return found | _strays(rest, "runtime")


def _interaction(item: Mapping[str, Any], index: int) -> Elements:
    rest, place = dict(item), f"cmi.interactions.{index}"
    own = f"runtime.runtimeInteractions.{index}"
    found = {f"{place}.{e}": _text(rest.pop(n, None)) for n, e in _OF_INTERACTION.items()}
    found |= _word(rest.pop("type", None), f"{place}.type", INTERACTION, f"{own}.type")
    for name, (list_, last) in _NESTED.items():
        for m, text in enumerate(rest.pop(name, None) or []):
            found[f"{place}.{list_}.{m}.{last}"] = _text(text)
    return found | _strays(rest, own)


def _objective(item: Mapping[str, Any], index: int) -> Elements:
    rest, place = dict(item), f"cmi.objectives.{index}"
    own = f"runtime.runtimeObjectives.{index}"
    found = {f"{place}.{e}": _text(rest.pop(n, None)) for n, e in _OF_OBJECTIVE.items()}
    completion = rest.pop("runtimeObjectiveCompletionStatus", None)
    success = rest.pop("runtimeObjectiveSuccessStatus", None)
    found |= _status(completion, success, f"{place}.status", f"{own}.")
    return found | _strays(rest, own)


def _status(completion: Any, success: Any, element: str, own: str) -> Elements:
    """One status of two: success where it is known, else completion.

    An engine says completed beside passed and failed of SCORM 1.2; any other pair says more than
    one status can, and stands beside it whole.
    """
    done, known = _folded(completion), _folded(success)
    words = {"notattempted": "not attempted"}
    if known in ("passed", "failed"):
        status = known
    else:
        status = "" if done == "unknown" else words.get(done, _text(completion) or "")
        status = done if done in ("completed", "incomplete", "browsed") else status
    found: Elements = {element: status or None}
    exact = known in ("", "unknown") or (known in ("passed", "failed") and done == "completed")
    if not exact:
        found[f"{own}completionStatus"] = _text(completion)
        found[f"{own}successStatus"] = _text(success)
    return found


def _word(value: Any, element: str, words: tuple[str, ...], own: str) -> Elements:
    """A word of a vocabulary in its legal spelling; `Unknown` is none, and any other stays."""
    folded = {_folded(word): word for word in words}
    text = _text(value)
    if text is None or _folded(text) in folded:
        return {element: None if text is None else folded[_folded(text)]}
    return {own: text} if _folded(text) == "unknown" else {element: text}


def _preference(preference: Mapping[str, Any]) -> Elements:
    rest = dict(preference)
    found = {
        "cmi.student_preference.language": _text(rest.pop("language", None)),
        "cmi.student_preference.text": _text(rest.pop("audioCaptioning", None)),
    }
    return found | _strays(rest, "runtime.learnerPreference")


def _comments(comments: list[Any], element: str, name: str) -> Iterator[tuple[str, str | None]]:
    """Comments as one text, as SCORM 1.2 joins them; where and when they were made as strays."""
    items = [item if isinstance(item, dict) else {"value": item} for item in comments]
    if items:
        yield element, "".join(_text(item.get("value")) or "" for item in items)
    for index, item in enumerate(items):
        rest = {key: value for key, value in item.items() if key != "value"}
        yield from _strays(rest, f"runtime.{name}.{index}").items()


def _strays(rest: Mapping[str, Any], own: str) -> Elements:
    """What is left over, if there is anything in it."""
    return {f"{own}.{name}": _text(v) for name, v in rest.items() if v not in (None, "", [], {})}


def _folded(value: Any) -> str:
    return _SIGNS.sub("", (_text(value) or "").casefold())


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
