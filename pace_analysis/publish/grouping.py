"""Days merged into bins that are safe to show.

The grid has an edge at the anchor (26 weeks, or the day an aim names) and every 14 days to both sides of it. A bin
reaches from the day after one edge to the next edge, and the first also holds day 0. Neighbouring bins are merged
until each holds, of every kind of exit, none or at least ``threshold``; at least ``threshold`` exits in all; and none
or at least ``threshold`` censored, and late entrants. As many bins as possible are kept, then the furthest end, then
the most even widths. The edges depend on the data: they also say that a finer cut was not safe.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from pace_analysis.publish.partition import best_partition
from pace_analysis.publish.profiles import Profile
from pace_analysis.publish.rounding import nearest_shown
from pace_analysis.survival import LifeTable

CHILD_DAYS = 10  # child-days are shown to the nearest of these

Days = Mapping[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Bins:
    """Counts of a grouped life table, shape (bins,); ``events`` (outcomes, bins).

    ``day`` is the last day of each bin, ``at_risk`` the children waiting when it begins, ``entered`` late entrants.
    On the last day of the last bin nobody is taken as censored: whoever has not left is still waiting.
    """

    day: np.ndarray
    at_risk: np.ndarray
    entered: np.ndarray
    censored: np.ndarray
    events: np.ndarray

    @classmethod
    def following(cls, day: np.ndarray, first: int, entered: np.ndarray, censored: np.ndarray, events: np.ndarray) -> Bins:
        """Bins of which the first begins with ``first`` children; the others begin with who is left."""
        gone = np.cumsum(events.sum(axis=0) + censored - entered)
        return cls(day, first - np.concatenate([[0], gone[:-1]]), entered, censored, events)

    def then(self, later: Bins) -> Bins:
        """These bins, and those of ``later`` that begin where these end; these alone if none does."""
        ends = int(self.day[-1])
        if ends not in later.day:
            return self
        new = later.day > ends
        return Bins.following(
            np.concatenate([self.day, later.day[new]]), int(self.at_risk[0]),
            np.concatenate([self.entered, later.entered[new]]), np.concatenate([self.censored, later.censored[new]]),
            np.hstack([self.events, later.events[:, new]]))

    def differs_little(self, other: Bins, threshold: int) -> bool:
        """Whether the two tell of a change of fewer than ``threshold`` children up to a day that both have as an edge."""
        shared = np.intersect1d(self.day, other.day)
        mine, theirs = (each.running[:, np.searchsorted(each.day, shared)] for each in (self, other))
        apart = np.abs(np.column_stack([mine - theirs, np.array(self.at_risk[0] - other.at_risk[0])
                                        * np.ones(len(mine), np.int64)]))
        return bool(((apart > 0) & (apart < threshold)).any())

    @property
    def running(self) -> np.ndarray:
        """Exits by outcome, censored and late entrants up to the end of each bin."""
        return np.cumsum(np.vstack([self.events, self.censored, self.entered]), axis=1)


@dataclass(frozen=True, slots=True)
class PeriodBins:
    """Counts of a grouped period life table, shape (bins,).

    Widths in days, child-days, exits by one outcome, and all others, which need not be whole.
    """

    days: np.ndarray
    child_days: np.ndarray
    events: np.ndarray
    others: np.ndarray


def grid_edges(anchor: int, grid: int, last_day: int) -> np.ndarray:
    """Last days of the bins of the grid: through the anchor, and on to the first edge at or after ``last_day``."""
    return np.arange(anchor % grid or grid, max(anchor, last_day) + grid, grid)


def daily(table: LifeTable) -> dict[str, np.ndarray]:
    """Counts of a table's only group by day from 0: ``entered``, ``at_risk``, ``censored`` and ``exits`` by outcome."""
    (entered,), (at_risk,), (exits,) = table.entered, table.at_risk, table.exits
    return {"entered": entered, "at_risk": at_risk, "censored": exits[0], "exits": exits[1:]}


def is_followed(days: Days, day: int) -> bool:
    """Say whether anybody was seen on a day, or everybody had left before without being censored last."""
    return len(days["at_risk"]) > day or days["censored"][-1] == 0


