"""The token joins a request here, on its last step, and no httpx exception leaves."""

import httpx
from pydantic import SecretStr

from scormaudit.errors import Interrupted, Unreachable

_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


class TokenTransport(httpx.BaseTransport):
    """Adds the access token to a copy of each request, so the client never holds its URL."""

    def __init__(self, inner: httpx.BaseTransport, token: SecretStr | None) -> None:
        self._inner, self._token = inner, token

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send; an exception names its kind only, since any URL here is a secret."""
        url = request.url
        if self._token is not None:
            url = url.copy_merge_params({"access_token": self._token.get_secret_value()})
        copy = httpx.Request(
            request.method,
            url,
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        where = f"{url.scheme}://{url.netloc.decode()}"
        try:
            response = self._inner.handle_request(copy)
            response.read()
        except _NOT_SENT as error:
            raise Unreachable(
                f"No connection could be made ({type(error).__name__}).",
                where=where,
                todo="Check the base URL and the network.",
            ) from None
        except httpx.HTTPError as error:
            raise Interrupted(
                f"The connection broke before the answer was complete ({type(error).__name__}).",
                where=where,
                todo="Try again, or raise --timeout.",
            ) from None
        else:
            return response

    def close(self) -> None:
        """Close the pool below."""
        self._inner.close()
