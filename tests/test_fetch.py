"""Fetching: every record of a worklist as the LMS has it, or the reason why not."""

import asyncio
import json
import threading
from collections import Counter
from itertools import count

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import dates, texts

from scormaudit.cmi import SCALARS
from scormaudit.errors import (
    Ambiguous,
    Forbidden,
    NotUnderstood,
    Refused,
    SnapshotError,
    Unauthenticated,
    Unreachable,
    Unstable,
    WorklistError,
)
from scormaudit.fetch import NAMES, fetch, read_scos
from scormaudit.lms.client import Client
from scormaudit.sandbox import Attempt, Sandbox, Sco
from scormaudit.snapshot import TABLES, read_snapshot

E, A, S = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "eab")
OTHER = "dddddddd-0000-4000-8000-000000000000"
KEY = (E, A)
ROW = {"enrollment_id": E, "assignment_id": A, "assignment_status_id": S}
FULL = Sco(
    "full", "Grüße", "2026-03-01T09:00:00.73100Z", None,
    {
        "cmi.core.lesson_status": "passed", "cmi.core.lesson_location": "",
        "cmi.objectives.0.id": "o0", "cmi.objectives.0.status": "", "cmi.objectives.2.id": "o2",
        "cmi.interactions.0.id": "q0", "cmi.interactions.0.objectives.0.id": "o0",
        "cmi.interactions.0.correct_responses.0.pattern": "a",
        "cmi.interactions.0.correct_responses.1.pattern": "b", "cmi.interactions.1.id": "q1",
    },
    {"cmi.comments": "101 - General exception", "cmi.objectives.2.status": "201 - Bad"},
)  # fmt: skip
SMALL = Sco("small", cmi={"cmi.objectives.0.id": "mine"})


def answer(*scos, **values):
    """A stub's answer to any request: these SCOs with the elements that are asked for."""

    def reply(body):
        names = json.loads(body)["cmi_element_names"]
        items = [
            {
                "sco_id": sco,
                "title": "",
                "cmi_fields": [
                    {"cmi_element_name": n, "cmi_element_value": values[n]}
                    for n in names
                    if n in values
                ],
                "api_error_entity": {"error_code": 0},
            }
            for sco in scos
        ]
        return 200, json.dumps(items).encode()

    return reply


def once(reply):
    """Pages of a stub: what `reply` gives for page 1 of each reading, then an empty page."""
    turn = count()
    return lambda body: reply(body) if next(turn) % 2 == 0 else (200, b"[]")


@pytest.fixture
def connect():
    """Makes clients of a sandbox or a stub, closed at the end."""
    clients = []

    def make(server, kind=Client):
        url = server.base_url if isinstance(server, Sandbox) else getattr(server, "url", server)
        clients.append(kind(url, getattr(server, "token", "token")))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


def told(client):
    """The client, knowing that the LMS counts pages from 1, so that it need not find out."""
    client.numbering.first = 1
    return client


@pytest.fixture
def busy(connect):
    """A client whose learner acts before each page that it asks for."""

    def make(sandbox, act):
        turn = count()

        class Busy(Client):
            def page(self, *args):
                act(next(turn))
                return super().page(*args)

        return told(connect(sandbox, Busy))

    return make


# --- records -----------------------------------------------------------------------------


def test_states_stay_apart_from_the_server_to_the_folder(fresh, connect, tmp_path):
    """Value, empty, absent and error are four things in the snapshot, as they were in the LMS."""
    sandbox = fresh(attempts=[Attempt(E, A, S, scos=[FULL])])
    snapshot = fetch(connect(sandbox), sandbox.worklist, tmp_path / "s")
    (row,) = read_snapshot(tmp_path / "s").records.astype("object").to_dict("records")
    assert ("passed", "") == (row["lesson_status"], row["lesson_location"])
    assert pd.isna(row["exit"])
    assert pd.isna(row["comments"])
    assert ("Grüße", "2026-03-01T09:00:00.73100Z") == (row["title"], row["start_date_utc"])
    assert (E, A, S, "full") == tuple(row[k] for k in (*ROW, "sco_id"))
    assert [
        ("cmi.comments", "101 - General exception"), ("cmi.objectives.2.status", "201 - Bad"),
    ] == list(
        snapshot.table("element_errors")[["element", "message"]].itertuples(index=False, name=None)
    )  # fmt: skip


