"""Snapshots out of files of other systems, so that a target can be audited and compared."""

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType, ModuleType

from scormaudit.errors import SourceError
from scormaudit.frame import Row, Rows
from scormaudit.imports.aside import Aside, aside_of
from scormaudit.imports.gathering import Gathered, Gathering
from scormaudit.imports.laying import lay
from scormaudit.imports.piece import HALF, Bad
from scormaudit.snapshot import Snapshot, Writer, in_the_way

__all__ = ["FORMATS", "Imported", "documented", "expected", "import_snapshot"]

FORMATS: Mapping[str, str] = MappingProxyType(
    {"scorm-cloud": "scorm_cloud", "moodle": "moodle", "long": "long"}
)
"""The formats by name, and the modules that read them."""
_PART = 5_000
_WEIGHT = 32 << 20
_BATCH = 256
_TOLD = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of a file: the snapshot, the file of rows set aside (None: none), and notes.

    `tally` counts what is told: `repeated` rows, `strays` (elements that SCORM 1.2 does not
    have), lists that were `counted`, and by name what was not taken.
    """

    snapshot: Snapshot
    aside: Path | None
    set_aside: int
    tally: Mapping[str, int]


def documented(format: str) -> str:
    """What a format's files must hold, as its module says."""
    return (_module(format).__doc__ or "").strip()


def expected(file: Path | str, format: str) -> int:
    """About how many rows or registrations a file has, for a bar; 0 where it cannot be read."""
    mark = _module(format).MARK
    try:
        with Path(file).open("rb") as stream:
            return sum(chunk.count(mark) for chunk in iter(partial(stream.read, 1 << 20), b""))
    except OSError:
        return 0


