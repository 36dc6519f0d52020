"""Only what is beyond doubt is planned; everything else is refused with its reason."""

from datetime import UTC, datetime

import pytest
from repair import Bench, attempt, uuid

from scormaudit import audit, propose
from scormaudit.errors import PlanError, SettingsError, SnapshotError
from scormaudit.plan import Policy


@pytest.fixture
def planned(tmp_path):
    """The plan for some attempts."""
    benches = []

    def plan(*attempts, worklist=None, **options):
        bench = Bench(tmp_path / str(len(benches)), *attempts)
        bench.folder.mkdir()
        benches.append(bench)
        return bench.plan(worklist, **options)

    yield plan
    for bench in benches:
        bench.close()


def reasons(plan):
    return [refusal.reason for refusal in plan.refused]


def test_a_legal_record_is_left_alone(planned):
    """Where nothing is wrong, nothing is planned and nothing is refused."""
    plan = planned(attempt(1, core__entry="ab-initio"))
    assert ((), ()) == (plan.proposed, plan.refused)


def test_what_is_legal_stays(tmp_path):
    """An info finding is never planned, unless its severity was raised."""
    bench = Bench(tmp_path, attempt(1, core__entry="resume", core__session_time="00:01:75"))
    try:
        snapshot = bench.snapshot()
    finally:
        bench.close()
    assert () == propose(audit(snapshot)).proposed
    raised = audit(snapshot, severity={"DT212": "warning"})
    assert ["00:02:15"] == [c.ops[0].after for c in propose(raised).proposed]


def test_judgement_only_when_asked(planned):
    """A lesson status is only planned when judgement is included."""
    wrong = attempt(1, core__entry="resume", core__lesson_status="Completed")
    assert () == planned(wrong).proposed
    change = planned(wrong, include=["judgement"]).proposed[0]
    assert "judgement" == change.kind
    assert "completed" == change.ops[0].after
    assert "Completed" == change.ops[0].before.text
    assert "review mode" in change.risks[0]


@pytest.mark.parametrize(
    ("elements", "kind"),
    [
        ({"core__entry": "ab-inito"}, "safe"),
        ({"core__entry": "resume", "core__lesson_mode": "Normal"}, "safe"),
        ({"core__entry": "resume", "core__total_time": "0:10:00"}, "safe"),
        ({"core__entry": "resume", "core__session_time": "PT5M"}, "safe"),
        ({"core__entry": "resume", "core__score.raw": "85,5"}, "judgement"),
        ({"core__entry": "resume", "core__lesson_status": "PASSED"}, "judgement"),
        ({"core__entry": "resume", "core__exit": ""}, "judgement"),
    ],
)
def test_safe_decides_nothing(planned, elements, kind):
    """Safe is what keeps its meaning and can go back; scores and statuses never are."""
    plan = planned(attempt(1, **elements), include=["judgement"])
    assert [kind] == [change.kind for change in plan.proposed]


def test_a_record_is_one_change(planned):
    """All fields of an SCO travel in one edit, as risky as its riskiest field."""
    wrong = attempt(1, core__lesson_mode="Normal", core__lesson_status="Passed")
    change = planned(wrong, include=["judgement"]).proposed[0]
    assert ["entry", "lesson_mode", "lesson_status"] == [op.field for op in change.ops]
    assert "judgement" == change.kind
    safe = planned(wrong).proposed[0]
    assert ["entry", "lesson_mode"] == [op.field for op in safe.ops]
    assert "safe" == safe.kind


@pytest.mark.parametrize(
    "dates",
    [
        ("2026-03-02T10:00:00Z", None),
        ("2026-03-02T10:00:00Z", "2026-03-02T09:59:59Z"),
        ("2026-03-02T10:00:00Z", "not a date"),
    ],
)
def test_a_learner_at_work_is_left_alone(planned, dates):
    """A record without an exit after its start may be in use and is refused."""
    plan = planned(attempt(1, dates=dates))
    assert () == plan.proposed
    assert "in the course now" in reasons(plan)[0]


def test_quiet_hours(planned):
    """A record that was used within the quiet hours is refused."""
    now = datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert "quiet hours" in reasons(planned(attempt(1), now=now))[0]
    assert 1 == len(planned(attempt(1), now=now, policy=Policy(quiet_hours="22")).proposed)


def test_no_binding_no_plan(planned):
    """Without an assignment_status_id in the worklist there is nothing to write to."""
    rows = [{"enrollment_id": uuid(1), "assignment_id": uuid(101)}]
    plan = planned(attempt(1), worklist=rows)
    assert () == plan.proposed
    assert "no assignment_status_id" in reasons(plan)[0]


def test_the_binding_is_told(planned):
    """A change says from which row of which worklist its write key came."""
    assert "row 1" in planned(attempt(1)).proposed[0].binding


def left(plan):
    """Rule and reason of what is left alone."""
    return [(code, refusal.reason) for refusal in plan.refused for code in refusal.rules]


