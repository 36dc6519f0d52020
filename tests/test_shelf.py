"""What an audit keeps of many parts may lie on the disk; nobody sees a difference."""

import resource
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import texts

from scormaudit import audit, part, shelf
from scormaudit.snapshot import Writer

FACTS = {"base_url": "https://lms.example.org", "from_utc": "", "to_utc": "", "elements": (),
         "worklist": {}, "tool_version": ""}  # fmt: skip
SELECT = ["AR203", "VO"]
RECORDS = st.lists(st.tuples(st.sampled_from("abc"), texts), min_size=1, max_size=6)


def snapshot(folder, parts):
    """A snapshot whose records have these SCO ids and statuses, and an interaction each."""
    writer = Writer(folder, ())
    for rows in parts:
        keys = [{"enrollment_id": "e", "assignment_id": "a", "sco_id": sco} for sco, _ in rows]
        records = [key | {"lesson_status": s} for key, (_, s) in zip(keys, rows, strict=True)]
        asked = [key | {"index": 3, "type": s} for key, (_, s) in zip(keys, rows, strict=True)]
        writer.write({"records": records, "interactions": asked})
    return writer.finish(**FACTS)


def told(source):
    """All that a report says."""
    report = audit(source, select=SELECT)
    results = [(r.rule.code, r.tested, r.broken, r.unknown, r.reason) for r in report.results]
    return results, report.findings


@settings(max_examples=25)
@given(parts=st.lists(RECORDS, min_size=2, max_size=5))
def test_where_it_lies_makes_no_difference(parts, tmp_path_factory):
    """Findings and counts are the same from memory and from the disk, repeated keys among them."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(part, "MOST", 1)
        source = snapshot(tmp_path_factory.mktemp("shelf") / "snapshot", parts)
        results, findings = told(source)
        patched.setattr(shelf, "ROOM", 0)
        laid = told(source)
    assert results == laid[0]
    pd.testing.assert_frame_equal(findings, laid[1])


def test_texts_lie_in_the_file(tmp_path, monkeypatch):
    """Beyond the room that there is, values take no memory of Arrow's."""
    monkeypatch.setattr(part, "MOST", 1)
    monkeypatch.setattr(shelf, "ROOM", 1 << 16)
    long = "x" * 5000
    source = snapshot(tmp_path / "snapshot", [[(f"s{n}", long)] * 20 for n in range(30)])
    before = pa.jemalloc_memory_pool().bytes_allocated() + pa.total_allocated_bytes()
    report = audit(source, select=["VO101"])
    after = pa.jemalloc_memory_pool().bytes_allocated() + pa.total_allocated_bytes()
    assert [long] * 600 == report.findings["value"].tolist()
    assert after - before < 600 * len(long) / 4


def test_without_a_folder_for_it_memory_does(tmp_path, monkeypatch):
    """Where no temporary file can be made, the audit goes on in memory."""
    source = snapshot(tmp_path / "snapshot", [[("s", "Passed")], [("s", "passed")]])
    results, findings = told(source)
    monkeypatch.setattr(part, "MOST", 1)
    monkeypatch.setattr(shelf, "ROOM", 0)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    assert results == told(source)[0]
    pd.testing.assert_frame_equal(findings, told(source)[1])


FULL = """
import resource, sys
from scormaudit import audit, part, read_snapshot, shelf
part.MOST, shelf.ROOM = 1, 0
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
print(len(audit(read_snapshot(sys.argv[1]), select=["VO101", "AR203"]).findings))
"""


@pytest.mark.parametrize("most", [0, 8, 2000, resource.RLIM_INFINITY])
def test_a_disk_that_is_full_loses_nothing(most, tmp_path):
    """Wherever the disk takes no more, what was found is all there."""
    parts = [[("s", "Passed"), (f"t{n}", "passed")] for n in range(3)]
    snapshot(tmp_path / "snapshot", parts)
    command = [sys.executable, "-c", FULL, str(tmp_path / "snapshot"), str(most)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (0, "6\n") == (done.returncode, done.stdout), done.stderr


def test_a_repeated_record_with_interactions_is_judged(tmp_path):
    """A key that stands twice crashes no rule about the interactions under it."""
    source = snapshot(tmp_path / "snapshot", [[("s", "passed"), ("s", "failed")]])
    report = audit(source)
    assert not any(result.crashed for result in report.results)
    assert 2 == int(report.findings["rule"].eq("AR203").sum())


def test_audits_at_once_leave_the_memory_pool_as_it_was(tmp_path):
    """Whichever of several audits ends last, Arrow's own pool is there again."""
    source = snapshot(tmp_path / "snapshot", [[("s", "Passed")]] * 3)
    before = pa.default_memory_pool().backend_name
    with ThreadPoolExecutor(4) as threads:
        reports = [*threads.map(lambda _: audit(source, select=["VO101"]), range(8))]
    assert [3] * 8 == [len(report.findings) for report in reports]
    assert before == pa.default_memory_pool().backend_name


FEW = """
import resource, sys
from scormaudit import audit, part, read_snapshot, shelf
part.MOST, shelf.ROOM = 1, 0
source = read_snapshot(sys.argv[1])
audit(source, select=["VO101"])
resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
report = audit(source, select=["VO101", "AR203"])
print(len(report.findings), report.lost)
"""


def test_many_parts_take_few_descriptors(tmp_path):
    """However many parts lie on the disk, none is lost for want of a file descriptor."""
    snapshot(tmp_path / "snapshot", [[(f"s{n}", "Passed")] for n in range(40)])
    command = [sys.executable, "-c", FEW, str(tmp_path / "snapshot")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (0, "40 ()\n") == (done.returncode, done.stdout), done.stderr
