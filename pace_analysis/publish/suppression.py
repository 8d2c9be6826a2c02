"""Exact suppression: the fewest cells hidden so that nobody can tell a small one from what is shown.

Hiding the small cells is not enough, for margins give them back; so others are hidden with them. What is asked: from
all that is shown, whoever knows how the method works must find it possible for each small cell to be as low as 1 and
as high as the threshold. Two searches alternate. The master chooses the cells of least cost that meet all conditions
found so far; for each small cell, the attacker's linear programme then either shows a table in which it is as low, or
as high, as it must be able to be, or proves a condition that every safe choice meets (a Benders cut). When no condition
is new, the choice is optimal, and is audited once more in whole numbers.

A child who is alone in a hidden cell knows that cell, and every sum in which it is alone as well. With ``singletons``
every condition is also asked with the cells of each such child known, in turn.

Source: Fischetti and Salazar-Gonzalez (2001), Manage. Sci. 47, 1008-1027 (cuts), with the children alone added.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pace_analysis.publish.audit import bounds, violations
from pace_analysis.publish.cells import CellSystem

if TYPE_CHECKING:
    from scipy.sparse import csc_array, csr_array

SECONDS = 30.0  # more than 252 cells need, without the children alone; rounding is then the better answer
INTERIOR, MARGIN, CHILDREN = 1.0, 3.0, 1000  # cost of hiding a cell; one more for every thousand children in it
TIE_BREAK = 1e-4
GOLDEN = (5**0.5 - 1) / 2
NEAR = 1e-6


@dataclass(frozen=True, slots=True)
class _Need:
    """A cell must be able to move by ``amount`` in direction ``sign``, for everybody or for one child who is alone."""

    cell: int
    sign: int
    amount: int
    child: int = -1


@dataclass(slots=True, eq=False)
class _Search:
    """What is asked, and what was found so far."""

    system: CellSystem
    room: np.ndarray  # down and up, shape (2, cells): what the attacker thinks possible of a hidden cell
    needs: list[_Need]
    alone: np.ndarray  # the number of the child who is alone in a cell, -2 where there is none
    least: np.ndarray  # 1 where a cell must be hidden
    most: np.ndarray  # 0 where it must be shown
    cost: np.ndarray
    rows: list[np.ndarray] = field(default_factory=list)
    sides: list[float] = field(default_factory=list)
    tables: list[np.ndarray] = field(default_factory=list)  # movements that met a need; they may meet it again

    def add(self, row: np.ndarray, side: float) -> None:
        """Add a condition: ``row @ hidden >= side``."""
        self.rows.append(row)
        self.sides.append(side)


def suppress(
    system: CellSystem,
    *,
    threshold: int,
    published: Iterable[int] = (),
    free: Iterable[int] = (),
    zeros_shown: bool = False,
    singletons: bool = True,
) -> frozenset[int] | None:
    """Choose the cells to hide: all of 1 to ``threshold - 1``, and the others of least cost that protect them.

    An interior cell costs 1, a margin 3, and every child in it a thousandth. The answer depends on the keys and counts
    alone, not on the order of the cells.

    Parameters
    ----------
    threshold : int
        Counts of 1 to ``threshold - 1`` are hidden.
    published : positions, optional
        Cells that everybody knows already, and that cannot be hidden.
    free : positions, optional
        Cells that are never shown: hidden at no cost, and protected where they are small.
    zeros_shown : bool
        Whether every zero is shown, so that a hidden cell is known to hold a child. Few small tables can bear that.
    singletons : bool
        Whether a child alone in a hidden cell must not learn of others.

    Returns
    -------
    frozenset of positions, or None
        None when no choice is safe, or none was proved best within half a minute.
    """
    ordered, order = system.by_key()
    place = np.argsort(order)
    search = _search(ordered, threshold, place[list(published)], place[list(free)], zeros_shown, singletons)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        hidden = _master(search, end)
        if hidden is None:
            return None
        if _attack(search, hidden):
            continue
        stands = _audit(search, hidden, threshold, end)
        if stands is None:
            return None
        if stands:
            return frozenset(order[hidden].tolist())
        # whatever hides no other cell is no safer
        search.add((~hidden).astype(float), 1)
    return None


def _search(
    system: CellSystem, threshold: int, published: np.ndarray, free: np.ndarray, zeros_shown: bool, singletons: bool
) -> _Search:
    counts = system.counts
    is_free, is_public = np.zeros((2, len(counts)), dtype=bool)
    is_free[free.astype(np.int64)], is_public[published.astype(np.int64)] = True, True
    small = (counts >= 1) & (counts < threshold) & ~is_public
    never = is_public | ((counts == 0) & ~is_free if zeros_shown else False)
    lowest = np.where(counts > 0, int(zeros_shown), 0)
    highest = max(int(counts.max(initial=0)), threshold + 1)
    by_key = np.mod(np.arange(1, len(counts) + 1) * GOLDEN, 1) * TIE_BREAK
    cost = np.where(system.is_margin, MARGIN, INTERIOR) + counts / CHILDREN + by_key
    alone = _alone(system, small) if singletons else np.full(len(counts), -2)
    search = _Search(
        system, np.array([counts - lowest, highest - counts], dtype=float), _needs(counts, small, alone, threshold),
        alone, (small | is_free).astype(float), (~never).astype(float), np.where(is_free, 0, cost))
    _first_conditions(search, small, is_free)
    return search


def _alone(system: CellSystem, small: np.ndarray) -> np.ndarray:
    """Number the children who are alone in a cell; a sum of one, and the part of it that is one, hold one child."""
    alone = np.where(small & (system.counts == 1), np.arange(len(small)), -2)
    before = None
    while before is None or (before != alone).any():
        before = alone.copy()
        for parent, members in zip(system.parents, system.children, strict=True):
            for member in members:
                if alone[parent] >= 0 and alone[member] >= 0:
                    alone[[parent, member]] = min(alone[parent], alone[member])
    return alone


def _needs(counts: np.ndarray, small: np.ndarray, alone: np.ndarray, threshold: int) -> list[_Need]:
    """All movements that must be possible: to 1 and to the threshold, for everybody and for each child alone."""
    needs = []
    for child in (-1, *np.unique(alone[alone >= 0]).tolist()):
        for cell in np.flatnonzero(small & (alone != child)).tolist():
            for sign, amount in ((-1, int(counts[cell]) - 1), (1, threshold - int(counts[cell]))):
                if amount:
                    needs.append(_Need(cell, sign, amount, child))
    return needs


def _first_conditions(search: _Search, small: np.ndarray, is_free: np.ndarray) -> None:
    """In each sum, a hidden cell needs another, and a small one enough others to move as it must."""
    n = len(search.cost)
    sums = zip(search.system.parents, search.system.children, strict=True)
    relations = [(parent, *members) for parent, members in sums]
    down, up = search.room
    for parent, *members in relations:
        for cell in (parent, *members):
            if is_free[cell] and not small[cell]:
                continue
            row = np.zeros(n)
            row[[parent, *members]] = 1
            row[cell] = -1
            search.add(row, 0)
    of_cell: dict[int, list[tuple[int, ...]]] = {}
    for relation in relations:
        for cell in relation:
            of_cell.setdefault(cell, []).append(relation)
    for need in search.needs:
        for parent, *members in of_cell.get(need.cell, ()):
            if need.child >= 0 and not (search.alone[[parent, *members]] == need.child).any():
                continue
            with_it, against = (up, down) if need.sign > 0 else (down, up)
            row = np.zeros(n)
            row[members] = (with_it if need.cell == parent else against)[members]
            row[parent] = 0 if need.cell == parent else with_it[parent]
            row[need.cell] = 0
            row[search.alone == need.child] = 0
            search.add(np.minimum(row, need.amount), need.amount)


def _master(search: _Search, end: float) -> np.ndarray | None:
    """Choose the cells of least cost that meet every condition found so far; None if there is no such choice."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    conditions = []
    if search.rows:
        conditions.append(LinearConstraint(csr_array(np.array(search.rows)), np.array(search.sides) - NEAR, np.inf))
    if (search.least > search.most).any():
        return None
    solved = milp(search.cost, integrality=np.ones(len(search.cost)), constraints=conditions,
                  bounds=Bounds(search.least, search.most),
                  options={"mip_rel_gap": 0, "time_limit": max(end - time.monotonic(), 0.01)})
    return solved.x > 0.5 if solved.status == 0 else None


