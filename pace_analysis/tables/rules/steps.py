"""When each milestone of each period was first and last recorded, looked up once for all rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pace_analysis.tables.schema import CODES

NAMES = tuple(CODES["milestone"])
NOT_A_TIME = np.iinfo("int64").min


@dataclass(frozen=True, slots=True)
class Steps:
    """First and last day of every milestone in every period.

    Attributes
    ----------
    firsts, lasts : datetime64[ns] array, one row a period number and one more, one column a milestone
        NaT where it is not recorded; the additional last row is all NaT, for periods without a milestone.
    of_milestone, of_period : integer array
        Row of ``firsts`` for each row of the milestone table, and of the period table.
    """

    firsts: np.ndarray
    lasts: np.ndarray
    of_milestone: np.ndarray
    of_period: np.ndarray

    @classmethod
    def of(cls, milestone: pd.DataFrame, period: pd.DataFrame) -> Steps:
        """Count through the milestone table once."""
        number, ids = pd.factorize(milestone["period_id"])
        column = pd.Index(NAMES).get_indexer(milestone["milestone"])
        day = milestone["date"].to_numpy("datetime64[ns]").astype("int64")
        usable = (column >= 0) & (day != NOT_A_TIME)
        cell, day = (number * len(NAMES) + column)[usable], day[usable]
        firsts = np.full((len(ids) + 1) * len(NAMES), np.iinfo("int64").max)
        lasts = np.full(len(firsts), NOT_A_TIME)
        np.minimum.at(firsts, cell, day)
        np.maximum.at(lasts, cell, day)
        firsts[lasts == NOT_A_TIME] = NOT_A_TIME
        days = (part.astype("datetime64[ns]").reshape(-1, len(NAMES)) for part in (firsts, lasts))
        return cls(*days, number, pd.Index(ids).get_indexer(period["period_id"]))

    def first(self, name: str) -> np.ndarray:
        """First day of milestone ``name`` in the period of each milestone, NaT where there is none."""
        return self.firsts[self.of_milestone, NAMES.index(name)]

    def last(self, name: str) -> np.ndarray:
        """Last day of milestone ``name`` in the period of each milestone, NaT where there is none."""
        return self.lasts[self.of_milestone, NAMES.index(name)]

    def first_in_period(self, name: str) -> np.ndarray:
        """First day of milestone ``name`` in each period, NaT where there is none."""
        return self.firsts[self.of_period, NAMES.index(name)]

    def earliest(self, names: Iterable[str]) -> np.ndarray:
        """First day of any of ``names`` in the period of each milestone, NaT where there is none."""
        return np.fmin.reduce([self.first(name) for name in names])

    def recorded(self, name: str) -> bool:
        """Whether the extract holds milestone ``name`` at all; one that is never recorded is not missing."""
        return not np.isnat(self.firsts[:, NAMES.index(name)]).all()
