"""Balancing measures: what could go wrong when decisions are hurried. Exact counts; not for publication.

Each is counted for the children of one reporting year and looks twelve months ahead, so a year is counted once its last
day is twelve months old. A child who is lost within the twelve months (moved away, died, came of age) stays in the
denominator: nothing bad was seen to happen to them here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from pace_analysis.care import PeriodsOfCare, periods_of_care
from pace_analysis.care.milestones import RECOMMENDATION, first_dates
from pace_analysis.dates import ReportingYear
from pace_analysis.study import Study

MONTHS = 12
SAME_STAY_DAYS = 1  # care that begins again by the next day never ended
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
    cut = pd.Timestamp(study.as_at)
    followed = [year for year in study.complete_years() if pd.Timestamp(year.last_day) + pd.DateOffset(months=MONTHS) <= cut]
    counts = []
    for id_, (title, definition, events, ahead) in MEASURES.items():
        dates, bad = events(study)
        for year in followed if ahead else study.complete_years():
            within = dates.between(pd.Timestamp(year.first_day), pd.Timestamp(year.last_day))
            counts.append(BalancingCount(id_, title, definition, year, int((within & bad).sum()), int(within.sum())))
    return tuple(counts)


def _back_from(reason: str) -> Callable[[Study], tuple[pd.Series, pd.Series]]:
    def events(study: Study) -> tuple[pd.Series, pd.Series]:
        frame = _periods(study).frame.sort_values(["child_id", "start"])
        next_start = frame.groupby("child_id")["start"].shift(-1)
        gap = (next_start - frame["end"]).dt.days
        ended = frame[(frame["end_reason"] == reason) & ~(gap <= SAME_STAY_DAYS)]
        limit = ended["end"] + pd.DateOffset(months=MONTHS)
        return ended["end"], next_start.reindex(ended.index) <= limit

    return events


def _reversed(study: Study) -> tuple[pd.Series, pd.Series]:
    milestone = study.tables.milestone
    decided = first_dates(milestone, RECOMMENDATION, recommendation=study.authority.definitions.recommendation)["date"]
    return decided, _reversed_within(milestone, decided)


def _disrupted(study: Study) -> tuple[pd.Series, pd.Series]:
    milestone, frame = study.tables.milestone, _periods(study).frame
    placed = first_dates(milestone, "placed")["date"]
    periods = frame.reindex(placed.index)
    left = periods["end"].between(placed, placed + pd.DateOffset(months=MONTHS)) & ~periods["end_reason"].isin(SETTLED)
    return placed, _reversed_within(milestone, placed) | left


def _unknown(study: Study) -> tuple[pd.Series, pd.Series]:
    frame = _periods(study).frame
    ended = frame[frame["end"].notna()]
    return ended["end"], ended["end_reason"] == "not_known"


def _reversed_within(milestone: pd.DataFrame, since: pd.Series) -> pd.Series:
    """True where a plan was reversed after a date and within twelve months of it."""
    rows = milestone[milestone["milestone"] == "plan_reversed"]
    start = rows["period_id"].map(since)
    late = (rows["date"] > start) & (rows["date"] <= start + pd.DateOffset(months=MONTHS))
    return pd.Series(since.index.isin(rows.loc[late, "period_id"]), index=since.index)


def _periods(study: Study) -> PeriodsOfCare:
    return periods_of_care(study.tables, ends_at_age=study.authority.definitions.care_ends_at_age)


Events = Callable[[Study], tuple[pd.Series, pd.Series]]
MEASURES: dict[str, tuple[str, str, Events, bool]] = {
    "back-from-home": (
        "Back in care within 12 months of going home",
        "of children who left care for their parents' home in the year, those accommodated again within twelve months.",
        _back_from("home"), True,
    ),
    "back-from-kin": (
        "Back in care within 12 months of going to kin",
        "of children who left care to live with relatives or friends in the year, those accommodated again within twelve months.",
        _back_from("kinship"), True,
    ),
    "reversed": (
        "Decision reversed within 12 months",
        "of first permanence decisions made in the year, those given up within twelve months.",
        _reversed, True,
    ),
    "disrupted": (
        "Final placement disrupted within 12 months",
        "of children placed with a permanent family in the year, those whose plan was given up, or who left care other than by adoption, "
        "kinship order or coming of age, within twelve months.",
        _disrupted, True,
    ),
    "unknown": (
        "Left care, destination not recorded",
        "of children who left care in the year, those whose destination is not recorded.",
        _unknown, False,
    ),
}
