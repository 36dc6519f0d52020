"""What a server or a proxy answers in place of what was read."""

from email.utils import formatdate
from time import time

from starlette.datastructures import QueryParams
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from scormaudit.sandbox.fault_exchange import READ, Reply, ask, asking, every, on_reads

PAGE = HTMLResponse("<!doctype html><title>Please wait</title>")
UNAVAILABLE = PlainTextResponse("Service Unavailable", 503)
EMPTY = Response(media_type="application/json")
READS_OF_A_TOKEN = 10
_BURST = {
    18: PlainTextResponse("Internal Server Error", 500),
    19: PlainTextResponse("Bad Gateway", 502),
    0: UNAVAILABLE,
}


def throttled(seconds: int) -> Response:
    """A 429 that says how many seconds to wait."""
    return PlainTextResponse("Too Many Requests", 429, {"Retry-After": str(seconds)})


def retry_after_seconds(app: ASGIApp) -> ASGIApp:
    """Every 6th read is answered 429 with `Retry-After: 1`."""
    return every(6, app, throttled(1))


def retry_after_date(app: ASGIApp) -> ASGIApp:
    """Every 6th read is answered 503 with a date, the whole second nearest to one from now."""

    async def later(scope: Scope, receive: Receive, send: Send) -> None:
        date = formatdate(round(time()) + 1, usegmt=True)
        answer = PlainTextResponse("Service Unavailable", 503, {"Retry-After": date})
        await answer(scope, receive, send)

    return every(6, app, later)


def server_error(app: ASGIApp) -> ASGIApp:
    """Every 5th read is answered 503."""
    return every(5, app, UNAVAILABLE)


def server_error_burst(app: ASGIApp) -> ASGIApp:
    """Of every twenty reads the last three are answered 500, 502 and 503."""
    return on_reads(app, lambda turn: _BURST.get(turn % 20), most=3)


def html_page(app: ASGIApp) -> ASGIApp:
    """Every 7th read meets a proxy that answers 200 with a page of its own."""
    return every(7, app, PAGE)


def wrong_type(app: ASGIApp) -> ASGIApp:
    """Every read comes as text/plain, right as its JSON may be; each 6th is 200 with no body."""
    below = every(6, app, EMPTY)

    async def typed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != READ:
            await app(scope, receive, send)
            return
        reply = await ask(below, scope, receive)
        if reply is not None:
            kept = [header for header in reply.headers if header[0] != b"content-type"]
            headers = [*kept, (b"content-type", b"text/plain; charset=utf-8")]
            await Reply(reply.status, headers, reply.body)(scope, receive, send)

    return typed


def expired_token(app: ASGIApp) -> ASGIApp:
    """The first token that reads ten times is expired from then on, for every operation.

    Tokens that Authenticate gives afterwards are good; a second one does not expire.
    """
    reads: dict[str, int] = {}
    expired: set[str] = set()

    async def aged(scope: Scope, receive: Receive, send: Send) -> None:
        token = QueryParams(scope["query_string"]).get("access_token", "")
        if token in expired:
            scope = asking(scope, access_token="expired")  # noqa: S106
        elif scope["path"] == READ and not expired:
            reads[token] = reads.get(token, 0) + 1
            if reads[token] == READS_OF_A_TOKEN:
                expired.add(token)
        await app(scope, receive, send)

    return aged
