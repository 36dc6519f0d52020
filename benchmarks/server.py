"""An LMS that makes every record up from its id: one SCO with all scalar elements.

It is a process of its own, speaks HTTP/1.1 over loopback and keeps connections open. No two
records have the same suspend data, so that nothing is saved by having seen it before.
"""

import argparse
import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import shake_256
from pathlib import Path
from urllib.request import urlopen

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
_FIRST_PAGE = re.compile(rb"[?&]page=1[& ]")
_LENGTH = re.compile(rb"\ncontent-length: *(\d+)", re.IGNORECASE)
_COUNT = b"GET /requests "
_VALUES = {
    "cmi.core.student_id": "learner",
    "cmi.core.student_name": "Example, Ada",
    "cmi.core.lesson_status": "passed",
    "cmi.core.lesson_location": "page-17",
    "cmi.core.credit": "credit",
    "cmi.core.entry": "",
    "cmi.core.score.raw": "85",
    "cmi.core.total_time": "0001:07:44.25",
    "cmi.core.exit": "suspend",
    "cmi.core.session_time": "00:12:00.50",
    "cmi.student_data.mastery_score": "70",
    "cmi.objectives._count": "0",
    "cmi.interactions._count": "0",
}


class Lms(asyncio.Protocol):
    """Answers GetCmiData, each request `latency` seconds after it came, and counts them."""

    latency = 0.0
    size = 4096
    requests = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for requests."""
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport, self.waiting = transport, b""

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self.latency
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            head = self.waiting[:end]
            found = _LENGTH.search(head)
            stop = end + 4 + (int(found[1]) if found else 0)
            if len(self.waiting) < stop:
                return
            body, self.waiting = self.waiting[end + 4 : stop], self.waiting[stop:]
            content = self.answer(head, body)
            answer = _HEAD % (len(content), content)
            if self.latency and not head.startswith(_COUNT):
                loop.call_at(due, self.transport.write, answer)
            else:
                self.transport.write(answer)

    def answer(self, head: bytes, body: bytes) -> bytes:
        """The body for one request: how many there were, a page of one SCO, or the page after."""
        if head.startswith(_COUNT):
            return str(Lms.requests).encode()
        Lms.requests += 1
        return self.page(json.loads(body)) if _FIRST_PAGE.search(head) else b"[]"

    def page(self, asked: dict[str, list[str]]) -> bytes:
        """One SCO, and in it what was asked for."""
        suspend = shake_256(str(asked["enrollment_id"]).encode()).hexdigest(self.size // 2)
        values = {**_VALUES, "cmi.suspend_data": suspend}
        fields = [
            {"cmi_element_name": name, **_value(values.get(name))}
            for name in asked["cmi_element_names"]
        ]
        item = {
            "sco_id": "lesson-1",
            "title": "A lesson",
            "start_date_utc": "2026-03-01T09:00:00.731Z",
            "exit_date_utc": "2026-03-01T09:31:00.12Z",
            "cmi_fields": fields,
            "api_error_entity": {"error_code": 0},
        }
        return json.dumps([item]).encode()


def _value(text: str | None) -> dict[str, str]:
    return {} if text is None else {"cmi_element_value": text}


@contextmanager
def serving(latency: float = 0.0) -> Iterator[str]:
    """The port of a server process; `latency` is in seconds, from a request to its answer."""
    command = [sys.executable, __file__, str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def requests_so_far(port: str) -> int:
    """How many pages the server was asked for since it began."""
    with urlopen(f"http://127.0.0.1:{port}/requests") as answer:
        return int(answer.read())


def write_worklist(path: Path, records: int) -> None:
    """Ids with two labels, as an export of an LMS would have."""
    with path.open("w", encoding="utf-8") as file:
        file.write("enrollment_id,assignment_id,assignment_status_id,learner,course\n")
        for n in range(records):
            ids = (f"{kind:08x}-0000-4000-8000-{n:012x}" for kind in (1, 2, 3))
            file.write(f"{','.join(ids)},Learner {n},Course {n % 40}\n")


async def _serve() -> None:
    """Tell the port and answer until the end."""
    server = await asyncio.get_running_loop().create_server(Lms, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("latency", nargs="?", type=float, default=0.0, help="in seconds")
    Lms.latency = parser.parse_args().latency
    asyncio.run(_serve())
