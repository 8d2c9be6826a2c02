"""Control limits of a funnel plot: how far shares of groups of a size stray from one common share by chance alone."""

from __future__ import annotations

import numpy as np

LEVELS = (0.95, 0.998)  # shares of groups that chance alone keeps between the limits


def funnel_limits(share: float, sizes: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper limit for groups of some sizes, as shares between 0 and 1.

    Exact limits of the binomial distribution, interpolated between whole numbers so that they fall smoothly with size:
    with ``r`` the smallest number whose chance of so many or fewer is above the tail ``p``, a limit is ``(r - a) / n``
    where ``a = (P(R <= r) - p) / P(R = r)``.

    Parameters
    ----------
    share : float
        Common share, between 0 and 1.
    sizes : ndarray of int, all above 0
    level : float
        Share of groups between the limits, such as 0.95: half of the rest in each tail.

    Source
    ------
    Spiegelhalter (2005), Statistics in Medicine 24, 1185-1202, appendix A.1.1.
    """
    tail = (1 - level) / 2
    pairs = [[_quantile(share, int(size), chance) / size for chance in (tail, 1 - tail)] for size in sizes]
    lower, upper = np.clip(np.array(pairs), 0, 1).T
    return lower, upper


def chance_of_at_most(number: int, size: int, share: float) -> float:
    """Chance that at most so many of a group are in a share; 0 below none."""
    from scipy.special import bdtr  # heavy: only whoever draws a funnel pays for it

    return float(bdtr(number, size, share)) if number >= 0 else 0.0


def _quantile(share: float, size: int, chance: float) -> float:
    from scipy.special import bdtr

    below = bdtr(np.arange(size + 1), size, share)
    first = min(int(np.searchsorted(below, chance, side="right")), size)
    before = below[first - 1] if first else 0.0
    return first - (below[first] - chance) / (below[first] - before)
