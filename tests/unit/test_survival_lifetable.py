"""The life table: what it counts, what it refuses, how tables add."""

import doctest
import pickle
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from pace_analysis.errors import PaceError
from pace_analysis.survival import (
    LifeTable,
    SurvivalInputError,
    cumulative_incidence,
    curves,
    incidence,
    kaplan_meier,
    life_table,
    lifetable,
    nelson_aalen,
)
from pace_analysis.survival.checks import BLOCK_ROWS

waits = st.tuples(st.integers(0, 12), st.integers(0, 25), st.integers(0, 3), st.sampled_from("abc"))
cohorts = st.lists(waits, min_size=1, max_size=40)
unhurried = settings(max_examples=50, deadline=None)


def count(rows, n_outcomes=3):
    first, length, outcome, group = (list(column) for column in zip(*rows, strict=True))
    last = [start + more for start, more in zip(first, length, strict=True)]
    return life_table(last, outcome, first_day=first, group=group, n_outcomes=n_outcomes)


class TestCounting:
    def test_a_child_is_at_risk_on_both_its_first_and_last_day(self):
        counts = life_table([4], [1], first_day=[2]).counts
        assert counts["at_risk"].tolist() == [0, 0, 1, 1, 1]
        assert counts["entered"].tolist() == [0, 0, 1, 0, 0]
        assert counts["outcome_1"].tolist() == [0, 0, 0, 0, 1]

    def test_an_event_on_day_0_counts_and_one_day_at_risk_is_legal(self):
        counts = life_table([0, 0, 3], [1, 0, 0]).counts
        assert counts.iloc[0].to_dict() == {
            "group": "all", "day": 0, "entered": 3, "at_risk": 3, "censored": 1, "outcome_1": 1,
        }  # fmt: skip

    def test_counts_are_whole_numbers_of_every_day_to_the_last_of_each_group(self):
        table = life_table([3, 5], [1, 2], group=["north", "south"])
        counts = table.counts
        assert counts.columns.tolist() == ["group", "day", "entered", "at_risk", "censored", "outcome_1", "outcome_2"]
        assert counts["day"].tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 4, 5]
        assert (counts.dtypes.drop("group") == "int64").all()
        assert table.groups == ("north", "south")
        assert table.outcomes == 2

    @pytest.mark.parametrize(
        "labels", [[10, 9, 9], ["b", "a", "a"], [True, False, False], pd.Categorical(["z", "y", "y"])]
    )
    def test_groups_are_sorted_whatever_they_are(self, labels):
        table = life_table([1, 2, 3], [1, 1, 1], group=labels)
        assert list(table.groups) == sorted(set(labels))
        assert table.select(table.groups[0]) == life_table([2, 3], [1, 1], group=labels[1:])

    def test_the_number_of_outcomes_is_the_largest_found_unless_given(self):
        assert life_table([1, 2], [0, 0]).outcomes == 1
        assert life_table([1, 2], [0, 4]).outcomes == 4
        assert life_table([1, 2], [0, 1], n_outcomes=5).outcomes == 5

    @pytest.mark.parametrize("kind", ["int8", "uint16", "int32", "int64", "float32", "float64", "object", "Int64"])
    def test_the_type_of_the_columns_makes_no_difference(self, kind):
        columns = [pd.Series(values).astype(kind) for values in ([5, 9, 9], [1, 0, 1], [0, 3, 9])]
        plain = life_table([5, 9, 9], [1, 0, 1], first_day=[0, 3, 9])
        assert life_table(columns[0], columns[1], first_day=columns[2]) == plain

    def test_a_yes_or_no_outcome_is_1_or_0(self):
        assert life_table([5, 9], [True, False]) == life_table([5, 9], [1, 0])

    def test_more_rows_than_a_block_are_counted_alike(self):
        rows = 2 * BLOCK_ROWS + 17
        generator = np.random.default_rng(5)
        first = generator.integers(0, 20, rows)
        last = first + generator.integers(0, 30, rows)
        outcome, group = generator.integers(0, 3, rows), generator.choice(["x", "y"], rows)
        table = life_table(last, outcome, first_day=first, group=group)
        for index, label in enumerate(table.groups):
            for kind in range(3):
                expected = np.bincount(last[(group == label) & (outcome == kind)], minlength=table.exits.shape[2])
                assert_array_equal(table.exits[index, kind], expected)
            assert_array_equal(table.entered[index, :20], np.bincount(first[group == label], minlength=20))


