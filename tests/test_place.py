"""Where snapshots are kept: what a URL means, and what is believed of what it gives."""

import hashlib
import sys

import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer

from scormaudit.audit import audit
from scormaudit.errors import PartError, SnapshotError
from scormaudit.place import Remote, place
from scormaudit.snapshot import TABLES, Writer, read_snapshot

FACTS = {
    "base_url": "https://lms.example.org", "from_utc": "2026-03-03T00:00:00Z",
    "to_utc": "2026-03-03T01:00:00Z", "elements": (), "tool_version": "0", "worklist": {},
}  # fmt: skip
ROWS = [
    {"enrollment_id": f"e{n}", "sco_id": "s", "lesson_status": "Passed", "suspend_data": "x" * n}
    for n in range(99)
]


@pytest.fixture(scope="module")
def bucket():
    """An S3 server on loopback with an empty bucket, to which the environment points."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "practice")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        storage = fsspec.filesystem("s3")
        storage.mkdir("bucket")
        yield storage
    server.stop()


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """Two parts of ninety-nine records."""
    writer = Writer(tmp_path_factory.mktemp("place") / "s", ())
    for _ in range(2):
        writer.write({"records": ROWS})
    return writer.finish(**FACTS)


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("s3://bucket/snap", "s3://bucket/snap/manifest.json"),
        ("s3://bucket/snap/", "s3://bucket/snap/manifest.json"),
        ("zip://snap::s3://bucket/a.zip", "zip://snap/manifest.json::s3://bucket/a.zip"),
    ],
)
def test_a_file_of_a_url(url, file):
    """A file is below its folder, in the archive that the URL names first."""
    assert file == str(place(url) / "manifest.json")


def test_a_path_stays_a_path(tmp_path):
    """What has no scheme is a path of this machine."""
    assert (tmp_path, tmp_path) == (place(tmp_path), place(str(tmp_path)))


def test_a_secret_in_a_url_is_not_shown():
    """Whoever signs in by URL does not find it in what is shown."""
    for shown in (str, repr):
        assert "hunter2" not in shown(Remote("ftp://anna:hunter2@host/snap") / "manifest.json")
        assert "host/snap" in shown(Remote("ftp://anna:hunter2@host/snap"))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("pigeon://roof/s", "Give a folder, or a URL that fsspec knows"),
        ("memory://nothing", "The folder is missing"),
    ],
)
def test_a_url_that_leads_nowhere(url, says):
    """It is told in words, and what to do."""
    with pytest.raises(SnapshotError, match=says):
        read_snapshot(url)


@pytest.mark.parametrize(
    ("missing", "url", "package"),
    [("fsspec", "s3://bucket/s", r"scormaudit\[dask\]"), ("s3fs", "s3://bucket/s", "s3fs")],
)
def test_what_is_not_installed_is_named(monkeypatch, missing, url, package):
    """A URL whose package is missing says which it is."""
    for name in [name for name in sys.modules if name.split(".")[0] == missing]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(SnapshotError, match=f"pip install '?{package}"):
        read_snapshot(url)


def test_other_bytes_at_a_url_are_not_believed(snapshot):
    """A part by URL is read only if it is byte for byte what was written."""
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.put(str(snapshot.path), "/changed", recursive=True)
    there = read_snapshot("memory://changed")
    assert snapshot.records.equals(there.records)
    there.verify()
    name = "records/part-00001.parquet"
    memory.pipe_file(f"/changed/{name}", memory.cat_file(f"/changed/{name}") + b" ")
    assert 99 == len(there.table("records", part=0))
    with pytest.raises(PartError) as told:
        there.table("records")
    assert (name, 99) == (told.value.file, told.value.rows["records"])
    with pytest.raises(SnapshotError, match="not what was written"):
        there.verify()


@given(at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_is_never_another_record(snapshot, at, bit):
    """One bit of a part that differs is an error, or it is one that no value depends on."""
    file = snapshot.path / "records" / "part-00001.parquet"
    sound = file.read_bytes()
    changed = bytearray(sound)
    changed[int(at * len(sound))] ^= 1 << bit
    try:
        file.write_bytes(changed)
        found = snapshot.table("records", part=1).astype("object")
    except PartError:
        pass
    else:
        columns = [name for name in found if found[name].notna().any()]
        assert ROWS == found[columns].to_dict("records")
    finally:
        file.write_bytes(sound)
    assert hashlib.sha256(sound).hexdigest() == snapshot.manifest.parts[1]["records"]["sha256"]


def test_a_lost_part_keeps_its_place(snapshot):
    """The rows of a part that is lost are null, so that those behind it stand where they stood."""
    from dataclasses import replace

    lost = replace(snapshot, lost=("interactions/part-00000.parquet",))
    records = lost.records
    assert (198, 99) == (len(records), int(records["enrollment_id"].isna().sum()))
    assert "e0" == records["enrollment_id"].iloc[99]
    assert snapshot.records.dtypes.equals(records.dtypes)
    assert (99, 0) == (lost.lost_rows("records"), lost.lost_rows("interactions"))
    for table in TABLES:
        assert len(snapshot.table(table)) == len(lost.table(table))
    assert "incomplete" in repr(lost)


def test_a_snapshot_in_a_bucket_is_that_of_the_folder(bucket, snapshot):
    """What S3 gives is audited as what was put there; a part that is not there is named."""
    bucket.put(str(snapshot.path), "bucket/snap", recursive=True)
    here, there = (audit(s) for s in (snapshot, read_snapshot("s3://bucket/snap")))
    assert len(here.findings) >= len(snapshot)
    assert here.findings.equals(there.findings)
    (file,) = bucket.glob("bucket/snap/records/*1.parquet")
    bucket.rm(file)
    bucket.invalidate_cache()
    lacking = audit(read_snapshot("s3://bucket/snap"))
    assert (file.removeprefix("bucket/snap/"),) == lacking.lost
    assert not lacking.complete
