"""One engine in a process of its own, on one table: what it took is told as JSON.

Run by the benchmarks: `python -m benchmarks.worker ENGINE SNAPSHOT WARM-UP`.
"""

import contextlib
import hashlib
import json
import os
import resource
import sys
import time
import warnings
from pathlib import Path

import numpy as np

from benchmarks.engines import ENGINES, Found


def told(engine: str, folder: Path, warm: Path) -> dict[str, object]:
    """Seconds of wall and CPU, MiB at the peak of this process and its children, the findings."""
    chosen = ENGINES[engine]
    list(chosen.run(chosen.load(warm)))
    data = chosen.load(folder)
    loaded, cpu, begun = _peak(), _cpu(), time.perf_counter()
    found = list(chosen.run(data))
    seconds, cpu, peak = time.perf_counter() - begun, _cpu() - cpu, _peak()
    number, digest = findings(found)
    return {
        "seconds": seconds, "cpu": cpu, "loaded": loaded, "peak": peak, "findings": number,
        "digest": digest,
    }  # fmt: skip


def findings(found: Found) -> tuple[int, str]:
    """How many findings there are, and a hash of them: the same for the same, in any order."""
    pieces: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for code, rows, values in found:
        own = np.asarray(rows, dtype="int64"), np.asarray(values, dtype=object)
        pieces.setdefault(code, []).append(own)
    digest, number = hashlib.sha256(), 0
    for code in sorted(pieces):
        rows, values = (np.concatenate(own) for own in zip(*pieces[code], strict=True))
        if not len(rows):
            continue
        order = np.argsort(rows, kind="stable")
        number += len(rows)
        digest.update(code.encode() + rows[order].tobytes())
        digest.update("\0".join(map(str, values[order])).encode())
    return number, digest.hexdigest()[:16]


def _cpu() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _peak() -> float:
    """MiB; the kernel of Linux counts in KiB, that of macOS in bytes.

    Linux hands the peak of the parent down in `ru_maxrss`, so there the process itself is asked.
    """
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    if (status := Path("/proc/self/status")).exists():
        own = int(status.read_text(encoding="utf-8").partition("VmHWM:")[2].split()[0])
        return (own + children) / (1 << 10)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + children) / (1 << 20)


def main() -> None:
    """What an engine prints on its way is not for here."""
    warnings.simplefilter("ignore")
    engine, folder, warm = sys.argv[1:]
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):  # noqa: PTH123
        facts = told(engine, Path(folder), Path(warm))
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