class TestIdentities:
    @unhurried
    @given(cohorts)
    def test_every_entrant_leaves_once_and_nobody_is_lost(self, rows):
        counts = count(rows).counts
        leaving = counts[["censored", "outcome_1", "outcome_2", "outcome_3"]].sum(axis=1)
        assert counts["entered"].sum() == leaving.sum() == len(rows)
        assert (leaving <= counts["at_risk"]).all()

    @unhurried
    @given(cohorts)
    def test_waiting_and_the_shares_who_left_add_to_one(self, rows):
        table = count(rows)
        shares = cumulative_incidence(table).groupby(["group", "day"])["estimate"].sum()
        assert_allclose(kaplan_meier(table)["estimate"] + shares.to_numpy(), 1, rtol=0, atol=1e-12)

    @unhurried
    @given(cohorts, st.randoms(use_true_random=False))
    def test_the_order_of_rows_changes_no_bit(self, rows, order):
        shuffled = order.sample(rows, len(rows))
        assert count(shuffled) == count(rows)
        for estimate in (kaplan_meier, nelson_aalen, cumulative_incidence):
            pd.testing.assert_frame_equal(estimate(count(shuffled)), estimate(count(rows)), check_exact=True)

    @unhurried
    @given(cohorts, st.randoms(use_true_random=False))
    def test_parts_added_in_any_order_and_grouping_are_the_whole(self, rows, order):
        parts = [[] for _ in range(4)]
        for row in rows:
            parts[order.randrange(4)].append(row)
        tables = [count(part) for part in parts if part]
        order.shuffle(tables)
        while len(tables) > 1:
            one = tables.pop(order.randrange(len(tables)))
            other = tables.pop(order.randrange(len(tables)))
            tables.append(one + other)
        assert tables[0] == count(rows)

    @unhurried
    @given(cohorts, st.randoms(use_true_random=False))
    def test_a_wait_split_into_two_rows_counts_as_one(self, rows, order):
        split = []
        for first, length, outcome, group in rows:
            at = order.randint(0, length)
            if at:
                split.append((first, at - 1, 0, group))
            split.append((first + at, length - at, outcome, group))
        whole, halves = count(rows), count(split)
        assert_array_equal(halves.at_risk, whole.at_risk)
        assert_array_equal(halves.exits[:, 1:], whole.exits[:, 1:])
        columns = ["estimate", "std_error"]
        pd.testing.assert_frame_equal(
            cumulative_incidence(halves)[columns], cumulative_incidence(whole)[columns], check_exact=True
        )

    @unhurried
    @given(cohorts)
    def test_the_groups_pooled_are_the_table_without_groups(self, rows):
        table = count(rows)
        assert table.pooled() == count([(first, length, outcome, "all") for first, length, outcome, _ in rows])
        parts = [table.select(label) for label in table.groups]
        assert sum(parts[1:], start=parts[0]) == table


class TestAsAValue:
    def test_equal_by_content_only(self):
        table = life_table([3, 5], [1, 0], n_outcomes=2)
        assert table == life_table([5, 3], [0, 1], n_outcomes=2)
        assert table != life_table([3, 5], [1, 0])
        assert table != life_table([3, 5], [1, 0], n_outcomes=2, group=["a", "a"])
        assert table != life_table([3, 5], [0, 1], n_outcomes=2)
        assert table != "a table"

    def test_days_after_the_last_exit_make_no_difference(self):
        padded = LifeTable(("all",), np.array([[2, 0, 0, 0, 0]]), np.array([[[0, 0, 1, 0, 0], [0, 1, 0, 0, 0]]]))
        assert padded == life_table([1, 2], [1, 0])

    def test_cannot_be_changed(self):
        entered = np.array([[1, 0]])
        table = LifeTable(("all",), entered, np.array([[[0, 0], [0, 1]]]))
        entered[0, 0] = 7
        assert table.entered.tolist() == [[1, 0]]
        with pytest.raises(ValueError, match="read-only"):
            table.exits[0, 0, 0] = 1

    def test_survives_a_journey_between_processes(self):
        table = life_table([3, 5], [1, 0], group=["a", "b"])
        assert pickle.loads(pickle.dumps(table)) == table

    def test_says_how_much_it_holds_and_no_more(self):
        assert repr(life_table([3, 5], [1, 0])) == "LifeTable(2 entrants, 1 group(s), 1 outcome(s), days 0 to 5)"


def message(*arguments, **named):
    with pytest.raises(SurvivalInputError) as caught:
        life_table(*arguments, **named)
    return str(caught.value)


