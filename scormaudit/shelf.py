"""What parts leave behind, on the disk where it grows: memory stays that of a few parts."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from mmap import ACCESS_READ, mmap
from tempfile import TemporaryFile
from typing import IO

import numpy as np
import pyarrow as pa

from scormaudit.repetition import Hashes
from scormaudit.verdict import Verdict, combined

ROOM = 16 << 20
"""Bytes that verdicts may take before they are laid on the disk."""


class Shelf(ExitStack):
    """Where verdicts lie that take more than ROOM, in files without a name.

    Where no disk takes them they stay in memory.
    """

    def gathered(self, verdicts: Iterable[Verdict]) -> Verdict:
        """The verdict on all, in their order; its hashes can be had until this shelf is left."""
        laid: list[Verdict] = []
        near: list[Verdict] = []
        for verdict in verdicts:
            near.append(verdict)
            if sum(map(_bytes, near)) > ROOM:
                laid.append(self._laid(combined(near)))
                near.clear()
        return combined([*laid, *near])

    def _laid(self, verdict: Verdict) -> Verdict:
        try:
            file = TemporaryFile()  # noqa: SIM115 - it ends with the shelf
            self.callback(_close, file)
            findings = _mapped(verdict.findings, file)
            hashes = {
                code: tuple(_Filed(file, own) for own in many)
                for code, many in verdict.hashes.items()
            }
            file.flush()
        except OSError:
            return verdict
        return replace(verdict, findings=findings, hashes=hashes)


def _close(file: IO[bytes]) -> None:
    """Close a file that nobody reads again, whether or not all of it could be written."""
    with suppress(OSError):
        file.close()


def _bytes(verdict: Verdict) -> int:
    """Most of what a verdict takes."""
    tables = sum(table.nbytes for table in verdict.findings.values())
    return int(tables) + sum(8 * len(own) for many in verdict.hashes.values() for own in many)


def _mapped(tables: Mapping[str, pa.Table], file: IO[bytes]) -> dict[str, pa.Table]:
    """The same tables, their texts in the file: the system reads what is looked at, and may
    forget it again."""
    for table in tables.values():
        with pa.ipc.new_stream(file, table.schema) as stream:
            stream.write_table(table)
    if not file.tell():
        return {}
    file.flush()
    lying = pa.BufferReader(pa.py_buffer(mmap(file.fileno(), 0, access=ACCESS_READ)))
    return {name: pa.ipc.open_stream(lying).read_all() for name in tables}


class _Filed:
    """Hashes in a file: a piece of them is read when it is asked for."""

    def __init__(self, file: IO[bytes], hashes: Hashes) -> None:
        self._file, self._begin, self._length = file, file.tell(), len(hashes)
        file.write(hashes[:].tobytes())

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, piece: slice) -> np.ndarray:
        begin, end, _ = piece.indices(self._length)
        self._file.seek(self._begin + 8 * begin)
        return np.frombuffer(self._file.read(8 * (end - begin)), np.uint64)
