"""The token joins a request here, on its last step, and no httpx exception leaves."""

import logging

import httpx
from pydantic import SecretStr

from scormaudit.errors import Interrupted, LmsError, Unreachable

_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_WORDS: dict[type[LmsError], tuple[str, str]] = {
    Unreachable: ("No connection could be made", "Check the base URL and the network."),
    Interrupted: (
        "The connection broke before the answer was complete",
        "Try again, or raise --timeout.",
    ),
}
# At DEBUG httpcore logs the headers of every answer, and a redirect may echo the token in them.
logging.getLogger("httpcore.http11").addFilter(
    lambda record: not record.getMessage().startswith("receive_response_headers.complete")
)


class TokenTransport(httpx.BaseTransport):
    """Adds the access token to a copy of each request, so the client never holds its URL."""

    def __init__(self, inner: httpx.BaseTransport, token: SecretStr | None) -> None:
        self._inner, self._token = inner, token

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send; an exception names its kind only, since any URL here is a secret.

        It is raised after httpx's own is forgotten, because that one's frames hold the URL.
        A redirect loses its address: nobody follows it, and it may echo the URL.
        """
        failed: type[LmsError]
        try:
            response = self._inner.handle_request(self._joined(request))
            response.read()
        except _NOT_SENT as error:
            kind, failed = type(error).__name__, Unreachable
        except httpx.HTTPError as error:
            kind, failed = type(error).__name__, Interrupted
        else:
            response.headers.pop("location", None)
            return response
        what, todo = _WORDS[failed]
        where = f"{request.url.scheme}://{request.url.netloc.decode()}"
        raise failed(f"{what} ({kind}).", where=where, todo=todo)

    def _joined(self, request: httpx.Request) -> httpx.Request:
        url = request.url
        if self._token is not None:
            url = url.copy_merge_params({"access_token": self._token.get_secret_value()})
        return httpx.Request(
            request.method,
            url,
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )

    def close(self) -> None:
        """Close the pool below."""
        self._inner.close()
