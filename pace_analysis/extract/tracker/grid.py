"""A tracker's sheet as it stands, and the columns under its rows of headings.

Titles above the headings are passed over. A heading of several rows is joined with `` / ``; a heading of an
upper row that stands over several columns, as in merged cells, belongs to each of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pandas as pd

from pace_analysis.errors import InputError, nearest
from pace_analysis.extract.textfiles import TextTable, read_rows
from pace_analysis.extract.tracker.matching import JOIN
from pace_analysis.extract.workbooks import cell_text, check_errors, day_of_number, is_number, read_sheet, sheet_names

SUFFIXES = (".csv", ".xlsx")


@dataclass(frozen=True)
class Grid:
    """One sheet as it stands.

    Attributes
    ----------
    name : str
        File and sheet, as messages say it.
    rows : list of rows
        Row n is ``rows[n - 1]``; text from a CSV file, values of any kind from a workbook.
    epoch : datetime or None
        Day from which a workbook counts; None for a CSV file, whose numbers are never days.
    notes : tuple of str
        What must be said of the reading.
    """

    name: str
    rows: list[Sequence[Any]]
    epoch: datetime | None = None
    notes: tuple[str, ...] = ()


def sheets_of(path: Path) -> list[str]:
    """Names of the sheets of a workbook; of a CSV file, one without a name."""
    return list(sheet_names(path).values()) if path.suffix.lower() == ".xlsx" else [""]


def open_grid(path: Path, sheet: str, *, limit: int | None = None) -> Grid:
    """Read one sheet of a workbook (the first where ``sheet`` is blank), or a CSV file, up to ``limit`` rows.

    Raises
    ------
    InputError
        If the file cannot be read exactly, or has no such sheet.
    """
    if path.suffix.lower() != ".xlsx":
        rows, notes = read_rows(path)
        return Grid(path.name, rows[:limit], None, notes)
    names = sheet_names(path)
    chosen = sheet or next(iter(names.values()))
    if chosen.strip().lower() not in names:
        raise InputError(
            f"There is no sheet '{chosen}'.", where=path.name,
            remedy=f"Correct 'sheet' in the mapping. {nearest(chosen, names.values())}",
        )
    found = read_sheet(path, chosen, limit=limit)
    return Grid(found.name, found.rows, found.epoch)


def headings(grid: Grid, header_rows: Sequence[int]) -> list[str]:
    """The heading of each column, ``""`` where it has none."""
    rows = [[" ".join(cell_text(value).split()) for value in row] for row in _header(grid, header_rows)]
    width = max((len(row) for row in rows), default=0)
    rows = [row + [""] * (width - len(row)) for row in rows]
    for i in range(len(rows) - 2, -1, -1):
        _spread(rows[i], [any(below) for below in zip(*rows[i + 1:], strict=True)])
    joined = [JOIN.join(dict.fromkeys(part for part in parts if part)) for parts in zip(*rows, strict=True)]
    while joined and not joined[-1]:
        joined.pop()
    return joined


def _header(grid: Grid, header_rows: Sequence[int]) -> list[Sequence[Any]]:
    return [grid.rows[number - 1] for number in header_rows if number <= len(grid.rows)]


def _spread(upper: list[str], below: list[bool]) -> None:
    """Write a heading that stands over several columns over each: it reaches to the next, or to an empty column."""
    over = ""
    for i, heading in enumerate(upper):
        if heading:
            over = heading if below[i] else ""
        elif below[i]:
            upper[i] = over
        else:
            over = ""


def body(
    grid: Grid, header_rows: Sequence[int], *, used: Collection[str], dates: Collection[str], ids: Collection[str] = ()
) -> TextTable:
    """Return the columns ``used`` below the headings, as text; the index is the row of the sheet.

    Parameters
    ----------
    grid : Grid
    header_rows : sequence of int
        Rows of headings; the data start below the last.
    used, dates, ids : collections of headings
        What to return; which of it are days, and which numbers of children or periods.

    Raises
    ------
    InputError
        For a row longer than the headings, or in a CSV file of another length, a value under no heading, a heading
        of ``used`` that stands twice, or a formula's error.
    """
    names = headings(grid, header_rows)
    twice = [name for name in used if names.count(name) > 1]
    if twice:
        raise InputError(
            f"The heading '{twice[0]}' stands over two columns.",
            where=f"{grid.name}, row {header_rows[-1]}", remedy="Rename one of them.",
        )
    first = header_rows[-1] + 1
    numbers, rows, blank = _filled_rows(grid, first, len(_header(grid, header_rows)[-1]))
    _check_named(grid.name, names, numbers, rows)
    columns, notes = {}, list(grid.notes)
    every = list(zip_longest(*rows))
    for name in used:
        place = names.index(name)
        values = every[place] if place < len(every) else [None] * len(rows)
        columns[name], said = _texts(values, grid.epoch, name in dates, name in ids)
        notes += [f"{grid.name}: of '{name}', {said}"] if said else []
    frame = pd.DataFrame(columns, index=pd.Index(numbers, dtype="int64"), dtype=object)
    if grid.epoch:
        check_errors(frame, grid.name)
    return TextTable(grid.name, frame, blank, tuple(notes))


def _filled_rows(grid: Grid, first: int, width: int) -> tuple[list[int], list[Sequence[Any]], int]:
    """Numbers and values of the rows from ``first`` on that hold anything, and how many hold nothing."""
    numbers, kept, blank = [], [], 0
    for number, row in enumerate(grid.rows[first - 1:], start=first):
        if not any(value not in (None, "") and (not isinstance(value, str) or value.strip()) for value in row):
            blank += 1
            continue
        if grid.epoch is None and len(row) != width:
            raise InputError(
                f"The row has {len(row)} values; the headings have {width}.", where=f"{grid.name}, row {number}",
                remedy="Look for a comma inside a value without quotation marks, or a row broken in two.",
            )
        numbers.append(number)
        kept.append(row)
    return numbers, kept, blank


def _check_named(name: str, names: list[str], numbers: list[int], rows: list[Sequence[Any]]) -> None:
    unnamed = [i for i, heading in enumerate(names) if not heading]
    for number, row in zip(numbers, rows, strict=True):
        for i in (*unnamed, *range(len(names), len(row))):
            if i < len(row) and cell_text(row[i]):
                raise InputError(
                    f"A value stands in column {i + 1}, which has no heading.", where=f"{name}, row {number}",
                    remedy="Give the column a heading, or delete the value.",
                )


def _texts(values: Sequence[Any], epoch: datetime | None, is_date: bool, is_id: bool) -> tuple[list[str], str]:
    """Text of one column, and what must be said of plain numbers in it."""
    if epoch is None:
        return [value.strip() if value else "" for value in values], ""
    plain_numbers = sum(map(is_number, values)) if is_date or is_id else 0
    if is_date:
        calendar = 1904 if epoch.year == 1904 else 1900
        texts = [day_of_number(value, epoch) if is_number(value) else cell_text(value) for value in values]
        said = f"{plain_numbers} values are plain numbers, read by the workbook's calendar of {calendar}."
    else:
        texts = [cell_text(value) for value in values]
        said = f"{plain_numbers} values are numbers: zeros that the sheet shows in front of them are not read."
    return texts, said if plain_numbers else ""
