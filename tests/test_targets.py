"""What each target does to every defect of the field: refused, cut, changed or kept as it is."""

import csv
import re
from pathlib import Path

import pytest
from repair import DATES, uuid
from test_defects import BASE, SHOWN
from typer.testing import CliRunner

from scormaudit import Client, ScormauditError, audit, breaks, fetch
from scormaudit.cli import app
from scormaudit.errors import PackError
from scormaudit.mapping import scorm2004, xapi
from scormaudit.mapping.source import sources
from scormaudit.pack import TARGETS, Pack, choose, load, load_target, target_of
from scormaudit.report.catalogue import as_markdown
from scormaudit.sandbox import Sandbox
from scormaudit.sandbox.attempt import Attempt, Sco

STATUS, RAW, MAX = "core.lesson_status", "core.score.raw", "core.score.max"
MASTERY, TOTAL, SESSION = "student_data.mastery_score", "core.total_time", "core.session_time"
MODE, CREDIT, EXIT, DATA = "core.lesson_mode", "core.credit", "core.exit", "suspend_data"
Q, GOAL = "interactions.0", "objectives.0"
BELOW = {MASTERY: "80", RAW: "79"}
MEASURED = (
    ("nothing set", {STATUS: "not attempted"}, "STR102 MDL103 SCC102"),
    ("incomplete below mastery", {STATUS: "incomplete", **BELOW}, "MDL101 SCC103 SCC105"),
    ("completed below mastery", {STATUS: "completed", **BELOW}, "STR103 MDL101 SCC103 SFE103"),
    ("completed at mastery", {STATUS: "completed", **BELOW, RAW: "80"},
     "STR103 MDL101 SCC103 SFE103"),
    ("passed far below mastery", {STATUS: "passed", **BELOW, RAW: "10"},
     "STR103 MDL101 SCC103 SFE103 CMV103"),
    ("completed with a blank score", {STATUS: "completed", MASTERY: "80"}, "MDL102"),
    ("passed with a blank score", {STATUS: "passed", MASTERY: "80"}, "MDL102 SFE103"),
    ("failed above mastery", {STATUS: "failed", **BELOW, RAW: "80"},
     "STR103 MDL101 SCC103 SCC104 SFE103 CMV103"),
    ("no credit, nothing decided", {STATUS: "completed", **BELOW, CREDIT: "no-credit"},
     "MDL104 SFE103"),
    ("a preview, nothing set", {STATUS: "not attempted", TOTAL: "0000:00:00.00", SESSION: "",
                                MODE: "browse", CREDIT: "no-credit"}, "MDL103"),
    ("browsed", {STATUS: "browsed", MODE: "browse", CREDIT: "no-credit"}, "SFE102 CMV102"),
    ("a result of a review", {STATUS: "passed", MODE: "review", CREDIT: "no-credit"}, "CMV104"),
    ("a blank beside a maximum", {MAX: "100"}, "MDL123"),
    ("tenths in the total", {TOTAL: "00:10:01.5"}, "MDL132"),
    ("hundredths in the total", {TOTAL: "00:10:01.05"}, "SCC133"),
    ("a month in the total", {TOTAL: "0731:00:00"}, "SCC132"),
    ("50 h and 9999 h", {TOTAL: "0050:00:00", SESSION: "9999:00:00"}, "STR133"),
    ("no total", {TOTAL: ""}, "STR131 MDL131 CMV106"),
    ("a session in hundredths", {SESSION: "00:10:00.9"}, ""),
    ("letters beyond ASCII", {DATA: "Zoë"}, "STR204"),
    ("5,000 characters", {DATA: "x" * 5000}, "STR201 MDL201 SCC201"),
    ("64,001 characters", {DATA: "x" * 64_001}, "STR201 MDL201 SCC201 SFE141"),
    ("a long bookmark", {"core.lesson_location": "x" * 300}, "STR202 MDL202 SCC202"),
    ("a very long bookmark", {"core.lesson_location": "x" * 1001}, "STR202 MDL202 SCC202 SFE142"),
    ("long comments", {"comments": "x" * 5000}, "STR203 MDL203 SFE144"),
    ("comments of 4,050", {"comments": "x" * 4050}, "SFE144"),
    ("comments from the LMS", {"comments_from_lms": "Well done."}, "MDL204"),
    ("long comments from the LMS", {"comments_from_lms": "x" * 4001}, "MDL204 SFE145"),
    ("long launch data", {"launch_data": "x" * 4001}, "SFE143"),
    ("a long language", {"student_preference.language": "x" * 251}, "SCC203 SFE151 CMV151"),
    ("a language by name", {"student_preference.language": "English"}, "SFE151 CMV151"),
    ("a loudness", {"student_preference.audio": "50"}, "SFE152 CMV152"),
    ("a speed", {"student_preference.speed": "50"}, "SFE153 CMV153"),
    ("captions beyond", {"student_preference.text": "2"}, "SFE154 CMV154"),
    ("a student id with a period", {"core.student_id": "anna.l"}, "STR141"),
    ("a mode of its own", {MODE: "exam"}, "STR115 SFE114 CMV114"),
    ("a limit of its own", {"student_data.time_limit_action": "exit, message"}, "SFE115 CMV115"),
    ("a maximum time of 30", {"student_data.max_time_allowed": "30"}, "SFE123 CMV123"),
    ("a mastery score in words", {MASTERY: "high"}, "SFE135 CMV135"),
    ("a minimum below zero", {"core.score.min": "-5", RAW: "50", STATUS: "completed"}, "STR123"),
    ("a maximum in words", {MAX: "ten"}, "STR122 MDL122 SCC122 SFE132 CMV132"),
    ("a minimum in words", {"core.score.min": "none"}, "STR123 SFE133 CMV133"),
    ("a score beyond its maximum", {STATUS: "completed", RAW: "50", MAX: "10"},
     "MDL124 SCC123 SFE134 CMV134 CMV143"),
    ("an exit by the clock", {EXIT: "time-out"}, "SFE116 CMV141"),
    ("an exit by logging out", {EXIT: "logout", STATUS: "completed"}, "CMV141"),
    ("an objective's own word", {f"{GOAL}.id": "a", f"{GOAL}.status": "mastered"},
     "STR212 MDL212 SCC212 SFE203 CMV203"),
    ("an objective that was browsed", {f"{GOAL}.id": "a", f"{GOAL}.status": "browsed"},
     "SFE204 CMV204"),
    ("an objective's score in words", {f"{GOAL}.id": "a", f"{GOAL}.score.raw": "all"},
     "STR213 MDL213 SCC213 SFE205 CMV205"),
    ("an objective without an id", {f"{GOAL}.id": "", f"{GOAL}.status": "passed"},
     "SFE201 CMV201"),
    ("a pattern in words", {f"{Q}.id": "q", f"{Q}.type": "choice",
                            f"{Q}.correct_responses.0.pattern": "a b"},
     "STR224 SFE214 CMV214"),
    ("a long pattern", {f"{Q}.id": "q", f"{Q}.type": "fill-in",
                        f"{Q}.correct_responses.0.pattern": "x" * 256}, "STR224 MDL224"),
    ("a word where a truth belongs", {f"{Q}.id": "q", f"{Q}.type": "true-false",
                                      f"{Q}.student_response": "yes"},
     "STR223 SCC223 SFE213 CMV213"),
    ("a negative result", {f"{Q}.id": "q", f"{Q}.result": "-1"}, "MDL225"),
    ("a result that is neither", {f"{Q}.id": "q", f"{Q}.result": "neutral"}, "CMV219"),
    ("a latency in seconds", {f"{Q}.id": "q", f"{Q}.latency": "9.84"},
     "STR227 MDL227 SCC226 SFE217 CMV217"),
    ("a weight of 1000", {f"{Q}.id": "q", f"{Q}.weighting": "1000"}, "MDL228 CMV220"),
)  # fmt: skip
UNDATED = ("an attempt without a date", {STATUS: "completed"}, "CMV105 CMV142")
UNENDED = ("a session without an end", {}, "CMV142")
CASES = (
    *((one.words, one.cmi, one.dates) for one in SHOWN),
    *((words, cmi, DATES) for words, cmi, _ in MEASURED),
    (UNDATED[0], UNDATED[1], (None, None)),
    (UNENDED[0], UNENDED[1], (DATES[0], None)),
    ("sound", {}, DATES),
)
WITH = {f"{one[0]}": one[2].split() for one in (*MEASURED, UNDATED, UNENDED)}
TABLE = list(csv.DictReader(Path(__file__).with_name("targets.csv").read_text().splitlines()))
CELLS = [
    pytest.param(target, number, row[target], id=f"{target}-{row['number']}-{row['words']}")
    for target in TARGETS
    for number, row in enumerate(TABLE)
]


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """Every defect of the field and every measured case, each of a learner of its own."""
    attempts = [
        Attempt(
            uuid(number), uuid(1000 + number), uuid(2000 + number),
            scos=[Sco("lesson", words, *dates,
                      cmi={f"cmi.{n}": text for n, text in (BASE | cmi).items()})],
        )
        for number, (words, cmi, dates) in enumerate(CASES)
    ]  # fmt: skip
    with Sandbox.of(attempts) as lms, Client(lms.base_url, lms.token) as client:
        return fetch(client, lms.worklist, tmp_path_factory.mktemp("targets") / "snapshot")


