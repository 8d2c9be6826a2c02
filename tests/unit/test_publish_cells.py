"""One list of cells: margins, hierarchies and linked tables add up, and what contradicts itself is refused."""

import numpy as np
import pandas as pd
import pytest

from pace_analysis.errors import DisclosureRefused
from pace_analysis.publish.cells import CellSystem, axis, joined, of_cube, of_table
from pace_analysis.publish.released import TOTAL


def table(counts, rows=("2014", "2015"), columns=("home", "foster", "kin")) -> pd.DataFrame:
    return pd.DataFrame(counts, index=list(rows), columns=list(columns))


COUNTS = table([[1, 2, 3], [4, 0, 6]])


def adds_up(system: CellSystem) -> bool:
    return not (system.matrix @ system.counts).any()


def test_a_table_has_its_cells_totals_and_subtotals():
    system = of_table(COUNTS, column_groups={"family": ["home", "kin"]}, prefix=("decisions",))
    count = dict(zip(system.keys, system.counts.tolist(), strict=True))
    assert len(count) == 3 * 5
    assert count["decisions", "2014", "kin"] == 3
    assert count["decisions", "2015", "family"] == 10
    assert count["decisions", TOTAL, "foster"] == 2
    assert count["decisions", TOTAL, TOTAL] == 16
    assert adds_up(system)


def test_every_margin_and_no_interior_cell_is_a_sum():
    system = of_table(COUNTS)
    margin = {key for key, is_margin in zip(system.keys, system.is_margin, strict=True) if is_margin}
    assert margin == {key for key in system.keys if TOTAL in key}


def test_the_relations_leave_no_more_freedom_than_the_interior_has():
    counts = np.arange(24).reshape(2, 3, 4)
    groups = {"z": {"early": ["z0", "z1"]}}
    named = zip("xyz", counts.shape, strict=True)
    axes = [axis([f"{name}{i}" for i in range(n)], groups.get(name)) for name, n in named]
    system = of_cube(counts, axes)
    assert len(system.keys) == 3 * 4 * 6
    assert np.linalg.matrix_rank(system.matrix.toarray()) == len(system.keys) - counts.size
    assert adds_up(system)
    assert system.counts[system.places["x1", TOTAL, "early"]] == counts[1, :, :2].sum()


def test_linked_tables_share_the_totals_they_have_in_common():
    by_age = table([[5, 1], [7, 3]], columns=("0-4", "5 and over"))
    both = joined(of_table(COUNTS), of_table(by_age))
    assert len(both.keys) == 12 + 9 - 3
    assert both.parents.count(both.places["2014", TOTAL]) == 2
    assert adds_up(both)


def test_a_total_of_other_years_takes_another_name():
    later = table([[4, 0, 6], [1, 1, 1]], rows=("2015", "2016"))
    with pytest.raises(DisclosureRefused, match="two different counts"):
        joined(of_table(COUNTS), of_table(later))
    both = joined(of_table(COUNTS), of_table(later, row_total="2015 and 2016"))
    assert len(both.keys) == 12 + 12 - 4


def test_joining_a_system_to_itself_changes_nothing():
    system = of_table(COUNTS)
    again = joined(system, system)
    assert (again.keys, again.counts.tolist()) == (system.keys, system.counts.tolist())
    assert len(again.parents) == len(system.parents)


def test_order_by_key_does_not_depend_on_the_order_before():
    system = of_table(COUNTS)
    shuffled = system.restricted(np.random.default_rng(1).permutation(len(system.keys)).tolist())
    one, _ = system.by_key()
    other, order = shuffled.by_key()
    assert (one.keys, one.parents, one.children, one.counts.tolist()) == (
        other.keys, other.parents, other.children, other.counts.tolist())
    assert tuple(shuffled.keys[place] for place in order) == other.keys


def test_restricting_to_margins_keeps_the_sums_among_them():
    system = of_table(COUNTS)
    margins = system.restricted(np.flatnonzero(system.is_margin).tolist())
    assert len(margins.keys) == 6
    assert [margins.keys[parent] for parent in margins.parents] == [(TOTAL, TOTAL)] * 2


@pytest.mark.parametrize(("keys", "counts", "parents", "children", "what"), [
    (("a", "b", "t"), [1, 2, 4], (2,), ((0, 1),), "differs from the sum"),
    (("a", "a", "t"), [1, 2, 3], (2,), ((0, 1),), "one key"),
    (("a", "b", "t"), [1, 2, 3], (2,), ((0, 3),), "not on the list"),
    (("a", "b", "t"), [1, 2, 3], (2,), ((0, 2),), "only of other cells"),
    (("a", "b", "t"), [1, 2, 0], (2,), ((),), "only of other cells"),
    (("a", "b", "t"), [1, 2, 3], (2,), (), "one parent"),
    (("a", "b", "t"), [-1, 4, 3], (2,), ((0, 1),), "whole numbers"),
    (("a", "b", "t"), [1.0, 2.0, 3.0], (2,), ((0, 1),), "whole numbers"),
    (("a", "b", "t"), [1, 2], (), (), "one count a key"),
    ((), [], (), (), "one cell at least"),
])
def test_what_contradicts_itself_is_refused_with_a_remedy(keys, counts, parents, children, what):
    with pytest.raises(DisclosureRefused, match=what) as refused:
        CellSystem(tuple((key,) for key in keys), np.array(counts), parents, children)
    assert refused.value.remedy


def test_a_refusal_names_the_cell_but_not_its_count():
    with pytest.raises(DisclosureRefused) as refused:
        CellSystem((("y", "a"), ("y", "t")), np.array([3, 4]), (1,), ((0,),))
    assert refused.value.where == "y / t"
    assert not any(digit in str(refused.value) for digit in "34")


def test_labels_that_read_alike_are_refused():
    with pytest.raises(DisclosureRefused, match="read the same"):
        of_table(pd.DataFrame([[1, 2]], index=["a"], columns=[1, "1"]))
    with pytest.raises(DisclosureRefused, match="whole numbers"):
        of_table(COUNTS / 2)


def test_counts_cannot_be_changed_afterwards():
    with pytest.raises(ValueError, match="read-only"):
        of_table(COUNTS).counts[0] = 9
