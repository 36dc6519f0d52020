"""pytest on a snapshot, each run in a process of its own as a user would start it."""

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import entry_points

import pytest
from repair import Bench, attempt

from scormaudit.fetch import fetch
from scormaudit.frame import COLUMNS
from scormaudit.pytest_plugin import _FORMAT
from scormaudit.snapshot import FORMAT, Writer

HEAVY = "pandas pandera pyarrow numpy typer rich pydantic httpx starlette"
SECRET = "Zoe says sesame"
RULES = '''"""Seven rules, one for each way to end."""

from pathlib import Path

from pandera.pandas import Check

from scormaudit import Rule


class Fails(Rule, code="XX101"):
    """The entry is wrong.

    So.
    """

    element = "entry"
    check = Check.isin(["resume"])


class Warns(Fails, code="XX102"):
    """The status is odd.

    So.
    """

    severity = "warning"
    element = "lesson_status"


class Tells(Warns, code="XX103"):
    """The mode is worth knowing.

    So.
    """

    severity = "info"
    element = "lesson_mode"


class Holds(Rule, code="XX104"):
    """The exit is long.

    So.
    """

    element = "exit"
    check = Check(lambda exit: _counted(exit.str.len() < 99))


class Crashes(Rule, code="XX105"):
    """The credit is no number.

    So.
    """

    element = "credit"
    check = Check(lambda credit: credit.astype(float) > 0)


class Allowed(Fails, code="XX106"):
    """The entry is wrong, again.

    So.
    """


class Blind(Fails, code="XX107"):
    """The launch data cannot be known.

    So.
    """

    element = "launch_data"


def _counted(answer):
    with Path("audits").open("a") as file:
        file.write("x")
    return answer
'''
SETTINGS = """[tool.scormaudit]
rules = "mine"
select = ["XX"]

[[tool.scormaudit.allow]]
rule = "XX106"
reason = "the old player"
until = 2999-12-31

[[tool.scormaudit.allow]]
rule = "XX101"
reason = "was settled"
until = 2001-01-31
"""


class Project:
    """A folder with rules, settings and a snapshot, in which pytest is run."""

    def __init__(self, folder):
        self.folder = folder

    def run(self, line, exits=0, *, installed=False):
        """Run pytest with the plugin alone, or as it is installed; its output, exit code checked.

        Other plugins that happen to be installed may import what they like, and take long.
        """
        plain = {k: v for k, v in os.environ.items() if not k.startswith(("SCORMAUDIT_", "PYTEST"))}
        plain |= {"NO_COLOR": "1", "COLUMNS": "200"}
        alone = [] if installed else ["-p", "scormaudit.pytest_plugin"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *alone, *line.split()],
            capture_output=True, text=True, cwd=self.folder, check=False,
            env=plain if installed else plain | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        )  # fmt: skip
        assert exits == done.returncode, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Two records of which one is wrong in every way; never write into the snapshot."""
    folder = tmp_path_factory.mktemp("project")
    errors = {"cmi.launch_data": "101 - General exception"}
    bench = Bench(
        folder,
        attempt(1, core__entry=SECRET, errors=errors),
        attempt(2, core__entry="resume", core__lesson_status="resume", errors=errors),
    )
    fetch(bench.client, bench.lms.worklist, folder / "snap")
    bench.close()
    (folder / "mine").mkdir()
    (folder / "mine" / "endings.py").write_text(RULES)
    (folder / "pyproject.toml").write_text(SETTINGS)
    return Project(folder)


@pytest.fixture(scope="module")
def whole(project):
    """What a run of all rules prints."""
    (project.folder / "audits").unlink(missing_ok=True)
    return project.run("snap -rA", exits=1, installed=True)


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("XX101", "FAILED"),
        ("XX102", "FAILED"),
        ("XX103", "XFAIL"),
        ("XX104", "PASSED"),
        ("XX105", "ERROR"),
        ("XX106", "XFAIL"),
    ],
)
def test_every_outcome_has_its_word(whole, code, word):
    """Broken fails, held passes, crashed errs; notes and what is allowed are expected failures."""
    assert f"{word} snap/manifest.json::{code}" in whole


def test_there_is_one_test_a_rule(whole):
    """Each chosen rule is one test, and the snapshot's other files are none."""
    assert "2 failed, 1 passed, 1 skipped, 2 xfailed, 1 error" in whole


