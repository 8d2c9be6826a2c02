"""Waits that met a change on the way: rows split on the day it began, so that each part is seen under one regime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pace_analysis.survival.covariates import check_complete
from pace_analysis.survival.errors import SurvivalInputError

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("started", "first_day", "last_day", "outcome")
QUARTER_DAYS = 91


def check_dated(waits: pd.DataFrame) -> None:
    """Raise :class:`SurvivalInputError` unless there are waits, with all columns, each started on a known date."""
    missing = [name for name in COLUMNS if name not in waits]
    if missing:
        raise SurvivalInputError(f"The waits have no column `{missing[0]}`.", remedy=f"Columns: {', '.join(COLUMNS)}.")
    if not len(waits):
        raise SurvivalInputError("There is no wait to split.", remedy="Choose a clock that some child has started.")
    check_complete(waits, "started")


def split_at(waits: pd.DataFrame, change: Any) -> pd.DataFrame:
    """Split each wait on the day a change began.

    Parameters
    ----------
    waits : DataFrame
        ``started`` (date), ``first_day``, ``last_day`` (closed whole days since), ``outcome`` (0 censored); further
        columns are kept.
    change : date, or Series of dates by the index of ``waits``
        First day of the change; missing where a child never meets it.

    Returns
    -------
    DataFrame
        The same columns and ``exposed`` (0 or 1). The part before ends censored, the part after enters late, on the day
        of the change: days at risk and exits are those of the waits.

    Raises
    ------
    SurvivalInputError
        If a column is missing, there is no wait, or a wait has no date on which it started.
    """
    import pandas as pd

    check_dated(waits)
    if np.ndim(change) == 0:
        since = pd.Series(pd.to_datetime(change), index=waits.index)
    else:
        since = pd.to_datetime(change).reindex(waits.index)
    started, first, last = (waits[name].to_numpy() for name in ("started", "first_day", "last_day"))
    met = since.to_numpy()
    # a child who never meets it has no such day, which compares as false
    is_before, is_after = ~(met <= started + _days(first)), met <= started + _days(last)
    spans = is_before & is_after
    day_met = np.where(spans, met - started, _days(first)) // _days(1)
    before = waits.assign(outcome=np.where(spans, 0, waits["outcome"]), last_day=np.where(spans, day_met - 1, last), exposed=0)
    after = waits.assign(first_day=day_met, exposed=1)
    return pd.concat([before[is_before], after[is_after]]).sort_index(kind="stable")


def _days(number: Any) -> np.ndarray:
    return np.asarray(number).astype("timedelta64[D]")


def quarters_since(waits: pd.DataFrame, change: Any, quarters: int) -> pd.DataFrame:
    """Split each wait on the change and on every 91st day after it, for an event study.

    ``since`` takes the place of ``exposed``: 0 before the change, then 1, 2 ... ``quarters`` (the last is open).
    """
    import pandas as pd

    rows = split_at(waits, change).rename(columns={"exposed": "since"})
    for later in range(1, quarters):
        again = split_at(rows, pd.to_datetime(change) + pd.Timedelta(days=QUARTER_DAYS * later))
        rows = again.assign(since=again["since"] + again["exposed"]).drop(columns="exposed")
    return rows
