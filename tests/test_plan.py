"""A plan has one canonical form; any byte changed is seen."""

import json
import re
import stat
import sys
from dataclasses import fields, replace

import pytest
from changes import change
from drafts import draft
from hypothesis import given
from hypothesis import strategies as st
from repair import Bench

from scormaudit.errors import ApprovalError, PlanError
from scormaudit.plan import (
    Plan,
    Refusal,
    Seen,
    canonical,
    column_of,
    digest,
    element_of,
    fingerprint,
    read_plan,
    seen,
    undo_of,
    write_plan,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    TEXT, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4)
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A plan of three changes and its bytes."""
    bench = Bench(tmp_path_factory.mktemp("plan"))
    plan = bench.plan()
    yield plan, bench.path
    bench.close()


@given(VALUES)
def test_canonical_survives_a_round_trip(value):
    """Reading the canonical form and writing it again gives the same bytes."""
    assert canonical(value) == canonical(json.loads(canonical(value)))


@given(VALUES, VALUES)
def test_canonical_tells_values_apart(one, other):
    """Two values share a canonical form only if they are equal."""
    assert (canonical(one) == canonical(other)) == (one == other)


def test_unicode_is_not_normalised():
    """Composed and decomposed letters stay different values."""
    assert canonical("é") != canonical("e\u0301")


def test_canonical_is_the_shortest_spelling():
    """Keys are sorted, nothing is blank, and letters are themselves."""
    assert '{"a":"é","b":["c",{"":""}]}'.encode() == canonical({"b": ("c", {"": ""}), "a": "é"})


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1, "int"), (1.0, "float"), (True, "bool"), (None, "NoneType"), ({"a": 1}, "int"),
        (["a", None], "NoneType"), ({None: "a"}, "NoneType"), (("a", [1]), "int"),
    ],
)  # fmt: skip
def test_canonical_takes_text_only(value, kind):
    """Numbers and null have more than one spelling, so a plan cannot hold them."""
    with pytest.raises(PlanError, match=f"^A plan holds text only, not {kind}.$"):
        canonical(value)


def test_a_lone_surrogate_is_refused():
    """Text that UTF-8 cannot hold is refused, not replaced."""
    with pytest.raises(
        PlanError, match=r"^A text holds a lone surrogate, which cannot be stored.$"
    ):
        canonical({"a": "\ud800"})


def test_a_digest_names_its_kind():
    """The same value as a plan and as a change has different digests."""
    assert digest("plan", "a") != digest("change", "a")
    assert digest("ab", "c") != digest("a", "bc")


def test_hashes_are_what_they_were():
    """What was approved yesterday has the same hash tomorrow: the canonical form never moves."""
    known = {
        "fa13cd0a2b6c2e5e3d6be99b0216896e03c45e66cffb0d0ef4a209c71d44f037": digest(
            "plan", {"b": ["c", ""], "a": "é"}
        ),
        "39bfab7dff4136eaedc4f2ea1db19d528781cbadacb9c1b89ab2155e391093e9": fingerprint(
            Seen("value", "p=3")
        ),
        "5688f574a42142381ee09fa1b5a176ce0fb05eaff0d79b54f7c7f5ade3557222": change().hash,
        "a49057fe80eacd57fae52a2b2429855c1ca9f67ff28f53f89a4e104168388459": draft().hash,
    }
    assert list(known) == list(known.values())


@pytest.mark.parametrize(
    ("part", "is_bound"),
    [
        ({"enrollment_id": "e"}, True), ({"assignment_id": "a"}, True), ({"sco_id": "s"}, True),
        ({"assignment_status_id": "x"}, True), ({"rules": ()}, True), ({"kind": "judgement"}, True),
        ({"target": "https://b"}, True), ({"guards": {"title": Seen("absent")}}, True),
        ({"ops": ()}, True), ({"labels": {}}, False), ({"reasons": ()}, False),
        ({"risks": ("r",)}, False), ({"frame": {}}, False), ({"binding": "b"}, False),
    ],
)  # fmt: skip
def test_an_approval_binds_the_change(part, is_bound):
    """Keys, edit, guards, rules, class and target are bound; wording and context are not."""
    assert is_bound == (change().hash != replace(change(), **part).hash)


def test_a_change_is_keyed_by_what_it_writes_to():
    """Two changes of one SCO of one assignment status have one key."""
    assert f"{change().assignment_status_id} sco" == change().write_key


def test_a_change_is_sent_as_the_lms_spells_it():
    """The body of an edit has each field of the change, numbers as numbers."""
    score = replace(change().ops[0], field="raw_score", element="cmi.core.score.raw", after="85.5")
    assert {"entry": "ab-initio", "raw_score": 85.5} == change(1, *change().ops, score).fields()


def test_a_plan_reads_back(made):
    """A plan read from its file is the plan that was written."""
    plan, path = made
    assert plan == read_plan(path)


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff\xfe", b"[1, 2]"])
def test_what_is_no_plan_is_told_so(tmp_path, damage):
    """A file that is no plan is named as such and not called changed."""
    file = tmp_path / "p.json"
    file.write_bytes(damage)
    with pytest.raises(PlanError) as caught:
        read_plan(file)
    assert f"{file}: This is not a plan. `scormaudit propose` writes one." == str(caught.value)


@pytest.mark.parametrize("rest", ["1", "[]", "{", '1"}', '1","plan":[]}', '1","plan":{"a":1}}'])
def test_what_only_begins_like_a_plan_is_void(tmp_path, rest):
    """A file that begins as a plan does and goes on as none is void, without a traceback."""
    file = tmp_path / "p.json"
    file.write_text('{"format":"scormaudit-plan-' + rest)
    with pytest.raises(ApprovalError) as caught:
        read_plan(file)
    assert str(caught.value) == (
        f"{file}: The plan was changed after it was written, so every approval of it is void."
        " Propose a new plan."
    )


def test_a_plan_cut_short_is_void(made, tmp_path):
    """A truncated plan is void, whatever was approved."""
    (tmp_path / "p.json").write_bytes(made[1].read_bytes()[:-100])
    with pytest.raises(ApprovalError):
        read_plan(tmp_path / "p.json")


def test_a_plan_is_never_overwritten(made):
    """Writing over an existing plan is refused and leaves it as it was."""
    plan, path = made
    before = path.read_bytes()
    with pytest.raises(PlanError) as caught:
        write_plan(plan, path)
    assert str(caught.value) == (
        f"{path}: There is already something of this name."
        " Plans are never overwritten; choose another name."
    )
    assert before == path.read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_a_plan_is_for_its_owner_alone(tmp_path):
    """A plan holds learners' values, so nobody else may read it."""
    write_plan(draft(), tmp_path / "plan.json")
    assert 0o600 == stat.S_IMODE((tmp_path / "plan.json").stat().st_mode)


