"""A file of another system becomes a snapshot, and nothing in it is lost without a word."""

import csv
import json
import tempfile
from pathlib import Path

import pytest
from exports import MOODLE, RUNTIME, as_cloud, as_long, registration
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from scormaudit import audit, read_snapshot
from scormaudit.compare import compare
from scormaudit.errors import SnapshotError, SourceError
from scormaudit.imports import FORMATS, documented, expected, import_snapshot
from scormaudit.imports.parsing import registrations

few = settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # every example writes snapshots
)


def rows(snapshot, table="records"):
    """The rows of a table without what is null in them."""
    frame = snapshot.table(table).astype("object")
    listed = frame.where(frame.notna(), None).to_dict("records")
    return [{name: cell for name, cell in row.items() if cell is not None} for row in listed]


def aside(done):
    with done.aside.open(encoding="utf-8-sig", newline="") as stream:
        return [(int(row["row"]), row["reason"], row["content"]) for row in csv.DictReader(stream)]


def long(tmp_path, text, name="file.csv", labels=""):
    file = tmp_path / name
    header = f"enrollment_id,assignment_id,sco_id,element,value{labels}\n"
    file.write_text(header + text, encoding="utf-8")
    return file


def test_a_long_csv(tmp_path):
    """Rows in any order become records with their labels, elements and collections."""
    file = long(
        tmp_path,
        "e1,a,s,cmi.core.lesson_status,passed,Course\n"
        "e2,a,s,cmi.comments,,Course\n"
        "e1,a,s,cmi.interactions.1.id,q2,Course\n"
        "e1,a,s,title,Lesson,Course\n",
        labels=",course",
    )
    done = import_snapshot(file, "long", tmp_path / "out")
    first, second = rows(done.snapshot)
    assert ("e1", "passed", "Lesson", "Course") == tuple(
        first[name] for name in ("enrollment_id", "lesson_status", "title", "course")
    )
    assert "2" == first["interactions_count"]
    assert "" == second["comments"]
    assert [0, 1] == [row["index"] for row in rows(done.snapshot, "interactions")]
    assert done.snapshot.manifest.complete
    assert done.aside is None
    assert {"counted": 1, "strays": 0} == dict(done.tally)


@few
@given(st.data())
def test_long_and_back(data):
    """A snapshot written as long CSV and imported again is the same in every cell."""
    from sides import plain, written

    records = data.draw(plain)
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where)
        old = written(folder / "old", records)
        done = import_snapshot(as_long(old, folder / "long.csv"), "long", folder / "new")
        found = compare(old, done.snapshot)
        assert found.same, found.changes.to_string()
        assert done.snapshot.manifest.complete


def test_the_practice_lms_and_back(fetched, tmp_path):
    """Every labelled defect of the practice LMS comes through long CSV as it was."""
    done = import_snapshot(as_long(fetched, tmp_path / "long.csv"), "long", tmp_path / "new")
    assert compare(fetched, done.snapshot).same


def test_an_import_is_a_snapshot(tmp_path):
    """What was imported opens, is whole, can be audited, and says where it came from."""
    file = tmp_path / "tracks.csv"
    file.write_text(MOODLE)
    import_snapshot(file, "moodle", tmp_path / "out")
    snapshot = read_snapshot(tmp_path / "out")
    snapshot.verify()
    assert 3 == audit(snapshot).records
    assert "moodle:tracks.csv" == snapshot.manifest.base_url
    assert ("tracks.csv", "8") == (
        snapshot.manifest.worklist["name"], snapshot.manifest.worklist["rows"],
    )  # fmt: skip
    assert ["out", "tracks.csv"] == sorted(path.name for path in tmp_path.iterdir())


