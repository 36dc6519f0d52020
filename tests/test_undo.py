"""What was verified can be taken back, through the same review."""

import pytest
from repair import Bench, attempt
from test_apply import run, states

from scormaudit.errors import PlanError
from scormaudit.plan import write_plan
from scormaudit.policy import Policy
from scormaudit.undo import undo


@pytest.fixture
def bench(tmp_path):
    made = Bench(
        tmp_path,
        attempt(1),
        attempt(2, core__entry="resume", core__total_time="0:10:00"),
        attempt(3, core__entry="resume", **{"core__score.raw": "85,5"}),
    )
    yield made
    made.close()


def carried_out(bench):
    """Apply everything; the journal's path."""
    plan = bench.plan(include=["judgement"])
    bench.approve(plan)
    bench.approve(plan, reviewer="Bo")  # a second one, where a value cannot be put back
    return run(bench, expect=3).journal


def test_undo_brings_the_old_values_back(bench):
    """Applying the undo plan restores every value that can be written again."""
    before = bench.snapshot().records
    journal = carried_out(bench)
    plan = undo(journal)
    assert {"entry": "ab-inito", "total_time": "0:10:00"} == {
        op.field: op.after for change in plan.proposed for op in change.ops
    }
    bench.path = bench.folder / "undo.json"
    write_plan(plan, bench.path)
    bench.approve(plan)
    assert ["verified"] * 2 == states(run(bench, expect=2))
    after = bench.snapshot().records
    columns = ["entry", "total_time"]
    assert before[columns].astype("object").equals(after[columns].astype("object"))


def test_what_cannot_go_back_is_named(bench):
    """A score that the API cannot write is listed with the reason, not left out silently."""
    refused = undo(carried_out(bench)).refused
    assert ["raw_score: the old value cannot be written: not a number"] == [
        r.reason for r in refused
    ]


def test_each_keeps_its_class(bench):
    """An undo is as risky as the change it undoes."""
    assert {"safe"} == {change.kind for change in undo(carried_out(bench)).proposed}


def test_an_undone_change_is_not_undone_again(bench):
    """After an undo there is nothing left to undo but what never could be."""
    journal = carried_out(bench)
    plan = undo(journal)
    bench.path = bench.folder / "undo.json"
    write_plan(plan, bench.path)
    bench.approve(plan)
    run(bench, expect=2)
    assert () == undo(journal).proposed


def test_nothing_verified_nothing_to_undo(tmp_path):
    """A journal without a verified change gives no plan."""
    from scormaudit.journal import Journal

    with Journal.open(tmp_path / "j", "https://lms.example.org"):
        pass
    with pytest.raises(PlanError):
        undo(tmp_path / "j")


def test_the_way_back_is_reviewed_like_the_way_there(bench):
    """An undo asks for the approvals that the project asks for; only the quiet hours are waived."""
    policy = undo(carried_out(bench), policy=Policy(approvals="2", quiet_hours="48")).policy
    assert ("2", "0") == (policy.approvals, policy.quiet_hours)
