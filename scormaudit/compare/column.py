"""A part's tables as columns of text, each row with the record that it is of."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scormaudit.errors import SnapshotError
from scormaudit.frame import COLUMNS, RECORD
from scormaudit.place import content
from scormaudit.snapshot import Snapshot, schema_of

LISTS = ("objective_ids", "correct_responses")
OTHERS = ("objectives", "interactions", "element_errors", "strays")
_BETWEEN = "\x1f"
_ESCAPES = (("\x1e", "\x1ee"), (_BETWEEN, "\x1es"))
_NULL = "\x1en"


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a table: each column dictionary-encoded text, and the positions of records.

    `record` is where in the snapshot the record of each row stands; `first` is the number of
    the first row in the whole table. Lists are text, see `joined`; `index` is an integer.
    """

    table: pa.Table
    record: np.ndarray
    first: int

    def text(self, name: str) -> pa.DictionaryArray:
        """One column; a column that the snapshot lacks is null."""
        if name not in self.table.column_names:
            return pa.nulls(len(self.table), pa.string()).dictionary_encode()
        column = self.table[name].combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = _whole(column.unify_dictionaries())
        return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()

    def indices(self) -> np.ndarray:
        """The `index` of each row of a collection, 0 where there is none."""
        return np.asarray(pc.fill_null(self.table["index"], 0), dtype=np.int64)


def rows_of(
    snapshot: Snapshot,
    number: int,
    table: str,
    own: pa.Array | None = None,
    more: Iterable[str] = (),
) -> Rows:
    """A table of one part, with the columns that are compared and `more`.

    `own` are the keys of the part's records, for tables other than `records`; SnapshotError
    where a row is of none of them.
    """
    first, begin = (
        sum(part[name]["rows"] for part in snapshot.manifest.parts[:number])
        for name in (table, "records")
    )
    rows = _read(snapshot, number, table, [*RECORD, *COLUMNS[table], *more])
    if own is None:
        record = np.arange(len(rows))
    elif len(rows):
        record = _located(rows, own, snapshot)
    else:
        record = np.empty(0, np.int64)
    return Rows(rows, begin + record, first)


def keys(rows: pa.Table, names: Iterable[str] = RECORD) -> pa.Array:
    """Several columns as one text a row, from which they can be told again; null is empty."""
    texts = [_escaped(pc.fill_null(_plain(rows[name]), "")) for name in names]
    return _whole(pc.binary_join_element_wise(*texts, pa.scalar(_BETWEEN, pa.large_string())))


def apart(keys: pa.Array, number: int) -> list[pa.Array]:
    """What `keys` put together, as so many columns."""
    if not len(keys):
        return [pa.array([], pa.large_string())] * number
    split = pc.split_pattern(keys, _BETWEEN)
    return [unescaped(pc.list_element(split, place)) for place in range(number)]


def joined(lists: pa.Array) -> pa.Array:
    """Lists of text as text, so that two are alike only if the lists are; none is null."""
    lists = lists.filter(pa.array([True] * len(lists))) if lists.offset else lists
    values = pc.fill_null(_escaped(pc.cast(lists.flatten(), pa.large_string())), _NULL)
    sizes = pc.fill_null(pc.list_value_length(lists), 0)
    offsets = np.concatenate([[0], np.cumsum(np.asarray(sizes, dtype=np.int64))])
    whole = pa.LargeListArray.from_arrays(pa.array(offsets), values)
    between = pa.scalar(_BETWEEN, pa.large_string())
    texts = pc.binary_join(whole, between)
    texts = pc.binary_join_element_wise(pc.cast(sizes, pa.large_string()), texts, between)
    return pc.if_else(pc.greater(sizes, 0), texts, pa.scalar(None, pa.large_string()))


def listed(text: str) -> list[str | None]:
    """The list that `joined` made this text of."""
    _, *texts = text.split(_BETWEEN)
    return [None if one == _NULL else _plainly(one) for one in texts]


def unescaped(texts: pa.Array) -> pa.Array:
    """Texts as they were before they were put between separators."""
    for character, code in reversed(_ESCAPES):
        texts = pc.replace_substring(texts, code, character)
    return texts


def _plainly(text: str) -> str:
    for character, code in reversed(_ESCAPES):
        text = text.replace(code, character)
    return text


def _escaped(texts: pa.Array) -> pa.Array:
    """Texts in which no separator stands; hardly ever one does."""
    data = texts.buffers()[2]
    raw = data.to_pybytes() if data else b""
    if not any(character.encode() in raw for character, _ in _ESCAPES):
        return texts
    for character, code in _ESCAPES:
        texts = pc.replace_substring(texts, character, code)
    return texts


def _read(snapshot: Snapshot, number: int, table: str, names: Iterable[str]) -> pa.Table:
    """One table of one part, its text dictionary-encoded and its lists as text."""
    schema = schema_of(table, snapshot.manifest.labels)
    names = [name for name in dict.fromkeys(names) if name in schema.names]
    entry = snapshot.manifest.parts[number][table]
    texts = [name for name in names if schema.field(name).type == pa.string()]
    try:
        if not entry["rows"]:
            return schema.empty_table().select(names)
        source = content(snapshot.path / entry["file"], entry["sha256"])
        with pq.ParquetFile(source, read_dictionary=texts) as file:
            read = file.read(columns=names)
        for name in set(LISTS).intersection(read.column_names):
            text = joined(_whole(read[name])).dictionary_encode()
            read = read.set_column(read.column_names.index(name), name, text)
    except (OSError, pa.ArrowException) as error:
        raise SnapshotError(
            f"A part of {table} cannot be read ({type(error).__name__}).",
            where=str(snapshot.path),
            todo="Fetch or import it anew.",
        ) from None
    return read


def _located(rows: pa.Table, own: pa.Array, snapshot: Snapshot) -> np.ndarray:
    """Where in its part the record of each row stands."""
    found = pc.index_in(keys(rows), value_set=own)
    if found.null_count:
        raise SnapshotError(
            f"{found.null_count} rows are of no record in their part.",
            where=str(snapshot.path),
            todo="Fetch or import it anew.",
        )
    return np.asarray(found, dtype=np.int64)


def _plain(column: pa.ChunkedArray) -> pa.Array:
    return _whole(pc.cast(column, pa.large_string()))


def _whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column in one piece."""
    if isinstance(column, pa.Array):
        return column
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
