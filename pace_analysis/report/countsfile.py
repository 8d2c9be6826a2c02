"""An author's own table of counts, read from a spreadsheet: checked cell by cell, totals checked and left out.

The file holds exact counts and stays private; messages name rows and columns by number and no value of it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pandas as pd

from pace_analysis.errors import InputError, UsageError
from pace_analysis.extract.textfiles import read_rows
from pace_analysis.extract.workbooks import cell_text, read_sheet, sheet_names
from pace_analysis.publish.freetable import MOST_CELLS, by_axis
from pace_analysis.publish.refusals import never
from pace_analysis.settings import resolve

TOTALS = frozenset({"total", "totals", "grand total", "all", "sum"})
MOST_BYTES = 5_000_000  # a table of 1,000 counts takes a hundredth of it
MOST_ROWS = 2 * MOST_CELLS  # of a sheet, blank ones among them
MOST_CHILDREN = 1_000_000
COUNT = re.compile(r"[0-9]+")
NO_CATEGORY = re.compile(  # an identifier, or a date, which a spreadsheet also makes of an age band such as 5-11
    r"[0-9]{5}|^[0-9]{1,4}([-/.])[0-9]{1,2}\1[0-9]{1,4}$|^[0-9]{1,2}-(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
    re.IGNORECASE)

Groups = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class CountsFile:
    """A table of counts as read: categories alone, totals and subtotals checked and left out.

    Attributes
    ----------
    frame : DataFrame of int64
    notes : tuple of str
        What must be said of the reading.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Sheet:
    """A table with its totals, and the numbers of its rows and columns in the file."""

    name: str
    frame: pd.DataFrame
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    is_turned: bool = False

    @property
    def turned(self) -> _Sheet:
        return _Sheet(self.name, self.frame.T, self.columns, self.rows, not self.is_turned)

    def places(self, labels: Sequence[str], across: str | None = None) -> str:
        """Say where lines stand, or the cell of one of them in the line ``across``."""
        lines, crossing = ("column", "row") if self.is_turned else ("row", "column")
        numbers = [self.rows[self.frame.index.get_loc(label)] for label in labels]
        told = f"{self.name}, {lines} {' and '.join(map(str, numbers))}"
        return told if across is None else f"{told}, {crossing} {self.columns[self.frame.columns.get_loc(across)]}"


