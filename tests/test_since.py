"""Reusing an earlier snapshot: only what cannot have changed, and never as if it were new."""

import json
import math
from collections import Counter
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pandas as pd
import pyarrow.parquet as pq
import pytest

from scormaudit.errors import SettingsError, SnapshotError, Unauthenticated
from scormaudit.fetch import fetch
from scormaudit.lms.client import Client
from scormaudit.sandbox import Attempt, Sandbox, Sco
from scormaudit.snapshot import MANIFEST, TABLES, read_snapshot

OLD, NEW = "2026-01-01T09:00:00.73Z", (datetime.now(UTC) - timedelta(days=5)).isoformat()
AGE = 30
CMI = {
    "cmi.core.lesson_status": "passed",
    "cmi.core.lesson_location": "",
    "cmi.suspend_data": "é👋\r\n",
    "cmi.objectives.0.id": "o0",
    "cmi.objectives.1.id": "o1",
    "cmi.interactions.0.id": "q0",
    "cmi.interactions.0.correct_responses.0.pattern": "a",
    "cmi.interactions.0.correct_responses.1.pattern": None,
    "cmi.interactions.0.objectives.0.id": "o0",
}


def uuid(kind, number):
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


def sco(name="s", start=OLD, exit=OLD, errors=(), **values):
    """A SCO that is finished unless something else is said."""
    cmi = CMI | {f"cmi.core.{name}": value for name, value in values.items()}
    return Sco(name, "Grüße", start, exit, cmi, dict(errors))


def attempts(*scos):
    """An assignment for each list of SCOs."""
    return [
        Attempt(uuid(1, n), uuid(2, n), uuid(3, n), f"learner {n}", "course", scos=given)
        for n, given in enumerate(scos)
    ]


FINISHED = attempts(
    [sco()],
    [sco("a", lesson_status="completed"), sco("b", lesson_status="failed", start=None)],
    [sco(errors={"cmi.comments": "101 - General exception"}.items())],
    [Sco("s", "", OLD, OLD, {"cmi.core.lesson_status": "failed"})],
    [sco()],
    [sco()],
    [sco()],
)


class Watched(Client):
    """A client that counts which assignments it is asked for."""

    def __init__(self, url, token):
        super().__init__(url, token)
        self.asked = Counter()

    def page(self, enrollment_id, *rest):
        self.asked[int(enrollment_id[-12:], 16)] += 1
        return super().page(enrollment_id, *rest)


@pytest.fixture
def run(tmp_path):
    """Fetches from a sandbox into a folder: the snapshot and who was asked for."""

    def run(sandbox, out, worklist=None, **options):
        with Watched(sandbox.base_url, sandbox.token) as client:
            given = sandbox.worklist if worklist is None else worklist
            return fetch(client, given, tmp_path / out, **options), set(client.asked)

    return run


@pytest.fixture(scope="module")
def finished():
    """A sandbox in which everything is finished long ago; never change it."""
    with Sandbox(attempts=FINISHED) as sandbox:
        yield sandbox


def tables(snapshot):
    """Every table, and coverage without where it was read."""
    frames = {name: snapshot.table(name).astype("object") for name in TABLES}
    frames["coverage"] = frames["coverage"].drop(columns=["read_in", "read_utc"])
    return frames


def assert_same(expected, actual):
    for name, frame in tables(expected).items():
        pd.testing.assert_frame_equal(frame, tables(actual)[name])


# --- what is reused ----------------------------------------------------------------------


def test_what_is_finished_is_not_asked_for(run, finished):
    """Where all is finished and old no request is made, and every table is as if all had been."""
    old, _ = run(finished, "old")
    new, asked = run(finished, "new", since=old, older_than=AGE)
    assert set() == asked
    assert len(FINISHED) == new.manifest.reused
    assert 0 == old.manifest.reused
    assert_same(old, new)
    assert read_snapshot(new.path).manifest == new.manifest
    new.verify()


def test_an_earlier_snapshot_may_stand_elsewhere(run, finished):
    """A snapshot that is read by URL lends the same as one in a folder."""
    old, _ = run(finished, "old")
    new, asked = run(finished, "new", since=read_snapshot(old.path.as_uri()), older_than=AGE)
    assert (set(), len(FINISHED)) == (asked, new.manifest.reused)
    assert_same(old, new)


def test_coverage_tells_where_it_was_read(run, finished, tmp_path):
    """A reused row names the snapshot it was read in and its time; one that was read has none."""
    old, _ = run(finished, "old", finished.worklist[:3])
    new, asked = run(finished, "new", since=tmp_path / "old", older_than=AGE)
    coverage = new.table("coverage").astype("object")
    assert {3, 4, 5, 6} == asked
    assert 3 == new.manifest.reused
    assert ["ok"] * 7 == coverage["state"].tolist()
    assert [old.manifest.id] * 3 == coverage["read_in"].dropna().tolist()
    assert [old.manifest.from_utc] * 3 == coverage["read_utc"].dropna().tolist()
    assert coverage["read_in"].isna().tolist() == [False] * 3 + [True] * 4


