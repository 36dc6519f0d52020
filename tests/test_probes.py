"""Values with the verdict of the specification: served over HTTP, fetched, audited."""

import csv
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from repair import DATES, uuid

from scormaudit import Client, audit, fetch
from scormaudit.cmi import INTERACTIONS, NESTED, OBJECTIVES, SCALARS, STRAYS
from scormaudit.sandbox import Sandbox
from scormaudit.sandbox.attempt import Attempt, Sco

PROBES = Path(__file__).parents[2] / "shared" / "scorm12" / "probes.csv"
CORE, ASKED, GOAL = "cmi.core", "cmi.interactions.0", "cmi.objectives.0"
QUIET = {
    f"{CORE}.student_id": "stu_1",
    f"{CORE}.student_name": "Learner, Anna",
    f"{CORE}.lesson_location": "",
    f"{CORE}.credit": "credit",
    f"{CORE}.lesson_status": "incomplete",
    f"{CORE}.entry": "ab-initio",
    f"{CORE}.score.raw": "",
    f"{CORE}.total_time": "0000:00:00.00",
    f"{CORE}.lesson_mode": "normal",
    f"{CORE}.exit": "",
    f"{CORE}.session_time": "",
    "cmi.suspend_data": "",
    "cmi.launch_data": "",
}
UNTOUCHED = f"{CORE}.lesson_status", "not attempted"
AROUND = {
    f"{CORE}.session_time": {f"{CORE}.total_time": "9999:00:00"},
    "cmi.objectives._count": {f"cmi.objectives.{n}.id": f"goal_{n}" for n in range(3)},
    "cmi.interactions._count": {f"{ASKED}.id": "q1"},
    f"{ASKED}.objectives._count": {f"{ASKED}.objectives.0.id": "goal_0"},
    f"{ASKED}.correct_responses._count": {f"{ASKED}.correct_responses.0.pattern": "a"},
}


@dataclass(frozen=True)
class Probe:
    """One value of one element, what stands beside it, and whether it is legal."""

    element: str
    value: str
    verdict: str
    beside: dict[str, str] = field(default_factory=dict)
    origin: str = "own"

    @property
    def name(self):
        """As pytest shows it."""
        shown = ascii(self.value if len(self.value) < 30 else len(self.value))
        return f"{self.origin}-{self.element}-{shown}"

    @property
    def cmi(self):
        """A record that is legal but perhaps for the value, and coherent with it."""
        named = {
            array: {f"{array}.id": name}
            for array, name in ((ASKED, "q1"), (GOAL, "goal_0"))
            if self.element.startswith(array)
        }
        around = AROUND.get(self.element, {}) | next(iter(named.values()), {})
        return {**QUIET, **around, **self.beside, self.element: self.value}


def probes(element, beside=None, **verdicts):
    """The values of one element, given by verdict."""
    return [
        Probe(element, value, verdict, beside or {})
        for verdict, values in verdicts.items()
        for value in values
    ]


def answers(kind, **verdicts):
    """An answer and a correct response to a question of one type."""
    beside = {f"{ASKED}.type": kind}
    return [
        probe
        for element in (f"{ASKED}.student_response", f"{ASKED}.correct_responses.0.pattern")
        for probe in probes(element, beside, **verdicts)
    ]


def words(element, *legal, blank, illegal):
    """A vocabulary; `blank` is the verdict on a blank."""
    spelled = probes(element, legal=legal, illegal=(*illegal, f"{legal[0]} ", legal[0].upper()))
    return [*spelled, Probe(element, "", blank)]


def timespans(element, blank):
    """A timespan; `blank` is the verdict on a blank."""
    legal = ("00:00:00", "000:00:01", "0010:34:34.56", "00:00:01.50", "9999:59:59.99")
    undecided = ("00:61:05", "00:00:60.0", "00:00:01.5", "9999:99:99.99")
    wrong = ("0:05:00", "5:00", "12345:00:00", "00:00:5.0", "00:00:01.", "PT5M", "-00:00:05", "30")
    spelled = probes(
        element, legal=legal, undecided=undecided, illegal=(*wrong, "00:00:01\n", "٠٠:00:01")
    )
    return [*spelled, Probe(element, "", blank)]


def percentages(element):
    """A score."""
    legal = ("", "0", "100", "33.33", "99.9999999999", "0000")
    wrong = ("-1", "100.0001", "12345", "1e2", "85%", "85,5", "+85", " 85", "٨٥", "NaN", "null")
    return probes(element, legal=legal, undecided=("-0", "5.", "100."), illegal=wrong)


def texts(element, most):
    """A text with its limit."""
    undecided = ("a\nb", "é" * most)
    return probes(element, legal=("", "x" * most), undecided=undecided, illegal=("x" * (most + 1),))


def identifiers(element):
    """An id of an objective or interaction."""
    undecided = ("", "urn:scormdriver:Q1", "obj.1", "übung")
    wrong = ("a b", "a\t", "a\u00a0b", "x" * 256)
    return probes(element, legal=("I_001", "Q-1", "x" * 255), undecided=undecided, illegal=wrong)


