"""Whether the LMS counts pages from 1, as the vendor's own clients do, or from 0."""

from collections.abc import Callable

from scormaudit.errors import Forbidden, LmsError, Unauthenticated, Unstable
from scormaudit.lms.wire import Sco

_TRIES = 4


class Numbering:
    """Turns pages counted from 1 into the LMS's own.

    An LMS that counts from 0 would otherwise lose the first page of every record, and a record
    of one page would look empty. `first` is the number of its first page, None until it is
    known; meanwhile 1 is taken for it, but an empty page 1 is not believed.
    """

    def __init__(self) -> None:
        self.first: int | None = None

    def __repr__(self) -> str:
        return f"<Numbering from {'?' if self.first is None else self.first}>"

    def read(self, ask: Callable[[int], list[Sco]], page: int) -> list[Sco]:
        """A page counted from 1; `ask` takes the LMS's number."""
        if self.first is not None:
            return ask(page - 1 + self.first)
        scos = ask(page)
        if scos or page != 1:
            return scos
        self._compare(ask, scos)
        return ask(0) if self.first == 0 else scos

    def settle(self, ask: Callable[[int], list[Sco]]) -> int | None:
        """Find `first` by comparing pages 1 and 0 of one record, once; None where it is empty.

        Unstable is raised where the record changes meanwhile, four times in a row, so that no
        change is taken for a way of counting.
        """
        for left in reversed(range(_TRIES)):
            try:
                if self.first is None:
                    self._compare(ask, ask(1))
                break
            except Unstable:
                if not left:
                    raise
        return self.first

    def _compare(self, ask: Callable[[int], list[Sco]], one: list[Sco]) -> None:
        zero = _zero(ask)
        if zero is None or _ids(one) == _ids(zero):
            self.first = 1 if one else None
            return
        if (ask(1), ask(0)) != (one, zero):
            raise Unstable("The pages changed while they were read.", todo="Read it again later.")
        self.first = 0 if zero else 1


def _zero(ask: Callable[[int], list[Sco]]) -> list[Sco] | None:
    """Page 0, or None where the LMS refuses it."""
    try:
        return ask(0)
    except (Unauthenticated, Forbidden):
        raise
    except LmsError as error:
        if error.passing:
            raise
        return None


def _ids(scos: list[Sco]) -> list[str]:
    return [sco.sco_id for sco in scos]