def test_collections_are_read_to_the_last_index(fresh, connect, tmp_path):
    """Objectives, interactions and what is nested in them come whole, holes included."""
    sandbox = fresh(attempts=[Attempt(E, A, S, scos=[FULL, SMALL])])
    snapshot = fetch(connect(sandbox), sandbox.worklist, tmp_path / "s")
    objectives = snapshot.table("objectives")
    assert ["full", "full", "full", "small"] == objectives["sco_id"].tolist()
    assert [0, 1, 2, 0] == objectives["index"].tolist()
    assert ["o0", "-", "o2", "mine"] == objectives["id"].astype("object").fillna("-").tolist()
    interactions = snapshot.table("interactions")
    assert [["a", "b"], []] == [list(cell) for cell in interactions["correct_responses"]]
    assert [["o0"], []] == [list(cell) for cell in interactions["objective_ids"]]


def test_seeded_records_come_as_they_are(practice, fetched):
    """Every seeded SCO is a record, each assignment is covered, and none is incomplete."""
    assert 200 == len(fetched) == fetched.manifest.counts["records"]
    assert fetched.manifest.complete
    assert len(practice.worklist) == fetched.manifest.counts["coverage"]
    assert {"ok": len(practice.worklist)} == fetched.manifest.coverage
    assert list(NAMES) == list(fetched.manifest.elements)
    fetched.verify()


def test_labelled_defects_are_in_the_snapshot(practice, fetched):
    """An element that was planted to fail is an error in the snapshot, and no other one is."""
    failed = {
        (label["enrollment_id"], label["sco_id"], label["element"])
        for label in practice.labels
        if label["defect"] == "element-failed"
    }
    errors = fetched.table("element_errors")[["enrollment_id", "sco_id", "element"]]
    assert failed
    assert failed == set(errors.itertuples(index=False, name=None))


def test_scorm_2004_is_all_errors(fresh, connect, tmp_path):
    """A SCORM 2004 course is a record whose every element failed, not an empty one."""
    sandbox = fresh(attempts=[Attempt(E, A, S, scos=[Sco("s", scorm2004=True)])])
    snapshot = fetch(connect(sandbox), sandbox.worklist, tmp_path / "s")
    assert 1 == len(snapshot)
    assert {*NAMES} == {*snapshot.table("element_errors")["element"]}
    assert snapshot.records[[e.column for e in SCALARS]].isna().all(axis=None)


@given(
    st.dictionaries(st.sampled_from(NAMES[:-2]), st.none() | texts),
    st.none() | dates().map(lambda pair: pair[0]),
)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_text_survives(tmp_path_factory, cmi, start):
    """Whatever an element holds, hostile Unicode included, stands in the snapshot unchanged."""
    attempts = [Attempt(E, A, S, scos=[Sco("s", "t", start, None, cmi)])]
    with Sandbox(attempts=attempts) as sandbox, Client(sandbox.base_url, sandbox.token) as client:
        folder = tmp_path_factory.mktemp("any") / "s"
        row = fetch(client, sandbox.worklist, folder).records.astype("object").iloc[0]
    for element in SCALARS[:-2]:
        value = row[element.column]
        assert cmi.get(element.name) == (None if pd.isna(value) else value)
    assert start == (None if pd.isna(row["start_date_utc"]) else row["start_date_utc"])


def test_labels_travel_into_records_and_coverage(fresh, connect, tmp_path):
    """Further columns of the worklist stand beside each record, clashing ones under a new name."""
    sandbox = fresh(attempts=[Attempt(E, A, S, scos=[FULL])])
    worklist = pd.DataFrame([{**ROW, "learner": "Zoë", "title": "mine"}])
    snapshot = fetch(connect(sandbox), worklist, tmp_path / "s")
    for table in ("records", "coverage"):
        row = snapshot.table(table).iloc[0]
        assert ("Zoë", "mine") == (row["learner"], row["worklist_title"])
    assert "Grüße" == snapshot.records["title"][0]


