"""Whatever planner, reviewers, appliers, learner, tamperer and killer do, the invariants hold.

With `LONG_TESTS=1` in the environment far more is tried.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import get_args

import pytest
import stamina
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from repair import attempt, uuid

from scormaudit import Client, apply
from scormaudit.applied import journal_file
from scormaudit.cmi import FIELDS
from scormaudit.comparison import states_of
from scormaudit.entry import exported, holds, redacted
from scormaudit.errors import (
    ApprovalError,
    JournalError,
    NotUnderstood,
    PlanError,
    SafetyStop,
    ScormauditError,
)
from scormaudit.fetch import read_scos
from scormaudit.journal import Journal, State, read_journal
from scormaudit.plan import Change, Op, Plan, Seen, element_of, fingerprint, write_plan
from scormaudit.policy import Policy
from scormaudit.review import approved, decide, decisions_file
from scormaudit.sandbox import Sandbox
from scormaudit.undo import undo

LEARNERS = 3
MISPRINT, RIGHT, ENTRY = "ab-inito", "ab-initio", "cmi.core.entry"
SECRET = "p=secret-of-a-learner"
FAULTS = (
    "", "", "commit-and-cut", "cut-before-commit", "error-after-commit", "error-before-commit",
    "half-answer", "validation", "code-1", "redirect",
)  # fmt: skip
PLAYS = (
    {"cmi.suspend_data": f"{SECRET} 2"}, {"cmi.core.lesson_status": "completed"},
    {ENTRY: "resume"}, {ENTRY: ""}, {ENTRY: RIGHT}, {"exit_date_utc": "2026-03-05T10:00:00Z"},
)  # fmt: skip
POINTS = tuple(
    f"{when} {what}" for what in ("append", "edit", "page") for when in ("before", "after")
)
learners = st.integers(1, LEARNERS)
plays = st.tuples(learners, st.sampled_from(PLAYS))
some = st.sampled_from(((0, 1, 2), (0, 1, 2), (0,), (1, 2), (0, 2)))


def rows(journal):
    """Every entry of a journal as the database has it; nothing where it cannot tell."""
    if not journal.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{journal.as_uri()}?mode=ro", uri=True)) as db:
            return db.execute("SELECT * FROM entries ORDER BY seq").fetchall()
    except (sqlite3.Error, UnicodeDecodeError):
        return None


class Killed(BaseException):
    """What no code of the product may catch."""


class Watched(Client):
    """A client of which every page and every edit is watched."""

    machine: "Repair"

    def page(self, enrollment_id, assignment_id, names, page, **options):
        self.machine.struck("before page")
        self.machine.reading(enrollment_id)
        scos = super().page(enrollment_id, assignment_id, names, page, **options)
        self.machine.read(enrollment_id, scos)
        self.machine.struck("after page")
        return scos

    def editor(self):
        machine, real = self.machine, super().editor()

        class Hand:
            renew = real.renew

            def edit(self, body):
                machine.struck("before edit")
                machine.sending(body)
                answer = real.edit(body)
                machine.sent(body)
                machine.struck("after edit")
                return answer

        return Hand()


class Repair(RuleBasedStateMachine):
    """One LMS of three learners, its plans with their decisions, and one journal."""

    @initialize(fault=st.sampled_from(FAULTS), nod=st.integers(1, LEARNERS))
    def begin(self, fault, nod):
        """A server that may be at fault in one way, and two appliers."""
        self.stack, self.patch = ExitStack(), pytest.MonkeyPatch()
        self.stack.callback(self.patch.undo)
        self.folder = Path(tempfile.mkdtemp())
        self.stack.callback(shutil.rmtree, self.folder)
        people = [attempt(n + 1, suspend_data=SECRET) for n in range(LEARNERS)]
        self.lms = self.stack.enter_context(Sandbox.of(people, faults=[fault] if fault else ()))
        self.appliers = [
            self.stack.enter_context(Watched(self.lms.base_url, self.lms.token)) for _ in range(2)
        ]
        for applier in self.appliers:
            applier.machine = self
        self.planner = self.stack.enter_context(Client(self.lms.base_url, self.lms.token))
        self.stack.enter_context(stamina.set_testing(True, attempts=1, cap=True))
        self.home = self.folder / "home"
        self.journal = journal_file(self.home, self.lms.base_url)
        self.plans, self.said, self.heads = [], {}, [""]
        self.clock, self.left, self.meant, self.shown = count(1), {}, {}, {}
        self.commits, self.now, self.edits = {}, None, 0
        self.fuse, self.unread, self.meddle, self.rival = None, 0, None, False
        self.patch.setattr(Journal, "append", self.appending(Journal.append))
        self.planner_plans("1", "", knows=False, nod=nod)

    def teardown(self):
        """Approved and left alone, every plan comes to an end and no intent stays open."""
        if hasattr(self, "lms"):
            try:
                for number, (_, plan) in enumerate(self.plans):
                    for reviewer in ("Ann", "Bea"):
                        self.decided(number, plan.proposed, reviewer, "approve", is_late=False)
                    self.carried_out(number, 0)
                    self.carried_out(number, 0)
                self.sound()
                assert [] == self.open_intents()
            finally:
                self.stack.close()

    # --- who takes part --------------------------------------------------------------------

    @precondition(lambda self: len(self.plans) < 4)
    @rule(
        approvals=st.sampled_from("112"), canary=st.sampled_from(("", "1")), knows=st.booleans(),
        nod=st.integers(0, LEARNERS),
    )  # fmt: skip
    def planner_plans(self, approvals, canary, knows, nod):
        """The planner proposes to mend what is misprinted; reviewers may nod at the first of it."""
        changes = tuple(filter(None, (self.change(n + 1) for n in range(LEARNERS))))
        if not changes:
            return
        plan = Plan(
            target=self.lms.base_url, snapshot="", pack="", tool_version="0", proposed=changes,
            policy=Policy(approvals=approvals, canary=canary), planner="Pat",
            journal=self.heads[-1] if knows else "",
        )  # fmt: skip
        path = self.folder / f"plan-{len(self.plans)}.json"
        write_plan(plan, path)
        self.plans.append((path, plan))
        for reviewer in ("Ann", "Bea") if nod else ():
            self.decided(len(self.plans) - 1, changes[:nod], reviewer, "approve", is_late=False)

    @precondition(lambda self: self.plans)
    @rule(
        number=st.integers(0, 3), which=some, reviewer=st.sampled_from(("Ann", "Bea")),
        meaning=st.sampled_from(("approve", "approve", "approve", "reject", "defer")),
        is_late=st.sampled_from((False, False, False, True)),
    )  # fmt: skip
    def reviewer_decides(self, number, which, reviewer, meaning, is_late):
        """A reviewer says something of some changes, perhaps more than a week ago."""
        _, plan = self.plans[number % len(self.plans)]
        chosen = [change for n, change in enumerate(plan.proposed) if n in which]
        if chosen:
            self.decided(number, chosen, reviewer, meaning, is_late)

    @precondition(lambda self: self.plans)
    @rule(number=st.integers(0, 3), who=st.integers(0, 1))
    def applier_applies(self, number, who):
        """An applier carries out a plan; nobody gets in the way."""
        self.carried_out(number, who)

    @precondition(lambda self: self.plans)
    @rule(
        number=st.integers(0, 3), who=st.integers(0, 1), point=st.sampled_from(POINTS),
        moment=st.integers(1, 9),
    )  # fmt: skip
    def killer_kills(self, number, who, point, moment):
        """An applier is killed at some moment, or lives if that never comes."""
        self.fuse = [point, moment]
        self.carried_out(number, who)

    @precondition(lambda self: self.plans)
    @rule(
        number=st.integers(0, 3), play=st.sampled_from(PLAYS), is_rival=st.booleans(),
        unread=st.integers(0, 6),
    )  # fmt: skip
    def others_interfere(self, number, play, is_rival, unread):
        """While an edit is under way its learner plays, a rival applies, and a read may fail."""
        self.meddle, self.rival, self.unread = play, is_rival, unread
        self.carried_out(number, 0)

    @rule(play=plays)
    def learner_plays(self, play):
        """A learner goes on."""
        self.play(*play)

    @rule(number=learners)
    def learner_relapses(self, number):
        """A record is misprinted anew; not while an edit of it may be under way."""
        if uuid(200 + number) not in {e.write_key.split()[0] for e in self.open_intents()}:
            self.play(number, {ENTRY: MISPRINT})

    @precondition(lambda self: self.plans)
    @rule(
        number=st.integers(0, 3), what=st.sampled_from(("plan", "decisions", "journal")),
        place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7),
    )  # fmt: skip
    def tamperer_tampers(self, number, what, place, bit):
        """One bit of a file is another: nothing is sent, or the bit meant nothing."""
        path, _ = self.plans[number % len(self.plans)]
        file = {"plan": path, "decisions": decisions_file(path), "journal": self.journal}[what]
        if not file.exists() or not file.stat().st_size:
            return
        honest = file.read_bytes()
        content = bytearray(honest)
        content[int(place * len(content))] ^= 1 << bit
        before, expect, known = self.requests(), self.expected(path), rows(self.journal)
        file.write_bytes(content)
        meant = what != "journal" or known != rows(file)
        refused = self.refused(path, 0, expect)
        if refused or what != "journal":
            file.write_bytes(honest)
        assert refused or not meant
        assert not refused or before == self.requests()

    @precondition(lambda self: self.plans)
    @rule(number=st.integers(0, 3))
    def nobody_writes(self, number):
        """A dry run, an undo, a review and an export send no edit."""
        before = self.requests()
        path, plan = self.plans[number % len(self.plans)]
        with suppress(ApprovalError):
            dry = apply(path, self.appliers[0], home=self.home)
            assert len(dry.done) <= len(plan)
        if entries := self.entries():
            with suppress(PlanError):
                undo(self.journal)
            text = exported(map(redacted, entries))
            assert not [secret for secret in (SECRET, "Learner", MISPRINT) if secret in text]
        assert before == self.requests()

    # --- what they do ----------------------------------------------------------------------

    def change(self, number):
        """What the planner would mend of a learner's record; nothing where it is not misprinted."""
        (sco,) = read_scos(self.planner, uuid(number), uuid(100 + number))
        states = states_of(sco)
        if states["entry"] != Seen("value", MISPRINT):
            return None
        others = [field.column for field in FIELDS if field.column != "entry"]
        op = Op(field="entry", element=ENTRY, before=states["entry"], after=RIGHT, undo="exact")
        return Change(
            enrollment_id=uuid(number), assignment_id=uuid(100 + number),
            assignment_status_id=uuid(200 + number), sco_id="sco", binding="w.csv row 2",
            ops=(op,), guards={}, rules=("VO101",), reasons=("misprinted",), risks=(),
            frame={element_of(name): fingerprint(states[name]) for name in others},
            kind="safe", labels={"learner": f"Learner {number}"}, target=self.lms.base_url,
        )  # fmt: skip

    def decided(self, number, chosen, reviewer, meaning, is_late):
        path, plan = self.plans[number % len(self.plans)]
        decide(
            plan, decisions_file(path), chosen, meaning=meaning, reviewer=reviewer, reason="so",
            expect=len(chosen), now=datetime.now(UTC) - timedelta(days=8 if is_late else 0),
        )  # fmt: skip
        for change in chosen:
            self.said.setdefault((path, change.hash), {})[reviewer] = (meaning, is_late)

    def play(self, number, values):
        self.lms.put(uuid(200 + number), "sco", values)

    def expected(self, path):
        """How many changes a caller expects; any number where none is approved."""
        plan = next(plan for other, plan in self.plans if other == path)
        try:
            return len(approved(plan, decisions_file(path)))
        except ApprovalError:
            return len(plan)

    def carried_out(self, number, who):
        """Apply a plan, whatever comes of it; then nobody is in the way any more."""
        path, _ = self.plans[number % len(self.plans)]
        try:
            with suppress(Killed):
                self.refused(path, who, self.expected(path))
        finally:
            self.fuse, self.unread, self.meddle, self.rival = None, 0, None, False

    def refused(self, path, who, expect):
        """Whether an apply was refused in words before it sent anything."""
        self.now, before = path, self.requests()
        try:
            done = apply(
                path, self.appliers[who], execute=True, expect=expect, home=self.home,
                settle=0, rate=1e6,
            )  # fmt: skip
        except ScormauditError as error:
            refusal = error
        else:
            self.discreet(repr(done) + done.stopped + "".join(one.detail for one in done.done))
            self.ended(done, expect)
            return False
        assert isinstance(refusal, (ApprovalError, JournalError, PlanError, SafetyStop)), refusal
        self.discreet(str(refusal))
        assert before == self.requests()
        return True

    def ended(self, done, expect):
        """I4: every change of a run has an end, and what has none is told by exit code 4."""
        assert {one.state for one in done.done} <= {*get_args(State), "open"}
        assert done.stopped or expect == len(done.done)
        assert len(self.open_intents()) == done.open
        assert not done.open or (done.stopped and done.exit_code == 4)
        assert holds(read_journal(self.journal), done.head)
        self.heads.append(done.head)

    # --- what is watched -------------------------------------------------------------------

    def struck(self, point):
        """Kill whoever comes to this point for the so-manieth time."""
        if self.fuse and self.fuse[0] == point:
            self.fuse[1] -= 1
            if not self.fuse[1]:
                raise Killed

    def reading(self, enrollment_id):
        """One page may fail; its record is unread then, whatever an earlier page has shown."""
        self.unread -= 1
        if self.unread == 0:
            self.shown.pop(enrollment_id, None)
            raise NotUnderstood("No answer.", passing=False)

    def read(self, enrollment_id, scos):
        for sco in scos:
            if ENTRY in sco.elements:
                self.shown[enrollment_id] = next(self.clock), sco

    def sending(self, body):
        """I1, I2, I3 and I9, at the moment an edit leaves."""
        wanted = json.loads(body)
        plan = next(plan for path, plan in self.plans if path == self.now)
        (change,) = [
            c for c in plan.proposed if c.assignment_status_id == wanted["assignment_status_id"]
        ]
        said = self.said.get((self.now, change.hash), {}).values()
        assert "reject" not in [meaning for meaning, _ in said]
        counting = [meaning for meaning, is_late in said if meaning == "approve" and not is_late]
        assert len(counting) >= int(plan.policy.approvals)

        (intent,) = self.open_intents()
        assert hashlib.sha256(body).hexdigest() == intent.content()["sha256"]
        assert (plan.hash, change.hash) == (intent.plan, intent.change)
        keys = {"assignment_status_id": change.assignment_status_id, "sco_id": "sco"}
        assert keys | {"entry": RIGHT} == wanted

        at, sco = self.shown[change.enrollment_id]
        assert at > self.left.get(change.write_key, 0)
        states = states_of(sco)
        assert Seen("value", MISPRINT) == states["entry"]
        names = {element_of(name): name for name in states}
        assert change.frame == {n: fingerprint(states[names[n]]) for n in change.frame}

        self.left[change.write_key] = next(self.clock)
        if self.rival:
            self.rival = False
            with pytest.raises(SafetyStop):
                apply(
                    self.now, self.appliers[1], execute=True, expect=self.expected(self.now),
                    home=self.home, settle=0,
                )  # fmt: skip

    def sent(self, body):
        """I6: an edit that was carried out belongs to one change of one plan, and is its first."""
        made = self.lms.edits()[self.edits :]
        self.edits += len(made)
        plan = next(plan for path, plan in self.plans if path == self.now)
        for edit in made:
            key = plan.hash, edit["assignment_status_id"]
            self.commits[key] = self.commits.get(key, 0) + 1
            assert 1 == self.commits[key]
            assert {"entry": RIGHT} == {k: v for k, v in edit["body"].items() if "_" not in k}
        if self.meddle:
            self.lms.put(json.loads(body)["assignment_status_id"], "sco", self.meddle)
            self.meddle = None

    def appending(self, append):
        """I5: verified is what a read after the edit, or after its intent, has shown."""

        def watched(journal, kind, *, body, change=None, **options):
            self.struck("before append")
            if kind == "result" and body["state"] == "verified":
                at, sco = self.shown[change.enrollment_id]
                assert at > max(self.meant[change.write_key], self.left.get(change.write_key, 0))
                assert RIGHT == sco.elements[ENTRY].text
                frame = {element_of(name): seen for name, seen in states_of(sco).items()}
                assert change.frame == {name: fingerprint(frame[name]) for name in change.frame}
            seq = append(journal, kind, body=body, change=change, **options)
            if kind == "intent":
                self.meant[change.write_key] = next(self.clock)
            self.struck("after append")
            return seq

        return watched

    def discreet(self, text):
        """I8: neither the token nor what a learner left is in any words."""
        for secret in (self.lms.token, SECRET, MISPRINT, RIGHT, "Learner"):
            assert secret not in text

    def requests(self):
        return self.lms.requests()["EditScormData"]

    def entries(self):
        """What the journal holds; nothing where it was never begun."""
        is_begun = self.journal.exists() and self.journal.stat().st_size
        return read_journal(self.journal) if is_begun else []

    def open_intents(self):
        """Intents without a result, by the entries alone."""
        entries = self.entries()
        closed = {entry.closes for entry in entries}
        return [e for e in entries if e.kind == "intent" and e.seq not in closed]

    @invariant()
    def sound(self):
        """The journal is whole and holds every head; all edits are known ones, one at a time."""
        if not hasattr(self, "lms"):
            return
        assert self.edits == len(self.lms.edits()) == sum(self.commits.values())
        assert len(self.open_intents()) <= 1
        entries = self.entries()
        assert all(holds(entries, head) for head in self.heads)


EXAMPLES, STEPS = (1000, 40) if "LONG_TESTS" in os.environ else (50, 15)
TestRepair = Repair.TestCase
TestRepair.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
