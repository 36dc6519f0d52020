"""Texts of a fixed layout, such as `99:99:99`: which ones have it, and the numbers in them."""

from functools import cache

import numpy as np

from scormaudit.letters import Letters


def fitting(letters: Letters, layout: str) -> np.ndarray:
    """True for each word that has digits where `layout` has a `9`, and its letters elsewhere."""
    odd = np.zeros(len(letters.rows), dtype=np.uint64)
    for at, (expected, sixes, guard) in _masks(layout):
        # What is left of a digit is 0 to 9: no high bit is set, also after 6 is added.
        left = letters.eight(at) ^ expected
        odd |= (left | (left + sixes)) & guard
    fits: np.ndarray = odd == 0
    return fits


def number(letters: Letters, at: int, digits: int) -> np.ndarray:
    """The number in up to eight digits from `at` on, of words in which there are digits.

    Neighbours are put together to pairs, pairs to fours and those to eights, all in eight bytes.
    """
    taken, steps = letters.eight(at), (digits - 1).bit_length()
    if spare := (1 << steps) - digits:
        taken = taken << np.uint64(8 * spare)
    for mask, together, shift in _NEIGHBOURS[:steps]:
        taken = ((taken & mask) * together) >> shift
    numbers: np.ndarray = (taken & _LOWEST[steps]).view(np.int64)
    return numbers


_NEIGHBOURS = tuple(
    (np.uint64(mask), np.uint64(1 + (base << bits)), np.uint64(bits))
    for mask, base, bits in (
        (0x0F0F0F0F0F0F0F0F, 10, 8),
        (0x00FF00FF00FF00FF, 100, 16),
        (0x0000FFFF0000FFFF, 10_000, 32),
    )
)
_LOWEST = tuple(np.uint64(mask) for mask in (0x0F, 0xFF, 0xFFFF, 0xFFFFFFFF))


@cache
def _masks(layout: str) -> tuple[tuple[int, tuple[np.uint64, np.uint64, np.uint64]], ...]:
    """For each eight letters what they should be, where a digit is, and the bits to look at."""
    found = []
    for at in range(0, len(layout), 8):
        piece = layout[at : at + 8]
        expected = bytes(ord("0") if letter == "9" else ord(letter) for letter in piece)
        sixes = bytes(0x06 if letter == "9" else 0 for letter in piece)
        guard = bytes(0xF0 if letter == "9" else 0xFF for letter in piece)
        masks = tuple(np.uint64(int.from_bytes(m, "little")) for m in (expected, sixes, guard))
        found.append((at, masks))
    return tuple(found)  # type: ignore[arg-type]
