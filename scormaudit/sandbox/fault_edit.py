"""What can become of an edit: a fault meets the first one of each SCO, and a second succeeds."""

import asyncio
import json
from urllib.parse import quote

from starlette.datastructures import QueryParams
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from scormaudit.sandbox.fault_answer import PAGE
from scormaudit.sandbox.fault_exchange import EDIT, again, ask, asking, halved, reset, spoilt, whole
from scormaudit.sandbox.fault_network import dripping, stalled
from scormaudit.sandbox.refusal import UNKNOWN, VALIDATION, envelope

_BROKEN = PlainTextResponse("Internal Server Error", 500)


def code_1(app: ASGIApp) -> ASGIApp:
    """Every edit, not only a first one, commits nothing and is answered 200 with error code 1."""
    answer = _enveloped(200, UNKNOWN, "An unknown error occurred")

    async def coded(scope: Scope, receive: Receive, send: Send) -> None:
        await (answer if scope["path"] == EDIT else app)(scope, receive, send)

    return coded


def code_1_after_commit(app: ASGIApp) -> ASGIApp:
    """A first edit is committed and answered 200 with error code 1."""
    answer = _enveloped(200, UNKNOWN, "An unknown error occurred")
    return _first(app, spoilt(app, lambda _: answer))


def ack_without_commit(app: ASGIApp) -> ASGIApp:
    """A first edit is answered as a success and commits nothing, as if meant for another record."""
    return _first(app, _enveloped(200, 0))


def html_answer(app: ASGIApp) -> ASGIApp:
    """A first edit meets a proxy that answers 200 with a page of its own; nothing is committed."""
    return _first(app, PAGE)


def commit_and_cut(app: ASGIApp) -> ASGIApp:
    """A first edit is committed, then the connection is reset before a byte of the answer."""
    return _first(app, spoilt(app, lambda _: reset))


def cut_before_commit(app: ASGIApp) -> ASGIApp:
    """At a first edit the connection is reset, and nothing is committed."""
    return _first(app, reset)


def late_commit(app: ASGIApp, milliseconds: int = 200) -> ASGIApp:
    """At a first edit the connection is reset; 200 ms later it is committed all the same.

    `late-commit-N` makes it N ms. A sandbox that is stopped meanwhile commits before it ends.
    """

    async def late(scope: Scope, receive: Receive, send: Send) -> None:
        content = await whole(receive)
        await reset(scope, receive, send)
        await asyncio.sleep(milliseconds / 1000)
        await ask(app, scope, again(content, receive))

    return _first(app, late)


def half_answer(app: ASGIApp) -> ASGIApp:
    """A first edit is committed; half of the answer's body comes, then the connection closes."""
    return _first(app, spoilt(app, halved))


def stalled_answer(app: ASGIApp) -> ASGIApp:
    """A first edit is committed; half of the answer's body comes, then nothing until it times out.

    The connection stays open as long as the client waits.
    """
    return _first(app, spoilt(app, stalled))


def dripping_answer(app: ASGIApp, milliseconds: int = 1000) -> ASGIApp:
    """A first edit is committed; the answer's body comes in twenty pieces over one second.

    `dripping-answer-N` makes it N ms.
    """
    return _first(app, dripping(app, milliseconds / 1000))


def error_after_commit(app: ASGIApp) -> ASGIApp:
    """A first edit is committed and answered 500."""
    return _first(app, spoilt(app, lambda _: _BROKEN))


def error_before_commit(app: ASGIApp) -> ASGIApp:
    """A first edit is answered 500 and commits nothing."""
    return _first(app, _BROKEN)


def validation(app: ASGIApp) -> ASGIApp:
    """A first edit is answered 422 with error code 2 and commits nothing."""
    return _first(app, _enveloped(422, VALIDATION, "The request is invalid"))


def throttled(app: ASGIApp, milliseconds: int = 1000) -> ASGIApp:
    """A first edit is answered 429 with `Retry-After: 1` and commits nothing.

    `throttled-N` asks for N ms, though HTTP knows whole seconds only.
    """
    rest = {"Retry-After": f"{milliseconds / 1000:g}"}
    return _first(app, PlainTextResponse("Too Many Requests", 429, rest))


def redirect(app: ASGIApp) -> ASGIApp:
    """A first edit is answered 302 and commits nothing; the address echoes the URL and token."""

    async def sent_away(scope: Scope, receive: Receive, send: Send) -> None:
        came_from = quote(f"{scope['path']}?{scope['query_string'].decode('latin-1')}", safe="")
        await RedirectResponse(f"/login?ReturnUrl={came_from}", 302)(scope, receive, send)

    return _first(app, sent_away)


def expired_at_edit(app: ASGIApp) -> ASGIApp:
    """A first edit is refused, for its token is expired from then on, for every operation.

    The second attempt needs another token; the first edit of the next SCO ends that one too.
    """
    expired: set[str] = set()

    async def refused(scope: Scope, receive: Receive, send: Send) -> None:
        expired.add(_token(scope))
        await app(asking(scope, access_token="expired"), receive, send)  # noqa: S106

    edits = _first(app, refused)

    async def aged(scope: Scope, receive: Receive, send: Send) -> None:
        if _token(scope) in expired:
            scope = asking(scope, access_token="expired")  # noqa: S106
            await app(scope, receive, send)
        else:
            await edits(scope, receive, send)

    return aged


def _token(scope: Scope) -> str:
    return QueryParams(scope["query_string"]).get("access_token", "")


def _first(app: ASGIApp, other: ASGIApp) -> ASGIApp:
    """`other` in place of the app at the first edit of each (assignment_status_id, sco_id)."""
    seen: set[tuple[str, str]] = set()

    async def once(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != EDIT:
            await app(scope, receive, send)
            return
        content = await whole(receive)
        key = _key(content)
        is_first = key is not None and key not in seen
        if key is not None:
            seen.add(key)
        await (other if is_first else app)(scope, again(content, receive), send)

    return once


def _key(content: bytes) -> tuple[str, str] | None:
    """The write key of a body, or None where the app will refuse it."""
    try:
        body = json.loads(content)
        return body["assignment_status_id"].lower(), str(body["sco_id"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _enveloped(status: int, code: int, message: str = "") -> Response:
    body = json.dumps(envelope(code, message))
    return Response(body, status, media_type="application/json")
