"""What a count gives back: a life table, and the rows that it leaves out. Counts add, so parts can be counted apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from types import MappingProxyType

import numpy as np

from pace_analysis.errors import InputError
from pace_analysis.survival import LifeTable, SurvivalInputError
from pace_analysis.survival.checks import LONGEST_WAIT, sorted_labels

ENTERED = 0  # kind of a cell: entered late, all others enter on day 0; 1 is censored, 1 + j left by outcome j
NEVER_STARTED, AFTER_CUT, BEFORE_WINDOW, NO_DATE, NO_GROUP = -1, -2, -3, -4, -5
REASONS = MappingProxyType({
    NEVER_STARTED: "clock never started",
    AFTER_CUT: "started after the data cut",
    BEFORE_WINDOW: "ended before the extract's window opens",
})

Cell = tuple[Hashable, int, int, int]


@dataclass(frozen=True, slots=True)
class Counted:
    """A life table, or none where no row could be counted, and how many rows were left out.

    Counts of two parts of the data add to the count of both, in any order; ``Counted()`` adds nothing.

    Parameters
    ----------
    counts : LifeTable, optional
        None when no row is a wait.
    left_out : mapping of reason to number of rows
        Reasons without a row are not named.
    """

    counts: LifeTable | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def table(self) -> LifeTable:
        """The life table; SurvivalInputError when no row is a wait."""
        if self.counts is None:
            aside = ", ".join(f"{number} {reason}" for reason, number in self.left_out.items())
            raise SurvivalInputError("There is no wait to count.", where=f"left out: {aside}" if aside else "")
        return self.counts

    @property
    def rows(self) -> int:
        """Rows read: those counted and those left out."""
        counted = 0 if self.counts is None else int(self.counts.entered.sum())
        return counted + sum(self.left_out.values())

    def __add__(self, other: Counted) -> Counted:
        """Return the count of both parts; SurvivalInputError when they count other outcomes."""
        if not isinstance(other, Counted):
            return NotImplemented
        parts = [part.counts for part in (self, other) if part.counts is not None]
        left_out = Counter(self.left_out) + Counter(other.left_out)
        return Counted(reduce(add, parts) if parts else None, dict(sorted(left_out.items())))


def merge(parts: Iterable[Counted]) -> Counted:
    """Add the counts of parts of the data, one a partition; of no part, nothing counted.

    Adding is associative and commutative and ``Counted()`` adds nothing, so parts may come in any order and be added
    in any grouping: on one machine after another, or in a tree.
    """
    return reduce(add, parts, Counted())


def counted_cells(cells: Iterable[Cell], outcomes: int) -> Counted:
    """Make a life table of the rows that :func:`~pace_analysis.scale.count_query` gives, from any engine.

    Parameters
    ----------
    cells : iterable of (group, kind, day, rows)
        As the query names them.
    outcomes : int
        Kinds of exit.

    Raises
    ------
    InputError
        If a date column holds what is no date.
    SurvivalInputError
        If a row has no group, or a wait is longer than a hundred years.
    """
    held = [(group, int(kind), int(day), int(rows)) for group, kind, day, rows in cells]
    _refuse(held)
    left_out = Counter()
    for _, kind, _, rows in held:
        if kind in REASONS:
            left_out[REASONS[kind]] += rows
    waits = [cell for cell in held if cell[1] >= ENTERED]
    return Counted(_table(waits, outcomes) if waits else None, dict(sorted(left_out.items())))


def _table(waits: list[Cell], outcomes: int) -> LifeTable:
    groups = sorted_labels({group for group, *_ in waits})
    position = {group: index for index, group in enumerate(groups)}
    counts = np.zeros((len(groups), 2 + outcomes, 1 + max(day for _, _, day, _ in waits)), np.int64)
    for group, kind, day, rows in waits:
        counts[position[group], kind, day] += rows
    counts[:, ENTERED, 0] = counts[:, ENTERED + 1 :].sum(axis=(1, 2)) - counts[:, ENTERED].sum(axis=1)
    return LifeTable(groups, counts[:, ENTERED], counts[:, ENTERED + 1 :])


def _refuse(cells: list[Cell]) -> None:
    wrong = Counter()
    for _, kind, day, rows in cells:
        wrong[NO_DATE] += rows * (kind == NO_DATE)
        wrong[NO_GROUP] += rows * (kind == NO_GROUP)
        wrong["long"] += rows * (kind > ENTERED and day > LONGEST_WAIT)
    if wrong[NO_DATE]:
        raise InputError("A column of dates holds what is no date.", where=f"{wrong[NO_DATE]} rows",
                         remedy="Write dates as YYYY-MM-DD, and leave the cell empty where there is none.")
    if wrong[NO_GROUP]:
        raise SurvivalInputError("`by` is missing.", where=f"{wrong[NO_GROUP]} rows", remedy="Give every row a label.")
    if wrong["long"]:
        what = f"A wait is more than {LONGEST_WAIT} days, a hundred years."
        raise SurvivalInputError(what, where=f"{wrong['long']} rows", remedy="Look for wrong dates.")
