"""Comparisons, restricted means, regression and stages against R; and that R still gives the committed numbers."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from pace_analysis.survival import (
    SurvivalInputError,
    cox,
    expected_days,
    gray_test,
    life_table,
    logrank,
    proportional_hazards,
    restricted_mean,
    restricted_mean_difference,
    state_occupancy,
    transitions,
)

ORACLES = Path(__file__).parents[1] / "oracles"
REFERENCE = {path.stem: json.loads(path.read_text()) for path in sorted((ORACLES / "ref").glob("*.json"))}
COMPARED = [name for name in REFERENCE if "compare" in REFERENCE[name]]
TESTS = [(name, test) for name in COMPARED for test in REFERENCE[name]["compare"]]
GRAY = [(name, test) for name, test in TESTS if test.startswith("gray")]
LOGRANK = [(name, test) for name, test in TESTS if test.startswith("logrank")]
MODELS = [(name, model) for name in COMPARED for model in REFERENCE[name]["cox"]]
COLUMNS = {
    "group": ["group"],
    "three": ["group", "under3", "authority"],
    "stratified": ["group"],
    "levels": ["group", "authority"],
}


def rows_of(name):
    return pd.read_csv(ORACLES / "data" / f"{name}.csv")


def counted(rows, by="group", n_outcomes=None):
    kinds = n_outcomes or max(1, int(rows["cause"].max()))
    return life_table(rows["last_day"], rows["cause"], first_day=rows["first_day"], group=rows[by], n_outcomes=kinds)


def question(name, test):
    """Table and strata that a test of the reference is about."""
    rows = rows_of(name)
    table = counted(rows, next((by for by in ("authority", "celltype") if f"_by_{by}" in test), "group"))
    strata = None
    for by in ("under3", "authority"):
        if f"_strata_{by}" in test:
            strata = [counted(part, n_outcomes=table.outcomes) for _, part in rows.groupby(by)]
    return table, strata


@pytest.mark.parametrize(("name", "test"), LOGRANK)
def test_logrank_is_that_of_survdiff(name, test):
    reference = REFERENCE[name]["compare"][test]
    table, strata = question(name, test)
    outcome = int(test[-1]) if "outcome" in test else None
    ours = logrank(table, rho=int(test.endswith("rho1")), strata=strata, outcome=outcome)
    assert_allclose(ours.statistic, reference["chisq"], rtol=1e-10)
    if "df" in reference:
        assert ours.degrees_of_freedom == reference["df"][0]
        for part in ("observed", "expected", "variance"):
            assert_allclose(getattr(ours, part), reference[part], rtol=1e-10)
        trend = logrank(table, rho=int(test.endswith("rho1")), strata=strata, outcome=outcome, trend=True)
        assert_allclose(trend.statistic, reference["trend"], rtol=1e-10)
        assert trend.degrees_of_freedom == 1


@pytest.mark.parametrize(("name", "test"), GRAY)
def test_grays_test_is_that_of_cuminc(name, test):
    reference = REFERENCE[name]["compare"][test]
    table, strata = question(name, test)
    for outcome, chisq, df in zip(reference["cause"], reference["chisq"], reference["df"], strict=True):
        ours = gray_test(table, outcome, rho=int(test[-1]), strata=strata)
        assert_allclose(ours.statistic, chisq, rtol=1e-10)
        assert ours.degrees_of_freedom == df
        assert sum(ours.observed) == pytest.approx(sum(ours.expected), rel=1e-12)


MEANS = [(name, days) for name in REFERENCE if "means" in REFERENCE[name] for days in REFERENCE[name]["means"]["all"]]


@pytest.mark.parametrize(("name", "days"), MEANS)
def test_restricted_means_and_their_differences_are_those_of_survmean(name, days):
    reference = REFERENCE[name]["means"]
    rows = rows_of(name)
    table = counted(rows)
    parts = {part: table.pooled() if part == "all" else table.select(int(part)) for part in reference}
    reached = {part: reference[part][days]["reached"] == [1] for part in parts}
    for part, table in parts.items():
        if not reached[part]:
            with pytest.raises(SurvivalInputError, match=f"horizon of {days} days is beyond the follow-up"):
                restricted_mean(table, int(days))
            continue
        [ours] = restricted_mean(table, int(days)).to_dict("records")
        assert_allclose([ours["estimate"]], reference[part][days]["mean"], rtol=1e-10)
        assert_allclose([ours["std_error"]], reference[part][days]["se"], rtol=1e-10, atol=1e-12)
    if set(parts) == {"all", "0", "1"} and reached["0"] and reached["1"]:
        [difference] = restricted_mean_difference(counted(rows), int(days)).to_dict("records")
        base, other = (reference[part][days] for part in ("0", "1"))
        assert_allclose(difference["estimate"], other["mean"][0] - base["mean"][0], rtol=1e-10)
        assert_allclose(difference["std_error"], np.hypot(other["se"][0], base["se"][0]), rtol=1e-10)


def fitted(name, model, ties):
    rows = rows_of(name).rename(columns={"cause": "outcome"}).dropna()
    columns = COLUMNS.get(model) or (["group", "celltype", "karno"] if name == "veteran" else ["group", "ph", "age"])
    categories = {"levels": ["authority"], "several": ["celltype"]}.get(model, [])
    rows = rows.astype({name: str for name in categories if name in rows})
    return cox(rows, columns, strata=["under3"] if model == "stratified" else [], ties=ties)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize(("name", "model"), MODELS)
def test_regression_is_that_of_coxph(name, model, ties):
    reference, ours = REFERENCE[name]["cox"][model][ties], fitted(name, model, ties)
    assert_allclose(ours.coefficients["coefficient"], reference["coef"], rtol=1e-9)
    assert_allclose(ours.coefficients["std_error"], reference["se"], rtol=1e-9)
    assert_allclose(ours.loglik, reference["loglik"], rtol=1e-12)
    assert_allclose(ours.score, reference["score"], rtol=1e-9)


@pytest.mark.parametrize("transform", ["km", "identity", "rank"])
@pytest.mark.parametrize(("name", "model"), MODELS)
def test_proportional_hazards_test_is_that_of_cox_zph(name, model, transform):
    reference = REFERENCE[name]["cox"][model]["proportional"][transform]
    ours = proportional_hazards(fitted(name, model, "efron"), transform=transform)
    assert ours["covariate"].iloc[-1] == "GLOBAL"
    assert_allclose(ours["statistic"], reference["chisq"], rtol=1e-8)
    assert_array_equal(ours["degrees_of_freedom"], reference["df"])


class TestStages:
    reference = REFERENCE["synth_stages"]

    @staticmethod
    def table():
        rows = rows_of("synth_stages")
        after = rows["next_stage"].where(rows["next_stage"] > 0)
        return transitions(rows["stage"], rows["last_day"], after, first_day=rows["first_day"], stages=range(1, 7))

    def test_shares_are_those_of_survfit(self):
        ours = state_occupancy(self.table()).pivot(index="day", columns="stage", values="estimate")
        assert_allclose(ours.loc[self.reference["time"]], self.reference["pstate"], rtol=0, atol=1e-12)
        assert_allclose(ours.sum(axis=1), 1, rtol=0, atol=1e-12)
        assert list(ours.index) == self.reference["day"]

    def test_variances_are_those_of_whole_matrices_in_r(self):
        ours = state_occupancy(self.table()).pivot(index="day", columns="stage", values="std_error") ** 2
        assert_allclose(ours, self.reference["variance"], rtol=0, atol=1e-12)

    def test_errors_are_near_the_jackknife_ones_of_survfit_which_assume_less(self):
        frame = state_occupancy(self.table())
        share, error = (frame.pivot(index="day", columns="stage", values=name) for name in ("estimate", "std_error"))
        days = self.reference["time"]
        inside = (share.loc[days] > 0.1) & (share.loc[days] < 0.9)
        ratio = error.loc[days].to_numpy()[inside] / np.array(self.reference["se_ij"], dtype=float)[inside]
        assert inside.to_numpy().sum() > 200
        assert 0.85 < ratio.min() and ratio.max() < 1.15

    def test_expected_days_are_the_sums_of_the_shares(self):
        days = expected_days(self.table(), 120)
        assert_allclose(days["estimate"], np.array(self.reference["share"])[:120].sum(axis=0), rtol=1e-12)
        assert days["estimate"].sum() == pytest.approx(120, rel=1e-12)


def same(ours, theirs, where=""):
    """Nested lists and dictionaries alike, numbers within 1e-9."""
    if isinstance(ours, dict):
        assert ours.keys() == theirs.keys(), where
        for key in ours:
            same(ours[key], theirs[key], f"{where}/{key}")
    elif isinstance(ours, list):
        assert len(ours) == len(theirs), where
        for index, pair in enumerate(zip(ours, theirs, strict=True)):
            same(*pair, f"{where}[{index}]")
    elif isinstance(ours, float | int) and theirs is not None:
        assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12), where
    else:
        assert ours == theirs, where


def test_the_script_still_gives_the_committed_numbers(tmp_path):
    program = shutil.which("Rscript")
    packages = [program, "-e", "library(survival); library(cmprsk)"]
    ready = program and not subprocess.run(packages, capture_output=True).returncode
    if not ready:
        missing = "Rscript with the packages survival and cmprsk is not installed, so the references are not remade"
        assert "PACE_CI" not in os.environ, missing
        pytest.skip(missing)
    shutil.copytree(ORACLES, tmp_path / "oracles")
    for path in (tmp_path / "oracles" / "ref").iterdir():
        path.unlink()
    subprocess.run([program, "make_reference.R"], cwd=tmp_path / "oracles", check=True, capture_output=True)
    again = {path.stem: json.loads(path.read_text()) for path in (tmp_path / "oracles" / "ref").iterdir()}
    assert again.keys() == REFERENCE.keys() - {"etm"}  # see README.md of the oracles, section 2
    for name, reference in again.items():
        same(reference, REFERENCE[name], name)
        committed = (ORACLES / "data" / f"{name}.csv").read_text().splitlines()
        assert (tmp_path / "oracles" / "data" / f"{name}.csv").read_text().splitlines() == committed


def test_the_generator_of_stages_still_gives_the_committed_rows(tmp_path):
    (tmp_path / "data").mkdir()
    subprocess.run([sys.executable, ORACLES / "make_stages.py"], cwd=tmp_path, check=True)
    assert (tmp_path / "data" / "synth_stages.csv").read_text() == (ORACLES / "data" / "synth_stages.csv").read_text()
