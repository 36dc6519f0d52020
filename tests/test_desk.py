"""At a real terminal a person decides key by key, and nothing decided is ever lost."""

import io
import json
import sys

import pytest
from changes import change
from drafts import draft, kept, location, op, time
from rich.console import Console

from scormaudit.cli.desk import HELP, KEYS, Desk, Hands
from scormaudit.errors import ApprovalError
from scormaudit.policy import account
from scormaudit.review import decide, decisions_file, read_decisions, verdicts

SAFETY, FIRE = {"course": "Safety"}, {"course": "Fire [/bold]"}
EVIL = "\x1b]0;owned\x07\x1b[2J\u202etxt\u2066\x00\u3164"
TERMINAL = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")


def eight():
    """Five misprints in two courses, two times, one change of judgement."""
    return (
        *(change(n, labels=FIRE if n == 5 else SAFETY) for n in range(1, 6)),
        *(change(n, time(f"0:0{n}:5", f"00:0{n}:05"), labels=SAFETY) for n in (6, 7)),
        change(8, op("resume", ""), labels=SAFETY, kind="judgement", risks=("It is risky.",)),
    )


def lines(folder):
    """What the decisions file says: meaning, how many changes, reviewer and reason a line."""
    content = (folder / "plan.decisions.jsonl").read_text(encoding="utf-8").splitlines()
    said = [json.loads(line)["decision"] for line in content]
    return [(d["meaning"], len(d["changes"]), d["reviewer"], d["reason"]) for d in said]


class Sitting:
    """A sitting without a terminal: keys and answers as prepared; `q` when they are used up."""

    def __init__(self, folder, plan, keys, *answers, reviewer="Ann", width=80):
        self._keys, self._answers = iter(keys), iter(answers)
        self.asked = []
        self.file = decisions_file(folder / "plan.json")
        made = Console(file=io.StringIO(), width=width, highlight=False, markup=False, emoji=False)
        hands = Hands(key=lambda: next(self._keys, "q"), line=self._answer)
        desk = Desk(plan, self.file, reviewer=reviewer, reason="checked", console=made, hands=hands)
        self.found = desk.sit()
        self.shown = made.file.getvalue()
        self.decided = [
            (d.meaning, [hash_[:6] for hash_ in d.changes]) for d in read_decisions(self.file)
        ]

    def _answer(self, question):
        self.asked.append(question)
        return next(self._answers)

    def cards(self):
        """The changes that were shown, by the beginning of their hash."""
        return [part[:6] for part in self.shown.split("\nchange ")[1:]]


def name(change):
    """A change by the beginning of its hash."""
    return change.hash[:6]


@TERMINAL
def test_a_review_at_a_terminal(tmp_path):
    """Who types through a plan finds each decision in the file, with name and reason once given."""
    from typist import Terminal

    plan = kept(tmp_path, *eight())
    with Terminal("review", "plan.json", cwd=tmp_path) as at:
        at.line("Your name", "Ann")
        at.line("Reason", "checked")
        assert "0 of 8 decided" in at.until("undo")
        at.key("r")
        at.until("1 of 8 decided")
        at.key("n")
        at.until("1 of 8 decided · 1 not now")
        at.key("A")
        at.line("type 1", "1")
        at.until("2 of 8 decided")
        at.key("A")
        at.line("type 5", "4")
        at.until("nothing was decided")
        at.key("f")
        at.line("Filter by", "course")
        at.line("Which course", "Fire")
        at.until("only course Fire [/bold]")
        at.key("A")
        at.line("type 1", "1")
        at.until("nothing is left open here")
        at.key("c")
        at.until("3 of 8 decided")
        at.key("A")
        at.line("type 4", "4")
        at.until("7 of 8 decided; nothing is left open here")
        at.key("q")
        assert 0 == at.end()
        assert [] == [line for line in at.text.splitlines() if len(line) > 80]
        assert "scormaudit apply plan.json" in at.text
    assert [
        ("reject", 1, "Ann", "checked"), ("defer", 1, "Ann", "checked"),
        ("approve", 1, "Ann", "checked"), ("approve", 1, "Ann", "checked"),
        ("approve", 4, "Ann", "checked"),
    ] == lines(tmp_path)  # fmt: skip
    found = verdicts(plan, read_decisions(decisions_file(tmp_path / "plan.json")))
    assert ["approved"] * 5 == [found[change.hash].word for change in plan.proposed[:5]]
    assert "rejected" == found[plan.proposed[7].hash].word


