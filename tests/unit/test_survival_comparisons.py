"""Tests between groups and restricted means: what they mean, and what they refuse."""

import doctest
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from pace_analysis.survival import (
    SurvivalInputError,
    compare,
    conditional,
    cumulative_incidence,
    gray,
    gray_test,
    kaplan_meier,
    life_table,
    logrank,
    means,
    restricted_mean,
    restricted_mean_difference,
)

TWO = life_table([10, 20, 20, 30, 45, 60, 60], [1, 1, 2, 0, 1, 0, 2], group=list("aababba"))
waits = st.tuples(st.integers(0, 25), st.integers(0, 2), st.sampled_from("abc"))
cohorts = st.lists(waits, min_size=6, max_size=40)
unhurried = settings(max_examples=50, deadline=None)


def count(rows):
    last, outcome, group = (list(column) for column in zip(*rows, strict=True))
    return life_table(last, outcome, group=group, n_outcomes=2)


def compared(test, table, *arguments, **named):
    """The comparison, or None where nobody leaves while two groups are at risk, or there is one group."""
    try:
        return test(table, *arguments, **named)
    except SurvivalInputError:
        return None


class TestLogrank:
    def test_two_children_by_hand(self):
        """Day 1: one of two leaves, expected one half each, variance one quarter. Then one group is left."""
        ours = logrank(life_table([1, 5], [1, 1], group=["a", "b"]))
        assert (ours.statistic, ours.degrees_of_freedom, ours.groups) == (pytest.approx(1), 1, ("a", "b"))
        assert ours.observed == (1, 1)
        assert ours.expected == pytest.approx((0.5, 1.5))
        assert np.array(ours.variance) == pytest.approx(np.array([[0.25, -0.25], [-0.25, 0.25]]))
        assert ours.p_value == pytest.approx(0.31731050786291415, rel=1e-12)

    @unhurried
    @given(cohorts, st.randoms(use_true_random=False))
    def test_the_order_of_rows_and_the_names_of_groups_make_no_difference(self, rows, order):
        ours = compared(logrank, count(rows))
        assert compared(logrank, count(order.sample(rows, len(rows)))) == ours
        if ours is not None:
            renamed = count([(last, outcome, {"a": "z", "b": "y", "c": "x"}[group]) for last, outcome, group in rows])
            theirs = logrank(renamed)
            assert theirs.statistic == pytest.approx(ours.statistic, rel=1e-9, abs=1e-12)
            assert theirs.observed[::-1] == ours.observed
            assert sum(ours.expected) == pytest.approx(sum(ours.observed), rel=1e-12)

    @unhurried
    @given(cohorts)
    def test_one_stratum_is_no_stratum_and_two_alike_double_everything(self, rows):
        table = count(rows)
        ours = compared(logrank, table)
        assert compared(logrank, table, strata=[table]) == ours
        if ours is not None:
            twice = logrank(table + table, strata=[table, table])
            assert twice.statistic == pytest.approx(2 * ours.statistic, rel=1e-9, abs=1e-12)

    def test_a_stratum_may_lack_a_group(self):
        north = life_table([3, 5, 9, 12], [1, 1, 0, 1], group=list("abab"))
        south = life_table([4, 8], [1, 1], group=list("bb"))
        ours = logrank(north + south, strata=[north, south])
        assert ours.statistic == pytest.approx(logrank(north).statistic)
        assert ours.observed == (1, 4)

    def test_a_group_never_at_risk_with_others_takes_no_degree_of_freedom(self):
        table = life_table([3, 5, 9, 40], [1, 1, 1, 1], first_day=[0, 0, 0, 30], group=list("abac"))
        assert logrank(table).degrees_of_freedom == 1

    def test_a_trend_uses_the_order_of_the_groups(self):
        generator = np.random.default_rng(4)
        group = np.repeat([0, 1, 2, 3], 60)
        last = generator.exponential(40 / (1 + 0.25 * group)).astype(int)
        table = life_table(last, np.ones_like(last), group=group)
        trend, any_difference = logrank(table, trend=True), logrank(table)
        assert (trend.degrees_of_freedom, any_difference.degrees_of_freedom) == (1, 3)
        assert trend.p_value < any_difference.p_value
        assert trend.statistic <= any_difference.statistic

    @pytest.mark.slow
    def test_has_its_size_when_groups_do_not_differ(self):
        generator = np.random.default_rng(11)
        significant = 0
        for _ in range(400):
            last, lost = generator.geometric(0.02, 80), generator.integers(1, 120, 80)
            table = life_table(np.minimum(last, lost), last <= lost, group=np.arange(80) % 2)
            significant += logrank(table).p_value < 0.05
        assert 0.03 <= significant / 400 <= 0.075

    def test_refusals(self):
        with pytest.raises(SurvivalInputError, match="needs two groups or more; the table has one, 'all'"):
            logrank(life_table([1, 2], [1, 1]))
        with pytest.raises(SurvivalInputError, match="outcomes 1 to 2, not '3'"):
            logrank(TWO, outcome=3)
        with pytest.raises(SurvivalInputError, match="nobody leaves while two of them are at risk"):
            logrank(life_table([1, 2], [0, 0], group=["a", "b"]))
        with pytest.raises(SurvivalInputError, match="2 strata do not add up to the table"):
            logrank(TWO, strata=[TWO, TWO])
        with pytest.raises(SurvivalInputError, match="0 strata do not add up"):
            logrank(TWO, strata=[])


