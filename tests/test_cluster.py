"""A cluster finds what one process finds, whatever becomes of its workers and of the parts."""

import json
import logging
import os
import re
import subprocess
import sys
import zipfile

import distributed
import pytest

from scormaudit import cluster as subject
from scormaudit.audit import audit
from scormaudit.cli import main
from scormaudit.cluster import connected, judged_on
from scormaudit.errors import ClusterError, PackError
from scormaudit.frame import COLUMNS
from scormaudit.pack import Pack
from scormaudit.rule import Rule
from scormaudit.snapshot import Writer, read_snapshot

PARTS = 5
SOME = ("AR203", "DT", "VO101")
SECRET = "Müller's own words"
FACTS = {
    "base_url": "https://lms.example.org", "from_utc": "2026-03-03T00:00:00Z",
    "to_utc": "2026-03-03T01:00:00Z", "elements": (), "tool_version": "0",
    "worklist": {"name": "w.csv", "sha256": "0" * 64, "rows": "1"},
}  # fmt: skip
LEGAL = {
    "title": "Lesson", "start_date_utc": "2026-03-02T10:00:00Z", "credit": "credit",
    "exit_date_utc": "2026-03-02T10:20:00Z", "lesson_status": "incomplete", "score_raw": "",
    "entry": "ab-initio", "total_time": "0000:05:00.00", "lesson_mode": "normal",
    "exit": "suspend", "session_time": "0000:05:00.00", "suspend_data": "p=3",
    "student_id": "s", "student_name": "Learner, Anna", "lesson_location": "",
}  # fmt: skip
RULE = '''"""Of a test's own."""

import os
import signal
from pathlib import Path

from pandera.pandas import Check

from scormaudit import Rule


class Own(Rule, code="XX101"):
    """{title}."""

    element = "lesson_location"
    check = Check(lambda location: {check})
    good = ({{"lesson_location": ""}},)
    bad = ()
'''


def uuid(number):
    return f"{number:08}-0000-4000-8000-000000000000"


def record(number, **elements):
    """A row of `records`, legal unless told otherwise."""
    ids = dict.fromkeys(("enrollment_id", "assignment_id", "assignment_status_id"), uuid(number))
    return ids | {"sco_id": "sco"} | dict.fromkeys(COLUMNS["records"]) | LEGAL | elements


def written(folder, *parts):
    """A snapshot with these records in its parts."""
    writer = Writer(folder, ())
    for records in parts:
        covered = [{"row": 1, "enrollment_id": "e", "state": "ok", "scos": len(records)}]
        writer.write({"records": records, "coverage": covered})
    return writer.finish(**FACTS)


@pytest.fixture
def snapshot(tmp_path):
    """Five parts of twenty records; number 3 stands again in the second and in the last."""
    parts = [[record(20 * part + n) for n in range(20)] for part in range(PARTS)]
    for part, records in enumerate(parts):
        records[part] |= {"lesson_status": SECRET, "score_raw": "85,5"}
        records[7] |= {"total_time": "10:00"}
    parts[1].append(record(3))
    parts[-1].append(record(3, entry="again"))
    parts[3][9]["lesson_location"] = "fatal"
    return written(tmp_path / "snapshot", *parts)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Two worker processes that listen on loopback."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1",
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"}, silence_logs=logging.CRITICAL,
        local_directory=str(tmp_path_factory.mktemp("dask")),
    ) as started:  # fmt: skip
        yield started


@pytest.fixture(scope="module")
def client(cluster):
    """A client of `cluster`."""
    with distributed.Client(cluster, set_as_default=False) as opened:
        yield opened


def rules(folder, check, title="A rule of its own"):
    """A folder with one rule, XX101, about the lesson location."""
    folder.mkdir()
    (folder / "own.py").write_text(RULE.format(check=check, title=title))
    return folder


