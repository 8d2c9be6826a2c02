"""What lies ahead of an aim: limits that fall, and what is still needed. Exact numbers; not for publication."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Literal

import numpy as np

from pace_analysis.aims import eligible
from pace_analysis.errors import UsageError
from pace_analysis.settings import Aim
from pace_analysis.study import Study


@dataclass(frozen=True, slots=True)
class Needed:
    """How many of those still open must be decided in time for a target.

    Attributes
    ----------
    verdict : str
        ``possible``, ``out of reach`` (not even if all are) or ``already reached`` (even if none is).
    number : int
        Of those open; 0 when already reached.
    share : Fraction
        The same as a share of them.
    best : Fraction
        Share in time of all who entered, if every open one is.
    """

    verdict: Literal["possible", "out of reach", "already reached"]
    number: int
    share: Fraction
    best: Fraction


def still_needed(decided_in_time: int, entered: int, still_open: int, target: Fraction) -> Needed:
    """Work out what the children still within their limit must bring for a target.

    Parameters
    ----------
    decided_in_time, entered, still_open : int
        Decided within the limit, all who entered, and those undecided whose limit has not passed. Children yet to
        enter count in ``entered`` and in ``still_open``.
    target : Fraction
        Share of all who entered.

    Raises
    ------
    UsageError
        If the numbers are not parts of one another.
    """
    if min(decided_in_time, still_open) < 0 or decided_in_time + still_open > entered or entered < 1:
        raise UsageError(
            f"{decided_in_time} in time and {still_open} still open cannot be parts of {entered} children.",
            remedy="Give exact counts of the same children: numbers rounded one by one need not add up.",
        )
    required = ceil(target * entered)
    number = required - decided_in_time
    best = Fraction(decided_in_time + still_open, entered)
    if number <= 0:
        return Needed("already reached", 0, Fraction(0), best)
    if number > still_open:
        return Needed("out of reach", number, Fraction(1), best)
    return Needed("possible", number, Fraction(number, still_open), best)


@dataclass(frozen=True)
class Limits:
    """Children waiting at the data cut, and the last day of each one's limit.

    Attributes
    ----------
    as_at : date
        Data cut: each child was still waiting at the end of this day.
    waited : ndarray of int64
        Days that each has waited.
    due : ndarray of datetime64[D]
        Last day within the limit.
    """

    as_at: date
    waited: np.ndarray
    due: np.ndarray

    @property
    def over(self) -> int:
        """Children whose limit has passed: a decision tomorrow would be late."""
        return int((self.due <= np.datetime64(self.as_at, "D")).sum())

    def falling(self, last: date) -> int:
        """Children whose limit falls after the data cut and on or before ``last``."""
        return limits_falling(self.due, after=self.as_at, last=last)

    def later(self, last: date) -> int:
        """Children whose limit falls after both the data cut and ``last``."""
        return int((self.due > np.datetime64(max(last, self.as_at), "D")).sum())

    def until(self, by: date) -> tuple[np.ndarray, np.ndarray]:
        """Days waited, and days ahead to ``by`` (not before the data cut): what a forecast of decisions asks about."""
        return self.waited, np.full(self.waited.size, self._days_to(np.datetime64(by, "D")))

    def in_time_until(self, by: date) -> tuple[np.ndarray, np.ndarray]:
        """The same for decisions in time: of children not over, to their limit where that comes before ``by``."""
        ahead = self._days_to(np.minimum(self.due, np.datetime64(by, "D")))
        still = self.due > np.datetime64(self.as_at, "D")
        return self.waited[still], ahead[still]

    def _days_to(self, day: np.ndarray | np.datetime64) -> np.ndarray:
        return (day - np.datetime64(self.as_at, "D")).astype("int64")


def limits_ahead(study: Study, aim: Aim) -> Limits:
    """Find the limits of the children whom an aim is about and who wait at the data cut."""
    follow = eligible(study, aim)
    waiting = follow.where(follow.waiting).frame
    due = aim.within.due(waiting["started"].to_numpy())
    return Limits(study.as_at, waiting["last_day"].to_numpy(), due)


def limits_falling(due: np.ndarray, *, after: date, last: date) -> int:
    """Count limits that fall after one day and on or before another."""
    return int(((due > np.datetime64(after, "D")) & (due <= np.datetime64(last, "D"))).sum())
