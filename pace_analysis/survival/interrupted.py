"""An interrupted series on hazards: did the rate of leaving step or bend at a change, whatever the mix of waits?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pace_analysis.survival.errors import SurvivalInputError

if TYPE_CHECKING:
    import pandas as pd

BANDS = (0, 42, 91, 182, 365)  # first days of the bands of waiting whose rates may differ
QUARTER_DAYS = 91
STEPS, ENOUGH = 50, 1e-10


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
    exits : int
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
    loglik: float


def lexis(waits: pd.DataFrame, change: Any, *, outcome: int = 1) -> pd.DataFrame:
    """Exits and child-days by band of waiting and quarter (of 91 days) before and after the change.

    Returns
    -------
    DataFrame: ``band`` (from 0), ``quarter`` (0 is the first after the change, -1 the last before), ``exits``, ``days``.
    """
    import pandas as pd

    from_change = (waits["started"] - pd.Timestamp(change)).dt.days.to_numpy()
    first, last = (waits[name].to_numpy(np.int64) for name in ("first_day", "last_day"))
    lengths = last - first + 1
    row = np.repeat(np.arange(len(waits)), lengths)
    day = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths) + first[row]
    band = np.searchsorted(BANDS, day, side="right") - 1
    quarter = (from_change[row] + day) // QUARTER_DAYS
    exits = (day == last[row]) & (waits["outcome"].to_numpy()[row] == outcome)
    cells = pd.DataFrame({"band": band, "quarter": quarter, "exits": exits.astype(int), "days": 1})
    return cells.groupby(["band", "quarter"], as_index=False).sum()


def interrupted_series(waits: pd.DataFrame, change: Any, *, outcome: int = 1) -> Interrupted:
    """Fit the model to waits.

    Parameters
    ----------
    waits : DataFrame
        As for :func:`pace_analysis.survival.exposure.split_at`.
    change : date

    Raises
    ------
    SurvivalInputError
        If there are fewer than two quarters, or no exit, before or after the change.

    Source
    ------
    Wagner, Soumerai, Zhang and Ross-Degnan (2002), J. Clin. Pharm. Ther. 27, 299-309, on rates of a Lexis diagram
    (Carstensen 2007, Stat. Med. 26, 3018-3045).
    """
    cells = lexis(waits, change, outcome=outcome)
    after = cells["quarter"] >= 0
    for part, when in ((cells[~after], "before"), (cells[after], "after")):
        if part["quarter"].nunique() < 2 or not part["exits"].sum():
            raise SurvivalInputError(f"A series needs two quarters and an exit {when} the change.",
                                     remedy="Choose a change with time on both sides, or compare before and after only.")
    bands = np.eye(len(BANDS))[cells["band"]]
    bands = bands[:, np.array([cells.loc[cells["band"] == b, "exits"].sum() > 0 for b in range(len(BANDS))])]
    seen = bands.any(axis=1)
    quarter = cells["quarter"].to_numpy(float)
    design = np.column_stack([quarter, after, np.where(after, quarter, 0), bands])[seen]
    exits, days = (cells[name].to_numpy(float)[seen] for name in ("exits", "days"))
    coefficients, spread, loglik = poisson_fit(design, exits, days)
    error = np.sqrt(np.diag(spread))[:3]
    low, high = np.exp(coefficients[:3] - 1.959964 * error), np.exp(coefficients[:3] + 1.959964 * error)
    slope, step, bend = np.exp(coefficients[:3])
    return Interrupted(step, low[1], high[1], bend, low[2], high[2], slope, int(exits.sum()), loglik)


def poisson_fit(design: np.ndarray, exits: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Coefficients, their covariance and the log likelihood of a log-linear Poisson model, by Newton's method."""
    coefficients = np.zeros(design.shape[1])
    coefficients[3:] = np.log(exits.sum() / days.sum())
    for _ in range(STEPS):
        mean = days * np.exp(design @ coefficients)
        information = design.T @ (design * mean[:, None])
        move = np.linalg.solve(information, design.T @ (exits - mean))
        coefficients = coefficients + np.clip(move, -2, 2)
        if np.abs(move).max() < ENOUGH:
            mean = days * np.exp(design @ coefficients)
            return coefficients, np.linalg.inv(information), float((exits * np.log(mean) - mean).sum())
    raise SurvivalInputError("The rates before and after the change have no bounded model.", remedy="Compare before and after only.")
