"""The whole road as a user walks it: every command in a process of its own."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import pandas as pd
import pytest

KEYS = ["enrollment_id", "assignment_id", "sco_id"]


@contextmanager
def served(*options):
    """`scormaudit sandbox` in a process of its own; what it printed, by its first word."""
    command = [sys.executable, "-m", "scormaudit", "sandbox", "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_environment({}))
    printed = {}
    for line in process.stdout:
        if line.startswith("next"):
            break
        word, _, rest = line.partition(" ")
        printed[word] = rest.strip()
    try:
        yield printed
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()


def _environment(more):
    plain = {k: v for k, v in os.environ.items() if not k.startswith("SCORMAUDIT_")}
    return plain | {"PYTHONWARNINGS": "error", "NO_COLOR": "1"} | more


class User:
    """Someone at a shell in a folder of their own, set up for one sandbox."""

    def __init__(self, folder: Path, printed):
        self.folder = folder
        self.environment = _environment(
            {
                "SCORMAUDIT_BASE_URL": printed["URL"],
                "SCORMAUDIT_TOKEN": printed["Token"],
                "SCORMAUDIT_HOME": str(folder / "home"),
            }
        )
        self.worklist = printed["Worklist"]

    def run(self, line, exits=0):
        """Run a command; its output, after its exit code was checked."""
        done = subprocess.run(
            [sys.executable, "-m", "scormaudit", *line.split("|")[0].split()],
            capture_output=True, text=True, cwd=self.folder, env=self.environment, check=False,
        )  # fmt: skip
        output = done.stdout + done.stderr
        assert exits == done.returncode, f"{line}: {output}"
        assert "Traceback" not in output, output
        return output

    def edits(self):
        """How many edits the LMS has committed."""
        with closing(sqlite3.connect(self.folder / "lms.db")) as db:
            return db.execute("SELECT count(*) FROM edits").fetchone()[0]

    def records(self, snapshot):
        """The records of a snapshot as any tool reads them, by key."""
        return pd.read_parquet(self.folder / snapshot / "records").set_index(KEYS).sort_index()

    def findings(self, snapshot, exits):
        """What `audit` finds, as a set of rule, record and element."""
        found = json.loads(self.run(f"audit {snapshot} --format json", exits))["findings"]
        return {(f["rule"], *(f[k] for k in KEYS), f["element"], f["index"]) for f in found}


@pytest.fixture(scope="module")
def repaired(tmp_path_factory):
    """A user who has walked the road up to a verified repair, and the plan."""
    folder = tmp_path_factory.mktemp("road")
    with served("--records", "150", "--db", str(folder / "lms.db")) as printed:
        user = User(folder, printed)
        user.run(f"fetch {user.worklist} -o before")
        user.run("propose before -o plan.json")
        plan = json.loads((user.folder / "plan.json").read_text())["plan"]
        yield user, plan


def test_the_road(repaired):
    """A repair removes what it was for and nothing else, and undo brings every exact value back."""
    user, plan = repaired
    changes = len(plan["proposed"])
    assert changes >= 3
    assert {"safe"} == {change["kind"] for change in plan["proposed"]}
    before = user.findings("before", exits=1)

    user.run(f"apply plan.json --execute --expect {changes}", exits=5)
    assert "nothing was decided" in approve(user, changes + 1, exits=2)
    user.run(f"apply plan.json --execute --expect {changes}", exits=5)
    approve(user, changes)
    assert f"{changes} would_send" in user.run("apply plan.json")
    user.run(f"apply plan.json --execute --expect {changes - 1} --rate 1000", exits=2)
    assert 0 == user.edits()
    done = user.run(f"apply plan.json --execute --expect {changes} --rate 1000")
    assert f"{changes} verified" in done
    again = user.run(f"apply plan.json --execute --expect {changes} --rate 1000")
    assert f"{changes} verified" in again
    assert changes == user.edits()

    user.run(f"fetch {user.worklist} -o after")
    after = user.findings("after", exits=1)
    mended = {
        (rule, *(change[key] for key in KEYS))
        for change in plan["proposed"]
        for rule in change["rules"]
    }
    assert set() == after - before
    assert mended == {finding[:4] for finding in before - after}

    journal = re.search(r"journal (\S+), head", done).group(1)
    user.run(f"journal {journal} --verify")
    user.run(f"undo {journal} -o undo.json")
    approve(user, changes, plan="undo.json")
    user.run(f"apply undo.json --execute --expect {changes} --rate 1000")
    user.run(f"fetch {user.worklist} -o restored")
    pd.testing.assert_frame_equal(user.records("before"), user.records("restored"))


def approve(user, expect, exits=0, plan="plan.json"):
    """Approve every safe change of a plan."""
    line = f"approve {plan} --all-safe --expect {expect} --reviewer Ann --reason checked"
    return user.run(line, exits)


def test_looking_writes_nothing(repaired):
    """Doctor, a resumed fetch and a recording read the LMS and leave its records alone."""
    user, _ = repaired
    edits = user.edits()
    rows = Path(user.worklist).read_text(encoding="utf-8").splitlines(keepends=True)
    (user.folder / "one.csv").write_text("".join(rows[:2]), encoding="utf-8")
    assert "never tried" in user.run("doctor one.csv")
    user.run("fetch one.csv -o one")
    assert "nothing was read" in user.run("fetch one.csv -o one --resume")
    user.run("record one.csv -o mine.yaml")
    assert "access_token" not in (user.folder / "mine.yaml").read_text(encoding="utf-8")
    assert edits == user.edits()


@pytest.mark.parametrize("at", [5, 60, 400, -5])
def test_a_plan_changed_by_one_byte_is_refused(repaired, at):
    """One byte of a plan changed voids it for every command that would act on it."""
    user, plan = repaired
    content = bytearray((user.folder / "plan.json").read_bytes())
    content[at] ^= 1
    (user.folder / "changed.json").write_bytes(content)
    exits = 2 if at == 5 else 5
    user.run(f"apply changed.json --execute --expect {len(plan['proposed'])}", exits)
    user.run("review changed.json", exits)
    approve(user, len(plan["proposed"]), exits, "changed.json")


def test_the_demo_is_a_road_of_its_own(tmp_path):
    """`demo` writes a snapshot, a report and a plan, and names the findings and what to do next."""
    user = User(tmp_path, {"URL": "", "Token": "", "Worklist": ""})
    output = user.run("demo -o demo")
    assert {"snapshot", "report.html", "plan.json"} == {
        p.name for p in (tmp_path / "demo").iterdir()
    }
    assert "VO101" in output
    assert "next:" in output
    assert "VO101" in (tmp_path / "demo" / "report.html").read_text()


@pytest.mark.parametrize(
    ("line", "exits", "says"),
    [
        ("fetch nothing.csv -o s", 2, "cannot be read"),
        ("audit nowhere", 2, "missing"),
        ("audit .", 2, "did not finish"),
        ("propose nowhere -o p.json", 2, "missing"),
        ("explain ST1O3", 2, "Did you mean"),
        ("review nothing.json", 2, "cannot be read"),
        ("apply worklist.csv", 2, "not a plan"),
        ("undo nothing.journal -o p.json", 2, "no journal"),
        ("journal worklist.csv", 2, "no journal"),
        ("sandbox --port 0 --fault sabotage", 2, "sabotage"),
        ("audit nowhere --format runes", 2, "runes"),
    ],
)
def test_a_mistake_gets_words(tmp_path, line, exits, says):
    """A user's mistake gets a sentence and exit code 2, never a traceback."""
    (tmp_path / "worklist.csv").write_text("a,b\n1,2\n")
    user = User(tmp_path, {"URL": "", "Token": "", "Worklist": ""})
    assert says in user.run(line, exits)


def test_no_lms(tmp_path):
    """Where nothing listens, fetch says so and leaves no folder behind."""
    (tmp_path / "w.csv").write_text(
        "enrollment_id,assignment_id\n"
        "00000000-0000-4000-8000-000000000001,00000000-0000-4000-8000-000000000002\n"
    )
    printed = {"URL": "http://127.0.0.1:9", "Token": "t", "Worklist": ""}
    assert "No connection" in User(tmp_path, printed).run("fetch w.csv -o s", 2)
    assert not (tmp_path / "s").exists()
