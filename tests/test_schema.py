"""The schema and the audit break on the same rows."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandera.errors import SchemaErrors

from scormaudit import audit, schema
from scormaudit.cmi import SCALARS
from scormaudit.frame import ATTEMPT
from scormaudit.pack import load

ROWS = [row for rule in load().rules for row in (*rule.good, *rule.bad)]
EXAMPLES = sorted({value for row in ROWS for value in row.values() if value})
TEXT = st.none() | st.just("") | st.sampled_from(EXAMPLES) | st.text(max_size=8)
COLUMNS = (*ATTEMPT, *(element.column for element in SCALARS))


@st.composite
def frames(draw):
    """Frames with any of the columns of `records`."""
    columns = draw(st.lists(st.sampled_from(COLUMNS), unique=True))
    rows = draw(st.integers(0, 4))
    texts = st.lists(TEXT, min_size=rows, max_size=rows)
    series = {name: pd.Series(draw(texts), dtype=object) for name in columns}
    return pd.DataFrame(series, index=range(rows))


def broken_by_schema(frame):
    try:
        schema().validate(frame, lazy=True)
    except SchemaErrors as errors:
        return {(case.check, case.index) for case in errors.failure_cases.itertuples()}
    return set()


@settings(max_examples=150, deadline=None)
@given(frames())
def test_the_same_rows_break(frame):
    """`schema().validate(frame, lazy=True)` breaks on exactly the rows that `audit` finds."""
    findings = audit(frame).findings
    expected = {(rule, row) for rule, row in zip(findings["rule"], findings["row"], strict=True)}
    titles = {f"{code} ": code for code in {rule.code for rule in load().rules}}
    found = {
        (next(code for head, code in titles.items() if check.startswith(head)), index)
        for check, index in broken_by_schema(frame)
    }
    assert expected == found


def test_a_legal_frame_comes_back_as_it_was():
    """Validation returns the frame unchanged, without columns of ours."""
    frame = pd.DataFrame({"entry": ["resume"], "mine": [1]})
    pd.testing.assert_frame_equal(frame, schema().validate(frame))


def test_a_schema_can_be_chosen():
    """A schema of some rules knows only those."""
    frame = pd.DataFrame({"entry": ["Resume"], "lesson_mode": ["Normal"]})
    with pytest.raises(SchemaErrors) as raised:
        schema(select=["VO103"]).validate(frame, lazy=True)
    assert {"VO103"} == {check.split()[0] for check in raised.value.failure_cases["check"]}
