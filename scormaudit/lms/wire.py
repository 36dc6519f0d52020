"""What travels: GetCmiData items read, EditScormData values written and compared."""

import json
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, SecretStr, TypeAdapter, ValidationError
from pydantic_core import from_json

from scormaudit.cmi import Field
from scormaudit.errors import NotUnderstood
from scormaudit.timespan import centiseconds

State = Literal["value", "empty", "absent", "error"]
Shape = Literal["array", "json", "html", "empty", "text"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading:
    """One element as read; `text` is the value, or the LMS's message where it failed."""

    state: State
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sco:
    """One SCO of one assignment as GetCmiData gave it; dates are the text as read."""

    sco_id: str
    title: str
    start_date_utc: str | None
    exit_date_utc: str | None
    elements: Mapping[str, Reading]

    def __repr__(self) -> str:
        return f"<Sco with {len(self.elements)} elements>"


class _Model(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)


class ApiError(_Model):
    """`api_error_entity`; numbers beyond the documented 0 to 8 are kept, not refused."""

    error_code: int
    error_message: str | None = None


class _Envelope(_Model):
    api_error_entity: ApiError


class _CmiField(_Model):
    cmi_element_name: str
    cmi_element_value: str | None = None
    error_message: str | None = None

    def reading(self) -> Reading:
        if self.error_message:
            return Reading("error", self.error_message)
        if self.cmi_element_value is None:
            return Reading("absent")
        return Reading("value" if self.cmi_element_value else "empty", self.cmi_element_value)


class _Item(_Model):
    sco_id: str
    title: str
    start_date_utc: str | None = None
    exit_date_utc: str | None = None
    cmi_fields: list[_CmiField]
    api_error_entity: ApiError


class _Token(_Model):
    access_token: SecretStr


_HALF = re.compile("[\ud800-\udfff]")
_NO_TEXT = "holds half a surrogate pair, so it is no text"
_ITEMS = TypeAdapter(list[_Item])
_TOKEN = TypeAdapter(_Token)
_ENVELOPE = TypeAdapter(_Envelope)


def read_scos(body: bytes) -> list[tuple[Sco, ApiError]]:
    """The SCOs of one page, each with its own error entity.

    JSON may hold half a surrogate pair, which is no text that could be kept or compared: an
    element with one failed, whatever the LMS says. In an id or a title it fails the page.
    """
    return [
        (
            Sco(
                sco_id=item.sco_id,
                title=item.title,
                start_date_utc=item.start_date_utc,
                exit_date_utc=item.exit_date_utc,
                elements={field.cmi_element_name: field.reading() for field in item.cmi_fields},
            ),
            item.api_error_entity,
        )
        for item in _parse(_ITEMS, body, "an array of SCOs")
    ]


def read_token(body: bytes) -> SecretStr:
    """The access token in an answer of Authenticate."""
    return _parse(_TOKEN, body, "an access token").access_token


def read_error(body: bytes) -> ApiError | None:
    """The error entity of a body, or None where the body is not an envelope."""
    try:
        return _validated(_ENVELOPE, body).api_error_entity
    except ValidationError:
        return None


def read_body(body: bytes) -> tuple[Shape, ApiError | None]:
    """What kind of body this is, and its error entity where it is an envelope."""
    error = read_error(body)
    if error is not None or not body.strip():
        return "json" if error else "empty", error
    try:
        return "array" if isinstance(from_json(body), list) else "json", None
    except ValueError:
        return "html" if body.lstrip().startswith(b"<") else "text", None


def _parse(adapter: TypeAdapter[T], body: bytes, wanted: str) -> T:
    try:
        return _validated(adapter, body)
    except ValidationError as error:
        fault = error.errors(include_input=False)[0]
    if fault["type"] == "json_invalid" and _halved(body) is not None:
        raise NotUnderstood(
            f"An id, a name, a title or a date {_NO_TEXT}.",
            todo="Look at the record in the LMS.",
            passing=False,
        )
    place = ".".join(str(part) for part in fault["loc"])
    where = f"at {place}" if place else "it is not JSON"
    raise NotUnderstood(
        f"The answer is not {wanted} ({where}).",
        todo="A proxy may stand between, or the API has changed; run `scormaudit doctor`.",
    )


def _validated(adapter: TypeAdapter[T], body: bytes) -> T:
    """What a body says, with elements failed that are no text; else ValidationError."""
    try:
        return adapter.validate_json(body)
    except ValidationError:
        answer = _halved(body)
        if answer is None:
            raise
    return adapter.validate_json(json.dumps(answer))


def _halved(body: bytes) -> Any | None:
    """The JSON in which half a surrogate pair stands somewhere, those in elements mended."""
    try:
        text = body.decode("utf-8", "surrogatepass")
        if _HALF.search(json.dumps(json.loads(text), ensure_ascii=False)):
            return json.loads(text, object_hook=_failed)
    except (ValueError, RecursionError):
        pass
    return None


def _failed(field: dict[str, Any]) -> dict[str, Any]:
    """An element, or any other object, without halves in what it holds and what is said of it."""
    value, message = field.get("cmi_element_value"), field.get("error_message")
    if isinstance(message, str):
        field = {**field, "error_message": _HALF.sub("\N{REPLACEMENT CHARACTER}", message)}
    if isinstance(value, str) and _HALF.search(value):
        told = message or f"The value {_NO_TEXT}."
        return {**field, "cmi_element_value": "", "error_message": told}
    return field


# --- writing -----------------------------------------------------------------------------

_DECIMAL = re.compile(r"-?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_INTEGER = re.compile(r"-?\d+", re.ASCII)
_DATE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7}))?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_EXIT: Mapping[str, str | bool] = {"": "normal", "suspend": "suspend"}
_CREDIT: Mapping[str, str | bool] = {"credit": True, "no-credit": False}
_CLOCK = timedelta(milliseconds=4)


