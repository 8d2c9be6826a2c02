"""Balancing measures: what could go wrong when decisions are hurried. Exact counts; not for publication.

Each is counted for the children of one reporting year. All but the last look twelve months ahead, so a year is counted
once its last day is twelve months old. A child who is lost within the twelve months (moved away, died, came of age)
stays in the denominator: nothing bad was seen to happen to them here.

Every period away from home takes part, those that began before the extract too: what is counted starts at the end of a
period or at a milestone, and both are in the extract.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pace_analysis.care.milestones import RECOMMENDATION
from pace_analysis.dates import ReportingYear
from pace_analysis.study import Study

MONTHS = 12
SAME_STAY_DAYS = 1  # care that begins again by the next day never ended
Events = Callable[[Study, pd.DataFrame], tuple[pd.Series, pd.Series]]  # of the periods away: dates, and whether bad
SETTLED = ("adopted", "kinship_order", "turned_18", "died", "moved_away")  # ends after placement that are no disruption


@dataclass(frozen=True, slots=True)
class BalancingCount:
    """One measure in one year: ``numerator`` of ``denominator``."""

    id: str
    title: str
    definition: str
    year: ReportingYear
    numerator: int
    denominator: int


def balancing(study: Study) -> tuple[BalancingCount, ...]:
    """Count every balancing measure in every reporting year that can be counted, years in order within a measure."""
    cut, years = pd.Timestamp(study.as_at), study.complete_years()
    followed = [year for year in years if pd.Timestamp(year.last_day) + pd.DateOffset(months=MONTHS) <= cut]
    counts, away = [], _away(study)
    for id_, (title, definition, events, ahead) in MEASURES.items():
        dates, bad = (column.to_numpy() for column in events(study, away))
        for year in followed if ahead else years:
            within = (dates >= np.datetime64(year.first_day)) & (dates <= np.datetime64(year.last_day))
            counts.append(BalancingCount(id_, title, definition, year, int((within & bad).sum()), int(within.sum())))
    return tuple(counts)


def _back_from(reason: str) -> Events:
    def events(study: Study, away: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
        left = away[away["left"].notna() & (away["end_reason"] == reason)]
        return left["left"], left["next_start"] <= left["left"] + pd.DateOffset(months=MONTHS)

    return events


def _reversed(study: Study, away: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    decided = study.histories.first_dates(RECOMMENDATION)["date"]
    return decided, _reversed_within(study.tables.milestone, decided)


def _disrupted(study: Study, away: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    placed = study.histories.first_dates("placed")["date"]
    away = away.reindex(placed.index)
    left = away["left"].between(placed, placed + pd.DateOffset(months=MONTHS)) & ~away["end_reason"].isin(SETTLED)
    return placed, _reversed_within(study.tables.milestone, placed) | left


def _unknown(study: Study, away: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    left = away[away["left"].notna()]
    return left["left"], left["end_reason"] == "not_known"


def _reversed_within(milestone: pd.DataFrame, since: pd.Series) -> pd.Series:
    """True where a plan was reversed after a date and within twelve months of it."""
    rows = milestone[milestone["milestone"] == "plan_reversed"]
    start = rows["period_id"].map(since)
    late = (rows["date"] > start) & (rows["date"] <= start + pd.DateOffset(months=MONTHS))
    return pd.Series(since.index.isin(rows.loc[late, "period_id"]), index=since.index)


def _away(study: Study) -> pd.DataFrame:
    """Periods away by ``period_id``: end_reason, left (NaT where care goes on), next_start of the same child."""
    period = study.tables.period
    away = period[period["kind"] == "away"].sort_values(["child_id", "start_date", "period_id"], kind="stable")
    next_start = away.groupby("child_id")["start_date"].shift(-1)
    goes_on = (next_start - away["end_date"]).dt.days <= SAME_STAY_DAYS
    away = away.assign(left=away["end_date"].mask(goes_on), next_start=next_start)
    return away.set_index("period_id")[["end_reason", "left", "next_start"]]


MEASURES: dict[str, tuple[str, str, Events, bool]] = {
    "back-from-home": (
        "Back in care within 12 months of going home",
        "of children who left care for their parents' home in the year, those accommodated again within twelve months.",
        _back_from("home"), True,
    ),
    "back-from-kin": (
        "Back in care within 12 months of going to kin",
        "of children who left care to live with relatives or friends in the year, those accommodated again within "
        "twelve months.",
        _back_from("kinship"), True,
    ),
    "reversed": (
        "Decision reversed within 12 months",
        "of first permanence decisions made in the year, those given up within twelve months.",
        _reversed, True,
    ),
    "disrupted": (
        "Final placement disrupted within 12 months",
        "of children placed with a permanent family in the year, those whose plan was given up, or who left care other "
        "than by adoption, kinship order, coming of age, death or a move to another authority, within twelve months.",
        _disrupted, True,
    ),
    "unknown": (
        "Left care, destination not recorded",
        "of children who left care in the year, those whose destination is not recorded.",
        _unknown, False,
    ),
}
