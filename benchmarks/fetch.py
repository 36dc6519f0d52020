"""Speed of a fetch against two peers and against what the LMS allows; Markdown on stdout.

Run `python benchmarks/fetch.py` on a machine that does nothing else; dlt comes with
`uv sync --group bench`. Rounds go through all readers in turn, against one server process, and
each reading is a process of its own; shown are medians. The bound is what no client with so many
jobs can beat: requests * latency / jobs. CPU is user and system time of the client alone, without
its imports. Then the cost of scormaudit at several sizes, without latency. Exit code 1 where a
target is missed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from math import log
from pathlib import Path
from statistics import linear_regression, median

from server import requests_so_far, serving, write_worklist

OF_THE_BOUND = 0.9
TIMES_THE_CPU = 3.0
SLOPE, TOLERANCE = 1.0, 0.1
_PEERS = Path(__file__).with_name("peers.py")

Facts = dict[str, float]


def main() -> None:
    """Both tables, or one of them where the other has no size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000, help="compared; 0 is none")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("--latency", type=float, default=0.1, help="seconds")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    options = parser.parse_args()
    held = True
    if options.records:
        held &= compare(options.records, options.rounds, options.jobs, options.latency)
    if options.sizes:
        held &= scale(options.sizes, options.jobs)
    sys.exit(not held)


def compare(records: int, rounds: int, jobs: int, latency: float) -> bool:
    """The readers side by side; whether the targets of `jobs` and `latency` were reached."""
    readers = ["scormaudit", "httpx", *(["dlt"] if find_spec("dlt") else [])]
    measured: dict[str, list[Facts]] = {reader: [] for reader in readers}
    with serving(latency) as port:
        for _ in range(rounds):
            for reader in readers:
                measured[reader].append(read(reader, port, records, jobs))
    found = {reader: _medians(facts) for reader, facts in measured.items()}
    bound = found["httpx"]["requests"] * latency / jobs
    print(f"{records} records, {1000 * latency:.0f} ms latency, median of {rounds} rounds\n")
    _row("reader", "jobs", "records", "requests", "seconds", "of the bound", "times httpx's speed",
         "CPU ms a record", "times httpx's CPU", "peak RSS MiB")  # fmt: skip
    _row(":--", *["--:"] * 9)
    bare = found["httpx"]
    for reader, facts in found.items():
        _row(
            reader,
            1 if reader == "httpx" else jobs,
            f"{facts['records']:.0f}",
            f"{facts['requests']:.0f}",
            f"{facts['seconds']:.2f}",
            f"{bound / facts['seconds']:.1%}",
            f"{bare['seconds'] / facts['seconds']:.2f}",
            f"{1000 * facts['cpu'] / records:.2f}",
            f"{facts['cpu'] / bare['cpu']:.2f}",
            f"{facts['peak']:.0f}",
        )
    _row("bound", jobs, records, f"{bare['requests']:.0f}", f"{bound:.2f}", "100.0%",
         f"{bare['seconds'] / bound:.2f}", *["-"] * 3)  # fmt: skip
    if "dlt" not in readers:
        print("\ndlt is not installed, so its row is missing: run `uv sync --group bench`.")
    own = found["scormaudit"]
    return all([
        _told(bound / own["seconds"] >= OF_THE_BOUND, f"at least {OF_THE_BOUND:.0%} of the bound"),
        _told(own["cpu"] <= TIMES_THE_CPU * bare["cpu"], f"at most {TIMES_THE_CPU:g} times the "
              "CPU of the bare httpx loop"),
    ])  # fmt: skip


def scale(sizes: Sequence[int], jobs: int) -> bool:
    """What a record costs scormaudit at each size; whether the cost grows as the size does."""
    print("\nscormaudit without latency\n")
    _row("records", "seconds", "CPU seconds", "CPU ms a record", "peak RSS MiB")
    _row(*["--:"] * 5)
    spent: list[float] = []
    with serving() as port:
        for size in sizes:
            facts = read("scormaudit", port, size, jobs)
            spent.append(facts["cpu"])
            _row(
                size,
                f"{facts['seconds']:.2f}",
                f"{facts['cpu']:.2f}",
                f"{1000 * facts['cpu'] / size:.3f}",
                f"{facts['peak']:.0f}",
            )
    if len(sizes) < 2:
        return True
    slope = linear_regression([log(size) for size in sizes], [log(cpu) for cpu in spent]).slope
    return _told(
        abs(slope - SLOPE) <= TOLERANCE,
        f"CPU seconds over records, slope of a log-log fit {slope:.3f}, within "
        f"{SLOPE} ± {TOLERANCE}",
    )


def read(reader: str, port: str, records: int, jobs: int) -> Facts:
    """What one reader in a new process took; AssertionError unless it read every record."""
    before = requests_so_far(port)
    with tempfile.TemporaryDirectory() as folder:
        worklist, out = Path(folder, "worklist.csv"), Path(folder, "out")
        write_worklist(worklist, records)
        done = subprocess.run(  # noqa: S603
            [sys.executable, _PEERS, reader, port, worklist, out, str(jobs)],
            stdout=subprocess.PIPE,
            check=True,
        )
    facts: Facts = json.loads(done.stdout.splitlines()[-1])
    assert facts["records"] == records, (reader, facts)
    return {**facts, "requests": requests_so_far(port) - before}


def _medians(rounds: Sequence[Facts]) -> Facts:
    return {name: median(facts[name] for facts in rounds) for name in rounds[0]}


def _told(held: bool, target: str) -> bool:
    print(f"\n{'held' if held else 'MISSED'}: {target}")
    return held


def _row(*cells: object) -> None:
    print(f"| {' | '.join(_texts(cells))} |", flush=True)


def _texts(cells: Iterable[object]) -> list[str]:
    return [f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in cells]


if __name__ == "__main__":
    main()
