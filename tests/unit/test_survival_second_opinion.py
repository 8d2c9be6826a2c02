"""The same estimates computed another way: slowly, child by child, and by lifelines."""

from fractions import Fraction
from functools import cache

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from pace_analysis.survival import (
    SurvivalInputError,
    cox,
    cumulative_incidence,
    kaplan_meier,
    life_table,
    logrank,
    nelson_aalen,
    quantile,
    restricted_mean,
    state_occupancy,
    transitions,
)

QUICK = 100  # cohorts of a quick run
COHORTS = [*range(QUICK), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(QUICK, 500))]


def cohort(seed):
    """Invented waits with ties, day-0 events, late entries and children seen for one day."""
    generator = np.random.default_rng([2015, seed])
    children, n_outcomes = int(generator.integers(1, 45)), int(generator.integers(1, 4))
    first = generator.integers(0, 12, children) * (generator.random(children) < (seed % 3) / 3)
    last = first + generator.integers(0, int(generator.integers(1, 40)), children)
    return first, last, generator.integers(0, n_outcomes + 1, children), n_outcomes


@cache
def slowly(seed):
    """Shares in exact fractions, children looked at one by one; variances from whole transition matrices."""
    first, last, outcome, n_outcomes = cohort(seed)
    state = [Fraction(1)] + [Fraction(0)] * n_outcomes
    spread = np.zeros((n_outcomes + 1, n_outcomes + 1))
    hazard, hazard_variance, days = Fraction(0), Fraction(0), []
    for day in range(max(last) + 1):
        here = [k for s, e, k in zip(first, last, outcome, strict=True) if s <= day <= e]
        ending = [k for e, k in zip(last, outcome, strict=True) if e == day]
        if here:
            leave = [Fraction(ending.count(k), len(here)) for k in range(1, n_outcomes + 1)]
            step = np.eye(n_outcomes + 1)
            step[0] = [float(1 - sum(leave)), *map(float, leave)]
            multinomial = (np.diag(step[0]) - np.outer(step[0], step[0])) / len(here)
            spread = step.T @ spread @ step + float(state[0]) ** 2 * multinomial
            state = [state[0] * (1 - sum(leave)), *(f + state[0] * p for f, p in zip(state[1:], leave, strict=True))]
            hazard += sum(leave)
            hazard_variance += sum(leave) / len(here)
        days.append((list(state), np.diag(spread).copy(), hazard, hazard_variance))
    return days


@pytest.mark.parametrize("seed", COHORTS)
def test_agrees_with_a_slow_exact_loop(seed):
    first, last, outcome, n_outcomes = cohort(seed)
    table = life_table(last, outcome, first_day=first, n_outcomes=n_outcomes)
    waiting, hazard = kaplan_meier(table), nelson_aalen(table)
    shares = cumulative_incidence(table).set_index(["day", "outcome"])
    states, spreads, hazards, hazard_variances = zip(*slowly(seed), strict=True)
    states, spreads = np.array(states, dtype=float), np.array(spreads)

    assert_allclose(waiting["estimate"], states[:, 0], rtol=1e-12, atol=1e-15)
    assert_allclose(shares["estimate"].unstack(), states[:, 1:], rtol=1e-12, atol=1e-15)
    assert_allclose(shares["std_error"].unstack() ** 2, spreads[:, 1:], rtol=1e-10, atol=1e-14)
    left = states[:, 0] > 0
    assert waiting["std_error"].notna().tolist() == left.tolist()
    assert_allclose(waiting["std_error"][left] ** 2, spreads[left, 0], rtol=1e-10, atol=1e-14)
    assert_allclose(hazard["estimate"], np.array(hazards, dtype=float), rtol=1e-12)
    assert_allclose(hazard["std_error"] ** 2, np.array(hazard_variances, dtype=float), rtol=1e-12)


@pytest.mark.parametrize("seed", COHORTS)
def test_quantiles_agree_with_exact_fractions(seed):
    first, last, outcome, n_outcomes = cohort(seed)
    table = life_table(last, outcome, first_day=first, n_outcomes=n_outcomes)
    days = [state for state, *_ in slowly(seed)]
    for percent in (5, 25, 50, 75, 95, 100):
        q = Fraction(percent, 100)
        reached = [day for day, state in enumerate(days) if 1 - state[0] >= q]
        assert quantile(table, percent / 100)["all"] == (reached[0] if reached else None)
        reached = [day for day, state in enumerate(days) if state[1] >= q]
        assert quantile(table, percent / 100, outcome=1)["all"] == (reached[0] if reached else None)


