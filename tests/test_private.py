"""What the tool writes is the user's alone, whatever the umask: files 0600, folders 0700."""

import os
import stat
import sys
from pathlib import Path

import pytest
from repair import Bench, attempt

from scormaudit.cli import main
from scormaudit.cli.shell import save
from scormaudit.errors import ScormauditError
from scormaudit.fetch import fetch

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
FORMATS = ("terminal", "json", "csv", "junit", "github", "html")


def mode(path):
    """The permissions of a file or folder."""
    return oct(stat.S_IMODE(path.stat().st_mode))


def open_to_others(folder):
    """Everything below a folder that others than its owner may look at, and how."""
    expected = {True: "0o700", False: "0o600"}
    found = {path: mode(path) for path in folder.rglob("*")}
    return {str(p.relative_to(folder)): m for p, m in found.items() if m != expected[p.is_dir()]}


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """Runs commands in an empty folder, with a generous umask."""
    monkeypatch.chdir(tmp_path)
    before = os.umask(0o022)

    def run(line):
        monkeypatch.setattr(sys, "argv", ["scormaudit", *line.split()])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code

    yield run
    os.umask(before)


@pytest.fixture
def road(shell, tmp_path, monkeypatch):
    """A folder in which every command that writes has been at work."""
    lms = tmp_path / "lms"
    lms.mkdir(mode=0o700)
    bench = Bench(lms, attempt(1), attempt(2))
    bench.lms.write_worklist(lms / "worklist.csv")
    home = tmp_path / "deep" / "home"
    values = {"BASE_URL": bench.lms.base_url, "TOKEN": bench.lms.token, "HOME": str(home)}
    for name, value in values.items():
        monkeypatch.setenv(f"SCORMAUDIT_{name}", value)
    codes = [
        shell(line)
        for line in (
            "fetch lms/worklist.csv -o new/snap",
            "record lms/worklist.csv -o cassette.yaml",
            *(f"audit new/snap --format {name} -o report.{name}" for name in FORMATS),
            "propose new/snap -o plan.json",
            "approve plan.json --all-safe --expect 2 --reviewer Ann --reason checked",
            "apply plan.json --execute --expect 2 --rate 1000",
        )
    ]
    assert [0, 0, *([1] * len(FORMATS)), 0, 0, 0] == codes
    (journal,) = home.glob("*.journal")
    assert 0 == shell(f"journal {journal} --export journal.jsonl")
    assert 0 == shell(f"undo {journal} -o undo.json")
    bench.close()
    return tmp_path


def test_the_whole_road_is_private(road):
    """Snapshot, reports, plan, decisions, journal, exports and home: nobody else may read them."""
    written = [path for path in road.rglob("*") if path.is_file()]
    assert len(written) >= 6 + len(FORMATS) + 5
    assert {} == open_to_others(road)


@pytest.mark.usefixtures("shell")
def test_an_unfinished_fetch_is_private(tmp_path):
    """The spool, with all that SQLite keeps beside it, is as private as the snapshot."""
    seen = []
    bench = Bench(tmp_path, *(attempt(number) for number in range(1, 6)))
    worklist, client = bench.lms.worklist, bench.client
    fetch(client, worklist, tmp_path / "s", progress=lambda: seen.append(open_to_others(tmp_path)))
    bench.close()
    assert [{}] * 5 == seen


def test_a_report_over_an_older_file_becomes_private(tmp_path):
    """A file that others could read is closed to them before the answer stands in it."""
    old = tmp_path / "report.html"
    old.write_text("old and longer")
    old.chmod(0o644)
    save(old, "new")
    assert ("new", "0o600") == (old.read_text(), mode(old))


def test_what_is_no_file_keeps_its_mode(tmp_path):
    """A pipe that is named as a file is written to, and nothing else is done to it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    pipe.chmod(0o664)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    save(pipe, "x")
    assert (b"x", "0o664") == (os.read(reader, 9), mode(pipe))
    os.close(reader)


def test_text_that_is_no_unicode_can_be_saved(tmp_path):
    """Half a surrogate pair does not keep an answer from being written."""
    save(tmp_path / "a", "x\ud800")
    assert "x?" == (tmp_path / "a").read_text()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_named(tmp_path):
    """A report that cannot be written to its end is an error that names the file."""
    for path, says in ((Path("/dev/full"), "No space left"), (tmp_path / "a" / "b", "No such")):
        with pytest.raises(ScormauditError, match=f"{path}: It cannot be written .{says}"):
            save(path, "x" * 100_000)
