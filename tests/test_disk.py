"""Where the journal cannot be written a run stops; nothing is sent that it does not hold."""

import json
import os
import shutil
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
from faulty import SHIM
from repair import Bench, attempt, uuid

from scormaudit.applied import journal_file
from scormaudit.journal import Journal

pytestmark = pytest.mark.skipif(os.name != "posix", reason="only POSIX has fork and limits")
CHANGES = 2
PAGE = 4096
EVERY = "LONG_TESTS" in os.environ
"""Let every single write fail, not one in five: about 1 minute more."""
SETTLE = ("--timeout", "0.5", "--settle", "1", "--rate", "1000")


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """An LMS with an approved plan of two changes."""
    made = Bench(tmp_path_factory.mktemp("bench"), *[attempt(n + 1) for n in range(CHANGES)])
    made.approve(made.plan())
    yield made
    made.close()


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    """A library that makes calls to the disk fail, or a skipped test where none can be made."""
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("there is no C compiler, or no LD_PRELOAD, to make the disk fail with")
    folder = tmp_path_factory.mktemp("shim")
    source = folder / "shim.c"
    source.write_text(SHIM)
    library = folder / "shim.so"
    flags = ("-shared", "-fPIC", "-O1", "-o", library, source, "-ldl")
    subprocess.run([compiler, *flags], check=True)
    return library


def forker(**environment):
    """A process that runs commands in forks; the tests' own folder holds its script."""
    script = [sys.executable, "-W", "error", "-B", Path(__file__).with_name("faulty.py")]
    return subprocess.Popen(
        script, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8", env=os.environ | environment,
    )  # fmt: skip


@pytest.fixture(scope="module")
def sound():
    """Runs commands on a disk that may be small but does not fail."""
    with forker() as process:
        yield process
        process.stdin.close()


@pytest.fixture(scope="module")
def failing(shim):
    """Runs commands on a disk that can fail."""
    with forker(LD_PRELOAD=str(shim)) as process:
        yield process
        process.stdin.close()


def applied(process, bench, home, **fault):
    """One apply in a process of its own: exit code, what it said, what happened in what order."""
    errand = {
        "arguments": ["apply", str(bench.path), "--execute", "--expect", str(CHANGES), *SETTLE],
        "settings": {
            "SCORMAUDIT_BASE_URL": bench.lms.base_url,
            "SCORMAUDIT_TOKEN": bench.lms.token,
            "SCORMAUDIT_WRITE_TOKEN": bench.lms.token,
            "SCORMAUDIT_HOME": str(home),
        },
    }
    print(json.dumps(errand | fault), file=process.stdin, flush=True)
    return json.loads(process.stdout.readline())


def anew(bench):
    """Put every record back as it was planned; how many edits there were until now."""
    for number in range(1, 1 + CHANGES):
        bench.lms.put(uuid(200 + number), "sco", {"cmi.core.entry": "ab-inito"})
    return len(bench.lms.edits())


def entries_of(bench, home):
    """What the journal in the home holds; of a copy, for looking takes back what was cut off."""
    copy = home.with_name(f"{home.name}-copy")
    shutil.rmtree(copy, ignore_errors=True)
    if not home.exists():
        return []
    shutil.copytree(home, copy)
    with Journal.open(journal_file(copy, bench.lms.base_url), bench.lms.base_url) as journal:
        return journal.entries()


def is_open(entries):
    """Whether an intent has no result."""
    closed = {entry.closes for entry in entries}
    return any(entry.kind == "intent" and entry.seq not in closed for entry in entries)


def assert_stopped(run, entries):
    """The run said in words why it stopped, and its exit code says whether a person must look."""
    intents, sent = [entry.kind == "intent" for entry in entries], run["told"].count("edit")
    assert sent <= sum(intents) <= sent + any(intents[-1:])
    # Where only the folder was not synced, the last entry is there but may not outlive a power cut.
    ends = {3, 4} if run["told"][-1:] == ["folder"] else {4 if is_open(entries) else 3}
    assert run["code"] in ends, run["said"]
    assert "journal" in run["said"]
    assert "Traceback" not in run["said"]
    assert "ab-init" not in run["said"]


def assert_resumed(process, bench, home, earlier):
    """Without the fault the same command ends with every change made once and verified."""
    run = applied(process, bench, home)
    assert (0, []) == (run["code"], [w for w in ("fault", "Traceback") if w in run["said"]])
    made = [edit["assignment_status_id"] for edit in bench.lms.edits()[earlier:]]
    assert [uuid(201 + n) for n in range(CHANGES)] == sorted(made)
    states = {e.change: e.content()["state"] for e in entries_of(bench, home) if e.kind == "result"}
    assert ["verified"] * CHANGES == list(states.values())
    assert not is_open(entries_of(bench, home))


@pytest.mark.parametrize("fault", ["sync", "write", "unlink"])
def test_the_disk_fails_once(failing, bench, tmp_path, fault):
    """Whichever call for the journal fails, nothing is sent afterwards, and a resume mends all."""
    open_ends = 0
    for moment in count(1, 1 if EVERY or fault != "write" else 5):
        home, earlier = tmp_path / str(moment), anew(bench)
        run = applied(failing, bench, home, fault=fault, moment=moment)
        if run["told"] == ["edit"] * CHANGES:
            break
        entries = entries_of(bench, home)
        if run["code"] == 0:
            # SQLite syncs the folder twice a commit and needs the second; a lock is given up last.
            assert "folder" in run["told"] or run["told"][-1] == "fault"
        else:
            assert run["told"][-1] in ("fault", "folder")
            assert_stopped(run, entries)
        open_ends += is_open(entries)
        assert_resumed(failing, bench, home, earlier)
    assert (0, ["edit"] * CHANGES) == (run["code"], run["told"]), run["said"]
    assert moment > 4 * CHANGES
    assert open_ends > CHANGES


def test_the_disk_is_full(sound, bench, tmp_path):
    """However little room is left for the journal, the run stops in time and resumes with more."""
    stopped = 0
    for pages in count():
        home, earlier = tmp_path / str(pages), anew(bench)
        run = applied(sound, bench, home, room=pages * PAGE)
        if run["code"] == 0:
            break
        assert_stopped(run, entries_of(bench, home))
        assert_resumed(sound, bench, home, earlier)
        stopped += 1
    assert stopped >= 5
