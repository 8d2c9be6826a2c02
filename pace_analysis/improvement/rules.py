"""Rules that tell a change from chance, on which side of the centre line points fall. No rule looks at a missing point.

A point is *useful* when it is not on the centre line: one on it neither counts nor breaks a run. Sources: Anhoej and
Olesen (2014), PLoS ONE 9(11), e113825; Perla, Provost and Murray (2011), BMJ Qual. Saf. 20, 46-51; Swed and
Eisenhart (1943), Ann. Math. Stat. 14, 66-87, for the number of runs; NHS England, Making Data Count, for the
plot-the-dots rules; Nelson (1984), J. Qual. Technol. 16, 237-239.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import comb, log2
from types import MappingProxyType

import numpy as np

EQUAL = 1e-12  # of the scale of the values: nearer than this is on the line
RUNS_TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Signal:
    """A rule that fired.

    Attributes
    ----------
    rule : str
    first, last : int
        Positions of the points it fired on.
    direction : int
        1 above the centre line or rising, -1 below or falling, 0 neither.
    words : str
        A sentence; a chart adds the labels of the points.
    places : tuple of int
        Positions it fired on, where not all from first to last.
    first_label, last_label : str
        Labels of first and last, named by a chart.
    """

    rule: str
    first: int
    last: int
    direction: int
    words: str
    places: tuple[int, ...] = ()
    first_label: str = ""
    last_label: str = ""

    @property
    def points(self) -> tuple[int, ...]:
        """Positions it fired on."""
        return self.places or tuple(range(self.first, self.last + 1))


@dataclass(frozen=True, slots=True)
class Phase:
    """What the rules look at: values of the points that take part, with their lines."""

    value: np.ndarray
    centre: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    @property
    def side(self) -> np.ndarray:
        """1 above the centre line, -1 below, 0 on it."""
        away = self.value - self.centre
        return np.where(np.abs(away) <= self.nearness, 0, np.sign(away)).astype(int)

    @property
    def nearness(self) -> float:
        """Distance below which a point is on a line."""
        return EQUAL * max(float(np.abs(self.value).max(initial=0)), float(np.abs(self.centre).max(initial=0)), 1e-300)

    @property
    def outside(self) -> np.ndarray:
        """1 above the upper limit, -1 below the lower, 0 within or without limits."""
        above, below = self.value > self.upper + self.nearness, self.value < self.lower - self.nearness
        return above.astype(int) - below.astype(int)


Rule = Callable[[Phase], list[Signal]]


def runs(side: np.ndarray) -> list[tuple[int, int, int]]:
    """Runs of useful points on one side: (first, last, direction), by position among all points."""
    useful = np.flatnonzero(side)
    found: list[tuple[int, int, int]] = []
    for position in useful:
        if found and found[-1][2] == side[position]:
            found[-1] = (found[-1][0], int(position), int(side[position]))
        else:
            found.append((int(position), int(position), int(side[position])))
    return found


def length(side: np.ndarray, run: tuple[int, int, int]) -> int:
    """Useful points of a run."""
    return int(np.count_nonzero(side[run[0]: run[1] + 1]))


def longest_and_crossings(side: np.ndarray) -> tuple[int, int]:
    """Useful points of the longest run, and how often the centre line is crossed."""
    found = runs(side)
    return max((length(side, run) for run in found), default=0), max(0, len(found) - 1)


def anhoej_limits(useful: int) -> tuple[int, int]:
    """Longest run and fewest crossings that chance leaves likely, for a number of useful points."""
    if useful < 2:
        return useful, 0
    # the 5% quantile of crossings that are each as likely as not, in whole numbers: scipy.stats takes a second to import
    chances, crossings, ways = useful - 1, 0, 1
    while 20 * ways < 2**chances:
        crossings += 1
        ways += comb(chances, crossings)
    return round(log2(useful)) + 3, crossings


@lru_cache(maxsize=256)
def runs_limits(useful: int) -> tuple[int, int]:
    """Fewest and most runs that chance leaves likely, by the exact distribution, 2.5% in each tail."""
    above, below = useful // 2, useful - useful // 2
    ways = comb(useful, above)
    chance = {}
    for number in range(2, useful + 1):
        half = number // 2
        if number % 2 == 0:
            count = 2 * comb(above - 1, half - 1) * comb(below - 1, half - 1)
        else:
            count = comb(above - 1, half) * comb(below - 1, half - 1) + comb(above - 1, half - 1) * comb(below - 1, half)
        chance[number] = count / ways
    fewest, total = 2, 0.0
    while total + chance[fewest] <= RUNS_TAIL:
        total += chance[fewest]
        fewest += 1
    most, total = useful, 0.0
    while total + chance.get(most, 0.0) <= RUNS_TAIL:
        total += chance.get(most, 0.0)
        most -= 1
    return fewest, most


def anhoej(phase: Phase) -> list[Signal]:
    """Unusually long run, or unusually few crossings."""
    side = phase.side
    useful = int(np.count_nonzero(side))
    longest, crossings = longest_and_crossings(side)
    most, fewest = anhoej_limits(useful)
    signals = []
    if longest > most:
        run = max(runs(side), key=lambda found: length(side, found))
        signals.append(Signal("long run", *run, f"{longest} points in a row are on one side of the centre line, where {most} is the most that chance "
                              "usually gives."))
    if crossings < fewest:
        last = runs(side)[-1]
        tail = last[2] if 2 * length(side, last) >= most else 0  # a short last run does not say which way it went
        signals.append(Signal("few crossings", 0, len(side) - 1, tail, f"The series crosses the centre line "
                              f"{crossings} times, where chance usually gives {fewest} or more."))
    return signals


def one_side(least: int, *, skips: bool) -> Rule:
    """So many points in a row on one side; ``skips``: a point on the line does not break the row."""
    def rule(phase: Phase) -> list[Signal]:
        side = phase.side
        found = runs(side) if skips else _unbroken(side)
        return [Signal("shift", *run, f"{length(side, run)} points in a row are on one side of the centre line.")
                for run in found if length(side, run) >= least]

    return rule


def trend(points: int, *, ties_break: bool) -> Rule:
    """So many points in a row all rising or all falling; equal neighbours break it, or are passed over."""
    def rule(phase: Phase) -> list[Signal]:
        value = phase.value
        keep = np.arange(len(value)) if ties_break else np.flatnonzero(np.concatenate([[True], np.diff(value) != 0]))
        steps = np.sign(np.diff(value[keep])).astype(int)
        return [Signal("trend", int(keep[first]), int(keep[last + 1]), direction, f"{last - first + 2} points in a row are all "
                       f"{'rising' if direction > 0 else 'falling'}.")
                for first, last, direction in _unbroken(steps) if last - first + 2 >= points]

    return rule


def number_of_runs(phase: Phase) -> list[Signal]:
    """Too few or too many runs."""
    side = phase.side
    useful = int(np.count_nonzero(side))
    if useful < 10:
        return []
    found, (fewest, most) = runs(side), runs_limits(useful)
    if fewest <= len(found) <= most:
        return []
    few = len(found) < fewest
    return [Signal("few runs" if few else "many runs", 0, len(side) - 1, found[-1][2] if few else 0,
                   f"There are {len(found)} runs, where chance usually gives {fewest} to {most}.")]


def beyond_limits(phase: Phase) -> list[Signal]:
    """Points outside the limits."""
    outside = phase.outside
    return [Signal("beyond limits", int(place), int(place), int(outside[place]), "A point is outside the limits.")
            for place in np.flatnonzero(outside)]


def two_of_three(*, counts_beyond: bool) -> Rule:
    """Two of three points in the outer third of the limits, all three on one side; ``counts_beyond`` the limits too.

    The signal is on the outer points alone.
    """
    def rule(phase: Phase) -> list[Signal]:
        side, outer = phase.side, zone(phase, 2)
        if not counts_beyond:
            outer &= phase.outside == 0
        found = [(start, start + np.flatnonzero(outer[start: start + 3])) for start in range(len(side) - 2)
                 if abs(side[start: start + 3].sum()) == 3]
        words = "Two of three points are near one limit."
        return [Signal("two of three", int(near[0]), int(near[-1]), int(side[start]), words, tuple(map(int, near)))
                for start, near in found if len(near) >= 2]

    return rule


def zone(phase: Phase, sigmas: int) -> np.ndarray:
    """True beyond so many thirds of the way from the centre line to a limit."""
    reach_up, reach_down = (phase.upper - phase.centre) * sigmas / 3, (phase.centre - phase.lower) * sigmas / 3
    return (phase.value > phase.centre + reach_up) | (phase.value < phase.centre - reach_down)


def four_of_five(phase: Phase) -> list[Signal]:
    """Four of five points beyond a third of the limit, on one side."""
    side, outer = phase.side, zone(phase, 1)
    return [Signal("four of five", int(s), int(s) + 4, int(d), "Four of five points are well to one side.")
            for s in range(len(side) - 4) for d in (1, -1) if ((side[s: s + 5] == d) & outer[s: s + 5]).sum() >= 4]


def fifteen_within(phase: Phase) -> list[Signal]:
    """Fifteen points in a row within a third of the limits."""
    inner = ~zone(phase, 1)
    return [Signal("fifteen within", first, last, 0, f"{last - first + 1} points in a row hug the centre line.")
            for first, last, inside in _unbroken(inner.astype(int)) if inside and last - first + 1 >= 15 and (phase.upper > phase.centre).all()]


def rules_for(name: str, kind: str) -> tuple[Rule, ...]:
    """Rules of a set on a kind of chart: where there are limits, the sets for run charts look at them too."""
    return (*RULES[name], beyond_limits) if name in ("anhoej", "ihi") and kind != "run" else RULES[name]


def _unbroken(side: np.ndarray) -> list[tuple[int, int, int]]:
    """Stretches of equal neighbours other than 0: (first, last, value)."""
    found: list[tuple[int, int, int]] = []
    for place, value in enumerate(side):
        if value and found and found[-1][1] == place - 1 and found[-1][2] == value:
            found[-1] = (found[-1][0], place, int(value))
        elif value:
            found.append((place, place, int(value)))
    return found


IHI = (one_side(6, skips=True), trend(5, ties_break=False), number_of_runs)
RULES: MappingProxyType[str, tuple[Rule, ...]] = MappingProxyType({
    "anhoej": (anhoej,),
    "ihi": IHI,
    "mdc7": (beyond_limits, trend(7, ties_break=True), two_of_three(counts_beyond=False), one_side(7, skips=False)),
    "mdc6": (beyond_limits, trend(6, ties_break=True), two_of_three(counts_beyond=False), one_side(6, skips=False)),
    "mdc_2023": (beyond_limits, trend(7, ties_break=True), two_of_three(counts_beyond=True), one_side(7, skips=False)),
    "nelson": (beyond_limits, one_side(9, skips=False), trend(6, ties_break=True), two_of_three(counts_beyond=True), four_of_five, fifteen_within),
    "none": (),
})
