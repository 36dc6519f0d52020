"""Every cell in which two records differ, found column by column among the records that do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scormaudit.compare.digest import hashed
from scormaudit.compare.failure import Failures, failures
from scormaudit.compare.half import Half, Names, left_out, parts_of
from scormaudit.compare.kind import ELEMENT, FAILED, KINDS, Cell, Kind, kind_of
from scormaudit.compare.naming import Leaving
from scormaudit.frame import COLUMNS

STATES = ("value", "empty", "absent", "failed")
_LONG = 64
_ABSENT, _FAILED = -1, -2
_MOST = 255
_TABLES = ("records", "objectives", "interactions", "strays")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Cells that differ, of one column of one table, or rows that only one side has.

    `pair` is the number of the pair of records, `sub` the index in a collection or the number
    of a stray's name, `kind` a place in KINDS; `old` and `new` are rows of the table, or -1, and
    their states places in STATES.
    """

    table: str
    column: str
    pair: np.ndarray
    sub: np.ndarray
    kind: np.ndarray
    old: np.ndarray
    new: np.ndarray
    old_state: np.ndarray
    new_state: np.ndarray


@dataclass(frozen=True, slots=True)
class _Held:
    """What one side has of a table in records that differ: a key a row, and its columns."""

    key: np.ndarray
    row: np.ndarray
    columns: Mapping[str, Sequence[pa.DictionaryArray]]


def differences(old: Half, new: Half, without: Leaving, names: Names) -> Iterator[Cells]:
    """The cells in which pairs of records differ."""
    failed = [failures(half, names, without) for half in (old, new)]
    for table in _TABLES:
        if (table, "") in without:
            continue
        held = [_held(half, table, names, without) for half in (old, new)]
        yield from _table(table, held[0], held[1], failed)
        for half, own in zip(failed, held, strict=True):
            half.settle(table, own.key, names)
    yield from _unplaced(failed)


def _table(table: str, old: _Held, new: _Held, failed: Sequence[Failures]) -> Iterator[Cells]:
    _, mine, theirs = np.intersect1d(old.key, new.key, assume_unique=True, return_indices=True)
    yield _alone(table, old, _others(old, mine), "lost")
    yield _alone(table, new, _others(new, theirs), "gained")
    for column in old.columns:
        if column == "element":
            continue
        codes, texts = _coded(old.columns[column], new.columns[column])
        sides = (old, mine, codes[0]), (new, theirs, codes[1])
        before, after = (
            _with_failures(code, held.key, fail.of(table, column))[at]
            for (held, at, code), fail in zip(sides, failed, strict=True)
        )
        differ = np.flatnonzero(before != after)
        before, after = before[differ], after[differ]
        key = old.key[mine[differ]]
        yield Cells(
            table=table, column=column, pair=key >> 32, sub=(key >> 8) & 0xFFFFFF,
            kind=_kinds(before, after, texts, table, column),
            old=old.row[mine[differ]], new=new.row[theirs[differ]],
            old_state=_states(before, texts), new_state=_states(after, texts),
        )  # fmt: skip


def _others(held: _Held, both: np.ndarray) -> np.ndarray:
    return np.setdiff1d(np.arange(len(held.key)), both, assume_unique=True)


def _alone(table: str, held: _Held, alone: np.ndarray, kind: Kind) -> Cells:
    """Rows of one side; one without any value counts as blank."""
    valued = np.zeros(len(held.key), bool)
    for column, chunks in held.columns.items():
        if column != "element":
            (codes, _), texts = _coded(chunks, [])
            full = np.array([*(bool(text) for text in texts.to_pylist()), False])
            valued |= full[codes]
    key, row, none = held.key[alone], held.row[alone], np.full(len(alone), -1)
    lost = kind == "lost"
    valued, absent = valued[alone], np.full(len(alone), STATES.index("absent"), np.int8)
    state = np.where(valued, STATES.index("value"), STATES.index("empty")).astype(np.int8)
    column = "value" if table == "strays" else ""
    return Cells(
        table=table, column=column, pair=key >> 32, sub=(key >> 8) & 0xFFFFFF,
        kind=np.where(valued, KINDS.index(kind), KINDS.index("blank")),
        old=row if lost else none, new=none if lost else row,
        old_state=state if lost else absent, new_state=absent if lost else state,
    )  # fmt: skip


def _coded(
    old: Sequence[pa.DictionaryArray], new: Sequence[pa.DictionaryArray]
) -> tuple[tuple[np.ndarray, np.ndarray], pa.Array]:
    """A column of both sides in numbers that are alike where the texts are, and the texts."""
    size = sum(map(len, old))
    chunks = [*old, *new]
    if not chunks:
        return (np.empty(0, np.int64), np.empty(0, np.int64)), pa.array([], pa.string())
    whole = pa.chunked_array(chunks).unify_dictionaries()
    codes = np.concatenate(
        [np.asarray(pc.fill_null(chunk.indices, _ABSENT), np.int64) for chunk in whole.chunks]
    )
    return (codes[:size], codes[size:]), whole.chunk(0).dictionary


