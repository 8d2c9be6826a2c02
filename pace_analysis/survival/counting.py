"""The one pass over the rows: waits into cells of group, outcome and day."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from pace_analysis.survival.checks import BLOCK_ROWS, blocks, check_waits
from pace_analysis.survival.errors import SurvivalInputError
from pace_analysis.survival.labels import Labels

EVERYONE = "all"  # label of the one group of a table without groups


def count_waits(
    last: np.ndarray,
    outcome: np.ndarray,
    first: np.ndarray | None,
    labels: Labels | None,
    n_outcomes: int | None,
) -> dict[Hashable, np.ndarray]:
    """Check and count waits by group label.

    Rows are taken in blocks, each checked and counted while it is at hand, and nothing as long as the data is made.

    Parameters
    ----------
    last, outcome, first : ndarray
        One value a row; no ``first`` means everyone is seen from day 0.
    labels : Labels, optional
        Group of each row; by default there is one group.
    n_outcomes : int, optional
        Kinds of exit; by default the largest outcome found, and at least one.

    Returns
    -------
    dict of label to ndarray of int64, shape (2 + outcomes, days)
        First row: who entered. Then who left: censored, and by each outcome. Every label has the same shape.

    Raises
    ------
    SurvivalInputError
        If there is no row, or one that cannot be counted: see :func:`pace_analysis.survival.checks.check_waits`.
    """
    counted: dict[Hashable, np.ndarray] = {}
    kinds, days = 2 if n_outcomes is None else n_outcomes + 1, 0
    scratch = np.empty(min(last.size, BLOCK_ROWS), np.int32)
    for block in blocks(max(last.size, 1)):  # of no row, one block: it is refused
        largest, latest = _largest(block, last, outcome, first, n_outcomes)
        kinds, days = max(kinds, largest + 1), max(days, latest + 1)
        names, codes = ([EVERYONE], None) if labels is None else labels.codes(block)
        exits = _tally(outcome[block], last[block], codes, (len(names), kinds, days), scratch)
        entered = None if first is None else _tally(None, first[block], codes, (len(names), 1, days), scratch)
        for index, name in enumerate(names):
            cells = counted[name] = _padded(counted.get(name), (1 + kinds, days))
            cells[1:] += exits[index]
            if entered is not None:
                cells[:1] += entered[index]
    for name, cells in list(counted.items()):
        everyone = cells[1:].sum()
        if not everyone:
            del counted[name]  # a label that may occur, and does not
            continue
        cells = counted[name] = _padded(cells, (1 + kinds, days))
        if first is None:
            cells[0, 0] = everyone
    return counted


def _largest(
    block: slice, last: np.ndarray, outcome: np.ndarray, first: np.ndarray | None, n_outcomes: int | None
) -> tuple[int, int]:
    try:
        return check_waits(last[block], outcome[block], None if first is None else first[block], n_outcomes)
    except SurvivalInputError:
        check_waits(last, outcome, first, n_outcomes)  # says how many rows of all are wrong, and which is first
        raise


def _padded(cells: np.ndarray | None, shape: tuple[int, int]) -> np.ndarray:
    if cells is None:
        return np.zeros(shape, np.int64)
    if cells.shape == shape:
        return cells
    grown = np.zeros(shape, np.int64)
    grown[: cells.shape[0], : cells.shape[1]] = cells
    return grown


def _tally(
    kind: np.ndarray | None,
    day: np.ndarray,
    codes: np.ndarray | None,
    shape: tuple[int, int, int],
    scratch: np.ndarray,
) -> np.ndarray:
    size = int(np.prod(shape))
    # narrow numbers are half the memory to walk through; the scratch saves asking for new memory each block
    cell = scratch[: day.size] if size < 2**31 else np.empty(day.size, np.int64)
    exactly = {"out": cell, "dtype": cell.dtype, "casting": "unsafe"}  # safe: every value was checked
    if kind is None:
        np.copyto(cell, day, casting="unsafe")
    else:
        np.multiply(kind, shape[2], **exactly)
        np.add(cell, day, **exactly)
    if codes is not None:
        np.add(cell, np.multiply(codes, shape[1] * shape[2], dtype=cell.dtype, casting="unsafe"), **exactly)
    return np.bincount(cell, minlength=size).reshape(shape)
