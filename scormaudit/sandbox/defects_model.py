"""Defects of the data model itself: elements that are not there, names that do not exist."""

from random import Random

from scormaudit.cmi import SCALARS
from scormaudit.sandbox.attempt import Sco
from scormaudit.sandbox.defect import STATUS, Changes, Defect, Plant
from scormaudit.sandbox.field import NOT_IMPLEMENTED
from scormaudit.sandbox.record import FINISHED, Kind

FROM_2004 = {
    "cmi.completion_status": "completed",
    "cmi.success_status": "passed",
    "cmi.score.scaled": "0.85",
    "cmi.score.raw": "85",
    "cmi.core.completion_status": "completed",
}
LOST_INDICES = {
    "cmi.interactions.undefined.id": "q1",
    "cmi.interactions.NaN.id": "q1",
    "cmi.interactions.-1.id": "q1",
    "cmi.objectives.undefined.id": "goal_1",
}
MISPLACED = {"cmi.core.suspend_data": "slide=4;visited=1,2,3"}


def _stray(names: dict[str, str]) -> Plant:
    """A value under a name that SCORM 1.2 does not have."""

    def plant(_: Sco, random: Random) -> Changes | None:
        name = random.choice([*names])
        return {name: names[name]}

    return plant


def _not_implemented(_: Sco, random: Random) -> Changes | None:
    name = random.choice(("cmi.launch_data", "cmi.suspend_data", "cmi.core.lesson_location"))
    return {name: NOT_IMPLEMENTED}


def _other_model(_: Sco, __: Random) -> Changes | None:
    """What a course of SCORM 2004 answers to names of 1.2."""
    names = (STATUS, *(element.name for element in SCALARS))
    return dict.fromkeys(names, NOT_IMPLEMENTED)


MODELS = (
    Defect("name-of-2004", "cmi.*", FINISHED, _stray(FROM_2004)),
    Defect("suspend-data-misplaced", "cmi.core.suspend_data", FINISHED, _stray(MISPLACED)),
    Defect("index-no-number", "cmi.*", FINISHED, _stray(LOST_INDICES)),
    Defect("element-not-implemented", "cmi.*", FINISHED, _not_implemented, fails=True),
    Defect("other-model", STATUS, (Kind.UNTOUCHED,), _other_model, fails=True),
)
