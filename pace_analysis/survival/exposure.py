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
    from_day = (since - waits["started"]).dt.days
    is_before, is_after = ~(from_day <= waits["first_day"]), from_day <= waits["last_day"]
    before, after = waits[is_before].copy(), waits[is_after].copy()
    cut = from_day[is_before]
    spans = cut <= before["last_day"]
    before["outcome"] = np.where(spans, 0, before["outcome"])
    before["last_day"] = np.where(spans, cut - 1, before["last_day"]).astype("int64")
    after["first_day"] = np.maximum(after["first_day"], from_day[is_after]).astype("int64")
    return pd.concat([before.assign(exposed=0), after.assign(exposed=1)]).sort_index(kind="stable")


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
