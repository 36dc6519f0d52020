"""In JupyterLab a person reviews a plan by keys and clicks, and what was typed is what is kept."""

import nbformat
import pytest
from changes import change
from drafts import kept as filed
from drafts import op
from opened import kept

from scormaudit import read_plan
from scormaudit.plan import Seen
from scormaudit.review import decide, decisions_file

PRACTICE = """
from scormaudit import Client, audit, fetch, propose
from scormaudit.notebook import review
client = Client.sandbox()
snapshot = fetch(client, client.worklist, "snapshot")
plan = propose(audit(snapshot), include=["judgement"])
review(plan, path="plan.json", snapshot=snapshot)
"""
REVIEW = "from scormaudit.notebook import review\nreview('plan.json')"
EVIL = (
    "<img src=x onerror=\"window.owned=1;alert('x')\"><script>window.owned=1</script>"
    "</textarea>${window.owned=1}\u202etxt\x00"
)
MANY = 5000


def ten(folder):
    """Nine misprints and one change of judgement, in `plan.json`."""
    judged = change(10, op("resume", ""), kind="judgement", risks=("It is risky.",))
    return filed(folder, *map(change, range(1, 10)), judged)


def decided(folder):
    """What the decisions beside `plan.json` say."""
    return kept(folder / "plan.decisions.jsonl")


def test_what_was_typed_is_what_is_kept(run, folder):
    """From a practice LMS to decisions: one by one, a new reason, a filter, all that it leaves."""
    desk = run(PRACTICE)
    desk.current.wait_for()
    total = len(read_plan(folder / "plan.json"))
    desk.told(f"0 of {total} decided")
    desk.introduce("Ann", "seen it")
    typed = []
    for key, meaning in {"a": "approve", "r": "reject", "n": "defer"}.items():
        typed.append((meaning, [desk.at()], "Ann", "seen it"))
        desk.type(key)
    desk.type("j", "j", "k", "w")
    desk.page.keyboard.type("misprints\n")
    desk.type("/")
    desk.page.keyboard.type("vo102 entry\n")
    listed = desk.names()
    desk.type("Shift+A")
    desk.page.keyboard.type(f"{len(listed)}\n")
    desk.told(f"{2 + len(listed)} of {total} decided")
    assert len(listed) > 1
    assert [*typed, ("approve", listed, "Ann", "misprints")] == decided(folder)
    assert 1 == desk.page.locator(".jp-Cell").count()
    assert [] == desk.faults


def test_the_whole_record_stands_beside_a_change(run):
    """With a snapshot every element is shown; what changes and what the rule relied on is said."""
    desk = run(PRACTICE)
    desk.rows.first.click()
    record = desk.widget.get_by_role("table", name="The record")
    record.wait_for()
    assert record.get_by_role("row").count() > 30
    changed = record.get_by_role("row").filter(has_text="changes")
    assert ["cmi.core.score.raw"] == changed.get_by_role("rowheader").all_inner_texts()
    assert "cmi.core.student_name" in record.inner_text()


def test_clicks_do_what_keys_do(run, folder):
    """A rule lists only its changes; the last word on a change counts."""
    ten(folder)
    desk = run(REVIEW)
    desk.introduce("Ann", "seen it")
    rules = desk.widget.get_by_role("group", name="Rules").get_by_role("button")
    numbers = desk.widget.locator(".number").all_inner_texts()
    assert ["0/10", "0/1", "0/9"] == numbers
    rules.nth(1).click()
    [judged] = desk.names()
    for button in ("Approve a", "Reject r"):
        desk.widget.get_by_role("button", name=button, exact=True).click()
    desk.widget.get_by_text("rejected by Ann").first.wait_for()
    rules.nth(0).click()
    desk.field("Show").select_option("open")
    assert judged not in desk.names()
    desk.told("1 of 10 decided")
    assert [("approve", [judged]), ("reject", [judged])] == [d[:2] for d in decided(folder)]


def test_a_wrong_count_decides_nothing(run, folder):
    """Only the number of open changes in the list approves them; decided ones are not counted."""
    ten(folder)
    desk = run(REVIEW)
    desk.introduce("Ann", "seen it")
    desk.type("r", "n")
    desk.told("1 of 10 decided")
    desk.widget.get_by_text("1 not now").wait_for()
    desk.type("Shift+A")
    desk.page.keyboard.type("9\n")
    desk.alarmed("“9” is not 8, so nothing was decided.")
    desk.told("1 of 10 decided")
    assert ["reject", "defer"] == [meaning for meaning, *_ in decided(folder)]


