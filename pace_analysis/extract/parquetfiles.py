"""Parquet files to text tables, so that all that is refused in a CSV file is refused here too.

Reading them needs the package ``pyarrow``; without it the message says what to do. Checksums of pages are verified
where the file holds them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from pace_analysis.errors import InputError
from pace_analysis.extract.dates_in import name_shown
from pace_analysis.extract.textfiles import MAX_BYTES, TextTable, check_header
from pace_analysis.extract.workbooks import cell_text

LABELS = "__index_level_0__"  # column that pandas adds for row labels without a name
MAX_ROWS = 5_000_000
AGAIN = "Write the file again, with columns of text, whole numbers and days only."


def columns_of(path: Path) -> tuple[str, ...]:
    """Column names of a Parquet file, for recognising its format; empty when they cannot be made out."""
    try:
        with _open(path) as file:
            return tuple(file.schema_arrow.names)
    except InputError:
        return ()


def read_parquet(path: Path) -> TextTable:
    """Read one Parquet file as text; rows are numbered as in a CSV file of it (header = row 1).

    Raises
    ------
    InputError
        If pyarrow is not there, the file is damaged or too large, or a column is of another kind than text, whole
        number or day.
    """
    with _open(path) as file:
        _check_size(file.metadata, path.name)
        kept = [name for name in file.schema_arrow.names if name != LABELS]
        notes = (f"{path.name}: row labels without a name were not read.",) if LABELS in file.schema_arrow.names else ()
        header = [name.strip() for name in kept]
        check_header(header, path.name)
        table = file.read(kept)
        columns = {name: _text(table.column(i), name, path.name) for i, name in enumerate(header)}
    frame = pd.DataFrame(columns, index=pd.Index(range(2, 2 + table.num_rows), dtype="int64"), dtype=object)
    filled = frame.ne("").any(axis=1)
    return TextTable(path.name, frame[filled], int((~filled).sum()), notes)


@contextmanager
def _open(path: Path) -> Iterator[Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        remedy = "Install it (pip install pyarrow), or export the tables as CSV."
        raise InputError("Reading Parquet needs the package pyarrow.", where=path.name, remedy=remedy) from error
    try:
        with parquet.ParquetFile(path, page_checksum_verification=True) as file:
            yield file
    except (pyarrow.ArrowException, UnicodeDecodeError, OSError) as error:
        if getattr(error, "errno", None):
            raise  # the system's own, such as a file that may not be read
        raise InputError("The file is no Parquet file, or is damaged.", where=path.name, remedy=AGAIN) from error


def _check_size(metadata: Any, name: str) -> None:
    size = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    if size > MAX_BYTES or metadata.num_rows > MAX_ROWS:
        what = f"The file unpacks to {size // 2**20} MB and {metadata.num_rows:,} rows, too much for an extract."
        raise InputError(what, where=name, remedy="Export fewer columns or years.")


def _text(column: Any, name: str, file: str) -> list[str]:
    """Values of a column as text, ``""`` where there is none."""
    from pyarrow import types

    kind = column.type.value_type if types.is_dictionary(column.type) else column.type
    accepted = (types.is_string, types.is_large_string, types.is_string_view, types.is_integer, types.is_date,
                types.is_timestamp, types.is_null)
    if not any(is_of_kind(kind) for is_of_kind in accepted):
        where = f"{file}, column {name_shown(name)}"
        raise InputError(f"The column holds values of the kind {kind}.", where=where, remedy=AGAIN)
    if types.is_timestamp(kind) and kind.unit == "ns":
        column = column.cast("timestamp[us]" if kind.tz is None else f"timestamp[us, tz={kind.tz}]")
    try:
        return [cell_text(value) for value in column.to_pylist()]
    except (OverflowError, ValueError) as error:
        where = f"{file}, column {name_shown(name)}"
        raise InputError("The column holds a day of no calendar.", where=where, remedy=AGAIN) from error
