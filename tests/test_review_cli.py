"""Review and approve as commands: what they print, keep and refuse, and how they end."""

import csv
import json
import sys

import pytest
from changes import change
from drafts import kept, location, op

from scormaudit.cli import main
from scormaudit.policy import account
from scormaudit.review import approved, decide, decisions_file, read_decisions

ANN = ("--reviewer", "Ann", "--reason", "checked")
BOB = ("--reviewer", "Bob", "--reason", "seen")
SAFE = ("--all-safe", "--expect", "3")
FORMATS = pytest.mark.parametrize("suffix", ["csv", "xlsx"])


class Shell:
    """A folder with `plan.json` in it, and a shell there."""

    def __init__(self, folder, monkeypatch, capsys):
        self.folder, self._monkeypatch, self._capsys = folder, monkeypatch, capsys
        self.file = decisions_file(folder / "plan.json")
        monkeypatch.chdir(folder)

    def run(self, command, *arguments, exits=0):
        """Run a command on the plan; what it printed, after its exit code was checked."""
        self._monkeypatch.setattr(sys, "argv", ["scormaudit", command, "plan.json", *arguments])
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code or 0
        printed = self._capsys.readouterr()
        assert exits == code, printed
        assert "Traceback" not in printed.err
        return printed.out + printed.err

    def decided(self):
        """Meaning, number of changes, reviewer and reason of each decision."""
        return [
            (d.meaning, len(d.changes), d.reviewer, d.reason) for d in read_decisions(self.file)
        ]

    def filled(self, suffix, *words, comments=(), more=()):
        """A sheet of the plan with these words as decisions; `more` rows are copies by number."""
        self.run("review", "--export", f"sheet.{suffix}")
        rows = self._read(suffix)
        at = rows[0].index("decision"), rows[0].index("comment")
        for row, word in zip(rows[1:], words, strict=False):
            row[at[0]] = word
        for row, comment in zip(rows[1:], comments, strict=False):
            row[at[1]] = comment
        self._write(suffix, [*rows, *(rows[number] for number in more)])
        return self

    def _read(self, suffix):
        if suffix == "csv":
            with (self.folder / "sheet.csv").open(encoding="utf-8-sig", newline="") as stream:
                return list(csv.reader(stream))
        import openpyxl

        self.book = openpyxl.load_workbook(self.folder / "sheet.xlsx")
        return [[cell.value or "" for cell in row] for row in self.book.active.iter_rows()]

    def _write(self, suffix, rows):
        if suffix == "csv":
            with (self.folder / "sheet.csv").open("w", encoding="utf-8-sig", newline="") as stream:
                csv.writer(stream).writerows(rows)
            return
        for at, row in enumerate(rows, start=1):
            for column, text in enumerate(row, start=1):
                self.book.active.cell(at, column).value = text or None
        self.book.save(self.folder / "sheet.xlsx")


@pytest.fixture
def shell(tmp_path, monkeypatch, capsys):
    """A shell in a folder of its own."""
    return Shell(tmp_path, monkeypatch, capsys)


def test_without_a_terminal_the_plan_is_listed(shell):
    """Where nobody can press keys, every change is listed with old, new and verdict."""
    plan = kept(shell.folder, change(1), change(2, op("resume", "", undo="lossy")))
    shell.run("approve", "--change", plan.proposed[0].hash[:8], "--expect", "1", *ANN)
    listed = shell.run("review")
    for planned in plan.proposed:
        assert planned.hash[:12] in listed
    assert "'ab-inito' → 'ab-initio'" in listed
    assert "1 of 2 decided: 1 approved, 1 open." in listed
    assert "without a signature" in listed
    assert listed.index("undo not exact") < listed.index("'ab-inito'")
    assert "scormaudit approve plan.json --all-safe --expect 2" in listed


def test_a_list_of_decided_changes_asks_for_nothing(shell):
    """Where all is approved the next step is to apply; where all is rejected, to look again."""
    plan = kept(shell.folder)
    shell.run("approve", *SAFE, *ANN)
    assert shell.run("review").endswith("next:\n  scormaudit apply plan.json\n")
    ann = {"reviewer": "Ann", "reason": "no", "expect": 3}
    decide(plan, shell.file, plan.proposed, meaning="reject", **ann)
    assert shell.run("review", "--list").endswith("next:\n  scormaudit review plan.json\n")