def test_an_unknown_rule_is_skipped_with_its_reason(whole):
    """A rule that could judge no row is skipped, and the reason is told."""
    assert "could not be judged: the element itself failed" in whole


def test_a_failure_names_rows_and_no_value(whole):
    """A failure has title, count, ids and element of the first findings, and no learner's text."""
    assert "The entry is wrong (error, 1 of 2 rows)" in whole
    assert "00000000-0000-4000-8000-000000000001" in whole
    assert "sco cmi.core.entry" in whole
    assert "scormaudit explain XX101" in whole
    assert "sesame" not in whole


def test_values_are_shown_on_request(project):
    """With the option, a failure shows what the record holds."""
    output = project.run("snap/manifest.json::XX101 --scormaudit-show-values", exits=1)
    assert SECRET in output


def test_a_crash_names_its_place(whole):
    """A rule that crashes errs with its file and line."""
    assert "XX105 crashed: ValueError in endings.py, line" in whole


def test_allowances_are_told(whole):
    """An expected failure names day and reason; a failure says what was allowed once."""
    assert "1 allowed until 2999-12-31: the old player" in whole
    assert "the allowance expired 2001-01-31: was settled" in whole


def test_the_audit_runs_once(project, whole):
    """However many rules there are, each is asked once."""
    assert "1 passed" in whole
    assert "x" == (project.folder / "audits").read_text()


@pytest.mark.parametrize(
    "line",
    ["snap/manifest.json::XX104", "snap/ -W error -k XX104", "./snap/manifest.json -k XX104"],
)
def test_one_rule_can_be_run(project, line):
    """One rule is run by its code, in every way that pytest has for that."""
    assert "1 passed" in project.run(line)


def test_a_theme_is_a_keyword(project):
    """All rules of one file are chosen by its name."""
    assert "7 tests collected" in project.run("snap -k endings --collect-only")


@pytest.mark.parametrize(
    ("least", "ends"),
    [
        ("error", "1 failed, 1 passed, 1 skipped, 3 xfailed"),
        ("info", "3 failed, 1 passed, 1 skipped, 1 xfailed"),
    ],
)
def test_the_least_severity_that_fails_can_be_chosen(project, least, ends):
    """Findings fail from the chosen severity upwards; what is allowed never does."""
    assert ends in project.run(f"snap --scormaudit-fail-on {least}", exits=1)


def test_another_severity_counts(project, tmp_path):
    """The severity that the settings give a rule decides whether it fails."""
    for name in ("snap", "mine"):
        shutil.copytree(project.folder / name, tmp_path / name)
    (tmp_path / "pyproject.toml").write_text(
        SETTINGS.replace('["XX"]', '["XX101"]\nseverity = { XX = "info" }')
    )
    assert "1 xfailed" in Project(tmp_path).run("snap")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (SETTINGS.replace("XX106", "XX1O6"), "allow[0].rule: No rule has the code XX1O6"),
        (SETTINGS.replace('"XX"', '"YY"'), "select: No rule has the code YY"),
        (SETTINGS.replace('"mine"', '"nowhere"'), "There is no such folder of rules"),
        (SETTINGS.replace("select", "selct"), "did you mean select?"),
    ],
)
def test_bad_settings_stop_the_collection(project, tmp_path, settings, says):
    """Settings that cannot be used are one sentence and no test, never a traceback."""
    for name in ("snap", "mine"):
        shutil.copytree(project.folder / name, tmp_path / name)
    (tmp_path / "pyproject.toml").write_text(settings)
    output = Project(tmp_path).run("snap", exits=2)
    assert f"scormaudit: {says}" in output or says in output
    assert "Traceback" not in output


