"""The commands about rules: what they choose, tell and refuse."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from repair import Bench, attempt, uuid

from scormaudit.cli import app, main
from scormaudit.fetch import fetch
from scormaudit.report import terminal

MINE = '''"""Manners."""

from pandera.pandas import Check

from scormaudit import Edit, Rule


class Loud(Rule, code="XX101"):
    """The status shouts.

    Capitals are hard to read, `and` this sentence goes on for so long that no terminal of eighty
    columns can show it on one line.

    A second paragraph.
    """

    severity = "warning"
    fix = "judgement"
    page = "3-24"
    element = "lesson_status"
    check = Check(lambda status: ~status.str.isupper())
    good = ({"lesson_status": "passed"}, {"lesson_status": ""}, {"lesson_status": None})
    bad = ({"lesson_status": "COMPLETED"}, {"lesson_status": "OK"})

    @staticmethod
    def repair(row):
        return Edit("lesson_status", "completed") if len(row["lesson_status"]) > 2 else None


class Normal(Rule, code="XX102"):
    """The exit is spelled as in SCORM 2004.

    So.
    """

    fix = "safe"
    element = "exit"
    check = Check(lambda exit: exit.ne("normal"))
    good = ({"exit": ""},)
    bad = ({"exit": "normal"},)

    @staticmethod
    def repair(row):
        return Edit("exit_status", "")


class Low(Rule, code="XX103"):
    """The maximum is low.

    So.
    """

    severity = "info"
    element = "score_max"
    check = Check(lambda score: score.ne("1"))
    good = ({"score_max": "100"},)
    bad = ({"score_max": "1"},)


class Wrong(Low, code="XX104"):
    """The entry cannot be right.

    So.
    """

    severity = "error"
    element = "entry"
    check = Check(lambda entry: entry.ne("ab-inito"))
'''


class Shell:
    """A folder with rules, settings and a snapshot of two faulty records."""

    def __init__(self, folder, monkeypatch, capsys):
        self.folder, self.monkeypatch, self.capsys = folder, monkeypatch, capsys

    def settings(self, text):
        (self.folder / "pyproject.toml").write_text(f"[tool.scormaudit]\n{text}")
        return self

    def run(self, *arguments, exits=0):
        """Run a command; what it printed, after its exit code was checked."""
        self.monkeypatch.setattr(sys, "argv", ["scormaudit", *arguments])
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code
        printed = self.capsys.readouterr()
        assert exits == code, printed
        return printed.out + printed.err


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A snapshot and a folder of rules, shared by all tests."""
    folder = tmp_path_factory.mktemp("shell")
    (folder / "mine").mkdir()
    (folder / "mine" / "manners.py").write_text(MINE)
    bench = Bench(folder, attempt(1, core__lesson_status="PASSED"), attempt(2))
    fetch(bench.client, bench.lms.worklist, folder / "snap")
    bench.close()
    return folder


@pytest.fixture
def shell(folder, monkeypatch, capsys):
    """A shell in that folder, with no settings yet."""
    monkeypatch.chdir(folder)
    for name in ("SELECT", "IGNORE", "RULES", "SEVERITY", "ALLOW"):
        monkeypatch.delenv(f"SCORMAUDIT_{name}", raising=False)
    return Shell(folder, monkeypatch, capsys).settings("")


def codes(output):
    """The codes at the beginnings of lines."""
    words = (line.split()[0] for line in output.splitlines() if line.strip())
    return [word for word in words if word[-3:].isdigit() and word.isupper()]