@pytest.fixture(scope="module")
def found(snapshot):
    """For each target and record the findings of the target's rules: code, element, severity."""
    told = {}
    for target in TARGETS:
        findings = audit(snapshot, rules=about(target)).findings
        for one in findings.itertuples():
            told.setdefault((target, one.enrollment_id), set()).add(
                (one.rule, one.element.removeprefix("cmi."), one.severity)
            )
    return told


def about(target):
    """The rules about a target alone."""
    pack = load_target(target)
    return Pack(tuple(rule for rule in pack.rules if target_of(rule)), pack.digest)


def test_the_table_has_every_defect():
    """The table has a row for each record of the list of defects, in its order."""
    assert [(str(one.number), one.words) for one in SHOWN] == [
        (row["number"], row["words"]) for row in TABLE
    ]


@pytest.mark.parametrize(("target", "number", "cell"), CELLS)
def test_a_target_does_to_a_defect_what_the_table_says(found, target, number, cell):
    """Every error and warning about a target that a defect has is in the table, and no other."""
    severe = {
        f"{code}@{element}"
        for code, element, severity in found.get((target, uuid(number)), ())
        if severity != "info"
    }
    assert set(cell.split()) - {"kept"} == severe


@pytest.mark.parametrize("words", WITH)
def test_a_target_does_what_was_measured(found, words):
    """What run-times and standards do to a record is told by exactly these rules."""
    number = [name for name, *_ in CASES].index(words)
    usual = {"MDL134"}  # every record that has a session time
    codes = {code for target in TARGETS for code, *_ in found.get((target, uuid(number)), ())}
    assert set(WITH[words]) == codes - usual