def test_nobody_decides_without_name_and_reason(run, folder):
    """Each is asked for once, where it is typed."""
    ten(folder)
    desk = run(REVIEW)
    desk.rows.first.click()
    desk.type("a")
    desk.alarmed("Who are you?")
    desk.page.keyboard.type("Ann\nseen it\n")
    desk.type("a", "a")
    desk.told("2 of 10 decided")
    assert [("Ann", "seen it")] * 2 == [d[2:] for d in decided(folder)]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(lab, run, theme):
    """At first, with an alert, with decisions of each kind, the keys and the count asked for."""
    lab.theme(theme)
    desk = run(PRACTICE)
    desk.widget.get_by_role("table", name="The record").wait_for()
    found = {"at first": violations(desk)}
    desk.rows.first.click()
    desk.type("a")
    desk.alarmed("Who are you?")
    found["an alert"] = violations(desk)
    desk.introduce("Ann", "seen it")
    desk.type("a", "r", "n")
    desk.widget.get_by_text("1 not now").wait_for()
    found["decided"] = violations(desk)
    for panel, key in {"Keys": "?", "Approve all listed": "Shift+A"}.items():
        desk.type(key)
        desk.widget.get_by_role("group", name=panel, exact=True).wait_for()
        found[panel] = violations(desk)
        desk.type("Escape")
    assert {state: [] for state in found} == found


