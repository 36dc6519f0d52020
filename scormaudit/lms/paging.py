"""All SCOs of a record, page by page: one state that the record was in, or an error by name."""

from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar

from scormaudit.errors import Ambiguous, Unstable
from scormaudit.lms.wire import Sco

_TRIES = 4
_PAGES = 100
T = TypeVar("T")


class Pages(Protocol):
    """What can be asked for one page of SCOs, as `Client` can."""

    @property
    def widest(self) -> int:
        """The most SCOs that any page of this LMS held so far."""

    def first_page(self, enrollment_id: str, assignment_id: str) -> int | None:
        """Find out how the LMS counts its pages, unless that is known."""

    def page(
        self, enrollment_id: str, assignment_id: str, names: tuple[str, ...], page: int
    ) -> list[Sco]:
        """One page, counted from 1; an empty list is past the end."""

    def persistently(self, read: Callable[[], T]) -> T:
        """What `read` gives, begun anew while its error is passing."""


def read_pages(
    pages: Pages, enrollment_id: str, assignment_id: str, names: tuple[str, ...]
) -> list[Sco]:
    """Every SCO of an assignment with these elements, in the order of their ids.

    A record may change between two pages, so what came on several is read until two passes
    agree. One page may be the first of several, cut by the LMS, whose rest was deleted before
    page 2 was asked for; so it is read again too, unless the LMS has shown wider ones. A single
    SCO is believed: nobody cuts pages to one. An error on any page begins all of them anew, so
    that no pass is made of pages from before and after a fault; one in which a SCO moved to the
    next page and so came twice says nothing. Unstable is raised after four passes without an
    answer, Ambiguous where a SCO came twice in the last of them, at once where it comes twice on
    one page, a page brings nothing new, or the pages have no end.
    """
    key = enrollment_id, assignment_id
    before: list[Sco] | None = None
    for _ in range(_TRIES):
        scos, count = pages.persistently(partial(_pass, pages, key, names))
        if scos is None:
            before = None
            continue
        if count < 2 and len(scos) < max(2, pages.widest):
            return scos
        if scos == before:
            return scos
        first = partial(pages.page, *key, names, 1)
        if count == 1 and scos == _sorted(pages.persistently(first)):
            return scos
        before = scos
    if scos is None:
        raise _ambiguous()
    raise Unstable("The pages changed while they were read.", todo="Read it again later.")


def _pass(
    pages: Pages, key: tuple[str, str], names: tuple[str, ...]
) -> tuple[list[Sco] | None, int]:
    """The SCOs of every page up to the first empty one, and how many pages held any.

    None in place of the SCOs where one came again among new ones, as happens when it moves.
    """
    scos: list[Sco] = []
    seen: set[str] = set()
    for number in range(1, _PAGES + 1):
        page = pages.page(*key, names, number)
        if not page:
            return _sorted(scos), number - 1
        ids = {sco.sco_id for sco in page}
        if len(ids) < len(page) or ids <= seen:
            raise _ambiguous()
        if ids & seen:
            return None, number
        scos, seen = scos + page, seen | ids
    raise Ambiguous(f"There is no end after {_PAGES} pages.", todo="Look at it in the LMS.")


def _ambiguous() -> Ambiguous:
    return Ambiguous("The LMS gave one SCO twice.", todo="Look at it in the LMS.")


def _sorted(scos: list[Sco]) -> list[Sco]:
    return sorted(scos, key=lambda sco: sco.sco_id)
