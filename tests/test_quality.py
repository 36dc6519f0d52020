"""Recall and precision on the sandbox's labelled defects, and silence on real courses."""

from pathlib import Path

import pytest

from scormaudit import Client, audit, fetch

SESSIONS = Path(__file__).parents[2] / "shared" / "sessions"
FOUND_BY = {
    "status-misspelt": "VO101",
    "entry-misspelt": "VO102",
    "mode-misspelt": "VO103",
    "total-time-misspelt": "DT201",
    "session-time-misspelt": "DT202",
    "score-out-of-range": "SC101",
    "score-decimal-comma": "DT101",
    "suspend-data-too-long": "DT301",
    "score-outside-min-max": "SC201",
    "failed-above-mastery": "ST103",
    "passed-below-mastery": "ST104",
    "exit-before-start": "CL101",
    "suspend-data-not-kept": "RE101",
    "element-failed": "ID201",
    "objective-status-misspelt": "CO101",
}
KEYS = ["enrollment_id", "assignment_id", "sco_id", "element"]


@pytest.fixture(scope="module", params=[1, 2])
def judged(request, tmp_path_factory):
    """The labels of a seeded sandbox and the findings in it."""
    with Client.sandbox(records=400, seed=request.param) as client:
        snapshot = fetch(client, client.worklist, tmp_path_factory.mktemp("quality") / "s")
        labels = {
            (FOUND_BY[label["defect"]], *(label[key] for key in KEYS))
            for label in client.practice.labels
        }
        planted = {label["defect"] for label in client.practice.labels}
    findings = audit(snapshot).findings
    return labels, planted, set(findings[["rule", *KEYS]].itertuples(index=False, name=None))


def test_every_kind_of_defect_is_planted(judged):
    """The seeded records hold every defect that the table knows."""
    assert set(FOUND_BY) == judged[1]


def test_recall(judged):
    """Every planted defect is found, by the rule that is for it and at the element that has it."""
    labels, _, findings = judged
    assert set() == labels - findings


def test_precision(judged):
    """Nothing is found that was not planted."""
    labels, _, findings = judged
    assert set() == findings - labels


@pytest.mark.skipif(not SESSIONS.is_dir(), reason="the recorded sessions are not here")
def test_real_courses_have_no_error(tmp_path):
    """A course that was played in a browser leaves records without an error."""
    with Client.sandbox(recordings=SESSIONS) as client:
        report = audit(fetch(client, client.worklist, tmp_path / "s"))
    assert len(list(SESSIONS.iterdir())) == report.records
    assert 0 == report.count("error")
