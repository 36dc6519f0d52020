"""A comparison finds every difference, says what kind it is, and nothing else."""

import tempfile
from dataclasses import replace
from itertools import count
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sides import FACTS, plain, readings, scos, sides, told, with_element, written

from scormaudit import audit
from scormaudit.compare import compare, with_values
from scormaudit.errors import MappingError, SettingsError, SnapshotError
from scormaudit.lms.wire import Reading, Sco
from scormaudit.snapshot import Writer, read_snapshot

few = settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # every example writes snapshots
)
PLAIN = Sco(
    sco_id="", title="Lesson", start_date_utc=None, exit_date_utc=None,
    elements={
        "cmi.core.lesson_status": Reading("value", "passed"),
        "cmi.core.score.raw": Reading("value", "80"),
        "cmi.core.exit": Reading("value", "suspend"),
        "cmi.comments": Reading("empty"),
        "cmi.objectives._count": Reading("value", "1"),
        "cmi.objectives.0.id": Reading("value", "o1"),
        "cmi.interactions._count": Reading("value", "1"),
        "cmi.interactions.0.id": Reading("value", "q1"),
        "cmi.interactions.0.result": Reading("value", "wrong"),
        "cmi.interactions.0.correct_responses._count": Reading("value", "2"),
        "cmi.interactions.0.correct_responses.0.pattern": Reading("value", "a"),
        "cmi.interactions.0.correct_responses.1.pattern": Reading("value", "b"),
    },
)  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """Names of folders that are not there yet."""
    numbers = count()
    return lambda: tmp_path / str(next(numbers))


def records(number=3, sco=PLAIN):
    return {(f"e{n}", f"a{n}", "sco"): sco for n in range(number)}


def changed(folder, **elements):
    """The comparison of two snapshots in which one record has these elements otherwise."""
    sco = PLAIN
    for name, reading in elements.items():
        sco = with_element(sco, name, reading)
    new = {**records(), ("e1", "a1", "sco"): sco}
    return compare(written(folder(), records()), written(folder(), new))


@few
@given(sides, st.data())
def test_a_snapshot_is_like_itself(own, data):
    """Nothing differs between two snapshots of the same records, in whatever order and parts."""
    order = data.draw(st.permutations(range(len(own))))
    with tempfile.TemporaryDirectory() as where:
        old = written(Path(where) / "old", own)
        new = written(Path(where) / "new", own, order=order, cut=data.draw(st.integers(1, 4)))
        found = compare(old, new)
        assert found.same
        assert found.digests[0] == found.digests[1]
        assert len(own) == found.paired


@few
@given(sides, sides, st.data())
def test_order_does_not_matter(one, other, data):
    """Order of records and parts changes nothing in what is found."""
    shared = {**other, **dict(list(one.items())[:2])}
    shared = {key: other.get(key, sco) for key, sco in shared.items()}
    order = data.draw(st.permutations(range(len(shared))))
    with tempfile.TemporaryDirectory() as where:
        old = written(Path(where) / "old", one)
        straight = compare(old, written(Path(where) / "new", shared))
        shuffled = compare(old, written(Path(where) / "again", shared, order=order, cut=1))
    assert told(straight) == told(shuffled)
    pd.testing.assert_frame_equal(straight.records, shuffled.records)
    pd.testing.assert_frame_equal(straight.missing, shuffled.missing)
    pd.testing.assert_frame_equal(straight.added, shuffled.added)


@few
@given(scos(), scos())
def test_both_ways_tell_the_same(one, other):
    """What is lost one way is gained the other way, cell by cell."""
    key = ("e", "a", "s")
    with tempfile.TemporaryDirectory() as where:
        old = written(Path(where) / "old", {key: one})
        new = written(Path(where) / "new", {key: other})
        there, back = compare(old, new), compare(new, old)
    turned = {"lost": "gained", "gained": "lost"}
    columns = ["element", "kind"]
    expected = {(e, turned.get(kind, kind)) for e, kind in there.changes[columns].to_numpy()}
    assert expected == {tuple(row) for row in back.changes[columns].to_numpy()}


@few
@given(scos(), readings())
def test_every_planted_change_is_found(sco, reading):
    """One element that is read otherwise is one change of its class, in its cell."""
    name, key = "cmi.suspend_data", ("e", "a", "s")
    before = sco.elements.get(name, Reading("absent"))
    with tempfile.TemporaryDirectory() as where:
        old = written(Path(where) / "old", {key: sco})
        new = written(Path(where) / "new", {key: with_element(sco, name, reading)})
        found = compare(old, new)
    had, has = before.state == "value", reading.state == "value"
    kind = {(1, 1): "value", (1, 0): "lost", (0, 1): "gained", (0, 0): "blank"}[had, has]
    alike = before.state == reading.state and (before.text == reading.text or not had)
    expected = [] if alike else [(name, kind)]
    assert expected == [tuple(row) for row in found.changes[["element", "kind"]].to_numpy()]


