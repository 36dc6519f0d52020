"""`scormaudit report` and `audit --format html|xlsx` write what they say, and overwrite nothing."""

import stat
from html import unescape

import pytest
from many import record, snapshot
from typer.testing import CliRunner

from scormaudit.cli import app


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with a snapshot of one misprinted entry and one sound record."""
    monkeypatch.chdir(tmp_path)
    snapshot(tmp_path / "snap shot", record(1, entry="ab-inito"), record(2))
    return tmp_path


def run(*words):
    """A command's exit code and what it printed."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.output


def test_the_page_is_written(folder):
    """Without options the page is report.html, and the exit code that of an audit."""
    code, told = run("report", "snap shot")
    assert 1 == code
    assert "written: report.html" in told
    assert "1 error in 1 of 2 records" in (folder / "report.html").read_text()
    assert 0o600 == stat.S_IMODE((folder / "report.html").stat().st_mode)


def test_the_page_tells_how_it_was_made(folder):
    """The command on the page is the one that was typed, ready to be pasted."""
    run("report", "snap shot", "-o", "r.html", "--select", "VO", "--show-values")
    page = unescape((folder / "r.html").read_text())
    assert "scormaudit report 'snap shot' --select VO --show-values -o r.html" in page


def test_clean_alone_writes_no_page(folder):
    """With --clean and without -o there are the records that held, and no page."""
    code, told = run("report", "snap shot", "--clean", "held.csv")
    assert 1 == code
    assert "written: held.csv, 1 of 2 records held" in told
    assert not (folder / "report.html").exists()
    assert 2 == len((folder / "held.csv").read_text().splitlines())


@pytest.mark.parametrize("words", [["--clean"], ["--clean", "--select", "VO"]])
def test_clean_needs_no_name(folder, words):
    """Where none is given the records that held are in the folder `sound`."""
    code, told = run("report", "snap shot", *words)
    assert 1 == code
    assert "written: sound, 1 of 2 records held" in told
    assert (folder / "sound" / "records.parquet").exists()


def test_clean_writes_no_folder_that_looks_like_a_workbook(folder):
    """A name that promises another kind of file is refused, before anything is written."""
    done = CliRunner().invoke(app, ["report", "snap shot", "-o", "r.html", "--clean", "held.xlsx"])
    assert "Records are not written as .xlsx" in str(done.exception)
    assert ["snap shot"] == [path.name for path in folder.iterdir()]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("words", [["audit"], ["report", "-o", "r.html"]])
def test_the_next_command_can_be_pasted(words):
    """A folder with a blank in its name stands in quotes."""
    command, *options = words
    assert "scormaudit propose 'snap shot' -o plan.json" in run(command, "snap shot", *options)[1]


@pytest.mark.parametrize("there", ["r.html", "held"])
def test_report_overwrites_nothing(folder, there):
    """Where either name is taken nothing at all is written."""
    (folder / there).mkdir()
    before = sorted(folder.rglob("*"))
    done = CliRunner().invoke(app, ["report", "snap shot", "-o", "r.html", "--clean", "held"])
    assert 0 != done.exit_code
    assert "already something of this name" in str(done.exception) + done.output
    assert before == sorted(folder.rglob("*"))


def test_audit_writes_a_workbook(folder):
    """`--format xlsx` needs a file, and writes one that begins as a ZIP does."""
    assert 2 == run("audit", "snap shot", "--format", "xlsx")[0]
    assert 1 == run("audit", "snap shot", "--format", "xlsx", "-o", "f.xlsx")[0]
    assert b"PK" == (folder / "f.xlsx").read_bytes()[:2]


def test_audit_replaces_its_own_page(folder):
    """`audit -o` may be run again, as for every other format."""
    for _ in range(2):
        assert 1 == run("audit", "snap shot", "--format", "html", "-o", "a.html")[0]
    assert "scormaudit audit 'snap shot' --format html -o a.html" in unescape(
        (folder / "a.html").read_text()
    )
