"""`report --clean` writes the records that held, exactly, and nothing else."""

import csv

import pandas as pd
import pytest
from many import record, snapshot, uuid

from scormaudit import audit
from scormaudit.errors import ScormauditError
from scormaudit.report.clean import write_clean

HELD = 1


def failed(number, element, message):
    """An element that could not be read."""
    ids = dict.fromkeys(("enrollment_id", "assignment_id", "assignment_status_id"), uuid(number))
    return ids | {"sco_id": "sco", "element": element, "message": message}


@pytest.fixture
def taken(tmp_path):
    """A snapshot: one sound record, then an error, a warning, a note, and three that failed."""
    rows = [
        record(HELD, lesson_location="=1+1", score_max=""),
        record(2, entry="ab-inito"),
        record(3, lesson_status="failed", score_raw="80", mastery_score="70"),
        record(4, total_time="0000:10:00.00"),
        record(5, suspend_data=None),
        record(6, lesson_status=None),
        record(7, comments=None),
    ]
    return snapshot(
        tmp_path / "snapshot",
        *rows,
        element_errors=[
            failed(5, "cmi.suspend_data", "101 - General exception"),
            failed(6, "cmi.core.lesson_status", "401 - Not Implemented Error"),
            failed(7, "cmi.comments", "401 - Not Implemented Error"),
        ],
        objectives=[
            {"enrollment_id": uuid(n), "assignment_id": uuid(n), "sco_id": "sco", "index": 0,
             "id": f"o{n}", "status": "passed"}
            for n in (HELD, 2)
        ],
    )  # fmt: skip


def ids(frame):
    """The numbers of the records in a frame."""
    return [int(text[:8]) for text in frame["enrollment_id"]]


def test_errors_warnings_and_what_failed_stay_out(taken, tmp_path):
    """Notes and elements that the LMS need not have are no reason to leave a record out."""
    report = audit(taken)
    assert {2, 3} == set(ids(report.findings[report.findings["severity"].ne("info")])) - {5}
    assert 3 == write_clean(report, tmp_path / "clean.parquet")
    assert [HELD, 4, 7] == ids(pd.read_parquet(tmp_path / "clean.parquet"))


def test_parquet_is_exact(taken, tmp_path):
    """Absent stays absent, empty stays empty, and a text keeps every character."""
    write_clean(audit(taken), tmp_path / "clean.parquet")
    row = pd.read_parquet(tmp_path / "clean.parquet").iloc[0]
    assert ("=1+1", "", True) == (row.lesson_location, row.score_max, pd.isna(row.score_min))
    assert list(taken.records.columns) == list(row.index)


def test_a_folder_has_objectives_and_interactions_too(taken, tmp_path):
    """Of the collections only the rows of records that held are written."""
    write_clean(audit(taken), tmp_path / "clean")
    assert {"records.parquet", "objectives.parquet", "interactions.parquet"} == {
        file.name for file in (tmp_path / "clean").iterdir()
    }
    assert ["o1"] == list(pd.read_parquet(tmp_path / "clean" / "objectives.parquet")["id"])


def test_csv_holds_no_formula(taken, tmp_path):
    """In a CSV, which people open in a spreadsheet, no cell begins a formula."""
    write_clean(audit(taken), tmp_path / "clean.csv")
    rows = list(csv.DictReader((tmp_path / "clean.csv").read_text("utf-8").splitlines()))
    assert ["'=1+1", "", ""] == [row["lesson_location"] for row in rows]


def test_what_is_allowed_held(taken, tmp_path):
    """A finding that somebody answers for does not leave its record out."""
    leave = {"rule": "VO102", "reason": "known", "until": "2999-12-31"}
    assert 4 == write_clean(audit(taken, allow=[leave]), tmp_path / "clean.parquet")


@pytest.mark.parametrize("name", ["clean", "clean.csv", "clean.parquet"])
def test_nothing_is_overwritten(taken, tmp_path, name):
    """Something of this name, even an empty folder, is left as it is."""
    (tmp_path / name).mkdir()
    with pytest.raises(ScormauditError, match="already something"):
        write_clean(audit(taken), tmp_path / name)
    assert [] == list((tmp_path / name).iterdir())


def test_after_a_crash_nobody_knows(taken, tmp_path):
    """Where a rule crashed no record is called clean."""
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "odd.py").write_text(
        "from pandera.pandas import Check\nfrom scormaudit import Rule\n"
        "class Odd(Rule, code='OD101'):\n    'Odd.'\n    element = 'entry'\n"
        "    check = Check(lambda x: 1 / 0)\n"
    )
    with pytest.raises(ScormauditError, match="OD101 crashed"):
        write_clean(audit(taken, rules=rules), tmp_path / "clean.csv")
    assert not (tmp_path / "clean.csv").exists()


def test_a_frame_has_no_records_to_write(tmp_path):
    """Of a DataFrame its owner has the records already."""
    with pytest.raises(ScormauditError, match="snapshot"):
        write_clean(audit(pd.DataFrame([record(1)])), tmp_path / "clean.csv")
