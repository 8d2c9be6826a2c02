"""SSDA903, the English return of children looked after: CSV files or XML, of one year or several.

A return is recognised by the sets of columns of its files, or by its root element, whatever they are called.
Several years stand in sub-folders, in files with the year in their names, or in merged files with a column
YEAR; of one child and first day the latest year's row is used. Every row read is accounted for in
``extract.notes`` and ``extract.set_aside``. Codes that are not known never stop the reading; what the values say
is judged by the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from pace_analysis.dates import ReportingYear, say_date
from pace_analysis.errors import InputError
from pace_analysis.extract.accounts import Account, set_aside_of
from pace_analysis.extract.ssda903.files import LAYOUT, NEEDED, find
from pace_analysis.extract.ssda903.listed import outside_lists
from pace_analysis.extract.ssda903.milestones import DEFINITION, PLACED, milestones
from pace_analysis.extract.ssda903.periods import children, episodes, number_periods, periods
from pace_analysis.extract.ssda903.repairs import LEFT_OUT, SAYS as RULES, repair as mend
from pace_analysis.extract.ssda903.returns import Returns, last_day, read_returns
from pace_analysis.tables.schema import CareTables, Extract, empty_table

SAYS = "an SSDA903 return as XML, or a folder with its CSV files, at least the header and the episodes, of any years"
NAMES = frozenset().union(*LAYOUT.values())
MENDED = (
    "Episodes that an earlier return left open or that do not meet the next one were closed by fixed rules before"
    " anything was counted; an end put in so is known to the year only, and its reason is not."
)
SELECTED = (
    "Periods away from home that began before the first day covered and whose first day is known, because their first"
    " episode was still running then: of all who began before, these had not moved, which may make waits look longer"
)


@dataclass(frozen=True)
class Reading:
    """What reading a return gives.

    Attributes
    ----------
    tables : CareTables
    accounts : tuple of Account
        One a file: rows read = used + set aside by reason.
    repairs : DataFrame
        Every value that a repair changed, or would change: rows of single children, for the analyst's own
        eyes. Columns as in :data:`~pace_analysis.extract.ssda903.repairs.LOG`.
    """

    tables: CareTables
    accounts: tuple[Account, ...]
    repairs: pd.DataFrame


def recognise(path: Path) -> bool:
    """Whether ``path`` is a return as XML, or holds a header and episodes by their columns."""
    sets = find(path).sets
    tables = {table for one in sets for table in one.csv}
    return any(one.xml for one in sets) or set(NEEDED) <= tables


def read(path: Path, *, as_at: date | None = None, covers_from: date | None = None) -> CareTables:
    """Read the returns of one year or several.

    Raises
    ------
    InputError
        If a file cannot be read exactly, two returns are of one year, or no episode gives a date and ``as_at`` is
        not given.
    """
    return read_return(path, as_at=as_at, covers_from=covers_from).tables


def read_return(
    path: Path, *, as_at: date | None = None, covers_from: date | None = None, repair: bool = False
) -> Reading:
    """Read returns as :func:`read` does, with the accounts of every file and the log of repairs.

    Parameters
    ----------
    path : Path
        An XML file, or a folder of CSV files, or a folder of such folders.
    as_at, covers_from : date, optional
        Data cut and first day covered. Left out, they are the last and first day of the collection years read, as far
        back as no year is missing.
    repair : bool
        Mend the named defects of :mod:`~pace_analysis.extract.ssda903.repairs`; they are counted in the notes
        either way.
    """
    returns = read_returns(path)
    child, of_children = children(returns.tables["header"])
    care, of_care = episodes(returns.tables["episodes"])
    mended, log = mend(care)
    if repair:
        of_care[care.index.difference(mended.index)] = "left out as a repair (RULE_3, RULE_3A)"
        care = mended
    care = number_periods(care)
    period, said_of_periods = periods(care)
    milestone, of_adoption, said_of_milestones = milestones(care, period, returns.tables)
    accounts = (
        *returns.tables["header"].accounts(of_children), *returns.tables["episodes"].accounts(of_care),
        *of_adoption, *returns.accounts,
    )
    cut = as_at or _data_cut(returns, path.name)
    opens = covers_from or _first_day(returns, cut)
    extract = Extract(
        source=path.name,
        form="ssda903",
        as_at=cut,
        covers_from=opens,
        definitions=(DEFINITION, PLACED, *(() if as_at else (_said_of_cut(cut),)), *((MENDED,) if repair else ())),
        notes=(
            *said_of_milestones, *said_of_periods, *_said_of_late(period, opens), *_said_of_repairs(log, repair),
            *outside_lists(returns.tables), *returns.notes, *(booked.sentence() for booked in accounts),
        ),
        set_aside=set_aside_of(accounts),
    )
    return Reading(CareTables(child, period.sort_index(), milestone, empty_table("change"), extract), accounts, log)


def _said_of_cut(cut: date) -> str:
    return f"The data cut is taken to be {say_date(cut)}, the end of the latest collection year."


def _data_cut(returns: Returns, source: str) -> date:
    """31 March that closes the latest collection year."""
    if not returns.covered:
        raise InputError("No episode holds a date.", where=source, remedy="Give as_at, the last day it knows of.")
    return last_day(returns.covered)


def _first_day(returns: Returns, cut: date) -> date:
    """First day of the collection years read, as far back as no year is missing."""
    return (ReportingYear(returns.covered[0] - 1) if returns.covered else ReportingYear.of(cut)).first_day


def _said_of_late(period: pd.DataFrame, opens: date) -> tuple[str, ...]:
    known = (period["kind"] == "away") & (period["start_reason"] == "new")
    early = known & (period["start_date"] < pd.Timestamp(opens))
    return (f"{SELECTED}: {int(early.sum())}.",) if early.any() else ()


def _said_of_repairs(log: pd.DataFrame, repaired: bool) -> tuple[str, ...]:
    """One note a rule with the number of episodes it mended, or would mend."""
    found = log.drop_duplicates(["file", "row", "rule"])["rule"].value_counts().sort_index()
    done = {True: ("left out", "mended"), False: ("not left out", "not mended")}[repaired]
    return tuple(
        f"Episodes {done[rule not in LEFT_OUT]} by {rule} ({RULES[rule]}): {count}." for rule, count in found.items()
    )
