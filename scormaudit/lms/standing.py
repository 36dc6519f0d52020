"""What ValidateAccessToken says of a token, and how far the server's clock is from ours."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic_core import from_json

from scormaudit.errors import NotUnderstood
from scormaudit.lms.retry import http_date
from scormaudit.lms.wire import instant, read_error


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`until` (UTC) is given where the token ends; `skew` is the server's clock less ours.

    `skew` is None where the server does not tell its time; it is good to about a second.
    """

    state: Literal["endless", "until", "invalid"]
    until: datetime | None = None
    skew: timedelta | None = None


def read_standing(body: bytes, date: str | None, asked: datetime, answered: datetime) -> Standing:
    """The standing of a token from the answer and its `Date`; NotUnderstood where it is none.

    HTTP 200 says nothing: a date is an end, no date and a message is an invalid token, neither
    is a token without an end.
    """
    error = read_error(body)
    if error is None:
        raise NotUnderstood("The answer is no standing of a token.", passing=False)
    server = http_date(date)
    skew = server - (asked + (answered - asked) / 2) if server else None
    until = _date(from_json(body))
    if until is not None and not error.error_code:
        return Standing(state="until", until=until, skew=skew)
    if error.error_code or error.error_message:
        return Standing(state="invalid", skew=skew)
    return Standing(state="endless", skew=skew)


def _date(answer: dict[str, Any]) -> datetime | None:
    """The first date at the top of the answer, whatever its name."""
    found = (instant(value) for value in answer.values() if isinstance(value, str))
    return next((moment for moment in found if moment is not None), None)
