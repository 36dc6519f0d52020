"""All 74 defects known from the field: each is found in a record, or named as invisible there."""

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from repair import DATES, uuid

from scormaudit import Client, audit, fetch
from scormaudit.cmi import FIELDS
from scormaudit.pack import load, shipped
from scormaudit.plan import column_of
from scormaudit.sandbox import Sandbox
from scormaudit.sandbox.attempt import Attempt, Sco

PACK = load()
BASE = {
    "core.student_id": "stu_1",
    "core.student_name": "Learner, Anna",
    "core.lesson_location": "slide_9",
    "core.credit": "credit",
    "core.lesson_status": "incomplete",
    "core.entry": "ab-initio",
    "core.score.raw": "",
    "core.score.min": "",
    "core.score.max": "",
    "core.total_time": "00:10:00",
    "core.lesson_mode": "normal",
    "core.exit": "suspend",
    "core.session_time": "00:10:00",
    "suspend_data": "p=3",
    "launch_data": "",
    "comments": "",
    "comments_from_lms": "",
    "student_data.mastery_score": "",
    "student_data.max_time_allowed": "",
    "student_data.time_limit_action": "continue,no message",
}


@dataclass(frozen=True)
class Shown:
    """A record with one of the defects.

    `kind` says what may be done about it: S a safe repair, P one with proof or by a policy,
    N none. `beyond` says why a record alone allows less than that.
    """

    number: int
    words: str
    kind: str
    code: str
    element: str
    cmi: dict[str, str | None]
    dates: tuple[str | None, str | None] = DATES
    beyond: str = ""


def shown(number, words, kind, code, element, cmi, **more):
    """A record whose CMI names lack their `cmi.`."""
    return Shown(number, words, kind, code, f"cmi.{element}", cmi, **more)


STATUS, RAW, MAX = "core.lesson_status", "core.score.raw", "core.score.max"
MASTERY, TOTAL, SESSION = "student_data.mastery_score", "core.total_time", "core.session_time"
EXIT, ENTRY, DATA, PLACE = "core.exit", "core.entry", "suspend_data", "core.lesson_location"
Q, GOAL, ANSWER = "interactions.0", "objectives.0", "interactions.0.student_response"
LEFT = {EXIT: "", DATA: ""}
FAILED = {STATUS: "failed", RAW: "0", MASTERY: "75", **LEFT}


def status(number, words, kind, text):
    """A lesson status that is no word of the list."""
    return shown(number, words, kind, "VO101", STATUS, {STATUS: text})


def raw(number, words, kind, code, text, **more):
    """A raw score of a completed lesson."""
    return shown(number, words, kind, code, RAW, {STATUS: "completed", RAW: text} | more)


def times(number, words, kind, code, element, total, session, **more):
    """A total and a session time."""
    return shown(number, words, kind, code, element, {TOTAL: total, SESSION: session}, **more)


def choice(number, words, kind, text, code="FB101", type="choice"):
    """An answer to a question."""
    return shown(number, words, kind, code, ANSWER, {
        f"{Q}.id": "q1", f"{Q}.type": type, ANSWER: text,
    })  # fmt: skip


