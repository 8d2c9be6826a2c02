"""What rules look up across tables, each lookup made once however many rules ask."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from pace_analysis.tables.rules.steps import Steps
from pace_analysis.tables.schema import CareTables

NEVER = pd.Timestamp(2261, 12, 31)  # the end of a period that continues


class Joined(CareTables):
    """The tables of one extract; a rule's arguments name its attributes.

    Where a number stands in a table more than once, its first row is meant.
    """

    @classmethod
    def of(cls, tables: CareTables) -> Joined:
        """Return ``tables`` with the lookups added; frames are shared."""
        return cls(tables.child, tables.period, tables.milestone, tables.change, tables.extract)

    @cached_property
    def child_of_period(self) -> np.ndarray:
        """Position in the child table of each period's child, -1 where it is not there."""
        return _positions(self.period["child_id"], self.child["child_id"])

    @cached_property
    def period_of_milestone(self) -> np.ndarray:
        """Position in the period table of each milestone's period, -1 where it is not there."""
        return _positions(self.milestone["period_id"], self.period["period_id"])

    @cached_property
    def period_number(self) -> np.ndarray:
        """A number for each milestone, the same for milestones of one ``period_id``."""
        return pd.factorize(self.milestone["period_id"])[0]

    @cached_property
    def steps(self) -> Steps:
        """First and last day of each milestone of each period."""
        return Steps.of(self.milestone, self.period)

    @cached_property
    def earlier(self) -> pd.DataFrame:
        """What is known of the child's earlier care at each period; short breaks neither have nor are any.

        ``last_end`` : latest end of all earlier periods, :data:`NEVER` where one continues.
        ``kind``, ``end_reason`` : of the period next before. NaT or NaN where there is none.
        """
        period = self.period
        care = pd.DataFrame({
            "child": pd.factorize(period["child_id"])[0],
            "start": period["start_date"].to_numpy(),
            "until": period["end_date"].fillna(NEVER).to_numpy(),
            "kind": period["kind"].to_numpy(),
            "end_reason": period["end_reason"].to_numpy(),
        })[(period["kind"] != "short_break").to_numpy()].sort_values(["child", "start", "until"], kind="stable")
        care["last_end"] = care.groupby("child", sort=False)["until"].cummax()
        before = care.shift()
        before = before.loc[before["child"] == care["child"], ["last_end", "kind", "end_reason"]]
        return before.reindex(range(len(period))).astype({"last_end": "datetime64[ns]"}).set_axis(period.index)

    @cached_property
    def birth(self) -> pd.Series:
        """Date of birth of each period's child, NaT where the child is not there."""
        return _take(self.child["date_of_birth"], self.child_of_period, self.period.index)

    @cached_property
    def birth_of_milestone(self) -> pd.Series:
        """Date of birth of each milestone's child, NaT where the child is not there."""
        return _take(self.birth, self.period_of_milestone, self.milestone.index)

    @cached_property
    def period_start(self) -> pd.Series:
        """Start of each milestone's period, NaT where the period is not there."""
        return _take(self.period["start_date"], self.period_of_milestone, self.milestone.index)

    @cached_property
    def period_end(self) -> pd.Series:
        """End of each milestone's period, NaT where it continues or is not there."""
        return _take(self.period["end_date"], self.period_of_milestone, self.milestone.index)

    @cached_property
    def period_kind(self) -> pd.Series:
        """Kind of each milestone's period, NaN where the period is not there."""
        return _take(self.period["kind"], self.period_of_milestone, self.milestone.index)

    @cached_property
    def period_end_reason(self) -> pd.Series:
        """How each milestone's period ended, NaN where the period is not there."""
        return _take(self.period["end_reason"], self.period_of_milestone, self.milestone.index)


def _positions(keys: pd.Series, known: pd.Series) -> np.ndarray:
    index = pd.Index(known)
    if index.is_unique:
        return index.get_indexer(keys)
    first = np.flatnonzero(~known.duplicated().to_numpy())
    found = index[first].get_indexer(keys)
    return np.where(found < 0, -1, first[found])


def _take(values: pd.Series, positions: np.ndarray, index: pd.Index) -> pd.Series:
    return pd.Series(values.array.take(positions, allow_fill=True), index=index)
