"""What must hold before waits are counted: whole days, in order, of known outcome.

Every check is made block by block, so that no array as long as the data is made beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any

import numpy as np

from pace_analysis.survival.errors import SurvivalInputError

BLOCK_ROWS = 2**18  # few enough that no array made beside the data matters, many enough that a block costs nothing
LONGEST_WAIT = 36_525  # days, a hundred years: longer is a wrong date, and would ask for absurd memory
MOST_OUTCOMES = 99  # a larger code is some other column


def blocks(rows: int) -> Iterator[slice]:
    """Yield slices that cover ``range(rows)`` in order, ``BLOCK_ROWS`` at a time."""
    for start in range(0, rows, BLOCK_ROWS):
        yield slice(start, min(start + BLOCK_ROWS, rows))


def refuse_rows(rows: int, wrong: Callable[[slice], np.ndarray], what: str, remedy: str = "") -> None:
    """Raise :class:`SurvivalInputError` with how many rows are wrong and the first of them.

    Parameters
    ----------
    rows : int
        Number of rows.
    wrong : callable
        Takes a slice of rows, returns a boolean array: True where a row is wrong.
    what, remedy : str
        Parts of the message.
    """
    count, first = 0, 0
    for block in blocks(rows):
        found = np.flatnonzero(wrong(block))
        if found.size and not count:
            first = block.start + int(found[0])
        count += found.size
    if count:
        noun = "row" if count == 1 else "rows"
        where = f"{count} {noun} of {rows}; the first is row {first}, counted from 0."
        raise SurvivalInputError(what, where=where, remedy=remedy)


def whole_numbers(values: Any, name: str) -> np.ndarray:
    """Return a one-dimensional array of whole numbers, of whatever numeric type they came in.

    Raises
    ------
    SurvivalInputError
        If a value is missing, is not a number, or is not whole.
    """
    array = np.asarray(values)
    if array.ndim != 1:
        raise SurvivalInputError(f"`{name}` must be one column, not an array of {array.ndim} dimensions.")
    if array.dtype.kind == "O":
        array = np.array([_number(value) for value in array], dtype=float)
    if array.dtype.kind not in "iubf":
        raise SurvivalInputError(
            f"`{name}` must hold whole numbers, not values of type {array.dtype}.",
            remedy="Count days since the start of the wait; day 0 is the day it starts.",
        )
    if array.dtype.kind == "f":
        refuse_rows(
            array.size,
            lambda block: ~(np.isfinite(array[block]) & (array[block] == np.floor(array[block]))),
            f"`{name}` is missing or is not a whole number.",
            "Leave such rows out, or give each a whole number.",
        )
    return array


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def check_waits(
    last_day: np.ndarray, outcome: np.ndarray, first_day: np.ndarray | None, n_outcomes: int | None
) -> tuple[int, int]:
    """Return the largest outcome and the latest day, once every row is a wait that can be counted.

    Parameters
    ----------
    last_day, outcome, first_day : ndarray
        Whole numbers, one a row, as :func:`whole_numbers` returns them.
    n_outcomes : int or None
        Kinds of exit; None means that any outcome from 0 up is known.

    Raises
    ------
    SurvivalInputError
        If there is no row, a day or an outcome is impossible, or a last day is before its first.
    """
    rows = last_day.size
    if rows == 0:
        raise SurvivalInputError("There is no wait to count: the columns are empty.")
    latest = check_days(last_day, "last_day")
    if first_day is not None:
        check_days(first_day, "first_day")
        refuse_rows(
            rows,
            lambda block: last_day[block] < first_day[block],
            "`last_day` is before `first_day`.",
            "A wait seen for one day has the same first and last day.",
        )
    most = MOST_OUTCOMES if n_outcomes is None else n_outcomes
    largest = most_of(outcome)
    if largest > most:
        refuse_rows(
            rows,
            lambda block: (outcome[block] < 0) | (outcome[block] > most),
            f"`outcome` is not one of 0 (censored) to {most}.",
        )
    return largest, latest


def check_days(days: np.ndarray, name: str) -> int:
    """Return the latest day; raises :class:`SurvivalInputError` for one below 0 or above ``LONGEST_WAIT``."""
    latest = most_of(days)
    if latest > LONGEST_WAIT and days.min() < 0:
        remedy = "Day 0 is the day the wait starts."
        refuse_rows(days.size, lambda block: days[block] < 0, f"`{name}` is negative.", remedy)
    if latest > LONGEST_WAIT:
        refuse_rows(
            days.size,
            lambda block: days[block] > LONGEST_WAIT,
            f"`{name}` is more than {LONGEST_WAIT} days, a hundred years.",
            "Count days since the start of the wait, not since a calendar date.",
        )
    return latest


def most_of(values: np.ndarray) -> int:
    """Return the largest of whole numbers; one below 0 counts as larger than any, so that one pass finds both."""
    if values.dtype.kind == "i":
        values = values.view(f"u{values.dtype.itemsize}")
    elif values.dtype.kind == "f" and values.min() < 0:
        return 2**63
    return int(values.max())


def sorted_labels(labels: Iterable[Hashable]) -> tuple[Hashable, ...]:
    """Sort group labels; raises :class:`SurvivalInputError` when they cannot be compared."""
    try:
        return tuple(sorted(labels))
    except TypeError:
        what = "The group labels are of different kinds and cannot be sorted."
        raise SurvivalInputError(what, remedy="Write them all as text.") from None
