"""There and back: what SCORM 2004 says of a record means in SCORM 1.2 what it meant before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import legal_timespans

from scormaudit.cmi import VOCABULARY
from scormaudit.mapping import answer, back, scorm2004
from scormaudit.mapping.duration import cmi, iso
from scormaudit.mapping.score import number, scaled, spelled
from scormaudit.mapping.source import Source
from scormaudit.mapping.status import PAIRS, single
from scormaudit.timespan import centiseconds, spell

LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
letters = st.sampled_from(LETTERS)
lists = st.lists(letters, min_size=1, max_size=6).map(",".join)
pairs = st.lists(st.tuples(letters, letters).map(".".join), min_size=1, max_size=4).map(",".join)
percentages = st.decimals(0, 100, places=2).map(spelled)
texts = st.text(
    st.characters(codec="utf-8", exclude_characters="[]{}"), min_size=1, max_size=250
)  # fmt: skip
ANSWERS = {
    "true-false": st.sampled_from("tf"),
    "choice": lists,
    "sequencing": lists,
    "matching": pairs,
    "likert": letters,
    "numeric": percentages,
    "fill-in": texts,
    "performance": texts,
}
answers = st.sampled_from(sorted(ANSWERS)).flatmap(
    lambda kind: st.tuples(st.just(kind), ANSWERS[kind])
)
timespans = st.integers(0, 9999 * 360_000).map(spell)


@pytest.mark.parametrize("word", PAIRS)
def test_a_status_comes_back(word):
    """Each of the six statuses has a pair of its own, and the pair means that status."""
    assert word == single(*PAIRS[word])
    assert set(VOCABULARY["lesson_status"]) == PAIRS.keys()


@pytest.mark.parametrize(
    ("word", "completion", "success"),
    [
        ("passed", "completed", "passed"),
        ("completed", "completed", "unknown"),
        ("failed", "completed", "failed"),
        ("incomplete", "incomplete", "unknown"),
        ("not attempted", "not attempted", "unknown"),
        ("browsed", "unknown", "unknown"),
    ],
)
def test_a_status_is_completion_and_success(word, completion, success):
    """Who passed or failed has completed the lesson too (RTE 3-25); the other words say one."""
    elements, _ = scorm2004.translate(Source(row={"lesson_status": word}))
    assert (completion, success) == (
        elements["cmi.completion_status"], elements["cmi.success_status"],
    )  # fmt: skip


@given(legal_timespans())
def test_a_duration_is_as_long(pair):
    """A timespan comes back as long to the hundredth, unless it is beyond 9999 hours."""
    text, length = pair
    found = cmi(iso(text))
    assert (length if length < 10_000 * 360_000 else None) == (found and centiseconds(found))


@given(timespans)
def test_a_timespan_comes_back(text):
    """A timespan in its plainest spelling comes back letter by letter."""
    assert text == cmi(iso(text))


@pytest.mark.parametrize("text", ["", "PT5M", "5:00", "0:05:00", "12345:00:00", "00:00:5.0", " "])
def test_what_is_no_timespan_has_no_duration(text):
    """Nothing is made of a timespan that SCORM 1.2 does not allow."""
    assert iso(text) is None


@given(answers)
def test_an_answer_comes_back(pair):
    """An answer of any type, and a pattern of it, read the same again."""
    kind, text = pair
    assert text == answer.untranslated(kind, answer.translated(kind, text))
    assert text == answer.untranslated(kind, answer.pattern(kind, text))


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("choice", "{a,b}", "a[,]b"),
        ("choice", "10", "10"),
        ("choice", "a[,]b", "a[,]b"),
        ("choice", "urn:scormdriver:An%20opioid", "urn:scormdriver:An%20opioid"),
        ("choice", "a, b", None),
        ("sequencing", "c,a,b", "c[,]a[,]b"),
        ("matching", "{1.b,2.a}", "1[.]b[,]2[.]a"),
        ("matching", "1[.]b", "1[.]b"),
        ("matching", "1b", None),
        ("true-false", "1", "true"),
        ("true-false", "0", "false"),
        ("true-false", "yes", None),
        ("numeric", "5.", "5"),
        ("numeric", "1e2", None),
        ("likert", "Strongly_agree", "Strongly_agree"),
        ("fill-in", "a[,]b", None),
        ("fill-in", "{lang=de}Ja", None),
        ("performance", "left", "[.]left"),
        ("essay", "a", None),
        ("choice", "", ""),
    ],
)
def test_an_answer_in_todays_delimiters(kind, text, told):
    """Commas and periods become today's delimiters; what has no meaning has none afterwards."""
    assert told == answer.translated(kind, text)


