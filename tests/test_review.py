"""An approval is of changes, by a person, for a while; nothing else counts."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from changes import change
from drafts import draft, kept, op

from scormaudit import decisions
from scormaudit.errors import ApprovalError, CountError, PlanError
from scormaudit.review import (
    approved,
    decide,
    decisions_file,
    person,
    read_decisions,
    read_ledger,
    verdicts,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ANN = {"reviewer": "Ann", "reason": "checked", "now": NOW}
BOB = ANN | {"reviewer": "Bob"}
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX")


@pytest.fixture(scope="module")
def plan():
    """A plan of three changes."""
    return draft()


@pytest.fixture
def file(tmp_path):
    """Where decisions go."""
    return decisions_file(tmp_path / "plan.json")


def said(plan, file, who, meaning="approve", numbers=(0, 1, 2), **more):
    """Someone decides about some changes."""
    chosen = [plan.proposed[number] for number in numbers]
    facts = ANN | {"reviewer": who} | more
    return decide(plan, file, chosen, meaning=meaning, expect=len(chosen), **facts)


def words(plan, file):
    """Each change's verdict in a word or some."""
    return [str(verdict) for verdict in verdicts(plan, read_decisions(file), NOW).values()]


def test_approved_in_plan_order(plan, file):
    """What is approved is what was chosen, in the order of the plan."""
    decide(plan, file, reversed(plan.proposed[1:]), expect=2, **ANN)
    assert plan.proposed[1:] == approved(plan, file, NOW)


def test_nothing_planned_is_nothing_approved(plan, file):
    """A plan without changes says so and asks nobody for anything."""
    with pytest.raises(ApprovalError) as caught:
        approved(replace(plan, proposed=()), file, NOW)
    assert "The plan holds no change. There is nothing to send." == str(caught.value)


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
    planned = plan.proposed[0]
    other = replace(planned, ops=(replace(planned.ops[0], after="resume"),))
    decide(plan, file, plan.proposed, expect=3, **ANN)
    with pytest.raises(ApprovalError):
        approved(replace(plan, proposed=(other,)), file, NOW)


def test_an_unchanged_change_keeps_its_approval(plan, file):
    """What was approved in one plan is approved in the next, if it is the same change."""
    said(plan, file, "Ann")
    later = replace(plan, snapshot="another", proposed=plan.proposed[1:])
    assert plan.hash != later.hash
    assert plan.proposed[1:] == approved(later, file, NOW)


def test_a_change_is_counted_once(plan, file):
    """A change that is given twice is one change, so that a count cannot hide another."""
    with pytest.raises(CountError, match="1 changes match"):
        decide(plan, file, plan.proposed[:1] * 2, expect=2, **ANN)


def test_two_approvals_are_by_two_people(file):
    """Where two must approve, one who approves twice under any spelling of a name is one."""
    plan = draft(approvals="2")
    for name in ("Ann", " ann ", "ANN", "Ａｎｎ", "An\u200bn"):
        said(plan, file, name)
    assert ["1 of 2 approvals"] * 3 == words(plan, file)
    with pytest.raises(ApprovalError, match=r"3 with 1 of 2 approvals.*Another reviewer"):
        approved(plan, file, NOW)
    said(plan, file, "Bob", numbers=[1])
    assert plan.proposed[1:2] == approved(plan, file, NOW)


def test_names_are_compared_without_dress():
    """Case, width, blanks and what cannot be seen make no other person; letters do."""
    assert "ann lee" == person("  Ann\u00a0 LEE\u200e ")
    assert person("Ann") != person("Anna")


def test_an_invisible_reviewer_is_nobody(plan, file):
    """A name of which nothing can be seen is no name."""
    with pytest.raises(PlanError, match="needs a reviewer"):
        said(plan, file, "\u200b")


def test_what_cannot_be_undone_needs_two(file):
    """A change with a field that cannot be put back needs two reviewers under any policy."""
    plan = draft(change(1), change(2, op(None, "resume")))
    said(plan, file, "Ann", numbers=[0, 1])
    assert ["approved", "1 of 2 approvals"] == words(plan, file)
    assert plan.proposed[:1] == approved(plan, file, NOW)
    said(plan, file, "Bob", numbers=[1])
    assert plan.proposed == approved(plan, file, NOW)


def test_a_rejection_stands_until_its_author_speaks(plan, file):
    """Nobody else's approval lifts a rejection; its author's approval or deferral does."""
    said(plan, file, "Bob", "reject")
    said(plan, file, "Ann")
    assert ["rejected by Bob"] * 3 == words(plan, file)
    with pytest.raises(ApprovalError, match=r"rejected by Bob.*until who gave it"):
        approved(plan, file, NOW)
    said(plan, file, "bob", "defer", [0])
    said(plan, file, "BOB", "approve", [1])
    assert plan.proposed[:2] == approved(plan, file, NOW)


def test_a_reviewers_name_moves_no_terminal(plan, file):
    """What is not printable in a name is a code in an error."""
    said(plan, file, "Bob\x1b[2J", "reject")
    with pytest.raises(ApprovalError, match=r"rejected by Bob\\x1b\[2J"):
        approved(plan, file, NOW)


