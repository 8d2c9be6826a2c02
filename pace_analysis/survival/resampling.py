"""How much would an estimate vary had other children come? The bootstrap, from counts or from rows of families."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pace_analysis.survival.checks import refuse_rows
from pace_analysis.survival.errors import SurvivalInputError
from pace_analysis.survival.intervals import EXACT, check_interval
from pace_analysis.survival.lifetable import LifeTable, life_table

Statistic = Callable[[LifeTable], Any]


@dataclass(frozen=True, slots=True, eq=False)
class Bootstrap:
    """A statistic of the children there are, and of as many drawn again and again.

    Attributes
    ----------
    estimate : ndarray, shape (k,)
        The statistic of the table itself.
    replicates : ndarray, shape (n, k)
        The statistic of each drawn table; NaN where it could not be had, as when nobody is followed so long.
    """

    estimate: np.ndarray
    replicates: np.ndarray

    @property
    def failed(self) -> int:
        """Replicates without the statistic; they have no say in what follows, so many make it worthless."""
        return int(np.isnan(self.replicates).any(axis=1).sum())

    @property
    def std_error(self) -> np.ndarray:
        """Standard deviation of the replicates, shape (k,)."""
        return np.nanstd(self.replicates, axis=0, ddof=1)

    def interval(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Percentile interval: lower and upper limits, each of shape (k,)."""
        check_interval(EXACT, level)
        lower, upper = np.nanquantile(self.replicates, [(1 - level) / 2, (1 + level) / 2], axis=0)
        return lower, upper


def bootstrap(table: LifeTable, statistic: Statistic, n: int, seed: int) -> Bootstrap:
    """Draw as many children as each group has from its own counts, ``n`` times, and take a statistic of each table.

    The cost is that of cells of the table, whatever the number of children.

    Parameters
    ----------
    table : LifeTable
        Counts per whole day, without late entries: for those, who entered late must be known to have left when, so
        draw rows with :func:`bootstrap_clusters`, each child a cluster.
    statistic : callable
        Takes a life table, returns a number or several. A :class:`SurvivalInputError` from it counts as failed.
    n : int
        Number of draws, 2 or more.
    seed : int
        The same seed gives the same draws.

    Raises
    ------
    SurvivalInputError
        If children enter late, ``n`` is not 2 or more, or every draw fails.

    Source
    ------
    Efron (1981), J. Am. Stat. Assoc. 76, 312-319.

    Examples
    --------
    >>> from pace_analysis.survival import life_table, restricted_mean
    >>> table = life_table([10, 20, 20, 30, 45, 60], [1, 1, 2, 0, 1, 0])
    >>> drawn = bootstrap(table, lambda t: restricted_mean(t, 20)["estimate"], 200, seed=1)
    >>> drawn.estimate.round(2).tolist(), drawn.failed
    ([18.33], 0)
    """
    late = int(table.entered[:, table.start_day + 1 :].sum())
    if late:
        raise SurvivalInputError(
            f"Counts alone cannot be drawn again when children enter late, and {late} of {table.entered.sum()} do.",
            remedy="Draw rows: bootstrap_clusters(..., cluster=range(number of rows)).",
        )
    generator = np.random.default_rng(seed)
    cells = [np.flatnonzero(exits) for exits in table.exits.reshape(len(table.groups), -1)]
    counts = [exits.ravel()[cell] for exits, cell in zip(table.exits, cells, strict=True)]

    def draw() -> LifeTable:
        exits = np.zeros((len(table.groups), table.exits[0].size), np.int64)
        for group, (cell, count) in enumerate(zip(cells, counts, strict=True)):
            exits[group, cell] = generator.multinomial(count.sum(), count / count.sum())
        return LifeTable(table.groups, table.entered, exits.reshape(table.exits.shape), table.start_day)

    return _replicate(table, draw, statistic, n)


def bootstrap_clusters(
    last_day: Any,
    outcome: Any,
    statistic: Statistic,
    n: int,
    seed: int,
    *,
    cluster: Any,
    first_day: Any = None,
    group: Any = None,
    n_outcomes: int | None = None,
) -> Bootstrap:
    """Draw whole clusters of waits, such as brothers and sisters, who tend to leave together.

    Parameters
    ----------
    last_day, outcome, first_day, group, n_outcomes
        Waits, one a row, as for :func:`life_table`; late entries are allowed.
    statistic, n, seed
        As for :func:`bootstrap`.
    cluster : array of labels
        Rows of one label are drawn together. Clusters are drawn from all groups at once, so that the size of a group
        varies too.

    Raises
    ------
    SurvivalInputError
        As for :func:`life_table`; if a cluster is missing, or every draw fails.

    Source
    ------
    Field and Welsh (2007), J. R. Stat. Soc. B 69, 369-390: the cluster bootstrap.
    """
    import pandas as pd

    table = life_table(last_day, outcome, first_day=first_day, group=group, n_outcomes=n_outcomes)
    last, kind = (np.asarray(values, np.int64) for values in (last_day, outcome))  # whole, or the table were refused
    first = np.zeros_like(last) if first_day is None else np.asarray(first_day, np.int64)
    codes, labels = pd.factorize(np.asarray(cluster))
    if codes.size != last.size:
        raise SurvivalInputError(f"`cluster` has {codes.size} rows and the waits {last.size}.")
    refuse_rows(last.size, lambda block: codes[block] < 0, "`cluster` is missing.", "Give a child alone its own label.")
    place = np.zeros(last.size, np.int64) if group is None else pd.Index(table.groups).get_indexer(np.asarray(group))
    groups, kinds, days = table.exits.shape
    left, entered = (place * kinds + kind) * days + last, place * days + first
    generator = np.random.default_rng(seed)
    share = np.full(len(labels), 1 / len(labels))

    def draw() -> LifeTable:
        weight = generator.multinomial(len(labels), share)[codes]
        exits = np.bincount(left, weight, groups * kinds * days).astype(np.int64).reshape(table.exits.shape)
        entries = np.bincount(entered, weight, groups * days).astype(np.int64).reshape(groups, days)
        return LifeTable(table.groups, entries, exits)

    return _replicate(table, draw, statistic, n)


def _replicate(table: LifeTable, draw: Callable[[], LifeTable], statistic: Statistic, n: int) -> Bootstrap:
    if n != int(n) or n < 2:
        raise SurvivalInputError(f"`n` must be a whole number of draws from 2 on, not {n}.", remedy="Write 1000.")
    estimate = _numbers(statistic(table))
    replicates = np.full((int(n), estimate.size), np.nan)
    for index in range(int(n)):
        try:
            replicates[index] = _numbers(statistic(draw()))
        except SurvivalInputError:
            continue
    if np.isnan(replicates).any(axis=1).all():
        raise SurvivalInputError(
            f"None of the {n} draws has the statistic.", remedy="Ask for an earlier day, or draw from more children."
        )
    return Bootstrap(estimate, replicates)


def _numbers(values: Any) -> np.ndarray:
    return np.atleast_1d(np.asarray(values, dtype=float)).ravel()
