"""Nothing is sent but what was approved, and nothing is believed but what was read back."""

import hashlib
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import stamina
from changes import change, forge, rechained
from repair import Bench as Anew
from repair import attempt, uuid

from scormaudit import Client, apply, fetch, read_plan
from scormaudit.applied import Applied, Done, journal_file
from scormaudit.errors import (
    ApprovalError,
    CountError,
    JournalError,
    PlanError,
    SafetyStop,
    SettingsError,
)
from scormaudit.journal import Journal, locked, read_journal
from scormaudit.limits import Limits
from scormaudit.lms.classification import Answer
from scormaudit.lms.client import edit_body
from scormaudit.plan import write_plan
from scormaudit.review import decide, decisions_file

PLANS = {}


class Bench(Anew):
    """The first plan of the same records is made once, and is each LMS's that holds them."""

    def __init__(self, folder, *attempts, **options):
        super().__init__(folder, *attempts, **options)
        self.records = repr(attempts)

    def plan(self, *worklist, **options):
        if worklist or options:
            return super().plan(*worklist, **options)
        if self.records not in PLANS:
            PLANS[self.records] = super().plan()
            return PLANS[self.records]
        plan = replace(PLANS[self.records], target=self.lms.base_url)
        write_plan(plan, self.path)
        return plan


@pytest.fixture
def bench(tmp_path):
    made = Bench(tmp_path)
    yield made
    made.close()


def run(bench, expect=3, **options):
    """Carry out the plan at the bench's path, quickly."""
    quick = {"execute": True, "settle": 0, "rate": 1000, "home": bench.folder / "home"}
    return apply(bench.path, bench.client, expect=expect, **(quick | options))


def states(applied):
    return [done.state for done in applied.done]


def ended(bench, plan, state):
    """An earlier run in which the first change ended in a state."""
    path = journal_file(bench.folder / "home", bench.lms.base_url)
    with Journal.open(path, bench.lms.base_url) as journal:
        intent = journal.intent(plan.hash, plan.proposed[0], "0" * 64)
        journal.result(plan.hash, plan.proposed[0], state, closes=intent.seq)


def killed(bench, plan, *, committed):
    """What a process leaves that was killed while it sent the first change."""
    change = plan.proposed[0]
    path = journal_file(bench.folder / "home", bench.lms.base_url)
    body = edit_body(change.assignment_status_id, change.sco_id, change.fields())
    with Journal.open(path, bench.lms.base_url) as journal:
        journal.intent(plan.hash, change, "0" * 64)
    if committed:
        bench.client.editor().edit(body)


def test_approved_changes_are_sent_and_verified(bench):
    """Each approved change is one edit, verified by reading it back."""
    bench.approve(bench.plan())
    applied = run(bench)
    assert ["verified"] * 3 == states(applied)
    assert 0 == applied.exit_code
    assert [{"entry": "ab-initio"}] * 3 == [
        {k: v for k, v in edit["body"].items() if k == "entry"} for edit in bench.lms.edits()
    ]


def test_a_dry_run_cannot_write(bench, monkeypatch):
    """A dry run makes no object that could write, and the LMS sees no edit."""
    bench.approve(bench.plan())
    monkeypatch.setattr(Client, "editor", None)
    bench.lms.put(uuid(203), "sco", {"cmi.core.entry": "resume"})
    seen = []
    applied = run(bench, execute=False, progress=lambda: seen.append(1))
    assert ["would_send", "would_send", "conflict"] == states(applied)
    assert ["", "", "changed since: cmi.core.entry"] == [done.detail for done in applied.done]
    assert read_plan(bench.path).proposed == tuple(done.change for done in applied.done)
    assert (3, None) == (len(seen), applied.journal)
    assert [] == bench.lms.edits()


def test_only_who_says_so_executes(bench):
    """A run that is not told to execute is a dry run."""
    bench.approve(bench.plan())
    applied = apply(bench.path, bench.client, expect=3, home=bench.folder / "home")
    assert ["would_send"] * 3 == states(applied)
    assert [] == bench.lms.edits()


def test_a_finished_plan_sends_nothing(bench):
    """A plan that was carried out is not carried out twice, whatever the record says now."""
    bench.approve(bench.plan())
    run(bench)
    bench.lms.put(uuid(201), "sco", {"cmi.core.entry": "ab-inito"})
    again = run(bench)
    assert ["verified"] * 3 == states(again)
    assert 0 == again.exit_code
    assert 3 == len(bench.lms.edits())


@pytest.mark.parametrize(
    "state",
    [
        "verified",
        "already",
        "conflict_after",
        "frame_changed",
        "wrong_pairing",
        "rejected",
        "parked",
    ],
)
def test_what_has_ended_is_not_sent_again(bench, state):
    """However well or badly a change ended in an earlier run, no later one sends it."""
    plan = bench.plan()
    bench.approve(plan)
    ended(bench, plan, state)
    assert [state, "verified", "verified"] == states(run(bench))
    assert [uuid(202), uuid(203)] == [e["assignment_status_id"] for e in bench.lms.edits()]


