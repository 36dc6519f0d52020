"""The files of a preview: every record translated, and every loss, as they stream by."""

import csv
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from scormaudit.errors import ScormauditError
from scormaudit.frame import RECORD
from scormaudit.mapping import scorm2004, xapi
from scormaudit.mapping.loss import Kind, Losses
from scormaudit.mapping.source import Source, sources
from scormaudit.privacy import make_folder, open_file
from scormaudit.snapshot import Snapshot

FILES: Mapping[str, tuple[str, ...]] = {
    "scorm2004": ("cmi.jsonl", "cmi.csv"),
    "cmi5": ("statements.jsonl", "states.jsonl", "profiles.jsonl"),
}
LOSSES = "losses.csv"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_DATES = ("title", "start_date_utc", "exit_date_utc")
Streams = Mapping[str, TextIO]
_Write = Callable[[Source], tuple[int, Losses]]


@dataclass(slots=True)
class Preview:
    """What was written: `said` counts elements or statements, `touched` the records that lose.

    `losses` counts them by kind and element, an index told as `n`.
    """

    folder: Path
    files: tuple[str, ...]
    records: int = 0
    said: int = 0
    touched: int = 0
    losses: Counter[tuple[Kind, str]] = field(default_factory=Counter)

    def __repr__(self) -> str:
        return (
            f"<Preview of {self.records} records as {self.said} {self.unit}s: "
            f"{self.losses.total()} losses in {self.touched} records>"
        )

    @property
    def unit(self) -> str:
        """What a record is said in."""
        return "element" if self.files[:2] == FILES["scorm2004"] else "statement"

    @property
    def kinds(self) -> Counter[Kind]:
        """How many losses there are of each kind."""
        found: Counter[Kind] = Counter()
        for (kind, _), number in self.losses.items():
            found[kind] += number
        return found


def preview(
    snapshot: Snapshot, target: str, folder: Path, *, names: bool = False, home: str = ""
) -> Preview:
    """Translate every record of a snapshot into files of `folder`, which must not be there.

    For `scorm2004` these are `cmi.jsonl` (a record a line: its keys, and element to value) and
    `cmi.csv` (keys, element, value); for `cmi5` `statements.jsonl`, `states.jsonl` and
    `profiles.jsonl` (xAPI 1.0.3). `losses.csv` names every loss in both. `home` is the system of
    the learners' ids, the snapshot's own unless given; learners' names are told only if `names`.
    """
    folder = Path(folder)
    made = Preview(folder, (*FILES[target], LOSSES))
    try:
        make_folder(folder)
        with _whole(folder), ExitStack() as stack:
            streams = {name: stack.enter_context(_opened(folder / name)) for name in made.files}
            if target == "scorm2004":
                write = _elements(streams, names)
            else:
                write = _statements(streams, names, home or snapshot.manifest.base_url)
            _run(snapshot, made, write, streams[LOSSES])
    except FileExistsError:
        raise ScormauditError(
            "There is already something of this name.",
            where=str(folder),
            todo="Nothing is overwritten; choose another folder.",
        ) from None
    except OSError as error:
        raise ScormauditError(
            f"It cannot be written ({error.strerror}).", where=str(folder)
        ) from None
    return made


@contextmanager
def _whole(folder: Path) -> Iterator[None]:
    """Take a folder away again that was not finished: a list of some losses looks like all."""
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _opened(path: Path) -> TextIO:
    return os.fdopen(open_file(path, new=True), "w", encoding="utf-8", errors="replace", newline="")


def _run(snapshot: Snapshot, made: Preview, write: _Write, stream: TextIO) -> None:
    """Write every record and its losses, and count."""
    table = csv.writer(stream, lineterminator="\n")
    table.writerow((*RECORD, "element", "kind", "what"))
    for source in sources(snapshot):
        said, losses = write(source)
        made.records += 1
        made.said += said
        made.touched += bool(losses)
        keys = [_harmless(source.row[name]) for name in RECORD]
        table.writerows((*keys, loss.element, loss.kind, loss.what) for loss in losses)
        made.losses.update((loss.kind, _general(loss.element)) for loss in losses)


def _elements(streams: Streams, names: bool) -> _Write:
    """Writes a record as elements of SCORM 2004."""
    table = csv.writer(streams["cmi.csv"], lineterminator="\n")
    table.writerow((*RECORD, "element", "value"))

    def write(source: Source) -> tuple[int, Losses]:
        elements, losses = scorm2004.translate(source, names=names)
        keys = {name: source.row[name] for name in RECORD}
        dates = {name: source.row.get(name) for name in _DATES}
        _put(streams["cmi.jsonl"], {**keys, **dates, "cmi": elements})
        table.writerows((*keys.values(), *pair) for pair in elements.items())
        return len(elements), losses

    return write


def _statements(streams: Streams, names: bool, home: str) -> _Write:
    """Writes a record as statements and documents of xAPI; each activity's document once."""
    known: set[str] = set()

    def write(source: Source) -> tuple[int, Losses]:
        told = xapi.translate(source, home, names=names)
        for statement in told.statements:
            _put(streams["statements.jsonl"], statement)
        _put(streams["states.jsonl"], told.state)
        text = json.dumps(told.profile, sort_keys=True)
        if told.profile["content"] and text not in known:
            known.add(text)
            _put(streams["profiles.jsonl"], told.profile)
        return len(told.statements), told.losses

    return write


def _put(stream: TextIO, value: Any) -> None:
    """A line of JSON."""
    stream.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def _general(element: str) -> str:
    """The element with `n` and `m` for its indices."""
    words = iter("nm")
    return ".".join(next(words, "m") if word.isdigit() else word for word in element.split("."))


def _harmless(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip()[:1] in _FORMULA else cell