@pytest.mark.parametrize("meaning", ["reject", "defer"])
def test_a_list_never_approves_what_was_refused(shell, meaning):
    """All safe ones are not offered where that would overrule a rejection or a deferral."""
    plan = kept(shell.folder)
    ann = {"reviewer": "Ann", "reason": "no", "expect": 1}
    decide(plan, shell.file, plan.proposed[:1], meaning=meaning, **ann)
    listed = shell.run("review")
    assert "--all-safe" not in listed
    assert "scormaudit approve plan.json --change HASH --expect 1 --reviewer NAME" in listed


def test_a_list_fits(shell):
    """What is listed has no line beyond eighty columns but the command to be copied."""
    kept(shell.folder)
    shell.run("approve", *SAFE, *ANN)
    assert 80 >= max(map(len, shell.run("review").splitlines()))


def test_an_empty_plan_is_listed(shell):
    """A plan of nothing is no mistake to look at."""
    from dataclasses import replace

    from drafts import draft

    from scormaudit.plan import write_plan

    write_plan(replace(draft(), proposed=()), shell.folder / "plan.json")
    listed = shell.run("review")
    assert "0 of 0 decided" in listed
    assert "approve" not in listed


def test_hostile_text_in_a_list(shell):
    """Escapes, bidi marks and markup of learners are shown as codes, in a list too."""
    kept(shell.folder, change(1, location("\x1b[2J\u202e[/b]\r", "x")))
    listed = shell.run("review")
    assert "'\\x1b[2J\\u202e[/b]\\r' → 'x'" in " ".join(listed.split())
    assert not {"\x1b", "\u202e", "\r"} & set(listed)


def test_approve_says_what_is_missing(shell):
    """Where two must approve, the first approval says so and asks for another reviewer."""
    plan = kept(shell.folder, approvals="2")
    first = shell.run("approve", *SAFE, *ANN)
    assert "3 of them: 1 of 2 approvals" in first
    assert "scormaudit review plan.json --reviewer ANOTHER" in first
    assert "0 of 3 decided" not in shell.run("review")
    second = shell.run("approve", *SAFE, *BOB)
    assert "of them" not in second
    assert "scormaudit apply plan.json" in second
    assert plan.proposed == approved(plan, shell.file)


@pytest.mark.parametrize("which", ["--rule", "--change"])
def test_a_blank_approves_nothing(shell, which):
    """An empty variable as a rule or a change is refused, never taken for all safe changes."""
    kept(shell.folder)
    assert "a blank names nothing" in shell.run(
        "approve", which, "", "--expect", "3", *ANN, exits=2
    )
    assert [] == shell.decided()


def test_approve_tells_what_others_rejected(shell):
    """An approval of what another rejected is kept, and says that the rejection stands."""
    plan = kept(shell.folder)
    bob = {"reviewer": "Bob", "reason": "no", "expect": 1}
    decide(plan, shell.file, plan.proposed[:1], meaning="reject", **bob)
    assert "1 of them: rejected by Bob" in shell.run("approve", *SAFE, *ANN)
    assert plan.proposed[1:] == approved(plan, shell.file)


def test_the_planner_is_refused(shell):
    """Under four eyes the planner's approval ends with 5, and nothing is written."""
    kept(shell.folder, four_eyes="yes", planner=account())
    assert "four eyes" in shell.run("approve", *SAFE, *ANN, exits=5)
    assert not shell.file.exists()


def test_a_torn_file_is_told(shell):
    """Review and approve say that a line was torn; approving sets it aside."""
    kept(shell.folder)
    shell.run("approve", *SAFE, *ANN)
    shell.run("approve", *SAFE, *BOB)
    shell.file.write_bytes(shell.file.read_bytes()[:-30])
    assert "was torn" in shell.run("review")
    assert "was torn" in shell.run("approve", *SAFE, *BOB)
    assert "was torn" not in shell.run("review")
    assert [1] == [len(list(shell.folder.glob("plan.decisions.torn-*")))]


