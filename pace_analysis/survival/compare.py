"""Do groups leave at the same pace? The log-rank test, weighted, stratified or for trend."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np

from pace_analysis.survival.curves import any_exit, day_before, product_limit, ratio
from pace_analysis.survival.errors import SurvivalInputError
from pace_analysis.survival.lifetable import LifeTable

NO_SPREAD = 1e-8  # a direction in which groups vary less than this share of the others is rounding


@dataclass(frozen=True, slots=True)
class Comparison:
    """Result of a test of whether groups differ.

    Attributes
    ----------
    statistic : float
        Chi-squared.
    degrees_of_freedom : int
    p_value : float
        Chance of a statistic at least as large if the groups did not differ.
    groups : tuple
        Labels, in the order of ``observed`` and ``expected``.
    observed, expected : tuple of float
        Exits of each group, and those it would have had if the groups did not differ; weighted when the test is.
    variance : tuple of tuples of float
        Covariances of observed less expected.
    """

    statistic: float
    degrees_of_freedom: int
    p_value: float
    groups: tuple[Hashable, ...]
    observed: tuple[float, ...]
    expected: tuple[float, ...]
    variance: tuple[tuple[float, ...], ...]


def logrank(
    table: LifeTable,
    *,
    rho: float = 0,
    strata: Sequence[LifeTable] | None = None,
    trend: bool = False,
    outcome: int | None = None,
) -> Comparison:
    """Test whether groups leave at the same rate, day by day; late entries are allowed.

    Parameters
    ----------
    table : LifeTable
        Counts per whole day of two groups or more.
    rho : float
        Weight of a day: the share still waiting the day before, to this power. 0 is the log-rank test, 1 the
        Peto-Peto version of Wilcoxon's, which gives early days more say.
    strata : sequence of LifeTable, optional
        The same children in parts, such as one table an authority: groups are compared within each part and the
        comparisons added. The parts must add up to ``table``.
    trend : bool
        Test for a trend over the groups in their order, with scores 0, 1, 2 ...; one degree of freedom.
    outcome : int, optional
        Leaving by this outcome, the others taken as censoring: this compares rates, not shares (for those see
        :func:`gray_test`). By default leaving by any.

    Raises
    ------
    SurvivalInputError
        If there is one group, the strata do not add up, the outcome is unknown, or nobody leaves while two groups
        are at risk.

    Source
    ------
    Mantel (1966), Cancer Chemother. Rep. 50, 163-170; weights of Harrington and Fleming (1982), Biometrika 69,
    553-566. The variance is hypergeometric, so ties are exact; as R's ``survdiff``.

    Examples
    --------
    >>> from pace_analysis.survival import life_table
    >>> test = logrank(life_table([10, 20, 20, 30, 45, 60], [1, 1, 1, 0, 1, 1], group=list("aababb")))
    >>> round(test.statistic, 3), test.degrees_of_freedom, round(test.p_value, 3)
    (0.803, 1, 0.37)
    """
    parts = check_groups(table, strata)
    if outcome is not None and outcome not in range(1, table.outcomes + 1):
        raise SurvivalInputError(f"The table counts outcomes 1 to {table.outcomes}, not '{outcome}'.")
    sums = [_of_stratum(part, rho, outcome) for part in parts]
    observed, expected, variance = (
        sum(on_groups(part, of_part, table.groups) for part, of_part in zip(parts, terms, strict=True))
        for terms in zip(*sums, strict=True)
    )
    return comparison(table.groups, observed, expected, variance, trend=trend)


def check_groups(table: LifeTable, strata: Sequence[LifeTable] | None) -> list[LifeTable]:
    """Return the strata, or the table as the only one.

    Raises
    ------
    SurvivalInputError
        If there are not two groups to compare, or the strata do not add up to the table.
    """
    if len(table.groups) < 2:
        raise SurvivalInputError(
            f"A comparison needs two groups or more; the table has one, '{table.groups[0]}'.",
            remedy="Count the waits with `group=`.",
        )
    if strata is None:
        return [table]
    parts = list(strata)
    if not parts or reduce(add, parts) != table:
        raise SurvivalInputError(
            f"The {len(parts)} strata do not add up to the table.",
            remedy="Count each stratum with the same groups and `n_outcomes`, and add them to make the table.",
        )
    return parts


def on_groups(part: LifeTable, values: np.ndarray, groups: tuple[Hashable, ...]) -> np.ndarray:
    """Place numbers by group of a stratum, along every axis, among all groups: a stratum may lack some."""
    index = [groups.index(label) for label in part.groups]
    placed = np.zeros((len(groups),) * values.ndim)
    placed[np.ix_(*[index] * values.ndim)] = values
    return placed


def comparison(
    groups: tuple[Hashable, ...],
    observed: np.ndarray,
    expected: np.ndarray,
    variance: np.ndarray,
    *,
    trend: bool = False,
) -> Comparison:
    """Chi-squared test of observed less expected, on as many degrees of freedom as the variance has.

    Raises
    ------
    SurvivalInputError
        If there is no variance: nobody leaves while two groups are at risk.
    """
    from scipy.special import chdtrc

    score, spread = observed - expected, variance
    if trend:
        scores = np.arange(len(groups), dtype=float)
        score, spread = np.array([scores @ score]), np.array([[scores @ variance @ scores]])
    statistic, rank = quadratic_form(score, spread)
    if rank == 0:
        raise SurvivalInputError("The groups cannot be compared: nobody leaves while two of them are at risk.")
    return Comparison(
        statistic=statistic,
        degrees_of_freedom=rank,
        p_value=float(chdtrc(rank, statistic)),
        groups=groups,
        observed=tuple(observed.tolist()),
        expected=tuple(expected.tolist()),
        variance=tuple(tuple(row) for row in variance.tolist()),
    )


def quadratic_form(score: np.ndarray, variance: np.ndarray) -> tuple[float, int]:
    """Return ``score' V^- score`` and the rank of ``V``, in which a direction without variance has no say."""
    scale = np.sqrt(np.maximum(np.diag(variance), 0.0))
    some = scale > 0
    if not some.any():
        return 0.0, 0
    scale = scale[some]
    spread, axes = np.linalg.eigh(variance[np.ix_(some, some)] / np.outer(scale, scale))
    kept = spread > NO_SPREAD
    along = axes[:, kept].T @ (score[some] / scale)
    return float(np.sum(along**2 / spread[kept])), int(kept.sum())


def _of_stratum(table: LifeTable, rho: float, outcome: int | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Observed and expected exits by group, and the variance of their difference."""
    at_risk = table.at_risk.astype(float)
    events = any_exit(table) if outcome is None else table.exits[:, outcome]
    everyone, leaving = at_risk.sum(axis=0), events.sum(axis=0)
    survival, _ = product_limit(everyone, leaving)
    weight = day_before(survival, 1.0) ** rho
    share = ratio(at_risk, everyone)
    spread = weight**2 * leaving * ratio(everyone - leaving, everyone - 1)
    variance = np.diag((spread * share).sum(axis=1)) - (spread * share) @ share.T
    return (weight * events).sum(axis=1), (weight * leaving * share).sum(axis=1), variance
