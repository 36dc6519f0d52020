"""Three ways to read a worklist, one a process: what each takes is told as JSON.

Run by the benchmarks: `python benchmarks/peers.py NAME PORT WORKLIST OUT JOBS`.
"""

import csv
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Read = Callable[[], dict[str, float]]
API = "http://127.0.0.1:{}/api/v1"


def scormaudit(port: str, worklist: Path, out: Path, jobs: int) -> Read:
    """`scormaudit.fetch` as anybody calls it: a snapshot on the disk."""
    from scormaudit import Client
    from scormaudit.fetch import fetch
    from scormaudit.worklist import read_worklist

    def read() -> dict[str, float]:
        checked = read_worklist(worklist)
        known = _peak()
        with Client(f"http://127.0.0.1:{port}", "token") as client:
            snapshot = fetch(client, checked, out, jobs=jobs)
        assert snapshot.manifest.complete
        parts = len(snapshot.manifest.parts)
        return {"records": len(snapshot), "parts": parts, "worklist": known}

    return read


def httpx(port: str, worklist: Path, out: Path, jobs: int) -> Read:  # noqa: ARG001
    """The least that can be done: one connection, one request after another, rows in a list."""
    import httpx as library

    names = _names()

    def read() -> dict[str, float]:
        rows: list[dict[str, Any]] = []
        with library.Client(base_url=API.format(port), timeout=30) as client:
            for row in _rows(worklist):
                keys = {key: row[key] for key in ("enrollment_id", "assignment_id")}
                body, page = {**keys, "cmi_element_names": names}, 1
                while True:
                    query = f"page={page}&per_page=1000&access_token=token"
                    answer = client.post(f"/ScormApi/GetCmiData?{query}", json=body)
                    answer.raise_for_status()
                    if not (scos := answer.json()):
                        break
                    rows += ({**row, **_flat(sco)} for sco in scos)
                    page += 1
        return {"records": len(rows)}

    return read


def dlt(port: str, worklist: Path, out: Path, jobs: int) -> Read:
    """The REST API source of dlt into DuckDB: a resource that depends on the worklist, in parallel.

    As dlt's documentation has it, but for a step that makes a column of each element: without
    it every record would become some thirty rows of a second table.
    """
    settings = {"EXTRACT__WORKERS": jobs, "RUNTIME__DLTHUB_TELEMETRY": "false"}
    os.environ.update({name: str(value) for name, value in settings.items()})
    import dlt as library
    from dlt.sources.rest_api import rest_api_source

    names = _names()

    def read() -> dict[str, float]:
        @library.resource(selected=False)
        def worklist_rows() -> Iterator[list[dict[str, str]]]:
            yield list(_rows(worklist))

        keys = ("enrollment_id", "assignment_id")
        paginator = {"type": "page_number", "base_page": 1, "page_param": "page",
                     "total_path": None, "stop_after_empty_page": True}  # fmt: skip
        records: Any = {
            "name": "records",
            "parallelized": True,
            "include_from_parent": [*keys, "assignment_status_id", "learner", "course"],
            "processing_steps": [{"map": _flat}],
            "endpoint": {
                "path": "ScormApi/GetCmiData",
                "method": "POST",
                "params": {"per_page": 1000, "access_token": "token"},
                "json": {
                    **{key: f"{{resources.worklist_rows.{key}}}" for key in keys},
                    "cmi_element_names": names,
                },
                "paginator": paginator,
            },
        }
        source = rest_api_source(
            {"client": {"base_url": API.format(port)}, "resources": [worklist_rows(), records]}
        )
        pipeline: Any = library.pipeline(
            "benchmark",
            pipelines_dir=str(out / "pipelines"),
            destination=library.destinations.duckdb(str(out / "records.duckdb")),
            dataset_name="lms",
        )
        pipeline.run(source).raise_on_failed_jobs()
        return {"records": pipeline.last_trace.last_normalize_info.row_counts["records"]}

    out.mkdir()
    return read


def _names() -> list[str]:
    """The elements that scormaudit asks for."""
    from scormaudit.cmi import SCALARS, STRAYS

    return [element.name for element in SCALARS] + list(STRAYS)


def _rows(worklist: Path) -> Iterator[dict[str, str]]:
    with worklist.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _flat(sco: dict[str, Any]) -> dict[str, Any]:
    """A row with a column for each element that has a value."""
    fields = sco.pop("cmi_fields")
    values = {f["cmi_element_name"]: f.get("cmi_element_value") for f in fields}
    return {**sco, **{name: value for name, value in values.items() if value is not None}}


PEERS = {peer.__name__: peer for peer in (scormaudit, httpx, dlt)}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _peak() -> float:
    """MiB; the kernel of Linux counts in KiB, that of macOS in bytes."""
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def main() -> None:
    """Load first, then measure from the first look at the worklist to the last row laid down."""
    name, port, worklist, out, jobs = sys.argv[1:]
    read = PEERS[name](port, Path(worklist), Path(out), int(jobs))
    loaded, cpu, begun = _peak(), _cpu(), time.perf_counter()
    read_by = read()
    facts = {
        **read_by,
        "seconds": time.perf_counter() - begun,
        "cpu": _cpu() - cpu,
        "loaded": loaded,
        "peak": _peak(),
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
