"""The typed columns of a table, each made when it is first asked for."""

from collections.abc import Callable, Iterable, Mapping
from threading import Lock, RLock
from typing import Any

import numpy as np
import pandas as pd

from scormaudit.meaning import MARKS, MEANINGS, NOTHING, TENTHS, Meaning
from scormaudit.text import Text, text_of


class Columns:
    """Text columns and what they mean, over rows numbered from 0.

    A text is a category of Python's strings; its meaning stands beside it, a decimal's as
    `x_value`, a timespan's as `x_seconds`, a date's as `start_utc` (UTC). Of any text `given_x`
    says whether it is there and not blank, `blank_x` whether it is there and blank, and of a
    timespan `x_tenths` whether it has one digit behind the point, other than 0. `others` are
    columns that are no text. Each is made once, whichever thread asks first.
    """

    def __init__(
        self,
        texts: Mapping[str, Text],
        types: Mapping[str, str],
        rows: int,
        others: Mapping[str, pd.Series] | None = None,
    ) -> None:
        self.texts, self.others, self.index = texts, others or {}, pd.RangeIndex(rows)
        self._names: dict[str, tuple[str, Meaning | None]] = {}
        for name in texts:
            self._names[name] = (name, None)
            marks = (*MARKS, TENTHS) if types.get(name) == "CMITimespan" else MARKS
            self._names |= {mark.name(name): (name, mark) for mark in marks}
            if meaning := MEANINGS.get(types.get(name, "")):
                self._names[meaning.name(name)] = (name, meaning)
        self._made: dict[str, pd.Series] = dict(self.others)
        self._locks = {name: RLock() for name in self._names}
        self._coded: dict[str, Text] = {}
        self._kept: dict[Any, Any] = {}
        self._makers: dict[Any, RLock] = {}
        self._keeping = Lock()

    def __len__(self) -> int:
        return len(self.index)

    def __contains__(self, name: str) -> bool:
        return name in self._names or name in self.others

    def __getitem__(self, name: str) -> pd.Series:
        if name not in self._made:
            with self._locks[name]:
                if name not in self._made:
                    self._made[name] = self._make(name)
        return self._made[name]

    @property
    def typed(self) -> list[str]:
        """The texts and what they mean, without what is only said of them."""
        said = (*MARKS, TENTHS)
        return [name for name, (_, meaning) in self._names.items() if meaning not in said]

    def frame(self, names: Iterable[str] | None = None) -> pd.DataFrame:
        """Some columns or all, as a frame."""
        wanted = [*self.others, *self._names] if names is None else names
        return pd.DataFrame({name: self[name] for name in wanted}, index=self.index, copy=False)

    def distinct(self, name: str) -> Text:
        """A text by its distinct words."""
        if name not in self._coded:
            with self._locks[name]:
                if name not in self._coded:
                    self._coded[name] = self.texts[name].coded()
        return self._coded[name]

    def kept(self, what: Any, make: Callable[[], Any]) -> Any:
        """Something that is made of these columns once and used by several."""
        with self._keeping:
            lock = self._makers.setdefault(what, RLock())
        with lock:
            if what not in self._kept:
                self._kept[what] = make()
            return self._kept[what]

    def _make(self, name: str) -> pd.Series:
        column, meaning = self._names[name]
        made: Any = (
            self.distinct(column).category() if meaning is None else self._decoded(column, meaning)
        )
        return pd.Series(made, index=self.index, name=name, copy=False)

    def _decoded(self, column: str, meaning: Meaning) -> Any:
        """What each row means: each distinct word is decoded once, unless most are distinct."""
        text = self.texts[column]
        if self.kept(("many", column), text.many):
            values = meaning.decode(text.words)
        else:
            text = self.distinct(column)
            assert text.codes is not None
            known = meaning.decode(text.words)
            values = np.append(known, NOTHING[known.dtype.kind]).take(text.codes)
        return pd.DatetimeIndex(values).tz_localize("UTC") if values.dtype.kind == "M" else values


def columns_of(
    frame: pd.DataFrame,
    names: Iterable[str],
    types: Mapping[str, str],
    others: Iterable[str] = (),
) -> Columns:
    """The columns of a frame by these names; those that it lacks are left out."""
    texts = {name: text_of(frame[name]) for name in dict.fromkeys(names) if name in frame}
    beside = {n: frame[n].reset_index(drop=True) for n in others if n in frame and n not in texts}
    return Columns(texts, types, len(frame), beside)
