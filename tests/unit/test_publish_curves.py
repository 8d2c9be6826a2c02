"""Grouped curves and period shares: safe bins on the grid, everything recomputable from the counts shown."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pace_analysis.errors import DisclosureRefused
from pace_analysis.publish.disclosure import (
    Refused,
    Release,
    ReleasedCurve,
    ReleasedPeriodShare,
    release_curve,
    release_period_share,
)
from pace_analysis.publish.estimates import period_percent
from pace_analysis.publish.grouping import PeriodBins, daily, grid_edges, period_bins
from pace_analysis.publish.partition import best_partition
from pace_analysis.publish.profiles import PROFILES
from pace_analysis.survival import cumulative_incidence, kaplan_meier, life_table, share_by

PROTECTING = [profile for profile in PROFILES.values() if profile.protects]
INTERNAL = PROFILES["internal"]
SCALE = 182 / (-np.log(0.71)) ** (1 / 1.1)  # 29% have left by 26 weeks


def cohort(seed, n, *, outcomes=2, horizon=364, spread=0, late=0):
    """Weibull waits of ``n`` children, followed for ``horizon`` days less up to ``spread``, some seen late."""
    rng = np.random.default_rng(seed)
    last = (SCALE * rng.weibull(1.1, n)).astype(int)
    outcome = np.where(rng.random(n) < 0.75, 1, rng.integers(min(2, outcomes), outcomes + 1, n))
    seen_to = horizon - rng.integers(0, spread + 1, n)
    outcome, last = np.where(last <= seen_to, outcome, 0), np.minimum(last, seen_to)
    first = np.where(rng.random(n) < late, rng.integers(0, 200, n), 0)
    kept = first <= last
    return life_table(last[kept], outcome[kept], first_day=first[kept], n_outcomes=outcomes)


def released(table, **options):
    labels = [f"outcome {j}" for j in range(1, table.outcomes + 1)]
    return release_curve(table, what="children accommodated in 2013/14", labels=labels, **options)


def number_columns(curve):
    return ["at_risk", "entered", "censored", *(f"events_{j}" for j in range(1, len(curve.labels) + 1))]


@pytest.mark.parametrize("profile", PROTECTING, ids=lambda p: p.name)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), n=st.integers(25, 600), outcomes=st.integers(1, 3), spread=st.sampled_from([0, 350]),
       late=st.sampled_from([0, 0.3]), horizon=st.sampled_from([182, 364, 500]))
def test_no_bin_of_a_curve_holds_a_small_count(profile, seed, n, outcomes, spread, late, horizon):
    curve = released(cohort(seed, n, outcomes=outcomes, horizon=horizon, spread=spread, late=late), profile=profile)
    if isinstance(curve, Refused):
        assert curve.code in ("too-few-children", "cannot-be-grouped", "not-followed")
        assert curve.sentence.startswith("Not shown: children accommodated in 2013/14. ")
        return
    points = curve.points
    numbers = points[number_columns(curve)].to_numpy()
    exits = points[[f"events_{j}" for j in range(1, outcomes + 1)]].sum(axis=1)
    still_waiting = numbers[:, 0] + numbers[:, 1] - numbers[:, 2] - exits
    assert not ((numbers > 0) & (numbers < profile.threshold)).any()
    assert (exits >= profile.threshold).all()
    assert (points["at_risk"] >= 10).all()
    assert (still_waiting[:-1].to_numpy() == numbers[1:, 0]).all()
    assert not 0 < still_waiting.iloc[-1] < profile.threshold
    assert set(points["day"] % 14) == {0} and 182 in set(points["day"])
    assert curve.n >= 30 and curve.release == Release.PUBLISHED
    assert bool(curve.advice) == (curve.n < 60)


def recomputed(points, outcomes):
    """The actuarial estimates, one bin at a time, from the counts alone."""
    waiting, shares, rows = 1.0, [0.0] * outcomes, []
    for row in points.to_dict("records"):
        number = row["at_risk"] + (row["entered"] - row["censored"]) / 2
        leaving = [waiting * row[f"events_{j}"] / number for j in range(1, outcomes + 1)]
        shares = [share + more for share, more in zip(shares, leaving, strict=True)]
        waiting -= sum(leaving)
        rows.append([*shares, waiting])
    return rows


@pytest.mark.parametrize("spread", [0, 350])
def test_every_share_can_be_worked_out_again_from_the_counts_shown(spread):
    curve = released(cohort(3, 400, spread=spread))
    shown = curve.points[[*curve.estimate_columns, "waiting"]]
    np.testing.assert_allclose(shown, recomputed(curve.points, 2), atol=1e-12)
    np.testing.assert_allclose(shown.sum(axis=1), 1, atol=1e-12)


def test_a_cohort_followed_throughout_loses_nothing_at_the_edges():
    table = cohort(8, 150)
    curve = released(table)
    exact = cumulative_incidence(table).set_index(["outcome", "day"])
    for j in (1, 2):
        at_edges = exact.loc[j].loc[curve.points["day"]]
        some = at_edges["estimate"].to_numpy() > 0
        for column in ("estimate", "lower", "upper"):
            np.testing.assert_allclose(curve.points[f"{column}_{j}"][some], at_edges[column][some], atol=1e-9)


def test_whoever_is_censored_on_the_last_day_is_still_waiting_not_lost():
    table = cohort(8, 150, horizon=182)
    points = released(table).points
    assert points["day"].iloc[-1] == 182
    assert points["censored"].sum() == 0
    assert points["waiting"].iloc[-1] == pytest.approx(1 - share_by(table, 182)["estimate"][0])


@pytest.mark.parametrize("left", range(8))
def test_a_curve_is_left_out_for_nobody_as_for_a_few(left):
    """Left out for 1 to 4 alone, it would tell that they are so few: other tables may rule out the rest."""
    waits = life_table([*np.repeat([10, 40, 100], 20), *[150] * left, *[300] * 20], [1] * 60 + [2] * left + [1] * 20, n_outcomes=2)
    assert released(waits).code == "cannot-be-grouped"
    waits = life_table([*np.repeat([10, 40, 100], 20), *[300] * left], [1] * 30 + [2] * 30 + [1] * left, n_outcomes=2)
    assert released(waits).code == "cannot-be-grouped"


def test_the_median_is_a_bin_or_none():
    assert released(cohort(8, 150, horizon=182)).median() is None
    curve = released(cohort(8, 300, horizon=500))
    after, by = curve.median()
    waiting = curve.points.set_index("day")["waiting"]
    assert waiting[by] <= 0.5 < (waiting[after] if after else 1)


def test_a_curve_ends_before_fewer_than_ten_are_at_risk():
    curve = released(life_table(np.repeat([60, 150, 300], [31, 20, 9]), np.ones(60, int)))
    assert curve.points["day"].iloc[-1] == 182
    assert curve.points["waiting"].iloc[-1] == pytest.approx(9 / 60)


def test_an_aim_at_another_day_moves_the_grid():
    curve = released(cohort(8, 300, outcomes=1), anchor_day=90)
    assert 90 in set(curve.points["day"])
    assert set(curve.points["day"] % 14) == {90 % 14}


@pytest.mark.parametrize(("table", "code"), [
    (cohort(1, 29), "too-few-children"),
    (cohort(1, 80, horizon=120), "not-followed"),
    (life_table([*range(1, 99), *[300] * 3], [1] * 98 + [2] * 3), "cannot-be-grouped"),
    (life_table(np.repeat([10, 40, 100], 20), np.ones(60, int)), "cannot-be-grouped"),
], ids=["few", "young", "three left waiting", "all alike"])
def test_what_would_point_at_children_is_refused_in_a_sentence(table, code):
    refused = released(table)
    assert isinstance(refused, Refused)
    assert refused.code == code
    assert refused.sentence.startswith("Not shown: children accommodated in 2013/14. ")


def test_several_groups_a_late_start_or_wrong_labels_are_never_allowed():
    two = life_table([1, 2], [1, 1], group=["a", "b"])
    with pytest.raises(DisclosureRefused, match="one group at a time"):
        released(two)
    with pytest.raises(DisclosureRefused, match="1 outcomes, and 2 labels"):
        release_curve(cohort(1, 60, outcomes=1), what="children", labels=["decided", "left"])
    with pytest.raises(DisclosureRefused, match="outcomes 1 to 2, not 3"):
        release_period_share(cohort(1, 60), outcome=3, what="children")


def test_the_internal_profile_shows_every_bin_of_the_grid():
    curve = released(cohort(1, 12), profile=INTERNAL)
    assert isinstance(curve, ReleasedCurve) and curve.release == Release.INTERNAL
    assert curve.points["day"].tolist() == list(range(14, 365, 14))


@pytest.mark.parametrize(("options", "allowed"), [
    ({"outcomes": 1}, 0.08),
    ({"outcomes": 2}, 0.08),
    ({"outcomes": 1, "horizon": 1095, "spread": 1095}, 0.10),
], ids=["followed throughout", "followed throughout, two outcomes", "entry spread over three years"])
def test_grouping_costs_little_accuracy(options, allowed):
    """200 children: the 95th percentile of the error, over all days and at 26 weeks."""
    furthest, at_26_weeks = [], []
    for seed in range(40):
        table = cohort(seed, 200, **options)
        curve = released(table)
        if isinstance(curve, Refused):
            continue
        points = curve.points
        exact = kaplan_meier(table).set_index("day")["estimate"]
        days = np.arange(points["day"].iloc[-1] + 1)
        grouped = np.interp(days, [0, *points["day"]], [1, *points["waiting"]])
        error = np.abs(grouped - exact.reindex(days).ffill())
        furthest.append(error.max())
        at_26_weeks.append(error[182])
    assert len(furthest) >= 35
    assert np.quantile(furthest, 0.95) <= allowed
    assert np.quantile(at_26_weeks, 0.95) <= 0.003


class TestPartition:
    @pytest.mark.parametrize("seed", range(12))
    def test_is_the_best_of_all(self, seed):
        counts, keep = np.random.default_rng(seed).poisson(2.5, 9), 4

        def safe(start, stop, last):
            return counts[start:stop].sum() >= 5

        found = best_partition(9, keep, safe, lambda stop: stop != 7)
        whole = [[*edges, end] for end in (keep, 5, 6, 8, 9) for size in range(end)
                 for edges in combinations(range(1, end), size) if keep in (*edges, end)]
        widths = {tuple(ends): np.diff([0, *ends]) for ends in whole
                  if all(safe(a, b, False) for a, b in zip([0, *ends[:-1]], ends, strict=True))}
        best = max(((len(ends), ends[-1], -int((width**2).sum())) for ends, width in widths.items()), default=None)
        assert (found is None) == (best is None)
        if found:
            assert (len(found), found[-1], -int((np.diff([0, *found]) ** 2).sum())) == best
            assert keep in found

    def test_breaks_ties_towards_even_widths(self):
        counts = np.array([5, 5, 0, 0, 0, 0, 0, 0, 5])
        found = best_partition(9, 1, lambda start, stop, last: counts[start:stop].sum() >= 5, lambda stop: True)
        assert found == [1, 5, 9]

    def test_of_nothing_safe_is_none(self):
        assert best_partition(3, 1, lambda start, stop, last: False, lambda stop: True) is None


def test_the_grid_passes_through_the_anchor_and_covers_the_last_day():
    assert grid_edges(182, 14, 200).tolist() == list(range(14, 211, 14))
    assert grid_edges(90, 14, 80).tolist() == [6, 20, 34, 48, 62, 76, 90]


class TestPeriodShare:
    BINS = PeriodBins(np.array([99, 84]), np.array([5000.0, 3000.0]), np.array([12, 9]), np.array([4.0, 2.4]))

    @staticmethod
    def share(rates, rivals, days):
        waiting, share = 1.0, 0.0
        for rate, rival, width in zip(rates, rivals, days, strict=True):
            left = waiting * (1 - np.exp(-(rate + rival) * width))
            share, waiting = share + left * rate / (rate + rival), waiting - left
        return share

    def test_is_the_piecewise_exponential_share_of_its_counts(self):
        rates, rivals = self.BINS.events / self.BINS.child_days, self.BINS.others / self.BINS.child_days
        expected = self.share(rates, rivals, self.BINS.days)
        percent, lower, upper = period_percent(self.BINS)
        assert percent == round(100 * expected)
        assert lower < expected < upper

    def test_has_the_interval_of_the_delta_method(self):
        from scipy.stats import beta

        rates = np.concatenate([self.BINS.events, self.BINS.others]) / np.tile(self.BINS.child_days, 2)
        variances = np.concatenate([self.BINS.events, self.BINS.others]) / np.tile(self.BINS.child_days, 2) ** 2

        def at(moved):
            return self.share(moved[:2], moved[2:], self.BINS.days)

        slopes = np.array([(at(rates + step) - at(rates - step)) / 2e-7 for step in 1e-7 * np.eye(4)])
        share = at(rates)
        number = share * (1 - share) / np.sum(slopes**2 * variances)
        exact = (beta.ppf(0.025, share * number, number - share * number + 1),
                 beta.ppf(0.975, share * number + 1, number - share * number))
        _, lower, upper = period_percent(self.BINS)
        assert exact[0] - 0.01 <= lower <= exact[0] and exact[1] <= upper <= exact[1] + 0.01

    def quarter(self, seed, per_year):
        """Everybody waiting in one quarter of an authority with constant intake."""
        rng = np.random.default_rng(seed)
        start = rng.integers(-1500, 92, round(per_year * 1592 / 365))
        wait = (SCALE * rng.weibull(1.1, start.size)).astype(int)
        outcome = np.where(start + wait <= 91, np.where(rng.random(start.size) < 0.8, 1, 2), 0)
        first, last = np.maximum(0, -start), np.minimum(wait, 91 - start)
        seen = first <= last
        return life_table(last[seen], outcome[seen], first_day=first[seen], n_outcomes=2)

    def test_is_near_the_exact_period_life_table(self):
        differences = []
        for seed in range(20):
            table = self.quarter(seed, 300)
            result = release_period_share(table, what="children in care in the quarter")
            assert isinstance(result, ReleasedPeriodShare) and result.release == Release.PUBLISHED
            assert result.decisions >= 5
            assert result.lower <= result.estimate <= result.upper
            exact = share_by(table, 182, outcome=1)["estimate"][0]
            differences.append(abs(result.estimate - exact))
        assert np.median(differences) <= 0.02 and max(differences) <= 0.06

    @pytest.mark.parametrize("profile", PROTECTING, ids=lambda p: p.name)
    def test_rests_on_bins_of_enough_exits(self, profile):
        bins = period_bins(daily(self.quarter(1, 900)), grid_edges(182, 14, 182), 1, profile)
        assert len(bins.days) > 1 and bins.days.sum() == 183
        assert round(bins.events.sum(), 9) % profile.base == 0 and bins.events.sum() >= profile.first_step * len(bins.days) * 0.75
        others = bins.others.sum()
        assert others == pytest.approx(round(others / profile.base) * profile.base)

    @pytest.mark.parametrize(("table", "day", "code"), [
        (life_table([200] * 36 + [100] * 4, [0] * 36 + [1] * 4, n_outcomes=2), 182, "too-few-exits"),
        (life_table([100] * 40, [0] * 30 + [1] * 10, n_outcomes=2), 182, "not-followed"),
        (life_table([200] * 20, [0] * 10 + [1] * 10, n_outcomes=2), 182, "too-few-children"),
    ])
    def test_is_refused_in_a_sentence(self, table, day, code):
        refused = release_period_share(table, day=day, what="children in care in July to September 2015")
        assert isinstance(refused, Refused)
        assert refused.code == code
        assert refused.sentence.startswith("Not shown: children in care in July to September 2015. ")
