"""Learners' text on its way to a terminal: nothing hidden, cut visibly, the difference marked."""

import hashlib
from unicodedata import combining

from rich.cells import cell_len
from rich.text import Text

_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(
    map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)
_LEAST = 12


def coded(text: str) -> str:
    r"""`text` on one line; what is not seen or moves other text (escapes, bidi) as `\x1b`.

    A backslash is doubled, and a mark that would sit on what stands before the text is a code.
    """
    return "".join(
        _coded(c) if c == "\\" or hides(c) or (not at and combining(c)) else c
        for at, c in enumerate(text)
    )


def hides(text: str) -> bool:
    """Whether a text has characters that nobody sees, or that move others."""
    return not text.isprintable() or not _UNSEEN.isdisjoint(text)


def measured(text: str) -> str:
    """The length of a text and the beginning of its digest."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{len(text):,} character{'' if len(text) == 1 else 's'}, SHA-256 {digest[:12]}"


def brief(text: str | None, width: int = 40) -> str:
    """A value in quotes; what is longer than `width` cells is cut, with length and digest."""
    if text is None:
        return "absent"
    if cell_len(shown := coded(text)) <= width:
        return f"'{shown}'"
    return f"'{''.join(_kept(text, width))}…' ({measured(text)})"


def parted(old: str, new: str) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    """Both texts as what they share at the beginning, what differs, and what they share again."""
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    before, after = (
        (text[:start], text[start : len(text) - end], text[len(text) - end :])
        for text in (old, new)
    )
    return before, after


def compared(old: str | None, new: str, width: int) -> list[Text]:
    """Old and new below one another, each with what differs underlined by `^`.

    `width` is in cells. A longer text is cut to what lies around the difference; the line
    below then gives its length, its digest and where it differs.
    """
    before, after = parted(old or "", new)
    lines: list[Text] = []
    for label, text, parts in (("old", old, before), ("new", new, after)):
        lines += _shown(label, text, parts, width - 6)
    return lines


def _shown(label: str, text: str | None, parts: tuple[str, str, str], width: int) -> list[Text]:
    """One text, the marks below it, and what was cut."""
    if text is None:
        return [Text(f"{label}   absent")]
    head, middle, tail = map(coded, parts)
    opening, closing = "'", "'"
    whole = cell_len(head + middle + tail) + 2 <= width
    if not whole:
        opening, head, middle, tail, closing = _window(parts, width - 2)
    line = Text.assemble(
        (f"{label}   ", "dim"), opening, head, (middle, "bold reverse"), tail, closing
    )
    marks = "^" * max(1, cell_len(middle))
    lines = [line, Text(" " * (6 + cell_len(opening + head)) + marks, "bold")]
    if not whole:
        at, size = len(parts[0]) + 1, len(parts[1])
        where = f"{at:,}" if size <= 1 else f"{at:,} to {at + size - 1:,}"
        lines.append(Text(f"      {measured(text)}; differs at {where}", "yellow"))
    return lines


def _window(parts: tuple[str, str, str], width: int) -> tuple[str, str, str, str, str]:
    """What opens the line, what stands before, the difference, what stands after, the end."""
    head, middle, tail = parts
    shown = _kept(middle, width - 2 * _LEAST)
    whole = len(shown) == len(middle)
    after = _kept(tail, (width - cell_len("".join(shown))) // 2) if whole else []
    before = _kept(head[::-1], width - cell_len("".join(shown + after)))
    return (
        "'" if len(before) == len(head) else "…",
        "".join(reversed(before)),
        "".join(shown),
        "".join(after),
        "'" if whole and len(after) == len(tail) else "…",
    )


def _kept(text: str, width: int) -> list[str]:
    """As many characters from the beginning of a text, coded, as fit; no code is cut in two."""
    kept: list[str] = []
    for character in text:
        width -= cell_len(code := coded(character))
        if width < 0:
            break
        kept.append(code)
    return kept


def _alike(one: str, other: str) -> int:
    """How many characters two texts share at their beginning."""
    same = (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(same, min(len(one), len(other)))


def _coded(character: str) -> str:
    number = ord(character)
    named = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    if named:
        return named
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
