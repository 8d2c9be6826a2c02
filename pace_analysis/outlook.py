"""What an aim still needs: exact whole numbers and fractions."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Literal

from pace_analysis.errors import UsageError


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
        Decided within the limit, all who entered, and those undecided whose limit has not passed.
    target : Fraction
        Share of all who entered.

    Raises
    ------
    UsageError
        If the numbers are not parts of one another.
    """
    if min(decided_in_time, still_open) < 0 or decided_in_time + still_open > entered or entered < 1:
        raise UsageError(f"{decided_in_time} in time and {still_open} still open cannot be parts of {entered} children.")
    required = ceil(target * entered)
    number = required - decided_in_time
    best = Fraction(decided_in_time + still_open, entered)
    if number <= 0:
        return Needed("already reached", 0, Fraction(0), best)
    if number > still_open:
        return Needed("out of reach", number, Fraction(1), best)
    return Needed("possible", number, Fraction(number, still_open), best)
