"""Did a change help? Three ways to ask, each exact and for the authority's own eyes.

Exposure: each child's days before and after the change, compared at equal days of waiting (Cox's regression). Before and
after: the period life table of equal spans. Series: a step in the rates beyond their slope.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

import numpy as np
import pandas as pd

from pace_analysis.care import FollowUp
from pace_analysis.errors import UsageError
from pace_analysis.survival import cox, interrupted_series, life_table, proportional_hazards, share_by, split_at

DECISIONS_AT_LEAST = 5  # on either side of a change
Z = 1.959964


@dataclass(frozen=True, slots=True)
class Effect:
    """What happened after a change.

    Attributes
    ----------
    method : str
        ``exposure``, ``before and after`` or ``series``.
    estimate, lower, upper : float
        Hazard ratio, difference of shares, or ratio of rates, with a 95% interval.
    nothing : float
        Value that means no difference: 1 of a ratio, 0 of a difference.
    decisions_before, decisions_after, children : int
    note : str
        Empty, or what to keep in mind.
    """

    method: str
    estimate: float
    lower: float
    upper: float
    nothing: float
    decisions_before: int
    decisions_after: int
    children: int
    note: str = ""

    @property
    def reading(self) -> str:
        """``faster``, ``slower`` or ``cannot tell``: never more than the interval allows."""
        if self.lower > self.nothing:
            return "faster"
        return "slower" if self.upper < self.nothing else "cannot tell"


@dataclass(frozen=True, slots=True)
class TooFew:
    """In the place of an effect: fewer than five decisions on one side."""

    decisions_before: int
    decisions_after: int


def waits_of(follow: FollowUp) -> pd.DataFrame:
    """Waits with outcome 1 for the finish and 2 for leaving without it, as the effects take them."""
    outcome = np.select([follow.decided, follow.frame["outcome"] > 0], [1, 2], 0)
    return follow.frame[["started", "first_day", "last_day"]].assign(outcome=outcome)


def exposure_effect(waits: pd.DataFrame, began: date, *, strata: tuple[str, ...] = (), outcome: int = 1) -> Effect | TooFew:
    """Hazard ratio after against before a change, at equal days of waiting; strata are columns of ``waits``."""
    rows = split_at(waits, began)
    counted = (rows["outcome"] == outcome).groupby(rows["exposed"]).sum().reindex([0, 1], fill_value=0)
    before, after = (int(number) for number in counted)
    if min(before, after) < DECISIONS_AT_LEAST:
        return TooFew(before, after)
    model = cox(rows.reset_index(drop=True), ["exposed"], outcome=outcome, strata=strata)
    row = model.coefficients.iloc[0]
    changes = proportional_hazards(model)["p_value"].iloc[-1] < 0.05
    note = "The ratio changes with the days waited: read it as an average." if changes else ""
    return Effect("exposure", row["hazard_ratio"], row["lower"], row["upper"], 1.0, before, after, len(waits), note)


def before_after(follow: FollowUp, began: date, *, day: int, span_days: int) -> Effect | TooFew:
    """Difference of the share decided by ``day`` between spans of equal length after and before a change.

    UsageError if the span reaches beyond the data.
    """
    last = began + timedelta(days=span_days - 1)
    if last > follow.as_at or span_days < 1:
        raise UsageError(f"{span_days} days after the change reach beyond the data, which end on {follow.as_at}.",
                         remedy="Choose a shorter span.")
    parts = [follow.during(began - timedelta(days=span_days), began - timedelta(days=1)), follow.during(began, last)]
    counted = [int(part.decided.sum()) for part in parts]
    if min(counted) < DECISIONS_AT_LEAST:
        return TooFew(*counted)
    shares = [_share(waits_of(part), day) for part in parts]
    change = shares[1]["estimate"] - shares[0]["estimate"]
    error = sqrt(sum(share["std_error"] ** 2 for share in shares))
    return Effect("before and after", change, change - Z * error, change + Z * error, 0.0, *counted, sum(len(part.frame) for part in parts))


def series_effect(waits: pd.DataFrame, began: date, *, outcome: int = 1) -> Effect:
    """Ratio of the rate just after a change to that foreseen from the slope before it."""
    told = interrupted_series(waits, began, outcome=outcome)
    ended = waits["started"] + pd.to_timedelta(waits["last_day"], unit="D")
    after = int(((waits["outcome"] == outcome) & (ended >= pd.Timestamp(began))).sum())
    return Effect("series", told.step, told.lower, told.upper, 1.0, told.exits - after, after, len(waits))


def _share(waits: pd.DataFrame, day: int) -> pd.Series:
    table = life_table(waits["last_day"].to_numpy(), waits["outcome"].to_numpy(), first_day=waits["first_day"].to_numpy(), n_outcomes=2)
    return share_by(table, day, outcome=1).iloc[0]
