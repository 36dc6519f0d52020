"""Timespans of a record: HHHH:MM:SS.SS (RTE 3-58)."""

import re

from pandera.pandas import Check

from scormaudit import Edit, Row, Rule, centiseconds, respell

_PARTS = re.compile(r"([0-9]{2,4}):([0-9]{2}):([0-9]{2})(\.[0-9]{1,2})?")
_OVERFLOW = re.compile(r"[0-9]{2,4}:(?:[6-9][0-9]:[0-9]{2}|[0-9]{2}:[6-9][0-9])(?:\.[0-9]{1,2})?")
_LARGEST = "9999:99:99.99"
_SIDES = ("012345", "678")
"""Digits on the same side of sixty, but for the 9 of the largest timespan."""


def _timespan(text: str) -> bool:
    return centiseconds(text) is not None


def _carried(text: str) -> str | None:
    """A timespan with minutes and seconds below 60; None where it has no such spelling.

    The digits of the fraction stay as they are.
    """
    found = _PARTS.fullmatch(text)
    if found is None or text == _LARGEST:
        return None
    minutes, seconds = divmod(int(found[3]), 60)
    hours, minutes = divmod(int(found[2]) + minutes, 60)
    hours += int(found[1])
    carried = f"{hours:0{len(found[1])}}:{minutes:02}:{seconds:02}{found[4] or ''}"
    return carried if hours <= 9999 else None


def _overflows(text: str) -> bool:
    """A timespan, but not the largest one, with 60 or more minutes or seconds."""
    return _OVERFLOW.fullmatch(text) is not None and text != _LARGEST


def _spelled(text: str) -> str | None:
    """The legal spelling of the same length, or None where nothing is certain."""
    plain = respell(text.strip())
    return _carried(plain) if plain else None


class TotalTimeTimespan(Rule, code="DT201"):
    """The total time is not spelled HHHH:MM:SS.SS.

    Hours need two to four digits, minutes and seconds two each. Missing zeros and ISO 8601
    durations name one length, so the legal spelling of that length is safe; a two-part
    `5:00` may be minutes or hours, and is left alone. The LMS keeps this element itself and
    begins it at zero, so it is never blank.
    """

    severity = "error"
    fix = "safe"
    page = "3-29"
    element = "total_time"
    alike = _SIDES
    check = Check(_timespan, element_wise=True)
    good = (
        {"total_time": "0000:00:00.00"},
        {"total_time": "12:34:56.7"},
        {"total_time": "100:00:00"},
        {"total_time": "00:61:05"},
        {"total_time": "00:00:60.0"},
        {"total_time": "9999:99:99.99"},
        {"total_time": None},
    )
    bad = (
        {"total_time": "0:05:00"},
        {"total_time": "PT5M"},
        {"total_time": "00:00:5.0"},
        {"total_time": "5:00"},
        {"total_time": "300"},
        {"total_time": "10049:00:00.00"},
        {"total_time": ""},
    )

    @staticmethod
    def repair(row: Row) -> Edit | None:
        """The same length in its legal spelling."""
        text = _spelled(row["total_time"])
        return Edit("total_time", text) if text else None


class SessionTimeTimespan(Rule, code="DT202"):
    """The session time is not spelled HHHH:MM:SS.SS.

    The LMS adds it to the total time when the session ends; a spelling it cannot read is a
    session that never counts. A blank is what a run-time stores that was never told one.
    """

    severity = "error"
    fix = "safe"
    page = "3-32"
    element = "session_time"
    alike = _SIDES
    check = Check(lambda text: text == "" or _timespan(text), element_wise=True)
    good = (
        {"session_time": "00:00:01.50"},
        {"session_time": "00:00:01.5"},
        {"session_time": "0010:34:34.56"},
        {"session_time": "000:00:01"},
        {"session_time": "9999:59:59"},
        {"session_time": ""},
        {"session_time": None},
    )
    bad = (
        {"session_time": "0:00:01"},
        {"session_time": "PT1H2M3S"},
        {"session_time": "00:00:01 "},
        {"session_time": "0:75:00"},
        {"session_time": "0000:00:NaN"},
        {"session_time": "00:-1:05"},
        {"session_time": "12345:00:00"},
    )

    @staticmethod
    def repair(row: Row) -> Edit | None:
        """The same length in its legal spelling."""
        text = _spelled(row["session_time"])
        return Edit("session_time", text) if text else None


