"""Auditing beside its peers and the limit, in one interleaved run; exit code 1 for a missed target.

`python -m benchmarks` takes about an hour on two cores; `--records 100000 --defects 2 --rounds 1
--scale 100000 1000000` some minutes. Peers come with `uv sync --group bench`.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks import records, startup
from benchmarks.engines import ENGINES

OURS, TEXT, FILE = "scormaudit", "scormaudit, str columns", "scormaudit from file"
LIMIT, DOCUMENTED = "polars, tuned (the limit)", "pandera as documented"
PEERS = ("pandera on polars", "dataframely", "pointblank", "DuckDB", DOCUMENTED,
         "Great Expectations")  # fmt: skip
FILES = ("DuckDB from file", "polars, lazy from file")
ALL = {OURS: "scormaudit, all rules", FILE: "scormaudit, all rules, from file"}
ONCE = (DOCUMENTED, "Great Expectations")
NEEDED = {
    "polars": "polars", "pandera on polars": "polars", "dataframely": "dataframely",
    "pointblank": "pointblank", "DuckDB": "duckdb", "Great Expectations": "great_expectations",
}  # fmt: skip
Facts = dict[str, list[dict[str, float]]]


class Targets:
    """What was aimed at, and whether it was reached."""

    def __init__(self) -> None:
        self.missed = 0

    def __call__(self, what: str, *, held: bool, found: str) -> None:
        """Tell what came of one."""
        self.missed += not held
        print(f"  {'held  ' if held else 'MISSED'}  {what}: {found}", flush=True)


def compared(options: argparse.Namespace, folder: Path, targets: Targets) -> None:
    """Every engine on the same table, for each share of defects."""
    for share in options.defects:
        table = folder / f"{options.records}-{share:g}"
        records.write(table, options.records, share / 100, part=options.part)
        print(f"\n{options.records:,} records, {share:g} % with a defect ({_load()})\n")
        facts = measured(options.engines, table, folder / "warm", options.rounds)
        _print(facts)
        print()
        judged(facts, targets)
        if not share and ALL[OURS] in facts:
            number = int(of(facts, ALL[OURS], "findings"))
            targets("no rule finds anything in sound records", held=not number, found=f"{number:,}")


def measured(names: Iterable[str], table: Path, warm: Path, rounds: int) -> Facts:
    """Round after round, each engine once a round in a new process; slow ones in the first."""
    facts: Facts = {name: [] for name in names}
    for turn in range(rounds):
        for name in facts:
            if turn == 0 or name not in ONCE:
                print(f"\r{name:40}", end="", file=sys.stderr, flush=True)
                facts[name].append(run(name, table, warm))
    print("\r" + " " * 40 + "\r", end="", file=sys.stderr, flush=True)
    return facts


def run(name: str, table: Path, warm: Path) -> dict[str, float]:
    """One engine in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.worker", name, str(table), str(warm)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(f"{name} failed:\n{done.stderr[-2000:]}")
    facts: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return facts


def of(facts: Facts, name: str, what: str = "seconds") -> float:
    """The median of what was measured of an engine."""
    return median(found[what] for found in facts[name])


def judged(facts: Facts, targets: Targets) -> None:
    """The targets that compare engines on one table."""
    same = {found["digest"] for name in facts if name not in ALL.values() for found in facts[name]}
    targets("every engine finds the same", held=len(same) == 1, found=f"{len(same)} set(s)")
    peers = {name: of(facts, name) for name in PEERS if name in facts}
    first = min(peers, key=lambda name: peers[name]) if peers else ""
    for own in (OURS, TEXT):
        _ratio(targets, "the fastest peer", facts, own, first, 1)
        _ratio(targets, "two thirds of the limit", facts, own, LIMIT, 2 / 3)
        _ratio(targets, "20 times", facts, own, DOCUMENTED, 20)
    for peer in FILES:
        _ratio(targets, "the same files", facts, FILE, peer, 1)
    for sixteen, whole in ALL.items():
        if sixteen in facts and whole in facts:
            times = of(facts, whole) / of(facts, sixteen)
            targets(f"{whole}, at most 3 times the sixteen", held=times <= 3, found=f"{times:.2f}")


def _ratio(targets: Targets, what: str, facts: Facts, own: str, other: str, least: float) -> None:
    """Whether `own` is at least so many times as fast as the other, by medians."""
    if not {own, other} <= {*facts}:
        return
    ratio = of(facts, other) / of(facts, own)
    told = f"{ratio:.2f} times as fast, {least:.2f} wanted"
    targets(f"{own} beside {other} ({what})", held=ratio >= least, found=told)


