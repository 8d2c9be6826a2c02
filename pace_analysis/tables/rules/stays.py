"""Rules for how a child's periods of care follow one another, and how long they last: P10 to P17.

The words of survcheck in R's ``survival``: a child must be somewhere and cannot be in two places. *Overlap* (P04):
in two places. *Gap* (P10): out of care for a day or a few, probably never. *Teleport* (P12 to P14): a period
starts in a place where the one before did not end. The *jump* of a milestone over its stages is M11.
"""

from __future__ import annotations

import pandas as pd

from pace_analysis.tables.rules.registry import rule
from pace_analysis.tables.schema import Extract

GAP = pd.Timedelta(days=7)
SOON = pd.Timedelta(days=28)
HANDOVER = pd.Timedelta(days=31)
LONG_SERIES = pd.DateOffset(years=2)
LONG_STAY = pd.DateOffset(years=10)
ENDED_AWAY = {
    "child_id": "1", "kind": "away", "start_date": "2014-01-01", "end_date": "2014-06-01", "end_reason": "home",
}


def _away_within(period: pd.DataFrame, earlier: pd.DataFrame, most: pd.Timedelta) -> pd.Series:
    """Periods away from home that start, without overlap, within ``most`` of the end of another."""
    both_away = (period["kind"] == "away") & (earlier["kind"] == "away") & (period["start_date"] >= earlier["last_end"])
    return both_away & (period["start_date"] - earlier["last_end"] <= most)


@rule(
    "P10",
    table="period",
    fields=["child_id", "start_date", "end_date"],
    severity="warning",
    says="The period away from home starts within seven days of the end of an earlier one: probably one period.",
    remedy="Join the two where the child only moved placement; they count as two waits until then.",
    broken=[ENDED_AWAY, {"child_id": "1", "kind": "away", "start_date": "2014-06-08"}],
    mended=[
        ENDED_AWAY,
        {"child_id": "1", "kind": "away", "start_date": "2014-06-09", "end_date": "2014-07-01"},
        {"child_id": "1", "kind": "home", "start_date": "2014-07-02"},
    ],
)
def gap_of_days(period: pd.DataFrame, earlier: pd.DataFrame) -> pd.Series:
    return _away_within(period, earlier, GAP)


@rule(
    "P11",
    table="period",
    fields=["child_id", "start_date", "end_date"],
    severity="warning",
    says="The child came back into care away from home between 8 and 28 days after an earlier period ended.",
    remedy="Right where a return home failed; where the earlier period was closed by mistake, open it again.",
    broken=[ENDED_AWAY, {"child_id": "1", "kind": "away", "start_date": "2014-06-29"}],
    mended=[ENDED_AWAY, {"child_id": "1", "kind": "away", "start_date": "2014-06-30"}],
)
def reopened(period: pd.DataFrame, earlier: pd.DataFrame) -> pd.Series:
    return _away_within(period, earlier, SOON) & ~_away_within(period, earlier, GAP)


@rule(
    "P12",
    table="period",
    fields=["child_id", "start_date", "start_reason"],
    severity="warning",
    says="The period is said to follow supervision at home, and no such period of the child ended in the month before.",
    remedy="Add or correct the period of supervision at home, or correct how this period began.",
    broken=[
        {"child_id": "2", "kind": "home", "start_date": "2014-01-01", "end_date": "2014-05-31"},
        {"child_id": "1", "kind": "away", "start_date": "2014-06-01", "start_reason": "from_home_supervision"},
    ],
    mended=[
        {"child_id": "1", "kind": "home", "start_date": "2014-01-01", "end_date": "2014-05-31"},
        {"child_id": "1", "kind": "away", "start_date": "2014-06-01", "start_reason": "from_home_supervision"},
        {"child_id": "2", "kind": "away", "start_date": "2014-06-01", "start_reason": "new"},
    ],
)
def from_elsewhere(period: pd.DataFrame, earlier: pd.DataFrame, extract: Extract) -> pd.Series:
    if not (period["kind"] == "home").any():  # an extract of care away from home alone
        return pd.Series(False, index=period.index)
    from_home = (earlier["kind"] == "home") & (period["start_date"] - earlier["last_end"] <= HANDOVER)
    held = extract.covers_from is None or period["start_date"] > pd.Timestamp(extract.covers_from)
    return held & (period["start_reason"] == "from_home_supervision") & ~from_home