def curve_bins(
    days: Days, edges: np.ndarray, anchor: int, profile: Profile, stops: Sequence[int] = ()
) -> Bins | None:
    """Merge the grid into safe bins with an edge at the anchor; None when that cannot be.

    The curve ends where fewer than ``profile.minimum_denominator`` are at risk, and where those still waiting are few.
    With ``stops`` (later days of the grid) each stretch up to a stop is merged by itself and whole, so that what was
    shown of a cohort never changes when it is followed further; the curve ends at the last stop that can be shown.
    """
    sums = _Sums(days, edges, profile)
    if stops:
        ends = _stretches(sums, edges, (anchor, *stops))
    else:
        ends = best_partition(len(edges), int(np.searchsorted(edges, anchor)) + 1, sums.safe, sums.may_end)
    return None if ends is None else sums.bins(ends, edges)


def curve_bins_or_code(
    days: Days, n: int, anchor: int, grid: int, profile: Profile, stops: Sequence[int]
) -> Bins | str:
    """Return safe bins of the curve of ``n`` entrants, or the code of the refusal."""
    if n < profile.minimum_curve:
        return "too-few-children"
    if not is_followed(days, anchor):
        return "not-followed"
    edges = grid_edges(anchor, grid, len(days["entered"]) - 1)
    if profile.protects:
        stops = _worth_showing(_Sums(days, edges, profile), edges, (anchor, *stops), profile)
        if not stops:
            return "cannot-be-grouped"
        stops = stops[1:]
    bins = curve_bins(days, edges, anchor, profile, stops)
    return "cannot-be-grouped" if bins is None else bins


def period_bins_or_code(days: Days, day: int, grid: int, outcome: int, profile: Profile) -> PeriodBins | str:
    """Return safe bins of a period life table up to ``day``, or the code of the refusal."""
    if days["entered"].sum() < profile.minimum_curve:
        return "too-few-children"
    if len(days["at_risk"]) <= day:
        return "not-followed"
    if profile.protects and is_few(int(days["exits"][outcome - 1, : day + 1].sum()), profile):
        return "too-few-exits"
    bins = period_bins(days, grid_edges(day, grid, day), outcome, profile)
    return "too-few-exits" if bins is None else bins


def _worth_showing(sums: _Sums, edges: np.ndarray, stops: Sequence[int], profile: Profile) -> list[int]:
    """Stops up to which a curve is shown: every kind of exit in each stretch, and who then waits, rounds to two steps.

    Whether a stretch is shown must not tell that one of these is small: a stretch is left out for 0 as for 7, and what
    else is released of the same children leaves it open which.
    """
    shown, start = [], 0
    for stop in stops:
        reach = int(np.searchsorted(edges, stop)) + 1
        if reach > len(edges):
            break
        exits = sums.held(start, reach, last=False)[: sums.outcomes]
        counts = [*exits.tolist(), int(sums.at_start[reach] + sums.censored_on[reach])]
        if any(is_few(count, profile) for count in counts):
            break
        shown.append(stop)
        start = reach
    return shown


def is_few(count: int, profile: Profile) -> bool:
    """Whether a count rounds to less than two steps, so that leaving a result out for it does not tell that it is small."""
    return nearest_shown(count, base=profile.base, first_step=profile.first_step) < profile.first_step + profile.base


def _stretches(sums: _Sums, edges: np.ndarray, stops: Sequence[int]) -> list[int] | None:
    ends: list[int] = []
    for stop in stops:
        start, reach = (ends[-1] if ends else 0), int(np.searchsorted(edges, stop)) + 1
        if reach > len(edges):
            break
        found = best_partition(reach - start, reach - start, partial(_safe_from, sums, start), partial(_ends_from, sums, start))
        if found is None:
            break
        ends += [start + end for end in found]
    return ends or None


def _safe_from(sums: _Sums, offset: int, start: int, stop: int, last: bool) -> bool:
    return sums.safe(offset + start, offset + stop, last)


def _ends_from(sums: _Sums, offset: int, stop: int) -> bool:
    return sums.may_end(offset + stop)


