"""Review sheets: a plan goes out to be read by people, their decisions come back, never values."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import get_args

from scormaudit.errors import PlanError
from scormaudit.plan import Plan
from scormaudit.sheet.grid import grid
from scormaudit.sheet.page import as_page
from scormaudit.sheet.returned import Meaning, Sheet, judge
from scormaudit.sheet.separated import as_separated, separated_rows
from scormaudit.sheet.workbook import as_workbook, workbook_rows

__all__ = ["Sheet", "read_sheet", "write_sheet"]

_WRITERS: dict[str, Callable[[Plan, Mapping[str, str]], bytes]] = {
    ".xlsx": as_workbook,
    ".csv": as_separated,
    ".html": as_page,
}


def write_sheet(plan: Plan, meanings: Mapping[str, str], path: Path) -> None:
    """Write a new sheet that only its owner can read; the suffix of `path` says which kind.

    `meanings` are the standing decisions by change hash; others' hashes are passed over.
    PlanError for another suffix or meaning, and where there already is a file.
    """
    path = Path(path)
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise PlanError(
            f"A sheet cannot be a {path.suffix or 'nameless'} file.",
            where=str(path),
            todo="End its name in .xlsx, .csv or .html.",
        )
    if unknown := set(meanings.values()) - set(get_args(Meaning)):
        raise PlanError(f"{len(unknown)} of the meanings are not approve, reject or defer.")
    _save(path, writer(plan, meanings))


def read_sheet(plan: Plan, path: Path) -> Sheet:
    """The decisions in a sheet of `plan`; every other cell is only compared.

    PlanError where the file cannot be read, or is a sheet of another plan or of other columns.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in (".xlsx", ".csv"):
        raise PlanError(
            "Decisions are not read from a page."
            if suffix in (".html", ".htm")
            else f"A sheet cannot be a {suffix or 'nameless'} file.",
            where=str(path),
            todo="Export the plan as .xlsx or .csv and decide there.",
        )
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PlanError(f"It cannot be read ({error.strerror}).", where=str(path)) from None
    try:
        own = grid(plan)
        rows = workbook_rows(own, content) if suffix == ".xlsx" else separated_rows(own, content)
        return judge(own, rows)
    except PlanError as error:
        raise PlanError(error.what, where=str(path), todo=error.todo) from None


def _save(path: Path, content: bytes) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise PlanError(
            "There is already something of this name.",
            where=str(path),
            todo="Sheets are never overwritten, they may hold decisions; choose another name.",
        ) from None
    except OSError as error:
        raise PlanError(f"It cannot be written ({error.strerror}).", where=str(path)) from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise PlanError(f"It cannot be written ({error.strerror}).", where=str(path)) from None