def test_what_was_reused_is_reused_under_its_first_name(run, finished):
    """However often a record is handed on, it names the snapshot that it was read in."""
    first, _ = run(finished, "a")
    second, _ = run(finished, "b", since=first, older_than=AGE)
    third, asked = run(finished, "c", since=second, older_than=AGE)
    assert set() == asked
    assert {first.manifest.id} == set(third.table("coverage")["read_in"])
    assert {first.manifest.from_utc} == set(third.table("coverage")["read_utc"])


def test_another_order_and_other_parts(run, finished, monkeypatch):
    """The worklist may be sorted and cut otherwise than it was then; the rows are the same."""
    monkeypatch.setitem(fetch.__globals__, "PART", 2)
    old, _ = run(finished, "old")
    monkeypatch.setitem(fetch.__globals__, "PART", 3)
    backwards = finished.worklist[::-1]
    calm, _ = run(finished, "calm", backwards)
    new, asked = run(finished, "new", backwards, since=old, older_than=AGE)
    assert set() == asked
    assert_same(calm, new)
    assert {n: e[n]["sha256"] for e in calm.manifest.parts for n in e if n != "coverage"} == {
        n: e[n]["sha256"] for e in new.manifest.parts for n in e if n != "coverage"
    }


@pytest.mark.parametrize("order", [1, -1, 2, 3])
def test_no_part_is_read_twice(run, finished, monkeypatch, order):
    """However a worklist is sorted, each file is opened once to judge it and once to reuse it."""
    monkeypatch.setitem(fetch.__globals__, "PART", 2)
    old, _ = run(finished, "old")
    worklist = finished.worklist[::order] + [
        r for n, r in enumerate(finished.worklist) if n % order
    ]
    opened = Counter()
    read_table = pq.read_table

    def counted(file, **options):
        opened[file.relative_to(old.path).as_posix()] += 1
        return read_table(file, **options)

    monkeypatch.setattr(pq, "read_table", counted)
    new, asked = run(finished, "new", worklist, since=old, older_than=AGE)
    assert (set(), 7) == (asked, new.manifest.reused)
    judged = ("records", "coverage")
    parts = [entry[table]["file"] for entry in old.manifest.parts for table in TABLES]
    assert {file: 1 + file.startswith(judged) for file in parts} == opened


def test_keys_and_labels_are_those_of_the_new_worklist(run, finished):
    """Write keys and labels come from the worklist at hand, not from the earlier one."""
    old, _ = run(finished, "old")
    keys = ("enrollment_id", "assignment_id")
    worklist = [
        {**{key: row[key] for key in keys}, "read_in": "class 3", "team": f"t{n}"}
        for n, row in enumerate(finished.worklist)
    ]
    new, asked = run(finished, "new", worklist, since=old, older_than=AGE)
    assert set() == asked
    for table in ("records", "coverage"):
        frame = new.table(table)
        assert "t0" == frame["team"][0]
        assert frame["assignment_status_id"].isna().all()
        assert "learner" not in frame
    assert {"class 3"} == set(new.records["read_in"])
    assert {old.manifest.id} == set(new.table("coverage")["read_in"])


# --- what is not -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scos",
    [
        [sco(lesson_status="incomplete")],
        [sco(lesson_status="browsed")],
        [sco(lesson_status="not attempted")],
        [sco(lesson_status="Passed")],
        [sco(lesson_status="")],
        [sco(lesson_status=None)],
        [sco(errors={"cmi.core.lesson_status": "101"}.items())],
        [Sco("s", scorm2004=True, start_date_utc=OLD, exit_date_utc=OLD)],
        [sco(exit=NEW)],
        [sco(start=NEW)],
        [sco(exit=None)],
        [sco(start=None, exit=None)],
        [sco(start="")],
        [sco(start="last year")],
        [sco(exit="01.01.2026")],
        [sco(exit="9999-12-31T23:59:59Z")],
        [sco("a"), sco("b", lesson_status="incomplete")],
        [sco("a", exit=NEW), sco("b")],
        [],
    ],
)
def test_what_may_have_changed_is_read(run, fresh, scos):
    """One SCO that is not finished, or one date that is young or unclear, and it is read again."""
    sandbox = fresh(attempts=attempts([sco()], scos))
    old, _ = run(sandbox, "old")
    new, asked = run(sandbox, "new", since=old, older_than=AGE)
    assert {1} == asked
    assert 1 == new.manifest.reused
    assert_same(old, new)


@pytest.mark.parametrize(("older_than", "expected"), [(4, set()), (4.9, set()), (5.1, {0})])
def test_the_age_decides(run, fresh, older_than, expected):
    """A date is old enough once it is that many days ago, and not before."""
    sandbox = fresh(attempts=attempts([sco(exit=NEW)]))
    old, _ = run(sandbox, "old")
    assert expected == run(sandbox, "new", since=old, older_than=older_than)[1]


def test_what_failed_then_is_read_now(run, finished, fresh, tmp_path):
    """What the earlier snapshot could not read, or did not know, is asked for."""
    half = fresh(attempts=FINISHED[:4])
    with Client(half.base_url, half.token) as client:
        client.base_url = finished.base_url
        old = fetch(client, finished.worklist[:6], tmp_path / "old")
    assert {"ok": 4, "not_found": 2} == old.manifest.coverage
    new, asked = run(finished, "new", since=old, older_than=AGE)
    assert {4, 5, 6} == asked
    assert new.manifest.complete


