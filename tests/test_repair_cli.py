"""Propose, apply and undo as commands: what they say of a run, and what to do next."""

import pytest
import stamina
from repair import Bench, attempt, uuid
from typer.testing import CliRunner

from scormaudit.applied import journal_file
from scormaudit.cli import app
from scormaudit.journal import Journal

QUICK = ("--settle", "0", "--rate", "1000")


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
            f"{change.hash[:12]}  {change.enrollment_id}  sco  entry 'ab-inito' → 'ab-initio'\n"
            in said
        )
    assert 2 == said.count("→")
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


def test_an_undo_tells_what_it_leaves_alone(shells):
    """A record of which an edit is of unknown outcome is named as left alone, with the reason."""
    shell = shells(attempt(1), attempt(2))
    shell.run("apply", "plan.json", "--execute", "--expect", "2", *QUICK)
    with Journal.open(shell.journal, shell.bench.lms.base_url) as journal:
        journal.intent(shell.plan.hash, shell.plan.proposed[0], "0" * 64)
    said = " ".join(shell.run("undo", str(shell.journal), "-o", "undo.json").split())
    assert "left alone: 1 record, an edit of unknown outcome: run `scormaudit apply`" in said
    assert "1 change, 1 of them safe." in said or "1 changes, 1 of them safe." in said
