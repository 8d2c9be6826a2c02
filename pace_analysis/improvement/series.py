"""Points of a chart, and the frame they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pace_analysis.errors import UsageError

FEWEST_POINTS = 3
ROUNDED = 0.01  # a share may differ so much from its counts


class ChartError(UsageError):
    """A series that cannot be charted."""


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a series, oldest first.

    Attributes
    ----------
    label : str
        Such as ``2015Q3``; no two points share one.
    value : float or None
        None where nothing is known: the point takes part in nothing.
    numerator, denominator : int or None
        For a share: what the value is made of.
    mature : bool
        False for a point that may still change; it is drawn hollow, and takes part in no line, limit or rule.
    """

    label: str
    value: float | None
    numerator: int | None = None
    denominator: int | None = None
    mature: bool = True


def frame_of(points: Sequence[Point], *, needs_counts: bool = False) -> pd.DataFrame:
    """Lay points out, one row each: label, value, numerator, denominator, mature, and ``counts`` (takes part).

    Raises
    ------
    ChartError
        If fewer than three points take part, a label is used twice, or a share lacks its counts or is not made of them.
    """
    labels = [point.label for point in points]
    twice = {label for label in labels if labels.count(label) > 1}
    if twice:
        raise ChartError(f"Two points are labelled '{min(twice)}'.", remedy="Give each point its own label.")
    frame = pd.DataFrame({
        "label": labels,
        "value": [np.nan if point.value is None else float(point.value) for point in points],
        "numerator": [np.nan if point.numerator is None else float(point.numerator) for point in points],
        "denominator": [np.nan if point.denominator is None else float(point.denominator) for point in points],
        "mature": [point.mature for point in points],
    })
    frame["counts"] = frame["mature"] & np.isfinite(frame["value"])
    number = int(frame["counts"].sum())
    if number < FEWEST_POINTS:
        raise ChartError(f"A chart needs at least {FEWEST_POINTS} points; {number} can be used.",
                         remedy="Wait for more quarters, or show the numbers in a table.")
    if needs_counts:
        _check_shares(frame[frame["counts"]])
    return frame


def _check_shares(used: pd.DataFrame) -> None:
    """Refuse shares without counts, or that their counts do not make (a share may have been rounded)."""
    lacks = ~(used["denominator"] > 0) | used["numerator"].isna()
    if lacks.any():
        raise ChartError("A chart of percentages needs the denominator and the numerator of every point.",
                         where=f"Point '{used['label'][lacks].iloc[0]}'.",
                         remedy="Give numerator and denominator, or choose the run or XmR chart.")
    share = used["numerator"] / used["denominator"]
    wrong = ~share.between(0, 1) | ((share - used["value"]).abs() > ROUNDED)
    if wrong.any():
        raise ChartError("A share is not its numerator over its denominator, or not between 0 and 1.",
                         where=f"Point '{used['label'][wrong].iloc[0]}'.",
                         remedy="Give the share as 0.4, not 40, of a numerator no larger than the denominator.")