CASES = [
    ("cmi.core.score.raw", Reading("value", "80.0"), "spelling"),
    ("cmi.core.score.raw", Reading("value", "81"), "value"),
    ("cmi.core.score.raw", Reading("empty"), "lost"),
    ("cmi.core.score.raw", Reading("error", "404"), "lost"),
    ("cmi.core.score.raw", None, "lost"),
    ("cmi.core.score.min", Reading("value", "0"), "gained"),
    ("cmi.core.lesson_status", Reading("value", "Passed "), "spelling"),
    ("cmi.core.lesson_status", Reading("value", "failed"), "value"),
    ("cmi.core.exit", Reading("empty"), "value"),
    ("cmi.core.exit", None, "lost"),
    ("cmi.comments", None, "blank"),
    ("cmi.comments", Reading("error", "201"), "blank"),
    ("cmi.objectives.0.id", Reading("value", "O1"), "value"),
    ("cmi.objectives.0.status", Reading("value", "passed"), "gained"),
    ("cmi.interactions.0.result", Reading("value", "incorrect"), "spelling"),
    ("cmi.interactions.0.id", None, "lost"),
    ("cmi.completion_status", Reading("value", "completed"), "gained"),
]


@pytest.mark.parametrize(("element", "reading", "kind"), CASES)
def test_kinds(folder, element, reading, kind):
    """A change is of one class, and stands in the record and the element that were changed."""
    found = changed(folder, **{element: reading})
    row = found.changes[["enrollment_id", "element", "kind"]].to_numpy().tolist()
    assert [["e1", element, kind]] == row
    assert kind in ("spelling", "blank") or not found.alike
    assert not found.same


def test_a_list_is_one_cell(folder):
    """A list of patterns differs as a whole, and both lists can be read."""
    found = changed(folder, **{"cmi.interactions.0.correct_responses.1.pattern": None})
    told = with_values(found.changes, found.old, found.new)
    assert ["cmi.interactions.0.correct_responses"] == told["element"].tolist()
    assert [('["a", "b"]', '["a", null]')] == list(zip(told["old"], told["new"], strict=True))


def test_rows_of_a_collection(folder):
    """An interaction that one side does not have is lost as a whole, and its count has changed."""
    found = changed(folder, **{"cmi.interactions._count": Reading("value", "0")})
    assert {("cmi.interactions._count", "value"), ("cmi.interactions.0", "lost")} == {
        tuple(row) for row in found.changes[["element", "kind"]].to_numpy()
    }


def test_values_are_read_when_asked_for(folder):
    """Cells hold what the snapshots hold, long texts in full, and no change holds it itself."""
    long = {"cmi.suspend_data": Reading("value", "x" * 5000)}
    found = changed(folder, **long, **{"cmi.core.score.raw": None})
    told = with_values(found.changes, found.old, found.new).set_index("element")
    assert (None, "x" * 5000) == tuple(told.loc["cmi.suspend_data", ["old", "new"]])
    assert ("80", None) == tuple(told.loc["cmi.core.score.raw", ["old", "new"]])
    assert "80" not in repr(found)


def test_long_texts_differ_in_their_last_character(folder):
    """Two long texts that begin alike are not taken for one."""
    one = {"cmi.suspend_data": Reading("value", "x" * 4095 + "1")}
    base = records(1, with_element(PLAIN, *next(iter(one.items()))))
    other = records(1, with_element(PLAIN, "cmi.suspend_data", Reading("value", "x" * 4095 + "2")))
    found = compare(written(folder(), base), written(folder(), other))
    assert ["value"] == found.changes["kind"].tolist()


def test_counts_by_course_and_status(folder):
    """Records are counted where they were and where they are, missing and new ones apart."""
    failed = with_element(PLAIN, "cmi.core.lesson_status", Reading("value", "failed"))
    new = {**records(2), ("e9", "a9", "sco"): PLAIN, ("e1", "a1", "sco"): failed}
    found = compare(written(folder(), records()), written(folder(), new, course="Renamed"))
    assert [
        ["Course", "failed", 0, 1, 0, 0, 0],
        ["Course", "passed", 3, 1, 1, 0, 1],
        ["Renamed", "passed", 0, 1, 0, 1, 0],
    ] == found.records.to_numpy().tolist()
    assert ["e2"] == found.missing["enrollment_id"].tolist()
    assert ["e9"] == found.added["enrollment_id"].tolist()


