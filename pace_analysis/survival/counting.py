"""The one pass over the rows: waits into cells of group, outcome and day."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from pace_analysis.survival.checks import blocks, refuse_rows

EVERYONE = "all"  # label of the one group of a table without groups


def count_waits(
    last: np.ndarray,
    outcome: np.ndarray,
    first: np.ndarray | None,
    labels: np.ndarray | None,
    shape: tuple[int, int],
) -> dict[Hashable, np.ndarray]:
    """Count checked waits by group label.

    Rows are taken in blocks that fit a processor's cache, and nothing as long as the data is made.

    Parameters
    ----------
    last, outcome, first, labels : ndarray
        One value a row; no ``first`` means everyone is seen from day 0, no ``labels`` one group.
    shape : (kinds, days)
        Outcomes with censoring, and the last day plus one.

    Returns
    -------
    dict of label to ndarray of int64, shape (1 + kinds, days)
        First row: who entered. Then who left: censored, and by each outcome.
    """
    kinds, days = shape
    counted: dict[Hashable, np.ndarray] = {}
    for block in blocks(last.size):
        names, codes = ([EVERYONE], None) if labels is None else _codes(labels, block)
        exits = _tally(outcome[block], last[block], codes, (len(names), kinds, days))
        entered = None if first is None else _tally(None, first[block], codes, (len(names), 1, days))
        for index, name in enumerate(names):
            cells = counted.setdefault(name, np.zeros((1 + kinds, days), np.int64))
            cells[1:] += exits[index]
            if entered is not None:
                cells[:1] += entered[index]
    if first is None:
        for cells in counted.values():
            cells[0, 0] = cells[1:].sum()
    return counted


def _tally(
    kind: np.ndarray | None, day: np.ndarray, codes: np.ndarray | None, shape: tuple[int, int, int]
) -> np.ndarray:
    size = int(np.prod(shape))
    narrow = np.int32 if size < 2**31 else np.int64  # half the memory to walk through
    cell = np.zeros(day.size, narrow) if kind is None else kind.astype(narrow)
    if codes is not None:
        cell += (codes * shape[1]).astype(narrow)
    cell *= shape[2]
    cell += day.astype(narrow, copy=False)
    return np.bincount(cell, minlength=size).reshape(shape)


def _codes(labels: np.ndarray, block: slice) -> tuple[list, np.ndarray]:
    import pandas as pd

    codes, names = pd.factorize(labels[block])
    if codes.min() < 0:
        refuse_rows(labels.size, lambda part: pd.isna(labels[part]), "`group` is missing.", "Give every row a label.")
    return np.asarray(names).tolist(), codes
