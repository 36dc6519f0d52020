"""Memory of a fetch, which must not grow with the worklist: peak RSS of the fetching process.

Run `python benchmarks/memory.py 1000 20000 200000`; each number is a worklist of its own, and
each record has 4 KiB of suspend data that no other has. Exit code 1 where the bound is broken.
"""

import argparse
import sys

from fetch import read
from server import serving

BOUND = 400


def main() -> None:
    """A line for each size; RSS in MiB after the imports and at its peak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="*", type=int, default=[1_000, 20_000, 200_000])
    parser.add_argument("--jobs", type=int, default=8)
    options = parser.parse_args()
    worst = 0.0
    print(" records  parts  records/s  CPU ms each  loaded  worklist   peak")
    with serving() as port:
        for size in options.records:
            told = read("scormaudit", port, size, options.jobs)
            worst = max(worst, told["peak"])
            rate, each = size / told["seconds"], 1000 * told["cpu"] / size
            print(
                f"{size:8} {told['parts']:6.0f} {rate:10.0f} {each:12.2f}"
                f" {told['loaded']:7.0f} {told['worklist']:9.0f} {told['peak']:6.0f}",
                flush=True,
            )
    print(f"bound {BOUND} MiB: {'held' if worst < BOUND else 'BROKEN'}")
    sys.exit(worst >= BOUND)


if __name__ == "__main__":
    main()
