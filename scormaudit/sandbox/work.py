"""What a learner did inside a lesson: score, objectives and interactions."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

from scormaudit.sandbox.courses import Lesson, Question
from scormaudit.timespan import spell

Cmi = dict[str, str | None]


def score(lesson: Lesson, kind: str, random: Random) -> Cmi:
    """A score that agrees with the status and the mastery score; blank where nothing is done."""
    mark = int(lesson.mastery or 70)
    ranges = {"passed": (mark, 100), "failed": (0, mark - 1), "completed": (60, 100)}
    if not lesson.scored or kind not in ranges:
        return {f"cmi.core.score.{part}": "" for part in ("raw", "min", "max")}
    low, high = ranges[kind]
    raw = random.randint(low, high)
    fraction = random.choice(("", "", ".5", ".67")) if raw < high else ""
    return {
        "cmi.core.score.raw": f"{raw}{fraction}",
        "cmi.core.score.min": "0",
        "cmi.core.score.max": "100",
    }


def objectives(lesson: Lesson, kind: str, random: Random) -> Cmi:
    """The first is met in a suspended lesson, all in a finished one, none in another."""
    met = {"suspended": 1, "resumed": 1}.get(kind, len(lesson.objectives))
    if kind not in ("suspended", "resumed", "passed", "failed", "completed"):
        return {}
    cmi: Cmi = {}
    for index, name in enumerate(lesson.objectives):
        place = f"cmi.objectives.{index}"
        scored = lesson.scored and index < met
        raw = random.randint(0, 100)
        status = "completed" if index < met else "not attempted"
        cmi |= {
            f"{place}.id": name,
            f"{place}.score.raw": str(raw) if scored else "",
            f"{place}.score.min": "0" if scored else "",
            f"{place}.score.max": "100" if scored else "",
            f"{place}.status": ("passed" if raw >= 70 else "failed") if scored else status,
        }
    return cmi


def interactions(
    lesson: Lesson, cmi: Mapping[str, str | None], began: datetime, session: int, random: Random
) -> Cmi:
    """The questions of the last session, about as many right as the score says."""
    rate = float(cmi["cmi.core.score.raw"] or 0) / 100
    share = session // (len(lesson.questions) + 1)
    found: Cmi = {}
    for index, question in enumerate(lesson.questions):
        latency = random.randint(share // 4, share // 2)
        asked = began + timedelta(milliseconds=10 * share * index)
        is_right = index < round(rate * len(lesson.questions))
        place = f"cmi.interactions.{index}"
        found |= {f"{place}.{name}": value for name, value in _answer(question, is_right).items()}
        found[f"{place}.time"] = f"{asked:%H:%M:%S}"
        found[f"{place}.latency"] = spell(latency)
    return found


def _answer(question: Question, is_right: bool) -> dict[str, str]:
    """A likert question has no right answer, so its result is neutral."""
    is_right = is_right and bool(question.right)
    result = "correct" if is_right else "wrong"
    answer = {
        "id": question.id,
        "type": question.type,
        "weighting": "1",
        "student_response": question.right[0] if is_right else question.wrong,
        "result": result if question.right else "neutral",
    }
    for index, pattern in enumerate(question.right):
        answer[f"correct_responses.{index}.pattern"] = pattern
    return answer | ({"objectives.0.id": question.objective} if question.objective else {})
