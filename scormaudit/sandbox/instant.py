"""Dates as .NET writes them: UTC, up to seven fractional digits, trailing zeros trimmed."""

import re
from datetime import UTC, datetime

_SHAPE = re.compile(
    r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)


def normalised(text: str, suffix: str = "Z") -> str | None:
    """The instant of an ISO 8601 text, or None where it is not one; no offset means UTC."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        return None
    whole, digits, offset = match.groups()
    try:
        moment = datetime.fromisoformat(f"{whole.upper()}{(offset or 'Z').upper()}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    fraction = (digits or "")[:7].rstrip("0")
    return f"{moment.replace(tzinfo=None).isoformat()}{fraction and '.'}{fraction}{suffix}"


def passed(text: str) -> bool:
    """Whether a normalised instant lies behind us."""
    return datetime.fromisoformat(re.sub(r"\.\d+", "", text)) <= datetime.now(UTC)
