"""Statements that any xAPI 1.0.3 store takes, whatever the record holds."""

import json

import pytest
import tincan
from hypothesis import given
from hypothesis import strategies as st
from statement_rules import cmi5_faults, faults
from strategies import texts

from scormaudit.cmi import INTERACTIONS, OBJECTIVES, SCALARS
from scormaudit.frame import ATTEMPT
from scormaudit.mapping import iri, xapi
from scormaudit.mapping.duration import cmi
from scormaudit.mapping.score import spelled
from scormaudit.mapping.source import Source
from scormaudit.timespan import spell

HOME = "https://lms.example/campus"
KEYS = {
    "enrollment_id": "3d2bb091-c026-57be-8502-987528579db9",
    "assignment_id": "70972b6b-4c7d-5e20-85fb-af8207ab6cf2",
    "sco_id": "Lesson 1",
}
RECORD = KEYS | {
    "student_id": "NX-1",
    "student_name": "Learner, Anna",
    "title": "Phishing",
    "start_date_utc": "2026-03-02T10:00:00Z",
    "exit_date_utc": "2026-03-02T10:20:00Z",
    "lesson_status": "passed",
    "score_raw": "80",
    "score_min": "0",
    "score_max": "100",
    "mastery_score": "80",
    "total_time": "00:20:00",
    "session_time": "00:20:00",
    "lesson_mode": "normal",
    "credit": "credit",
    "entry": "resume",
    "exit": "suspend",
    "suspend_data": "p=3",
    "lesson_location": "slide_9",
    "comments": "Clear.",
    "launch_data": "theme=1",
}


def told(interactions=(), objectives=(), **changed):
    """What xAPI says of the record with some columns changed."""
    source = Source(row=RECORD | changed, interactions=interactions, objectives=objectives)
    return xapi.translate(source, HOME)


def verbs(found):
    """The verbs of statements, in their order."""
    return [said["verb"]["id"].removeprefix(f"{iri.VERBS}/") for said in found.statements]


def of(found, verb):
    """The statement with a verb."""
    return found.statements[verbs(found).index(verb)]


def rows(columns):
    """Rows of a list inside a record, good and hostile."""
    row = st.fixed_dictionaries(
        {}, optional={column.column: st.none() | words(column) for column in columns}
    )
    return st.lists(row, max_size=2).map(
        lambda rows: [r | {"index": n} for n, r in enumerate(rows)]
    )


def words(element):
    """What an element may hold: a legal word, or anything."""
    return st.sampled_from(element.vocabulary) | texts if element.vocabulary else texts


records = st.fixed_dictionaries(
    {name: st.just(text) for name, text in KEYS.items()},
    optional={element.column: st.none() | words(element) for element in SCALARS}
    | {name: st.none() | texts for name in ATTEMPT},
)


@given(records, rows(INTERACTIONS), rows(OBJECTIVES))
def test_whatever_a_record_holds_its_statements_are_legal(row, interactions, objectives):
    """No value of any element makes a statement that xAPI 1.0.3, cmi5 or tincan refuses."""
    found = xapi.translate(
        Source(row=row, interactions=interactions, objectives=objectives), HOME, names=True
    )
    for said in found.statements:
        assert [] == faults(said)
        assert [] == cmi5_faults(said)
        tincan.Statement.from_json(json.dumps(said))
    ids = [said["id"] for said in found.statements]
    assert len(ids) == len(set(ids))


def test_an_independent_library_reads_the_same():
    """The library tincan reads actor, verb, object, result and time as they were meant."""
    said = tincan.Statement.from_json(json.dumps(of(told(), "passed")))
    assert ("NX-1", HOME) == (said.actor.account.name, said.actor.account.home_page)
    assert f"{iri.VERBS}/passed" == said.verb.id
    assert (0.8, 80, 0, 100) == (
        said.result.score.scaled, said.result.score.raw, said.result.score.min,
        said.result.score.max,
    )  # fmt: skip
    assert 20 * 60 == said.result.duration.total_seconds()
    assert "2026-03-02T10:20:00+00:00" == said.timestamp.isoformat()


