"""Going on: what was read is kept, asked for once, and only gone on with for the same errand."""

import os
import sqlite3
import stat
from collections import Counter
from contextlib import closing

import pandas as pd
import pytest

from scormaudit.errors import (
    Busy,
    Forbidden,
    NotUnderstood,
    SnapshotError,
    Unauthenticated,
    Unreachable,
)
from scormaudit.fetch import fetch
from scormaudit.lms.client import Client
from scormaudit.sandbox import Attempt, Sandbox, Sco
from scormaudit.snapshot import MANIFEST, TABLES, read_snapshot
from scormaudit.spool import FILE, Spool
from scormaudit.worklist import Worklist, read_worklist


def uuid(kind, number):
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


ATTEMPTS = [
    Attempt(
        uuid(1, n), uuid(2, n), uuid(3, n), f"learner {n}", "course",
        [Sco("s", f"T{n}", cmi={"cmi.suspend_data": f"{n}" * 500, "cmi.objectives.0.id": "o"})],
    )
    for n in range(12)
]  # fmt: skip
PART = 5
MANY = [{"enrollment_id": uuid(1, n), "assignment_id": uuid(2, n)} for n in range(200)]


class Watched(Client):
    """A client that counts who is asked for, and raises what `fate` gives for a position."""

    def __init__(self, sandbox, fate=lambda _: None, url=None):
        super().__init__(url or sandbox.base_url, sandbox.token)
        self.asked, self.fate = Counter(), fate

    def page(self, enrollment_id, assignment_id, names, page):
        position = int(enrollment_id[-12:], 16)
        self.asked[position] += 1
        if error := self.fate(position):
            raise error
        return super().page(enrollment_id, assignment_id, names, page)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(attempts=ATTEMPTS) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setitem(fetch.__globals__, "PART", PART)


@pytest.fixture
def run(sandbox, tmp_path):
    """Fetches into one folder as often as a test likes: the snapshot and who was asked for."""

    def run(fate=lambda _: None, url=None, worklist=sandbox.worklist, **options):
        with Watched(sandbox, fate, url) as client:
            options = {"jobs": 1, **options}
            try:
                return fetch(client, worklist, tmp_path / "s", **options), client.asked
            finally:
                run.asked = client.asked

    return run


@pytest.fixture
def stopped(run):
    """The same, after a run that a refused token ended at the eighth assignment."""

    def fate(position):
        return Unauthenticated("No.", todo="Get a token.") if position == 7 else None

    with pytest.raises(Unauthenticated, match=r"Get a token\. .*kept.*--resume"):
        run(fate)
    return run


@pytest.fixture(scope="module")
def calm(sandbox, tmp_path_factory):
    """What an undisturbed run writes."""
    with pytest.MonkeyPatch.context() as patch, Watched(sandbox) as client:
        patch.setitem(fetch.__globals__, "PART", PART)
        return fetch(client, sandbox.worklist, tmp_path_factory.mktemp("calm") / "s")


