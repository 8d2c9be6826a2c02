"""What pooling rounded shares costs in accuracy, against the same children counted exactly.

    python benchmarks/pooling.py [REPEATS]

Thirty-two invented authorities, sizes spread like those of a nation (the largest some eighty times the smallest), 800,
3,000 and 15,000 children in all; 29% decided and some left by 26 weeks, entries over three years, all censored at one
cut. Errors are of the share decided, at the edges of the 14-day grid over two years and at 26 weeks: the median and the
95th percentile over repeats (40 by default).
"""

from __future__ import annotations

import sys

import numpy as np

from pace_analysis.sharing import grid_counts
from pace_analysis.sharing.combine import pooled_table
from pace_analysis.survival import LifeTable, cumulative_incidence, life_table

AUTHORITIES = 32
SIZES = (800, 3_000, 15_000)
EDGES = np.arange(14, 735, 14)
CUT = 3 * 365


def authority(children: int, generator: np.random.Generator) -> LifeTable:
    """Exact table of one authority: decided and left at their own rates, entries spread over three years."""
    decided = 900 * generator.weibull(0.7, children)
    left = generator.exponential(1_500, children)
    cut = generator.integers(1, CUT, children)
    last = np.minimum(np.minimum(decided, left), cut).astype(int)
    outcome = np.where(np.minimum(decided, left) > cut, 0, np.where(decided <= left, 1, 2))
    return life_table(last, outcome, n_outcomes=2)


def sizes(total: int, generator: np.random.Generator) -> np.ndarray:
    """Children of each authority, at least six."""
    weights = generator.lognormal(0, 1, AUTHORITIES)
    return np.maximum(np.rint(total * weights / weights.sum()), 6).astype(int)


def decided(table: LifeTable) -> np.ndarray:
    """Share decided at each edge."""
    shares = cumulative_incidence(table, interval=None)
    wanted = shares[shares["outcome"] == 1].set_index("day")["estimate"]
    return wanted.reindex(np.minimum(EDGES, wanted.index.max())).to_numpy()


def errors(total: int, generator: np.random.Generator) -> tuple[float, float]:
    """Largest error over two years, and the error at 26 weeks, of one pool."""
    tables = [authority(int(size), generator) for size in sizes(total, generator)]
    exact = tables[0]
    for table in tables[1:]:
        exact = exact + table
    pooled = pooled_table([grid_counts(table) for table in tables], "all")
    gap = np.abs(decided(pooled) - decided(exact))
    return float(gap.max()), float(gap[EDGES == 182][0])


def main(repeats: int) -> None:
    generator = np.random.default_rng(2015)
    print("| children | largest error, median | 95th percentile | error at 26 weeks, median | 95th percentile |")
    print("|--:|--:|--:|--:|--:|")
    for total in SIZES:
        found = np.array([errors(total, generator) for _ in range(repeats)])
        middle, high = np.median(found, axis=0), np.percentile(found, 95, axis=0)
        print(f"| {total:,} | {middle[0]:.4f} | {high[0]:.4f} | {middle[1]:.4f} | {high[1]:.4f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
