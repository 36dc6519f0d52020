"""`scormaudit compare` and `scormaudit import`: exit codes, files and what is said."""

import json
from pathlib import Path

import pytest
from exports import MOODLE, as_cloud, registration
from many import record, snapshot
from typer.testing import CliRunner

from scormaudit.cli import app
from scormaudit.errors import MappingError, SourceError
from scormaudit.imports.long import OPTIONAL, REQUIRED


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working folder with a snapshot."""
    monkeypatch.chdir(tmp_path)
    snapshot(Path("old"), record(1), record(2))


def run(*words):
    """A command's exit code and what it printed; errors come out as they are."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("rows", "code", "exact"),
    [
        ([record(1), record(2)], 0, 0),
        ([record(1), record(2, total_time="00:05:00")], 0, 1),
        ([record(1), record(2, score_raw="7")], 1, 1),
        ([record(1)], 1, 1),
        ([record(1), record(2), record(3)], 1, 1),
    ],
)
def test_exit_codes(rows, code, exact):
    """0 where they are alike, 1 where they differ; --exact takes a spelling for a difference."""
    snapshot(Path("new"), *rows)
    assert code == run("compare", "old", "new", "--no-findings")[0]
    assert exact == run("compare", "old", "new", "--no-findings", "--exact")[0]


def test_an_incomplete_snapshot_is_7():
    """Where one is incomplete nothing is proved, whatever differs."""
    snapshot(Path("new"), record(1), states={"error": 1})
    assert 7 == run("compare", "old", "new", "--no-findings")[0]
    assert 7 == run("compare", "new", "old", "--no-findings")[0]


def test_formats_and_files():
    """Each format is written where it is asked for, and what comes next is said."""
    snapshot(Path("new"), record(1), record(2, score_raw="7"))
    told = json.loads(run("compare", "old", "new", "--format", "json")[1])
    assert ["cmi.core.score.raw"] == [change["element"] for change in told["changes"]]
    assert told["findings"] is not None
    code, said = run("compare", "old", "new", "--format", "html", "-o", "page.html")
    assert (1, "next:\n  scormaudit audit new\n") == (code, said)
    assert "<!doctype html>" in Path("page.html").read_text()
    assert "--format html -o comparison.html" in run("compare", "old", "new")[1]
    assert "score.raw" in run("compare", "old", "new", "--format", "csv", "--no-findings")[1]


def test_chosen_rules_count():
    """Findings are those of the chosen rules alone."""
    snapshot(Path("new"), record(1), record(2, entry="ab-inito", lesson_status="done"))
    told = run("compare", "old", "new", "--select", "VO", "--format", "json")[1]
    assert {"VO"} == {one["rule"][:2] for one in json.loads(told)["findings"]["rules"]}


def test_a_mapping_by_file():
    """A mapping file makes renamed records the same, and is refused by row number."""
    new = record(1) | {"enrollment_id": "9"}
    snapshot(Path("new"), new, record(2))
    Path("ids.csv").write_text(
        f"old_enrollment_id,new_enrollment_id\n{record(1)['enrollment_id']},9\n"
    )
    assert 0 == run("compare", "old", "new", "--mapping", "ids.csv", "--no-findings")[0]
    Path("ids.csv").write_text("old_enrollment_id,new_enrollment_id\na,1\na,2\n")
    with pytest.raises(MappingError, match="row 3: the old id of row 2 again"):
        run("compare", "old", "new", "--mapping", "ids.csv")


def test_import_and_compare():
    """What was imported can be compared with what it came from."""
    Path("tracks.csv").write_text(MOODLE)
    code, said = run("import", "tracks.csv", "--from", "moodle", "-o", "target")
    assert 0 == code
    assert "3 records of tracks.csv (assignments: 3 ok)" in said
    assert "not taken: 8 x column timemodified" in said
    assert said.endswith("next:\n  scormaudit audit target\n")
    assert 0 == run("compare", "target", "target", "--no-findings")[0]
    assert 1 == run("compare", "old", "target", "--no-findings")[0]


def test_rows_set_aside_are_told():
    """Where rows were set aside the exit code is 7, and it is said how many and where."""
    as_cloud(Path("c.json"), registration(), {"id": "r2"})
    code, said = run("import", "c.json", "--from", "scorm-cloud", "-o", "target")
    assert 7 == code
    assert "set aside: 1 row, in target-aside.csv" in said
    assert "kept as strays" in said


def test_what_is_missing_is_named():
    """A file of another kind is refused with the columns that it lacks."""
    Path("x.csv").write_text("a,b\n1,2\n")
    with pytest.raises(SourceError, match=r"columns enrollment_id, .* are missing"):
        run("import", "x.csv", "--from", "long", "-o", "target")


def test_help_lists_the_columns():
    """The help says which columns each format needs."""
    said = " ".join(run("import", "--help")[1].split())
    assert all(name in said for name in (*REQUIRED, *OPTIONAL, "scoid", "activityDetails"))
