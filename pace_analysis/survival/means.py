"""Mean days waited up to a horizon, and how much they differ between groups."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

import numpy as np

from pace_analysis.errors import nearest
from pace_analysis.survival.curves import any_exit, product_limit
from pace_analysis.survival.errors import SurvivalInputError
from pace_analysis.survival.intervals import check_interval
from pace_analysis.survival.lifetable import LifeTable

if TYPE_CHECKING:
    import pandas as pd


def restricted_mean(table: LifeTable, horizon: int, *, level: float = 0.95) -> pd.DataFrame:
    """Mean number of days waited within a horizon: the area under the Kaplan-Meier curve.

    A child still waiting at the end of a day waits the whole of the next; one who leaves on day 0 has waited none.

    Parameters
    ----------
    table : LifeTable
        Counts per whole day.
    horizon : int
        Days; waits are counted up to it, so that the mean is at most this number. For a conditional table the mean
        is of the days waited from its ``start_day`` on, less than that of the horizon.
    level : float
        Coverage of the interval.

    Returns
    -------
    DataFrame, one row a group
        ``group``, ``start_day``, ``horizon``, ``estimate`` and ``std_error`` in days, ``lower``, ``upper`` (normal,
        within 0 and the horizon).

    Raises
    ------
    SurvivalInputError
        If a group is not followed to the horizon (a group of which everyone has left is).

    Source
    ------
    Royston and Parmar (2013), BMC Med. Res. Methodol. 13, 152; Greenwood's variance, as R's ``survmean``.

    Examples
    --------
    >>> from pace_analysis.survival import life_table
    >>> restricted_mean(life_table([10, 20, 20, 30, 45, 60], [1, 1, 2, 0, 1, 0]), 40)["estimate"].round(3).tolist()
    [28.333]
    """
    import pandas as pd

    days, std_error = _mean_waits(table, horizon, level)
    reach = _normal_quantile(level) * std_error
    most = horizon - table.start_day
    return pd.DataFrame(
        {"group": list(table.groups), "start_day": table.start_day, "horizon": horizon}
        | {"estimate": days, "std_error": std_error}
        | {"lower": np.maximum(days - reach, 0), "upper": np.minimum(days + reach, most)}
    )


def restricted_mean_difference(
    table: LifeTable, horizon: int, *, reference: Hashable | None = None, level: float = 0.95
) -> pd.DataFrame:
    """How many more days each group waits, on average within a horizon, than a group of reference.

    Parameters
    ----------
    table : LifeTable
        Counts per whole day of two groups or more.
    horizon : int
        Days, as in :func:`restricted_mean`.
    reference : label, optional
        Group that the others are compared with; by default the first.
    level : float
        Coverage of the interval.

    Returns
    -------
    DataFrame, one row a group but the reference
        ``group``, ``reference``, ``start_day``, ``horizon``, ``estimate``, ``std_error``, ``lower``, ``upper`` in
        days, ``z``, ``p_value`` (two-sided).

    Raises
    ------
    SurvivalInputError
        If there is one group, the reference is not one, or a group is not followed to the horizon.
    """
    import pandas as pd
    from scipy.special import erfc

    if len(table.groups) < 2:
        raise SurvivalInputError(
            f"A difference needs two groups or more; the table has one, '{table.groups[0]}'.",
            remedy="Count the waits with `group=`.",
        )
    base = table.groups[0] if reference is None else reference
    if base not in table.groups:
        raise SurvivalInputError(
            f"The life table has no group '{base}'.", remedy=nearest(str(base), map(str, table.groups))
        )
    days, std_error = _mean_waits(table, horizon, level)
    index = table.groups.index(base)
    others = np.arange(len(table.groups)) != index
    more = (days - days[index])[others]
    error = np.hypot(std_error, std_error[index])[others]
    reach = _normal_quantile(level) * error
    z = np.divide(more, error, out=np.full(more.shape, np.nan), where=error > 0)
    return pd.DataFrame(
        {"group": [label for label in table.groups if label != base], "reference": base}
        | {"start_day": table.start_day, "horizon": horizon, "estimate": more, "std_error": error}
        | {"lower": more - reach, "upper": more + reach, "z": z, "p_value": erfc(np.abs(z) / np.sqrt(2))}
    )


def _mean_waits(table: LifeTable, horizon: int, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean and its standard error by group, in days."""
    check_interval("log", level)
    at_risk, events = table.at_risk, any_exit(table)
    survival, _ = product_limit(at_risk, events)
    _check_horizon(table, horizon, survival)
    within = slice(table.start_day, horizon)
    waiting, at_risk, events = survival[:, within], at_risk[:, within].astype(float), events[:, within]
    area = np.cumsum(waiting[:, ::-1], axis=1)[:, ::-1]  # days from each day to the horizon
    staying = at_risk - events
    terms = np.divide(area**2 * events, at_risk * staying, out=np.zeros(area.shape), where=(events > 0) & (staying > 0))
    return waiting.sum(axis=1), np.sqrt(terms.sum(axis=1))


def _check_horizon(table: LifeTable, horizon: int, survival: np.ndarray) -> None:
    if horizon != int(horizon) or horizon <= table.start_day:
        raise SurvivalInputError(
            f"`horizon` must be a whole number of days above {table.start_day}, not {horizon}.",
            where=f"The table is {table.condition}." if table.start_day else "",
        )
    short = [
        (label, last)
        for label, last, waiting in zip(table.groups, table.last_days, survival[:, -1], strict=True)
        if last < horizon and waiting > 0
    ]
    if short:
        label, last = short[0]
        raise SurvivalInputError(
            f"A horizon of {horizon} days is beyond the follow-up of {len(short)} of {len(table.groups)} group(s).",
            where=f"The first is group '{label}', followed to day {last}.",
            remedy=f"Ask for {min(last for _, last in short)} days or fewer.",
        )


def _normal_quantile(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2))
