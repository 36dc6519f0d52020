"""Propose, apply and undo as commands: what they say of a run, and what to do next."""

import os
import shlex
import signal
import socket
import subprocess
import sys
from datetime import datetime
from urllib.parse import urlsplit

import pytest
import stamina
from repair import Bench, attempt, uuid
from typer.testing import CliRunner

from scormaudit.applied import journal_file
from scormaudit.cli import app
from scormaudit.errors import JournalError
from scormaudit.journal import Journal

QUICK = ("--timeout", "1", "--settle", "2", "--rate", "1000")
SEND = ("apply", "plan.json", "--execute", "--expect")


class Shell:
    """A folder with an LMS behind it, and the plan of its misprints, which Ann approved."""

    def __init__(self, bench):
        self.bench, self.home = bench, bench.folder / "home"
        self.plan = bench.plan()
        bench.approve(self.plan)
        self.journal = journal_file(self.home, bench.lms.base_url)

    def run(self, *words, exits=0):
        """A command; what it printed, its blanks as they come, after its exit code was checked."""
        done = CliRunner().invoke(app, words)
        assert exits == done.exit_code, done.output or done.exception
        return done.output


@pytest.fixture
def shells(tmp_path, monkeypatch):
    """Makes shells, each with an LMS of its own."""
    made = []

    def make(*attempts, **options):
        bench = Bench(tmp_path, *attempts, **options)
        made.append(bench)
        monkeypatch.chdir(tmp_path)
        for name, text in (("BASE_URL", bench.lms.base_url), ("TOKEN", bench.lms.token),
                           ("HOME", str(tmp_path / "home"))):  # fmt: skip
            monkeypatch.setenv(f"SCORMAUDIT_{name}", text)
        return Shell(bench)

    yield make
    for bench in made:
        bench.close()


def test_a_dry_run_shows_what_would_be_sent(shells):
    """Each field that would be written is shown old and new, and of the others none."""
    shell = shells()
    shell.bench.lms.put(uuid(203), "sco", {"cmi.core.entry": "resume"})
    said = shell.run("apply", "plan.json", exits=6)
    for change in shell.plan.proposed[:2]:
        assert (
            f"{change.hash[:12]}  {change.enrollment_id}  sco\n"
            "  entry 'ab-inito' → 'ab-initio'\n" in said
        )
    assert 2 == said.count("→")
    assert 80 >= max(map(len, said.splitlines()))
    assert said.endswith("next:\n  scormaudit apply plan.json --execute --expect 3\n")


def test_a_stopped_run_says_how_to_go_on(shells):
    """The journal, the records to look at and the command that goes on are named."""
    shell = shells(attempt(1), attempt(2), faults=["error-after-commit"])
    said = shell.run("apply", "plan.json", "--execute", "--expect", "2", *QUICK, exits=3)
    assert "two outcomes in a row are unknown." in said
    assert said.endswith(
        f"next:\n  scormaudit journal {shell.journal}\n"
        "  scormaudit fetch plan.again.csv -o again    # look at them\n"
        "  scormaudit apply plan.json --execute --expect 2    # goes on where it stopped\n"
    )
    again = shell.run("apply", "plan.json", "--execute", "--expect", "2", *QUICK)
    assert "2 verified" in again
    assert f"scormaudit undo {shell.journal} -o undo.json" in again


def test_a_suspicion_does_not_invite_the_next_edit(shells):
    """After an edit that the record does not show, the way on is for whoever knows why."""
    shell = shells(attempt(1), attempt(2), faults=["ack-without-commit"])
    said = shell.run("apply", "plan.json", "--execute", "--expect", "2", *QUICK, exits=3)
    assert "look before you go on." in " ".join(said.split())
    assert said.endswith("--execute --expect 2    # only when you know why\n")
    assert "goes on where it stopped" not in said


def test_the_way_on_keeps_the_journal(shells):
    """A run that had a journal of its own goes on with it, or nobody would know what is open."""
    shell = shells(faults=["error-after-commit"])
    own = ("--journal", "own.journal")
    on = "scormaudit apply plan.json --execute --expect 3 --journal own.journal"
    assert f"  {on}\n" in shell.run("apply", "plan.json", *own)
    words = ("apply", "plan.json", "--execute", "--expect", "3", *own, *QUICK)
    assert f"  {on}    # goes on" in shell.run(*words, exits=3)


