"""The data model: which names exist, and that its tables agree with one another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scormaudit.cmi import FIELDS, INTERACTIONS, NESTED, OBJECTIVES, SCALARS, VOCABULARY, is_known

ELEMENTS = SCALARS + OBJECTIVES + INTERACTIONS + NESTED


@given(st.sampled_from(ELEMENTS), st.integers(0, 5000), st.integers(0, 5000))
def test_every_element_is_known_at_every_index(element, n, m):
    """An element is known whatever its indices are."""
    assert is_known(element.name.replace(".n.", f".{n}.").replace(".m.", f".{m}."))


@pytest.mark.parametrize(
    "name",
    [
        "", "cmi", "cmi.core", "cmi.core.score", "cmi.core.lesson_status ", "CMI.core.exit",
        "cmi.core.exit\n", "cmi.objectives.n.id", "cmi.objectives.-1.id", "cmi.objectives..id",
        "cmi.objectives.٣.id", "cmi.objectives.0", "cmi.interactions.0.objectives.id",
        "cmi.completion_status", "cmi.core.score_raw", "cmi_core_exit", "cmi.comments.0",
    ],
)  # fmt: skip
def test_other_names_are_unknown(name):
    """A name that SCORM 1.2 does not have, to the letter, is unknown."""
    assert not is_known(name)


@pytest.mark.parametrize("table", [SCALARS, OBJECTIVES, INTERACTIONS + NESTED])
def test_columns_are_unique_in_a_table(table):
    """No two elements of one table share a column or a name."""
    assert len(table) == len({element.column for element in table})
    assert len(table) == len({element.name for element in table})


def test_vocabulary_elements_and_only_they_have_words():
    """Every vocabulary element, and none else, says which words are legal."""
    assert {e.name for e in ELEMENTS if e.type == "CMIVocabulary"} == {
        e.name for e in ELEMENTS if e.vocabulary
    }
    assert {e.column for e in ELEMENTS if e.vocabulary} == set(VOCABULARY)


def test_every_field_is_read_back_by_a_column():
    """What can be written can be read back, each field by a column of its own."""
    columns = {"title", "start_date_utc", "exit_date_utc", *(e.column for e in SCALARS)}
    assert {field.column for field in FIELDS} <= columns
    assert len(FIELDS) == len({field.column for field in FIELDS})


def test_fields_are_those_of_the_vendor():
    """The writable fields are the fifteen that EditScormData documents."""
    assert {
        "title", "start_date_utc", "exit_date_utc", "lesson_mode", "lesson_status",
        "lesson_location", "exit_status", "session_time", "total_time", "raw_score",
        "suspend_data", "entry", "preference_language", "preference_speed", "for_credit",
    } == {field.name for field in FIELDS}  # fmt: skip
