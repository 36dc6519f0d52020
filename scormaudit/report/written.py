"""Reports on the disk: for their owner alone, and never half of one."""

import os
from pathlib import Path

from scormaudit.audit import Report
from scormaudit.errors import ScormauditError
from scormaudit.privacy import make_folder, open_file
from scormaudit.report import html
from scormaudit.report.download import downloads, folder_of


def write_page(
    report: Report, path: Path, *, show_values: bool = False, command: str = "", new: bool = True
) -> list[Path]:
    """Write the page, and beside it the folder of what is too much for it; the paths of both.

    ScormauditError where there is something of these names already; unless `new` is false, and
    then files of the same names are replaced.
    """
    path = Path(path)
    beside = folder_of(path)
    files = downloads(report, beside.name, show_values=show_values)
    page = html.page(report, files, show_values=show_values, command=command)
    if new:
        refuse(path, *([beside] if files.beside else []))
    if files.beside:
        try:
            make_folder(beside, exist_ok=not new)
        except OSError as error:
            raise _unwritten(beside, error) from None
    for file in files.beside:
        write(beside / file.name, file.content, new=new)
    write(path, page.encode(errors="replace"), new=new)
    return [path, *([beside] if files.beside else [])]


def write(path: Path, content: bytes, *, new: bool = True) -> None:
    """Write a file; ScormauditError where there is one and it must be `new`."""
    try:
        with os.fdopen(open_file(path, new=new), "wb") as stream:
            stream.write(content)
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        raise _unwritten(path, error) from None


def refuse(*paths: Path) -> None:
    """ScormauditError where there is something of one of these names."""
    for path in paths:
        if os.path.lexists(path):
            raise _taken(path)


def _taken(path: Path) -> ScormauditError:
    return ScormauditError(
        "There is already something of this name.",
        where=str(path),
        todo="Nothing is overwritten; choose another name.",
    )


def _unwritten(path: Path, error: OSError) -> ScormauditError:
    return ScormauditError(f"It cannot be written ({error.strerror}).", where=str(path))
