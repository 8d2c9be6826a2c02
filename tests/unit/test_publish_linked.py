"""Linked tables rounded together: additive, beside the truth, the same whatever the order, and safe from an audit."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pace_analysis.errors import DisclosureRefused
from pace_analysis.publish.audit import bounds, exposed, knowledge, on_ladder
from pace_analysis.publish.cells import CellSystem, axis, joined, of_cube, of_table
from pace_analysis.publish.linked import protect_cells, protect_ladder, round_cells, rounded_within
from pace_analysis.publish.profiles import PROFILES
from pace_analysis.publish.released import TOTAL

few = settings(max_examples=25, deadline=None, derandomize=True)
RULES = {"base": 5, "first_step": 5}
LEVELS = [profile for profile in PROFILES.values() if profile.protects]


def named(counts, rows="row") -> pd.DataFrame:
    counts = np.asarray(counts)
    return pd.DataFrame(counts, index=[f"{rows} {i}" for i in range(len(counts))],
                        columns=[f"column {i}" for i in range(counts.shape[1])])


@st.composite
def hierarchies(draw, rows=6, columns=8, most=12) -> CellSystem:
    """Two-way tables, the rows in years where there are four or more."""
    shape = draw(st.tuples(st.integers(1, rows), st.integers(1, columns)))
    counts = named(draw(arrays(np.int64, shape, elements=st.integers(0, most))))
    half = shape[0] // 2
    groups = {"early": list(counts.index[:half]), "late": list(counts.index[half:])} if half > 1 else {}
    return of_table(counts, groups)


def distances(system: CellSystem, values: np.ndarray) -> int:
    return int(np.abs(values - system.counts).sum())


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)
@few
@given(system=hierarchies())
def test_all_adds_up_nothing_small_is_shown_and_the_audit_is_clean(level, system):
    rules = {"base": level.base, "first_step": level.first_step}
    for steps in (0, 1):
        values = rounded_within(system, steps, **rules)
        if values is not None:
            break
    assert values is not None
    assert not (system.matrix @ values).any()
    assert all(on_ladder(value, **rules) for value in values.tolist())
    assert (values[system.counts == 0] == 0).all()
    inside = ~system.is_margin
    assert (np.abs(values - system.counts)[inside] < level.first_step).all()
    known = knowledge(system, dict(enumerate(values.tolist())), steps=steps, **rules)
    assert all(low <= count <= high for count, (low, high) in zip(system.counts, known.values(), strict=True))
    small = np.flatnonzero((system.counts > 0) & (system.counts < level.threshold))
    assert not exposed(bounds(system, known, cells=small)[small], level.threshold)


@few
@given(system=hierarchies())
def test_public_tables_with_years_are_always_beside_the_truth(system):
    """A table with a hierarchy on one axis is a network, so that K = 0 is enough (Cox 1987)."""
    values = rounded_within(system, 0, **RULES)
    assert (np.abs(values - system.counts) < 5).all()
    multiples = system.counts % 5 == 0
    assert (values[multiples] == system.counts[multiples]).all()


@few
@given(counts=arrays(np.int64, (3, 3), elements=st.integers(0, 9)))
def test_the_nearest_of_all_rounded_tables_is_taken(counts):
    system = of_table(named(counts))
    each = [sorted({count // 5 * 5, -(-count // 5) * 5}) for count in counts.ravel().tolist()]
    inside = np.array(list(itertools.product(*each))).reshape(-1, 3, 3)
    full = np.concatenate([inside, inside.sum(axis=1, keepdims=True)], axis=1)
    full = np.concatenate([full, full.sum(axis=2, keepdims=True)], axis=2).reshape(len(inside), -1)
    beside = full[(np.abs(full - system.counts) < 5).all(axis=1)]
    assert distances(system, round_cells(system, **RULES)) == np.abs(beside - system.counts).sum(axis=1).min()


@few
@given(system=hierarchies(), seed=st.integers(0, 99))
def test_the_order_of_the_cells_does_not_matter(system, seed):
    order = np.random.default_rng(seed).permutation(len(system.keys))
    shuffled = system.restricted(order.tolist())
    assert (round_cells(shuffled, **RULES) == round_cells(system, **RULES)[order]).all()


def test_tables_that_share_their_totals_show_one_total():
    years = named([[3, 9, 1], [4, 4, 7], [2, 0, 6]])
    ages = pd.DataFrame([[6, 7], [8, 7], [4, 4]], index=years.index, columns=["under 5", "5 and over"])
    system = joined(of_table(years), of_table(ages))
    values = round_cells(system, **RULES)
    assert not (system.matrix @ values).any()
    assert (np.abs(values - system.counts) < 5).all()


def three_way(counts) -> CellSystem:
    return of_cube(np.asarray(counts), [axis([f"{name}{i}" for i in range(n)]) for name, n in
                                        zip("xyz", np.asarray(counts).shape, strict=True)])


@settings(max_examples=10, deadline=None, derandomize=True)
@given(counts=arrays(np.int64, (3, 3, 3), elements=st.integers(0, 6)))
def test_three_way_tables_are_safe_or_refused(counts):
    done = protect_cells(three_way(counts), threshold=5, pins={}, **RULES)
    assert done.code or not (done.system.matrix @ done.values).any()


def two_releases(seed: int) -> tuple[CellSystem, CellSystem]:
    """Quarters of one authority as released first, and the same with one more."""
    counts = np.random.default_rng(seed).integers(0, 9, (5, 3))
    first = of_table(named(counts[:4], "quarter"), row_total="4 quarters")
    second = of_table(named(counts, "quarter"), row_total="5 quarters")
    return first, joined(first, second)


@pytest.mark.parametrize("seed", range(6))
def test_a_second_release_keeps_the_first_and_both_together_are_safe(seed):
    first, both = two_releases(seed)
    earlier = dict(zip(first.keys, round_cells(first, **RULES).tolist(), strict=True))
    pins = {both.places[key]: value for key, value in earlier.items()}
    values = round_cells(both, pins=pins, **RULES)
    assert values is not None
    assert {key: int(values[both.places[key]]) for key in earlier} == earlier
    assert not (both.matrix @ values).any()
    known = knowledge(both, dict(enumerate(values.tolist())), steps=1, **RULES)
    assert not exposed(bounds(both, known), 5)


def test_an_insider_who_knows_one_child_alone_pins_no_other_small_cell():
    counts = np.random.default_rng(4).integers(0, 5, (6, 8))
    system = of_table(named(counts))
    values = round_cells(system, **RULES)
    known = knowledge(system, dict(enumerate(values.tolist())), **RULES)
    alone = np.flatnonzero(system.counts == 1)[:6].tolist()
    small = np.flatnonzero((system.counts > 0) & (system.counts < 5))
    assert len(alone) == 6
    for cell in alone:
        found = bounds(system, known | {cell: (1, 1)}, cells=small)
        others = small[small != cell]
        assert (found[others, 0] < found[others, 1]).all()


def test_a_figure_published_exactly_is_kept_and_its_sums_hold_it():
    system = of_table(named([[17, 3], [6, 4]]))
    place = system.places
    values = round_cells(system, pins={place["row 0", "column 0"]: 17}, **RULES)
    assert values[place["row 0", "column 0"]] == 17
    assert values[place["row 0", TOTAL]] % 5 == 2
    assert not (system.matrix @ values).any()
    known = knowledge(system, dict(enumerate(values.tolist())), **RULES)
    assert not exposed(bounds(system, known), 5)


def test_a_published_sum_of_rounded_parts_cannot_be_kept():
    system = of_table(named([[9, 8], [6, 4]]))
    assert round_cells(system, pins={system.places["row 0", TOTAL]: 17}, **RULES) is None


def test_a_kept_figure_that_is_not_the_count_is_refused():
    system = of_table(named([[17, 3], [6, 4]]))
    with pytest.raises(DisclosureRefused, match="neither one that rounding can show") as refused:
        round_cells(system, pins={0: 16}, **RULES)
    assert "16" not in str(refused.value) and "17" not in str(refused.value)


def test_margins_go_one_base_further_only_where_they_must():
    """Four cells of 1, of which an earlier release showed two as 5: their sum, 4, may then be shown as 10."""
    system = of_table(named([[1, 1, 1, 1]]))
    pins = {system.places["row 0", f"column {i}"]: 5 for i in range(2)}
    assert rounded_within(system, 0, pins=pins, **RULES) is None
    values = round_cells(system, pins=pins, **RULES)
    assert values[system.places["row 0", TOTAL]] == 10
    pins[system.places["row 0", "column 2"]] = 5
    assert round_cells(system, pins=pins, **RULES) is None


def test_cells_without_sums_are_rounded_one_by_one():
    system = CellSystem((("a",), ("b",), ("c",)), np.array([3, 0, 11]), (), ())
    assert round_cells(system, **RULES).tolist() == [5, 0, 10]


def test_nothing_to_choose_is_still_checked():
    system = of_table(named([[5, 0], [10, 5]]))
    assert (round_cells(system, **RULES) == system.counts).all()
    assert round_cells(system, pins={0: 10}, **RULES) is not None
    pins = dict(enumerate(system.counts.tolist())) | {0: 0}
    assert round_cells(system, pins=pins, **RULES) is None


LADDER = {"threshold": 5, **RULES}


def test_the_ladder_stops_at_the_first_step_where_that_is_enough():
    done = protect_ladder(named([[3, 9], [4, 4]]), **LADDER)
    assert (done.method, done.tried, done.code, done.merged, done.margins_only) == ("rounded", (), "", (), False)


def pinned(cells: dict[tuple[str, str], int]) -> dict:
    return {"pins": {("decisions", *key): value for key, value in cells.items()}, "prefix": ("decisions",)}


def test_the_ladder_goes_further_when_earlier_releases_leave_no_room():
    before = {("row 0", "column 0"): 5, ("row 0", "column 1"): 5}
    done = protect_ladder(named([[1, 1, 1, 1]]), **LADDER, **pinned(before))
    assert (done.method, done.tried) == ("rounded-further", ("rounded",))


STRICT = {"base": 5, "first_step": 10, "threshold": 10}


def test_the_ladder_merges_the_two_smallest_categories_of_the_longer_axis():
    """20 and two cells that become 0 or 10 never make 35, which was shown before; 20 and 15 do."""
    counts = named([[7, 20, 8]])
    done = protect_ladder(counts, **STRICT, **pinned({("row 0", TOTAL): 35}))
    assert (done.merged, done.method) == (("column 0", "column 2"), "rounded")
    assert done.tried == ("rounded", "rounded-further")
    assert done.values[done.system.places["decisions", "row 0", "column 0 and column 2"]] == 15
    down = protect_ladder(counts.T, **STRICT, **pinned({(TOTAL, "row 0"): 35}))
    assert (down.merged, down.method) == (("column 0", "column 2"), "rounded")


def test_merging_takes_categories_of_one_subtotal_that_were_not_released():
    counts = named([[7, 20, 8, 30]])
    groups = {"first": ["column 0", "column 1"], "last": ["column 2", "column 3"]}
    before = {("row 0", "first"): 25}
    done = protect_ladder(counts, column_groups=groups, **STRICT, **pinned(before))
    assert done.merged == ("column 0", "column 1")
    assert ("decisions", "row 0", "first") in done.system.keys
    released = protect_ladder(counts, column_groups=groups, **STRICT, **pinned(before | {("row 0", "column 0"): 10}))
    assert "column 0" not in released.merged


def test_the_ladder_shows_margins_alone_before_it_refuses():
    """An earlier release showed the first three cells of a row as 5, though the row holds three children."""
    shown = {("row 0", f"column {i}"): 5 for i in range(3)}
    done = protect_ladder(named([[1, 1, 1], [9, 9, 9]]), **LADDER, **pinned(shown))
    assert done.margins_only
    assert all(TOTAL in key for key in done.system.keys)
    assert done.tried[:2] == ("rounded", "rounded-further")
    assert done.code == ""


def test_the_ladder_refuses_with_a_code_and_no_numbers():
    shown = {("row 0", TOTAL): 25, (TOTAL, TOTAL): 0}
    done = protect_ladder(named([[1, 1, 1], [9, 9, 9]]), **LADDER, **pinned(shown))
    assert (done.method, done.code, done.values.size) == ("refused", "cannot-be-rounded", 0)
    assert done.tried[-1] == "margins only, rounded-further"


@pytest.mark.parametrize(("rules", "row"), [(LADDER, [12, 3]), (STRICT, [10, 5])], ids=["public", "strict"])
def test_the_audit_stops_what_figures_published_exactly_give_away_together(rules, row):
    """15 and a part of it were published exactly elsewhere: the other part is known, whatever else is shown."""
    pins = {("row 0", "column 0"): row[0], ("row 0", TOTAL): 15}
    done = protect_cells(of_table(named([row, [20, 20]])), pins=pins, exact=list(pins), **rules)
    assert done.code == "cannot-be-rounded"


def test_a_multiple_is_taken_for_rounded_unless_it_is_said_to_be_exact():
    pins = {("row 0", "column 0"): 10, ("row 0", TOTAL): 15}
    assert protect_cells(of_table(named([[10, 5], [20, 20]])), pins=pins, **STRICT).margins_only
