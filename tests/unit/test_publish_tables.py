"""Counts through the gate: nothing small is printed, everything adds up, and an attacker learns no small cell."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from pace_analysis.errors import DisclosureRefused, UsageError
from pace_analysis.publish.earlier import Earlier
from pace_analysis.publish.disclosure import Refused, Release, release_count, release_table
from pace_analysis.publish.profiles import PROFILES

PROTECTING = [profile for profile in PROFILES.values() if profile.protects]
PUBLIC = PROFILES["public"]
few = settings(max_examples=40, deadline=None, derandomize=True)


def tables(most: int = 14):
    shapes = st.tuples(st.integers(1, 4), st.integers(1, 5))
    return shapes.flatmap(lambda shape: arrays(np.int64, shape, elements=st.integers(0, most))).map(named)


def named(counts) -> pd.DataFrame:
    counts = np.asarray(counts)
    rows = [f"row {i}" for i in range(len(counts))]
    return pd.DataFrame(counts, index=rows, columns=list("abcde")[: counts.shape[1]])


def with_totals(counts: pd.DataFrame) -> np.ndarray:
    counts = np.hstack([counts.to_numpy(), counts.to_numpy().sum(axis=1, keepdims=True)])
    return np.vstack([counts, counts.sum(axis=0)])


@pytest.mark.parametrize("profile", PROTECTING, ids=lambda p: p.name)
@few
@given(counts=tables())
def test_no_small_count_is_printed_and_everything_adds_up(profile, counts):
    shown = release_table(counts, title="T", profile=profile).cells.to_numpy()
    assert not ((shown > 0) & (shown < profile.threshold)).any()
    assert (shown % profile.base == 0).all()
    assert (shown[:-1].sum(axis=0) == shown[-1]).all()
    assert (shown[:, :-1].sum(axis=1) == shown[:, -1]).all()


@few
@given(counts=tables())
def test_public_cells_and_margins_are_within_one_base_of_the_truth(counts):
    shown = release_table(counts, title="T").cells.to_numpy()
    assert (np.abs(shown - with_totals(counts)) < 5).all()
    multiples = with_totals(counts) % 5 == 0
    assert (shown[multiples] == with_totals(counts)[multiples]).all()


@pytest.mark.parametrize("profile", PROTECTING, ids=lambda p: p.name)
@settings(max_examples=12, deadline=None, derandomize=True)
@given(counts=tables(9))
def test_an_attacker_cannot_narrow_a_small_count(profile, counts):
    """He knows the rule, and solves for the least and most that each small count can be."""
    shown = release_table(counts, title="T", profile=profile).cells.to_numpy()
    truth, (rows, columns) = with_totals(counts), counts.shape
    members = np.zeros((*shown.shape, rows, columns))
    for i, j in np.ndindex(shown.shape):
        members[i, j][slice(None) if i == rows else i, slice(None) if j == columns else j] = 1
    is_margin = np.ones(shown.shape, bool)
    is_margin[:-1, :-1] = False
    step = profile.first_step
    reach = max(step - 1, np.abs(shown - truth)[is_margin].max())
    low = np.where(shown == 0, 0, np.where(shown == step, 1, shown - profile.base + 1))[:-1, :-1]
    high = np.where(shown == 0, step - 1, shown + profile.base - 1)[:-1, :-1]
    margins, at = members[is_margin].reshape(-1, rows * columns), shown[is_margin]
    limits = {"A_ub": np.vstack([margins, -margins]), "b_ub": np.concatenate([at + reach, reach - at]),
              "bounds": list(zip(low.ravel(), high.ravel(), strict=True))}
    for i, j in np.argwhere((truth > 0) & (truth < profile.threshold)):
        asked = members[i, j].ravel()
        least, most = linprog(asked, **limits).fun, -linprog(-asked, **limits).fun
        assert least <= 1 + 1e-6
        assert most >= profile.threshold - 1 - 1e-6


def test_the_same_table_always_gives_the_same_answer():
    counts = named(np.random.default_rng(4).poisson(5, (4, 5)))
    answers = [release_table(counts, title="T").cells for _ in range(3)]
    pd.testing.assert_frame_equal(answers[0], answers[1])
    pd.testing.assert_frame_equal(answers[0], answers[2])


def test_a_table_of_48_cells_is_protected_in_a_moment():
    counts = pd.DataFrame(np.random.default_rng(7).poisson(6, (6, 8)))
    release_table(counts, title="T")
    started = time.process_time()
    release_table(counts, title="T")
    assert time.process_time() - started < 1  # about 0.05 s on an idle core


def test_subtotals_of_rows_and_columns_add_up_too():
    counts = named([[3, 4, 12], [1, 0, 7], [22, 9, 2]])
    table = release_table(counts, title="T", column_groups={"decided": ["a", "b"]},
                          row_groups={"late": ["row 1", "row 2"]})
    for row in ("row 0", "row 1", "row 2", "late", table.total):
        assert table.cell(row, "decided") == table.cell(row, "a") + table.cell(row, "b")
        assert table.cell(row, table.total) == table.cell(row, "decided") + table.cell(row, "c")
    assert table.cell("late", "c") == table.cell("row 1", "c") + table.cell("row 2", "c")
    assert abs(table.cell("late", "decided") - 32) < 5
    assert (table.rows, table.columns) == (("row 0", "row 1", "row 2"), ("a", "b", "c"))


def test_the_internal_profile_shows_exact_counts_and_says_so():
    counts = named([[1, 2], [3, 4]])
    table = release_table(counts, title="T", profile=PROFILES["internal"])
    assert table.cells.to_numpy().tolist() == [[1, 2, 3], [3, 4, 7], [4, 6, 10]]
    assert table.release == Release.INTERNAL
    assert table.words("row 0", "a") == "1"


def test_a_shown_nought_is_worded_as_a_range():
    shown = {name: [release_count(n, what="children", profile=profile).words for n in (0, 2, 4, 7, 13)]
             for name, profile in PROFILES.items()}
    assert shown == {
        "public": ["fewer than 5", "fewer than 5", "5", "5", "15"],
        "strict": ["fewer than 10", "fewer than 10", "fewer than 10", "10", "15"],
        "health": ["fewer than 10", "fewer than 10", "fewer than 10", "10", "15"],
        "internal": ["0", "2", "4", "7", "13"],
    }


def published(counts: pd.DataFrame) -> dict:
    """What the gate is told of figures that others published."""
    figures = {("adoptions", year): int(count) for year, count in counts["adopted"].items()}
    return {"key": ("adoptions",), "axis": "rows", "earlier": Earlier(published=figures)}


class TestKnownFigures:
    YEARS = ["2010/11", "2011/12", "2012/13", "2013/14", "2014/15"]
    COUNTS = pd.DataFrame({"adopted": [16, 18, 11, 17, 24]}, index=YEARS)

    def test_are_shown_as_published_with_their_total(self):
        table = release_table(self.COUNTS, title="Adoptions", **published(self.COUNTS))
        assert table.is_known
        assert [table.cell(year, "adopted") for year in [*self.YEARS, table.total]] == [16, 18, 11, 17, 24, 86]

    def test_beside_a_new_year_leave_the_new_year_protected(self):
        counts = pd.concat([self.COUNTS, pd.DataFrame({"adopted": [3]}, index=["2015/16"])])
        table = release_table(counts, title="Adoptions", **published(self.COUNTS))
        assert not table.is_known
        assert table.known["adopted"].tolist() == [True] * 5 + [False, False]
        assert table.cell("2014/15", "adopted") == 24
        assert table.cell("2015/16", "adopted") in (0, 5)
        assert table.cell(table.total, "adopted") == 86 + table.cell("2015/16", "adopted")

    def test_have_no_part_in_how_the_others_are_rounded(self):
        counts = pd.DataFrame({"adopted": [18, 18, 2, 2]}, index=list("abcd"))
        table = release_table(counts, title="Adoptions", **published(counts.head(2)))
        # 2 and 2 are nearest 5 together: one of them is shown as 5; a total of all four would have been nearest 40
        assert sorted(table.cells["adopted"]) == [0, 5, 18, 18, 41]

    def test_that_differ_from_the_extract_are_not_shown(self):
        refused = release_table(self.COUNTS.replace(17, 18), title="Adoptions", **published(self.COUNTS))
        assert isinstance(refused, Refused)
        assert refused.code == "differs-from-published"
        assert refused.sentence.startswith("Not shown: adoptions.")


@pytest.mark.parametrize(("counts", "options", "says"), [
    (named([[1.0, 2.5]]), {}, "whole numbers"),
    (named([[1, -2]]), {}, "whole numbers"),
    (pd.DataFrame(), {}, "whole numbers"),
    (named([[1, 2]]).set_axis(["a", "a"], axis=1), {}, "'a' of a table is used twice"),
    (named([[1, 2]]).set_axis(["a", "total"], axis=1), {}, "'total' of a table is used twice"),
    (named([[1, 2]]), {"column_groups": {"both": ["a", "z"]}}, "names 'z'"),
], ids=["fractions", "negative", "empty", "twice", "total", "subtotal"])
def test_what_is_not_a_table_of_counts_is_refused(counts, options, says):
    with pytest.raises(DisclosureRefused, match=says):
        release_table(counts, title="T", profile=PUBLIC, **options)


def test_a_cell_that_does_not_exist_names_the_nearest():
    table = release_table(named([[6, 9]]), title="T")
    with pytest.raises(UsageError, match="row 0"):
        table.cell("row O", "a")


def test_a_frame_handed_out_cannot_change_the_table():
    table = release_table(named([[6, 9]]), title="T")
    copy = table.cells
    copy.loc["row 0", "a"] = 3
    assert table.cell("row 0", "a") == 5