def _kinds(
    before: np.ndarray, after: np.ndarray, texts: pa.Array, table: str, column: str
) -> np.ndarray:
    """The class of each change: asked once for each two texts that became one another."""
    width = np.int64(len(texts) + 2)
    both, place = np.unique((before + 2) * width + (after + 2), return_inverse=True)
    element = ELEMENT.get((table, column))
    befores, afters = (
        map(_cell, codes.tolist(), _taken(texts, codes))
        for codes in (both // width - 2, both % width - 2)
    )
    kinds = [
        KINDS.index(kind_of(a, b, column, element)) for a, b in zip(befores, afters, strict=True)
    ]
    return np.array([*kinds, 0], np.int8)[place]


def _states(codes: np.ndarray, texts: pa.Array) -> np.ndarray:
    """Whether each cell holds a value, is empty, absent or failed."""
    blank = pc.index(texts, pa.scalar("", texts.type)).as_py()
    known = np.where(codes == blank, STATES.index("empty"), STATES.index("value"))
    unknown = np.where(codes == _FAILED, STATES.index("failed"), STATES.index("absent"))
    return np.where(codes < 0, unknown, known).astype(np.int8)


def _taken(texts: pa.Array, codes: np.ndarray) -> list[str | None]:
    taken: list[str | None] = texts.take(pa.array(codes, mask=codes < 0)).to_pylist()
    return taken


def _cell(code: int, text: str | None) -> Cell:
    return FAILED if code == _FAILED else text


def _held(half: Half, table: str, names: Names, without: Leaving) -> _Held:
    """The rows of a table that are of records that differ."""
    names_compared = [c for c in COLUMNS[table] if c != "index" and (table, c) not in without]
    columns: dict[str, list[pa.DictionaryArray]] = {name: [] for name in names_compared}
    key, row = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for rows in parts_of(half, table):
        wanted = half.pair[rows.record] >= 0
        if table == "strays":
            wanted &= ~left_out(rows, without)
        at = np.flatnonzero(wanted)
        pair = half.pair[rows.record[at]].astype(np.int64)
        sub = np.zeros(len(at), np.int64)
        if table == "strays":
            sub = names.codes(rows.text("element"))[at]
        elif table != "records":
            sub = rows.indices()[at]
        key.append(pair << 32 | sub << 8)
        row.append(rows.first + at)
        for name, chunks in columns.items():
            chunks.append(_short(rows.text(name).take(pa.array(at))))
    return _Held(_told_apart(np.concatenate(key)), np.concatenate(row), columns)


def _short(text: pa.DictionaryArray) -> pa.DictionaryArray:
    """Long texts as their digest: whether they differ is all that is asked of them."""
    text = text.dictionary_decode().dictionary_encode()
    words = pc.cast(text.dictionary, pa.large_string())
    long = pc.greater(pc.binary_length(words), _LONG)
    if pc.any(long).as_py():
        digests = pc.cast(pa.array(hashed(words.filter(long))), pa.large_string())
        mark, none = (pa.scalar(text, pa.large_string()) for text in ("#", ""))
        digests = pc.binary_join_element_wise(mark, digests, none)
        words = pc.replace_with_mask(words, long, digests)
    return pa.DictionaryArray.from_arrays(text.indices, words)


def _told_apart(key: np.ndarray) -> np.ndarray:
    """Keys with a number in their last byte where a snapshot has one more than once."""
    order = np.argsort(key, kind="stable")
    own = key[order]
    first = np.searchsorted(own, own)
    key[order] = own + np.minimum(np.arange(len(own)) - first, _MOST)
    return key


def _with_failures(codes: np.ndarray, key: np.ndarray, failed: np.ndarray) -> np.ndarray:
    """A column in numbers, with its own number for what failed."""
    return np.where(np.isin(key, failed), _FAILED, codes) if len(failed) else codes


def _unplaced(halves: Sequence[Failures]) -> Iterator[Cells]:
    """Elements of no table that failed on one side and not on the other."""
    old, new = (half.unplaced for half in halves)
    for one in {*old, *new}:
        none = np.empty(0, np.int64)
        pair = np.setxor1d(old.get(one, none), new.get(one, none), assume_unique=True)
        failed_then = np.isin(pair, old.get(one, none))
        failed, absent = np.int8(STATES.index("failed")), np.int8(STATES.index("absent"))
        nowhere = np.full(len(pair), -1)
        yield Cells(
            table="element_errors", column="", pair=pair, sub=np.full(len(pair), one),
            kind=np.full(len(pair), KINDS.index("blank")), old=nowhere, new=nowhere,
            old_state=np.where(failed_then, failed, absent),
            new_state=np.where(failed_then, absent, failed),
        )  # fmt: skip
