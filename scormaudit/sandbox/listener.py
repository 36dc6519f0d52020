"""A socket that listens from the first moment, and uvicorn that stops when it is told."""

import asyncio
import os
import socket
import threading
from types import FrameType

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from scormaudit.errors import SettingsError

HOST = "127.0.0.1"


def bound(port: int) -> socket.socket:
    """A listening socket: who connects before the server runs waits instead of failing.

    The protocol is named because asyncio sets TCP_NODELAY only where it is: without it each
    answer waits 40 ms for an acknowledgement.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
    except (OSError, OverflowError) as fault:
        listener.close()
        raise SettingsError(
            f"cannot listen ({getattr(fault, 'strerror', None) or fault}).",
            where=f"{HOST}:{port}",
            todo="Choose another port; 0 takes any free one.",
        ) from None
    return listener


class Protocol(H11Protocol):
    """Gives the app each request's transport, as `transport` of its state, for a fault to cut."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection has one transport, and so have all its requests."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Listener(uvicorn.Server):
    """uvicorn looks ten times a second whether it should stop; this one is woken.

    One sandbox a test is then cheap.
    """

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="asyncio",
                http=Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                date_header=False,
                server_header=False,
            )
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self.ready = threading.Event()

    async def main_loop(self) -> None:
        """Runs until woken."""
        self._loop = asyncio.get_running_loop()
        self.ready.set()
        if not self.should_exit:
            await self._wake.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        """Closes idle connections at once; the others have a second to get their answers.

        What still runs without a connection, a late commit, is waited for.
        """
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        patience = 1000
        while self.server_state.connections and patience > 0:
            patience -= 1
            await asyncio.sleep(0 if patience > 990 else 0.001)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=10)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """SIGINT and SIGTERM end the server, and nothing else."""
        self.stop()

    def stop(self) -> None:
        """Wakes the loop, from any thread or from a signal."""
        self.should_exit = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)