def _attack(search: _Search, hidden: np.ndarray) -> bool:
    """Add a condition for every need that this choice does not meet; False when it meets all."""
    matrix = search.system.matrix
    rows = abs(matrix[:, hidden]).sum(axis=1) > 0
    among, across = matrix[rows][:, hidden].tocsc(), matrix[rows]
    search.tables = [table for table in search.tables if not table[~hidden].any()]
    for stage in (False, True):  # a child alone asks more than everybody, so only once everybody is answered
        found = False
        for need in search.needs:
            if (need.child >= 0) == stage and not _met(search, need):
                found |= _attack_one(search, hidden, need, among, across)
        if found:
            return True
    return False


def _met(search: _Search, need: _Need) -> bool:
    own = search.alone == need.child
    return any(need.sign * table[need.cell] >= need.amount and not table[own].any() for table in search.tables)


def _attack_one(search: _Search, hidden: np.ndarray, need: _Need, among: csc_array, across: csr_array) -> bool:
    """Move one cell as far as the hidden cells allow: remember how, or add the condition that proves it too little."""
    from scipy.optimize import linprog

    down, up = (room.copy() for room in search.room)
    down[search.alone == need.child] = up[search.alone == need.child] = 0
    target = np.zeros(len(hidden))
    target[need.cell] = -need.sign
    solved = linprog(target[hidden], A_eq=among, b_eq=np.zeros(among.shape[0]),
                     bounds=np.column_stack([-down[hidden], up[hidden]]))
    if -solved.fun >= need.amount - NEAR:
        table = np.zeros(len(hidden))
        table[hidden] = np.where(np.abs(solved.x - np.rint(solved.x)) < NEAR, np.rint(solved.x), solved.x)
        search.tables.append(table)
        return False
    reduced = target - across.T @ solved.eqlin.marginals
    row = np.minimum(np.maximum(reduced, 0) * down + np.maximum(-reduced, 0) * up, need.amount)
    if row @ hidden >= need.amount - 10 * NEAR:  # lost to rounding errors; this condition holds in any case
        row, amount = (~hidden).astype(float), 1
    else:
        amount = need.amount
    search.add(row, amount)
    return True


def _audit(search: _Search, hidden: np.ndarray, threshold: int, end: float) -> bool | None:
    """Whether the choice stands in whole numbers, for everybody and for each child alone not yet answered in them.

    None when that was not found out by ``end``.
    """
    system, (down, up) = search.system, search.room
    known = {cell: (count, count) for cell, count in enumerate(system.counts.tolist())}
    known |= {int(cell): (system.counts[cell] - down[cell], system.counts[cell] + up[cell])
              for cell in np.flatnonzero(hidden)}
    search.tables = [table for table in search.tables
                     if (table == np.rint(table)).all() and not (system.matrix @ table).any()]
    for child in sorted({need.child for need in search.needs}):
        if time.monotonic() > end:
            return None
        needs = [need for need in search.needs if need.child == child]
        if child >= 0 and all(_met(search, need) for need in needs):
            continue
        asked = sorted({need.cell for need in needs})
        told = known | {int(cell): (1, 1) for cell in np.flatnonzero(search.alone == child)}
        if set(violations(system, bounds(system, told, cells=asked), threshold)) & set(asked):
            return False
    return True
