"""Which failed reads are tried again, when, and for how long."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import random
from typing import TypeVar

import stamina

from scormaudit.errors import LmsError

ATTEMPTS = 10
LONGEST_REST = 900.0
_SECONDS = re.compile(r"\d{1,12}(\.\d+)?", re.ASCII)
T = TypeVar("T")


def persistently(call: Callable[[], T], *, deadline: float, attempts: int = ATTEMPTS) -> T:
    """What `call` gives, tried again while its error is passing; the last error is raised.

    The pauses double from 0.1 to 5 seconds, with up to a second of jitter; a Retry-After is
    waited out in full. Never for an edit: it may have been carried out.
    """
    patience = Patience(deadline)
    for attempt in stamina.retry_context(on=patience, attempts=attempts, timeout=None):
        with attempt:
            return call()
    raise AssertionError("stamina returns or raises")


class Patience:
    """How long one read goes on: `deadline` seconds from its first failure.

    Waits that the LMS asked for do not count.
    """

    def __init__(self, deadline: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._deadline, self._clock = deadline, clock
        self._ends: float | None = None

    def __call__(self, error: Exception) -> bool | float:
        """Whether to try again, or the seconds to wait before; for stamina."""
        now = self._clock()
        if self._ends is None:
            self._ends = now + self._deadline
        if not isinstance(error, LmsError) or not error.passing or now > self._ends:
            return False
        if error.retry_after is None:
            return True
        wait = error.retry_after + random()  # noqa: S311 - jitter
        self._ends += wait
        return wait


def retry_after(header: str | None, date: str | None = None) -> float | None:
    """The seconds that a Retry-After asks for; None where it is missing or makes no sense.

    A date counts from the answer's own `Date`, so that a clock that is wrong here does no harm.
    """
    if header is None:
        return None
    if _SECONDS.fullmatch(header.strip()):
        return float(header)
    until = http_date(header)
    if until is None:
        return None
    return max(0.0, (until - (http_date(date) or datetime.now(UTC))).total_seconds())


def http_date(header: str | None) -> datetime | None:
    """The instant of an HTTP-date in UTC, or None where it is none."""
    try:
        moment = parsedate_to_datetime(header or "")
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
