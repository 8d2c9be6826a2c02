"""The attacker's bounds agree with trying every table, and both rules find what they are meant to find."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pace_analysis.errors import DisclosureRefused
from pace_analysis.publish.audit import bounds, exposed, exposed_among, knowledge, on_ladder, preimage, violations
from pace_analysis.publish.cells import CellSystem, axis, joined, of_cube, of_table
from pace_analysis.publish.released import TOTAL

few = settings(max_examples=40, deadline=None, derandomize=True)
LADDERS = [(5, 5), (5, 10), (3, 6), (1, 1)]


def named(counts) -> pd.DataFrame:
    counts = np.asarray(counts)
    return pd.DataFrame(counts, index=[f"row {i}" for i in range(len(counts))],
                        columns=[f"column {i}" for i in range(counts.shape[1])])


def shown_for(count: int, base: int, first_step: int, steps: int) -> set[int]:
    """What a count may be shown as, straight from the rule: the two rungs beside it, and some beyond."""
    if count == 0:
        return {0}
    rungs = [0, *range(first_step, 200, base)]
    below = max(i for i, value in enumerate(rungs) if value <= count)
    above = min(i for i, value in enumerate(rungs) if value >= count)
    return {rungs[i] for i in range(max(below - steps, 0), above + steps + 1)}


@pytest.mark.parametrize(("base", "first_step"), LADDERS)
@pytest.mark.parametrize("steps", [0, 1])
def test_the_preimage_holds_exactly_the_counts_that_may_be_shown_so(base, first_step, steps):
    for value in (value for value in range(60) if on_ladder(value, base, first_step)):
        low, high = preimage(value, base, first_step, steps)
        true = [count for count in range(120) if value in shown_for(count, base, first_step, steps)]
        assert [*range(low, high + 1)] == true


def test_a_number_that_rounding_cannot_show_has_no_preimage():
    for value in (3, 7, -5):
        with pytest.raises(DisclosureRefused, match="rounding can show"):
            preimage(value, 5, 5)


def tried(system: CellSystem, known: dict, most: int) -> np.ndarray:
    """Bounds by trying every interior table of cells up to ``most``."""
    interior = np.flatnonzero(~system.is_margin)
    limits = [known.get(cell, (0, most)) for cell in interior]
    ranges = [range(int(low), int(min(high, most)) + 1) for low, high in limits]
    tables = np.zeros((int(np.prod([len(values) for values in ranges])), len(system.keys)))
    tables[:, interior] = list(itertools.product(*ranges))
    done = set(interior.tolist())
    while len(done) < len(system.keys):
        for parent, members in zip(system.parents, system.children, strict=True):
            if done.issuperset(members):
                tables[:, parent] = tables[:, list(members)].sum(axis=1)
                done.add(parent)
    low, high = np.array([known.get(cell, (0, np.inf)) for cell in range(len(system.keys))]).T
    fits = tables[((tables >= low) & (tables <= high)).all(axis=1)]
    return np.column_stack([fits.min(axis=0), fits.max(axis=0)])


@few
@given(counts=arrays(np.int64, (3, 3), elements=st.integers(0, 3)), hidden=arrays(bool, 9), totals=arrays(bool, 7))
def test_bounds_of_suppressed_tables_agree_with_trying_all(counts, hidden, totals):
    system = of_table(named(counts))
    hidden_cells = np.zeros(len(system.keys), dtype=bool)
    hidden_cells[~system.is_margin] = hidden & (np.cumsum(hidden) <= 6)
    hidden_cells[system.is_margin] = totals
    known = {cell: (count, count) for cell, count in enumerate(system.counts.tolist())}
    known |= {cell: (0, 60 if system.is_margin[cell] else 4) for cell in np.flatnonzero(hidden_cells).tolist()}
    assert bounds(system, known).tolist() == tried(system, known, 4).tolist()


@settings(max_examples=15, deadline=None, derandomize=True)
@given(counts=arrays(np.int64, (2, 2, 2), elements=st.integers(0, 4)))
def test_bounds_of_rounded_three_way_tables_agree_with_trying_all(counts):
    axes = [axis([f"{name}{i}" for i in range(2)]) for name in "xyz"]
    system = of_cube(counts, axes)
    # intervals of three around the truth, placed by the count, as rounding to 3 would give them
    lowest = (system.counts - system.counts % 3).tolist()
    known = {cell: (low, low + 2) for cell, low in enumerate(lowest)}
    assert bounds(system, known).tolist() == tried(system, known, 6).tolist()


@few
@given(counts=arrays(np.int64, (3, 4), elements=st.integers(0, 12)), hidden=arrays(bool, 20))
def test_linear_bounds_are_never_narrower_and_both_hold_the_truth(counts, hidden):
    system = of_table(named(counts))
    known = {cell: (count, count) for cell, count in enumerate(system.counts.tolist()) if not hidden[cell]}
    whole, linear = bounds(system, known), bounds(system, known, integer=False)
    assert (linear[:, 0] <= whole[:, 0] + 1e-6).all()
    assert (linear[:, 1] >= whole[:, 1] - 1e-6).all()
    assert ((whole[:, 0] <= system.counts) & (system.counts <= whole[:, 1])).all()


def odd_cycle() -> CellSystem:
    """Three cells of which each pair is summed: not a network, so that linear programming goes wrong."""
    keys = tuple((name,) for name in ("a", "b", "c", "ab", "bc", "ac"))
    return CellSystem(keys, np.array([1, 1, 0, 2, 1, 1]), (3, 4, 5), ((0, 1), (1, 2), (0, 2)))


def test_whole_numbers_tell_more_than_linear_programming_where_sums_are_linked_in_a_ring():
    system = odd_cycle()
    known = {3: (1, 2), 4: (1, 1), 5: (1, 1)}
    assert bounds(system, known, integer=False)[2].tolist() == [0, 0.5]
    assert bounds(system, known)[2].tolist() == [0, 0]
    wide = CellSystem(system.keys, np.array([0, 0, 3, 0, 3, 3]), system.parents, system.children)
    known = {3: (0, 1), 4: (3, 3), 5: (3, 3)}
    assert bounds(wide, known, integer=False)[2].tolist() == [2.5, 3]
    assert bounds(wide, known, cells=[2])[2].tolist() == [3, 3]


def test_what_nothing_limits_is_unbounded_and_the_rest_is_not():
    system = of_table(named([[1, 2], [3, 4]]))
    row = {cell: (count, count) for cell, count in enumerate(system.counts.tolist()) if system.keys[cell][0] == "row 0"}
    found = bounds(system, row)
    assert np.isinf(found[system.places["row 1", "column 0"], 1])
    assert np.isinf(found[system.places[TOTAL, TOTAL], 1])
    assert found[system.places[TOTAL, "column 1"]].tolist() == [2, np.inf]
    assert found[system.places["row 0", "column 1"]].tolist() == [2, 2]


def test_cells_without_relations_are_bound_by_what_is_known_alone():
    system = CellSystem((("a",), ("b",)), np.array([1, 2]), (), ())
    assert bounds(system, {0: (0, 4)}).tolist() == [[0, 4], [0, np.inf]]


def test_asking_for_some_cells_gives_the_same_for_these():
    system = of_table(named([[1, 0, 3], [2, 9, 4], [7, 1, 1]]))
    known = knowledge(system, {cell: 5 * round(count / 5) for cell, count in enumerate(system.counts.tolist())},
                      base=5, first_step=5)
    asked = [0, 5, 10]
    assert bounds(system, known, cells=asked)[asked].tolist() == bounds(system, known)[asked].tolist()


def test_numbers_that_contradict_one_another_are_refused():
    system = of_table(named([[1, 2], [3, 4]]))
    with pytest.raises(DisclosureRefused, match="contradict"):
        bounds(system, {system.places[TOTAL, TOTAL]: (0, 2), 0: (3, 3)})
    with pytest.raises(DisclosureRefused, match="contradict"):
        bounds(odd_cycle(), {3: (1, 1), 4: (1, 1), 5: (1, 1)})
    everything = {cell: (1, 1) for cell in range(len(system.keys))}
    with pytest.raises(DisclosureRefused, match="contradict"):
        bounds(system, everything)


def test_bounds_do_not_need_the_true_counts():
    """What is shown may be audited by somebody who holds only what is shown, rounded so that it does not add up."""
    shown = of_table(named([[5, 5], [0, 5]]))
    known = {cell: preimage(int(shown.counts[cell]), 5, 5) for cell in np.flatnonzero(~shown.is_margin).tolist()}
    total = shown.places[TOTAL, TOTAL]
    known[total] = (3, 3)
    found = bounds(shown, known)
    assert found[total].tolist() == [3, 3]
    assert found[0].tolist() == [1, 1]
    assert 0 in exposed(found, 5)


def test_both_rules_as_they_are_written():
    system = CellSystem(tuple((name,) for name in "abcdef"), np.array([0, 1, 4, 3, 5, 2]), (), ())
    known = np.array([[0, 0], [1, 5], [2, 9], [0, 4], [5, 5], [2, 2]], dtype=float)
    assert violations(system, known, 5) == [2, 3, 5]
    assert exposed(known, 5) == [5]


@few
@given(counts=arrays(np.int64, (3, 3), elements=st.integers(0, 9)), guess=arrays(np.int64, (3, 3), elements=st.integers(0, 9)),
       wide=arrays(bool, 16), adds_up=st.booleans())
def test_a_table_that_may_be_true_saves_programmes_and_changes_no_finding(counts, guess, wide, adds_up):
    system, other = of_table(named(counts)), of_table(named(guess)).counts.copy()
    low, high = np.minimum(system.counts, other), np.maximum(system.counts, other)
    known = {cell: (0 if wide[cell] else int(low[cell]), int(high[cell])) for cell in range(len(low))}
    other[0] += not adds_up
    cells = [cell for cell in range(len(low)) if cell % 3]
    found = exposed(bounds(system, known), 5)
    for table in (system.counts, other, np.full_like(other, -1)):
        assert exposed_among(cells, system, known, 5, table) == [cell for cell in cells if cell in found]


def test_a_table_that_goes_against_what_is_known_clears_no_cell_and_hides_no_contradiction():
    system = of_table(named([[3, 0, 0], [3, 0, 0]]))
    nearest = {cell: 5 * ((count + 2) // 5) for cell, count in enumerate(system.counts.tolist())}
    known = {cell: (max(value - 2, 0), value + 2) for cell, value in nearest.items()}
    shown = np.array(list(nearest.values()))
    assert exposed_among(range(len(shown)), system, known, 5, shown) == exposed(bounds(system, known), 5) != []
    with pytest.raises(DisclosureRefused, match="contradict"):
        exposed_among([], system, {cell: (1, 1) for cell in range(len(shown))}, 5, np.ones(len(shown), dtype=np.int64))


def test_nearest_five_by_itself_can_be_unpicked():
    """Each number rounded alone: margins then tell that a cell holds a child, which controlled rounding prevents."""
    counts = named([[3, 0, 0], [3, 0, 0]])
    system = of_table(counts)
    shown = {cell: 5 * ((count + 2) // 5) for cell, count in enumerate(system.counts.tolist())}
    known = {cell: (max(value - 2, 0), value + 2) for cell, value in shown.items()}
    assert exposed(bounds(system, known), 5)


def test_two_releases_that_differ_by_few_children_give_them_away_unless_rounded_together():
    first, second = named([[20, 31]]), named([[20, 31], [1, 2]])
    system = joined(of_table(first, row_total="first year"), of_table(second, row_total="both years"))
    exact = {cell: (count, count) for cell, count in enumerate(system.counts.tolist()) if count >= 5}
    found = bounds(system, exact)
    assert set(exposed(found, 5)) == {system.places["row 1", name] for name in ("column 0", "column 1", TOTAL)}


def test_knowledge_of_what_is_exact_is_a_point_and_moves_its_sums():
    system = of_table(named([[7, 3], [12, 20]]))
    place = system.places
    shown = {place["row 0", "column 0"]: 7, place["row 0", "column 1"]: 5, place["row 0", TOTAL]: 12,
             place["row 1", "column 0"]: 10}
    known = knowledge(system, shown, base=5, first_step=5, steps=1)
    assert known == {place["row 0", "column 0"]: (7, 7), place["row 0", "column 1"]: (1, 9),
                     place["row 0", TOTAL]: (8, 21), place["row 1", "column 0"]: (6, 14)}
    exact = knowledge(system, shown, base=5, first_step=5, exact=[place["row 1", "column 0"]])
    assert exact[place["row 1", "column 0"]] == (10, 10)