def test_moodle_tracks(tmp_path):
    """Each attempt is a record; indices, counts and the start are read as Moodle writes them."""
    file = tmp_path / "tracks.csv"
    file.write_text(MOODLE)
    done = import_snapshot(file, "moodle", tmp_path / "out")
    first, other, again = rows(done.snapshot)
    assert ("5", "12/1", "40", "anna") == tuple(
        first[n] for n in ("enrollment_id", "assignment_id", "sco_id", "learner")
    )
    assert ("5", "12/2", "failed") == (
        again["enrollment_id"], again["assignment_id"], again["lesson_status"],
    )  # fmt: skip
    assert ("6", "0") == (other["enrollment_id"], other["interactions_count"])
    assert "2023-11-14T22:13:20Z" == first["start_date_utc"]
    (question,) = rows(done.snapshot, "interactions")
    assert ("q1", ["a"], "1") == (
        question["id"], list(question["correct_responses"]), question["correct_responses_count"],
    )  # fmt: skip
    assert ["cmi.evaluation.comments.0.content"] == [
        row["element"] for row in rows(done.snapshot, "strays")
    ]
    assert 8 == done.tally["column timemodified"]


def test_moodle_identifiers(tmp_path):
    """With the manifest's identifiers the SCOs have the ids that they have everywhere."""
    file = tmp_path / "tracks.csv"
    lines = MOODLE.splitlines()
    file.write_text(
        "\n".join([f"{lines[0]},identifier,title", *(f"{r},item_1,One" for r in lines[1:])])
    )
    done = import_snapshot(file, "moodle", tmp_path / "out")
    assert {("item_1", "One")} == {(row["sco_id"], row["title"]) for row in rows(done.snapshot)}


def test_a_registration(tmp_path):
    """Engine's words become those of SCORM 1.2, its lists rows, and no other element is lost."""
    done = import_snapshot(as_cloud(tmp_path / "c.json", registration()), "scorm-cloud",
                           tmp_path / "out")  # fmt: skip
    (row,) = rows(done.snapshot)
    assert {
        "enrollment_id": "r1", "assignment_id": "c1", "sco_id": "i1", "learner": "l1",
        "course": "Golf", "title": "One", "start_date_utc": "2026-01-02T03:04:05.678Z",
        "exit_date_utc": "2026-01-02T04:00:00Z", "student_id": "l1",
        "student_name": "Example, Ann", "lesson_location": "3", "credit": "credit",
        "lesson_status": "passed", "entry": "ab-initio", "score_raw": "80", "score_min": "0",
        "score_max": "100", "total_time": "0000:05:00.00", "lesson_mode": "normal",
        "suspend_data": "abc", "launch_data": "x=1", "comments": "goodbye", "mastery_score": "85",
        "preference_language": "en", "preference_text": "0", "objectives_count": "1",
        "interactions_count": "1", "assignment_status_id": "",
    } == row  # fmt: skip
    (question,) = rows(done.snapshot, "interactions")
    assert (["a", "b"], ["o1"]) == tuple(
        list(question[n]) for n in ("correct_responses", "objective_ids")
    )
    assert "incomplete" == rows(done.snapshot, "objectives")[0]["status"]
    assert {
        "runtime.exit": "Unknown", "runtime.learnerPreference.audioLevel": "1.0",
        "runtime.learnerComments.0.location": "p3", "runtime.scoreScaled": "0.8",
        "runtime.runtimeInteractions.0.description": "Which?",
        "runtime.timeTracked": "0000:05:01.00",
    } == {s["element"]: s["value"] for s in rows(done.snapshot, "strays")}  # fmt: skip


@pytest.mark.parametrize(
    ("completion", "success", "status", "strays"),
    [
        ("completed", "UNKNOWN", "completed", {}),
        ("NOT_ATTEMPTED", None, "not attempted", {}),
        ("COMPLETED", "FAILED", "failed", {}),
        ("INCOMPLETE", "PASSED", "passed",
         {"runtime.completionStatus": "INCOMPLETE", "runtime.successStatus": "PASSED"}),
        ("unknown", "unknown", None, {}),
        ("odd", "unknown", "odd", {}),
        ("completed", "odd", "completed",
         {"runtime.completionStatus": "completed", "runtime.successStatus": "odd"}),
    ],
)  # fmt: skip
def test_two_statuses_in_one(tmp_path, completion, success, status, strays):
    """One status takes what it can of two; what it cannot say is kept beside it."""
    runtime = {"completionStatus": completion, "runtimeSuccessStatus": success}
    file = as_cloud(tmp_path / "c.json", registration(runtime=runtime))
    done = import_snapshot(file, "scorm-cloud", tmp_path / "out")
    assert status == rows(done.snapshot)[0].get("lesson_status")
    assert strays == {s["element"]: s["value"] for s in rows(done.snapshot, "strays")}


