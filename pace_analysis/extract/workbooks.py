"""XLSX workbooks to text tables: sizes checked before anything is parsed, no formula evaluated.

A cell that holds a real date becomes ``yyyy-mm-dd``. A plain number in a column of dates is a day only by
the workbook's own calendar (1900 or 1904), and that is said.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pandas as pd

from pace_analysis.errors import InputError
from pace_analysis.extract.textfiles import TextTable, check_header

MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 100
MAX_ROWS = 1_000_001
DAMAGED = (KeyError, ValueError, TypeError, AttributeError, SyntaxError, zipfile.BadZipFile)  # what openpyxl raises
SAVE_AS = "Open it in the spreadsheet program and save it again as XLSX without a password."


def check_packing(path: Path) -> None:
    """Refuse a workbook that is no zip file, or unpacks to over 200 MB or 100 times its size."""
    try:
        with zipfile.ZipFile(path) as packed:
            entries = packed.infolist()
    except zipfile.BadZipFile as error:
        what = "The file is no XLSX workbook, or is locked by a password."
        raise InputError(what, where=path.name, remedy=SAVE_AS) from error
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(1, sum(entry.compress_size for entry in entries)):
        raise InputError(
            f"The workbook unpacks to {unpacked // 2**20} MB, too much for its size.",
            where=path.name,
            remedy="Delete formatted but empty rows and columns, save it again, or export the sheets as CSV.",
        )


@contextmanager
def open_workbook(path: Path) -> Iterator[Any]:
    """Open a workbook for reading values, once its packing is checked; InputError if it cannot be."""
    check_packing(path)
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # parts of a workbook that hold no values, such as drop-down lists
        try:
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        except DAMAGED as error:
            raise InputError("The workbook is damaged.", where=path.name, remedy=SAVE_AS) from error
        try:
            yield book
        finally:
            book.close()


def sheet_names(path: Path) -> dict[str, str]:
    """Names of a workbook's sheets, by the same name in lower case."""
    with open_workbook(path) as book:
        return _names(book)


def read_workbook(path: Path, dates: Mapping[str, Collection[str]]) -> dict[str, TextTable]:
    """Read every sheet named in ``dates`` (sheet name to its columns of dates) as text; absent ones are left out."""
    with open_workbook(path) as book:
        names = _names(book)
        return {
            sheet: _sheet(book[names[sheet]], f"{path.name}, sheet {sheet}", set(columns), book.epoch)
            for sheet, columns in dates.items()
            if sheet in names
        }


def _names(book: Any) -> dict[str, str]:
    return {name.strip().lower(): name for name in book.sheetnames}


def _rows(sheet: Any, name: str) -> Iterator[tuple[Any, ...]]:
    """Yield the sheet's rows, whatever size it claims for itself."""
    try:
        sheet.reset_dimensions()
        yield from sheet.iter_rows(values_only=True)
    except DAMAGED as error:
        raise InputError("The sheet is damaged.", where=name, remedy=SAVE_AS) from error


def _sheet(sheet: Any, name: str, dates: set[str], epoch: datetime) -> TextTable:
    rows = _rows(sheet, name)
    header = [_text(value) for value in next(rows, ())]
    while header and not header[-1]:
        header.pop()
    check_header(header, name)
    width = len(header)
    counted = {i: 0 for i, column in enumerate(header) if column in dates}
    numbers, kept, blank = [], [], 0
    for number, row in enumerate(rows, start=2):
        _check_row(row, number, width, name)
        cells = [_cell(value, counted, i, epoch) for i, value in enumerate(row[:width])] + [""] * (width - len(row))
        if any(cells):
            numbers.append(number)
            kept.append(cells)
        else:
            blank += 1
    calendar = 1904 if epoch.year == 1904 else 1900  # the day that counts as 0 lies before 1900 in the usual one
    notes = tuple(
        f"{name}: {count} values of {header[i]} are plain numbers, read by the workbook's calendar of {calendar}."
        for i, count in counted.items()
        if count
    )
    frame = pd.DataFrame(kept, columns=header, index=pd.Index(numbers, dtype="int64"), dtype=object)
    return TextTable(name, frame, blank, notes)


def _check_row(row: tuple[Any, ...], number: int, width: int, name: str) -> None:
    if number > MAX_ROWS:
        raise InputError("The sheet has over a million rows.", where=name, remedy="Delete empty rows below the data.")
    if any(value not in (None, "") for value in row[width:]):
        raise InputError(
            "A value stands right of the last named column.",
            where=f"{name}, row {number}",
            remedy="Name its column, or delete the value.",
        )


def _cell(value: Any, counted: dict[int, int], position: int, epoch: datetime) -> str:
    """Text of a cell; a number in a column of dates is a day, and counted."""
    if position in counted and isinstance(value, int | float) and not isinstance(value, bool):
        from openpyxl.utils.datetime import from_excel

        try:
            day = from_excel(value, epoch)
        except (OverflowError, ValueError):
            return _text(value)  # no day of any calendar; the column's parser refuses the number
        if isinstance(day, datetime):
            counted[position] += 1
            return _text(day)
    return _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