@pytest.mark.parametrize(
    ("line", "exits", "says"),
    [
        ("audit snap --rules mine --select XX", 1, "2 errors, 1 warning, 0 notes in 2 records"),
        ("explain XX101 --rules mine", 0, "The status shouts"),
        ("rules --rules mine --theme manner", 2, "Did you mean manners?"),
        ("audit snap --select ST1O3", 2, "Did you mean ST103?"),
    ],
)
def test_in_a_process_of_its_own(shell, line, exits, says):
    """Started as a program, a command answers in words and with its exit code."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith("SCORMAUDIT_")}
    done = subprocess.run(
        [sys.executable, "-m", "scormaudit", *line.split()],
        capture_output=True, text=True, cwd=shell.folder, check=False,
        env=plain | {"PYTHONWARNINGS": "error", "NO_COLOR": "1"},
    )  # fmt: skip
    output = done.stdout + done.stderr
    assert exits == done.returncode, output
    assert says in output
    assert "Traceback" not in output


# --- before and around the commands -------------------------------------------------------


def test_commands_stand_in_the_order_of_the_road(shell):
    """Help lists the commands as one takes them: the repair first, then the migration."""
    lines = shell.run("--help").partition("Commands:\n")[2].splitlines()
    listed = [line.split()[0] for line in lines[: lines.index("")]]
    road = ["demo", "sandbox", "doctor", "fetch", "record", "audit", "report", "rules", "explain",
            "propose", "review", "approve", "apply", "undo", "journal",
            "preview", "gate", "import", "compare"]  # fmt: skip
    assert road == [name for name in listed if name in road] == listed[: len(road)]


def test_a_command_that_is_not_on_the_road_comes_last():
    """A command that nobody has given a place is listed all the same."""
    from typer.main import get_command

    group = get_command(app)
    group.commands["zebra"] = group.commands["audit"]
    assert "zebra" == group.list_commands(None)[-1]


def test_help_says_how_to_set_what(shell):
    """The settings that no command has an option for are named where one looks first."""
    words = shell.run("--help")
    for name in ("BASE_URL", "TOKEN", "WRITE_TOKEN", "CA_FILE", "TRUST_ENV", "HOME"):
        assert f"SCORMAUDIT_{name}" in words


def test_the_version_is_told(shell):
    """`--version` tells name and version, and nothing else is looked at."""
    assert f"scormaudit {version('scormaudit')}\n" == shell.run("--version", "nonsense")


@pytest.mark.parametrize("line", ["rules", "audit snap", "propose snap -o never.json"])
@pytest.mark.parametrize("given", ["", " ", ",", " , "])
def test_a_selection_of_nothing_is_refused(shell, line, given):
    """An empty `--select`, as of a variable that is not set, does not run all rules."""
    assert "--select names no rule" in shell.run(*line.split(), "--select", given, exits=2)
    assert not (shell.folder / "never.json").exists()


def started(folder, line, **streams):
    """A command in a process of its own, whose output is buffered as usual."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith("SCORMAUDIT_")}
    plain.pop("PYTHONUNBUFFERED", None)
    return subprocess.Popen(
        [sys.executable, "-m", "scormaudit", *line.split()],
        text=True, cwd=folder, env=plain | {"PYTHONWARNINGS": "error"},
        **({"stderr": subprocess.PIPE} | streams),
    )  # fmt: skip


LONG = ["--help", "--version", "rules", "rules --markdown", "audit snap",
        "audit snap --format json", "explain ST103"]  # fmt: skip


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("line", LONG)
def test_a_full_disk_is_said_in_words(shell, line):
    """Where standard output takes nothing, one line says so, and the exit code is 2."""
    with open("/dev/full", "w") as full, started(shell.folder, line, stdout=full) as process:  # noqa: PTH123
        told = process.communicate()[1]
    assert 2 == process.returncode
    assert "scormaudit: standard output: It cannot be used (No space left on device).\n" == told


@pytest.mark.parametrize("line", LONG)
def test_a_closed_pipe_ends_quietly(shell, line):
    """A reader that has gone is no error to tell anybody, and no verdict either."""
    reading, writing = os.pipe()
    os.close(reading)
    with started(shell.folder, line, stdout=writing) as process:
        os.close(writing)
        told = process.communicate()[1]
    assert (2, "") == (process.returncode, told)


def test_a_reader_that_has_seen_enough(shell):
    """Whoever reads the first line alone gets it, and no traceback after it."""
    with started(shell.folder, "rules --markdown", stdout=subprocess.PIPE) as process:
        assert "# Rules\n" == process.stdout.readline()
        process.stdout.close()
        assert "" == process.stderr.read()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_nobody_listens_at_all(shell):
    """Where both streams are full nothing can be said, and the exit code still is 2."""
    with open("/dev/full", "w") as full:  # noqa: PTH123
        process = started(shell.folder, "rules", stdout=full, stderr=full)
    assert 2 == process.wait()