def test_what_is_not_taken_is_counted(tmp_path):
    """Sums over a registration are left out by name, activities without data by number."""
    empty = registration(2, instance=3)
    empty["activityDetails"] = {"id": "ROOT", "title": "Golf"}
    file = as_cloud(tmp_path / "c.json", registration(score={"scaled": 80}), empty)
    done = import_snapshot(file, "scorm-cloud", tmp_path / "out")
    assert {"ok": 1, "empty": 1} == done.snapshot.manifest.coverage
    for name in ("registration.score", "registration.instance", "activity without runtime"):
        assert 1 == done.tally[name]


@pytest.mark.parametrize(
    ("shape", "number"),
    [
        (json.dumps, 1),
        (lambda r: json.dumps([r, r]), 2),
        (lambda r: json.dumps([r][:0]), 0),
        (lambda r: json.dumps({"more": "x", "registrations": [r]}, indent=4), 1),
        (lambda r: f"{json.dumps(r)}\n{json.dumps(r)}\n", 2),
        (lambda r: json.dumps([{**r, "suspendData": "x" * 700_000}] * 3), 3),
    ],
)
def test_shapes_of_json(tmp_path, shape, number):
    """One registration, a list, a page of a list or one a line, however long."""
    file = tmp_path / "c.json"
    file.write_text("\ufeff" + shape(registration()), encoding="utf-8")
    assert ["r1"] * number == [one["id"] for one in registrations(file)]


@pytest.mark.parametrize("text", ['[{"id": "r1"}', '{"registrations": [1 2]}', '{"a" 1}'])
def test_what_is_not_json(tmp_path, text):
    """A file that ends too early or is no JSON is refused by character, and leaves nothing."""
    file = tmp_path / "c.json"
    file.write_text(text)
    with pytest.raises(SourceError, match=r"c\.json: It is not JSON, or ends too early \(after ch"):
        import_snapshot(file, "scorm-cloud", tmp_path / "out")
    assert ["c.json"] == [path.name for path in tmp_path.iterdir()]


BAD = [
    ("e1,a,s,x\n", "it has 4 fields, the header has 5"),
    (",a,s,cmi.comments,x\n", "enrollment_id is empty"),
    ("e9, ,,cmi.comments,x\n", "assignment_id and sco_id is empty"),
    ("e1,a,s,cmi.comments,other\n", "row 2 has another value of this element, which was taken"),
]


@pytest.mark.parametrize(("line", "reason"), BAD)
def test_bad_rows_are_set_aside(tmp_path, line, reason):
    """A row that cannot be taken is kept with its number and why; the snapshot is incomplete."""
    file = long(tmp_path, f"e1,a,s,cmi.comments,one\n{line}e2,a,s,cmi.comments,two\n")
    done = import_snapshot(file, "long", tmp_path / "out")
    assert [(3, reason)] == [(row, why) for row, why, _ in aside(done)]
    assert line.strip().split(",")[-1] in aside(done)[0][2]
    assert not done.snapshot.manifest.complete
    assert ["one", "two"] == [row["comments"] for row in rows(done.snapshot)]
    assert any(f"row 3: {reason}" == row.get("message") for row in rows(done.snapshot, "coverage"))
    assert 0o600 == done.aside.stat().st_mode & 0o777


def test_a_row_that_is_no_text(tmp_path):
    """A row that is not UTF-8 is set aside, and the others are read."""
    file = long(tmp_path, "e1,a,s,cmi.comments,one\n")
    file.write_bytes(file.read_bytes() + b"e2,a,s,cmi.comments,\xff\n")
    done = import_snapshot(file, "long", tmp_path / "out")
    assert [(3, "it is not UTF-8")] == [(row, why) for row, why, _ in aside(done)]