class MaxTimeAllowedTimespan(Rule, code="DT203"):
    """The maximum time allowed is neither blank nor spelled HHHH:MM:SS.SS.

    It comes from the manifest of the package; `30` may have meant minutes or seconds. A
    course that cannot read it gives no time limit, or none at all.
    """

    severity = "error"
    page = "3-43"
    element = "max_time_allowed"
    alike = _SIDES
    check = Check(lambda text: text == "" or _timespan(text), element_wise=True)
    good = (
        {"max_time_allowed": "00:30:00"},
        {"max_time_allowed": "0040:00:00.00"},
        {"max_time_allowed": ""},
        {"max_time_allowed": None},
    )
    bad = ({"max_time_allowed": "30"}, {"max_time_allowed": "PT30M"})


class TotalTimeCarry(Rule, code="DT211"):
    """The total time counts minutes or seconds beyond 59.

    The specification states no upper limit for them, so `00:61:05` is legal, but a report
    that checks for one drops the time. The carried spelling is the same length.
    """

    severity = "info"
    fix = "safe"
    page = "3-29"
    element = "total_time"
    alike = _SIDES
    check = Check(lambda text: not _overflows(text), element_wise=True)
    good = (
        {"total_time": "00:59:59.99"},
        {"total_time": "0099:00:00"},
        {"total_time": "9999:99:99.99"},
        {"total_time": "0:75:00"},
        {"total_time": ""},
        {"total_time": None},
    )
    bad = ({"total_time": "00:61:05"}, {"total_time": "00:00:60.0"}, {"total_time": "9999:60:00"})

    @staticmethod
    def repair(row: Row) -> Edit | None:
        """Sixty seconds as a minute, sixty minutes as an hour."""
        text = _carried(row["total_time"])
        return Edit("total_time", text) if text else None


class SessionTimeCarry(Rule, code="DT212"):
    """The session time counts minutes or seconds beyond 59.

    A known fault of sample code that adds without carrying. It is legal, and the carried
    spelling is the same length.
    """

    severity = "info"
    fix = "safe"
    page = "3-32"
    element = "session_time"
    alike = _SIDES
    check = Check(lambda text: not _overflows(text), element_wise=True)
    good = (
        {"session_time": "00:59:59.99"},
        {"session_time": "9999:99:99.99"},
        {"session_time": ""},
        {"session_time": None},
    )
    bad = ({"session_time": "0000:75:30.5"}, {"session_time": "00:59:60"})

    @staticmethod
    def repair(row: Row) -> Edit | None:
        """Sixty seconds as a minute, sixty minutes as an hour."""
        text = _carried(row["session_time"])
        return Edit("session_time", text) if text else None


class TotalTimeLargest(Rule, code="DT221"):
    """The total time is 9999:99:99.99, the largest that can be spelled.

    Nobody was there so long: a program that met a longer or an invalid time wrote the
    largest one instead. The true total is lost.
    """

    severity = "info"
    page = "3-29"
    element = "total_time"
    check = Check.not_equal_to(_LARGEST)
    good = ({"total_time": "9999:59:59.99"}, {"total_time": "0000:00:00.00"}, {"total_time": None})
    bad = ({"total_time": "9999:99:99.99"},)


class SessionTimeLargest(Rule, code="DT222"):
    """The session time is 9999:99:99.99, the largest that can be spelled.

    Some authoring tools write it when a session is too long for them to say. An LMS that
    adds it up arrives at a total time that no longer fits its element.
    """

    severity = "info"
    page = "3-32"
    element = "session_time"
    check = Check.not_equal_to(_LARGEST)
    good = ({"session_time": "9999:59:59.99"}, {"session_time": ""}, {"session_time": None})
    bad = ({"session_time": "9999:99:99.99"},)


class SessionTimeTenths(Rule, code="DT231"):
    """The session time has one digit behind the point, which is read in two ways.

    By the specification `.9` is nine tenths; several authoring tools write it for nine
    hundredths, and some systems add it up so. The difference is 0.81 seconds at most and
    cannot be known afterwards, so the digit is left as it is.
    """

    severity = "info"
    page = "3-32"
    needs = ("session_time",)
    check = Check(lambda cmi: ~cmi.session_time_tenths)
    good = (
        {"session_time": "00:00:01.90"},
        {"session_time": "00:00:01.0"},
        {"session_time": "00:00:01"},
        {"session_time": "0:00:01.9"},
        {"session_time": ""},
        {"session_time": None},
    )
    bad = ({"session_time": "0000:00:03.9"},)
