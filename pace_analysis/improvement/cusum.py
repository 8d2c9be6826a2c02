"""A cumulative sum chart for shares: the quickest to tell a change of a known size.

Source: Steiner, Cook, Farewell and Treasure (2000), Biostatistics 1, 441-452.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pace_analysis.improvement.series import ChartError, Point, frame_of


def cusum(points: Sequence[Point], baseline_share: float, *, odds_ratio: float = 2.0, h: float = 3.5) -> pd.DataFrame:
    """Log-likelihood ratio against a baseline, summed and never below 0.

    Parameters
    ----------
    points : sequence of Point
        With numerator and denominator.
    baseline_share : float
        Share before, above 0 and below 1.
    odds_ratio : float
        The change that is looked for, in odds: 2 for better, 0.5 for worse.
    h : float
        Height at which it signals.

    Returns
    -------
    DataFrame, one row a point that takes part: label, cusum, signal.

    Raises
    ------
    ChartError
        If the share, the ratio or h is impossible, or counts are missing.
    """
    if not 0 < baseline_share < 1 or odds_ratio <= 0 or odds_ratio == 1 or h <= 0:
        raise ChartError("A CUSUM needs a baseline share between 0 and 1, an odds ratio other than 1, and h above 0.")
    frame = frame_of(points, needs_counts=True)
    used = frame[frame["counts"]]
    gain = used["numerator"] * np.log(odds_ratio) - used["denominator"] * np.log(1 - baseline_share + odds_ratio * baseline_share)
    height, heights = 0.0, []
    for step in gain:
        height = max(0.0, height + step)
        heights.append(height)
    return pd.DataFrame({"label": used["label"].to_numpy(), "cusum": heights, "signal": np.array(heights) > h})