def test_a_dry_run_does_not_go_on_for_ever(shells):
    """Where record after record cannot be read, the rest is not tried, and doctor is advised."""
    shell = shells()
    shell.bench.lms.stop()
    with stamina.set_testing(True, attempts=1):
        said = shell.run("apply", "plan.json", "--max-conflicts", "1", exits=3)
    assert "2 records could not be read, so 1 were not tried." in said
    assert said.endswith("next:\n  scormaudit doctor\n")


def test_a_conflict_goes_back_to_review(shells):
    """What changed since it was planned is not sent, and nothing says to send it again."""
    shell = shells(attempt(1))
    shell.bench.lms.put(uuid(201), "sco", {"cmi.core.entry": "resume"})
    said = shell.run("apply", "plan.json", "--execute", "--expect", "1", *QUICK, exits=6)
    assert "scormaudit review plan.json\n" in said
    assert "--execute" not in said


def test_a_plan_after_a_journal_that_was_never_begun(shells):
    """An empty file, as a kill leaves it, is no journal that a plan would have to know."""
    shell = shells(attempt(1))
    shell.home.mkdir()
    shell.journal.touch()
    shell.run("propose", "snapshot-1", "-o", "other.json")
    shell.run("apply", "plan.json", "--execute", "--expect", "1", *QUICK)


def test_an_undo_leads_to_no_other(shells):
    """After an undo was carried out nobody is sent to undo it, where nothing would be found."""
    shell = shells(attempt(1))
    shell.run(*SEND, "1", *QUICK)
    shell.run("undo", str(shell.journal), "-o", "undo.json")
    ann = ("--reviewer", "Ann", "--reason", "back")
    shell.run("approve", "undo.json", "--all-safe", "--expect", "1", *ann)
    said = shell.run("apply", "undo.json", *SEND[2:], "1", *QUICK)
    assert "scormaudit undo" not in said
    assert f"scormaudit journal {shell.journal}" in said


def test_an_undo_of_nothing_is_not_for_review(shells):
    """Where every edit is left alone there is nothing to decide, so the journal comes next."""
    shell = shells(attempt(1))
    lost(shell, shell.plan.hash)
    said = shell.run("undo", str(shell.journal), "-o", "undo.json")
    assert "0 changes" in said
    assert said.endswith(f"next:\n  scormaudit journal {shell.journal}\n")


def test_an_undo_tells_what_it_leaves_alone(shells):
    """A record of which an edit is of unknown outcome is named as left alone, with the reason."""
    shell = shells(attempt(1), attempt(2))
    shell.run("apply", "plan.json", "--execute", "--expect", "2", *QUICK)
    with Journal.open(shell.journal, shell.bench.lms.base_url) as journal:
        journal.intent(shell.plan.hash, shell.plan.proposed[0], "0" * 64)
    said = " ".join(shell.run("undo", str(shell.journal), "-o", "undo.json").split())
    assert "left alone: VO102 1: an edit of unknown outcome: run `scormaudit apply`" in said
    assert "1 change, 1 of them safe." in said


# --- what an earlier run left ---------------------------------------------------------------


def lost(shell, plan, *states):
    """An edit of a killed run of `plan`, after attempts that came to `states`."""
    change = shell.plan.proposed[0]
    with Journal.open(shell.journal, shell.bench.lms.base_url) as journal:
        for state in states:
            intent = journal.intent(plan, change, "0" * 64)
            journal.result(plan, change, state, closes=intent.seq)
        journal.intent(plan, change, "0" * 64)


def test_a_parked_edit_of_another_plan_is_told(shells):
    """An edit of another plan that nobody can clear up ends the run with 4, once."""
    shell = shells(attempt(1), attempt(2))
    lost(shell, "f" * 64, "not_applied")
    said = " ".join(shell.run(*SEND, "2", *QUICK, exits=4).split())
    assert "of another plan: twice of unknown outcome, a person must look" in said
    assert "1 parked, 2 verified" in said
    assert "another plan" not in shell.run(*SEND, "2", *QUICK)


