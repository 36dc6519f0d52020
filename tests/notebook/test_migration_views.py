"""The views of a move: everything escaped, no learner's value, the same every time."""

import csv
import json
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest
from strict import HOSTILE, Strict

from scormaudit import audit
from scormaudit.compare import compare
from scormaudit.gate import gate
from scormaudit.imports import import_snapshot
from scormaudit.mapping.preview import Preview, preview
from scormaudit.notebook import _VIEWS, block, migration, show

SECRET = "sesame"
FIELDS = ("enrollment_id", "assignment_id", "sco_id", "element", "value", "course")
CRITERIA = f"""
title = {json.dumps(HOSTILE)}
no_errors = ["MDL105", "MDL111"]
warnings = {{ all = 1000 }}
[[allow]]
rule = "MDL111"
owner = {json.dumps(HOSTILE)}
reason = {json.dumps(HOSTILE)}
until = 2999-12-31
"""


def cells(number, course="Golf", **more):
    """The rows of one record, whose suspend data and bookmark nobody may see."""
    values = {"cmi.core.lesson_status": "incomplete", "cmi.core.total_time": "0000:05:00.00",
              "cmi.suspend_data": SECRET, "cmi.core.lesson_location": SECRET, **more}  # fmt: skip
    return [
        dict(zip(FIELDS, (f"e{number}", "a", "sco", name, value, course), strict=True))
        for name, value in values.items()
        if value is not None
    ]


def snapshot(path, *records):
    """A snapshot of some records."""
    file = path.with_suffix(".csv")
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, FIELDS)
        writer.writeheader()
        writer.writerows(row for record in records for row in record)
    return import_snapshot(file, "long", path).snapshot


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a name that no view may tell."""
    return tmp_path_factory.mktemp("somewhere")


@pytest.fixture(scope="module")
def old(folder):
    """Records in a course and under a name that are as hostile as it gets."""
    hostile = {"cmi.core.exit": HOSTILE, "cmi.core.lesson_status": HOSTILE, HOSTILE: HOSTILE}
    return snapshot(
        folder / "old", cells(1, HOSTILE, **hostile), cells(2), cells(3), cells(4, HOSTILE)
    )


@pytest.fixture(scope="module")
def found(folder, old):
    """One record missing and one new, a value lost, another one, one spelled otherwise."""
    gone = {"cmi.core.lesson_location": None, "cmi.suspend_data": SECRET + SECRET}
    new = snapshot(
        folder / "new", cells(1, HOSTILE), cells(2, **gone),
        cells(3, **{"cmi.core.total_time": "00:05:00"}), cells(5),
    )  # fmt: skip
    return compare(old, new, reports=(audit(old), audit(new)))


@pytest.fixture(scope="module")
def answer(folder, old):
    """A gate that is shut by one rule, another of which is allowed."""
    file = folder / "gate.toml"
    file.write_text(CRITERIA, encoding="utf-8")
    return gate(old, "moodle", file)


@pytest.fixture(scope="module")
def made(folder, old):
    """A translation, in which the hostile name is lost."""
    return preview(old, "scorm2004", folder / "preview")


@pytest.fixture(params=["answer", "preview", "comparison"])
def html(request):
    """Each view of hostile things."""
    thing = {"preview": "made", "comparison": "found"}.get(request.param, request.param)
    return getattr(migration, request.param)(request.getfixturevalue(thing))


def test_hostile_text_stays_text(html):
    """Whatever courses, content and criteria say, no tag comes of it."""
    assert "<script>" in Strict(html).text


def test_no_mark_turns_a_line_around(html):
    """What is not printable shows as a code."""
    assert "\u202e" not in html


def test_no_view_shows_a_value_or_a_run(html, old):
    """Neither what a learner's record holds nor an id, a time or a path of a run."""
    manifest = old.manifest
    for trace in (SECRET, "somewhere", manifest.id, manifest.to_utc[:10], manifest.to_utc[11:16]):
        assert trace not in html


def test_every_view_is_of_a_class_that_is_there():
    """A class that moves takes its view along."""
    for module, (name, room) in _VIEWS.items():
        kind = getattr(import_module(module), name)
        assert (module, name) == (kind.__module__, kind.__name__)
        assert callable(getattr(import_module(f"scormaudit.notebook.{room}"), name.lower()))


