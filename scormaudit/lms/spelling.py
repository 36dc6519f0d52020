"""Where a text spells a secret, however it is encoded: each encoding undone, one or two deep."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from html import unescape
from uuid import UUID

DEPTH = 2
Span = tuple[int, int]
# What an encoding hid, and for each of its bytes where in the encoded text it came from.
Decoded = tuple[bytes, list[int], list[int]]

_SHORT = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_RUN = re.compile(rb"[A-Za-z0-9+/_-]+")


def needles(secret: str) -> tuple[bytes, ...]:
    """What to look for: the secret in lower case; a UUID also without its hyphens."""
    forms = [secret]
    with suppress(ValueError):
        forms.append(UUID(secret).hex)
    return tuple(dict.fromkeys(form.encode(errors="surrogatepass").lower() for form in forms))


def spans(text: bytes, wanted: Iterable[bytes], depth: int = DEPTH) -> list[Span]:
    """Where in `text` any of the `wanted` stands, in whatever case and encoding."""
    wanted = tuple(wanted)
    found = [span for needle in wanted for span in _raw(text, needle)]
    if depth == 0 or not wanted:
        return found
    shortest = min(map(len, wanted))
    for inner, starts, ends in _decoded(text, shortest):
        found += [(starts[at], ends[to - 1]) for at, to in spans(inner, wanted, depth - 1)]
    return found


def merged(found: Iterable[Span]) -> list[Span]:
    """The spans in order, those that touch as one."""
    whole: list[Span] = []
    for start, end in sorted(found):
        if whole and start <= whole[-1][1]:
            whole[-1] = whole[-1][0], max(whole[-1][1], end)
        else:
            whole.append((start, end))
    return whole


def _raw(text: bytes, needle: bytes) -> Iterator[Span]:
    lower = text.lower()
    at = lower.find(needle)
    while at >= 0:
        yield at, at + len(needle)
        at = lower.find(needle, at + 1)


def _decoded(text: bytes, shortest: int) -> Iterator[Decoded]:
    """The text with each encoding undone that it may have; base64 by runs and alignments."""
    for pattern, meaning in _ENCODINGS:
        if pattern.search(text):
            yield _undone(text, pattern, meaning)
    for run in _RUN.finditer(text):
        for skip in range(4):
            if (run.end() - run.start() - skip) * 3 // 4 >= shortest:
                yield _from_base64(run.group()[skip:], run.start() + skip)


def _undone(
    text: bytes, pattern: re.Pattern[bytes], meaning: Callable[[re.Match[bytes]], bytes]
) -> Decoded:
    pieces: list[bytes] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for match in pattern.finditer(text):
        start, end = match.span()
        means = meaning(match)
        pieces += [text[at:start], means]
        starts += [*range(at, start), *[start] * len(means)]
        ends += [*range(at + 1, start + 1), *[end] * len(means)]
        at = end
    pieces.append(text[at:])
    starts += range(at, len(text))
    ends += range(at + 1, len(text) + 1)
    return b"".join(pieces), starts, ends


def _from_base64(run: bytes, offset: int) -> Decoded:
    whole = run[: len(run) - 1] if len(run) % 4 == 1 else run
    padded = whole + b"=" * (-len(whole) % 4)
    octets = urlsafe_b64decode(padded.translate(bytes.maketrans(b"+/", b"-_")))
    starts = [offset + at * 4 // 3 for at in range(len(octets))]
    return octets, starts, [start + 2 for start in starts]


def _octet(match: re.Match[bytes]) -> bytes:
    return b" " if match.group() == b"+" else bytes.fromhex(match[1].decode())


def _json(match: re.Match[bytes]) -> bytes:
    """An escape of JSON; two that are half a surrogate pair each are one character."""
    if match[2]:
        return _SHORT.get(match[2], match[2])
    units = bytes.fromhex(re.sub(rb"\\u", b"", match[1]).decode())
    return units.decode("utf-16-be", "surrogatepass").encode(errors="surrogatepass")


def _python(match: re.Match[bytes]) -> bytes:
    """An escape in the repr of a text."""
    digits = match[1] or match[2] or match[3]
    if digits is None:
        return _SHORT.get(match[4], match[4])
    code = int(digits, 16)
    return (chr(code) if code < 0x110000 else "").encode(errors="surrogatepass")


def _python_bytes(match: re.Match[bytes]) -> bytes:
    """An escape in the repr of bytes."""
    return bytes.fromhex(match[1].decode()) if match[1] else _SHORT.get(match[2], match[2])


def _html(match: re.Match[bytes]) -> bytes:
    return unescape(match.group().decode()).encode(errors="surrogatepass")


_HEX = rb"([0-9A-Fa-f]{2})"
_SURROGATES = rb"\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}"
_ENCODINGS: tuple[tuple[re.Pattern[bytes], Callable[[re.Match[bytes]], bytes]], ...] = (
    (re.compile(rb"%" + _HEX), _octet),
    (re.compile(rb"%" + _HEX + rb"|\+"), _octet),
    (re.compile(rb"(" + _SURROGATES + rb"|\\u[0-9A-Fa-f]{4})|\\([\"\\/bfnrt])"), _json),
    (
        re.compile(rb"\\x" + _HEX + rb"|\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})|\\(['\"\\nrt])"),
        _python,
    ),
    (re.compile(rb"\\x" + _HEX + rb"|\\(['\"\\nrt])"), _python_bytes),
    (re.compile(rb"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});"), _html),
)
