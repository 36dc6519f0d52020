"""A record as elements of the SCORM 2004 data model (4th Edition), and what that loses."""

import re
from collections.abc import Iterator, Mapping, Sequence

from scormaudit.cmi import VOCABULARY
from scormaudit.mapping.duration import iso
from scormaudit.mapping.loss import Losses
from scormaudit.mapping.question import kind_of, listed, patterns, responded, timed, told_as
from scormaudit.mapping.score import number, scaled, spelled
from scormaudit.mapping.source import Row, Source
from scormaudit.mapping.status import PAIRS

Elements = dict[str, str]

RESULTS: Mapping[str, str] = {
    "correct": "correct",
    "wrong": "incorrect",
    "unanticipated": "unanticipated",
    "neutral": "neutral",
}
_SAME: Mapping[str, tuple[str, str]] = {
    "credit": ("cmi.core.credit", "cmi.credit"),
    "entry": ("cmi.core.entry", "cmi.entry"),
    "exit": ("cmi.core.exit", "cmi.exit"),
    "lesson_mode": ("cmi.core.lesson_mode", "cmi.mode"),
    "time_limit_action": ("cmi.student_data.time_limit_action", "cmi.time_limit_action"),
}
_TIMES: Mapping[str, tuple[str, str]] = {
    "total_time": ("cmi.core.total_time", "cmi.total_time"),
    "session_time": ("cmi.core.session_time", "cmi.session_time"),
    "max_time_allowed": ("cmi.student_data.max_time_allowed", "cmi.max_time_allowed"),
}
_TEXTS: Mapping[str, tuple[str, str, int]] = {
    "lesson_location": ("cmi.core.lesson_location", "cmi.location", 1000),
    "suspend_data": ("cmi.suspend_data", "cmi.suspend_data", 64000),
    "launch_data": ("cmi.launch_data", "cmi.launch_data", 4000),
    "comments": ("cmi.comments", "cmi.comments_from_learner.0.comment", 4000),
    "comments_from_lms": ("cmi.comments_from_lms", "cmi.comments_from_lms.0.comment", 4000),
}
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_ID = re.compile(r"[^\s\x00-\x1f\x7f]{1,4000}")


def translate(source: Source, *, names: bool = False) -> tuple[Elements, Losses]:
    """The elements of one record, in the order of the data model, and every loss.

    A learner's name is among them only if `names`. Absent and blank elements are left out, but
    for words whose blank means something.
    """
    elements, losses = scalars(source)
    if names and source.text("student_name"):
        elements["cmi.learner_name"] = source.text("student_name")
    _judge(source, elements, losses)
    _drop(elements, losses)
    elements |= objectives(source.objectives, losses)
    elements |= interactions(source.interactions, losses)
    return elements, losses


def scalars(source: Source) -> tuple[Elements, Losses]:
    """The elements of one record but for its lists and the learner's name."""
    losses = Losses()
    elements: Elements = {"cmi.learner_id": learner(source)}
    for part in (_status, _words, _times, _scores, _texts, _preferences):
        elements |= part(source, losses)
    for name in source.strays:
        losses.add(name, "no place", "a name that SCORM 1.2 does not have")
    for name in source.unread:
        losses.add(name, "unread", "the element failed when it was read")
    return elements, losses


def learner(source: Source) -> str:
    """The student id, or the enrollment where there is none."""
    return source.text("student_id") or str(source.row.get("enrollment_id"))


def _judge(source: Source, elements: Elements, losses: Losses) -> None:
    """Tell where SCORM 2004 works out another success from the passing score (RTE 4.2.22).

    With a passing score the scaled score alone decides, and without a scaled score nothing is
    known; what the course said of success no longer counts.
    """
    passing = elements.get("cmi.scaled_passing_score")
    if passing is None or source.text("lesson_status") not in ("passed", "failed", "completed"):
        return
    share = elements.get("cmi.score.scaled")
    worked_out = "unknown"
    if share is not None:
        worked_out = "passed" if number(share) >= number(passing) else "failed"  # type: ignore[operator]
    if worked_out != elements["cmi.success_status"]:
        what = f"the passing score makes its success {worked_out}"
        losses.add("cmi.core.lesson_status", "changed", what)