def test_a_parked_edit_of_this_plan_is_told_once(shells):
    """What the plan itself has parked is one change of it, not two."""
    shell = shells(attempt(1), attempt(2))
    lost(shell, shell.plan.hash, "not_applied")
    said = shell.run(*SEND, "2", *QUICK, exits=4)
    assert "1 earlier edit of unknown outcome in the journal" in said
    assert "1 parked, 1 verified" in said
    assert "another plan" not in said


@pytest.mark.parametrize("plan", ["", "f" * 64])
def test_a_dry_run_tells_of_open_edits(shells, plan):
    """A dry run says that an earlier edit is of unknown outcome, whichever plan it came from."""
    shell = shells(attempt(1))
    assert "unknown outcome" not in shell.run("apply", "plan.json")
    lost(shell, plan or shell.plan.hash)
    said = shell.run("apply", "plan.json")
    assert "1 earlier edit of unknown outcome in the journal" in said
    assert 80 >= max(map(len, said.splitlines()))
    shell.bench.lms.put(uuid(201), "sco", {"cmi.core.entry": "ab-initio"})
    said = shell.run("apply", "plan.json")
    assert "1 already" in said
    assert said.endswith("next:\n  scormaudit apply plan.json --execute --expect 1\n")


def test_a_finished_plan_still_says_why(shells):
    """Run again, dry or not, a plan tells of each earlier state what the journal kept of it."""
    shell = shells(attempt(1), attempt(2))
    why = "HTTP 422, code 2"
    with Journal.open(shell.journal, shell.bench.lms.base_url) as journal:
        journal.result(shell.plan.hash, shell.plan.proposed[0], "rejected", detail=why)
        journal.result(shell.plan.hash, shell.plan.proposed[1], "skipped", detail="was away")
    for words in (("apply", "plan.json"), (*SEND, "2", *QUICK), ("apply", "plan.json")):
        said = shell.run(*words, exits=2)
        assert why in said
        assert "was away" not in said


# --- how a run is begun and broken off ------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        (("--settle", "1"), "2"),
        (("--settle", "4"), ""),
        (("--settle", "1", "--timeout", "30"), "60"),
        (("--settle", "0", "--timeout", "1.5"), "3"),
        (("--settle", "3", "--timeout", "1.5"), ""),
        (("--timeout", "1.5"), ""),
    ],
)
def test_a_settle_time_is_two_timeouts_or_more(shells, options, seconds):
    """A shorter settle time is lifted, and said to be: the edit may still be on its way."""
    shell = shells(attempt(1))
    said = shell.run(*SEND, "1", *options)
    assert bool(seconds) == ("is less than two timeouts" in said)
    assert f"read after {seconds} seconds" in said or not seconds
    assert "two timeouts" not in shell.run("apply", "plan.json", *options)


def test_a_settle_time_that_is_lifted_is_kept(shells):
    """A lost edit is read no sooner than two timeouts after it was sent."""
    shell = shells(attempt(1), faults=["code-1"])
    shell.run(*SEND, "1", "--timeout", "0.5", "--settle", "0", "--rate", "1000", exits=4)
    with Journal.open(shell.journal, shell.bench.lms.base_url) as journal:
        at = [datetime.fromisoformat(entry.at) for entry in journal.entries()]
    first, result = at[1], at[3]
    assert 1 <= (result - first).total_seconds()


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has an interrupt to send")
def test_an_interrupted_dry_run_says_that_it_was_one(shells):
    """Ctrl-C in a dry run ends with 130, and says that nothing was sent."""
    shell = shells()
    shell.bench.lms.stop()
    heard = "signal.signal(signal.SIGINT, signal.default_int_handler)"  # a job of a shell is deaf
    code = f"import signal; {heard}; from scormaudit.cli import main; main()"
    command = [sys.executable, "-c", code, "apply", "plan.json"]
    with socket.create_server(("127.0.0.1", urlsplit(shell.plan.target).port)) as silent:
        silent.settimeout(60)
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            asked, _ = silent.accept()
            process.send_signal(signal.SIGINT)
            told = process.communicate()[1]
        asked.close()
    assert 130 == process.returncode
    assert "Nothing was sent: this was a dry run.\nscormaudit: It was interrupted.\n" == told


