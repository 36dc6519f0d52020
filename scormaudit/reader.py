"""Reads one assignment whole: every page, every SCO, every index of its collections."""

from typing import Protocol

from scormaudit.cmi import SCALARS, STRAYS
from scormaudit.errors import Ambiguous, Unstable
from scormaudit.frame import names_after
from scormaudit.lms.wire import Reading, Sco

NAMES = tuple(element.name for element in SCALARS)
COUNTS = tuple(name for name in NAMES if name.endswith("._count"))
_TRIES = 4
_PAGES = 100


class Pages(Protocol):
    """What can be asked for one page of SCOs, as `Client` can."""

    def page(
        self, enrollment_id: str, assignment_id: str, names: tuple[str, ...], page: int
    ) -> list[Sco]:
        """One page, counted from 1; an empty list is past the end."""


def read_scos(client: Pages, enrollment_id: str, assignment_id: str) -> list[Sco]:
    """Every SCO of an assignment with every element, collections included.

    Collections are read after their counts. Unstable is raised where the learner is faster:
    dates, SCOs or counts differ between the readings, four times in a row.
    """
    for _ in range(_TRIES):
        scos = _agreed(client, enrollment_id, assignment_id, NAMES + STRAYS)
        while names := names_after(scos):
            more = _agreed(client, enrollment_id, assignment_id, COUNTS + names)
            if _mark(more) != _mark(scos):
                break
            scos = [_merged(old, new, names) for old, new in zip(scos, more, strict=True)]
        else:
            return scos
    raise Unstable("The record changed while it was read.", todo="Read it again later.")


def _agreed(
    client: Pages, enrollment_id: str, assignment_id: str, names: tuple[str, ...]
) -> list[Sco]:
    """One pass over the pages; where there are several, passes until two agree."""
    scos, pages = _pass(client, enrollment_id, assignment_id, names)
    for _ in range(_TRIES - 1):
        if pages < 2:
            return scos
        again, pages = _pass(client, enrollment_id, assignment_id, names)
        if again == scos:
            return scos
        scos = again
    raise Unstable("The pages changed while they were read.", todo="Read it again later.")


def _pass(
    client: Pages, enrollment_id: str, assignment_id: str, names: tuple[str, ...]
) -> tuple[list[Sco], int]:
    """The SCOs of every page up to the first empty one, and how many pages held any."""
    scos: dict[str, Sco] = {}
    for number in range(1, _PAGES + 1):
        page = client.page(enrollment_id, assignment_id, names, number)
        if not page:
            return [scos[sco_id] for sco_id in sorted(scos)], number - 1
        for sco in page:
            if sco.sco_id in scos:
                raise Ambiguous("The LMS gave one SCO twice.", todo="Look at it in the LMS.")
            scos[sco.sco_id] = sco
    raise Ambiguous(f"There is no end after {_PAGES} pages.", todo="Look at it in the LMS.")


def _mark(scos: list[Sco]) -> list[object]:
    """What must not change between two readings of one record."""
    return [
        (s.sco_id, s.start_date_utc, s.exit_date_utc, *(s.elements.get(c) for c in COUNTS))
        for s in scos
    ]


def _merged(old: Sco, new: Sco, names: tuple[str, ...]) -> Sco:
    """Both readings in one; what was asked and not answered is absent, and not asked again."""
    silent = dict.fromkeys(names, Reading("absent"))
    return Sco(
        sco_id=old.sco_id,
        title=old.title,
        start_date_utc=old.start_date_utc,
        exit_date_utc=old.exit_date_utc,
        elements={**old.elements, **silent, **new.elements},
    )