def _status(source: Source, losses: Losses) -> Elements:
    word = source.text("lesson_status")
    return _pair("cmi", word, "cmi.core.lesson_status", losses)


def _pair(prefix: str, word: str, element: str, losses: Losses) -> Elements:
    """Completion and success of a status word."""
    if not word:
        return {}
    if word not in PAIRS:
        losses.add(element, "illegal", "none of the six words")
        return {}
    if word == "browsed":
        losses.add(element, "no word", "no status of its own for browsed")
    completion, success = PAIRS[word]
    return {f"{prefix}.completion_status": completion, f"{prefix}.success_status": success}


def _words(source: Source, losses: Losses) -> Elements:
    """Words that mean the same in both; `normal` is SCORM 2004's own, and legal there."""
    elements: Elements = {}
    for column, (old, new) in _SAME.items():
        word = source.row.get(column)
        if word is None or (word == "" and "" not in VOCABULARY[column]):
            continue
        if word in VOCABULARY[column] or (column, word) == ("exit", "normal"):
            elements[new] = word
        else:
            losses.add(old, "illegal", "a word of neither standard")
    return elements


def _times(source: Source, losses: Losses) -> Elements:
    elements: Elements = {}
    for column, (old, new) in _TIMES.items():
        text = source.text(column)
        duration = iso(text)
        if duration:
            elements[new] = duration
        elif text:
            losses.add(old, "illegal", "no timespan")
    return elements


def _scores(source: Source, losses: Losses) -> Elements:
    elements = score("cmi.score", source.row, "cmi.core.score", losses)
    mastery = source.text("mastery_score")
    passing = number(mastery)
    if passing is not None and 0 <= passing <= 100:
        elements["cmi.scaled_passing_score"] = spelled(passing / 100)
    elif mastery:
        losses.add("cmi.student_data.mastery_score", "illegal", "no decimal from 0 to 100")
    return elements


def score(prefix: str, row: Row, element: str, losses: Losses) -> Elements:
    """Raw, minimum and maximum as they are, and the scaled score they make."""
    elements: Elements = {}
    for name in ("raw", "min", "max"):
        text = row.get(f"score_{name}") or ""
        value = number(text)
        if value is not None:
            elements[f"{prefix}.{name}"] = spelled(value)
        elif text:
            losses.add(f"{element}.{name}", "illegal", "no decimal")
    raw = number(row.get("score_raw"))
    if raw is None:
        return elements
    share = scaled(raw, number(row.get("score_min")), number(row.get("score_max")))
    if share is None:
        losses.add(f"{element}.raw", "changed", "no scaled score, since raw is beyond its bounds")
        return elements
    return {f"{prefix}.scaled": spelled(share)} | elements


def _texts(source: Source, losses: Losses) -> Elements:
    elements: Elements = {}
    for column, (old, new, most) in _TEXTS.items():
        text = source.text(column)
        if text:
            elements[new] = text
        if len(text) > most:
            losses.add(old, "too long", f"{len(text)} characters, kept up to {most} for certain")
    return elements


def _preferences(source: Source, losses: Losses) -> Elements:
    """Preferences of which the meaning is the same: off, no change, and captions."""
    return dict(_preferred(source, losses))


def _preferred(source: Source, losses: Losses) -> Iterator[tuple[str, str]]:
    old, new = "cmi.student_preference", "cmi.learner_preference"
    language = source.text("preference_language")
    if _TAG.fullmatch(language):
        yield f"{new}.language", language
    elif language:
        losses.add(f"{old}.language", "no word", "no language tag such as en-US")
    for name, words, level in (
        ("audio", {"-1": "0", "0": "1"}, "audio_level"),
        ("speed", {"0": "1"}, "delivery_speed"),
        ("text", {"-1": "-1", "0": "0", "1": "1"}, "audio_captioning"),
    ):
        text = source.text(f"preference_{name}")
        if text in words:
            yield f"{new}.{level}", words[text]
        elif text:
            losses.add(f"{old}.{name}", "no word", "a step of another scale")