def import_snapshot(
    file: Path | str,
    format: str,
    out: Path | str,
    *,
    progress: Callable[[], object] = lambda: None,
) -> Imported:
    """Turn a file of another system into a snapshot; `progress` is called for each piece of it.

    `format` is one of FORMATS; `documented(format)` says what it needs. What is in memory is one
    part of the snapshot, whatever the length of the file; meanwhile the disk holds a copy of it
    beside the snapshot. A row that cannot be taken is set aside by its number, and the snapshot
    is incomplete. SourceError where the file is not of the format or has no record at all,
    SnapshotError where something is in the way.
    """
    file, out = Path(file), Path(out)
    module = _module(format)
    if out.exists() or out.is_symlink():
        raise in_the_way(out)
    labels = module.labels_of(file)
    begun = datetime.now(UTC)
    aside = Aside(aside_of(out))
    work = _Work(module=module, aside=aside, tally=Counter())
    gathering = Gathering(out.with_name(f"{out.name}-import.sqlite"))
    try:
        pieces = _gather(work, file, gathering, progress)
        writer = Writer(out, labels)
        try:
            _write(work, writer, gathering)
            snapshot = _finished(writer, file, format, begun, pieces)
            if not len(snapshot):
                why = f" ({work.bad[0]['message']})" if work.bad else ""
                if bare := work.tally["activity without runtime"]:
                    why = why or f" ({bare} without runtime: export with includeRuntime)"
                raise SourceError(f"No record can be taken from it{why}.", where=str(file))
        except BaseException:
            shutil.rmtree(out, ignore_errors=True)
            raise
    except BaseException:
        aside.remove()
        raise
    finally:
        gathering.close()
        aside.close()
    return Imported(
        snapshot=snapshot,
        aside=aside.path if aside.rows else None,
        set_aside=aside.rows,
        tally=MappingProxyType(dict(work.tally)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """An import under way: who reads, what is set aside and its rows of the coverage, counts."""

    module: ModuleType
    aside: Aside
    tally: Counter[str]
    bad: list[Row] = field(default_factory=list)


def _module(format: str) -> ModuleType:
    if format not in FORMATS:
        raise SourceError(f"There is no format {format}.", todo=f"Take {', '.join(FORMATS)}.")
    return import_module(f"{__name__}.{FORMATS[format]}")


def _gather(work: _Work, file: Path, gathering: Gathering, progress: Callable[[], object]) -> int:
    """Read the file to its end; how many pieces it had, bad ones included."""
    pieces = 0
    for piece in work.module.pieces(file, work.tally):
        pieces += 1
        progress()
        if isinstance(piece, Bad):
            work.aside.put(piece)
            alike = work.aside.rows - min(len(work.bad), _TOLD)
            work.bad[_TOLD:] = [_coverage(piece, alike)]
        else:
            gathering.put(piece)
    return pieces


def _write(work: _Work, writer: Writer, gathering: Gathering) -> None:
    """Every record, part by part; what was bad stands in the coverage of the last one."""
    assignments = _assignments(gathering.records())
    more = True
    while more:
        more, batches = _part(work, assignments)
        writer.write_batches(batches if more else [*batches, {"coverage": work.bad}])


def _part(
    work: _Work, assignments: Iterator[list[Gathered]]
) -> tuple[bool, list[dict[str, list[Row]]]]:
    """The rows of some assignments, and whether there may be more behind them."""
    batches: list[dict[str, list[Row]]] = []
    rows, coverage, weight = Rows(), list[Row](), 0
    for number, assignment in enumerate(assignments, 1):
        coverage.append(_laid(work, assignment, rows))
        weight += sum(record.weight for record in assignment)
        whole = number >= _PART or weight >= _WEIGHT
        if whole or len(coverage) == _BATCH:
            batches.append({**rows.tables, "coverage": coverage})
            rows, coverage = Rows(), []
        if whole:
            return True, batches
    return False, [*batches, {**rows.tables, "coverage": coverage}]


def _laid(work: _Work, assignment: list[Gathered], rows: Rows) -> Row:
    """Lay down the records of an assignment; its row of the coverage."""
    covered = _covered(assignment)
    for record in assignment:
        if record.sco is None:
            continue
        for one in lay(record, rows, counts=work.module.COUNTS, tally=work.tally):
            work.aside.put(one)
            covered |= {"state": one.state, "message": f"row {one.row}: {one.reason}"}
    return covered


def _assignments(records: Iterator[Gathered]) -> Iterator[list[Gathered]]:
    """Records by their assignment, those of one following one another."""
    own: list[Gathered] = []
    for record in records:
        if own and own[0].ids != record.ids:
            yield own
            own = []
        own.append(record)
    if own:
        yield own


def _covered(assignment: list[Gathered]) -> Row:
    scos = sum(record.sco is not None for record in assignment)
    first = assignment[0]
    return {
        "row": first.row,
        "enrollment_id": first.ids[0],
        "assignment_id": first.ids[1],
        "assignment_status_id": first.status,
        "state": "ok" if scos else "empty",
        "scos": scos,
        **first.labels,
    }


def _coverage(bad: Bad, alike: int) -> Row:
    """A row for what was set aside; from a thousand on one row speaks for all."""
    more = f"{alike} more rows, the last is " if alike > 1 else ""
    return {
        "row": bad.row,
        "enrollment_id": HALF.sub("\N{REPLACEMENT CHARACTER}", bad.ids[0]),
        "assignment_id": HALF.sub("\N{REPLACEMENT CHARACTER}", bad.ids[1]),
        "state": bad.state,
        "scos": 0,
        "message": f"{more}row {bad.row}: {bad.reason}",
    }


def _finished(writer: Writer, file: Path, format: str, begun: datetime, pieces: int) -> Snapshot:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return writer.finish(
        base_url=f"{format}:{file.name}",
        from_utc=_spell(begun),
        to_utc=_spell(datetime.now(UTC)),
        elements=(),
        worklist={"name": file.name, "sha256": digest, "rows": str(pieces)},
        tool_version=version("scormaudit"),
    )


def _spell(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