@pytest.mark.parametrize("seed", range(0, 500, 5))
def test_restricted_means_agree_with_the_loop(seed):
    first, last, outcome, n_outcomes = cohort(seed)
    table = life_table(last, outcome, first_day=first, n_outcomes=n_outcomes)
    horizon = max(last)
    if horizon == 0:
        return
    waiting = [state[0] for state, *_ in slowly(seed)]
    [mean] = restricted_mean(table, horizon).to_dict("records")
    assert mean["estimate"] == pytest.approx(float(sum(waiting[:horizon])), rel=1e-12)
    assert 0 <= mean["lower"] <= mean["estimate"] <= mean["upper"] <= horizon


def slow_logrank(first, last, outcome, group):
    """Observed less expected and its variance for two groups, one child after another, in exact fractions."""
    score, variance = Fraction(0), Fraction(0)
    for day in sorted(set(last[outcome > 0])):
        here = (first <= day) & (day <= last)
        n, n1 = int(here.sum()), int((here & group).sum())
        left = here & (last == day) & (outcome > 0)
        d, d1 = int(left.sum()), int((left & group).sum())
        score += d1 - Fraction(d * n1, n)
        if n > 1:
            variance += Fraction(d * n1 * (n - n1) * (n - d), n * n * (n - 1))
    return score, variance


@pytest.mark.parametrize("seed", COHORTS)
def test_logrank_agrees_with_exact_fractions(seed):
    first, last, outcome, n_outcomes = cohort(seed)
    group = np.random.default_rng(seed).random(last.size) < 0.5
    if not 0 < group.sum() < group.size:
        return
    score, variance = slow_logrank(first, last, outcome, group)
    table = life_table(last, outcome, first_day=first, group=group, n_outcomes=n_outcomes)
    if variance == 0:
        with pytest.raises(SurvivalInputError, match="cannot be compared"):
            logrank(table)
        return
    ours = logrank(table)
    assert ours.statistic == pytest.approx(float(score**2 / variance), rel=1e-10, abs=1e-20)
    assert ours.observed[1] - ours.expected[1] == pytest.approx(float(score), rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("seed", range(0, 500, 10))
def test_breslow_score_at_no_effect_is_the_sum_over_exits(seed):
    first, last, outcome, _ = cohort(seed)
    x = np.random.default_rng(seed).integers(0, 4, last.size)
    score = information = 0.0
    for day, value in zip(last[outcome > 0], x[outcome > 0], strict=True):
        others = x[(first <= day) & (day <= last)]
        score += value - others.mean()
        information += others.var()
    rows = pd.DataFrame({"first_day": first, "last_day": last, "outcome": outcome, "x": x})
    try:
        model = cox(rows, ["x"], ties="breslow")
    except SurvivalInputError as refused:
        assert information == 0 or "no bound" in str(refused) or "Nobody leaves" in str(refused)
        return
    assert model.score == pytest.approx(score**2 / information, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("seed", range(0, 500, 10))
def test_one_move_from_one_stage_is_cumulative_incidence(seed):
    first, last, outcome, n_outcomes = cohort(seed)
    names = ["waiting", *(f"left {j}" for j in range(1, n_outcomes + 1))]
    after = [names[j] if j else None for j in outcome]
    table = transitions(["waiting"] * len(last), last, after, first_day=first, stages=names)
    occupancy = state_occupancy(table, start="waiting").pivot(index="day", columns="stage")
    shares = cumulative_incidence(life_table(last, outcome, first_day=first, n_outcomes=n_outcomes))
    for column in ("estimate", "std_error", "lower", "upper"):
        theirs = shares.pivot(index="day", columns="outcome", values=column)
        assert_allclose(occupancy[column][names[1:]], theirs, rtol=0, atol=1e-7 if column == "std_error" else 1e-9)


@pytest.fixture(scope="module")
def lifelines_fitter():
    from lifelines import KaplanMeierFitter

    return KaplanMeierFitter


@pytest.mark.parametrize("seed", range(30))
def test_agrees_with_lifelines_when_entry_is_the_day_before(seed, lifelines_fitter):
    first, last, outcome, _ = cohort(seed)
    # lifelines gives up when nobody is left early, so five children wait from day 0 past everyone else
    first, last = np.append(first, [0] * 5), np.append(last, [60] * 5)
    outcome = np.append(outcome, [0] * 5)
    theirs = lifelines_fitter().fit(last, outcome > 0, entry=first - 1)
    ours = kaplan_meier(life_table(last, outcome, first_day=first), interval="log-log")
    days = np.arange(61)
    assert_allclose(ours["estimate"], theirs.survival_function_at_times(days), rtol=1e-12)
    band = theirs.confidence_interval_survival_function_.reindex(days, method="ffill")
    inside = (ours["estimate"] < 1).to_numpy()
    assert_allclose(ours[["lower", "upper"]][inside], band[inside], rtol=1e-9)
