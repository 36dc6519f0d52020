"""The sandbox as a thread or as a process: one socket, one store, one loop."""

import csv
import os
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from scormaudit.errors import SettingsError
from scormaudit.privacy import open_file
from scormaudit.sandbox import faults as fault_table
from scormaudit.sandbox import recordings as recorded
from scormaudit.sandbox.access import Access
from scormaudit.sandbox.api import PATHS, Api
from scormaudit.sandbox.attempt import Attempt, Label
from scormaudit.sandbox.listener import HOST, Listener, bound
from scormaudit.sandbox.seed import seeded
from scormaudit.sandbox.store import WORKLIST, Store


class Sandbox:
    """A NexPort on this machine; it owns its port from the first moment.

    `db` keeps the state in a file; a file that has state already is served as it is, and
    `records`, `seed` and `recordings` are then without effect.
    `recordings` is a folder whose files replace the seeded records.
    Use it as a context manager, or call `stop` when done; it cannot be started again.
    """

    def __init__(
        self,
        records: int = 200,
        seed: int = 1,
        db: Path | None = None,
        port: int = 0,
        faults: Iterable[str] = (),
        recordings: Path | None = None,
        token: str | None = None,
        *,
        attempts: Iterable[Attempt] | None = None,
    ) -> None:
        names = tuple(faults)
        fault_table.check(names)
        labels: list[Label] = []
        if attempts is None:
            attempts = recorded.read(recordings) if recordings else seeded(records, seed, labels)
        self._store = Store(db)
        try:
            if self._store.is_new:
                self._store.fill(attempts, labels)
            self._socket = bound(port)
        except SettingsError:
            self._store.close()
            raise
        self._access = Access(token)
        self._requests = dict.fromkeys(PATHS, 0)
        app = fault_table.wrap(Api(self._store, self._access).app(), names)
        self._listener = Listener(_counted(app, self._requests))
        self._thread: threading.Thread | None = None
        self._final_edits: list[dict[str, Any]] | None = None
        self.base_url = f"http://{HOST}:{self._socket.getsockname()[1]}"
        self.worklist = self._store.worklist()
        self.labels = self._store.labels()

    @classmethod
    def of(
        cls,
        attempts: Iterable[Attempt],
        *,
        db: Path | None = None,
        port: int = 0,
        faults: Iterable[str] = (),
        token: str | None = None,
    ) -> Self:
        """A sandbox that serves exactly these attempts."""
        return cls(db=db, port=port, faults=faults, token=token, attempts=attempts)

    @property
    def token(self) -> str:
        """May read and edit."""
        return self._access.token

    @property
    def viewer_token(self) -> str:
        """May read only."""
        return self._access.viewer_token

    @property
    def username(self) -> str:
        """For Authenticate."""
        return self._access.username

    @property
    def password(self) -> str:
        """For Authenticate."""
        return self._access.password

    def start(self) -> Self:
        """Serves from a thread; returns when it answers."""
        if self._thread is not None or self._final_edits is not None:
            raise SettingsError("started already.", where="sandbox", todo="Build another one.")
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)
        self._thread.start()
        self._listener.ready.wait(10)
        return self

    def serve(self) -> None:
        """Serves in the foreground until SIGINT or SIGTERM, then stops."""
        try:
            self._run()
        finally:
            self.stop()

    def _run(self) -> None:
        self._listener.run([self._socket])

    def stop(self) -> None:
        """Ends the thread, the socket and the connection to the store; twice is no harm."""
        if self._final_edits is not None:
            return
        self._listener.stop()
        if self._thread is not None:
            self._thread.join()
        self._socket.close()
        self._final_edits = self._store.edits()
        self._store.close()

    def __enter__(self) -> Self:
        return self if self._thread is not None else self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def write_worklist(self, path: Path) -> Path:
        """The worklist as CSV."""
        try:
            with os.fdopen(open_file(path), "w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, WORKLIST)
                writer.writeheader()
                writer.writerows(self.worklist)
        except OSError as error:
            raise SettingsError(
                f"the worklist cannot be written ({error.strerror}).", where=str(path)
            ) from None
        return path

    def edits(self) -> list[dict[str, Any]]:
        """Every committed edit in order: seq, assignment_status_id, sco_id, body."""
        return self._store.edits() if self._final_edits is None else self._final_edits

    def requests(self) -> dict[str, int]:
        """How many requests each operation got, whatever became of them."""
        return dict(self._requests)

    def put(self, assignment_status_id: str, sco_id: str, values: Mapping[str, str | None]) -> None:
        """Changes stored values as a learner's session would, by element name or item field."""
        if not self._store.change(assignment_status_id.lower(), sco_id, values):
            raise KeyError((assignment_status_id, sco_id))

    def is_closed(self, assignment_status_id: str, sco_id: str) -> bool:
        """Whether an edit completed the SCO, after which the course may write no more."""
        state = self._store.state(assignment_status_id.lower(), sco_id)
        if state is None:
            raise KeyError((assignment_status_id, sco_id))
        return bool(state["closed"])


def _counted(app: ASGIApp, requests: dict[str, int]) -> ASGIApp:
    """Counts what comes; a client that leaves before its body was read is no error."""
    names = {path: name for name, path in PATHS.items()}

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        name = names.get(scope["path"])
        if name is not None:
            requests[name] += 1
        with suppress(ClientDisconnect):
            await app(scope, receive, send)

    return counted