def test_a_sound_record_goes_anywhere(found):
    """A legal record is told nothing but that Moodle keeps no session time."""
    number = uuid(len(CASES) - 1)
    told = {code for target in TARGETS for code, *_ in found.get((target, number), ())}
    assert {"MDL134"} == told


def test_every_rule_about_a_target_has_a_fact():
    """No rule about a target is without a defect or a measured case that it is for."""
    named = {code for codes in WITH.values() for code in codes} | {"MDL134"}
    for row in TABLE:
        named |= {cell.partition("@")[0] for target in TARGETS for cell in row[target].split()}
    known = {rule.code for rule in load(targets=TARGETS).rules if target_of(rule)}
    assert set() == known - named
    assert {"kept"} == named - known


@pytest.mark.parametrize("code", ["AR111", "AR112"])
@pytest.mark.parametrize("target", ["strict", "moodle", "scorm-cloud"])
def test_a_gap_is_an_error_everywhere(target, code):
    """An index behind a gap is refused by every run-time; the shipped rules say so already."""
    assert "error" == load_target(target)[code].severity


@pytest.mark.parametrize(
    ("target", "translate"),
    [
        ("scorm2004", lambda source: scorm2004.translate(source)[1]),
        ("cmi5", lambda source: xapi.translate(source, "https://lms.example").losses),
    ],
)
def test_every_loss_is_a_finding_and_every_finding_a_loss(snapshot, found, target, translate):
    """What a translation loses, the rules about its target find, at the element it is lost from."""
    for number, source in enumerate(sources(snapshot)):
        lost = {loss.element.removeprefix("cmi.") for loss in translate(source)}
        told = {element for _, element, _ in found.get((target, uuid(number)), ())}
        words = CASES[number][0]
        assert all(any(_near(e, other) for other in told) for e in lost), (words, lost, told)
        assert all(any(_near(e, other) for other in lost) for e in told), (words, lost, told)


