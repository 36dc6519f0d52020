"""Fictional records, the same for the same seed, about one in five with one labelled defect."""

from collections import deque
from collections.abc import Iterator
from random import Random
from uuid import NAMESPACE_URL, uuid5

from scormaudit.sandbox.attempt import Attempt, Label, Sco
from scormaudit.sandbox.courses import SECTIONS, Course, Lesson, learner
from scormaudit.sandbox.defects import DEFECTS, Defect, planted
from scormaudit.sandbox.record import build, kinds

EVERY = 5


def seeded(records: int, seed: int, labels: list[Label]) -> Iterator[Attempt]:
    """Attempts with exactly so many SCOs in all; what was planted goes to `labels`."""
    random = Random(seed)  # noqa: S311
    planter = _Planter(random)
    left = records
    for number, (enrollment, course) in enumerate(_dealt(random)):
        if left <= 0:
            return
        lessons = course.lessons[:left]
        left -= len(lessons)
        yield _attempt(seed, number, enrollment, course, lessons, planter, labels)


def _dealt(random: Random) -> Iterator[tuple[int, Course]]:
    """Enrollments and courses without end; each section comes once in every round."""
    enrollment = 0
    while True:
        for section in random.sample(SECTIONS, len(SECTIONS)):
            for course in section:
                yield enrollment, course
            enrollment += 1
