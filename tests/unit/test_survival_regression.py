"""Cox's regression: covariates, split rows, strata, lifelines for what is not in whole numbers, and refusals."""

import doctest
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from pace_analysis.survival import SurvivalInputError, cox, life_table, likelihood, proportional_hazards, regression


def children(number=400, seed=7):
    """Invented waits whose true hazard ratios are 2 for kinship and 0.9 for each step of age."""
    generator = np.random.default_rng(seed)
    rows = pd.DataFrame({
        "placed": generator.choice(["foster", "kinship", "residential"], number),
        "age": generator.integers(0, 8, number),
        "authority": generator.choice(["north", "south"], number),
    })  # fmt: skip
    rate = 0.01 * np.where(rows["placed"] == "kinship", 2, 1) * 0.9 ** rows["age"]
    wait = generator.exponential(1 / rate).astype(int)
    lost = generator.integers(0, 400, number)
    rows["last_day"] = np.minimum(wait, lost)
    rows["outcome"] = np.where(wait <= lost, generator.integers(1, 3, number), 0)
    return rows


ROWS = children()


def by_pattern(rows, names):
    """Life table whose groups are patterns, and the covariates of each."""
    label = rows[names].astype(str).agg("/".join, axis=1)
    first = rows["first_day"] if "first_day" in rows else None
    table = life_table(rows["last_day"], rows["outcome"], first_day=first, group=label.to_numpy(dtype=str))
    return table, rows.assign(label=label).drop_duplicates("label").set_index("label")[names]


class TestCovariates:
    def test_a_table_of_patterns_and_its_rows_give_the_same(self):
        names = ["placed", "age"]
        table, patterns = by_pattern(ROWS, names)
        ours, theirs = cox(table, patterns), cox(ROWS, names)
        pd.testing.assert_frame_equal(ours.coefficients, theirs.coefficients, rtol=1e-9)
        assert_allclose(ours.loglik, theirs.loglik, rtol=1e-12)
        assert ours.events == theirs.events == (ROWS["outcome"] > 0).sum()

    def test_levels_are_compared_with_the_first(self):
        model = cox(ROWS, ["placed", "age"])
        assert model.coefficients["level"].tolist() == ["kinship", "residential", ""]
        order = pd.CategoricalDtype(["kinship", "foster", "residential", "never seen"])
        turned = cox(ROWS.astype({"placed": order}), ["placed", "age"])
        assert turned.coefficients["level"].tolist() == ["foster", "residential", ""]
        assert turned.coefficients["coefficient"][0] == pytest.approx(-model.coefficients["coefficient"][0], rel=1e-9)
        assert turned.loglik == pytest.approx(model.loglik, rel=1e-12)

    def test_yes_and_no_are_levels(self):
        model = cox(ROWS.assign(young=ROWS["age"] < 3), ["young"])
        assert model.coefficients[["covariate", "level"]].to_numpy().tolist() == [["young", "True"]]

    def test_the_truth_is_within_three_standard_errors(self):
        found = cox(children(4000), ["placed", "age"]).coefficients
        assert_allclose(found["coefficient"], np.log([2, 1, 0.9]), rtol=0, atol=3 * found["std_error"].max())

    def test_an_outcome_takes_the_others_as_censoring(self):
        one = cox(ROWS, ["age"], outcome=1)
        alone = cox(ROWS.assign(outcome=(ROWS["outcome"] == 1).astype(int)), ["age"])
        assert one.coefficients.equals(alone.coefficients)
        assert one.events == (ROWS["outcome"] == 1).sum()

    def test_the_order_of_rows_changes_nothing_that_can_be_seen(self):
        shuffled = ROWS.sample(frac=1, random_state=3)
        assert_allclose(
            cox(shuffled, ["placed", "age"]).coefficients["coefficient"],
            cox(ROWS, ["placed", "age"]).coefficients["coefficient"],
            rtol=1e-10,
        )

    @pytest.mark.slow

    def test_a_covariate_that_does_not_matter_is_rarely_significant(self):
        generator = np.random.default_rng(5)
        found = [cox(children(120, seed).assign(x=generator.integers(0, 2, 120)), ["x"]) for seed in range(150)]
        assert 0.02 <= np.mean([model.coefficients["p_value"][0] < 0.05 for model in found]) <= 0.09


