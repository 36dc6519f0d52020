"""Fictional records, the same for the same seed, about one in five with one labelled defect."""

from collections import deque
from collections.abc import Iterator
from random import Random
from uuid import NAMESPACE_URL, uuid5

from scormaudit.sandbox.attempt import Attempt, Label, Sco
from scormaudit.sandbox.courses import SECTIONS, Course, Lesson, learner
from scormaudit.sandbox.defect import Defect, planted
from scormaudit.sandbox.defects import TURNS
from scormaudit.sandbox.record import build, kinds

EVERY = 5


def seeded(records: int, seed: int, labels: list[Label]) -> Iterator[Attempt]:
    """Attempts with exactly so many SCOs in all; what was planted goes to `labels`."""
    random = Random(seed)  # noqa: S311
    planter = _Planter(random)
    left = records
    for enrollment, course in _dealt(random):
        if left <= 0:
            return
        lessons = course.lessons[:left]
        left -= len(lessons)
        person = enrollment // 2
        student = f"NX-{10_000 + person}", learner(person)
        place = f"{seed}/{enrollment}"
        attempt = Attempt(
            enrollment_id=_id("enrollment", place),
            assignment_id=_id("assignment", f"{seed}/{course.title}"),
            assignment_status_id=_id("assignment-status", f"{place}/{course.title}"),
            learner=student[1],
            course=course.title,
            scos=[planter.next(lesson, student) for lesson in lessons],
        )
        labels += planter.labels(attempt)
        yield attempt


def _id(kind: str, name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"scormaudit-sandbox/{kind}/{name}"))


def _dealt(random: Random) -> Iterator[tuple[int, Course]]:
    """Enrollments and courses without end; each section comes once in every round."""
    enrollment = 0
    while True:
        for section in random.sample(SECTIONS, len(SECTIONS)):
            for course in section:
                yield enrollment, course
            enrollment += 1


class _Planter:
    """Grows records and plants the defects in turn, so that none is left to chance.

    A defect that was passed over because no lesson suited it is late: it takes the first lesson
    that does, and a later turn is left out for it.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._waiting = deque(TURNS)
        self._late: set[str] = set()
        self._grown = self._due = self._owed = 0
        self._planted: list[tuple[str, str, str]] = []

    def next(self, lesson: Lesson, student: tuple[str, str]) -> Sco:
        """A record, clean or with the next defect that suits the lesson."""
        if self._grown % EVERY == 0:
            self._due = self._grown + self._random.randrange(EVERY)
        self._owed += self._grown == self._due
        self._grown += 1
        for defect in list(self._waiting):
            if self._owed > 0 or defect.name in self._late:
                sco = self._try(defect, lesson, student)
                if sco is not None:
                    return sco
        likely = kinds(lesson)
        kind = self._random.choices(list(likely), list(likely.values()))[0]
        return build(lesson, student, kind, self._random)

    def _try(self, defect: Defect, lesson: Lesson, student: tuple[str, str]) -> Sco | None:
        suitable = [kind for kind in defect.kinds if kind in kinds(lesson)]
        if not suitable:
            return None
        clean = build(lesson, student, self._random.choice(suitable), self._random)
        found = planted(defect, clean, self._random)
        if found is None:
            return None
        place = self._waiting.index(defect)
        self._late |= {self._waiting[earlier].name for earlier in range(place)}
        self._late.discard(defect.name)
        del self._waiting[place]
        self._waiting.append(defect)
        self._owed -= 1
        self._planted.append((lesson.sco_id, found[1], defect.name))
        return found[0]

    def labels(self, attempt: Attempt) -> list[Label]:
        """The labels of what was planted since the last call."""
        ids = attempt.enrollment_id, attempt.assignment_id
        labels = [Label(*ids, *planted) for planted in self._planted]
        self._planted.clear()
        return labels