def test_a_missing_write_key_is_null(fresh, connect, tmp_path):
    """Where the worklist has no assignment_status_id it is null in every table, not `""`."""
    sandbox = fresh(attempts=[Attempt(E, A, S, scos=[FULL])])
    snapshot = fetch(connect(sandbox), [{"enrollment_id": E, "assignment_id": A}], tmp_path / "s")
    for table in TABLES:
        assert snapshot.table(table)["assignment_status_id"].isna().all()


def test_order_and_parts_do_not_depend_on_jobs(practice, client, tmp_path, monkeypatch, fetched):
    """However many read at a time and however it is cut in parts, the tables are the same."""
    monkeypatch.setitem(fetch.__globals__, "PART", 7)
    snapshot = fetch(client, practice.worklist, tmp_path / "s", jobs=9)
    assert -(-len(practice.worklist) // 7) == len(snapshot.manifest.parts)
    for table in TABLES:
        expected, actual = fetched.table(table), snapshot.table(table)
        pd.testing.assert_frame_equal(expected.astype("object"), actual.astype("object"))


def test_order_does_not_depend_on_arrival(stub, connect, tmp_path):
    """A server that answers the last of every four first gives the tables of a patient one."""
    ids = [f"{n:08x}-0000-4000-8000-000000000000" for n in range(17)]
    seen, arrived = Counter(), []
    whole = {n: threading.Event() for n in range(17)}

    def late_ones_first(body):
        position = int(json.loads(body)["enrollment_id"][:8], 16)
        seen[position] += 1
        if position % 4:
            assert whole[position + 1].wait(60)
        if seen[position] == 2:
            arrived.append(position)
            whole[position].set()
        return answer(f"s{position}")(body) if seen[position] == 1 else (200, b"[]")

    worklist = [{"enrollment_id": e, "assignment_id": A} for e in ids]
    snapshot = fetch(told(connect(stub(late_ones_first))), worklist, tmp_path / "s", jobs=4)
    assert [0, 4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9, 16, 15, 14, 13] == arrived
    assert ids == snapshot.table("coverage")["enrollment_id"].tolist()
    assert [f"s{n}" for n in range(17)] == snapshot.records["sco_id"].tolist()


def test_worklists_of_every_kind(practice, client, tmp_path, fetched):
    """A path, a frame and rows are the same worklist; the manifest names and digests the file."""
    practice.write_worklist(tmp_path / "w.csv")
    snapshot = fetch(client, str(tmp_path / "w.csv"), tmp_path / "s")
    assert {"name": "w.csv", "rows": str(len(practice.worklist))}.items() <= (
        snapshot.manifest.worklist.items()
    )
    assert fetched.records.astype("object").equals(snapshot.records.astype("object"))
    assert 2 == snapshot.table("coverage")["row"][0]


def test_without_a_folder_it_is_named_by_the_time(fresh, connect, tmp_path, monkeypatch):
    """A snapshot that is given no name stands in the current folder, named by its time."""
    monkeypatch.chdir(tmp_path)
    sandbox = fresh(attempts=[Attempt(E, A, S, scos=[FULL])])
    snapshot = fetch(connect(sandbox), sandbox.worklist)
    assert [snapshot.path.name] == [path.name for path in tmp_path.glob("snapshot-2*")]


def test_progress_counts_assignments(practice, client, tmp_path):
    """Progress is told once for each assignment."""
    calls = []
    fetch(client, practice.worklist, tmp_path / "s", progress=lambda: calls.append(1))
    assert len(practice.worklist) == len(calls)


def test_it_works_inside_a_running_event_loop(fresh, connect, tmp_path):
    """A notebook's running event loop is never in the way."""
    sandbox = fresh(attempts=[Attempt(E, A, S, scos=[FULL])])

    async def cell():
        return fetch(connect(sandbox), sandbox.worklist, tmp_path / "s")

    assert 1 == len(asyncio.run(cell()))


# --- pages -------------------------------------------------------------------------------


def test_one_page_is_asked_for_and_the_empty_one_after_it(fresh, connect):
    """A short page is not taken for the last: only an empty one is the end."""
    sandbox = fresh(attempts=[Attempt(E, A, S, scos=[Sco("a"), Sco("b")])])
    assert 2 == len(read_scos(told(connect(sandbox)), *KEY))
    assert 3 == sandbox.requests()["GetCmiData"]


@pytest.mark.parametrize(
    ("per_page", "requests"), [(1, 2 * 6), (2, 2 * 4), (4, 2 * 3), (5, 3), (6, 3)]
)
def test_several_pages_are_read_until_two_passes_agree(
    fresh, connect, monkeypatch, per_page, requests
):
    """Where the SCOs need more than one page, every page is read twice and all SCOs come."""
    monkeypatch.setattr("scormaudit.lms.client._PER_PAGE", per_page)
    sandbox = fresh(attempts=[Attempt(E, A, S, scos=[Sco(f"s{n}") for n in range(5)])])
    scos = read_scos(told(connect(sandbox)), *KEY)
    assert [f"s{n}" for n in range(5)] == [sco.sco_id for sco in scos]
    assert requests == sandbox.requests()["GetCmiData"]


def test_more_scos_than_a_page_may_hold(fresh, connect):
    """An assignment of more SCOs than the LMS puts on a page is read whole."""
    scos = [Sco(f"s{n:04}") for n in range(1003)]
    sandbox = fresh(attempts=[Attempt(E, A, S, scos=scos)])
    assert [sco.sco_id for sco in scos] == [s.sco_id for s in read_scos(connect(sandbox), *KEY)]


def test_collections_over_several_pages(fresh, connect, monkeypatch):
    """Collections are read to the last index also where the SCOs come on several pages."""
    monkeypatch.setattr("scormaudit.lms.client._PER_PAGE", 1)
    sandbox = fresh(attempts=[Attempt(E, A, S, scos=[FULL, SMALL])])
    full, small = read_scos(connect(sandbox), *KEY)
    assert "o2" == full.elements["cmi.objectives.2.id"].text
    assert "mine" == small.elements["cmi.objectives.0.id"].text


def test_a_change_between_pages_is_read_again(fresh, busy, monkeypatch):
    """What changes once while the pages are read is read until two passes agree, and is new."""
    monkeypatch.setattr("scormaudit.lms.client._PER_PAGE", 1)
    sandbox = fresh(attempts=[Attempt(E, A, S, scos=[Sco("a"), Sco("b")])])

    def act(turn):
        if turn == 1:
            sandbox.put(S, "a", {"title": "new"})

    assert ["new", ""] == [sco.title for sco in read_scos(busy(sandbox, act), *KEY)]
    assert 9 == sandbox.requests()["GetCmiData"]


def test_pages_that_never_agree_are_unstable(fresh, busy, monkeypatch):
    """Pages that change under every pass are Unstable, not a mixture of two states."""
    monkeypatch.setattr("scormaudit.lms.client._PER_PAGE", 1)
    sandbox = fresh(attempts=[Attempt(E, A, S, scos=[Sco("a"), Sco("b")])])
    with pytest.raises(Unstable, match="Read it again later"):
        read_scos(busy(sandbox, lambda turn: sandbox.put(S, "a", {"title": f"{turn}"})), *KEY)


def test_a_sco_given_twice_is_ambiguous(stub, connect):
    """One SCO id twice, on one page or on two, is Ambiguous: no one knows which is right."""
    for pages in (answer("x", "x"), answer("x")):
        with pytest.raises(Ambiguous, match="one SCO twice"):
            read_scos(connect(stub(pages)), *KEY)


def test_pages_without_an_end_are_ambiguous(stub, connect):
    """A server that never gives an empty page is left after a hundred pages."""
    turn = count()

    def endless(body):
        return answer(f"s{next(turn)}")(body)

    server = stub(endless)
    with pytest.raises(Ambiguous, match="no end"):
        read_scos(told(connect(server)), *KEY)
    assert 100 == len(server.targets)


# --- two steps ---------------------------------------------------------------------------


def test_a_record_that_grows_meanwhile_is_read_anew(fresh, busy):
    """A count that changes between the steps starts the reading over, and the new state comes."""
    sandbox = fresh(attempts=[Attempt(E, A, S, scos=[SMALL])])

    def act(turn):
        if turn == 2:
            sandbox.put(S, "small", {"cmi.objectives.1.id": "late"})

    (sco,) = read_scos(busy(sandbox, act), *KEY)
    assert "2" == sco.elements["cmi.objectives._count"].text
    assert "late" == sco.elements["cmi.objectives.1.id"].text


@pytest.mark.parametrize("name", ["exit_date_utc", "start_date_utc"])
def test_a_record_that_never_rests_is_unstable(fresh, busy, name):
    """A learner who is always faster makes the record Unstable."""
    sandbox = fresh(attempts=[Attempt(E, A, S, scos=[SMALL])])

    def act(turn):
        sandbox.put(S, "small", {name: f"2026-03-01T09:{turn:02}:00Z"})

    with pytest.raises(Unstable, match="changed while it was read"):
        read_scos(busy(sandbox, act), *KEY)


def test_a_sco_that_vanishes_between_the_steps_is_unstable(stub, connect):
    """SCOs that differ between the two steps never make one record."""
    value = {"cmi.objectives._count": "1"}
    replies = [answer("a", **value), answer("b", **value)]
    turn = count()
    server = stub(
        lambda body: replies[n // 2 % 2](body) if (n := next(turn)) % 2 == 0 else (200, b"[]")
    )
    with pytest.raises(Unstable):
        read_scos(connect(server), *KEY)


def test_what_is_asked_and_not_answered_is_absent(stub, connect):
    """A server that leaves out elements does not keep the reading waiting for them."""
    value = {"cmi.objectives._count": "2", "cmi.objectives.0.id": "o"}
    (sco,) = read_scos(connect(stub(once(answer("s", **value)))), *KEY)
    assert "o" == sco.elements["cmi.objectives.0.id"].text
    assert "absent" == sco.elements["cmi.objectives.1.id"].state


# --- coverage ----------------------------------------------------------------------------


def test_each_reason_is_recorded_and_the_rest_is_read(fresh, busy, tmp_path):
    """What the LMS does not give is named in coverage with its reason; other records are read."""
    sandbox = fresh(
        attempts=[
            Attempt(E, A, S, scos=[FULL]),
            Attempt(OTHER, A, OTHER, scos=[]),
            Attempt(S, A, E, scos=[SMALL]),
        ]
    )
    worklist = [
        {"enrollment_id": e, "assignment_id": A, "assignment_status_id": s}
        for e, s in ((E, S), (OTHER, OTHER), (A, A), (S, E))
    ]

    def act(turn):
        sandbox.put(E, "small", {"exit_date_utc": f"2026-03-01T09:{turn:02}:00Z"})

    snapshot = fetch(busy(sandbox, act), worklist, tmp_path / "s", jobs=1)
    coverage = snapshot.table("coverage")
    assert ["ok", "empty", "not_found", "unstable"] == coverage["state"].tolist()
    assert [1, 2, 3, 4] == coverage["row"].tolist()
    assert [1, 0, 0, 0] == coverage["scos"].tolist()
    assert [True, True, False, False] == coverage["message"].isna().tolist()
    assert not snapshot.manifest.complete
    assert 1 == len(snapshot)
    assert Counter(coverage["state"]) == snapshot.manifest.coverage


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ((403, b'{"api_error_entity": {"error_code": 5}}'), "forbidden"),
        ((403, b"<html>"), "forbidden"),
        ((409, b'{"api_error_entity": {"error_code": 3}}'), "not_found"),
        ((503, b"<html>"), "error"),
        ((200, b"<html>"), "error"),
        ((200, b"[{"), "error"),
        (None, "error"),
        (answer("x", "x"), "ambiguous"),
    ],
    ids=["403", "403-html", "409", "503", "html", "half", "reset", "twice"],
)
def test_the_state_of_a_failed_assignment(stub, connect, tmp_path, reply, expected):
    """One assignment that fails, whichever way, has its state and message and stops no other."""

    def choose(body):
        if json.loads(body)["enrollment_id"] == E:
            return reply(body) if callable(reply) else reply
        return 200, b"[]"

    worklist = [{"enrollment_id": e, "assignment_id": A} for e in (OTHER, E, S)]
    snapshot = fetch(connect(stub(choose)), worklist, tmp_path / "s", jobs=2)
    coverage = snapshot.table("coverage")
    assert ["empty", expected, "empty"] == coverage["state"].tolist()
    assert coverage["message"][1]
    assert not snapshot.manifest.complete


