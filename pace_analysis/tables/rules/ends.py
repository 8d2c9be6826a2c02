"""Rules for how a period of care ended, beside the milestones recorded in it: P18 to P20, and M29."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pace_analysis.tables.rules.registry import rule
from pace_analysis.tables.rules.steps import Steps
from pace_analysis.tables.schema import Extract

AFTER_ORDER = pd.Timedelta(days=31)
UNKNOWN_SHARE = 0.05  # of ended periods; national administrative data have between 2% and 9%
OTHER_ORDER = {"period_id": "x", "milestone": "order_granted", "date": "2015-01-01"}


def _ended(period: str, reason: str) -> dict[str, str]:
    """One row of an example."""
    return {"period_id": period, "end_date": "2015-03-01", "end_reason": reason}


def _ended_without(name: str, period: pd.DataFrame, steps: Steps) -> pd.Series:
    """Periods that ended without milestone ``name``, where the extract records that at all."""
    return period["end_date"].notna() & steps.recorded(name) & np.isnat(steps.first_in_period(name))


@rule(
    "P18",
    table="period",
    fields=["end_date", "end_reason"],
    severity="warning",
    says="The period ended with an adoption or kinship order, and no final order is recorded.",
    remedy="Add the day the order was granted to the milestones.",
    broken=[_ended("a", "adopted")],
    mended=[_ended("b", "adopted"), _ended("c", "home")],
    given={"milestone": [OTHER_ORDER, {"period_id": "b", "milestone": "order_granted", "date": "2015-03-01"}]},
)
def ended_without_order(period: pd.DataFrame, steps: Steps) -> pd.Series:
    return period["end_reason"].isin(["adopted", "kinship_order"]) & _ended_without("order_granted", period, steps)


@rule(
    "P19",
    table="period",
    fields=["end_date", "end_reason"],
    severity="warning",
    says="The period ended with adoption, and no day is recorded on which the child was placed.",
    remedy="Add the day the child went to live with the adoptive family to the milestones.",
    broken=[_ended("a", "adopted")],
    mended=[_ended("b", "adopted"), _ended("c", "kinship_order")],
    given={"milestone": [{"period_id": "b", "milestone": "placed", "date": "2015-03-01"}]},
    also="903 rule 390",
)
def adopted_without_placement(period: pd.DataFrame, steps: Steps) -> pd.Series:
    return (period["end_reason"] == "adopted") & _ended_without("placed", period, steps)


@rule(
    "M29",
    table="milestone",
    fields=["milestone", "date", "route"],
    severity="warning",
    says="An adoption order was granted, and the period continues more than a month after it.",
    remedy="Add or correct the end of the period; an adopted child is no longer looked after.",
    broken=[{"period_id": "a", "milestone": "order_granted", "date": "2015-08-29", "route": "adoption"}],
    mended=[
        {"period_id": "a", "milestone": "order_granted", "date": "2015-08-30", "route": "adoption"},
        {"period_id": "a", "milestone": "order_granted", "date": "2015-01-01", "route": "permanence_order"},
    ],
    given={"period": [{"period_id": "a", "start_date": "2014-01-01"}]},
)
def open_after_adoption(
    milestone: pd.DataFrame, period_end: pd.Series, period_start: pd.Series, extract: Extract
) -> pd.Series:
    until = period_end.fillna(pd.Timestamp(extract.as_at)).where(period_start.notna())
    adopted = (milestone["milestone"] == "order_granted") & (milestone["route"] == "adoption")
    return adopted & (until > milestone["date"] + AFTER_ORDER)


@rule(
    "P20",
    table="period",
    fields=["end_reason"],
    severity="warning",
    says="The destination is not known, and that is so for more than one in twenty of the periods that ended.",
    remedy="Find out where the children went; so many unknown ends can move every share of how waits end.",
    broken=[{"end_date": "2015-03-01", "end_reason": "home"}] * 18
    + [{"end_date": "2015-03-01", "end_reason": "not_known"}],
    mended=[{"end_date": "2015-03-01", "end_reason": "home"}] * 19
    + [{"end_date": "2015-03-01", "end_reason": "not_known"}],
)
def destination_not_known(period: pd.DataFrame) -> pd.Series:
    ended = period["end_date"].notna()
    unknown = ended & (period["end_reason"] == "not_known")
    return unknown & (unknown.sum() > UNKNOWN_SHARE * ended.sum())