def test_nothing_unapproved_is_sent(bench):
    """Without an approval nothing is sent, and a change that was rejected later is left out."""
    plan = bench.plan()
    with pytest.raises(ApprovalError):
        run(bench)
    bench.approve(plan)
    decide(
        plan, decisions_file(bench.path), plan.proposed[:1],
        meaning="reject", reviewer="Bea", reason="not this one", expect=1,
    )  # fmt: skip
    with pytest.raises(CountError):
        run(bench, expect=3)
    assert ["verified"] * 2 == states(run(bench, expect=2))
    assert {uuid(202), uuid(203)} == {e["assignment_status_id"] for e in bench.lms.edits()}


def test_expect_must_be_given(bench):
    """Executing without a count is refused before anything is opened."""
    bench.approve(bench.plan())
    file = bench.path
    for expect, words in ((None, "no number was"), (2, "2 were")):
        with pytest.raises(CountError) as caught:
            run(bench, expect=expect)
        assert str(caught.value) == (
            f"{file}: 3 changes are approved, {words} expected; nothing was sent."
            " Do a dry run first, then give its number with --expect."
        )
    assert [] == bench.lms.edits()
    assert not (bench.folder / "home").exists()


def test_another_lms_is_refused(bench):
    """A plan is carried out against the LMS it was made for and no other."""
    bench.approve(bench.plan())
    with Client("http://127.0.0.1:9", "token") as other, pytest.raises(PlanError) as caught:
        apply(bench.path, other, execute=True, expect=3, home=bench.folder)
    assert str(caught.value) == (
        f"{bench.path}: The plan is for {bench.lms.base_url}, not for http://127.0.0.1:9."
    )


@pytest.mark.parametrize(
    "moved",
    [
        {"cmi.core.entry": "resume"},
        {"cmi.core.lesson_status": "passed"},
        {"cmi.suspend_data": "p=4"},
        {"exit_date_utc": "2026-03-05T10:00:00Z"},
        {"title": "Another lesson"},
        {"cmi.core.score.raw": None},
    ],
    ids=lambda moved: next(iter(moved)),
)
def test_a_record_that_moved_is_a_conflict(bench, moved):
    """If anything writable is not as it was planned, the change is not sent."""
    bench.approve(bench.plan())
    bench.lms.put(uuid(201), "sco", moved)
    applied = run(bench)
    assert ["conflict", "verified", "verified"] == states(applied)
    assert 6 == applied.exit_code
    assert next(iter(moved)) in applied.done[0].detail
    assert 2 == len(bench.lms.edits())


def test_what_is_so_already_is_not_sent(bench):
    """A record that already reads the new value gets no edit."""
    bench.approve(bench.plan())
    bench.lms.put(uuid(202), "sco", {"cmi.core.entry": "ab-initio"})
    applied = run(bench)
    assert (["verified", "already", "verified"], "") == (states(applied), applied.stopped)
    assert 2 == len(bench.lms.edits())


def test_a_failed_read_is_not_absence(bench):
    """An element that fails now, though it was read when planned, is a conflict, not a blank."""
    bench.approve(bench.plan())
    failing = attempt(1, errors={"cmi.core.lesson_location": "101 - General exception"})
    other = Bench(bench.folder / "other", failing)
    try:
        from scormaudit.comparison import compared
        from scormaudit.fetch import read_scos

        sco = read_scos(other.client, uuid(1), uuid(101))[0]
        state, detail = compared(read_plan(bench.path).proposed[0], sco)
    finally:
        other.close()
    assert ("conflict", True) == (state, "cmi.core.lesson_location" in detail)


@pytest.mark.parametrize("committed", [True, False])
def test_a_killed_edit_is_resolved_first(bench, committed):
    """After a kill the record decides: a committed edit is not sent again, a lost one is."""
    plan = bench.plan()
    bench.approve(plan)
    killed(bench, plan, committed=committed)
    applied = run(bench)
    assert ["verified"] * 3 == states(applied)
    assert 3 == len(bench.lms.edits())
    assert ["ab-initio"] * 3 == [bench.entry(n) for n in (1, 2, 3)]


def test_an_earlier_edit_that_ended_badly_stops_the_run(bench):
    """Where an edit of a killed run is seen to have gone wrong, no other is sent."""
    plan = bench.plan()
    bench.approve(plan)
    killed(bench, plan, committed=True)
    bench.lms.put(uuid(201), "sco", {"cmi.suspend_data": "p=4"})
    applied = run(bench)
    assert ([], 3, 0) == (states(applied), applied.exit_code, applied.open)
    assert applied.stopped == (
        "An earlier edit: changed too: cmi.suspend_data; look before you go on."
    )
    assert 1 == len(bench.lms.edits())


@pytest.mark.parametrize("is_another", [True, False])
def test_an_edit_of_another_plan_that_is_parked_is_told(bench, is_another):
    """An edit of an earlier plan that was lost twice stands in the result: a person must look."""
    plan = bench.plan()
    bench.approve(plan)
    ended(bench, plan, "not_applied")
    killed(bench, plan, committed=False)
    if is_another:
        bench.path = bench.folder / "another.json"
        write_plan(replace(plan, tool_version="another"), bench.path)
        bench.approve(read_plan(bench.path))
    applied = run(bench)
    parked, *rest = [(done.change, done.state, done.detail) for done in applied.done]
    detail = "of another plan: twice of unknown outcome, a person must look"
    assert (plan.proposed[0], "parked", detail if is_another else "") == parked
    assert ["verified"] * (3 if is_another else 2) == [state for _, state, _ in rest]
    assert (4, len(rest)) == (applied.exit_code, len(bench.lms.edits()))


