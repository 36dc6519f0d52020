"""Recordings: a course that was really played, served as the store holds it afterwards."""

import json
from pathlib import Path

import httpx
import pytest

from scormaudit.errors import ScormauditError
from scormaudit.sandbox import Sandbox

from .known import READ

SESSIONS = Path(__file__).parents[2].parent / "shared" / "sessions"
RECORDING = {
    "cmi": {
        "cmi.core.lesson_status": "failed",
        "cmi.core.session_time": "00:00:02",
        "cmi.objectives.0.id": "o1",
        "cmi.unknown": "x",
    },
    "after_finish": {
        "core": {"lesson_status": "passed", "total_time": "00:10:02"},
        "interactions": {"0": {"id": "q1"}},
        "objectives": [{"id": "o1", "status": "passed"}],
    },
}


def served(folder, names):
    """Every item of every attempt, values by element."""
    with Sandbox(recordings=folder) as sandbox:
        url = f"{sandbox.base_url}{READ}?access_token={sandbox.token}"
        for entry in sandbox.worklist:
            keys = {name: entry[name] for name in ("enrollment_id", "assignment_id")}
            for item in httpx.post(url, json={**keys, "cmi_element_names": names}).json():
                fields = item.pop("cmi_fields")
                values = {
                    found["cmi_element_name"]: found.get("cmi_element_value") for found in fields
                }
                yield entry, item, values


def test_finish_wins(tmp_path):
    """What the LMS made of it at LMSFinish overlays what the course left."""
    (tmp_path / "my_course.json").write_text(json.dumps(RECORDING))
    expected = {
        "cmi.core.lesson_status": "passed",
        "cmi.core.session_time": "00:00:02",
        "cmi.core.total_time": "00:10:02",
        "cmi.objectives.0.status": "passed",
        "cmi.interactions._count": "1",
        "cmi.unknown": "",
    }
    [(entry, item, values)] = served(tmp_path, list(expected))
    assert expected == values
    assert ("my_course", "my course") == (item["sco_id"], item["title"])
    assert "2026-03-02T09:10:02Z" == item["exit_date_utc"]
    assert "my course" == entry["course"]


def test_ids_follow_from_the_file_name(tmp_path):
    """The same file has the same ids in every run."""
    (tmp_path / "a.json").write_text(json.dumps(RECORDING))
    first, second = (list(served(tmp_path, [])) for _ in range(2))
    assert first == second


@pytest.mark.skipif(not SESSIONS.is_dir(), reason="no recorded sessions beside the checkout")
def test_recorded_sessions_are_served():
    """Every session beside the checkout is served with the time and status of its finish."""
    names = ["cmi.core.lesson_status", "cmi.core.total_time", "cmi.core.student_name"]
    found = {item["sco_id"]: values for _, item, values in served(SESSIONS, names)}
    assert {file.stem for file in SESSIONS.glob("*.json")} == set(found)
    for file in SESSIONS.glob("*.json"):
        core = json.loads(file.read_text(encoding="utf-8"))["after_finish"]["core"]
        expected = [core["lesson_status"], core["total_time"], core["student_name"]]
        assert expected == list(found[file.stem].values())


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"cmi": {}}', '{"cmi": 1}'])
def test_other_files_are_named(tmp_path, content):
    """A file that is no recording is named; so is a folder without any."""
    with pytest.raises(ScormauditError, match="no recordings"):
        Sandbox(recordings=tmp_path)
    (tmp_path / "odd.json").write_text(content)
    with pytest.raises(ScormauditError, match=r"odd\.json"):
        Sandbox(recordings=tmp_path)
