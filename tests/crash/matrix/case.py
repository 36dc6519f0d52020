"""One run of the matrix: what the LMS does, and where the first two processes are killed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import gcd
from typing import Any

from .behaviour import BEHAVIOURS

PLACES = (
    "open-before", "open-after",
    "read-before", "read-within", "read-after",
    "intent-before", "intent-after",
    "send-before", "connected", "half-sent", "sent", "half-received", "received", "send-after",
    "outcome-before", "outcome-after",
    "settle-before", "settle-after",
    "back-before", "back-within", "back-after",
    "result-before", "result-after",
)  # fmt: skip
TURNS = (1, 2, 3)
MOMENTS = tuple(product(PLACES, TURNS))
Moment = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A moment is a place in apply and how often it was come by; None is never."""

    behaviour: str
    first: Moment | None = None
    second: Moment | None = None
    mutant: str = ""

    @classmethod
    def of(cls, facts: dict[str, Any]) -> "Case":
        """The case that was once made JSON."""
        moments = {n: tuple(facts[n]) if facts[n] else None for n in ("first", "second")}
        return cls(**{**facts, **moments})

    def __str__(self) -> str:
        moments = [" ".join(map(str, m)) if m else "-" for m in (self.first, self.second)]
        return ", ".join([self.behaviour, *moments, *([self.mutant] if self.mutant else [])])


def covering() -> list[Case]:
    """Each place meets each behaviour once as the first kill; turns and second kills rotate."""
    return [
        Case(
            behaviour=behaviour,
            first=(place, TURNS[(i + j) % 3]),
            second=MOMENTS[(7 * i + 20 * j + i * j) % len(MOMENTS)],
        )
        for i, place in enumerate(PLACES)
        for j, behaviour in enumerate(BEHAVIOURS)
    ]


def spread(count: int) -> Iterator[Case]:
    """As many cases, strewn evenly over the whole product; the same ones every time."""
    axes: Sequence[Sequence[Any]] = (tuple(BEHAVIOURS), MOMENTS, MOMENTS)
    whole = len(BEHAVIOURS) * len(MOMENTS) ** 2
    stride = next(n for n in range(int(whole * 0.618), whole) if gcd(n, whole) == 1)
    for number in range(min(count, whole)):
        rest, chosen = number * stride % whole, []
        for axis in axes:
            rest, place = divmod(rest, len(axis))
            chosen.append(axis[place])
        yield Case(behaviour=chosen[0], first=chosen[1], second=chosen[2])
