"""A sandbox with faults and a client that says in a word what came of each request."""

import json
import socket
from contextlib import ExitStack, contextmanager

import httpx

from scormaudit.sandbox import Attempt, Sandbox, Sco

from .known import ASSIGNMENT, EDIT, ENROLLMENT, READ, STATUS

SCOS = [Sco(f"sco_{letter}", letter.upper()) for letter in "abcde"]
KEYS = {"enrollment_id": ENROLLMENT, "assignment_id": ASSIGNMENT}
NAMES = ["cmi.core.lesson_status", "cmi.suspend_data"]


class Faulty:
    """One record of five SCOs, unless told otherwise, read and edited through faults."""

    def __init__(self, *faults, attempts=None):
        attempts = attempts or [Attempt(ENROLLMENT, ASSIGNMENT, STATUS, scos=SCOS)]
        self.sandbox = Sandbox.of(attempts, faults=faults).start()
        self.params = {"access_token": self.sandbox.token}
        self.http = httpx.Client(base_url=self.sandbox.base_url, timeout=10)

    def close(self):
        self.http.close()
        self.sandbox.stop()

    def read(self, keys=KEYS, **params):
        """The answer to a read of the two elements."""
        body = {**keys, "cmi_element_names": NAMES}
        return self.http.post(READ, json=body, params=self.params | params)

    def reads(self, times):
        """What became of so many reads in a row."""
        return [outcome(self.read) for _ in range(times)]

    def ids(self, keys=KEYS, **params):
        """The SCO ids of one page."""
        return [item["sco_id"] for item in self.read(keys, **params).json()]

    def edit(self, sco_id="sco_a", **fields):
        """The answer to an edit of a SCO's location."""
        fields = {"lesson_location": "x"} | fields
        body = {"assignment_status_id": STATUS, "sco_id": sco_id, **fields}
        return self.http.post(EDIT, json=body, params=self.params)

    def edits(self):
        """The SCOs of every committed edit."""
        return [edit["sco_id"] for edit in self.sandbox.edits()]

    def raw(self, path, body):
        """Everything that a bare socket gets for a POST, and the error that ends it, if any."""
        host, _, port = self.sandbox.base_url.removeprefix("http://").partition(":")
        content = json.dumps(body).encode()
        head = (
            f"POST {path}?access_token={self.sandbox.token} HTTP/1.1\r\nHost: x\r\n"
            f"Connection: close\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        with socket.create_connection((host, int(port)), timeout=10) as wire:
            wire.sendall(head.encode() + content)
            found = b""
            try:
                while piece := wire.recv(65536):
                    found += piece
            except ConnectionResetError:
                return found, "reset"
        return found, "closed"


def outcome(call, *args, **options):
    """A status, or what broke; `empty` and `html` for a 200 that is none."""
    try:
        answer = call(*args, **options)
    except httpx.ReadError:
        return "reset"
    except httpx.RemoteProtocolError:
        return "half"
    if answer.status_code != 200:
        return answer.status_code
    if "html" in answer.headers["content-type"]:
        return "html"
    return 200 if answer.content else "empty"


@contextmanager
def silent(caplog):
    """Makes sandboxes as Faulty does; at the end nothing was logged, stopping them included."""
    caplog.set_level("WARNING")
    with ExitStack() as stack:

        def make(*faults, **options):
            bench = Faulty(*faults, **options)
            stack.callback(bench.close)
            return bench

        yield make
    assert [] == caplog.get_records("call") + caplog.get_records("teardown")
