"""Who comes into care, and when: families by month, ages, brothers and sisters, returns, short breaks."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pace_analysis.extract.sample.chance import between, days_later, happens, pick, poisson
from pace_analysis.extract.sample.truth import NEWBORN_DAYS, age_band, birthday

FIRST_YEAR, LAST_YEAR = 2009, 2015
LAST_ENTRY = date(LAST_YEAR, 12, 31)
FAMILIES_A_MONTH = 10.9  # about 150 children a year; returns bring the entries to about 160
FAMILY_SIZES = (0.86, 0.10, 0.04)  # one, two or three children: about a quarter have a brother or sister in care
SHARED_PLAN = 0.7  # families whose children of one age band are planned for together
SUPERVISED_BEFORE = 0.12  # of children over one year old
RETURNS = 0.12  # of children who went home or to relatives without an order
SHORT_BREAKS_A_YEAR = 6.5

# Weight, youngest and oldest age in days at accommodation; the first group is the newborn.
AGE_GROUPS = (
    (0.13, 0, NEWBORN_DAYS - 1),
    (0.16, NEWBORN_DAYS, 364),
    (0.16, 365, 4 * 365),
    (0.32, 4 * 365 + 1, 12 * 365),
    (0.23, 12 * 365 + 3, 17 * 365 + 180),
)
OLDEST = AGE_GROUPS[-1][2]


@dataclass(frozen=True, slots=True)
class Child:
    """A child before any care; ``number`` tells children apart, ``family`` those with a brother or sister."""

    number: int
    born: date
    sex: str
    family: int | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One start of care away from home.

    ``plan_with`` is the position, within the same list, of the brother or sister whose wait this child
    shares; a child's own position when planned for alone.
    """

    child: Child
    start: date
    start_reason: str
    plan_with: int
    supervised_since: date | None = None


def first_arrivals(rng: np.random.Generator, intake: float) -> list[Arrival]:
    """Draw everybody's first accommodation; ``intake`` multiplies the number of families."""
    arrivals: list[Arrival] = []
    for start in _arrival_days(rng, FAMILIES_A_MONTH * intake):
        first = len(arrivals)
        arrivals.extend(_family(rng, start, first))
    return arrivals


def _arrival_days(rng: np.random.Generator, a_month: float) -> Iterator[date]:
    for month in range(12 * (LAST_YEAR - FIRST_YEAR + 1)):
        year, month_number = FIRST_YEAR + month // 12, month % 12 + 1
        length = calendar.monthrange(year, month_number)[1]
        days = sorted(between(rng, 1, length) for _ in range(poisson(rng, a_month)))
        yield from (date(year, month_number, day) for day in days)


def _family(rng: np.random.Generator, start: date, first: int) -> list[Arrival]:
    size = 1 + pick(rng, FAMILY_SIZES)
    group = pick(rng, [weight for weight, _, _ in AGE_GROUPS])
    age, together = between(rng, *AGE_GROUPS[group][1:]), happens(rng, SHARED_PLAN)
    members: list[Arrival] = []
    for number in range(first, first + size):
        child = Child(number, start - timedelta(days=age), "FM"[pick(rng, (0.48, 0.52))], first if size > 1 else None)
        since = _supervision_start(rng, child.born, start)
        reason = "from_home_supervision" if since else ("new", "transferred_in")[pick(rng, (0.97, 0.03))]
        members.append(Arrival(child, start, reason, _planned_with(members, child, start, number, together), since))
        age = min(age + between(rng, 400, 1500), OLDEST)
    return members


def _planned_with(members: list[Arrival], child: Child, start: date, own: int, together: bool) -> int:
    """Only children of one age band may share a wait: each then keeps exactly its own law."""
    band = age_band(child.born, start)
    alike = [one.plan_with for one in members if together and age_band(one.child.born, start) == band]
    return alike[0] if alike else own


def _supervision_start(rng: np.random.Generator, born: date, start: date) -> date | None:
    before = happens(rng, SUPERVISED_BEFORE)
    since = max(start - timedelta(days=between(rng, 60, 900)), born + timedelta(days=60))
    return since if before and (start - born).days > 365 else None


def returns(rng: np.random.Generator, left: list[tuple[Child, date]]) -> list[Arrival]:
    """Draw who comes back within two years of going home or to relatives, as a new period of the same child."""
    arrivals: list[Arrival] = []
    for child, gone in left:
        comes_back, start = happens(rng, RETURNS), days_later(rng, gone, 21, 720)
        if comes_back and start <= LAST_ENTRY and start < birthday(child.born, 18) - timedelta(days=90):
            arrivals.append(Arrival(child, start, "new", len(arrivals)))
    return arrivals


def short_breaks(rng: np.random.Generator, intake: float, first_number: int) -> Iterator[tuple[Child, date, date]]:
    """Draw children with a planned series of short-term placements: child, first and last day."""
    years = LAST_YEAR - FIRST_YEAR + 1
    for number in range(first_number, first_number + poisson(rng, SHORT_BREAKS_A_YEAR * years * intake)):
        start = date(FIRST_YEAR, 1, 1) + timedelta(days=between(rng, 0, 365 * years - 1))
        child = Child(number, start - timedelta(days=between(rng, 4 * 365, 16 * 365)), "FM"[pick(rng, (0.4, 0.6))])
        yield child, start, days_later(rng, start, 30, 400)
