"""The courses of the sandbox and the people who take them; all of it is fiction."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """One interaction: its legal answers, a wrong one, and the objective it serves."""

    id: str
    type: str
    right: tuple[str, ...]
    wrong: str
    objective: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One SCO of a package, with what its manifest says."""

    sco_id: str
    title: str
    scored: bool = False
    mastery: str = ""
    objectives: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    launch_data: str = ""
    max_time_allowed: str = ""
    time_limit_action: str = "continue,no message"
    long_hours: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """One assignment: a package of lessons."""

    title: str
    lessons: tuple[Lesson, ...]


HYGIENE = Course(
    "Hand Hygiene for Clinical Staff",
    (
        Lesson(
            sco_id="hand_hygiene_sco",
            title="Hand Hygiene for Clinical Staff",
            scored=True,
            mastery="80",
            objectives=("five_moments", "technique"),
            questions=(
                Question("HH_q1", "choice", ("b",), "d", "five_moments"),
                Question("HH_q2", "choice", ("a,c,e", "{a,c,e}"), "a,c", "five_moments"),
                Question("HH_q3", "true-false", ("t",), "f", "technique"),
                Question("HH_q4", "sequencing", ("c,a,b,d",), "a,c,b,d", "technique"),
                Question("HH_q5", "numeric", ("30",), "5", "technique"),
            ),
            long_hours=True,
        ),
    ),
)
SECURITY = Course(
    "Information Security Awareness 2026",
    (
        Lesson(sco_id="ISA_01_welcome", title="Welcome & how to use this course"),
        Lesson(
            sco_id="ISA_02_phishing",
            title='Phishing: "You have won!"',
            objectives=("spot_phishing", "report_phishing", "safe_links"),
            launch_data="theme=corporate;lang=en",
        ),
        Lesson(sco_id="ISA_03_passwords", title="Passwords and passkeys", long_hours=True),
        Lesson(
            sco_id="ISA_04_test",
            title="Final test",
            scored=True,
            mastery="70",
            objectives=("spot_phishing", "passwords"),
            questions=(
                Question("Q-101", "choice", ("c",), "a", "spot_phishing"),
                Question("Q-102", "matching", ("1.b,2.a,3.c", "{1.b,2.a,3.c}"), "1.a,2.b,3.c"),
                Question("Q-103", "true-false", ("f",), "t", "passwords"),
                Question("Q-104", "likert", (), "4"),
            ),
            max_time_allowed="40:00:00",
            time_limit_action="continue,message",
        ),
    ),
)
CONDUCT = Course(
    "Code of Conduct",
    (Lesson(sco_id="I_SCO0", title="Code of Conduct", launch_data="attest=yes"),),
)
FIRE = Course(
    "Fire Safety Refresher",
    (
        Lesson(
            sco_id="fire",
            title="Fire Safety Refresher",
            scored=True,
            questions=(
                Question("extinguisher", "choice", ("a",), "b"),
                Question("assembly_point", "fill-in", ("Car park B", "car park b"), "Roof"),
                Question("drill", "performance", ("left by exit 3",), "used the lift"),
            ),
        ),
    ),
)
HANDLING = Course(
    "Manual Handling and Posture",
    (
        Lesson(sco_id="item_1", title="1. Lifting", long_hours=True),
        Lesson(sco_id="item_2", title="2. Pushing <and> pulling"),
        Lesson(
            sco_id="item_3",
            title="3. Check your knowledge",
            scored=True,
            objectives=("lifting", "posture"),
        ),
    ),
)
LEADERSHIP = Course(
    "Führung & Verantwortung (Leadership Essentials)",
    tuple(
        Lesson(sco_id=f"LE{number:02}", title=f"Unit {number}: {title}", objectives=objectives)
        for number, title, objectives in (
            (1, "Your role", ()),
            (2, "Listening", ("listening",)),
            (3, "Feedback", ("feedback", "conflict")),
            (4, "Delegation", ()),
            (5, "Réunions efficaces", ()),
            (6, "Plan of action", ()),
        )
    ),
)
DOSAGE = Course(
    "Medication Calculation: Annual Assessment",
    (
        Lesson(
            sco_id="dosage-assessment",
            title="Medication Calculation: Annual Assessment",
            scored=True,
            mastery="90",
            questions=(
                Question("dose_1", "numeric", ("2.5",), "25"),
                Question("dose_2", "numeric", ("0.75",), "7.5"),
                Question("dose_3", "fill-in", ("paracetamol",), "ibuprofen"),
            ),
            max_time_allowed="0040:00:00.00",
            time_limit_action="exit,message",
            long_hours=True,
        ),
    ),
)

SECTIONS = (
    (HYGIENE,),
    (SECURITY, CONDUCT),
    (FIRE,),
    (HANDLING,),
    (LEADERSHIP,),
    (DOSAGE, FIRE),
)

_NOTABLE = (
    "O'Hara, Zoë", "<b>Müller</b>, Jörg", "=1+1", "Nguyễn, Thị Ánh", "山田, 太郎",
    "-2+3, Minus", "المصري, ليلى", "Şahin, Gül; DROP TABLE scos", "@SUM(A1:A9)", "Æsir, Þór",
)  # fmt: skip
_LAST = (
    "Abara", "Baptiste", "Castellanos", "Dvorak", "Eriksen", "Fairweather", "Grünwald", "Haddad",
    "Iwu", "Jankowski", "Kowalczyk", "Lindqvist", "Moreau", "Nakamura", "Okonkwo", "Petrov",
    "Quispe", "Rossi", "Silva", "Thorne",
)  # fmt: skip
_FIRST = (
    "Ada B.", "Bruno", "Chloé", "Dimitri", "Elif", "Farah K.", "Gustav", "Hana", "Ines", "Jonas",
    "Kwame", "Lucía", "Marek", "Noor",
)  # fmt: skip


def learner(number: int) -> str:
    """The name of the learner of this number; every fourth is one that breaks careless tools."""
    turn, place = divmod(number, 4)
    if place == 1:
        return _NOTABLE[turn % len(_NOTABLE)]
    return f"{_LAST[number % len(_LAST)]}, {_FIRST[number % len(_FIRST)]}"
