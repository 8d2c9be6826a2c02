"""Controlled rounding: a table of rounded counts whose margins still add up.

An interior cell becomes one of the two multiples of the base beside it; below the profile's first step (5 for
``public``, 10 for ``strict`` and ``health``) it becomes 0 or that step, so that no number from 1 to threshold - 1 is
ever shown. Multiples stay as they are. Margins are sums of the rounded cells, held to less than one first step
from the truth. The rounded table nearest to the truth is taken.

Protection: let an attacker know these rules but no child. A cell shown as 0 may truly be anything from 0 to
step - 1; one shown as the first step, anything from 1 upwards. Neither narrows when cells and margins are put
together, because the shown table is itself possible, and adding *d* to one cell of it and to its margins,
-step < d < step, is possible too. So the interval of every small cell holds 1 to threshold - 1. An attacker who could
repeat the optimisation for every possible table would learn more; one who knows other children is outside the claim.

Source: zero-restricted controlled rounding, Cox (1987), J. Am. Stat. Assoc. 82, 520-524, as an integer programme.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

SECONDS = 20.0  # the largest table of a board paper takes a tenth of one
TIE_BREAK = 0.25  # what all tie-breaking weights add up to; distances are whole numbers, so ties alone feel it
GOLDEN = (5**0.5 - 1) / 2

Block = tuple[Sequence[int], Sequence[int]]


def controlled_rounding(
    counts: np.ndarray, margins: Sequence[Block], *, base: int, first_step: int
) -> np.ndarray | None:
    """Round the interior of a table; None when no rounded table keeps every margin near.

    Parameters
    ----------
    counts : ndarray of int64, shape (rows, columns)
        Exact counts, without margins.
    margins : sequence of (rows, columns)
        Blocks of cells, by position, whose sums will be shown.
    base, first_step : int
        Counts become 0, ``first_step``, or a larger multiple of ``base``.

    Returns
    -------
    ndarray of int64, shape (rows, columns), or None
        Margins within ``first_step - 1`` of the truth (K = 0) or, if that cannot be, one ``base`` further (K = 1).
    """
    for steps in (0, 1):
        rounded = _solve(counts, margins, base, first_step, first_step - 1 + steps * base)
        if rounded is not None:
            return rounded
    return None


def nearest_shown(count: int, *, base: int, first_step: int) -> int:
    """Round one count to the nearest number that may be shown; halves up."""
    low, high = (int(value) for value in _neighbours(np.array(count), base, first_step))
    return low if count - low < high - count else high


def _solve(counts: np.ndarray, margins: Sequence[Block], base: int, first_step: int, reach: int) -> np.ndarray | None:
    from scipy.optimize import Bounds, LinearConstraint, milp

    exact = counts.ravel()
    low, high = _neighbours(exact, base, first_step)
    members = _members(counts.shape, margins)
    n_cells, n_margins = exact.size, len(members)
    width = high - low
    short = members @ (exact - low)  # what the cells rounded up must make good, by margin
    upward = members * width
    away = np.eye(n_margins)
    by_position = np.mod(np.arange(1, n_cells + 1) * GOLDEN, 1) * TIE_BREAK / n_cells
    cost = np.concatenate([(high - exact) - (exact - low) + by_position, np.ones(n_margins)])
    solved = milp(
        cost,
        constraints=[
            LinearConstraint(np.hstack([upward, -away]), ub=short),
            LinearConstraint(np.hstack([upward, away]), lb=short),
        ],
        integrality=np.concatenate([np.ones(n_cells), np.zeros(n_margins)]),
        bounds=Bounds(0, np.concatenate([(width > 0).astype(float), np.full(n_margins, float(reach))])),
        options={"time_limit": SECONDS, "mip_rel_gap": 0},
    )
    if solved.status != 0:
        return None
    return (low + width * np.rint(solved.x[:n_cells]).astype(np.int64)).reshape(counts.shape)


def _neighbours(exact: np.ndarray, base: int, first_step: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the values that each count may become: one below or equal, one above or equal."""
    low = np.where(exact < first_step, 0, exact // base * base)
    high = np.where((exact > 0) & (exact < first_step), first_step, -(-exact // base) * base)
    return low, high


def _members(shape: tuple[int, int], margins: Sequence[Block]) -> np.ndarray:
    """Return a 0/1 matrix: margins by interior cells."""
    matrix = np.zeros((len(margins), *shape))
    for margin, (rows, columns) in zip(matrix, margins, strict=True):
        margin[np.ix_(rows, columns)] = 1
    return matrix.reshape(len(margins), shape[0] * shape[1])
