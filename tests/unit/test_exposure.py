"""Rows split on the day of a change: nothing is lost, nothing is counted twice."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pace_analysis.survival import SurvivalInputError, life_table, quarters_since, split_at

OPENS = pd.Timestamp("2013-01-01")


def waits_of(rows):
    frame = pd.DataFrame(rows, columns=["start", "first_day", "last_day", "outcome"])
    return frame.assign(started=OPENS + pd.to_timedelta(frame.pop("start"), unit="D"))


ROW = st.tuples(st.integers(0, 60), st.integers(0, 20), st.integers(0, 60), st.integers(0, 2))
WAITS = st.lists(ROW, min_size=1, max_size=25).map(
    lambda rows: waits_of([(start, first, first + more, outcome) for start, first, more, outcome in rows]))


@settings(max_examples=80, deadline=None, derandomize=True)
@given(WAITS, st.integers(-5, 130))
def test_days_and_exits_are_those_of_the_waits(waits, change):
    rows = split_at(waits, OPENS + pd.Timedelta(days=change))
    assert (rows["last_day"] - rows["first_day"] + 1).sum() == (waits["last_day"] - waits["first_day"] + 1).sum()
    last_parts = rows[~rows.index.duplicated(keep="last")]
    assert last_parts["outcome"].equals(waits["outcome"])
    assert not rows["outcome"][rows.index.duplicated(keep="last")].any()
    pooled, plain = (life_table(part["last_day"], part["outcome"], first_day=part["first_day"], n_outcomes=2)
                     for part in (rows, waits))
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
    parts = rows[["first_day", "last_day", "since"]].to_numpy().tolist()
    assert parts == [[0, 9, 0], [10, 100, 1], [101, 191, 2], [192, 400, 3]]


def test_missing_columns_and_no_waits_are_refused():
    with pytest.raises(SurvivalInputError, match="no column `started`"):
        split_at(pd.DataFrame({"first_day": [0], "last_day": [1], "outcome": [1]}), OPENS)
    with pytest.raises(SurvivalInputError, match="no wait to split"):
        split_at(waits_of([]).astype({"started": "datetime64[ns]"}), OPENS)


def test_a_wait_without_a_start_is_refused():
    waits = waits_of([(0, 0, 9, 1), (0, 0, 9, 2)])
    waits.loc[1, "started"] = pd.NaT
    with pytest.raises(SurvivalInputError, match="`started` is missing") as refused:
        split_at(waits, OPENS)
    assert "1 row of 2; the first is row 1" in str(refused.value)
