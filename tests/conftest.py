"""Servers, clients and readings that several tests share."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

import hypothesis
import pytest
import stamina

from scormaudit.fetch import fetch
from scormaudit.lms.client import Client
from scormaudit.sandbox import Sandbox
from scormaudit.snapshot import Snapshot

hypothesis.settings.register_profile("house", deadline=None)  # no test fails for being slow
hypothesis.settings.load_profile("house")


@pytest.fixture(scope="session", autouse=True)
def impatient() -> Iterator[None]:
    """Reads are tried again as often as ever, but without waiting."""
    with stamina.set_testing(True, attempts=10, cap=True):
        yield


@pytest.fixture(scope="session")
def practice() -> Iterator[Sandbox]:
    """A started sandbox with 200 seeded records; never change it, use `fresh` for that."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def client(practice: Sandbox) -> Iterator[Client]:
    """A client of `practice` that may read and edit; only read with it."""
    with Client(practice.base_url, practice.token) as client:
        yield client


@pytest.fixture(scope="session")
def fetched(
    practice: Sandbox, client: Client, tmp_path_factory: pytest.TempPathFactory
) -> Snapshot:
    """A complete snapshot of `practice`; never write into its folder."""
    return fetch(client, practice.worklist, tmp_path_factory.mktemp("fetched") / "snapshot")


@pytest.fixture
def fresh() -> Iterator[Callable[..., Sandbox]]:
    """Makes started sandboxes that a test may change: `fresh(attempts=…)`, `fresh(records=9)`."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(Sandbox(**options))


class Stub(ThreadingTCPServer):
    """Gives one answer to every request and closes the connection; keeps what it was asked."""

    daemon_threads = True
    block_on_close = False
    url = property(lambda self: f"http://127.0.0.1:{self.server_address[1]}")

    def __init__(self, answer: Any) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.answer = answer
        self.targets: list[str] = []


class _Exchange(StreamRequestHandler):
    server: Stub

    def handle(self) -> None:
        head = [self.rfile.readline()]
        while head[-1].strip():
            head.append(self.rfile.readline())
        lengths = [line.split(b":")[1] for line in head if line.lower().startswith(b"content-l")]
        body = self.rfile.read(int(lengths[0]) if lengths else 0)
        self.server.targets.append(head[0].split()[1].decode())
        answer = self.server.answer
        answer = answer(body) if callable(answer) else answer
        if answer is None:
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.rfile.close()
            self.request.close()
        else:
            self.wfile.write(answer if isinstance(answer, bytes) else _spelt(*answer))


def _spelt(status: int, body: bytes, *headers: str, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {size}", "Connection: close", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


@pytest.fixture
def stub() -> Iterator[Callable[..., Stub]]:
    """Makes servers that do what the sandbox never does.

    The answer is raw bytes, or a tuple (status, body, *headers), or None to reset the
    connection, or a function from the request's body to one of these.
    """
    with ExitStack() as stack:

        def serve(answer: Any) -> Stub:
            server = stack.enter_context(Stub(answer))
            loop = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
            loop.start()
            stack.callback(loop.join)
            stack.callback(server.shutdown)
            return server

        yield serve


@pytest.fixture
def refused() -> Iterator[str]:
    """The base URL of a port that is taken but does not listen."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def pytest_terminal_summary(terminalreporter):
    """The figures of the crash tests stand at the end of the run, however quiet it is."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    figures = [
        text
        for report in reports
        for name, text in getattr(report, "user_properties", ())
        if name == "figures"
    ]
    for line in dict.fromkeys(figures):
        terminalreporter.write_line(line)