@pytest.fixture
def shell(capsys, monkeypatch, tmp_path):
    """Audits as one types it: exit code, standard output and standard error."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["scormaudit", "audit", *map(str, words)])
        with pytest.raises(SystemExit) as done:
            main()
        return done.value.code or 0, *capsys.readouterr()

    monkeypatch.chdir(tmp_path)
    return run


def told(report):
    """All that a report says, in comparable form."""
    results = [(r.rule.code, r.rule.severity, r.tested, r.broken, r.unknown, r.reason, r.outcome)
               for r in report.results]  # fmt: skip
    return results, report.findings.to_dict("records"), report.records, report.lost


# --- the same findings -------------------------------------------------------------------


def test_it_finds_what_one_process_finds(client, snapshot):
    """All rules have the same counts and the same findings in the same order."""
    here = audit(snapshot)
    assert len(here.findings)
    assert told(here) == told(audit(snapshot, client=client))


def test_a_key_in_several_parts_is_found(client, snapshot):
    """A record that stands in three parts is found three times, at its rows."""
    report = audit(snapshot, client=client, select="AR203")
    assert [3, 40, 101] == report.findings["row"].tolist()


def test_options_count_as_they_do_here(client, snapshot):
    """Select, ignore, severity and allowances mean the same on a cluster."""
    options = {
        "select": ["VO", "DT"], "ignore": ["VO102"], "severity": {"VO": "info"},
        "allow": [{"rule": "DT201", "reason": "known", "until": "2999-12-31"}],
    }  # fmt: skip
    here, there = audit(snapshot, **options), audit(snapshot, client=client, **options)
    assert told(here) == told(there)
    assert len(here.allowed) == len(there.allowed) == PARTS
    assert 1 < there.count("info")


def test_a_snapshot_without_parts_holds(client, tmp_path):
    """An empty snapshot is judged as here."""
    empty = written(tmp_path / "empty")
    assert told(audit(empty)) == told(audit(empty, client=client))


def test_a_frame_is_judged_here(client, snapshot):
    """What is in memory already is not sent anywhere."""
    frame = snapshot.records
    assert told(audit(frame)) == told(audit(frame, client=client))


# --- rules travel ------------------------------------------------------------------------


def test_rules_travel(client, snapshot, tmp_path):
    """A worker needs no folder of rules: it judges by the text that it was sent."""
    folder = rules(tmp_path / "mine", "location.isna() | Path(__file__).exists()")
    options = {"rules": folder, "select": "XX101"}
    assert "held" == audit(snapshot, **options).results[0].outcome
    assert "broken" == audit(snapshot, client=client, **options).results[0].outcome


def test_a_crash_is_told_as_here(client, snapshot, tmp_path):
    """A rule that crashes on a worker names the same place, and no learner's value."""
    folder = rules(tmp_path / "mine", "1 / 0")
    here = audit(snapshot, rules=folder, select="XX101")
    assert "ZeroDivisionError in own.py, line 16" == here.results[0].reason
    assert told(here) == told(audit(snapshot, rules=folder, select="XX101", client=client))


def test_a_rule_without_a_file_is_refused(client, snapshot):
    """A class that was made in no file cannot travel, and the error says what to do."""
    made = type("Made", (Rule,), {"__module__": "nowhere"}, code="XX101")
    with pytest.raises(PackError, match=r"stands in no file.* folder of rules"):
        judged_on(client, snapshot, Pack((made,), ""))


# --- parts are lost ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("damage", "table"),
    [
        (lambda file: file.write_bytes(b"PAR1"), "records"),
        (lambda file: file.write_bytes(file.read_bytes()[:-100]), "records"),
        (lambda file: file.unlink(), "element_errors"),
    ],
    ids=["overwritten", "cut", "missing"],
)
def test_a_part_that_cannot_be_read_is_named(client, snapshot, damage, table):
    """The part is named, the others are judged, and what it holds is unknown, not held."""
    name = f"{table}/part-00001.parquet"
    damage(snapshot.path / name)
    here, there = audit(snapshot, select=SOME), audit(snapshot, select=SOME, client=client)
    assert told(here) == told(there)
    assert ((name,), False, 81) == (there.lost, there.complete, there.records)
    assert {PARTS - 1} == set(there.findings["rule"].value_counts()[["VO101", "DT101", "DT201"]])
    assert [3, 101] == there.findings.loc[there.findings["rule"].eq("AR203"), "row"].tolist()
    assert [21] * 2 == [r.unknown for r in there.results if r.rule.code in ("VO101", "AR203")]


