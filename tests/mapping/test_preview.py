"""A preview: files that other tools read, and every loss counted and printed."""

import csv
import json
import re
import shutil
from collections import Counter

import pytest
import tincan
from repair import uuid
from statement_rules import cmi5_faults, faults
from typer.testing import CliRunner

from scormaudit import Client, ScormauditError, fetch
from scormaudit.cli import app
from scormaudit.errors import SnapshotError
from scormaudit.mapping.loss import KINDS
from scormaudit.mapping.preview import preview
from scormaudit.sandbox import Sandbox
from scormaudit.sandbox.attempt import Attempt, Sco
from scormaudit.snapshot import read_snapshot

TIME = r"PT(?=\d)(\d+H)?(\d+M)?(\d+(\.\d\d)?S)?"
NUMBER = r"-?\d+(\.\d+)?"
VALUES = {
    "completion_status": "completed|incomplete|not attempted|unknown",
    "success_status": "passed|failed|unknown",
    "exit": "time-out|suspend|logout|normal|",
    "entry": "ab-initio|resume|",
    "credit": "credit|no-credit",
    "mode": "browse|normal|review",
    "result": f"correct|incorrect|unanticipated|neutral|{NUMBER}",
    "type": "true-false|choice|(long-)?fill-in|matching|performance|sequencing|likert|numeric",
    "total_time": TIME,
    "session_time": TIME,
    "latency": TIME,
    "scaled": r"-?(0(\.\d{1,7})?|1)",
    "raw": NUMBER,
    "min": NUMBER,
    "max": NUMBER,
}
"""What the run-time of SCORM 2004 (4.2) takes as the last word of an element."""


def lines(path):
    """The values of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def table(path):
    """The rows of a CSV."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def run(*words):
    """The exit code and the output of a command line."""
    done = CliRunner().invoke(app, ["preview", *map(str, words)])
    if isinstance(done.exception, ScormauditError):
        return done.exception.exit_code, str(done.exception)
    return done.exit_code, done.output


@pytest.fixture(scope="module")
def both(fetched, tmp_path_factory):
    """The practice records as SCORM 2004 and as xAPI."""
    made = tmp_path_factory.mktemp("previews")
    return {name: preview(fetched, name, made / name) for name in ("scorm2004", "cmi5")}


def test_every_record_is_there(both, fetched):
    """Each record of the snapshot has its line, and a state of its own."""
    assert len(fetched) == both["scorm2004"].records == both["cmi5"].records
    assert len(fetched) == len(lines(both["scorm2004"].folder / "cmi.jsonl"))
    assert len(fetched) == len(lines(both["cmi5"].folder / "states.jsonl"))


def test_both_files_of_scorm_2004_say_the_same(both):
    """The long table has the elements of the JSON lines, one a row."""
    made = both["scorm2004"]
    flat = [
        (record["sco_id"], element, value)
        for record in lines(made.folder / "cmi.jsonl")
        for element, value in record["cmi"].items()
    ]
    rows = table(made.folder / "cmi.csv")
    assert flat == [(row["sco_id"], row["element"], row["value"]) for row in rows]
    assert made.said == len(flat)


def test_every_value_is_one_of_scorm_2004(both):
    """Each element has a value that the run-time of SCORM 2004 takes, in indices without a gap."""
    for record in lines(both["scorm2004"].folder / "cmi.jsonl"):
        seen = Counter()
        for element, value in record["cmi"].items():
            allowed = VALUES.get(element.rpartition(".")[2])
            assert allowed is None or re.fullmatch(allowed, value), element
            if found := re.fullmatch(r"(cmi\.(?:objectives|interactions))\.(\d+)\.id", element):
                assert seen[found[1]] == int(found[2])
                seen[found[1]] += 1


def test_every_statement_is_legal(both):
    """Statements of real records pass the rules of xAPI 1.0.3, of cmi5, and tincan reads them."""
    statements = lines(both["cmi5"].folder / "statements.jsonl")
    assert both["cmi5"].said == len(statements)
    for said in statements:
        assert [] == faults(said)
        assert [] == cmi5_faults(said)
        tincan.Statement.from_json(json.dumps(said))
    ids = [said["id"] for said in statements]
    assert len(ids) == len(set(ids))


def test_each_activity_has_one_profile(both):
    """What a package says is written once, not once a learner."""
    profiles = [json.dumps(one) for one in lines(both["cmi5"].folder / "profiles.jsonl")]
    assert len(profiles) == len(set(profiles))


