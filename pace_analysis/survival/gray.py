"""Do groups differ in the share who leave by one outcome? Gray's test."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pace_analysis.survival.compare import Comparison, check_groups, comparison, on_groups
from pace_analysis.survival.curves import any_exit, day_before, product_limit, ratio
from pace_analysis.survival.errors import SurvivalInputError
from pace_analysis.survival.lifetable import LifeTable


def gray_test(
    table: LifeTable, outcome: int, *, rho: float = 0, strata: Sequence[LifeTable] | None = None
) -> Comparison:
    """Test whether groups differ in the cumulative incidence of one outcome, the others competing.

    Parameters
    ----------
    table : LifeTable
        Counts per whole day of two groups or more, without late entries.
    outcome : int
        Kind of exit whose shares are compared.
    rho : float
        Weight of a day: the share not yet left by the outcome the day before, to this power.
    strata : sequence of LifeTable, optional
        The same children in parts, as in :func:`logrank`; the parts must add up to ``table``.

    Raises
    ------
    SurvivalInputError
        If there is one group, the strata do not add up, the outcome is unknown, a child enters late (the test is
        not known to hold then), or nobody leaves by the outcome while two groups are at risk.

    Source
    ------
    Gray (1988), Ann. Stat. 16, 1141-1154, with variances for tied days as in R's ``cmprsk``.

    Examples
    --------
    >>> from pace_analysis.survival import life_table
    >>> table = life_table([10, 20, 20, 30, 45, 60, 70], [1, 1, 1, 0, 2, 1, 2], group=list("aababbb"))
    >>> test = gray_test(table, 1)
    >>> test.degrees_of_freedom, test.observed
    (1, (2.0, 2.0))
    """
    parts = check_groups(table, strata)
    if outcome not in range(1, table.outcomes + 1):
        raise SurvivalInputError(f"The table counts outcomes 1 to {table.outcomes}, not '{outcome}'.")
    late = int(table.entered[:, table.start_day + 1 :].sum())
    if late:
        raise SurvivalInputError(
            f"Gray's test is not given when children enter late, and {late} of {table.entered.sum()} do.",
            remedy="Use `logrank(table, outcome=...)`, which compares rates, or a cohort seen from its first day.",
        )
    observed, expected, variance = 0.0, 0.0, 0.0
    for part in parts:
        events, score, spread = _of_stratum(part, outcome, rho)
        observed = observed + on_groups(part, events, table.groups)
        expected = expected + on_groups(part, events - score, table.groups)
        variance = variance + on_groups(part, spread, table.groups)
    return comparison(table.groups, observed, expected, variance)


def _of_stratum(table: LifeTable, outcome: int, rho: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weighted events by group, the score and its variance.

    Notation of the paper: ``h`` is the number at risk over survival the day before, ``f0`` the pooled incidence.
    """
    at_risk = table.at_risk.astype(float)
    events, others = table.exits[:, outcome], any_exit(table) - table.exits[:, outcome]
    survival, _ = product_limit(at_risk, events + others)
    before = day_before(survival, 1.0)
    share = np.cumsum(before * ratio(events, at_risk), axis=1)
    h = ratio(at_risk, before)
    pooled = h.sum(axis=0)
    gone = np.cumsum(ratio(events.sum(axis=0), pooled))
    staying, staying_before = 1 - gone, 1 - day_before(gone, 0.0)

    weight = staying_before**rho
    r = h * (1 - day_before(share, 0.0))
    expected = ratio(r, r.sum(axis=0)) * events.sum(axis=0)
    score = (weight * (events - expected)).sum(axis=1)

    variance = _variance(at_risk, events, others, (survival, before), (h, pooled), weight, (staying, staying_before))
    return (weight * events).sum(axis=1), score, variance


def _variance(
    at_risk: np.ndarray,
    events: np.ndarray,
    others: np.ndarray,
    survivals: tuple[np.ndarray, np.ndarray],
    risk: tuple[np.ndarray, np.ndarray],
    weight: np.ndarray,
    stayings: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    (survival, before), (h, pooled), (staying, staying_before) = survivals, risk, stayings
    together = events.sum(axis=0)
    # a[i, k, t], c[i, k, t]: what group k's day t adds to the score of group i, now and through later days
    a = weight * (np.eye(len(h))[:, :, None] * h - ratio(h[:, None] * h, pooled))
    c = np.cumsum(a * ratio(ratio(together, pooled), staying_before), axis=-1)
    later = c[..., -1:] - c
    some = survival > 0
    u = np.divide(staying, survival, out=np.zeros(h.shape), where=some)
    own = a + np.where(some, 1 - u, 1.0) * later
    mean = pooled * before
    tie = 1 - np.divide(together - 1, mean - 1, out=np.zeros(h.shape), where=(together > 1) & (mean > 1))
    tie_others = 1 - np.divide(others - 1, at_risk - 1, out=np.zeros(h.shape), where=others > 1)
    of_events = ratio(before * together, pooled * at_risk) * tie
    of_others = np.where(some, ratio(before**2 * others, at_risk**2) * tie_others, 0.0)
    carried = u * later
    return np.einsum("ikt,jkt,kt->ij", own, own, of_events) + np.einsum("ikt,jkt,kt->ij", carried, carried, of_others)
