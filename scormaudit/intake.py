"""Reads what is missing, several assignments at a time, and lays it down part by part."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from queue import SimpleQueue
from threading import Event

from scormaudit.errand import Errand
from scormaudit.errors import Ambiguous, Forbidden, LmsError, NotFound, Unstable
from scormaudit.frame import Row, Rows
from scormaudit.lms.client import Client
from scormaudit.lms.wire import Sco
from scormaudit.progress import Tick
from scormaudit.reader import read_scos
from scormaudit.reuse import Reuse, lend
from scormaudit.snapshot import Writer
from scormaudit.spool import Spool
from scormaudit.worklist import IDS, Worklist

_AHEAD = 32
_SILENCE = 25
_STATES: dict[type[LmsError], str] = {
    Forbidden: "forbidden",
    NotFound: "not_found",
    Unstable: "unstable",
    Ambiguous: "ambiguous",
}

Answer = list[Sco] | LmsError
Entries = dict[int, Row]
Answers = dict[int, tuple[Row, Answer]]


@dataclass(frozen=True, slots=True)
class Intake:
    """A fetch under way, in a folder that is open."""

    client: Client
    worklist: Worklist
    errand: Errand
    reuse: Reuse | None
    spool: Spool
    writer: Writer
    progress: Tick
    over: Event = field(default_factory=Event)


def take(intake: Intake, first: Answers, jobs: int) -> None:
    """Read every assignment into a part; LmsError says that what was read is kept.

    Rows go to the spool in the thread that read them, so that the end of the process costs what
    is on its way and no more, and memory holds no answer for longer than that.
    """
    for position, (entry, answer) in first.items():
        _keep(intake, position, entry, answer)
    for _ in range(intake.spool.known):
        intake.progress()
    try:
        with ThreadPoolExecutor(jobs) as pool:
            try:
                _write_while(intake, _results(intake, pool, _AHEAD * jobs))
            except BaseException:
                intake.over.set()
                pool.shutdown(cancel_futures=True)
                raise
    except LmsError as error:
        error.todo = f"{error.todo} What was read is kept: go on with --resume.".strip()
        raise


def _write_while(intake: Intake, results: Iterator[LmsError | None]) -> None:
    """Write each part as soon as it is whole, and stop when the LMS is gone.

    A worklist of errors helps nobody: what failed for a passing reason, too often in a row, is
    read again by the next run.
    """
    silence = 0
    for error in results:
        intake.progress()
        silence = silence + 1 if error else 0
        if error and silence >= _SILENCE:
            error.what = f"{error.what} So it was {silence} times in a row."
            raise error
        _write_parts(intake)
    _write_parts(intake)


def _results(intake: Intake, pool: ThreadPoolExecutor, most: int) -> Iterator[LmsError | None]:
    """What became of each assignment as it arrives; at most `most` are queued or on their way."""
    done: SimpleQueue[Future[LmsError | None]] = SimpleQueue()
    waiting = 0
    for position, entry in _missing(intake):
        pool.submit(_read, intake, position, entry).add_done_callback(done.put)
        waiting += 1
        if waiting >= most:
            yield done.get().result()
            waiting -= 1
    for _ in range(waiting):
        yield done.get().result()


def _read(intake: Intake, position: int, entry: Row) -> LmsError | None:
    """In a thread: read one assignment and keep it, unless it is over; the error if it may pass."""
    if intake.over.is_set():
        return None
    answer = answer_of(intake.client, entry)
    if isinstance(answer, LmsError) and answer.ends_run:
        intake.over.set()
        raise answer
    return _keep(intake, position, entry, answer)


def _write_parts(intake: Intake) -> None:
    errand, spool = intake.errand, intake.spool
    while (stop := spool.ready(len(intake.worklist), errand.part, errand.part_bytes)) is not None:
        part = intake.writer.write_batches(spool.batches(stop))
        spool.shelve(stop, asdict(part))


def _missing(intake: Intake) -> Iterator[tuple[int, Row]]:
    """What is to be read, in order; what can be reused is kept on the way."""
    worklist, spool, step = intake.worklist, intake.spool, intake.errand.part
    for at in range(spool.head, len(worklist), step):
        some = range(at, min(at + step, len(worklist)))
        if intake.reuse is not None:
            _borrow(intake, intake.reuse, some)
            _write_parts(intake)
        yield from _entries(worklist, [p for p in some if p not in spool]).items()


def _borrow(intake: Intake, reuse: Reuse, some: range) -> None:
    """Keep what an earlier snapshot knows of some positions, and all that the same parts know.

    So each part is opened once, however differently the worklist is sorted; what is early waits
    in the spool, on the disk.
    """
    wanted = {int(reuse.parts[p]) for p in some if p in reuse and p not in intake.spool}
    for part in sorted(wanted):
        missing = [p for p in reuse.known_by(part) if p not in intake.spool]
        for position, tables in lend(reuse, part, _entries(intake.worklist, missing)):
            intake.spool.put(position, tables)
            intake.progress()


def entries_of(worklist: Worklist, start: int, stop: int) -> Entries:
    """Some rows of the worklist by position; never all of them at once."""
    return _entries(worklist, range(start, min(stop, len(worklist))))


def _entries(worklist: Worklist, positions: Sequence[int]) -> Entries:
    rows: list[Row] = worklist.frame.iloc[list(positions)].to_dict("records")  # type: ignore[assignment]
    return dict(zip(positions, rows, strict=True))


def answer_of(client: Client, entry: Row) -> Answer:
    """The SCOs of an assignment, or why there are none."""
    try:
        return read_scos(client, entry["enrollment_id"], entry["assignment_id"])
    except LmsError as error:
        return error


def _keep(intake: Intake, position: int, entry: Row, answer: Answer) -> LmsError | None:
    """Put the rows of an answer into the spool; the error if it may pass."""
    rows = Rows()
    labels = intake.worklist.labels
    if not isinstance(answer, LmsError):
        key = {name: entry[name] or None for name in IDS}
        for sco in answer:
            rows.add(sco, key, {name: entry[name] for name in labels})
    passing = answer if isinstance(answer, LmsError) and answer.passing else None
    tables = rows.tables | {"coverage": [_covered(entry, answer)]}
    intake.spool.put(position, tables, settled=passing is None)
    return passing


def _covered(entry: Row, answer: Answer) -> Row:
    if isinstance(answer, LmsError):
        state, scos, message = _STATES.get(type(answer), "error"), 0, answer.what
    else:
        state, scos, message = "ok" if answer else "empty", len(answer), None
    status_id = entry["assignment_status_id"] or None
    known = {**entry, "assignment_status_id": status_id}
    return {**known, "state": state, "scos": scos, "message": message}
