"""Returns of one or several years, stacked into one table a kind: dates parsed, every row with its year and file.

Row numbers are those of the file while a table has one file; the rows of several files are numbered through,
oldest year first, and a note says which numbers are which file's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from pace_analysis.dates import ReportingYear, say_date
from pace_analysis.errors import InputError
from pace_analysis.extract.accounts import Account, account, unused
from pace_analysis.extract.dates_in import parse_dates
from pace_analysis.extract.ssda903 import years
from pace_analysis.extract.ssda903.files import LAYOUT, USED, YearSet, find, first_of, said
from pace_analysis.extract.ssda903.xmlfile import read_xml
from pace_analysis.extract.textfiles import TextTable, read_csv

DATES = MappingProxyType({
    "header": ("DOB",),
    "episodes": ("DECOM", "DEC"),
    "placed_for_adoption": ("DATE_PLACED", "DATE_PLACED_CEASED"),
    "ad1": ("DATE_INT", "DATE_MATCH"),
})
ENOUGH = 0.05  # share of an episode file's dates that must lie in a year for the file to be of that year


@dataclass(frozen=True)
class Stack:
    """One table of all returns.

    Attributes
    ----------
    frame : DataFrame
        The table's columns, codes in capitals, dates as dates, ``LA`` (``""`` where not given), ``YEAR`` (0 where
        not known), ``FILE``, ``ROW`` (row number in that file); the index numbers the rows of all files through.
    blank_rows : mapping of file to rows in which every cell is blank
    """

    frame: pd.DataFrame
    blank_rows: Mapping[str, int]

    def accounts(self, reasons: pd.Series) -> tuple[Account, ...]:
        """One account a file from one reason a row, ``""`` where the row is used."""
        of = self.frame["FILE"]
        return tuple(account(file, reasons[of == file], blank) for file, blank in self.blank_rows.items())

    @property
    def numbering(self) -> str:
        """Which row numbers belong to which file, when there are several."""
        if len(self.blank_rows) < 2:
            return ""
        spans = (
            f"{rows.index[0]} to {rows.index[-1]} are rows {rows['ROW'].iloc[0]} to {rows['ROW'].iloc[-1]} of {file}"
            for file, rows in self.frame.groupby("FILE", sort=False)
        )
        return f"Rows are numbered through: {'; '.join(spans)}."


@dataclass(frozen=True)
class Returns:
    """Every return that was read.

    Attributes
    ----------
    tables : mapping of table to Stack
        The tables in use; header and episodes are always there.
    accounts : tuple of Account
        Files of which no row is used.
    notes : tuple of str
    covered : tuple of int
        Collection years of the episodes, the latest unbroken run of them; empty where none is known.
    """

    tables: Mapping[str, Stack]
    accounts: tuple[Account, ...]
    notes: tuple[str, ...]
    covered: tuple[int, ...]


@dataclass(frozen=True)
class _Part:
    """One table of one return, as text."""

    table: str
    year: int
    text: TextTable


def read_returns(path: Path) -> Returns:
    """Read every return at ``path``.

    Raises
    ------
    InputError
        If a file cannot be read exactly, two returns are of one year, or a child's number is in use by two
        authorities.
    """
    found = find(path)
    parts, accounts, notes = [], [], [*found.notes]
    for one in found.sets:
        texts, booked, remarks = _read_set(one, path)
        year, remark = _settle_year(one, texts)
        parts += [_Part(table, year, text) for table, text in texts.items()]
        accounts, notes = accounts + booked, notes + remarks + remark
    _refuse_same_year(parts)
    newest = max((part.year for part in parts), default=0)
    parts = [replace(part, year=part.year or newest) for part in parts]
    notes += [note for part in parts if (note := _too_new(part))]
    tables = {table: _stack(table, [part for part in parts if part.table == table]) for table in USED}
    tables = {table: stack for table, stack in tables.items() if stack.blank_rows}
    accounts += [unused(part.text.name, _rows(part.text), "of a table that holds no milestone")
                 for part in parts if part.table not in USED]
    notes += [f"{table}: {stack.numbering}" for table, stack in tables.items() if stack.numbering]
    covered, gap = _covered(tables["episodes"].frame["YEAR"])
    return Returns(MappingProxyType(tables), tuple(accounts), (*notes, *gap), covered)


def collection_year(day: pd.Series) -> pd.Series:
    """Collection year that holds each day; NaN where blank."""
    return day.dt.year + (day.dt.month > 3)


def _rows(text: TextTable) -> int:
    return len(text.frame) + text.blank_rows


def _read_set(one: YearSet, root: Path) -> tuple[dict[str, TextTable], list[Account], list[str]]:
    """Text of each table of one return, accounts of files read beside it, and what must be said."""
    if one.xml:
        texts, strange = read_xml(one.xml, LAYOUT, said(one.xml, root))
        first = f"{said(one.xml, root)}: row 2 of a table is its first element in the file."
        kept = {table: text for table, text in texts.items() if len(text.frame) or table in USED}
        return kept, [], [first, *strange]
    texts, accounts, notes = {}, [], []
    for table, files in one.csv.items():
        chosen = first_of(files)
        texts[table] = _read(chosen, root)
        notes += texts[table].notes
        for other in files:
            if other != chosen:
                text = _read(other, root)
                accounts.append(unused(text.name, _rows(text), f"same columns as {said(chosen, root)}"))
    return texts, accounts, notes


def _read(file: Path, root: Path) -> TextTable:
    """Read a CSV file; what is said of it names its folder too, when that is below ``root``."""
    name = said(file, root)
    try:
        text = read_csv(file)
    except InputError as error:
        raise InputError(error.what, where=error.where.replace(file.name, name, 1), remedy=error.remedy) from error
    return replace(text, name=name, notes=tuple(note.replace(file.name, name, 1) for note in text.notes))


def _settle_year(one: YearSet, texts: Mapping[str, TextTable]) -> tuple[int, list[str]]:
    """Collection year of one return: the latest that enough dates of its episodes lie in, else its name's.

    Dates before the named year prove nothing, for an episode may have run for long; dates after it do.
    """
    if "episodes" not in texts or "YEAR" in texts["episodes"].frame:
        return one.year, []
    text = texts["episodes"]
    first, last = (parse_dates(text.frame[column], file=text.name) for column in DATES["episodes"])
    # an episode that ceases on 1 April was open on 31 March: it is of the year that has just closed
    found = collection_year(pd.concat([first, last - pd.Timedelta(days=1)])).dropna()
    shares = found.value_counts(normalize=True)
    content = int(max(shares.index[shares >= ENOUGH], default=0))
    if not one.year or content <= one.year:
        return one.year or content, []
    return content, [f"{one.name} is named for {one.year}; its episodes are of the year to 31 March {content}."]


def _refuse_same_year(parts: list[_Part]) -> None:
    """Refuse two returns of one year: which of them is right is not for the reader to say."""
    seen: dict[tuple[str, int], str] = {}
    for part in parts:
        if not part.year or "YEAR" in part.text.frame:
            continue
        other = seen.setdefault((part.table, part.year), part.text.name)
        if other != part.text.name:
            raise InputError(
                f"Two returns are of the collection year to 31 March {part.year}.",
                where=f"{other} and {part.text.name}",
                remedy="Leave one of them, or merge the returns with a column YEAR.",
            )


def _too_new(part: _Part) -> str:
    """Say when a table belongs to later years' returns only."""
    first = years.begins(part.table)
    if not part.year or part.year >= first:
        return ""
    return f"{part.text.name}: the table is part of returns from {first} on, and this one is of {part.year}."