SHOWN = (
    status(1, "a short form that an author typed", "S", "complete"),
    status(1, "an author's own word", "P", "done"),
    status(1, "an author's number", "N", "1"),
    status(2, "capitals", "S", "Incomplete"),
    status(2, "capitals and a blank", "S", "Not Attempted "),
    status(3, "one letter, as AICC has it", "P", "p"),
    shown(4, "completed by the LMS after a glance", "N", "ST120", STATUS, {
        STATUS: "completed", SESSION: "00:00:01", TOTAL: "00:00:01", PLACE: "", **LEFT,
    }),
    shown(5, "completed without a score, failed by the manifest", "P", "ST105", STATUS, {
        STATUS: "failed", MASTERY: "80", **LEFT,
    }),
    shown(6, "failed by leaving before the quiz", "P", "ST106", STATUS, {
        **FAILED, MASTERY: "100", EXIT: "suspend", DATA: "slide=4",
    }),
    shown(7, "failed by a mastery score that nobody asked for", "P", "ST107", STATUS, FAILED),
    shown(8, "failed by a blank score", "P", "ST105", STATUS, {**FAILED, RAW: ""}),
    shown(9, "failed by a blank mastery score", "P", "ST108", STATUS, {
        **FAILED, RAW: "", MASTERY: "",
    }),
    shown(10, "failed when it was opened", "P", "ST107", STATUS, {
        **FAILED, SESSION: "00:00:01", TOTAL: "00:00:01", PLACE: "",
    }),
    shown(11, "failed was never sent", "P", "ST113", STATUS, {
        **FAILED, STATUS: "incomplete", RAW: "40", f"{Q}.id": "q1", f"{Q}.type": "choice",
    }),
    status(16, "the course wrote a word of its own", "N", "unknown"),
    shown(16, "the course wrote not attempted", "N", "ST101", STATUS, {STATUS: "not attempted"}),
    shown(16, "the course wrote not attempted after a question", "N", "ST102", STATUS, {
        STATUS: "not attempted", TOTAL: "0000:00:00.00", SESSION: "", PLACE: "", **LEFT,
        f"{Q}.id": "q1",
    }),
    shown(17, "a preview that counts as done", "P", "ST203", STATUS, {
        STATUS: "completed", "core.lesson_mode": "browse", "core.credit": "no-credit", **LEFT,
    }),
    status(19, "a completion status of SCORM 2004", "P", "unknown"),
    shown(22, "failed by leaving early, by a setting of the tool", "P", "ST106", STATUS, {
        **FAILED, MASTERY: "", EXIT: "suspend", DATA: "slide=4",
    }),
    raw(23, "points above 100", "P", "SC101", "150", **{MAX: "200"}),
    raw(23, "points below 0", "P", "SC101", "-5"),
    raw(24, "points, not percent", "P", "SC206", "7", **{MAX: "10"}),
    raw(25, "what is left of a fraction", "S", "DT102", "28.999999999999996"),
    raw(25, "no number", "N", "DT101", "NaN"),
    raw(26, "a decimal comma", "S", "DT101", "85,5"),
    raw(26, "a comma that may be either", "N", "DT101", "1,234"),
    raw(27, "a percent sign", "S", "DT101", "85%"),
    raw(27, "a fraction", "P", "DT101", "17/20"),
    shown(29, "the score stands at the objective", "P", "SC303", f"{GOAL}.score.raw", {
        STATUS: "passed", RAW: "0", f"{GOAL}.id": "g", f"{GOAL}.score.raw": "100",
    }),
    shown(30, "failed at 100 %", "N", "ST110", STATUS, {STATUS: "failed", RAW: "100"}),
    shown(31, "a score of an unfinished course", "N", "ST114", STATUS, {RAW: "55"}),
    raw(32, "a fraction of 1, by its maximum", "P", "SC205", "0.85", **{MAX: "1"}),
    raw(32, "a fraction of 1, by the mastery score", "P", "SC205", "0.85", **{MASTERY: "0.8"}),
    shown(33, "a scaled score", "S", "ID301", "score.scaled", {"score.scaled": "0.8"}),
    shown(33, "a completion status beside the lesson status", "P", "ID301",
          "core.completion_status", {"core.completion_status": "completed"}),
    times(34, "ISO 8601", "S", "DT202", SESSION, "00:10:00", "PT10M"),
    times(34, "ISO 8601 with months", "N", "DT201", TOTAL, "P1MT1S", "00:10:00"),
    times(35, "hundredths without their zero", "N", "DT231", SESSION, "00:10:00.09", "00:10:00.9"),
    times(36, "missing zeros", "S", "DT202", SESSION, "00:10:00", "0:05:00"),
    times(36, "one digit of seconds", "S", "DT201", TOTAL, "00:10:5.0", "00:10:00"),
    times(36, "two parts", "N", "DT202", SESSION, "00:10:00", "5:00"),
    times(37, "seconds not carried", "S", "DT211", TOTAL, "00:10:60.0", "00:10:60.0"),
    times(37, "minutes not carried", "S", "DT212", SESSION, "01:01:05", "00:61:05",
          dates=("2026-03-02T10:00:00Z", "2026-03-02T11:02:00Z")),
    times(38, "the largest time", "N", "DT222", SESSION, "00:10:00", "9999:99:99.99"),
    times(38, "the largest time as a sum", "N", "DT221", TOTAL, "9999:99:99.99", "00:10:00"),
    times(39, "more hours than there is room for", "N", "DT201", TOTAL, "10049:00:00.00",
          "00:10:00"),
    times(40, "half an hour too long", "N", "CL301", SESSION, "00:40:00", "00:40:00",
          dates=("2026-03-02T10:00:00Z", "2026-03-02T10:10:05Z")),
    times(40, "100 hours lost", "N", "CL302", SESSION, "00:10:00", "00:10:00",
          dates=("2026-03-02T10:00:00Z", "2026-03-06T14:10:05Z")),
    times(41, "never added up", "P", "CL201", TOTAL, "0000:00:00.00", "00:10:00"),
    times(42, "added twice", "P", "CL202", TOTAL, "00:20:00", "00:10:00"),
    times(44, "less than the last session", "P", "CL201", TOTAL, "00:04:00", "00:10:00"),
    times(44, "added at every commit", "P", "CL203", ENTRY, "00:55:00", "00:10:00"),
    times(45, "a clock set back", "N", "DT202", SESSION, "00:10:00", "-00:00:05"),
    times(45, "a negative part", "N", "DT202", SESSION, "00:10:00", "00:-1:05"),
    times(46, "left open overnight", "N", "CL303", SESSION, "13:00:00", "13:00:00",
          dates=("2026-03-02T10:00:00Z", "2026-03-02T23:00:10Z")),
    shown(47, "the normal of SCORM 2004", "S", "VO104", EXIT, {EXIT: "normal"}),
    shown(50, "data that is dropped at the next launch", "P", "RE101", EXIT, {EXIT: ""}),
    shown(50, "a bookmark that is dropped", "P", "RE103", EXIT, {EXIT: "", DATA: ""}),
    times(51, "a first launch for the second time", "S", "CL203", ENTRY, "00:25:00", "00:10:00",
          beyond="whether the earlier session was suspended is in its history"),
    shown(52, "a misprint of the specification", "S", "VO102", ENTRY, {ENTRY: "ab-inito"}),
    shown(52, "a misprint in a blank", "S", "VO102", ENTRY, {ENTRY: "ab initio"}),
    shown(52, "an exit that is an entry", "N", "VO104", EXIT, {EXIT: "resume"}),
    shown(53, "credit as in SCORM 1.0", "S", "VO105", "core.credit", {"core.credit": "no credit"}),
    *(
        shown(53, f"{word} as in SCORM 1.0", "S", "IN112", f"{Q}.type", {
            f"{Q}.id": "q1", f"{Q}.type": word,
        })
        for word in ("multiple choice", "fill in the blank", "simple performance")
    ),
    shown(54, "data beyond the limit", "N", "DT301", DATA, {DATA: "x" * 70_000}),
    shown(55, "data cut at the limit", "N", "RE202", DATA, {DATA: "page=3;" * 585 + "p"}),
    shown(55, "JSON cut at the limit", "N", "RE201", DATA, {DATA: '{"a": "' + "x" * 4089}),
    shown(55, "Base64 cut", "N", "RE203", DATA, {DATA: "aB3+" * 400 + "a"}),
    shown(58, "quotes as entities", "P", "RE211", DATA, {DATA: "{&quot;page&quot;:3}"}),
    shown(58, "quotes behind backslashes", "P", "RE211", DATA, {DATA: '{\\"page\\":3}'}),
    shown(60, "data under the wrong parent", "S", "ID302", "core.suspend_data", {
        "core.suspend_data": "p=3", DATA: "",
    }),
    shown(61, "a bookmark in the wrong letters", "P", "DT321", PLACE, {PLACE: "Ã¼bung"}),
    shown(61, "a name in the wrong letters", "P", "DT322", "core.student_name", {
        "core.student_name": "MÃ¼ller",
    }),
    choice(62, "the tenth option", "S", "10"),
    choice(63, "text where a letter belongs", "N", "urn:scormdriver:An%20opioid"),
    choice(64, "a long answer", "N", "x" * 256, code="FB102", type="fill-in"),
    shown(65, "the incorrect of SCORM 2004", "S", "IN114", f"{Q}.result", {
        f"{Q}.id": "q1", f"{Q}.result": "incorrect",
    }),
    choice(66, "delimiters of SCORM 2004", "S", "a[,]b"),
    shown(67, "one objective twice", "N", "AR201", "objectives.1.id", {
        f"{GOAL}.id": "g", "objectives.1.id": "g",
    }),
    shown(67, "one question twice", "N", "AR202", "interactions.1.id", {
        f"{Q}.id": "q1", "interactions.1.id": "q1",
    }),
    shown(68, "an objective's id with a blank", "P", "CO102", f"{GOAL}.id", {f"{GOAL}.id": "a b"}),
    shown(68, "a question's id with a blank", "P", "IN101", f"{Q}.id", {f"{Q}.id": "a b"}),
    *(
        shown(69, f"an index of {index}", "P", "ID303", f"interactions.{index}.id", {
            f"interactions.{index}.id": "q1",
        })
        for index in ("undefined", "NaN")
    ),
    shown(70, "a question that is not there", "N", "AR112", f"{Q}.id", {
        "interactions.1.id": "q2", "interactions.1.type": "choice",
    }),
    shown(70, "a question that was emptied", "N", "AR115", f"{Q}.id", {
        f"{Q}.id": "", f"{Q}.type": "", "interactions.1.id": "q2",
    }),
    shown(70, "an objective that is not there", "N", "AR111", "objectives.1.id", {
        f"{GOAL}.id": "a", "objectives.2.id": "c",
    }),
    shown(72, "an hour that no day has", "N", "IN111", f"{Q}.time", {
        f"{Q}.id": "q1", f"{Q}.time": "24:00:00",
    }),
    shown(72, "a time without its zeros", "S", "IN111", f"{Q}.time", {
        f"{Q}.id": "q1", f"{Q}.time": "1:02:03",
    }),
)  # fmt: skip
IN_A_FRAME = {21: "two records of one lesson"}
UNSEEN = {
    12: "one status for two meanings",
    13: "set back to incomplete",
    14: "passed, then failed",
    15: "passed at loading, or never completed",
    18: "incomplete in place of failed",
    20: "passed read as completed",
    28: "a blank score as 0",
    43: "a course's time and its lessons'",
    48: "logout after completion",
    49: "completed and suspended",
    56: "data not saved on completion",
    57: "data of an older package",
    59: "lost line breaks",
    71: "blanks among the children",
    73: "a mastery score not handed on",
    74: "an LMS of few elements",
}
CASES = [
    pytest.param(number, case, id=f"{case.number}-{case.words}")
    for number, case in enumerate(SHOWN)
]
WRITABLE = {field.column for field in FIELDS}


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """Every shown record, each of a learner of its own."""
    attempts = [
        Attempt(
            uuid(number), uuid(1000 + number), uuid(2000 + number),
            scos=[Sco(
                "lesson", case.words, *case.dates,
                cmi={f"cmi.{name}": text for name, text in (BASE | case.cmi).items()},
            )],
        )
        for number, case in enumerate(SHOWN)
    ]  # fmt: skip
    with Sandbox.of(attempts) as lms, Client(lms.base_url, lms.token) as client:
        return fetch(client, lms.worklist, tmp_path_factory.mktemp("defects") / "snapshot")


