"""Elements of SCORM 2004 as a record of SCORM 1.2 again, where one means the other."""

from collections.abc import Mapping
from typing import Any

from scormaudit.mapping import answer
from scormaudit.mapping.duration import cmi
from scormaudit.mapping.score import number, spelled
from scormaudit.mapping.scorm2004 import RESULTS
from scormaudit.mapping.status import single

_SAME = {
    "credit": "cmi.credit",
    "entry": "cmi.entry",
    "exit": "cmi.exit",
    "lesson_mode": "cmi.mode",
    "time_limit_action": "cmi.time_limit_action",
    "student_id": "cmi.learner_id",
    "lesson_location": "cmi.location",
    "suspend_data": "cmi.suspend_data",
    "launch_data": "cmi.launch_data",
    "comments": "cmi.comments_from_learner.0.comment",
    "comments_from_lms": "cmi.comments_from_lms.0.comment",
    "score_raw": "cmi.score.raw",
    "score_min": "cmi.score.min",
    "score_max": "cmi.score.max",
    "preference_language": "cmi.learner_preference.language",
    "preference_text": "cmi.learner_preference.audio_captioning",
}
_TIMES = {
    "total_time": "cmi.total_time",
    "session_time": "cmi.session_time",
    "max_time_allowed": "cmi.max_time_allowed",
}
_WORDS = {new: old for old, new in RESULTS.items()}


def record(elements: Mapping[str, str]) -> dict[str, str | None]:
    """The columns of a record; what SCORM 2004 does not say is None."""
    row = {column: elements.get(name) for column, name in _SAME.items()}
    row |= {column: _timespan(elements.get(name)) for column, name in _TIMES.items()}
    row["lesson_status"] = _status(elements, "cmi")
    row["preference_audio"] = _word(elements, "audio_level", {"0": "-1", "1": "0"})
    row["preference_speed"] = _word(elements, "delivery_speed", {"1": "0"})
    passing = number(elements.get("cmi.scaled_passing_score"))
    row["mastery_score"] = None if passing is None else spelled(passing * 100)
    return row


def objective(elements: Mapping[str, str], index: int) -> dict[str, str | None]:
    """The columns of an objective."""
    prefix = f"cmi.objectives.{index}"
    scores = {f"score_{n}": elements.get(f"{prefix}.score.{n}") for n in ("raw", "min", "max")}
    return {"id": elements.get(f"{prefix}.id"), "status": _status(elements, prefix), **scores}


def interaction(elements: Mapping[str, str], index: int) -> dict[str, Any]:
    """The columns of an interaction, but for its time, which has no date."""
    prefix = f"cmi.interactions.{index}"
    told = {name: elements.get(f"{prefix}.{name}") for name in ("id", "type", "weighting")}
    kind = (told["type"] or "").removeprefix("long-")
    response = elements.get(f"{prefix}.learner_response")
    result = elements.get(f"{prefix}.result")
    return {
        **told,
        "type": kind or None,
        "student_response": response and answer.untranslated(kind, response),
        "result": result and _WORDS.get(result, result),
        "latency": _timespan(elements.get(f"{prefix}.latency")),
        "objective_ids": _numbered(elements, f"{prefix}.objectives", "id"),
        "correct_responses": [
            answer.untranslated(kind, text)
            for text in _numbered(elements, f"{prefix}.correct_responses", "pattern")
        ],
    }


def _status(elements: Mapping[str, str], prefix: str) -> str | None:
    completion = elements.get(f"{prefix}.completion_status")
    success = elements.get(f"{prefix}.success_status")
    return None if completion is None or success is None else single(completion, success)


def _timespan(duration: str | None) -> str | None:
    return None if duration is None else cmi(duration)


def _word(elements: Mapping[str, str], name: str, words: Mapping[str, str]) -> str | None:
    return words.get(elements.get(f"cmi.learner_preference.{name}", ""))


def _numbered(elements: Mapping[str, str], prefix: str, last: str) -> list[str]:
    found: list[str] = []
    while (text := elements.get(f"{prefix}.{len(found)}.{last}")) is not None:
        found.append(text)
    return found
