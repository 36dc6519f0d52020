"""Processes that fetch until they are killed, at a moment that can be chosen.

As a script: one fork for each line of JSON read; its pid is told at once, then how it ended.
The parent has loaded everything and has no threads, so that a fork costs next to nothing.
"""

import json
import os
import signal
import sys
import traceback
from functools import wraps
from itertools import count
from pathlib import Path

from scormaudit.fetch import fetch
from scormaudit.lms.client import Client
from scormaudit.spool import Spool

PLACES = (
    *((os, name) for name in ("mkdir", "fdopen", "replace", "unlink")),
    *((Spool, name) for name in ("_open", "begin", "put", "shelve", "close")),
)


def victim(moment, server, worklist, out, part, place=None, **options):
    """Fetch into `out`; SIGKILL before the call to the disk that `moment` counts.

    Counted are the calls at one place, which come in the same order in every run, or else all
    of them, as the threads happen to make them. What follows a call is what goes before the
    next one. Nothing is really synced: that helps against a power cut, and takes most of the
    time.
    """
    turn = count(1)

    def strike():
        if next(turn) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    def exposed(function):
        @wraps(function)
        def call(*args, **kwargs):
            strike()
            return function(*args, **kwargs)

        return call

    os.fsync = lambda _: None
    for owner, name in PLACES:
        if place in (None, name):
            setattr(owner, name, exposed(getattr(owner, name)))
    fetch.__globals__["PART"] = part
    with Client(*server) as client:
        fetch(client, worklist, Path(out), **options)


def main():
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            try:
                victim(**json.loads(line))
            except BaseException:  # noqa: BLE001 - a fork must never come back
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
