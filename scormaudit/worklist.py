"""Which records to read: a table of ids whose pairing must be beyond doubt."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from scormaudit.errors import WorklistError
from scormaudit.frame import COLUMNS

IDS = ("enrollment_id", "assignment_id", "assignment_status_id")
_REQUIRED = IDS[:2]
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_SHOWN = 10
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
        name, content = path.name, _content(path)
        frame, first = _parsed(path, content), 1 if path.suffix.lower() == ".parquet" else 2
        digest = hashlib.sha256(content).hexdigest()
    else:
        name, first = "DataFrame", 1
        frame, digest = _at_hand(source)
    frame = _text(frame)
    frame.insert(0, "row", pd.RangeIndex(first, first + len(frame)))
    return Worklist(_checked(frame, name), name, digest)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WorklistError(
            f"The worklist cannot be read ({error.strerror}).",
            where=str(path),
            todo="Give a CSV, XLSX or Parquet file; `scormaudit sandbox` writes one to try.",
        ) from None


def _at_hand(source: pd.DataFrame | Sequence[Mapping[str, Any]]) -> tuple[pd.DataFrame, str]:
    """The rows as a frame of its own, and their digest."""
    try:
        frame = pd.DataFrame(source).reset_index(drop=True)
        return frame, hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest()
    except UnicodeEncodeError:
        raise WorklistError("There is text that is not Unicode.", where="DataFrame") from None


def _parsed(path: Path, content: bytes) -> pd.DataFrame:
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(BytesIO(content))
        if path.suffix.lower() == ".xlsx":
            excel = BytesIO(content)
            return _headed(pd.read_excel(excel, header=None, dtype=str, keep_default_na=False))
        header = content.partition(b"\n")[0]
        return _headed(
            pd.read_csv(
                BytesIO(content),
                header=None,
                dtype=str,
                keep_default_na=False,
                encoding="utf-8-sig",
                sep=";" if header.count(b";") > header.count(b",") else ",",
                skip_blank_lines=False,
            )
        )
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        what, todo = f"It is not UTF-8 (row {row}).", "Save it as CSV UTF-8."
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


def _headed(raw: pd.DataFrame) -> pd.DataFrame:
    """The table below its first row; pandas itself would rename twins and shift long rows."""
    if raw.empty:
        raise pd.errors.EmptyDataError
    names = raw.iloc[0].fillna("").str.strip()
    named = [name or f"column_{number}" for number, name in enumerate(names, 1)]
    return raw.iloc[1:].set_axis(named, axis=1)


def _text(frame: pd.DataFrame) -> pd.DataFrame:
    """Every cell as stripped text, `""` for nothing; labels named like our columns step aside."""
    text = frame.set_axis([_column(str(name).strip()) for name in frame.columns], axis=1)
    return text.astype("object").where(text.notna(), "").astype(str).map(str.strip)


def _column(name: str) -> str:
    if name.lower() in IDS:
        return name.lower()
    return f"worklist_{name}" if name in _TAKEN else name


def _checked(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    columns = list(frame.columns)
    missing = [column for column in _REQUIRED if column not in columns]
    if missing:
        raise WorklistError(
            f"The column {' and '.join(missing)} is missing.",
            where=name,
            todo=f"Found are {', '.join(map(str, columns[1:])) or 'none'}.",
        )
    twice = sorted({str(column) for column in columns if columns.count(column) > 1})
    if twice:
        raise WorklistError(f"The column {', '.join(twice)} is there twice.", where=name)
    if "assignment_status_id" not in frame:
        frame = frame.assign(assignment_status_id="")
    blank = frame.drop(columns="row").isin([""]).all(axis=1)
    frame = frame[~blank].reset_index(drop=True)
    if frame.empty:
        raise WorklistError("It has no rows.", where=name, todo="Nothing was fetched.")
    frame = frame.assign(**{column: frame[column].str.lower() for column in IDS})
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
        given = frame[~frame[columns].isin([""]).any(axis=1)]
        first = given.groupby(columns, sort=False)["row"].transform("first")
        for row, other in zip(given["row"], first, strict=True):
            if row != other:
                yield f"row {row}: {what} {other}"