def test_a_rejection_never_expires(plan, file):
    """An old rejection still stands against a fresh approval."""
    said(plan, file, "Bob", "reject", now=NOW - timedelta(days=365))
    said(plan, file, "Ann")
    assert ["rejected by Bob"] * 3 == words(plan, file)


def test_a_deferral_takes_the_own_approval_back(plan, file):
    """Who defers what they approved approves it no more; others' approvals stay."""
    said(plan, file, "Ann")
    said(plan, file, "Bob", numbers=[0])
    said(plan, file, "Ann", "defer", [0, 1])
    assert ["approved", "deferred", "approved"] == words(plan, file)


def test_an_expired_approval_that_is_not_needed_is_no_error(plan, file):
    """Where enough living approvals are left, one that expired does no harm."""
    said(plan, file, "Bob", now=NOW - timedelta(days=8))
    said(plan, file, "Ann")
    assert plan.proposed == approved(plan, file, NOW)


def test_an_expired_second_approval_is_told(file):
    """Where the expired approval was the second of two, the error says that it expired."""
    plan = draft(approvals="2")
    said(plan, file, "Bob", now=NOW - timedelta(days=8))
    said(plan, file, "Ann")
    with pytest.raises(ApprovalError, match="The approval of 3 changes has expired"):
        approved(plan, file, NOW)


def test_an_approval_of_a_time_to_come_is_told(plan, file):
    """An approval by a clock that is fast does not count, and the error says why."""
    said(plan, file, "Ann", now=NOW + timedelta(minutes=5))
    with pytest.raises(ApprovalError, match="a time to come: look at the clocks"):
        approved(plan, file, NOW)
    with pytest.raises(ApprovalError, match=r"has expired \(7 days\)\."):
        approved(plan, file, NOW + timedelta(days=8))


@pytest.mark.parametrize("who", ["pat", " PAT "])
def test_four_eyes_by_name(file, who):
    """The planner's own approval does not count, and the error says whose it would have been."""
    plan = draft(four_eyes="yes")
    said(plan, file, who)
    with pytest.raises(ApprovalError, match=r"four eyes\).*pat proposed it.*Another person"):
        approved(plan, file, NOW)


def test_four_eyes_by_account(file):
    """Another name from the planner's account does not count either."""
    plan = draft(four_eyes="yes")
    decision = said(plan, file, "Ann")
    planned = replace(plan, planner=decision.account)
    assert decision.account
    with pytest.raises(ApprovalError, match="four eyes"):
        approved(planned, file, NOW)
    assert plan.proposed == approved(plan, file, NOW)


def test_four_eyes_of_an_unknown_planner(file):
    """Where nobody knows who planned, nobody can be shown to be another."""
    plan = draft(four_eyes="yes", planner="")
    said(plan, file, "Ann")
    with pytest.raises(ApprovalError, match="does not say who proposed it"):
        approved(plan, file, NOW)


def test_two_eyes_are_enough_unless_asked(plan, file):
    """Without four eyes the planner may approve."""
    said(plan, file, "pat")
    assert plan.proposed == approved(plan, file, NOW)


def test_why_nothing_is_approved(file):
    """The error counts what each change lacks, and says for each kind what to do."""
    plan = draft(*map(change, range(1, 6)), approvals="2")
    said(plan, file, "Ann", numbers=[0])
    said(plan, file, "Ann", "reject", [1])
    said(plan, file, "Ann", "defer", [2])
    with pytest.raises(ApprovalError) as refusal:
        approved(plan, file, NOW)
    assert (
        "None of the 5 changes is approved "
        "(1 with 1 of 2 approvals, 1 rejected by Ann, 1 deferred, 2 open)." == refusal.value.what
    )
    for todo in ("`scormaudit review`", "Another reviewer", "was deferred", "rejection stands"):
        assert todo in refusal.value.todo


def torn(file, cut):
    """A decisions file whose last of three lines lost its end; what is left of the line."""
    content = file.read_bytes()
    lines = content.splitlines(keepends=True)
    file.write_bytes(content[:-cut])
    return lines[2][:-cut]


@pytest.mark.parametrize("cut", [1, 2, 60, -25, -1])
def test_a_torn_last_line_voids_nothing_before_it(plan, file, cut):
    """Wherever a power cut tore the last line, it does not count and those before it do."""
    for number in range(3):
        said(plan, file, "Ann", numbers=[number])
    left = torn(file, cut if cut > 0 else len(file.read_bytes().splitlines()[2]) + 1 + cut)
    ledger = read_ledger(file)
    assert left == ledger.torn
    assert f"{len(left)} bytes" in ledger.warning
    assert plan.proposed[:2] == approved(plan, file, NOW)


def test_zeros_after_a_power_cut_are_a_torn_line(plan, file):
    """Some file systems leave zeros for what was not written in time."""
    said(plan, file, "Ann", numbers=[0])
    with file.open("ab") as stream:
        stream.write(bytes(300))
    assert bytes(300) == read_ledger(file).torn
    assert plan.proposed[:1] == approved(plan, file, NOW)


