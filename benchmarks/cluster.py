"""A cluster of worker processes on this machine beside one process, and from which size it pays.

Run `python -m benchmarks.cluster 100000 1000000 5000000`; rounds of both are interleaved, both have
the same cores. CPU seconds are of all processes, so they say what the cluster costs whatever else
the machine does. Exit code 1 where the findings differ.
"""

import argparse
import hashlib
import os
import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
import psutil

from benchmarks import records
from scormaudit.audit import Report, audit
from scormaudit.cluster import connected
from scormaudit.snapshot import Snapshot, read_snapshot

MACHINES = (1, 2, 4, 8, 16)
_PARTS = np.arange(1, 5001)
Timed = tuple[float, float]


def main() -> None:
    """A line for each size, then what follows for more machines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="*", type=int, default=[100_000, 1_000_000, 5_000_000])
    parser.add_argument("--defects", type=float, default=2, help="percent of the records")
    parser.add_argument("--part", type=int, default=records.PART)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--select", nargs="*", default=[], help="default: all shipped rules")
    options = parser.parse_args()
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.machine()}, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}; "
        f"parts of {options.part:,}\n"
    )
    with TemporaryDirectory() as folder:
        sys.exit(not _compared(options, Path(folder)))


def _compared(options: argparse.Namespace, folder: Path) -> bool:
    begun = perf_counter()
    same, measured = True, []
    with connected(parts=max(options.records)) as client:
        warm = _snapshot(folder / "warm", 1000, options)
        up, begun = perf_counter() - begun, perf_counter()
        print(f"cluster of {len(client.ncores())} processes is up after {up:.1f} s")
        for source in (None, client, client):
            audit(warm, client=source, select=options.select)
        print(f"first audit of each, rules loaded: {perf_counter() - begun:.1f} s\n")
        print(
            "   records  parts   one process      cluster   ratio     CPU s      CPU s  CPU ratio"
        )
        workers = [psutil.Process(pid) for pid in client.run(os.getpid).values()]
        for size in options.records:
            snapshot = _snapshot(folder / str(size), size, options)
            here, there, equal = _rounds(snapshot, client, workers, options)
            same &= equal
            measured.append((size, here, there))
            print(
                f"{size:10,} {len(snapshot.manifest.parts):6} {here[0]:11.2f} s {there[0]:10.2f} s"
                f" {there[0] / here[0]:7.2f} {here[1]:9.2f} {there[1]:10.2f}"
                f" {there[1] / here[1]:10.2f}{'' if equal else '  FINDINGS DIFFER'}",
                flush=True,
            )
    if len(measured) > 1:
        _outlook(measured, options.part, up)
    return same


def _snapshot(folder: Path, size: int, options: argparse.Namespace) -> Snapshot:
    records.write(folder, size, options.defects / 100, part=options.part)
    return read_snapshot(folder)


def _rounds(
    snapshot: Snapshot, client: Any, workers: list[psutil.Process], options: argparse.Namespace
) -> tuple[Timed, Timed, bool]:
    """Medians of one process and of the cluster, in turns, and whether they found the same."""
    here: list[Timed] = []
    there: list[Timed] = []
    digests = set()
    for _ in range(options.rounds):
        for times, source in ((here, None), (there, client)):
            seconds, cpu, report = _timed(
                lambda source=source: audit(snapshot, client=source, select=options.select),
                [psutil.Process(), *workers],
            )
            times.append((seconds, cpu))
            digests.add(_digest(report))
    return _median(here), _median(there), len(digests) == 1


def _timed(
    judge: Callable[[], Report], processes: list[psutil.Process]
) -> tuple[float, float, Report]:
    before, begun = _cpu(processes), perf_counter()
    report = judge()
    return perf_counter() - begun, _cpu(processes) - before, report


def _cpu(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def _median(times: list[Timed]) -> Timed:
    return median(t for t, _ in times), median(c for _, c in times)


def _digest(report: Report) -> str:
    rows = pd.util.hash_pandas_object(report.findings.astype("str"), index=False)
    counts = str([(r.rule.code, r.tested, r.broken, r.unknown) for r in report.results])
    return hashlib.sha256(rows.to_numpy().tobytes() + counts.encode()).hexdigest()


def _outlook(measured: list[tuple[int, Timed, Timed]], part: int, up: float) -> None:
    """From which size more machines like this one pay, by lines through what was measured.

    A part is never divided, so that a size has whole waves of parts, two a machine at once.
    """
    sizes = [size for size, _, _ in measured]
    each, fixed = np.polyfit(sizes, [here[0] for _, here, _ in measured], 1)
    theirs, start = np.polyfit(sizes, [there[0] for _, _, there in measured], 1)
    print(f"\none process: {fixed:.2f} s + {each * 1e6:.2f} s a million records")
    print(f"cluster, already up: {start:.2f} s + {theirs * 1e6:.2f} s a million records")
    print("\ncomputed from these lines, not measured: more machines like this one, storage as fast")
    print("machines   pays from, cluster up   pays from, started for it   10 million records")
    here = fixed + each * part * _PARTS
    for machines in MACHINES:
        there = max(start, 0) + theirs * part * 2 * np.ceil(_PARTS / (2 * machines))
        at = np.flatnonzero(_PARTS * part >= 10_000_000)[0]
        ratio = f"{here[at] / there[at]:.1f} times as fast"
        print(
            f"{machines:8} {_pays(here, there, part):>23} {_pays(here, there + up, part):>27}"
            f" {ratio:>20}"
        )


def _pays(here: np.ndarray, there: np.ndarray, part: int) -> str:
    """The size from which a cluster is always the faster one."""
    slower = np.flatnonzero(there >= here)
    if len(slower) and slower[-1] == len(_PARTS) - 1:
        return "never"
    return f"{_PARTS[slower[-1] + 1 if len(slower) else 0] * part:,}"


if __name__ == "__main__":
    main()
