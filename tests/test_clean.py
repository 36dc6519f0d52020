"""What a course legally leaves behind gives no finding above info."""

from pathlib import Path

import pytest
from repair import uuid

from scormaudit import Client, audit, fetch
from scormaudit.sandbox import Sandbox
from scormaudit.sandbox.attempt import Attempt, Sco

SESSIONS = Path(__file__).parents[2] / "shared" / "sessions"
START, EXIT, AGAIN = "2026-03-02T10:00:00Z", "2026-03-02T10:12:00Z", "2026-03-03T08:00:00Z"
NEW = {
    "core.student_id": "stu_1",
    "core.student_name": "Learner, Anna",
    "core.lesson_location": "",
    "core.credit": "credit",
    "core.lesson_status": "not attempted",
    "core.entry": "ab-initio",
    "core.score.raw": "",
    "core.score.min": "",
    "core.score.max": "",
    "core.total_time": "0000:00:00.00",
    "core.lesson_mode": "normal",
    "core.exit": "",
    "core.session_time": "",
    "suspend_data": "",
    "launch_data": "",
    "comments": "",
    "comments_from_lms": "",
    "student_data.mastery_score": "",
    "student_data.max_time_allowed": "",
    "student_data.time_limit_action": "continue,no message",
    "student_preference.audio": "0",
    "student_preference.language": "",
    "student_preference.speed": "0",
    "student_preference.text": "0",
}
VISITED = {
    "core.lesson_status": "completed",
    "core.lesson_location": "slide_9",
    "core.session_time": "00:10:30",
    "core.total_time": "00:10:30",
}
SCORED = VISITED | {
    "core.score.min": "0",
    "core.score.max": "100",
    "student_data.mastery_score": "80",
    "objectives.0.id": "aim_1",
    "objectives.0.status": "passed",
    "interactions.0.id": "q1",
    "interactions.0.type": "choice",
    "interactions.0.student_response": "a",
    "interactions.0.result": "correct",
    "interactions.0.latency": "00:00:20.5",
    "interactions.0.correct_responses.0.pattern": "a",
}
LOOKED = VISITED | {"core.credit": "no-credit"}
HALF_WAY = VISITED | {
    "core.lesson_status": "incomplete",
    "core.exit": "suspend",
    "suspend_data": "p=9;seen=1,2,3",
}
CLEAN = {
    "assigned": ({}, None, None),
    "launched": ({"core.lesson_status": "incomplete"}, START, None),
    "launched, and it wrote before it set a status": (
        {"core.lesson_location": "slide_1", "suspend_data": "p=1"}, START, None,
    ),
    "only opened": (
        VISITED | {"core.lesson_status": "incomplete", "core.lesson_location": "slide_1",
                   "core.session_time": "00:00:04", "core.total_time": "00:00:04"},
        START, EXIT,
    ),
    "only opened, and the course said nothing": (
        {"core.lesson_status": "completed", "core.session_time": "00:00:02",
         "core.total_time": "00:00:02"},
        START, EXIT,
    ),
    "browsed": (
        LOOKED | {"core.lesson_status": "browsed", "core.lesson_mode": "browse"}, START, EXIT,
    ),
    "suspended half-way": (HALF_WAY, START, EXIT),
    "suspended half-way for the third time": (
        HALF_WAY | {"core.entry": "resume", "core.total_time": "00:42:00.25"}, START, AGAIN,
    ),
    "passed": (
        SCORED | {"core.lesson_status": "passed", "core.score.raw": "85.5"}, START, EXIT,
    ),
    "passed, and always suspends": (
        SCORED | {"core.lesson_status": "passed", "core.score.raw": "80",
                  "core.exit": "suspend", "suspend_data": "p=9"},
        START, EXIT,
    ),
    "failed": (
        SCORED | {"core.lesson_status": "failed", "core.score.raw": "79.9"}, START, EXIT,
    ),
    "failed with no point": (
        SCORED | {"core.lesson_status": "failed", "core.score.raw": "0",
                  "interactions.0.student_response": "b", "interactions.0.result": "wrong"},
        START, EXIT,
    ),
    "completed without a score": (VISITED, START, EXIT),
    "completed and logged out": (VISITED | {"core.exit": "logout"}, START, EXIT),
    "mastery overriding completed": (
        SCORED | {"core.lesson_status": "failed", "core.score.raw": "70"}, START, EXIT,
    ),
    "mastery overriding failed": (
        SCORED | {"core.lesson_status": "passed", "core.score.raw": "90",
                  "objectives.0.status": "failed"},
        START, EXIT,
    ),
    "reviewed": (
        LOOKED | {"core.lesson_mode": "review", "core.entry": "", "core.total_time": "00:30:00"},
        START, EXIT,
    ),
    "passed and reviewed": (
        SCORED | {"core.lesson_status": "passed", "core.score.raw": "85", "core.entry": "",
                  "core.lesson_mode": "review", "core.credit": "no-credit",
                  "core.total_time": "00:30:00"},
        START, EXIT,
    ),
    "second session in progress": (
        HALF_WAY | {"core.entry": "resume", "core.session_time": "00:20:00"}, AGAIN, EXIT,
    ),
    "second session in progress, the first was browsing": (
        VISITED | {"core.lesson_status": "browsed", "core.entry": ""}, AGAIN, EXIT,
    ),
    "one digit behind the point, read as hundredths": (
        VISITED | {"core.session_time": "00:00:08.9", "core.total_time": "00:00:08.09"},
        START, EXIT,
    ),
    "an LMS that keeps four elements": (
        dict.fromkeys(NEW)
        | {"core.lesson_status": "completed", "core.score.raw": "90",
           "core.total_time": "00:10:30", "core.student_id": "stu_1"},
        START, EXIT,
    ),
}  # fmt: skip
WHOSE = ["enrollment_id", "assignment_id", "sco_id"]


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """A report for each clean record, each served as a learner of its own."""
    attempts = [
        Attempt(
            uuid(number), uuid(100 + number), uuid(200 + number),
            scos=[Sco(
                "lesson", name, start, end,
                cmi={f"cmi.{element}": text for element, text in (NEW | cmi).items()},
            )],
        )
        for number, (name, (cmi, start, end)) in enumerate(CLEAN.items())
    ]  # fmt: skip
    with Sandbox.of(attempts) as lms, Client(lms.base_url, lms.token) as client:
        snapshot = fetch(client, lms.worklist, tmp_path_factory.mktemp("clean") / "snapshot")
    return audit(snapshot)


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_record_is_left_in_peace(reports, name):
    """What a learner and a course may do gives no error and no warning."""
    number = list(CLEAN).index(name)
    findings = reports.findings
    of_it = findings[findings["enrollment_id"].eq(uuid(number)) & findings["severity"].ne("info")]
    assert [] == list(of_it[["rule", "element"]].itertuples(index=False, name=None))


def test_nothing_crashes_on_clean_records(reports):
    """Every rule gives a verdict on them."""
    assert [] == [result.rule.code for result in reports.results if result.crashed]


@pytest.mark.skipif(not SESSIONS.is_dir(), reason="the recorded sessions are not here")
def test_recorded_courses_have_no_error(tmp_path):
    """Courses that were played in a browser leave records without an error."""
    with Client.sandbox(recordings=SESSIONS) as client:
        report = audit(fetch(client, client.worklist, tmp_path / "snapshot"))
    assert 3 == report.records
    assert 0 == report.count("error")


def test_seeded_records_without_a_label_are_clean(tmp_path):
    """Of 400 seeded records, those that nothing was planted in have nothing above info."""
    with Client.sandbox(records=400, seed=7) as client:
        report = audit(fetch(client, client.worklist, tmp_path / "snapshot"))
        labelled = {tuple(label[key] for key in WHOSE) for label in client.practice.labels}
    found = report.findings[report.findings["severity"].ne("info")]
    others = set(found[WHOSE].itertuples(index=False, name=None)) - labelled
    assert 400 == report.records
    assert labelled
    assert set() == others
