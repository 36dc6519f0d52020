"""What happens to a read between the server and its client."""

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send

from scormaudit.sandbox import fault_exchange
from scormaudit.sandbox.fault_exchange import Reply, again, ask, every, gone, halved, spoilt, whole

DRIP_SECONDS, DRIP_PIECES = 1.0, 20


def latency(app: ASGIApp, milliseconds: int = 10) -> ASGIApp:
    """Every request, edits too, takes 10 ms longer; `latency-N` makes it N ms."""

    async def late(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(milliseconds / 1000)
        await app(scope, receive, send)

    return late


def slow_drip(app: ASGIApp) -> ASGIApp:
    """The body of every 5th read comes in twenty pieces over one second, headers at once.

    No pause is longer than 50 ms, unless the body has fewer than twenty bytes.
    """
    return every(5, app, dripping(app, DRIP_SECONDS))


def dripping(app: ASGIApp, seconds: float) -> ASGIApp:
    """The app, but the body of what it answers comes in twenty pieces over so many seconds."""

    async def drip(scope: Scope, receive: Receive, send: Send) -> None:
        reply = await ask(app, scope, receive)
        if reply is None:
            return
        await reply.begin(send)
        size = max(1, -(-len(reply.body) // DRIP_PIECES))
        starts = range(0, len(reply.body), size)
        for start in starts:
            if not await _stays(receive, seconds / len(starts)):
                return
            piece = reply.body[start : start + size]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body"})

    return drip


def stalled(reply: Reply) -> ASGIApp:
    """Promises the length of the whole body, sends its first half and waits for the other side."""

    async def half(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        await reply.begin(send)
        body = reply.body[: len(reply.body) // 2]
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await gone(receive)

    return half


async def _stays(receive: Receive, seconds: float) -> bool:
    """Whether the client is still there after a while."""
    try:
        async with asyncio.timeout(seconds):
            await gone(receive)
    except TimeoutError:
        return True
    return False


def half_body(app: ASGIApp) -> ASGIApp:
    """Every 4th read is promised a whole body, gets half of it, and the connection closes."""
    return every(4, app, spoilt(app, halved))


def reset(app: ASGIApp) -> ASGIApp:
    """Every 6th read finds its connection reset before a byte of an answer."""
    return every(6, app, fault_exchange.reset)


def duplicate_delivery(app: ASGIApp) -> ASGIApp:
    """Each POST is carried out twice, as by a proxy that sends again; the second answers.

    `Sandbox.requests` counts what clients sent, so it counts one.
    """

    async def twice(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            content = await whole(receive)
            await ask(app, scope, again(content, receive))
            receive = again(content, receive)
        await app(scope, receive, send)

    return twice
