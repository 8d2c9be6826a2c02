"""The gate: the only code that may call a result PUBLISHED.

Order: count, protect the counts, derive every percentage, curve, interval and median from the protected counts. What
is not yet safe is refused. A refusal that depends on the data is a value, :class:`Refused`, with a sentence to print
in the place of the result; asking for what is never allowed raises :class:`DisclosureRefused`.

Codes and sentences of refusals: :mod:`pace_analysis.publish.refusals`.

Not done here: comparing with earlier releases. Release closed cohorts only, and no sub-group beside its whole.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from pace_analysis.errors import nearest
from pace_analysis.publish import binomial, estimates, grouping, tabulate
from pace_analysis.publish.profiles import PROFILES, PUBLIC, Profile
from pace_analysis.publish.refusals import days_of, never, sentence
from pace_analysis.publish.released import (
    SEAL,
    Release,
    Released,
    ReleasedCount,
    ReleasedCurve,
    ReleasedEstimate,
    ReleasedPeriodShare,
    ReleasedRegister,
    ReleasedShare,
    ReleasedTable,
    ReleasedVerdict,
)
from pace_analysis.publish.rounding import nearest_shown
from pace_analysis.survival import LifeTable
from pace_analysis.tables.schema import TABLES

GRID_DAYS = 14
SIX_MONTHS = 182  # 26 weeks, an edge of the grid


@dataclass(frozen=True, slots=True)
class Refused:
    """A result that is not shown: a code, and a sentence for the reader of a board paper.

    Other floors may make one too, for a result that there was nothing to count for.
    """

    code: str
    sentence: str

    @property
    def release(self) -> Release:
        """A refusal says nothing of any child, so it may always be printed."""
        return Release.PUBLISHED


RESULTS = (*Released.__subclasses__(), Refused)


def publishable(thing: Any, *, internal: bool = False) -> Any:
    """Return ``thing`` if the gate made it; DisclosureRefused otherwise, and for INTERNAL unless ``internal``."""
    if type(thing) not in RESULTS:
        never(f"A {type(thing).__name__} has not passed the disclosure gate.",
               remedy="Give the counts to pace_analysis.publish.disclosure first.")
    if thing.release == Release.INTERNAL and not internal:
        never("This result is INTERNAL: its numbers are not protected.", remedy="Use the profile 'public'.")
    return thing


def release_count(n: int, *, what: str, profile: Profile = PUBLIC) -> ReleasedCount:
    """Protect one count, such as ``what="children waiting"``: the nearest number that may be shown."""
    mark = _mark(profile)
    if n != int(n) or n < 0:
        never("A count is a whole number of 0 or more.", where=what)
    shown = nearest_shown(int(n), base=profile.base, first_step=profile.first_step)
    return ReleasedCount(what=what, count=shown, **mark)


def release_table(
    counts: pd.DataFrame,
    *,
    title: str,
    profile: Profile = PUBLIC,
    row_groups: Mapping[Hashable, Sequence[Hashable]] | None = None,
    column_groups: Mapping[Hashable, Sequence[Hashable]] | None = None,
    known: pd.DataFrame | None = None,
) -> ReleasedTable | Refused:
    """Protect a table of counts by controlled rounding; see :mod:`pace_analysis.publish.rounding`.

    Parameters
    ----------
    counts : DataFrame of whole numbers
        Exact counts of children, rows by columns, without totals.
    row_groups, column_groups : mapping, optional
        Subtotals to show: label to the labels it sums.
    known : DataFrame, optional
        Figures already public, labelled like ``counts``, missing where there is none. They are shown as published;
        the rest is protected as a table of its own, and totals add both.

    Returns
    -------
    ReleasedTable or Refused
        ``differs-from-published`` or ``cannot-be-rounded``.

    Raises
    ------
    DisclosureRefused
        If the counts are not whole numbers, a label is used twice, or a group or known figure names no label.
    """
    mark = _mark(profile)
    layout = tabulate.layout(counts, row_groups or {}, column_groups or {})
    exact, public = counts.to_numpy(np.int64), tabulate.aligned(known, counts)
    is_known = np.isfinite(public)
    if (is_known & (public != exact)).any():
        return _refused("differs-from-published", title)
    shown = tabulate.protect(exact, is_known, layout, profile)
    if shown is None:
        return _refused("cannot-be-rounded", title)
    cells, known_cells = tabulate.with_margins(shown, is_known, layout)
    return ReleasedTable(title=title, rows=layout.rows, columns=layout.columns, column_groups=layout.column_groups,
                         _cells=cells, _known=known_cells, **mark)


def release_share(
    numerator: int, denominator: int, *, what: str, profile: Profile = PUBLIC, target: bool = False
) -> ReleasedShare | Refused:
    """Protect a pair of counts and work out their share; see :func:`share_from`.
    DisclosureRefused if the numerator is not part of it.
    """
    if not 0 <= numerator <= denominator:
        never("The numerator of a share must be part of its denominator.", where=what)
    pair = pd.DataFrame([[numerator, denominator - numerator]], columns=["yes", "no"])
    table = release_table(pair, title=what, profile=profile)
    return table if isinstance(table, Refused) else share_from(table, 0, ["yes"], what=what, target=target)


def share_from(
    table: ReleasedTable, row: Hashable, numerator_columns: Sequence[Hashable], *, what: str, target: bool = False
) -> ReleasedShare | Refused:
    """Work out the share of a row that is in some columns, from the table's protected counts alone.

    Returns
    -------
    ReleasedShare or Refused
        ``too-few-children`` below the profile's denominator (a larger one if ``target``), as released; ``one-group``
        when the protected share is 0% or 100%, so that neither a percentage nor its refusal tells more than the pair.

    Raises UsageError if the table has no such row or column, DisclosureRefused if one would be counted twice.
    """
    members = [part for column in numerator_columns for part in table.column_groups.get(column, (column,))]
    if len(set(members)) < len(members):
        never("A column would be counted twice in the numerator of a share.", where=what)
    numerator = sum(table.cell(row, column) for column in numerator_columns)
    denominator = table.cell(row, table.total)
    least = table.profile.minimum_target if target else table.profile.minimum_denominator
    if denominator < least:
        return _refused("too-few-children", what, least=least)
    if table.profile.protects and numerator in (0, denominator):
        return _refused("one-group", what)
    return ReleasedShare(what=what, numerator=numerator, denominator=denominator, **_mark(table.profile))


def release_verdict(
    numerator: int, denominator: int, target: Fraction, *, what: str, profile: Profile = PUBLIC
) -> ReleasedVerdict | Refused:
    """Judge a share against a target on the exact counts, and let only the judgement out; ``too-few-children`` to judge."""
    least = profile.pooling_advised
    if denominator < max(1, least):
        return _refused("too-few-children", what, least=least)
    return ReleasedVerdict(what=what, target=target, verdict=binomial.verdict(numerator, denominator, target),
                           reaches=Fraction(numerator, denominator) >= target, **_mark(profile))


def release_curve(
    table: LifeTable,
    *,
    anchor_day: int = SIX_MONTHS,
    grid: int = GRID_DAYS,
    profile: Profile = PUBLIC,
    what: str,
    labels: Sequence[str],
    stops: Sequence[int] = (),
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

    Returns
    -------
    ReleasedCurve or Refused
        ``too-few-children``; ``not-followed`` to the anchor; ``cannot-be-grouped`` with the anchor as an edge;
        ``one-group`` when everybody left by one outcome.

    Raises
    ------
    DisclosureRefused
        If the table has several groups, does not start at day 0, or the labels do not fit its outcomes.
    """
    mark, days = _mark(profile), days_of(table, what)
    if len(labels) != table.outcomes:
        never(f"The life table counts {table.outcomes} outcomes, and {len(labels)} labels were given.", where=what)
    n = int(days["entered"].sum())
    bins = grouping.curve_bins_or_code(days, n, anchor_day, grid, profile, stops)
    if isinstance(bins, str):
        return _refused(bins, what, least=profile.minimum_curve, day=anchor_day)
    advice = "Few children: two years together would give a finer curve." if n < profile.pooling_advised else ""
    return ReleasedCurve(what=what, labels=tuple(labels), n=n, anchor_day=anchor_day, advice=advice,
                         _points=estimates.curve_points(bins), **mark)


