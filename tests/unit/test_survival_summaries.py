"""Intervals, the share by a day, the day of a share, and tables that start late."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.stats import binomtest

from pace_analysis.survival import (
    SurvivalInputError,
    conditional,
    cumulative_incidence,
    kaplan_meier,
    life_table,
    quantile,
    share_by,
)

DATA = Path(__file__).parents[1] / "oracles" / "data"


def late_entries():
    rows = pd.read_csv(DATA / "edge_lt.csv")
    return rows["last_day"].to_numpy(), rows["cause"].to_numpy(), rows["first_day"].to_numpy()


class TestClopperPearson:
    @pytest.mark.parametrize("number", [1, 2, 10, 37])
    def test_is_the_exact_binomial_interval_while_nobody_is_censored(self, number):
        curve = kaplan_meier(life_table(np.arange(number), [1] * number))
        for left, row in zip(range(1, number + 1), curve.itertuples(), strict=True):
            exact = binomtest(number - left, number).proportion_ci(method="exact")
            assert_allclose([row.lower, row.upper], [exact.low, exact.high], rtol=1e-9, atol=1e-12)

    def test_of_an_outcome_is_exact_too(self):
        shares = cumulative_incidence(life_table([3, 3, 5, 8, 9, 9], [2, 1, 2, 2, 1, 2], n_outcomes=3))
        at_end = shares[shares["day"] == 9]
        for count, row in zip([2, 4, 0], at_end.itertuples(), strict=True):
            exact = binomtest(count, 6).proportion_ci(method="exact")
            assert_allclose([row.lower, row.upper], [exact.low, exact.high], rtol=1e-9, atol=1e-12)

    def test_after_a_censoring_a_share_of_none_speaks_for_those_at_risk(self):
        curve = kaplan_meier(life_table([1, 1, 4, 6], [0, 0, 0, 0]))
        assert_allclose(curve["lower"], [0.025 ** (1 / n) for n in (4, 4, 2, 2, 2, 1, 1)], rtol=1e-12)
        assert (curve["upper"] == 1).all()

    def test_before_anybody_is_seen_nothing_is_known(self):
        curve = kaplan_meier(life_table([5, 6], [1, 1], first_day=[2, 2]))
        assert curve.loc[curve["day"] < 2, ["lower", "estimate", "upper"]].to_numpy().tolist() == [[0, 1, 1]] * 2

    def test_holds_the_estimate_and_widens_with_the_level(self):
        last, outcome, first = late_entries()
        table = life_table(last, outcome, first_day=first)
        narrow, wide = kaplan_meier(table, level=0.8), kaplan_meier(table, level=0.99)
        assert (narrow["lower"] <= narrow["estimate"]).all() and (narrow["estimate"] <= narrow["upper"]).all()
        assert (wide["lower"] <= narrow["lower"]).all() and (narrow["upper"] <= wide["upper"]).all()

    @pytest.mark.slow
    @pytest.mark.parametrize("children", [10, 20, 40])
    @pytest.mark.parametrize("waiting", [0.05, 0.1, 0.5, 0.9])
    def test_covers_the_truth_at_least_as_often_as_it_says(self, children, waiting):
        generator = np.random.default_rng([children, int(100 * waiting)])
        cohorts = 4000
        wait = np.floor(generator.exponential(-183 / np.log(waiting), (cohorts, children))).astype(int)
        some = generator.random((cohorts, children)) < 0.3
        lost = np.where(some, generator.integers(0, 365, (cohorts, children)), 999)
        last = np.minimum(wait, lost)
        judged = (last.max(axis=1) >= 182) | (wait <= lost).all(axis=1)
        group = np.repeat(np.arange(cohorts), children)[np.repeat(judged, children)]
        event = (wait <= lost)[judged].ravel()
        shares = share_by(life_table(last[judged].ravel(), event, group=group), 182)
        covered = (shares["lower"] <= 1 - waiting) & (1 - waiting <= shares["upper"])
        assert judged.mean() > 0.3
        assert covered.mean() >= 0.95


class TestIntervals:
    @pytest.mark.parametrize("kind", ["log", "log-log", "logit", "arcsin"])
    def test_of_an_incidence_hold_it_within_0_and_1(self, kind):
        shares = cumulative_incidence(life_table([2, 3, 3, 5, 7, 8], [1, 2, 0, 1, 0, 2]), interval=kind)
        some = shares["estimate"] > 0
        assert shares.loc[~some, ["lower", "upper"]].isna().all(axis=None)
        band = shares[some]
        assert band["lower"].between(0, band["estimate"]).all() and band["upper"].between(band["estimate"], 1).all()

    def test_log_log_of_an_incidence_is_that_of_those_who_have_not_left(self):
        table = life_table([2, 3, 3, 5, 7], [1, 1, 0, 1, 0])
        shares, curve = cumulative_incidence(table, interval="log-log"), kaplan_meier(table, interval="log-log")
        assert_allclose(shares["lower"], 1 - curve["upper"], rtol=1e-9)
        assert_allclose(shares["upper"], 1 - curve["lower"], rtol=1e-9)

    def test_unknown_kinds_and_levels_are_refused(self):
        table = life_table([1, 2], [1, 0])
        with pytest.raises(SurvivalInputError, match="Did you mean 'log-log'"):
            kaplan_meier(table, interval="log_log")
        with pytest.raises(SurvivalInputError, match="shares below 0"):
            cumulative_incidence(table, interval="plain")
        for level in (0, 1, 95):
            with pytest.raises(SurvivalInputError, match="Write 0.95 for 95%"):
                share_by(table, 1, level=level)


class TestShareBy:
    @pytest.mark.parametrize("decided", range(1, 101))
    def test_an_aim_met_exactly_is_met(self, decided):
        """19 children in 20 decided by day 182, in a hundred cohorts of growing size."""
        generator = np.random.default_rng(decided)
        last = np.concatenate([generator.integers(0, 183, 19 * decided), generator.integers(183, 400, decided)])
        [row] = share_by(life_table(last, np.ones_like(last)), 182).to_dict("records")
        assert row["estimate"] == pytest.approx(0.95, rel=0, abs=1e-9)
        assert row["effective_number"] == pytest.approx(20 * decided, rel=1e-9)
        assert row["at_risk"] == (last >= 182).sum()

    def test_is_a_row_a_group_and_agrees_with_the_curve(self):
        table = life_table([2, 5, 9, 4, 9, 9], [1, 2, 0, 1, 1, 0], group=list("babaab"))
        shares = share_by(table, 5, outcome=1)
        curve = cumulative_incidence(table)
        curve = curve[(curve["day"] == 5) & (curve["outcome"] == 1)].reset_index()
        assert shares["group"].tolist() == ["a", "b"]
        columns = ["at_risk", "estimate", "std_error", "lower", "upper"]
        pd.testing.assert_frame_equal(shares[columns], curve[columns])

    def test_of_any_exit_is_one_minus_those_waiting(self):
        table = life_table([2, 5, 9, 12], [1, 2, 0, 1])
        [share] = share_by(table, 9, level=0.9).to_dict("records")
        waiting = kaplan_meier(table, level=0.9).set_index("day").loc[9]
        ours = [share["estimate"], share["lower"], share["upper"], share["std_error"]]
        theirs = [1 - waiting["estimate"], 1 - waiting["upper"], 1 - waiting["lower"], waiting["std_error"]]
        assert_allclose(ours, theirs, rtol=1e-9)

    def test_a_day_beyond_follow_up_is_refused(self):
        table = life_table([3, 9, 20], [1, 0, 1], group=["a", "a", "b"])
        with pytest.raises(SurvivalInputError, match="beyond the follow-up of group 'a', which ends on day 9"):
            share_by(table, 10)
        with pytest.raises(SurvivalInputError, match="whole day from 0 on"):
            share_by(table, -1)

    def test_once_everyone_has_left_later_days_are_known(self):
        [row] = share_by(life_table([3, 9, 9], [1, 1, 2]), 182, outcome=2).to_dict("records")
        assert (row["estimate"], row["at_risk"], row["day"]) == (pytest.approx(1 / 3), 0, 182)

    def test_an_unknown_outcome_is_refused(self):
        with pytest.raises(SurvivalInputError, match="outcomes 1 to 2, not '3'"):
            share_by(life_table([3, 9], [1, 2]), 3, outcome=3)


class TestQuantile:
    @pytest.mark.parametrize("number", range(20, 401, 20))
    def test_the_day_19_in_20_are_decided_is_exact(self, number):
        days = np.random.default_rng(number).permutation(3 * number)[:number]
        assert quantile(life_table(days, [1] * number), 0.95) == {"all": np.sort(days)[number * 19 // 20 - 1]}

    def test_on_a_flat_stretch_the_first_day_or_the_middle(self):
        rows = pd.read_csv(DATA / "edge_flat_median.csv")
        table = life_table(rows["last_day"], rows["cause"])
        assert quantile(table, 0.5) == {"all": 40}
        assert quantile(table, 0.5, mode="R") == {"all": 50}
        assert quantile(table, 0.9) == quantile(table, 0.9, mode="R") == {"all": None}

    def test_flat_to_the_end_the_middle_is_to_the_end_of_follow_up(self):
        assert quantile(life_table([4, 10], [1, 0]), 0.5, mode="R") == {"all": 7}

    def test_is_a_whole_day_for_each_group(self):
        days = quantile(life_table([4, 10, 6, 6], [1, 0, 1, 1], group=["a", "a", "b", "b"]), 0.75)
        assert days == {"a": None, "b": 6}
        assert type(days["b"]) is int

    def test_impossible_questions_are_refused(self):
        table = life_table([4], [1])
        for q in (0, 95, -0.5):
            with pytest.raises(SurvivalInputError, match="`q` must be above 0"):
                quantile(table, q)
        with pytest.raises(SurvivalInputError, match="Mode 'r' is not known"):
            quantile(table, 0.5, mode="r")


class TestConditional:
    def test_starts_where_enough_children_are_at_risk_and_says_so(self):
        last, outcome, first = late_entries()
        table = life_table(last, outcome, first_day=first)
        late = conditional(table)
        at_risk = table.counts.set_index("day")["at_risk"]
        assert at_risk.loc[:6].tolist() == [8, 8, 9, 9, 10, 10, 14]
        assert late.start_day == 4
        assert late.condition == "given still waiting at day 4"
        assert "given still waiting at day 4" in repr(late)

    def test_counts_those_waiting_then_and_leaves_later_days_alone(self):
        last, outcome, first = late_entries()
        table = life_table(last, outcome, first_day=first)
        late = conditional(table)
        then = last >= late.start_day
        again = life_table(last[then], outcome[then], first_day=np.maximum(first[then], late.start_day), n_outcomes=3)
        assert late.counts.equals(again.counts[again.counts["day"] >= late.start_day].reset_index(drop=True))
        assert kaplan_meier(late)["day"].iloc[0] == late.start_day
        assert share_by(late, 12)["start_day"].tolist() == [late.start_day]

    def test_a_curve_no_longer_ends_by_the_accident_of_one_early_child(self):
        last, first = np.append(np.full(30, 90), 2), np.append(np.full(30, 40), 0)
        outcome = np.append(np.repeat([1, 0], 15), 1)
        table = life_table(last, outcome, first_day=first)
        assert kaplan_meier(table)["estimate"].iloc[-1] == 0
        late = conditional(table)
        assert late.start_day == 40
        assert kaplan_meier(late)["estimate"].iloc[-1] == 0.5

    def test_without_late_entry_or_with_enough_children_nothing_changes(self):
        few = life_table([3, 5, 8], [1, 0, 1])
        assert conditional(few) is few
        enough = life_table([50] * 12, [1] * 12, first_day=[0] * 11 + [5])
        assert conditional(enough) is enough

    def test_where_there_are_never_enough_it_starts_at_the_most_there_are(self):
        assert conditional(life_table([9, 9, 9], [1, 1, 0], first_day=[0, 4, 6])).start_day == 6

    def test_days_after_the_last_needed_have_no_say(self):
        first = np.repeat([0, 300], [12, 40])
        last = np.repeat([200, 400], [12, 40])
        table = life_table(last, np.ones_like(last), first_day=first)
        assert conditional(table).start_day == 300
        assert conditional(table, through=182).start_day == 0

    def test_groups_start_on_one_day(self):
        first = np.repeat([0, 7, 0], [2, 12, 15])
        table = life_table(np.full(29, 60), np.ones(29), first_day=first, group=["a"] * 14 + ["b"] * 15)
        late = conditional(table)
        assert late.start_day == 7
        assert late.at_risk[:, 7].tolist() == [14, 15]

    def test_refuses_to_drop_a_group_in_silence(self):
        first, last = np.repeat([0, 30, 0], [2, 12, 15]), np.repeat([60, 20], [14, 15])
        table = life_table(last, np.ones(29), first_day=first, group=["a"] * 14 + ["b"] * 15)
        with pytest.raises(SurvivalInputError, match="Nobody of group 'b' is waiting at day 30"):
            conditional(table)

    def test_days_before_the_start_are_not_answered(self):
        late = conditional(life_table([50] * 13, [1] * 13, first_day=[0] + [5] * 12))
        with pytest.raises(SurvivalInputError, match="given still waiting at day 5"):
            share_by(late, 4)

    def test_adds_only_to_a_table_of_the_same_start(self):
        table = life_table([50] * 13, [1] * 13, first_day=[0] + [5] * 12)
        late = conditional(table)
        assert (late + late).entered.sum() == 26
        assert (late + late).start_day == 5
        with pytest.raises(SurvivalInputError, match="before making them conditional"):
            table + late
