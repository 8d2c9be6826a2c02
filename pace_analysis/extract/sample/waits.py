"""Draw how long each child waits and what ends the wait, from the known hazards and nothing else."""

from __future__ import annotations

import numpy as np

from pace_analysis.extract.sample.truth import CAUSES, Truth, day_band


def draw_waits(
    truth: Truth, entered: np.ndarray, age_band: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Walk all children through their waits, one day at a time.

    Parameters
    ----------
    truth : Truth
        Daily hazards.
    entered : ndarray of datetime64[D], shape (children,)
        Day accommodated.
    age_band : ndarray of int, shape (children,)
        Position in ``AGE_BANDS``.
    rng : Generator
        Gives one uniform number for each day a child waits.

    Returns
    -------
    wait, cause : ndarray of int, shape (children,)
        Whole days waited, and position in ``CAUSES``. Eighteenth birthdays are left to the caller.
    """
    before, after = truth.table().cumsum(axis=2), truth.table(after=True).cumsum(axis=2)
    programme_on = (np.datetime64(truth.programme_start) - entered).astype(int)
    wait, cause = np.zeros(len(entered), dtype=int), np.zeros(len(entered), dtype=int)
    waiting, day = np.arange(len(entered)), 0
    while waiting.size:
        band, age = int(day_band(day)), age_band[waiting]
        with_programme = (programme_on[waiting] <= day)[:, None]
        hazard = np.where(with_programme, after[age, band], before[age, band])
        drawn = (rng.random(waiting.size)[:, None] >= hazard).sum(axis=1)
        ended = drawn < len(CAUSES)
        wait[waiting[ended]], cause[waiting[ended]] = day, drawn[ended]
        waiting, day = waiting[~ended], day + 1
    return wait, cause
