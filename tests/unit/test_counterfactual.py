"""Faster moves from one stage: constant hazards in closed form, and what no speeding may change."""

import doctest

import numpy as np
import pytest
from numpy.testing import assert_allclose

from pace_analysis.survival import StageTable, SurvivalInputError, counterfactual, state_occupancy, transitions
from pace_analysis.survival.counterfactual import ASSUMPTION, gain, speed_up

NAMES = ("open", "planned", "decided", "left")


def constant(open_on: float, planned_on: float, days: int, *, children: int, left: float = 0.0) -> StageTable:
    """A table whose daily shares of moves are the same every day, to the rounding of whole children."""
    started, censored = np.zeros((4, days + 1), int), np.zeros((4, days + 1), int)
    moved = np.zeros((4, 4, days + 1), int)
    here, started[0, 0] = np.array([children, 0]), children
    for day in range(days):
        for stage, share in ((0, open_on), (1, planned_on)):
            moved[stage, stage + 1, day] = round(here[stage] * share)
            moved[stage, 3, day] = round(here[stage] * left)
        here = here - moved[:2, :, day].sum(axis=1) + [0, moved[0, 1, day]]
        started[1, day + 1] = moved[0, 1, day]
    censored[:2, days] = here
    return StageTable(NAMES, started, moved, censored)


def decided_by(day: int, first: float, second: float) -> float:
    """Share through two stages of constant daily shares by the end of a day: two geometric times, a day apart."""
    days = day + 1
    waiting = (1 - first) ** days
    planned = first * (waiting - (1 - second) ** days) / (second - first)
    return 1 - waiting - planned


class TestConstantShares:
    table = constant(0.02, 0.05, 200, children=10**13)

    def test_now_and_twice_as_often_are_those_of_the_closed_form(self):
        found = gain(self.table, ["planned", "open"], day=150, seed=1, draws=20)
        assert found["stage"].tolist() == ["open", "planned"]
        now = decided_by(150, 0.02, 0.05)
        then = [decided_by(150, 1 - 0.98**2, 0.05), decided_by(150, 0.02, 1 - 0.95**2)]
        assert_allclose(found["share_now"], now, atol=1e-9)
        assert_allclose(found["share_then"], then, atol=1e-9)
        assert_allclose(found["gain"], np.array(then) - now, atol=1e-9)
        # of so many children nothing is uncertain
        assert_allclose(found["lower"], found["upper"], atol=1e-5)

    def test_any_factor_at_any_day(self):
        course = speed_up(self.table, "open", 3.0)
        wanted = [decided_by(day, 1 - 0.98**3, 0.05) for day in (0, 1, 30, 199)]
        assert_allclose(course.loc[[0, 1, 30, 199], "decided"], wanted, atol=1e-9)
        assert_allclose(course.sum(axis=1), 1.0, atol=1e-12)

    def test_the_mean_time_halves(self):
        """At a steady share h a day the mean is 1/h; with twice as many chances 1/(1 - (1 - h)**2), nearly half."""
        slow = constant(0.002, 0.05, 6000, children=10**13)
        days = [speed_up(slow, "open", factor)["open"].sum() for factor in (1.0, 2.0)]
        assert days[1] / days[0] == pytest.approx(0.5, abs=0.002)

    def test_leaving_is_as_frequent_as_before(self):
        table = constant(0.1, 0.05, 10, children=10**12, left=0.05)
        first_day = speed_up(table, "open", 2.0).loc[0]
        assert_allclose(first_day.tolist(), [1 - 0.19 - 0.05, 0.19, 0, 0.05], atol=1e-9)


class TestAnyTable:
    @pytest.fixture
    def table(self):
        return transitions(
            ["open", "open", "open", "open", "planned", "planned", "planned"], [3, 3, 5, 9, 8, 12, 20],
            ["planned", "planned", "left", "planned", "decided", "decided", None],
            first_day=[0, 0, 0, 0, 4, 4, 10], stages=NAMES,
        )

    def test_a_factor_of_one_is_the_occupancy(self, table):
        shares = state_occupancy(table).pivot(index="day", columns="stage", values="estimate")[list(NAMES)]
        for stage in ("open", "planned"):
            assert_allclose(speed_up(table, stage, 1.0), shares, atol=1e-12)

    def test_no_more_move_than_there_are(self, table):
        """On day 5 one of two leaves; on day 9 the last moves. However often, leaving stays and shares are shares."""
        course = speed_up(table, "open", 1000.0)
        assert course.to_numpy().min() >= -1e-12
        assert_allclose(course.sum(axis=1), 1.0, atol=1e-12)
        assert course.loc[3, "open"] == pytest.approx(0, abs=1e-12)

    def test_the_stage_that_ends_the_wait_gains_nothing(self, table):
        assert gain(table, ["left"], day=20, seed=1, draws=2)["gain"].item() == 0

    def test_the_same_seed_gives_the_same_interval(self, table):
        first, again = (gain(table, ["open", "planned"], day=12, seed=1) for _ in range(2))
        assert first.equals(again)
        assert (first["lower"] <= first["gain"]).all() and (first["gain"] <= first["upper"]).all()

    @pytest.mark.parametrize(("arguments", "words"), [
        ({"day": 21}, "beyond follow-up"),
        ({"day": 0}, "`day`"),
        ({"day": 2.5}, "`day`"),
        ({"draws": 1}, "`draws`"),
        ({"factor": 0}, "`factor`"),
        ({"target": "decide"}, "Did you mean 'decided'"),
        ({"stages": ["opened"]}, "Did you mean 'open'"),
        ({"leaving": ["lost"]}, "no stage 'lost'"),
        ({"level": 2}, "level"),
    ])
    def test_a_question_without_an_answer_is_refused(self, table, arguments, words):
        with pytest.raises(SurvivalInputError, match=words):
            gain(table, **({"stages": ["open"], "day": 12, "seed": 1} | arguments))


def test_the_interval_holds_the_true_gain_as_often_as_it_says():
    """120 children, 120 times: 95% of intervals, within what chance allows (0.89 to 0.99 at 3 standard errors)."""
    generator = np.random.default_rng(26)
    truth = decided_by(100, 1 - 0.98**2, 0.05) - decided_by(100, 0.02, 0.05)
    held = 0
    for seed in range(120):
        first, second = generator.geometric(0.02, 120) - 1, generator.geometric(0.05, 120)
        moved = first <= 150
        ends = np.concatenate([np.minimum(first, 150), np.minimum(first + second, 150)[moved & (first < 150)]])
        begun = np.concatenate([np.zeros(120, int), first[moved & (first < 150)] + 1])
        stage = np.repeat(["open", "planned"], [120, len(ends) - 120])
        after = np.where(np.concatenate([moved, (first + second <= 150)[moved & (first < 150)]]),
                         np.where(stage == "open", "planned", "decided"), None)
        table = transitions(stage, ends, after, first_day=begun, stages=NAMES)
        found = gain(table, ["open"], day=100, seed=seed, draws=100)
        held += found["lower"].item() <= truth <= found["upper"].item()
    assert 0.89 <= held / 120 <= 0.99


def test_another_seed_gives_other_draws():
    table = constant(0.02, 0.05, 60, children=300)
    lower = [gain(table, ["open"], day=50, seed=seed)["lower"].item() for seed in (1, 2)]
    assert lower[0] != lower[1]


def test_what_is_assumed_is_said():
    assert "days since the start" in ASSUMPTION and "nothing else changes" in ASSUMPTION


def test_examples_of_the_module_run():
    assert doctest.testmod(counterfactual).failed == 0
