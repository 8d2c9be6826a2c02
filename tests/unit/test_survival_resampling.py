"""The bootstrap from counts and from families, and beta quantiles by interpolation."""

import doctest

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import betaincinv

from pace_analysis.survival import (
    SurvivalInputError,
    bootstrap,
    bootstrap_clusters,
    life_table,
    resampling,
    restricted_mean,
    share_by,
)
from pace_analysis.survival.betas import FARTHEST, FEWEST, WORTHWHILE, beta_quantiles

generator = np.random.default_rng(2015)
WAITS = generator.geometric(0.01, 300)
LOST = generator.integers(50, 400, 300)
LAST, OUTCOME = np.minimum(WAITS, LOST), np.where(WAITS <= LOST, generator.integers(1, 3, 300), 0)
TABLE = life_table(LAST, OUTCOME)


def by_day_100(table):
    return share_by(table, 100, outcome=1)["estimate"]


class TestFromCounts:
    def test_its_spread_is_greenwoods(self):
        drawn = bootstrap(TABLE, by_day_100, 400, seed=1)
        [theirs] = share_by(TABLE, 100, outcome=1).to_dict("records")
        assert drawn.estimate == [theirs["estimate"]]
        assert drawn.std_error[0] == pytest.approx(theirs["std_error"], rel=0.1)
        lower, upper = drawn.interval()
        assert [lower[0], upper[0]] == pytest.approx([theirs["lower"], theirs["upper"]], abs=0.01)
        narrow = drawn.interval(0.5)
        assert lower[0] < narrow[0][0] < narrow[1][0] < upper[0]

    def test_the_same_seed_gives_the_same_draws(self):
        one, two, other = (bootstrap(TABLE, by_day_100, 20, seed=seed).replicates for seed in (5, 5, 6))
        assert (one == two).all() and (one != other).any()

    def test_each_group_keeps_its_size(self):
        table = life_table(LAST, OUTCOME, group=np.arange(300) % 3)
        drawn = bootstrap(table, lambda t: t.exits.sum(axis=(1, 2)), 20, seed=1)
        assert (drawn.replicates == 100).all()

    def test_draws_without_the_statistic_are_counted(self):
        table = life_table([3, 5, 9, 20], [1, 1, 0, 0])
        drawn = bootstrap(table, lambda t: restricted_mean(t, 15)["estimate"], 200, seed=1)
        without = 200 * 0.75**4
        assert without - 30 < drawn.failed < without + 30
        assert np.isfinite(drawn.std_error).all()

    def test_a_statistic_that_no_draw_has_is_refused(self):
        def of_the_table_itself(table):
            if table != TABLE:
                raise SurvivalInputError("Not to be had.")
            return 1.0

        with pytest.raises(SurvivalInputError, match="None of the 3 draws has the statistic"):
            bootstrap(TABLE, of_the_table_itself, 3, seed=1)

    def test_late_entries_are_refused(self):
        with pytest.raises(SurvivalInputError, match="when children enter late, and 1 of 2 do"):
            bootstrap(life_table([5, 9], [1, 1], first_day=[0, 3]), by_day_100, 10, seed=1)

    def test_too_few_draws_are_refused(self):
        for n in (1, 2.5):
            with pytest.raises(SurvivalInputError, match="whole number of draws from 2 on"):
                bootstrap(TABLE, by_day_100, n, seed=1)


class TestFromClusters:
    def test_children_alone_vary_as_counts_do(self):
        rows = bootstrap_clusters(LAST, OUTCOME, by_day_100, 400, 1, cluster=np.arange(300))
        counts = bootstrap(TABLE, by_day_100, 400, seed=1)
        assert rows.estimate == counts.estimate
        assert rows.std_error[0] == pytest.approx(counts.std_error[0], rel=0.15)

    def test_twins_alike_vary_as_half_as_many_children(self):
        twins = np.repeat(np.arange(150), 2)
        last, outcome = LAST[::2][twins], OUTCOME[::2][twins]
        together = bootstrap_clusters(last, outcome, by_day_100, 400, 1, cluster=twins)
        alone = bootstrap_clusters(last, outcome, by_day_100, 400, 1, cluster=np.arange(300))
        assert together.std_error[0] / alone.std_error[0] == pytest.approx(np.sqrt(2), rel=0.15)

    def test_late_entries_and_groups_are_drawn_as_they_are(self):
        first, group = LAST // 4, np.repeat(["a", "b"], 150)
        columns = {"cluster": np.arange(300), "first_day": first, "group": group}
        drawn = bootstrap_clusters(LAST, OUTCOME, lambda t: t.entered.sum(axis=1), 20, 1, **columns)
        assert drawn.estimate.tolist() == [150, 150]
        assert (drawn.replicates.sum(axis=1) == 300).all()
        assert drawn.std_error[0] == pytest.approx(np.sqrt(300 / 4), rel=0.5)

    def test_missing_and_misfitting_clusters_are_refused(self):
        with pytest.raises(SurvivalInputError, match="`cluster` is missing.\n  1 row of 2; the first is row 1"):
            bootstrap_clusters([1, 2], [1, 1], by_day_100, 5, 1, cluster=["x", None])
        with pytest.raises(SurvivalInputError, match="`cluster` has 3 rows and the waits 2"):
            bootstrap_clusters([1, 2], [1, 1], by_day_100, 5, 1, cluster=["x", "y", "z"])


class TestBetaQuantiles:
    @pytest.mark.parametrize("tail", [0.025, 0.975, 0.005, 0.995, 0.1, FARTHEST, 1 - FARTHEST])
    @pytest.mark.parametrize("most", [50, 5_000, 10_000_000])
    def test_interpolation_is_as_exact_as_one_by_one(self, tail, most):
        generator = np.random.default_rng(9)
        a, b = (FEWEST * (most / FEWEST) ** generator.random(4000) for _ in range(2))
        ours, theirs = beta_quantiles(a, b, tail), betaincinv(a, b, tail)
        assert (ours != theirs).any()
        assert_allclose(ours, theirs, rtol=0, atol=1e-12)
        assert_allclose(ours, theirs, rtol=2e-12)

    def test_few_children_few_quantiles_and_far_tails_are_computed_one_by_one(self):
        few = np.linspace(0.5, FEWEST - 0.1, 2 * WORTHWHILE)
        many = np.linspace(FEWEST, 900, 2 * WORTHWHILE)
        for a, b, tail in ((few, few[::-1], 0.025), (many[:WORTHWHILE - 1], many[:WORTHWHILE - 1], 0.025),
                           (many, many, FARTHEST / 2)):  # fmt: skip
            assert (beta_quantiles(a, b, tail) == betaincinv(a, b, tail)).all()


def test_the_examples_of_the_documentation_are_true():
    result = doctest.testmod(resampling)
    assert result.attempted > 1
    assert result.failed == 0