def test_the_rules_of_the_test_do_refuse():
    """What the statements are held against refuses a statement that is wrong."""
    said = of(told(), "passed")
    assert faults(said | {"timestamp": "yesterday"})
    assert faults(said | {"more": 1})
    assert faults(said | {"result": {"score": {"raw": 5, "min": 10}}})
    assert cmi5_faults(said | {"result": {"success": False, "duration": "PT1S"}})
    with pytest.raises(ValueError, match="ISO 8601"):
        tincan.Statement.from_json(json.dumps(said | {"timestamp": "yesterday"}))


def test_a_record_is_a_session():
    """A passed record begins, completes, passes, is suspended and ends, in this order."""
    assert [
        "initialized", "resumed", "completed", "passed", "commented", "suspended", "terminated",
    ] == verbs(told())  # fmt: skip


@pytest.mark.parametrize(
    ("word", "results"),
    [
        ("passed", {"completed": {"completion": True}, "passed": {"success": True}}),
        ("failed", {"completed": {"completion": True}, "failed": {"success": False}}),
        ("completed", {"completed": {"completion": True}, "scored": {}}),
        ("incomplete", {"scored": {}}),
        ("browsed", {"scored": {}, "experienced": {}}),
        ("not attempted", {"scored": {}}),
    ],
)
def test_a_status_is_told_by_its_verbs(word, results):
    """Each status has the verbs that say it, with completion and success where they are due."""
    found = told(lesson_status=word, mastery_score="")
    other = {"initialized", "resumed", "commented", "suspended", "terminated"}
    assert list(results) == [verb for verb in verbs(found) if verb not in other]
    for verb, result in results.items():
        said = of(found, verb).get("result", {})
        assert result == {n: v for n, v in said.items() if n in ("completion", "success")}


def status_of(found):
    """The status that the verbs of a record say."""
    said = set(verbs(found))
    for word in ("passed", "failed", "completed"):
        if word in said:
            return word
    return "browsed" if "experienced" in said else "incomplete"


@given(
    st.sampled_from(("passed", "failed", "completed", "incomplete", "browsed")),
    st.integers(0, 9999 * 360_000).map(spell),
    st.decimals(0, 100, places=2).map(spelled),
)
def test_a_record_can_be_read_out_of_its_statements(word, total, raw):
    """Status, time and score of SCORM 1.2 are there again, read from the statements alone."""
    found = told(
        lesson_status=word, total_time=total, score_raw=raw, score_min="", score_max="",
        mastery_score="",
    )  # fmt: skip
    assert word == status_of(found)
    assert total == cmi(found.state["content"]["total_time"])
    scores = [
        said["result"]["score"] for said in found.statements if "score" in said.get("result", {})
    ]
    assert [float(raw)] == [score["raw"] for score in scores]


def test_nobody_is_named_unless_asked():
    """Learners are known by an id; their names are told only where somebody asks for them."""
    assert "Anna" not in json.dumps([told().statements, told().state])
    named = xapi.translate(Source(row=RECORD), HOME, names=True)
    assert "Learner, Anna" == named.statements[0]["actor"]["name"]


def test_a_learner_without_an_id_is_the_enrollment():
    """Where the student id is blank, the enrollment stands for the learner."""
    assert KEYS["enrollment_id"] == told(student_id="").state["agent"]["account"]["name"]


def test_the_same_record_has_the_same_statements():
    """Statements sent twice are the same ones, since their ids come from the record."""
    assert told().statements == told().statements
    other = told(enrollment_id="3d2bb091-c026-57be-8502-987528579db0")
    assert told().statements[0]["id"] != other.statements[0]["id"]


