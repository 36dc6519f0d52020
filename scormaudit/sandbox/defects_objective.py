"""Defects of the objectives: ids, scores, gaps and repetitions."""

from random import Random

from scormaudit.sandbox.attempt import Sco
from scormaudit.sandbox.defect import (
    HIGH,
    LEFT,
    LOW,
    MASTERY,
    RAW,
    Changes,
    Defect,
    Plant,
    entries,
    gap,
    renamed,
    twice,
    value,
)
from scormaudit.sandbox.record import FINISHED, Kind

OBJECTIVES = "cmi.objectives"


def _objective_scored(leaf: str, **texts: str) -> Plant:
    """The score of any objective: `leaf` is the wrong part of it."""

    def plant(sco: Sco, random: Random) -> Changes | None:
        places = entries(sco, OBJECTIVES)
        if not places:
            return None
        place = f"{random.choice(places)}.score"
        parts = {"raw": value(sco, f"{place}.raw"), **texts}
        return {f"{place}.{part}": parts[part] for part in (leaf, *parts)}

    return plant


def _score_left_at_objective(sco: Sco, _: Random) -> Changes | None:
    """The course scored its only objective and forgot the lesson."""
    if entries(sco, OBJECTIVES) or value(sco, MASTERY) or not value(sco, RAW):
        return None
    place = f"{OBJECTIVES}.0"
    score: Changes = {
        f"{place}.score.raw": value(sco, RAW),
        f"{place}.score.min": "0",
        f"{place}.score.max": "100",
    }
    rest: Changes = {f"{place}.id": "whole_lesson", f"{place}.status": "passed"}
    return score | rest | {RAW: "0", LOW: "0", HIGH: "100"}


GOALS = (
    Defect(
        "objective-score-out-of-range", "cmi.objectives.n.score.raw", FINISHED,
        _objective_scored("raw", raw="200"),
    ),
    Defect("objective-id-illegal", "cmi.objectives.n.id", LEFT, renamed(OBJECTIVES, "Goal")),
    Defect("objective-twice", "cmi.objectives.n.id", LEFT, twice(OBJECTIVES)),
    Defect("objective-gap", "cmi.objectives.n.id", LEFT, gap(OBJECTIVES)),
    Defect(
        "objective-max-out-of-range", "cmi.objectives.n.score.max", FINISHED,
        _objective_scored("max", max="200"),
    ),
    Defect(
        "objective-min-out-of-range", "cmi.objectives.n.score.min", FINISHED,
        _objective_scored("min", min="-10"),
    ),
    Defect(
        "objective-score-outside-min-max", "cmi.objectives.n.score.raw", FINISHED,
        _objective_scored("raw", raw="80", min="0", max="75"),
    ),
    Defect(
        "objective-bounds-swapped", "cmi.objectives.n.score.min", FINISHED,
        _objective_scored("min", raw="", min="100", max="0"),
    ),
    Defect(
        "score-left-at-objective", "cmi.objectives.n.score.raw", (Kind.PASSED,),
        _score_left_at_objective,
    ),
)  # fmt: skip
