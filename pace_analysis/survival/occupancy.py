"""Estimates from a table of moves between stages: the share in each stage by day, and days spent in each."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pace_analysis.survival.curves import ratio
from pace_analysis.survival.errors import SurvivalInputError
from pace_analysis.survival.intervals import CERTAIN, EXACT, check_interval, clopper_pearson, effective_number
from pace_analysis.survival.stages import StageTable, check_stage

if TYPE_CHECKING:
    import pandas as pd


def state_occupancy(table: StageTable, *, start: Hashable | None = None, level: float = 0.95) -> pd.DataFrame:
    """Share of children in each stage at the end of each day.

    Parameters
    ----------
    table : StageTable
        Counts of moves per whole day, as :func:`transitions` makes them.
    start : label, optional
        Stage in which everybody is as day 0 begins; by default the shares of those at risk on day 0.
    level : float
        Coverage of the interval.

    Returns
    -------
    DataFrame, one row a day and stage
        ``day``, ``stage``, ``at_risk`` (children in the stage, who may leave it that day), ``estimate``,
        ``std_error`` (Greenwood type), ``lower``, ``upper`` (Clopper and Pearson's on an effective number). The
        shares of a day add to one.

    Raises
    ------
    SurvivalInputError
        If the stage is not known, or nobody is at risk on day 0 and no start is given.

    Source
    ------
    Aalen and Johansen (1978), Scand. J. Statist. 5, 141-150, for whole days; variance of Andersen, Borgan, Gill and
    Keiding (1993), section IV.4.1.3. Shares hold whether or not moves depend on the past, if censoring does not:
    Datta and Satten (2001), Stat. Probab. Lett. 55, 403-411.

    Examples
    --------
    >>> from pace_analysis.survival import transitions
    >>> table = transitions(["open", "open", "open", "planned", "planned"], [10, 20, 30, 40, 50],
    ...                     ["planned", "planned", None, "done", None], first_day=[0, 0, 0, 11, 21])
    >>> shares = state_occupancy(table)
    >>> shares.loc[shares["day"] == 40, ["stage", "at_risk", "estimate"]].round(3).reset_index(drop=True)
         stage  at_risk  estimate
    0     done        0     0.333
    1     open        0     0.333
    2  planned        2     0.333
    """
    import pandas as pd

    check_interval(EXACT, level)
    course = _course(table, start)
    share, std_error = course.shares[1:], np.sqrt(np.maximum(course.variances, 0.0))
    number = effective_number(share.T, std_error.T, _children_behind(table))
    lower, upper = clopper_pearson(share.T, number, level)
    days, stages = share.shape
    columns = {"at_risk": table.at_risk, "estimate": share.T, "std_error": std_error.T, "lower": lower, "upper": upper}
    return pd.DataFrame(
        {"day": np.repeat(np.arange(days), stages), "stage": list(table.stages) * days}
        | {name: values.T.ravel() for name, values in columns.items()}
    )


def expected_days(
    table: StageTable, horizon: int, *, start: Hashable | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Mean days spent in each stage within a horizon: the area under the share of each stage.

    Parameters
    ----------
    table : StageTable
        Counts of moves per whole day.
    horizon : int
        Days; the means of all stages add up to it.
    start : label, optional
        Stage in which everybody is as day 0 begins, as in :func:`state_occupancy`.
    level : float
        Coverage of the interval.

    Returns
    -------
    DataFrame, one row a stage
        ``stage``, ``horizon``, ``estimate``, ``std_error``, ``lower``, ``upper`` in days (a normal interval, within
        0 and the horizon).

    Raises
    ------
    SurvivalInputError
        If the horizon is beyond follow-up while a child may still move, or as for :func:`state_occupancy`.

    Source
    ------
    The variance is that of :func:`state_occupancy` carried through the sum over days: each day's moves change every
    later share by the product of the later days' transition matrices.
    """
    import pandas as pd
    from scipy.special import ndtri

    check_interval(EXACT, level)
    course = _course(table, start)
    _check_horizon(table, horizon, course.shares[-1])
    steps = course.steps[:horizon]
    ahead = np.eye(len(table.stages)) * (1 + horizon - len(steps))  # after the last day nothing moves any more
    variance = np.zeros(len(table.stages))
    for day in range(len(steps) - 1, -1, -1):
        variance += course.weights[day] @ (steps[day] @ ahead**2 - (steps[day] @ ahead) ** 2)
        ahead = steps[day] @ ahead + (np.eye(len(table.stages)) if day else 0)
    variance += np.diag(ahead.T @ course.start_variance @ ahead)
    days, std_error = course.shares[0] @ ahead, np.sqrt(np.maximum(variance, 0.0))
    reach = float(ndtri((1 + level) / 2)) * std_error
    return pd.DataFrame(
        {"stage": list(table.stages), "horizon": horizon, "estimate": days, "std_error": std_error}
        | {"lower": np.maximum(days - reach, 0), "upper": np.minimum(days + reach, horizon)}
    )


@dataclass(frozen=True, slots=True)
class _Course:
    """Day by day: matrices of moves, shares before day 0 and after each day, variances, squared shares a child."""

    steps: np.ndarray  # (days, stages, stages): from, to
    shares: np.ndarray  # (1 + days, stages)
    variances: np.ndarray  # (days, stages)
    weights: np.ndarray  # (days, stages): squared share of the day before, over the number at risk
    start_variance: np.ndarray  # (stages, stages)


def _course(table: StageTable, start: Hashable | None) -> _Course:
    at_risk = table.at_risk
    stages, days = at_risk.shape
    share, spread = _start(table, start)
    hazard = np.moveaxis(ratio(table.moved, at_risk[:, None]), -1, 0)
    steps = hazard + np.eye(stages) * (1 - hazard.sum(axis=2))[..., None]
    each = ratio(np.ones(at_risk.shape), at_risk).T
    moving = table.moved.any(axis=(0, 1))
    shares, variances, weights = np.empty((days + 1, stages)), np.empty((days, stages)), np.zeros((days, stages))
    shares[0], start_variance = share, spread
    for day in range(days):
        if moving[day]:
            step, weights[day] = steps[day], share**2 * each[day]
            fresh = np.diag(weights[day] @ step) - (step * weights[day][:, None]).T @ step
            share, spread = share @ step, step.T @ spread @ step + fresh
        shares[day + 1], variances[day] = share, np.diag(spread)
    certain = (shares[1:] < CERTAIN) | (shares[1:] > 1 - CERTAIN)
    return _Course(steps, shares, np.where(certain, 0.0, variances), weights, start_variance)


def _start(table: StageTable, start: Hashable | None) -> tuple[np.ndarray, np.ndarray]:
    """Shares as day 0 begins and their covariance, which is none when they are given."""
    size = len(table.stages)
    if start is not None:
        share = np.zeros(size)
        share[check_stage(table, start)] = 1.0
        return share, np.zeros((size, size))
    here = table.at_risk[:, 0]
    if not here.sum():
        raise SurvivalInputError(
            "Nobody is at risk on day 0, so the stage in which children start is not known.",
            remedy="Name it, for example start='assessed'.",
        )
    share = here / here.sum()
    return share, (np.diag(share) - np.outer(share, share)) / here.sum()


def _children_behind(table: StageTable) -> np.ndarray:
    """Children who speak for a share of exactly 0 or 1: everyone until one is censored or enters late."""
    at_risk = table.at_risk.sum(axis=0)
    arrived = table.moved.sum(axis=0)[:, :-1]
    late = np.concatenate([[False], (table.started[:, 1:] > arrived).any(axis=0)])
    censored = table.censored.sum(axis=0)
    complete = (np.cumsum(censored) - censored == 0) & ~np.logical_or.accumulate(late)
    last_seen = np.maximum.accumulate(np.where(at_risk > 0, np.arange(at_risk.size), 0))
    return np.where(complete, at_risk[0], at_risk[last_seen])


def _check_horizon(table: StageTable, horizon: int, share: np.ndarray) -> None:
    if horizon != int(horizon) or horizon < 1:
        raise SurvivalInputError(f"`horizon` must be a whole number of days from 1 on, not {horizon}.")
    last = table.started.shape[1] - 1
    unsettled = table.started.any(axis=1) & (share > CERTAIN)
    if horizon > last and unsettled.any():
        stage = table.stages[int(np.flatnonzero(unsettled)[0])]
        raise SurvivalInputError(
            f"A horizon of {horizon} days is beyond follow-up, which ends on day {last}.",
            where=f"Children may then still be in stage '{stage}'.",
            remedy=f"Ask for {last} days or fewer.",
        )