class TestRefusals:
    def test_the_error_is_a_foreseen_mistake_and_a_value_error(self):
        assert issubclass(SurvivalInputError, PaceError)
        assert issubclass(SurvivalInputError, ValueError)
        error = SurvivalInputError("what", where="where", remedy="remedy")
        assert str(pickle.loads(pickle.dumps(error))) == "what\n  where\n  remedy"

    def test_names_the_column_the_count_and_the_first_row(self):
        assert "`last_day` is missing or is not a whole number.\n  2 rows of 4; the first is row 1" in message(
            [1, 2.5, np.nan, 4], [1, 1, 1, 1]
        )
        text = message([3, 0, -1], [0] * 3)
        assert "`last_day` is negative.\n  1 row of 3; the first is row 2, counted from 0." in text

    def test_counts_wrong_rows_across_blocks(self):
        last = np.zeros(BLOCK_ROWS + 5, np.int32)
        last[[BLOCK_ROWS + 1, BLOCK_ROWS + 3]] = -1
        assert f"2 rows of {BLOCK_ROWS + 5}; the first is row {BLOCK_ROWS + 1}" in message(last, np.zeros_like(last))

    @pytest.mark.parametrize("bad", [None, pd.NA, "x", float("inf"), 2.5])
    def test_what_is_not_a_whole_number(self, bad):
        assert "`outcome` is missing or is not a whole number.\n  1 row of 2; the first is row 1" in message(
            [1, 2], pd.Series([1, bad], dtype=object)
        )

    def test_dates_and_text(self):
        dates = pd.to_datetime(["2015-01-01", "2015-01-02"])
        assert "`last_day` must hold whole numbers, not values of type datetime64[ns]" in message(dates, [1, 1])
        assert "Count days since the start" in message(["7", "8"], [1, 1])

    def test_days_out_of_order(self):
        text = message([5, 2], [1, 1], first_day=[5, 3])
        assert "`last_day` is before `first_day`.\n  1 row of 2; the first is row 1" in text
        assert "`first_day` is negative" in message([5], [1], first_day=[-1])

    def test_days_since_a_calendar_date(self):
        assert "more than 36525 days" in message([10, 735_000], [1, 1])

    def test_unknown_outcomes(self):
        assert "`outcome` is not one of 0 (censored) to 2.\n  1 row of 3; the first is row 2" in message(
            [1, 2, 3], [1, 2, 3], n_outcomes=2
        )
        assert "not one of 0 (censored) to 99" in message([1, 2], [-1, 0])

    def test_empty_columns_and_columns_that_do_not_fit(self):
        assert "columns are empty" in message([], [])
        assert "differ in length: (1,), (2,)" in message([1, 2], [1])
        assert "one column, not an array of 2 dimensions" in message([[1, 2]], [1, 2])

    def test_labels(self):
        text = message([1, 2, 3], [1] * 3, group=[None, "a", None])
        assert "`group` is missing.\n  2 rows of 3; the first is row 0" in text
        assert "different kinds" in message([1, 2], [1, 1], group=np.array(["a", 1], dtype=object))

    def test_a_group_that_is_not_there(self):
        with pytest.raises(SurvivalInputError, match="Did you mean 'north'"):
            life_table([1, 2], [1, 1], group=["north", "south"]).select("nort")

    def test_tables_that_do_not_add(self):
        with pytest.raises(SurvivalInputError, match="same `n_outcomes`"):
            life_table([1], [1]) + life_table([1], [2])
        with pytest.raises(TypeError):
            life_table([1], [1]) + 1

    @pytest.mark.parametrize(
        ("groups", "entered", "exits", "start_day", "says"),
        [
            (("a",), [[2, 0]], [[[0, 0], [0, 1]]], 0, "leave exactly once"),
            (("a",), [[0, 1]], [[[0, 0], [1, 0]]], 0, "leave exactly once"),
            (("a",), [[1, 1]], [[[0, -1], [0, 3]]], 0, "leave exactly once"),
            (("a", "b"), [[1], [0]], [[[0], [1]], [[0], [0]]], 0, "no children"),
            (("b", "a"), [[1], [1]], [[[0], [1]], [[0], [1]]], 0, "sorted"),
            (("a",), [[1, 0]], [[[0, 0], [0, 1]]], 1, "has an entrant before that day"),
            (("a",), [[1.0, 0]], [[[0, 0], [0, 1]]], 0, "whole numbers"),
            (("a",), [[1, 0]], [[[0, 1]]], 0, "of shape"),
            (("a", "b"), [[1, 0]], [[[0, 0], [0, 1]]], 0, "of shape"),
        ],
    )
    def test_counts_that_are_no_life_table(self, groups, entered, exits, start_day, says):
        with pytest.raises(SurvivalInputError, match=says):
            LifeTable(groups, np.array(entered), np.array(exits), start_day)


def test_a_seeded_shuffle_of_a_large_cohort_changes_no_bit():
    rows = [(i % 3, (i * 37) % 200, i % 4, "abc"[i % 3]) for i in range(5000)]
    shuffled = random.Random(1).sample(rows, len(rows))
    assert count(shuffled) == count(rows)


@pytest.mark.parametrize("module", [curves, incidence, lifetable], ids=lambda module: module.__name__)
def test_the_examples_of_the_documentation_are_true(module):
    result = doctest.testmod(module)
    assert result.attempted > 1
    assert result.failed == 0
