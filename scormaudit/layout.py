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
        more = left + sixes
        more |= left
        more &= guard
        odd |= more
    fits: np.ndarray = odd == 0
    return fits


def number(letters: Letters, at: int, digits: int) -> np.ndarray:
    """The number in up to eight digits from `at` on, of words in which there are digits."""
    found = np.zeros(len(letters.rows), dtype=np.int32)
    if digits % 2:
        found += letters.digits(at)
    for pair in range(at + digits % 2, at + digits, 2):
        found *= 100
        found += letters.pairs(pair)
    return found


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