@pytest.fixture(scope="module")
def report(snapshot):
    """What the rules say of them."""
    return audit(snapshot)


def of_record(report, number):
    """The findings in one record."""
    return report.findings[report.findings["enrollment_id"].eq(uuid(number))]


def possible(finding, snapshot):
    """What the rule offers for this record: safe, judgement or manual."""
    rule = PACK[finding.rule]
    if rule.fix == "manual":
        return "manual"
    row = snapshot.records.astype("object").iloc[finding.row]
    return rule.fix if rule.repair(row.where(row.notna(), None).to_dict()) else "manual"


def agrees(case, offered):
    """Whether what is offered is no more, and where a field can be written no less, than due."""
    column = column_of(case.element)
    if case.kind != "S":
        return offered == "manual" or (case.kind == "P" and offered == "judgement")
    if column == "lesson_status":
        return offered == "judgement"
    return offered == ("manual" if case.beyond or column not in WRITABLE else "safe")


@pytest.mark.parametrize(("number", "case"), CASES)
def test_a_defect_is_found(report, number, case):
    """The rule that is for a defect finds it, at the element that has it."""
    findings = of_record(report, number)
    found = set(findings[["rule", "element"]].itertuples(index=False, name=None))
    assert (case.code, case.element) in found


@pytest.mark.parametrize(("number", "case"), CASES)
def test_no_more_is_offered_than_is_sure(report, snapshot, number, case):
    """A safe repair is offered where there is one, a person is asked or told otherwise."""
    findings = of_record(report, number)
    finding = next(findings[findings["rule"].eq(case.code)].itertuples())
    assert agrees(case, possible(finding, snapshot))