def content(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.parquet")}


def state(folder):
    """Every file with its bytes and its time."""
    return {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.rglob("*") if p.is_file()}


# --- going on ----------------------------------------------------------------------------


def test_a_stopped_run_is_gone_on_with(stopped, calm, tmp_path):
    """What was read before the run stopped is not asked for again, and the parts are the same."""
    with pytest.raises(SnapshotError, match=r"did not finish.*--resume"):
        read_snapshot(tmp_path / "s")
    snapshot, asked = stopped(resume=True)
    assert set(range(7, 12)) == set(asked)
    assert content(calm.path) == content(snapshot.path)
    assert snapshot.manifest == read_snapshot(tmp_path / "s").manifest
    snapshot.verify()


def test_nothing_is_left_beside_the_snapshot(stopped, tmp_path):
    """A snapshot that was gone on with holds its manifest and its parts, and nothing else."""
    (tmp_path / "s" / "records" / "part-00001.tmp").write_bytes(b"half")
    snapshot, _ = stopped(resume=True)
    assert {MANIFEST, *content(snapshot.path)} == {
        file.relative_to(snapshot.path).as_posix()
        for file in snapshot.path.rglob("*")
        if file.is_file()
    }


def test_it_began_when_it_was_begun(stopped, tmp_path):
    """The manifest of a resumed run tells when the first one began."""
    spool = Spool(tmp_path / "s")
    began = spool.errand["from_utc"]
    spool.close()
    snapshot, _ = stopped(resume=True)
    assert began == snapshot.manifest.from_utc


def test_parts_keep_the_size_they_were_begun_with(stopped, calm, monkeypatch):
    """Another part size in a later version does not change the cut of a run under way."""
    monkeypatch.setitem(fetch.__globals__, "PART", 2)
    snapshot, _ = stopped(resume=True)
    assert content(calm.path) == content(snapshot.path)


def test_progress_and_words_count_what_was_there(stopped):
    """A resumed run tells how much it found, and its progress comes to the whole."""
    told, ticks = [], []
    stopped(resume=True, tell=told.append, progress=lambda: ticks.append(1))
    assert ["Going on: 7 of 12 assignments were there already."] == told
    assert 12 == len(ticks)


def test_passing_errors_are_read_again_and_final_ones_are_not(run):
    """A record that failed for a passing reason gets a second chance, one that is unknown not."""
    strange = MANY[:12]
    strange[2] = {**MANY[2], "assignment_id": uuid(9, 2)}

    def fate(position):
        if position == 3:
            return NotUnderstood("HTML.")
        return Unauthenticated("No.") if position == 4 else None

    with pytest.raises(Unauthenticated):
        run(fate, worklist=strange)
    snapshot, asked = run(worklist=strange, resume=True)
    assert set(range(3, 12)) == set(asked)
    states = snapshot.table("coverage")["state"].tolist()
    assert ["ok", "ok", "not_found", *["ok"] * 9] == states


@pytest.mark.parametrize("there", [False, True])
def test_where_nothing_is_it_begins(run, calm, tmp_path, there):
    """With nothing to go on with, be it no folder or an empty one, --resume begins."""
    if there:
        (tmp_path / "s" / "records").mkdir(parents=True)
    snapshot, asked = run(resume=True)
    assert set(range(12)) == set(asked)
    assert content(calm.path) == content(snapshot.path)


def test_a_finished_snapshot_stays_as_it_is(run, tmp_path):
    """On a finished snapshot --resume asks nothing, changes nothing and says so."""
    run()
    before = state(tmp_path)
    told = []
    snapshot, asked = run(resume=True, tell=told.append)
    assert 12 == len(snapshot)
    assert Counter() == asked
    assert before == state(tmp_path)
    assert "finished" in told[0]


def test_what_a_run_killed_at_the_very_end_left_is_removed(run, tmp_path):
    """A spool beside a manifest is a leftover; the snapshot is finished without it."""
    run()
    before = state(tmp_path)
    for name in (FILE, f"{FILE}-wal", "coverage/part-00001.tmp"):
        (tmp_path / "s" / name).write_bytes(b"left")
    run(resume=True)
    assert before == state(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")
@pytest.mark.usefixtures("stopped")
def test_unfinished_files_are_for_their_owner_alone(tmp_path):
    """What learners did is nobody else's, before the snapshot is finished either."""
    for path in (tmp_path / "s", *(tmp_path / "s").rglob("*")):
        expected = 0o700 if path.is_dir() else 0o600
        assert oct(expected) == oct(stat.S_IMODE(path.stat().st_mode))


# --- an LMS that says no -----------------------------------------------------------------


def rows(folder):
    """What the spool holds, and every part."""
    with closing(sqlite3.connect(folder / FILE)) as db:
        kept = [db.execute(f"SELECT * FROM {table}").fetchall() for table in ("answers", "parts")]
    return kept, content(folder)


@pytest.mark.parametrize(
    "error",
    [
        Unauthenticated("The token was not accepted."),
        Forbidden("Not allowed."),
        Forbidden("Not allowed.", ends_run=True),
        Unreachable("No connection."),
        Busy("HTTP 503."),
        NotUnderstood("HTML."),
    ],
    ids=["token", "permission", "token-permission", "network", "busy", "html"],
)
def test_an_lms_that_refuses_changes_nothing(stopped, calm, tmp_path, error):
    """Where the LMS now refuses the token or everything, going on fails before it begins."""
    before = rows(tmp_path / "s")
    with pytest.raises(type(error), match=rf"{error.what}|forbids each of the first"):
        stopped(lambda _: error, resume=True)
    assert before == rows(tmp_path / "s")
    snapshot, asked = stopped(resume=True)
    assert set(range(7, 12)) == set(asked)
    assert content(calm.path) == content(snapshot.path)


def test_looking_into_a_folder_changes_nothing(run, tmp_path):
    """A run under way is opened to see what is missing, and not one answer of it is dropped."""
    fates = {3: NotUnderstood("HTML."), 4: Unauthenticated("No.")}
    with pytest.raises(Unauthenticated):
        run(fates.get)
    before = rows(tmp_path / "s")
    with closing(Spool(tmp_path / "s")) as spool:
        assert [True, True, True, False, False] == [position in spool for position in range(5)]
    assert before == rows(tmp_path / "s")
    assert 4 == len(before[0][0])


@pytest.mark.parametrize("error", [Forbidden("No."), Busy("HTTP 500."), NotUnderstood("HTML.")])
def test_records_that_fail_for_ever_do_not_keep_a_run_from_going_on(stopped, error):
    """Where what is left fails by itself, one record that was read shows that the LMS answers."""
    snapshot, asked = stopped(lambda position: error if position >= 7 else None, resume=True)
    state = "forbidden" if isinstance(error, Forbidden) else "error"
    assert {"ok": 7, state: 5} == snapshot.manifest.coverage
    assert {0, *range(7, 12)} == set(asked)


def test_what_is_asked_first_is_kept(stopped):
    """The answer that shows that the LMS still answers is not asked for twice."""
    _, asked = stopped(resume=True)
    assert {asked[8]} == set(asked.values())


# --- what is refused ---------------------------------------------------------------------


def test_an_unfinished_folder_is_told_about_resume(stopped, tmp_path):
    """Without --resume an unfinished folder is refused, untouched, and the way on is named."""
    before = state(tmp_path)
    with pytest.raises(SnapshotError, match=r"already.*--resume, or choose another folder"):
        stopped()
    assert Counter() == stopped.asked
    assert before == state(tmp_path)


@pytest.mark.parametrize("finished", [False, True])
@pytest.mark.parametrize(
    ("difference", "words"),
    [
        ("worklist", r"worklist was DataFrame \(12 rows, SHA-256 \w{12}\), now .*\(11 rows"),
        ("labels", "labels differ in further"),
        ("lms", r"LMS was http://127\.0\.0\.1:\d+, now it is http://localhost:\d+"),
        ("elements", "elements differ in cmi.interactions._count"),
    ],
)
def test_another_errand_is_refused(
    run, sandbox, monkeypatch, tmp_path, finished, difference, words
):
    """A folder of another worklist, LMS or element list is refused, and the difference named."""

    def fate(position):
        return None if finished or position < 3 else Unauthenticated("No.")

    if finished:
        run()
    else:
        with pytest.raises(Unauthenticated):
            run(fate)
    before = content(tmp_path)
    options = {}
    if difference == "worklist":
        options["worklist"] = sandbox.worklist[1:]
    elif difference == "labels":
        whole = read_worklist(sandbox.worklist)
        options["worklist"] = Worklist(whole.frame.assign(further="x"), "", whole.digest)
    elif difference == "lms":
        options["url"] = sandbox.base_url.replace("127.0.0.1", "localhost")
    else:
        names = fetch.__globals__["NAMES"]
        monkeypatch.setitem(fetch.__globals__, "NAMES", names[:-1])
    with pytest.raises(SnapshotError, match=rf"begun otherwise: .*{words}.*Ask for the same"):
        run(resume=True, **options)
    assert Counter() == run.asked
    assert before == content(tmp_path)


@pytest.mark.parametrize("resume", [False, True])
def test_other_folders_are_not_gone_on_with(run, tmp_path, resume):
    """A folder with anything else in it is refused and stays as it is."""
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "thesis.txt").write_bytes(b"mine")
    before = state(tmp_path)
    with pytest.raises(SnapshotError, match=r"already.*; choose another folder"):
        run(resume=resume)
    assert before == state(tmp_path)


def test_one_process_at_a_time(stopped, tmp_path):
    """Two runs in one folder would mix: the second is refused while the first is alive."""
    first = Spool(tmp_path / "s")
    with pytest.raises(SnapshotError, match="Another process"):
        stopped(resume=True)
    first.close()
    assert 12 == len(stopped(resume=True)[0])


def test_a_damaged_part_is_not_gone_on_with(stopped, tmp_path):
    """A finished part in which one byte differs is no evidence, so nothing is added to it."""
    file = tmp_path / "s" / "records" / "part-00000.parquet"
    data = bytearray(file.read_bytes())
    data[100] ^= 1
    file.write_bytes(data)
    with pytest.raises(SnapshotError, match="not what was written"):
        stopped(resume=True)
    assert not (tmp_path / "s" / MANIFEST).exists()


@pytest.mark.parametrize("damage", [b"no database", b"", None])
def test_a_damaged_spool_is_a_named_error(stopped, tmp_path, damage):
    """A spool that cannot be believed is refused by name, not by a traceback."""
    file = tmp_path / "s" / FILE
    if damage is None:
        with sqlite3.connect(file) as db:
            db.execute("UPDATE errand SET body = '{}'")
        db.close()
    else:
        file.write_bytes(damage)
    if damage == b"":
        assert 12 == len(stopped(resume=True)[0])
        return
    with pytest.raises(SnapshotError, match=r"damaged|Another version"):
        stopped(resume=True)


# --- trouble -----------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="only POSIX can limit the size of a file")
@pytest.mark.parametrize("limit", [3_000, 15_000, 70_000])
def test_a_full_disk_is_a_named_error_and_costs_nothing(run, calm, limit):
    """Where the disk is full the run ends with a sentence, and goes on when there is room."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        with pytest.raises(SnapshotError, match=r"room, then go on with --resume|cannot be used"):
            run()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    snapshot, _ = run(resume=True)
    assert content(calm.path) == content(snapshot.path)


def test_an_lms_that_is_gone_ends_the_run(sandbox, monkeypatch, tmp_path):
    """After 25 passing failures in a row the run stops; the next one reads those again."""
    monkeypatch.setitem(fetch.__globals__, "PART", 5_000)
    worklist = MANY[:200]
    gone = Unreachable("No connection.", todo="Check the network.")
    with (
        Watched(sandbox, lambda position: gone if position > 2 else None) as client,
        pytest.raises(Unreachable, match=r"25 times in a row\. Check the network\. .*--resume"),
    ):
        fetch(client, worklist, tmp_path / "s", jobs=1)
    assert len(client.asked) < 200
    with Watched(sandbox) as client:
        snapshot = fetch(client, worklist, tmp_path / "s", jobs=4, resume=True)
    assert set(range(3, 200)) == set(client.asked)
    assert {"ok": 12, "not_found": 188} == snapshot.manifest.coverage


def test_errors_that_come_and_go_do_not_end_the_run(sandbox, tmp_path):
    """Where half of the records fail, but never many in a row, each is recorded."""

    def fate(position):
        return NotUnderstood("HTML.") if position % 2 else None

    with Watched(sandbox, fate) as client:
        snapshot = fetch(client, MANY[:80], tmp_path / "s", jobs=1)
    assert {"ok": 6, "not_found": 34, "error": 40} == snapshot.manifest.coverage


def test_tables_of_a_resumed_run_read_as_ever(stopped, calm):
    """Every table of a resumed snapshot is that of a calm one, row by row."""
    snapshot, _ = stopped(resume=True)
    for table in TABLES:
        expected, actual = calm.table(table), snapshot.table(table)
        pd.testing.assert_frame_equal(expected.astype("object"), actual.astype("object"))