def test_unknown_twice_is_parked(tmp_path):
    """An edit that is lost twice is tried no more: a person must look, exit code 4."""
    bench = Bench(tmp_path, attempt(1), faults=["code-1"])
    try:
        bench.approve(bench.plan())
        first = run(bench, expect=1)
        assert (["parked"], 4) == (states(first), first.exit_code)
        assert "twice of unknown outcome, a person must look" == first.done[0].detail
        sent = bench.lms.requests()["EditScormData"]
        again = run(bench, expect=1)
        assert (["parked"], 4) == (states(again), again.exit_code)
        assert (2, 2) == (sent, bench.lms.requests()["EditScormData"])
    finally:
        bench.close()


def test_a_wrong_pairing_stops_the_run(tmp_path):
    """When the LMS acknowledges an edit that the record does not show, nothing more is sent."""
    bench = Bench(tmp_path)
    try:
        rows = [dict(row) for row in bench.lms.worklist]
        ids = [row["assignment_status_id"] for row in rows]
        for row, wrong in zip(rows, [ids[1], ids[2], ids[0]], strict=True):
            row["assignment_status_id"] = wrong
        bench.approve(bench.plan(rows))
        applied = run(bench)
        assert (["wrong_pairing"], 3) == (states(applied), applied.exit_code)
        assert applied.stopped == (
            f"acknowledged, but not shown (paired by {read_plan(bench.path).proposed[0].binding});"
            " look before you go on."
        )
        assert 1 == len(bench.lms.edits())
    finally:
        bench.close()


class Meddled(Client):
    """A client in whose edits another hand takes part."""

    meddle = None

    def editor(self):
        client, real = self, super().editor()

        class Hand:
            def edit(self, body):
                answer = real.edit(body)
                client.meddle()
                return answer

        return Hand()


@pytest.mark.parametrize(
    ("moved", "state", "code"),
    [
        ({"cmi.core.lesson_status": "completed"}, "frame_changed", 3),
        ({"cmi.core.entry": ""}, "conflict_after", 6),
    ],
)
def test_another_hand_is_seen(tmp_path, moved, state, code):
    """What changes beside an edit, or over it, is never taken for success."""
    bench = Bench(tmp_path, client=Meddled)
    bench.client.meddle = lambda: bench.lms.put(uuid(201), "sco", moved)
    try:
        bench.approve(bench.plan())
        applied = run(bench)
        assert (state, code) == (states(applied)[0], applied.exit_code)
        assert applied.stopped.endswith("; look before you go on.")
    finally:
        bench.close()


def test_an_edit_that_cannot_be_read_back_stays_open(tmp_path):
    """Where the LMS is gone after an edit, nothing is said of it and nothing more is sent."""
    bench = Bench(tmp_path, client=Meddled)
    bench.client.meddle = bench.lms.stop
    try:
        bench.approve(bench.plan())
        with stamina.set_testing(True, attempts=1):
            applied = run(bench)
        assert (["open"], 4, 1) == (states(applied), applied.exit_code, applied.open)
        why = applied.done[0].detail.removesuffix(".")
        assert f"an edit could not be read back ({why}); run apply again." == applied.stopped
        assert read_plan(bench.path).proposed[:1] == (applied.done[0].change,)
    finally:
        bench.close()


def test_a_journal_that_breaks_stops_the_run(tmp_path):
    """Where the journal is damaged after an edit the run ends, and has no head to be kept."""
    bench = Bench(tmp_path, client=Meddled)
    file = journal_file(tmp_path / "home", bench.lms.base_url)
    bench.client.meddle = lambda: file.write_bytes(b"not a database" * 9999)
    try:
        bench.approve(bench.plan())
        applied = run(bench)
        assert ([], 4, 1) == (states(applied), applied.exit_code, applied.open)
        assert ("", True) == (applied.head, str(file) in applied.stopped)
    finally:
        bench.close()


def test_a_journal_that_breaks_between_edits_leaves_none_open(bench):
    """An edit that was verified before the journal broke is not said to be of unknown outcome."""
    bench.approve(bench.plan())
    file = journal_file(bench.folder / "home", bench.lms.base_url)
    applied = run(bench, progress=lambda: file.write_bytes(b"not a database" * 9999))
    assert (["verified"], 3, 0) == (states(applied), applied.exit_code, applied.open)


def test_a_disk_that_fails_for_good_stops_the_run(benches, monkeypatch):
    """Where the journal can be neither written nor read, the run ends and counts what is open."""
    bench = benches(client=Meddled)

    def fail(*_, **__):
        raise SafetyStop("The disk fails.")

    def meddle():
        monkeypatch.setattr(Journal, "append", fail)
        monkeypatch.setattr(Journal, "_rows", fail)

    bench.client.meddle = meddle
    applied = run(bench)
    assert ([], 4, 1, "") == (states(applied), applied.exit_code, applied.open, applied.head)
    assert "The disk fails." == applied.stopped


def test_a_token_that_may_not_edit_stops_the_run(tmp_path):
    """The first refusal for want of permission ends the run; nothing was changed."""
    bench = Bench(tmp_path)
    try:
        bench.approve(bench.plan())
        bench.client.close()
        bench.client = Client(bench.lms.base_url, bench.lms.viewer_token)
        applied = run(bench)
        assert (["rejected"], 3) == (states(applied), applied.exit_code)
        assert [] == bench.lms.edits()
    finally:
        bench.close()


