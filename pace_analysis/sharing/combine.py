"""Shares of several authorities as one life table, with no bin that is nearly one authority's.

Cumulative counts are summed at the edges of the 14-day grid; wide bins of small authorities are spread evenly over it.
Neighbouring bins are then merged until each holds, of every kind of exit, nothing, or something of at least three
authorities with none holding more than nine tenths; an edge stays at 182 days. Inside the merged bins exits are spread
evenly over the days, which fixes no date, and lets every estimate treat the table as daily.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pace_analysis.publish.disclosure import GRID_DAYS, SIX_MONTHS
from pace_analysis.publish.grouping import grid_edges
from pace_analysis.publish.partition import best_partition
from pace_analysis.sharing.midpoint import GridCounts
from pace_analysis.survival import LifeTable

CONTRIBUTORS = 3
DOMINANT = 0.9
EXITS = slice(1, 4)  # of the series: censored, decided, left


def refused(counts: Sequence[GridCounts]) -> str:
    """Say in one sentence why counts may not be pooled; empty when they may."""
    children = np.array([each.children for each in counts])
    if (children > 0).sum() < CONTRIBUTORS:
        return f"Fewer than {CONTRIBUTORS} authorities have children to count."
    if children.max() > DOMINANT * children.sum():
        return f"One authority has more than {DOMINANT:.0%} of the children."
    return ""


def of_several(total, some, most):
    """Whether each sum is nobody's, or that of three authorities or more of which none holds over nine tenths.

    ``some`` counts the authorities with any, ``most`` is the largest part; numbers, arrays, Series or DataFrames alike.
    """
    return (total == 0) | ((some >= CONTRIBUTORS) & (most <= DOMINANT * total))


def pooled_table(counts: Sequence[GridCounts], label: str) -> LifeTable | None:
    """Add rounded counts into a life table of outcomes 1 decided and 2 left; None when no merging of bins is safe.

    Every child who entered leaves: those at risk are worked out from the exits, as the rounded series do not quite add.
    """
    last = max(int(each.edges[-1]) for each in counts)
    edges = grid_edges(SIX_MONTHS, GRID_DAYS, last)
    each = np.array([one.cumulative(edges) for one in counts])
    ends = _safe_ends(np.diff(each[:, EXITS], axis=2, prepend=0.0), int(np.searchsorted(edges, SIX_MONTHS)) + 1)
    if ends is None:
        return None
    kept = np.array(ends) - 1
    summed = each[:, :, kept].sum(axis=0)
    days = np.arange(edges[kept[-1]] + 1)
    at = np.concatenate([[-1], edges[kept]])
    daily = np.rint([np.interp(days, at, [0, *series]) for series in summed]).astype(np.int64)
    return _balanced(daily, label)


def _safe_ends(exits: np.ndarray, anchor: int) -> list[int] | None:
    """Ends of merged bins, with one at the anchor; ``exits`` of shape (authorities, kinds, bins)."""
    running = np.concatenate([np.zeros((*exits.shape[:2], 1)), np.cumsum(exits, axis=2)], axis=2)

    def safe(start: int, stop: int, last: bool) -> bool:
        held = running[:, :, stop] - running[:, :, start]
        total = held.sum(axis=0)
        return bool(total.any() and of_several(total, (held > 0).sum(axis=0), held.max(axis=0)).all())

    rest = exits.shape[2] - anchor
    before = best_partition(anchor, anchor, safe, lambda stop: True)
    after = best_partition(rest, rest, lambda i, j, last: safe(anchor + i, anchor + j, last), lambda stop: True)
    if before is None or (rest and after is None):
        return None
    return [*before, *(anchor + end for end in after or [])]


def _balanced(daily: np.ndarray, label: str) -> LifeTable:
    late, left_so_far = daily[0], daily[EXITS].sum(axis=0)
    children = int(left_so_far[-1])
    present = max(children - int(late[-1]), 0)
    # rounding may let a child leave before it enters: it then enters on that day
    entered = np.minimum(np.maximum(present + late, left_so_far), children)
    exits = np.diff(daily[EXITS], axis=1, prepend=0)
    return LifeTable((label,), np.diff(entered, prepend=0)[None], exits[None])
