"""Snapshots made of rows, with as many records and as much wrong as a test asks for."""

from scormaudit.frame import COLUMNS
from scormaudit.snapshot import Writer

LEGAL = {
    "title": "Lesson",
    "start_date_utc": "2026-03-02T10:00:00Z",
    "exit_date_utc": "2026-03-02T10:20:00Z",
    "student_id": "s",
    "student_name": "Learner, Anna",
    "lesson_location": "",
    "credit": "credit",
    "lesson_status": "incomplete",
    "entry": "ab-initio",
    "score_raw": "",
    "total_time": "0000:05:00.00",
    "lesson_mode": "normal",
    "exit": "suspend",
    "session_time": "0000:05:00.00",
    "suspend_data": "p=3",
}
WRONG = {
    "entry": "ab-inito",
    "lesson_status": "Complete",
    "credit": "maybe",
    "exit": "time out",
    "lesson_mode": "Normal",
    "score_raw": "85,5",
    "total_time": "10:00",
    "session_time": "5 min",
}
"""What breaks a rule of its own in any record."""


def uuid(number):
    """A UUID that a reader can count."""
    return f"{number:08}-0000-4000-8000-000000000000"


def record(number, course="Course", sco_id="sco", labels=(), **elements):
    """A row of `records`: legal unless told otherwise."""
    row = dict.fromkeys(COLUMNS["records"]) | LEGAL | elements
    ids = {name: uuid(number) for name in ("enrollment_id", "assignment_id")}
    return (
        ids
        | {"assignment_status_id": uuid(number), "sco_id": sco_id, "course": course}
        | (dict(labels) | row)
    )


def snapshot(folder, *records, states=None, **tables):
    """A snapshot of some rows, in one part; `states` adds assignments that were not read."""
    labels = tuple(n for n in records[0] if n not in COLUMNS["records"] and not n.endswith("_id"))
    writer = Writer(folder, labels)
    coverage = [
        {"row": at, "enrollment_id": row["enrollment_id"], "state": "ok", "scos": 1}
        for at, row in enumerate(records, 1)
    ]
    coverage += [{"state": state} for state, n in (states or {}).items() for _ in range(n)]
    writer.write({"records": list(records), "coverage": coverage, **tables})
    return writer.finish(
        base_url="https://lms.example.org",
        from_utc="2026-03-03T00:00:00Z",
        to_utc="2026-03-03T01:00:00Z",
        elements=(),
        worklist={"name": "worklist.csv", "sha256": "0" * 64, "rows": str(len(records))},
        tool_version="0",
    )
