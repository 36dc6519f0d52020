"""Pages that are not what was asked for, or not what they were a moment ago."""

import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from zlib import crc32

from starlette.datastructures import QueryParams
from starlette.types import ASGIApp, Receive, Scope, Send

from scormaudit.sandbox.api import MOST_PER_PAGE
from scormaudit.sandbox.fault_exchange import READ, Reply, again, ask, asking, whole
from scormaudit.sandbox.refusal import envelope

SIZE = 2
Items = list[dict[str, Any]]


def clamped_pages(app: ASGIApp) -> ASGIApp:
    """A page never holds more than two SCOs, whatever `per_page` says."""
    return _asking(app, "per_page", lambda size: min(size, SIZE) if size > 0 else SIZE)


def pages_from_zero(app: ASGIApp) -> ASGIApp:
    """Page 0 is the first and page 1 the second; without a number it is the first."""
    return _asking(app, "page", lambda page: max(page, 0) + 1)


def repeated_page(app: ASGIApp) -> ASGIApp:
    """Page 2 is page 1 once more; the pages after it are themselves."""
    return _asking(app, "page", lambda page: 1 if page == 2 else page)


def _asking(app: ASGIApp, name: str, change: Callable[[int], int]) -> ASGIApp:
    """Changes a number in the query of each read; what is no number is the app's to refuse."""

    async def changed(scope: Scope, receive: Receive, send: Send) -> None:
        number = _number(scope, name) if scope["path"] == READ else None
        if number is not None:
            scope = asking(scope, **{name: change(number)})
        await app(scope, receive, send)

    return changed


def _number(scope: Scope, name: str) -> int | None:
    """A number of the query; 0 where it is left out, None where it is something else."""
    text = QueryParams(scope["query_string"]).get(name) or "0"
    return int(text) if re.fullmatch(r"[+-]?\d{1,10}", text, re.ASCII) else None


def endless_pages(app: ASGIApp) -> ASGIApp:
    """No page is empty: each one past the end holds a SCO that no other page has."""

    async def endless(scope: Scope, receive: Receive, send: Send, content: bytes) -> None:
        reply = await ask(app, scope, again(content, receive))
        if reply is not None and (reply.status, reply.body) == (200, b"[]"):
            names = json.loads(content)["cmi_element_names"]
            page = max(_number(scope, "page") or 0, 1)
            reply = _listing([_blank(f"endless_{page:09}", names)])
        if reply is not None:
            await reply(scope, receive, send)

    return _reading(app, endless)


def _blank(sco_id: str, names: list[str]) -> dict[str, Any]:
    fields = [{"cmi_element_name": name} for name in names]
    return {"title": "", "sco_id": sco_id, "cmi_fields": fields, **envelope()}


def moving_pages(app: ASGIApp) -> ASGIApp:
    """Pages hold two SCOs, and a record of more moves after its page 1 was read, twice.

    Of three moves the record's ids choose two: the first SCO is removed (another is missed), one
    is inserted before all (another is seen twice), the first takes an id after all (another is
    missed, it is seen under both). Then the record rests: the first two passes are wrong, all
    later ones are right and agree.
    """
    passes: Counter[bytes] = Counter()

    async def moving(scope: Scope, receive: Receive, send: Send, content: bytes) -> None:
        page, size = _number(scope, "page"), _number(scope, "per_page")
        everything = asking(scope, page=1, per_page=MOST_PER_PAGE)
        reply = await ask(app, everything, again(content, receive))
        if page is None or size is None or reply is None or reply.status != 200:
            await app(scope, again(content, receive), send)
            return
        key = _key(content)
        items = _moved(json.loads(reply.body), key, passes[key])
        passes[key] += page <= 1
        size = min(size, SIZE) if size > 0 else SIZE
        start = (max(page, 1) - 1) * size
        await _listing(items[start : start + size])(scope, receive, send)

    return _reading(app, moving)


def _moved(items: Items, key: bytes, passes: int) -> Items:
    if len(items) > SIZE:
        first = crc32(key)
        for turn in range(min(passes, 2)):
            items = _MOVES[(first + turn) % 3](items)
    return sorted(items, key=lambda item: str(item["sco_id"]))


_MOVES: tuple[Callable[[Items], Items], ...] = (
    lambda items: items[1:],
    lambda items: [{**items[0], "sco_id": "!inserted", "title": "Inserted"}, *items],
    lambda items: [*items[1:], {**items[0], "sco_id": "~renamed"}],
)


def _key(content: bytes) -> bytes:
    """The read key of a body that the app accepted."""
    body = json.loads(content)
    return f"{body['enrollment_id']}/{body['assignment_id']}".lower().encode()


def _listing(items: Items) -> Reply:
    body = json.dumps(items).encode()
    length = str(len(body)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    return Reply(200, headers, body)


def _reading(
    app: ASGIApp, answer: Callable[[Scope, Receive, Send, bytes], Awaitable[None]]
) -> ASGIApp:
    """`answer` gets each read and its body; everything else is the app's."""

    async def read(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == READ:
            await answer(scope, receive, send, await whole(receive))
        else:
            await app(scope, receive, send)

    return read