def counts(element, legal):
    """A count, `legal` being the right one."""
    return probes(element, legal=(legal,), illegal=("-1", "1.0", "many", "70000"))


OWN = [
    *probes(
        f"{CORE}.student_id",
        legal=("JS-2000", "a_1", "x" * 255),
        illegal=("", "a b", "a.b", "joe@example.com", "x" * 256),
    ),
    *texts(f"{CORE}.student_name", 255),
    *texts(f"{CORE}.lesson_location", 255),
    *texts("cmi.student_preference.language", 255),
    *texts("cmi.suspend_data", 4096),
    *texts("cmi.launch_data", 4096),
    *texts("cmi.comments", 4096),
    *texts("cmi.comments_from_lms", 4096),
    *words(
        f"{CORE}.lesson_status", "not attempted", "passed", "completed", "failed", "incomplete",
        blank="illegal", illegal=("complete", "p", "unknown", "1"),
    ),
    *words(f"{CORE}.entry", "ab-initio", "resume", blank="legal", illegal=("ab-inito", "suspend")),
    *words(
        f"{CORE}.exit", "suspend", "logout", "time-out",
        blank="legal", illegal=("normal", "resume", "timeout"),
    ),
    *words(f"{CORE}.credit", "credit", "no-credit", blank="illegal", illegal=("no credit", "true")),
    *words(f"{CORE}.lesson_mode", "normal", "browse", "review", blank="illegal", illegal=("exam",)),
    *words(
        "cmi.student_data.time_limit_action", "exit,message", "continue,no message",
        blank="undecided", illegal=("exit, message", "exit"),
    ),
    *words(f"{GOAL}.status", "not attempted", "passed", blank="undecided", illegal=("mastered",)),
    *words(
        f"{ASKED}.type", "choice", "true-false", "fill-in", "matching", "performance", "likert",
        "sequencing", "numeric", blank="undecided", illegal=("multiple choice", "other"),
    ),
    *words(
        f"{ASKED}.result", "correct", "wrong", "unanticipated", "neutral", "0.5", "-1",
        blank="undecided", illegal=("incorrect", "true", "1e2"),
    ),
    *timespans(f"{CORE}.total_time", blank="illegal"),
    *timespans(f"{CORE}.session_time", blank="undecided"),
    *timespans("cmi.student_data.max_time_allowed", blank="legal"),
    *timespans(f"{ASKED}.latency", blank="undecided"),
    *probes(
        f"{ASKED}.time",
        legal=("00:00:00", "23:59:59.99", "12:33:35.5"),
        undecided=("",),
        illegal=("24:00:00", "12:60:00", "1:00:00", "2020-08-13T08:48:17Z"),
    ),
    *(
        probe
        for name in (CORE, GOAL)
        for part in ("raw", "min", "max")
        for probe in percentages(f"{name}.score.{part}")
    ),
    *probes(
        "cmi.student_data.mastery_score",
        legal=("", "0", "80", "0.8"), undecided=("100.5", "-1", "5."), illegal=("80%", "high"),
    ),
    *probes(
        f"{ASKED}.weighting",
        legal=("1", "1000", "-0.5"), undecided=("", "5."), illegal=("1e2", "high", "0,5"),
    ),
    *probes(
        "cmi.student_preference.audio",
        legal=("-1", "0", "100"), undecided=("", "-2", "-100"), illegal=("101", "+5", "0.5"),
    ),
    *probes(
        "cmi.student_preference.speed",
        legal=("-100", "0", "100"), undecided=("",), illegal=("101", "-101", "1.5", "fast"),
    ),
    *probes(
        "cmi.student_preference.text",
        legal=("-1", "0", "1"), undecided=("",), illegal=("2", "-2", "on"),
    ),
    *counts("cmi.objectives._count", "3"),
    *counts("cmi.interactions._count", "1"),
    *counts(f"{ASKED}.objectives._count", "1"),
    *counts(f"{ASKED}.correct_responses._count", "1"),
    *identifiers(f"{GOAL}.id"),
    *identifiers(f"{ASKED}.id"),
    *identifiers(f"{ASKED}.objectives.0.id"),
    *answers("true-false", legal=("t", "f", "0", "1"), illegal=("yes", "2")),
    *answers("choice", legal=("a", "a,b,3", "{a,b}"), illegal=("10", "a, b", "a[,]b", "{a", "A")),
    *answers("fill-in", legal=("", "Car park B"), undecided=("Zürich",), illegal=("x" * 256,)),
    *answers("performance", legal=("left by exit 3",), illegal=("x" * 256,)),
    *answers("numeric", legal=("3.14", "-2"), illegal=("abc", "1e2")),
    *answers("likert", legal=("", "3"), illegal=("Strongly_agree",)),
    *answers("matching", legal=("1.b,2.a", "{1.b}"), illegal=("1b", "1[.]b", "10.a")),
    *answers("sequencing", legal=("a,b,c",), illegal=("{a,b}", "a[,]b")),
    *(Probe(name, value, "illegal") for name in STRAYS for value in ("x", "0")),
    *(Probe(name, "", "legal") for name in STRAYS),
]  # fmt: skip