@pytest.mark.parametrize(
    ("elements", "code", "why"),
    [
        ({"core__exit": "perhaps"}, "VO104", "no value is certain"),
        ({"core__lesson_status": "Passed"}, "VO101", "a person decides (--include judgement)"),
        (
            {"core__score.raw": "85,5"}, "DT101",
            "the API could not write the old value back, "
            "so a person decides (--include judgement)",
        ),
    ],
)  # fmt: skip
def test_what_is_not_planned_is_told(planned, elements, code, why):
    """Each finding of a rule that mends is planned or left alone with its reason, never dropped."""
    plan = planned(attempt(1, **{"core__entry": "resume"} | elements))
    assert ((), [(code, why)]) == (plan.proposed, left(plan))
    plan = planned(attempt(1, **elements))
    assert ([("VO102",)], [(code, why)]) == ([c.rules for c in plan.proposed], left(plan))


def test_a_safe_rule_that_decides_is_left_to_a_person(tmp_path):
    """A rule may call itself safe; what it decides is planned only when judgement is asked for."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "bold.py").write_text(
        '"""Bold."""\n'
        "from pandera.pandas import Check\n"
        "from scormaudit import Edit, Rule\n"
        'class Bold(Rule, code="XX103"):\n'
        '    """Everybody passes.\n\n    So.\n    """\n'
        '    fix, element, check = "safe", "lesson_status", Check.eq("passed")\n'
        '    @staticmethod\n    def repair(row):\n        return Edit("lesson_status", "passed")\n'
    )
    bench = Bench(tmp_path, attempt(1, core__entry="resume"))
    try:
        report = audit(bench.snapshot(), rules=tmp_path / "more", select=["XX"])
    finally:
        bench.close()
    assert [("XX103", "a person decides (--include judgement)")] == left(propose(report))
    plan = propose(report, include=["judgement"])
    assert (["judgement"], []) == ([c.kind for c in plan.proposed], left(plan))


def test_a_failed_element_is_never_absent(planned):
    """An element that failed is in the frame as failed, so that its return is a change."""
    failing = attempt(1, errors={"cmi.core.lesson_location": "101 - General exception"})
    frame = planned(failing).proposed[0].frame
    absent = planned(attempt(1)).proposed[0].frame
    assert frame["cmi.core.lesson_location"] != absent["cmi.core.lesson_location"]
    assert {} == {
        k: v for k, v in frame.items() if v != absent[k] and k != "cmi.core.lesson_location"
    }


@pytest.mark.parametrize("kind", ["safe", "judgement"])
def test_two_rules_that_disagree(tmp_path, kind):
    """When two rules want different values of a field, both are named and neither wins.

    So it is too where only one of them is beyond doubt: the other casts one on it.
    """
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "other.py").write_text(
        '"""More."""\n'
        "from pandera.pandas import Check\n"
        "from scormaudit import Edit, Rule\n"
        'class Other(Rule, code="XX101"):\n'
        '    """Entry must be resume.\n\n    So.\n    """\n'
        f'    fix = "{kind}"\n    element = "entry"\n    check = Check.eq("resume")\n'
        '    @staticmethod\n    def repair(row):\n        return Edit("entry", "resume")\n'
    )
    bench = Bench(tmp_path, attempt(1))
    try:
        plan = propose(audit(bench.snapshot(), rules=tmp_path / "more"))
    finally:
        bench.close()
    assert ["VO102 and XX101 want different values of entry"] == reasons(plan)[-1:]
    assert {("VO102",), ("XX101",)} >= {refusal.rules for refusal in plan.refused[:-1]}
    assert () == plan.proposed


def test_a_frame_cannot_be_planned():
    """A plain frame has no write keys, so a plan of it is refused."""
    import pandas as pd

    with pytest.raises(PlanError):
        propose(audit(pd.DataFrame({"entry": ["ab-inito"]})))


def test_damaged_evidence_is_refused(tmp_path):
    """A plan rests on a snapshot that is byte for byte what was read."""
    bench = Bench(tmp_path)
    try:
        snapshot = bench.snapshot()
    finally:
        bench.close()
    report = audit(snapshot)
    part = next((snapshot.path / "records").iterdir())
    part.write_bytes(part.read_bytes() + b" ")
    with pytest.raises(SnapshotError, match="not what was written"):
        propose(report)


def test_a_plan_has_a_limit(planned):
    """More changes than the policy allows are refused whole, not cut off."""
    with pytest.raises(PlanError, match="3 changes"):
        planned(*[attempt(n) for n in (1, 2, 3)], policy=Policy(max_changes="2"))


@pytest.mark.parametrize(("kind", "plain", "asked"), [("judgement", 0, 1), ("manual", 0, 0)])
def test_a_class_can_be_lowered(planned, kind, plain, asked):
    """What a project does not hold to be safe is left to a person, or to nobody."""
    assert plain == len(planned(attempt(1), fix={"VO102": kind}))
    plan = planned(attempt(1), fix={"VO102": kind}, include=["judgement"])
    assert ["judgement"] * asked == [change.kind for change in plan.proposed]


@pytest.mark.parametrize("fix", [{"ST103": "safe"}, {"XX999": "manual"}, {"VO102": "never"}])
def test_a_class_cannot_be_raised(planned, fix):
    """No setting makes a repair safer than its rule says, and a rule that is not there is told."""
    with pytest.raises(SettingsError, match=next(iter(fix))):
        planned(attempt(1), fix=fix)
