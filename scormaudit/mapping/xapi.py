"""A record as xAPI statements by cmi5 and the SCORM profile, its documents, and what that loses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scormaudit.mapping import iri
from scormaudit.mapping.loss import Losses
from scormaudit.mapping.question import kind_of, listed, patterns, responded, timed, told_as
from scormaudit.mapping.score import number
from scormaudit.mapping.scorm2004 import Elements, learner, scalars, score
from scormaudit.mapping.source import Row, Source
from scormaudit.mapping.statement import Statement, Voice, voice

_STATE = {
    "location": "cmi.location",
    "suspend_data": "cmi.suspend_data",
    "credit": "cmi.credit",
    "mode": "cmi.mode",
    "total_time": "cmi.total_time",
    "comments_from_lms": "cmi.comments_from_lms.0.comment",
}
_PREFERENCES = ("language", "audio_level", "delivery_speed", "audio_captioning")
_PROFILE = ("launch_data", "max_time_allowed", "scaled_passing_score", "time_limit_action")
_OBJECTIVE = {
    "passed": ("passed", {"success": True}),
    "failed": ("failed", {"success": False}),
    "completed": ("completed", {"completion": True}),
    "incomplete": ("progressed", {"completion": False}),
    "browsed": ("experienced", {}),
}
_SUCCESS = {"correct": True, "wrong": False}
_NEVER_SAID = ("too long",)
"""Losses of SCORM 2004 that xAPI does not have: it has no limits of length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A record as statements, as the document of its state and that of its activity."""

    statements: list[Statement]
    state: Statement
    profile: Statement
    losses: Losses


def translate(source: Source, home: str, *, names: bool = False) -> Told:
    """What xAPI says of one record; `home` is the system of the learner's id (an IRI)."""
    elements, found = scalars(source)
    losses = Losses(found)
    speaker = voice(source, learner(source), iri.home_of(home), names=names)
    speaker = _governed(speaker, source, elements, losses)
    statements = [
        *_session(speaker, source, elements, losses),
        *_questions(speaker, source, losses),
        *_objectives(speaker, source, losses),
    ]
    statements.sort(key=lambda said: said.get("timestamp", ""))
    return Told(
        statements=statements,
        state=_state(speaker, elements),
        profile=_profile(speaker, elements),
        losses=Losses(loss for loss in losses if loss.kind not in _NEVER_SAID),
    )


def _governed(speaker: Voice, source: Source, elements: Elements, losses: Losses) -> Voice:
    """The voice with what cmi5 asks of results, where the record can meet it; else the reason."""
    passing = elements.get("cmi.scaled_passing_score")
    speaker = replace(speaker, mastery=float(passing) if passing else None)
    word = source.text("lesson_status")
    if word not in ("passed", "failed", "completed", "incomplete"):
        return speaker
    for said, element, what in (
        (not speaker.began, "start_date_utc", "without a date, which every cmi5 statement has"),
        ("cmi.total_time" not in elements, "cmi.core.total_time", "without the time cmi5 asks for"),
        (
            word != "incomplete" and elements.get("cmi.mode", "normal") != "normal",
            "cmi.core.lesson_status",
            "cmi5 takes no result from a browse or a review",
        ),
        (
            _contradicts(word, elements),
            "cmi.core.lesson_status",
            "cmi5 takes no result that its mastery score contradicts",
        ),
    ):
        if said:
            losses.add(element, "changed", what)
            return speaker
    return replace(speaker, defined=True)


def _contradicts(word: str, elements: Elements) -> bool:
    """Whether cmi5 would refuse `passed` or `failed` with this score (cmi5 9.3.4, 9.3.5)."""
    share = number(elements.get("cmi.score.scaled"))
    passing = number(elements.get("cmi.scaled_passing_score"))
    if share is None or passing is None:
        return False
    return (word == "passed" and share < passing) or (word == "failed" and share >= passing)


def _session(
    speaker: Voice, source: Source, elements: Elements, losses: Losses
) -> Iterator[Statement]:
    """The beginning, the result and the end of the record, in this order."""
    word, leaving = source.text("lesson_status"), elements.get("cmi.exit", "")
    seen = bool(speaker.began) or word not in ("", "not attempted")
    if seen:
        yield speaker.say("initialized", "initialized", defined=True, at=speaker.began)
    if seen and elements.get("cmi.entry") == "resume":
        yield speaker.say("resumed", "resumed", at=speaker.began)
    yield from _results(speaker, word, elements, losses)
    if source.text("comments"):
        said = {"response": source.text("comments")}
        yield speaker.say("commented", "commented", result=said)
    if leaving in ("time-out", "logout"):
        losses.add("cmi.core.exit", "no word", "the session is ended, not how")
    if leaving == "suspend":
        yield speaker.say("suspended", "suspended")
    yield from _end(speaker, elements, losses)


def _end(speaker: Voice, elements: Elements, losses: Losses) -> Iterator[Statement]:
    """The end of the last session, if the record tells one that comes after its beginning."""
    length = elements.get("cmi.session_time")
    if speaker.ended:
        said = {"duration": length} if length else {}
        yield speaker.say("terminated", "terminated", result=said, defined=bool(length))
    elif length and length != "PT0S":
        losses.add("cmi.core.session_time", "no date", "a session without an end")


