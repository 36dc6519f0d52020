"""The bytes of words, taken eight at a time: what a loop over characters would do, at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

_BLOCK = 1 << 15
_FEW, _LONG = 8, 1 << 16
_DIGITS, _TENS = np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(1 + (10 << 8))


@dataclass(frozen=True, slots=True)
class Letters:
    """Words of one length in bytes: the rows they stand in, and where each begins in `data`,
    which is `dense` if there are no other bytes."""

    rows: np.ndarray
    length: int
    data: np.ndarray
    starts: np.ndarray
    dense: bool
    _kept: dict[tuple[str, int], np.ndarray] = field(default_factory=dict, repr=False)

    def eight(self, at: int) -> np.ndarray:
        """The eight bytes from `at` on, the first one lowest; behind the word's end are zeros."""
        return self._once("eight", at, self._eight)

    def digits(self, at: int) -> np.ndarray:
        """The digit at `at`, if there is one."""
        block = at - at % 8
        return self._once("digits", block, self._digits).view(np.uint8)[at - block :: 8]

    def pairs(self, at: int) -> np.ndarray:
        """The number in the two digits from `at` on, if there are two."""
        block = at - at % 8 if at % 8 < 7 else at
        return self._once("pairs", block, self._pairs).view(np.uint8)[at - block + 1 :: 8]

    def _once(self, what: str, at: int, make: Callable[[int], np.ndarray]) -> np.ndarray:
        if (what, at) not in self._kept:
            self._kept[what, at] = make(at)
        return self._kept[what, at]

    def _eight(self, at: int) -> np.ndarray:
        beyond = max(at + 8 - self.length, 0)
        begin = at - beyond
        if self.dense:
            shape, steps, begin = (len(self.rows),), (self.length,), begin + int(self.starts[0])
            taken = np.ndarray(shape, "<u8", self.data, begin, steps)
        else:
            eights = np.ndarray((len(self.data) - 7,), "<u8", self.data, strides=(1,))
            taken = eights[self.starts + begin]
        return taken >> np.uint64(8 * beyond) if beyond else taken

    def _digits(self, at: int) -> np.ndarray:
        return self.eight(at) & _DIGITS

    def _pairs(self, at: int) -> np.ndarray:
        """In each byte itself and ten times the one before it; no sum is too large for a byte."""
        return self._once("digits", at, self._digits) * _TENS


def by_length(words: pa.Array) -> Iterator[Letters]:
    """The words that are not null by their length, some ten thousand rows at a time.

    Blocks of that size stay in a processor's cache.
    """
    for begin in range(0, len(words), _BLOCK):
        yield from _of_block(words.slice(begin, _BLOCK), begin)


def _of_block(words: pa.Array, begin: int) -> Iterator[Letters]:
    data, ends = _buffers(words)
    lengths = np.diff(ends)
    if words.null_count:
        lengths[words.is_null().to_numpy(zero_copy_only=False)] = -1
    rows = np.arange(begin, begin + len(words))
    for length, own in _groups(lengths):
        if length >= 0:
            dense = len(rows[own]) * length == ends[-1] - ends[0]
            yield Letters(rows[own], length, data, ends[:-1][own], bool(dense))


def _groups(lengths: np.ndarray) -> list[tuple[int, Any]]:
    """Each length and where it stands, in order; a few are sought one by one, many sorted."""
    if (lengths == lengths[0]).all():
        return [(int(lengths[0]), slice(None))]
    if lengths.max() < _LONG:
        found = np.flatnonzero(np.bincount(lengths + 1)) - 1
        if len(found) <= _FEW:
            return [(int(length), np.flatnonzero(lengths == length)) for length in found]
    order = np.argsort(lengths, kind="stable")
    found, begins = np.unique(lengths[order], return_index=True)
    return list(zip(found.tolist(), np.split(order, begins[1:]), strict=True))


def _buffers(words: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The bytes of words behind eight others, and where each begins and the last one ends."""
    size = np.int64 if pa.types.is_large_string(words.type) else np.int32
    _, offsets, content = words.buffers()
    ends = np.frombuffer(offsets, size)[words.offset : words.offset + len(words) + 1]
    first, last = int(ends[0]), int(ends[-1])
    if first >= 8:
        data = np.frombuffer(content, np.uint8)[first - 8 : last]
    else:
        data = np.zeros(last - first + 8, np.uint8)
        data[8:] = np.frombuffer(content or b"", np.uint8)[first:last]
    return data, ends.astype(np.int64) - (first - 8)
