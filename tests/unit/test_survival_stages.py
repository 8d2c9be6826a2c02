"""Stays in stages counted into a table of moves, and what is estimated from it."""

import doctest
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from pace_analysis.survival import (
    StageTable,
    SurvivalInputError,
    expected_days,
    life_table,
    occupancy,
    restricted_mean,
    stages,
    state_occupancy,
    transitions,
)

NAMES = ["assessed", "planned", "decided", "left"]
unhurried = settings(max_examples=50, deadline=None)


def stays_of(children):
    """Rows of stays of children given as a list of (days in the stage, what next), the last one censored or gone."""
    rows = []
    for child in children:
        day = 0
        for stage, (length, after) in zip(NAMES, child, strict=False):
            rows.append((stage, day, day + length, after))
            day += length + 1
            if after != "planned":
                break
    return rows


def count(rows):
    stage, first, last, after = (list(column) for column in zip(*rows, strict=True))
    return transitions(stage, last, after, first_day=first, stages=NAMES)


first_stay = st.tuples(st.integers(0, 15), st.sampled_from(["planned", "left", None]))
second_stay = st.tuples(st.integers(0, 15), st.sampled_from(["decided", "left", None]))
cohorts = st.lists(st.tuples(first_stay, second_stay), min_size=1, max_size=25)


def shares(table, column="estimate", **named):
    return state_occupancy(table, **named).pivot(index="day", columns="stage", values=column)[list(table.stages)]


class TestCounting:
    def test_three_children_by_hand(self):
        """Two of three move on day 2, one of these on to decided on day 5; shares are counted out on each evening."""
        table = count([("assessed", 0, 2, "planned"), ("assessed", 0, 2, "planned"), ("assessed", 0, 6, None),
                       ("planned", 3, 5, "decided"), ("planned", 3, 6, None)])  # fmt: skip
        assert table.at_risk.tolist() == [[3, 3, 3, 1, 1, 1, 1], [0, 0, 0, 2, 2, 2, 1], [0] * 7, [0] * 7]
        ours = shares(table)
        assert_allclose(ours.loc[1], [1, 0, 0, 0])
        assert_allclose(ours.loc[2], [1 / 3, 2 / 3, 0, 0])
        assert_allclose(ours.loc[5], [1 / 3, 1 / 3, 1 / 3, 0])
        assert_allclose(shares(table, "std_error").loc[2, "planned"] ** 2, 2 / 27)
        assert_allclose(expected_days(table, 6)["estimate"], [2 + 4 / 3, 3 * 2 / 3 + 1 / 3, 1 / 3, 0])

    @unhurried
    @given(cohorts, st.randoms(use_true_random=False))
    def test_order_changes_no_bit_and_parts_add_to_the_whole(self, children, order):
        rows = stays_of(children)
        assert count(order.sample(rows, len(rows))) == count(rows)
        cut = order.randint(0, len(children))
        parts = [count(stays_of(part)) for part in (children[:cut], children[cut:]) if part]
        assert sum(parts[1:], start=parts[0]) == count(rows)

    def test_is_a_value(self):
        table = count([("assessed", 0, 2, "planned"), ("planned", 3, 5, None)])
        assert repr(table) == "StageTable(2 stays in 4 stages, 1 moves, days 0 to 5)"
        again = pickle.loads(pickle.dumps(table))
        assert again == table and again != "a table"
        with pytest.raises(ValueError, match="read-only"):
            table.started[0, 0] = 9

    def test_stages_are_sorted_unless_given(self):
        assert transitions(["b", "b"], [1, 2], ["a", np.nan]).stages == ("a", "b")


