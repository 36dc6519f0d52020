"""The fields of EditScormData, checked and turned into what is stored."""

import struct
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from math import isfinite
from typing import Any

from scormaudit.cmi import FIELDS, SCALARS, Field
from scormaudit.sandbox.body import storable
from scormaudit.sandbox.instant import normalised
from scormaudit.sandbox.refusal import invalid

_ELEMENTS = {element.column: element for element in SCALARS}
_EXIT = {"normal": "", "suspend": "suspend"}
_CREDIT = {True: "credit", False: "no-credit"}


def changes(body: dict[str, Any]) -> dict[str, str]:
    """What to store, by element name or item field; null counts as not passed."""
    return {
        target(field): _stored(field, body[field.name])
        for field in FIELDS
        if body.get(field.name) is not None
    }


def fields(body: dict[str, Any]) -> dict[str, Any]:
    """The part of a body that edits, as it was sent."""
    names = [field.name for field in FIELDS]
    return {name: body[name] for name in names if body.get(name) is not None}


def target(field: Field) -> str:
    """The element that reads a field back, or the item field of the same name."""
    element = _ELEMENTS.get(field.column)
    return field.name if element is None else element.name


def _stored(field: Field, value: Any) -> str:
    stored = _KINDS[field.kind](field, value)
    if stored is None:
        raise invalid(f"{field.name} has an invalid value")
    return stored


def _text(_: Field, value: Any) -> str | None:
    """Any text: the contract names words for some fields, but as a description, not an enum."""
    return value if isinstance(value, str) and storable(value) else None


def _date(field: Field, value: Any) -> str | None:
    """Both spellings of UTC occur in the vendor's examples, so each date has its own."""
    if not isinstance(value, str):
        return None
    return normalised(value, "Z" if field.name == "start_date_utc" else "+00:00")


def _exit(_: Field, value: Any) -> str | None:
    return _EXIT.get(value) if isinstance(value, str) else None


def _credit(_: Field, value: Any) -> str | None:
    return _CREDIT[value] if isinstance(value, bool) else None


def _integer(_: Field, value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        return None
    return str(int(value)) if -(2**31) <= value < 2**31 else None


def _number(_: Field, value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return single(value) if isfinite(value) else None
    except OverflowError:
        return None


_KINDS: dict[str, Callable[[Field, Any], str | None]] = {
    "text": _text,
    "date": _date,
    "exit": _exit,
    "credit": _credit,
    "integer": _integer,
    "number": _number,
}


def single(value: float) -> str:
    """The shortest decimal of the nearest 32-bit float; OverflowError beyond its range."""
    packed = struct.pack("<f", value)
    nearest = struct.unpack("<f", packed)[0]
    for digits in range(1, 10):
        shortest = f"{nearest:.{digits}g}"
        with suppress(OverflowError):
            if struct.pack("<f", float(shortest)) == packed:
                break
    return "0" if nearest == 0 else f"{Decimal(shortest):f}"
