"""Many cases, on workers that are forks of this process: it must not have threads."""

import gc
import json
import os
import shutil
import sys
import tempfile
import traceback
from functools import lru_cache
from pathlib import Path

import httpx

from scormaudit.lms.client import Client

from .bench import planned
from .worker import work

WORKERS = 8 * (os.cpu_count() or 1)
_MEMORY = "/dev/shm"


def campaign(cases, workers=WORKERS):
    """What became of each case, as it comes, in no order.

    Most of a run is waiting for settle times, so there are more workers than processors.
    Nothing here speaks TLS: one context for all saves a fifth of the time. Nothing has to
    outlive a power cut: journals are kept in memory where the system can, so that a sync is cheap.
    """
    httpx.create_ssl_context = lru_cache(httpx.create_ssl_context)
    Client("http://127.0.0.1", "nobody").close()
    with tempfile.TemporaryDirectory(dir=_MEMORY if _is_roomy(_MEMORY) else None) as folder:
        plan = planned(Path(folder) / "plan.json")
        gc.freeze()
        numbered = list(enumerate(cases))
        shares = [share for n in range(workers) if (share := numbered[n::workers])]
        reading, writing = os.pipe()
        pids = [_forked(plan, Path(folder) / f"{n}", s, writing) for n, s in enumerate(shares)]
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as told:
            yield from map(json.loads, told)
        if any(os.waitpid(pid, 0)[1] for pid in pids):
            sys.exit("a worker broke")


def _is_roomy(folder):
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > 1 << 30


def _forked(plan, folder, cases, writing):
    pid = os.fork()
    if not pid:
        try:
            folder.mkdir()
            # One write of less than a pipe's 4 KiB is whole, whoever else writes.
            work(plan, folder, cases, lambda f: os.write(writing, json.dumps(f).encode() + b"\n"))
        except BaseException:  # noqa: BLE001 - a fork must never come back
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return pid
