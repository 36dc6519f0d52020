"""CMITimespan and ISO 8601: the same length to the hundredth of a second, there and back."""

from scormaudit.timespan import centiseconds, respell

_HOUR = 360_000


def iso(text: str) -> str | None:
    """A legal CMITimespan as hours, minutes and seconds; None where `text` is not one.

    Minutes and seconds of 60 and more are carried. Days are not used: a day that the clocks
    change is no 24 hours.
    """
    length = centiseconds(text)
    if length is None:
        return None
    hours, rest = divmod(length, _HOUR)
    minutes, rest = divmod(rest, 6000)
    seconds, hundredths = divmod(rest, 100)
    tail = f".{hundredths:02}" if hundredths else ""
    parts = (f"{hours}H" if hours else "", f"{minutes}M" if minutes else "")
    last = f"{seconds}{tail}S" if seconds or tail or not any(parts) else ""
    return f"PT{''.join(parts)}{last}"


def cmi(duration: str) -> str | None:
    """The CMITimespan of the same length; None beyond 9999 hours, or for years and months."""
    return respell(duration) if duration.startswith("P") else None
