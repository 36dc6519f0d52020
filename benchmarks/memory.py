"""Memory of a fetch, which must not grow with the worklist: peak RSS of the fetching process.

Run `python benchmarks/memory.py 1000 20000 200000`; each number is a worklist of its own.
The server is a process of its own too. It speaks HTTP/1.1 over loopback and makes every record
up from its id: one SCO with all scalar elements and suspend data that no other record has.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import shake_256
from pathlib import Path

BOUND = 400
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
_VALUES = {
    "cmi.core.student_id": "learner",
    "cmi.core.student_name": "Example, Ada",
    "cmi.core.lesson_status": "passed",
    "cmi.core.lesson_location": "page-17",
    "cmi.core.credit": "credit",
    "cmi.core.entry": "",
    "cmi.core.score.raw": "85",
    "cmi.core.total_time": "0001:07:44.25",
    "cmi.core.exit": "suspend",
    "cmi.core.session_time": "00:12:00.50",
    "cmi.student_data.mastery_score": "70",
    "cmi.objectives._count": "0",
    "cmi.interactions._count": "0",
}


class Server(asyncio.Protocol):
    """Answers GetCmiData on connections that stay open."""

    size = 4096

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for requests."""
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport, self.waiting = transport, b""

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            head = self.waiting[:end].lower()
            length = int(head.partition(b"content-length:")[2].split()[0])
            body = self.waiting[end + 4 : end + 4 + length]
            if len(body) < length:
                return
            self.waiting = self.waiting[end + 4 + length :]
            content = self.page(json.loads(body)) if b"page=1&" in head else b"[]"
            self.transport.write(_HEAD % (len(content), content))

    def page(self, asked: dict[str, list[str]]) -> bytes:
        """One SCO, and in it what was asked for."""
        suspend = shake_256(str(asked["enrollment_id"]).encode()).hexdigest(self.size // 2)
        values = {**_VALUES, "cmi.suspend_data": suspend}
        fields = [
            {"cmi_element_name": name, **_value(values.get(name))}
            for name in asked["cmi_element_names"]
        ]
        item = {
            "sco_id": "lesson-1",
            "title": "A lesson",
            "start_date_utc": "2026-03-01T09:00:00.731Z",
            "exit_date_utc": "2026-03-01T09:31:00.12Z",
            "cmi_fields": fields,
            "api_error_entity": {"error_code": 0},
        }
        return json.dumps([item]).encode()


def _value(text: str | None) -> dict[str, str]:
    return {} if text is None else {"cmi_element_value": text}


async def serve() -> None:
    """Tell the port and answer until the end."""
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def fetch(port: int, worklist: str, out: str, jobs: int) -> None:
    """Fetch in this process and tell what it took."""
    import resource

    from scormaudit import Client
    from scormaudit.fetch import fetch as read
    from scormaudit.worklist import read_worklist

    loaded = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()
    checked = read_worklist(worklist)
    known = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Client(f"http://127.0.0.1:{port}", "token") as client:
        snapshot = read(client, checked, out, jobs=jobs)
    used = resource.getrusage(resource.RUSAGE_SELF)
    assert snapshot.manifest.complete
    facts = {
        "records": len(snapshot),
        "seconds": time.perf_counter() - begun,
        "cpu": used.ru_utime + used.ru_stime,
        "parts": len(snapshot.manifest.parts),
        "loaded": loaded / 1024,
        "worklist": known / 1024,
        "peak": used.ru_maxrss / 1024,
    }
    print(json.dumps(facts))


@contextmanager
def server() -> Iterator[str]:
    """The port of a server process."""
    command = [sys.executable, __file__, "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def write_worklist(path: Path, records: int) -> None:
    """Ids with two labels, as an export of an LMS would have."""
    with path.open("w", encoding="utf-8") as file:
        file.write("enrollment_id,assignment_id,assignment_status_id,learner,course\n")
        for n in range(records):
            ids = (f"{kind:08x}-0000-4000-8000-{n:012x}" for kind in (1, 2, 3))
            file.write(f"{','.join(ids)},Learner {n},Course {n % 40}\n")


def main() -> None:
    """Measure each number of records; exit 1 where the bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="*", type=int, default=[1_000, 20_000, 200_000])
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--fetch", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve())
    elif options.fetch:
        port, worklist, out = options.fetch
        fetch(int(port), worklist, out, options.jobs)
    else:
        sys.exit(measure(options.records, options.jobs))


def measure(sizes: list[int], jobs: int) -> int:
    """A line for each size; RSS in MiB after the imports, after the worklist, and at its peak."""
    worst = 0.0
    print(" records  parts  records/s  CPU ms each  loaded  worklist   peak")
    with server() as port, tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            worklist, out = Path(folder, f"{size}.csv"), Path(folder, f"snapshot-{size}")
            write_worklist(worklist, size)
            done = subprocess.run(  # noqa: S603
                [sys.executable, __file__, "--jobs", str(jobs), "--fetch", port, worklist, out],
                stdout=subprocess.PIPE,
                check=True,
            )
            told = json.loads(done.stdout)
            assert told["records"] == size
            worst = max(worst, told["peak"])
            rate, each = size / told["seconds"], 1000 * told["cpu"] / size
            print(
                f"{size:8} {told['parts']:6} {rate:10.0f} {each:12.2f}"
                f" {told['loaded']:7.0f} {told['worklist']:9.0f} {told['peak']:6.0f}",
                flush=True,
            )
    print(f"bound {BOUND} MiB: {'held' if worst < BOUND else 'BROKEN'}")
    return int(worst >= BOUND)


if __name__ == "__main__":
    main()