@pytest.mark.parametrize(
    "line",
    [
        "undo export.jsonl -o undo.json",
        "apply plan.json --journal export.jsonl",
        "propose snapshot-1 -o new.json --journal export.jsonl",
    ],
)
def test_an_export_is_no_journal(shells, line):
    """Where a journal is needed an export is told to be one, and the journal asked for."""
    shell = shells(attempt(1))
    shell.run(*SEND, "1", *QUICK)
    shell.run("journal", str(shell.journal), "--export", "export.jsonl")
    with pytest.raises(JournalError, match="an export of a journal, and the journal itself"):
        CliRunner().invoke(app, line.split(), catch_exceptions=False)


# --- what is left alone ---------------------------------------------------------------------


def test_every_mendable_finding_is_planned_or_told(shells):
    """Of each rule that mends, the findings are changes of the plan or left alone, with a why."""
    shell = shells(
        attempt(1, core__lesson_status="Completed"),
        attempt(2, core__exit="perhaps", core__entry="resume"),
        attempt(3, core__credit="perhaps", core__session_time="00:01:75"),
        attempt(4, core__entry="resume", **{"core__score.raw": "85,5"}),
    )
    said = shell.run("propose", "snapshot-1", "-o", "other.json")
    for line in (
        "VO102  safe   entry  lossy        2",
        "left alone: VO101 1: a person decides (--include judgement)",
        "left alone: VO104 1, VO105 1: no value is certain",
        "left alone: DT212 1: only worth knowing, so it stays as it is",
        "left alone: DT101 1: the API could not write the old value back, so a person",
    ):
        assert f"\n{line}" in said
    assert 80 >= max(map(len, said.splitlines()))


LISTED = '''"""Lists."""

from pandera.pandas import Check

from scormaudit import Edit, Rule


class Listed(Rule, code="XX102"):
    """An objective has no name of its own.

    So.
    """

    fix, table, element = "safe", "objectives", "id"
    check = Check(lambda id: id.eq(""))

    @staticmethod
    def repair(row):
        return Edit("entry", "")
'''


def test_what_is_never_planned_is_told(shells):
    """What a setting forbids to mend and what the API does not reach is counted with its reason."""
    shell = shells(attempt(1, **{f"objectives__{n}__id": "a" for n in (0, 1)}), attempt(2))
    (shell.bench.folder / "mine").mkdir()
    (shell.bench.folder / "mine" / "lists.py").write_text(LISTED)
    settings = '[tool.scormaudit]\nselect = ["XX", "VO102"]\nfix = { VO102 = "manual" }\n'
    (shell.bench.folder / "pyproject.toml").write_text(settings)
    said = shell.run("propose", "snapshot-1", "-o", "other.json", "--rules", "mine")
    assert "left alone: VO102 2: [tool.scormaudit.fix] leaves it as it is\n" in said
    assert "left alone: XX102 2: the API writes no objectives and no interactions\n" in said
    assert "0 changes, 0 of them safe." in said


# --- paths with blanks ----------------------------------------------------------------------


def test_every_next_command_can_be_copied(shells):
    """Folders and files with blanks and quotes are quoted in each line that is to be copied."""
    shell = shells(attempt(1), attempt(2))
    shell.bench.lms.write_worklist(shell.bench.folder / "a list.csv")
    odd = "Ann's plan.json"
    road = [
        ("fetch", "a list.csv", "-o", "my snap"),
        ("propose", "my snap", "-o", odd),
        ("review", odd),
        ("review", odd, "--export", "a sheet.csv"),
        ("approve", odd, "--all-safe", "--expect", "2", "--reviewer", "Ann", "--reason", "x"),
        ("review", odd),
        ("apply", odd, "--journal", "a journal"),
        ("apply", odd, "--execute", "--expect", "2", "--journal", "a journal", *QUICK),
        ("journal", "a journal"),
        ("journal", "a journal", "--export", "an export"),
        ("undo", "a journal", "-o", "my undo.json"),
    ]
    names = {word for words in road for word in words if " " in word} - {"an export"}
    for words in road:
        said = shell.run(*words).partition("next:\n")[2]
        for line in said.splitlines():
            parts = shlex.split(line, comments=True)
            assert "scormaudit" == parts[0]
            assert names.intersection(parts) or "an export" in parts, line
