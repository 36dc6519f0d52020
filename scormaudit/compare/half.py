"""One of two snapshots that are compared: the parts and rows of it that matter."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scormaudit.compare.column import Rows, rows_of
from scormaudit.compare.naming import Leaving, generic
from scormaudit.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Half:
    """One snapshot, the keys of its records, and the number of the pair that each is in (-1: of
    none that differs)."""

    snapshot: Snapshot
    keys: pa.Array
    pair: np.ndarray


class Names:
    """Names of elements as numbers, the same on both sides."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def code(self, name: str) -> int:
        """The number of one name."""
        return self.known.setdefault(name, len(self.known))

    def codes(self, text: pa.DictionaryArray) -> np.ndarray:
        """The number of each row's name."""
        own = [self.code(name) for name in text.dictionary.to_pylist()]
        codes: np.ndarray = np.array([*own, 0], np.int64)[
            np.asarray(pc.fill_null(text.indices, len(own)))
        ]
        return codes


def parts_of(half: Half, table: str) -> Iterator[Rows]:
    """The parts of a table that have records that differ."""
    start = 0
    for number, part in enumerate(half.snapshot.manifest.parts):
        own = slice(start, start + part["records"]["rows"])
        start = own.stop
        if part[table]["rows"] and (half.pair[own] >= 0).any():
            keys = None if table == "records" else half.keys[own]
            yield rows_of(half.snapshot, number, table, keys)


def left_out(rows: Rows, without: Leaving) -> np.ndarray:
    """Which rows of errors or strays are about an element that is not compared."""
    text = rows.text("element")
    out = [generic(name) in without.names for name in text.dictionary.to_pylist()]
    found: np.ndarray = np.array([*out, False])[np.asarray(pc.fill_null(text.indices, len(out)))]
    return found
