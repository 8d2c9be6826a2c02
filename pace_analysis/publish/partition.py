"""The best way to merge neighbouring bins of a grid, by dynamic programming."""

from __future__ import annotations

from collections.abc import Callable


def best_partition(
    n_bins: int, keep: int, safe: Callable[[int, int, bool], bool], may_end: Callable[[int], bool]
) -> list[int] | None:
    """Merge bins so that each merged one is safe: as many as can be, then as far as can be, then as even as can be.

    Parameters
    ----------
    n_bins : int
        Bins of the grid; merged ones start at 0 and need not use all.
    keep : int
        A merged bin must end after this many bins of the grid.
    safe : callable (start, stop, last) -> bool
        Whether bins ``start`` to ``stop - 1`` may be merged into one; ``last`` if nothing follows it.
    may_end : callable (stop) -> bool
        Whether the last merged bin may end there.

    Returns
    -------
    list of int, or None
        For each merged bin, the number of bins of the grid up to its end; None when there is no safe partition. Even
        means the least sum of squared widths; what is still tied goes to the latest edges.
    """
    # by end: merged bins so far, minus their sum of squared widths, start of the newest
    best: dict[int, tuple[int, int, int]] = {0: (0, 0, 0)}
    ends: dict[int, tuple[int, int, int]] = {}
    for stop in range(1, n_bins + 1):
        starts = [start for start in best if not start < keep < stop]

        def score(last: bool, stop: int = stop, starts: list[int] = starts) -> tuple[int, int, int] | None:
            scores = [(best[s][0] + 1, best[s][1] - (stop - s) ** 2, s) for s in starts if safe(s, stop, last)]
            return max(scores, default=None)

        if stop >= keep and may_end(stop) and (ending := score(last=True)):
            ends[stop] = ending
        if going_on := score(last=False):
            best[stop] = going_on
    if not ends:
        return None
    stop = max(ends, key=lambda end: (ends[end][0], end, ends[end][1]))
    return [*_edges_before(ends[stop][2], best), stop]


def _edges_before(stop: int, best: dict[int, tuple[int, int, int]]) -> list[int]:
    edges = []
    while stop:
        edges.append(stop)
        stop = best[stop][2]
    return edges[::-1]
