"""Long CSV from anywhere: keys, element, value.

One row an element, in any order, UTF-8, with `,`, `;` or tabs between. Columns:

* `enrollment_id`, `assignment_id`, `sco_id` (required): any text, but not empty.
* `element` (required): a CMI name (`cmi.core.lesson_status`, `cmi.interactions.0.id`), or `title`,
  `start_date_utc`, `exit_date_utc`. Without an element the row says that the record is there.
* `value` (required): as it was stored; no text is an empty element. What is absent has no row.
* `assignment_status_id`, `message` (optional): with a message the element failed to be read.
* Any other column is a label, carried along; the first row of a record counts.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from scormaudit.frame import COLUMNS, KEYS
from scormaudit.imports.piece import Bad, Cell, Piece
from scormaudit.imports.separated import columns_of, content_of, records_of

REQUIRED = ("enrollment_id", "assignment_id", "sco_id", "element", "value")
OPTIONAL = ("assignment_status_id", "message")
MARK = b"\n"
COUNTS = False
_TODO = f"A long CSV needs {', '.join(REQUIRED)}; {' and '.join(OPTIONAL)} may be there."
_TAKEN = {*COLUMNS["records"], "row", "state", "scos", "read_in", "read_utc"}


def labels_of(path: Path) -> tuple[str, ...]:
    """The further columns; one that is named like a column of ours gets a name of its own."""
    columns = columns_of(path, REQUIRED, _TODO)
    return tuple(map(_label, _further(columns)))


def pieces(path: Path, tally: Counter[str]) -> Iterator[Piece | Bad]:
    """A piece a row."""
    columns = columns_of(path, REQUIRED, _TODO)
    further = {name: _label(name) for name in _further(columns)}
    for row in records_of(path, columns):
        if isinstance(row, Bad):
            yield row
            continue
        number, cells = row
        ids = tuple(cells.get(name, "").strip() for name in KEYS)
        blank = [name for name in REQUIRED[:3] if not cells[name].strip()]
        if blank:
            reason = f"{' and '.join(blank)} is empty"
            yield Bad(row=number, reason=reason, content=content_of(cells), ids=(ids[0], ids[1]))
            continue
        name, message = cells["element"].strip(), cells.get("message", "")
        text = None if message else cells["value"]
        if message and cells["value"]:
            tally["value beside a message"] += 1
        if cells.get(""):
            tally["value in a column without a name"] += 1
        yield Piece(
            row=number,
            ids=ids,  # type: ignore[arg-type]
            labels={label: cells[name] for name, label in further.items()},
            cells=(Cell(number, name, text, message),) if name else (),
        )


def _further(columns: list[str]) -> list[str]:
    return [name for name in columns if name not in (*REQUIRED, *OPTIONAL) and name]


def _label(name: str) -> str:
    return f"label_{name}" if name in _TAKEN else name
