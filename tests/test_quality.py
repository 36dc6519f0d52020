"""Recall and precision on the sandbox's labelled defects, and silence on real courses."""

from collections import defaultdict
from pathlib import Path

import pytest

from scormaudit import Client, audit, fetch
from scormaudit.pack import load

SESSIONS = Path(__file__).parents[2] / "shared" / "sessions"
KEYS = ["enrollment_id", "assignment_id", "sco_id", "element"]

# What has to be found at the element of each defect, no more and no less.
FOUND_BY = {
    "status-misspelt": {"VO101"},
    "entry-misspelt": {"VO102"},
    "mode-misspelt": {"VO103"},
    "total-time-misspelt": {"DT201"},
    "session-time-misspelt": {"DT202"},
    "score-out-of-range": {"SC101"},
    "score-decimal-comma": {"DT101"},
    "score-outside-min-max": {"SC201"},
    "suspend-data-too-long": {"DT301"},
    "failed-above-mastery": {"ST103"},
    "passed-below-mastery": {"ST104"},
    "exit-before-start": {"CL101"},
    "suspend-data-not-kept": {"RE101"},
    "element-failed": {"ID201"},
    "objective-status-misspelt": {"CO101"},
    "exit-misspelt": {"VO104"},
    "credit-misspelt": {"VO105"},
    "status-abbreviated": {"VO101"},
    "status-of-2004": {"VO101"},
    "time-limit-action-misspelt": {"VO106"},
    "location-misread": {"DT321", "DT313"},
    "student-name-misread": {"DT322"},
    "student-id-illegal": {"DT401"},
    "suspend-data-cut": {"RE201"},
    "suspend-data-escaped": {"RE211"},
    "suspend-data-full": {"RE202"},
    "suspend-data-not-ascii": {"DT312"},
    "student-name-too-long": {"DT302"},
    "location-too-long": {"DT303"},
    "language-too-long": {"DT304"},
    "launch-data-too-long": {"DT305"},
    "comments-too-long": {"DT306"},
    "lms-comments-too-long": {"DT307"},
    "score-percent-sign": {"DT101"},
    "score-unreadable": {"DT101"},
    "score-imprecise": {"DT102"},
    "score-max-out-of-range": {"DT103"},
    "score-min-out-of-range": {"DT104"},
    "score-bounds-swapped": {"SC202"},
    "score-in-points": {"SC206"},
    "score-fraction-of-one": {"SC205"},
    "score-without-maximum": {"SC203"},
    "mastery-unreachable": {"SC204"},
    "mastery-unreadable": {"DT105"},
    "mastery-out-of-range": {"DT106"},
    "speed-not-integer": {"DT112"},
    "audio-not-integer": {"DT111"},
    "text-preference-illegal": {"DT113"},
    "objectives-count-illegal": {"DT121"},
    "interactions-count-illegal": {"DT122"},
    "objectives-count-excessive": {"AR101"},
    "interactions-count-excessive": {"AR102"},
    "question-objectives-count-illegal": {"IN121"},
    "correct-responses-count-illegal": {"IN122"},
    "total-below-session": {"CL201"},
    "entry-left-behind": {"CL203"},
    "session-beyond-clock": {"CL301"},
    "total-time-not-carried": {"DT211"},
    "session-time-not-carried": {"DT212"},
    "session-time-one-digit": {"DT231"},
    "session-time-largest": {"DT222"},
    "total-time-largest": {"DT221"},
    "total-time-doubled": {"CL202"},
    "hundred-hours-lost": {"CL302"},
    "session-overlong": {"CL303"},
    "time-beyond-limit": {"CL304"},
    "limit-unreadable": {"DT203"},
    "completed-by-opening": {"ST120"},
    "start-unreadable": {"CL102"},
    "exit-unreadable": {"CL103"},
    "start-too-early": {"CL104"},
    "not-attempted-with-traces": {"ST101"},
    "not-attempted-with-answers": {"ST102"},
    "failed-without-score": {"ST105"},
    "failed-by-leaving-early": {"ST106"},
    "failed-before-any-question": {"ST107"},
    "failed-with-full-marks": {"ST110"},
    "completed-beside-mastery": {"ST111"},
    "completed-below-half": {"ST112"},
    "incomplete-with-score": {"ST114"},
    "browsed-in-normal-mode": {"ST201"},
    "judged-without-credit": {"ST202"},
    "completed-while-browsing": {"ST203"},
    "review-for-credit": {"ST204"},
    "suspend-data-after-logout": {"RE102"},
    "location-not-kept": {"RE103"},
    "nothing-to-resume": {"RE104"},
    "objective-id-illegal": {"CO102"},
    "objective-twice": {"AR201"},
    "objective-gap": {"AR111"},
    "objective-score-out-of-range": {"CO104"},
    "objective-max-out-of-range": {"CO105"},
    "objective-min-out-of-range": {"CO106"},
    "objective-score-outside-min-max": {"SC301"},
    "objective-bounds-swapped": {"SC302"},
    "score-left-at-objective": {"SC303"},
    "question-id-illegal": {"IN101"},
    "question-id-of-driver": {"IN102"},
    "question-twice": {"AR202"},
    "question-emptied": {"AR115"},
    "question-gap": {"AR112"},
    "question-objective-gap": {"AR113"},
    "question-objective-illegal": {"IN103"},
    "correct-response-gap": {"AR114"},
    "question-time-illegal": {"IN111"},
    "question-type-misspelt": {"IN112"},
    "question-weighting-illegal": {"IN113"},
    "question-result-misspelt": {"IN114"},
    "question-latency-misspelt": {"IN115"},
    "question-latency-beyond-total": {"CL305"},
    "answer-malformed": {"FB101"},
    "answer-too-long": {"FB102"},
    "pattern-malformed": {"FB111"},
    "pattern-too-long": {"FB112"},
    "name-of-2004": {"ID301"},
    "suspend-data-misplaced": {"ID302"},
    "index-no-number": {"ID303"},
    "element-not-implemented": {"ID203"},
    "other-model": {"ID202"},
}

