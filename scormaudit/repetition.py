"""Keys that stand more than once: suspected by a hash of eight bytes, settled by the texts."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np
import pandas as pd

from scormaudit.columns import Columns
from scormaudit.letters import by_length
from scormaudit.text import Text

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_SHIFT, _FIRST = np.uint64(29), np.uint64(48)
_LAST = np.uint64(56)
_FIRSTS = np.arange(256, dtype=np.uint64) << _LAST
_RANGE = 1 << 15


class Hashes(Protocol):
    """Hashes as `distinct` gives them: an array, or something else of which pieces can be had."""

    def __len__(self) -> int: ...
    def __getitem__(self, piece: slice, /) -> np.ndarray: ...


def repeated(columns: Columns, names: Sequence[str]) -> np.ndarray:
    """True for each row whose key stands in another row too.

    A key of which any text is null or blank repeats nothing.
    """
    broken = np.zeros(len(columns), dtype=bool)
    rows, hashes = hashed(columns, names)
    rows = rows[among(hashes, _repeated(columns, names))]
    keys = pd.Series(keys_of(columns, names, rows), dtype="object")
    broken[rows[keys.duplicated(keep=False).to_numpy()]] = True
    return broken


def hashed(columns: Columns, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """The rows that have a key, and a hash of each; equal keys have equal hashes everywhere."""
    made: tuple[np.ndarray, np.ndarray]
    made = columns.kept(("hashes", *names), lambda: _hashed(columns, names))
    return made


def _hashed(columns: Columns, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    mixed = np.zeros(len(columns), dtype=np.uint64)
    whole = np.ones(len(columns), dtype=bool)
    for name in names:
        own, filled = _hashes(columns.texts[name])
        whole &= filled
        mixed = _mixed(mixed, own)
    rows = np.flatnonzero(whole)
    return rows, mixed[rows]


def twice(hashes: Iterable[Hashes]) -> np.ndarray:
    """The hashes that stand more than once in all of these together, sorted.

    They are put together by first bytes, so that the memory of a range is enough, and a range
    fits a processor's cache.
    """
    arrays: list[Hashes] = [np.array([], dtype=np.uint64), *hashes]
    ranges = min(max(sum(map(len, arrays)) // _RANGE, 1), len(_FIRSTS))
    firsts = _FIRSTS[:: len(_FIRSTS) // ranges]
    cuts = [[*np.searchsorted(own[:], firsts), len(own)] for own in arrays]
    found = []
    for ends in zip(*map(pairwise, cuts), strict=True):
        pieces = [own[begin:end] for own, (begin, end) in zip(arrays, ends, strict=True)]
        found.append(_twice(np.concatenate(pieces)))
    return np.concatenate(found)


def _twice(hashes: np.ndarray) -> np.ndarray:
    """The hashes that are there more than once, sorted.

    Each is put in a place that its last bits name, of which there are eight for each and more;
    only those that share one are compared.
    """
    places = 1 << (len(hashes).bit_length() + 3)
    place = (hashes & np.uint64(places - 1)).view(np.int64)
    number = np.arange(len(hashes), dtype=np.int32)
    last = np.empty(places, dtype=np.int32)
    last[place] = number
    others = np.flatnonzero(last[place] != number)
    near = np.sort(hashes[np.append(others, np.unique(last[place[others]]))])
    return np.unique(near[1:][near[1:] == near[:-1]])


def distinct(columns: Columns, names: Sequence[str]) -> np.ndarray:
    """The hash of each key once, in the order of their first bytes."""
    ordered = _ordered(columns, names)
    near = among(ordered, _repeated(columns, names))
    again = np.delete(near, np.unique(ordered[near], return_index=True)[1])
    return np.delete(ordered, again)


def _repeated(columns: Columns, names: Sequence[str]) -> np.ndarray:
    found: np.ndarray = columns.kept(("twice", *names), lambda: twice([_ordered(columns, names)]))
    return found


def _ordered(columns: Columns, names: Sequence[str]) -> np.ndarray:
    """The hashes of all keys, in the order of their first bytes."""
    made: np.ndarray = columns.kept(
        ("ordered", *names), lambda: _by_first(hashed(columns, names)[1])
    )
    return made


def _by_first(hashes: np.ndarray) -> np.ndarray:
    return hashes[np.argsort((hashes >> _LAST).astype(np.uint8), kind="stable")]


def among(hashes: np.ndarray, suspects: np.ndarray) -> np.ndarray:
    """The positions of the hashes that are suspects; most are told apart by their first bits."""
    marked = np.zeros(1 << 16, dtype=bool)
    marked[suspects >> _FIRST] = True
    near = np.flatnonzero(marked[hashes >> _FIRST])
    return near[np.isin(hashes[near], suspects)]


def keys_of(columns: Columns, names: Sequence[str], rows: np.ndarray) -> list[tuple[str, ...]]:
    """The keys of some rows, to be compared text by text."""
    return list(zip(*(columns.texts[name].take(rows).to_pylist() for name in names), strict=True))


def _hashes(text: Text) -> tuple[np.ndarray, np.ndarray]:
    """A hash of each row's text, and whether there is any that is not blank."""
    hashes = np.zeros(len(text.words) + 1, dtype=np.uint64)
    filled = np.zeros(len(text.words) + 1, dtype=bool)
    for letters in by_length(text.words):
        mixed = np.full(len(letters.rows), letters.length, dtype=np.uint64)
        for at in range(0, letters.length, 8):
            mixed = _mixed(mixed, letters.eight(at))
        hashes[letters.rows] = mixed
        filled[letters.rows] = letters.length > 0
    if text.codes is None:
        return hashes[:-1], filled[:-1]
    return hashes[text.codes], filled[text.codes]


def _mixed(hashes: np.ndarray, more: np.ndarray) -> np.ndarray:
    """The hashes themselves, changed in place."""
    hashes ^= more
    hashes *= _PRIME
    hashes ^= hashes >> _SHIFT
    return hashes
