"""What an answer means: a read either gave SCOs or a named error, an edit has an outcome."""

from codecs import BOM_UTF8
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Literal, Self

from scormaudit.errors import (
    Busy,
    Forbidden,
    LmsError,
    NotFound,
    NotUnderstood,
    Refused,
    Unauthenticated,
)
from scormaudit.lms.retry import LONGEST_REST, retry_after
from scormaudit.lms.wire import ApiError, Sco, Shape, read_body, read_scos

Outcome = Literal["ack", "rejected", "not_sent", "unknown", "busy", "throttled", "unauthenticated"]
Fate = Literal["passes", "recorded", "ends the run"]
Verdict = tuple[type[LmsError], Fate]

_ANY = range(1000)
_GOOD = range(200, 300)
_SPOKEN = (*_GOOD, *range(400, 500))
_EVERY: Container[int | None] = (None, *range(9))
_BUSY = (408, 425, 429, *range(500, 600))
# The first row that fits; a code beyond the documented ones counts as 1, unknown.
READS: tuple[tuple[Container[int], Container[int | None], type[LmsError], Fate], ...] = (
    # status            codes          error            what becomes of it
    ((401,),            _EVERY,        Unauthenticated, "ends the run"),
    (_ANY,              (4,),          Unauthenticated, "ends the run"),
    (_BUSY,             _EVERY,        Busy,            "passes"),
    (_SPOKEN,           (5,),          Forbidden,       "recorded"),
    (_SPOKEN,           (3,),          NotFound,        "recorded"),
    (_SPOKEN,           (2,),          Refused,         "ends the run"),
    ((403,),            _EVERY,        Forbidden,       "recorded"),
    ((409,),            (None, 0),     NotFound,        "recorded"),
    ((409,),            _EVERY,        NotUnderstood,   "recorded"),
    ((422,),            _EVERY,        Refused,         "ends the run"),
    (_GOOD,             _EVERY,        NotUnderstood,   "passes"),
)  # fmt: skip
EDITS: tuple[tuple[Container[int], Container[int | None], Outcome, bool], ...] = (
    # status            codes       outcome            whether the run ends
    ((401,),            _EVERY,     "unauthenticated", False),
    ((429,),            _EVERY,     "throttled",       False),
    ((503,),            _EVERY,     "busy",            False),
    ((408,),            _EVERY,     "unknown",         False),
    (range(500, 600),   _EVERY,     "unknown",         False),
    (_SPOKEN,           (4,),       "unauthenticated", False),
    (_SPOKEN,           (5,),       "rejected",        True),
    ((200,),            (0,),       "ack",             False),
    ((200, 403, 409, 422), (2, 3),  "rejected",        False),
    (_GOOD,             _EVERY,     "unknown",         False),
    (range(400, 500),   _EVERY,     "rejected",        True),
)  # fmt: skip
# An error that one SCO of an answer names; 4 and 5 are about the token, so about every record.
ITEMS: dict[int, Verdict] = {
    4: (Unauthenticated, "ends the run"),
    5: (Forbidden, "ends the run"),
    3: (NotFound, "recorded"),
    2: (Refused, "recorded"),
}
_ITEM: Verdict = (NotUnderstood, "passes")
_TODO: dict[type[LmsError], str] = {
    Busy: "Try again later, with fewer --jobs or a --rate.",
    Refused: "Check the ids in the worklist.",
    NotFound: "Check the ids in the worklist.",
    Unauthenticated: "Set SCORMAUDIT_TOKEN anew; tokens expire.",
    Forbidden: "Ask for the permission View Section Enrollments.",
    NotUnderstood: "Check the base URL; a proxy may stand between.",
}
_SHAPES: dict[Shape, str] = {
    "array": "a list",
    "json": "JSON of another kind",
    "html": "an HTML page",
    "empty": "nothing in it",
    "text": "something that is not JSON",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What came back on a read, before anyone judged it; `retry_after` is in seconds."""

    status: int
    content: bytes
    retry_after: float | None = None

    @classmethod
    def of(cls, status: int, content: bytes, headers: Mapping[str, str]) -> Self:
        """Read the headers that matter; their names are in lower case.

        A byte order mark, which .NET may write, is no part of the JSON behind it.
        """
        rest = retry_after(headers.get("retry-after"), headers.get("date"))
        return cls(status=status, content=content.removeprefix(BOM_UTF8), retry_after=rest)

    def __repr__(self) -> str:
        return f"<Received {self.status}>"


def verdict(status: int, code: int | None) -> Verdict:
    """The error that a read's answer stands for, and what becomes of it; never a success."""
    known = code if code is None or 0 <= code <= 8 else 1
    for statuses, codes, error, fate in READS:
        if status in statuses and known in codes:
            return error, fate
    return NotUnderstood, "ends the run"


def scos_of(received: Received, shown: Callable[[str], str] = str) -> list[Sco]:
    """The SCOs of a page; LmsError for everything else, HTTP 200 without an array included.

    `shown` makes the LMS's own words fit to be shown.
    """
    if received.status != 200 or not received.content.lstrip().startswith(b"["):
        raise failure(received, shown)
    items = read_scos(received.content)
    errors = [error for _, error in items if error.error_code]
    if errors:
        worst = min(errors, key=lambda error: error.error_code not in (4, 5))
        kind, fate = ITEMS.get(worst.error_code, _ITEM)
        what = f"The LMS answered code {worst.error_code} for a SCO{_said(worst, shown)}."
        raise kind(what, todo=_TODO[kind], passing=fate == "passes",
                   ends_run=fate == "ends the run")  # fmt: skip
    return [sco for sco, _ in items]


def failure(received: Received, shown: Callable[[str], str] = str) -> LmsError:
    """The error for an answer that is none; an LMS that wants a long rest ends the run."""
    shape, error = read_body(received.content)
    kind, fate = verdict(received.status, error.error_code if error else None)
    with_what = f"code {error.error_code}{_said(error, shown)}" if error else _SHAPES[shape]
    what = f"The LMS answered HTTP {received.status} with {with_what}."
    todo, rest = _TODO[kind], received.retry_after if fate == "passes" else None
    if rest is not None and rest > LONGEST_REST:
        fate, todo = "ends the run", f"It asks to be left alone for {rest:.0f} seconds."
    return kind(
        what,
        todo=todo,
        passing=fate == "passes",
        ends_run=fate == "ends the run",
        retry_after=rest,
    )


def _said(error: ApiError, shown: Callable[[str], str]) -> str:
    words = shown(error.error_message or "").rstrip(".")
    return f" ({words})" if words else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of an edit; `stop` ends the run whatever a read-back shows.

    `retry_after` is the seconds that the LMS asked to be left alone.
    """

    outcome: Outcome
    reason: str
    stop: bool = False
    retry_after: float | None = None


def classify_edit(received: Received) -> Answer:
    """The outcome of an edit whose answer came back whole, by the first row that fits."""
    _, error = read_body(received.content)
    code = error.error_code if error else None
    reason = f"HTTP {received.status}, " + ("no JSON envelope" if error is None else f"code {code}")
    known = code if code is None or 0 <= code <= 8 else 1
    for statuses, codes, outcome, stop in EDITS:
        if received.status in statuses and known in codes:
            rest = received.retry_after if outcome in ("busy", "throttled") else None
            return Answer(outcome, reason, stop or (rest or 0) > LONGEST_REST, rest)
    return Answer("unknown", reason, stop=True)
