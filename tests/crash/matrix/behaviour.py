"""What the LMS does during a run: faults of the sandbox, and another hand in the record."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Faults by name; when, and on which element, another hand writes; whether tokens renew.

    What another hand writes over the same element just before our edit is overwritten: no read
    can show it, and the LMS has no versions. `settle` is the time, in seconds, after which the
    LMS commits nothing any more.
    """

    faults: tuple[str, ...] = ()
    hand: tuple[str, str] | None = None
    renews: bool = False
    settle: float = 0.6


SAME, OTHER = "cmi.core.entry", "cmi.core.lesson_location"
BEHAVIOURS = {
    "none": Behaviour(),
    "cut before commit": Behaviour(("cut-before-commit",)),
    "commit and cut": Behaviour(("commit-and-cut",)),
    "late commit": Behaviour(("late-commit-150",)),
    "half answer": Behaviour(("half-answer",)),
    "slow drip": Behaviour(("dripping-answer-100",)),
    "stalled answer": Behaviour(("stalled-answer",)),
    "error before commit": Behaviour(("error-before-commit",)),
    "error after commit": Behaviour(("error-after-commit",)),
    "code 1": Behaviour(("code-1",)),
    "code 1 after commit": Behaviour(("code-1-after-commit",)),
    "code 0, no commit": Behaviour(("ack-without-commit",)),
    "validation 422": Behaviour(("validation",)),
    "throttled 429": Behaviour(("throttled-50",)),
    "HTML page": Behaviour(("html-answer",)),
    "redirect": Behaviour(("redirect",)),
    "expired token": Behaviour(("expired-at-edit",), renews=True),
    "delivered twice": Behaviour(("duplicate-delivery",)),
    "hand before read": Behaviour(hand=("read", SAME)),
    "hand before edit": Behaviour(hand=("before", SAME)),
    "hand before edit, elsewhere": Behaviour(hand=("before", OTHER)),
    "hand after edit": Behaviour(hand=("after", SAME)),
    "hand after edit, elsewhere": Behaviour(hand=("after", OTHER)),
}
LATER = {"later commit": Behaviour(("late-commit-3000",), settle=4)}
"""For mutants: a new process has sent its edit by then, however busy the machine is."""
KNOWN = BEHAVIOURS | LATER
