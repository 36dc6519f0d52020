"""An approval is of changes, by a person, for a while; nothing else counts."""

from datetime import UTC, datetime, timedelta

import pytest
from repair import Bench

from scormaudit.errors import ApprovalError, CountError, PlanError
from scormaudit.review import approved, decide, decisions_file, read_decisions

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ANN = {"reviewer": "Ann", "reason": "checked", "now": NOW}


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """A plan of three changes."""
    bench = Bench(tmp_path_factory.mktemp("plan"))
    yield bench.plan()
    bench.close()


@pytest.fixture
def file(tmp_path):
    """Where decisions go."""
    return decisions_file(tmp_path / "plan.json")


def test_approved_in_plan_order(plan, file):
    """What is approved is what was chosen, in the order of the plan."""
    decide(plan, file, reversed(plan.proposed[1:]), expect=2, **ANN)
    assert plan.proposed[1:] == approved(plan, file, NOW)


def test_nothing_decided_is_nothing_approved(plan, file):
    """A plan without decisions is refused."""
    with pytest.raises(ApprovalError, match="None of the 3"):
        approved(plan, file, NOW)


def test_the_last_decision_counts(plan, file):
    """A later rejection takes an approval back, and a later approval gives it again."""
    decide(plan, file, plan.proposed, expect=3, **ANN)
    decide(plan, file, plan.proposed[:1], expect=1, meaning="reject", **ANN)
    assert plan.proposed[1:] == approved(plan, file, NOW)
    decide(plan, file, plan.proposed[:1], expect=1, **ANN)
    assert plan.proposed == approved(plan, file, NOW)


@pytest.mark.parametrize("expect", [0, 2, 4])
def test_a_wrong_count_decides_nothing(plan, file, expect):
    """If the count is not as expected, not even a file is made."""
    with pytest.raises(CountError):
        decide(plan, file, plan.proposed, expect=expect, **ANN)
    assert not file.exists()


def test_no_change_is_no_decision(plan, file):
    """Approving nothing, even expecting nothing, is refused."""
    with pytest.raises(CountError):
        decide(plan, file, [], expect=0, **ANN)


@pytest.mark.parametrize("lacks", ["reviewer", "reason"])
def test_a_decision_has_a_person_and_a_reason(plan, file, lacks):
    """A decision without a name or without a reason is refused."""
    with pytest.raises(PlanError):
        decide(plan, file, plan.proposed, expect=3, **(ANN | {lacks: "  "}))


@pytest.mark.parametrize(("age", "counts"), [(0, True), (7, True), (7.01, False), (-0.01, False)])
def test_an_approval_expires(plan, file, age, counts):
    """An approval counts for seven days, and never before it was given."""
    decide(plan, file, plan.proposed, expect=3, **ANN)
    later = NOW + timedelta(days=age)
    if counts:
        assert plan.proposed == approved(plan, file, later)
    else:
        with pytest.raises(ApprovalError, match="expired"):
            approved(plan, file, later)


def test_every_byte_counts(plan, file):
    """A decisions file in which any one byte differs voids every approval."""
    decide(plan, file, plan.proposed[:1], expect=1, **ANN)
    decide(plan, file, plan.proposed[1:2], expect=1, meaning="defer", **ANN)
    content = file.read_bytes()
    for at in range(len(content)):
        changed = bytearray(content)
        changed[at] ^= 1
        file.write_bytes(changed)
        with pytest.raises(ApprovalError):
            read_decisions(file)


def test_a_line_cannot_be_taken_out(plan, file):
    """A decision removed from between others breaks the chain."""
    for number in range(3):
        decide(plan, file, plan.proposed[number : number + 1], expect=1, **ANN)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0] + lines[2])
    with pytest.raises(ApprovalError, match="Line 2"):
        read_decisions(file)


def test_an_approval_of_another_change_does_not_count(plan, file):
    """A change that differs in its value needs an approval of its own."""
    from dataclasses import replace

    change = plan.proposed[0]
    other = replace(change, ops=(replace(change.ops[0], after="resume"),))
    decide(plan, file, plan.proposed, expect=3, **ANN)
    with pytest.raises(ApprovalError):
        approved(replace(plan, proposed=(other,)), file, NOW)