def test_the_gate_gives_every_reason(answer):
    """First the answer, then each criterion and whether it is met, then every reason."""
    text = Strict(migration.answer(answer)).text
    assert text.startswith("Not ready for moodle: 1 reason.")
    assert "no error of MDL1051 errorno" in text
    assert "no error of MDL1110 errorsyes" in text
    assert f"Reasons:{answer.reasons[0]}" in text
    assert "usedfindings" not in text
    assert text.endswith("2999-12-31used1")
    assert "<Not ready for moodle: 1 reason>" == repr(answer)


def test_an_open_gate_has_no_reasons(tmp_path):
    """Where everything is met nothing is said of reasons or allowances."""
    file = tmp_path / "gate.toml"
    file.write_text("no_errors = []", encoding="utf-8")
    made = gate(snapshot(tmp_path / "one", cells(1)), "moodle", file)
    text = Strict(migration.answer(made)).text
    assert text.startswith("Ready for moodle.")
    assert "Reasons" not in text
    assert "owner" not in text
    assert "<Ready for moodle>" == repr(made)


def test_a_preview_counts_what_is_lost(made):
    """By kind with what it means, and by element; the files are named, where they are is not."""
    text = Strict(migration.preview(made)).text
    said, lost = made.said, made.losses.total()
    assert text.startswith(f"4 records as {said} elements; {lost} losses in 1 record.")
    assert "the target has no element for it" in text
    assert text.endswith("Written: cmi.jsonl, cmi.csv, losses.csv.")
    assert f"<Preview of 4 records as {said} elements: {lost} losses in 1 records>" == repr(made)


def test_a_preview_of_much_shows_the_most():
    """Twelve elements are shown, those that lose most, and of how many they are."""
    losses = Counter({("no word", f"cmi.x{n}"): n for n in range(1, 31)})
    made = Preview(Path(), ("a.jsonl",), records=1, said=1_000, touched=1, losses=losses)
    text = Strict(migration.preview(made)).text
    assert "as 1,000 statements; 465 losses" in text
    assert "lose most, 12 of 30:" in text
    assert "cmi.x19no word19" in text
    assert "cmi.x18no word" not in text


def test_a_preview_without_losses_is_short():
    """No table is empty."""
    made = Preview(Path(), ("a.jsonl",), records=1, said=2)
    text = Strict(migration.preview(made)).text
    assert "1 record as 2 statements; 0 losses in 0 records.Written: a.jsonl." == text


def test_a_comparison_says_what_became_of_records_and_cells(found):
    """The verdict, counts by status and course, elements in the classes that there are."""
    text = Strict(migration.comparison(found)).text
    assert text.startswith("1 record missing, 1 new; of cells ")
    assert "statusoldnewmissingnew recordschanged" in text
    assert "(other)1···1" in text
    assert "Golf23·11" in text
    assert "changed elementlostanother valuespelling only" in text
    assert "gained" not in text
    assert "cmi.core.lesson_location1··" in text
    assert "cmi.core.total_time··1" in text


def test_a_comparison_tells_findings_that_turned(found, old):
    """Vanished and appeared by rule; without reports nothing is said, without a turn that."""
    turned = Strict(migration.comparison(found)).text.partition("severityvanishedappeared")[2]
    assert "VO101error1·" in turned
    assert "vanished" not in migration.comparison(compare(old, old))
    report = audit(old)
    same = migration.comparison(compare(old, old, reports=(report, report)))
    assert "No finding appeared or vanished." in same
    assert "vanishedappeared" not in Strict(same).text


def test_a_comparison_of_much_says_what_it_does_not_show(tmp_path):
    """Twelve courses are shown, and how many there are more is said."""
    many = [cells(n, f"Course {n:02}") for n in range(15)]
    some = [cells(n, f"Course {n:02}", **{"cmi.comments": "x"}) for n in range(15)]
    text = Strict(migration.comparison(compare(snapshot(tmp_path / "a", *many),
                                               snapshot(tmp_path / "b", *some)))).text  # fmt: skip
    assert "Course 11" in text
    assert "Course 12" not in text
    assert "Not shown: 3 courses more." in text


def test_a_count_is_told_at_leisure():
    """Thousands have their commas, none is a dot, and the column stands right."""
    made = block.table(("a", "b"), [("x", block.Count(0)), ("y", block.Count(12_345))])
    assert "abx·y12,345" == Strict(made).text
    assert 3 == made.count("text-align:right")


def test_a_snapshot_says_which_file_it_is_of(old):
    """An imported one has no host."""
    assert "Read from old.csv, with" in Strict(show.snapshot(old)).text
