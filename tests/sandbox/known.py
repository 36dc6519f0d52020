"""Paths of the operations and the attempts that the tests know by heart."""

from scormaudit.sandbox import Attempt, Sco

READ, EDIT = "/api/v1/ScormApi/GetCmiData", "/api/v1/ScormApi/EditScormData"
ENROLLMENT = "11111111-1111-4111-8111-111111111111"
ASSIGNMENT = "22222222-2222-4222-8222-222222222222"
STATUS = "33333333-3333-4333-8333-333333333333"
EMPTY = "44444444-4444-4444-8444-444444444444"

SCO = Sco(
    "sco_a",
    "A & B",
    "2026-03-01T09:00:00.731Z",
    None,
    {
        "cmi.core.lesson_status": "incomplete",
        "cmi.core.lesson_mode": "normal",
        "cmi.core.lesson_location": "",
        "cmi.objectives.0.id": "o1",
        "cmi.objectives.2.id": "o3",
        "cmi.interactions.0.id": "q1",
        "cmi.interactions.0.correct_responses.0.pattern": "a",
    },
    {"cmi.comments": "101 - General exception"},
)
OTHERS = [Sco("sco_c", "C"), Sco("sco_b", "B", scorm2004=True, cmi={"cmi.core.credit": "credit"})]
ATTEMPTS = [
    Attempt(ENROLLMENT, ASSIGNMENT, STATUS, "Zoë", "Course", [*OTHERS, SCO]),
    Attempt(EMPTY, ASSIGNMENT, EMPTY),
]
