"""Places in apply at which a process can be killed: functions wrapped, nothing else changed."""

import mmap
import os
import signal
import time
from contextlib import contextmanager

from scormaudit.apply import _Run, apply
from scormaudit.journal import Journal
from scormaudit.lms.client import Client, Editor
from scormaudit.lms.transport import SecretTransport

from .case import PLACES
from .lms import SENT

_KINDS = ("intent", "outcome", "result")
_WIRE = {
    "connection.connect_tcp.complete": "connected",
    "http11.send_request_headers.complete": "half-sent",
    "http11.send_request_body.complete": "sent",
    "http11.receive_response_headers.complete": "half-received",
    "http11.receive_response_body.complete": "received",
}


class Seen:
    """How often each place was come by, in memory that outlives the process that counts."""

    def __init__(self):
        self._counts = mmap.mmap(-1, len(PLACES))

    def add(self, place):
        """Once more; how often that makes, 255 at the most."""
        index = PLACES.index(place)
        self._counts[index] = min(255, self._counts[index] + 1)
        return self._counts[index]


def arm(moment, seen):
    """From now on this process dies when it comes to the moment: a place, and how often.

    `seen` counts on from what the processes before it came by.
    """

    def strike(place):
        if (place, seen.add(place)) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    if moment is not None and moment[0] not in PLACES:
        raise ValueError(moment)
    _arm_reads(strike)
    _arm_journal(strike)
    _arm_edits(strike)


def _arm_reads(strike):
    """A read-back is told from a read before by who asks; within is between its two pages."""
    reading, page, back, wait = apply.__globals__["_read"], Client.page, _Run._read_back, _Run._wait
    place, pages = ["read"], [0]

    def read(*args):
        strike(f"{place[0]}-before")
        pages[0] = 0
        found = reading(*args)
        strike(f"{place[0]}-after")
        return found

    def paged(*args, **kwargs):
        found = page(*args, **kwargs)
        pages[0] += 1
        if pages[0] == 1:
            strike(f"{place[0]}-within")
        return found

    def read_back(*args):
        place[0] = "back"
        try:
            return back(*args)
        finally:
            place[0] = "read"

    def waited(*args):
        strike("settle-before")
        wait(*args)
        strike("settle-after")

    apply.__globals__["_read"], Client.page = read, paged
    _Run._read_back, _Run._wait = read_back, waited


def _arm_journal(strike):
    real = Journal.append

    def append(self, kind, **facts):
        place = kind if kind in _KINDS else "open"
        strike(f"{place}-before")
        seq = real(self, kind, **facts)
        strike(f"{place}-after")
        return seq

    Journal.append = append


def _arm_edits(strike):
    real, request = Editor.edit, SecretTransport.handle_request

    def edit(self, body):
        strike("send-before")
        with _traced(request, strike):
            answer = real(self, body)
        strike("send-after")
        return answer

    Editor.edit = edit


@contextmanager
def _traced(request, strike):
    """Requests made meanwhile come by the places of the wire, and say when they were made.

    So the oracle knows an edit that reached the server long after it was given up.
    """
    sent = repr(time.time())

    def trace(event, _):
        if event in _WIRE:
            strike(_WIRE[event])

    def handle(self, asked):
        asked.headers[SENT] = sent
        asked.extensions = {**asked.extensions, "trace": trace}
        return request(self, asked)

    SecretTransport.handle_request = handle
    try:
        yield
    finally:
        SecretTransport.handle_request = request
