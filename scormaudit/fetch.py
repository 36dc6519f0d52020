"""Reads every record of a worklist into a snapshot: whole records, or their reason."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from scormaudit.errand import Errand, refuse_another, refuse_unlike
from scormaudit.errors import (
    Busy,
    Forbidden,
    Interrupted,
    LmsError,
    SettingsError,
    SnapshotError,
    Unreachable,
)
from scormaudit.frame import Row
from scormaudit.intake import Answers, Intake, answer_of, entries_of, take
from scormaudit.lms.client import Client
from scormaudit.progress import Tick, ticking
from scormaudit.reader import NAMES, read_scos
from scormaudit.reuse import Reuse, reusable
from scormaudit.snapshot import MANIFEST, Part, Snapshot, Writer, in_the_way, read_snapshot
from scormaudit.spool import FILE, Spool, remove
from scormaudit.worklist import Source, Worklist, read_worklist

__all__ = ["NAMES", "PART", "fetch", "read_scos"]

PART = 5_000
_PART_BYTES = 32 << 20
_FIRST = 10
_AWAY = (Busy, Interrupted, Unreachable)
_PARTS = TypeAdapter(list[Part])

Unread = Iterator[tuple[int, Row]]


def fetch(
    client: Client,
    worklist: Source | Worklist,
    out: Path | str | None = None,
    *,
    jobs: int = 4,
    resume: bool = False,
    since: Snapshot | Path | str | None = None,
    older_than: float | None = None,
    progress: Tick | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Snapshot:
    """Read every assignment of `worklist` into the new folder `out`, `jobs` at a time.

    Without `out` the folder stands in the current one and is named by the time of reading.
    What cannot be read is named in `coverage`. LmsError ends the run where the LMS gives no
    answer at all, refuses the token or forbids the first ten assignments; from the first answer
    on the folder is kept, and `resume` goes on with it: what was read is not read again, but for
    passing errors. `resume` begins where there is no folder and leaves a finished one as it is.

    From the snapshot `since` come those assignments that cannot have changed: read well, passed,
    completed or failed, and with no date younger than `older_than` days.

    `progress` is called after each assignment (in a notebook a bar shows unless it is given),
    `tell` with a sentence about a resumed run.
    """
    if not isinstance(worklist, Worklist):
        worklist = read_worklist(worklist)
    start = datetime.now(UTC)
    path = Path(out or f"snapshot-{start:%Y%m%d-%H%M%S}")
    earlier = _earlier(since, older_than)
    asked = _asked(client, worklist, start, earlier, older_than)
    found = _found(path)
    if resume and found == "finished":
        return _finished(path, asked, tell)
    if found != "nothing" and not (resume and found in ("unfinished", "empty")):
        raise in_the_way(path, "go on with --resume, or " if found == "unfinished" else "")
    with ExitStack() as stack:
        spool = None if found == "nothing" else stack.enter_context(closing(Spool(path)))
        begun = None if spool is None else _begun(spool, asked, path)
        errand = begun or asked
        reuse = _reuse(earlier, worklist, errand)
        unread = partial(_unread, worklist, reuse)
        first = _next(client, unread, spool) if begun and spool else _first(client, unread())
        parts = None if spool is None else _PARTS.validate_python(spool.parts)
        writer = Writer(path, worklist.labels, parts)
        if spool is None:
            spool = stack.enter_context(closing(Spool(path)))
        if begun:
            tell(f"Going on: {spool.known} of {len(worklist)} assignments were there already.")
        else:
            spool.begin(asdict(errand))
        with ticking("reading", len(worklist), progress) as tick:
            take(Intake(client, worklist, errand, reuse, spool, writer, tick), first, jobs)
        return _closed(errand, spool, writer, path)


# --- the folder --------------------------------------------------------------------------


def _asked(
    client: Client,
    worklist: Worklist,
    start: datetime,
    earlier: Snapshot | None,
    older_than: float | None,
) -> Errand:
    return Errand(
        base_url=client.base_url,
        worklist={"name": worklist.name, "sha256": worklist.digest, "rows": str(len(worklist))},
        labels=worklist.labels,
        elements=NAMES,
        since=None if earlier is None else earlier.manifest.id,
        older_than=older_than,
        from_utc=_spell(start),
        part=PART,
        part_bytes=_PART_BYTES,
    )


def _finished(path: Path, asked: Errand, tell: Callable[[str], None]) -> Snapshot:
    """The snapshot that is there; what a run killed at its very end left beside it goes."""
    snapshot = read_snapshot(path)
    refuse_another(snapshot.manifest, asked, path)
    remove(path)
    tell("This snapshot is finished; nothing was read and nothing changed.")
    return snapshot


def _found(path: Path) -> Literal["nothing", "empty", "unfinished", "finished", "other"]:
    """What stands where the snapshot should; a run killed early enough leaves empty folders."""
    try:
        if not (path.exists() or path.is_symlink()):
            return "nothing"
        if (path / MANIFEST).exists():
            return "finished"
        if (path / FILE).exists():
            return "unfinished"
        hollow = path.is_dir() and all(inner.is_dir() for inner in path.rglob("*"))
        return "empty" if hollow else "other"
    except OSError as error:
        raise SnapshotError(
            f"It cannot be looked at ({error.strerror}).", where=str(path), todo="Choose another."
        ) from None


def _begun(spool: Spool, asked: Errand, path: Path) -> Errand | None:
    """What the folder was begun for, if it came to that; SnapshotError if not for the same."""
    if spool.errand is None:
        return None
    begun = Errand.read(spool.errand, path)
    refuse_another(begun, asked, path)
    return begun


def _closed(errand: Errand, spool: Spool, writer: Writer, path: Path) -> Snapshot:
    """The manifest, then the end of the spool."""
    snapshot = writer.finish(
        base_url=errand.base_url,
        from_utc=errand.from_utc,
        to_utc=_spell(datetime.now(UTC)),
        elements=errand.elements,
        worklist=errand.worklist,
        tool_version=version("scormaudit"),
    )
    spool.close()
    remove(path)
    return snapshot


def _spell(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


# --- what is read and what is not --------------------------------------------------------


def _earlier(since: Snapshot | Path | str | None, older_than: float | None) -> Snapshot | None:
    if (since is None) != (older_than is None):
        raise SettingsError(
            "Reusing an earlier snapshot takes two things.",
            where="since" if since is None else "older_than",
            todo="Give the snapshot, and after how many days a finished record is left alone.",
        )
    return since if since is None or isinstance(since, Snapshot) else read_snapshot(since)


def _reuse(earlier: Snapshot | None, worklist: Worklist, errand: Errand) -> Reuse | None:
    if earlier is None or errand.older_than is None:
        return None
    refuse_unlike(earlier, errand)
    return reusable(earlier, worklist, older_than=errand.older_than, from_utc=errand.from_utc)


def _unread(worklist: Worklist, reuse: Reuse | None, start: int = 0) -> Unread:
    """What no earlier snapshot knows, from a position of the worklist on."""
    for at in range(start, len(worklist), PART):
        for position, entry in entries_of(worklist, at, at + PART).items():
            if reuse is None or position not in reuse:
                yield position, entry


def _first(client: Client, unread: Unread) -> Answers:
    """The first answers, up to one that can be used; they fail before anything is made.

    One record that the LMS answers strangely is the record's own fault, a second one the LMS's.
    """
    answers: Answers = {}
    strange: list[LmsError] = []
    for position, entry in islice(unread, _FIRST):
        answer = answer_of(client, entry)
        if isinstance(answer, LmsError) and (answer.ends_run or isinstance(answer, _AWAY)):
            raise answer
        answers[position] = entry, answer
        if isinstance(answer, LmsError) and answer.passing:
            strange.append(answer)
        elif not isinstance(answer, Forbidden):
            return answers
        if len(strange) > 1:
            break
    if strange:
        raise strange[0]
    if len(answers) == _FIRST:
        raise Forbidden(
            f"The LMS forbids each of the first {_FIRST} assignments; nothing was fetched.",
            where=client.base_url,
            todo="Ask for the permissions View Section Enrollments and View Users.",
        )
    return answers


def _next(client: Client, unread: Callable[..., Unread], spool: Spool) -> Answers:
    """The first answers of a run that is gone on with; they fail before anything is changed.

    What is left may begin with records that fail by themselves, however often they are asked
    for. Where it proves nothing, the beginning of the worklist, which once was read, must still
    be answered; that answer is not kept.
    """
    answers: Answers = {}
    left = (item for item in unread(start=spool.head) if item[0] not in spool)
    for position, entry in islice(left, _FIRST):
        answer = answer_of(client, entry)
        if isinstance(answer, LmsError) and answer.ends_run:
            raise answer
        answers[position] = entry, answer
        if isinstance(answer, LmsError) and answer.passing:
            break
        if not isinstance(answer, Forbidden):
            return answers
    if answers:
        _first(client, unread())
    return answers
