"""Variation and assurance in words, each with a sign that needs no colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pace_analysis.improvement.rules import Phase, Signal


@dataclass(frozen=True, slots=True)
class Icon:
    """A name, a sign, and words."""

    name: str
    sign: str
    words: str


COMMON = Icon("common cause", "~", "what moves is within what chance alone would give")
EARLIER = Icon("common cause", "~", "the latest point is within what chance gives, but a rule fired on earlier ones")
UNTESTED = Icon("not tested", "-", "nothing can be said of change: no rule was applied, or there are too few points")
BETTER = Icon("improvement", "+", "the latest points are better than chance would give")
WORSE = Icon("concern", "!", "the latest points are worse than chance would give")
CHANGED = Icon("special cause", "*", "the latest points differ by more than chance would give")
PASS = Icon("consistently passes", "P", "the target will be met while nothing changes")
FAIL = Icon("consistently fails", "F", "the target will not be met while nothing changes")
EITHER = Icon("hit and miss", "?", "the target may be met or missed by chance")


def variation_icon(signals: Sequence[Signal], better: str | None, latest: int) -> Icon:
    """What the signals on the latest point say; improvement where signals of both kinds do."""
    directions = {signal.direction for signal in signals if latest in signal.points}
    if not directions:
        return EARLIER if signals else COMMON
    good = {"up": 1, "down": -1}.get(better or "", 0)
    if not good or directions == {0}:
        return CHANGED
    return BETTER if good in directions else WORSE


def assurance_icon(phase: Phase, target: float | None, better: str | None) -> Icon | None:
    """Target against the latest limits; None without target, direction or limits, or for equal points that miss it."""
    if target is None or better not in ("up", "down") or not len(phase.value) or not phase.upper[-1] >= phase.lower[-1]:
        return None
    lower, upper = phase.lower[-1], phase.upper[-1]
    if better == "down":
        lower, upper, target = -upper, -lower, -target
    if target <= lower:
        return PASS
    if target <= upper:
        return EITHER
    return FAIL if np.ptp(phase.value) > 0 else None  # limits of equal points have no width to trust
