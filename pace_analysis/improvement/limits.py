"""Centre lines and limits of run and control charts.

Formulas: Montgomery, Introduction to Statistical Quality Control (6th ed.), chapters 6 and 7; Laney (2002), Qual. Eng.
14, 531-537, for p'; Nelson (1994), J. Qual. Technol. 26, 239-240, for times between events; exact limits are those
of the binomial distribution with tails of 0.00135.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

import numpy as np

SIGMAS = 3.0
TAIL = 0.00135  # of a normal distribution beyond three standard deviations
MEAN_RANGE = 1.128  # mean distance of two normal values, in standard deviations
LARGEST_RANGE = 3.267  # times the mean moving range: above it, one is screened out
PLOT_THE_DOTS = 2.66  # the same in two decimals, as the plot-the-dots tools have it
TIMES_POWER = 3.6  # that makes times between events nearly normal
FEW = 10  # expected successes or failures below which three sigmas mislead

Lines = tuple[np.ndarray, np.ndarray, np.ndarray]
Maker = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray, bool, str], Lines]


def lines(
    kind: str, value: np.ndarray, numerator: np.ndarray, denominator: np.ndarray, basis: np.ndarray, *, screen: bool, exact: str
) -> Lines:
    """Centre, lower and upper limit at each point.

    Parameters
    ----------
    kind : str
        ``run``, ``p``, ``p-prime``, ``xmr``, ``t`` or ``g``.
    value, numerator, denominator : ndarray of float, shape (points,)
        Values to chart; counts for shares.
    basis : ndarray of bool, shape (points,)
        Points that the lines are worked out from.
    screen : bool
        Leave out moving ranges beyond 3.267 times their mean, once.
    exact : str
        ``sigma``, ``exact``, or ``auto`` (exact where few successes or failures are expected), for shares; ``mdc`` for the
        factor of the plot-the-dots tools in an XmR chart.
    """
    return LINES[kind](value, numerator, denominator, basis, screen, exact)


def mean_range(values: np.ndarray, *, screen: bool) -> float:
    """Mean distance of neighbours; with ``screen``, again without those beyond 3.267 times it."""
    ranges = np.abs(np.diff(values))
    if not ranges.size:
        return 0.0
    mean = float(ranges.mean())
    kept = ranges[ranges < LARGEST_RANGE * mean]
    return float(kept.mean()) if screen and kept.size else mean


def _run(value, numerator, denominator, basis, screen, exact) -> Lines:
    centre = np.full(value.shape, np.median(value[basis]))
    none = np.full(value.shape, np.nan)
    return centre, none, none.copy()


def _xmr(value, numerator, denominator, basis, screen, exact) -> Lines:
    centre = value[basis].mean()
    factor = PLOT_THE_DOTS if exact == "mdc" else SIGMAS / MEAN_RANGE
    reach = factor * mean_range(value[basis], screen=screen)
    return tuple(np.full(value.shape, level) for level in (centre, centre - reach, centre + reach))


def _p(value, numerator, denominator, basis, screen, exact) -> Lines:
    share = numerator[basis].sum() / denominator[basis].sum()
    sigma = np.sqrt(share * (1 - share) / denominator)
    lower, upper = np.clip(share - SIGMAS * sigma, 0, 1), np.clip(share + SIGMAS * sigma, 0, 1)
    few = denominator * min(share, 1 - share) < FEW if exact == "auto" else np.full(value.shape, exact == "exact")
    if few.any():
        from scipy.stats import binom

        size = np.where(np.isfinite(denominator), denominator, 1)
        lower = np.where(few, binom.ppf(TAIL, size, share) / size, lower)
        upper = np.where(few, binom.ppf(1 - TAIL, size, share) / size, upper)
    return np.full(value.shape, share), lower, upper


def _p_prime(value, numerator, denominator, basis, screen, exact) -> Lines:
    share = numerator[basis].sum() / denominator[basis].sum()
    sigma = np.sqrt(share * (1 - share) / denominator)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (value[basis] - share) / sigma[basis]
    spread = mean_range(z, screen=screen) / MEAN_RANGE if share * (1 - share) > 0 else 0.0
    reach = SIGMAS * sigma * spread
    return np.full(value.shape, share), np.clip(share - reach, 0, 1), np.clip(share + reach, 0, 1)


def _t(value, numerator, denominator, basis, screen, exact) -> Lines:
    powered = np.where(value > 0, value, np.nan) ** (1 / TIMES_POWER)
    centre, lower, upper = _xmr(powered, numerator, denominator, basis, screen, exact)
    return centre**TIMES_POWER, np.maximum(lower, 0) ** TIMES_POWER, upper**TIMES_POWER


def _g(value, numerator, denominator, basis, screen, exact) -> Lines:
    mean = value[basis].mean()
    reach = SIGMAS * np.sqrt(mean * (mean + 1))
    levels = (np.median(value[basis]), max(0.0, mean - reach), mean + reach)
    return tuple(np.full(value.shape, level) for level in levels)


LINES: MappingProxyType[str, Maker] = MappingProxyType({"run": _run, "p": _p, "p-prime": _p_prime, "xmr": _xmr, "t": _t, "g": _g})