# --- rules --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (["--theme", "manners"], ["XX101", "XX102", "XX103", "XX104"]),
        (["--theme", "manners", "--severity", "error,info"], ["XX102", "XX103", "XX104"]),
        (["--select", "XX", "--fix", "safe", "--fix", "judgement"], ["XX101", "XX102"]),
        (["--select", "xx", "--ignore", "XX103,XX104"], ["XX101", "XX102"]),
        (["--select", "XX101", "--fix", "safe"], []),
    ],
)
def test_rules_are_filtered(shell, filters, expected):
    """Rules are listed by theme, severity, fix and code, all of which must fit."""
    output = shell.run("rules", "--rules", "mine", *filters)
    assert expected == codes(output)
    assert f"{len(expected)} rules" in output
    assert max(map(len, output.splitlines())) <= 80


def test_the_whole_catalogue_fits(shell):
    """All rules fit eighty columns, by theme, and end with the totals and what to do next."""
    output = shell.run("rules")
    assert max(map(len, output.splitlines())) <= 80
    assert "ST103" in codes(output)
    assert "\nstatus\n" in output
    assert f"{len(codes(output))} rules: " in output
    assert "scormaudit explain" in output.splitlines()[-1]


@pytest.mark.parametrize(
    ("filters", "says"),
    [
        (["--theme", "manner"], "Did you mean manners?"),
        (["--severity", "warnings"], "Did you mean warning?"),
        (["--fix", "automatic"], "Take safe, judgement, manual."),
        (["--select", "XX1O1"], "Did you mean XX101"),
        (["--ignore", "ST1O3"], "Did you mean ST103"),
    ],
)
def test_a_filter_that_fits_nothing_is_corrected(shell, filters, says):
    """A misspelt theme, severity, fix or code is told with what comes near."""
    assert says in shell.run("rules", "--rules", "mine", *filters, exits=2)


def test_another_severity_is_marked(shell):
    """Rules are listed with the severity that the settings give them, and marked."""
    shell.settings('rules = "mine"\nseverity = { XX103 = "error" }\n')
    output = shell.run("rules", "--select", "XX", "--severity", "error")
    assert ["XX102", "XX103", "XX104"] == codes(output)
    assert "error*" in output
    assert "* by pyproject.toml" in output


# --- explain ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (
            "xx101",
            [
                "XX101 The status shouts", "warning", "SCORM 1.2 RTE, page 3-24", "manners",
                "lesson_status ''", "lesson_status absent", "A second paragraph.",
                'mended by EditScormData lesson_status = "completed"',
                "not mended: no value is certain", "--include judgement", "review mode",
                "Undo: not every server", "left alone", "--select XX101 --rules mine",
            ],
        ),
        (
            "XX102",
            [
                "error", 'mended by EditScormData exit_status = "normal", which reads back as \'\'',
                "Safe:", "there a person decides",
            ],
        ),
        ("XX103", ["info", "None: EditScormData has no field for this."]),
        ("XX104", ["None: EditScormData could write entry, but no value for it is certain."]),
    ],
)  # fmt: skip
def test_a_rule_is_explained(shell, code, says):
    """A rule is told with why, page, examples, the exact edit and what that cannot do."""
    output = shell.run("explain", code, "--rules", "mine")
    flowing = " ".join(output.split())
    for words in says:
        assert words in flowing
    assert max(map(len, output.splitlines())) <= 80


def test_every_shipped_rule_can_be_explained():
    """No shipped rule is too wide or too odd for its own explanation."""
    from scormaudit.pack import load

    for rule in load().rules:
        lines = terminal.plain(terminal.explained(rule)).splitlines()
        assert max(map(len, lines)) <= 80
        assert lines[0].startswith(rule.code)


