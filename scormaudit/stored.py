"""One file of a snapshot as Arrow, if it is what was written."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from scormaudit.place import Place, content, sha256_of

_ROOM = 4
"""Bytes a row, above which a column is no dictionary."""
_WORDS = pa.dictionary(pa.int32(), pa.string())


def read(
    file: Place,
    entry: Mapping[str, Any],
    schema: pa.Schema,
    columns: Sequence[str] | None = None,
    *,
    few: bool = False,
) -> pa.Table:
    """Some columns of a file, text by a dictionary; with `few` only where that saves room.

    OSError, UnicodeDecodeError or an ArrowException where it is not what the manifest's entry
    says: what is read is checked by its checksums, and the digest is asked where the file has
    other columns than a snapshot of today, as an older one may.
    """
    source = content(file, entry["sha256"])
    texts = [field.name for field in schema if field.type == pa.string()]
    table = pq.read_table(
        source,
        columns=columns,
        read_dictionary=_few(source, texts) if few else texts,
        page_checksum_verification=True,
    )
    if table.num_rows != entry["rows"]:
        raise OSError(None, f"{table.num_rows} rows of {entry['rows']}")
    if _odd(table, schema, columns) and sha256_of(file) != entry["sha256"]:
        raise OSError(None, "other bytes than were written")
    return table


def nulls(schema: pa.Schema, columns: Sequence[str] | None, rows: int) -> pa.Table:
    """As many rows without anything in them, of the types as they are read."""
    types = {f.name: _WORDS if f.type == pa.string() else f.type for f in schema}
    names = schema.names if columns is None else columns
    return pa.table({name: pa.nulls(rows, types[name]) for name in names})


def _odd(table: pa.Table, schema: pa.Schema, columns: Sequence[str] | None) -> bool:
    """Whether columns are missing, unknown or of another type than expected."""
    if set(table.column_names) != set(schema.names if columns is None else columns):
        return True
    return any(
        field.type not in (schema.field(field.name).type, _WORDS)
        for field in table.schema
        if not pa.types.is_list(field.type)
    )


def _few(source: Any, texts: list[str]) -> list[str]:
    """The columns of a file that take so little room a row that they must be a dictionary's."""
    metadata = pq.read_metadata(source)
    room: Counter[str] = Counter()
    for group in range(metadata.num_row_groups):
        for number in range(metadata.num_columns):
            column = metadata.row_group(group).column(number)
            room[column.path_in_schema] += column.total_uncompressed_size
    return [name for name in texts if room[name] <= _ROOM * metadata.num_rows]
