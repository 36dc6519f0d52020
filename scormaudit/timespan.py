"""CMITimespan (RTE 3-57): `HHHH:MM:SS.SS`, as exact centiseconds."""

import re

_LEGAL = re.compile(r"(\d{2,4}):(\d\d):(\d\d)(?:\.(\d{1,2}))?", re.ASCII)
_UNPADDED = re.compile(r"(\d{1,4}):(\d{1,2}):(\d{1,2})(\.\d{1,2})?", re.ASCII)
_ISO = re.compile(
    r"P(?:(\d{1,9})D)?"
    r"(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,2}))?S)?)?",
    re.ASCII,
)


def centiseconds(text: str) -> int | None:
    """The exact length of a legal CMITimespan, or None where `text` is not one."""
    match = _LEGAL.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds, fraction = match.groups()
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return whole * 100 + int((fraction or "").ljust(2, "0"))


def respell(text: str) -> str | None:
    """The legal spelling of the same length, or None where nothing is certain.

    Understood are missing leading zeros (`0:05:00`) and ISO 8601 durations without years
    and months; a two-part `5:00` may be minutes or hours, so it is not.
    A one-digit fraction is kept as it stands: producers disagree on what `.9` means.
    """
    if centiseconds(text) is not None:
        return text
    stripped = text.strip()
    if match := _UNPADDED.fullmatch(stripped):
        hours, minutes, seconds, fraction = match.groups()
        return f"{hours:0>2}:{minutes:0>2}:{seconds:0>2}{fraction or ''}"
    match = _ISO.fullmatch(stripped)
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[:4])
    whole = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    return spell(whole * 100 + int((match[5] or "").ljust(2, "0")))


def spell(length: int) -> str | None:
    """A length in centiseconds as a CMITimespan, or None beyond 9999 hours."""
    whole, fraction = divmod(length, 100)
    minutes, seconds = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours > 9999:
        return None
    tail = f".{fraction:02}" if fraction else ""
    return f"{hours:02}:{minutes:02}:{seconds:02}{tail}"