def test_what_cannot_be_read_or_written_is_told(made, tmp_path):
    """A plan that is not there, or whose folder is not, is named with what the system says."""
    missing = tmp_path / "missing" / "p.json"
    with pytest.raises(PlanError, match=r"p\.json: It cannot be written \(No such file"):
        write_plan(made[0], missing)
    with pytest.raises(PlanError, match=r"p\.json: It cannot be read \(No such file"):
        read_plan(missing)


def test_a_change_keeps_its_hash_when_planned_again(tmp_path):
    """A change that is planned again from a new snapshot is the same change."""
    bench = Bench(tmp_path)
    try:
        first = bench.plan()
        bench.path = tmp_path / "again.json"
        again = bench.plan()
    finally:
        bench.close()
    assert first.snapshot != again.snapshot or first == again
    assert [c.hash for c in first.proposed] == [c.hash for c in again.proposed]


def test_changes_is_a_frame(made):
    """`plan.changes` has a row a field with its value before and after."""
    frame = made[0].changes
    assert ["ab-inito"] * 3 == list(frame["before"])
    assert ["ab-initio"] * 3 == list(frame["after"])
    names = ["change", "class", "rules", "sco_id", "field", "before", "after", "undo"]
    assert names == list(replace(made[0], proposed=()).changes.columns)


