"""The one pass over the rows: waits into cells of group, outcome and day."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from pace_analysis.survival.checks import BLOCK_ROWS, blocks
from pace_analysis.survival.labels import Labels

EVERYONE = "all"  # label of the one group of a table without groups


def count_waits(
    last: np.ndarray,
    outcome: np.ndarray,
    first: np.ndarray | None,
    labels: Labels | None,
    shape: tuple[int, int],
) -> dict[Hashable, np.ndarray]:
    """Count checked waits by group label.

    Rows are taken in blocks, and nothing as long as the data is made.

    Parameters
    ----------
    last, outcome, first : ndarray
        One value a row; no ``first`` means everyone is seen from day 0.
    labels : Labels, optional
        Group of each row; by default there is one group.
    shape : (kinds, days)
        Outcomes with censoring, and the last day plus one.

    Returns
    -------
    dict of label to ndarray of int64, shape (1 + kinds, days)
        First row: who entered. Then who left: censored, and by each outcome.
    """
    kinds, days = shape
    counted: dict[Hashable, np.ndarray] = {}
    scratch = np.empty(min(last.size, BLOCK_ROWS), np.int32)
    for block in blocks(last.size):
        names, codes = ([EVERYONE], None) if labels is None else labels.codes(block)
        exits = _tally(outcome[block], last[block], codes, (len(names), kinds, days), scratch)
        entered = None if first is None else _tally(None, first[block], codes, (len(names), 1, days), scratch)
        for index, name in enumerate(names):
            cells = counted.setdefault(name, np.zeros((1 + kinds, days), np.int64))
            cells[1:] += exits[index]
            if entered is not None:
                cells[:1] += entered[index]
    for name, cells in list(counted.items()):
        everyone = cells[1:].sum()
        if not everyone:
            del counted[name]  # a label that may occur, and does not
        elif first is None:
            cells[0, 0] = everyone
    return counted


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
