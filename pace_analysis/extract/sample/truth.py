"""The known hazards of the invented council, and what follows from them exactly.

A child in care away from home waits until the first of: a permanence decision by one of four routes, or leaving
care without one. Each has a daily hazard: the probability that it happens on a day, given that the child still
waited on the morning of that day. Hazards are constant within bands of age at accommodation and of days since
accommodation; from the day the programme starts every decision's hazard is multiplied by one factor, so a child
already waiting then changes hazard on that day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

DECISIONS = ("home", "kinship", "permanence_order", "adoption")  # codes of the list "route"
END_REASONS = MappingProxyType({  # ends without a decision, and their codes of the list "end_reason"
    "returned_home": "home",
    "to_kinship": "kinship",
    "left_other": "other",
    "moved_away": "moved_away",
    "died": "died",
})
CAUSES = (*DECISIONS, *END_REASONS)
TURNED_18 = "turned_18"  # no hazard: it happens on the eighteenth birthday

AGE_BANDS = ("newborn", "0-3", "4-11", "12-17")
NEWBORN_DAYS = 14  # accommodated sooner after birth than this: the plan may have been made before birth
DAY_BANDS = (0, 1, 42, 91, 182, 365)  # first day of each band of days since accommodation


class Entry(NamedTuple):
    """One entrant, as far as the hazards need to know: day accommodated, age band, eighteenth birthday."""

    entered: date
    age_band: str
    turns_18: date | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """Daily cause-specific hazards, piecewise constant.

    Attributes
    ----------
    hazards : mapping of age band to mapping of cause to tuple of float
        Probability per day, one for each band of :data:`DAY_BANDS`, before the programme.
    programme_start : date
        First day with the programme.
    speed_up : float
        Factor on the hazards of the four decisions from ``programme_start`` on; leaving is unaffected.
    """

    hazards: Mapping[str, Mapping[str, tuple[float, ...]]]
    programme_start: date
    speed_up: float

    def __post_init__(self) -> None:
        daily = self.table(after=True).sum(axis=2)
        if self.table().min() < 0 or daily.max() >= 1:
            raise ValueError("hazards must not be negative, and those of one day must add up to less than 1")

    def table(self, *, after: bool = False) -> np.ndarray:
        """Return the hazards as an array (age band, day band, cause), before or after the programme's start."""
        rows = [[self.hazards[age][cause] for cause in CAUSES] for age in AGE_BANDS]
        table = np.array(rows, dtype=float).transpose(0, 2, 1)
        if after:
            table[:, :, : len(DECISIONS)] *= self.speed_up
        return table


def day_band(day: np.ndarray | int) -> np.ndarray:
    """Position in :data:`DAY_BANDS` of days since accommodation."""
    return np.searchsorted(DAY_BANDS, day, side="right") - 1


def age_band(born: date, entered: date) -> str:
    """Age band of a child accommodated on ``entered``; ValueError when aged 18 or more, or not yet born."""
    if entered < born or birthday(born, 18) <= entered:
        raise ValueError("a child is accommodated between birth and the eighteenth birthday")
    if (entered - born).days < NEWBORN_DAYS:
        return "newborn"
    if entered < birthday(born, 4):
        return "0-3"
    return "4-11" if entered < birthday(born, 12) else "12-17"