def test_a_record_that_is_there_twice():
    """Two rows of one lesson are a defect of their frame, found at both of them."""
    row = {"enrollment_id": uuid(1), "assignment_id": uuid(2), "sco_id": "lesson"}
    frame = pd.DataFrame([row, row | {"sco_id": "other"}, row, row | {"enrollment_id": uuid(3)}])
    findings = audit(frame, select=["AR203"]).findings
    assert [(0, "sco_id", "manual"), (2, "sco_id", "manual")] == list(
        findings[["row", "element", "fix"]].itertuples(index=False, name=None)
    )
    assert {21} == IN_A_FRAME.keys()


def test_every_defect_is_accounted_for():
    """All 74 are found in a record or a frame, or said to be invisible, and none is both."""
    found = {case.number for case in SHOWN} | IN_A_FRAME.keys()
    assert set(range(1, 75)) == found | UNSEEN.keys()
    assert set() == found & UNSEEN.keys()


def test_the_limits_name_what_is_invisible():
    """The page of limits gives a reason for each invisible defect, and names real rules."""
    page = (shipped() / "limits.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \|", page, re.M)
    reasons = {int(number): reason for number, _, reason in rows}
    assert UNSEEN.keys() <= reasons.keys()
    assert all(len(reason.split()) > 4 for reason in reasons.values())
    codes = set(re.findall(r"\b[A-Z]{2}\d{3}\b", page))
    assert codes <= {rule.code for rule in PACK.rules}


def test_the_numbers_are_those_of_the_field():
    """The list of defects this table follows has exactly these numbers."""
    source = Path(__file__).parents[2] / "shared" / "scorm12" / "defects.md"
    if not source.is_file():
        pytest.skip("the list of defects is not here")
    numbers = re.findall(r"^(\d+)\. ", source.read_text(encoding="utf-8"), re.M)
    assert list(range(1, 75)) == [int(number) for number in numbers]
