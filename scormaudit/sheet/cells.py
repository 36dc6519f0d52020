"""Text on its way into a cell: nothing hidden, nothing that a spreadsheet takes for its own."""

import hashlib
import re
from itertools import zip_longest
from unicodedata import normalize

LONG = 120
"""Characters of a value that are shown whole."""
FULL = 4000
"""Characters that a cell holds; Excel would cut at 32,767 UTF-16 units without a word."""

_TRIGGERS = "=+-@"
_TWINS = "\u2212\u2795\u2796"
_BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
_SELECTORS = range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0)
_NAMED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# A sign keeps its face within a word (`ab-initio`, `cGFnZQ==`) and as a dash in prose: whatever
# a program splits cells at, no cell can begin there. `_x0041_` is how a workbook spells an A.
_KEPT = r"(?P<kept>(?<=\w)[=+@-]+|(?<=[\w)\].]) -(?= ))"
_ODD = re.compile(rf'{_KEPT}|[=+@\-\\"]|[^ -~]|_(?=[xX][0-9A-Fa-f]{{4}}_)')


def coded(text: str) -> str:
    r"""`text` on one line; what is hidden, or could begin a formula anywhere, as `\x3d`.

    Reversible: a backslash is doubled, so no two texts have the same codes.
    """
    return _ODD.sub(lambda found: found["kept"] or _code(found[0]), text)


def quoted(text: str) -> str:
    """A value between quotes, so that no program takes it for a number, a date or a formula.

    What is too long to show, and what may look like another (all that is not ASCII), has its
    length in characters and the beginning of its SHA-256 beside it.
    """
    short = len(text) <= LONG
    shown = f'"{coded(text)}"' if short else f'"{coded(text[: LONG // 2])}"...'
    return shown if short and text.isascii() else f"{shown} ({measured(text)})"


def measured(text: str) -> str:
    """The length of a text and the beginning of its digest."""
    unit = "character" if len(text) == 1 else "characters"
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{len(text)} {unit}, sha256 {digest[:16]}"


def difference(old: str, new: str) -> str:
    """Where two texts part, for those that are not shown whole; else nothing."""
    if max(len(old), len(new)) <= LONG:
        return ""
    pairs = enumerate(zip_longest(old, new))
    at = next((at for at, (one, other) in pairs if one != other), len(old))
    parts = (quoted(text[at : at + 20]) for text in (old, new))
    return f"first difference at character {at + 1}: {' and '.join(parts)}"


def named(name: str) -> str:
    """A name as it is if it is a plain word, otherwise quoted."""
    return name if re.fullmatch(r"[A-Za-z]\w*(?: [A-Za-z]\w*)*", name, re.ASCII) else quoted(name)


def code(rule: str) -> str:
    """A rule's code as it is in the form that nothing converts, otherwise quoted."""
    return rule if re.fullmatch(r"[A-Z]{2}[0-9]{3}", rule) else quoted(rule)


def fitted(cell: str) -> str:
    """A cell cut where it is over-long, and saying so."""
    return cell if len(cell) <= FULL else f"{cell[:FULL]}... (cut from {measured(cell)})"


def _code(character: str) -> str:
    if character.isprintable() and not character.isascii() and not _deceives(character):
        return character
    number = ord(character)
    if number < 0x100:
        return _NAMED.get(character) or f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _deceives(character: str) -> bool:
    """Whether it looks like nothing, or like the beginning of a formula."""
    if character in _BLANKS or any(ord(character) in selectors for selectors in _SELECTORS):
        return True
    return character in _TWINS or normalize("NFKC", character)[0] in _TRIGGERS