def violations(desk):
    """What axe-core finds within the widget."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(desk.page, ".scormaudit-review").response
    assert found["passes"]
    return [(rule["id"], node["html"]) for rule in found["violations"] for node in rule["nodes"]]


def test_a_page_closed_in_the_middle_loses_nothing(run, folder):
    """What was counted is in the file, and a page opened later goes on from there."""
    ten(folder)
    desk = run(REVIEW)
    desk.introduce("Ann", "seen it")
    desk.type("a", "r")
    desk.told("2 of 10 decided")
    before = decided(folder)
    desk.page.close()
    assert ["approve", "reject"] == [meaning for meaning, *_ in before]
    again = run()
    again.told("2 of 10 decided")
    assert before[0][1][0] != again.at()
    assert "seen it" == again.field("Reason").input_value()
    again.rows.last.click()
    again.type("n")
    again.widget.get_by_text("1 not now").wait_for()
    assert before == decided(folder)[:2]
    assert 3 == len(decided(folder))


def test_hostile_text_is_shown_as_text(run, folder):
    """Values, labels, ids and reasons: nothing runs, nothing loads, nothing turns the line."""
    hostile = change(
        1, op(EVIL * 60, "", "lesson_location", "cmi.core.lesson_location"), sco_id=EVIL,
        labels={"learner": EVIL, EVIL: "x"}, reasons=(EVIL,), risks=(EVIL,),
        guards={"cmi.suspend_data": Seen("value", EVIL)},
    )  # fmt: skip
    plan = filed(folder, hostile)
    file = decisions_file(folder / "plan.json")
    decide(plan, file, plan.proposed, meaning="defer", reviewer=EVIL, reason=EVIL, expect=1)
    desk = run(REVIEW)
    desk.widget.get_by_role("table", name="The record").wait_for()
    text = desk.widget.inner_text()
    assert text.count("<img src=x onerror") > 5
    assert "\\u202e" in text
    assert "\u202e" not in text
    assert 0 == desk.widget.locator("img, script, textarea, iframe, a").count()
    desk.rows.first.click()
    desk.type("v")
    whole = desk.widget.get_by_role("region", name="lesson_location, old and new")
    whole.filter(has_text="txt\\x00'").wait_for()
    assert whole.evaluate("node => node.scrollHeight > node.clientHeight")
    assert desk.page.evaluate("window.owned === undefined")
    assert [] == violations(desk)
    assert ([], []) == (desk.dialogs, desk.faults)


def test_five_thousand_changes_stay_smooth(run, folder):
    """A few rows are in the page wherever one is; the last is reached, decided and found."""
    filed(folder, *(change(n, labels={"learner": f"Learner {n}"}) for n in range(MANY)))
    desk = run(REVIEW)
    desk.told(f"0 of {MANY} decided")
    seen = [desk.rows.count()]
    assert seen[0] <= 20
    desk.introduce("Ann", "seen it")
    desk.type(*["j"] * 40, *["PageDown"] * 5)
    seen.append(desk.rows.count())
    desk.type("End")
    desk.rows.filter(has_text="Learner 4999 ").wait_for()
    seen.append(desk.rows.count())
    assert str(MANY) == desk.current.get_attribute("aria-posinset")
    desk.type("r")
    desk.told(f"1 of {MANY} decided")
    desk.widget.get_by_role("listbox").evaluate(
        "list => { list.scrollTop = list.scrollHeight / 2 }"
    )
    desk.rows.filter(has_text="Learner 2500 ").wait_for()
    seen.append(desk.rows.count())
    assert max(seen) <= 20
    desk.type("/")
    desk.page.keyboard.type("learner 4999\n")
    assert 1 == desk.rows.count()
    assert [("reject", desk.names())] == [d[:2] for d in decided(folder)]
    desk.field("Filter").fill("")
    desk.field("Filter").press("Enter")
    desk.type("Shift+A")
    desk.page.keyboard.type(f"{MANY - 1}\n")
    desk.told(f"{MANY} of {MANY} decided")
    assert [1, MANY - 1] == [len(names) for _, names, *_ in decided(folder)]


def test_decisions_that_were_changed_are_told_in_words(run, folder):
    """The page says that all approvals are void, and decides nothing more."""
    ten(folder)
    desk = run(REVIEW)
    desk.introduce("Ann", "seen it")
    desk.type("a")
    desk.told("1 of 10 decided")
    file = folder / "plan.decisions.jsonl"
    file.write_text(file.read_text().replace("seen it", "SEEN it"))
    at = desk.at()
    desk.type("a")
    desk.alarmed("Line 1 was changed after it was written, so all approvals are void.")
    assert at == desk.at()
    desk.told("1 of 10 decided")
    assert 1 == len(decided(folder))


def test_a_kernel_that_is_gone_is_told(run, folder):
    """What it did not keep is not counted, and its row says so."""
    ten(folder)
    desk = run(REVIEW)
    desk.introduce("Ann", "seen it")
    desk.type("a")
    desk.told("1 of 10 decided")
    desk.stop()
    desk.type("a")
    desk.alarmed("The kernel does not answer")
    desk.rows.filter(has_text="…").wait_for()
    desk.told("1 of 10 decided")
    assert 1 == len(decided(folder))


def test_a_busy_kernel_is_told(run, folder):
    """And no longer, once it has answered."""
    ten(folder)
    desk = run(REVIEW, "input()")
    desk.alarmed("The kernel does not answer")
    desk.page.locator(".jp-Stdin-input").press("Enter")
    desk.told("0 of 10 decided")
    desk.widget.get_by_role("alert").wait_for(state="hidden")


def test_what_others_decided_meanwhile_is_shown(run, folder):
    """A decision from a terminal is in the list as soon as the next one is kept here."""
    plan = ten(folder)
    desk = run(REVIEW)
    desk.introduce("Ann", "seen it")
    desk.type("a")
    desk.told("1 of 10 decided")
    file = decisions_file(folder / "plan.json")
    others = [change for change in plan.proposed if change.hash[:12] != desk.at()][:3]
    others = [change for change in others if change.hash[:12] not in decided(folder)[0][1]]
    decide(plan, file, others, reviewer="Ben", reason="checked", expect=len(others))
    desk.type("r")
    desk.told(f"{2 + len(others)} of 10 decided")


def test_a_saved_notebook_shows_a_table(run, folder):
    """Whoever opens it without a kernel sees the plan and the command to review it."""
    ten(folder)
    desk = run(REVIEW)
    desk.told("0 of 10 decided")
    desk.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    [cell] = nbformat.read(folder / "review.ipynb", as_version=4).cells
    shown = cell.outputs[0].data
    assert "application/vnd.jupyter.widget-view+json" in shown
    assert "0 of 10 decided.</strong> The widget needs a running kernel" in shown["text/html"]
    assert "<Review of 10 changes: 0 of 10 decided.>" == shown["text/plain"]
