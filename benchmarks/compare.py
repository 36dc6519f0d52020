"""Comparing two snapshots of a million records: seconds, and peak RSS of the comparing process.

Run `python benchmarks/compare.py 1000000`. Each record has 256 bytes of suspend data of its own,
one interaction, and every second an objective; parts are as long as a fetch makes them, and the
new snapshot has its records in another order. «few»: one record in fifty has another score, one
in two hundred is missing and one is new. «all»: besides, every total time is spelled otherwise,
so that no two records are equal. Exit code 1 where a bound is broken.
"""

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from scormaudit.snapshot import TABLES, Part, Writer, schema_of

SECONDS, MIB = 60, 2048
PART = 5_000
_FACTS = {
    "base_url": "https://lms.example.org", "from_utc": "2026-03-03T00:00:00Z",
    "to_utc": "2026-03-03T01:00:00Z", "elements": (), "tool_version": "benchmark",
    "worklist": {"name": "worklist.csv", "sha256": "0" * 64, "rows": "0"},
}  # fmt: skip


def main() -> None:
    """A line a case; the children measure themselves, so that making data costs them nothing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--child", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(_measured(*options.child)))
        return
    broken = False
    print("case  records    missing  new    cells     seconds  of CPU  loaded  peak MiB")
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder) / "old"
        _make(old, np.arange(options.records), kind="")
        for kind in ("few", "all"):
            new = Path(folder) / kind
            _make(new, _shuffled(options.records), kind=kind)
            command = [sys.executable, __file__, "--child", str(old), str(new)]
            told = json.loads(subprocess.run(command, check=True, stdout=-1).stdout)  # noqa: S603
            print(
                f"{kind:4} {options.records:9,} {told['missing']:8,} {told['added']:6,}"
                f" {told['cells']:9,} {told['seconds']:10.1f} {told['cpu']:7.1f}"
                f" {told['loaded']:7.0f} {told['peak']:8.0f}", flush=True,
            )  # fmt: skip
            broken |= told["seconds"] > SECONDS or told["peak"] > MIB
    print(f"bounds {SECONDS} s, {MIB} MiB: {'BROKEN' if broken else 'held'}")
    sys.exit(broken)


def _measured(old: Path, new: Path) -> dict[str, float]:
    from scormaudit.compare import compare

    loaded, begun, used = _peak(), time.perf_counter(), time.process_time()
    found = compare(old, new)
    return {
        "missing": len(found.missing), "added": len(found.added), "cells": len(found.changes),
        "seconds": time.perf_counter() - begun, "cpu": time.process_time() - used,
        "loaded": loaded, "peak": _peak(),
    }  # fmt: skip


def _peak() -> float:
    """MiB; the kernel of Linux counts in KiB, that of macOS in bytes."""
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _shuffled(records: int) -> np.ndarray:
    """All but one in two hundred, and as many that are new, in another order."""
    numbers = np.arange(records)
    numbers = np.concatenate(
        [numbers[numbers % 200 != 7], np.arange(records, records * 201 // 200)]
    )
    return np.random.default_rng(1).permutation(numbers)


def _make(path: Path, numbers: np.ndarray, kind: str) -> None:
    """A snapshot of the records of these numbers, written column by column."""
    Writer(path, ("course",))
    parts = []
    for at in range(0, len(numbers), PART):
        tables = _tables(numbers[at : at + PART], kind)
        files = {}
        for name in TABLES:
            file = f"{name}/part-{len(parts):05}.parquet"
            pq.write_table(tables[name], path / file, compression="zstd")
            digest = hashlib.sha256((path / file).read_bytes()).hexdigest()
            files[name] = {"file": file, "rows": len(tables[name]), "sha256": digest}
        parts.append(Part(files=files, coverage={"ok": len(tables["records"])}, reused=0))
    Writer(path, ("course",), parts).finish(**_FACTS)


def _tables(numbers: np.ndarray, kind: str) -> dict[str, pa.Table]:
    keys = {
        "enrollment_id": [f"{n:08x}-1111-4000-8000-{n * 7919 % 2**48:012x}" for n in numbers],
        "assignment_id": [f"{n:08x}-2222-4000-8000-{n * 104729 % 2**48:012x}" for n in numbers],
        "sco_id": [f"sco-{n % 40}" for n in numbers],
    }
    changed = (numbers % 50 == 0) & (kind != "")
    scores = numbers % 101 + changed
    hours = "{:02}:{:02}:{:02}" if kind == "all" else "{:04}:{:02}:{:02}.00"
    random = np.random.default_rng(7)
    data = {n: random.bytes(16).hex() * 8 for n in range(PART)}
    records = keys | {
        "course": [f"Course {n % 40}" for n in numbers],
        "title": [f"Lesson {n % 40}" for n in numbers],
        "start_date_utc": [f"2026-03-02T{n % 24:02}:{n % 60:02}:{n % 59:02}Z" for n in numbers],
        "student_id": [f"learner-{n}" for n in numbers],
        "student_name": [f"Learner, Number {n}" for n in numbers],
        "lesson_status": [("passed", "failed", "incomplete")[n % 3] for n in numbers],
        "lesson_location": [f"page-{n % 500}" for n in numbers],
        "score_raw": [str(score) for score in scores],
        "total_time": [hours.format(n % 90, n // 60 % 60, n % 60) for n in numbers],
        "session_time": [f"0000:{n // 60 % 60:02}:{n % 60:02}.{n % 100:02}" for n in numbers],
        "suspend_data": [f"{n}|{data[n % PART]}"[:256] for n in numbers],
        **{name: [word] * len(numbers) for name, word in (
            ("credit", "credit"), ("entry", "resume"), ("lesson_mode", "normal"),
            ("exit", "suspend"), ("interactions_count", "1"),
        )},
    }  # fmt: skip
    interactions = keys | {
        "index": [0] * len(numbers),
        "id": [f"question-{n % 300}" for n in numbers],
        "time": [f"{n % 24:02}:{n % 60:02}:00" for n in numbers],
        "type": ["choice"] * len(numbers),
        "student_response": ["abcd"[n % 4] for n in numbers],
        "result": ["correct" if n % 4 else "wrong" for n in numbers],
        "latency": [f"00:00:{n % 60:02}.{n % 100:02}" for n in numbers],
        "correct_responses": [["a", "b"]] * len(numbers),
    }
    half = numbers % 2 == 0
    objectives = {name: [v for v, h in zip(column, half, strict=True) if h]
                  for name, column in keys.items()}  # fmt: skip
    objectives |= {"index": [0] * int(half.sum()), "id": [f"o{n}" for n in numbers[half] % 30],
                   "status": ["passed"] * int(half.sum())}  # fmt: skip
    coverage = {name: keys[name] for name in ("enrollment_id", "assignment_id")}
    coverage |= {"row": range(len(numbers)), "state": ["ok"] * len(numbers)}
    given = {"records": records, "interactions": interactions, "objectives": objectives,
             "coverage": coverage}  # fmt: skip
    return {name: _table(name, given.get(name, {})) for name in TABLES}


def _table(name: str, columns: dict[str, object]) -> pa.Table:
    """A table of a snapshot in which columns that are not given are null."""
    schema = schema_of(name, ("course",))
    size = len(next(iter(columns.values()), ()))  # type: ignore[call-overload]
    return pa.table(
        [pa.array(columns[f.name], f.type) if f.name in columns else pa.nulls(size, f.type)
         for f in schema], schema=schema,
    )  # fmt: skip


if __name__ == "__main__":
    main()
