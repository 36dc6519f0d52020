"""The engine stays fast: what it costs beside plain numpy in the same run, never in seconds.

CPU time counts, and the least of several turns: neither another program nor another core makes a
difference. Exact sums are for `python -m benchmarks`.
"""

import time

import numpy as np
import pandas as pd
import pytest

from scormaudit import audit
from scormaudit.pack import load

ROWS, TURNS, MOST = 60_000, 5, 4
STATUS = np.array(["passed", "completed", "failed", "incomplete", "Passed"])
SCORE = np.array([f"{n / 10:g}" for n in range(1001)])
RULES = '''"""Rules of every kind."""

from pandera.pandas import Check

from scormaudit import Rule


class Status(Rule, code="SP101"):
    """The status is no word of ours."""

    element = "lesson_status"
    check = Check.isin(["passed", "completed", "failed", "incomplete"])


class Score(Rule, code="SP102"):
    """The score is high."""

    needs = ("score_raw", "lesson_status")
    check = Check(lambda cmi: ~(cmi.score_raw_value.gt(99) & cmi.lesson_status.eq("failed")))


class Time(Rule, code="SP103"):
    """The total is below the session."""

    needs = ("total_time", "session_time")
    check = Check(lambda cmi: ~cmi.total_time_seconds.lt(cmi.session_time_seconds))


class Dates(Rule, code="SP104"):
    """The exit is before the start."""

    needs = ("exit_date_utc", "start_date_utc")
    check = Check(lambda cmi: ~cmi.exit_utc.lt(cmi.start_utc))


class Twice(Rule, code="SP105"):
    """The record is there twice."""

    unique = ("enrollment_id", "assignment_id", "sco_id")


class Length(Rule, code="SP106"):
    """The suspend data is long."""

    element = "suspend_data"
    check = Check.str_length(0, 4096)
'''


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    """Six rules, one of each kind that is judged in a way of its own."""
    folder = tmp_path_factory.mktemp("speed")
    (folder / "kinds.py").write_text(RULES, encoding="utf-8")
    return load(folder, shipped_too=False)


@pytest.fixture(scope="module")
def records():
    """Records in which nearly every time, date and key is another one."""
    dice = np.random.default_rng(7)
    spans = dice.permutation(360_000)[:ROWS]
    times = [f"{n // 3600:04}:{n // 60 % 60:02}:{n % 60:02}.{n % 100:02}" for n in spans]
    days = np.datetime_as_string(np.datetime64("2026-01-01T00:00:00") + spans.astype("m8[s]"))
    return pd.DataFrame(
        {
            "enrollment_id": [f"{n:036x}" for n in range(ROWS)],
            "assignment_id": [f"{n * 7:036x}" for n in range(ROWS)],
            "sco_id": "sco_1",
            "lesson_status": STATUS[dice.integers(0, 5, ROWS)],
            "score_raw": SCORE[dice.integers(0, 1001, ROWS)],
            "session_time": times,
            "total_time": times,
            "start_date_utc": np.char.add(days, "Z"),
            "exit_date_utc": np.char.add(days, "Z"),
            "suspend_data": [f"page={n};" * 8 for n in spans],
        }
    )


def cpu(work):
    """The least CPU seconds of some turns."""
    taken = []
    for _ in range(TURNS):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


def plain():
    """Work of numpy that grows with the rows: spelling them as text, and sorting."""
    np.sort(np.random.default_rng(1).random(ROWS)).astype("str")


@pytest.mark.parametrize("kind", ["str", "category"])
def test_an_audit_costs_a_small_multiple_of_plain_work(kind, records, rules):
    """Six rules of every kind cost less than four times what spelling a number a row costs."""
    frame = records.astype(kind)
    assert 1 < len(audit(frame, rules=rules).findings)
    ratio = cpu(lambda: audit(frame, rules=rules)) / cpu(plain)
    assert ratio < MOST, f"{ratio:.2f} times"


def test_a_call_a_row_would_be_seen(records, rules, monkeypatch):
    """The measure tells the engine from one that decodes each text by a call of its own."""
    monkeypatch.setattr("scormaudit.meaning._TIMESPANS", {})
    monkeypatch.setattr("scormaudit.meaning._DATES", {})
    frame = records.astype("str")
    assert cpu(lambda: audit(frame, rules=rules)) / cpu(plain) > MOST
