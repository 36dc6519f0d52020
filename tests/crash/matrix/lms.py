"""The LMS of a run, in a process of its own: the sandbox, and a witness of all that it does."""

import asyncio
import hashlib
import http.client
import json
import os
import signal
import threading
import time
from contextlib import suppress
from contextvars import ContextVar

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from scormaudit.sandbox import Attempt, Sco
from scormaudit.sandbox.access import Access
from scormaudit.sandbox.api import Api
from scormaudit.sandbox.fault_exchange import EDIT, again, whole
from scormaudit.sandbox.faults import wrap
from scormaudit.sandbox.listener import HOST, Listener, bound
from scormaudit.sandbox.store import Store

from .behaviour import KNOWN, SAME

TOKEN = "a-token-of-the-matrix"
SENT = "x-sent"
THIRD = "resume"
CMI = {
    "cmi.core.lesson_status": "incomplete",
    "cmi.core.entry": "ab-inito",
    "cmi.core.exit": "suspend",
    "cmi.core.credit": "credit",
    "cmi.core.lesson_mode": "normal",
    "cmi.core.total_time": "00:10:00",
    "cmi.core.session_time": "00:05:00",
    "cmi.core.score.raw": "",
    "cmi.suspend_data": "p=3",
}
_ARRIVAL = ContextVar("arrival", default=0)


def uuid(number):
    """A UUID that a reader can count."""
    return f"00000000-0000-4000-8000-{number:012}"


ATTEMPTS = [
    Attempt(
        uuid(n), uuid(100 + n), uuid(200 + n), f"Learner {n}", "Course",
        [Sco("sco", "Lesson", "2026-03-02T10:00:00Z", "2026-03-02T10:20:00Z", cmi=CMI)],
    )
    for n in (1, 2, 3, 4)
]  # fmt: skip


class Witnessed(Store):
    """A store that says what it shows and what it commits, and lends itself to another hand."""

    def __init__(self, events, hand):
        super().__init__(None)
        self.fill(ATTEMPTS)
        self._events, self._hand = events, hand
        self._touched = set()

    def page(self, status_id, size, start):
        self._meddle("read", status_id, "sco")
        found = list(super().page(status_id, size, start))
        for _, state in found:
            self._events.append({"kind": "read", "key": status_id, "cmi": state["cmi"]})
        return iter(found)

    def change(self, status_id, sco_id, values, edit=None):
        self._meddle("before", status_id, sco_id)
        known = super().change(status_id, sco_id, values, edit)
        event = {"kind": "commit", "key": status_id, "arrival": _ARRIVAL.get(), "at": time.time()}
        self._events.append(event)
        self._meddle("after", status_id, sco_id)
        return known

    def _meddle(self, moment, status_id, sco_id):
        """Another hand writes once into each record."""
        if self._hand is None or self._hand[0] != moment or status_id in self._touched:
            return
        self._touched.add(status_id)
        super().change(status_id, sco_id, {self._hand[1]: THIRD})
        if self._hand[1] == SAME:
            self._events.append({"kind": "hand", "key": status_id})


class Witness:
    """The sandbox behind one address, made anew for each run."""

    def __init__(self):
        self._running = self._arrivals = 0
        self.begin("none")

    def begin(self, name):
        """A fresh LMS of this behaviour; the user and password of its token service."""
        behaviour = KNOWN[name]
        self.events = []
        self.store = Witnessed(self.events, behaviour.hand)
        access = Access(TOKEN)
        self._app = wrap(Api(self.store, access).app(), behaviour.faults)
        return {"username": access.username, "password": access.password}

    async def end(self):
        """All that happened, when nothing is on its way any more; late commits are waited for."""
        while self._running:
            await asyncio.sleep(0.002)
        found = {"events": self.events, "edits": self.store.edits()}
        self.store.close()
        return found

    async def __call__(self, scope, receive, send):
        path = scope["path"]
        if path.startswith("/begin/"):
            await JSONResponse(self.begin(path.removeprefix("/begin/")))(scope, receive, send)
        elif path == "/end":
            await JSONResponse(await self.end())(scope, receive, send)
        else:
            self._running += 1
            try:
                with suppress(ClientDisconnect):
                    await self._serve(scope, receive, send)
            finally:
                self._running -= 1

    async def _serve(self, scope, receive, send):
        if scope["path"] == EDIT:
            content = await whole(receive)
            receive = again(content, receive)
            self._arrivals += 1
            _ARRIVAL.set(self._arrivals)
            event = {
                "kind": "arrival",
                "key": json.loads(content)["assignment_status_id"],
                "arrival": self._arrivals,
                "sha256": hashlib.sha256(content).hexdigest(),
                "sent": float(dict(scope["headers"])[SENT.encode()]),
            }
            self.events.append(event)
        await self._app(scope, receive, send)


class Lms:
    """A handle on the process that serves; it ends with the process that started it."""

    def __init__(self):
        listening = bound(0)
        self._port = listening.getsockname()[1]
        self.base_url = f"http://{HOST}:{self._port}"
        watched, self._lifeline = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            os.close(self._lifeline)
            threading.Thread(target=_until_orphaned, args=(watched,), daemon=True).start()
            try:
                Listener(Witness()).run([listening])
            finally:
                os._exit(1)
        os.close(watched)
        listening.close()

    def begin(self, behaviour):
        """See Witness.begin."""
        return self._ask(f"/begin/{behaviour}".replace(" ", "%20"))

    def end(self):
        """See Witness.end."""
        return self._ask("/end")

    def stop(self):
        """End the process."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._lifeline)

    def _ask(self, path):
        connection = http.client.HTTPConnection(HOST, self._port, timeout=60)
        try:
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


def _until_orphaned(watched):
    os.read(watched, 1)
    os._exit(0)