# The sandbox keeps one record a key, so it cannot serve the same one twice.
NEVER_PLANTED = {"AR203"}


@pytest.fixture(scope="module", params=[1, 2])
def judged(request, tmp_path_factory):
    """By place: the defect that was planted there, and the rules that found something there."""
    with Client.sandbox(records=1_500, seed=request.param) as client:
        snapshot = fetch(client, client.worklist, tmp_path_factory.mktemp("quality") / "s", jobs=4)
        planted = {
            tuple(label[key] for key in KEYS): label["defect"] for label in client.practice.labels
        }
    found = defaultdict(set)
    for code, *place in audit(snapshot).findings[["rule", *KEYS]].itertuples(index=False):
        found[tuple(place)].add(code)
    return planted, found


def test_every_fault_has_its_defect():
    """Every rule above info finds a defect of the table."""
    above_info = {rule.code for rule in load().rules if rule.severity != "info"}
    assert NEVER_PLANTED == above_info - set().union(*FOUND_BY.values())


def test_every_kind_of_defect_is_planted(judged):
    """The seeded records hold every defect that the table knows."""
    assert set(FOUND_BY) == set(judged[0].values())


def test_recall(judged):
    """Every planted defect is found at its element, by exactly the rules that are for it."""
    planted, found = judged
    assert {place: FOUND_BY[defect] for place, defect in planted.items()} == {
        place: found[place] for place in planted
    }


def test_precision(judged):
    """Nothing is found where nothing was planted, not even what is merely worth knowing."""
    planted, found = judged
    assert {} == {place: codes for place, codes in found.items() if place not in planted}


@pytest.mark.skipif(not SESSIONS.is_dir(), reason="the recorded sessions are not here")
def test_real_courses_have_no_error(tmp_path):
    """A course that was played in a browser leaves records without an error."""
    with Client.sandbox(recordings=SESSIONS) as client:
        report = audit(fetch(client, client.worklist, tmp_path / "s"))
    assert len(list(SESSIONS.iterdir())) == report.records
    assert 0 == report.count("error")