@pytest.mark.parametrize(
    ("reading", "word"),
    [(Reading("error", "x"), "(failed)"), (Reading("empty"), "(empty)"), (None, "(absent)"),
     (Reading("value", "<b>Anna</b>"), "(other)")],
)  # fmt: skip
def test_a_status_that_is_no_word_is_not_shown(folder, reading, word):
    """Of a status outside the vocabulary only what it is not is told."""
    sco = with_element(PLAIN, "cmi.core.lesson_status", reading)
    found = compare(written(folder(), records(1, sco)), written(folder(), records(1, sco)))
    assert [word] == found.records["status"].tolist()


def test_an_incomplete_snapshot_proves_nothing(folder):
    """A comparison is complete only if both snapshots are."""
    old, new = written(folder(), records()), written(folder(), records(), states=["error"])
    assert not compare(old, new).complete
    assert compare(old, old).complete


def test_elements_can_be_left_out(folder):
    """What is left out is not compared, by column or by name, and its digest does not count."""
    elements = {"cmi.core.score.raw": None, "cmi.interactions.0.result": None}
    new = records(1, with_element(with_element(PLAIN, "cmi.core.score.raw", Reading("error", "1")),
                                  "cmi.interactions.0.result", None))  # fmt: skip
    old, other = written(folder(), records(1)), written(folder(), new)
    assert len(elements) == len(compare(old, other).changes)
    found = compare(old, other, without=["score_raw", "cmi.interactions.n.result"])
    assert found.same
    with pytest.raises(SettingsError, match="Did you mean student_id"):
        compare(old, other, without=["student_ids"])


def test_strays_can_be_left_out(folder):
    """What SCORM 1.2 does not have can be left out in one word."""
    own = {**PLAIN.elements, "cmi.completion_status": Reading("value", "completed")}
    old = written(folder(), records(1))
    new = written(folder(), records(1, replace(PLAIN, elements=own)))
    assert not compare(old, new).alike
    assert compare(old, new, without=["strays"]).same


def test_twins_are_refused(folder):
    """A snapshot in which a record stands twice is not compared."""
    path = folder()
    writer = Writer(path, ())
    row = {"enrollment_id": "e", "assignment_id": "a", "sco_id": "s"}
    writer.write({"records": [row, row], "coverage": [{"state": "ok"}]})
    writer.finish(**FACTS)
    with pytest.raises(SnapshotError, match="1 records whose keys another record has too"):
        compare(path, path)


def test_orphans_are_refused(folder):
    """A row of a collection without its record is no snapshot of ours."""
    path = folder()
    writer = Writer(path, ())
    row = {"enrollment_id": "e", "assignment_id": "a", "sco_id": "s"}
    orphan = {**row, "sco_id": "t", "index": 0}
    writer.write({"records": [row], "objectives": [orphan], "coverage": [{"state": "ok"}]})
    writer.finish(**FACTS)
    with pytest.raises(SnapshotError, match="of no record"):
        compare(path, path)


def test_findings_that_appeared_and_vanished(folder):
    """A finding of the same record, rule and element stayed; others appeared or vanished."""
    wrong = with_element(PLAIN, "cmi.core.score.raw", Reading("value", "900"))
    other = with_element(PLAIN, "cmi.core.lesson_status", Reading("value", "Passed"))
    before = {("e0", "a0", "s"): wrong, ("e1", "a1", "s"): wrong, ("e2", "a2", "s"): PLAIN}
    after = {("n0", "a0", "s"): wrong, ("n1", "a1", "s"): PLAIN, ("n2", "a2", "s"): other}
    old, new = written(folder(), before), written(folder(), after)
    mapping = pd.DataFrame(
        {"old_enrollment_id": ["e0", "e1", "e2"], "new_enrollment_id": ["n0", "n1", "n2"]}
    )
    found = compare(old, new, mapping, reports=(audit(old), audit(new)))
    rules = found.findings.rules.set_index("rule")
    elements = found.findings.findings.set_index("element")
    assert "vanished" in elements.loc[["cmi.core.score.raw"], "turn"].tolist()
    assert {"e1"} == set(elements.loc[["cmi.core.score.raw"], "enrollment_id"])
    assert {"n2"} == set(elements.loc[["cmi.core.lesson_status"], "enrollment_id"])
    assert 0 < rules["stayed"].sum()


def test_a_mapping_renames(folder):
    """The same learners under other ids are the same records, and changes name both ids."""
    old = {(f"e{n}", "a", "s"): PLAIN for n in range(3)}
    changed = with_element(PLAIN, "cmi.core.score.raw", Reading("value", "7"))
    new = {(f"{n}", "a", "s"): changed if n == 2 else PLAIN for n in range(3)}
    mapping = pd.DataFrame({"old_enrollment_id": ["e0", "e1", "e2", "e3"],
                            "new_enrollment_id": ["0", "1", "2", "3"]})  # fmt: skip
    found = compare(written(folder(), old), written(folder(), new), mapping)
    names = ["enrollment_id", "new_enrollment_id", "element"]
    assert [["e2", "2", "cmi.core.score.raw"]] == found.changes[names].to_numpy().tolist()
    assert (0, 1) == (found.mapping.unnamed, found.mapping.unused)


