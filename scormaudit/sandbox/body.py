"""A request's query and body, read without trust."""

import json
import re
from typing import Any, NoReturn

from starlette.requests import Request

from scormaudit.sandbox.refusal import VALIDATION, Refusal, invalid

_MEDIA_TYPES = ("application/json", "text/json")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_INTEGER = re.compile(r"[+-]?\d{1,10}", re.ASCII)


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object of a request; anything else is refused with 415 or 422.

    A request that names no media type is taken to be JSON.
    """
    named = request.headers.get("content-type", "application/json")
    media_type = named.partition(";")[0].strip().lower()
    if media_type not in _MEDIA_TYPES:
        raise Refusal(415, VALIDATION, f"Media type {media_type!r} is not supported, send JSON")
    try:
        parsed = json.loads(await request.body(), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise invalid("The body is not valid JSON") from None
    if not isinstance(parsed, dict):
        raise invalid("The body is not a JSON object")
    return parsed


def _refuse(word: str) -> NoReturn:
    """NaN and Infinity are Python's, not JSON's."""
    raise ValueError(word)


def text(body: dict[str, Any], name: str) -> str:
    """A required string that can be stored as UTF-8."""
    value = body.get(name)
    if not isinstance(value, str) or not storable(value):
        raise invalid(f"{name} is required and must be a string")
    return value


def uuid(body: dict[str, Any], name: str) -> str:
    """A required UUID, in lower case."""
    value = body.get(name)
    if not isinstance(value, str) or _UUID.fullmatch(value) is None:
        raise invalid(f"{name} is required and must be a UUID")
    return value.lower()


def texts(body: dict[str, Any], name: str) -> list[str]:
    """A required list of strings."""
    value = body.get(name)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise invalid(f"{name} is required and must be a list of strings")
    return value


def storable(value: str) -> bool:
    """Whether a text has no lone surrogate; JSON can name one, UTF-8 cannot hold it."""
    return value.isascii() or not any("\ud800" <= char <= "\udfff" for char in value)


def int32(request: Request, name: str, default: int) -> int:
    """An optional integer of the query string."""
    value = request.query_params.get(name, "")
    if value == "":
        return default
    if _INTEGER.fullmatch(value) is None or not -(2**31) <= int(value) < 2**31:
        raise invalid(f"{name} must be a 32-bit integer")
    return int(value)