@FORMATS
def test_a_sheet_goes_out_and_comes_back(shell, suffix):
    """Decisions typed into a sheet become decisions of the reviewer, one for each comment."""
    plan = kept(shell.folder, *map(change, range(1, 7)))
    shell.filled(
        suffix, "approve", "Approve", "reject", "defer", "approve", "",
        comments=["", "", "odd", "", "fine"],
    )  # fmt: skip
    told = shell.run("review", "--import", f"sheet.{suffix}", "--expect", "3", *ANN)
    assert [
        ("approve", 2, "Ann", "checked"), ("reject", 1, "Ann", "checked: odd"),
        ("defer", 1, "Ann", "checked"), ("approve", 1, "Ann", "checked: fine"),
    ] == shell.decided()  # fmt: skip
    assert "3 approved, 1 rejected, 1 deferred by Ann; 1 blank" in told
    assert (*plan.proposed[:2], plan.proposed[4]) == approved(plan, shell.file)


@FORMATS
def test_a_spoilt_sheet_gives_what_is_intact(shell, suffix):
    """Void and duplicate rows are named and not taken, the others are kept; it ends with 5."""
    plan = kept(shell.folder, *map(change, range(1, 5)))
    shell.filled(suffix, "approve", "perhaps", "approve", "approve", more=[4])
    told = shell.run("review", "--import", f"sheet.{suffix}", *ANN, exits=5)
    assert [("approve", 2, "Ann", "checked")] == shell.decided()
    assert (plan.proposed[0], plan.proposed[2]) == approved(plan, shell.file)
    assert "row 3: decision" in told
    assert "1 there more than once, not taken" in told


@pytest.mark.parametrize(
    ("options", "exits", "says"),
    [
        (("--reviewer", "Ann"), 2, "needs --reviewer and --reason"),
        (("--reason", "checked"), 2, "needs --reviewer and --reason"),
        ((*ANN, "--expect", "2"), 2, "approves 3 changes, 2 were expected"),
        ((*ANN, "--export", "other.csv"), 2, "one of --export and --import"),
        (("--reviewer", " ", "--reason", "x"), 2, "needs --reviewer and --reason"),
    ],
)
def test_an_import_that_decides_nothing(shell, options, exits, says):
    """Without a name, a reason or with another count an import decides nothing."""
    kept(shell.folder)
    shell.filled("csv", *["approve"] * 3)
    assert says in shell.run("review", "--import", "sheet.csv", *options, exits=exits)
    assert not shell.file.exists()


def test_a_planners_sheet(shell):
    """Under four eyes a sheet of the planner that approves is refused; one that rejects is not."""
    kept(shell.folder, four_eyes="yes", planner=account())
    shell.filled("csv", "approve", "reject")
    shell.run("review", "--import", "sheet.csv", *ANN, exits=5)
    assert not shell.file.exists()
    (shell.folder / "sheet.csv").unlink()
    shell.filled("csv", "", "reject")
    shell.run("review", "--import", "sheet.csv", *ANN)
    assert [("reject", 1, "Ann", "checked")] == shell.decided()


def test_a_sheet_holds_nobody_elses_decisions(shell):
    """A sheet is filled with the decisions of its reviewer alone, so that nobody takes others'."""
    kept(shell.folder)
    shell.run("approve", *SAFE, *ANN)
    shell.filled("csv")
    assert "0 approved" in shell.run("review", "--import", "sheet.csv", *BOB)
    (shell.folder / "sheet.csv").unlink()
    shell.run("review", "--export", "sheet.csv", "--reviewer", " ANN ")
    assert "3 approved" in shell.run("review", "--import", "sheet.csv", *ANN)


def test_a_page_to_read(shell):
    """An HTML page shows how everybody decided, and is not read back."""
    kept(shell.folder)
    shell.run("approve", *SAFE, *ANN)
    shell.run("review", "--export", "sheet.html")
    assert "approve" in (shell.folder / "sheet.html").read_text(encoding="utf-8")
    assert "not read from a page" in shell.run("review", "--import", "sheet.html", *ANN, exits=2)


def test_decisions_are_json_lines(shell):
    """The decisions file is one JSON object a line, in any tool."""
    plan = kept(shell.folder)
    shell.run("approve", *SAFE, *ANN)
    (line,) = shell.file.read_text(encoding="utf-8").splitlines()
    assert [c.hash for c in plan.proposed] == json.loads(line)["decision"]["changes"]
