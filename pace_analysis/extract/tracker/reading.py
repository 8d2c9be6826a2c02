"""A tracker and its mapping to canonical tables: every heading found or reported, every row used or set aside."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import NoReturn

import pandas as pd

from pace_analysis.errors import InputError
from pace_analysis.extract.accounts import Account, set_aside_of
from pace_analysis.extract.dates_in import LONGEST, parse_dates, shape
from pace_analysis.extract.textfiles import TextTable
from pace_analysis.extract.tracker.columns import coded, one_value_a_child
from pace_analysis.extract.tracker.grid import Grid, body, headings, open_grid
from pace_analysis.extract.tracker.mapping import FIELDS, TrackerMapping
from pace_analysis.extract.typed import check_filled, check_ids
from pace_analysis.tables.schema import TABLES, CareTables, Extract, empty_table

SHIFTS = (*range(-6, 0), *range(1, 13))  # rows that headings may have moved by since the mapping was written
SHOWN = 6  # headings or rows named in a message
BORN = "date_of_birth"  # of a child, not of a period: one of its rows must hold it
EVERY_ROW_AWAY = "Every row of the tracker is read as one period of care away from home."
NO_DATE = "without any date (titles, totals, remarks)"


def read_tracker(
    path: Path, mapping: TrackerMapping, *, as_at: date | None = None, covers_from: date | None = None
) -> CareTables:
    """Read one sheet by its mapping: a row is a period of care of one child, a column a milestone.

    A value of a child that stands in one row and is blank in another of the same child is taken for both.
    Milestones are numbered from 2 in the order of rows and columns.

    Raises
    ------
    InputError
        If a heading of the mapping is not in the sheet, a value cannot be read exactly, two rows of a child
        disagree, or no data cut is given.
    """
    grid = open_grid(path, mapping.sheet)
    notes = [f"Read by the mapping {mapping.file}.", *_check_headings(grid, mapping)]
    ids = [heading for heading, name in mapping.headings.items() if FIELDS[name].kind == "id"]
    text = body(grid, mapping.header_rows, used=mapping.used, dates=mapping.date_headings, ids=ids)
    text, undated, blanked = _with_dates(text, mapping)
    days = _days(text, mapping)
    period = _periods(text, days, mapping)
    milestone, unrouted = _milestones(text, days, period, mapping)
    account = _account(text, undated, grid, mapping)
    extract = Extract(
        source=mapping.source or path.name,
        form="tracker",
        as_at=as_at or mapping.as_at or _no_cut(path, mapping),
        covers_from=covers_from or mapping.covers_from,
        definitions=() if "kind" in mapping.headings.values() else (EVERY_ROW_AWAY,),
        notes=(*notes, *text.notes, *blanked, *unrouted, account.sentence(), *_undated(undated), *_open_only(period)),
        set_aside=set_aside_of((account,)),
    )
    return CareTables(_children(text, days, mapping), period, milestone, empty_table("change"), extract)


def _check_headings(grid: Grid, mapping: TrackerMapping) -> list[str]:
    """Refuse a sheet that lacks a heading of the mapping; say which headings have come or gone since."""
    found = [name for name in headings(grid, mapping.header_rows) if name]
    gone = [name for name in mapping.used if name not in found]
    new = [name for name in dict.fromkeys(found) if name not in (*mapping.used, *mapping.ignore)]
    if gone:
        are_headings = 2 * len(gone) < len(mapping.used)  # else the row may be one of a child, and is not shown
        appeared = f" New in the sheet: {_listed(new)}." if new and are_headings else ""
        raise InputError(
            f"The sheet has no heading {_listed(gone)}, which the mapping names.",
            where=f"{grid.name}, {_rows_named(mapping.header_rows)}.{appeared}",
            remedy=_moved(grid, mapping) or f"If a heading was renamed, change it in {mapping.file}.",
        )
    unread = [name for name in mapping.ignore if name not in found]
    notes = [f"New headings, not read: {_listed(new)}."] if new else []
    return notes + ([f"Ignored headings no longer there: {_listed(unread)}."] if unread else [])


def _moved(grid: Grid, mapping: TrackerMapping) -> str:
    """What to write where all headings stand a few rows higher or lower than the mapping says."""
    for shift in SHIFTS:
        rows = [row + shift for row in mapping.header_rows]
        if rows[0] > 0 and set(mapping.used) <= set(headings(grid, rows)):
            return f"The headings have moved: write header_rows = {rows} in {mapping.file}."
    return ""


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(f"'{name}'" for name in names[:SHOWN]) + more


def _rows_named(rows: tuple[int, ...]) -> str:
    return f"row {rows[0]}" if len(rows) == 1 else f"rows {rows[0]} to {rows[-1]}"


def _with_dates(text: TextTable, mapping: TrackerMapping) -> tuple[TextTable, list[int], list[str]]:
    """Leave out rows without any date; read words that stand for no date as blanks. Both are said."""
    frame, said = text.frame.copy(), []
    no_date = {word.casefold() for word in mapping.blanks}
    for heading in mapping.date_headings if no_date else ():
        is_word = frame[heading].str.casefold().isin(no_date)
        if is_word.any():
            said.append(f"{text.name}: {int(is_word.sum())} words of '{heading}' stand for no date.")
            frame[heading] = frame[heading].mask(is_word, "")
    dated = frame[mapping.date_headings].ne("").any(axis=1)
    return TextTable(text.name, frame[dated], text.blank_rows, text.notes), frame.index[~dated].tolist(), said


def _days(text: TextTable, mapping: TrackerMapping) -> dict[str, pd.Series]:
    """Every column of dates by its heading; messages show only the shape of a date of birth or a value with letters."""
    born = mapping.heading_of[BORN]
    return {
        heading: parse_dates(
            text.frame[heading], file=text.name, form=mapping.dates.get(heading, ""),
            show=partial(_shown, is_private=heading == born),
        )
        for heading in mapping.date_headings
    }


def _shown(value: str, *, is_private: bool) -> str:
    return shape(value) if is_private or any(c.isalpha() for c in value) else value[:LONGEST]


def _field(name: str, text: TextTable, days: dict[str, pd.Series], mapping: TrackerMapping) -> pd.Series:
    """One field of the child or the period table; blank where the tracker has no column for it."""
    heading = mapping.heading_of.get(name)
    if heading is None:
        return pd.Series("", index=text.frame.index, dtype=object)
    column, values = FIELDS[name], text.frame[heading]
    if column.filled and name != BORN:
        check_filled(values == "", column.says, text.name)
    if column.kind == "id":
        check_ids(values, text.name)
    if column.codes:
        return coded(values, name, mapping, text.name)
    return days[heading] if column.kind == "date" else values


def _children(text: TextTable, days: dict[str, pd.Series], mapping: TrackerMapping) -> pd.DataFrame:
    """One row a child, numbered by its first row in the sheet."""
    every = pd.DataFrame({column.name: _field(column.name, text, days, mapping) for column in TABLES["child"]})
    for name in every.columns[1:]:
        every[name] = one_value_a_child(every["child_id"], every[name], mapping.heading_of.get(name, name), text.name)
    check_filled(every[BORN].isna().rename(mapping.heading_of[BORN]), FIELDS[BORN].says, text.name)
    return every.drop_duplicates("child_id")


def _periods(text: TextTable, days: dict[str, pd.Series], mapping: TrackerMapping) -> pd.DataFrame:
    """One row a period; without numbers of their own, a child's periods are numbered by their starts."""
    period = pd.DataFrame({column.name: _field(column.name, text, days, mapping) for column in TABLES["period"]})
    if "kind" not in mapping.headings.values():
        period["kind"] = "away"
    if "period_id" not in mapping.headings.values():
        place = period.sort_values("start_date", kind="stable").groupby("child_id").cumcount() + 1
        period["period_id"] = period["child_id"] + "-" + place.reindex(period.index).astype(str)
    return period


