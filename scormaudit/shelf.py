"""What parts leave behind, on the disk where it grows: memory stays that of a few parts."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from mmap import ACCESS_READ, mmap
from tempfile import TemporaryFile
from typing import IO, Any, Self

import numpy as np
import pyarrow as pa

from scormaudit.repetition import Hashes
from scormaudit.verdict import Verdict, combined

ROOM = 16 << 20
"""Bytes that verdicts may take before they are laid on the disk."""
_ALIGNED = 64
_Places = dict[str, tuple[int, int]]
"""Where in the file each table begins, and how long it is."""


class Shelf:
    """Where verdicts lie that take more than ROOM: in one file without a name, so that any number
    of parts takes two descriptors. Where no disk takes them they stay in memory.

    Findings are mapped from the file and outlive the shelf; hashes do not.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._refused = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # what could not be written nobody reads
            if self._file:
                self._file.close()

    def gathered(self, verdicts: Iterable[Verdict]) -> Verdict:
        """The verdict on all, in their order; its hashes can be had until this shelf is left."""
        laid: list[tuple[Verdict, _Places]] = []
        near: list[Verdict] = []
        room = 0
        for verdict in verdicts:
            near.append(verdict)
            room += _bytes(verdict)
            if room > ROOM and not self._refused:
                laid.append(self._laid(combined(near)))
                near, room = [], 0
        return combined([*self._mapped(laid), *near])

    def _laid(self, verdict: Verdict) -> tuple[Verdict, _Places]:
        """The verdict without what lies in the file now, and where its findings lie."""
        try:
            self._file = self._file or TemporaryFile()  # noqa: SIM115 - it ends with the shelf
            places = {name: _written(t, self._file) for name, t in verdict.findings.items()}
            hashes = {
                code: tuple(_Filed(self._file, own) for own in many)
                for code, many in verdict.hashes.items()
            }
            self._file.flush()
        except OSError:
            self._refused = True
            return verdict, {}
        return replace(verdict, findings={}, hashes=hashes), places

    def _mapped(self, laid: Iterable[tuple[Verdict, _Places]]) -> list[Verdict]:
        """The verdicts with their findings, whose texts the system reads when they are looked at,
        and may forget again."""
        whole = pa.py_buffer(b"")
        if self._file and any(places for _, places in laid):
            whole = pa.py_buffer(mmap(self._file.fileno(), 0, access=ACCESS_READ))
        return [
            replace(
                verdict,
                findings={**verdict.findings, **{n: _read(whole, at) for n, at in places.items()}},
            )
            for verdict, places in laid
        ]


def _bytes(verdict: Verdict) -> int:
    """Most of what a verdict takes."""
    tables = sum(table.nbytes for table in verdict.findings.values())
    return int(tables) + sum(8 * len(own) for many in verdict.hashes.values() for own in many)


def _written(table: pa.Table, file: IO[bytes]) -> tuple[int, int]:
    file.write(bytes(-file.tell() % _ALIGNED))
    begin = file.tell()
    with pa.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table)
    return begin, file.tell() - begin


def _read(whole: pa.Buffer, place: tuple[int, int]) -> pa.Table:
    return pa.ipc.open_stream(whole.slice(*place)).read_all()


class _Filed:
    """Hashes in a file: a piece of them is read when it is asked for."""

    def __init__(self, file: IO[bytes], hashes: Hashes) -> None:
        self._begin, self._length = file.tell(), len(hashes)
        self._raw: Any = file.raw  # type: ignore[attr-defined]  # what is buffered may be refused
        file.write(hashes[:].tobytes())

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, piece: slice) -> np.ndarray:
        begin, end, _ = piece.indices(self._length)
        self._raw.seek(self._begin + 8 * begin)
        return np.frombuffer(self._raw.read(8 * (end - begin)), np.uint64)
