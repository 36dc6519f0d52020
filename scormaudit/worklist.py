"""Which records to read: a table of ids whose pairing must be beyond doubt."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scormaudit.errors import WorklistError
from scormaudit.frame import COLUMNS

IDS = ("enrollment_id", "assignment_id", "assignment_status_id")
_REQUIRED = IDS[:2]
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_SHOWN = 10
_SOME = 5_000
_TAKEN = {
    *COLUMNS["records"], "sco_id", "row", "state", "scos", "message",
    "change", "class", "rules", "field", "before", "after", "undo",
}  # fmt: skip

Source = Path | str | pd.DataFrame | Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Worklist:
    """A checked worklist: `frame` holds text, an integer `row` as its source counts, no nulls."""

    frame: pd.DataFrame
    name: str
    digest: str

    @property
    def labels(self) -> tuple[str, ...]:
        """The further columns, carried along into every record."""
        return tuple(c for c in self.frame.columns if c not in (*IDS, "row"))

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        return f"<Worklist of {len(self)} assignments>"


def read_worklist(source: Source) -> Worklist:
    """A worklist from CSV, XLSX, Parquet or rows at hand; WorklistError names the bad rows.

    Rows of a file are counted as a spreadsheet shows them (the header is row 1), those of a
    frame from 1. Ids are compared without regard to case.
    """
    if isinstance(source, Path | str):
        path = Path(source)
        name, first = path.name, 1 if path.suffix.lower() == ".parquet" else 2
        frame, digest = _of_file(path)
    else:
        name, first = "DataFrame", 1
        frame, digest = _at_hand(source)
    frame.insert(0, "row", pd.RangeIndex(first, first + len(frame)))
    return Worklist(_checked(frame, name), name, digest)


def _of_file(path: Path) -> tuple[pd.DataFrame, str]:
    """The rows of a file as a frame of text, and the digest of the bytes they were read from."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WorklistError(
            f"The worklist cannot be read ({error.strerror}).",
            where=str(path),
            todo="Give a CSV, XLSX or Parquet file; `scormaudit sandbox` writes one to try.",
        ) from None
    return _parsed(path, content), hashlib.sha256(content).hexdigest()


def _at_hand(source: pd.DataFrame | Sequence[Mapping[str, Any]]) -> tuple[pd.DataFrame, str]:
    """The rows as a frame of text, and their digest."""
    try:
        frame = pd.DataFrame(source).reset_index(drop=True)
        digest = hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest()
        return _text([frame], list(frame.columns)), digest
    except UnicodeEncodeError:
        raise WorklistError("There is text that is not Unicode.", where="DataFrame") from None


def _parsed(path: Path, content: bytes) -> pd.DataFrame:
    try:
        if path.suffix.lower() == ".parquet":
            frame = pd.read_parquet(BytesIO(content))
            return _text([frame], list(frame.columns))
        if path.suffix.lower() == ".xlsx":
            excel = BytesIO(content)
            return _headed([pd.read_excel(excel, header=None, dtype=str, keep_default_na=False)])
        header = content.partition(b"\n")[0]
        with pd.read_csv(
            BytesIO(content),
            header=None,
            dtype=str,
            keep_default_na=False,
            encoding="utf-8-sig",
            sep=";" if header.count(b";") > header.count(b",") else ",",
            skip_blank_lines=False,
            chunksize=_SOME,
        ) as chunks:
            return _headed(chunks)
    except UnicodeDecodeError:
        what, todo = f"It is not UTF-8 (row {_undecodable(content)}).", "Save it as CSV UTF-8."
    except ImportError:
        what, todo = "Reading XLSX needs an extra.", "Run `pip install 'scormaudit[excel]'`."
    except pd.errors.EmptyDataError:
        what, todo = "It is empty.", f"It needs the columns {', '.join(_REQUIRED)}."
    except pd.errors.ParserError as error:
        reason = str(error).rpartition("error: ")[2].strip()
        what, todo = f"It is not a readable CSV file ({reason}).", "Export it anew."
    except Exception as error:  # noqa: BLE001 - every reader has exceptions of its own
        kind = type(error).__name__
        what, todo = (
            f"It is not a readable {path.suffix or 'CSV'} file ({kind}).",
            "Export it anew.",
        )
    raise WorklistError(what, where=str(path), todo=todo)


