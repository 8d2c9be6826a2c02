"""An interrupted series on hazards: did the rate of leaving step or bend at a change, whatever the mix of waits?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pace_analysis.survival.checks import LONGEST_WAIT, check_waits, whole_numbers
from pace_analysis.survival.errors import SurvivalInputError
from pace_analysis.survival.exposure import check_dated

if TYPE_CHECKING:
    import pandas as pd

BANDS = (0, 42, 91, 182, 365)  # first days of the bands of waiting whose rates may differ
QUARTER_DAYS = 91
STEPS, ENOUGH = 50, 1e-10
SINGULAR = 1e13  # condition number of the information from which its inverse is noise
Z = 1.959964
COMPARE_ONLY = "Compare before and after the change only, at equal days of waiting."


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A Poisson model of exits by band of waiting, with a calendar slope, a step and a bend at the change.

    Attributes
    ----------
    step, lower, upper : float
        Rate just after the change over that foreseen from before it, and its 95% interval.
    bend, bend_lower, bend_upper : float
        Change of the slope: factor a quarter.
    slope : float
        Factor a quarter before the change.
    exits, exits_after : int
        All exits of the model, and those from the change on.
    loglik : float
        Without terms that do not depend on the coefficients.
    """

    step: float
    lower: float
    upper: float
    bend: float
    bend_lower: float
    bend_upper: float
    slope: float
    exits: int
    exits_after: int
    loglik: float


def lexis(waits: pd.DataFrame, change: Any, *, outcome: int = 1) -> pd.DataFrame:
    """Exits and child-days by band of waiting and quarter (of 91 days) before and after the change.

    Returns
    -------
    DataFrame
        ``band`` (from 0), ``quarter`` (0 is the first after the change, -1 the last before), ``exits``, ``days``.
        Cells in which nobody waits are left out.

    Raises
    ------
    SurvivalInputError
        For waits that cannot be counted.
    """
    import pandas as pd

    check_dated(waits)
    first, last, kind = (whole_numbers(waits[name], name) for name in ("first_day", "last_day", "outcome"))
    check_waits(last, kind, first, None)
    first, last = first.astype(np.int64), last.astype(np.int64)
    start = (waits["started"] - pd.Timestamp(change)).dt.days.to_numpy()
    last_quarter = (start + last) // QUARTER_DAYS
    last_band = np.searchsorted(BANDS, last, side="right") - 1
    exits = pd.DataFrame({"band": last_band, "quarter": last_quarter})[kind == outcome].value_counts()
    cells = []
    for band, (opens, closes) in enumerate(zip(BANDS, (*BANDS[1:], LONGEST_WAIT + 1), strict=True)):
        for quarter in range(((start + first) // QUARTER_DAYS).min(), last_quarter.max() + 1):
            from_day = np.maximum(first, np.maximum(quarter * QUARTER_DAYS - start, opens))
            to_day = np.minimum(last, np.minimum((quarter + 1) * QUARTER_DAYS - start, closes) - 1)
            days = int(np.maximum(to_day - from_day + 1, 0).sum())
            cells.append((band, quarter, int(exits.get((band, quarter), 0)), days))
    counted = pd.DataFrame(cells, columns=["band", "quarter", "exits", "days"])
    return counted[counted["days"] > 0].reset_index(drop=True)


def interrupted_series(
    waits: pd.DataFrame, change: Any, *, quarters: int | None = None, outcome: int = 1
) -> Interrupted:
    """Fit the model to waits.

    Parameters
    ----------
    waits : DataFrame
        As for :func:`pace_analysis.survival.exposure.split_at`.
    change : date
        First day of the change.
    quarters : int, optional
        Quarters of 91 days to look at on either side of the change, at least 2; all by default.
    outcome : int
        Exit whose rate is modelled.

    Raises
    ------
    SurvivalInputError
        If there are fewer than two quarters, or no exit, before or after the change, or no bounded model.

    Source
    ------
    Wagner, Soumerai, Zhang and Ross-Degnan (2002), J. Clin. Pharm. Ther. 27, 299-309, on rates of a Lexis diagram
    (Carstensen 2007, Stat. Med. 26, 3018-3045).
    """
    cells = lexis(waits, change, outcome=outcome)
    if quarters is not None:
        cells = cells[cells["quarter"].between(-quarters, quarters - 1)]
    # a band that nobody leaves tells nothing of a step, and its rate has no bound
    cells = cells[cells.groupby("band")["exits"].transform("sum") > 0]
    _check_sides(cells)
    quarter, exits, days = (cells[name].to_numpy(float) for name in ("quarter", "exits", "days"))
    after = quarter >= 0
    bands = cells["band"].to_numpy()[:, None] == np.unique(cells["band"])
    design = np.column_stack([quarter, after, np.where(after, quarter, 0), bands])
    coefficients, spread, loglik = poisson_fit(design, exits, days)
    error = np.sqrt(np.diag(spread))[:3]
    low, high = np.exp(coefficients[:3] - Z * error), np.exp(coefficients[:3] + Z * error)
    slope, step, bend = (float(factor) for factor in np.exp(coefficients[:3]))
    lower, upper, bend_lower, bend_upper = (float(limit) for limit in (low[1], high[1], low[2], high[2]))
    counted = int(exits.sum()), int(exits[after].sum())
    return Interrupted(step, lower, upper, bend, bend_lower, bend_upper, slope, *counted, loglik)


def poisson_fit(design: np.ndarray, exits: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Coefficients, their covariance and the log likelihood of a log-linear Poisson model, by Newton's method.

    The columns of ``design`` from the fourth on are those of the bands, of which each row is in one.

    Raises
    ------
    SurvivalInputError
        If the columns are collinear, or a coefficient grows without end.
    """
    coefficients = np.zeros(design.shape[1])
    coefficients[3:] = np.log(exits.sum() / days.sum())
    for _ in range(STEPS):
        with np.errstate(over="ignore"):  # a coefficient that grows without end is refused below
            mean = days * np.exp(design @ coefficients)
        information = design.T @ (design * mean[:, None])
        if not np.isfinite(information).all() or np.linalg.cond(information) > SINGULAR:
            break
        move = np.linalg.solve(information, design.T @ (exits - mean))
        coefficients = coefficients + np.clip(move, -2, 2)
        if np.abs(move).max() < ENOUGH:
            mean = days * np.exp(design @ coefficients)
            return coefficients, np.linalg.inv(information), float((exits * np.log(mean) - mean).sum())
    raise SurvivalInputError("The rates before and after the change have no bounded model.", remedy=COMPARE_ONLY)


def _check_sides(cells: pd.DataFrame) -> None:
    after = cells["quarter"] >= 0
    for part, when in ((cells[~after], "before"), (cells[after], "after")):
        if part["quarter"].nunique() < 2 or not part["exits"].sum():
            raise SurvivalInputError(
                f"A series needs two quarters and an exit {when} the change.",
                remedy=f"Choose a change with time on both sides, or more quarters. {COMPARE_ONLY}",
            )