@pytest.mark.parametrize("engine", ["local", "dask"])
def test_a_lost_part_ends_the_command_with_7(cluster, snapshot, shell, engine):
    """Terminal and JSON name the part, and the exit code says that the snapshot is incomplete."""
    name = "records/part-00003.parquet"
    (snapshot.path / name).write_bytes(b"")
    options = (
        "--engine",
        engine,
        *(("--scheduler", cluster.scheduler_address) * (engine == "dask")),
    )
    code, out, _ = shell(snapshot.path, *options)
    assert (7, True) == (code, f"cannot be read: {name}\n" in out)
    code, out, _ = shell(snapshot.path, *options, "--format", "json")
    found = json.loads(out)["snapshot"]
    assert (7, [name], 82, False) == (code, found["lost"], found["records"], found["complete"])


def test_a_page_names_a_lost_part(snapshot, shell, tmp_path):
    """The page is written all the same, and says which part it knows nothing of."""
    (snapshot.path / "records" / "part-00003.parquet").write_bytes(b"")
    code, *_ = shell(snapshot.path, "--format", "html", "-o", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert 7 == code
    assert "1 part cannot be read, so 20 records more were not judged" in page
    assert "part-00003.parquet" in page


# --- clusters that cannot be used --------------------------------------------------------


def test_another_version_is_refused(client, snapshot, monkeypatch):
    """A worker with another scormaudit is named, with both versions and what to do."""
    monkeypatch.setattr(subject, "_version", lambda: "99.9")
    expected = r"tcp://.*has scormaudit .*this is 99\.9.*Install scormaudit==99\.9 there"
    with pytest.raises(ClusterError, match=expected):
        audit(snapshot, select="AR203", client=client)


def test_a_snapshot_that_workers_do_not_see_is_told(client, snapshot):
    """A worker that cannot find the snapshot is no lost part, but an error."""
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.put(str(snapshot.path), "/there", recursive=True)
    there = read_snapshot("memory://there")
    assert told(audit(snapshot, select=SOME)) == told(audit(there, select=SOME))
    with pytest.raises(ClusterError, match=r"does not find the snapshot.*a URL"):
        audit(there, select="AR203", client=client)


def test_a_scheduler_without_workers_is_told(snapshot, monkeypatch):
    """An audit does not wait for ever for a worker."""
    monkeypatch.setattr(subject, "PATIENCE", 0.1)
    with (
        distributed.LocalCluster(
            n_workers=0,
            processes=False,
            protocol="inproc://",
            scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
        ) as idle,
        distributed.Client(idle, set_as_default=False) as client,
        pytest.raises(ClusterError, match="has no worker"),
    ):
        audit(snapshot, select="AR203", client=client)


@pytest.mark.parametrize("address", ["nonsense", "carrier-pigeon://roof:1", "tcp://127.0.0.1:{}"])
def test_a_scheduler_that_is_not_there_is_told(snapshot, shell, monkeypatch, refused, address):
    """A wrong address ends in one sentence, soon, with exit code 2."""
    monkeypatch.setattr(subject, "PATIENCE", 0.1)
    address = address.format(refused.rpartition(":")[2])
    code, _, error = shell(snapshot.path, "--engine", "dask", "--scheduler", address)
    assert (2, True) == (code, "The scheduler does not answer" in error)
    assert 1 == error.count("\n")


def test_a_scheduler_without_its_engine_is_refused(snapshot, shell):
    """An address that would not be used is no silent mistake."""
    code, _, error = shell(snapshot.path, "--scheduler", "tcp://127.0.0.1:1")
    assert (2, True) == (code, "needs --engine dask" in error)


def test_missing_dask_is_told(snapshot, shell, monkeypatch):
    """Without the extra there is one sentence that says how to install it."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    code, _, error = shell(snapshot.path, "--engine", "dask")
    assert (2, True) == (code, "pip install 'scormaudit[dask]'" in error)


# --- what a cluster costs and tells ------------------------------------------------------


def test_its_own_cluster_is_a_process_and_ends(snapshot):
    """Without a scheduler there are workers on loopback, no more than parts, and then none."""
    with connected(parts=1) as client:
        (address,) = client.scheduler_info()["workers"]
        (pid,) = client.run(os.getpid).values()
        assert address.startswith("tcp://127.0.0.1:")
        here, there = audit(snapshot, select=SOME), audit(snapshot, select=SOME, client=client)
        assert told(here) == told(there)
    assert pid != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_neither_keys_nor_logs_hold_values(client, cluster, snapshot):
    """What Dask shows and logs of the tasks says which they are, nothing of a learner."""

    class Keys(distributed.SchedulerPlugin):
        def transition(self, key, *_, **__):
            seen.add(key)

    seen = set()
    cluster.scheduler.add_plugin(Keys(), name="keys")
    audit(snapshot, select=SOME, client=client)
    cluster.scheduler.remove_plugin("keys")
    shapes = {re.sub(r"-\d+(?=-)", "-N", re.sub(r"[0-9a-f]{32}$", "R", key)) for key in seen}
    words = ("case", "judge-N", "judged-N-N", "suspects", "verdict", "codes", "line-N", "lined-N-N")
    assert {f"scormaudit-{word}-R" for word in words} == shapes
    logs = str(client.get_worker_logs()) + str(client.get_scheduler_logs())
    assert not [word for word in (SECRET, "Anna", "85,5") if word in logs]


def test_one_process_needs_neither_dask_nor_fsspec(snapshot):
    """An audit of a folder in this process loads nothing of the extra."""
    code = (
        "import sys; from scormaudit import audit, read_snapshot\n"
        "audit(read_snapshot(sys.argv[1]), select='AR203')\n"
        "print(*{'dask', 'distributed', 'fsspec'} & set(sys.modules))"
    )
    words = [sys.executable, "-W", "error", "-c", code, str(snapshot.path)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "" == done.stdout.strip()


# --- snapshots elsewhere -----------------------------------------------------------------


def test_a_url_is_read_by_workers(client, snapshot):
    """A snapshot by URL has the findings of its folder, and loses the part that was changed."""
    there = read_snapshot(snapshot.path.resolve().as_uri())
    here, found = audit(snapshot, select=SOME), audit(there, select=SOME, client=client)
    assert told(here) == told(found)
    file = snapshot.path / "records" / "part-00000.parquet"
    file.write_bytes(file.read_bytes() + b" ")
    assert ("records/part-00000.parquet",) == audit(there, select="AR203", client=client).lost


def test_a_chained_url_is_read(snapshot, tmp_path):
    """A snapshot in an archive is read where it is."""
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as archive:
        for file in snapshot.path.rglob("*.*"):
            archive.write(file, f"snap/{file.relative_to(snapshot.path)}")
    there = read_snapshot(f"zip://snap::file://{tmp_path.resolve()}/s.zip")
    assert told(audit(snapshot, select=SOME)) == told(audit(there, select=SOME))


# --- workers are lost --------------------------------------------------------------------


def test_a_killed_worker_changes_nothing(client, snapshot, tmp_path):
    """A worker that is killed while it judges is made up for: the findings are the same."""
    kill = (
        '(location.astype(str).eq("fatal").any() and not Path({0!r}).exists()'
        " and Path({0!r}).touch() is None and os.kill(os.getpid(), signal.SIGKILL))"
        ' or ~location.eq("fatal")'
    ).format(str(tmp_path / "killed"))
    folder = rules(tmp_path / "mine", kill)
    before = set(client.run(os.getpid).values())
    there = audit(snapshot, rules=folder, select=("XX", *SOME), client=client)
    client.wait_for_workers(2)
    after = set(client.run(os.getpid).values())
    assert (True, 1) == ((tmp_path / "killed").exists(), len(before - after))
    assert told(audit(snapshot, rules=folder, select=("XX", *SOME))) == told(there)
    assert 1 == there.findings["rule"].eq("XX101").sum()


def test_a_part_that_no_worker_survives_is_told(client, cluster, snapshot, tmp_path, monkeypatch):
    """Where each worker dies over the same part, the audit ends and names a task that it had."""
    monkeypatch.setattr(cluster.scheduler, "allowed_failures", 0)
    kill = 'location.eq("fatal").any() and os.kill(os.getpid(), signal.SIGKILL)'
    with pytest.raises(ClusterError, match=r"each had one task \(scormaudit-judge-\d-"):
        audit(snapshot, rules=rules(tmp_path / "mine", kill), select="XX101", client=client)
