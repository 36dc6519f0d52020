"""Reads every record of a worklist into a snapshot: whole records, or their reason."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from scormaudit.cmi import SCALARS, STRAYS
from scormaudit.errors import (
    Ambiguous,
    Forbidden,
    LmsError,
    NotFound,
    Refused,
    Unauthenticated,
    Unstable,
)
from scormaudit.frame import Row, Rows, names_after
from scormaudit.lms.client import Client
from scormaudit.lms.wire import Reading, Sco
from scormaudit.snapshot import Snapshot, Writer
from scormaudit.worklist import IDS, Source, Worklist, read_worklist

NAMES = tuple(element.name for element in SCALARS)
COUNTS = tuple(name for name in NAMES if name.endswith("._count"))
PART = 5_000
_TRIES = 4
_PAGES = 100
_STATES: dict[type[LmsError], str] = {
    Forbidden: "forbidden",
    NotFound: "not_found",
    Unstable: "unstable",
    Ambiguous: "ambiguous",
}
_ENDS_THE_RUN = (Unauthenticated, Refused)


def fetch(
    client: Client,
    worklist: Source | Worklist,
    out: Path | str | None = None,
    *,
    jobs: int = 4,
    progress: Callable[[], None] = lambda: None,
) -> Snapshot:
    """Read every assignment of `worklist` into the new folder `out`, `jobs` at a time.

    Without `out` the folder stands in the current one and is named by the time of reading.
    `progress` is called after each assignment. What cannot be read is named in `coverage`;
    LmsError is raised, and no snapshot made, where the LMS gives no answer at all or
    refuses the token.
    """
    if not isinstance(worklist, Worklist):
        worklist = read_worklist(worklist)
    start = datetime.now(UTC)
    labels = worklist.labels
    entries: list[Row] = worklist.frame.to_dict("records")  # type: ignore[assignment]
    _probe(client, entries[0])
    writer = Writer(Path(out or f"snapshot-{start:%Y%m%d-%H%M%S}"), worklist.labels)
    with ThreadPoolExecutor(jobs) as pool:
        for at in range(0, len(entries), PART):
            part = entries[at : at + PART]
            rows, coverage = Rows(), []
            for entry, answer in zip(part, pool.map(partial(_answer, client), part), strict=True):
                if isinstance(answer, _ENDS_THE_RUN):
                    pool.shutdown(cancel_futures=True)
                    raise answer
                coverage.append(_covered(entry, answer))
                if not isinstance(answer, LmsError):
                    _add(rows, entry, answer, labels)
                progress()
            writer.write(rows.tables | {"coverage": coverage})
    return writer.finish(
        base_url=client.base_url,
        from_utc=_spell(start),
        to_utc=_spell(datetime.now(UTC)),
        elements=NAMES,
        worklist={"name": worklist.name, "sha256": worklist.digest, "rows": str(len(worklist))},
        tool_version=version("scormaudit"),
    )


def read_scos(client: Client, enrollment_id: str, assignment_id: str) -> list[Sco]:
    """Every SCO of an assignment with every element, collections included.

    Collections are read after their counts. Unstable is raised where the learner is faster:
    dates, SCOs or counts differ between the readings, four times in a row.
    """
    for _ in range(_TRIES):
        scos = _agreed(client, enrollment_id, assignment_id, NAMES + STRAYS)
        while names := names_after(scos):
            more = _agreed(client, enrollment_id, assignment_id, COUNTS + names)
            if _mark(more) != _mark(scos):
                break
            scos = [_merged(old, new, names) for old, new in zip(scos, more, strict=True)]
        else:
            return scos
    raise Unstable("The record changed while it was read.", todo="Read it again later.")


def _agreed(
    client: Client, enrollment_id: str, assignment_id: str, names: tuple[str, ...]
) -> list[Sco]:
    """One pass over the pages; where there are several, passes until two agree."""
    scos, pages = _pass(client, enrollment_id, assignment_id, names)
    for _ in range(_TRIES - 1):
        if pages < 2:
            return scos
        again, pages = _pass(client, enrollment_id, assignment_id, names)
        if again == scos:
            return scos
        scos = again
    raise Unstable("The pages changed while they were read.", todo="Read it again later.")


def _pass(
    client: Client, enrollment_id: str, assignment_id: str, names: tuple[str, ...]
) -> tuple[list[Sco], int]:
    """The SCOs of every page up to the first empty one, and how many pages held any."""
    scos: dict[str, Sco] = {}
    for number in range(1, _PAGES + 1):
        page = client.page(enrollment_id, assignment_id, names, number)
        if not page:
            return [scos[sco_id] for sco_id in sorted(scos)], number - 1
        for sco in page:
            if sco.sco_id in scos:
                raise Ambiguous("The LMS gave one SCO twice.", todo="Look at it in the LMS.")
            scos[sco.sco_id] = sco
    raise Ambiguous(f"There is no end after {_PAGES} pages.", todo="Look at it in the LMS.")


def _mark(scos: list[Sco]) -> list[object]:
    """What must not change between two readings of one record."""
    return [
        (s.sco_id, s.start_date_utc, s.exit_date_utc, *(s.elements.get(c) for c in COUNTS))
        for s in scos
    ]


def _merged(old: Sco, new: Sco, names: tuple[str, ...]) -> Sco:
    """Both readings in one; what was asked and not answered is absent, and not asked again."""
    silent = dict.fromkeys(names, Reading("absent"))
    return Sco(
        sco_id=old.sco_id,
        title=old.title,
        start_date_utc=old.start_date_utc,
        exit_date_utc=old.exit_date_utc,
        elements={**old.elements, **silent, **new.elements},
    )


def _probe(client: Client, entry: Row) -> None:
    """Fail before anything is made if the LMS cannot be reached or refuses the token."""
    answer = _answer(client, entry)
    if isinstance(answer, LmsError) and type(answer) not in _STATES:
        raise answer


def _answer(client: Client, entry: Row) -> list[Sco] | LmsError:
    try:
        return read_scos(client, entry["enrollment_id"], entry["assignment_id"])
    except LmsError as error:
        return error


def _covered(entry: Row, answer: list[Sco] | LmsError) -> Row:
    if isinstance(answer, LmsError):
        state, scos, message = _STATES.get(type(answer), "error"), 0, answer.what
    else:
        state, scos, message = "ok" if answer else "empty", len(answer), None
    status_id = entry["assignment_status_id"] or None
    known = {**entry, "assignment_status_id": status_id}
    return {**known, "state": state, "scos": scos, "message": message}


def _add(rows: Rows, entry: Row, scos: list[Sco], labels: tuple[str, ...]) -> None:
    key = {name: entry[name] or None for name in IDS}
    for sco in scos:
        rows.add(sco, key, {name: entry[name] for name in labels})


def _spell(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