def birthday(born: date, years: int) -> date:
    """Birthday so many years after ``born``; 1 March for 29 February in a year without one."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def cumulative_incidence(
    truth: Truth, day: int, *, entered: date, age_band: str, turns_18: date | None = None
) -> dict[str, float]:
    """Exact probability of each way the wait may have ended by the end of ``day``.

    Parameters
    ----------
    truth : Truth
        The hazards.
    day : int
        Whole days since accommodation; day 0 is the day accommodated.
    entered : date
        Day accommodated; decides from which day of the wait the programme works.
    age_band : str
        One of :data:`AGE_BANDS`.
    turns_18 : date, optional
        Eighteenth birthday. Whoever still waits that morning leaves as ``turned_18``.

    Returns
    -------
    dict
        Probability by cause, for each of :data:`CAUSES` and ``turned_18``; the rest to 1 still waits.

    Notes
    -----
    Discrete product: the incidence of a cause is the sum over days of (share waiting that morning x hazard).
    """
    days = np.arange(day + 1)
    birthday_on = (turns_18 - entered).days if turns_18 else day + 1
    days = days[days < birthday_on]
    hazard = np.array([truth.hazards[age_band][cause] for cause in CAUSES]).T[day_band(days)]
    with_programme = days >= (truth.programme_start - entered).days
    hazard[with_programme, : len(DECISIONS)] *= truth.speed_up
    waiting = np.concatenate([[1.0], np.cumprod(1 - hazard.sum(axis=1))])
    incidence = dict(zip(CAUSES, (waiting[:-1, None] * hazard).sum(axis=0).tolist(), strict=True))
    return incidence | {TURNED_18: float(waiting[-1]) if birthday_on <= day else 0.0}


def mean_incidence(truth: Truth, day: int, entries: Iterable[Entry]) -> dict[str, float]:
    """Cumulative incidence averaged over entrants: the exact value an entry cohort estimates."""
    shares = [
        cumulative_incidence(truth, day, entered=one.entered, age_band=one.age_band, turns_18=one.turns_18)
        for one in entries
    ]
    if not shares:
        raise ValueError("there is no entrant to average over")
    return {cause: float(np.mean([share[cause] for share in shares])) for cause in shares[0]}


def share_decided(truth: Truth, day: int, entries: Iterable[Entry]) -> float:
    """Exact share of entrants decided, by any route, by the end of ``day``."""
    shares = mean_incidence(truth, day, entries)
    return sum(shares[route] for route in DECISIONS)


def _per_day(
    decisions: tuple[float, ...], routes: tuple[float, ...], ends: Mapping[str, tuple[float, ...]]
) -> dict[str, tuple[float, ...]]:
    """Hazards from events per 1,000 child-days: decisions by day band split by route, and ends by day band."""
    by_route = {
        route: tuple(round(rate * share / 1000, 7) for rate in decisions)
        for route, share in zip(DECISIONS, routes, strict=True)
    }
    return by_route | {cause: tuple(round(rate / 1000, 7) for rate in rates) for cause, rates in ends.items()}


_ENDS = {
    "returned_home": (0.3, 1.05, 0.62, 0.38, 0.25, 0.20),
    "to_kinship": (0.1, 0.33, 0.22, 0.14, 0.10, 0.10),
    "left_other": (0.0, 0.06, 0.06, 0.06, 0.06, 0.08),
    "moved_away": (0.0, 0.04, 0.04, 0.04, 0.03, 0.03),
    "died": (0.0, 0.001, 0.001, 0.001, 0.001, 0.001),
}
_TEEN_ENDS = _ENDS | {"left_other": (0.0, 0.20, 0.20, 0.20, 0.25, 0.30)}

EXAMPLESHIRE = Truth(
    hazards={
        "newborn": _per_day((70.0, 1.3, 3.3, 4.5, 5.0, 6.0), (0.20, 0.20, 0.15, 0.45), _ENDS),
        "0-3": _per_day((0.4, 1.3, 3.3, 4.5, 5.0, 6.0), (0.26, 0.22, 0.14, 0.38), _ENDS),
        "4-11": _per_day((0.4, 1.1, 3.0, 4.1, 4.6, 5.6), (0.30, 0.24, 0.32, 0.14), _ENDS),
        "12-17": _per_day((0.4, 1.0, 2.7, 3.7, 4.2, 5.0), (0.38, 0.20, 0.42, 0.00), _TEEN_ENDS),
    },
    programme_start=date(2014, 3, 1),
    speed_up=1.7,
)
