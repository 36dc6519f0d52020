"""How fast the LMS is asked: so many at a time, so many a second, fewer when it labours."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import geometric_mean
from threading import Condition

from scormaudit.errors import SettingsError

_CALM = 8
_BLOCK = 30
_RISEN = 3.0
_RISEN_SECONDS = 0.1
_LEARN_DOWN, _LEARN_UP = 0.1, 0.02


@dataclass(slots=True)
class Turn:
    """One request; who made it says what became of it."""

    started: float
    answered: bool = False
    overloaded: bool = False


class Clock:
    """Time as a pace sees it; a test gives one of its own."""

    def now(self) -> float:
        """Seconds from some moment on."""
        return time.monotonic()

    def wait(self, room: Condition, seconds: float | None) -> None:
        """Until notified, or for some seconds; `room` is held and given away meanwhile."""
        room.wait(seconds)


class Window:
    """How many requests may be in flight, judged by how those before fared.

    Halved when the LMS says it is overloaded and when its answers take three times as long as
    they used to (the geometric mean of 30, which neither stragglers nor two kinds of requests
    move much, twice in a row, and by more than a tenth of a second); one more after eight good
    answers for each in flight. Between 1 and `most`; None is no limit.
    """

    def __init__(self, most: int | None = None) -> None:
        self.most, self.size = most, most
        self._changed = float("-inf")
        self._calm = self._risen = 0
        self._block: list[float] = []
        self._usual: float | None = None

    def tell(self, turn: Turn, now: float, in_flight: int) -> None:
        """What became of a request, with how many were in flight until it ended.

        What was sent before the last change says nothing about it, so that one bad moment
        halves once, however many requests it hits.
        """
        took = now - turn.started
        if turn.started < self._changed:
            return
        if turn.overloaded:
            self._halve(now, in_flight)
            return
        self._calm = self._calm + 1 if turn.answered else 0
        if turn.answered or took > (self._usual or 0):
            self._block.append(max(took, 1e-6))
        if len(self._block) >= _BLOCK:
            self._look(now, in_flight)
        if self.size is not None and self._calm >= _CALM * self.size:
            self._calm = 0
            self.size = min(self.size + 1, self.most or self.size + 1)

    def _look(self, now: float, in_flight: int) -> None:
        """Compare a block with what is usual, which is learnt slowly, and slower upwards."""
        recent = geometric_mean(self._block)
        self._block.clear()
        usual = recent if self._usual is None else self._usual
        self._risen = self._risen + 1 if recent > max(_RISEN * usual, usual + _RISEN_SECONDS) else 0
        self._usual = usual + (recent - usual) * (_LEARN_UP if recent > usual else _LEARN_DOWN)
        if self._risen == 2:
            # Slowness that stays though less is asked is not of our making; so it ends.
            self._usual *= 2
            self._halve(now, in_flight)

    def _halve(self, now: float, in_flight: int) -> None:
        used = in_flight if self.size is None else min(self.size, in_flight)
        self.size = max(1, used // 2)
        self._changed = now
        self._calm = self._risen = 0
        self._block.clear()


class Pace:
    """Whom a request asks for its turn; safe to share between threads, and between clients.

    `jobs` is the most in flight (None: as many as threads ask), `rate` the most a second,
    evenly spaced (None: no limit). SettingsError where either cannot be.
    """

    def __init__(
        self, jobs: int | None = None, rate: float | None = None, *, clock: Clock | None = None
    ) -> None:
        self._window, self._in_flight = Window(jobs), 0
        if jobs is not None and jobs < 1:
            raise SettingsError("At least one job is needed.", where="jobs", todo="Give 1 or more.")
        if rate is not None and not 0 < rate < float("inf"):
            raise SettingsError("This is no number of requests a second.", where="rate",
                                todo="Give more than 0.")  # fmt: skip
        self._clock = clock or Clock()
        self._room = Condition()
        self._gap = 0.0 if rate is None else 1 / rate
        self._next = self._rest = float("-inf")

    def __repr__(self) -> str:
        return f"<Pace: {self._in_flight} in flight of {self.width or 'any number'}>"

    @property
    def width(self) -> int | None:
        """How many may be in flight now; None is no limit."""
        return self._window.size

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """Wait for a turn and hold it; the caller marks what became of the request."""
        turn = Turn(self._enter())
        try:
            yield turn
        finally:
            with self._room:
                self._window.tell(turn, self._clock.now(), self._in_flight)
                self._in_flight -= 1
                self._room.notify_all()

    def rest(self, seconds: float) -> None:
        """No request of any thread starts for so long; a longer rest stays in force."""
        with self._room:
            self._rest = max(self._rest, self._clock.now() + seconds)

    def _enter(self) -> float:
        with self._room:
            while True:
                now = self._clock.now()
                start = max(self._rest, self._next)
                is_full = self.width is not None and self._in_flight >= self.width
                if not is_full and start <= now:
                    self._next = now + self._gap
                    self._in_flight += 1
                    return now
                self._clock.wait(self._room, None if is_full else start - now)