def release_period_share(
    table: LifeTable, *, day: int = SIX_MONTHS, outcome: int = 1, what: str, profile: Profile = PUBLIC
) -> ReleasedPeriodShare | Refused:
    """Share who would leave by an outcome within ``day`` days if the rates of one period held.

    Parameters
    ----------
    table : LifeTable
        Everybody waiting in the period: late entry at its first day, censored at its last.
    day, outcome, what
        Days within which, which exit, from 1, and whose waits, in the plural.

    Returns
    -------
    ReleasedPeriodShare or Refused
        ``too-few-children``, ``not-followed`` to the day, ``too-few-exits``.

    Raises
    ------
    DisclosureRefused
        If the table has several groups, does not start at day 0, or has no such outcome.
    """
    mark, days = _mark(profile), days_of(table, what)
    if outcome not in range(1, table.outcomes + 1):
        never(f"The life table counts outcomes 1 to {table.outcomes}, not {outcome}.", where=what)
    bins = grouping.period_bins_or_code(days, day, GRID_DAYS, outcome, profile)
    if isinstance(bins, str):
        least = max(1, profile.threshold) if bins == "too-few-exits" else profile.minimum_curve
        return _refused(bins, what, least=least, day=day)
    percent, lower, upper = estimates.period_percent(bins)
    return ReleasedPeriodShare(what=what, day=day, decisions=round(bins.events.sum()), child_days=int(bins.child_days.sum()),
                               percent=percent, lower=lower, upper=upper, **mark)