def _print(facts: Facts) -> None:
    base = of(facts, OURS) if OURS in facts else 1.0
    print(f"{'engine':36} {'seconds':>8} {'CPU':>7} {'ratio':>7} {'peak MiB':>9} {'findings':>9}")
    for name in facts:
        seconds, cpu, peak = (of(facts, name, what) for what in ("seconds", "cpu", "peak"))
        number = int(of(facts, name, "findings"))
        print(
            f"{name:36} {seconds:8.3f} {cpu:7.2f} {seconds / base:7.2f} {peak:9.0f} {number:9,}",
            flush=True,
        )


def scaled(options: argparse.Namespace, folder: Path, targets: Targets) -> None:
    """Time and memory of an audit from file, as the number of records grows.

    Each process has judged one part before, so that all sizes begin with the same memory.
    """
    sizes = sorted(options.scale)
    records.write(folder / "part", options.part, 0.02, part=options.part)
    for size in sizes:
        records.write(folder / f"scale-{size}", size, 0.02, part=options.part)
    facts: Facts = {str(size): [] for size in sizes}
    for _ in range(options.rounds):
        for size in sizes:
            facts[str(size)].append(run(FILE, folder / f"scale-{size}", folder / "part"))
    print(f"\nfrom file, 2 % with a defect ({_load()})\n")
    print(f"{'records':>12} {'seconds':>8} {'CPU':>8} {'peak MiB':>9}")
    for size in facts:
        row = [of(facts, size, what) for what in ("seconds", "cpu", "peak")]
        print(f"{int(size):12,} {row[0]:8.2f} {row[1]:8.2f} {row[2]:9.0f}", flush=True)
    print()
    logs = [np.log([of(facts, size, "seconds") for size in facts]), np.log(sizes)]
    slope = float(np.polyfit(logs[1], logs[0], 1)[0])
    targets("time grows with records, slope 1.0 ± 0.1", held=abs(slope - 1) <= 0.1,
            found=f"{slope:.3f}")  # fmt: skip
    grown = of(facts, str(sizes[-1]), "peak") / of(facts, str(sizes[-2]), "peak")
    targets(f"memory is flat from {sizes[-2]:,} to {sizes[-1]:,}", held=grown <= 1.1,
            found=f"{grown:.2f} times")  # fmt: skip


def started(options: argparse.Namespace, targets: Targets) -> None:
    """Start-up times."""
    print(f"\nstart-up, the least of {options.starts} runs ({_load()})\n")
    for start in (*startup.starts(options.starts), startup.plugin(options.starts)):
        found = f"{start.seconds:.3f} s, CPU {start.cpu:.3f} s"
        if start.most:
            targets(f"{start.name} under {start.most} s", held=start.held, found=found)
        else:
            print(f"          {start.name}: {found}")
    heavy = startup.loaded()
    targets("import scormaudit loads nothing heavy", held=not heavy, found=" ".join(heavy) or "-")


def _load() -> str:
    return "load " + " ".join(f"{load:.1f}" for load in os.getloadavg())


def _available(name: str) -> bool:
    """Whether what an engine needs is installed."""
    module = next((own for start, own in NEEDED.items() if name.startswith(start)), "pandas")
    return find_spec(module) is not None


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--defects", type=float, nargs="*", default=[0, 2, 20], help="per cent")
    parser.add_argument("--engines", nargs="*", default=list(ENGINES), choices=list(ENGINES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=int, nargs="*", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--starts", type=int, default=7, help="0: no start-up times")
    parser.add_argument("--part", type=int, default=records.PART, help="records in a part")
    parser.add_argument("--folder", type=Path, help="where tables are made, and kept")
    return parser.parse_args()


def main() -> None:
    """The tables, the targets, and 1 if any was missed."""
    options, targets = _options(), Targets()
    missing = [name for name in options.engines if not _available(name)]
    options.engines = [name for name in options.engines if name not in missing]
    now = datetime.now(UTC).date()
    print(f"{now}, {platform.platform()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    if missing:
        print(f"not installed, left out: {', '.join(missing)}")
    with TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        records.write(folder / "warm", 2_000, 0.2)
        compared(options, folder, targets)
        if len(options.scale) > 1:
            scaled(options, folder, targets)
        if options.starts:
            started(options, targets)
    print(f"\n{targets.missed} target(s) missed")
    sys.exit(min(targets.missed, 1))


if __name__ == "__main__":
    main()