def test_an_lms_that_is_gone_skips(bench):
    """Where the record cannot be read, its change is skipped and said to be."""
    bench.approve(bench.plan())
    bench.lms.stop()
    with stamina.set_testing(True, attempts=1):
        applied = run(bench)
    assert (["skipped"] * 3, 2) == (states(applied), applied.exit_code)
    assert [True] * 3 == [bench.lms.base_url in done.detail for done in applied.done]


@pytest.mark.parametrize(
    ("borne", "tried", "stopped", "code"),
    [
        (0, 1, "1 records could not be read, so 2 were not tried.", 3),
        (1, 2, "2 records could not be read, so 1 were not tried.", 3),
        (2, 3, "", 2), (25, 3, "", 2),
    ],
)  # fmt: skip
def test_a_dry_run_gives_up_on_an_lms_that_is_gone(bench, borne, tried, stopped, code):
    """A dry run tries no more records than a run would, and says how many it left out."""
    bench.approve(bench.plan())
    bench.lms.stop()
    seen = []
    with stamina.set_testing(True, attempts=1):
        applied = run(bench, execute=False, max_conflicts=borne, progress=lambda: seen.append(1))
    assert (["skipped"] * tried, code) == (states(applied), applied.exit_code)
    assert (stopped, tried) == (applied.stopped, len(seen))


def test_one_run_at_a_time(bench):
    """While one process changes an LMS, a second one is refused."""
    bench.approve(bench.plan())
    with locked(bench.folder / "home", bench.lms.base_url), pytest.raises(SafetyStop):
        run(bench)
    assert [] == bench.lms.edits()


def test_intent_comes_before_the_edit(bench):
    """Every edit the LMS got has its intent in the journal before its outcome."""
    bench.approve(bench.plan())
    run(bench)
    entries = read_journal(journal_file(bench.folder / "home", bench.lms.base_url))
    kinds = [entry.kind for entry in entries if entry.kind in ("intent", "outcome", "result")]
    assert ["intent", "outcome", "result"] * 3 == kinds


def test_the_journal_holds_the_run(bench):
    """Bytes sent, answer, state and what was read back are kept, under the plan and its change."""
    plan = bench.plan()
    bench.approve(plan)
    bench.lms.put(uuid(202), "sco", {"cmi.core.entry": "resume"})
    seen = []
    applied = run(bench, progress=lambda: seen.append(1))
    file = journal_file(bench.folder / "home", bench.lms.base_url)
    entries = read_journal(file)
    assert (file, entries[-1].hash, 3) == (applied.journal, applied.head, len(seen))
    assert {(plan.hash, change.hash) for change in plan.proposed} == {
        (entry.plan, entry.change) for entry in entries[1:]
    }
    change = plan.proposed[0]
    body = edit_body(change.assignment_status_id, change.sco_id, change.fields())
    _, intent, outcome, result, conflict, *_ = [entry.content() for entry in entries]
    assert hashlib.sha256(body).hexdigest() == intent["sha256"]
    assert ("ack", "HTTP 200, code 0") == (outcome["outcome"], outcome["reason"])
    assert ("verified", "", {"cmi.core.entry": "ab-initio"}) == (
        result["state"], result["detail"], result["read"],
    )  # fmt: skip
    assert ("conflict", "changed since: cmi.core.entry", {}) == (
        conflict["state"], conflict["detail"], conflict["read"],
    )  # fmt: skip
    assert [None, None, None, 2] == [entry.closes for entry in entries[:4]]


def test_a_journal_of_another_lms_is_refused(bench):
    """Each LMS has a journal of its own; another's is refused before anything is sent."""
    bench.approve(bench.plan())
    with Journal.open(bench.folder / "j", "https://lms.example.org"):
        pass
    with pytest.raises(JournalError):
        run(bench, journal=bench.folder / "j")
    assert [] == bench.lms.edits()


# --- what the LMS asks for, and when enough is enough ------------------------------------


@pytest.fixture
def benches(tmp_path):
    """Makes benches and closes them."""
    made = []

    def make(*attempts, **options):
        made.append(Bench(tmp_path / f"bench-{len(made)}", *attempts, **options))
        made[-1].folder.mkdir()
        made[-1].approve(made[-1].plan())
        return made[-1]

    yield make
    for bench in made:
        bench.close()


def outcomes(bench):
    """What the journal says came back, in order."""
    entries = read_journal(journal_file(bench.folder / "home", bench.lms.base_url))
    return [e.content()["outcome"] for e in entries if e.kind == "outcome"]


def answering(*answers):
    """A client whose edits are not sent, but for those that are None; each is one answer."""
    waiting = list(answers)

    class Answering(Client):
        renewals = 0

        def editor(self):
            client, real = self, super().editor()

            class Editor:
                def edit(self, body):
                    answer = waiting.pop(0) if waiting else None
                    return answer or real.edit(body)

                def renew(self):
                    client.renewals += 1
                    return ""

            return Editor()

    return Answering