def test_an_item_with_an_error_fails_its_assignment(stub, connect, tmp_path):
    """An error inside an item is that of its assignment, though others came with HTTP 200."""
    item = {"sco_id": "s", "title": "", "cmi_fields": [], "api_error_entity": {"error_code": 3}}
    server = stub((200, json.dumps([item]).encode()))
    snapshot = fetch(connect(server), [ROW], tmp_path / "s")
    assert ["not_found"] == snapshot.table("coverage")["state"].tolist()
    assert 0 == len(snapshot)


# --- what ends the run -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ((401, b""), Unauthenticated),
        ((403, b'{"api_error_entity": {"error_code": 4}}'), Unauthenticated),
        ((422, b'{"api_error_entity": {"error_code": 2}}'), Refused),
        ((200, b"<html>Sign in</html>"), NotUnderstood),
        ((302, b"", "Location: /login"), NotUnderstood),
    ],
)
def test_a_server_that_refuses_from_the_start_leaves_nothing(
    stub, connect, tmp_path, reply, expected
):
    """A wrong token or address is found before a folder is made."""
    with pytest.raises(expected):
        fetch(connect(stub(reply)), [ROW], tmp_path / "s")
    assert not (tmp_path / "s").exists()


def test_an_unreachable_server_leaves_nothing(refused, connect, tmp_path):
    """Where no server listens the error says so, and no folder is made."""
    with pytest.raises(Unreachable):
        fetch(connect(refused), [ROW], tmp_path / "s")
    assert not (tmp_path / "s").exists()


