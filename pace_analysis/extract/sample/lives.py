"""Whole lives of the invented council's children, as they truly were and before anybody recorded them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from pace_analysis.extract.sample.course import Course, courses
from pace_analysis.extract.sample.court import grant_orders
from pace_analysis.extract.sample.intake import Child, first_arrivals, returns, short_breaks
from pace_analysis.extract.sample.journey import Step, steps
from pace_analysis.extract.sample.truth import EXAMPLESHIRE, Entry, Truth, age_band, birthday

SEED = 1  # of the committed sample


@dataclass(frozen=True, slots=True)
class Stay:
    """One period of care, followed to its end, with its milestones in order of date."""

    period_id: str
    kind: str
    start: date
    start_reason: str
    end: date
    end_reason: str
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Life:
    """One child and all periods of care, oldest first; children of one ``sibling_group`` came in together."""

    child_id: str
    born: date
    sex: str
    sibling_group: str
    stays: tuple[Stay, ...]


def simulate(seed: int = SEED, *, truth: Truth = EXAMPLESHIRE, intake: float = 1.0) -> tuple[Life, ...]:
    """Simulate everybody accommodated from 1 January 2009 to 31 December 2015, and what became of them.

    Parameters
    ----------
    seed : int
        The same seed gives the same lives.
    truth : Truth
        Hazards of the wait for a decision; nothing else decides how long anybody waits.
    intake : float
        Times the usual number of families (1: about 160 periods away from home a year).

    Returns
    -------
    tuple of Life
        In order of the first day of care; ``child_id`` counts up in that order.

    Raises
    ------
    UsageError
        When so few children have an adoption plan that the published adoptions cannot be met.
    """
    rng = np.random.default_rng(seed)
    arrivals, known = first_arrivals(rng, intake), []
    first_number = len(arrivals)
    while arrivals:
        wave = courses(truth, arrivals, rng)
        known += wave
        arrivals = returns(rng, [(one.arrival.child, one.end) for one in wave if one.end_reason in ("home", "kinship")])
    stays: dict[Child, list[Stay]] = {}
    for course in grant_orders(known, rng):
        stays.setdefault(course.arrival.child, []).extend(_stays(course, rng))
    for child, start, end in short_breaks(rng, intake, first_number):
        stays[child] = [Stay("", "short_break", start, "new", end, "home")]
    return _numbered(stays)


def first_waits(lives: tuple[Life, ...]) -> list[tuple[Entry, int, str, str]]:
    """Each period away from home as ``(entry, days waited, outcome, sibling group)``: the truth in single waits.

    ``outcome`` is the route of the first recommendation, or ``left:`` and the end reason. A recommendation from
    before accommodation counts on day 0. Every wait is followed to its end, also beyond the last entries.
    """
    waits = []
    for life in lives:
        for stay in (one for one in life.stays if one.kind == "away"):
            entry = Entry(stay.start, age_band(life.born, stay.start), birthday(life.born, 18))
            decided = next((step for step in stay.steps if step.milestone == "permanence_recommendation"), None)
            until, outcome = (decided.day, decided.route) if decided else (stay.end, f"left:{stay.end_reason}")
            waits.append((entry, max((until - stay.start).days, 0), outcome, life.sibling_group or life.child_id))
    return waits


def _stays(course: Course, rng: np.random.Generator) -> list[Stay]:
    one = course.arrival
    away = Stay("", "away", one.start, one.start_reason, course.end, course.end_reason, steps(course, rng))
    if one.supervised_since is None:
        return [away]
    began = Step("home_supervision_start", one.supervised_since)
    day_before = one.start - timedelta(days=1)
    return [Stay("", "home", one.supervised_since, "new", day_before, "other", (began,)), away]


def _numbered(stays: dict[Child, list[Stay]]) -> tuple[Life, ...]:
    """Give out the authority's numbers in order of the first day of care."""
    lives = []
    in_order = sorted(stays.items(), key=lambda item: (min(stay.start for stay in item[1]), item[0].number))
    for number, (child, unnumbered) in enumerate(in_order, start=1):
        child_id = f"{number:05d}"
        by_start = sorted(unnumbered, key=lambda stay: stay.start)
        numbered = tuple(replace(stay, period_id=f"{child_id}-{place}") for place, stay in enumerate(by_start, start=1))
        group = f"S{child.family:04d}" if child.family is not None else ""
        lives.append(Life(child_id, child.born, child.sex, group, numbered))
    return tuple(lives)
