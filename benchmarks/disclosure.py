"""What exact protection of linked tables costs, in one run: rounding, suppression and the attacker's audit.

Run ``python benchmarks/disclosure.py``. Wall-clock seconds, the least of three runs (one for the slow ones), beside one
linear programme over the same cells, for what else the machine does only adds; trust ratios, not seconds. Invented
counts of a few hundred children, so that a third of the cells is small.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from importlib import metadata

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from pace_analysis.publish.audit import bounds, exposed, knowledge
from pace_analysis.publish.cells import CellSystem, axis, of_cube
from pace_analysis.publish.linked import round_cells
from pace_analysis.publish.suppression import suppress

SHAPES = {  # interior, children; with margins: cells
    "4 x 4 (25 cells)": ((4, 4), 30),
    "6 x 8 (63 cells)": ((6, 8), 300),
    "5 x 4 x 3 (120 cells)": ((5, 4, 3), 400),
    "5 x 6 x 5 (252 cells)": ((5, 6, 5), 350),
    "12 quarters in 3 years x 6 x 4 (560 cells)": ((12, 6, 4), 900),
}
YEARS = {f"year {year}": [f"a{quarter}" for quarter in range(4 * year, 4 * year + 4)] for year in range(3)}
THRESHOLD = BASE = 5
SLOW = 100  # cells from which one run is enough
UNPROVED = 252  # cells from which a child alone is not searched for: half a minute is not enough


def invented(shape: tuple[int, ...], children: int) -> CellSystem:
    """A table of invented children, unevenly spread, with all its margins."""
    generator = np.random.default_rng(2015)
    chances = generator.dirichlet(np.full(int(np.prod(shape)), 0.7))
    named = zip("abc", shape, strict=False)
    axes = [axis([f"{name}{i}" for i in range(n)], YEARS if n == 12 else None) for name, n in named]
    return of_cube(generator.multinomial(children, chances).reshape(shape), axes)


def seconds(work: Callable[[], object], runs: int) -> float:
    """Least wall-clock time of a piece of work."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def one_programme(system: CellSystem) -> object:
    """One linear programme over all cells: the largest first cell with the totals as they are."""
    matrix, free = system.matrix, ~system.is_margin
    low, high = np.where(free, 0, system.counts), np.where(free, system.counts.max(), system.counts)
    cost = np.zeros(len(system.keys))
    cost[np.flatnonzero(free)[0]] = -1
    none = np.zeros(matrix.shape[0])
    return milp(cost, constraints=LinearConstraint(matrix, none, none), bounds=Bounds(low, high))


def audited(system: CellSystem, values: np.ndarray) -> list[int]:
    """Exact bounds of every cell from what is shown, and which are exposed."""
    known = knowledge(system, dict(enumerate(values.tolist())), base=BASE, first_step=BASE, steps=1)
    return exposed(bounds(system, known), THRESHOLD)


def lines(name: str, system: CellSystem) -> list[str]:
    """Lines of the table about one system."""
    cells, small = len(system.keys), int(((system.counts > 0) & (system.counts < THRESHOLD)).sum())
    runs = 1 if cells > SLOW else 3
    programme = seconds(lambda: one_programme(system), 9)
    values = round_cells(system, base=BASE, first_step=BASE)
    works: dict[str, Callable[[], object]] = {
        "controlled rounding": lambda: round_cells(system, base=BASE, first_step=BASE)}
    if values is not None:
        error, found = np.abs(values - system.counts).mean(), len(audited(system, values))
        works[f"audit of the rounded cells, {found} exposed, error {error:.2f}"] = lambda: audited(system, values)
    for alone in (False, True):
        if cells > UNPROVED or (alone and cells == UNPROVED):
            continue
        hidden = suppress(system, threshold=THRESHOLD, singletons=alone)
        found = "none found" if hidden is None else f"{len(hidden)} hidden, {small} of them small"
        works[f"suppression{', a child alone too' if alone else ''}: {found}"] = (
            lambda alone=alone: suppress(system, threshold=THRESHOLD, singletons=alone))
    costs = {"one linear programme": programme} | {what: seconds(work, runs) for what, work in works.items()}
    return [f"| {name}: {what} | {cost:.3f} | {cost / programme:.0f} |" for what, cost in costs.items()]


if __name__ == "__main__":
    libraries = ", ".join(f"{name} {metadata.version(name)}" for name in ("numpy", "scipy"))
    print(f"Python {platform.python_version()}, {libraries}.\n")
    print("| what | seconds | x one linear programme |\n|---|--:|--:|")
    for title, (interior, number) in SHAPES.items():
        print("\n".join(lines(title, invented(interior, number))), flush=True)
