"""The seeded records: repeatable, clean where they are not labelled, and wrong where they are."""

import re
from collections import Counter
from functools import cache

import httpx
import pytest

from scormaudit.cmi import INTERACTIONS, NESTED, OBJECTIVES, SCALARS, STRAYS
from scormaudit.sandbox import Sandbox
from scormaudit.sandbox.defects import DEFECTS
from scormaudit.sandbox.defects_common import COMMON

from .coherence import complaints
from .known import READ

NAMES = [element.name for element in SCALARS]
NAMES += [
    element.name.replace(".n.", f".{index}.").replace(".m.", f".{inner}.")
    for element in OBJECTIVES + INTERACTIONS + NESTED
    for index in range(6)
    for inner in range(3)
]
NAMES = list(dict.fromkeys((*NAMES, *STRAYS)))

# What is wrong with a record of each defect, in the words of coherence.py; None where SCORM 1.2
# lets it pass, or where only a reader who knows the course could tell.
STATEMENTS = {
    "status-misspelt": "word",
    "entry-misspelt": "word",
    "mode-misspelt": "word",
    "total-time-misspelt": "timespan",
    "session-time-misspelt": "timespan",
    "score-out-of-range": "range",
    "score-decimal-comma": "decimal",
    "score-outside-min-max": "bounds",
    "suspend-data-too-long": "length",
    "failed-above-mastery": "mastery",
    "passed-below-mastery": "mastery",
    "exit-before-start": "order",
    "suspend-data-not-kept": "kept",
    "element-failed": "failed",
    "objective-status-misspelt": "word",
    "exit-misspelt": "word",
    "credit-misspelt": "word",
    "status-abbreviated": "word",
    "status-of-2004": "word",
    "time-limit-action-misspelt": "word",
    "location-misread": "misread",
    "student-name-misread": "misread",
    "student-id-illegal": "identifier",
    "suspend-data-cut": "cut",
    "suspend-data-escaped": "escaped",
    "suspend-data-full": None,
    "suspend-data-not-ascii": "ascii",
    "student-name-too-long": "length",
    "location-too-long": "length",
    "language-too-long": "length",
    "launch-data-too-long": "length",
    "comments-too-long": "length",
    "lms-comments-too-long": "length",
    "score-percent-sign": "decimal",
    "score-unreadable": "decimal",
    "score-imprecise": None,
    "score-max-out-of-range": "range",
    "score-min-out-of-range": "range",
    "score-bounds-swapped": "scale",
    "score-in-points": None,
    "score-fraction-of-one": None,
    "score-without-maximum": None,
    "mastery-unreachable": "unreachable",
    "mastery-unreadable": "decimal",
    "mastery-out-of-range": "range",
    "speed-not-integer": "range",
    "audio-not-integer": "range",
    "text-preference-illegal": "range",
    "objectives-count-illegal": "count",
    "interactions-count-illegal": "count",
    "objectives-count-excessive": "count",
    "interactions-count-excessive": "count",
    "question-objectives-count-illegal": "count",
    "correct-responses-count-illegal": "count",
    "total-below-session": "sum",
    "entry-left-behind": "sessions",
    "session-beyond-clock": "clock",
    "total-time-not-carried": None,
    "session-time-not-carried": None,
    "session-time-one-digit": "timespan",
    "session-time-largest": "lost",
    "total-time-largest": "lost",
    "total-time-doubled": "doubled",
    "hundred-hours-lost": None,
    "session-overlong": None,
    "time-beyond-limit": "limit",
    "limit-unreadable": "timespan",
    "completed-by-opening": None,
    "start-unreadable": "date",
    "exit-unreadable": "date",
    "start-too-early": "date",
    "not-attempted-with-traces": "trace",
    "not-attempted-with-answers": "trace",
    "failed-without-score": "mastery",
    "failed-by-leaving-early": "early",
    "failed-before-any-question": "early",
    "failed-with-full-marks": "mastery",
    "completed-beside-mastery": "mastery",
    "completed-below-half": "mastery",
    "incomplete-with-score": None,
    "browsed-in-normal-mode": "browsed",
    "judged-without-credit": "credit",
    "completed-while-browsing": "browsed",
    "review-for-credit": "mode",
    "suspend-data-after-logout": "kept",
    "location-not-kept": "kept",
    "nothing-to-resume": "nothing",
    "objective-id-illegal": "identifier",
    "objective-twice": "unique",
    "objective-gap": "gap",
    "objective-score-out-of-range": "range",
    "objective-max-out-of-range": "range",
    "objective-min-out-of-range": "range",
    "objective-score-outside-min-max": "bounds",
    "objective-bounds-swapped": "scale",
    "score-left-at-objective": "left",
    "question-id-illegal": "identifier",
    "question-id-of-driver": "identifier",
    "question-twice": "unique",
    "question-emptied": "gap",
    "question-gap": "gap",
    "question-objective-gap": "gap",
    "question-objective-illegal": "identifier",
    "correct-response-gap": "gap",
    "question-time-illegal": "time",
    "question-type-misspelt": "word",
    "question-weighting-illegal": "decimal",
    "question-result-misspelt": "word",
    "question-latency-misspelt": "timespan",
    "question-latency-beyond-total": "sum",
    "answer-malformed": "feedback",
    "answer-too-long": "feedback",
    "pattern-malformed": "feedback",
    "pattern-too-long": "feedback",
    "name-of-2004": "stray",
    "suspend-data-misplaced": "stray",
    "index-no-number": "stray",
    "element-not-implemented": None,
    "other-model": "model",
}


