"""A fetch killed at any moment goes on as if nothing had been, and reads nothing twice."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from itertools import count
from pathlib import Path

import pytest
from victim import PLACES

from scormaudit.fetch import fetch
from scormaudit.lms.client import Client
from scormaudit.sandbox import Attempt, Sandbox, Sco
from scormaudit.snapshot import MANIFEST, read_snapshot
from scormaudit.spool import Spool
from scormaudit.worklist import read_worklist

pytestmark = pytest.mark.skipif(os.name != "posix", reason="only POSIX has SIGKILL")
PART = 4
UNKNOWN = 3


def uuid(kind, number):
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


ATTEMPTS = [
    Attempt(
        uuid(1, n), uuid(2, n), uuid(3, n), f"learner {n}", "course",
        [
            Sco(
                f"s{m}", "Title", "2026-03-01T09:00:00Z", "2026-03-01T09:30:00Z",
                {"cmi.core.lesson_status": "passed", "cmi.suspend_data": f"{n}" * 90},
                {"cmi.comments": "101 - General exception"} if n == 2 else {},
            )
            for m in range(1 + n % 2)
        ],
    )
    for n in range(7)
]  # fmt: skip


@pytest.fixture(scope="module")
def server():
    """A sandbox of seven assignments; none of them has collections, so each costs the same."""
    with Sandbox(attempts=ATTEMPTS) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def worklist(server):
    """What the sandbox knows, and in its midst one that it does not know."""
    ids = ("enrollment_id", "assignment_id", "assignment_status_id")
    strange = dict.fromkeys(server.worklist[0], "") | {name: uuid(9, 9) for name in ids}
    return [*server.worklist[:UNKNOWN], strange, *server.worklist[UNKNOWN:]]


@pytest.fixture(scope="module", autouse=True)
def small_parts():
    """Parts of four assignments, so that there are two, and no waiting for the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(fetch.__globals__, "PART", PART)
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="module")
def reader(server):
    """A client of the sandbox in the process of the test."""
    with Client(server.base_url, server.token) as client:
        yield client


@pytest.fixture(scope="module")
def calm(reader, worklist, tmp_path_factory):
    """A snapshot of a run that nobody disturbed."""
    return fetch(reader, worklist, tmp_path_factory.mktemp("calm") / "s", jobs=1)


@pytest.fixture(scope="module")
def victims(worklist):
    """Starts processes that fetch; gives the pid at once, and how it ended when asked."""
    script = [sys.executable, "-W", "error", Path(__file__).with_name("victim.py")]
    with subprocess.Popen(
        script, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as forker:

        def start(moment, server, out, **options):
            errand = {"moment": moment, "server": server, "worklist": worklist, "out": str(out)}
            print(json.dumps({**errand, "part": PART, **options}), file=forker.stdin, flush=True)
            return int(forker.stdout.readline()), lambda: int(forker.stdout.readline())

        yield start
        forker.stdin.close()


def parts(folder):
    """Every part, byte for byte."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*.parquet")
    }


def facts(folder):
    """The manifest without what is new in every run."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    return {k: v for k, v in manifest.items() if k not in ("id", "from_utc", "to_utc")}


def assert_like(calm, folder):
    """A folder is that of the calm run, with nothing beside."""
    assert parts(calm.path) == parts(folder)
    assert facts(calm.path) == facts(folder)
    files = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    assert {MANIFEST, *parts(calm.path)} == files
    read_snapshot(folder).verify()


def unread(folder, worklist, tmp_path):
    """The positions that a killed run has not finished, asked of a copy."""
    if (folder / MANIFEST).exists():
        return set()
    copy = tmp_path / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    if not folder.exists():
        return set(range(len(worklist)))
    shutil.copytree(folder, copy)
    spool = Spool(copy)
    missing = {position for position in range(len(worklist)) if position not in spool}
    spool.close()
    return missing


def cost(positions):
    """How many requests it takes to read these: a page and the empty one, or one refusal."""
    return sum(1 if p == UNKNOWN else 2 + (p - (p > UNKNOWN)) % 2 for p in positions)


def test_killed_at_every_call_to_the_disk(victims, server, reader, worklist, calm, tmp_path):
    """Killed before any call that changes the disk, the next run completes the folder.

    It is then byte for byte that of a calm run, and what was finished was not asked for again.
    """
    struck, depths, checked = 0, set(), read_worklist(worklist)
    for _, name in PLACES:
        for moment in count(1):
            folder = tmp_path / f"{name}-{moment}"
            at = (server.base_url, server.token)
            _, ended = victims(moment, at, folder, jobs=1, place=name)
            code = ended()
            if code == 0:
                break
            assert -signal.SIGKILL == code
            struck += 1
            missing = unread(folder, worklist, tmp_path)
            depths.add(len(missing))
            before = server.requests()["GetCmiData"]
            fetch(reader, checked, folder, resume=True)
            assert cost(missing) == server.requests()["GetCmiData"] - before
            assert_like(calm, folder)
    assert struck >= 40
    assert {*range(len(worklist) + 1)} == depths


@pytest.mark.parametrize("stride", [25, 29, 33])
def test_killed_again_and_again(victims, server, calm, tmp_path, stride):
    """Each run is killed in its turn until one comes to the end: the folder is the same."""
    runs = 0
    for _ in range(60):
        at = (server.base_url, server.token)
        _, ended = victims(stride, at, tmp_path / "s", jobs=3, resume=True)
        code = ended()
        runs += 1
        if code == 0:
            break
    assert 0 == code
    assert runs >= 2
    assert_like(calm, tmp_path / "s")


def test_killed_from_outside_at_every_request(victims, stub, worklist, tmp_path):
    """Killed while the LMS is being asked, whichever request it is, little is asked again.

    Each assignment that was answered whole before is asked for once, at most those that were on
    their way twice.
    """
    jobs = 3
    state, checked = {}, read_worklist(worklist)
    lock = threading.Lock()

    def answer(body):
        asked = json.loads(body)["enrollment_id"]
        with lock:
            state["asked"].append(asked)
            turn = state["asked"].count(asked)
            if len(state["asked"]) == state["fatal"]:
                state["started"].wait()
                os.kill(state["pid"], signal.SIGKILL)
        item = {"sco_id": asked[-2:], "title": "", "cmi_fields": []}
        item["api_error_entity"] = {"error_code": 0}
        return 200, json.dumps([item] if turn % 2 else []).encode()

    server = stub(answer)
    with Client(server.url, "token") as client:
        state.update(asked=[], fatal=0)
        calm = fetch(client, worklist, tmp_path / "calm", jobs=1)
        for fatal in range(1, 2 * len(worklist) + 1):
            state.update(asked=[], fatal=fatal, started=threading.Event())
            folder = tmp_path / f"{fatal}"
            state["pid"], ended = victims(0, (server.url, "token"), folder, jobs=jobs)
            state["started"].set()
            assert -signal.SIGKILL == ended()
            missing = unread(folder, worklist, tmp_path)
            state.update(asked=[], fatal=0)
            fetch(client, checked, folder, resume=True)
            assert {worklist[position]["enrollment_id"] for position in missing} == {
                *state["asked"]
            }
            assert parts(calm.path) == parts(folder)
