"""Snapshots: written whole or not at all, readable by any tool, and believed only if intact."""

import hashlib
import json
import os
import shutil
import stat
import string

import pandas as pd
import pyarrow.parquet as pq
import pytest

from scormaudit.errors import SnapshotError
from scormaudit.frame import COLUMNS, KEYS, Rows
from scormaudit.lms.wire import Reading, Sco
from scormaudit.snapshot import TABLES, Writer, read_snapshot

FACTS = {
    "base_url": "https://lms.example.org", "from_utc": "2026-03-01T09:00:00Z",
    "to_utc": "2026-03-01T09:00:01Z", "elements": ("cmi.core.exit",), "tool_version": "0",
    "worklist": {"name": "w.csv", "sha256": "0", "rows": "1"},
}  # fmt: skip
DOCUMENTED = ("records", "objectives", "interactions", "element_errors", "coverage")
KEY = {"enrollment_id": "e", "assignment_id": "a", "assignment_status_id": None}
STATES = {
    "cmi.core.lesson_status": Reading("value", "passed"),
    "cmi.core.lesson_location": Reading("empty"),
    "cmi.core.exit": Reading("absent"),
    "cmi.comments": Reading("error", "101 - General exception"),
    "cmi.suspend_data": Reading("value", "\0\ufeff é👋\r\n" + "x" * 70_000),
    "cmi.objectives._count": Reading("value", "1"),
    "cmi.interactions._count": Reading("value", "1"),
    "cmi.interactions.0.correct_responses._count": Reading("value", "2"),
    "cmi.interactions.0.correct_responses.0.pattern": Reading("value", "a"),
}


def tables(number=0, state="ok"):
    """One part: a record with everything, and its coverage."""
    rows = Rows()
    rows.add(
        Sco(
            sco_id=f"s{number}", title="T", start_date_utc="2026-03-01T09:00:00.73100Z",
            exit_date_utc=None, elements=STATES,
        ),
        KEY, {"learner": "Zoë"},
    )  # fmt: skip
    covered = {**KEY, "row": number, "state": state, "scos": 1, "message": None, "learner": "Zoë"}
    return rows.tables | {"coverage": [covered]}


@pytest.fixture
def written(tmp_path):
    """A finished snapshot of two parts."""
    writer = Writer(tmp_path / "snapshot", ("learner",))
    writer.write(tables(0))
    writer.write(tables(1, "empty"))
    return writer.finish(**FACTS)


def content(folder):
    """Every file below a folder with its bytes."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- writing -----------------------------------------------------------------------------


def test_the_folder_is_as_documented(written):
    """A manifest and Parquet parts, a folder a table, and nothing else."""
    expected = {f"{name}/part-0000{n}.parquet" for name in TABLES for n in (0, 1)}
    found = {path.relative_to(written.path).as_posix() for path in content(written.path)}
    assert {"manifest.json", *expected} == found
    assert set(DOCUMENTED) <= set(TABLES)


def test_the_manifest_says_what_was_read(written):
    """Format, id, base URL, from, to, counts, complete, element names and tool version are told."""
    manifest = json.loads((written.path / "manifest.json").read_text("utf-8"))
    parts = manifest.pop("parts")
    identity = manifest.pop("id")
    assert {
        "format": "scormaudit-snapshot-1",
        "complete": True,
        "counts": {name: 2 if name in DOCUMENTED else 0 for name in TABLES},
        "coverage": {"ok": 1, "empty": 1},
        "labels": ["learner"],
        "reused": 0,
        **{name: list(fact) if isinstance(fact, tuple) else fact for name, fact in FACTS.items()},
    } == manifest
    assert (32, True) == (len(identity), set(identity) <= set(string.hexdigits))
    for part in parts:
        for name, entry in part.items():
            file = written.path / entry["file"]
            assert (name, int(name in DOCUMENTED)) == (file.parent.name, entry["rows"])
            assert hashlib.sha256(file.read_bytes()).hexdigest() == entry["sha256"]


@pytest.mark.parametrize("state", ["forbidden", "not_found", "unstable", "ambiguous", "error"])
def test_what_could_not_be_read_makes_it_incomplete(tmp_path, state):
    """One assignment that is neither ok nor empty makes the whole snapshot incomplete."""
    writer = Writer(tmp_path / "s", ("learner",))
    writer.write(tables(state=state))
    snapshot = writer.finish(**FACTS)
    assert not snapshot.manifest.complete
    assert "incomplete" in repr(snapshot)
    assert not read_snapshot(tmp_path / "s").manifest.complete


def test_the_id_depends_on_what_was_read(tmp_path, written):
    """The same bytes from the same LMS have the same id, other bytes another."""
    ids = []
    for name, number in (("a", 0), ("b", 0), ("c", 5)):
        writer = Writer(tmp_path / name, ("learner",))
        writer.write(tables(number))
        ids.append(writer.finish(**FACTS).manifest.id)
    assert ids[0] == ids[1]
    assert 3 == len({*ids, written.manifest.id})


@pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")
def test_files_are_for_their_owner_alone(written):
    """Folders are 0700 and files 0600: learner data is nobody else's."""
    for path in (written.path, *written.path.rglob("*")):
        expected = 0o700 if path.is_dir() else 0o600
        assert oct(expected) == oct(stat.S_IMODE(path.stat().st_mode))


