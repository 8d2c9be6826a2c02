"""Draws made from uniform numbers only, so that a seed gives the same lives with every version of numpy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np


def happens(rng: np.random.Generator, probability: float) -> bool:
    """Return True with the given probability."""
    return rng.random() < probability


def between(rng: np.random.Generator, low: int, high: int) -> int:
    """Return a whole number from ``low`` to ``high``, both included and equally likely."""
    return low + int(rng.random() * (high - low + 1))


def days_later(rng: np.random.Generator, day: date, low: int, high: int) -> date:
    """Return a day ``low`` to ``high`` days after ``day``."""
    return day + timedelta(days=between(rng, low, high))


def pick(rng: np.random.Generator, weights: Sequence[float]) -> int:
    """Return a position, with probability in proportion to its weight."""
    drawn, total = rng.random() * sum(weights), 0.0
    for position, weight in enumerate(weights):
        total += weight
        if drawn < total:
            return position
    return len(weights) - 1


def poisson(rng: np.random.Generator, mean: float) -> int:
    """Return a Poisson count: how many unit-rate arrivals fall into ``mean`` units of time."""
    count, clock = 0, -math.log1p(-rng.random())
    while clock < mean:
        count += 1
        clock -= math.log1p(-rng.random())
    return count