@TERMINAL
def test_a_killed_terminal_loses_nothing(tmp_path):
    """After a SIGKILL every decision that was shown is there, and the next sitting goes on."""
    from typist import Terminal

    kept(tmp_path, *eight())
    facts = ("--reviewer", "Ann", "--reason", "checked")
    with Terminal("review", "plan.json", *facts, cwd=tmp_path) as at:
        at.key("a")
        at.until("approved")
        at.key("r")
        at.until("rejected")
        at.kill()
    assert ["approve", "reject"] == [line[0] for line in lines(tmp_path)]
    with Terminal("review", "plan.json", *facts, cwd=tmp_path) as at:
        at.until("2 of 8 decided")
        at.key("a")
        at.until("3 of 8 decided")
        at.key("\x03")
        assert 0 == at.end()
        assert "Traceback" not in at.text
    assert ["approve", "reject", "approve"] == [line[0] for line in lines(tmp_path)]


@TERMINAL
@pytest.mark.parametrize("answered", [0, 1])
def test_nobody_is_at_the_terminal(tmp_path, answered):
    """Whoever leaves at the name or the reason is told that nothing was decided; exit code 2."""
    from typist import Terminal

    kept(tmp_path, *eight())
    with Terminal("review", "plan.json", cwd=tmp_path) as at:
        if answered:
            at.line("Your name", "Ann")
        at.end_of_file("Reason" if answered else "Your name")
        assert 2 == at.end()
        assert "needs a reviewer and a reason; nothing was decided." in at.text
        assert "Aborted" not in at.text
    assert not (tmp_path / "plan.decisions.jsonl").exists()


@TERMINAL
def test_no_colour_is_needed(tmp_path):
    """With NO_COLOR nothing is coloured, and what differs is still marked."""
    from typist import Terminal

    kept(tmp_path, change(1, time(f"0:01:5{EVIL}", "00:01:05"), labels={"learner": EVIL}))
    facts = ("--reviewer", "Ann", "--reason", "checked")
    with Terminal("review", "plan.json", *facts, cwd=tmp_path, NO_COLOR="1") as at:
        at.key("q")
        assert 0 == at.end()
        codes = {part.partition("m")[0] for part in at.shown.split("\x1b[")[1:]}
        assert codes <= {"0", "1", "2", "1;7"}
        assert "\\x1b]0;owned\\x07\\x1b[2J\\u202etxt\\u2066\\x00\\u3164" in at.text.replace(
            "\n", ""
        )
        assert "^^^" in at.text
        assert not set(EVIL) - {"\x1b"} - set("]0;owned[2Jtxt") & set(at.shown)


@TERMINAL
def test_a_list_is_asked_for(tmp_path):
    """At a terminal `--list` prints all changes and asks nothing."""
    from typist import Terminal

    kept(tmp_path, *eight())
    with Terminal("review", "plan.json", "--list", cwd=tmp_path) as at:
        assert 0 == at.end()
        listed = at.text.split("next:")[0].splitlines()
        assert [] == [line for line in listed if len(line) > 80]
        assert "0 of 8 decided: 8 open." in at.text
        assert KEYS not in at.text


def test_the_unusual_comes_first(tmp_path):
    """What cannot be undone, risks, judgement and what is rare come before the many alike."""
    many = [change(n) for n in range(1, 41)]
    rare = change(41, op("ab-inito", "resume"))
    lossy = change(42, op("resume", "", undo="lossy"))
    hidden = change(43, op("ab\u200b-initio", "ab-initio"))
    judged = change(44, op("resume", "ab-initio"), kind="judgement")
    risky = change(45, op("", "resume"), kind="judgement", risks=("It is risky.",))
    final = change(46, op(None, "resume"))
    plan = draft(*many, rare, lossy, hidden, judged, risky, final)
    sat = Sitting(tmp_path, plan, "n" * 6)
    wanted = [final, risky, judged, hidden, lossy, rare, many[0]]
    assert [name(change) for change in wanted] == sat.cards()
    assert "unusual  undo impossible, rare" in sat.shown


def test_each_key_is_a_decision(tmp_path):
    """A approves, r rejects, n defers, each about the change that is shown."""
    plan = draft()
    sat = Sitting(tmp_path, plan, "arn")
    hashes = [name(change) for change in plan.proposed]
    meanings = ["approve", "reject", "defer"]
    assert [(m, [h]) for m, h in zip(meanings, hashes, strict=True)] == sat.decided


@pytest.mark.parametrize("keys", [["z", "é", "aa", "\x1b", "\x1b[A", "ar", "\r", "1"], []])
def test_no_other_key_decides(tmp_path, keys):
    """An unknown key, or several at once, decides nothing."""
    sat = Sitting(tmp_path, draft(), keys)
    assert [] == sat.decided
    assert len(keys) == sat.shown.count("is no key here")


