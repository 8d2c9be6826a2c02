"""Every number that may be shown, on one list, with the sums that bind them.

Interior cells, margins, hierarchies and tables of several releases are cells alike: a count, and a key that says what
it counts. A relation says that one cell, the parent, is the sum of others. What protects one table then protects any
number of linked ones, and an attacker who holds them all is met by one audit.

Two tables are linked by the keys they share. Children by year and route and children by year and age, under one
prefix, share their totals by year. A total of other years needs another name, or the two counts would not agree.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import pandas as pd

from pace_analysis.errors import DisclosureRefused
from pace_analysis.publish import tabulate
from pace_analysis.publish.earlier import TOTAL, Key

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Axis = Mapping[Hashable, Sequence[int]]


@dataclass(frozen=True, slots=True, eq=False)
class CellSystem:
    """Cells and the sums that bind them; DisclosureRefused when they contradict one another.

    Attributes
    ----------
    keys : tuple of n keys
        What each cell counts; no two alike.
    counts : ndarray of int64, shape (n,)
        Exact counts of children.
    parents : tuple of r positions
    children : tuple of r tuples of positions
        Relation by relation: the cell at ``parents[i]`` is the sum of the cells at ``children[i]``.
    """

    keys: tuple[Key, ...]
    counts: np.ndarray
    parents: tuple[int, ...]
    children: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        counts = np.array(self.counts)
        counts.setflags(write=False)
        object.__setattr__(self, "counts", counts)
        _check(self)

    @property
    def matrix(self) -> csr_array:
        """Relations by cells, 1 at a parent and -1 at its children: ``matrix @ values`` is 0 for values that add up."""
        from scipy.sparse import csr_array

        rows = [row for row, members in enumerate(self.children) for _ in members]
        columns = list(itertools.chain.from_iterable(self.children))
        entries = np.concatenate([np.ones(len(self.parents)), np.full(len(columns), -1.0)])
        where = ([*range(len(self.parents)), *rows], [*self.parents, *columns])
        return csr_array((entries, where), shape=(len(self.parents), len(self.keys)))

    @property
    def is_margin(self) -> np.ndarray:
        """Whether each cell is the sum of others."""
        margin = np.zeros(len(self.keys), dtype=bool)
        margin[list(self.parents)] = True
        return margin

    @property
    def places(self) -> dict[Key, int]:
        """Position of each key."""
        return {key: position for position, key in enumerate(self.keys)}

    def restricted(self, positions: Sequence[int]) -> CellSystem:
        """Keep these cells, in this order, and the relations that lie wholly among them."""
        new = {int(old): place for place, old in enumerate(positions)}
        whole = [(parent, members) for parent, members in zip(self.parents, self.children, strict=True)
                 if parent in new and all(member in new for member in members)]
        return CellSystem(
            tuple(self.keys[old] for old in new), self.counts[list(new)], tuple(new[parent] for parent, _ in whole),
            tuple(tuple(new[member] for member in members) for _, members in whole))

    def by_key(self) -> tuple[CellSystem, np.ndarray]:
        """Return the same cells and relations in the order of their keys, and where each stood before."""
        order = sorted(range(len(self.keys)), key=self.keys.__getitem__)
        system = self.restricted(order)
        relations = sorted({(parent, tuple(sorted(members)))
                            for parent, members in zip(system.parents, system.children, strict=True)})
        ordered = CellSystem(system.keys, system.counts, tuple(parent for parent, _ in relations),
                             tuple(members for _, members in relations))
        return ordered, np.array(order, dtype=np.int64)


def axis(
    labels: Sequence[str], groups: Mapping[str, Sequence[str]] | None = None, total: str = TOTAL
) -> dict[str, list[int]]:
    """Return what each shown label of an axis sums, by position: the labels themselves, groups of them, the total."""
    place = {label: position for position, label in enumerate(labels)}
    summed = {name: [place[label] for label in parts] for name, parts in (groups or {}).items()}
    return {label: [position] for label, position in place.items()} | summed | {total: list(place.values())}


def of_table(
    counts: pd.DataFrame,
    row_groups: Mapping[Hashable, Sequence[Hashable]] | None = None,
    column_groups: Mapping[Hashable, Sequence[Hashable]] | None = None,
    prefix: Key = (),
    *,
    row_total: str = TOTAL,
    column_total: str = TOTAL,
) -> CellSystem:
    """Return the cells of a two-way table, its subtotals and totals; keys are ``(*prefix, row, column)``.

    Parameters
    ----------
    counts : DataFrame of whole numbers
        Rows by columns, without totals.
    row_groups, column_groups : mapping, optional
        Subtotals to show: label to the labels it sums.
    prefix : tuple of str
        What the table counts; tables with one prefix are linked by the labels they share.
    row_total, column_total : str
        Names of the totals over rows and over columns; a total of other rows needs another name.

    Raises
    ------
    DisclosureRefused
        If the counts are not whole numbers, a label is used twice, or a group names no label.
    """
    plan = tabulate.layout(counts, row_groups or {}, column_groups or {})
    axes = []
    for blocks, total in ((plan.row_blocks, row_total), (plan.column_blocks, column_total)):
        named = {total if label == TOTAL else str(label): positions for label, positions in blocks.items()}
        if len(named) < len(blocks):
            _refuse(f"Two labels of a table read the same, or one reads '{total}' like the total.", prefix,
                    "Rename one of them.")
        axes.append(named)
    return of_cube(counts.to_numpy(np.int64), axes, prefix)


def of_cube(counts: np.ndarray, axes: Sequence[Axis], prefix: Key = ()) -> CellSystem:
    """Return the cells of a table of any number of dimensions, with all its margins.

    Parameters
    ----------
    counts : ndarray of int64
        Interior counts, one dimension an axis.
    axes : sequence of mappings
        As :func:`axis` makes them: label to the positions it sums, first the positions themselves, in order.
    prefix : tuple of str
        What is counted; keys are the prefix and one label an axis.
    """
    full = np.asarray(counts)
    for dimension, blocks in enumerate(axes):
        sums = np.zeros((len(blocks), counts.shape[dimension]), dtype=np.int64)
        for row, positions in zip(sums, blocks.values(), strict=True):
            row[list(positions)] = 1
        full = np.moveaxis(np.tensordot(sums, full, (1, dimension)), 0, dimension)
    number = np.arange(full.size).reshape(full.shape)
    parents: list[int] = []
    children: list[tuple[int, ...]] = []
    for dimension, blocks in enumerate(axes):
        slices = np.moveaxis(number, dimension, 0).reshape(len(blocks), -1)
        for place, positions in list(enumerate(blocks.values()))[counts.shape[dimension]:]:
            parents += slices[place].tolist()
            children += map(tuple, slices[list(positions)].T.tolist())
    keys = tuple((*prefix, *map(str, labels)) for labels in itertools.product(*axes))
    return CellSystem(keys, full.ravel(), tuple(parents), tuple(children))


def joined(*systems: CellSystem) -> CellSystem:
    """Put several systems on one list, cells with equal keys as one; DisclosureRefused if their counts differ."""
    counts: dict[Key, int] = {}
    relations: dict[tuple[Key, frozenset[Key]], None] = {}
    for system in systems:
        for key, count in zip(system.keys, system.counts.tolist(), strict=True):
            if counts.setdefault(key, count) != count:
                _refuse("One cell has two different counts in tables that are to be released together.", key,
                        "Count both tables from one extract, or give a total of other children another name.")
        for parent, members in zip(system.parents, system.children, strict=True):
            relations[system.keys[parent], frozenset(system.keys[member] for member in members)] = None
    place = {key: position for position, key in enumerate(counts)}
    return CellSystem(
        tuple(counts), np.array(list(counts.values()), dtype=np.int64), tuple(place[parent] for parent, _ in relations),
        tuple(tuple(sorted(place[member] for member in members)) for _, members in relations))


def _check(system: CellSystem) -> None:
    n = len(system.keys)
    if not n or system.counts.shape != (n,) or system.counts.dtype != np.int64 or (system.counts < 0).any():
        _refuse("A list of cells needs one count a key, of one cell at least: whole numbers of 0 or more.", (),
                "Give the counts as a flat array of int64.")
    if len(set(system.keys)) < n:
        twice = next(key for key in system.keys if system.keys.count(key) > 1)
        _refuse("Two cells have one key.", twice, "Give each cell a key of its own.")
    if len(system.parents) != len(system.children):
        _refuse("Each relation needs one parent and its children.", (), "Give as many parents as tuples of children.")
    for parent, members in zip(system.parents, system.children, strict=True):
        if not all(0 <= member < n for member in (parent, *members)):
            _refuse("A relation names a cell that is not on the list.", (), f"Positions run from 0 to {n - 1}.")
        if not members or parent in members or len(set(members)) < len(members):
            _refuse("A cell can be the sum only of other cells, each named once.", system.keys[parent],
                    "Correct the children of this cell.")
        if system.counts[parent] != system.counts[list(members)].sum():
            _refuse("A cell differs from the sum of its children.", system.keys[parent],
                    "Count the cell and its parts from one extract.")


def _refuse(what: str, key: Key, remedy: str) -> NoReturn:
    raise DisclosureRefused(what, where=" / ".join(key), remedy=remedy)
