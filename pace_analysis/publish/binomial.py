"""Exact binomial statements about a share: no floating point, so a share at the target is never misjudged."""

from __future__ import annotations

from fractions import Fraction
from math import comb
from typing import Literal

TAIL = Fraction(1, 40)  # each side of a 95% interval

Verdict = Literal["met", "not met", "cannot tell yet"]


def verdict(numerator: int, denominator: int, target: Fraction) -> Verdict:
    """Judge a share against a target by its exact (Clopper and Pearson) 95% interval.

    ``met`` when the lower limit is at or above the target: so many successes, or more, would be seen at most once in
    40 times if the true share were the target. ``not met`` when the upper limit is at or below it, in the same sense.
    """
    if at_least(numerator, denominator, target) <= TAIL:
        return "met"
    if 1 - at_least(numerator + 1, denominator, target) <= TAIL:
        return "not met"
    return "cannot tell yet"


def difference(old: tuple[int, int], new: tuple[int, int]) -> tuple[float, float, float]:
    """Difference of two shares (new minus old) and its 95% interval, from ``(numerator, denominator)`` each.

    Source: Newcombe (1998), Statistics in Medicine 17, 873-890, method 10 (from Wilson's limits of each share).
    """
    before, after = (number / out_of for number, out_of in (old, new))
    (low_old, high_old), (low_new, high_new) = _wilson(*old), _wilson(*new)
    change = after - before
    return (change, change - ((after - low_new) ** 2 + (high_old - before) ** 2) ** 0.5,
            change + ((high_new - after) ** 2 + (before - low_old) ** 2) ** 0.5)


def _wilson(number: int, out_of: int) -> tuple[float, float]:
    share, z = number / out_of, 1.959963984540054
    middle = share + z * z / (2 * out_of)
    reach = z * (share * (1 - share) / out_of + z * z / (4 * out_of**2)) ** 0.5
    return (middle - reach) / (1 + z * z / out_of), (middle + reach) / (1 + z * z / out_of)


def at_least(successes: int, trials: int, share: Fraction) -> Fraction:
    """Chance of so many successes or more, exactly."""
    if successes <= trials // 2:
        return 1 - _sum(0, successes, trials, share)
    return _sum(successes, trials + 1, trials, share)


def _sum(first: int, stop: int, trials: int, share: Fraction) -> Fraction:
    hit, miss = share.numerator, share.denominator - share.numerator
    ways = sum(comb(trials, k) * hit**k * miss ** (trials - k) for k in range(first, stop))
    return Fraction(ways, share.denominator**trials)