class TestEstimates:
    @unhurried
    @given(cohorts)
    def test_shares_add_to_one_and_lie_in_their_intervals(self, children):
        frame = state_occupancy(count(stays_of(children)), start="assessed")
        assert_allclose(frame.groupby("day")["estimate"].sum(), 1, rtol=0, atol=1e-12)
        assert (frame["lower"] <= frame["estimate"] + 1e-12).all()
        assert (frame["estimate"] <= frame["upper"] + 1e-12).all()

    @unhurried
    @given(cohorts, st.integers(1, 12))
    def test_without_censoring_shares_are_those_counted_and_variances_binomial(self, children, day):
        children = [tuple((length, after or "left") for length, after in child) for child in children]
        rows = stays_of(children)
        table = count(rows)
        ours, error = shares(table), shares(table, "std_error")
        day = min(day, ours.index.max())
        where = []
        for child in children:
            at = [(stage, last, after) for stage, first, last, after in stays_of([child]) if first <= day]
            stage, last, after = at[-1]
            where.append(after if last <= day else stage)
        counted = np.array([where.count(name) for name in NAMES]) / len(children)
        assert_allclose(ours.loc[day], counted, atol=1e-12)
        binomial = np.sqrt(counted * (1 - counted) / len(children))
        assert error.loc[day, "assessed"] == pytest.approx(binomial[0], abs=1e-7)

    def test_days_in_the_first_stage_are_its_restricted_mean(self):
        generator = np.random.default_rng(3)
        last, kind = generator.integers(0, 60, 200), generator.integers(0, 3, 200)
        after = np.array([None, "planned", "left"], dtype=object)[kind]
        table = transitions(["assessed"] * 200, last, after, stages=NAMES)
        [waiting] = restricted_mean(life_table(last, kind), 40).to_dict("records")
        ours = expected_days(table, 40).set_index("stage").loc["assessed"]
        for name in ("estimate", "std_error", "lower", "upper"):
            assert ours[name] == pytest.approx(waiting[name], rel=1e-10)

    @pytest.mark.slow

    def test_the_error_of_days_is_that_of_many_cohorts(self):
        """Two stages in a row; the spread of the estimate over 400 invented cohorts is the mean of its errors."""
        generator = np.random.default_rng(6)
        found = []
        for _ in range(400):
            one, two, lost = generator.geometric(0.1, 60), generator.geometric(0.08, 60), generator.integers(10, 60, 60)
            moves, ends = one < lost, one + two < lost
            first = pd.DataFrame({"stage": "assessed", "first": 0, "last": np.minimum(one, lost),
                                  "after": np.where(moves, "planned", None)})  # fmt: skip
            second = pd.DataFrame({"stage": "planned", "first": one + 1, "last": np.minimum(one + two, lost),
                                   "after": np.where(ends, "decided", None)})[moves]  # fmt: skip
            rows = pd.concat([first, second])
            table = transitions(rows["stage"], rows["last"], rows["after"], first_day=rows["first"], stages=NAMES)
            found.append(expected_days(table, 25)[["estimate", "std_error"]].to_numpy()[:3])
        estimates, errors = np.moveaxis(found, 2, 0)
        assert_allclose(estimates.std(axis=0), errors.mean(axis=0), rtol=0.1)

    def test_shares_as_day_0_begins_are_those_at_risk_unless_given(self):
        table = count([("assessed", 0, 9, None), ("assessed", 0, 9, None), ("planned", 0, 9, None)])
        assert_allclose(shares(table).loc[0], [2 / 3, 1 / 3, 0, 0])
        assert_allclose(shares(table, "std_error").loc[0, "planned"] ** 2, 2 / 27)
        assert_allclose(shares(table, start="planned").loc[9], [0, 1, 0, 0])

    def test_everybody_decided_may_be_asked_of_any_horizon(self):
        table = count([("assessed", 0, 3, "decided"), ("assessed", 0, 5, "decided")])
        assert expected_days(table, 100)["estimate"].tolist() == [4, 0, 96, 0]


class TestRefusals:
    def test_rows_are_named_by_position(self):
        with pytest.raises(SurvivalInputError, match="`stage` is missing .*\n  1 row of 2; the first is row 1"):
            transitions(["a", None], [1, 2], [None, None])
        with pytest.raises(SurvivalInputError, match="`next_stage` is not one of the stages.*\n  1 row of 1"):
            transitions(["a"], [1], ["z"], stages=["a", "b"])
        with pytest.raises(SurvivalInputError, match="`next_stage` is the stage the child is in"):
            transitions(["a"], [1], ["a"])
        with pytest.raises(SurvivalInputError, match="`last_day` is before `first_day`"):
            transitions(["a"], [1], ["b"], first_day=[2])
        with pytest.raises(SurvivalInputError, match="`last_day` is negative"):
            transitions(["a"], [-1], ["b"])
        with pytest.raises(SurvivalInputError, match="empty or differ in length"):
            transitions(["a"], [1, 2], ["b", "b"])
        with pytest.raises(SurvivalInputError, match="empty or differ in length"):
            transitions([], [], [])

    def test_tables_that_are_none(self):
        one, none = np.array([[1, 0]]), np.zeros((1, 2), int)
        with pytest.raises(SurvivalInputError, match="end exactly once"):
            StageTable(("a",), one, np.zeros((1, 1, 2), int), none)
        with pytest.raises(SurvivalInputError, match="do not have the shapes"):
            StageTable(("a", "b"), one, np.zeros((1, 1, 2), int), one)
        with pytest.raises(SurvivalInputError, match="different stages do not add"):
            transitions(["a"], [1], ["b"]) + transitions(["a"], [1], ["c"])
        with pytest.raises(TypeError):
            transitions(["a"], [1], ["b"]) + 1

    def test_questions_that_the_table_cannot_answer(self):
        table = count([("assessed", 0, 3, "planned"), ("planned", 4, 9, None)])
        with pytest.raises(SurvivalInputError, match="ends on day 9.\n  Children may then still be in stage 'planned'"):
            expected_days(table, 10)
        with pytest.raises(SurvivalInputError, match="whole number of days from 1 on"):
            expected_days(table, 0)
        with pytest.raises(SurvivalInputError, match="no stage 'plannd'.\n  Did you mean 'planned'"):
            state_occupancy(table, start="plannd")
        with pytest.raises(SurvivalInputError, match="Nobody is at risk on day 0"):
            state_occupancy(count([("assessed", 2, 3, None)]))


@pytest.mark.parametrize("module", [stages, occupancy], ids=lambda module: module.__name__)
def test_the_examples_of_the_documentation_are_true(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
