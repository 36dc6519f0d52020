"""Registrations of SCORM Cloud (API v2) or Rustici Engine as JSON.

What GET /registrations or /registrations/{id}/progress answers with includeChildResults,
includeInteractionsAndObjectives and includeRuntime all true: one registration, a list, an object
with `registrations`, or one a line. Read are:

* `id` becomes enrollment_id, `course.id` assignment_id; `learner.id` and `course.title` labels.
* Each activity with `runtime` becomes a record: `id` is sco_id, `title` the title.
* `runtime`: the elements. Engine's words become those of SCORM 1.2 (`AbInitio` is ab-initio), and
  completionStatus with runtimeSuccessStatus one lesson_status; where both say something that one
  status cannot, both are kept as strays. `learner` gives student_id and student_name.
* `staticProperties`: launchData, maxTimeAllowed, timeLimitAction, and scaledPassingScore as
  mastery_score in percent.
* `firstAccessDate` is start_date_utc, `lastAccessDate` exit_date_utc, of every SCO of it.

What SCORM 1.2 has no element for (scaled scores, progress, tracked time, descriptions) is kept in
the table of strays as `runtime.…`; sums over a registration or an activity are not taken, and it
says so. Timespans of SCORM 2004 stay as they are, so the audit speaks of them.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import Any

from scormaudit.imports.engine import elements
from scormaudit.imports.parsing import registrations
from scormaudit.imports.piece import HALF, Bad, Cell, Piece

COUNTS = True
MARK = b'"activityDetails"'
LABELS = ("learner", "course")
_OF_REGISTRATION = {"id", "course", "learner", "activityDetails", "firstAccessDate",
                    "lastAccessDate"}  # fmt: skip
_OF_ACTIVITY = {"id", "title", "children", "runtime", "staticProperties"}
_NOTHING: tuple[Any, ...] = (None, "", [], {})
_HALVED = partial(HALF.sub, "\N{REPLACEMENT CHARACTER}")


def labels_of(path: Path) -> tuple[str, ...]:  # noqa: ARG001
    """Learner and course."""
    return LABELS


def pieces(path: Path, tally: Counter[str]) -> Iterator[Piece | Bad]:
    """A piece an activity with runtime data; a registration without any is an empty assignment."""
    for number, registration in enumerate(registrations(path), 1):
        why = _fault(registration)
        if why:
            ids = _ids(registration) if isinstance(registration, dict) else ("", "")
            yield Bad(row=number, reason=why, content=_spelled(registration) or "", ids=ids)
            continue
        tally.update(
            f"registration.{name}"
            for name, value in registration.items()
            if name not in _OF_REGISTRATION and value not in _NOTHING
        )
        yield from _pieces(number, registration, tally)


def _pieces(number: int, registration: Mapping[str, Any], tally: Counter[str]) -> Iterator[Piece]:
    ids, taken = _ids(registration), 0
    course, learner = registration["course"], registration.get("learner") or {}
    told = {"learner": _spelled(learner.get("id")), "course": _spelled(course.get("title"))}
    labels = {
        name: HALF.sub("\N{REPLACEMENT CHARACTER}", text or "") for name, text in told.items()
    }
    for activity in _activities(registration["activityDetails"]):
        tally.update(
            f"activity.{name}"
            for name, value in activity.items()
            if name not in _OF_ACTIVITY and value not in _NOTHING
        )
        if not isinstance(activity.get("runtime"), dict):
            tally["activity without runtime"] += not activity.get("children")
            continue
        taken += 1
        told = {**_of_all(registration, learner, activity), **elements(activity["runtime"])}
        cells = [Cell(number, name, text) for name, text in told.items() if text is not None]
        sco = _spelled(activity.get("id")) or ""
        yield Piece(row=number, ids=(*ids, "", sco), labels=labels, cells=tuple(cells))
    if not taken:
        yield Piece(row=number, ids=(*ids, "", ""), labels=labels, cells=())


def _fault(registration: Any) -> str:
    """Why a registration cannot be taken, if so."""
    if not isinstance(registration, dict):
        return "it is no registration"
    if not all(_ids(registration)):
        return "id or course.id is missing"
    if not isinstance(registration.get("activityDetails"), dict):
        return "activityDetails is missing: export with includeChildResults and includeRuntime"
    named = [_spelled(one.get("id")) or "" for one in _scos(registration["activityDetails"])]
    if not all(named):
        return "an activity with runtime has no id"
    return "an id is no text" if any(map(HALF.search, (*_ids(registration), *named))) else ""


def _ids(registration: Mapping[str, Any]) -> tuple[str, str]:
    course = registration.get("course")
    of_course = course.get("id") if isinstance(course, dict) else None
    return _spelled(registration.get("id")) or "", _spelled(of_course) or ""


def _scos(activity: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (one for one in _activities(activity) if isinstance(one.get("runtime"), dict))


def _activities(activity: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """An activity and all below it, from the top."""
    waiting = [activity]
    while waiting:
        one = waiting.pop()
        yield one
        children = one.get("children")
        below = children if isinstance(children, list) else []
        waiting += [child for child in reversed(below) if isinstance(child, dict)]


def _of_all(
    registration: Mapping[str, Any], learner: Mapping[str, Any], activity: Mapping[str, Any]
) -> dict[str, str | None]:
    """What stands outside the runtime data."""
    static = activity.get("staticProperties") or {}
    names = [_spelled(learner.get(name)) for name in ("lastName", "firstName")]
    return {
        "title": _spelled(activity.get("title")),
        "start_date_utc": _spelled(registration.get("firstAccessDate")),
        "exit_date_utc": _spelled(registration.get("lastAccessDate")),
        "cmi.core.student_id": _spelled(learner.get("id")),
        "cmi.core.student_name": ", ".join(filter(None, names)) or None,
        "cmi.launch_data": _spelled(static.get("launchData")),
        "cmi.student_data.max_time_allowed": _spelled(static.get("maxTimeAllowed")),
        "cmi.student_data.time_limit_action": _spelled(static.get("timeLimitAction")),
        "cmi.student_data.mastery_score": _mastery(static),
    }


def _mastery(static: Mapping[str, Any]) -> str | None:
    """The passing score in percent, as SCORM 1.2 has it in the manifest."""
    if not static.get("scaledPassingScoreUsed"):
        return None
    try:
        percent = 100 * Decimal(str(static.get("scaledPassingScore")))
    except InvalidOperation:
        return _spelled(static.get("scaledPassingScore"))
    return f"{percent.normalize():f}" if percent.is_finite() else str(percent)


def _spelled(value: Any) -> str | None:
    """A JSON value as text: strings as they are, null as nothing."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
