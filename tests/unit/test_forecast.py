"""Forecasts of those waiting: exact where nothing is uncertain, and intervals that cover as often as they say."""

import numpy as np
import pytest

from pace_analysis.survival import LifeTable, SurvivalInputError, forecast, life_table
from pace_analysis.survival.forecast import forecasts

QUARTER = 91


def followed(generator: np.random.Generator, horizon: int, seen_quarters: int, a_quarter: int = 30, quarters: int = 16):
    """Table of the last quarters seen, days waited of those still waiting, and how many are decided in the horizon."""
    end = QUARTER * quarters
    start = generator.integers(0, end, generator.poisson(a_quarter * quarters))
    decided, left = generator.weibull(1.1, start.size) * 420, generator.exponential(700, start.size)
    wait, outcome = np.minimum(decided, left).astype(int), np.where(decided < left, 1, 2)
    over = start + wait < end
    seen = np.where(over, wait, end - 1 - start)
    first = np.clip(end - QUARTER * seen_quarters - start, 0, None)
    took_part = first <= seen
    table = life_table(seen[took_part], np.where(over, outcome, 0)[took_part], first_day=first[took_part], n_outcomes=2)
    return table, seen[~over], int(((start + wait)[~over] <= end - 1 + horizon)[outcome[~over] == 1].sum())


@pytest.mark.parametrize(("horizon", "seen_quarters"), [(91, 16), (182, 16), (182, 4)])
def test_coverage_of_the_interval(horizon, seen_quarters):
    generator = np.random.default_rng(1)
    covered = []
    for seed in range(200):
        table, waited, decided = followed(generator, horizon, seen_quarters)
        told = forecast(table, waited, horizon, seed=seed, draws=200)
        covered.append(told.lower <= decided <= told.upper)
    assert 0.92 <= np.mean(covered) <= 0.98


def test_with_certain_rates_the_interval_is_that_of_the_poisson_binomial():
    rate, children = 0.01, np.array([0, 10, 50, 100, 150] * 5)
    days = np.arange(250)
    at_risk = np.round(1e9 * (1 - rate) ** days)
    exits = np.round(at_risk * rate).astype(np.int64)
    entered = np.zeros((1, days.size), np.int64)
    entered[0, 0] = exits.sum()
    table = LifeTable(("all",), entered, np.vstack([np.zeros(days.size, np.int64), exits])[None])
    chances = [exits[start + 1: start + 61].sum() / exits[start + 1:].sum() for start in children]
    exact = np.array([1.0])
    for chance in chances:
        exact = np.convolve(exact, [1 - chance, chance])
    lower, upper = np.searchsorted(np.cumsum(exact), [0.025, 0.975])
    told = forecast(table, children, 60, seed=3, draws=10_000)
    assert told.expected == pytest.approx(sum(chances), rel=1e-6)
    assert (told.lower, told.upper) == (lower, upper)


def test_days_of_each_child_and_those_beyond_follow_up():
    table = life_table([10, 20, 30, 40], [1, 1, 1, 1])
    told = forecast(table, [5, 15], [5, 100], seed=1, draws=100)
    assert told.expected == pytest.approx(1 / 4 + 1)
    assert told.beyond_follow_up == 1
    assert told.children == 2


def test_nobody_is_foreseen_to_leave_beyond_follow_up():
    table = life_table([10, 20, 30, 40], [1, 1, 0, 0])
    told = forecast(table, [20, 45], [1000, 10], seed=1, draws=100)
    assert (told.expected, told.upper, told.beyond_follow_up) == (0, 0, 2)


def test_an_outcome_that_competes_takes_its_share():
    table = life_table([10, 20, 30, 40], [1, 2, 1, 2])
    told = forecast(table, [5], 100, seed=1, draws=100, outcome=2)
    assert told.expected == pytest.approx(1 / 2)


def test_the_same_seed_gives_the_same_interval():
    table = life_table(np.arange(1, 80), np.tile([1, 2, 0], 27)[:79])
    assert forecast(table, [3, 9, 30], 20, seed=7) == forecast(table, [3, 9, 30], 20, seed=7)


def test_each_of_several_questions_is_answered_as_if_asked_alone():
    table = life_table(np.arange(1, 80), np.tile([1, 2, 0], 27)[:79])
    questions = [([3, 9, 30], 20), ([5], 100), ([3, 9, 30], 20)]
    assert forecasts(table, questions, seed=7) == [forecast(table, *each, seed=7) for each in questions]


def test_days_without_an_exit_change_no_number():
    """Every cell of every day drawn, and every day walked: the same draws and the same interval."""
    table = life_table([10, 20, 20, 60, 61, 90], [1, 2, 1, 0, 1, 1], first_day=[0, 0, 5, 30, 0, 0])
    waited, ahead, draws = np.array([0, 15, 20, 40, 89]), 50, 300
    left = table.exits[0, 1:]
    fates = np.vstack([left, table.at_risk[0] - left.sum(axis=0)]).astype(float)
    generator = np.random.default_rng(4)
    weights = generator.standard_gamma(np.broadcast_to(fates, (draws, *fates.shape)))
    drawn = []
    for share in weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-300):
        waiting = np.cumprod(1 - share[:2].sum(axis=0))
        reached = np.cumsum(np.concatenate([[1.0], waiting[:-1]]) * share[0])
        drawn.append((reached[np.minimum(waited + ahead, 90)] - reached[waited]) / waiting[waited])
    exits = (generator.random((draws, waited.size)) < drawn).sum(axis=1)
    told = forecast(table, waited, ahead, seed=4, draws=draws)
    assert [told.lower, told.upper] == np.quantile(exits, [0.025, 0.975], method="inverted_cdf").tolist()


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
