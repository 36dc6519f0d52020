"""CSV that Excel opens as it is, read back in the spellings that spreadsheets save."""

import csv
from collections.abc import Mapping, Sequence
from io import StringIO

from scormaudit.errors import PlanError
from scormaudit.plan import Plan
from scormaudit.sheet.grid import COMMENT, Grid, grid
from scormaudit.sheet.returned import Cell, Odd, trimmed

_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_UNSURE = Odd("letters of an unknown encoding; save it as CSV UTF-8")
_TODO = "Save it as CSV UTF-8, or export the plan as .xlsx."


def as_separated(plan: Plan, meanings: Mapping[str, str]) -> bytes:
    """UTF-8 with its mark, commas, every cell in quotes."""
    own, stream = grid(plan), StringIO(newline="")
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
    writer.writerows([own.header, *own.filled(meanings)])
    return stream.getvalue().encode("utf-8-sig")


def separated_rows(own: Grid, content: bytes) -> list[list[Cell]]:
    """The rows of a CSV, whatever separates its cells (comma, semicolon, tab).

    UTF-8, UTF-16 and Windows-1252 are told apart. Where the latter is only supposed, a comment
    with other letters than ASCII is odd: nothing in the row proves how it is to be read.
    """
    text, certain = _decoded(content)
    tables = [table for delimiter in ",;\t" if (table := _parsed(text, delimiter))]
    if not tables:
        raise PlanError("It is not a readable CSV file.", todo=_TODO)
    best = max(tables, key=lambda table: len(set(table[0]).intersection(own.header)))
    return best if certain else [_doubted(row) for row in best]


def _decoded(content: bytes) -> tuple[str, bool]:
    marked = [name for mark, name in _MARKS.items() if content.startswith(mark)]
    for encoding in marked or ["utf-8", "cp1252"]:
        try:
            return content.decode(encoding), encoding != "cp1252"
        except UnicodeDecodeError:
            continue
    raise PlanError("Its encoding is not UTF-8, UTF-16 or Windows-1252.", todo=_TODO)


def _parsed(text: str, delimiter: str) -> list[list[Cell]]:
    """The cells, or nothing where quotes and delimiters do not fit together."""
    try:
        lines = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return [list(line) for line in lines]
    except csv.Error:
        return []


def _doubted(row: Sequence[Cell]) -> list[Cell]:
    sure = len(trimmed(row)) <= COMMENT or str(row[COMMENT]).isascii()
    return [_UNSURE if at == COMMENT and not sure else cell for at, cell in enumerate(row)]
