"""The daily life table: how many waited, and how many left and how, on each whole day.

Conventions, fixed here for every estimate of the package:

- A child is at risk on day *d* when ``first_day <= d <= last_day``. Day 0 is the day the wait starts.
- An outcome of 1 or more happens on ``last_day``. Outcome 0 is censored at the *end* of ``last_day``, so on one day
  an event comes before a censoring.
- A probability is at the *end* of its day; an event on day 0 counts, so a curve may be below 1 on day 0.
- A child already waiting when the extract's window opens enters late: ``first_day > 0``.

R's equivalent is ``Surv(first_day - 1, last_day, outcome > 0)``. A table holds counts only, no rows of children; but
a daily table of few children still says almost everything about them, so it is restricted data.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pace_analysis.errors import nearest
from pace_analysis.survival.checks import sorted_labels, whole_numbers
from pace_analysis.survival.counting import EVERYONE, count_waits
from pace_analysis.survival.errors import SurvivalInputError
from pace_analysis.survival.labels import Labels

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class LifeTable:
    """How many children were at risk, and how many left and how, on each whole day, by group.

    Two tables of the same outcomes add: ``north + south`` is the table of both sets of children. Tables are equal
    when their content is; days after the last exit are dropped, so that padding makes no difference.

    Parameters
    ----------
    groups : tuple
        Labels of one kind, sorted.
    entered : ndarray of int64, shape (groups, days)
        Children whose first day at risk is that day.
    exits : ndarray of int64, shape (groups, 1 + outcomes, days)
        Children whose last day at risk is that day: ``[:, 0]`` censored, ``[:, j]`` left by outcome *j*.
    start_day : int
        Day from which the table is conditional on still waiting; 0 for a table of everyone.

    Attributes
    ----------
    at_risk : ndarray of int64, shape (groups, days)
        Children at risk.

    Raises
    ------
    SurvivalInputError
        Unless every entrant leaves exactly once, on or after the day of entry.
    """

    groups: tuple[Hashable, ...]
    entered: np.ndarray
    exits: np.ndarray
    start_day: int = 0
    at_risk: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        entered, exits = np.asarray(self.entered), np.asarray(self.exits)
        _check_shapes(self.groups, entered, exits)
        leaving = exits.sum(axis=1)
        waiting_after = np.cumsum(entered, axis=1) - np.cumsum(leaving, axis=1)
        if entered.min() < 0 or exits.min() < 0 or waiting_after.min() < 0 or waiting_after[:, -1].any():
            raise SurvivalInputError("Every child who enters must leave exactly once, on or after the day of entry.")
        if not leaving.any(axis=1).all():
            raise SurvivalInputError("A group of the life table has no children.")
        if entered[:, : self.start_day].any():
            raise SurvivalInputError(f"A table that starts on day {self.start_day} has an entrant before that day.")
        length = int(np.flatnonzero(leaving.any(axis=0))[-1]) + 1
        for name, counts in (("entered", entered), ("exits", exits), ("at_risk", waiting_after + leaving)):
            frozen = np.array(counts[..., :length], dtype=np.int64, order="C")
            frozen.flags.writeable = False
            object.__setattr__(self, name, frozen)

    @property
    def outcomes(self) -> int:
        """Number of kinds of exit, censoring not counted."""
        return self.exits.shape[1] - 1

    @property
    def last_days(self) -> np.ndarray:
        """Last day of follow-up of each group."""
        left = self.exits.any(axis=1)
        return left.shape[1] - 1 - np.argmax(left[:, ::-1], axis=1)

    @property
    def followed(self) -> np.ndarray:
        """True on the days from ``start_day`` to the last of each group, shape (groups, days)."""
        day = np.arange(self.entered.shape[1])
        return (day >= self.start_day) & (day <= self.last_days[:, None])

    @property
    def condition(self) -> str:
        """What every probability is conditional on, in words; empty for a table of everyone."""
        return f"given still waiting at day {self.start_day}" if self.start_day else ""

    @property
    def counts(self) -> pd.DataFrame:
        """Tidy counts: one row a group and day, from ``start_day`` to the last day of the group.

        Whole numbers: ``group``, ``day``, ``entered``, ``at_risk``, ``censored``, ``outcome_1``, ``outcome_2`` ...
        """
        from pace_analysis.survival.frames import tidy

        left = {f"outcome_{j}": self.exits[:, j] for j in range(1, self.outcomes + 1)}
        return tidy(self, {"entered": self.entered, "at_risk": self.at_risk, "censored": self.exits[:, 0], **left})

    def select(self, group: Hashable) -> LifeTable:
        """Return the table of one group; raises :class:`SurvivalInputError` if there is no such group."""
        if group not in self.groups:
            known = nearest(str(group), map(str, self.groups))
            raise SurvivalInputError(f"The life table has no group '{group}'.", remedy=known)
        index = self.groups.index(group)
        return LifeTable((group,), self.entered[[index]], self.exits[[index]], self.start_day)

    def pooled(self) -> LifeTable:
        """Return the table of all groups taken as one, labelled ``all``."""
        return LifeTable((EVERYONE,), self.entered.sum(axis=0)[None], self.exits.sum(axis=0)[None], self.start_day)

    def __add__(self, other: LifeTable) -> LifeTable:
        """Return the table of both sets of children; groups of one label become one group."""
        if not isinstance(other, LifeTable):
            return NotImplemented
        if (self.outcomes, self.start_day) != (other.outcomes, other.start_day):
            raise SurvivalInputError(
                "Life tables add only when they count the same outcomes from the same day, "
                f"not {self.outcomes} from day {self.start_day} and {other.outcomes} from day {other.start_day}.",
                remedy="Count both with the same `n_outcomes`, and add before making them conditional.",
            )
        groups = sorted_labels({*self.groups, *other.groups})
        days = max(self.entered.shape[1], other.entered.shape[1])
        entered = np.zeros((len(groups), days), np.int64)
        exits = np.zeros((len(groups), self.outcomes + 1, days), np.int64)
        for table in (self, other):
            rows = [groups.index(label) for label in table.groups]
            entered[rows, : table.entered.shape[1]] += table.entered
            exits[rows, :, : table.entered.shape[1]] += table.exits
        return LifeTable(groups, entered, exits, self.start_day)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LifeTable):
            return NotImplemented
        return (
            (self.groups, self.start_day) == (other.groups, other.start_day)
            and np.array_equal(self.entered, other.entered)
            and np.array_equal(self.exits, other.exits)
        )

    __hash__ = None

    def __repr__(self) -> str:
        condition = f", {self.condition}" if self.start_day else ""
        return (
            f"LifeTable({self.entered.sum()} entrants, {len(self.groups)} group(s), {self.outcomes} outcome(s), "
            f"days {self.start_day} to {self.entered.shape[1] - 1}{condition})"
        )


def life_table(
    last_day: Any, outcome: Any, *, first_day: Any = None, group: Any = None, n_outcomes: int | None = None
) -> LifeTable:
    """Count waits into a life table: once over the rows, in any order.

    Parameters
    ----------
    last_day : array of whole numbers
        Last day at risk, counted from the start of the wait.
    outcome : array of whole numbers
        0 censored at the end of ``last_day``; 1, 2 ... the kind of exit on ``last_day``.
    first_day : array of whole numbers, optional
        First day at risk; by default everyone is seen from day 0.
    group : array of labels, optional
        Labels of one sortable kind; by default one group, ``all``. Categories and small whole numbers count fastest.
    n_outcomes : int, optional
        Kinds of exit; by default the largest outcome found. Give it whenever tables will be added.

    Raises
    ------
    SurvivalInputError
        If a value is missing, not whole or negative, a last day is before its first, an outcome is above
        ``n_outcomes``, the columns differ in length or are empty.

    Examples
    --------
    >>> table = life_table([10, 20, 20, 30, 45, 60], [1, 1, 2, 0, 1, 0])
    >>> table
    LifeTable(6 entrants, 1 group(s), 2 outcome(s), days 0 to 60)
    """
    columns = {"last_day": last_day, "outcome": outcome, "first_day": first_day}
    last, kind, first = (None if values is None else whole_numbers(values, name) for name, values in columns.items())
    labels = None if group is None else Labels.of(group)
    names = None if labels is None else labels.values
    lengths = {array.shape for array in (last, kind, first, names) if array is not None}
    if len(lengths) > 1:
        raise SurvivalInputError(f"The columns differ in length: {', '.join(str(shape) for shape in sorted(lengths))}.")
    counted = count_waits(last, kind, first, labels, None if n_outcomes is None else int(n_outcomes))
    groups = sorted_labels(counted)
    cells = np.stack([counted[label] for label in groups])
    return LifeTable(groups, cells[:, 0], cells[:, 1:])


def _check_shapes(groups: tuple, entered: np.ndarray, exits: np.ndarray) -> None:
    fits = entered.ndim == 2 and exits.ndim == 3 and entered.shape == exits.shape[::2] and exits.shape[1] > 1
    if not fits or entered.size == 0 or entered.shape[0] != len(groups):
        raise SurvivalInputError(
            "A life table needs counts of shape (groups, days) and (groups, 1 + outcomes, days), "
            f"not {entered.shape} and {exits.shape} for {len(groups)} group(s)."
        )
    if entered.dtype.kind not in "iu" or exits.dtype.kind not in "iu":
        raise SurvivalInputError("The counts of a life table must be whole numbers.")
    if groups != sorted_labels(set(groups)):
        raise SurvivalInputError("The groups of a life table must be sorted, each named once.")
