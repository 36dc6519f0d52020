"""Moodle's SCORM tracks as CSV: a row an element of an attempt.

Up to Moodle 4.2 that is the table `mdl_scorm_scoes_track` as it is; from 4.3 on three tables::

    SELECT a.userid, a.scormid, a.attempt, v.scoid, e.element, v.value, v.timemodified
    FROM mdl_scorm_scoes_value v JOIN mdl_scorm_attempt a ON a.id = v.attemptid
    JOIN mdl_scorm_element e ON e.id = v.elementid

Columns:

* `userid` (required) becomes enrollment_id and the label learner.
* `scormid` and `attempt` (required) become assignment_id, `12/1` for the first attempt at 12.
* `scoid` (required) becomes sco_id, or `identifier` does (optional, of `mdl_scorm_scoes`).
* `element`, `value` (required): `cmi.interactions_0.id` is read as `cmi.interactions.0.id`, and
  `x.start.time` (seconds since 1970) is start_date_utc.
* `course`, `username`, `title` (optional): label course, label learner, title of the SCO.

Moodle does not store the `_count` of a list, so it is counted. `id` and `timemodified` are of the
row, not of the record, and are not taken; other columns neither, and it says so.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from scormaudit.imports.piece import Bad, Cell, Piece
from scormaudit.imports.separated import columns_of, content_of, records_of

REQUIRED = ("userid", "scormid", "scoid", "attempt", "element", "value")
OPTIONAL = ("identifier", "course", "username", "title")
MARK = b"\n"
COUNTS = True
LABELS = ("learner", "course", "attempt")
_TODO = (
    f"Moodle's tracks need {', '.join(REQUIRED)}; {', '.join(OPTIONAL)} may be there. "
    "From Moodle 4.3 on join mdl_scorm_scoes_value with mdl_scorm_attempt and mdl_scorm_element."
)
_INDEX = re.compile(r"_(\d+)(?=\.)")
_SECONDS = re.compile(r"\d{1,11}", re.ASCII)
_START = "x.start.time"


def labels_of(path: Path) -> tuple[str, ...]:
    """Learner, course and attempt; SourceError where a column is missing."""
    columns_of(path, REQUIRED, _TODO)
    return LABELS


def pieces(path: Path, tally: Counter[str]) -> Iterator[Piece | Bad]:
    """A piece a row."""
    columns = columns_of(path, REQUIRED, _TODO)
    further = [name for name in columns if name.lower() not in (*REQUIRED, *OPTIONAL) and name]
    names = {name: name.lower() for name in columns}
    for row in records_of(path, columns):
        if isinstance(row, Bad):
            yield row
            continue
        number, given = row
        cells = {names[name]: text for name, text in given.items()}
        tally.update(f"column {name}" for name in further)
        yield _piece(number, cells)


def _piece(number: int, cells: Mapping[str, str]) -> Piece | Bad:
    blank = [name for name in REQUIRED[:5] if not cells[name].strip()]
    user, scorm, attempt = (cells[name].strip() for name in ("userid", "scormid", "attempt"))
    ids = (user, f"{scorm}/{attempt}")
    if blank:
        reason = f"{' and '.join(blank)} is empty"
        known = ("", "") if {"userid", "scormid", "attempt"} & {*blank} else ids
        return Bad(row=number, reason=reason, content=content_of(cells), ids=known)
    return Piece(
        row=number,
        ids=(*ids, "", cells.get("identifier", "").strip() or cells["scoid"].strip()),
        labels={
            "learner": cells.get("username") or user,
            "course": cells.get("course", ""),
            "attempt": attempt,
        },
        cells=tuple(_cells(number, cells)),
    )


def _cells(number: int, cells: Mapping[str, str]) -> Iterator[Cell]:
    element, value = cells["element"].strip(), cells["value"]
    if cells.get("title"):
        yield Cell(number, "title", cells["title"])
    if element == _START and _SECONDS.fullmatch(value):
        moment = datetime.fromtimestamp(int(value), UTC)
        yield Cell(number, "start_date_utc", moment.isoformat().replace("+00:00", "Z"))
    else:
        yield Cell(number, _INDEX.sub(r".\1", element), value)
