"""What a plan asks of its reviewers and of the run, and where a project says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repair import Bench, attempt
from typer.testing import CliRunner

from scormaudit import read_plan
from scormaudit.cli import app
from scormaudit.errors import SettingsError
from scormaudit.policy import Policy


def test_a_project_sets_the_policy_of_its_plans(tmp_path, monkeypatch):
    """Approvals, four eyes and a lower class stand in pyproject.toml and come into the plan."""
    bench = Bench(tmp_path / "bench", attempt(1))
    bench.folder.mkdir()
    bench.snapshot()
    bench.close()
    (tmp_path / "pyproject.toml").write_text(
        "[tool.scormaudit]\npolicy = { approvals = 2, four_eyes = true, canary = [1, 2] }\n"
        'fix = { VO102 = "judgement" }\n'
    )
    monkeypatch.chdir(tmp_path)
    command = ["propose", "bench/snapshot-1", "-o", "plan.json", "--include", "judgement"]
    assert 0 == CliRunner().invoke(app, command).exit_code
    plan = read_plan("plan.json")
    assert ("2", "yes", "1,2") == (
        plan.policy.approvals, plan.policy.four_eyes, plan.policy.canary,
    )  # fmt: skip
    assert ["judgement"] == [change.kind for change in plan.proposed]


@pytest.mark.parametrize(
    "policy", [{"approvals": 0}, {"four_eyes": "perhaps"}, {"quiet": 1}, {"canary": "1;2"}]
)
def test_a_policy_that_makes_no_sense_is_refused(policy):
    """A wish that no plan can keep is named, before anything is planned."""
    with pytest.raises(SettingsError, match=next(iter(policy))):
        Policy.of(policy)


@given(st.lists(st.integers(1, 50), max_size=4), st.integers(0, 2000))
def test_batches_hold_every_change_once(canary, total):
    """The canary comes first, then hundreds, and together they are all changes."""
    batches = Policy.of({"canary": canary}).batches(total)
    assert total == sum(batches)
    assert all(0 < size <= 100 for size in batches)
    assert all(size <= wished for size, wished in zip(batches, canary, strict=False))