@few
@given(plain, plain)
def test_mapping_invariance(one, other):
    """Other ids in one snapshot, and a mapping that says so, change nothing in what is found."""
    shared = {**other, **{key: other.get(key, sco) for key, sco in list(one.items())[:3]}}

    def renamed(key):
        return (f"new {key[0]}", f"as {key[1]}", key[2])

    pairs = pd.DataFrame(
        [(k[0], k[1], *renamed(k)[:2]) for k in {k[:2]: k for k in one}.values()],
        columns=["old_enrollment_id", "old_assignment_id", "new_enrollment_id",
                 "new_assignment_id"],
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as where:
        old = written(Path(where) / "old", one)
        expected = compare(old, written(Path(where) / "new", shared))
        there = written(Path(where) / "moved", {renamed(k): sco for k, sco in shared.items()})
        found = compare(old, there, pairs)
    columns = ["enrollment_id", "assignment_id", "sco_id", "element", "kind"]
    assert (
        expected.changes[columns].to_numpy().tolist() == found.changes[columns].to_numpy().tolist()
    )
    pd.testing.assert_frame_equal(expected.missing, found.missing)
    assert len(expected.added) == len(found.added)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("a,1\nb,2\na,3\n", "row 4: the old id of row 2 again"),
        ("a,1\nb,1\n", "row 3: the new id of row 2 again"),
        ("a,1\n,2\n", "row 3: old_enrollment_id is empty"),
        ("a,1\n\nb, \n", "row 4: new_enrollment_id is empty"),
        ("", "no rows"),
    ],
)
def test_a_mapping_is_one_to_one(folder, tmp_path, rows, words):
    """A mapping that is not one to one is refused by row number, and nothing is compared."""
    file = tmp_path / "mapping.csv"
    file.write_text(f"old_enrollment_id,new_enrollment_id\n{rows}")
    snapshot = written(folder(), records())
    with pytest.raises(MappingError, match=words):
        compare(snapshot, snapshot, file)


def test_a_mapping_says_what_is_missing(folder, tmp_path):
    """An old column without its new one is named, with what was found."""
    file = tmp_path / "mapping.csv"
    file.write_text("old_sco_id;name\na;b\n")
    snapshot = written(folder(), records())
    with pytest.raises(
        MappingError, match=r"column new_sco_id is missing.*Found are old_sco_id, name"
    ):
        compare(snapshot, snapshot, [file])


def test_a_mapping_with_tabs(folder, tmp_path):
    """Tabs between columns are as good as commas, and a file without a word is called empty."""
    file = tmp_path / "mapping.csv"
    file.write_text("old_enrollment_id\tnew_enrollment_id\ne0\tf0\n")
    old = written(folder(), {("e0", "a", "s"): PLAIN})
    new = written(folder(), {("f0", "a", "s"): PLAIN})
    assert compare(old, new, file).same
    file.write_text("")
    with pytest.raises(MappingError, match="It is empty"):
        compare(old, new, file)


def test_snapshots_by_url(folder):
    """A snapshot by URL compares as the folder it is of, and a lost part is named."""
    old, new = (written(folder(), records()) for _ in range(2))
    there = read_snapshot(old.path.as_uri())
    assert compare(there, new).same
    assert compare(new, there).same
    (old.path / old.manifest.parts[0]["records"]["file"]).unlink()
    with pytest.raises(SnapshotError, match="A part of records cannot be read"):
        compare(there, new)


def test_a_mapping_may_not_merge(folder):
    """Two old records never become one by a mapping that leaves one of them out."""
    snapshot = written(folder(), {("e0", "a", "s"): PLAIN, ("e1", "a", "s"): PLAIN})
    mapping = pd.DataFrame({"old_enrollment_id": ["e0"], "new_enrollment_id": ["e1"]})
    with pytest.raises(MappingError, match="1 old record would get the ids of another one"):
        compare(snapshot, snapshot, mapping)


def test_one_column_one_mapping(folder):
    """Two mappings of one column are refused, and of two columns both count."""
    old = written(folder(), {("e0", "a0", "s"): PLAIN})
    new = written(folder(), {("1", "2", "s"): PLAIN})
    one = pd.DataFrame({"old_enrollment_id": ["e0"], "new_enrollment_id": ["1"]})
    two = pd.DataFrame({"old_assignment_id": ["a0"], "new_assignment_id": ["2"]})
    assert compare(old, new, [one, two]).same
    with pytest.raises(MappingError, match="Two mappings are of enrollment_id"):
        compare(old, new, [one, one])