@pytest.mark.parametrize(
    ("changed", "element"),
    [
        ({"lesson_mode": "browse"}, "cmi.core.lesson_status"),
        ({"score_raw": "79"}, "cmi.core.lesson_status"),
        ({"lesson_status": "failed"}, "cmi.core.lesson_status"),
        ({"total_time": "PT5M"}, "cmi.core.total_time"),
        ({"start_date_utc": None, "exit_date_utc": None}, "start_date_utc"),
    ],
)
def test_what_cmi5_refuses_is_told_outside_of_it(changed, element):
    """A result that cmi5 does not take stays a statement, is none of cmi5, and is a loss."""
    found = told(**changed)
    said = of(found, changed.get("lesson_status", "passed"))
    categories = [one["id"] for one in said["context"]["contextActivities"]["category"]]
    assert [iri.SCORM] == categories
    assert ("changed", element) in {(loss.kind, loss.element) for loss in found.losses}


def test_a_question_is_answered():
    """An interaction is a statement of its own, with delimiters, pattern, result and latency."""
    row = {
        "index": 3, "id": "What is 2?", "type": "matching", "student_response": "1.b,2.a",
        "correct_responses": ["{1.a,2.b}"], "result": "wrong", "latency": "00:00:09.84",
        "objective_ids": ["aim"], "time": "10:00:00", "weighting": "1",
    }  # fmt: skip
    found = told(interactions=[row])
    said = of(found, "answered")
    assert (
        f"{HOME}/scorm/{KEYS['assignment_id']}/Lesson%201/interactions/What%20is%202%3F"
        == (said["object"]["id"])
    )
    assert {
        "type": f"{iri.ACTIVITIES}/cmi.interaction",
        "interactionType": "matching",
        "correctResponsesPattern": ["1[.]a[,]2[.]b"],
    } == said["object"]["definition"]
    assert {"response": "1[.]b[,]2[.]a", "success": False, "duration": "PT9.84S"} == said["result"]
    assert [
        ("cmi.interactions.3.time", "no date"),
        ("cmi.interactions.3.weighting", "no place"),
    ] == [(loss.element, loss.kind) for loss in found.losses]


@pytest.mark.parametrize(
    ("result", "told_so"),
    [
        ("correct", {"success": True}),
        ("0.5", {"score": {"raw": 0.5}}),
        ("neutral", None),
        ("incorrect", None),
        ("", None),
    ],
)
def test_a_result_of_a_question(result, told_so):
    """Right and wrong are success, a number is a score, and what is neither is not told."""
    found = told(interactions=[{"index": 0, "id": "q", "type": "choice", "result": result}])
    assert told_so == of(found, "answered").get("result")


def test_an_objective_is_told():
    """An objective is told by the verb of its status, with its score."""
    rows = [
        {"index": 0, "id": "a", "status": "passed", "score_raw": "50"},
        {"index": 1, "id": "", "status": "", "score_raw": "5", "score_max": "10"},
        {"index": 2, "id": "c", "status": "not attempted"},
    ]
    found = told(objectives=rows)
    said = [one for one in found.statements if "/objectives/" in one["object"]["id"]]
    assert [
        ("passed", {"success": True, "score": {"scaled": 0.5, "raw": 50}}),
        ("scored", {"score": {"scaled": 0.5, "raw": 5, "max": 10}}),
    ] == [(one["verb"]["id"].rpartition("/")[2], one["result"]) for one in said]


def test_documents_keep_the_state_and_the_package():
    """Place and data go into the attempt's state, launch data into the activity's profile."""
    found = told()
    assert {
        "location": "slide_9", "suspend_data": "p=3", "credit": "credit", "mode": "normal",
        "total_time": "PT20M",
    } == found.state["content"]  # fmt: skip
    assert {"launch_data": "theme=1", "scaled_passing_score": "0.8"} == found.profile["content"]


def test_a_session_without_an_end_is_not_ended():
    """A learner who is in the course now has ended nothing, and the session's time is a loss."""
    found = told(exit_date_utc="2026-03-01T10:00:00Z")
    assert "terminated" not in verbs(found)
    assert {"2026-03-02T10:00:00.000Z"} == {said["timestamp"] for said in found.statements}
    assert ("no date", "cmi.core.session_time") in {(one.kind, one.element) for one in found.losses}