def test_a_throttled_edit_is_sent_again(benches):
    """After a 429 the rest that was asked for is waited out and the edit made once."""
    bench = benches(attempt(1), faults=["throttled"])
    applied = run(bench, expect=1)
    assert (["verified"], 0) == (states(applied), applied.exit_code)
    assert ["throttled", "ack"] == outcomes(bench)
    assert 1 == len(bench.lms.edits())


def test_an_edit_that_never_left_is_sent(benches):
    """An edit for which no connection was made is made by the next attempt."""
    bench = benches(attempt(1), client=answering(Answer("not_sent", "refused")))
    assert ["verified"] == states(run(bench, expect=1))
    assert ["not_sent", "ack"] == outcomes(bench)


def test_a_busy_lms_is_left_alone_in_the_end(benches):
    """Where every attempt is put off, the run stops and the change may be sent another day."""
    bench = benches(attempt(1), client=answering(*[Answer("busy", "HTTP 503")] * 5))
    applied = run(bench, expect=1)
    assert (["deferred"], 3) == (states(applied), applied.exit_code)
    assert "the LMS takes no edit now; go on later." == applied.stopped
    assert ["busy"] * 5 == outcomes(bench)
    assert ["verified"] == states(run(bench, expect=1))


def test_a_long_rest_ends_the_run(benches):
    """An LMS that wants to be left alone for longer than a run can wait is left alone."""
    long = Answer("throttled", "HTTP 429", stop=True, retry_after=5000)
    bench = benches(client=answering(long))
    applied = run(bench)
    assert (["deferred"], 3) == (states(applied), applied.exit_code)
    assert "the LMS refused an edit (HTTP 429)." == applied.stopped


def test_a_token_that_ended_is_renewed_once(benches):
    """A refused token is asked for anew and the edit made; refused twice, the run stops."""
    refused = Answer("unauthenticated", "HTTP 401")
    bench = benches(attempt(1), client=answering(refused))
    assert ["verified"] == states(run(bench, expect=1))
    assert 1 == bench.client.renewals
    bench = benches(attempt(1), client=answering(refused, refused))
    applied = run(bench, expect=1)
    assert (["deferred"], 3, 1) == (states(applied), applied.exit_code, bench.client.renewals)
    assert "the token was refused twice." == applied.stopped


def test_a_plain_token_cannot_be_renewed(benches):
    """Where there is no password to ask for another token, the error says what to set."""
    bench = benches(attempt(1))
    editor = Client(bench.lms.base_url, "wrong").editor()
    assert "unauthenticated" == editor.edit(b"{}").outcome
    assert "SCORMAUDIT_TOKEN" in editor.renew()


def test_two_unknown_outcomes_in_a_row_stop_the_run(benches):
    """Two edits whose answers are lost are enough, though both were made; a new run goes on."""
    bench = benches(faults=["commit-and-cut"])
    first = run(bench)
    assert (["verified", "verified"], 3) == (states(first), first.exit_code)
    assert "two outcomes in a row are unknown." == first.stopped
    assert ["verified"] * 3 == states(run(bench))
    assert 3 == len(bench.lms.edits())


def test_a_batch_that_goes_badly_is_the_last(benches):
    """A rejection in the canary keeps the rest from being sent."""
    rejected = Answer("rejected", "HTTP 422, code 2")
    bench = benches(*[attempt(n) for n in range(1, 9)], client=answering(None, None, rejected))
    applied = run(bench, expect=8, canary="1,3")
    assert ["verified", "verified", "rejected", "verified"] == states(applied)
    assert (3, 3) == (applied.exit_code, len(bench.lms.edits()))
    assert "a batch of 3 did not go well: HTTP 422, code 2." == applied.stopped


def test_a_canary_is_a_list_of_sizes(benches):
    """What is no list of sizes is refused before anything is sent."""
    bench = benches()
    with pytest.raises(SettingsError, match="canary"):
        run(bench, canary="1;5")
    assert [] == bench.lms.edits()


def test_too_many_conflicts_stop_the_run(benches):
    """One conflict more than is borne ends the run before the next record."""
    bench = benches()
    for number in (201, 202):
        bench.lms.put(uuid(number), "sco", {"cmi.core.entry": "resume"})
    applied = run(bench, max_conflicts=1)
    assert (["conflict", "conflict"], 3) == (states(applied), applied.exit_code)
    assert "2 changes met a conflict, a rejection or a failed read." == applied.stopped
    assert [] == bench.lms.edits()


def test_rejections_and_failed_reads_count_as_conflicts_do(benches):
    """Also within a batch, one rejection or failed read more than is borne ends the run."""
    rejected = Answer("rejected", "HTTP 422, code 2")
    bench = benches(client=answering(rejected, rejected))
    first = run(bench, canary="3", max_conflicts=1)
    bench = benches()
    bench.lms.stop()
    with stamina.set_testing(True, attempts=1):
        second = run(bench, canary="3", max_conflicts=1)
    assert (["rejected"] * 2, ["skipped"] * 2) == (states(first), states(second))
    stopped = "2 changes met a conflict, a rejection or a failed read."
    assert (stopped, stopped) == (first.stopped, second.stopped)


def test_a_record_that_is_in_use_is_left_alone(benches):
    """With quiet hours a record that was used within them is not written to, nor in a dry run."""
    bench = benches()
    assert ["skipped"] * 3 == states(run(bench, min_quiet_hours=10**6))
    assert ["skipped"] * 3 == states(run(bench, execute=False, min_quiet_hours=10**6))
    assert [] == bench.lms.edits()
    assert ["verified"] * 3 == states(run(bench, min_quiet_hours=1))