def test_a_token_that_ends_midway_ends_the_run(stub, connect, tmp_path):
    """A token that is refused midway stops the run; what was read is no snapshot."""

    def choose(body):
        return (200, b"[]") if json.loads(body)["enrollment_id"] == E else (401, b"")

    worklist = [{"enrollment_id": e, "assignment_id": A} for e in (E, OTHER, S)]
    with pytest.raises(Unauthenticated):
        fetch(connect(stub(choose)), worklist, tmp_path / "s")
    with pytest.raises(SnapshotError, match="did not finish"):
        read_snapshot(tmp_path / "s")


@pytest.mark.parametrize("rows", [10, 30])
def test_a_token_that_may_read_nothing_leaves_nothing(stub, connect, tmp_path, rows):
    """Where the first ten assignments are all forbidden the run stops, says so and asks no more."""
    server = stub((403, b'{"api_error_entity": {"error_code": 5}}'))
    worklist = [{"enrollment_id": f"{n:08x}{E[8:]}", "assignment_id": A} for n in range(rows)]
    with pytest.raises(Forbidden, match=r"each of the first 10 .*View Section Enrollments"):
        fetch(connect(server), worklist, tmp_path / "s")
    assert 10 == len(server.targets)
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize(("rows", "allowed"), [(9, ()), (12, (9,)), (30, (0,))])
def test_what_is_forbidden_is_recorded_where_something_is_not(
    stub, connect, tmp_path, rows, allowed
):
    """A short worklist that is forbidden as a whole, or a long one in parts, is told as it is."""

    def choose(body):
        position = int(json.loads(body)["enrollment_id"][:8], 16)
        if position in allowed:
            return 200, b"[]"
        return 403, b'{"api_error_entity": {"error_code": 5}}'

    worklist = [{"enrollment_id": f"{n:08x}{E[8:]}", "assignment_id": A} for n in range(rows)]
    snapshot = fetch(connect(stub(choose)), worklist, tmp_path / "s")
    states = ["empty" if n in allowed else "forbidden" for n in range(rows)]
    assert states == snapshot.table("coverage")["state"].tolist()


