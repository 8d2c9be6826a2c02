"""Curves and incidences against R, and against six children worked by hand."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from pace_analysis.survival import cumulative_incidence, kaplan_meier, life_table, nelson_aalen, quantile, share_by

ORACLES = Path(__file__).parents[1] / "oracles"
REFERENCE = {path.stem: json.loads(path.read_text()) for path in sorted((ORACLES / "ref").glob("*.json"))}
NAMES = [name for name in REFERENCE if "km" in REFERENCE[name]]
PARTS = [(name, part) for name in NAMES for part in REFERENCE[name]["km"]]
INCIDENCES = [(name, part) for name in NAMES for part in REFERENCE[name].get("aj", {})]
KINDS = ["log", "log-log", "plain", "logit", "arcsin"]


def table_of(name, part):
    rows = pd.read_csv(ORACLES / "data" / f"{name}.csv")
    if part == "all":
        return life_table(rows["last_day"], rows["cause"], first_day=rows["first_day"])
    table = life_table(rows["last_day"], rows["cause"], first_day=rows["first_day"], group=rows["group"])
    return table.select(int(part))


def numbers(values):
    return np.array(values, dtype=float)


def same(ours, theirs, rtol=1e-12):
    assert_array_equal(np.isnan(ours), np.isnan(numbers(theirs)))
    assert_allclose(ours, numbers(theirs), rtol=rtol, atol=0)


def test_every_data_set_has_its_reference():
    assert len(NAMES) == 8
    assert len(PARTS) == 19
    assert set(REFERENCE["etm"]) == set(NAMES) - {"edge_all_censored"}


@pytest.mark.parametrize(("name", "part"), PARTS)
class TestSurvivalOfAnyExit:
    def test_counts_share_and_error_are_those_of_r(self, name, part):
        reference = REFERENCE[name]["km"][part]
        table = table_of(name, part)
        curve = kaplan_meier(table).set_index("day").loc[reference["time"]]
        counts = table.counts.set_index("day").loc[reference["time"]]
        assert_array_equal(curve["at_risk"], reference["n_risk"])
        assert_array_equal(curve["events"], reference["n_event"])
        assert_array_equal(counts["censored"], reference["n_censor"])
        same(curve["estimate"], reference["surv"])
        same(curve["std_error"], reference["se"])

    def test_nothing_happens_between_the_days_r_lists(self, name, part):
        reference = REFERENCE[name]["km"][part]
        counts = table_of(name, part).counts.set_index("day")
        assert list(counts.index) == list(range(reference["time"][-1] + 1))
        assert counts.drop(reference["time"])[["censored", "outcome_1"]].to_numpy().sum() == 0

    @pytest.mark.parametrize("kind", KINDS)
    def test_intervals_are_those_of_r(self, name, part, kind):
        reference = REFERENCE[name]["km"][part]
        curve = kaplan_meier(table_of(name, part), interval=kind).set_index("day").loc[reference["time"]]
        same(curve["lower"], reference[f"lower_{kind}"])
        same(curve["upper"], reference[f"upper_{kind}"])

    def test_cumulative_hazard_is_that_of_r(self, name, part):
        reference = REFERENCE[name]["km"][part]
        hazard = nelson_aalen(table_of(name, part)).set_index("day").loc[reference["time"]]
        same(hazard["estimate"], reference["cumhaz"])
        same(hazard["std_error"], reference["se_cumhaz"])

    def test_quantiles_are_those_of_r(self, name, part):
        reference = REFERENCE[name]["km"][part]["quantiles"]
        table = table_of(name, part)
        assert [quantile(table, q, mode="R")[table.groups[0]] for q in reference["p"]] == reference["q"]


@pytest.mark.parametrize(("name", "part"), INCIDENCES)
class TestIncidenceByOutcome:
    def test_shares_are_those_of_r(self, name, part):
        reference = REFERENCE[name]["aj"][part]
        table = table_of(name, part)
        shares = cumulative_incidence(table).set_index(["day", "outcome"]).loc[reference["time"]]
        waiting = kaplan_meier(table).set_index("day").loc[reference["time"], "estimate"]
        states = numbers(reference["pstate"])
        same(shares["estimate"].unstack(), states[:, 1:])
        same(waiting, states[:, 0])
        assert_array_equal(shares["events"].unstack(), reference["n_event"])
        assert_array_equal(shares["at_risk"].unstack()[1], reference["n_risk"])

    def test_variances_are_those_of_etm(self, name, part):
        reference = REFERENCE["etm"][name][part]
        variance = cumulative_incidence(table_of(name, part)).set_index(["day", "outcome"])["std_error"] ** 2
        ours, theirs = variance.unstack().loc[reference["time"]], numbers(reference["var"])
        assert_allclose(ours, theirs.reshape(ours.shape), rtol=1e-10, atol=1e-14)

    def test_variance_of_waiting_is_that_of_etm(self, name, part):
        reference = REFERENCE["etm"][name][part]
        curve = kaplan_meier(table_of(name, part)).set_index("day").loc[reference["time"]]
        left = curve["estimate"] > 0
        assert_allclose(curve["std_error"][left] ** 2, numbers(reference["var_surv"])[left], rtol=1e-10, atol=1e-14)


RIGHT_CENSORED = [(name, part) for name, part in INCIDENCES if "se" in REFERENCE[name]["aj"][part]]


@pytest.mark.parametrize(("name", "part"), RIGHT_CENSORED)
def test_without_late_entry_incidence_error_and_interval_are_those_of_survfit(name, part):
    reference = REFERENCE[name]["aj"][part]
    shares = cumulative_incidence(table_of(name, part), interval="log").set_index(["day", "outcome"])
    shares = shares.loc[reference["time"]]
    theirs = numbers(reference["se"])
    assert_allclose(shares["std_error"].unstack() ** 2, theirs**2, rtol=1e-10, atol=1e-14)
    for ours, column in (("lower", "lower_log"), ("upper", "upper_log")):
        ours, theirs = shares[ours].unstack(), numbers(reference[column])
        assert_array_equal(np.isnan(ours), np.isnan(theirs))
        assert_allclose(ours, theirs, rtol=1e-10, atol=0)


SIX_CHILDREN = life_table([10, 20, 20, 30, 45, 60], [1, 1, 2, 0, 1, 0])


def worked_by_hand():
    return pd.read_csv(ORACLES / "hand_worked_6.csv", comment="#", index_col="day")


class TestSixChildren:
    def test_counts_match_the_table_worked_by_hand(self):
        expected = worked_by_hand()
        columns = ["at_risk", "outcome_1", "outcome_2", "censored"]
        counts = SIX_CHILDREN.counts.set_index("day").loc[expected.index, columns]
        pd.testing.assert_frame_equal(counts, expected[columns])

    def test_estimates_match_the_table_worked_by_hand(self):
        expected = worked_by_hand()
        days = expected.index
        waiting = kaplan_meier(SIX_CHILDREN).set_index("day").loc[days, "estimate"]
        shares = cumulative_incidence(SIX_CHILDREN).set_index(["day", "outcome"])["estimate"].unstack().loc[days]
        hazard = nelson_aalen(SIX_CHILDREN).set_index("day").loc[days, "estimate"]
        assert_allclose(waiting, expected["waiting"], atol=1e-6)
        assert_allclose(shares, expected[["decided", "left"]], atol=1e-6)
        assert_allclose(hazard, expected["hazard"], atol=1e-6)

    def test_variances_match_the_fractions_worked_by_hand(self):
        shares = cumulative_incidence(SIX_CHILDREN).set_index(["day", "outcome"])["std_error"] ** 2
        waiting = kaplan_meier(SIX_CHILDREN).set_index("day")["std_error"] ** 2
        assert shares[20, 1] == pytest.approx(Fraction(1, 27), rel=1e-12)
        assert shares[20, 2] == pytest.approx(Fraction(5, 216), rel=1e-12)
        assert shares[45, 1] == pytest.approx(Fraction(11, 216), rel=1e-12)
        assert waiting[60] == pytest.approx(Fraction(1, 24), rel=1e-12)

    def test_share_by_a_day_is_that_of_the_curve(self):
        [row] = share_by(SIX_CHILDREN, 60, outcome=1).to_dict("records")
        assert row["estimate"] == pytest.approx(7 / 12, rel=1e-12)
        assert (row["group"], row["day"], row["at_risk"], row["start_day"]) == ("all", 60, 1, 0)

    def test_quantiles_are_the_first_day_reached(self):
        assert [quantile(SIX_CHILDREN, q)["all"] for q in (0.1, 0.5, 0.75, 0.8)] == [10, 20, 45, None]
        assert [quantile(SIX_CHILDREN, q, outcome=1)["all"] for q in (1 / 6, 1 / 3, 0.5, 0.6)] == [10, 20, 45, None]
