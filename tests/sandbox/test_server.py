"""The server: quick to start and stop, sole owner of its port, state in a file on request."""

import csv
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import httpx
import pytest

from scormaudit.errors import ScormauditError
from scormaudit.sandbox import Attempt, Sandbox, Sco

from .known import ASSIGNMENT, EDIT, ENROLLMENT, READ, STATUS

ATTEMPTS = [Attempt(ENROLLMENT, ASSIGNMENT, STATUS, "L", "C", [Sco("s")])]
BODY = {"enrollment_id": ENROLLMENT, "assignment_id": ASSIGNMENT, "cmi_element_names": []}


def test_start_and_stop_are_quick_and_clean():
    """Both take less than 0.2 s; no thread stays and the port is free, kept connections or not."""
    before = threading.active_count()
    sandbox = Sandbox.of(ATTEMPTS)
    start = time.perf_counter()
    sandbox.start()
    started = time.perf_counter()
    with httpx.Client() as client:
        client.get(f"{sandbox.base_url}/openapi.json").raise_for_status()
        stopping = time.perf_counter()
        sandbox.stop()
        stopped = time.perf_counter()
    assert started - start < 0.2
    assert stopped - stopping < 0.2
    assert before == threading.active_count()
    with Sandbox.of(ATTEMPTS, port=int(sandbox.base_url.rpartition(":")[2])):
        pass


def test_stop_is_idempotent_and_keeps_the_log():
    """Stopping twice is no harm, also before a start; the log can be read afterwards."""
    sandbox = Sandbox.of(ATTEMPTS)
    sandbox.stop()
    sandbox.stop()
    assert [] == sandbox.edits()
    with pytest.raises(ScormauditError, match="Build another"):
        sandbox.start()


def test_port_is_owned_from_the_first_moment():
    """A taken port is named in the error, also when its owner has not started yet."""
    sandbox = Sandbox.of(ATTEMPTS)
    port = int(sandbox.base_url.rpartition(":")[2])
    with pytest.raises(ScormauditError, match=f"127.0.0.1:{port}"):
        Sandbox.of(ATTEMPTS, port=port)
    sandbox.stop()
    with pytest.raises(ScormauditError, match="70000"):
        Sandbox.of(ATTEMPTS, port=70000)


def test_early_clients_wait():
    """A client that connects before the start is answered after it."""
    sandbox = Sandbox.of(ATTEMPTS)
    host, _, port = sandbox.base_url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as early:
        early.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")
        with sandbox:
            assert early.recv(12).startswith(b"HTTP/1.1 200")


def test_answers_do_not_wait_for_acknowledgements(sandbox):
    """Small answers are sent at once; a delayed acknowledgement would cost 40 ms each."""
    with httpx.Client(base_url=sandbox.base_url) as client:
        start = time.perf_counter()
        for _ in range(20):
            client.post(READ, params={"access_token": sandbox.token}, json=BODY)
        assert time.perf_counter() - start < 0.4


def test_stop_lets_answers_finish():
    """A request that is being handled when the sandbox stops still gets its answer."""
    with Sandbox.of(ATTEMPTS, faults=["latency"]) as sandbox, ThreadPoolExecutor(1) as pool:
        url = f"{sandbox.base_url}{READ}?access_token={sandbox.token}"
        answer = pool.submit(httpx.post, url, json=BODY)
        while not sandbox.requests()["GetCmiData"]:
            assert not answer.done()
        sandbox.stop()
        assert 200 == answer.result(5).status_code


def test_planted_token_and_fresh_ones():
    """A given token is used as it is; otherwise each sandbox has a fresh UUID."""
    sandboxes = [Sandbox.of([], token="planted"), Sandbox.of([]), Sandbox.of([])]
    for sandbox in sandboxes:
        sandbox.stop()
    planted, first, second = (sandbox.token for sandbox in sandboxes)
    assert "planted" == planted
    assert UUID(first) != UUID(second)


def test_requests_are_counted_by_operation(post, sandbox):
    """Every request counts, refused ones too."""
    post(READ, BODY)
    post(READ, {})
    expected = {"GetCmiData": 2, "EditScormData": 0, "Authenticate": 0, "ValidateAccessToken": 0}
    assert expected == sandbox.requests()


def test_state_survives_in_a_file(tmp_path):
    """A database file is continued where it was left; the token is a new one."""
    db = tmp_path / "sandbox.db"
    with Sandbox(records=12, seed=3, db=db) as first:
        entry = first.worklist[0]
        keys = {name: entry[name] for name in ("enrollment_id", "assignment_id")}
        url = f"{first.base_url}{READ}?access_token={first.token}"
        sco_id = httpx.post(url, json={**keys, "cmi_element_names": []}).json()[0]["sco_id"]
        url = f"{first.base_url}{EDIT}?access_token={first.token}"
        body = {"assignment_status_id": entry["assignment_status_id"], "sco_id": sco_id}
        assert 200 == httpx.post(url, json={**body, "title": "Edited"}).status_code
    with Sandbox(records=99, db=db) as second:
        url = f"{second.base_url}{READ}?access_token={second.token}"
        item = httpx.post(url, json={**keys, "cmi_element_names": []}).json()[0]
        assert "Edited" == item["title"]
        assert (first.worklist, first.labels) == (second.worklist, second.labels)
        assert first.edits() == second.edits()
    assert first.token != second.token


def test_foreign_files_are_left_alone(tmp_path):
    """A file that is no database of the sandbox is refused and not changed."""
    file = tmp_path / "letter.txt"
    file.write_text("Dear reader, " * 100)
    with pytest.raises(ScormauditError, match=r"letter\.txt"):
        Sandbox(records=1, db=file)
    assert "Dear reader, " * 100 == file.read_text()


def test_double_ids_are_refused():
    """Two attempts with one status would make the worklist ambiguous."""
    with pytest.raises(ScormauditError, match="same ids"):
        Sandbox.of(ATTEMPTS * 2)


def test_worklist_is_written_as_csv(tmp_path):
    """The file holds what `worklist` says, hostile names included."""
    sandbox = Sandbox(records=60)
    path = sandbox.write_worklist(tmp_path / "worklist.csv")
    sandbox.stop()
    with path.open(encoding="utf-8", newline="") as file:
        assert sandbox.worklist == list(csv.DictReader(file))
    assert "=1+1" in {entry["learner"] for entry in sandbox.worklist}


@pytest.mark.skipif(os.name != "posix", reason="signals are sent the POSIX way")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_ends_at_a_signal(number):
    """In the foreground it answers until SIGINT or SIGTERM and then returns normally."""
    program = (
        "from scormaudit.sandbox import Sandbox; sandbox = Sandbox(records=3);"
        "print(sandbox.base_url, flush=True); sandbox.serve(); print('returned')"
    )
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program], stdout=subprocess.PIPE, text=True
    ) as process:
        url = process.stdout.readline().strip()
        assert 200 == httpx.get(f"{url}/openapi.json").status_code
        process.send_signal(number)
        assert ("returned\n", 0) == (process.stdout.read(), process.wait(10))