def _milestones(
    text: TextTable, days: dict[str, pd.Series], period: pd.DataFrame, mapping: TrackerMapping
) -> tuple[pd.DataFrame, list[str]]:
    """One row a date in a column of milestones, with its route; and what is said of routes without a date."""
    parts, dated = [], {heading: pd.Series(False, index=period.index) for heading in mapping.routes.values()}
    routes = {heading: coded(text.frame[heading], "route", mapping, text.name) for heading in dated}
    for place, (heading, milestone) in enumerate(mapping.milestones.items()):
        has = days[heading].notna()
        part = pd.DataFrame({"period_id": period["period_id"], "date": days[heading], "route": ""})
        route = mapping.routes.get(heading)
        if route:
            part["route"], dated[route] = routes[route], dated[route] | has
        parts.append(part[has].assign(milestone=milestone, place=place, row=period.index[has]))
    found = pd.concat(parts, ignore_index=True).sort_values(["row", "place"], kind="stable")
    found = found[[column.name for column in TABLES["milestone"]]].astype({"route": object, "milestone": object})
    lost = {heading: int((routes[heading].ne("") & ~has).sum()) for heading, has in dated.items()}
    said = [f"{text.name}: {count} values of '{heading}' stand beside no date and are not read."
            for heading, count in lost.items() if count]
    return found.set_axis(pd.Index(range(2, 2 + len(found)), dtype="int64")), said


def _account(text: TextTable, undated: list[int], grid: Grid, mapping: TrackerMapping) -> Account:
    aside = (("blank", text.blank_rows), (NO_DATE, len(undated)))
    rows = len(grid.rows) - mapping.header_rows[-1]
    return Account(text.name, rows, len(text.frame), tuple((reason, count) for reason, count in aside if count))


def _undated(rows: list[int]) -> list[str]:
    more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    return [f"Without any date: row {', '.join(map(str, rows[:SHOWN]))}{more}."] if rows else []


def _open_only(period: pd.DataFrame) -> list[str]:
    if len(period) and period["end_date"].isna().all():
        return ["No child has left: where closed cases are deleted, waits look longer than they are."]
    return []


def _no_cut(path: Path, mapping: TrackerMapping) -> NoReturn:
    raise InputError(
        "The tracker does not say when it was last brought up to date.", where=path.name,
        remedy=f"Write as_at = 2015-09-30 (its last day) at the top of {mapping.file}, or give as_at.",
    )