def _stack(table: str, parts: list[_Part]) -> Stack:
    frames, offset = [], 0
    for part in sorted(parts, key=lambda part: part.year):
        frame = _prepared(table, part)
        frames.append(frame.set_axis(frame.index + offset))
        offset += _rows(part.text)
    blank = {part.text.name: part.text.blank_rows for part in sorted(parts, key=lambda part: part.year)}
    if not frames:
        return Stack(pd.DataFrame(), MappingProxyType({}))
    frame = pd.concat(frames) if len(frames) > 1 else frames[0]
    if table == "header":
        _refuse_two_authorities(frame)
    return Stack(frame, MappingProxyType(blank))


def _prepared(table: str, part: _Part) -> pd.DataFrame:
    """One file's rows with dates parsed, codes in capitals, and year, authority, file and row beside them."""
    text, codes = part.text.frame, years.BASE.codes
    frame = pd.DataFrame({
        column: parse_dates(text[column], file=part.text.name) if column in DATES[table]
        else text[column].str.upper() if column in codes else text[column]
        for column in LAYOUT[table]
    }, index=text.index)
    frame["LA"] = text["LA"] if "LA" in text else ""
    frame["YEAR"] = _years(text["YEAR"], part) if "YEAR" in text else part.year
    return frame.assign(FILE=part.text.name, ROW=text.index)


def _years(said_years: pd.Series, part: _Part) -> pd.Series:
    wrong = said_years[~said_years.str.fullmatch(r"20\d\d|")]
    if len(wrong):
        raise InputError(
            "The value is no collection year.",
            where=f"{part.text.name}, row {wrong.index[0]}, column YEAR",
            remedy="Write the year in which the collection year ends, for example 2018 for April 2017 to March 2018.",
        )
    return said_years.mask(said_years == "", str(part.year)).astype("int64")


def _refuse_two_authorities(header: pd.DataFrame) -> None:
    """Refuse returns of several authorities that number different children alike."""
    known = header[(header["LA"] != "") & (header["CHILD"] != "")].drop_duplicates(["CHILD", "LA"])
    twice = known[known.duplicated("CHILD")]
    if len(twice):
        raise InputError(
            "A child's number is in use by two authorities (column LA).",
            where=f"{twice['FILE'].iloc[0]}, row {twice['ROW'].iloc[0]}, column CHILD",
            remedy="Read each authority's returns by themselves, or put the authority into the numbers.",
        )


def _covered(year: pd.Series) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The latest unbroken run of collection years, and a note when a year before it is missing."""
    found = sorted({int(one) for one in year if one}, reverse=True)
    run = [one for position, one in enumerate(found) if one == found[0] - position]
    if len(run) == len(found):
        return tuple(reversed(run)), ()
    opens = say_date(ReportingYear(run[-1] - 1).first_day)
    gap = f"No return is of {run[-1] - 1}, and earlier ones are there: the extract covers the time from {opens} on."
    return tuple(reversed(run)), (gap,)


def last_day(covered: tuple[int, ...]) -> date:
    """31 March that closes the latest collection year."""
    return ReportingYear(covered[-1] - 1).last_day
