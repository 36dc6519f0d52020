"""Cells that failed to be read, which are neither absent nor empty."""

from dataclasses import dataclass

import numpy as np

from scormaudit.compare.half import Half, Names, left_out, parts_of
from scormaudit.compare.naming import Leaving, located, named

Place = tuple[str, str]


@dataclass(slots=True)
class Failures:
    """The cells of one side that failed, by table and column, and those that are in no table."""

    by_place: dict[Place, np.ndarray]
    unplaced: dict[int, np.ndarray]

    def of(self, table: str, column: str) -> np.ndarray:
        """The keys of the rows in which a column failed."""
        return self.by_place.get((table, column), np.empty(0, np.int64))

    def settle(self, table: str, key: np.ndarray, names: Names) -> None:
        """Cells that no row of their table has are in no table."""
        for (own, column), failed in self.by_place.items():
            if own == table and len(rest := np.setdiff1d(failed, key)):
                for sub in np.unique(rest & 0xFFFFFFFF):
                    code = names.code(named(own, column, int(sub >> 8)))
                    pair = rest[rest & 0xFFFFFFFF == sub] >> 32
                    self.unplaced[code] = np.union1d(self.unplaced.get(code, pair), pair)


def failures(half: Half, names: Names, without: Leaving) -> Failures:
    """Every failed cell of records that differ."""
    found: dict[int, list[np.ndarray]] = {}
    for rows in parts_of(half, "element_errors"):
        pair = half.pair[rows.record].astype(np.int64)
        code = names.codes(rows.text("element"))
        wanted = np.flatnonzero((pair >= 0) & ~left_out(rows, without))
        for one in np.unique(code[wanted]):
            found.setdefault(int(one), []).append(pair[wanted[code[wanted] == one]])
    told = list(names.known)
    by_place: dict[Place, list[np.ndarray]] = {}
    unplaced = {}
    for one, pairs in found.items():
        place = located(told[one])
        pair = np.unique(np.concatenate(pairs))
        if place is None:
            unplaced[one] = pair
        else:
            table, column, index = place
            by_place.setdefault((table, column), []).append(pair << 32 | index << 8)
    return Failures({p: np.concatenate(keys) for p, keys in by_place.items()}, unplaced)