def test_what_is_no_beginning_of_a_line_voids_all(plan, file):
    """A last line without an end that nobody could have begun is tampering."""
    said(plan, file, "Ann")
    content = file.read_bytes()
    line = content.rstrip(b"\n")
    for tail in (b"x", b"{}", b'{"decision":{"at', line + b"\0", line + b"*", line[:-1] + b"\t"):
        file.write_bytes(content + tail)
        with pytest.raises(ApprovalError, match="Line 2 was changed"):
            read_ledger(file)


def test_a_torn_line_is_kept_as_evidence(plan, file):
    """The next decision moves a torn line to a file beside, and the chain goes on without it."""
    for number in range(3):
        said(plan, file, "Ann", numbers=[number])
    left = torn(file, 40)
    whole = file.read_bytes()[: -len(left)]
    said(plan, file, "Ann", numbers=[2])
    assert left == file.with_name("plan.decisions.torn-1").read_bytes()
    assert file.read_bytes().startswith(whole)
    assert "" == read_ledger(file).warning
    assert plan.proposed == approved(plan, file, NOW)
    again = torn(file, 1)
    said(plan, file, "Ann", numbers=[2])
    assert left == file.with_name("plan.decisions.torn-1").read_bytes()
    assert again == file.with_name("plan.decisions.torn-2").read_bytes()


@POSIX
def test_a_full_disk_leaves_the_file_as_it_was(plan, file):
    """A decision that finds no room leaves neither a part of itself nor the file changed."""
    said(plan, file, "Ann", numbers=[0])
    before = file.read_bytes()
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from scormaudit.errors import PlanError\n"
        "from scormaudit.plan import read_plan\n"
        "from scormaudit.review import decide, decisions_file\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "plan, file = read_plan(sys.argv[1]), decisions_file(sys.argv[1])\n"
        "room = file.stat().st_size + 100\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))\n"
        "try:\n"
        "    decide(plan, file, plan.proposed, reviewer='Bob', reason='r', expect=3)\n"
        "except PlanError as error:\n"
        "    print(error.what)\n"
    )
    kept(file.parent)
    done = subprocess.run(
        [sys.executable, "-c", code, str(file.with_name("plan.json"))],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "The decision cannot be kept" in done.stdout
    assert before == file.read_bytes()


def test_two_who_approve_at_once_are_both_kept(tmp_path):
    """Processes that decide at the same moment wait for each other, and the chain holds."""
    plan = kept(tmp_path, *map(change, range(1, 16)))
    code = (
        "import sys; from scormaudit.plan import read_plan\n"
        "from scormaudit.review import decide, decisions_file\n"
        "path, who = sys.argv[1:]; plan = read_plan(path)\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "for change in plan.proposed:\n"
        "    decide(plan, decisions_file(path), [change], reviewer=who, reason='r', expect=1)\n"
    )
    people = ["Ann", "Bob", "Cem", "Dee"]
    crowd = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "plan.json"), who],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for who in people
    ]  # fmt: skip
    assert ["ready\n"] * 4 == [process.stdout.readline() for process in crowd]
    for process in crowd:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in crowd:
        process.communicate()
    assert [0] * 4 == [process.returncode for process in crowd]
    lines = read_decisions(decisions_file(tmp_path / "plan.json"))
    assert [(who, c.hash) for who in people for c in plan.proposed] == sorted(
        ((d.reviewer, d.changes[0]) for d in lines),
        key=lambda line: (line[0], [c.hash for c in plan.proposed].index(line[1])),
    )


@POSIX
def test_a_file_that_stays_held_is_refused(plan, file, monkeypatch):
    """Who cannot get at the decisions because another process holds them is told so."""
    import fcntl

    said(plan, file, "Ann")
    monkeypatch.setattr(decisions, "_PATIENCE", 0.0)
    held = os.open(file, os.O_RDWR)
    fcntl.flock(held, fcntl.LOCK_EX)
    before = file.read_bytes()
    for act in (lambda: said(plan, file, "Bob"), lambda: read_decisions(file)):
        with pytest.raises(PlanError, match="Another process holds"):
            act()
    os.close(held)
    assert before == file.read_bytes()


def test_a_place_without_room_is_told(plan, tmp_path):
    """Where no file can be, the error names the file; where it is no file, reading does."""
    with pytest.raises(PlanError, match=r"nowhere.*cannot be kept"):
        said(plan, tmp_path / "nowhere" / "plan.decisions.jsonl", "Ann")
    with pytest.raises(ApprovalError, match="cannot be read"):
        read_decisions(tmp_path)


def test_a_killed_process_leaves_no_lock(plan, file):
    """The lock ends with its process, however that ends."""
    code = (
        "import os, sys; from pathlib import Path; from scormaudit import decisions\n"
        "with decisions._held(Path(sys.argv[1]), os.O_RDWR | os.O_CREAT):\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(file)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert "held\n" == holder.stdout.readline()
    holder.kill()
    holder.communicate()
    said(plan, file, "Ann")
    assert plan.proposed == approved(plan, file, NOW)
