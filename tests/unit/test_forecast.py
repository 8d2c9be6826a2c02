"""Forecasts of those waiting: exact where nothing is uncertain, and intervals that cover as often as they say."""

import numpy as np
import pytest

from pace_analysis.survival import SurvivalInputError, forecast, life_table

QUARTER = 91


def followed(generator: np.random.Generator, a_quarter: int, quarters: int, horizon: int):
    """Table of what was seen, days waited of those still waiting, and how many were decided within the horizon."""
    end = QUARTER * quarters
    start = generator.integers(0, end, generator.poisson(a_quarter * quarters))
    decided, left = generator.weibull(1.1, start.size) * 420, generator.exponential(700, start.size)
    wait, outcome = np.minimum(decided, left).astype(int), np.where(decided < left, 1, 2)
    over = start + wait < end
    seen = np.where(over, wait, end - 1 - start)
    table = life_table(seen, np.where(over, outcome, 0), n_outcomes=2)
    return table, seen[~over], int(((start + wait)[~over] <= end - 1 + horizon)[outcome[~over] == 1].sum())


@pytest.mark.parametrize(("a_quarter", "quarters", "horizon"), [(30, 16, 91), (30, 16, 182)])
def test_coverage_of_the_interval(a_quarter, quarters, horizon):
    generator = np.random.default_rng(1)
    covered = []
    for seed in range(150):
        table, waited, decided = followed(generator, a_quarter, quarters, horizon)
        told = forecast(table, waited, horizon, seed=seed, draws=300)
        covered.append(told.lower <= decided <= told.upper)
    assert 0.92 <= np.mean(covered) <= 0.98


def test_with_certain_rates_the_interval_is_that_of_the_poisson_binomial():
    rate, children = 0.01, np.array([0, 10, 50, 100, 150] * 8)
    days = np.arange(400)
    at_risk = np.round(1e9 * (1 - rate) ** days)
    exits = np.round(at_risk * rate).astype(np.int64)
    from pace_analysis.survival import LifeTable

    entered = np.zeros((1, 400), np.int64)
    entered[0, 0] = exits.sum()
    table = LifeTable(("all",), entered, np.vstack([np.zeros(400, np.int64), exits])[None])
    chance = []
    for start in children:
        still = exits[start + 1:].sum()
        chance.append(exits[start + 1: start + 61].sum() / still)
    exact = np.array([1.0])
    for p in chance:
        exact = np.convolve(exact, [1 - p, p])
    cumulative = np.cumsum(exact)
    told = forecast(table, children, 60, seed=3, draws=20_000)
    assert told.expected == pytest.approx(sum(chance), rel=1e-6)
    assert abs(told.lower - int(np.searchsorted(cumulative, 0.025))) <= 1
    assert abs(told.upper - int(np.searchsorted(cumulative, 0.975))) <= 1


def test_days_of_each_child_and_those_beyond_follow_up():
    table = life_table([10, 20, 30, 40], [1, 1, 1, 1])
    told = forecast(table, [5, 15], [5, 100], seed=1, draws=100)
    assert told.expected == pytest.approx(1 / 4 + 1) and told.beyond_follow_up == 1 and told.children == 2


def test_the_same_seed_gives_the_same_interval():
    table = life_table(np.arange(1, 80), np.tile([1, 2, 0], 27)[:79])
    assert forecast(table, [3, 9, 30], 20, seed=7) == forecast(table, [3, 9, 30], 20, seed=7)


@pytest.mark.parametrize(("waited", "ahead", "says"), [
    ([], 5, "no child"), ([-1], 5, "0 days or more"), ([1.5], 5, "not a whole number"), ([3], -2, "0 days or more"),
])
def test_impossible_days_are_refused(waited, ahead, says):
    with pytest.raises(SurvivalInputError, match=says):
        forecast(life_table([3, 5], [1, 0]), waited, ahead, seed=1)


def test_tables_that_cannot_answer_are_refused():
    two = life_table([3, 5], [1, 0], group=["a", "b"])
    with pytest.raises(SurvivalInputError, match="one group"):
        forecast(two, [1], 2, seed=1)
    with pytest.raises(SurvivalInputError, match="outcomes 1 to 1, not 2"):
        forecast(life_table([3], [1]), [1], 2, seed=1, outcome=2)
    with pytest.raises(SurvivalInputError, match="2 or more"):
        forecast(life_table([3], [1]), [1], 2, seed=1, draws=1)
