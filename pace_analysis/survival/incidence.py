"""Share of children who have left by each outcome: Aalen and Johansen's estimate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pace_analysis.survival.curves import any_exit, day_before, product_limit, ratio
from pace_analysis.survival.errors import SurvivalInputError
from pace_analysis.survival.frames import tidy
from pace_analysis.survival.intervals import CERTAIN, EXACT, confidence_limits

if TYPE_CHECKING:
    import pandas as pd

    from pace_analysis.survival.lifetable import LifeTable


def cumulative_incidence(table: LifeTable, *, interval: str | None = EXACT, level: float = 0.95) -> pd.DataFrame:
    """Share of children who have left by each outcome, by the end of each day.

    Leaving by another outcome is a competing event, not censoring, so the shares of all outcomes and the share
    still waiting add to one. (One minus Kaplan-Meier of one outcome would overstate its share.)

    Parameters
    ----------
    table : LifeTable
        Counts per whole day.
    interval : str or None
        ``clopper-pearson``, ``log-log`` (of the share who have *not* left by the outcome), ``log``, ``logit`` or
        ``arcsin``; None leaves ``lower`` and ``upper`` out. A ``plain`` one is refused: near 0 it holds shares below 0.
    level : float
        Coverage of the interval.

    Returns
    -------
    DataFrame, one row a group, day and outcome, every whole day to the last of the group
        ``group``, ``day``, ``outcome``, ``at_risk``, ``events``, ``estimate``, ``std_error`` (Greenwood type),
        ``lower``, ``upper``.

    Raises
    ------
    SurvivalInputError
        If the interval or the level is not known.

    Source
    ------
    Aalen and Johansen (1978), Scand. J. Statist. 5, 141-150, for whole days; the variance is the Greenwood-type
    one, exact under ties, accumulated day by day without matrices. Worked by hand in ``tests/oracles/README.md``.

    Examples
    --------
    >>> from pace_analysis.survival import life_table
    >>> shares = cumulative_incidence(life_table([10, 20, 20, 30, 45, 60], [1, 1, 2, 0, 1, 0]))
    >>> shares.loc[shares["day"] == 60, ["outcome", "at_risk", "estimate"]].round(3)
         outcome  at_risk  estimate
    120        1        1     0.583
    121        2        1     0.167
    """
    if interval == "plain":
        raise SurvivalInputError(
            "A plain interval is not given for a cumulative incidence: near 0 it holds shares below 0.",
            remedy=f"Ask for '{EXACT}' or 'log-log'.",
        )
    share, variance = aalen_johansen(table)
    std_error = np.sqrt(variance)
    columns = {"events": table.exits[:, 1:], "estimate": share, "std_error": std_error}
    if interval == "log-log":
        upper, lower = confidence_limits(table, interval, level, 1 - share, std_error)
        columns |= {"lower": 1 - lower, "upper": 1 - upper}
    elif interval is not None:
        columns["lower"], columns["upper"] = confidence_limits(table, interval, level, share, std_error)
    by_outcome = {name: np.moveaxis(values, 1, 2) for name, values in columns.items()}
    return tidy(table, {"at_risk": table.at_risk, **by_outcome})


def aalen_johansen(table: LifeTable) -> tuple[np.ndarray, np.ndarray]:
    """Shares who have left by each outcome and their variances, each of shape (groups, outcomes, days)."""
    at_risk = table.at_risk
    survival, greenwood = product_limit(at_risk, any_exit(table))
    before = day_before(survival, 1.0)[:, None]
    # once nobody is left the variance of the log is infinite, but every later term is nothing times it
    log_variance = np.where(before > 0, day_before(greenwood, 0.0)[:, None], 0.0)
    at_risk = at_risk[:, None]
    hazard = ratio(table.exits[:, 1:], at_risk)
    leaving = before * hazard
    each = ratio(np.ones(at_risk.shape), at_risk)
    covariance = day_before(np.cumsum(leaving * (log_variance - each), axis=-1), 0.0)
    terms = 2 * leaving * covariance + leaving**2 * log_variance + before * leaving * (1 - hazard) * each
    share = np.cumsum(leaving, axis=-1)
    return share, np.where(share < 1 - CERTAIN, np.maximum(np.cumsum(terms, axis=-1), 0.0), 0.0)
