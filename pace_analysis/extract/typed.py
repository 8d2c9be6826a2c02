"""A table of text to a canonical table: columns, blanks, codes and dates checked against the schema."""

from __future__ import annotations

import re

import pandas as pd

from pace_analysis.errors import InputError, nearest
from pace_analysis.extract.dates_in import LONGEST, name_shown, parse_dates, shape
from pace_analysis.extract.textfiles import TextTable
from pace_analysis.tables.schema import CODES, TABLES, Column

# characters that a screen does not show: two numbers that look alike would be two children
INVISIBLE = re.compile("[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")


def typed(table: str, text: TextTable) -> pd.DataFrame:
    """Return canonical table ``table`` from text with the canonical column names.

    Optional columns that are absent are added blank. Rows and row numbers stay as they are.

    Raises
    ------
    InputError
        For an unknown or missing column, a blank where none may be, an invisible character in a number of a
        child or period, an unknown code, or a date that
        :func:`~pace_analysis.extract.dates_in.parse_dates` refuses.
    """
    columns = {column.name: column for column in TABLES[table]}
    _check_names(columns, text)
    return pd.DataFrame({name: _column(column, text) for name, column in columns.items()}, index=text.frame.index)


def _check_names(columns: dict[str, Column], text: TextTable) -> None:
    found = list(text.frame.columns)
    unknown = [name for name in found if name not in columns]
    if unknown:
        is_header = len(unknown) < len(found)  # else the row may be one of a child
        raise InputError(
            f"Column '{name_shown(unknown[0]) if is_header else shape(unknown[0])}' is not known.",
            where=f"{text.name}, row 1",
            remedy=nearest(unknown[0], columns),
        )
    missing = [name for name, column in columns.items() if column.required and name not in found]
    if missing:
        raise InputError(
            f"Column '{missing[0]}' is missing.",
            where=f"{text.name}, row 1",
            remedy=f"Add the column: {columns[missing[0]].says}.",
        )


def _column(column: Column, text: TextTable) -> pd.Series:
    if column.name not in text.frame:
        values = pd.Series("", index=text.frame.index, name=column.name, dtype=object)
    else:
        values = text.frame[column.name]
    if column.filled:
        check_filled(values == "", column.says, text.name)
    if column.kind == "id":
        check_ids(values, text.name)
    if column.codes:
        _check_codes(values, column.codes, text.name)
    return parse_dates(values, file=text.name) if column.kind == "date" else values


def check_filled(is_blank: pd.Series, says: str, file: str) -> None:
    """Refuse a column with a blank; ``says`` is what it holds, and its name and index are those of the file."""
    blank = is_blank.index[is_blank]
    if len(blank):
        rows = "1 row has" if len(blank) == 1 else f"{len(blank)} rows have"
        raise InputError(
            f"Column '{is_blank.name}' may hold no blank; {rows} one.",
            where=f"{file}, first in row {blank[0]}",
            remedy=f"Fill it ({says}), or leave the row out of the extract.",
        )


def check_ids(values: pd.Series, file: str) -> None:
    """Refuse numbers of children or periods that hold a character no screen shows."""
    if INVISIBLE.search("".join(values)):
        hidden = values.index[values.str.contains(INVISIBLE).to_numpy(dtype=bool)]
        raise InputError(
            "The value holds a character that cannot be seen.",
            where=f"{file}, row {hidden[0]}, column {values.name}",
            remedy="Type the value again.",
        )


def _check_codes(values: pd.Series, codes: str, file: str) -> None:
    unknown = values[~values.isin(["", *CODES[codes]])]
    if len(unknown):
        raise InputError(
            f"The code '{unknown.iloc[0][:LONGEST]}' is not known.",
            where=f"{file}, row {unknown.index[0]}, column {values.name}",
            remedy=nearest(unknown.iloc[0], CODES[codes]),
        )