def test_the_first_answer_is_asked_for_once(fresh, connect, tmp_path):
    """What the first assignment answers, after how pages are counted, is not asked for again."""
    sandbox = fresh(attempts=[Attempt(E, A, S, scos=[Sco("s")])])
    assert 1 == len(fetch(connect(sandbox), sandbox.worklist, tmp_path / "s"))
    assert 2 + 2 == sandbox.requests()["GetCmiData"]


def test_a_refused_token_is_not_tried_on(stub, connect, tmp_path):
    """After an error that ends the run, no more is begun than was on its way."""
    ids = [f"{n:08x}{E[8:]}" for n in range(500)]

    def choose(body):
        return (401, b"") if json.loads(body)["enrollment_id"] == ids[1] else (200, b"[]")

    server = stub(choose)
    worklist = [{"enrollment_id": e, "assignment_id": A} for e in ids]
    with pytest.raises(Unauthenticated, match="kept: go on with --resume"):
        fetch(connect(server), worklist, tmp_path / "s", jobs=2)
    assert len(server.targets) < 250


def test_a_long_worklist_is_cut_by_its_weight(fresh, connect, tmp_path, monkeypatch):
    """A part ends early where its records are heavy, and all of them come in order."""
    monkeypatch.setitem(fetch.__globals__, "_PART_BYTES", 20_000)
    cmi = {"cmi.suspend_data": "x" * 6_000}
    attempts = [
        Attempt(f"{n:08x}{E[8:]}", A, f"{n:08x}{S[8:]}", scos=[Sco(f"s{n}", cmi=cmi)])
        for n in range(10)
    ]
    sandbox = fresh(attempts=attempts)
    snapshot = fetch(connect(sandbox), sandbox.worklist, tmp_path / "s")
    assert [3, 3, 3, 1] == [part["records"]["rows"] for part in snapshot.manifest.parts]
    assert [f"s{n}" for n in range(10)] == snapshot.records["sco_id"].tolist()


