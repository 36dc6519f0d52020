"""Registrations out of JSON of any length, one at a time."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from scormaudit.errors import SourceError

_CHUNK = 1 << 18
_BLANK = " \t\r\n"
_LISTS = ("registrations",)


class _NoneListed(Exception):
    """Neither a list nor an object."""


class _Text:
    """A stream of JSON of which only what is being parsed is in memory."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._decoder = stream, json.JSONDecoder()
        self._text, self._at, self._before, self._ended = "", 0, 0, False

    @property
    def place(self) -> int:
        """How many characters have been parsed."""
        return self._before + self._at

    def peek(self) -> str:
        """The next character that is not blank, or nothing at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _BLANK:
                    return self._text[self._at]
                self._at += 1
            if not self._more(_CHUNK):
                return ""

    def skip(self, wanted: str) -> bool:
        """Go over a sign if it is the next one."""
        if self.peek() != wanted:
            return False
        self._at += 1
        return True

    def value(self) -> Any:
        """The next JSON value, whole; ValueError where there is none."""
        self.peek()
        size = _CHUNK
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except ValueError:
                if not self._more(size):
                    raise
            else:
                if end < len(self._text) or not self._more(size):
                    self._at = end
                    return value
            size *= 2

    def _more(self, size: int) -> bool:
        """Read on, and forget what has been parsed."""
        if self._ended:
            return False
        more = self._stream.read(size)
        self._ended = not more
        self._before += self._at
        self._text, self._at = self._text[self._at :] + more, 0
        return bool(more)


def registrations(path: Path) -> Iterator[Any]:
    """Each registration of a file: one alone, a list, `{"registrations": […]}`, or one a line.

    SourceError where the file is not JSON, saying at which character.
    """
    try:
        with path.open(encoding="utf-8-sig") as stream:
            text = _Text(stream)
            try:
                while text.peek():
                    yield from _values(text)
            except _NoneListed:
                raise SourceError(
                    f"No registration begins here, neither [ nor {{ (character {text.place:,}).",
                    where=str(path),
                    todo="It is JSON in UTF-8 with registrations that is read.",
                ) from None
            except (ValueError, RecursionError):
                raise SourceError(
                    f"It is not JSON, or ends too early (after character {text.place:,}).",
                    where=str(path),
                    todo="Export it anew; no snapshot was made.",
                ) from None
    except OSError as error:
        raise SourceError(f"It cannot be read ({error.strerror}).", where=str(path)) from None


def _values(text: _Text) -> Iterator[Any]:
    """The registrations of one value at the top."""
    if text.peek() == "[":
        yield from _items(text)
    elif text.peek() == "{":
        yield from _of_object(text)
    else:
        raise _NoneListed


def _items(text: _Text) -> Iterator[Any]:
    text.skip("[")
    if text.skip("]"):
        return
    while True:
        yield text.value()
        if text.skip("]"):
            return
        if not text.skip(","):
            raise ValueError("no comma between registrations")


def _of_object(text: _Text) -> Iterator[Any]:
    """The registrations in an object, or the object itself, which then is one."""
    own: dict[str, Any] = {}
    text.skip("{")
    listed = False
    while not text.skip("}"):
        name = text.value()
        if not isinstance(name, str) or not text.skip(":"):
            raise ValueError("no name")
        if name in _LISTS and text.peek() == "[":
            listed = True
            yield from _items(text)
        else:
            own[name] = text.value()
        if not text.skip(",") and text.peek() != "}":
            raise ValueError("no comma between members")
    if not listed:
        yield own
