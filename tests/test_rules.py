"""Every rule of the shipped pack and of every target, proved on its own examples."""

import inspect
import re

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import texts

from scormaudit.audit import breaks
from scormaudit.cmi import FIELDS, SCALARS
from scormaudit.frame import COLUMNS, KEYS
from scormaudit.lms.wire import encode
from scormaudit.pack import TARGETS, load, target_of
from scormaudit.plan import FIELD
from scormaudit.rule import columns, reason, subject, title

PACK = load(targets=TARGETS)
VIEW_COLUMNS = {
    "interaction_objectives": ("index", "m", "id", "type"),
    "correct_responses": ("index", "m", "pattern", "type"),
}


def examples(rows_of):
    """Every example, alone, or beside the others where the rule is about repetition."""
    return [
        pytest.param(
            r, (row, *rows[:i], *rows[i + 1 :]) if r.unique else (row,), id=f"{r.code}-{i}"
        )
        for r in PACK.rules
        for rows in [rows_of(r)]
        for i, row in enumerate(rows)
    ]


GOOD, BAD = examples(lambda rule: rule.good), examples(lambda rule: rule.bad)
MENDED = [
    pytest.param(rule, row, rule.repair(row), id=f"{rule.code}-{i}")
    for rule in PACK.rules
    for i, row in enumerate(rule.bad)
    if rule.fix != "manual" and rule.repair(row)
]
each_rule = pytest.mark.parametrize("rule", PACK.rules, ids=lambda rule: rule.code)


def mended(row, edit):
    """The row as it reads back after an edit."""
    return {**row, FIELD[edit.field].column: edit.text}


@pytest.mark.parametrize(("rule", "rows"), GOOD)
def test_a_good_example_holds(rule, rows):
    """A row that its author calls good holds."""
    assert not breaks(rule, *rows)


@pytest.mark.parametrize(("rule", "rows"), BAD)
def test_a_bad_example_breaks(rule, rows):
    """A row that its author calls bad breaks the rule."""
    assert breaks(rule, *rows)


@pytest.mark.parametrize(("rule", "row", "edit"), MENDED)
def test_a_repair_mends(rule, row, edit):
    """A repaired row holds, and there is nothing left to repair in it."""
    assert not breaks(rule, mended(row, edit))


@pytest.mark.parametrize(("rule", "row", "edit"), MENDED)
def test_a_repair_breaks_no_other_rule(rule, row, edit):
    """A repair never makes a row break a rule about any record that it held before."""
    others = [
        other
        for other in PACK.rules
        if other.table == rule.table and other is not rule and not target_of(other)
    ]
    before = {other.code for other in others if breaks(other, row)}
    after = {other.code for other in others if breaks(other, mended(row, edit))}
    assert set() == after - before


@pytest.mark.parametrize(("rule", "row", "edit"), MENDED)
def test_a_repair_can_be_written(rule, row, edit):  # noqa: ARG001 - one list of cases for all
    """A repair names a field of EditScormData that can carry its text."""
    assert rule.table == "records"
    assert edit.field in {field.name for field in FIELDS}
    encode(FIELD[edit.field], edit.text)


@each_rule
def test_a_mendable_rule_shows_a_repair(rule):
    """A rule that calls itself mendable has an example of its repair, a manual one has none."""
    shown = any(rule.repair(row) for row in rule.bad)
    assert (rule.fix != "manual") == shown


@each_rule
def test_a_rule_tells_why(rule):
    """A rule has a title of one sentence, a reason below it, and examples of both kinds."""
    assert title(rule)
    assert len(title(rule)) <= 80
    assert inspect.getdoc(rule).splitlines()[0].endswith(".")
    assert reason(rule)
    assert rule.good
    assert rule.bad


@each_rule
def test_a_rule_reads_known_columns(rule):
    """A rule needs only columns that a snapshot has, and its finding names one of them."""
    of_record = {f"record_{element.column}" for element in SCALARS}
    own = {*KEYS, *COLUMNS.get(rule.table, ()), *VIEW_COLUMNS.get(rule.table, ())}
    assert set(columns(rule)) <= own | of_record
    assert subject(rule) in own
    assert rule.page == "" or rule.page.startswith("3-")


@pytest.mark.parametrize(("rule", "rows"), [*GOOD, *BAD])
def test_no_letter_is_told_from_one_that_is_alike(rule, rows):
    """A rule that takes letters for alike says of its examples the same with others of them."""
    text = rows[0].get(rule.element)
    for group in rule.alike if text else ():
        for letter in (group[0], group[len(group) // 2], group[-1]):
            other = {**rows[0], rule.element: re.sub(f"[{group}]", letter, text)}
            assert breaks(rule, rows[0]) == breaks(rule, other)


GLANCING = [rule for rule in PACK.rules if rule.glance]
near = st.one_of(
    texts,
    st.text("{}[]\"':,;&\\ \nab019.é", max_size=12),
    st.text("aZ3+/=", min_size=60, max_size=70),
    st.tuples(st.sampled_from(("x", "é", "€", '{"a": "')), st.integers(1020, 4100)).map(
        lambda pair: (pair[0] * pair[1])[:4100]
    ),
)


@pytest.mark.parametrize("rule", GLANCING, ids=lambda rule: rule.code)
@settings(max_examples=200)
@given(st.lists(near, max_size=6))
@example(['{"a": "b}', '{"a"}\n', "\\}", '"', "}", "a&amp;b", '[{"a": 1]'])
def test_a_glance_lets_no_text_pass_that_breaks(rule, words):
    """What a look at all texts calls sound, the check itself calls sound as well."""
    there = pd.Series(
        [str(word.encode("utf-8", "replace"), "utf-8") for word in words], dtype="str"
    )
    for word, sound in zip(there, rule.glance._check_fn(there), strict=True):
        assert not sound or rule.check._check_fn(word)


@each_rule
def test_null_breaks_nothing(rule):
    """A row in which nothing is known breaks no rule about the records."""
    if rule.table == "records":
        assert not breaks(rule, {})