def shared():
    """The table of facts beside the repository, where there is one."""
    if not PROBES.is_file():
        return
    with PROBES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            beside = json.loads(row["context"] or "{}").get("pre", {})
            if is_contradicted(row):
                beside = {**beside, f"{ASKED}.type": "choice"}
            yield Probe(row["element"], json.loads(row["value"]), row["stored"], beside, "shared")


def is_contradicted(row):
    """Braces around a sequence stand there twice, as legal and as illegal.

    The note of the legal row says that it is about a choice, for which braces are defined, so
    it is served as one.
    """
    return row["stored"] == "legal" and row["note"] == "choice: " and "sequencing" in row["context"]


ALL = [*OWN, *shared()]


def of(*verdicts):
    """The probes with one of the verdicts, each with its number."""
    return pytest.mark.parametrize(
        ("number", "probe"),
        [pytest.param(n, p, id=p.name) for n, p in enumerate(ALL) if p.verdict in verdicts],
    )


def attempt(number, **sco):
    """An attempt with one SCO."""
    ids = (uuid(number), uuid(100_000 + number), uuid(200_000 + number))
    return Attempt(*ids, scos=[Sco("sco", "Lesson", *DATES, **sco)])


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    """What an audit of all probes finds."""
    attempts = [attempt(number, cmi=probe.cmi) for number, probe in enumerate(ALL)]
    with Sandbox.of(attempts) as lms, Client(lms.base_url, lms.token) as client:
        report = audit(fetch(client, lms.worklist, tmp_path_factory.mktemp("probes") / "s"))
    assert [] == [result.rule.code for result in report.results if result.crashed]
    return report.findings


def errors(findings, number, probe):
    """The rules that found an error at the element of a probe."""
    own = findings["enrollment_id"].eq(uuid(number)) & findings["element"].eq(probe.element)
    return findings.loc[own & findings["severity"].eq("error"), "rule"].tolist()


@of("legal")
def test_a_legal_value_is_no_error(findings, number, probe):
    """A legal value gives no error on its element."""
    assert [] == errors(findings, number, probe)


@of("undecided")
def test_an_undecided_value_is_no_error(findings, number, probe):
    """A value on which the specification does not decide gives no error on its element."""
    assert [] == errors(findings, number, probe)


@of("illegal")
def test_an_illegal_value_is_one_error(findings, number, probe):
    """An illegal value gives an error on its element, and one fault is found once."""
    assert 1 == len(errors(findings, number, probe))


def test_every_element_is_probed():
    """Every element that can be stored is probed here with a legal and an illegal value."""
    elements = {element.name for element in SCALARS + OBJECTIVES + INTERACTIONS + NESTED}
    for verdict in ("legal", "illegal"):
        probed = {
            re.sub(r"\.0\.", ".m.", re.sub(r"\.0\.", ".n.", probe.element, count=1))
            for probe in OWN
            if probe.verdict == verdict
        }
        assert set() == elements - probed


def test_the_contradicted_row_is_one_row():
    """Of the shared table one row alone is served otherwise than it says."""
    if not PROBES.is_file():
        pytest.skip("the shared table of probes is not here")
    with PROBES.open(encoding="utf-8", newline="") as file:
        assert 1 == sum(map(is_contradicted, csv.DictReader(file)))


@pytest.fixture(scope="module")
def refusals(tmp_path_factory):
    """What an audit finds in records that the LMS does not give whole, by record."""
    lacking = "401 - Not Implemented Error"
    silent = {f"{CORE}.exit": lacking, f"{CORE}.session_time": "404 - Element is write only"}
    attempts = [
        attempt(0, cmi=dict.fromkeys(QUIET, "x"), scorm2004=True),
        attempt(1, cmi=QUIET, errors=silent | {"cmi.comments": lacking}),
        attempt(2, cmi=QUIET, errors={"cmi.launch_data": lacking}),
        attempt(3, cmi=QUIET, errors={"cmi.launch_data": "101 - General exception"}),
    ]
    with Sandbox.of(attempts) as lms, Client(lms.base_url, lms.token) as client:
        found = audit(fetch(client, lms.worklist, tmp_path_factory.mktemp("refusals") / "s"))
    named = found.findings[["enrollment_id", "severity", "element"]]
    return [named[named["enrollment_id"].eq(uuid(n))].values.tolist() for n in range(4)]


def test_a_record_of_another_model_is_one_info(refusals):
    """A record that is SCORM 2004 has exactly one finding, at its lesson status."""
    assert [[uuid(0), "info", f"{CORE}.lesson_status"]] == refusals[0]


def test_what_need_not_be_readable_is_not_missed(refusals):
    """Nothing is found where an LMS keeps optional and write-only elements to itself."""
    assert [] == refusals[1]


def test_a_mandatory_element_is_missed(refusals):
    """A mandatory element that is not implemented is told; one that failed is a warning."""
    assert [[uuid(2), "info", "cmi.launch_data"]] == refusals[2]
    assert [[uuid(3), "warning", "cmi.launch_data"]] == refusals[3]
