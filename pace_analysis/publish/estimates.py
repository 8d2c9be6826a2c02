"""Shares from grouped counts: all that a released curve or period share says follows from what it shows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pace_analysis.survival.intervals import clopper_pearson, effective_number

if TYPE_CHECKING:
    from pace_analysis.publish.grouping import Bins, PeriodBins

LEVEL = 0.95


def in_steps(value: float, lower: float, upper: float, step: float) -> dict[str, float]:
    """An estimate and its limits as multiples of ``step``, the limits outwards."""
    def multiple(number: float) -> float:
        return round(number * step, 10)

    return {"value": multiple(round(value / step)), "lower": multiple(math.floor(lower / step + 1e-9)),
            "upper": multiple(math.ceil(upper / step - 1e-9))}


def curve_points(bins: Bins) -> pd.DataFrame:
    """Counts of a grouped life table and the shares who have left by the end of each bin, by outcome.

    The actuarial life table: whoever is censored in a bin, or enters in it, is taken to be at risk for half of it, so
    that a bin's number at risk is ``at_risk + (entered - censored) / 2`` (never fewer than left in it).

    Returns
    -------
    DataFrame, one row a bin
        See :attr:`pace_analysis.publish.released.ReleasedCurve.points`.

    Source
    ------
    Cutler and Ederer (1958), J. Chron. Dis. 8, 699-712; Aalen and Johansen (1978), Scand. J. Statist. 5, 141-150, with
    the variance of Greenwood's type; Clopper and Pearson's interval on the effective number of children.
    """
    left = bins.events.sum(axis=0)
    number = np.maximum(bins.at_risk + (bins.entered - bins.censored) / 2, left)
    waiting = np.cumprod(1 - _ratio(left, number))
    estimate, variance = _incidence(bins.events, number, waiting)
    lower, upper = clopper_pearson(estimate, effective_number(estimate, np.sqrt(variance), number), LEVEL)
    counts = {"day": bins.day, "at_risk": bins.at_risk, "entered": bins.entered, "censored": bins.censored}
    by_outcome = {"events": bins.events, "estimate": estimate, "lower": lower, "upper": upper}
    named = {f"{name}_{j}": row for name, rows in by_outcome.items() for j, row in enumerate(rows, 1)}
    return pd.DataFrame({**counts, **named, "waiting": waiting})


def _incidence(events: np.ndarray, number: np.ndarray, waiting: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares who have left by each outcome and their variances, each of shape (outcomes, bins)."""
    left, each = events.sum(axis=0), _ratio(1.0, number)
    before = np.concatenate([[1.0], waiting[:-1]])
    log_variance = np.concatenate([[0.0], np.cumsum(_ratio(left, number * (number - left)))[:-1]])
    hazard = events * each
    leaving = before * hazard
    covariance = np.cumsum(leaving * (log_variance - each), axis=1)
    covariance = np.hstack([np.zeros((len(events), 1)), covariance[:, :-1]])
    terms = 2 * leaving * covariance + leaving**2 * log_variance + before * leaving * (1 - hazard) * each
    return np.cumsum(leaving, axis=1), np.maximum(np.cumsum(terms, axis=1), 0)


def period_percent(bins: PeriodBins) -> tuple[int, float, float]:
    """Whole percent who would leave by the outcome if the rates of a period held, and its 95% interval.

    A piecewise exponential life table: within a bin the rate of each kind of exit is its count over the child-days
    seen. The variance is by the delta method, each count a Poisson number; the interval is Clopper and Pearson's on
    the effective number of children, as proportions in whole percent, outwards.
    """
    rate, rival = _ratio(bins.events, bins.child_days), _ratio(bins.others, bins.child_days)
    total = rate + rival
    staying = np.exp(-total * bins.days)
    before = np.concatenate([[1.0], np.cumprod(staying)[:-1]])
    part, leaving = _ratio(rate, total), 1 - staying
    share = np.cumsum(before * part * leaving)
    # raising a bin's total rate hastens leaving in the bin, and leaves fewer to leave later
    hastened = before * part * bins.days * staying - bins.days * (share[-1] - share)
    by_rate = before * _ratio(rival, total**2) * leaving + hastened
    by_rival = hastened - before * _ratio(rate, total**2) * leaving
    variance = np.sum(_ratio(by_rate**2 * bins.events + by_rival**2 * bins.others, bins.child_days**2))
    final, exits = share[-1:], bins.events.sum() + bins.others.sum()
    lower, upper = clopper_pearson(final, effective_number(final, np.sqrt([variance]), exits), LEVEL)
    return round(100 * final[0]), math.floor(100 * lower[0]) / 100, math.ceil(100 * upper[0]) / 100


def _ratio(part: np.ndarray | float, whole: np.ndarray) -> np.ndarray:
    """Divide; 0 where there is nothing to divide by, for then nobody leaves."""
    shape = np.broadcast_shapes(np.shape(part), np.shape(whole))
    return np.divide(part, whole, out=np.zeros(shape), where=np.broadcast_to(whole, shape) > 0)
