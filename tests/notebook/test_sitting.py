"""What the kernel answers a page: every decision on the disk first, every error in words."""

import json

import pytest
from changes import change
from drafts import location, op
from opened import kept
from sittings import FIVE, ODD, Page

from scormaudit.notebook.sitting import Sitting
from scormaudit.policy import account
from scormaudit.review import decide, decisions_file, read_decisions

EVIL = "\u202e<b>\x00\\"


@pytest.fixture(autouse=True)
def forgotten(monkeypatch):
    """No sitting remembers a person from another test."""
    monkeypatch.setattr(Sitting, "_remembered", {})


def test_the_unusual_is_listed_first(tmp_path):
    """Every change is there once, the change of judgement before the misprints."""
    page = Page(tmp_path)
    names = page.names()
    assert ODD.hash[:12] == names[0]
    assert sorted(change.hash[:12] for change in FIVE) == sorted(names)
    facets = page.listed()["facets"]
    assert ["risk", "judgement", "rare"][:2] == facets[0]["unusual"][:2]


@pytest.mark.parametrize("meaning", ["approve", "reject", "defer"])
def test_a_decision_is_in_the_file_when_it_is_told(tmp_path, meaning):
    """With the reviewer, the reason and the very changes."""
    page = Page(tmp_path)
    names = page.names()[1:3]
    told = page.decide(meaning, *names)
    assert ("kept", "t", set(names)) == (told["tell"], told["ticket"], set(told["states"]))
    assert [(meaning, names, "Ann", "seen it")] == kept(tmp_path / "plan.decisions.jsonl")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"expect": 2}, "1 changes match, 2 were expected"),
        ({"reviewer": " "}, "needs a reviewer and a reason"),
        ({"reason": ""}, "needs a reviewer and a reason"),
        ({"meaning": "destroy"}, "That is no decision"),
        ({"names": ["0" * 12]}, "A change is not in this plan"),
    ],
)
def test_what_cannot_be_decided_is_told_and_not_kept(tmp_path, more, words):
    """A wrong count, nobody, no reason, another word, another plan's change."""
    page = Page(tmp_path)
    facts = {"meaning": "approve", "names": page.names()[:1], "expect": 1, "reviewer": "Ann",
             "reason": "x"} | more  # fmt: skip
    told = page.ask("decide", **facts)
    assert ("error", "t") == (told["tell"], told["ticket"])
    assert words in told["words"]
    assert () == read_decisions(tmp_path / "plan.decisions.jsonl")


def test_an_approval_that_would_not_count_is_not_written(tmp_path):
    """Where the plan wants four eyes, its planner is told so before and after the key."""
    page = Page(tmp_path, planner="Ann", four_eyes="yes")
    assert "four eyes" in page.ask("list")["warning"]
    assert "nothing was decided" in page.decide("approve", page.names()[0])["words"]
    assert () == read_decisions(tmp_path / "plan.decisions.jsonl")
    assert "kept" == page.decide("reject", page.names()[0])["tell"]


def test_the_states_are_those_of_the_command_line(tmp_path):
    """What others decided before, and meanwhile, is told; what is open is left out."""
    page = Page(tmp_path)
    file = decisions_file(tmp_path / "plan.json")
    decide(page.plan, file, FIVE[:1], meaning="reject", reviewer="Ben", reason="no", expect=1)
    first = FIVE[0].hash[:12]
    assert {first: ["rejected", "rejected by Ben", True]} == page.ask("list")["states"]
    decide(page.plan, file, FIVE[1:2], reviewer="Ben", reason="yes", expect=1)
    told = page.decide("defer", FIVE[2].hash[:12])
    assert {change.hash[:12] for change in FIVE[:3]} == set(told["states"])
    assert told["whole"]


def test_decided_is_what_does_not_wait_for_this_reviewer(tmp_path):
    """Half an approval counts for who gave it, not for the second reviewer."""
    page = Page(tmp_path, approvals="2")
    name = page.names()[0]
    assert [["short", "1 of 2 approvals", True]] == list(
        page.decide("approve", name)["states"].values()
    )
    told = page.ask("who", reviewer="Ben", reason="second")
    assert [["short", "1 of 2 approvals", False]] == list(told["states"].values())
    assert [["approved", "approved", True]] == list(
        page.decide("approve", name, reviewer="Ben")["states"].values()
    )