def _results(speaker: Voice, word: str, elements: Elements, losses: Losses) -> Iterator[Statement]:
    """Completion, success and score, each told by the verb that may tell it."""
    lasted = {"duration": elements["cmi.total_time"]} if "cmi.total_time" in elements else {}
    points = _score(elements, "cmi.score", "cmi.core.score", losses)
    if word in ("passed", "failed", "completed"):
        said = {"completion": True, **lasted}
        yield speaker.say("completed", "completed", result=said, defined=True)
    if word in ("passed", "failed"):
        said = {"success": word == "passed", **points, **lasted}
        yield speaker.say(word, word, result=said, defined=True)
    elif points:
        yield speaker.say("scored", "scored", result=points)
    if word == "browsed":
        yield speaker.say("experienced", "experienced", result=lasted)


def _score(
    elements: Mapping[str, str], prefix: str, element: str, losses: Losses
) -> dict[str, Any]:
    """A score as xAPI takes it: without bounds that the raw score or each other breaks."""
    told = {
        name: _plain(elements[f"{prefix}.{name}"])
        for name in ("scaled", "raw", "min", "max")
        if f"{prefix}.{name}" in elements
    }
    raw, low, high = told.get("raw"), told.get("min"), told.get("max")
    upside_down = low is not None and high is not None and low >= high
    outside = raw is not None and (
        (low is not None and raw < low) or (high is not None and raw > high)
    )
    if upside_down or outside:
        told.pop("min", None)
        told.pop("max", None)
        losses.add(f"{element}.max", "no place", "xAPI takes no bounds that a score breaks")
    return {"score": told} if told else {}


def _plain(text: str) -> float:
    """A number as JSON writes it: 80, not 80.0."""
    value = float(text)
    return int(value) if value.is_integer() else value


def _questions(speaker: Voice, source: Source, losses: Losses) -> Iterator[Statement]:
    for row in source.interactions:
        element = f"cmi.interactions.{row['index']}"
        name = row.get("id") or ""
        if not name:
            losses.add(f"{element}.id", "changed", "named by its index, having no id")
        about = speaker.inside("interactions", name or str(row["index"]),
                               _definition(row, element, losses))  # fmt: skip
        aims = [
            speaker.inside("objectives", aim, {}) for aim in listed(row, "objective_ids") if aim
        ]
        result = _answered(row, element, losses)
        yield speaker.say("answered", element, result=result, about=about, other=aims)


def _definition(row: Row, element: str, losses: Losses) -> dict[str, Any]:
    """What an interaction is; without a type it is an activity like any other."""
    kind = kind_of(row, element, losses)
    if not kind:
        return {}
    right = patterns(row, element, kind, losses)
    return {
        "type": f"{iri.ACTIVITIES}/cmi.interaction",
        "interactionType": told_as(row, kind),
        **({"correctResponsesPattern": right} if right else {}),
    }


def _answered(row: Row, element: str, losses: Losses) -> dict[str, Any]:
    kind = kind_of(row, element, Losses())
    told: dict[str, Any] = {}
    response, length = responded(row, element, kind, losses), timed(row, element, losses)
    if response:
        told["response"] = response
    word = row.get("result") or ""
    points = number(word)
    if word in _SUCCESS:
        told["success"] = _SUCCESS[word]
    elif points is not None:
        told["score"] = {"raw": _plain(str(points))}
    elif word:
        known = word in ("neutral", "unanticipated")
        what = "neither right nor wrong" if known else "neither one of the four words nor a decimal"
        losses.add(f"{element}.result", "no word" if known else "illegal", what)
    if length:
        told["duration"] = length
    if row.get("time"):
        losses.add(f"{element}.time", "no date", "a time of day without its date")
    if row.get("weighting"):
        losses.add(f"{element}.weighting", "no place", "an answer has no weight")
    return told


def _objectives(speaker: Voice, source: Source, losses: Losses) -> Iterator[Statement]:
    for row in source.objectives:
        element, name = f"cmi.objectives.{row['index']}", row.get("id") or ""
        if not name:
            losses.add(f"{element}.id", "changed", "named by its index, having no id")
        word = row.get("status") or ""
        if word and word not in (*_OBJECTIVE, "not attempted"):
            losses.add(f"{element}.status", "illegal", "none of the six words")
        if word == "browsed":
            losses.add(f"{element}.status", "no word", "no status of its own for browsed")
        points = _score(
            score("score", row, f"{element}.score", losses), "score", f"{element}.score", losses
        )
        verb, result = _OBJECTIVE.get(word, ("scored" if points else "", {}))
        if not verb:
            continue
        kind = {"type": f"{iri.ACTIVITIES}/objective"}
        about = speaker.inside("objectives", name or str(row["index"]), kind)
        yield speaker.say(verb, element, result={**result, **points}, about=about)


def _state(speaker: Voice, elements: Elements) -> Statement:
    """What the State API keeps of the attempt, by the SCORM profile."""
    content: dict[str, Any] = {
        name: elements[element] for name, element in _STATE.items() if element in elements
    }
    prefix = "cmi.learner_preference"
    chosen = {n: elements[f"{prefix}.{n}"] for n in _PREFERENCES if f"{prefix}.{n}" in elements}
    content |= {"preferences": chosen} if chosen else {}
    return {
        "stateId": iri.ATTEMPT_STATE,
        "activityId": speaker.attempt,
        "agent": dict(speaker.actor),
        "registration": speaker.registration,
        "content": content,
    }


def _profile(speaker: Voice, elements: Elements) -> Statement:
    """What the Activity Profile API keeps of the package, by the SCORM profile."""
    content = {name: elements[f"cmi.{name}"] for name in _PROFILE if f"cmi.{name}" in elements}
    return {"profileId": iri.ACTIVITY_PROFILE, "activityId": speaker.activity, "content": content}