@pytest.mark.parametrize("column", ["student_response", "correct_responses"])
def test_a_long_text_has_a_type_of_its_own(column):
    """A free answer or pattern of more than 250 characters makes a question a long-fill-in."""
    for length, kind in ((250, "fill-in"), (251, "long-fill-in")):
        text = "x" * length
        told = text if column == "student_response" else [text]
        row = {"index": 0, "id": "q", "type": "fill-in", column: told}
        elements, losses = scorm2004.translate(Source(row={}, interactions=[row]))
        assert (kind, []) == (elements["cmi.interactions.0.type"], losses)
        assert "fill-in" == back.interaction(elements, 0)["type"]


def test_a_numeric_pattern_is_a_range():
    """A right number is the range from itself to itself."""
    assert "3.5[:]3.5" == answer.pattern("numeric", "3.50")


@given(percentages)
def test_a_percentage_is_scaled_exactly(text):
    """Without bounds the scaled score is a hundredth of the raw score, neither more nor less."""
    assert number(text) == scaled(number(text), None, None) * 100


@pytest.mark.parametrize(
    ("raw", "low", "high", "share"),
    [
        ("7", None, "10", "0.7"),
        ("15", "10", "20", "0.5"),
        ("150", None, "200", "0.75"),
        ("1", None, "3", "0.3333333"),
        ("150", None, None, None),
        ("-5", None, None, None),
        ("5", "10", "20", None),
        ("5", "5", "5", None),
    ],
)
def test_a_score_is_scaled_by_its_bounds(raw, low, high, share):
    """The scaled score is the share of the way from minimum to maximum, if it lies between."""
    found = scaled(number(raw), number(low), number(high))
    assert share == (None if found is None else spelled(found))


@st.composite
def records(draw):
    """A record that SCORM 1.2 allows and SCORM 2004 can say whole, spelled plainly."""
    word = {name: draw(st.sampled_from(VOCABULARY[name])) for name in (
        "lesson_status", "credit", "entry", "exit", "lesson_mode", "time_limit_action",
    )}  # fmt: skip
    blank = {"preference_language": draw(st.sampled_from(("en-US", "de", "fr-CA")))}
    return word | blank | {
        "student_id": draw(st.text(LETTERS, min_size=1, max_size=10)),
        "lesson_location": draw(texts),
        "suspend_data": draw(texts),
        "launch_data": draw(texts),
        "comments": draw(texts),
        "comments_from_lms": draw(texts),
        "score_raw": draw(percentages),
        "score_min": "0",
        "score_max": "100",
        "mastery_score": draw(percentages),
        "total_time": draw(timespans),
        "session_time": draw(timespans),
        "max_time_allowed": draw(timespans),
        "preference_audio": draw(st.sampled_from(("-1", "0"))),
        "preference_speed": "0",
        "preference_text": draw(st.sampled_from(("-1", "0", "1"))),
    }  # fmt: skip


@given(records())
def test_a_record_comes_back(row):
    """Every element of a record that can be said whole is there again, as it was."""
    elements, _ = scorm2004.translate(Source(row=row))
    assert row == back.record(elements)


@st.composite
def questions(draw):
    """An interaction that SCORM 1.2 allows, spelled plainly, but for its time of day."""
    kind = draw(st.sampled_from(sorted(ANSWERS)))
    own = ANSWERS[kind]
    return {
        "index": 0,
        "id": draw(st.text(LETTERS, min_size=1, max_size=8)),
        "type": kind,
        "weighting": draw(percentages),
        "student_response": draw(own),
        "result": draw(st.sampled_from(VOCABULARY["result"]) | percentages),
        "latency": draw(timespans),
        "objective_ids": draw(st.lists(st.text(LETTERS, min_size=1), max_size=3, unique=True)),
        "correct_responses": draw(st.lists(own, max_size=3, unique=True)),
    }


@given(questions())
def test_a_question_comes_back(row):
    """Every column of an interaction but its time of day is there again, as it was."""
    elements, losses = scorm2004.translate(Source(row={}, interactions=[row]))
    assert row == {"index": 0} | back.interaction(elements, 0)
    assert [] == [loss for loss in losses if loss.element.startswith("cmi.interactions")]


@given(st.sampled_from(VOCABULARY["status"]), percentages)
def test_an_objective_comes_back(status, raw):
    """An objective's id, status and score are there again, as they were."""
    row = {"id": "aim", "status": status, "score_raw": raw, "score_min": "0", "score_max": "100"}
    elements, _ = scorm2004.translate(Source(row={}, objectives=[{"index": 0} | row]))
    assert row == back.objective(elements, 0)