def parse_groups(texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Read groups written as ``NAME=LABEL,LABEL``; a label with a comma stands in quotation marks.

    Raises UsageError for one that is not so written, names a label twice, or is called like a total.
    """
    groups: dict[str, tuple[str, ...]] = {}
    for text in texts:
        name, _, rest = text.partition("=")
        members = [label.strip() for label in next(csv.reader([rest], skipinitialspace=True), [])]
        name = name.strip()
        if not name or len(members) < 2 or "" in members or len(set(members)) < len(members):
            raise UsageError("A group is not understood.", where=f"--groups \"{text}\"",
                             remedy='Write a name and its labels, for example --groups "under 12=0-4,5-11".')
        if name in groups or name.casefold() in TOTALS:
            raise UsageError(f"The group '{name}' is named twice, or like a total.", remedy="Give it another name.")
        groups[name] = tuple(members)
    return groups


def read_counts(path: str | Path, groups: Groups | None = None) -> CountsFile:
    """Read a table of counts; rows and columns called total or all, and the groups' own, are checked and left out.

    Raises
    ------
    InputError
        If the file cannot be read; if it is no table; for a label that is missing, twice there, a date or a number of
        five digits; for a cell that is no whole number; for a sum that is not that of its parts.
    DisclosureRefused
        If the table has over 1,000 cells.
    """
    found = resolve(path)
    try:
        if not found.is_file():
            raise InputError(f"There is no file '{found.name}'.", where=str(path), remedy="Check the path.")
        if found.stat().st_size > MOST_BYTES:
            _too_large(found.name)
        rows, notes = _rows(found)
    except OSError as error:
        raise InputError(f"The table cannot be opened: {error.strerror or 'the system refuses'}.", where=str(path),
                         remedy="Close it in other programs and check that you may read it.") from None
    return CountsFile(_categories(_table(rows, found.name), groups or {}), notes)


def _rows(path: Path) -> tuple[dict[int, list[str]], tuple[str, ...]]:
    """Rows that hold something, by number, without blanks at their ends."""
    ending = path.suffix.lower()
    if ending == ".csv":
        rows, notes = read_rows(path)
    elif ending == ".xlsx":
        sheets = list(sheet_names(path))
        if len(sheets) != 1:
            raise InputError(f"The workbook has {len(sheets)} sheets.", where=path.name,
                             remedy="Save a copy in which the table of counts is the only sheet.")
        rows, notes = [list(map(cell_text, row)) for row in read_sheet(path, sheets[0], limit=MOST_ROWS).rows], ()
        if len(rows) == MOST_ROWS:
            _too_large(path.name)
    else:
        raise InputError(f"A table of counts is read from .csv or .xlsx, not from '{path.suffix}'.", where=path.name,
                         remedy="Save it as 'CSV UTF-8 (comma delimited)'.")
    held = {}
    for number, row in enumerate(rows, start=1):
        cells = [cell.strip() for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            held[number] = cells
    return held, notes


def _table(rows: dict[int, list[str]], name: str) -> _Sheet:
    numbers = list(rows)
    if len(rows) < 2 or len(rows[numbers[0]]) < 2:
        raise InputError("The file holds no table of counts.", where=name,
                         remedy="Put labels of columns in the first row, of rows in the first column, commas between.")
    top, *below = numbers
    header, width = rows[top], len(rows[top])
    if len(below) * (width - 1) > 2 * MOST_CELLS:  # totals included; what is left of categories is counted by the gate
        _too_large(name)
    for number in below:
        if len(rows[number]) > width:
            _refuse("A value stands right of the last named column.", name, number, width + 1,
                    "Name the column, or delete the value.")
    _check_labels(header[1:], [(top, column) for column in range(2, width + 1)], name)
    _check_labels([rows[number][0] for number in below], [(number, 1) for number in below], name)
    full = {number: rows[number] + [""] * (width - len(rows[number])) for number in below}
    counts = [[_count(cell, name, number, column) for column, cell in enumerate(row[1:], start=2)]
              for number, row in full.items()]
    frame = pd.DataFrame(counts, dtype="int64", index=pd.Index([row[0] for row in full.values()], dtype=object),
                         columns=pd.Index(header[1:], dtype=object))
    return _Sheet(name, frame, tuple(below), tuple(range(2, width + 1)))


def _check_labels(labels: Sequence[str], places: Sequence[tuple[int, int]], name: str) -> None:
    first: dict[str, tuple[int, int]] = {}
    for label, (row, column) in zip(labels, places, strict=True):
        if not label:
            _refuse("A label is missing.", name, row, column, "Name the category, or delete its row or column.")
        if NO_CATEGORY.search(label):
            _refuse("A label is a date or holds a number of five digits or more, and a category is neither.", name, row,
                    column, "Write words: '5 to 11' for an age band that became a date, '31 March 2015' for a day.")
        if label.casefold() in first:
            before = first[label.casefold()]
            _refuse(f"The label is the same as that in row {before[0]}, column {before[1]}.", name, row, column,
                    "Add the two together, or rename one.")
        first[label.casefold()] = (row, column)


def _count(cell: str, name: str, row: int, column: int) -> int:
    if not cell:
        _refuse("The cell is empty.", name, row, column, "Write 0 where nobody was counted.")
    if not COUNT.fullmatch(cell):
        negative, decimal = re.fullmatch(r"[-\u2212][0-9]+", cell), re.fullmatch(r"[-+]?[0-9]*\.[0-9]+", cell)
        says = "a negative number" if negative else "a decimal number" if decimal else "text"
        _refuse(f"The cell holds {says}, not a count.", name, row, column,
                "Give exact counts, digits alone, and no percentages or marks: what must be hidden is hidden here.")
    if len(cell.lstrip("0")) > len(str(MOST_CHILDREN)) or int(cell) > MOST_CHILDREN:
        _refuse(f"The count is over {MOST_CHILDREN:,}.", name, row, column, "Check that the cell counts children.")
    return int(cell)


def _categories(sheet: _Sheet, groups: Groups) -> pd.DataFrame:
    """Check every total and named subtotal, and leave them out."""
    axes = [[label for label in axis if label.casefold() not in TOTALS] for axis in sheet.frame.axes]
    subtotals = by_axis(*axes, groups)
    plain = [[label for label in axis if label not in sums] for axis, sums in zip(axes, subtotals, strict=True)]
    if not all(plain):
        raise InputError("The table holds totals alone.", where=sheet.name,
                         remedy="Give the counts that they are the sums of.")
    turned = sheet.turned
    _check_sums(sheet, plain[0], subtotals[0], plain[1])
    _check_sums(turned, plain[1], subtotals[1], plain[0])
    _check_sums(sheet, plain[0], subtotals[0], list(sheet.frame.columns))  # sums of sums last, for a part may be wrong
    interior = sheet.frame.loc[plain[0], plain[1]]
    _no_hidden_subtotal(sheet, interior)
    _no_hidden_subtotal(turned, interior.T)
    return interior


def _check_sums(part: _Sheet, parts: Sequence[str], subtotals: Groups, crossing: Sequence[str]) -> None:
    totals = [label for label in part.frame.index if label.casefold() in TOTALS]
    if len(totals) > 1:
        raise InputError(f"The table has {len(totals)} totals of one kind.", where=part.places(totals),
                         remedy="Keep one of them.")
    for label in [*totals, *(name for name in subtotals if name in part.frame.index)]:
        members = parts if label in totals else list(subtotals[label])
        wrong = part.frame.loc[label, crossing] != part.frame.loc[members, crossing].sum()
        if wrong.any():
            raise InputError("A total is not the sum of its parts.", where=part.places([label], wrong.idxmax()),
                             remedy="Correct it or a part, and name subtotals that stand in the table with --groups.")


def _no_hidden_subtotal(part: _Sheet, interior: pd.DataFrame) -> None:
    """Refuse a line that is the sum of two or more beside it: a subtotal taken for a category is not protected."""
    counts = interior.to_numpy()
    for place, line in enumerate(counts):
        if (line > 0).sum() < 2:
            continue
        for beside in (counts[:place][::-1], counts[place + 1:]):
            sums = beside.cumsum(axis=0)[1:]
            if (sums == line).all(axis=1).any():
                raise InputError(
                    "A row or column is the sum of those beside it, like a subtotal.",
                    where=part.places([interior.index[place]]),
                    remedy="Name it with --groups if it is one; if it is a category, move it in between those.")


def _refuse(what: str, name: str, row: int, column: int, remedy: str) -> NoReturn:
    raise InputError(what, where=f"{name}, row {row}, column {column}", remedy=remedy)


def _too_large(name: str) -> NoReturn:
    never(f"The file holds more than a table of {MOST_CELLS:,} cells.", where=name,
          remedy="Take fewer categories, or protect parts that share no totals.")