def test_decisions_that_were_changed_are_told(tmp_path):
    """The list is still shown, and nothing more is decided."""
    page = Page(tmp_path)
    page.decide("approve", page.names()[0])
    file = tmp_path / "plan.decisions.jsonl"
    file.write_text(file.read_text().replace("seen it", "seen at"))
    told = page.ask("list")
    assert "all approvals are void" in told["trouble"]
    assert "all approvals are void" in page.decide("approve", page.names()[1])["words"]
    assert 1 == len(file.read_text().splitlines())


def test_a_torn_line_is_told(tmp_path):
    """As the command line tells it."""
    page = Page(tmp_path)
    page.decide("approve", page.names()[0])
    file = tmp_path / "plan.decisions.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:40])
    assert "was torn (40 bytes" in page.ask("list")["trouble"]


def test_who_and_why_are_remembered(tmp_path):
    """A second widget of the same kernel does not ask again."""
    page = Page(tmp_path, reviewer="", reason="")
    page.decide("approve", page.names()[0], reviewer="Ann", reason="seen it")
    (tmp_path / "other").mkdir()
    told = Page(tmp_path / "other", reviewer="", reason="").ask("list")
    assert ("Ann", "seen it") == (told["reviewer"], told["reason"])


def test_hostile_text_leaves_as_codes(tmp_path):
    """In the list and on the card: labels, ids, values, reasons, other reviewers."""
    odd = change(
        1, location(EVIL, ""), sco_id=EVIL, labels={EVIL: EVIL}, reasons=(EVIL,), risks=(EVIL,)
    )
    page = Page(tmp_path, odd)
    facts = {"meaning": "reject", "reviewer": EVIL, "reason": EVIL, "expect": 1}
    decide(page.plan, page.sitting.file, [odd], **facts)
    told = [page.listed(), page.ask("card", name=page.names()[0]), page.ask("list")]
    text = json.dumps(told, ensure_ascii=False)
    assert "\u202e" not in text
    assert "\\u0000" not in text
    assert text.count(r"\\u202e<b>\\x00\\\\") > 8


def test_a_long_value_is_cut_around_its_difference(tmp_path):
    """Its length, digest and first difference are told; `full` cuts nothing."""
    old, new = "x" * 3000 + "a" + "y" * 2000, "x" * 3000 + "b" + "y" * 2000
    page = Page(tmp_path, change(1, location(old, new)))
    [[_, _, _, [[_, before, _]]]] = page.listed()["lines"]
    assert ["…" + "x" * 24, "a", "y" * 24 + "…"] == before
    [edit] = page.ask("card", name=page.names()[0])["card"]["edits"]
    assert any(
        "old: 5,001 characters" in note and "from 3,001 on" in note for note in edit["notes"]
    )
    [edit] = page.ask("card", name=page.names()[0], full=True)["card"]["edits"]
    assert [old, new] == ["".join(parts) for parts in edit["values"]]


def test_absent_and_empty_are_told_apart(tmp_path):
    """Absent is no text at all, empty is a text of no length."""
    page = Page(tmp_path, change(1, op(None, "resume")), change(2, op("", "resume")))
    before = {whose: edits[0][1] for _, _, whose, edits in page.listed()["lines"]}
    assert {"Learner 1 · sco": None, "Learner 2 · sco": ["", "", ""]} == before


def test_five_thousand_changes_are_sent_once_and_small(tmp_path):
    """The list is one message below what a notebook server lets pass in a second."""
    labels = [{"learner": f"Learner {n}", "course": f"Course {n % 7}"} for n in range(5000)]
    page = Page(tmp_path, *(change(n, labels=text) for n, text in enumerate(labels)))
    answer = page.sitting.answer({"ask": "list"})
    assert sum(map(len, answer.buffers)) < 200_000
    assert len(json.dumps(answer.content)) < 2_000


def test_the_account_is_kept_with_a_decision(tmp_path):
    """As the command line keeps it."""
    page = Page(tmp_path)
    page.decide("approve", page.names()[0])
    assert [account()] == [d.account for d in read_decisions(page.sitting.file)]