def release_estimate(
    value: float, lower: float, upper: float, *, step: float, children: int, exits: int, what: str, profile: Profile = PUBLIC
) -> ReleasedEstimate | Refused:
    """Let the result of a model of many children out, in whole steps, the interval outwards.

    Parameters
    ----------
    value, lower, upper, step : float
        The estimate, the limits of its 95% interval, and what all three are rounded to.
    children, exits : int
        Children that the model rests on, and the fewest exits of any part of it: too few are refused.
    """
    mark = _mark(profile)
    if children < profile.pooling_advised:
        return _refused("too-few-children", what, least=profile.pooling_advised)
    if exits < profile.first_step:
        return _refused("too-few-exits", what, least=profile.first_step)
    return ReleasedEstimate(what=what, step=step, **estimates.in_steps(value, lower, upper, step), **mark)


def release_register(frame: pd.DataFrame, *, title: str, profile: Profile = PUBLIC) -> ReleasedRegister:
    """Pass a register of tests of change, which holds no child; DisclosureRefused for any other column."""
    allowed = {column.name for column in TABLES["change"]}
    strange = [str(name) for name in frame.columns if name not in allowed]
    if strange:
        never(f"A register of changes has no column '{strange[0]}'.", where=title, remedy=nearest(strange[0], allowed))
    return ReleasedRegister(title=title, _frame=frame.copy(), **_mark(profile))


def _mark(profile: Profile) -> dict[str, Any]:
    """Return what every released result carries; a profile made elsewhere is refused, so none can be weakened."""
    if PROFILES.get(getattr(profile, "name", "")) != profile:
        never("A result can be released under a named profile only.", remedy=nearest(str(profile), PROFILES))
    release = Release.PUBLISHED if profile.protects else Release.INTERNAL
    return {"profile": profile, "release": release, "seal": SEAL}


def _refused(code: str, what: str, **numbers: int) -> Refused:
    return Refused(code, sentence(code, what, **numbers))
