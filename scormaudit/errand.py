"""What a fetch was asked to do, so that going on is going on with the same."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError

from scormaudit.errors import SnapshotError
from scormaudit.snapshot import Manifest, Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One fetch: `from_utc` is when it began, `since` the id of the snapshot it may reuse.

    `older_than` is in days; a part holds at most `part` assignments or `part_bytes` of JSON.
    """

    base_url: str
    worklist: dict[str, str]
    labels: tuple[str, ...]
    elements: tuple[str, ...]
    since: str | None
    older_than: float | None
    from_utc: str
    part: int
    part_bytes: int

    @classmethod
    def read(cls, content: Mapping[str, Any], path: Path) -> Self:
        """The errand that a folder was begun with; SnapshotError if another version wrote it."""
        try:
            return TypeAdapter(cls).validate_python(content)
        except ValidationError:
            raise SnapshotError(
                "Another version of scormaudit began it.",
                where=str(path),
                todo="Go on with that one, or fetch into another folder.",
            ) from None


def refuse_another(begun: Errand | Manifest, asked: Errand, path: Path) -> None:
    """SnapshotError, naming each difference, unless `asked` is what the folder is for."""
    differences = [*_of_reading(begun, asked)]
    if isinstance(begun, Errand):
        differences += _of_reuse(begun, asked)
    if differences:
        raise SnapshotError(
            f"It was begun otherwise: {'; '.join(differences)}.",
            where=str(path),
            todo="Ask for the same, or choose another folder.",
        )


def refuse_unlike(earlier: Snapshot, errand: Errand) -> None:
    """SnapshotError unless `earlier` was read from the same LMS, with the same elements."""
    differences = [*_of_place(earlier.manifest, errand)]
    if differences:
        raise SnapshotError(
            f"Nothing of it can be reused: {'; '.join(differences)}.",
            where=str(earlier.path),
            todo="Fetch without --since.",
        )


def _of_reading(begun: Errand | Manifest, asked: Errand) -> Iterator[str]:
    yield from _of_place(begun, asked)
    if begun.worklist["sha256"] != asked.worklist["sha256"]:
        yield f"the worklist was {_spelt(begun.worklist)}, now it is {_spelt(asked.worklist)}"
    yield from _of_names("labels", begun.labels, asked.labels)


def _of_place(begun: Errand | Manifest, asked: Errand) -> Iterator[str]:
    if begun.base_url != asked.base_url:
        yield f"the LMS was {begun.base_url}, now it is {asked.base_url}"
    yield from _of_names("elements", begun.elements, asked.elements)


def _of_names(what: str, then: tuple[str, ...], now: tuple[str, ...]) -> Iterator[str]:
    if then != now:
        names = ", ".join(sorted(set(then) ^ set(now))) or "their order"
        yield f"the {what} differ in {names}"


def _of_reuse(begun: Errand, asked: Errand) -> Iterator[str]:
    if begun.since != asked.since:
        yield f"--since was {begun.since or 'not given'}, now it is {asked.since or 'not given'}"
    if begun.older_than != asked.older_than:
        yield f"the age was {begun.older_than} days, now it is {asked.older_than}"


def _spelt(worklist: Mapping[str, str]) -> str:
    return f"{worklist['name']} ({worklist['rows']} rows, SHA-256 {worklist['sha256'][:12]})"
