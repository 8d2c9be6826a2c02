"""Exact suppression: the cheapest safe choice, as trying every choice finds it, and safe from a child alone."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pace_analysis.publish.audit import bounds, violations
from pace_analysis.publish.cells import CellSystem, axis, joined, of_cube, of_table
from pace_analysis.publish.released import TOTAL
from pace_analysis.publish.suppression import suppress

few = settings(max_examples=12, deadline=None, derandomize=True)
THRESHOLD = 5


def named(counts, rows="row") -> pd.DataFrame:
    counts = np.asarray(counts)
    return pd.DataFrame(counts, index=[f"{rows} {i}" for i in range(len(counts))],
                        columns=[f"column {i}" for i in range(counts.shape[1])])


def small(system: CellSystem, threshold: int = THRESHOLD) -> frozenset[int]:
    return frozenset(np.flatnonzero((system.counts > 0) & (system.counts < threshold)).tolist())


def attacked(system: CellSystem, hidden, least: int = 0, told=(), threshold: int = THRESHOLD) -> set[int]:
    """Small cells that an attacker learns too much of who knows all that is not hidden."""
    most = max(int(system.counts.max()), threshold + 1)
    known = {cell: (least, most) if cell in hidden and cell not in told else (count, count)
             for cell, count in enumerate(system.counts.tolist())}
    return set(violations(system, bounds(system, known), threshold)) - set(told)


def cost(system: CellSystem, hidden) -> float:
    cells = sorted(hidden)
    return float((np.where(system.is_margin, 3, 1) + system.counts / 1000)[cells].sum())


def alone(system: CellSystem, cell: int) -> set[int]:
    """All cells in which the child who is alone in ``cell`` is alone."""
    own = {cell}
    for _ in system.keys:
        for parent, members in zip(system.parents, system.children, strict=True):
            ones = {other for other in members if system.counts[other] == 1}
            if system.counts[parent] == 1 and own & (ones | {parent}):
                own |= ones | {parent}
    return own


@pytest.mark.parametrize("singletons", [False, True], ids=["everybody", "a child alone"])
@pytest.mark.parametrize("seed", range(12))
def test_the_choice_is_the_cheapest_of_all_safe_ones(seed, singletons):
    system = of_table(named(np.random.default_rng(seed).integers(0, 12, (2, 3))))
    must, others = small(system), sorted(set(range(len(system.keys))) - small(system))
    choices = (must | set(more) for n in range(len(others) + 1) for more in itertools.combinations(others, n))
    ranked = sorted(choices, key=lambda hidden: cost(system, hidden))
    tells = [alone(system, cell) for cell in must if system.counts[cell] == 1] if singletons else []
    best = next((hidden for hidden in ranked if not attacked(system, hidden)
                 and not any(attacked(system, hidden, told=own) for own in tells)), None)
    hidden = suppress(system, threshold=THRESHOLD, singletons=singletons)
    if best is None:
        assert hidden is None
    else:
        assert cost(system, hidden) == pytest.approx(cost(system, best))


@st.composite
def hierarchies(draw) -> CellSystem:
    shape = draw(st.tuples(st.integers(1, 5), st.integers(1, 6)))
    counts = named(draw(arrays(np.int64, shape, elements=st.integers(0, 15))))
    half = shape[0] // 2
    groups = {"early": list(counts.index[:half]), "late": list(counts.index[half:])} if half > 1 else {}
    return of_table(counts, groups)


@few
@given(system=hierarchies())
def test_what_is_hidden_is_safe_from_everybody_and_from_each_child_alone(system):
    hidden = suppress(system, threshold=THRESHOLD)
    if hidden is None:
        return
    assert small(system) <= hidden
    assert not attacked(system, hidden)
    for cell in small(system):
        if system.counts[cell] == 1:
            assert not attacked(system, hidden, told=alone(system, cell))


@few
@given(system=hierarchies(), seed=st.integers(0, 99))
def test_the_order_of_the_cells_does_not_matter(system, seed):
    order = np.random.default_rng(seed).permutation(len(system.keys)).tolist()
    both = (system, system.restricted(order))
    hidden, shuffled = (suppress(cells, threshold=THRESHOLD, singletons=False) for cells in both)
    assert (hidden is None) == (shuffled is None)
    assert hidden is None or {order[cell] for cell in shuffled} == hidden


EXAMPLE = named([[3, 12, 20], [14, 25, 9], [30, 6, 11]])


def test_hiding_the_small_cell_alone_is_not_enough():
    system = of_table(EXAMPLE)
    assert attacked(system, small(system)) == small(system)
    hidden = suppress(system, threshold=THRESHOLD)
    assert small(system) < hidden
    assert len(hidden) == 4 and not system.is_margin[list(hidden)].any()


@pytest.mark.parametrize(("tables", "total_hidden"), [(2, False), (3, True)])
def test_a_total_is_hidden_where_that_costs_less_than_one_more_cell_of_each_table(tables, total_hidden):
    """33 children, split in two in several ways; a total costs as much as three other cells."""
    names = [(f"table {i}", part) for i in range(tables) for part in ("few", "many")]
    counts = np.array([*[3, 30] * tables, 33, 60])  # the attacker takes the largest for the most possible
    parts = tuple((2 * i, 2 * i + 1) for i in range(tables))
    system = CellSystem((*names, (TOTAL,), ("others",)), counts, (2 * tables,) * tables, parts)
    hidden = suppress(system, threshold=THRESHOLD)
    assert hidden == small(system) | ({2 * tables} if total_hidden else {2 * i + 1 for i in range(tables)})


def test_nothing_small_needs_nothing_hidden():
    assert suppress(of_table(named([[10, 20], [0, 30]])), threshold=THRESHOLD) == frozenset()
    assert suppress(of_table(named([[0]])), threshold=THRESHOLD) == frozenset()


def test_published_totals_stay_and_the_rest_is_hidden_around_them():
    """A council's own yearly totals are public already; the counts by age are protected although everybody has them."""
    counts = named([[2, 10, 12], [8, 5, 4], [3, 1, 7], [6, 10, 2], [4, 4, 8]], "year")
    system = of_table(counts)
    totals = [system.places[f"year {i}", TOTAL] for i in range(5)]
    assert system.counts[totals].tolist() == [24, 17, 11, 18, 16]
    hidden = suppress(system, threshold=THRESHOLD, published=totals)
    assert hidden is not None and not hidden & set(totals)
    assert not attacked(system, hidden)


