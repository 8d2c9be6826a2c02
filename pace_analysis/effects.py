"""Did a change help? Three ways to ask, each exact and for the authority's own eyes.

Exposure: each child's days before and after the change, compared at equal days of waiting (Cox's regression). Before
and after: the period life table of equal spans. Series: a step in the rates beyond their slope.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import erfc, log, sqrt
from types import MappingProxyType

import numpy as np
import pandas as pd

from pace_analysis.care import FollowUp
from pace_analysis.errors import UsageError
from pace_analysis.survival import cox, interrupted_series, life_table, proportional_hazards, share_by, split_at

DECISIONS_AT_LEAST = 5  # on either side of a change
Z = 1.959964
READINGS = MappingProxyType({
    "faster": "faster after the change",
    "slower": "slower after the change",
    "cannot tell": "a difference that may be chance",
})


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

    @property
    def p_value(self) -> float:
        """Two-sided, of the normal test that the interval inverts."""
        scale = log if self.nothing else float
        error = (scale(self.upper) - scale(self.lower)) / (2 * Z)
        return erfc(abs(scale(self.estimate) - scale(self.nothing)) / error / sqrt(2)) if error else 1.0

    def words(self, title: str) -> str:
        """Say what happened after the change called ``title``: faster or slower only when the interval says so."""
        if self.nothing:
            foreseen = " that the quarters before led to expect" if self.method == "series" else ""
            said = f"decisions came at {self.estimate:.2f} times the rate{foreseen}"
            interval = f"{self.lower:.2f} to {self.upper:.2f}"
        else:
            said = f"the share decided in time moved by {100 * self.estimate:+.0f} points"
            interval = f"{100 * self.lower:+.0f} to {100 * self.upper:+.0f}"
        counts = f"from {self.decisions_before} decisions before and {self.decisions_after} after"
        reading = READINGS[self.reading]
        return f"{title}: {said} (95% interval {interval}), {counts}: {reading}. {self.note}".rstrip()


@dataclass(frozen=True, slots=True)
class TooFew:
    """In the place of an effect: fewer than five decisions on one side, as when a change lies outside the waits.

    Of an exposure, only decisions on days of waiting that were seen on both sides count.
    """

    decisions_before: int
    decisions_after: int

    def words(self, title: str) -> str:
        """Say why the change called ``title`` is not judged."""
        counts = f"{self.decisions_before} decisions before the change and {self.decisions_after} after"
        least = f"It takes at least {DECISIONS_AT_LEAST} on either side."
        return f"{title}: not judged, from {counts} that compare. {least}"


def waits_of(follow: FollowUp) -> pd.DataFrame:
    """Waits with outcome 1 for the finish and 2 for leaving without it, as the effects take them."""
    outcome = np.select([follow.decided, follow.frame["outcome"] > 0], [1, 2], 0)
    return follow.frame[["started", "first_day", "last_day"]].assign(outcome=outcome)


def exposure_effect(
    waits: pd.DataFrame, began: date, *, strata: tuple[str, ...] = (), outcome: int = 1
) -> Effect | TooFew:
    """Hazard ratio after against before a change, at equal days of waiting.

    Parameters
    ----------
    waits : DataFrame
        As :func:`waits_of` returns them, one row a wait.
    began : date, or Series of dates by the index of ``waits``
        First day of the change, of all or of each child's authority.
    strata : tuple of str
        Columns of ``waits`` within whose combinations days are compared, such as the authority.
    outcome : int
        Exit whose rate is compared; others are taken as censoring.

    Raises
    ------
    SurvivalInputError
        For waits that cannot be counted.
    """
    rows = split_at(waits, began)
    parts = rows.groupby(list(strata), observed=True) if strata else [((), rows)]
    compared = sum((_compared(part, outcome) for _, part in parts), np.zeros(2, np.int64))
    if compared.min() < DECISIONS_AT_LEAST:
        return TooFew(*map(int, compared))
    before, after = (int(((rows["outcome"] == outcome) & (rows["exposed"] == side)).sum()) for side in (0, 1))
    model = cox(rows.reset_index(drop=True), ["exposed"], outcome=outcome, strata=strata)
    ratio, lower, upper = (float(model.coefficients[name].iloc[0]) for name in ("hazard_ratio", "lower", "upper"))
    changes = proportional_hazards(model)["p_value"].iloc[-1] < 0.05
    note = "The ratio changes with the days waited: read it as an average." if changes else ""
    return Effect("exposure", ratio, lower, upper, 1.0, before, after, len(waits), note)


def before_after(follow: FollowUp, began: date, *, day: int, span_days: int) -> Effect | TooFew:
    """Difference of the share decided by ``day`` between spans of equal length after and before a change.

    Raises
    ------
    UsageError
        If a span reaches beyond the data, or is not a day long.
    SurvivalInputError
        If nobody is followed to ``day`` in a span.
    """
    first, last = began - timedelta(days=span_days), began + timedelta(days=span_days - 1)
    _check_spans(follow, first, last)
    parts = [follow.during(first, began - timedelta(days=1)), follow.during(began, last)]
    counted = [int(part.up_to(day).decided.sum()) for part in parts]
    if min(counted) < DECISIONS_AT_LEAST:
        return TooFew(*counted)
    shares = [_share(waits_of(part), day) for part in parts]
    change = float(shares[1]["estimate"] - shares[0]["estimate"])
    reach = Z * sqrt(sum(share["std_error"] ** 2 for share in shares))
    children = sum(len(part.frame) for part in parts)
    return Effect("before and after", change, change - reach, change + reach, 0.0, *counted, children)


def series_effect(waits: pd.DataFrame, began: date, *, quarters: int | None = None, outcome: int = 1) -> Effect:
    """Ratio of the rate just after a change to that foreseen from the slope before it.

    SurvivalInputError as :func:`interrupted_series`, which also says what ``quarters`` is.
    """
    told = interrupted_series(waits, began, quarters=quarters, outcome=outcome)
    before = told.exits - told.exits_after
    return Effect("series", told.step, told.lower, told.upper, 1.0, before, told.exits_after, len(waits))


def _compared(rows: pd.DataFrame, outcome: int) -> np.ndarray:
    """Decisions before and after, on days of waiting on which children of both sides are seen: others tell nothing."""
    if rows["exposed"].nunique() < 2:
        return np.zeros(2, np.int64)
    table = life_table(rows["last_day"].to_numpy(), rows["outcome"].to_numpy(), first_day=rows["first_day"].to_numpy(),
                       group=rows["exposed"].to_numpy(), n_outcomes=max(outcome, int(rows["outcome"].max())))
    return (table.exits[:, outcome] * (table.at_risk > 0).all(axis=0)).sum(axis=1)


def _check_spans(follow: FollowUp, first: date, last: date) -> None:
    span = f"{(last - first).days // 2 + 1} days"
    if last <= first:
        raise UsageError("The spans before and after a change are not a day long.", remedy="Write `span_days=364`.")
    if last > follow.as_at:
        raise UsageError(f"{span} after the change reach beyond the data, which end on {follow.as_at}.",
                         remedy="Choose a shorter span.")
    frame = follow.frame
    opens = (frame["started"] + pd.to_timedelta(frame["first_day"], unit="D")).min()
    if pd.Timestamp(first) < opens:
        raise UsageError(f"{span} before the change reach back beyond the data, which begin on {opens.date()}.",
                         remedy="Choose a shorter span.")


def _share(waits: pd.DataFrame, day: int) -> pd.Series:
    last, outcome, first = (waits[name].to_numpy() for name in ("last_day", "outcome", "first_day"))
    return share_by(life_table(last, outcome, first_day=first, n_outcomes=2), day, outcome=1).iloc[0]