def test_a_bad_worklist_asks_nothing(fresh, connect, tmp_path):
    """One bad row, and neither a request is made nor a folder."""
    sandbox = fresh(attempts=[Attempt(E, A, S, scos=[FULL])])
    with pytest.raises(WorklistError):
        fetch(connect(sandbox), [ROW, {**ROW, "enrollment_id": "x"}], tmp_path / "s")
    assert 0 == sandbox.requests()["GetCmiData"]
    assert not (tmp_path / "s").exists()


def test_an_existing_folder_is_refused_and_untouched(fresh, connect, tmp_path):
    """A snapshot is never overwritten, not even by the same one."""
    sandbox = fresh(attempts=[Attempt(E, A, S, scos=[FULL])])
    fetch(connect(sandbox), sandbox.worklist, tmp_path / "s")
    before = {p: (p.stat().st_mtime_ns, p.stat().st_ino) for p in tmp_path.rglob("*")}
    with pytest.raises(SnapshotError, match="already"):
        fetch(connect(sandbox), sandbox.worklist, tmp_path / "s")
    assert before == {p: (p.stat().st_mtime_ns, p.stat().st_ino) for p in tmp_path.rglob("*")}


def test_passing_trouble_leaves_no_trace(fresh, connect, tmp_path):
    """A proxy's page or a 503 now and then costs time, not records."""
    sandbox = fresh(records=40, faults=["server-error", "html-page"])
    snapshot = fetch(connect(sandbox), sandbox.worklist, tmp_path / "s", jobs=1)
    assert snapshot.manifest.complete
    assert 40 == len(snapshot)


def test_fetching_never_edits(practice, fetched):
    """A whole fetch sends no edit."""
    assert fetched
    assert [] == practice.edits()
    assert 0 == practice.requests()["EditScormData"]
