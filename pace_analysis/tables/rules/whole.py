"""Rules for a table as a whole: what no single row shows. Each returns what it counted, in words.

The tail probabilities are Poisson's: how likely so few, or so many, would be were nothing amiss. One extract in a
hundred is warned of without a cause.
"""

from __future__ import annotations

import math

import pandas as pd

from pace_analysis.tables.rules.registry import rule
from pace_analysis.tables.schema import Extract

UNLIKELY = 0.01
RECENT = pd.Timedelta(weeks=6)
YEAR = pd.Timedelta(weeks=52)
FIRSTS_IN_A_YEAR = 12 / 365.25  # share of days that are the first of a month
MANY_FIRSTS = 0.10
BULK = 10  # rows of one day
BULK_SHARE = 0.02
MONTHLY = [f"2015-{month:02d}-15" for month in range(1, 7)]


def chance_of_so_few(count: int, expected: float) -> float:
    """Poisson probability of ``count`` or fewer where ``expected`` are."""
    if expected == 0:
        return 1.0
    return math.fsum(math.exp(k * math.log(expected) - expected - math.lgamma(k + 1)) for k in range(count + 1))


def _fall(day: pd.Series, what: str, extract: Extract) -> str:
    """Say how many of ``day`` lie in the last weeks, where the year before leads to expect clearly more."""
    cut = pd.Timestamp(extract.as_at)
    opens = cut - RECENT - YEAR
    if extract.covers_from is not None and pd.Timestamp(extract.covers_from) > opens + pd.Timedelta(days=1):
        return ""
    recent = int(((day > cut - RECENT) & (day <= cut)).sum())
    expected = int(((day > opens) & (day <= cut - RECENT)).sum()) * (RECENT / YEAR)
    if chance_of_so_few(recent, expected) >= UNLIKELY:
        return ""
    return f"{recent} {what} in the six weeks before the data cut; the year before leads to expect {expected:.0f}"


def _bulk(day: pd.Series, what: str) -> str:
    """Say how many of ``day`` share one date, where no office could have done so many."""
    counts = day.value_counts()
    if counts.empty or counts.iloc[0] < BULK or counts.iloc[0] <= BULK_SHARE * counts.sum():
        return ""
    return f"{counts.iloc[0]} of {counts.sum()} {what} on {counts.index[0].date().isoformat()}"


@rule(
    "C08",
    table="child",
    fields=["date_of_birth"],
    severity="warning",
    says="Far more children than chance would have it are born on the first day of a month.",
    remedy="Ask whether days of birth were rounded; ages and eighteenth birthdays are then up to a month off.",
    broken=[{"child_id": "1", "date_of_birth": "2010-05-01"}] * 3 + [{"child_id": "1", "date_of_birth": "2010-05-07"}],
    mended=[{"child_id": "1", "date_of_birth": "2010-05-01"}] + [{"child_id": "1", "date_of_birth": "2010-05-07"}] * 9,
    whole_table=True,
)
def born_on_the_first(child: pd.DataFrame) -> str:
    born = child["date_of_birth"].dropna()
    firsts = int((born.dt.day == 1).sum())
    so_many = 1 - chance_of_so_few(firsts - 1, len(born) * FIRSTS_IN_A_YEAR)
    if firsts <= MANY_FIRSTS * len(born) or so_many >= UNLIKELY:
        return ""
    return f"{firsts} of {len(born)} children"


@rule(
    "P21",
    table="period",
    fields=["start_date"],
    severity="warning",
    says="Many periods of care start on one and the same day.",
    remedy="Ask whether records were moved to a new system that day; their true start then is earlier.",
    broken=[{"start_date": "2014-04-01"}] * BULK,
    mended=[{"start_date": "2014-04-01"}] * (BULK - 1) + [{"start_date": "2014-04-02"}],
    whole_table=True,
)
def many_start_on_a_day(period: pd.DataFrame) -> str:
    return _bulk(period["start_date"], "periods")


@rule(
    "P22",
    table="period",
    fields=["end_date"],
    severity="warning",
    says="Many periods of care end on one and the same day.",
    remedy="Ask whether records were closed in bulk that day; the children then left earlier, or have not left.",
    broken=[{"end_date": "2014-04-01"}] * BULK,
    mended=[{"end_date": "2014-04-01"}] * (BULK - 1) + [{"end_date": ""}] * 9,
    whole_table=True,
)
def many_end_on_a_day(period: pd.DataFrame) -> str:
    return _bulk(period["end_date"], "ended periods")


@rule(
    "P23",
    table="period",
    fields=["start_date"],
    severity="warning",
    says="Far fewer periods of care away from home start in the last weeks before the data cut than usual.",
    remedy="Check that the data cut is the day of the export; otherwise set a recording lag, or export later.",
    broken=[{"kind": "away", "start_date": day} for day in MONTHLY * 10],
    mended=[{"kind": "away", "start_date": day} for day in [*MONTHLY * 10, *["2015-08-20"] * 3]],
    whole_table=True,
)
def starts_fall_at_the_end(period: pd.DataFrame, extract: Extract) -> str:
    return _fall(period.loc[period["kind"] == "away", "start_date"], "periods start", extract)


@rule(
    "M27",
    table="milestone",
    fields=["date"],
    severity="warning",
    says="Far fewer recommendations are recorded in the last weeks before the data cut than usual.",
    remedy="Set a recording lag so that the last weeks are left out, or export again when records have caught up.",
    broken=[{"milestone": "permanence_recommendation", "date": day} for day in MONTHLY * 10],
    mended=[{"milestone": "permanence_recommendation", "date": day} for day in [*MONTHLY * 10, *["2015-08-20"] * 3]],
    whole_table=True,
)
def recommendations_fall_at_the_end(milestone: pd.DataFrame, extract: Extract) -> str:
    recommended = milestone["milestone"] == "permanence_recommendation"
    return _fall(milestone.loc[recommended, "date"], "recommendations", extract)