AT_REST = {"entry-misspelt", "mode-misspelt", "total-time-misspelt", "session-time-misspelt"}
MANY = 1500


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


def planted(count, seed):
    """How often each defect was planted."""
    sandbox = Sandbox(records=count, seed=seed)
    sandbox.stop()
    return Counter(label["defect"] for label in sandbox.labels)


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


@pytest.mark.parametrize("seed", [1, 2])
def test_clean_records_are_coherent(seed):
    """A record without a label holds under every statement of SCORM 1.2."""
    found, labels = records(MANY, seed)
    assert {} == {
        key: complaints(*record)
        for key, record in found.items()
        if key not in labels and complaints(*record)
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_labelled_records_have_exactly_their_defect(seed):
    """A labelled record breaks one statement, about the element that its label names, or none."""
    found, labels = records(MANY, seed)
    for key, label in labels.items():
        statement = STATEMENTS[label["defect"]]
        expected = {(label["element"], statement)} if statement else set()
        assert expected == complaints(*found[key]), label


@pytest.mark.parametrize("seed", range(5))
def test_every_defect_occurs_among_many_records(seed):
    """About one record in five is labelled, and no defect is left to chance."""
    found = planted(MANY, seed)
    assert {defect.name for defect in DEFECTS} == set(STATEMENTS) == set(found)
    assert 297 <= found.total() <= 303


@pytest.mark.parametrize("seed", range(20))
def test_common_defects_come_first(seed):
    """A small sandbox has the common defects, each of them twice, before any other."""
    found = planted(150, seed)
    assert {defect.name for defect in COMMON} <= set(found)
    assert 27 <= found.total() <= 33
    assert 25 <= sum(found[defect.name] for defect in COMMON)


@pytest.mark.parametrize("seed", range(5))
def test_safe_repairs_wait_on_records_at_rest(seed):
    """Nobody is in the course where a misspelling waits for its repair."""
    found, labels = records(200, seed)
    items = [found[key][0] for key, label in labels.items() if label["defect"] in AT_REST]
    assert 8 <= len(items)
    for item in items:
        assert item["start_date_utc"][:19] < item["exit_date_utc"][:19]


def test_labels_name_the_element_of_the_table():
    """The label of a record has the element of its defect, with an index for `n` and `m`."""
    elements = {defect.name: defect.element for defect in DEFECTS}
    for label in records(MANY, 1)[1].values():
        pattern = re.sub(r"\\\.[nm](?=\\\.)", r"\\.\\d+", re.escape(elements[label["defect"]]))
        assert re.fullmatch(pattern.replace(r"\*", ".+"), label["element"])


def test_records_are_various():
    """All kinds occur: every status, learners in progress, no-credit, SCOs in plenty."""
    found, labels = records()
    clean = [record for key, record in found.items() if key not in labels]
    items, values, _ = zip(*clean, strict=True)
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
    """No date of a clean record depends on the clock of the machine."""
    found, labels = records()
    dates = [
        record[0][name]
        for key, record in found.items()
        for name in ("start_date_utc", "exit_date_utc")
        if key not in labels and name in record[0]
    ]
    assert max(dates) < "2026-03-02T24"