def test_a_damaged_snapshot_is_told(project, tmp_path):
    """A part that cannot be read makes an error of every rule and no traceback."""
    shutil.copytree(project.folder / "snap", tmp_path / "snap")
    for part in (tmp_path / "snap" / "records").iterdir():
        part.write_bytes(b"PAR1")
    output = Project(tmp_path).run("snap -k VO102", exits=1)
    assert "A part of the snapshot cannot be read: records/part-00000.parquet" in output
    assert "Traceback" not in output


def test_a_snapshot_of_another_version_is_told(tmp_path):
    """A snapshot that this version cannot read is an error, not silence."""
    (tmp_path / "snap").mkdir()
    (tmp_path / "snap" / "manifest.json").write_text(json.dumps({"format": f"{_FORMAT}99"}))
    assert "not a manifest of format" in Project(tmp_path).run("snap", exits=2)


@pytest.fixture(scope="module")
def partial(tmp_path_factory):
    """A project whose snapshot lacks an assignment."""
    folder = tmp_path_factory.mktemp("partial")
    writer = Writer(folder / "snap", ())
    row = {"row": 2, "enrollment_id": "e", "assignment_id": "a", "state": "forbidden", "scos": 0}
    writer.write({name: [] for name in COLUMNS} | {"coverage": [row]})
    writer.finish(
        base_url="https://lms.example", from_utc="", to_utc="", elements=(),
        worklist={}, tool_version="0",
    )  # fmt: skip
    return Project(folder)


def test_an_incomplete_snapshot_is_said(partial):
    """An incomplete snapshot is a warning with the counts, which a strict run makes an error."""
    output = partial.run("snap -k VO102")
    assert "IncompleteSnapshotWarning: the snapshot is incomplete: 1 forbidden" in output
    strict = "error::scormaudit.pytest_plugin.IncompleteSnapshotWarning"
    assert "the snapshot is incomplete" in partial.run(f"snap -W {strict}", exits=2)


# --- where there is no snapshot --------------------------------------------------------------

INNOCENT = f"""
import sys

def test_nothing_heavy():
    assert set() == set({HEAVY!r}.split()) & set(sys.modules)
    assert "scormaudit.pytest_plugin" in sys.modules
"""


MANIFESTS = {
    "web": b'{"name": "My app", "icons": []}',
    "other": b'{"format": "tarball-1", "note": "scormaudit-snapshot-"}',
    "list": b'["scormaudit-snapshot-1"]',
    "broken": b'{"format": "scormaudit-snapshot-1"',
    "deep": b"[" * 100_000 + b'"scormaudit-snapshot-1"',
    "binary": b"\xff\xfescormaudit-snapshot-1\x00",
}


@pytest.fixture(scope="module")
def innocent(tmp_path_factory):
    """A project of somebody who has scormaudit installed and uses it for nothing here."""
    folder = tmp_path_factory.mktemp("innocent")
    (folder / "test_own.py").write_text(INNOCENT)
    for name, content in MANIFESTS.items():
        (folder / name).mkdir()
        (folder / name / "manifest.json").write_bytes(content)
        (folder / name / "notes.txt").write_text("text")
    return Project(folder)


def test_a_run_without_a_snapshot_loads_nothing_heavy(innocent):
    """Beside unrelated files of the same name, the plugin imports nothing and collects nothing."""
    assert "1 passed" in innocent.run(f"-W error . {' '.join(MANIFESTS)}")


def test_a_manifest_of_something_else_is_no_test(innocent):
    """A manifest.json of another format is left alone even where it is named."""
    assert "no tests ran" in innocent.run(" ".join(MANIFESTS), exits=5)


def test_a_snapshot_that_was_not_named_is_left_alone(project, tmp_path):
    """A snapshot that lies somewhere below a searched folder is not collected."""
    shutil.copytree(project.folder / "snap", tmp_path / "data" / "snap")
    (tmp_path / "test_own.py").write_text(INNOCENT)
    assert "1 passed" in Project(tmp_path).run("")
    assert "1 passed" in Project(tmp_path).run(".")


def test_the_plugin_is_found_by_pytest():
    """The plugin is found by its entry point, with no option."""
    (point,) = (p for p in entry_points(group="pytest11") if p.name == "scormaudit")
    assert "scormaudit.pytest_plugin" == point.value
    assert FORMAT.startswith(_FORMAT)
