"""Tidy frames from arrays by group and day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from pace_analysis.survival.lifetable import LifeTable


def tidy(table: LifeTable, columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Lay arrays out as one row a group and day, or a group, day and outcome.

    Parameters
    ----------
    table : LifeTable
        Gives the groups, and the days that each is followed.
    columns : mapping of str to ndarray, shape (groups, days) or (groups, days, outcomes)
        If any has outcomes, a column ``outcome`` is added and the others are repeated for each.
    """
    import pandas as pd

    followed = None if len(table.groups) == 1 and not table.start_day else table.followed
    everywhere = followed is None or followed.all()  # then nothing need be picked out
    days = table.entered.shape[1]
    day = np.tile(np.arange(days), len(table.groups)) if everywhere else np.nonzero(followed)[1]
    kept = {
        name: np.array(values, order="C").reshape(-1, *values.shape[2:]) if everywhere else values[followed]
        for name, values in columns.items()
    }
    depth = max((values.shape[1] for values in kept.values() if values.ndim == 2), default=0)
    rows = (days if everywhere else followed.sum(axis=1)) * max(depth, 1)
    data = {"group": pd.Index(table.groups).to_numpy().repeat(rows), "day": day}
    if depth:
        data |= {"day": np.repeat(day, depth), "outcome": np.tile(np.arange(1, depth + 1), len(day))}
        kept = {name: np.repeat(v, depth) if v.ndim == 1 else v.ravel() for name, v in kept.items()}
    return pd.DataFrame(data | kept, copy=False)
