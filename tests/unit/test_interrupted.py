"""An interrupted series on hazards: cells counted twice over, the fit by another optimiser, a step that is there."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from pace_analysis.survival import SurvivalInputError, interrupted_series
from pace_analysis.survival.interrupted import BANDS, lexis, poisson_fit

OPENS = pd.Timestamp("2013-01-01")
CHANGE = OPENS + pd.Timedelta(days=91 * 8)


def waits_of(rows):
    frame = pd.DataFrame(rows, columns=["start", "first_day", "last_day", "outcome"])
    return frame.assign(started=OPENS + pd.to_timedelta(frame.pop("start"), unit="D"))


def simulated(step, children=1500, seed=2):
    generator = np.random.default_rng(seed)
    start = generator.integers(0, 91 * 16, children)
    before = np.maximum(91 * 8 - start, 0)
    drawn = generator.exponential(250, children)
    decided = np.where(drawn <= before, drawn, before + (drawn - before) / step).astype(int)
    over = start + decided < 91 * 16
    last = np.where(over, decided, 91 * 16 - 1 - start)
    return waits_of(list(zip(start, [0] * children, last, over.astype(int), strict=True)))


def day_by_day(waits, change):
    """Every day of every wait put into its cell, one at a time."""
    cells = {}
    for wait in waits.itertuples():
        for day in range(wait.first_day, wait.last_day + 1):
            quarter = ((wait.started - change).days + day) // 91
            cell = cells.setdefault((sum(day >= opens for opens in BANDS) - 1, quarter), [0, 0])
            cell[0] += day == wait.last_day and wait.outcome == 1
            cell[1] += 1
    return sorted((band, quarter, int(exits), days) for (band, quarter), (exits, days) in cells.items())


ROW = st.tuples(st.integers(0, 300), st.integers(0, 60), st.integers(0, 400), st.integers(0, 2))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(ROW, min_size=1, max_size=6))
def test_cells_are_those_counted_day_by_day(rows):
    waits = waits_of([(start, first, first + more, outcome) for start, first, more, outcome in rows])
    change = OPENS + pd.Timedelta(days=200)
    assert sorted(lexis(waits, change).itertuples(index=False, name=None)) == day_by_day(waits, change)


def test_a_step_in_the_rates_is_found():
    told = interrupted_series(simulated(1.6), CHANGE)
    assert told.lower < 1.6 < told.upper and told.lower > 1 and told.bend_lower < 1 < told.bend_upper
    assert 0 < told.exits_after < told.exits


def test_without_a_step_none_is_found():
    told = [interrupted_series(simulated(1.0, 600, seed), CHANGE) for seed in range(20)]
    assert np.mean([series.lower <= 1 <= series.upper for series in told]) >= 0.85


def test_the_fit_is_that_of_another_optimiser():
    cells = lexis(simulated(1.6, 300), CHANGE)
    after = cells["quarter"] >= 0
    design = np.column_stack([cells["quarter"], after, np.where(after, cells["quarter"], 0), np.eye(5)[cells["band"]]])
    exits, days = cells["exits"].to_numpy(float), cells["days"].to_numpy(float)
    ours, spread, loglik = poisson_fit(design, exits, days)

    def opposite(b):
        return -(exits * (np.log(days) + design @ b) - days * np.exp(design @ b)).sum()

    other = minimize(opposite, ours + 0.05, method="BFGS")
    assert -other.fun == pytest.approx(loglik, abs=1e-4)
    np.testing.assert_allclose(other.x, ours, atol=2e-3)
    bent = np.array([(opposite(ours + 1e-3 * unit) - 2 * opposite(ours) + opposite(ours - 1e-3 * unit)) / 1e-6
                     for unit in np.eye(ours.size)])
    np.testing.assert_allclose(bent, np.diag(np.linalg.inv(spread)), rtol=1e-3)


def test_so_many_quarters_on_either_side_leave_the_others_out():
    waits = simulated(1.6)
    told, cells = interrupted_series(waits, CHANGE, quarters=4), lexis(waits, CHANGE)
    assert told.exits == cells.loc[cells["quarter"].between(-4, 3), "exits"].sum()
    assert told.upper - told.lower > interrupted_series(waits, CHANGE).upper - interrupted_series(waits, CHANGE).lower


@pytest.mark.parametrize(("quarters", "side"), [(0, "before"), (40, "after")])
def test_a_change_outside_the_data_is_refused(quarters, side):
    with pytest.raises(SurvivalInputError, match=f"two quarters and an exit {side}"):
        interrupted_series(simulated(1.5, 100), OPENS + pd.Timedelta(days=91 * quarters))


def test_nobody_decided_is_refused():
    with pytest.raises(SurvivalInputError, match="an exit before the change"):
        interrupted_series(simulated(1.5, 100).assign(outcome=0), CHANGE)


@pytest.mark.parametrize(
    ("early", "says"), [((0, 0, 150, 1), "needs two quarters"), ((91, 0, 20, 1), "no bounded model")]
)
def test_exits_in_one_quarter_of_a_side_are_refused(early, says):
    rows = [early] * 6 + [(0, 0, 700, 0)] * 9 + [(200, 0, 100, 1)] * 4 + [(200, 0, 250, 1)] * 4
    with pytest.raises(SurvivalInputError, match=says):
        interrupted_series(waits_of(rows), OPENS + pd.Timedelta(days=182))


def test_waits_that_cannot_be_counted_are_refused():
    with pytest.raises(SurvivalInputError, match="`last_day` is before `first_day`"):
        lexis(waits_of([(0, 5, 4, 1)]), CHANGE)