class TestGray:
    @unhurried
    @given(cohorts, st.randoms(use_true_random=False))
    def test_the_order_of_rows_changes_no_bit_and_groups_may_be_renamed(self, rows, order):
        ours = compared(gray_test, count(rows), 1)
        assert compared(gray_test, count(order.sample(rows, len(rows))), 1) == ours
        if ours is not None:
            renamed = count([(last, outcome, {"a": "z", "b": "y", "c": "x"}[group]) for last, outcome, group in rows])
            assert gray_test(renamed, 1).statistic == pytest.approx(ours.statistic, rel=1e-9, abs=1e-9)

    def test_sees_a_difference_in_shares_that_rates_do_not_have(self):
        """Same rate of outcome 1; group b leaves by outcome 2 faster, so that fewer are left to leave by 1."""
        generator = np.random.default_rng(8)
        one = generator.geometric(0.02, 2000)
        other = generator.geometric(np.repeat([0.002, 0.04], 1000))
        table = life_table(np.minimum(one, other), np.where(one <= other, 1, 2), group=np.repeat(["a", "b"], 1000))
        assert gray_test(table, 1).p_value < 1e-6
        assert logrank(table, outcome=1).p_value > 0.01

    @pytest.mark.slow
    def test_has_its_size_when_groups_do_not_differ(self):
        generator = np.random.default_rng(12)
        significant = 0
        for _ in range(400):
            last, lost = generator.geometric(0.02, 80), generator.integers(1, 120, 80)
            kind = np.where(last <= lost, generator.integers(1, 3, 80), 0)
            table = life_table(np.minimum(last, lost), kind, group=np.arange(80) % 2, n_outcomes=2)
            significant += gray_test(table, 1).p_value < 0.05
        assert 0.03 <= significant / 400 <= 0.075

    def test_refusals(self):
        late = life_table([5, 6, 7], [1, 2, 1], first_day=[0, 2, 2], group=list("aab"))
        with pytest.raises(SurvivalInputError, match="when children enter late, and 2 of 3 do"):
            gray_test(late, 1)
        with pytest.raises(SurvivalInputError, match="outcomes 1 to 2, not '0'"):
            gray_test(TWO, 0)
        with pytest.raises(SurvivalInputError, match="needs two groups"):
            gray_test(TWO.select("a"), 1)

    def test_a_table_conditional_for_all_alike_is_not_late(self):
        first = np.repeat([0, 5, 0, 5], [2, 12, 2, 12])
        last = np.arange(28) % 14 + 10
        group = np.repeat(["a", "b"], 14)
        table = conditional(life_table(last, np.arange(28) % 3, first_day=first, group=group))
        again = life_table(last - 5, np.arange(28) % 3, group=group)
        assert table.start_day == 5
        assert gray_test(table, 1).statistic == pytest.approx(gray_test(again, 1).statistic, rel=1e-9)