def test_what_was_decided_may_be_decided_anew(tmp_path):
    """B goes back to a change, and the last word on it counts."""
    plan = draft()
    sat = Sitting(tmp_path, plan, "abr")
    assert ["approve", "reject"] == [meaning for meaning, _ in sat.decided]
    assert [sat.decided[0][1]] * 2 == [names for _, names in sat.decided]
    assert "rejected by Ann" == str(sat.found[plan.proposed[0].hash])


def test_the_arrows_go_around(tmp_path):
    """Left and right, b and space go around all changes, and decide nothing."""
    plan = draft()
    sat = Sitting(tmp_path, plan, [" ", "\x1b[C", " ", "b", "\x1b[D"])
    one, two, three = (name(change) for change in plan.proposed)
    assert [one, two, three, one, three, two] == sat.cards()
    assert [] == sat.decided


def test_not_now_is_asked_again_next_time(tmp_path):
    """What was deferred is passed over in this sitting and shown first in the next."""
    plan = draft()
    Sitting(tmp_path, plan, "naa")
    again = Sitting(tmp_path, plan, "a")
    assert name(plan.proposed[0]) == again.cards()[0]
    assert ["approved"] * 3 == [verdict.word for verdict in again.found.values()]


@pytest.mark.parametrize("typed", ["", "4", "05", "5.0", "all", "y", "٥"])
def test_all_alike_needs_the_number(tmp_path, typed):
    """Anything but the exact number approves nothing."""
    sat = Sitting(tmp_path, draft(*eight()), ["n", *"nn", "A"], typed)
    assert ["defer"] * 3 == [meaning for meaning, _ in sat.decided]
    assert "so nothing was decided" in sat.shown


def test_all_alike_takes_only_what_is_open(tmp_path):
    """A leaves alone what the reviewer decided or deferred and what another rejected."""
    plan = draft(*map(change, range(1, 7)))
    file = decisions_file(tmp_path / "plan.json")
    other = {"reviewer": "Bob", "reason": "no", "expect": 1}
    decide(plan, file, plan.proposed[5:], meaning="reject", **other)
    sat = Sitting(tmp_path, plan, "rnaA", "2")
    assert ("approve", [name(change) for change in plan.proposed[3:5]]) == sat.decided[-1]
    assert "4 more of the facet stay as they are" in sat.shown
    assert "rejected by Bob" == str(sat.found[plan.proposed[5].hash])


def test_all_alike_are_alike(tmp_path):
    """A takes no change of another rule, field, class, risk, undo or pattern."""
    odd = [
        change(10, rules=("VO101", "VO102")),
        change(11, kind="judgement"),
        change(12, risks=("It is risky.",)),
        change(13, op("ab-inito", "ab-initio", undo="lossy")),
        change(14, op("ab-inito", "resume")),
        change(15, op("ab-Inito", "ab-initio")),
        change(16, op("ab-inito", "ab-initio"), time("0:1:1", "00:01:01")),
        change(17, op("", "ab-initio")),
        change(18, op(None, "ab-initio")),
    ]
    plan = draft(change(1), change(2), *odd)
    sat = Sitting(tmp_path, plan, [*" " * 9, "A"], "2")
    assert [("approve", [name(change) for change in plan.proposed[:2]])] == sat.decided


def test_all_alike_shows_the_rare_pairs(tmp_path):
    """Before many are approved at once, their old and new values are shown, the rare ones first."""
    many = [change(n, location("page 1", "page_1")) for n in range(1, 10)]
    other = [change(n + 20, location(f"page {n}", f"page_{n}")) for n in range(2, 10)]
    sat = Sitting(tmp_path, draft(*many, *other), "A", "no")
    assert sat.shown.index("'page 2' → 'page_2'") < sat.shown.index("and 1 more pair in 9 changes")


def test_a_filter_limits_what_a_key_can_reach(tmp_path):
    """Filters add up, show only what fits, and are cleared by c."""
    plan = draft(*eight())
    sat = Sitting(
        tmp_path, plan, ["f", "f", "A", "c"], "course", "Safety", "old → new", "inito", "4"
    )
    fitting = [name(change) for change in plan.proposed[:4]]
    assert [("approve", fitting)] == sat.decided
    assert "only course Safety\nonly old → new entry 'ab-inito'" in sat.shown
    assert fitting[0] in sat.cards()


@pytest.mark.parametrize("answers", [("",), ("9",), ("none",), ("course", "e"), ("course", "")])
def test_a_filter_that_fits_nothing_changes_nothing(tmp_path, answers):
    """No answer, or one that fits none or many, leaves the filter as it was."""
    sat = Sitting(tmp_path, draft(*eight()), ["f", " "], *answers)
    assert "only" not in sat.shown.replace("only by", "")
    assert "the filter is as it was" in sat.shown