def test_a_small_published_cell_is_not_hidden():
    system = of_table(EXAMPLE)
    assert suppress(system, threshold=THRESHOLD, published=[0]) == frozenset()


def test_cells_that_are_never_shown_are_protected_at_no_cost():
    """Only the totals are shown; what is inside is free to move, so that no total need be hidden for it."""
    system = of_table(EXAMPLE)
    inside = np.flatnonzero(~system.is_margin).tolist()
    assert suppress(system, threshold=THRESHOLD, free=inside) == frozenset(inside)


def test_a_total_that_tells_of_a_cell_never_shown_is_hidden():
    system = of_table(named([[1, 1], [10, 20]]))
    inside = np.flatnonzero(~system.is_margin).tolist()
    hidden = suppress(system, threshold=THRESHOLD, free=inside, singletons=False)
    assert system.places["row 0", TOTAL] in hidden
    assert not attacked(system, hidden)


def test_always_showing_zeros_leaves_some_tables_without_a_safe_choice():
    counts = named([[3, 0, 0], [0, 20, 30], [0, 40, 50]])
    system = of_table(counts)
    hidden = suppress(system, threshold=THRESHOLD)
    assert hidden is not None and not attacked(system, hidden)
    shown = suppress(system, threshold=THRESHOLD, zeros_shown=True)
    assert shown is None or (not attacked(system, shown, least=1) and (system.counts[list(shown)] > 0).all())
    assert suppress(of_table(named([[3, 0], [0, 20]])), threshold=THRESHOLD, zeros_shown=True) != frozenset()


def test_a_table_of_one_cell_is_hidden_with_its_totals():
    system = of_table(named([[1]]))
    assert suppress(system, threshold=THRESHOLD) == frozenset(range(4))


def test_a_child_alone_learns_of_others_unless_the_choice_allows_for_it():
    """Searched for: a table whose cheapest choice is broken by one child, as most are."""
    for seed in range(30):
        system = of_table(named(np.random.default_rng(seed).integers(0, 12, (3, 4))))
        ones = [cell for cell in small(system) if system.counts[cell] == 1]
        cheap = suppress(system, threshold=THRESHOLD, singletons=False)
        if cheap and any(attacked(system, cheap, told=alone(system, cell)) for cell in ones):
            break
    else:
        pytest.fail("no table was broken by a child alone")
    dear = suppress(system, threshold=THRESHOLD)
    assert dear is None or cost(system, dear) > cost(system, cheap)
    assert dear is None or not any(attacked(system, dear, told=alone(system, cell)) for cell in ones)


def test_tables_linked_by_their_totals_are_protected_together():
    """By itself each table is safe; the totals they share join them, so the audit is of both."""
    years = named([[3, 9, 12], [14, 8, 7], [20, 6, 16]])
    ages = pd.DataFrame([[16, 8], [11, 18], [40, 2]], index=years.index, columns=["under 5", "5 and over"])
    system = joined(of_table(years), of_table(ages))
    hidden = suppress(system, threshold=THRESHOLD)
    assert hidden is not None and small(system) <= hidden
    assert not attacked(system, hidden)


def test_a_three_way_table_is_protected_in_whole_numbers():
    counts = np.random.default_rng(3).integers(0, 9, (2, 3, 3))
    axes = [axis([f"{name}{i}" for i in range(n)]) for name, n in zip("xyz", counts.shape, strict=True)]
    system = of_cube(counts, axes)
    hidden = suppress(system, threshold=THRESHOLD, singletons=False)
    assert hidden is not None and not attacked(system, hidden)