@pytest.mark.parametrize("kind", ["folder", "full", "file", "link"])
def test_an_existing_folder_is_refused_and_untouched(tmp_path, written, kind):
    """What is there already, be it empty, a snapshot or a file, is never written into."""
    path = {"full": written.path}.get(kind, tmp_path / "there")
    if kind == "folder":
        path.mkdir()
    elif kind == "file":
        path.write_bytes(b"mine")
    elif kind == "link":
        path.symlink_to(tmp_path / "nowhere")
    before = content(tmp_path)
    with pytest.raises(SnapshotError, match=r"already.*choose another folder"):
        Writer(path, ())
    assert before == content(tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    """A path through a file is refused with its name."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SnapshotError, match="cannot be made") as caught:
        Writer(tmp_path / "file" / "snapshot", ())
    assert str(tmp_path) in caught.value.where


def test_without_a_manifest_there_is_no_snapshot(tmp_path):
    """Parts alone are not a snapshot: the manifest comes last."""
    writer = Writer(tmp_path / "s", ("learner",))
    writer.write(tables())
    with pytest.raises(SnapshotError, match="did not finish"):
        read_snapshot(tmp_path / "s")


def test_a_part_that_cannot_be_written_is_a_named_error(tmp_path):
    """Where the disk fails the error names the file, and no half part is left behind."""
    writer = Writer(tmp_path / "s", ("learner",))
    shutil.rmtree(tmp_path / "s" / "objectives")
    with pytest.raises(SnapshotError, match="cannot be written"):
        writer.write(tables())
    assert not list(tmp_path.rglob("*.tmp"))
    assert not (tmp_path / "s" / "manifest.json").exists()


@pytest.mark.skipif(os.name != "posix", reason="only POSIX can limit the size of a file")
@pytest.mark.parametrize("limit", [100, 5_000])
def test_a_full_disk_is_a_named_error(tmp_path, limit):
    """Where there is no room the error says so and how to go on, and the half file is gone."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    writer = Writer(tmp_path / "s", ("learner",))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        with pytest.raises(SnapshotError, match=r"cannot be written .*Make room.*--resume"):
            writer.write(tables())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(tmp_path.rglob("*.tmp"))


def test_no_file_shows_before_it_is_whole(tmp_path, monkeypatch):
    """A file takes its name only when all of it is on the disk."""
    writer = Writer(tmp_path / "s", ("learner",))
    visible = []
    monkeypatch.setattr(
        os, "fsync", lambda _: visible.append(len(list(tmp_path.rglob("*.parquet"))))
    )
    writer.write(tables())
    assert list(range(len(TABLES))) == visible
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_part_in_batches_is_one_part(tmp_path, written):
    """Rows that come in batches make one part, in their order."""
    writer = Writer(tmp_path / "s", ("learner",))
    writer.write_batches(iter([tables(0), tables(1, "empty"), {}]))
    snapshot = writer.finish(**FACTS)
    assert 1 == len(snapshot.manifest.parts)
    assert written.manifest.counts == snapshot.manifest.counts
    for name in TABLES:
        expected, actual = written.table(name), snapshot.table(name)
        pd.testing.assert_frame_equal(expected.astype("object"), actual.astype("object"))


def test_parts_are_gone_on_with(tmp_path, written):
    """A writer that is given the parts of another one goes on where that stopped."""
    part = Writer(tmp_path / "s", ("learner",)).write(tables(0))
    writer = Writer(tmp_path / "s", ("learner",), [part])
    writer.write(tables(1, "empty"))
    assert written.manifest == writer.finish(**FACTS).manifest
    assert [p.read_bytes() for p in sorted(written.path.rglob("*")) if p.is_file()] == [
        p.read_bytes() for p in sorted((tmp_path / "s").rglob("*")) if p.is_file()
    ]


def test_what_was_read_elsewhere_is_counted(tmp_path):
    """`reused` is how many rows of coverage name another snapshot."""
    rows = tables()
    rows["coverage"] = [{**rows["coverage"][0], "read_in": "0" * 32}, *rows["coverage"]]
    writer = Writer(tmp_path / "s", ("learner",))
    writer.write(rows)
    assert 1 == writer.finish(**FACTS).manifest.reused


def test_a_label_never_hides_a_column_of_coverage(tmp_path):
    """A label named like a column of ours stays in the records alone."""
    writer = Writer(tmp_path / "s", ("learner", "read_in"))
    writer.write(tables())
    snapshot = writer.finish(**FACTS)
    assert snapshot.table("coverage")["read_in"].isna().all()
    assert "read_in" in snapshot.records


# --- reading -----------------------------------------------------------------------------


def test_what_was_written_is_read(written):
    """Every table comes back from the folder, states apart and text byte for byte."""
    snapshot = read_snapshot(written.path)
    assert (written.manifest, 2) == (snapshot.manifest, len(snapshot))
    row = snapshot.records.iloc[1]
    assert ("s1", "passed", "", "Zoë") == tuple(
        row[name] for name in ("sco_id", "lesson_status", "lesson_location", "learner")
    )
    assert STATES["cmi.suspend_data"].text == row["suspend_data"]
    assert "2026-03-01T09:00:00.73100Z" == row["start_date_utc"]
    assert row[["exit", "comments", "exit_date_utc", "assignment_status_id"]].isna().all()
    assert ["101 - General exception"] * 2 == snapshot.table("element_errors")["message"].tolist()
    assert ["a", None] == list(snapshot.table("interactions")["correct_responses"][0])
    assert ["ok", "empty"] == snapshot.table("coverage")["state"].tolist()


def test_parts_and_columns_can_be_chosen(written):
    """One part, or some columns, is read without the rest."""
    assert ["s1"] == written.table("records", ["sco_id"], part=1)["sco_id"].tolist()
    assert ["exit"] == list(written.table("records", ["exit"]))


def test_text_is_dictionary_encoded(written):
    """Text columns come as categories, so that a rule sees each distinct value once."""
    dtypes = written.records.dtypes
    assert all(isinstance(dtype, pd.CategoricalDtype) for dtype in dtypes)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_other_tools_read_the_parts(written, name):
    """Plain pandas and pyarrow read a table's folder, with the documented columns."""
    frame = pd.read_parquet(written.path / name)
    table = pq.read_table(written.path / name)
    assert 2 == len(frame) == table.num_rows
    columns = COLUMNS.get(name, ("row", *KEYS[:3], "state", "scos", "message", "learner"))
    assert set(columns) <= set(frame.columns)
    if name in COLUMNS:
        assert list(KEYS) == list(frame.columns[:4])


def test_an_empty_snapshot_has_its_columns(tmp_path):
    """Without one record every table is there, with its columns and no rows."""
    writer = Writer(tmp_path / "s", ())
    writer.write({**Rows().tables, "coverage": []})
    for snapshot in (writer.finish(**FACTS), read_snapshot(tmp_path / "s")):
        assert 0 == len(snapshot) == len(snapshot.records)
        assert {"lesson_status", "suspend_data", *KEYS} <= set(snapshot.records)
    assert set(COLUMNS["objectives"]) <= set(snapshot.table("objectives"))


def test_a_manifest_without_reuse_is_read(written):
    """A manifest of before records could be reused is that of a snapshot which reused none."""
    file = written.path / "manifest.json"
    older = {k: v for k, v in json.loads(file.read_bytes()).items() if k != "reused"}
    file.write_text(json.dumps(older), "utf-8")
    assert written.manifest == read_snapshot(written.path).manifest


def test_repr_shows_no_learner(written):
    """A snapshot shows its size and place."""
    assert f"<Snapshot of 2 records: {written.path}>" == repr(written)


# --- damage ------------------------------------------------------------------------------


def test_other_folders_are_no_snapshots(tmp_path):
    """A folder that is missing, or a file, or holds no manifest, is called what it is."""
    (tmp_path / "file").write_bytes(b"")
    for name, message in (("none", "is missing"), ("file", "is missing"), (".", "no manifest")):
        with pytest.raises(SnapshotError, match=message):
            read_snapshot(tmp_path / name)


@pytest.mark.parametrize(
    "change",
    [
        b"",
        b"\xff\xfe",
        b"[" * 200_000,
        b"null",
        b"[]",
        b"{}",
        lambda m: json.dumps(m).encode()[:-1],
        lambda m: {**m, "format": "scormaudit-snapshot-2"},
        lambda m: {k: v for k, v in m.items() if k != "counts"},
        lambda m: {**m, "counts": {}},
        lambda m: {**m, "counts": {"records": "many"}},
        lambda m: {**m, "parts": 5},
        lambda m: {**m, "parts": [{}]},
        lambda m: {**m, "parts": [{"records": {}}]},
        lambda m: {**m, "parts": [{name: {"file": 5} for name in TABLES}]},
        lambda m: {
            **m,
            "parts": [{n: {"file": "../x", "sha256": ""} for n in TABLES}],
        },
        lambda m: {**m, "labels": [{}]},
    ],
)
def test_damaged_manifests_are_refused(written, change):
    """A manifest that is not whole is refused by name, not by a traceback later."""
    file = written.path / "manifest.json"
    changed = change(json.loads(file.read_bytes())) if callable(change) else change
    file.write_bytes(changed if isinstance(changed, bytes) else json.dumps(changed).encode())
    with pytest.raises(SnapshotError, match=r"not a manifest.*Fetch it anew"):
        read_snapshot(written.path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.unlink(),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(file.read_bytes()[:100]),
        lambda file: file.write_bytes(b"\0" * 500),
    ],
    ids=["gone", "empty", "cut", "zeros"],
)
@pytest.mark.parametrize("name", TABLES)
def test_damaged_parts_are_refused(written, name, damage):
    """A part that is gone or cut is named, both on reading and on verifying."""
    damage(written.path / name / "part-00001.parquet")
    with pytest.raises(SnapshotError, match=f"part of {name}"):
        written.table(name)
    with pytest.raises(SnapshotError, match="not what was written"):
        written.verify()


def test_one_flipped_byte_is_noticed(written):
    """A part in which one byte differs, though it reads well, is not evidence."""
    written.verify()
    file = written.path / "records" / "part-00000.parquet"
    data = bytearray(file.read_bytes())
    data[-20] ^= 1
    file.write_bytes(data)
    with pytest.raises(SnapshotError, match="not what was written") as caught:
        written.verify()
    assert str(file) == caught.value.where
