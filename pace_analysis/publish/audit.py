"""What an attacker can work out who holds everything that is shown: the interval of each cell.

The attacker knows every relation and, for each cell, an interval: the counts that round to what is shown, 0 upwards
for what is suppressed, one point for what is published exactly. The bounds of a cell are its least and largest value
over all tables of whole numbers that agree with all of that, found by linear programming; where the solution is not
in whole numbers, by integer programming.

Two rules judge the intervals. Suppression needs that of a small cell to hold 1 to the threshold, so that nobody knows
that it is small (:func:`violations`). Rounding shows 0 for what may be small, so there the rule is that no cell be
known to lie within 1 to threshold - 1 (:func:`exposed`).

Source: the attacker's sub-problem of Fischetti and Salazar-Gonzalez (2001), Manage. Sci. 47, 1008-1027.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NoReturn

import numpy as np

from pace_analysis.errors import DisclosureRefused
from pace_analysis.publish.cells import CellSystem

PASSES = 25  # of interval arithmetic; stopping early leaves bounds wide, which the programmes then narrow
ROUND = 1e-6
SECONDS = 60.0  # for one programme; one of a board paper's takes a tenth of one

Interval = tuple[float, float]


def rung(count: int, base: int, first_step: int) -> int:
    """Number the rungs that may be shown (0, the first step, one base more, ...): the last one not above ``count``."""
    return 0 if count < first_step else (count - first_step) // base + 1


def height(number: int, base: int, first_step: int) -> int:
    """Return the count that a rung stands for, the inverse of :func:`rung`."""
    return 0 if number == 0 else first_step + (number - 1) * base


def on_ladder(value: int, base: int, first_step: int) -> bool:
    """Whether a number can be the result of rounding."""
    return height(rung(value, base, first_step), base, first_step) == value


def preimage(value: int, base: int, first_step: int, steps: int = 0) -> tuple[int, int]:
    """Return the least and largest count that may be shown as ``value``.

    Parameters
    ----------
    value : int
        0, ``first_step``, or a larger multiple of ``base``.
    steps : int
        How many rungs beyond the two beside it a count may be moved: 0, or 1 for the margins of a K = 1 release.
    """
    number = rung(value, base, first_step)
    if value < 0 or height(number, base, first_step) != value:
        raise DisclosureRefused("A number is not one that rounding can show.",
                                remedy=f"Shown numbers are 0, {first_step}, and then every {base}.")
    high = height(number + steps + 1, base, first_step) - 1
    low = height(max(number - steps - 1, 0), base, first_step) + 1
    return (low if number else 0), high


def public_part(system: CellSystem, shown: Mapping[int, int], base: int, first_step: int) -> np.ndarray:
    """Return how much of each cell is published exactly: the cells that rounding cannot have made, and their sums.

    Only cells that are no sums start this; a margin counts what it holds of them. Shape (cells,).
    """
    part, margin = np.zeros(len(system.keys), dtype=np.int64), system.is_margin
    for cell, value in shown.items():
        if not margin[cell] and not on_ladder(value, base, first_step):
            part[cell] = value
    if not part.any():
        return part
    while True:
        before = part.copy()
        for parent, members in zip(system.parents, system.children, strict=True):
            part[parent] = part[list(members)].sum()
        if (part == before).all():
            return part


def knowledge(
    system: CellSystem, shown: Mapping[int, int], *, base: int, first_step: int, steps: int = 0,
    exact: Collection[int] = (),
) -> dict[int, Interval]:
    """Return what rounded numbers tell of each shown cell by itself, for :func:`bounds`.

    Parameters
    ----------
    shown : mapping of position to value
        Released numbers; cells that are not shown are left out.
    base, first_step, steps : int
        The rules of the release, which the attacker knows; ``steps`` is that of its margins.
    exact : collection of positions
        Cells published exactly. A number that rounding cannot have made is exact in any case.
    """
    public, margin = public_part(system, shown, base, first_step), system.is_margin
    known: dict[int, Interval] = {}
    for cell, value in shown.items():
        rest = int(value - public[cell])
        if cell in exact or rest < 0 or not on_ladder(rest, base, first_step) or (public[cell] and not margin[cell]):
            known[cell] = (value, value)
            continue
        low, high = preimage(rest, base, first_step, steps if margin[cell] else 0)
        known[cell] = (low + int(public[cell]), high + int(public[cell]))
    return known


def bounds(
    system: CellSystem, known: Mapping[int, Interval], *, integer: bool = True, cells: Iterable[int] | None = None
) -> np.ndarray:
    """Return the least and largest value that each cell can have for somebody who knows ``known``.

    Parameters
    ----------
    known : mapping of position to (low, high)
        What the attacker knows of single cells; of others, that they are 0 or more.
    integer : bool
        Whether the attacker uses that counts are whole numbers; otherwise by linear programming alone, which never
        gives narrower bounds.
    cells : iterable of positions, optional
        Cells to work out; of the others, only what interval arithmetic tells, which may be too wide.

    Returns
    -------
    ndarray of float64, shape (cells of the system, 2)
        The upper bound is infinite where nothing limits a cell.

    Raises
    ------
    DisclosureRefused
        If no table at all agrees with ``known``, or one programme takes over a minute.
    """
    attack = _Attack(system, known, integer)
    asked = range(len(system.keys)) if cells is None else cells
    for side in (0, 1):
        attack.close(side, np.array(sorted(asked), dtype=np.int64))
    return attack.outer


def violations(system: CellSystem, bounds: np.ndarray, threshold: int) -> list[int]:
    """Small cells (1 to ``threshold - 1``) whose interval does not hold 1 to ``threshold``: the rule of suppression."""
    small = (system.counts >= 1) & (system.counts < threshold)
    wide = (bounds[:, 0] <= 1) & (bounds[:, 1] >= threshold)
    return np.flatnonzero(small & ~wide).tolist()


def exposed(bounds: np.ndarray, threshold: int) -> list[int]:
    """Cells known to lie within 1 to ``threshold - 1``, or exactly at one of these: the rule of rounding."""
    return np.flatnonzero((bounds[:, 0] >= 1) & (bounds[:, 1] < threshold)).tolist()


def exposed_among(
    cells: Iterable[int], system: CellSystem, known: Mapping[int, Interval], threshold: int, table: np.ndarray
) -> list[int]:
    """Those of some cells that are exposed to somebody who knows ``known``; raises what :func:`bounds` does.

    A ``table`` that adds up and agrees with all that is known may be the true one: no cell that is 0, or the threshold
    or more, in it is exposed, and only the others need a programme.
    """
    agrees = all(low <= table[cell] <= high for cell, (low, high) in known.items())
    can_be = agrees and table.min() >= 0 and not (system.matrix @ table).any()
    left = [cell for cell in cells if not can_be or 1 <= table[cell] < threshold]
    if can_be and not left:
        return []
    return [left[place] for place in exposed(bounds(system, known, cells=left)[left], threshold)]


class _Attack:
    """Bounds that close in from outside (what cannot be) and from inside (tables that can be) until they meet."""

    def __init__(self, system: CellSystem, known: Mapping[int, Interval], integer: bool) -> None:
        self.integer = integer
        self.matrix = system.matrix
        self.outer = np.tile([0.0, np.inf], (len(system.keys), 1))
        for cell, interval in known.items():
            self.outer[cell] = interval
        held = (self.outer[:, 0] <= system.counts) & (system.counts <= self.outer[:, 1])
        self.narrow(system)
        self.inner = np.tile([np.inf, -np.inf], (len(system.keys), 1))
        self.open = np.flatnonzero(self.outer[:, 0] < self.outer[:, 1])
        rows = abs(self.matrix[:, self.open]).sum(axis=1) > 0
        self.reduced = self.matrix[rows][:, self.open].tocsc()
        self.limits = self.outer[self.open].copy()
        fixed = self.outer[:, 0].copy()
        fixed[self.open] = 0
        self.fixed, self.sums = fixed, -(self.matrix[rows] @ fixed)
        if (~rows).any() and np.abs(self.matrix[~rows] @ fixed).max() > ROUND:
            _contradiction()
        self.take(system.counts.astype(float) if held.all() else self.solve(np.zeros(len(system.keys)), integer))
        self.free_upwards()

    def narrow(self, system: CellSystem) -> None:
        """Interval arithmetic over the relations, until it tells no more."""
        where = np.repeat(np.arange(len(system.parents)), [len(members) for members in system.children])
        child = np.array([member for members in system.children for member in members], dtype=np.int64)
        parent = np.array(system.parents, dtype=np.int64)
        low, high = self.outer.T
        for _ in range(PASSES):
            before = self.outer.copy()
            endless = np.bincount(where, np.isinf(high[child]), len(parent))
            most = np.bincount(where, np.where(np.isinf(high[child]), 0, high[child]), len(parent))
            least = np.bincount(where, low[child], len(parent))
            np.maximum.at(low, parent, least)
            np.minimum.at(high, parent, np.where(endless > 0, np.inf, most))
            others_endless = endless[where] - np.isinf(high[child]) > 0
            others_most = most[where] - np.where(np.isinf(high[child]), 0, high[child])
            others_least = least[where] - low[child]
            np.maximum.at(low, child, np.where(others_endless, 0, low[parent][where] - others_most))
            np.minimum.at(high, child, high[parent][where] - others_least)
            if (low > high).any():
                _contradiction()
            if (before == self.outer).all():
                return

    def free_upwards(self) -> None:
        """Find all cells that nothing limits from above, by one programme over directions that keep every sum."""
        from scipy.optimize import linprog
        from scipy.sparse import eye_array, hstack

        loose = np.flatnonzero(np.isinf(self.limits[:, 1]))
        if not loose.size:
            return
        n = loose.size
        relations = hstack([self.reduced[:, loose], 0 * self.reduced[:, loose]])
        below = hstack([-eye_array(n), eye_array(n)])  # what is counted, at most 1, is not above the direction
        solved = linprog(np.concatenate([np.zeros(n), -np.ones(n)]), A_ub=below, b_ub=np.zeros(n), A_eq=relations,
                         b_eq=np.zeros(relations.shape[0]), bounds=[(0, None)] * n + [(0, 1)] * n)
        self.inner[self.open[loose[solved.x[n:] > 0.5]], 1] = np.inf

    def close(self, side: int, asked: np.ndarray) -> None:
        """Make one side of the asked cells exact: many in one programme, and those that it leaves by halves."""
        left = self.unsettled(side, asked)
        progress = True
        while progress and left.size > 1:
            self.take(self.solve(self.towards(left, side), self.integer))
            still = self.unsettled(side, left)
            progress = still.size < left.size
            left = still
        if left.size == 1:
            self.one(int(left[0]), side)
        elif left.size:
            for half in np.array_split(left, 2):
                self.close(side, half)

    def one(self, cell: int, side: int) -> None:
        found = self.solve(self.towards(np.array([cell]), side), False)
        if not self.take(found):
            found = self.solve(self.towards(np.array([cell]), side), True)
            self.take(found)
        self.outer[cell, side] = np.rint(found[cell]) if self.integer else found[cell]
        self.inner[cell, side] = self.outer[cell, side]

    def towards(self, cells: np.ndarray, side: int) -> np.ndarray:
        cost = np.zeros(len(self.outer))
        cost[cells] = 1 - 2 * side
        return cost

    def unsettled(self, side: int, cells: np.ndarray) -> np.ndarray:
        inner, outer = self.inner[cells, side], self.outer[cells, side]
        both_endless = np.isinf(inner) & (inner == outer)
        with np.errstate(invalid="ignore"):
            return cells[~both_endless & ~(np.abs(inner - outer) <= ROUND)]

    def take(self, table: np.ndarray) -> bool:
        """Widen the inside by a table that can be; one that is not in whole numbers says nothing of whole numbers."""
        if self.integer:
            whole = np.rint(table)
            if np.abs(table - whole).max() > ROUND or np.abs(self.matrix @ whole).max(initial=0) > ROUND:
                return False
            table = whole
        self.inner[:, 0] = np.minimum(self.inner[:, 0], table)
        self.inner[:, 1] = np.maximum(self.inner[:, 1], table)
        return True

    def solve(self, cost: np.ndarray, whole: bool) -> np.ndarray:
        """Return the table of least cost among those that agree with what is known."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        table = self.fixed.copy()
        if not self.open.size:
            return table
        solved = milp(cost[self.open], integrality=np.full(self.open.size, int(whole)),
                      constraints=LinearConstraint(self.reduced, self.sums, self.sums), bounds=Bounds(*self.limits.T),
                      options={"mip_rel_gap": 0, "time_limit": SECONDS})
        if solved.status == 1:
            raise DisclosureRefused(f"The audit of {len(table)} cells takes too long, so nothing of them is released.",
                                    remedy="Release fewer linked tables at a time, or fewer categories.")
        if solved.x is None:
            _contradiction()
        table[self.open] = solved.x
        return table


def _contradiction() -> NoReturn:
    raise DisclosureRefused("The numbers shown contradict one another: no table of counts agrees with all of them.",
                            remedy="Check which release each number was taken from, and how it was rounded.")