class TestRestrictedMean:
    @unhurried
    @given(cohorts, st.integers(1, 25))
    def test_without_censoring_is_the_plain_mean_of_waits_cut_at_the_horizon(self, rows, horizon):
        last = np.array([wait for wait, _, _ in rows])
        [ours] = restricted_mean(life_table(last, np.ones_like(last)), horizon).to_dict("records")
        cut = np.minimum(last, horizon)
        assert ours["estimate"] == pytest.approx(cut.mean(), rel=1e-12, abs=1e-12)
        assert ours["std_error"] == pytest.approx(cut.std() / np.sqrt(len(rows)), rel=1e-9, abs=1e-9)

    def test_is_the_area_under_the_curve(self):
        curve = kaplan_meier(TWO.pooled())
        [ours] = restricted_mean(TWO.pooled(), 45).to_dict("records")
        assert ours["estimate"] == pytest.approx(curve.loc[curve["day"] < 45, "estimate"].sum(), rel=1e-12)

    def test_of_a_conditional_table_counts_days_from_its_start(self):
        table = conditional(life_table([50] * 13, [1] * 13, first_day=[0] + [5] * 12))
        [ours] = restricted_mean(table, 30).to_dict("records")
        assert (ours["start_day"], ours["estimate"]) == (5, 25)

    def test_a_difference_is_of_each_group_and_that_of_reference(self):
        table = life_table([4, 8, 6, 10, 2, 12], [1] * 6, group=list("aabbcc"))
        ours = restricted_mean_difference(table, 10)
        assert ours["group"].tolist() == ["b", "c"]
        assert_allclose(ours["estimate"], [2, 0], atol=1e-12)
        turned = restricted_mean_difference(table, 10, reference="b", level=0.9)
        assert turned["group"].tolist() == ["a", "c"]
        assert turned["estimate"].iloc[0] == -ours["estimate"].iloc[0]
        assert turned["p_value"].iloc[0] == pytest.approx(ours["p_value"].iloc[0], rel=1e-12)
        assert (turned["upper"] - turned["lower"]).iloc[0] < (ours["upper"] - ours["lower"]).iloc[0]

    def test_refusals_say_how_many_groups_and_which(self):
        table = life_table([4, 8, 6, 10], [1, 0, 1, 0], group=list("aabb"))
        with pytest.raises(SurvivalInputError) as caught:
            restricted_mean(table, 9)
        assert "A horizon of 9 days is beyond the follow-up of 1 of 2 group(s)." in str(caught.value)
        assert "\n  The first is group 'a', followed to day 8." in str(caught.value)
        assert "Ask for 8 days or fewer." in str(caught.value)
        for horizon in (0, -3, 2.5):
            with pytest.raises(SurvivalInputError, match="whole number of days above 0"):
                restricted_mean(table, horizon)
        with pytest.raises(SurvivalInputError, match="needs two groups or more"):
            restricted_mean_difference(table.pooled(), 5)
        with pytest.raises(SurvivalInputError, match="no group 'c'"):
            restricted_mean_difference(table, 5, reference="c")
        with pytest.raises(SurvivalInputError, match="Write 0.95 for 95%"):
            restricted_mean(table, 5, level=95)

    def test_a_group_that_has_all_left_may_be_asked_of_any_horizon(self):
        assert restricted_mean(life_table([4, 8], [1, 1]), 1000)["estimate"].tolist() == [6]


class TestALaterDataCut:
    @unhurried
    @given(
        st.lists(st.tuples(st.integers(0, 40), st.integers(0, 60), st.integers(1, 2)), min_size=1, max_size=30),
        st.integers(40, 80),
        st.integers(0, 30),
    )
    def test_never_removes_a_decision(self, children, cut, later):
        """Children start on a date, would wait so long, and leave so; seen at two data cuts."""

        def seen_at(census):
            started, wait, kind = np.array(children).T
            left = started + wait <= census
            return life_table(np.minimum(wait, census - started), np.where(left, kind, 0), n_outcomes=2)

        early, late = seen_at(cut), seen_at(cut + later)
        days = early.exits.shape[2]
        assert late.exits.shape[2] >= days
        assert (late.exits[:, 1:, :days] >= early.exits[:, 1:]).all()
        assert (late.at_risk[:, :days] >= early.at_risk).all()
        assert late.entered.sum() == early.entered.sum()


def test_large_cohorts_shuffled_give_the_same_bits():
    rows = [((i * 37) % 200, i % 3, "abc"[i % 3]) for i in range(3000)]
    shuffled = count(random.Random(2).sample(rows, len(rows)))
    assert logrank(shuffled, rho=1) == logrank(count(rows), rho=1)
    assert gray_test(shuffled, 2) == gray_test(count(rows), 2)
    assert cumulative_incidence(shuffled).equals(cumulative_incidence(count(rows)))


@pytest.mark.parametrize("module", [compare, gray, means], ids=lambda module: module.__name__)
def test_the_examples_of_the_documentation_are_true(module):
    result = doctest.testmod(module)
    assert result.attempted > 1
    assert result.failed == 0