def test_an_approval_that_is_withdrawn_stops_the_run(benches):
    """A reviewer who rejects a change while the run goes on is heard at the next batch."""
    bench = benches(client=Meddled)
    plan = read_plan(bench.path)

    def reject():
        facts = {"meaning": "reject", "reviewer": "Ann", "reason": "wait", "expect": 1}
        decide(plan, decisions_file(bench.path), plan.proposed[2:], **facts)
        bench.client.meddle = lambda: None

    bench.client.meddle = reject
    applied = run(bench, canary="1")
    assert (["verified"], 3) == (states(applied), applied.exit_code)
    assert "An approval was withdrawn while the run went on." == applied.stopped


def test_an_interrupt_keeps_what_is_known(benches):
    """Ctrl-C while an edit is on its way leaves its outcome unknown, and the next run finds out."""
    bench = benches(client=Meddled)

    def interrupt():
        raise KeyboardInterrupt

    bench.client.meddle = interrupt
    applied = run(bench)
    assert ([], 4, 1) == (states(applied), applied.exit_code, applied.open)
    assert "It was interrupted; run it again to go on." == applied.stopped
    bench.client.meddle = lambda: None
    assert ["verified"] * 3 == states(run(bench))
    assert 3 == len(bench.lms.edits())


def test_a_full_disk_stops_before_the_edit(bench, monkeypatch):
    """Where the journal may soon find no room, nothing is sent."""
    bench.approve(bench.plan())
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1 << 20))
    applied = run(bench)
    assert ([], 3) == (states(applied), applied.exit_code)
    assert "MiB are free for the journal." in applied.stopped
    assert [] == bench.lms.edits()


def test_a_journal_that_was_cut_off_is_refused(bench):
    """A plan knows the journal it was made after; one that lacks those entries is refused."""
    bench.approve(bench.plan())
    run(bench)
    head = read_journal(journal_file(bench.folder / "home", bench.lms.base_url))[-1].hash
    bench.path = bench.folder / "second.json"
    bench.lms.put(uuid(201), "sco", {"cmi.core.entry": "ab-inito"})
    bench.approve(bench.plan(journal=head))
    with pytest.raises(JournalError) as caught:
        run(bench, expect=1, journal=bench.folder / "other.journal")
    assert str(caught.value) == (
        f"{bench.folder / 'other.journal'}: The journal lacks entries that the plan knows of."
        " Find the whole journal, and name it with --journal if it is not in its place."
    )
    assert ["verified"] == states(run(bench, expect=1))


def test_what_was_reached_can_be_read_again(bench):
    """The records that an edit reached are a worklist, for a look on another day."""
    bench.approve(bench.plan())
    bench.lms.put(uuid(201), "sco", {"cmi.core.entry": "resume"})
    again = run(bench).again
    assert [uuid(2), uuid(3)] == again["enrollment_id"].tolist()
    assert 2 == len(fetch(bench.client, again, bench.folder / "again"))


# --- time, and what is not there ---------------------------------------------------------


@pytest.fixture
def slept(monkeypatch):
    """The seconds that runs would have waited, on a clock that stands still."""
    waits = []
    clock = SimpleNamespace(sleep=waits.append, monotonic=lambda: 1000.0)
    monkeypatch.setattr(sys.modules[apply.__module__], "time", clock)
    return waits


@pytest.mark.parametrize(
    ("age", "options", "bounds"),
    [
        (0, {}, (100, 120)), (60, {}, (40, 60)), (3600, {}, (-1, 0)), (-3600, {}, (119.99, 120)),
        (0, {"settle": 50}, (30, 50)), (60, {"settle": 50}, (-1, 0)),
    ],
)  # fmt: skip
def test_a_lost_edit_is_given_its_settle_time(bench, slept, age, options, bounds):
    """Before an edit of unknown outcome is looked at, what is left of its 120 seconds goes by."""
    plan = bench.plan()
    bench.approve(plan)
    killed(bench, plan, committed=True)
    file = journal_file(bench.folder / "home", bench.lms.base_url)
    first, intent = read_journal(file)
    then = datetime.now(UTC) - timedelta(seconds=age)
    forge(file, rechained([first, replace(intent, at=then.isoformat())]))
    applied = apply(
        bench.path, bench.client, execute=True, expect=3, home=bench.folder / "home", **options
    )
    assert ["verified"] * 3 == states(applied)
    assert bounds[0] < slept[0] <= bounds[1]


@pytest.mark.parametrize(("timeout", "settle"), [(30, 120), (60, 120), (61, 122), (100, 200)])
def test_a_lost_edit_is_given_twice_the_timeout(benches, slept, timeout, settle):
    """Unless told otherwise the settle time is 120 seconds, or twice what a request may take."""
    bench = benches(attempt(1), client=answering(Answer("unknown", "reset")))
    bench.client.timeout = timeout
    options = {"execute": True, "expect": 1, "home": bench.folder / "home"}
    assert ["verified"] == states(apply(bench.path, bench.client, **options))
    assert settle - 1 < max(slept) <= settle


