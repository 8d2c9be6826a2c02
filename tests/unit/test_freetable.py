"""An author's own table through the gate: by rounding or by hiding cells, never the raw numbers."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pace_analysis.errors import DisclosureRefused, UsageError
from pace_analysis.publish import suppression
from pace_analysis.publish.audit import bounds, violations
from pace_analysis.publish.cells import of_table
from pace_analysis.publish.disclosure import Refused, Release, publishable
from pace_analysis.publish.freetable import HIDDEN, MOST_CELLS, ReleasedFreeTable, by_axis, release_free_table
from pace_analysis.publish.profiles import INTERNAL_USE, PROFILES, PUBLIC

STRICT = PROFILES["strict"]
few = settings(max_examples=15, deadline=None, derandomize=True)
tables = arrays(np.int64, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=st.integers(0, 30))
EVERY_PAIR = {a + b: [a, b] for a, b in itertools.combinations("abcd", 2)}  # an odd circle of sums, hard to round


def named(counts) -> pd.DataFrame:
    counts = np.asarray(counts)
    ages = [f"age {i}" for i in range(counts.shape[1])]
    return pd.DataFrame(counts, index=list("abcdefgh")[: len(counts)], columns=ages)


def released(counts, **options) -> ReleasedFreeTable:
    result = release_free_table(named(counts), title="children", **options)
    assert publishable(result) is result
    assert isinstance(result, ReleasedFreeTable) and result.release == Release.PUBLISHED
    return result


def numbers(table: ReleasedFreeTable) -> pd.DataFrame:
    """What a reader counts with: fewer than some number is 0."""
    return table.cells.map(lambda cell: 0 if cell.startswith("fewer than") else int(cell))


def full(counts: pd.DataFrame) -> pd.DataFrame:
    """The exact table with its totals."""
    summed = pd.concat([counts, counts.sum().to_frame("total").T])
    return summed.assign(total=summed.sum(axis=1))


@few
@given(tables)
def test_rounded_tables_add_up_and_show_no_small_number(counts):
    table = released(counts)
    shown, exact = numbers(table), full(named(counts))
    assert ((shown % 5) == 0).all(axis=None)
    assert (abs(shown - exact.loc[shown.index, shown.columns]) < 5).all(axis=None)
    for labels, axis in ((table.rows, 0), (table.columns, 1)):
        if "total" in labels:
            parts = shown.drop("total", axis=axis).sum(axis=axis)
            assert (parts == shown.xs("total", axis=axis)).all()
    assert not {"0", "1", "2", "3", "4"} & set(table.cells.to_numpy().ravel())


def test_the_strict_profile_shows_nothing_below_ten():
    table = released([[6, 9, 30], [12, 7, 2]], profile=STRICT)
    assert set(table.cells.to_numpy().ravel()) <= {"fewer than 10", "fewer than 15", *map(str, range(10, 100, 5))}
    assert "0, 10 or a larger multiple of 5" in table.method and "'Fewer than 10' may be none" in table.method


def test_a_total_moved_further_is_said_to_be_less_certain():
    table = released([[2], [3], [4]], profile=PROFILES["health"], groups={"ab": ["a", "b"], "bc": ["b", "c"]})
    assert numbers(table).loc["total", "age 0"] == numbers(table).loc[["a", "b", "c"], "age 0"].sum()
    table = released([[6, 2, 7]], profile=PROFILES["health"])
    assert "A total may differ from the true one by up to 14." in table.method


def test_subtotals_stand_before_the_total_and_add_up():
    table = released([[6, 8, 21], [3, 12, 4]], groups={"young": ["age 0", "age 1"]})
    assert table.columns == ("age 0", "age 1", "age 2", "young", "total")
    shown = numbers(table)
    assert (shown["young"] == shown["age 0"] + shown["age 1"]).all()


def test_a_table_of_one_column_or_one_row_has_no_total_that_repeats_it():
    assert released([[30], [12]]).columns == ("age 0",)
    assert released([[30], [12]]).rows == ("a", "b", "total")
    one_row = released([[30, 12, 2]])
    assert (one_row.rows, one_row.columns[-1]) == (("a",), "total")
    hidden = released([[30], [12], [2]], method="suppression")
    assert hidden.cells.loc["c", "age 0"] == HIDDEN and hidden.columns == ("age 0",)


def test_two_categories_are_shown_as_one_where_nothing_milder_works():
    counts = [[7, 4, 3, 1, 1], [2, 4, 4, 5, 4], [2, 4, 3, 3, 2], [2, 2, 3, 5, 3]]
    table = released(counts, profile=STRICT, groups=EVERY_PAIR)
    assert "'age 0' and 'age 4' are shown as one." in table.method
    assert "age 0 and age 4" in table.columns and "age 0" not in table.columns


def test_totals_alone_are_shown_where_the_interior_cannot_be():
    table = released([[2, 5], [7, 4], [2, 4], [3, 5]], profile=STRICT, groups=EVERY_PAIR)
    assert "Only totals are shown" in table.method
    assert (table.cells.loc[list("abcd"), ["age 0", "age 1"]] == HIDDEN).all(axis=None)
    assert not (table.cells == HIDDEN).loc["total"].any()


def test_what_cannot_be_rounded_at_all_is_refused_in_a_sentence():
    result = release_free_table(named([[3, 4, 2], [5, 3, 2], [4, 9, 5], [5, 5, 5]]), title="Children by route",
                                profile=STRICT, groups=EVERY_PAIR)
    assert isinstance(result, Refused) and result.code == "cannot-be-rounded"
    assert result.sentence.startswith("Not shown: children by route.")


@few
@given(tables)
def test_hidden_cells_protect_every_small_one_and_all_others_are_exact(counts):
    table = released(counts, method="suppression")
    if "rounded" in table.method:
        assert table.remarks[0].startswith("Hiding cells was asked for")
        return
    exact = full(named(counts)).loc[list(table.rows), list(table.columns)]
    is_hidden = table.cells == HIDDEN
    assert is_hidden[(exact > 0) & (exact < 5)].where((exact > 0) & (exact < 5), True).all(axis=None)
    assert table.cells.where(~is_hidden, "").equals(exact.astype(str).where(~is_hidden, ""))
    system = of_table(named(counts))
    known = {cell: (int(system.counts[cell]),) * 2 for cell, key in enumerate(system.keys)
             if key[0] in table.rows and key[1] in table.columns and table.cells.at[key] != HIDDEN}
    assert not violations(system, bounds(system, known), 5)


def test_a_table_without_small_numbers_is_shown_exactly():
    table = released([[12, 7], [30, 9]], method="suppression")
    assert table.method == "All numbers are exact; none is from 1 to 4."
    assert table.cells.loc["total", "total"] == "58"


def test_suppression_gives_way_to_rounding_where_it_takes_too_long(monkeypatch):
    wide = released(np.full((8, 20), 7), method="suppression")
    assert "over 125 cells" in wide.remarks[0] and "rounded to multiples of 5" in wide.method
    monkeypatch.setattr(suppression, "SECONDS", 0.0)
    late = released([[12, 3], [2, 9]], method="suppression")
    assert "no choice was proved best within 0 seconds" in late.remarks[0] and "rounded" in late.method


@pytest.mark.parametrize("method", ["rounding", "suppression"])
def test_a_row_in_one_column_is_flagged(method):
    table = released([[20, 0, 0], [10, 15, 30]], method=method)
    assert any("children of row 'a' are in one column" in remark for remark in table.remarks)
    assert not any("'b'" in remark for remark in table.remarks)
    turned = released(np.array([[20, 0, 0], [10, 15, 30]]).T, method=method)
    assert any("children of column 'age 0' are in one row" in remark for remark in turned.remarks)


def test_one_child_against_all_others_is_flagged_as_nearly_all():
    table = released([[20, 1], [15, 30]])
    assert numbers(table).loc["a"].tolist() == [20, 0, 20]
    assert "nearly all children of row 'a'" in table.remarks[0]


def test_one_child_against_all_others_cannot_be_told_where_cells_are_hidden():
    table = released([[19, 1, 0], [15, 30, 12], [11, 8, 9]], method="suppression")
    row = table.cells.loc["a"]
    assert row["age 1"] == HIDDEN and HIDDEN in (row["age 0"], row["total"])


def test_a_subtotal_of_part_of_the_table_is_flagged_and_one_of_all_is_not():
    counts = [[9, 11, 0], [10, 15, 30], [10, 15, 30]]
    assert "row 'a'" in released(counts, groups={"young": ["age 0", "age 1"]}).remarks[0]
    assert not released(counts, groups={"every age": ["age 0", "age 1", "age 2"]}).remarks


def test_many_flagged_rows_are_counted_not_listed():
    table = released([[20, 0]] * 6)
    assert "'a', 'b', 'c' and 4 more" in table.remarks[0]  # the total too


def test_the_raw_table_never_comes_out():
    counts = named([[12, 3], [2, 9]])
    with pytest.raises(DisclosureRefused, match="not protected"):
        release_free_table(counts, title="children", profile=INTERNAL_USE)
    with pytest.raises(DisclosureRefused, match="by the disclosure gate only"):
        ReleasedFreeTable(title="", rows=("a",), columns=("b",), method="", remarks=(), _cells=counts.astype(str),
                          profile=PUBLIC, release=Release.PUBLISHED)
    table = released([[12, 3], [2, 9]])
    copied = table.cells
    copied.loc["a", "age 0"] = "12"
    assert table.cells.loc["a", "age 0"] in ("10", "15")


def test_what_cannot_be_asked_for():
    counts = named([[12, 3], [2, 9]])
    with pytest.raises(UsageError, match="no method 'rouding'") as error:
        release_free_table(counts, title="children", method="rouding")
    assert "Did you mean 'rounding'?" in str(error.value)
    with pytest.raises(DisclosureRefused, match=f"limit is {MOST_CELLS:,}"):
        release_free_table(pd.DataFrame(np.zeros((101, 10), dtype=int)), title="children")
    for bad in (counts.astype(float), -counts, counts.iloc[:0]):
        with pytest.raises(DisclosureRefused, match="must hold counts"):
            release_free_table(bad, title="children")


def test_groups_are_of_rows_or_of_columns():
    sides = by_axis(["a", "b"], ["x", "y"], {"ab": ["a", "b"], "xy": ("x", "y")})
    assert sides == ({"ab": ("a", "b")}, {"xy": ("x", "y")})
    for groups, says in (({"g": ["a", "x"]}, "one side"), ({"g": ["a", "c"]}, "one side"), ({"g": []}, "one side")):
        with pytest.raises(UsageError, match=says):
            by_axis(["a", "b"], ["x", "y"], groups)
    with pytest.raises(UsageError, match="both rows and columns"):
        by_axis(["a", "b"], ["a", "b"], {"g": ["a", "b"]})
