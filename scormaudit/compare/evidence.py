"""What cells that changed hold on either side, read from the snapshots when it is asked for."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from scormaudit.snapshot import Snapshot


def with_values(changes: pd.DataFrame, old: Snapshot, new: Snapshot) -> pd.DataFrame:
    """Some changes with the columns `old` and `new`: text, or None where there is none.

    Lists are JSON. Only parts that are needed are read; of rows of a collection that one side
    alone has, no text is told.
    """
    frame = changes.reset_index(drop=True)
    return frame.assign(
        old=pd.Series(_texts(frame, "old_row", old), dtype="object"),
        new=pd.Series(_texts(frame, "new_row", new), dtype="object"),
    )


def _texts(changes: pd.DataFrame, rows: str, snapshot: Snapshot) -> list[str | None]:
    told: list[str | None] = [None] * len(changes)
    wanted = changes[changes[rows].ge(0) & changes["column"].ne("")]
    for name, own in wanted.groupby("table", observed=True):
        for number, start, some in _by_part(own, rows, str(name), snapshot):
            columns = sorted(map(str, some["column"].unique()))
            table = snapshot.table(str(name), columns, number)
            for column, few in some.groupby("column", observed=True):
                cells = table[str(column)].astype("object").iloc[few[rows] - start]
                for at, cell in zip(map(int, few.index), cells, strict=True):
                    told[at] = _text(cell)
    return told


def _by_part(
    changes: pd.DataFrame, rows: str, table: str, snapshot: Snapshot
) -> Iterator[tuple[int, int, pd.DataFrame]]:
    """Each part that is needed, the number of its first row, and the changes that need it."""
    sizes = [part[table]["rows"] for part in snapshot.manifest.parts]
    starts = np.cumsum([0, *sizes])
    part = np.searchsorted(starts, changes[rows].to_numpy(), side="right") - 1
    for number in np.unique(part).tolist():
        yield number, int(starts[number]), changes[part == number]


def _text(cell: Any) -> str | None:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, np.ndarray | list):
        return json.dumps(list(cell), ensure_ascii=False)
    return None