def test_an_unknown_outcome_is_given_its_settle_time(benches, slept):
    """An edit whose answer was lost is read back after the settle time, a rejected one at once."""
    bench = benches(attempt(1), client=answering(Answer("unknown", "reset")))
    assert ["verified"] == states(run(bench, expect=1, settle=1000))
    assert 1 == sum(wait > 900 for wait in slept)
    bench = benches(attempt(1), client=answering(Answer("busy", "HTTP 503", retry_after=7)))
    slept.clear()
    assert ["verified"] == states(run(bench, expect=1, settle=1000))
    assert 1 == sum(wait > 900 for wait in slept)
    assert 7 in slept
    rejected = Answer("rejected", "HTTP 422, code 2", retry_after=7)
    bench = benches(attempt(1), client=answering(rejected))
    slept.clear()
    assert ["rejected"] == states(run(bench, expect=1, settle=1000))
    assert [7] == [wait for wait in slept if wait]


def test_a_rest_is_waited_out_before_the_next_edit(benches, slept):
    """A throttled edit waits as long as it was asked to and no settle time."""
    bench = benches(
        attempt(1), client=answering(Answer("throttled", "HTTP 429", retry_after=7), None)
    )
    assert ["verified"] == states(run(bench, expect=1, settle=1000, rate=0.1))
    assert [7, 10.0] == [wait for wait in slept if wait]


def test_two_edits_a_second(bench, slept):
    """Unless told otherwise, half a second goes by between two edits, and none before the first."""
    bench.approve(bench.plan())
    options = {"execute": True, "expect": 3, "home": bench.folder / "home"}
    assert ["verified"] * 3 == states(apply(bench.path, bench.client, **options))
    assert [0.5, 0.5] == [wait for wait in slept if wait]


def test_as_many_conflicts_as_are_borne(benches):
    """Unless told otherwise, 25 conflicts are borne, and the 26th ends the run."""
    bench = benches(*[attempt(n) for n in range(1, 28)])
    for number in range(201, 228):
        bench.lms.put(uuid(number), "sco", {"cmi.core.entry": "resume"})
    options = {"execute": True, "expect": 27, "home": bench.folder / "home"}
    applied = apply(bench.path, bench.client, **options)
    assert (["conflict"] * 26, 3) == (states(applied), applied.exit_code)
    assert applied.stopped.startswith("26 changes met")


def test_a_refusal_after_another_answer_is_the_first(benches):
    """Only the same answer twice running is too much; another in between begins anew."""
    lost, refused = Answer("unknown", "reset"), Answer("unauthenticated", "HTTP 401")
    bench = benches(attempt(1), client=answering(lost, refused, None))
    assert ["verified"] == states(run(bench, expect=1))
    bench = benches(client=answering(refused, None, refused, None, refused))
    assert (["verified"] * 3, 3) == (states(run(bench)), bench.client.renewals)


def test_a_record_without_the_sco_is_skipped(bench):
    """Where the SCO is not in the answer, its change is skipped and said to be."""
    plan = bench.plan()
    bench.path = bench.folder / "strange.json"
    write_plan(replace(plan, proposed=(replace(plan.proposed[0], sco_id="gone"),)), bench.path)
    bench.approve(read_plan(bench.path))
    applied = run(bench, expect=1)
    assert ["skipped"] == states(applied)
    assert "the SCO is not in the answer" == applied.done[0].detail


def test_each_lms_has_a_journal_named_after_it(tmp_path):
    """The name of a journal is the LMS's address, with a dash for each sign."""
    assert tmp_path / "lms-example-org-8000-api.journal" == journal_file(
        tmp_path, "https://lms.example.org:8000/api"
    )


def test_a_canary_may_be_given(benches):
    """The plan's own batches hold unless others are asked for."""
    rejected = Answer("rejected", "HTTP 422, code 2")
    for options, batch in (({}, 1), ({"canary": "2"}, 2)):
        bench = benches(client=answering(rejected))
        applied = run(bench, **options)
        assert ["rejected", "verified"][:batch] == states(applied)
        assert f"a batch of {batch} did not go well: HTTP 422, code 2." == applied.stopped


def test_a_resumed_run_tells_of_all(benches):
    """What ended before stands first in the result, and batches count what is left."""
    rejected = Answer("rejected", "HTTP 422, code 2")
    bench = benches(client=answering(rejected))
    assert ["rejected"] == states(run(bench))
    again = run(bench)
    assert (["rejected", "verified", "verified"], "") == (states(again), again.stopped)
    assert 2 == len(bench.lms.edits())


def test_an_edit_that_ends_the_run_is_given_its_settle_time_too(benches, slept):
    """A redirected edit may still be carried out, so its record is not read back at once."""
    for outcome, waits in (("unknown", 1), ("busy", 1), ("rejected", 0)):
        slept.clear()
        bench = benches(attempt(1), client=answering(Answer(outcome, "HTTP 302", stop=True)))
        applied = run(bench, expect=1, settle=1000)
        odd = "answered an edit with a redirect or in no known way"
        did = odd if outcome == "unknown" else "refused an edit"
        assert (f"the LMS {did} (HTTP 302).", 3) == (applied.stopped, applied.exit_code)
        assert waits == sum(wait > 900 for wait in slept)


