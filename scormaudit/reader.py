"""Reads one assignment whole: every page, every SCO, every index of its collections."""

from scormaudit.cmi import SCALARS, STRAYS
from scormaudit.errors import Unstable
from scormaudit.frame import names_after
from scormaudit.lms.paging import Pages, read_pages
from scormaudit.lms.wire import Reading, Sco

NAMES = tuple(element.name for element in SCALARS)
COUNTS = tuple(name for name in NAMES if name.endswith("._count"))
_TRIES = 4


def read_scos(client: Pages, enrollment_id: str, assignment_id: str) -> list[Sco]:
    """Every SCO of an assignment with every element, collections included.

    Collections are read after their counts. Unstable is raised where the learner is faster:
    dates, SCOs or counts differ between the readings, four times in a row.
    """
    client.first_page(enrollment_id, assignment_id)
    for _ in range(_TRIES):
        scos = read_pages(client, enrollment_id, assignment_id, NAMES + STRAYS)
        while names := names_after(scos):
            more = read_pages(client, enrollment_id, assignment_id, COUNTS + names)
            if _mark(more) != _mark(scos):
                break
            scos = [_merged(old, new, names) for old, new in zip(scos, more, strict=True)]
        else:
            return scos
    raise Unstable("The record changed while it was read.", todo="Read it again later.")


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