def test_a_row_of_changes_has_the_labels():
    """A row names the change, its class and rules, the learner, the field, and the way back."""
    absent = replace(change().ops[0], before=Seen("absent"), undo="impossible")
    frame = draft(change(1, *change().ops, absent, rules=("VO101", "ST103"))).changes
    first, second = frame.to_dict("records")
    assert first == {
        "change": frame["change"][0], "class": "safe", "rules": "VO101 ST103",
        "learner": "Learner 1", "sco_id": "sco", "field": "entry", "before": "ab-inito",
        "after": "ab-initio", "undo": "exact",
    }  # fmt: skip
    assert 12 == len(frame["change"][0])
    assert frame["before"].isna().tolist() == [False, True]
    assert "impossible" == second["undo"]


def test_a_plan_in_a_word(made):
    """The repr counts the changes, how many are safe, and what was left alone."""
    assert "<Plan of 3 changes, 3 of them safe>" == repr(made[0])
    left = Refusal(enrollment_id="e", assignment_id="a", sco_id="s", rules=(), reason="active")
    one = replace(draft(change(kind="judgement")), refused=(left, left))
    assert "<Plan of 1 change, 0 of them safe; 2 left alone>" == repr(one)


def test_a_plan_names_nobody_unless_told():
    """A plan whose planner is not known has none."""
    facts = {f.name: getattr(draft(), f.name) for f in fields(Plan) if f.name != "planner"}
    assert "" == Plan(**facts).planner


def test_a_repr_shows_no_learner(made):
    """The repr of a plan and of its changes holds no value and no name of a learner."""
    for shown in (repr(made[0]), repr(made[0].proposed[0])):
        assert "ab-inito" not in shown
        assert "Learner" not in shown
        assert not {"after=", "guards=", "frame="} & set(re.findall(r"\w+=", shown))


@pytest.mark.parametrize(
    ("field", "before", "expected"),
    [
        ("entry", "resume", "exact"),
        ("entry", "", "exact"),
        ("entry", "ab-inito", "lossy"),
        ("entry", None, "impossible"),
        ("raw_score", "85.5", "exact"),
        ("raw_score", "85", "exact"),
        ("raw_score", "85.50", "lossy"),
        ("raw_score", "85,5", "impossible"),
        ("raw_score", "", "impossible"),
        ("exit_status", "", "exact"),
        ("exit_status", "logout", "impossible"),
        ("for_credit", "no-credit", "exact"),
        ("for_credit", "no credit", "impossible"),
        ("total_time", "0:05:00", "exact"),
        ("lesson_location", "", "lossy"),
        ("preference_speed", "5", "exact"),
        ("preference_speed", "05", "lossy"),
        ("preference_speed", "+5", "impossible"),
        ("exit_date_utc", "2026-03-02T10:00:00Z", "exact"),
        ("exit_date_utc", "2026-03-02T10:00:00", "lossy"),
    ],
)
def test_undo_is_told_beforehand(field, before, expected):
    """Whether a value can come back is known before it is replaced."""
    assert expected == undo_of(field, before)[0]


@pytest.mark.parametrize(
    ("field", "before", "reason"),
    [
        ("entry", None, "an absent value cannot be made absent again"),
        ("entry", "ab-inito", "not every server takes back a word that is not in its list"),
        ("raw_score", "85.50", "the value comes back in another spelling"),
        ("lesson_location", "", "whether a blank can be written is not known of every server"),
        ("lesson_location", "p", ""),
    ],
)
def test_why_a_value_cannot_come_back_is_told(field, before, reason):
    """Whoever approves reads in words why writing cannot restore what was there."""
    assert reason == undo_of(field, before)[1]
    assert undo_of("raw_score", "85,5")[1].startswith("the old value cannot be written: ")


def test_a_state_is_not_a_text():
    """Absent, empty and a value are three states of an element."""
    assert [Seen("absent"), Seen("empty"), Seen("value", "a")] == [*map(seen, (None, "", "a"))]


def test_columns_and_elements_have_each_other():
    """Each element has a column and each column an element; dates and title are their own."""
    for element, column in {"cmi.core.score.raw": "score_raw", "title": "title"}.items():
        assert (element, column) == (element_of(column), column_of(element))
