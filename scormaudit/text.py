"""A column of text in the one form that all kinds of column are brought to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_HALF = re.compile("[\ud800-\udfff]")
_SAMPLE = 1024


@dataclass(frozen=True, slots=True)
class Text:
    """Texts as Arrow holds them: a word a row, or distinct words and for each row the code of
    its word, which is -1 for null."""

    words: pa.Array
    codes: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.words) if self.codes is None else len(self.codes)

    def coded(self) -> Self:
        """The same by distinct words."""
        if self.codes is not None:
            return self
        encoded = self.words.dictionary_encode()
        return type(self)(encoded.dictionary, _codes(encoded.indices))

    def alike(self, groups: Sequence[str]) -> Self:
        """The same by words of which no two differ in nothing but letters of one group.

        Each stands for all that are like it; it is one of them.
        """
        shapes = _shapes(self.words, groups).dictionary_encode()
        codes = _codes(shapes.indices)
        first = np.zeros(len(shapes.dictionary) + 1, dtype=np.int64)
        first[codes[::-1]] = np.arange(len(codes))[::-1]
        words = self.words.take(pa.array(first[:-1]))
        return type(self)(words, codes if self.codes is None else np.append(codes, -1)[self.codes])

    def many(self) -> bool:
        """Whether most rows have a word of their own, as far as a sample can tell."""
        if self.codes is not None:
            return False
        rows = np.linspace(0, len(self) - 1, min(len(self), _SAMPLE)).astype("int64")
        return bool(2 * pc.count_distinct(self.words.take(rows)).as_py() > _SAMPLE)

    def there(self) -> pa.Array:
        """The words that can be asked about; `spread` takes what was found of them."""
        return self.words if self.codes is not None else self.words.drop_null()

    def spread(self, answers: np.ndarray, nothing: Any) -> np.ndarray:
        """What was found of each word, for each row; `nothing` where the row is null.

        If these are no distinct words, it is what was found of those that are not null.
        """
        if nothing is True and answers.all():
            return np.broadcast_to(np.True_, len(self))
        if self.codes is not None:
            found: np.ndarray = np.append(answers, answers.dtype.type(nothing)).take(self.codes)
            return found
        spread = np.full(len(self.words), nothing, dtype=answers.dtype)
        spread[self.words.is_valid().to_numpy(zero_copy_only=False)] = answers
        return spread

    def take(self, rows: np.ndarray | slice = slice(None)) -> pa.Array:
        """The texts of some rows, or of all."""
        if self.codes is not None:
            codes = self.codes[rows]
            return self.words.take(pa.array(codes, mask=codes < 0))
        return self.words if isinstance(rows, slice) else self.words.take(rows)

    def category(self) -> pd.Categorical:
        """The column as pandas has it, its categories Python's own strings: patterns mean
        something else in Arrow's."""
        text = self.coded()
        assert text.codes is not None
        words = pd.Index(text.words.to_numpy(zero_copy_only=False), dtype="object")
        return pd.Categorical.from_codes(text.codes, words, validate=False)


def text_of(column: pd.Series) -> Text:
    """Any kind of column as text; every kind of null is null, a number is spelled.

    Half a surrogate pair, which Python may hold and nothing can store, becomes U+FFFD.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        words = _arrow(pd.Series(column.cat.categories))
        if words is not None:
            return Text(words, column.cat.codes.to_numpy())
    else:
        arrow = _arrow(column)
        if arrow is not None:
            return text_in(arrow)
    column = categorical(column)
    return Text(pa.array(column.cat.categories, pa.large_string()), column.cat.codes.to_numpy())


def text_in(arrow: pa.Array) -> Text:
    """A column of strings, or a dictionary of them, as it was read."""
    if isinstance(arrow, pa.DictionaryArray):
        return Text(arrow.dictionary, _codes(arrow.indices))
    return Text(arrow)


def _shapes(words: pa.Array, groups: Sequence[str]) -> pa.Array:
    """The words with one letter for all of a group, which is ASCII; beyond it no byte is."""
    there, ends, letters = words.buffers()
    plain = np.arange(256, dtype=np.uint8)
    for group in groups:
        plain[list(group.encode("ascii"))] = ord(group[0])
    shaped = pa.py_buffer(plain[np.frombuffer(letters or b"", np.uint8)])
    return pa.Array.from_buffers(
        words.type, len(words), [there, ends, shaped], words.null_count, words.offset
    )


def _codes(indices: pa.Array) -> np.ndarray:
    codes: np.ndarray = indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return codes


def _arrow(column: pd.Series) -> pa.Array | None:
    """The column as Arrow's strings, or None where it holds anything that is no text."""
    if column.dtype == "object" and pd.api.types.infer_dtype(column) not in ("string", "empty"):
        return None
    try:
        kind = pa.large_string() if column.dtype == "object" else None
        arrow = pa.array(column.array, kind, from_pandas=True)
    except (pa.ArrowException, UnicodeEncodeError):
        return None
    if isinstance(arrow, pa.ChunkedArray):
        arrow = arrow.combine_chunks()
    kind = arrow.type.value_type if isinstance(arrow, pa.DictionaryArray) else arrow.type
    return arrow if pa.types.is_string(kind) or pa.types.is_large_string(kind) else None


def categorical(column: pd.Series) -> pd.Series:
    """Any kind of column as a category of Python strings, whatever it holds."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        text = column.astype("object").where(column.notna(), None)
        column = text.map(_spelled, na_action="ignore").astype("category")
    words = pd.Index([_spelled(value) for value in column.cat.categories], dtype="object")
    if not words.is_unique:
        return categorical(column.astype("object"))
    return column.cat.rename_categories(words)  # type: ignore[arg-type]


def _spelled(value: Any) -> str:
    """A value as an LMS would write it: whole numbers without a point, dates in ISO 8601.

    A column of integers with one value missing is a column of floats in pandas.
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return text if text.isascii() else _HALF.sub("\N{REPLACEMENT CHARACTER}", text)
