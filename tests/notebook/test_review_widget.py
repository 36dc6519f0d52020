"""`review` finds a plan's file, shows the record, and is a table where no widget can run."""

import subprocess
import sys
from dataclasses import replace
from textwrap import dedent

import pytest
from changes import change
from drafts import draft, kept
from sittings import Page

from scormaudit import audit, propose
from scormaudit.errors import ApprovalError, PlanError
from scormaudit.notebook import review
from scormaudit.notebook.evidence import evidence
from scormaudit.notebook.filed import filed
from scormaudit.plan import Seen, read_plan


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def planned(fetched):
    """A plan of the practice LMS."""
    return propose(audit(fetched), include=["judgement"])


def test_a_plan_without_a_file_is_written(here):
    """Under the beginning of its hash, or the name that is given; the note says so."""
    plan = draft()
    found = filed(plan)
    assert f"plan-{plan.hash[:8]}.json" == str(found.path)
    assert f"it was written to {found.path}" in found.note
    assert plan == read_plan(found.path)
    assert here / "mine.json" == filed(draft(change(7)), here / "mine.json").path


def test_a_plan_that_has_a_file_keeps_it(here):
    """Whatever its name is; a second file would part the decisions."""
    plan = kept(here)
    (here / "plan.json").rename(here / "other.json")
    (here / "broken.json").write_text(f'{{"hash":"{plan.hash}"}}')
    assert "other.json" == str(filed(plan).path)
    assert "other.json" == str(filed(plan).path)
    assert {"other.json", "broken.json"} == {file.name for file in here.iterdir()}


def test_another_plan_in_the_way_is_refused(here):
    """And nothing is written."""
    kept(here)
    before = (here / "plan.json").read_bytes()
    with pytest.raises(PlanError, match="Another plan is in this file"):
        filed(draft(change(7)), "plan.json")
    assert before == (here / "plan.json").read_bytes()


def test_a_file_needs_no_path(here):
    """`path` is for a plan that has no file yet."""
    kept(here)
    with pytest.raises(PlanError, match="in a file already"):
        review("plan.json", path="other.json")


def test_a_changed_plan_is_refused(here):
    """As everywhere."""
    kept(here)
    file = here / "plan.json"
    file.write_bytes(file.read_bytes().replace(b"ab-inito", b"ab-outo"))
    with pytest.raises(ApprovalError, match="changed after it was written"):
        review("plan.json")


def test_the_whole_record_of_the_snapshot(planned, fetched):
    """Every element of the data model, and of collections every index; states stay apart."""
    look = evidence(planned, fetched)
    frame = fetched.records.set_index(["enrollment_id", "assignment_id", "sco_id"])
    for made in planned.proposed:
        found = {element.name: element for element in look(made)}
        row = frame.loc[(made.enrollment_id, made.assignment_id, made.sco_id)]
        assert row["student_name"] == found["cmi.core.student_name"].text
        assert int(row["objectives_count"] or 0) == sum(
            name.startswith("cmi.objectives.") and name.endswith(".id") for name in found
        )
        for op in made.ops:
            assert op.before == Seen(found[op.element].state, found[op.element].text)


def test_without_a_snapshot_the_record_is_what_the_plan_holds():
    """What is to change, and what the rule relied on."""
    made = change(1, guards={"cmi.core.exit": Seen("absent")})
    found = [(e.name, e.state, e.text) for e in evidence(draft(made), None)(made)]
    assert [("cmi.core.entry", "value", "ab-inito"), ("cmi.core.exit", "absent", "")] == found


def test_another_snapshot_is_refused(planned, fetched):
    """Its values would not be those that the plan was made of."""
    with pytest.raises(PlanError, match="not the one that the plan was made of"):
        evidence(replace(planned, snapshot="other"), fetched)


def test_a_report_brings_its_snapshot(here, fetched):
    """And so does the folder of a snapshot."""
    report = audit(fetched)
    plan = propose(report)
    for given in (report, fetched, fetched.path, str(fetched.path)):
        sitting = review(plan, snapshot=given)._sitting
        name = next(iter(sitting._hashes))
        card = sitting.answer({"ask": "card", "name": name}).content["card"]
        assert len(card["record"]) > 30
    assert 1 == len(list(here.iterdir()))


def test_a_widget_brings_its_table(here):
    """For whoever opens the notebook without a kernel; as text it is one sentence."""
    Page(here).decide("approve", change(1).hash[:12])
    widget = review("plan.json")
    data, _ = widget._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "<strong>1 of 5 decided.</strong> The widget needs a running kernel" in data["text/html"]
    assert "scormaudit review plan.json" in data["text/html"]
    assert "<Review of 5 changes: 1 of 5 decided.>" == data["text/plain"]


def test_no_value_is_in_the_state_of_the_widget(here):
    """A notebook that is saved with its widgets holds no learner's text."""
    kept(here, change(1, labels={"learner": "Marker"}))
    widget = review("plan.json", reviewer="Marker", reason="Marker")
    state = str({k: v for k, v in widget.get_state().items() if k not in ("_esm", "_css")})
    assert {"Marker", "ab-inito"}.isdisjoint(state.split("'"))


def test_without_anywidget_it_is_a_table(here):
    """That says what to install, and the command that reviews elsewhere."""
    kept(here)
    code = """
        import sys
        sys.modules["anywidget"] = None
        from scormaudit.notebook import review
        shown = review("plan.json")
        assert "0 of 3 decided" in repr(shown)
        html = shown._repr_html_()
        assert "install scormaudit[notebook]" in html and "scormaudit review plan.json" in html
        assert html.count("ab-inito") == 3
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=False
    )
    assert (0, "") == (done.returncode, done.stderr)


def test_where_decisions_are_void_the_table_says_so(here):
    """In words, without a traceback."""
    Page(here).decide("approve", change(1).hash[:12])
    file = here / "plan.decisions.jsonl"
    file.write_text(file.read_text().replace("seen it", "seen at"))
    data, _ = review("plan.json")._repr_mimebundle_()
    assert "all approvals are void" in data["text/html"]
    assert "all approvals are void" in data["text/plain"]


def test_the_page_puts_text_in_as_text_alone():
    """No part of it writes markup or runs text, and it loads nothing."""
    script = review.__globals__["Path"](review.__code__.co_filename).parent / "page"
    words = ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "Function(",
             "http", "import ", "fetch(")  # fmt: skip
    for part in script.glob("*.js"):
        text = (
            part.read_text(encoding="utf-8").replace("this.fetch(", "").replace("  fetch() {", "")
        )
        assert [] == [word for word in words if word in text], part.name
