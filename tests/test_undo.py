"""What was verified can be taken back, through the same review."""

import pytest
from repair import Bench, attempt
from test_apply import run, states

from scormaudit.errors import JournalError, PlanError
from scormaudit.journal import Journal, read_journal
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
    with Journal.open(tmp_path / "j", "https://lms.example.org"):
        pass
    with pytest.raises(PlanError):
        undo(tmp_path / "j")


def test_the_way_back_is_reviewed_like_the_way_there(bench):
    """An undo asks for the approvals that the project asks for; only the quiet hours are waived."""
    policy = undo(carried_out(bench), policy=Policy(approvals="2", quiet_hours="48")).policy
    assert ("2", "0") == (policy.approvals, policy.quiet_hours)


def test_an_undo_is_no_larger_than_the_project_allows(bench):
    """More changes than a plan may hold are refused, and it is said what to raise."""
    journal = carried_out(bench)
    assert 2 == len(undo(journal, policy=Policy(max_changes="2")))
    with pytest.raises(PlanError, match=r"^2 changes are more than the 1 .* Raise max_changes"):
        undo(journal, policy=Policy(max_changes="1"))


def test_an_undo_knows_its_journal(bench):
    """The journal's head is in the plan, so that an undo is not carried out after a cut one."""
    journal = carried_out(bench)
    plan = undo(journal)
    assert read_journal(journal)[-1].hash == plan.journal == plan.undoes
    bench.path = bench.folder / "undo.json"
    write_plan(plan, bench.path)
    bench.approve(plan)
    with pytest.raises(JournalError, match="lacks entries"):
        run(bench, expect=2, journal=bench.folder / "another")


def test_an_edit_of_unknown_outcome_is_not_undone(bench):
    """While nobody knows how an edit ended its record is left alone, and named."""
    path = carried_out(bench)
    back = undo(path).proposed[0]
    with Journal.open(path, bench.lms.base_url) as journal:
        journal.intent("plan", back, "0" * 64)
    plan = undo(path)
    assert back.write_key not in [change.write_key for change in plan.proposed]
    assert 1 == len(plan)
    found = {(r.enrollment_id, r.reason.partition(":")[0]) for r in plan.refused}
    assert (back.enrollment_id, "an edit of unknown outcome") in found