def encode(field: Field, text: str) -> str | int | float | bool:
    """The JSON value that writes `text`; ValueError says why the API cannot write it."""
    match field.kind:
        case "number":
            return _single(text)
        case "integer":
            return _int32(text)
        case "date":
            moment = instant(text)
            if moment is None:
                raise ValueError("not a date")
            return moment.isoformat().replace("+00:00", "Z")
        case "exit":
            return _word(_EXIT, text)
        case "credit":
            return _word(_CREDIT, text)
        case "text":
            return text


def same(field: Field, wanted: str, read: str) -> bool:
    """Whether `read` is what writing `wanted` leaves, in substance if not in spelling."""
    if wanted == read:
        return True
    match field.kind, field.column:
        case "number", _:
            return _float32(wanted) is not None and _float32(wanted) == _float32(read)
        case "date", _:
            moments = instant(wanted), instant(read)
            return None not in moments and abs(moments[0] - moments[1]) <= _CLOCK  # type: ignore[operator]
        case _, "session_time" | "total_time":
            return centiseconds(wanted) is not None and centiseconds(wanted) == centiseconds(read)
        case _:
            return False


def instant(text: str) -> datetime | None:
    """A date as .NET writes it, in UTC: 0 to 7 fractional digits, offset optional."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    whole, fraction, offset = match.groups()
    try:
        moment = datetime.fromisoformat(f"{whole}.{(fraction or '')[:6]:0<6}{offset or 'Z'}")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _int32(text: str) -> int:
    if not _INTEGER.fullmatch(text) or not -(2**31) <= int(text) < 2**31:
        raise ValueError("not a 32-bit integer")
    return int(text)


def _single(text: str) -> float:
    """A score as a JSON number that survives the API's single precision."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError("not a number")
    shortest = _float32(text)
    if shortest is None or Decimal(shortest) != Decimal(text):
        raise ValueError("more digits than single precision keeps")
    return float(text)


def _float32(text: str) -> str | None:
    """The shortest decimal that names the 32-bit float nearest to `text`."""
    packed = _packed(text) if _DECIMAL.fullmatch(text) else None
    if packed is None:
        return None
    value = struct.unpack("<f", packed)[0]
    if value == 0:
        return "0"
    candidates = (f"{value:.{digits}g}" for digits in range(1, 10))
    return next(short for short in candidates if _packed(short) == packed)


def _packed(text: str) -> bytes | None:
    """The four bytes of a number in single precision, or None where it is too large for them."""
    try:
        packed = struct.pack("<f", float(text))
    except OverflowError:
        return None
    return packed if isfinite(float(text)) else None


def _word(words: Mapping[str, str | bool], text: str) -> str | bool:
    if text not in words:
        raise ValueError(f"only {', '.join(map(repr, words))} can be written")
    return words[text]
