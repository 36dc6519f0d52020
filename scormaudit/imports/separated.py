"""CSV of one element a row, read row by row: what long and Moodle's form have in common."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from scormaudit.errors import SourceError
from scormaudit.imports.piece import HALF, Bad

LARGEST = 16 << 20
"""Characters in a field; what is longer is an open quote rather than a value."""
_DELIMITERS = ",;\t"


def header_of(path: Path) -> list[str]:
    """The names in the first row, in lower case; SourceError where there is none."""
    with _opened(path) as stream:
        names = next(_rows(stream), None)
    if not isinstance(names, list) or not any(names):
        raise SourceError("It is empty, or its first row is no header.", where=str(path))
    return [name.strip() for name in names]


def columns_of(path: Path, required: Sequence[str], todo: str) -> list[str]:
    """The header, whose names count without regard to case; SourceError names what it lacks."""
    header = header_of(path)
    lower = [name.lower() for name in header]
    columns = [low if low in required else name for low, name in zip(lower, header, strict=True)]
    missing = [name for name in required if name not in columns]
    if missing:
        said = "s {} are" if missing[1:] else " {} is"
        if HALF.search("".join(header)) or "\0" in "".join(header):
            raise SourceError("It is not UTF-8.", where=str(path), todo="Save it as CSV in UTF-8.")
        found = ", ".join(header[:20]) or "none"
        raise SourceError(
            f"The column{said.format(', '.join(missing))} missing.",
            where=str(path),
            todo=f"{todo} Found are {found}.",
        )
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise SourceError(f"The column {twice[0]} is there twice.", where=str(path))
    return columns


def records_of(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, Mapping[str, str]] | Bad]:
    """Each row below the header with its number (the header is row 1); blank rows are left out."""
    with _opened(path) as stream:
        rows = _rows(stream)
        next(rows)
        for number, row in enumerate(rows, 2):
            if isinstance(row, str):
                yield Bad(row=number, reason=row, content="")
            elif len(row) != len(columns) and any(row):
                reason = f"it has {len(row)} fields, the header has {len(columns)}"
                yield Bad(row=number, reason=reason, content=_kept(row))
            elif any(map(HALF.search, row)):
                yield Bad(row=number, reason="it is not UTF-8", content=_kept(row))
            elif any(row):
                yield number, dict(zip(columns, row, strict=True))


def content_of(row: Mapping[str, str]) -> str:
    """A row as it is kept aside."""
    return _kept(list(row.values()))


def _kept(row: list[str]) -> str:
    text = json.dumps(row, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode()


def _rows(stream: Iterator[str]) -> Iterator[list[str] | str]:
    """Rows, or why one is none; a csv reader goes on behind a row that it refused.

    Strict, or a quote that nobody closes would take every row below it for one value.
    """
    first = next(stream, "")
    several = max(_DELIMITERS, key=first.count)
    reader = csv.reader(_chained(first, stream), delimiter=several, strict=True)
    while True:
        before = reader.line_num + 1
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield f"it is not CSV ({error}), lines {before} to {reader.line_num}"


def _chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


@contextmanager
def _opened(path: Path) -> Iterator[Iterator[str]]:
    before = csv.field_size_limit(LARGEST)
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
            yield stream
    except OSError as error:
        raise SourceError(f"It cannot be read ({error.strerror}).", where=str(path)) from None
    finally:
        csv.field_size_limit(before)
