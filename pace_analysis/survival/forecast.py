"""How many of those waiting will leave by a day, with a prediction interval, from the counts of a life table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pace_analysis.survival.checks import whole_numbers
from pace_analysis.survival.errors import SurvivalInputError
from pace_analysis.survival.intervals import EXACT, check_interval
from pace_analysis.survival.lifetable import LifeTable


@dataclass(frozen=True, slots=True)
class Forecast:
    """A forecast of how many of the children now waiting will leave by an outcome.

    Attributes
    ----------
    children : int
        Children asked about.
    expected : float
        Expected number.
    lower, upper : int
        Prediction interval.
    beyond_follow_up : int
        Children whose day lies beyond the last day on which anybody was seen: no exit is foreseen there.
    """

    children: int
    expected: float
    lower: int
    upper: int
    beyond_follow_up: int


def forecast(
    table: LifeTable, waited: Any, ahead: Any, *, outcome: int = 1, draws: int = 1000, seed: int, level: float = 0.95
) -> Forecast:
    """Forecast exits by an outcome among children who have waited some days.

    A child who has waited ``a`` days, and is asked about ``h`` days ahead, leaves by the outcome with the probability
    (F(a + h) - F(a)) / S(a) of the table. The number of exits is drawn from tables that are themselves drawn (each day
    the fates of those at risk, by the Bayesian bootstrap), so that the interval holds both what chance does to the
    children and what is not known of the rates.

    Parameters
    ----------
    table : LifeTable
        One group, counted on the clock of the wait; late entry is allowed.
    waited : array of whole numbers
        Days that each child has waited: still waiting at the end of that day.
    ahead : array of whole numbers, or one number
        Days from now until the day that is asked about.
    outcome : int
        Which exit, from 1.
    draws : int
        Tables drawn, 2 or more; one number of exits is drawn from each.
    seed : int
        Of the draws: the same seed gives the same interval.
    level : float
        Coverage of the interval.

    Raises
    ------
    SurvivalInputError
        If the table has several groups or no such outcome, days are not whole or are negative, or there is no child.

    Source
    ------
    Rubin (1981), Ann. Stat. 9, 130-134, with gamma weights on the counts; the number of exits given the chances is
    Poisson-binomial.
    """
    return forecasts(table, [(waited, ahead)], outcome=outcome, draws=draws, seed=seed, level=level)[0]


def forecasts(
    table: LifeTable, questions: Sequence[tuple[Any, Any]], *, outcome: int = 1, draws: int = 1000, seed: int,
    level: float = 0.95
) -> list[Forecast]:
    """Answer several questions, days waited and days ahead, from the same drawn tables: each as if asked alone.

    Parameters and errors are those of :func:`forecast`.
    """
    check_interval(EXACT, level)
    _check(table, outcome, draws)
    asked = [_days(waited, ahead) for waited, ahead in questions]
    generator = np.random.default_rng(seed)
    busy, weights = _drawn(table, draws, generator)
    state = generator.bit_generator.state
    told = []
    for start, end in asked:
        generator.bit_generator.state = state  # so that it does not matter what was asked before
        chance = _chances(weights, outcome, *(np.searchsorted(busy, day, side="right") for day in (start, end)))
        drawn = (generator.random((draws, start.size)) < chance[1:]).sum(axis=1)
        lower, upper = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], method="inverted_cdf")
        beyond = int((end > table.entered.shape[1] - 1).sum())
        told.append(Forecast(start.size, float(chance[0].sum()), int(lower), int(upper), beyond))
    return told


def _drawn(table: LifeTable, draws: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Days with an exit, and the weight on them of each exit and of staying: as counted, then as drawn.

    Shape of the weights: (1 + draws, exits and stay, days with an exit). On other days everybody stays.
    """
    left = table.exits[0, 1:]
    fates = np.vstack([left, table.at_risk[0] - left.sum(axis=0)]).astype(float)
    busy, held = left.any(axis=0), fates > 0
    # a weight of none is none without a random number, so that only the others need be drawn
    drawn = generator.standard_gamma(np.broadcast_to(fates[held], (draws, held.sum())))
    weights = np.zeros((1 + draws, len(fates), busy.sum()))
    weights[0] = fates[:, busy]
    weights[1:, held[:, busy]] = drawn[:, (held & busy)[held]]
    return np.flatnonzero(busy), weights


def _check(table: LifeTable, outcome: int, draws: int) -> None:
    if len(table.groups) != 1:
        raise SurvivalInputError("A forecast is made from the table of one group.",
                                 remedy="Use table.select(group) or table.pooled().")
    if not 1 <= outcome <= table.outcomes:
        raise SurvivalInputError(f"The life table counts outcomes 1 to {table.outcomes}, not {outcome}.")
    if draws < 2:
        raise SurvivalInputError(f"`draws` must be 2 or more, not {draws}.")


def _days(waited: Any, ahead: Any) -> tuple[np.ndarray, np.ndarray]:
    start = whole_numbers(waited, "waited").astype(np.int64)
    reach = np.broadcast_to(np.asarray(ahead), start.shape)
    reach = whole_numbers(reach, "ahead").astype(np.int64)
    if not start.size:
        raise SurvivalInputError("There is no child to forecast for: `waited` is empty.")
    if start.min() < 0 or reach.min() < 0:
        raise SurvivalInputError("`waited` and `ahead` must be 0 days or more.")
    return start, start + reach


def _chances(fates: np.ndarray, outcome: int, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Chance of each child to leave by the outcome, shape (tables, children).

    ``fates`` are weights, shape (tables, exits and stay, days with an exit); ``start`` and ``end`` are how many of
    these days had passed.
    """
    at_risk = fates.sum(axis=1)
    hazard = np.divide(fates, at_risk[:, None], out=np.zeros(fates.shape), where=at_risk[:, None] > 0)
    waiting, incidence = np.ones((2, len(fates), 1 + fates.shape[2]))
    incidence[:, 0] = 0
    np.cumprod(1 - hazard[:, :-1].sum(axis=1), axis=1, out=waiting[:, 1:])
    np.cumsum(waiting[:, :-1] * hazard[:, outcome - 1], axis=1, out=incidence[:, 1:])
    still = waiting[:, start]
    more = np.divide(incidence[:, end] - incidence[:, start], still, out=np.zeros(still.shape), where=still > 1e-12)
    return more.clip(0, 1)