def test_the_effective_severity_is_explained(shell):
    """Where the settings change a severity, both are told."""
    shell.settings('severity = { ST = "info" }\n')
    output = shell.run("explain", "ST103")
    assert "info, by pyproject.toml; the rule itself says warning" in output


def test_no_rule_is_explained_by_a_beginning(shell):
    """A beginning is not a code, and the nearest codes are told."""
    assert "Did you mean XX10" in shell.run("explain", "XX10", "--rules", "mine", exits=2)


# --- audit --------------------------------------------------------------------------------

ALLOW = """[[tool.scormaudit.allow]]
rule = "XX104"
reason = "the old player"
until = 2999-12-31
"""


def test_settings_choose_the_rules(shell):
    """An audit takes rules, selection and severity from the settings."""
    shell.settings('rules = "mine"\nselect = ["XX"]\nignore = ["XX104"]\n')
    output = shell.run("audit", "snap")
    assert ["XX101"] == codes(output)
    assert "by 3 rules" in output


def test_options_win_over_settings(shell):
    """A selection that is typed sets aside the settings' selection and what they ignore."""
    shell.settings('rules = "mine"\nselect = ["XX101"]\nignore = ["XX104"]\n')
    assert ["XX104"] == codes(shell.run("audit", "snap", "--select", "XX104", exits=1))


def test_the_exit_code_follows_the_severity(shell):
    """An error that is made a warning no longer shuts the door, a warning made an error does."""
    shell.settings('rules = "mine"\nselect = ["XX"]\nseverity = { XX = "info" }\n')
    assert "0 errors, 0 warnings, 3 notes" in shell.run("audit", "snap")
    shell.settings('rules = "mine"\nselect = ["XX101"]\nseverity = { XX101 = "error" }\n')
    shell.run("audit", "snap", exits=1)


def test_what_is_allowed_opens_the_door(shell):
    """An allowed finding is told and leaves the exit code at 0, until it expires."""
    shell.settings(f'rules = "mine"\nselect = ["XX104"]\n{ALLOW}')
    output = shell.run("audit", "snap")
    assert "allowed: XX104 2 findings until 2999-12-31 (the old player)" in output
    assert "2 allowed until 2999-12-31" in " ".join(output.split())
    shell.settings(f'rules = "mine"\nselect = ["XX104"]\n{ALLOW.replace("2999", "2001")}')
    assert "expired 2001-12-31" in shell.run("audit", "snap", exits=1)


def test_a_plan_leaves_what_is_allowed(shell, tmp_path):
    """`propose` plans nothing for a record whose finding is allowed in the settings."""
    one = ALLOW.replace("XX104", "VO102") + f'enrollment_id = "{uuid(1)}"\n'
    shell.settings(f'select = ["VO102"]\n{one}')
    shell.run("propose", "snap", "-o", str(tmp_path / "plan.json"), "--include", "judgement")
    plan = json.loads((tmp_path / "plan.json").read_text())["plan"]
    assert [uuid(2)] == [change["enrollment_id"] for change in plan["proposed"]]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (ALLOW.replace("XX104", "ST1O3"), "allow[0].rule: No rule has the code ST1O3. Did you"),
        (ALLOW.replace("reason", "because"), "allow[0].because: An allowance has no such key"),
        ('allow = [{ rule = "ST103", reason = "x" }]', "allow[0].until: An allowance must end"),
        ('severity = { ST103 = "fatal" }', "severity.ST103: This is not a severity"),
        ('select = ["ST1O3"]', "select: No rule has the code ST1O3. Did you mean ST103"),
        ('severty = { ST103 = "info" }', "did you mean severity"),
    ],
)
def test_a_bad_setting_is_named(shell, settings, says):
    """A setting that cannot be used ends the audit with its key and exit code 2."""
    assert says in shell.settings(settings).run("audit", "snap", exits=2)


def test_no_rule_left_is_no_clean_audit(shell):
    """Selecting and ignoring the same rules is a mistake, not a clean bill."""
    line = ["audit", "snap", "--select", "ST103", "--ignore", "ST"]
    assert "none is left" in shell.run(*line, exits=2)
