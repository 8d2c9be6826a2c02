"""Cumulative counts on a common grid, rounded to the middle of six.

A count of 1 to 6 is shown as 3, of 7 to 12 as 9, and so on: no number below three is ever shown, and one shown as 3 may
be any of six. Rounding is of *cumulative* counts, so errors do not add up along the curve: at every edge of the grid
each series is within 3 of the truth.

Source: midpoint rounding as in the output guidance of OpenSAFELY for Kaplan-Meier estimates; here on a fixed grid,
since a step at a real date is the date of one child. What is left: a step says that the 1st, 7th, 13th ... exit fell in
its bin. Hence the wider bins for few children, and shares that stay between data controllers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pace_analysis.errors import DisclosureRefused
from pace_analysis.publish.disclosure import GRID_DAYS, SIX_MONTHS
from pace_analysis.publish.grouping import grid_edges
from pace_analysis.survival import LifeTable

STEP = 6
LEAST_HIDDEN = 4  # values that a rounded number must still be able to stand for
WIDE_DAYS = 91  # bins of an authority with few children
FEW_CHILDREN = 60
SERIES = ("entered_late", "censored", "decided", "left")
LONGEST = 36_525 // GRID_DAYS + 1  # edges in a hundred years


def midpoint(counts: np.ndarray | int) -> np.ndarray:
    """Round counts to the middle of each six: 0, 3, 9, 15 ..."""
    counts = np.asarray(counts)
    return -(-counts // STEP) * STEP - STEP // 2 * (counts > 0)


def is_midpoint(counts: np.ndarray) -> np.ndarray:
    """Say of each number whether rounding could give it."""
    return (counts == 0) | ((counts > 0) & (counts % STEP == STEP // 2))


def stay_hidden(parts: Sequence[int], whole: int, *, add_up: bool) -> bool:
    """Say whether rounded parts keep what each of them hides when the rounded whole stands beside them.

    Whoever knows the rounding knows each number to six values. Parts that add up to the whole, or to no more than it,
    may narrow one another; each that is not 0 must keep at least four values.
    """
    high = np.array([part + STEP // 2 if part else 0 for part in parts])
    low = np.maximum(high - STEP + 1, 0) * (high > 0)
    most, least = whole + STEP // 2 if whole else 0, max(whole - STEP // 2 + 1, 0)
    upper = np.minimum(high, most - (low.sum() - low))
    lower = np.maximum(low, least - (high.sum() - high)) if add_up else low
    return bool((upper - lower >= LEAST_HIDDEN - 1)[high > 0].all())


@dataclass(frozen=True, slots=True)
class GridCounts:
    """Rounded cumulative counts of one authority at the edges of the grid, safe to share by construction.

    Parameters
    ----------
    width : int
        Days between edges: 14, or 91 for fewer than 60 children. The first edge is so many days, and one is 182.
    entered_late, censored, decided, left : tuple of int
        Cumulative counts at the end of each edge's day, one an edge.

    Raises
    ------
    DisclosureRefused
        If the width is not one of the two, a number is none that rounding gives, or a series falls or is of another
        length: such counts are exact, or were changed.
    """

    width: int
    entered_late: tuple[int, ...]
    censored: tuple[int, ...]
    decided: tuple[int, ...]
    left: tuple[int, ...]

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, name)) for name in SERIES}
        if self.width not in (GRID_DAYS, WIDE_DAYS) or len(lengths) != 1 or not 0 < max(lengths) <= LONGEST:
            raise DisclosureRefused("The counts are not on the common grid.", where="the four series of counts")
        for name in SERIES:
            values = np.array(getattr(self, name))
            if values.dtype.kind != "i" or not is_midpoint(values).all() or (np.diff(values) < 0).any():
                raise DisclosureRefused("Counts are not cumulative and rounded to the middle of six.", where=name,
                                        remedy="Make the share again with pace share.")

    @property
    def edges(self) -> np.ndarray:
        """Last days of the bins."""
        return self.width * np.arange(1, 1 + len(self.decided))

    @property
    def children(self) -> int:
        """Children counted: all who left or were censored."""
        return self.decided[-1] + self.left[-1] + self.censored[-1]

    def by_six_months(self, series: str) -> int:
        """Rounded count of a series at day 182."""
        return getattr(self, series)[min(SIX_MONTHS // self.width, len(self.decided)) - 1]

    def cumulative(self, days: np.ndarray) -> np.ndarray:
        """Counts at the end of each day, shape (4, days), in the order of ``SERIES``; within a bin spread evenly."""
        at = np.concatenate([[-1], self.edges])
        return np.array([np.interp(days, at, (0, *getattr(self, name))) for name in SERIES])


def grid_counts(table: LifeTable) -> GridCounts:
    """Round a life table of one group, outcomes 1 decided and 2 left without a decision, for sharing.

    Edges after the last step of any series are dropped: they would say how long the longest wait was.

    Raises
    ------
    DisclosureRefused
        If the table has several groups or other outcomes, or does not start at day 0.
    """
    if len(table.groups) != 1 or table.outcomes != 2 or table.start_day:
        raise DisclosureRefused("A share needs one group, two outcomes and a table from day 0.",
                                where=repr(table), remedy="Pool the groups and count decided and left.")
    width = GRID_DAYS if table.entered.sum() >= FEW_CHILDREN else WIDE_DAYS
    edges = grid_edges(SIX_MONTHS, width, table.entered.shape[1] - 1)
    late = table.entered[0].copy()
    late[0] = 0
    running = np.cumsum(np.vstack([late, table.exits[0]]), axis=1)
    rounded = midpoint(running[:, np.minimum(edges, running.shape[1] - 1)])
    steps = np.flatnonzero(np.diff(rounded, axis=1).any(axis=0))
    kept = rounded[:, : max(SIX_MONTHS // width, int(steps[-1]) + 2 if steps.size else 1)]
    return GridCounts(width, *(tuple(series.tolist()) for series in kept))
