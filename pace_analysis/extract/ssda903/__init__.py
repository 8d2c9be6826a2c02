"""SSDA903, the English return of children looked after, as the folder of CSV files that councils export.

A folder is recognised by the sets of columns of its files, whatever they are called. Every row read is
accounted for in ``extract.notes`` and ``extract.set_aside``. Codes that are not known never stop the reading;
what the values say is judged by the rules.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from pace_analysis.dates import ReportingYear, say_date
from pace_analysis.errors import InputError
from pace_analysis.extract.ssda903.files import COLUMNS, NEEDED, Account, find_tables, read_files
from pace_analysis.extract.ssda903.milestones import DEFINITION, milestones
from pace_analysis.extract.ssda903.periods import children, episodes, number_periods, periods
from pace_analysis.extract.textfiles import TextTable
from pace_analysis.tables.schema import CareTables, Extract, empty_table

SAYS = "a folder with the CSV files of an SSDA903 return, at least the header and the episodes"

NAMES = frozenset().union(*COLUMNS.values())


def recognise(path: Path) -> bool:
    """Whether one file of the folder has the columns of the header, and one those of the episodes."""
    return path.is_dir() and set(NEEDED) <= set(find_tables(path)[0])


def read(path: Path, *, as_at: date | None = None, covers_from: date | None = None) -> CareTables:
    """Read one return, or returns of several years merged with a column YEAR.

    Raises
    ------
    InputError
        If a file cannot be read exactly, or no episode gives a date and ``as_at`` is not given.
    """
    return read_with_accounts(path, as_at=as_at, covers_from=covers_from)[0]


def read_with_accounts(
    path: Path, *, as_at: date | None = None, covers_from: date | None = None
) -> tuple[CareTables, tuple[Account, ...]]:
    """Read a return as :func:`read` does, with one account a file: rows read = used + set aside."""
    files = read_files(path)
    child, of_children = children(files.texts["header"])
    care, of_care = episodes(files.texts["episodes"])
    care = care.assign(period_id=number_periods(care))
    period, said_of_periods = periods(care)
    milestone, of_adoption, said_of_milestones = milestones(care, period, files.texts)
    accounts = (of_children, of_care, *of_adoption, *files.accounts)
    cut, said_of_cut = (as_at, ()) if as_at else _data_cut(care, path.name)
    extract = Extract(
        source=path.name,
        form="ssda903",
        as_at=cut,
        covers_from=covers_from or _first_year(files.texts["episodes"], cut).first_day,
        definitions=(DEFINITION, *said_of_cut),
        notes=(
            *said_of_milestones, *said_of_periods, *files.notes, *(booked.sentence() for booked in accounts),
        ),
        set_aside=tuple((f"{booked.file}: {why}", count) for booked in accounts for why, count in booked.set_aside),
    )
    return CareTables(child, period.sort_index(), milestone, empty_table("change"), extract), accounts


def _data_cut(care: pd.DataFrame, source: str) -> tuple[date, tuple[str, ...]]:
    """31 March that closes the collection year of the latest episode, and a note of it."""
    # an episode that ceases on 1 April was open on 31 March: it is of the year that has just closed
    latest = max(care["DECOM"].max(), care["DEC"].max() - timedelta(days=1), key=lambda day: (pd.notna(day), day))
    if pd.isna(latest):
        raise InputError("No episode holds a date.", where=source, remedy="Give as_at, the last day it knows of.")
    cut = ReportingYear.of(latest.date()).last_day
    return cut, (f"The data cut is taken to be {say_date(cut)}, the end of the latest episode's collection year.",)


def _first_year(text: TextTable, cut: date) -> ReportingYear:
    """Collection year that opens what the return covers: the earliest YEAR of merged returns, else the cut's own."""
    years = pd.to_numeric(text.frame.get("YEAR", pd.Series(dtype=object)), errors="coerce").dropna()
    return ReportingYear(int(years.min()) - 1) if len(years) else ReportingYear.of(cut)