def _drop(elements: Elements, losses: Losses) -> None:
    """Tell where the next launch begins anew: no exit but `suspend` keeps an attempt (4.2.8)."""
    unfinished = elements.get("cmi.completion_status") == "incomplete"
    kept = "cmi.suspend_data" in elements or "cmi.location" in elements
    if unfinished and kept and elements.get("cmi.exit", "suspend") != "suspend":
        what = "the next launch is a new attempt, without the place and the data"
        losses.add("cmi.core.exit", "changed", what)


def objectives(rows: Sequence[Row], losses: Losses) -> Elements:
    """The objectives, closed up where one cannot be written: without its id, or twice."""
    elements: Elements = {}
    seen: set[str] = set()
    for row in rows:
        old, name = f"cmi.objectives.{row['index']}", row.get("id") or ""
        if not _ID.fullmatch(name) or name in seen:
            _unnamed(old, name in seen, losses)
            continue
        new = f"cmi.objectives.{len(seen)}"
        seen.add(name)
        elements[f"{new}.id"] = name
        elements |= _pair(new, row.get("status") or "", f"{old}.status", losses)
        elements |= score(f"{new}.score", row, f"{old}.score", losses)
    return elements


def _unnamed(element: str, twice: bool, losses: Losses) -> None:
    if twice:
        losses.add(element, "no place", "an id may stand once among objectives, and this is again")
    else:
        losses.add(element, "illegal", "without an id that can be one")


def interactions(rows: Sequence[Row], losses: Losses) -> Elements:
    """The interactions, closed up where one has no id to be written by."""
    elements: Elements = {}
    written = 0
    for row in rows:
        old = f"cmi.interactions.{row['index']}"
        if not _ID.fullmatch(row.get("id") or ""):
            _unnamed(old, twice=False, losses=losses)
            continue
        elements |= _interaction(f"cmi.interactions.{written}", row, old, losses)
        written += 1
    return elements


def _interaction(new: str, row: Row, old: str, losses: Losses) -> Elements:
    kind = kind_of(row, old, losses)
    elements = {f"{new}.id": row["id"]}
    if kind:
        elements[f"{new}.type"] = told_as(row, kind)
    aims = [aim for aim in listed(row, "objective_ids") if aim]
    elements |= {f"{new}.objectives.{m}.id": aim for m, aim in enumerate(dict.fromkeys(aims))}
    elements |= _patterns(new, row, old, kind, losses)
    elements |= _weighting(new, row, old, losses)
    response = responded(row, old, kind, losses)
    if response:
        elements[f"{new}.learner_response"] = response
    result = row.get("result") or ""
    value = number(result)
    if result in RESULTS or value is not None:
        elements[f"{new}.result"] = RESULTS.get(result) or spelled(value)  # type: ignore[arg-type]
    elif result:
        losses.add(f"{old}.result", "illegal", "neither one of the four words nor a decimal")
    latency = timed(row, old, losses)
    if latency:
        elements[f"{new}.latency"] = latency
    if row.get("time"):
        losses.add(f"{old}.time", "no date", "a time of day without its date")
    return elements


def _patterns(new: str, row: Row, old: str, kind: str, losses: Losses) -> Elements:
    found = patterns(row, old, kind, losses)
    return {f"{new}.correct_responses.{m}.pattern": value for m, value in enumerate(found)}


def _weighting(new: str, row: Row, old: str, losses: Losses) -> Elements:
    value = number(row.get("weighting"))
    if value is not None:
        return {f"{new}.weighting": spelled(value)}
    if row.get("weighting"):
        losses.add(f"{old}.weighting", "illegal", "no decimal")
    return {}