class _Sums:
    """Running totals at the edges of a grid; position 0 is before day 0."""

    def __init__(self, days: Days, edges: np.ndarray, profile: Profile) -> None:
        length = int(edges[-1]) + 1
        late = np.concatenate([[0], days["entered"][1:]])
        columns = _fit(np.vstack([days["exits"], days["censored"], late]), length)
        self.running = np.hstack([np.zeros((len(columns), 1), np.int64), np.cumsum(columns, axis=1)[:, edges]])
        self.outcomes = len(days["exits"])
        self.threshold, self.minimum = profile.threshold, profile.minimum_denominator
        self.at_start = days["entered"][0] + self.running[-1] - self.running[:-1].sum(axis=0)
        self.censored_on = np.concatenate([[0], _fit(days["censored"], length)[edges]])
        self.observed_on = np.concatenate([[0], _fit(days["at_risk"], length)[edges]])
        all_left = (edges >= len(days["censored"]) - 1) & (days["censored"][-1] == 0)
        self.all_left = np.concatenate([[False], all_left])

    def held(self, start: int, stop: int, last: bool) -> np.ndarray:
        """Exits by outcome, censored and late entrants of bins ``start`` to ``stop - 1`` of the grid."""
        held = self.running[:, stop] - self.running[:, start]
        if last:
            held[self.outcomes] -= self.censored_on[stop]
        return held

    def safe(self, start: int, stop: int, last: bool) -> bool:
        held = self.held(start, stop, last)
        many = ((held == 0) | (held >= self.threshold)).all() and held[: self.outcomes].sum() >= self.threshold
        return bool(many and self.at_start[start] >= self.minimum)

    def may_end(self, stop: int) -> bool:
        still_waiting = self.at_start[stop] + self.censored_on[stop]
        return bool(self.all_left[stop] or (self.observed_on[stop] > 0 and still_waiting >= self.threshold))

    def bins(self, ends: list[int], edges: np.ndarray) -> Bins:
        starts = [0, *ends[:-1]]
        held = np.array([self.held(start, stop, stop == ends[-1]) for start, stop in zip(starts, ends, strict=True)]).T
        events, censored, entered = held[: self.outcomes], held[self.outcomes], held[-1]
        return Bins(edges[np.array(ends) - 1], self.at_start[starts], entered, censored, events)


def period_bins(days: Days, edges: np.ndarray, outcome: int, profile: Profile) -> PeriodBins | None:
    """Merge the grid up to its last edge so that each bin holds enough exits by ``outcome``; None when too few left.

    The number of exits is rounded, and each bin's scaled with it, so that a record that comes late does not show. All
    other exits together are rounded too, fewer than may be shown taken at their middle, and spread over the bins by
    child-days: where in the wait they fall matters far less to the share than how many they are.
    """
    length = int(edges[-1]) + 1
    exits = _fit(days["exits"], length)
    wanted = exits[outcome - 1]
    columns = np.cumsum(np.vstack([wanted, _fit(days["at_risk"], length)]), axis=1)[:, edges]
    running = np.hstack([np.zeros((2, 1), np.int64), columns])

    def safe(start: int, stop: int, last: bool) -> bool:
        events, seen = running[:, stop] - running[:, start]
        return seen > 0 and events >= profile.threshold

    ends = best_partition(len(edges), len(edges), safe, lambda stop: True)
    if ends is None:
        return None
    events, seen = np.diff(running[:, [0, *ends]], axis=1)
    child_days = np.rint(seen / CHILD_DAYS) * CHILD_DAYS if profile.protects else seen
    total, others = int(events.sum()), int(exits.sum() - wanted.sum())
    if profile.protects:
        events = events * (nearest_shown(total, base=profile.base, first_step=profile.first_step) / total)
        few = others < profile.first_step
        others = (profile.first_step - 1) / 2 if few else nearest_shown(others, base=profile.base, first_step=profile.first_step)
    widths = np.diff([-1, *edges[np.array(ends) - 1]])
    return PeriodBins(widths, child_days, events, others * child_days / child_days.sum())


def _fit(columns: np.ndarray, length: int) -> np.ndarray:
    """Cut or pad the last axis to a number of days."""
    columns = columns[..., :length]
    return np.pad(columns, [(0, 0)] * (columns.ndim - 1) + [(0, length - columns.shape[-1])])