def test_changes_to_what_is_read_are_seen(run, fresh):
    """A record that moved on is new in the new snapshot, beside reused ones."""
    sandbox = fresh(attempts=attempts([sco()], [sco(lesson_status="incomplete")]))
    old, _ = run(sandbox, "old")
    sandbox.put(uuid(3, 1), "s", {"cmi.core.lesson_status": "passed"})
    new, _ = run(sandbox, "new", since=old, older_than=AGE)
    assert ["passed", "passed"] == new.records["lesson_status"].tolist()


# --- what is refused ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"older_than": 30},
        {"since": True},
        {"since": True, "older_than": -1},
        {"since": True, "older_than": math.nan},
        {"since": True, "older_than": math.inf},
    ],
)
def test_an_age_and_a_snapshot_go_together(run, finished, tmp_path, options):
    """One without the other, or an age that is none, is refused before anything is made."""
    if "since" in options:
        options = {**options, "since": run(finished, "old")[0]}
    with pytest.raises(SettingsError):
        run(finished, "new", **options)
    assert not (tmp_path / "new").exists()


def test_an_age_beyond_all_dates_reuses_nothing(run, finished):
    """A very great age is no error: nothing is that old."""
    old, _ = run(finished, "old")
    assert set(range(7)) == run(finished, "new", since=old, older_than=1e9)[1]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("base_url", "https://lms.example.org", "the LMS was https://lms.example.org, now"),
        ("elements", ["cmi.core.exit"], "the elements differ in cmi.comments, "),
    ],
)
def test_a_snapshot_of_something_else_is_refused(run, finished, tmp_path, key, value, words):
    """A snapshot of another LMS or of other elements is refused, and the difference named."""
    run(finished, "old")
    file = tmp_path / "old" / MANIFEST
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {key: value}), "utf-8")
    with pytest.raises(SnapshotError, match=f"reused: {words}"):
        run(finished, "new", since=tmp_path / "old", older_than=AGE)
    assert not (tmp_path / "new").exists()


def test_a_damaged_snapshot_lends_nothing(run, finished, tmp_path):
    """One byte that differs in the earlier snapshot, and nothing is taken from it."""
    old, _ = run(finished, "old")
    file = old.path / "records" / "part-00000.parquet"
    data = bytearray(file.read_bytes())
    data[100] ^= 1
    file.write_bytes(data)
    with pytest.raises(SnapshotError, match="not what was written"):
        run(finished, "new", since=old, older_than=AGE)
    assert not (tmp_path / "new").exists()


def test_a_resumed_run_reuses_the_same(run, fresh, tmp_path, monkeypatch):
    """A stopped run goes on with the snapshot and the age it began with, and with no other."""
    monkeypatch.setitem(fetch.__globals__, "PART", 2)
    sandbox = fresh(attempts=[*FINISHED, *attempts(*[[sco(exit=NEW)]] * 12)[7:]])
    old, _ = run(sandbox, "old")
    calm, _ = run(sandbox, "calm", since=old, older_than=AGE)

    class Refused(Watched):
        def page(self, enrollment_id, *rest):
            if enrollment_id == uuid(1, 9):
                raise Unauthenticated("No.")
            return super().page(enrollment_id, *rest)

    options = {"since": old, "older_than": AGE, "jobs": 1}
    with Refused(sandbox.base_url, sandbox.token) as client, pytest.raises(Unauthenticated):
        fetch(client, sandbox.worklist, tmp_path / "new", **options)
    for other in ({}, {"since": calm, "older_than": AGE}, {"since": old, "older_than": 1}):
        with pytest.raises(SnapshotError, match=r"--since was|the age was"):
            run(sandbox, "new", resume=True, **other)
    new, asked = run(sandbox, "new", resume=True, **options)
    assert {9, 10, 11} == asked
    assert 7 == new.manifest.reused
    for part in calm.path.rglob("*.parquet"):
        assert part.read_bytes() == (new.path / part.relative_to(calm.path)).read_bytes()


def test_snapshots_from_before_reuse_are_read_and_reused(run, finished):
    """A manifest without `reused`, and coverage without its columns, are those of a full fetch."""
    old, _ = run(finished, "old")
    manifest = json.loads((old.path / MANIFEST).read_text("utf-8"))
    del manifest["reused"]
    part = old.path / "coverage" / "part-00000.parquet"
    pq.write_table(pq.read_table(part).drop_columns(["read_in", "read_utc"]), part)
    manifest["parts"][0]["coverage"]["sha256"] = sha256(part.read_bytes()).hexdigest()
    (old.path / MANIFEST).write_text(json.dumps(manifest), "utf-8")
    assert 0 == read_snapshot(old.path).manifest.reused
    new, asked = run(finished, "new", since=old.path, older_than=AGE)
    assert set() == asked
    assert {old.manifest.id} == set(new.table("coverage")["read_in"])