def test_half_a_pair_is_no_text(tmp_path):
    """JSON may spell half a surrogate pair: the element failed, an id with one is set aside."""
    file = tmp_path / "c.json"
    runtime = {**RUNTIME, "suspendData": "\ud800"}
    file.write_text(json.dumps([registration(runtime=runtime), registration(id="\udfff")]))
    done = import_snapshot(file, "scorm-cloud", tmp_path / "out")
    assert ["cmi.suspend_data"] == [row["element"] for row in rows(done.snapshot, "element_errors")]
    assert [(2, "an id is no text")] == [(row, why) for row, why, _ in aside(done)]


def test_an_open_quote_takes_no_row_in_silence(tmp_path):
    """A quote that nobody closes, or that closes too early, is set aside with its lines."""
    open_one, early = 'e2,a,s,cmi.comments,"x\ne3,a,s,title,y\n', 'e4,a,s,title,"x"y\n'
    for number, (text, lines) in enumerate([(open_one, "lines 3 to 4"), (early, "lines 3 to 3")]):
        file = long(tmp_path, f"e1,a,s,title,x\n{text}", f"{number}.csv")
        done = import_snapshot(file, "long", tmp_path / f"out{number}")
        ((row, reason, _),) = aside(done)
        assert (3, True) == (row, reason.endswith(lines))
        assert not done.snapshot.manifest.complete


def test_values_without_a_place_are_counted(tmp_path):
    """A value in a column without a name, or beside a message, is said not to be taken."""
    file = long(tmp_path, "e,a,s,title,x,,\ne,a,s,cmi.comments,kept,y,broken\n", labels=",,message")
    done = import_snapshot(file, "long", tmp_path / "out")
    told = {name: number for name, number in done.tally.items() if name.startswith("value")}
    assert {"value beside a message": 1, "value in a column without a name": 1} == told


def test_another_encoding_is_named(tmp_path):
    """CSV as a spreadsheet saves it for itself is refused with what to save it as."""
    file = tmp_path / "file.csv"
    file.write_bytes("enrollment_id,assignment_id,sco_id,element,value\n".encode("utf-16"))
    with pytest.raises(SourceError, match=r"It is not UTF-8\. Save it as CSV"):
        import_snapshot(file, "long", tmp_path / "out")


def test_a_formula_stays_text(tmp_path):
    """Nothing in the file of rows set aside is a formula to a spreadsheet."""
    file = long(tmp_path, "e1,a,s,x,y\n=1+1,a,s\n")
    done = import_snapshot(file, "long", tmp_path / "out")
    assert all(content.startswith("[") for _, _, content in aside(done))


@pytest.mark.parametrize(
    ("format", "text", "words"),
    [
        ("long", "enrollment_id,element\n", "columns assignment_id, sco_id, value are missing"),
        ("moodle", "userid,value\n", "scormid, scoid, attempt, element are missing"),
        ("long", "", "It is empty"),
        (
            "long",
            "enrollment_id,assignment_id,sco_id,element,value,VALUE\n",
            "value is there twice",
        ),
        ("scorm-cloud", "[]", r"No record can be taken from it\."),
        ("scorm-cloud", "hello", "No registration begins here, neither"),
        ("scorm-cloud", "[] 3", "neither .* nor .* \\(character 3\\)"),
        (
            "scorm-cloud",
            '{"id": "r", "course": {"id": "c"}, "activityDetails": {"id": "A"}}',
            "1 without runtime: export with includeRuntime",
        ),
        ("scorm-cloud", "[1]", r"No record can be taken from it \(row 1: it is no registration\)"),
    ],
)
def test_what_is_missing_is_named(tmp_path, format, text, words):
    """A file of another kind is refused with what it lacks, and no snapshot is made."""
    file = tmp_path / "file"
    file.write_text(text)
    with pytest.raises(SourceError, match=words):
        import_snapshot(file, format, tmp_path / "out")
    assert ["file"] == [path.name for path in tmp_path.iterdir()]


