"""Where are the children on each day? Shares in each of several stages, from counts of moves per whole day.

Conventions are those of :mod:`pace_analysis.survival.lifetable`: a stay is at risk on ``first_day <= d <= last_day``,
the move happens on its ``last_day``, and the next stay starts the day after. A share is at the *end* of its day. Two
moves of a child on one day are one move, from the stage of the morning to that of the evening.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pace_analysis.errors import nearest
from pace_analysis.survival.checks import check_days, refuse_rows, sorted_labels, whole_numbers
from pace_analysis.survival.errors import SurvivalInputError


@dataclass(frozen=True, slots=True, eq=False)
class StageTable:
    """How many children were in each stage, and how many moved from which to which, on each whole day.

    Two tables of the same stages add, as life tables do; they are equal when their content is.

    Parameters
    ----------
    stages : tuple
        Labels, in the order in which they are shown.
    started : ndarray of int64, shape (stages, days)
        Stays whose first day at risk is that day.
    moved : ndarray of int64, shape (stages, stages, days)
        ``[a, b]``: stays in stage *a* that end that day with a move to *b*.
    censored : ndarray of int64, shape (stages, days)
        Stays last seen that day.

    Raises
    ------
    SurvivalInputError
        Unless every stay ends once, on or after its first day.
    """

    stages: tuple[Hashable, ...]
    started: np.ndarray
    moved: np.ndarray
    censored: np.ndarray

    def __post_init__(self) -> None:
        size = len(self.stages)
        days = self.started.shape[-1]
        shapes = self.started.shape, self.moved.shape, self.censored.shape
        if shapes != ((size, days), (size, size, days), (size, days)) or 0 in (size, days):
            raise SurvivalInputError(f"Counts of {size} stage(s) do not have the shapes {shapes}.")
        left = self.moved.sum(axis=1) + self.censored
        after = np.cumsum(self.started, axis=1) - np.cumsum(left, axis=1)
        if min(self.started.min(), self.moved.min(), self.censored.min(), after.min()) < 0 or after[:, -1].any():
            raise SurvivalInputError("Every stay in a stage must end exactly once, on or after its first day.")
        length = int(np.flatnonzero(left.any(axis=0))[-1]) + 1
        for name in ("started", "moved", "censored"):
            frozen = np.array(getattr(self, name)[..., :length], dtype=np.int64, order="C")
            frozen.flags.writeable = False
            object.__setattr__(self, name, frozen)

    @property
    def at_risk(self) -> np.ndarray:
        """Children in each stage, who may leave it that day, shape (stages, days)."""
        left = self.moved.sum(axis=1) + self.censored
        return np.cumsum(self.started, axis=1) - np.cumsum(left, axis=1) + left

    def __add__(self, other: StageTable) -> StageTable:
        """Return the table of both sets of children."""
        if not isinstance(other, StageTable):
            return NotImplemented
        if self.stages != other.stages:
            raise SurvivalInputError(
                f"Tables of different stages do not add: {list(self.stages)} and {list(other.stages)}.",
                remedy="Count both with the same `stages`.",
            )
        days = max(self.started.shape[1], other.started.shape[1])
        sums = []
        for name in ("started", "moved", "censored"):
            total = np.zeros((*getattr(self, name).shape[:-1], days), np.int64)
            for table in (self, other):
                counts = getattr(table, name)
                total[..., : counts.shape[-1]] += counts
            sums.append(total)
        return StageTable(self.stages, *sums)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, StageTable):
            return NotImplemented
        return self.stages == other.stages and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in ("started", "moved", "censored")
        )

    __hash__ = None

    def __repr__(self) -> str:
        return (
            f"StageTable({self.started.sum()} stays in {len(self.stages)} stages, {self.moved.sum()} moves, "
            f"days 0 to {self.started.shape[1] - 1})"
        )


def transitions(
    stage: Any, last_day: Any, next_stage: Any, *, first_day: Any = None, stages: Iterable[Hashable] | None = None
) -> StageTable:
    """Count stays in stages into a table of moves: one row a stay, in any order; no identifiers are needed.

    Parameters
    ----------
    stage : array of labels
        Where the child is during the stay.
    last_day : array of whole numbers
        Last day of the stay, counted from the start of the wait.
    next_stage : array of labels
        Where the child moves on ``last_day``; missing (None or NaN) if last seen still in ``stage``.
    first_day : array of whole numbers, optional
        First day of the stay: 0, or the day after the move that led to it, or later when the child was not seen
        before. By default every stay starts on day 0, which suits a single move only.
    stages : sequence of labels, optional
        All stages, in the order in which they are shown; by default those found, sorted.

    Raises
    ------
    SurvivalInputError
        If a day is missing, not whole, negative or out of order, a stage is missing or unknown, a move leads to the
        stage it starts from, or the columns differ in length or are empty.

    Examples
    --------
    Three children: two move from *assessed* to *planned*, one of them on to *decided*.

    >>> transitions(["assessed", "assessed", "assessed", "planned", "planned"], [10, 20, 30, 40, 50],
    ...             ["planned", "planned", None, "decided", None], first_day=[0, 0, 0, 11, 21])
    StageTable(5 stays in 3 stages, 3 moves, days 0 to 50)
    """
    here, after = _labels(stage), _labels(next_stage)
    last = whole_numbers(last_day, "last_day")
    first = np.zeros_like(last) if first_day is None else whole_numbers(first_day, "first_day")
    if len({here.shape, after.shape, last.shape, first.shape}) > 1 or last.size == 0:
        sizes = (here.size, last.size, after.size, first.size)
        raise SurvivalInputError(f"The columns of stays are empty or differ in length: {sizes} rows.")
    days = check_days(last, "last_day") + 1
    check_days(first, "first_day")
    refuse_rows(last.size, lambda block: last[block] < first[block], "`last_day` is before `first_day`.")
    found = {label for label in [*here, *after] if label is not None}
    names = sorted_labels(found) if stages is None else tuple(stages)
    source, target = _codes(here, names), _codes(after, names)
    missing = np.array([label is None for label in after])
    known = f"Stages: {', '.join(map(str, names))}."
    refuse_rows(last.size, lambda block: source[block] < 0, "`stage` is missing or not one of the stages.", known)
    refuse_rows(
        last.size,
        lambda block: (target[block] < 0) & ~missing[block],
        "`next_stage` is not one of the stages.",
        known,
    )
    refuse_rows(
        last.size,
        lambda block: source[block] == target[block],
        "`next_stage` is the stage the child is in.",
        "Join the two stays into one.",
    )
    return _count(names, source, target, first.astype(np.int64), last.astype(np.int64), days)


def _labels(values: Any) -> np.ndarray:
    """Labels as objects, None where missing."""
    import pandas as pd

    column = pd.Series(values).astype(object)
    return column.where(column.notna(), None).to_numpy()


def _codes(labels: np.ndarray, names: tuple[Hashable, ...]) -> np.ndarray:
    place = {name: index for index, name in enumerate(names)}
    return np.array([place.get(label, -1) for label in labels], dtype=np.int64)


def _count(
    names: tuple[Hashable, ...],
    source: np.ndarray,
    target: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    days: int,
) -> StageTable:
    size = len(names)
    # a censored stay is counted as a move to one stage more than there are
    target = np.where(target < 0, size, target)
    started = np.bincount(source * days + first, minlength=size * days).reshape(size, days)
    ended = np.bincount((source * (size + 1) + target) * days + last, minlength=size * (size + 1) * days)
    ended = ended.reshape(size, size + 1, days)
    return StageTable(names, started, ended[:, :size], ended[:, size])


def check_stage(table: StageTable, stage: Hashable) -> int:
    """Position of a stage; raises :class:`SurvivalInputError` if there is none of that name."""
    if stage not in table.stages:
        raise SurvivalInputError(
            f"The table has no stage '{stage}'.", remedy=nearest(str(stage), map(str, table.stages))
        )
    return table.stages.index(stage)