def test_a_facet_that_divides_nothing_is_no_filter(tmp_path):
    """Only what tells changes apart can be filtered by, and many values are found by a part."""
    plan = draft(*(change(n, labels={"learner": f"L{n:02}", "course": "C"}) for n in range(1, 31)))
    sat = Sitting(tmp_path, plan, ["f"], "learner", "L27")
    assert "course" not in sat.shown.split("Filter by")[0].split("q quit")[-1]
    assert "and 10 more" in sat.shown
    assert name(plan.proposed[26]) == sat.cards()[-1]


def test_another_reviewers_words_are_seen(tmp_path):
    """The second reviewer sees who approved and why, and what is still missing."""
    plan = draft(change(1), approvals="2")
    Sitting(tmp_path, plan, "a")
    sat = Sitting(tmp_path, plan, "a", reviewer="Bob")
    assert "Ann approves" in sat.shown
    assert "1 of 2 approvals, 2 reviewers must approve" in sat.shown
    assert "0 of 1 decided" in sat.shown
    assert "1 of 1 decided; nothing is left open here" in sat.shown
    assert "approved" == str(sat.found[plan.proposed[0].hash])


def test_the_planner_may_only_object(tmp_path):
    """Under four eyes the planner is told, may reject and defer, and approves nothing."""
    plan = draft(four_eyes="yes", planner=account())
    sat = Sitting(tmp_path, plan, "aAr", "3")
    assert ["reject"] == [meaning for meaning, _ in sat.decided]
    assert 3 == sat.shown.count("The plan wants four eyes")


def test_another_reason_from_now_on(tmp_path):
    """W asks for another reason, which later decisions carry; no answer keeps the old one."""
    Sitting(tmp_path, draft(), "awawa", "looks odd", "")
    assert ["checked", "looks odd", "looks odd"] == [line[3] for line in lines(tmp_path)]


def test_a_changed_file_ends_the_review(tmp_path):
    """If the decisions are tampered with, the next decision is refused and says so."""
    plan = draft()
    Sitting(tmp_path, plan, "a")
    file = decisions_file(tmp_path / "plan.json")
    file.write_bytes(file.read_bytes().replace(b"approve", b"approvf"))
    with pytest.raises(ApprovalError, match="Line 1 was changed"):
        Sitting(tmp_path, plan, "a")


def test_a_torn_file_is_told(tmp_path):
    """A torn last line is told before the first change."""
    plan = draft()
    Sitting(tmp_path, plan, "aa")
    file = decisions_file(tmp_path / "plan.json")
    file.write_bytes(file.read_bytes()[:-9])
    sat = Sitting(tmp_path, plan, "")
    assert "was torn" in sat.shown.split("rules")[0]
    assert "1 of 3 decided" in sat.shown


def test_long_values_are_cut_visibly(tmp_path):
    """A long value shows what differs, its length and digest; v shows all of it."""
    old, new = f"{'a' * 2000}X{'b' * 3000}", f"{'a' * 2000}Y{'b' * 3000}"
    sat = Sitting(tmp_path, draft(change(1, location(old, new))), "v")
    card, full = sat.shown.split(KEYS)[:2]
    assert "aXb" in card
    assert "5,001 characters, SHA-256 " in card
    assert "differs at 2,001" in card
    assert "a" * 100 not in card
    assert old in full.replace("\n", "")


def test_values_are_no_markup(tmp_path):
    """Brackets and colons of a learner are shown as they are."""
    text = "[/bold] [red]x[/red] :smile: [link=a]"
    sat = Sitting(
        tmp_path, draft(change(1, location(text, "x"), labels={"of [/b]": text})), "Av", ""
    )
    assert 3 == " ".join(sat.shown.split()).count(text)


@pytest.mark.parametrize("width", [40, 60, 80])
def test_the_desk_fits_its_terminal(tmp_path, width):
    """No line is wider than the terminal, and the help names every key."""
    long = change(9, location("é" * 300, "漢字" * 200), labels={"course": "C" * 200})
    sat = Sitting(tmp_path, draft(*eight(), long), "?ov", width=width)
    assert [] == [line for line in sat.shown.splitlines() if len(line) > width]
    assert HELP.split()[0] in sat.shown


def test_every_key_has_its_help():
    """Each key of the desk stands in the help."""
    words = HELP.replace("\n", "  ").split("  ")
    assert set("aArnbfcovwq") | {"space"} <= set(map(str.strip, words))
    assert max(map(len, [KEYS, *HELP.splitlines()])) <= 80
