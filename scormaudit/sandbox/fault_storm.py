"""Bad weather: every recoverable fault of a read in turn, and never three for one request."""

from itertools import cycle

from starlette.types import ASGIApp

from scormaudit.sandbox.fault_answer import EMPTY, PAGE, UNAVAILABLE, throttled
from scormaudit.sandbox.fault_exchange import halved, on_reads, reset, spoilt

_HIT = (2, 3, 7)


def storm(app: ASGIApp) -> ASGIApp:
    """Of every ten reads the 2nd, 3rd and 7th meet a fault; the faults take turns.

    They are: a reset, half a body, 503, a page of HTML, 429 with `Retry-After: 0`, 200 without
    a body. The same request never fails more than twice in a row, however many others come
    between: a third time it passes.
    """
    half = spoilt(app, halved)
    others: tuple[ASGIApp, ...] = (reset, half, UNAVAILABLE, PAGE, throttled(0), EMPTY)
    faults = cycle(others)
    return on_reads(app, lambda turn: next(faults) if turn % 10 in _HIT else None, most=2)