def _undecodable(content: bytes) -> int:
    """The row of the first byte that is not UTF-8; a reader's error counts within its buffer."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return content.count(b"\n", 0, error.start) + 1
    raise AssertionError("a reader found such a byte")


def _headed(chunks: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The table below its first row; pandas itself would rename twins and shift long rows."""
    chunks = iter(chunks)
    raw = next(chunks)
    if raw.empty:
        raise pd.errors.EmptyDataError
    names = raw.iloc[0].fillna("").str.strip()
    named = [name or f"column_{number}" for number, name in enumerate(names, 1)]
    return _text(chain([raw.iloc[1:]], chunks), named)


def _text(chunks: Iterable[pd.DataFrame], names: Sequence[Any]) -> pd.DataFrame:
    """Every cell as stripped text, `""` for nothing; labels named like our columns step aside.

    Some rows at a time, since Python's strings take three times what Arrow's do.
    """
    columns = [_column(str(name).strip()) for name in names]
    some = (chunk.iloc[at : at + _SOME] for chunk in chunks for at in _steps(chunk))
    return pd.concat([_stripped(rows, columns) for rows in some], ignore_index=True)


def _stripped(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Some rows as text under these names, their ids in lower case."""
    text = rows.astype("object").where(rows.notna(), "").astype(str).map(str.strip)
    for place, column in enumerate(columns):
        if column in IDS:
            text.isetitem(place, text.iloc[:, place].str.lower().array)
    return text.set_axis(columns, axis=1)


def _steps(frame: pd.DataFrame) -> range:
    """Where each slice of some rows begins; one even where there are none."""
    return range(0, max(len(frame), 1), _SOME)


def _column(name: str) -> str:
    if name.lower() in IDS:
        return name.lower()
    return f"worklist_{name}" if name in _TAKEN else name


def _checked(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    columns = list(frame.columns)
    missing = [column for column in _REQUIRED if column not in columns]
    if missing:
        said = "s {} are" if missing[1:] else " {} is"
        raise WorklistError(
            f"The column{said.format(' and '.join(missing))} missing.",
            where=name,
            todo=f"Found are {', '.join(map(str, columns[1:])) or 'none'}.",
        )
    twice = sorted({str(column) for column in columns if columns.count(column) > 1})
    if twice:
        raise WorklistError(f"The column {', '.join(twice)} is there twice.", where=name)
    if "assignment_status_id" not in frame:
        frame = frame.assign(assignment_status_id="")
    blank = pd.Series(True, index=frame.index)
    for column in columns[1:]:
        blank &= frame[column].eq("")
    if blank.any():
        frame = frame.loc[~blank].reset_index(drop=True)
    if frame.empty:
        raise WorklistError("It has no rows.", where=name, todo="Nothing was fetched.")
    problems = list(_problems(frame))
    if problems:
        more = len(problems) - _SHOWN
        shown = problems[:_SHOWN] + ([f"and {more} more"] if more > 0 else [])
        raise WorklistError(
            "\n  ".join(["The worklist cannot be trusted:", *shown]),
            where=name,
            todo="\nNothing was fetched.",
        )
    return frame


def _problems(frame: pd.DataFrame) -> Iterator[str]:
    for column in IDS:
        bad = ~frame[column].str.fullmatch(_UUID)
        if column not in _REQUIRED:
            bad &= frame[column].ne("")
        for row in frame.loc[bad, "row"]:
            yield f"row {row}: {column} is not a UUID"
    for columns, what in (
        (["enrollment_id", "assignment_id"], "the same enrollment and assignment as row"),
        (["assignment_status_id"], "assignment_status_id already stands for another one in row"),
    ):
        given = _alike(frame, columns)
        first = given.groupby(columns, sort=False)["row"].transform("first")
        for row, other in zip(given["row"], first, strict=True):
            if row != other:
                yield f"row {row}: {what} {other}"


def _alike(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The rows that may share what is in these columns with another: few, and no twin is missed.

    By 64 bits of each, since grouping every row by its text takes twice the worklist.
    """
    some = (frame[columns].iloc[at : at + _SOME].astype("object") for at in _steps(frame))
    hashes = [pd.util.hash_pandas_object(rows, index=False) for rows in some]
    alike = pd.Series(np.concatenate(hashes)).duplicated(keep=False)
    for column in columns:
        alike &= frame[column].ne("")
    return frame.loc[alike]
