"""One request and its answer taken apart, so that a fault can come between the two."""

import os
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scormaudit.sandbox.api import PATHS

Fault = Callable[[ASGIApp], ASGIApp]
READ, EDIT = PATHS["GetCmiData"], PATHS["EditScormData"]
_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that has not been sent yet; it is an ASGI application that sends itself."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Sends all of it."""
        await self.begin(send)
        await send({"type": "http.response.body", "body": self.body})

    async def begin(self, send: Send) -> None:
        """Sends the status and the headers, among them how long the body will be."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})


async def ask(app: ASGIApp, scope: Scope, receive: Receive) -> Reply | None:
    """What the app answers, kept back; None where a fault below it cut the connection."""
    sent: list[Message] = []

    async def keep(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, keep)
    if not sent:
        return None
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Reply(sent[0]["status"], list(sent[0]["headers"]), body)


async def whole(receive: Receive) -> bytes:
    """The body of a request; ClientDisconnect is raised where the client has left."""
    content, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        content += message.get("body", b"")
        more = message.get("more_body", False)
    return content


def again(content: bytes, receive: Receive) -> Receive:
    """Receives a body that was read before, then whatever follows it."""
    pending: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]

    async def replayed() -> Message:
        return pending.pop() if pending else await receive()

    return replayed


def asking(scope: Scope, **values: Any) -> Scope:
    """The same request with other values in its query."""
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if name not in values]
    return {**scope, "query_string": urlencode([*kept, *values.items()]).encode()}


async def gone(receive: Receive) -> None:
    """Returns when the connection is closed, from whichever side."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def reset(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
    """Breaks the connection: the client sees a reset, and what was not sent yet is lost."""
    transport = scope["state"]["transport"]
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
    transport.abort()
    await gone(receive)


async def hang_up(scope: Scope, receive: Receive) -> None:
    """Closes the connection after what was sent, however little of the answer that is."""
    scope["state"]["transport"].close()
    await gone(receive)


def halved(reply: Reply) -> ASGIApp:
    """Promises the length of the whole body, sends its first half and hangs up."""

    async def half(scope: Scope, receive: Receive, send: Send) -> None:
        await reply.begin(send)
        body = reply.body[: len(reply.body) // 2]
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await hang_up(scope, receive)

    return half


def spoilt(app: ASGIApp, spoil: Callable[[Reply], ASGIApp]) -> ASGIApp:
    """The app, but what `spoil` makes of a 200 is sent; other answers pass."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        reply = await ask(app, scope, receive)
        if reply is not None:
            await (spoil(reply) if reply.status == 200 else reply)(scope, receive, send)

    return answered


def on_reads(app: ASGIApp, pick: Callable[[int], ASGIApp | None], most: int = 1) -> ASGIApp:
    """`pick` says, by the number of the read from 1, who answers it; None is the app.

    The same request is picked at most so often in a row, however many others fall between its
    attempts: a client that is patient enough always gets through.
    The request is read first: who writes to a connection that was reset learns less of it.
    """
    turns = count(1)
    picked: dict[tuple[bytes, bytes], int] = {}

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        other = None
        if scope["path"] == READ:
            content = await whole(receive)
            receive = again(content, receive)
            request, turn = (scope["query_string"], content), next(turns)
            times = picked.pop(request, 0)
            other = pick(turn) if times < most else None
            if other is not None:
                picked[request] = times + 1
        await (other or app)(scope, receive, send)

    return counted


def every(number: int, app: ASGIApp, other: ASGIApp) -> ASGIApp:
    """`other` in place of the app at each `number`th read, but never twice in a row for one."""
    return on_reads(app, lambda turn: None if turn % number else other)
