"""Rows split on the day of a change: nothing is lost, nothing is counted twice."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pace_analysis.survival import SurvivalInputError, interrupted_series, life_table, quarters_since, split_at
from pace_analysis.survival.interrupted import lexis, poisson_fit

OPENS = pd.Timestamp("2013-01-01")


def waits_of(rows):
    frame = pd.DataFrame(rows, columns=["start", "first_day", "last_day", "outcome"])
    return frame.assign(started=OPENS + pd.to_timedelta(frame.pop("start"), unit="D"))


WAITS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20), st.integers(0, 60), st.integers(0, 2)), min_size=1, max_size=25).map(
    lambda rows: waits_of([(start, first, first + more, outcome) for start, first, more, outcome in rows]))


@settings(max_examples=80, deadline=None, derandomize=True)
@given(WAITS, st.integers(-5, 130))
def test_days_and_exits_are_those_of_the_waits(waits, change):
    rows = split_at(waits, OPENS + pd.Timedelta(days=change))
    assert (rows["last_day"] - rows["first_day"] + 1).sum() == (waits["last_day"] - waits["first_day"] + 1).sum()
    assert rows.loc[rows["outcome"] > 0, "outcome"].value_counts().to_dict() == waits.loc[waits["outcome"] > 0, "outcome"].value_counts().to_dict()
    pooled, plain = (life_table(f["last_day"], f["outcome"], first_day=f["first_day"], n_outcomes=2) for f in (rows, waits))
    assert np.array_equal(pooled.at_risk, plain.at_risk) and np.array_equal(pooled.exits[:, 1:], plain.exits[:, 1:])
    day = rows["started"] + pd.to_timedelta(rows["first_day"], unit="D")
    assert ((day >= OPENS + pd.Timedelta(days=change)) == (rows["exposed"] == 1)).all()


def test_a_wait_that_spans_the_change_is_two_rows_by_hand():
    rows = split_at(waits_of([(0, 0, 9, 1)]), OPENS + pd.Timedelta(days=4))
    assert rows[["first_day", "last_day", "outcome", "exposed"]].to_numpy().tolist() == [[0, 3, 0, 0], [4, 9, 1, 1]]


def test_each_child_may_meet_the_change_on_another_day_or_never():
    waits = waits_of([(0, 0, 9, 1), (0, 0, 9, 2)])
    rows = split_at(waits, pd.Series([OPENS + pd.Timedelta(days=5), pd.NaT], index=waits.index))
    assert rows["exposed"].tolist() == [0, 1, 0]


def test_quarters_since_the_change_for_an_event_study():
    rows = quarters_since(waits_of([(0, 0, 400, 1)]), OPENS + pd.Timedelta(days=10), 3)
    assert rows[["first_day", "last_day", "since"]].to_numpy().tolist() == [[0, 9, 0], [10, 100, 1], [101, 191, 2], [192, 400, 3]]


def test_missing_columns_and_no_waits_are_refused():
    with pytest.raises(SurvivalInputError, match="no column `started`"):
        split_at(pd.DataFrame({"first_day": [0], "last_day": [1], "outcome": [1]}), OPENS)
    with pytest.raises(SurvivalInputError, match="no wait to split"):
        split_at(waits_of([]).astype({"started": "datetime64[ns]"}), OPENS)


class TestInterruptedSeries:
    def simulated(self, step, children=1500, seed=2):
        generator = np.random.default_rng(seed)
        start = generator.integers(0, 91 * 16, children)
        before = np.maximum(91 * 8 - start, 0)
        drawn = generator.exponential(250, children)
        decided = np.where(drawn <= before, drawn, before + (drawn - before) / step).astype(int)
        over = start + decided < 91 * 16
        return waits_of(list(zip(start, [0] * children, np.where(over, decided, 91 * 16 - 1 - start), over.astype(int), strict=True)))

    def test_cells_hold_every_day_and_exit(self):
        waits = self.simulated(1.5, 200)
        cells = lexis(waits, OPENS + pd.Timedelta(days=91 * 8))
        assert cells["days"].sum() == (waits["last_day"] + 1).sum() and cells["exits"].sum() == waits["outcome"].sum()

    def test_a_step_in_the_rates_is_found(self):
        told = interrupted_series(self.simulated(1.6), OPENS + pd.Timedelta(days=91 * 8))
        assert told.lower < 1.6 < told.upper and told.lower > 1 and told.bend_lower < 1 < told.bend_upper

    def test_the_fit_is_that_of_another_optimiser(self):
        from scipy.optimize import minimize

        cells = lexis(self.simulated(1.6, 300), OPENS + pd.Timedelta(days=91 * 8))
        after = cells["quarter"] >= 0
        design = np.column_stack([cells["quarter"], after, np.where(after, cells["quarter"], 0), np.eye(5)[cells["band"]]]).astype(float)
        exits, days = cells["exits"].to_numpy(float), cells["days"].to_numpy(float)
        ours, _, loglik = poisson_fit(design, exits, days)
        other = minimize(lambda b: -(exits * (np.log(days) + design @ b) - days * np.exp(design @ b)).sum(), ours + 0.05, method="BFGS")
        assert -other.fun == pytest.approx(loglik, abs=1e-4)
        np.testing.assert_allclose(other.x, ours, atol=2e-3)

    def test_a_change_outside_the_data_is_refused(self):
        with pytest.raises(SurvivalInputError, match="two quarters and an exit after"):
            interrupted_series(self.simulated(1.5, 100), OPENS + pd.Timedelta(days=91 * 40))
