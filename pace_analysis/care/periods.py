"""Periods of care away from home: the rows every wait starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from pace_analysis.tables.schema import CareTables

UNKNOWN_START = "before_extract"
NEXT_DAYS = 1  # supervision at home that ended so many days before leads straight to accommodation


@dataclass(frozen=True)
class PeriodsOfCare:
    """Periods away from home, one row each, and what was left out.

    Attributes
    ----------
    frame : DataFrame, indexed by ``period_id``
        child_id, start, end (NaT while it continues), end_reason, stay (1 = first period away, 2 = second ...),
        age (whole years at the start), of_age (the birthday at which being looked after ends).
    left_out : mapping of reason to number of periods
    """

    frame: pd.DataFrame
    left_out: Mapping[str, int]


def periods_of_care(
    tables: CareTables, *, reentry: str = "each", clock_starts: str = "accommodated", ends_at_age: int = 18
) -> PeriodsOfCare:
    """Keep the periods away from home, oldest first within a child.

    A period that began on a day the extract does not hold has no clock. Short breaks and supervision at home are not
    waits for a decision after accommodation, so all of these are left out and counted. ``reentry="first"`` keeps only a
    child's first period. ``clock_starts="looked_after"`` starts a period at the supervision at home that led to it.
    """
    period = tables.period
    away = period[period["kind"] == "away"].sort_values(["child_id", "start_date", "period_id"], kind="stable")
    child = tables.child.drop_duplicates("child_id").set_index("child_id").reindex(away["child_id"])
    born = pd.Series(child["date_of_birth"].to_numpy(), index=away.index)
    frame = pd.DataFrame({
        "period_id": away["period_id"],
        "child_id": away["child_id"],
        "start": away["start_date"] if clock_starts == "accommodated" else _looked_after_since(period, away),
        "end": away["end_date"],
        "end_reason": away["end_reason"],
        "stay": away.groupby("child_id", sort=False).cumcount() + 1,
        "age": completed_years(born, away["start_date"]),
        "of_age": birthday(born, ends_at_age),
    }).set_index("period_id")
    frame = frame[(away["start_reason"] != UNKNOWN_START).to_numpy()]
    left_out = {
        "short break": int((period["kind"] == "short_break").sum()),
        "supervised at home, not accommodated": int((period["kind"] == "home").sum()),
        "began before the extract, on a day it does not hold": int((period["start_reason"] == UNKNOWN_START).sum()),
    }
    if reentry == "first":
        left_out["second or later period of a child"] = int((frame["stay"] > 1).sum())
        frame = frame[frame["stay"] == 1]
    return PeriodsOfCare(frame, left_out)


def _looked_after_since(period: pd.DataFrame, away: pd.DataFrame) -> pd.Series:
    """First day of the supervision at home that ran up to each period away, or the period's own first day."""
    home = period.loc[period["kind"] == "home", ["child_id", "start_date", "end_date"]]
    joined = away[["period_id", "child_id", "start_date"]].merge(home, on="child_id", suffixes=("", "_home"))
    gap = (joined["start_date"] - joined["end_date"]).dt.days
    since = joined[gap.between(0, NEXT_DAYS)].groupby("period_id")["start_date_home"].min()
    return away["period_id"].map(since).fillna(away["start_date"])


def completed_years(born: pd.Series, on: pd.Series) -> pd.Series:
    """Whole years of age; somebody born on 29 February has the birthday on 1 March in other years."""
    before_birthday = (on.dt.month * 100 + on.dt.day) < (born.dt.month * 100 + born.dt.day)
    return on.dt.year - born.dt.year - before_birthday


def birthday(born: pd.Series, years: int) -> pd.Series:
    """Date of the birthday so many years after ``born`` (1 March for 29 February in other years)."""
    leap_day = (born.dt.month == 2) & (born.dt.day == 29)
    year = born.dt.year + years
    leap_year = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    moved = leap_day & ~leap_year
    parts = {"year": year, "month": born.dt.month.mask(moved, 3), "day": born.dt.day.mask(moved, 1)}
    return pd.to_datetime(pd.DataFrame(parts), errors="coerce")
