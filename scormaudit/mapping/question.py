"""What an interaction says, whatever standard it is told in: its type, answers and latency."""

from scormaudit.cmi import VOCABULARY
from scormaudit.mapping import answer
from scormaudit.mapping.duration import iso
from scormaudit.mapping.loss import Losses
from scormaudit.mapping.source import Row


def kind_of(row: Row, element: str, losses: Losses) -> str:
    """The type of an interaction; `""` where it has none that is legal."""
    kind = row.get("type") or ""
    if kind and kind not in VOCABULARY["type"]:
        losses.add(f"{element}.type", "illegal", "none of the eight words")
        return ""
    return kind


def told_as(row: Row, kind: str) -> str:
    """The type to write: a free text longer than 250 characters has one of its own."""
    texts = [row.get("student_response"), *listed(row, "correct_responses")]
    long = kind == "fill-in" and any(len(text or "") > answer.LONG for text in texts)
    return "long-fill-in" if long else kind


def responded(row: Row, element: str, kind: str, losses: Losses) -> str:
    """The learner's answer in today's delimiters; `""` where there is none to tell."""
    text = row.get("student_response") or ""
    value = answer.translated(kind, text) if kind else None
    if text and value is None:
        what = "not of the form of its type" if kind else "without a type nobody can read it"
        losses.add(f"{element}.student_response", "illegal", what)
    if kind == "performance" and len(text) > answer.LONG:
        losses.add(f"{element}.student_response", "too long", f"{len(text)} characters")
    return value or ""


def timed(row: Row, element: str, losses: Losses) -> str:
    """The latency as a duration; `""` where there is none."""
    text = row.get("latency") or ""
    duration = iso(text)
    if text and not duration:
        losses.add(f"{element}.latency", "illegal", "no timespan")
    return duration or ""


def patterns(row: Row, element: str, kind: str, losses: Losses) -> list[str]:
    """The correct responses in today's delimiters; one spelled in two ways is one."""
    found: list[str] = []
    for m, text in enumerate(listed(row, "correct_responses")):
        value = answer.pattern(kind, text or "") if kind else None
        if value:
            found.append(value)
        elif text:
            name = f"{element}.correct_responses.{m}.pattern"
            losses.add(name, "illegal", "not of the form of its type")
    return list(dict.fromkeys(found))


def listed(row: Row, column: str) -> list[str | None]:
    """A list inside an interaction; empty where there is none."""
    values = row.get(column)
    return [] if values is None else list(values)