@pytest.mark.parametrize("target", ["scorm2004", "cmi5"])
def test_every_loss_is_written_and_counted(both, target):
    """The list of losses and the counts agree, by kind, by record and as a whole."""
    made = both[target]
    rows = table(made.folder / "losses.csv")
    keys = ("enrollment_id", "assignment_id", "sco_id")
    assert dict(made.kinds) == Counter(row["kind"] for row in rows)
    assert made.touched == len({tuple(row[key] for key in keys) for row in rows})
    assert set(made.kinds) <= set(KINDS)
    assert all(row["what"] for row in rows)


@pytest.mark.parametrize("target", ["scorm2004", "cmi5"])
def test_every_loss_is_printed(fetched, tmp_path, target):
    """What is printed adds up: each kind with its elements, and the whole in the first line."""
    code, output = run(fetched.path, "--target", target, "-o", tmp_path / "out")
    assert 0 == code
    first, *rest = output.splitlines()
    whole = int(re.search(r"([\d,]+) losses", first)[1].replace(",", ""))
    kinds = [re.match(r"  +([\d,]+)  (\w[\w ]*): ", line) for line in rest]
    elements = [re.match(r"  +([\d,]+)    (cmi\.|start|title)", line) for line in rest]
    for counted in (kinds, elements):
        assert whole == sum(int(one[1].replace(",", "")) for one in counted if one)
    assert whole == len(table(tmp_path / "out" / "losses.csv"))
    assert "next:" == output.splitlines()[-2]


def test_no_learner_is_named(fetched, tmp_path):
    """Names are written only if asked for; losses tell no value of anybody."""
    name = fetched.records["student_name"].dropna().iloc[0]
    for target in ("scorm2004", "cmi5"):
        run(fetched.path, "--target", target, "-o", tmp_path / target)
        for file in (tmp_path / target).iterdir():
            assert name not in file.read_text(encoding="utf-8")
        run(fetched.path, "--target", target, "-o", tmp_path / f"{target}-named", "--names")
        files = (tmp_path / f"{target}-named").iterdir()
        assert any(json.dumps(name)[1:-1] in file.read_text(encoding="utf-8") for file in files)


def test_learners_are_of_the_system_that_is_named(fetched, tmp_path):
    """The ids of learners belong to the LMS that was read, or to the system one names."""
    made = preview(fetched, "cmi5", tmp_path / "own")
    own = lines(made.folder / "states.jsonl")[0]["agent"]["account"]["homePage"]
    assert fetched.manifest.base_url.rstrip("/") == own
    code, _ = run(
        fetched.path, "--target", "cmi5", "-o", tmp_path / "other", "--home", "https://a.example/"
    )
    assert 0 == code
    other = lines(tmp_path / "other" / "states.jsonl")[0]["agent"]["account"]["homePage"]
    assert "https://a.example" == other


def test_a_system_is_named_by_an_iri(fetched, tmp_path):
    """A host without its scheme is refused, and nothing is written."""
    out = tmp_path / "out"
    code, output = run(fetched.path, "--target", "cmi5", "-o", out, "--home", "a.example")
    assert (2, True, False) == (code, "--home is an IRI" in output, out.exists())


def test_what_was_cut_off_leaves_nothing(fetched, tmp_path):
    """A preview that could not be finished is no folder, since some losses look like all."""
    shutil.copytree(fetched.path, tmp_path / "copy")
    for part in (tmp_path / "copy" / "records").iterdir():
        part.unlink()
    with pytest.raises(SnapshotError):
        preview(read_snapshot(tmp_path / "copy"), "cmi5", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_nothing_is_overwritten(fetched, tmp_path):
    """A folder that is there already stays as it is."""
    (tmp_path / "out").mkdir()
    code, output = run(fetched.path, "--target", "cmi5", "-o", tmp_path / "out")
    assert (2, True) == (code, "already something of this name" in output)
    assert [] == list((tmp_path / "out").iterdir())


def test_files_are_for_their_owner(both):
    """What learners wrote is for nobody else on the machine."""
    for made in both.values():
        assert 0o700 == made.folder.stat().st_mode & 0o777
        assert {0o600} == {(made.folder / name).stat().st_mode & 0o777 for name in made.files}


def test_a_list_of_losses_holds_no_formula(tmp_path):
    """A lesson's id that a spreadsheet would take for a formula is text."""
    sco = Sco("=1+1", "Lesson", cmi={"cmi.core.lesson_status": "done"})
    attempts = [Attempt(uuid(1), uuid(2), uuid(3), scos=[sco])]
    with Sandbox.of(attempts) as lms, Client(lms.base_url, lms.token) as client:
        snapshot = fetch(client, lms.worklist, tmp_path / "snapshot")
    made = preview(snapshot, "scorm2004", tmp_path / "out")
    assert {"'=1+1"} == {row["sco_id"] for row in table(made.folder / "losses.csv")}
