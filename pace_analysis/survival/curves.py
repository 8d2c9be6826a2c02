"""Curves of everyone who leaves, by any outcome: Kaplan-Meier and Nelson-Aalen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pace_analysis.survival.frames import tidy
from pace_analysis.survival.intervals import EXACT, confidence_limits

if TYPE_CHECKING:
    import pandas as pd

    from pace_analysis.survival.lifetable import LifeTable


def kaplan_meier(table: LifeTable, *, interval: str | None = EXACT, level: float = 0.95) -> pd.DataFrame:
    """Share of children still waiting at the end of each day, whatever the others left by.

    One minus this curve is the share who left by *any* outcome. The share who left by one of several outcomes is
    :func:`cumulative_incidence`.

    Parameters
    ----------
    table : LifeTable
        Counts per whole day.
    interval : str or None
        ``clopper-pearson`` (see :mod:`pace_analysis.survival.intervals`), ``log``, ``log-log``, ``plain``, ``logit``
        or ``arcsin``. None leaves ``lower`` and ``upper`` out, which is the quickest.
    level : float
        Coverage of the interval.

    Returns
    -------
    DataFrame, one row a group and day, every whole day to the last of the group
        ``group``, ``day``, ``at_risk``, ``events``, ``estimate``, ``std_error`` (Greenwood), ``lower``, ``upper``.
        Where nobody is left waiting there is no standard error.

    Raises
    ------
    SurvivalInputError
        If the interval or the level is not known.

    Source
    ------
    Kaplan and Meier (1958), J. Am. Stat. Assoc. 53, 457-481; variance of Greenwood (1926), for whole days.

    Examples
    --------
    >>> from pace_analysis.survival import life_table
    >>> curve = kaplan_meier(life_table([10, 20, 20, 30, 45, 60], [1, 1, 2, 0, 1, 0]))
    >>> curve.loc[curve["day"].isin([9, 10, 20, 60]), ["day", "at_risk", "events", "estimate"]].round(3)
        day  at_risk  events  estimate
    9     9        6       0     1.000
    10   10        6       1     0.833
    20   20        5       2     0.500
    60   60        1       0     0.250
    """
    at_risk, events = table.at_risk, any_exit(table)
    survival, greenwood = product_limit(at_risk, events)
    std_error = survival_error(survival, greenwood)
    columns = {"at_risk": at_risk, "events": events, "estimate": survival, "std_error": std_error}
    if interval is not None:
        columns["lower"], columns["upper"] = confidence_limits(table, interval, level, survival, std_error)
    return tidy(table, columns)


def nelson_aalen(table: LifeTable) -> pd.DataFrame:
    """Cumulative hazard of leaving by any outcome, at the end of each day.

    Returns
    -------
    DataFrame, one row a group and day, every whole day to the last of the group
        ``group``, ``day``, ``at_risk``, ``events``, ``estimate``, ``std_error``. The variance is Aalen's (1978), the
        sum of events over the squared number at risk.

    Source
    ------
    Nelson (1972), Technometrics 14, 945-966; Aalen (1978), Ann. Stat. 6, 701-726.
    """
    at_risk, events = table.at_risk, any_exit(table)
    hazard = ratio(events, at_risk)
    variance = np.cumsum(ratio(hazard, at_risk), axis=-1)
    columns = {"estimate": np.cumsum(hazard, axis=-1), "std_error": np.sqrt(variance)}
    return tidy(table, {"at_risk": at_risk, "events": events, **columns})


def any_exit(table: LifeTable) -> np.ndarray:
    """Children who left by any outcome, shape (groups, days)."""
    return table.exits[:, 1:].sum(axis=1)


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Divide; 0 on a day when nobody is at risk, for then nobody leaves either."""
    return np.divide(part, whole, out=np.zeros(np.broadcast_shapes(part.shape, whole.shape)), where=whole > 0)


def day_before(values: np.ndarray, at_start: float) -> np.ndarray:
    """Values of the day before along the last axis; ``at_start`` before the first."""
    return np.concatenate([np.full_like(values[..., :1], at_start), values[..., :-1]], axis=-1)


def product_limit(at_risk: np.ndarray, events: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Kaplan-Meier survival, and Greenwood's sum: the variance of its logarithm (infinite once nobody is left).

    Parameters
    ----------
    at_risk, events : ndarray of int64, shape (..., days)
        Counts per day.
    """
    at_risk = at_risk.astype(float)  # a product of two counts of a nation would overflow a whole number
    staying = at_risk - events
    survival = np.cumprod(np.divide(staying, at_risk, out=np.ones(at_risk.shape), where=at_risk > 0), axis=-1)
    with np.errstate(divide="ignore"):
        terms = np.divide(events, at_risk * staying, out=np.zeros(at_risk.shape), where=events > 0)
    return survival, np.cumsum(terms, axis=-1)


def survival_error(survival: np.ndarray, greenwood: np.ndarray) -> np.ndarray:
    """Greenwood's standard error of a survival; none where nobody is left."""
    with np.errstate(invalid="ignore"):
        return survival * np.sqrt(greenwood)
