"""Which period of care a dated row of a child belongs to, where the row itself does not say."""

from __future__ import annotations

import pandas as pd


def attach(child: pd.Series, day: pd.Series, period: pd.DataFrame) -> pd.Series:
    """Period of care that each day belongs to, ``""`` for a child without one; the index is kept.

    The period that holds the day (the one that starts, when another ends that day); else the nearest that
    starts after it (a plan before care); else the one that ended last before it.

    Parameters
    ----------
    child, day : Series
        Child and day of each row, on one index without repeats; a day may be NaT.
    period : DataFrame
        ``period_id``, ``child_id``, ``start_date``, ``end_date`` of the periods that may be chosen.
    """
    asked = pd.DataFrame({"row": child.index, "child_id": child.to_numpy(), "day": day.to_numpy()})
    pairs = asked.merge(period[["period_id", "child_id", "start_date", "end_date"]], on="child_id")
    early, late = pairs["day"] < pairs["start_date"], pairs["day"] > pairs["end_date"]
    pairs["rank"] = early.astype("int64") + 2 * (late & ~early)
    start_gap, end_gap = pairs["start_date"] - pairs["day"], pairs["day"] - pairs["end_date"]
    pairs["gap"] = start_gap.where(early, end_gap.where(late, pd.Timedelta(0)))
    order = {"row": True, "rank": True, "gap": True, "start_date": False}
    best = pairs.sort_values(list(order), ascending=list(order.values()), kind="stable").drop_duplicates("row")
    return best.set_index("row")["period_id"].reindex(child.index).fillna("")
