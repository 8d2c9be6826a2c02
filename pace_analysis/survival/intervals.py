"""Confidence intervals of a share estimated from counts per day.

The default is Clopper and Pearson's interval on an effective number of children: the number whose plain binomial
variance would equal Greenwood's. It covers at least as often as it says where an aim lives, near 0 and 1, where the
intervals that transform Greenwood's standard error cover far less often than they say.

The other kinds are those of R's ``survfit(conf.type=)``, and give what R gives: no interval at 0; none at 1 either,
except that "log" and "plain" shrink to the point.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from pace_analysis.errors import nearest
from pace_analysis.survival.betas import beta_quantiles
from pace_analysis.survival.errors import SurvivalInputError

if TYPE_CHECKING:
    from pace_analysis.survival.lifetable import LifeTable

EXACT = "clopper-pearson"
CERTAIN = 1e-12  # a share this near to 0 or 1 is 0 or 1, but for rounding

Limits = tuple[np.ndarray, np.ndarray]


def confidence_limits(
    table: LifeTable, kind: str, level: float, estimate: np.ndarray, std_error: np.ndarray
) -> Limits:
    """Lower and upper confidence limits, day by day.

    Parameters
    ----------
    table : LifeTable
        Counts that the shares were estimated from.
    kind : str
        ``clopper-pearson``, ``log``, ``log-log``, ``plain``, ``logit`` or ``arcsin``.
    level : float
        Coverage, such as 0.95.
    estimate, std_error : ndarray, shape (groups, days) or (groups, outcomes, days)
        Shares and their Greenwood standard errors.

    Raises
    ------
    SurvivalInputError
        If the kind is not known or the level is not between 0 and 1.
    """
    check_interval(kind, level)
    if kind == EXACT:
        behind = children_behind(table).reshape(len(table.groups), *[1] * (estimate.ndim - 2), -1)
        return clopper_pearson(estimate, effective_number(estimate, std_error, behind), level)
    from scipy.special import ndtri

    with np.errstate(all="ignore"):  # 0 and 1 give no number, which is the answer
        share = np.where(estimate > 0, estimate, np.nan)
        return TRANSFORMED[kind](share, std_error / share, ndtri((1 + level) / 2))


def check_interval(kind: str, level: float) -> None:
    """Raise :class:`SurvivalInputError` for an unknown kind of interval or an impossible level."""
    if kind != EXACT and kind not in TRANSFORMED:
        raise SurvivalInputError(f"Interval '{kind}' is not known.", remedy=nearest(kind, [EXACT, *TRANSFORMED]))
    if not 0 < level < 1:
        raise SurvivalInputError(f"`level` must be between 0 and 1, not {level}.", remedy="Write 0.95 for 95%.")


def children_behind(table: LifeTable) -> np.ndarray:
    """Number of children that speaks for a share of exactly 0 or 1, shape (groups, days).

    Everyone who entered, for as long as nobody has been censored or has entered late: the interval is then the exact
    binomial one. Otherwise those at risk on the day, or on the last day before it on which anybody was.
    """
    at_risk, censored, entrants = table.at_risk, table.exits[:, 0], table.entered[:, [table.start_day]]
    complete = (np.cumsum(censored, axis=1) == censored) & (np.cumsum(table.entered, axis=1) == entrants)
    if not at_risk.all():
        last_seen = np.maximum.accumulate(np.where(at_risk > 0, np.arange(at_risk.shape[1]), 0), axis=1)
        at_risk = np.take_along_axis(at_risk, last_seen, axis=1)
    return np.where(complete, entrants, at_risk)


def effective_number(estimate: np.ndarray, std_error: np.ndarray, at_risk: np.ndarray) -> np.ndarray:
    """Children whose binomial variance would equal Greenwood's; ``at_risk`` where a share is 0 or 1."""
    spread = estimate * (1 - estimate)
    inside = (estimate > CERTAIN) & (estimate < 1 - CERTAIN) & (std_error > 0)
    at_risk = np.broadcast_to(at_risk, spread.shape).astype(float)
    return np.divide(spread, std_error**2, out=at_risk, where=inside)


def clopper_pearson(estimate: np.ndarray, number: np.ndarray, level: float) -> Limits:
    """Limits of Clopper and Pearson (1934) for a share of a number of children that need not be whole.

    With nobody to speak for a share the limits are 0 and 1.
    """
    # a share changes on few days: the beta quantile, the dearest step of a curve, is taken once a change
    changed = np.ones(estimate.shape, bool)
    changed[..., 1:] = (np.diff(estimate, axis=-1) != 0) | (np.diff(number, axis=-1) != 0)
    share, children, tail = estimate[changed], number[changed], (1 - level) / 2
    lower, upper = np.zeros(share.shape), np.ones(share.shape)
    some, short = (share > CERTAIN) & (children > 0), (share < 1 - CERTAIN) & (children > 0)
    left = np.minimum(share * children, children)
    stayed = children - left
    # the upper limit of those who left is one less the lower limit of those who stayed: one call for both
    a, b = np.concatenate([left[some], stayed[short]]), np.concatenate([stayed[some], left[short]]) + 1
    limits = beta_quantiles(a, b, tail)
    lower[some], upper[short] = np.split(limits, [np.count_nonzero(some)])
    upper[short] = 1 - upper[short]
    latest = np.cumsum(changed.ravel()).reshape(changed.shape) - 1
    return lower[latest], upper[latest]


def _log(share: np.ndarray, relative_error: np.ndarray, z: float) -> Limits:
    return share * np.exp(-z * relative_error), np.minimum(1, share * np.exp(z * relative_error))


def _log_log(share: np.ndarray, relative_error: np.ndarray, z: float) -> Limits:
    log_share = np.log(np.where(share < 1, share, np.nan))
    factor = np.exp(z * relative_error / log_share)
    return np.exp(log_share / factor), np.exp(log_share * factor)


def _plain(share: np.ndarray, relative_error: np.ndarray, z: float) -> Limits:
    return np.maximum(0, share * (1 - z * relative_error)), np.minimum(1, share * (1 + z * relative_error))


def _logit(share: np.ndarray, relative_error: np.ndarray, z: float) -> Limits:
    odds = share / (1 - np.where(share < 1, share, np.nan))
    factor = np.exp(z * relative_error / (1 - share))
    return odds / (odds + factor), odds * factor / (1 + odds * factor)


def _arcsin(share: np.ndarray, relative_error: np.ndarray, z: float) -> Limits:
    share = np.where(share < 1, share, np.nan)
    angle, width = np.arcsin(np.sqrt(share)), z / 2 * relative_error * np.sqrt(share / (1 - share))
    return np.sin(np.maximum(0, angle - width)) ** 2, np.sin(np.minimum(np.pi / 2, angle + width)) ** 2


TRANSFORMED: dict[str, Callable[[np.ndarray, np.ndarray, float], Limits]] = {
    "log": _log,
    "log-log": _log_log,
    "plain": _plain,
    "logit": _logit,
    "arcsin": _arcsin,
}
