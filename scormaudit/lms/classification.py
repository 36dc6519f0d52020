"""What an answer means: a read either gave SCOs or a named error, an edit has an outcome."""

from dataclasses import dataclass
from typing import Literal

from scormaudit.errors import Forbidden, LmsError, NotFound, NotUnderstood, Refused, Unauthenticated
from scormaudit.lms.wire import ApiError

Outcome = Literal["ack", "rejected", "not_sent", "unknown"]

_BY_CODE: dict[int, type[LmsError]] = {
    2: Refused,
    3: NotFound,
    4: Unauthenticated,
    5: Forbidden,
}
_BY_STATUS: dict[int, type[LmsError]] = {
    401: Unauthenticated,
    403: Forbidden,
    409: NotFound,
    422: Refused,
}
_TODO: dict[type[LmsError], str] = {
    Refused: "Check the ids in the worklist.",
    NotFound: "Check the ids in the worklist.",
    Unauthenticated: "Set SCORMAUDIT_TOKEN anew; tokens expire.",
    Forbidden: "Ask for the permission View Section Enrollments.",
    NotUnderstood: "Check the base URL; a proxy may stand between.",
}


def failure(status: int, error: ApiError | None) -> LmsError:
    """The error that a read's answer stands for; the code says more than the status."""
    code = error.error_code if error else 0
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status) or NotUnderstood
    return kind(f"The LMS answered HTTP {status}, code {code}.", todo=_TODO[kind])


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of an edit; `stop` ends the run whatever a read-back shows."""

    outcome: Outcome
    reason: str
    stop: bool = False


def classify_edit(status: int, error: ApiError | None) -> Answer:
    """The outcome of an edit whose answer came back whole."""
    code = error.error_code if error else None
    reason = f"HTTP {status}, " + ("no JSON envelope" if code is None else f"code {code}")
    if status in (401, 403) or code in (4, 5):
        return Answer("rejected", reason, stop=True)
    if status == 200 and code == 0:
        return Answer("ack", reason)
    if status in (200, 409, 422) and code in (2, 3):
        return Answer("rejected", reason)
    if status == 408 or status >= 500 or status == 429:
        return Answer("unknown", reason)
    if 400 <= status < 500:
        return Answer("rejected", reason, stop=True)
    return Answer("unknown", reason, stop=status != 200)