def _near(one, other):
    """Whether one element is the other, or inside it."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def test_the_shipped_pack_is_about_no_target():
    """Nobody is told about targets who has not asked for one."""
    assert set() == {target_of(rule) for rule in load().rules} - {""}
    for target in TARGETS:
        assert {"", target} == {target_of(rule) for rule in load_target(target).rules}


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_stands_beside_the_shipped_rules(target):
    """A target adds rules to the shipped ones and changes the digest; all codes begin alike."""
    shipped, pack = load(), load_target(target)
    assert {rule.code for rule in shipped.rules} < {rule.code for rule in pack.rules}
    assert shipped.digest != pack.digest
    assert 1 == len({rule.code[:3] for rule in pack.rules if target_of(rule)})
    assert len(about(target).rules) > 20


def test_a_target_that_is_none_is_refused():
    """A target that there is not is refused with the nearest one, or all of them."""
    with pytest.raises(PackError, match=r"no target modle\. Did you mean moodle"):
        load_target("modle")
    with pytest.raises(PackError, match=r"There are strict, moodle, scorm-cloud"):
        load_target("xyz")


def test_a_rule_of_a_target_is_chosen_like_any_other():
    """Codes about a target select and ignore as others do."""
    pack = load_target("moodle")
    assert {"MDL101"} == {rule.code for rule in choose(pack, ["MDL101"]).rules}
    assert breaks(pack["mdl105"], {"lesson_status": "done"})


def run(*words):
    """The exit code and the output of a command line."""
    done = CliRunner().invoke(app, [*map(str, words)])
    if isinstance(done.exception, ScormauditError):
        return done.exception.exit_code, str(done.exception)
    return done.exit_code, done.output


def test_the_catalogue_tells_what_a_target_does():
    """`rules --target` lists the rules about a target alone; `rules` lists none of them."""
    code, output = run("rules", "--target", "moodle")
    listed = set(re.findall(r"^([A-Z]{2,4}[0-9]{3}) ", output, re.M))
    assert (0, {rule.code for rule in about("moodle").rules}) == (code, listed)
    assert "MDL" not in run("rules")[1]
    assert "SFE101" not in output
    code, output = run("rules", "--target", "modle")
    assert (2, True) == (code, "Did you mean moodle?" in output)


def test_a_rule_about_a_target_is_explained():
    """`explain` knows the rules about all targets, and ends with the gate."""
    code, output = run("explain", "mdl101")
    assert 0 == code
    assert "Moodle changes this status by the mastery score" in output
    assert "scormaudit gate SNAPSHOT --target moodle" == output.splitlines()[-1].strip()


def test_the_page_has_every_target():
    """The generated page has each target with its rules behind those about any record."""
    page = as_markdown(load(targets=TARGETS))
    places = [page.index(f"\n## {target}\n") for target in TARGETS]
    assert sorted(places) == places
    assert page.index("## What one record does not show") < places[0]
    for rule in load(targets=TARGETS).rules:
        assert 1 == page.count(f"\n### {rule.code}\n")
