"""The two operations: `Client` can only read, `Editor` can only edit."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import httpx
import stamina
from pydantic import SecretStr

from scormaudit.errors import (
    Interrupted,
    NotUnderstood,
    SettingsError,
    Unreachable,
)
from scormaudit.lms.classification import Answer, classify_edit, failure
from scormaudit.lms.transport import TokenTransport
from scormaudit.lms.wire import Sco, read_error, read_scos, read_token

if TYPE_CHECKING:
    from scormaudit.sandbox import Sandbox

_API = "/api/v1"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_HOST = re.compile(r"[\w.-]+|[\da-f:]+")
_PER_PAGE = 1000
_LIFETIME = timedelta(hours=8)
_PASSING = (Unreachable, Interrupted, NotUnderstood)


class Client:
    """Reads CMI data of one LMS; safe to share between threads.

    `write_token` is kept for `editor()` alone and defaults to `token`; `timeout` is in seconds.
    """

    def __init__(
        self, base_url: str, token: str, *, write_token: str | None = None, timeout: float = 30
    ) -> None:
        self.base_url = checked_url(base_url)
        self.timeout = timeout
        self.practice: Sandbox | None = None
        self._write_token = SecretStr(write_token or token)
        self._http = _http(self.base_url, SecretStr(token), timeout)

    @classmethod
    def login(cls, base_url: str, username: str, password: str, **options: Any) -> Self:
        """A client with a token of Authenticate that ends by itself after eight hours."""
        until = (datetime.now(UTC) + _LIFETIME).isoformat(timespec="seconds")
        body = {
            "username": username,
            "password": password,
            "grant_type": "password",
            "utc_expiration_date": until.replace("+00:00", "Z"),
        }
        with _http(checked_url(base_url), None, options.get("timeout", 30)) as http:
            response = http.post("/AdminApi/Authenticate", json=body)
        error = read_error(response.content)
        if response.status_code != httpx.codes.OK or (error and error.error_code):
            raise failure(response.status_code, error)
        return cls(base_url, read_token(response.content), **options)

    @classmethod
    def sandbox(cls, **options: Any) -> Self:
        """A client of a practice server that lives as long as this process.

        `options` are those of `scormaudit.sandbox.Sandbox`; its worklist is `worklist`.
        """
        from scormaudit.sandbox import Sandbox

        practice = Sandbox(**options).start()
        client = cls(practice.base_url, practice.token)
        client.practice = practice
        return client

    @property
    def worklist(self) -> list[dict[str, str]]:
        """Every assignment that the practice server knows."""
        if self.practice is None:
            raise SettingsError(
                "Only a practice server knows its own worklist.",
                todo="Export one from the LMS: enrollment_id, assignment_id, assignment_status_id.",
            )
        return self.practice.worklist

    def __repr__(self) -> str:
        return f"Client({self.base_url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, and the practice server if there is one."""
        self._http.close()
        if self.practice is not None:
            self.practice.stop()

    def page(
        self, enrollment_id: str, assignment_id: str, names: tuple[str, ...], page: int
    ) -> list[Sco]:
        """One page of SCOs, counted from 1; an empty list is past the end.

        Reads alone are repeated when the connection fails; LmsError names what stays wrong.
        """
        body = {
            "enrollment_id": enrollment_id,
            "assignment_id": assignment_id,
            "cmi_element_names": names,
        }
        for attempt in stamina.retry_context(on=_PASSING, attempts=4, timeout=4 * self.timeout):
            with attempt:
                return self._page(body, page)
        raise AssertionError("stamina returns or raises")

    def _page(self, body: dict[str, Any], page: int) -> list[Sco]:
        response = self._http.post(
            "/ScormApi/GetCmiData", params={"page": page, "per_page": _PER_PAGE}, json=body
        )
        content = response.content
        if response.status_code != httpx.codes.OK or not content.lstrip().startswith(b"["):
            raise failure(response.status_code, read_error(content))
        items = read_scos(content)
        for _, error in items:
            if error.error_code:
                raise failure(response.status_code, error)
        return [sco for sco, _ in items]

    def editor(self) -> "Editor":
        """The one object that can write."""
        return Editor(self.base_url, self._write_token, self.timeout)


class Editor:
    """Sends one edit at a time, each on a connection of its own, and never sends twice."""

    def __init__(self, base_url: str, token: SecretStr, timeout: float) -> None:
        self.base_url, self._token, self._timeout = base_url, token, timeout

    def __repr__(self) -> str:
        return f"Editor({self.base_url!r})"

    def edit(self, body: bytes) -> Answer:
        """POST these bytes to EditScormData once; what is not certain is `unknown`."""
        try:
            with _http(self.base_url, self._token, self._timeout) as http:
                response = http.post(
                    "/ScormApi/EditScormData",
                    content=body,
                    headers={"content-type": "application/json"},
                )
        except Unreachable as error:
            return Answer("not_sent", error.what)
        except Interrupted as error:
            return Answer("unknown", error.what)
        return classify_edit(response.status_code, read_error(response.content))


def edit_body(assignment_status_id: str, sco_id: str, fields: dict[str, Any]) -> bytes:
    """The bytes of an EditScormData request; the same arguments give the same bytes."""
    body = {"assignment_status_id": assignment_status_id, "sco_id": sco_id, **fields}
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def checked_url(base_url: str) -> str:
    """The base URL without a trailing slash, if it is one that a token may be sent to."""
    todo = "Give it as https://lms.example.org."
    try:
        parts = urlsplit(base_url.strip())
        host, port = parts.hostname or "", parts.port
        httpx.URL(base_url.strip())
    except (ValueError, httpx.InvalidURL):
        raise SettingsError("The base URL is not an address.", todo=todo) from None
    if parts.scheme not in ("http", "https"):
        raise SettingsError("The base URL is not an http(s) address.", todo=todo)
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise SettingsError("The base URL holds more than scheme, host and path.", todo=todo)
    if not _HOST.fullmatch(host):
        raise SettingsError("The base URL has an odd host.", todo=todo)
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise SettingsError(
            f"The base URL http://{host} would send the token unencrypted.", todo=todo
        )
    if not re.fullmatch(r"(/[\w.-]+)*/?", parts.path, re.ASCII) or ".." in parts.path:
        raise SettingsError("The base URL has an odd path.", todo=todo)
    place = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{place}{'' if port is None else f':{port}'}{parts.path.rstrip('/')}"


def _http(base_url: str, token: SecretStr | None, timeout: float) -> httpx.Client:
    return httpx.Client(
        base_url=f"{base_url}{_API}",
        transport=TokenTransport(httpx.HTTPTransport(trust_env=False), token),
        timeout=timeout,
        follow_redirects=False,
        trust_env=False,
    )
