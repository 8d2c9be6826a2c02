"""Waits that met a change on the way: rows split on the day it began, so that each part is seen under one regime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pace_analysis.survival.errors import SurvivalInputError

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("started", "first_day", "last_day", "outcome")
QUARTER_DAYS = 91


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
        If a column is missing, or there is no wait.
    """
    import pandas as pd

    missing = [name for name in COLUMNS if name not in waits]
    if missing or not len(waits):
        raise SurvivalInputError(f"The waits have no column `{missing[0]}`." if missing else "There is no wait to split.")
    since = pd.Series(pd.to_datetime(change), index=waits.index) if np.ndim(change) == 0 else pd.to_datetime(change).reindex(waits.index)
    from_day = (since - waits["started"]).dt.days
    never = from_day.isna()
    before = waits[never | (from_day > waits["first_day"])].copy()
    cut = from_day.reindex(before.index)
    spans = cut <= before["last_day"]
    before["outcome"] = before["outcome"].where(~spans, 0)
    before["last_day"] = before["last_day"].where(~spans, cut - 1).astype("int64")
    after = waits[~never & (from_day <= waits["last_day"])].copy()
    after["first_day"] = np.maximum(after["first_day"], from_day.reindex(after.index)).astype("int64")
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
