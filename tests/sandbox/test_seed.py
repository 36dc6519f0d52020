"""The seeded records: repeatable, clean where they are not labelled, and wrong where they are."""

import re
from collections import Counter
from functools import cache

import httpx
import pytest

from scormaudit.cmi import INTERACTIONS, NESTED, OBJECTIVES, SCALARS
from scormaudit.sandbox import Sandbox
from scormaudit.sandbox.defects import DEFECTS

from .coherence import complaints
from .known import READ

NAMES = [element.name for element in SCALARS]
NAMES += [
    element.name.replace(".n.", f".{index}.").replace(".m.", f".{inner}.")
    for element in OBJECTIVES + INTERACTIONS + NESTED
    for index in range(6)
    for inner in range(3)
]
NAMES = list(dict.fromkeys(NAMES))

# What is wrong with a record of each defect, in the words of coherence.py.
STATEMENTS = {
    "status-misspelt": "word",
    "entry-misspelt": "word",
    "mode-misspelt": "word",
    "total-time-misspelt": "timespan",
    "session-time-misspelt": "timespan",
    "score-out-of-range": "range",
    "score-decimal-comma": "decimal",
    "suspend-data-too-long": "length",
    "score-outside-min-max": "bounds",
    "failed-above-mastery": "mastery",
    "passed-below-mastery": "mastery",
    "exit-before-start": "order",
    "suspend-data-not-kept": "kept",
    "element-failed": "failed",
    "objective-status-misspelt": "word",
}


def answers(sandbox):
    """The raw body for every attempt, in the order of the worklist."""
    with httpx.Client(base_url=sandbox.base_url) as client:
        for entry in sandbox.worklist:
            body = {
                "enrollment_id": entry["enrollment_id"],
                "assignment_id": entry["assignment_id"],
                "cmi_element_names": NAMES,
            }
            yield entry, client.post(READ, params={"access_token": sandbox.token}, json=body)


@cache
def records(count=400, seed=1):
    """Every record by its read key: (item, values, errors); and the labels."""
    found = {}
    with Sandbox(records=count, seed=seed) as sandbox:
        for entry, answer in answers(sandbox):
            for item in answer.json():
                key = entry["enrollment_id"], entry["assignment_id"], item["sco_id"]
                fields = item["cmi_fields"]
                values = {
                    field["cmi_element_name"]: field.get("cmi_element_value") for field in fields
                }
                errors = {
                    field["cmi_element_name"]: field["error_message"]
                    for field in fields
                    if "401" not in field.get("error_message", "401")
                }
                found[key] = item, values, errors
        return found, {
            (label["enrollment_id"], label["assignment_id"], label["sco_id"]): label
            for label in sandbox.labels
        }


def seeded(seed):
    """Everything a sandbox answers, byte for byte."""
    with Sandbox(records=60, seed=seed) as sandbox:
        return sandbox.worklist, sandbox.labels, [answer.content for _, answer in answers(sandbox)]


def test_same_seed_same_bytes():
    """Two sandboxes of one seed differ in no byte of worklist, labels and answers."""
    assert seeded(7) == seeded(7)


def test_other_seed_other_records():
    """Another seed gives other ids and other records."""
    assert not {entry["enrollment_id"] for entry in seeded(7)[0]} & {
        entry["enrollment_id"] for entry in seeded(8)[0]
    }


@pytest.mark.parametrize("count", [0, 1, 7, 150, 201])
def test_exact_number_of_records(count):
    """`records` is the number of SCO records, courses cut short where need be."""
    assert count == len(records(count)[0])


@pytest.mark.parametrize("seed", range(1, 6))
def test_clean_records_are_coherent(seed):
    """A record without a label holds under every statement of SCORM 1.2."""
    found, labels = records(400, seed)
    assert {} == {
        key: complaints(*record)
        for key, record in found.items()
        if key not in labels and complaints(*record)
    }


@pytest.mark.parametrize("seed", range(1, 6))
def test_labelled_records_have_exactly_their_defect(seed):
    """A labelled record breaks one statement, about the element that its label names."""
    found, labels = records(400, seed)
    for key, label in labels.items():
        expected = {(label["element"], STATEMENTS[label["defect"]])}
        assert expected == complaints(*found[key]), label


@pytest.mark.parametrize("seed", range(20))
def test_every_defect_occurs_among_150_records(seed):
    """About one record in five is labelled, and no defect is left to chance."""
    sandbox = Sandbox(records=150, seed=seed)
    sandbox.stop()
    found = Counter(label["defect"] for label in sandbox.labels)
    assert {defect.name for defect in DEFECTS} == set(found)
    assert 27 <= found.total() <= 33


def test_labels_name_the_element_of_the_table():
    """The label of a record has the element of its defect, with an index for `n`."""
    elements = {defect.name: defect.element for defect in DEFECTS}
    for label in records()[1].values():
        pattern = re.escape(elements[label["defect"]]).replace(r"\.n\.", r"\.\d+\.")
        assert re.fullmatch(pattern.replace(r"\*", ".+"), label["element"])


def test_records_are_various():
    """All kinds occur: every status, learners in progress, no-credit, SCOs in plenty."""
    found, _ = records()
    values = [record[1] for record in found.values()]
    items = [record[0] for record in found.values()]
    statuses = {"passed", "completed", "failed", "incomplete", "browsed", "not attempted"}
    assert statuses <= {cmi["cmi.core.lesson_status"] for cmi in values}
    assert {"browse", "review"} <= {cmi["cmi.core.lesson_mode"] for cmi in values}
    assert {"", "80", "70", "90"} == {cmi["cmi.student_data.mastery_score"] for cmi in values}
    assert any("start_date_utc" in item and "exit_date_utc" not in item for item in items)
    assert 3500 < max(len(cmi["cmi.suspend_data"]) for cmi in values)
    sizes = Counter(key[:2] for key in found).values()
    assert {1, 3, 4, 6} <= set(sizes)
    enrollments = {key[0] for key in found}
    assert len(enrollments) < len({key[:2] for key in found})


def test_everything_lies_before_the_fixed_day():
    """No date depends on the clock of the machine."""
    dates = [
        item[name]
        for item, _, _ in records()[0].values()
        for name in ("start_date_utc", "exit_date_utc")
        if name in item
    ]
    assert max(dates) < "2026-03-02T24"
