"""A plan has one canonical form; any byte changed is seen."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repair import Bench

from scormaudit.errors import ApprovalError, PlanError
from scormaudit.plan import Plan, Policy, canonical, digest, read_plan, undo_of, write_plan

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


@pytest.mark.parametrize("value", [1, 1.0, True, None, {"a": 1}, ["a", None]])
def test_canonical_takes_text_only(value):
    """Numbers and null have more than one spelling, so a plan cannot hold them."""
    with pytest.raises(PlanError):
        canonical(value)


def test_a_lone_surrogate_is_refused():
    """Text that UTF-8 cannot hold is refused, not replaced."""
    with pytest.raises(PlanError):
        canonical({"a": "\ud800"})


def test_a_digest_names_its_kind():
    """The same value as a plan and as a change has different digests."""
    assert digest("plan", "a") != digest("change", "a")
    assert digest("ab", "c") != digest("a", "bc")


def test_a_plan_reads_back(made):
    """A plan read from its file is the plan that was written."""
    plan, path = made
    assert plan == read_plan(path)


def test_every_byte_counts(made, tmp_path):
    """A plan in which any one byte differs is not read."""
    _, path = made
    content = path.read_bytes()
    for at in range(len(content)):
        changed = bytearray(content)
        changed[at] ^= 1
        (tmp_path / "p.json").write_bytes(changed)
        with pytest.raises((ApprovalError, PlanError)):
            read_plan(tmp_path / "p.json")


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff\xfe", b"[1, 2]"])
def test_what_is_no_plan_is_told_so(tmp_path, damage):
    """A file that is no plan is named as such and not called changed."""
    (tmp_path / "p.json").write_bytes(damage)
    with pytest.raises(PlanError, match="not a plan"):
        read_plan(tmp_path / "p.json")


def test_a_plan_cut_short_is_void(made, tmp_path):
    """A truncated plan is void, whatever was approved."""
    (tmp_path / "p.json").write_bytes(made[1].read_bytes()[:-100])
    with pytest.raises(ApprovalError):
        read_plan(tmp_path / "p.json")


def test_a_plan_is_never_overwritten(made):
    """Writing over an existing plan is refused and leaves it as it was."""
    plan, path = made
    before = path.read_bytes()
    with pytest.raises(PlanError, match="never overwritten"):
        write_plan(plan, path)
    assert before == path.read_bytes()


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
    empty = Plan(
        target="https://a", snapshot="", pack="", tool_version="", policy=Policy(), proposed=()
    )
    assert set() == {"change", "field"} - set(empty.changes.columns)


def test_a_repr_shows_no_learner(made):
    """The repr of a plan and of its changes holds no value and no name of a learner."""
    for shown in (repr(made[0]), repr(made[0].proposed[0])):
        assert "ab-inito" not in shown
        assert "Learner" not in shown


@pytest.mark.parametrize(
    ("field", "before", "expected"),
    [
        ("entry", "resume", "exact"),
        ("entry", "", "exact"),
        ("entry", "ab-inito", "lossy"),
        ("entry", None, "impossible"),
        ("raw_score", "85.5", "exact"),
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
        ("preference_speed", "+5", "impossible"),
        ("exit_date_utc", "2026-03-02T10:00:00Z", "exact"),
    ],
)
def test_undo_is_told_beforehand(field, before, expected):
    """Whether a value can come back is known before it is replaced."""
    assert expected == undo_of(field, before)[0]
