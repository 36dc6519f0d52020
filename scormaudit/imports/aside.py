"""The rows that could not be taken, kept in a CSV file beside the snapshot."""

import csv
import os
from pathlib import Path
from typing import TextIO

from scormaudit.errors import SourceError
from scormaudit.imports.piece import Bad
from scormaudit.privacy import open_file

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def aside_of(snapshot: Path) -> Path:
    """Where the rows that a snapshot lacks are kept: `target-aside.csv` of `target`."""
    return snapshot.with_name(f"{snapshot.name}-aside.csv")


class Aside:
    """Writes rows with their number and reason; the file is made with the first of them.

    `content` is a row of CSV as a JSON list, or the JSON of a registration. SourceError where
    there is already such a file, or it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.rows = path, 0
        self._stream: TextIO | None = None
        if os.path.lexists(path):
            raise SourceError(
                "There is already something of this name.",
                where=str(path),
                todo="It keeps the rows of an earlier import; move it, or choose another folder.",
            )

    def put(self, bad: Bad) -> None:
        """Keep one row."""
        try:
            if self._stream is None:
                handle = open_file(self.path, new=True)
                self._stream = os.fdopen(
                    handle, "w", encoding="utf-8-sig", errors="backslashreplace", newline=""
                )
                csv.writer(self._stream).writerow(("row", "reason", "content"))
            writer = csv.writer(self._stream)
            writer.writerow((bad.row, bad.reason, _harmless(bad.content)))
        except OSError as error:
            raise SourceError(
                f"It cannot be written ({error.strerror}).", where=str(self.path)
            ) from None
        self.rows += 1

    def close(self) -> None:
        """End the file, if there is one."""
        if self._stream is not None:
            self._stream.close()

    def remove(self) -> None:
        """Take the file away again, since there is no snapshot that it belongs to."""
        self.close()
        if self._stream is not None:
            self.path.unlink(missing_ok=True)


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