class TestSplitRowsAndStrata:
    def test_a_wait_split_in_two_counts_as_one(self):
        halves = ROWS[ROWS["last_day"] >= 10]
        before = halves.assign(first_day=0, last_day=9, outcome=0)
        after = halves.assign(first_day=10)
        rest = ROWS[ROWS["last_day"] < 10].assign(first_day=0)
        split, whole = cox(pd.concat([before, after, rest]), ["placed", "age"]), cox(ROWS, ["placed", "age"])
        assert_allclose(split.coefficients["coefficient"], whole.coefficients["coefficient"], rtol=1e-10)
        assert_allclose(split.coefficients["std_error"], whole.coefficients["std_error"], rtol=1e-10)

    def test_an_exposure_that_starts_during_the_wait(self):
        """A test of change doubles the hazard from a date on; the split rows find it, in strata by authority."""
        generator = np.random.default_rng(21)
        start = generator.integers(0, 300, 3000)  # day of each wait on which the change reaches the child
        before = generator.exponential(150, 3000).astype(int)
        wait = np.where(before < start, before, start + generator.exponential(75, 3000).astype(int))
        last, outcome = np.minimum(wait, 400), (wait <= 400).astype(int)
        unexposed = pd.DataFrame({
            "first_day": 0, "last_day": np.minimum(last, start - 1), "outcome": np.where(last < start, outcome, 0),
            "changed": 0, "authority": generator.integers(0, 5, 3000),
        })[start > 0]  # fmt: skip
        exposed = pd.DataFrame({"first_day": start, "last_day": last, "outcome": outcome, "changed": 1})
        exposed = exposed.assign(authority=generator.integers(0, 5, 3000))[last >= start]
        model = cox(pd.concat([unexposed, exposed]), ["changed"], strata=["authority"])
        [row] = model.coefficients.to_dict("records")
        assert row["lower"] < 2 < row["upper"]
        assert row["upper"] - row["lower"] < 0.5

    def test_a_stratum_without_exits_adds_nothing(self):
        silent = ROWS.assign(authority="west", outcome=0)
        ours = cox(pd.concat([ROWS, silent]), ["age"], strata=["authority"])
        theirs = cox(ROWS, ["age"], strata=["authority"])
        assert_allclose(ours.coefficients["coefficient"], theirs.coefficients["coefficient"], rtol=1e-10)

    def test_many_tied_exits_are_summed_alike_by_either_way(self, monkeypatch):
        rows = ROWS.assign(last_day=ROWS["last_day"] // 100)
        exact = cox(rows, ["age", "placed"])
        assert rows.query("outcome > 0").groupby("last_day").size().max() > 64
        monkeypatch.setattr(likelihood, "MOST_TIES_ADDED", 10**6)
        added = cox(rows, ["age", "placed"])
        assert_allclose(exact.coefficients["coefficient"], added.coefficients["coefficient"], rtol=1e-10)
        assert_allclose(exact.loglik, added.loglik, rtol=1e-12)


class TestNotInWholeNumbers:
    rows = ROWS.assign(distance=np.random.default_rng(1).exponential(10, len(ROWS)))

    def test_lifelines_and_the_counts_agree(self):
        """The same covariate as a table of patterns, one child each, needs no lifelines."""
        by_rows = cox(self.rows, ["distance", "age"])
        label = np.arange(len(self.rows))
        table = life_table(self.rows["last_day"], self.rows["outcome"], group=label)
        by_counts = cox(table, self.rows[["distance", "age"]])
        assert_allclose(by_rows.coefficients["coefficient"], by_counts.coefficients["coefficient"], rtol=1e-6)
        assert_allclose(by_rows.coefficients["std_error"], by_counts.coefficients["std_error"], rtol=1e-6)
        assert_allclose(by_rows.loglik, by_counts.loglik, rtol=1e-10)

    def test_late_entry_and_strata_reach_lifelines(self):
        rows = self.rows.assign(first_day=self.rows["last_day"] // 3)
        by_rows = cox(rows, ["distance"], strata=["authority"])
        table = life_table(rows["last_day"], rows["outcome"], first_day=rows["first_day"], group=np.arange(len(rows)))
        by_counts = cox(table, rows[["distance", "authority"]], strata=["authority"])
        assert_allclose(by_rows.coefficients["coefficient"], by_counts.coefficients["coefficient"], rtol=1e-6)

    def test_breslow_is_not_to_be_had(self):
        with pytest.raises(SurvivalInputError, match="Efron's ties only"):
            cox(self.rows, ["distance"], ties="breslow")

    def test_collinear_covariates_are_named_before_lifelines_is_asked(self):
        with pytest.raises(SurvivalInputError, match="'metres' is collinear"):
            cox(self.rows.assign(metres=1000 * self.rows["distance"]), ["distance", "metres"])

    def test_no_bound_is_a_foreseen_mistake(self):
        rows = pd.DataFrame({"last_day": [1, 2, 3, 4], "outcome": [1, 1, 0, 0], "x": [9.5, 8.5, 0.5, 0.25]})
        with pytest.raises(SurvivalInputError, match="No estimate is found|no bound"):
            cox(rows, ["x"])
        generator = np.random.default_rng(4)
        rows = pd.DataFrame({"last_day": np.arange(60), "outcome": np.arange(60) % 2})
        rows = rows.assign(x=1.5 * rows["outcome"], age=generator.integers(0, 4, 60))
        with pytest.raises(SurvivalInputError, match="No estimate is found|'x' has no bound"):
            cox(rows, ["age", "x"])


class TestProportionalHazards:
    def test_finds_a_ratio_that_turns_round(self):
        generator = np.random.default_rng(2)
        group = np.repeat([0, 1], 500)
        first = generator.random(1000) < np.where(group, 0.7, 0.3)
        last = np.where(first, generator.integers(0, 50, 1000), generator.integers(50, 100, 1000))
        rows = pd.DataFrame({"last_day": last, "outcome": 1, "group": group})
        model = cox(rows, ["group"])
        assert (proportional_hazards(model)["p_value"] < 1e-4).all()
        assert "read each as an average over the days" in model.summary()

    @pytest.mark.slow

    def test_has_its_size_when_hazards_are_proportional(self):
        found = [proportional_hazards(cox(children(150, seed), ["age"]))["p_value"].iloc[-1] for seed in range(150)]
        assert 0.02 <= np.mean(np.array(found) < 0.05) <= 0.09

    def test_an_unknown_scale_is_refused(self):
        with pytest.raises(SurvivalInputError, match="Transform 'log' is not known"):
            proportional_hazards(cox(ROWS, ["age"]), transform="log")


def test_the_summary_is_in_plain_words():
    lines = cox(ROWS, ["placed", "age"], strata=["authority"]).summary().splitlines()
    exits = (ROWS["outcome"] > 0).sum()
    assert lines[0] == f"Rates of leaving compared on {exits} exits; each ratio holds the other covariates equal."
    assert lines[1].startswith("placed: kinship against foster: leaves at ") and lines[1].endswith(": faster.")
    assert lines[2].startswith("placed: residential against foster") and lines[2].endswith("may be chance.")
    assert lines[3].startswith("age: each one more: leaves at 0.") and "95% interval" in lines[3]
    assert lines[4].startswith("That the ratios change as days go by is not shown (p = ")


class TestRefusals:
    def test_collinear_covariates_are_named(self):
        rows = ROWS.assign(months=12 * ROWS["age"] + 3)
        with pytest.raises(SurvivalInputError) as caught:
            cox(rows, ["placed", "age", "months"])
        assert "Covariate 'months' is collinear" in str(caught.value)
        assert "Before it: placed: kinship, placed: residential, age." in str(caught.value)

    def test_a_covariate_without_variation(self):
        with pytest.raises(SurvivalInputError, match="'one' does not vary"):
            cox(ROWS.assign(one=1), ["one"])
        with pytest.raises(SurvivalInputError, match="has one level only, 'x'"):
            cox(ROWS.assign(one="x"), ["one"])
        with pytest.raises(SurvivalInputError, match="'authority: south' does not vary"):
            cox(ROWS, ["authority"], strata=["authority"])

    def test_a_ratio_without_bound(self):
        rows = ROWS.assign(outcome=np.where(ROWS["placed"] == "residential", 0, ROWS["outcome"]))
        with pytest.raises(SurvivalInputError, match="'placed: residential' has no bound"):
            cox(rows, ["age", "placed"])

    def test_two_covariates_that_together_have_no_bound(self):
        """First only children with a and without b leave; then all others, a or not. Neither alone is unbounded."""
        rows = pd.DataFrame({"a": [1] * 10 + [1, 0] * 10, "b": [0] * 10 + [1, 0] * 10})
        rows = rows.assign(last_day=np.arange(30), outcome=1)
        with pytest.raises(SurvivalInputError, match="'[ab]' has no bound"):
            cox(rows, ["a", "b"])

    def test_missing_values_and_columns_say_where(self):
        rows = ROWS.assign(age=ROWS["age"].where(ROWS.index != 5).astype("float"))
        with pytest.raises(SurvivalInputError, match="`age` is missing.\n  1 row of 400; the first is row 5"):
            cox(rows, ["age"])
        with pytest.raises(SurvivalInputError, match="`age` is not a finite number.\n  1 row of 400"):
            cox(ROWS.assign(age=ROWS["age"].astype(float).where(ROWS.index > 0, np.inf)), ["age"])
        with pytest.raises(SurvivalInputError, match="no column 'plased'.\n  Did you mean 'placed'"):
            cox(ROWS, ["plased"])
        with pytest.raises(SurvivalInputError, match="no column 'last_day'"):
            cox(ROWS.drop(columns="last_day"), ["age"])
        with pytest.raises(SurvivalInputError, match="`last_day` is before `first_day`"):
            cox(ROWS.assign(first_day=500), ["age"])

    def test_a_pattern_without_covariates(self):
        table, patterns = by_pattern(ROWS, ["placed", "age"])
        with pytest.raises(SurvivalInputError, match="1 of .* groups have no row of covariates, .*\n.*'foster/0'"):
            cox(table, patterns.drop("foster/0"))

    def test_nobody_leaves_and_unknown_choices(self):
        with pytest.raises(SurvivalInputError, match="Nobody leaves by the outcome"):
            cox(ROWS.assign(outcome=0), ["age"])
        with pytest.raises(SurvivalInputError, match="outcomes 1 to 2, not '3'"):
            cox(ROWS, ["age"], outcome=3)
        with pytest.raises(SurvivalInputError, match="Ties 'effron' are not known.\n  Did you mean 'efron'"):
            cox(ROWS, ["age"], ties="effron")
        with pytest.raises(SurvivalInputError, match="no covariate"):
            cox(ROWS, [])


def test_lifelines_is_used_for_regression_and_for_nothing_else():
    """Its Aalen-Johansen, restricted mean, percentile and proportional-hazards test give other numbers."""
    folder = Path(regression.__file__).parent
    using = {path.name: re.findall(r"from lifelines\S* import (.*)", path.read_text()) for path in folder.glob("*.py")}
    using = {name: found for name, found in using.items() if found}
    assert using == {"continuous.py": ["CoxPHFitter", "ConvergenceError"]}


def test_the_examples_of_the_documentation_are_true():
    result = doctest.testmod(regression)
    assert result.attempted > 1
    assert result.failed == 0
