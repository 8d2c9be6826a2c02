"""Single numbers of a curve: the share by a day, the day of a share; and tables that start late."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Literal

import numpy as np

from pace_analysis.errors import nearest
from pace_analysis.survival.curves import any_exit, product_limit, survival_error
from pace_analysis.survival.errors import SurvivalInputError
from pace_analysis.survival.incidence import aalen_johansen
from pace_analysis.survival.intervals import EXACT, check_interval, children_behind, clopper_pearson, effective_number
from pace_analysis.survival.lifetable import LifeTable

if TYPE_CHECKING:
    import pandas as pd

SAME_SHARE = 1.5e-8  # shares nearer than this differ by rounding; R's quantile takes the same


def share_by(table: LifeTable, day: int, *, outcome: int | None = None, level: float = 0.95) -> pd.DataFrame:
    """Share of children who left by the end of a day, with Clopper and Pearson's interval.

    Parameters
    ----------
    table : LifeTable
        Counts per whole day.
    day : int
        Whole day, such as 182.
    outcome : int, optional
        Leaving by this outcome; by default by any.
    level : float
        Coverage of the interval.

    Returns
    -------
    DataFrame, one row a group
        ``group``, ``start_day`` (from which the share is conditional on still waiting; 0 for everyone), ``day``,
        ``at_risk`` on the day, ``effective_number`` of children behind the interval, ``estimate``, ``std_error``,
        ``lower``, ``upper``. The estimate may differ by rounding, up to 1e-9, from the fraction it stands for.

    Raises
    ------
    SurvivalInputError
        If the outcome is not known, or a group is not followed to the day (a group of which everyone has left is).
    """
    import pandas as pd

    check_interval(EXACT, level)
    share, std_error = _left(table, outcome)
    _check_followed(table, day)
    column = np.minimum(day, table.last_days)[:, None]
    share, std_error, behind = (
        np.take_along_axis(values, column, axis=1) for values in (share, std_error, children_behind(table))
    )
    number = effective_number(share, std_error, behind)
    lower, upper = clopper_pearson(share, number, level)
    at_risk = np.where(day <= table.last_days, np.take_along_axis(table.at_risk, column, axis=1)[:, 0], 0)
    numbers = {"estimate": share, "std_error": std_error, "lower": lower, "upper": upper}
    return pd.DataFrame(
        {"group": list(table.groups), "start_day": table.start_day, "day": day, "at_risk": at_risk}
        | {"effective_number": number[:, 0]}
        | {name: values[:, 0] for name, values in numbers.items()}
    )


def quantile(
    table: LifeTable, q: float, *, mode: Literal["first-day", "R"] = "first-day", outcome: int | None = None
) -> dict[Hashable, int | float | None]:
    """Day by whose end a share ``q`` of the children have left, by group; None where that is not reached.

    Parameters
    ----------
    table : LifeTable
        Counts per whole day.
    q : float
        Share, above 0 and at most 1; 0.5 asks for the median.
    mode : str
        ``first-day``: the first whole day on which the share has been reached, within rounding. ``R``: as R's
        ``quantile.survfit``, which gives the middle of a flat stretch at exactly that share.
    outcome : int, optional
        Leaving by this outcome; by default by any.

    Raises
    ------
    SurvivalInputError
        If ``q``, the mode or the outcome is not known.
    """
    if not 0 < q <= 1:
        raise SurvivalInputError(f"`q` must be above 0 and at most 1, not {q}.", remedy="Write 0.5 for the median.")
    if mode not in ("first-day", "R"):
        raise SurvivalInputError(f"Mode '{mode}' is not known.", remedy=nearest(mode, ["first-day", "R"]))
    share, _ = _left(table, outcome)
    days = {}
    for label, left, last in zip(table.groups, share, table.last_days, strict=True):
        reached = np.flatnonzero(left[: last + 1] >= q - SAME_SHARE)
        passed = np.flatnonzero(left[: last + 1] > q + SAME_SHARE)
        day = int(reached[0]) if reached.size else None
        if mode == "R" and day is not None:
            day = (day + int(passed[0] if passed.size else last)) / 2
        days[label] = day
    return days


def conditional(table: LifeTable, minimum: int = 10, *, through: int | None = None) -> LifeTable:
    """Start a table of late entrants where enough children are at risk, and say so.

    When children enter late, few may be at risk on the first days, and one exit then bends the whole curve (or ends
    it at 0). The table returned is of those still waiting at its ``start_day``: the first day from which at least
    ``minimum`` children are at risk on every day up to that of the largest number. Groups start on one day, so that
    they compare. A table without late entrants, or with enough children from the first day, is returned as it is.

    Parameters
    ----------
    table : LifeTable
        Counts per whole day.
    minimum : int
        Children who must be at risk. If so many never are, the largest number there is.
    through : int, optional
        Last day needed, such as the day of an aim; later days then have no say in where the table starts.

    Raises
    ------
    SurvivalInputError
        If a group has nobody left by the day on which another could start: condition each alone.
    """
    if not table.entered[:, table.start_day + 1 :].any():
        return table
    at_risk = table.at_risk[:, table.start_day :]
    if through is not None:
        at_risk = at_risk[:, : max(through - table.start_day, 0) + 1]
    day = table.start_day + max(_enough_from(of_group, minimum) for of_group in at_risk)
    if day == table.start_day:
        return table
    gone = [label for label, last in zip(table.groups, table.last_days, strict=True) if last < day]
    if gone:
        raise SurvivalInputError(
            f"Nobody of group '{gone[0]}' is waiting at day {day}, from which another group has enough children.",
            remedy="Make each group conditional by itself: conditional(table.select(group)).",
        )
    entered, exits = table.entered.copy(), table.exits.copy()
    entered[:, day] = table.at_risk[:, day]
    entered[:, :day] = 0
    exits[:, :, :day] = 0
    return LifeTable(table.groups, entered, exits, day)


def _enough_from(at_risk: np.ndarray, minimum: int) -> int:
    peak = int(np.argmax(at_risk))
    short = np.flatnonzero(at_risk[:peak] < min(minimum, at_risk[peak]))
    return int(short[-1]) + 1 if short.size else 0


def _left(table: LifeTable, outcome: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Share who left, and its standard error, shape (groups, days)."""
    if outcome is None:
        survival, greenwood = product_limit(table.at_risk, any_exit(table))
        return 1 - survival, survival_error(survival, greenwood)
    if outcome not in range(1, table.outcomes + 1):
        raise SurvivalInputError(f"The table counts outcomes 1 to {table.outcomes}, not '{outcome}'.")
    share, variance = aalen_johansen(table)
    return share[:, outcome - 1], np.sqrt(variance[:, outcome - 1])


def _check_followed(table: LifeTable, day: int) -> None:
    if day != int(day) or day < table.start_day:
        raise SurvivalInputError(
            f"`day` must be a whole day from {table.start_day} on, not {day}.",
            where=f"The table is {table.condition}." if table.start_day else "",
        )
    survival, _ = product_limit(table.at_risk, any_exit(table))
    for label, last, waiting in zip(table.groups, table.last_days, survival[:, -1], strict=True):
        if last < day and waiting > 0:
            raise SurvivalInputError(
                f"Day {day} is beyond the follow-up of group '{label}', which ends on day {last}.",
                remedy=f"Ask for day {last} or earlier, or wait until children have been followed that long.",
            )