def test_nothing_is_overwritten(tmp_path):
    """Neither a folder nor the rows set aside of an earlier import are replaced."""
    file = long(tmp_path, "e1,a,s,x,y\n")
    (tmp_path / "out").mkdir()
    with pytest.raises(SnapshotError, match="already something of this name"):
        import_snapshot(file, "long", tmp_path / "out")
    (tmp_path / "new-aside.csv").touch()
    with pytest.raises(SourceError, match="earlier import"):
        import_snapshot(file, "long", tmp_path / "new")


def test_an_import_that_was_cut_off(tmp_path):
    """What a killed import left is named, so that nobody looks for room on the disk."""
    file = long(tmp_path, "e1,a,s,x,y\n")
    (tmp_path / "out-import.sqlite").touch()
    with pytest.raises(SourceError, match="under way here, or was cut off"):
        import_snapshot(file, "long", tmp_path / "out")
    assert (tmp_path / "out-import.sqlite").exists()


def test_an_unknown_format(tmp_path):
    """A format that is not there is refused with those that are."""
    with pytest.raises(SourceError, match="Take scorm-cloud, moodle, long"):
        import_snapshot(tmp_path / "x", "sakai", tmp_path / "out")


def test_a_missing_file(tmp_path):
    """A file that is not there is said to be missing, and nothing is left behind."""
    for kind in FORMATS:
        with pytest.raises(SourceError, match="No such file"):
            import_snapshot(tmp_path / "x", kind, tmp_path / "out")
        assert 0 == expected(tmp_path / "x", kind)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("format", FORMATS)
def test_formats_are_documented(format):
    """Every format says which columns or members it reads."""
    module = __import__(f"scormaudit.imports.{FORMATS[format]}", fromlist=["x"])
    text = documented(format)
    for name in (*getattr(module, "REQUIRED", ()), *getattr(module, "OPTIONAL", ())):
        assert f"`{name}`" in text


def test_many_records_in_any_order(tmp_path, monkeypatch):
    """Records whose rows are scattered come out whole, an assignment in one part with its SCOs."""
    from scormaudit import imports

    monkeypatch.setattr(imports, "_PART", 2)
    lines = [f"e{n},a,s{s},{e},{n}{s}" for e in ("cmi.comments", "cmi.suspend_data")
             for s in range(2) for n in range(5)]  # fmt: skip
    file = long(tmp_path, "\n".join(lines) + "\n")
    done = import_snapshot(file, "long", tmp_path / "out")
    assert [4, 4, 2] == [part["records"]["rows"] for part in done.snapshot.manifest.parts]
    assert [f"{n}{s}" for n in range(5) for s in range(2)] == [
        row["comments"] for row in rows(done.snapshot) if row["suspend_data"] == row["comments"]
    ]
    assert {2} == {row["scos"] for row in rows(done.snapshot, "coverage")}


def test_repeated_rows_are_one(tmp_path):
    """The same element with the same value twice is one element, and it is said."""
    file = long(tmp_path, "e1,a,s,x,y\ne1,a,s,x,y\n")
    done = import_snapshot(file, "long", tmp_path / "out")
    assert 1 == done.tally["repeated"]
    assert done.snapshot.manifest.complete
    assert [("x", "y")] == [(s["element"], s["value"]) for s in rows(done.snapshot, "strays")]


def test_elements_beyond_a_count_are_kept(tmp_path):
    """An item beyond what `_count` says has no row, so it is kept as a stray."""
    lines = (
        "e,a,s,cmi.objectives._count,1\ne,a,s,cmi.objectives.0.id,o\ne,a,s,cmi.objectives.1.id,p\n"
    )
    done = import_snapshot(long(tmp_path, lines), "long", tmp_path / "out")
    assert ["o"] == [row["id"] for row in rows(done.snapshot, "objectives")]
    assert [("cmi.objectives.1.id", "p")] == [
        (s["element"], s["value"]) for s in rows(done.snapshot, "strays")
    ]
