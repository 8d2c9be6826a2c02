"""XLSX workbooks to text tables: sizes checked before anything is parsed, no formula evaluated.

A cell that holds a real date becomes ``yyyy-mm-dd``. A plain number in a column of dates is a day only by
the workbook's own calendar (1900 or 1904), and that is said. A formula stands for the result stored with it.
"""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pandas as pd

from pace_analysis.errors import InputError
from pace_analysis.extract.dates_in import name_shown
from pace_analysis.extract.textfiles import TextTable, check_header

MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 100
MAX_ROWS = 1_000_001
MAX_COLUMNS = 500
DAMAGED = (  # what zipfile and openpyxl raise on a damaged workbook
    KeyError, IndexError, ValueError, TypeError, AttributeError, SyntaxError, EOFError, OverflowError,
    NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error,
)
UNCALCULATED = re.compile(  # a cell with a formula and no result; one whose result is no text at all says t="str"
    rb"<(?:\w+:)?c\b(?![^>]*t=\"str\")[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)"
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
CELL = re.compile(rb'\br="([A-Z]+[0-9]+)"')
ERRORS = frozenset({"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!"})  # a failed formula's result
SAVE_AS = "Open it in the spreadsheet program and save it again as XLSX without a password."


@dataclass(frozen=True)
class SheetRows:
    """One sheet as it stands: ``rows[n - 1]`` are the values of row n, of whatever kind.

    Attributes
    ----------
    name : str
        File and sheet, as messages say it.
    epoch : datetime
        Day from which the workbook counts.
    """

    name: str
    rows: list[tuple[Any, ...]]
    epoch: datetime


def check_packing(path: Path) -> None:
    """Refuse a workbook that is no zip file, unpacks to over 200 MB or 100 times its size, or was never calculated."""
    try:
        with zipfile.ZipFile(path) as packed:
            entries = packed.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(1, sum(entry.compress_size for entry in entries)):
                raise InputError(
                    f"The workbook unpacks to {unpacked // 2**20} MB, too much for its size.",
                    where=path.name,
                    remedy="Delete formatted but empty rows and columns, save it again, or export the sheets as CSV.",
                )
            for entry in entries:
                if entry.filename.startswith("xl/worksheets/"):
                    _check_calculated(packed.read(entry), path.name)
    except DAMAGED as error:
        what = "The file is no XLSX workbook, is damaged, or is locked by a password."
        raise InputError(what, where=path.name, remedy=SAVE_AS) from error


def _check_calculated(sheet: bytes, name: str) -> None:
    """A formula without a stored result would be read as a blank."""
    found = UNCALCULATED.search(sheet)
    if found:
        cell = CELL.search(found[0])
        raise InputError(
            "A formula has no result stored with it.",
            where=f"{name}, cell {cell[1].decode()}" if cell else name,
            remedy="Open the workbook in the spreadsheet program, let it calculate, and save it.",
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
        return _names(book, path.name)


def read_workbook(path: Path, dates: Mapping[str, Collection[str]]) -> dict[str, TextTable]:
    """Read every sheet named in ``dates`` (sheet name to its columns of dates) as text; absent ones are left out."""
    with open_workbook(path) as book:
        names = _names(book, path.name)
        return {
            sheet: _sheet(book[names[sheet]], f"{path.name}, sheet {sheet}", set(columns), book.epoch)
            for sheet, columns in dates.items()
            if sheet in names
        }


def read_sheet(path: Path, sheet: str, *, limit: int | None = None) -> SheetRows:
    """Read one sheet as it stands, up to ``limit`` rows; KeyError when the workbook has no such sheet."""
    with open_workbook(path) as book:
        name, rows = f"{path.name}, sheet {sheet}", []
        for row in _rows(book[_names(book, path.name)[sheet.strip().lower()]], name):
            if len(rows) == limit:
                break
            _check_length(len(rows) + 1, name)
            width = max((i for i, value in enumerate(row, start=1) if value is not None), default=0)
            if width > MAX_COLUMNS:
                where, remedy = f"{name}, row {len(rows) + 1}", "Delete what stands far to the right."
                raise InputError(f"The sheet has over {MAX_COLUMNS} columns.", where=where, remedy=remedy)
            rows.append(row[:width])
        return SheetRows(name, rows, book.epoch)


def _names(book: Any, file: str) -> dict[str, str]:
    names: dict[str, str] = {}
    for sheet in book.sheetnames:
        if names.setdefault(sheet.strip().lower(), sheet) != sheet:
            what = "Two sheets have the same name but for capitals and spaces."
            raise InputError(what, where=f"{file}, sheet {sheet}", remedy="Rename one of them.")
    return names


def _rows(sheet: Any, name: str) -> Iterator[tuple[Any, ...]]:
    """Yield the sheet's rows, whatever size it claims for itself."""
    try:
        sheet.reset_dimensions()
        yield from sheet.iter_rows(values_only=True)
    except DAMAGED as error:
        raise InputError("The sheet is damaged.", where=name, remedy=SAVE_AS) from error


def _sheet(sheet: Any, name: str, dates: set[str], epoch: datetime) -> TextTable:
    rows = _rows(sheet, name)
    header = [cell_text(value) for value in next(rows, ())]
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
    check_errors(frame, name)
    return TextTable(name, frame, blank, notes)


def check_errors(frame: pd.DataFrame, name: str) -> None:
    """Refuse a value that is a failed formula's error; the frame's index is the row number."""
    for column in frame:
        failed = frame.index[frame[column].isin(ERRORS)]
        if len(failed):
            raise InputError(
                f"The value {frame.at[failed[0], column]} is the error of a formula.",
                where=f"{name}, row {failed[0]}, column {name_shown(column)}",
                remedy="Mend the formula, or type the value in its place.",
            )


def _check_row(row: tuple[Any, ...], number: int, width: int, name: str) -> None:
    _check_length(number, name)
    if any(value not in (None, "") for value in row[width:]):
        raise InputError(
            "A value stands right of the last named column.",
            where=f"{name}, row {number}",
            remedy="Name its column, or delete the value.",
        )


def _check_length(number: int, name: str) -> None:
    if number > MAX_ROWS:
        raise InputError("The sheet has over a million rows.", where=name, remedy="Delete empty rows below the data.")


def _cell(value: Any, counted: dict[int, int], position: int, epoch: datetime) -> str:
    """Text of a cell; a number in a column of dates is a day, and counted."""
    if position in counted and is_number(value):
        text = day_of_number(value, epoch)
        counted[position] += text != cell_text(value)
        return text
    return cell_text(value)


def is_number(value: Any) -> bool:
    """Whether a cell holds a plain number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def day_of_number(value: float, epoch: datetime) -> str:
    """Text of a number as a day by the workbook's calendar; the number itself where it is no whole day of any."""
    from openpyxl.utils.datetime import from_excel

    try:
        day = from_excel(value, epoch)
    except (OverflowError, ValueError):
        return cell_text(value)  # the column's parser refuses the number
    return cell_text(day if isinstance(day, datetime) else value)


def cell_text(value: Any) -> str:
    """Text of a cell: a day as ``yyyy-mm-dd``, a whole number without decimals, no surrounding spaces."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