@rule(
    "P13",
    table="period",
    fields=["child_id", "start_date", "end_reason"],
    severity="error",
    says="The child has an earlier period that ended because the child died.",
    remedy="Correct the reason that period ended, or the child this one belongs to.",
    broken=[ENDED_AWAY | {"end_reason": "died"}, {"child_id": "1", "kind": "home", "start_date": "2014-09-01"}],
    mended=[ENDED_AWAY | {"end_reason": "died"}, {"child_id": "2", "kind": "home", "start_date": "2014-09-01"}],
)
def after_death(period: pd.DataFrame) -> pd.Series:
    death = period["end_date"].where(period["end_reason"] == "died").groupby(period["child_id"]).transform("min")
    return (period["start_date"] >= death) & (period["end_reason"] != "died")


@rule(
    "P14",
    table="period",
    fields=["child_id", "start_date", "end_reason"],
    severity="warning",
    says="The child's period of care before this one ended with adoption.",
    remedy="Check that the adoption belongs to this child; right where an adopted child came back into care.",
    broken=[ENDED_AWAY | {"end_reason": "adopted"}, {"child_id": "1", "kind": "away", "start_date": "2015-01-01"}],
    mended=[ENDED_AWAY, {"child_id": "1", "kind": "away", "start_date": "2015-01-01"}],
)
def after_adoption(earlier: pd.DataFrame) -> pd.Series:
    return earlier["end_reason"] == "adopted"


@rule(
    "P15",
    table="period",
    fields=["start_date", "end_date"],
    severity="warning",
    says="The period of care starts and ends on the same day.",
    remedy="Check both dates; remove the period where the child was never looked after.",
    broken=[{"child_id": "1", "kind": "away", "start_date": "2015-03-01", "end_date": "2015-03-01"}],
    mended=[
        {"child_id": "1", "kind": "away", "start_date": "2015-03-01", "end_date": "2015-03-02"},
        {"child_id": "1", "kind": "short_break", "start_date": "2015-03-10", "end_date": "2015-03-10"},
    ],
)
def lasts_no_night(period: pd.DataFrame) -> pd.Series:
    return (period["start_date"] == period["end_date"]) & (period["kind"] != "short_break")


@rule(
    "P16",
    table="period",
    fields=["kind", "start_date", "end_date"],
    severity="warning",
    says="The series of short breaks lasts more than two years.",
    remedy="Check whether the child has come to live away from home, which counts, or the series ended unrecorded.",
    broken=[{"kind": "short_break", "start_date": "2013-09-29"}],
    mended=[
        {"kind": "short_break", "start_date": "2013-09-30"},
        {"kind": "short_break", "start_date": "2010-01-01", "end_date": "2012-01-01"},
        {"kind": "away", "start_date": "2010-01-01"},
    ],
)
def long_short_break(period: pd.DataFrame, extract: Extract) -> pd.Series:
    until = period["end_date"].fillna(pd.Timestamp(extract.as_at))
    return (period["kind"] == "short_break") & (until > period["start_date"] + LONG_SERIES)


@rule(
    "P17",
    table="period",
    fields=["start_date", "end_date"],
    severity="warning",
    says="The period has continued for more than ten years.",
    remedy="Check that it has not ended unrecorded; right for a child who grows up in care.",
    broken=[{"kind": "away", "start_date": "2005-09-29"}],
    mended=[{"kind": "away", "start_date": "2005-09-30"}],
)
def open_for_years(period: pd.DataFrame, extract: Extract) -> pd.Series:
    return period["end_date"].isna() & (period["start_date"] + LONG_STAY < pd.Timestamp(extract.as_at))