def test_a_settle_time_is_two_timeouts_or_more(benches, slept):
    """Where a person waits long for an answer, a lost edit is given twice as long, if not told."""
    for options, least in (({}, 590), ({"settle": 50}, 40)):
        slept.clear()
        bench = benches(attempt(1), client=answering(Answer("unknown", "reset")))
        bench.client.timeout = 300
        facts = {"execute": True, "expect": 1, "home": bench.folder / "home", **options}
        assert ["verified"] == states(apply(bench.path, bench.client, **facts))
        assert least < max(slept) <= least + 10


def test_a_finished_plan_needs_no_living_approval(benches):
    """A plan that was carried out ends well for ever; what is left of one needs a new approval."""
    bench = benches()
    plan = read_plan(bench.path)
    run(bench)
    decisions_file(bench.path).unlink()
    bench.approve(plan, now=datetime.now(UTC) - timedelta(days=8))
    for execute in (False, True):
        again = run(bench, execute=execute)
        assert (["verified"] * 3, 0) == (states(again), again.exit_code)
        with pytest.raises(ApprovalError, match="The approval of 3 changes has expired"):
            run(bench, execute=execute, journal=bench.folder / "other.journal")
    assert 3 == len(bench.lms.edits())


def test_a_dry_run_knows_what_has_ended(benches):
    """What an execution would not send again, a dry run does not promise, whatever is read now."""
    bench = benches()
    assert ["verified"] * 3 == states(run(bench))
    bench.lms.put(uuid(201), "sco", {"cmi.core.entry": "ab-inito"})
    dry = run(bench, execute=False)
    assert [("verified", "")] * 3 == [(done.state, done.detail) for done in dry.done]
    elsewhere = bench.folder / "other.journal"
    again = run(bench, execute=False, journal=elsewhere)
    assert ["would_send", "already", "already"] == states(again)
    assert not elsewhere.exists()


def test_a_dry_run_checks_the_journal(benches):
    """A journal that would be refused is refused by a dry run already; an empty file is none."""
    bench = benches()
    file = journal_file(bench.folder / "home", bench.lms.base_url)
    file.parent.mkdir()
    file.touch()
    assert ["would_send"] * 3 == states(run(bench, execute=False))
    for content in (b"no journal", b"{"):
        file.write_bytes(content)
        with pytest.raises(JournalError):
            run(bench, execute=False)
    file.unlink()
    write_plan(replace(read_plan(bench.path), journal="0" * 64), bench.folder / "known.json")
    bench.path = bench.folder / "known.json"
    bench.approve(read_plan(bench.path))
    for execute in (False, True):
        with pytest.raises(JournalError, match="lacks entries"):
            run(bench, execute=execute)


def test_an_approval_is_asked_for_before_each_attempt(benches, monkeypatch):
    """A change that is rejected while its lost edit settles is not sent a second time."""
    bench = benches(attempt(1), client=Meddled, faults=["cut-before-commit"])
    plan = read_plan(bench.path)
    facts = {"meaning": "reject", "reviewer": "Bea", "reason": "wait", "expect": 1}
    bench.client.meddle = lambda: decide(plan, decisions_file(bench.path), plan.proposed, **facts)
    monkeypatch.setattr(sys.modules[Limits.__module__], "_OFTEN", -1)
    applied = run(bench, expect=1)
    assert (["unknown"], []) == (outcomes(bench), bench.lms.edits())
    assert "None of the 1 changes is approved (1 rejected by Bea)" in applied.stopped
    assert ["not_applied"] == [
        entry.content()["state"]
        for entry in read_journal(applied.journal)
        if entry.kind == "result"
    ]


@pytest.mark.parametrize(
    ("states", "more", "words", "code"),
    [
        ((), {}, "<Dry run, nothing was sent: no changes>", 0),
        (("would_send",) * 2, {}, "<Dry run, nothing was sent: 2 would_send>", 0),
        (("verified", "already"), {"journal": "j"}, "<Run: 1 verified, 1 already>", 0),
        (("verified", "skipped"), {"journal": "j"}, "<Run: 1 verified, 1 skipped>", 2),
        (("open",), {"journal": "j", "open": 1}, "<Run: 1 open; 1 of unknown outcome>", 4),
        (("parked", "conflict"), {"journal": "j"}, "<Run: 1 parked, 1 conflict>", 4),
        (("frame_changed",), {"stopped": "x", "journal": "j"}, "<Run: 1 frame_changed>", 3),
        (("conflict_after",), {"stopped": "x", "journal": "j"}, "<Run: 1 conflict_after>", 6),
    ],
)  # fmt: skip
def test_a_run_in_a_word(states, more, words, code):
    """A run shows how many changes ended in which way; what is worst of them is the exit code."""
    done = tuple(Done(change(number), state) for number, state in enumerate(states))
    applied = Applied(done=done, **more)
    assert (words, code) == (repr(applied), applied.exit_code)


def test_what_became_of_each_change_is_a_frame():
    """`results` has a row a change, with how it ended and why, and no value of a learner."""
    made = change(1, *change().ops, replace(change().ops[0], field="exit_status"))
    applied = Applied(done=(Done(made, "conflict", "changed since: title"),))
    assert [
        {
            "change": made.hash[:12], "state": "conflict", "rules": "VO101", "sco_id": "sco",
            "fields": "entry exit_status", "detail": "changed since: title",
        }
    ] == applied.results.to_dict("records")  # fmt: skip
