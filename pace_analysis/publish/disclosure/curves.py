"""Curves, period shares and results of models on their way through the gate."""

from __future__ import annotations

from collections.abc import Sequence

from pace_analysis.publish import estimates, grouping
from pace_analysis.publish.disclosure.marks import Refused, mark, refused
from pace_analysis.publish.earlier import NOTHING, Earlier, Key
from pace_analysis.publish.keys import bins_before
from pace_analysis.publish.profiles import PUBLIC, Profile
from pace_analysis.publish.refusals import days_of, never
from pace_analysis.publish.released import ReleasedCurve, ReleasedEstimate, ReleasedPeriodShare
from pace_analysis.survival import LifeTable

GRID_DAYS = 14
SIX_MONTHS = 182  # 26 weeks, an edge of the grid


def release_curve(
    table: LifeTable,
    *,
    anchor_day: int = SIX_MONTHS,
    grid: int = GRID_DAYS,
    profile: Profile = PUBLIC,
    what: str,
    labels: Sequence[str],
    stops: Sequence[int] = (),
    key: Key = (),
    earlier: Earlier = NOTHING,
) -> ReleasedCurve | Refused:
    """Group a life table into safe bins and work out its curve from them; see :mod:`pace_analysis.publish.grouping`.

    Parameters
    ----------
    table : LifeTable
        One group, from day 0. The fewer the outcomes, the finer the bins: pool them before counting.
    anchor_day, grid : int
        Day that must be an edge of the bins, and days between edges.
    what, labels
        Whose waits, in the plural, such as ``children accommodated in 2013/14``; names of the outcomes.
    stops : sequence of int, optional
        Later days up to which the whole cohort may have been followed; each stretch is then grouped by itself.
    key, earlier
        What was released of this curve is shown as released, and goes on with stretches that are new. A correction
        (``earlier.revise``) is shown only where it moves no child, or many, across an edge.

    Returns
    -------
    ReleasedCurve or Refused
        ``too-few-children``; ``not-followed`` to the anchor; ``cannot-be-grouped`` with the anchor as an edge.

    Raises
    ------
    DisclosureRefused
        If the table has several groups, does not start at day 0, or the labels do not fit its outcomes.
    """
    made, days = mark(profile, key), days_of(table, what)
    if len(labels) != table.outcomes:
        never(f"The life table counts {table.outcomes} outcomes, and {len(labels)} labels were given.", where=what)
    n, said = int(days["entered"].sum()), earlier.below(key) if key and profile.protects else {}
    bins = grouping.curve_bins_or_code(days, n, anchor_day, grid, profile, stops)
    before = bins_before(said, len(labels))
    if before is not None:
        moved = isinstance(bins, str) or before.differs_little(bins, profile.threshold)
        if key[0] not in earlier.revise or moved:
            bins, n = before if isinstance(bins, str) else before.then(bins), said["n",]
    if isinstance(bins, str):
        return refused(bins, what, least=profile.minimum_curve, day=anchor_day)
    advice = "Few children: two years together would give a finer curve." if n < profile.pooling_advised else ""
    return ReleasedCurve(what=what, labels=tuple(labels), n=n, anchor_day=anchor_day, advice=advice,
                         _points=estimates.curve_points(bins), **made)


def release_period_share(
    table: LifeTable, *, day: int = SIX_MONTHS, outcome: int = 1, what: str, profile: Profile = PUBLIC,
    key: Key = (), earlier: Earlier = NOTHING,
) -> ReleasedPeriodShare | Refused:
    """Share who would leave by an outcome within ``day`` days if the rates of one period held.

    Parameters
    ----------
    table : LifeTable
        Everybody waiting in the period: late entry at its first day, censored at its last.
    day, outcome, what
        Days within which, which exit, from 1, and whose waits, in the plural.
    key, earlier
        A share released before is shown as it was.

    Returns
    -------
    ReleasedPeriodShare or Refused
        ``too-few-children``, ``not-followed`` to the day, ``too-few-exits``.

    Raises
    ------
    DisclosureRefused
        If the table has several groups, does not start at day 0, or has no such outcome.
    """
    made, days = mark(profile, key), days_of(table, what)
    if outcome not in range(1, table.outcomes + 1):
        never(f"The life table counts outcomes 1 to {table.outcomes}, not {outcome}.", where=what)
    said = earlier.kept(key) if key and profile.protects else {}
    if said:
        return ReleasedPeriodShare(
            what=what, day=day, decisions=said["decisions",], percent=said["percent",],
            lower=said["lower",] / 100, upper=said["upper",] / 100, **made)
    bins = grouping.period_bins_or_code(days, day, GRID_DAYS, outcome, profile)
    if isinstance(bins, str):
        return refused(bins, what, least=profile.minimum_curve, day=day)
    percent, lower, upper = estimates.period_percent(bins)
    return ReleasedPeriodShare(what=what, day=day, decisions=round(bins.events.sum()),
                               percent=percent, lower=lower, upper=upper, **made)


def release_estimate(
    value: float, lower: float, upper: float, *, step: float, children: int, exits: int, what: str, profile: Profile = PUBLIC,
    key: Key = (), earlier: Earlier = NOTHING,
) -> ReleasedEstimate | Refused:
    """Let the result of a model of many children out, in whole steps, the interval outwards.

    Parameters
    ----------
    value, lower, upper, step : float
        The estimate, the limits of its 95% interval, and what all three are rounded to.
    children, exits : int
        Children that the model rests on, and the fewest exits of any part of it: too few are refused.
    """
    made = mark(profile, key)
    said = earlier.kept(key) if key and profile.protects else {}
    if said:
        shown = {name: round(value * step, 10) for (name,), value in said.items()}
        return ReleasedEstimate(what=what, step=step, **shown, **made)
    if children < profile.pooling_advised:
        return refused("too-few-children", what, least=profile.pooling_advised)
    if profile.protects and grouping.is_few(exits, profile):
        return refused("too-few-exits", what)
    return ReleasedEstimate(what=what, step=step, **estimates.in_steps(value, lower, upper, step), **made)
