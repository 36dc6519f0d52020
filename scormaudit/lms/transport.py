"""Secrets join a request here, on its last step, and no httpx exception leaves."""

import json
import ssl
import time
from collections.abc import Callable, Iterator

import httpx
from pydantic import SecretStr

from scormaudit.errors import Interrupted, LmsError, Unreachable

Join = Callable[[httpx.Request], httpx.Request]

_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
# A body may take so many timeouts; each pause in it may take one.
_PATIENCE = 10
_TODO: dict[type[LmsError], tuple[str, str]] = {
    Unreachable: ("No connection could be made", "Check the base URL and the network."),
    Interrupted: (
        "The connection broke before the answer was complete",
        "Try again, or raise --timeout.",
    ),
}


class SecretTransport(httpx.BaseTransport):
    """Sends what `join` makes of each request, so the client above never holds its secret."""

    def __init__(self, inner: httpx.BaseTransport, join: Join) -> None:
        self._inner, self._join = inner, join

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send; an exception names its kind only, since any URL here is a secret.

        It is raised after httpx's own is forgotten, because that one's frames hold the URL.
        A redirect loses its address: nobody follows it, and it may echo the URL.
        """
        failed: type[LmsError]
        distrust = ""
        try:
            response = self._inner.handle_request(self._join(request))
            if isinstance(response.stream, httpx.SyncByteStream):
                response.stream = _Punctual(response.stream, _patience(request))
            response.read()
        except _NOT_SENT as error:
            kind, failed, distrust = type(error).__name__, Unreachable, _distrust(error)
        except UnicodeError:
            kind, failed = "the host is no name", Unreachable
        except httpx.HTTPError as error:
            kind, failed = type(error).__name__, Interrupted
        else:
            response.headers.pop("location", None)
            return response
        where = f"{request.url.scheme}://{request.url.netloc.decode()}"
        if distrust:
            raise Unreachable(
                f"Its certificate is not trusted ({distrust}).",
                where=where,
                todo="Name the CA that signed it; verification cannot be turned off.",
                passing=False,
                ends_run=True,
            )
        what, todo = _TODO[failed]
        raise failed(f"{what} ({kind}).", where=where, todo=todo)

    def close(self) -> None:
        """Close the pool below."""
        self._inner.close()


class _Punctual(httpx.SyncByteStream):
    """A body that must be whole in time: one that drips for ever would hold a thread for ever."""

    def __init__(self, inner: httpx.SyncByteStream, seconds: float) -> None:
        self._inner, self._ends = inner, time.monotonic() + seconds

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._inner:
            if time.monotonic() > self._ends:
                self.close()
                raise httpx.ReadTimeout("The body took too long.")
            yield piece

    def close(self) -> None:
        self._inner.close()


def _patience(request: httpx.Request) -> float:
    """The seconds that a body may take in all."""
    read = request.extensions.get("timeout", {}).get("read")
    return float("inf") if read is None else _PATIENCE * float(read)


def with_token(request: httpx.Request, token: SecretStr) -> httpx.Request:
    """A copy of the request with the token in its query."""
    return httpx.Request(
        request.method,
        request.url.copy_merge_params({"access_token": token.get_secret_value()}),
        headers=request.headers,
        stream=request.stream,
        extensions=request.extensions,
    )


def with_password(request: httpx.Request, password: SecretStr) -> httpx.Request:
    """A copy of the request with the password in its JSON object."""
    body = json.loads(request.content) | {"password": password.get_secret_value()}
    headers = [pair for pair in request.headers.items() if pair[0] != "content-length"]
    return httpx.Request(
        request.method, request.url, headers=headers, json=body, extensions=request.extensions
    )


def _distrust(error: BaseException) -> str:
    """Why a certificate was not accepted, or `""` where that was not the trouble."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return str(cause.verify_message)
        cause = cause.__cause__ or cause.__context__
    return ""
