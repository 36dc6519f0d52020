"""What a server can do wrong: ASGI wrappers that count requests, so that runs repeat."""

import asyncio
import json
from collections.abc import Callable, Iterable
from itertools import count

from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from scormaudit.errors import SettingsError
from scormaudit.sandbox.refusal import UNKNOWN, envelope

Fault = Callable[[ASGIApp], ASGIApp]


def latency(app: ASGIApp) -> ASGIApp:
    """Every request takes 10 ms longer."""

    async def late(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.01)
        await app(scope, receive, send)

    return late


def html_page(app: ASGIApp) -> ASGIApp:
    """Every 7th request meets a proxy that answers 200 with a page of its own."""
    return _instead(app, 7, HTMLResponse("<!doctype html><title>Please wait</title>"))


def server_error(app: ASGIApp) -> ASGIApp:
    """Every 5th request is answered 503."""
    return _instead(app, 5, PlainTextResponse("Service Unavailable", 503))


def code_1(app: ASGIApp) -> ASGIApp:
    """Edits commit nothing and are answered 200 with error code 1."""
    body = json.dumps(envelope(UNKNOWN, "An unknown error occurred"))
    answer = Response(body, media_type="application/json")
    return _instead(app, 1, answer, path="/EditScormData")


FAULTS: dict[str, Fault] = {
    "latency": latency,
    "html-page": html_page,
    "server-error": server_error,
    "code-1": code_1,
}


def wrap(app: ASGIApp, names: Iterable[str]) -> ASGIApp:
    """The app behind the named faults, the first of them outermost."""
    for name in reversed(list(names)):
        app = FAULTS[name](app)
    return app


def check(names: Iterable[str]) -> None:
    """Raises SettingsError for a name that is not in FAULTS."""
    unknown = [name for name in names if name not in FAULTS]
    if unknown:
        raise SettingsError(
            f"unknown fault {unknown[0]!r}.", where="sandbox", todo=f"Known: {', '.join(FAULTS)}."
        )


def _instead(app: ASGIApp, every: int, answer: ASGIApp, path: str = "") -> ASGIApp:
    """`answer` in place of each `every`th request whose path ends so."""
    turn = count(1)

    async def sometimes(scope: Scope, receive: Receive, send: Send) -> None:
        hit = scope["path"].endswith(path) and next(turn) % every == 0
        await (answer if hit else app)(scope, receive, send)

    return sometimes
