"""The court grants adoption orders, so many in a year, to the children who have been ready longest.

From 2010/11 to 2014/15 the numbers granted are a published series and are met exactly. The court comes long
after the decision: it changes when a child is adopted, never how long the child waited for the decision.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType

import numpy as np

from pace_analysis.dates import ReportingYear
from pace_analysis.errors import UsageError
from pace_analysis.extract.sample.chance import between
from pace_analysis.extract.sample.course import Course

ADOPTIONS = MappingProxyType({2010: 16, 2011: 18, 2012: 11, 2013: 17, 2014: 24})  # reporting year from 1 April
AT_MOST = MappingProxyType({2009: 2, 2015: 26, 2016: 20})  # years outside the series: fewer when nobody is ready
SOONEST_DAYS = 130  # from decision to order, when everything goes well
READY_DAYS = (280, 520)  # from decision to a child ready for the order, as it usually goes


@dataclass(frozen=True, slots=True)
class _Plan:
    """An adoption plan without an order yet; it counts from day ``soonest``, and no longer on day ``until``."""

    position: int
    ready: date
    soonest: date
    until: date
    in_doubt: bool


def grant_orders(courses: list[Course], rng: np.random.Generator) -> list[Course]:
    """Return the courses with adoption orders granted; UsageError when a year of the series cannot be met."""
    granted = list(courses)
    waiting = _plans(courses, rng)
    for start_year in sorted({*ADOPTIONS, *AT_MOST}):
        year = ReportingYear(start_year)
        for sitting in _sittings(rng, year, ADOPTIONS.get(start_year) or AT_MOST[start_year]):
            plan, day = _turn(waiting, sitting, year, exact=start_year in ADOPTIONS)
            if plan is not None:
                waiting.remove(plan)
                granted[plan.position] = replace(
                    courses[plan.position], end=day, end_reason="adopted", order=day,
                    reversed_on=None, decided_again=None, new_route="",
                )
    return granted


def _plans(courses: list[Course], rng: np.random.Generator) -> list[_Plan]:
    return [
        _Plan(
            position,
            course.waited_until + timedelta(days=between(rng, *READY_DAYS)),
            course.waited_until + timedelta(days=SOONEST_DAYS),
            course.reversed_on or course.end,
            course.reversed_on is not None,
        )
        for position, course in enumerate(courses)
        if course.cause == "adoption"
    ]


def _next(waiting: list[_Plan], day: date, *, only_ready: bool) -> _Plan | None:
    """Whose turn it is: ready longest; else, when the year needs it, nearest to ready; plans in doubt come last."""
    possible = [plan for plan in waiting if plan.soonest <= day < plan.until]
    choice = [plan for plan in possible if plan.ready <= day and not plan.in_doubt] if only_ready else possible
    return min(choice, key=lambda plan: (plan.in_doubt, plan.ready, plan.position), default=None)


def _sittings(rng: np.random.Generator, year: ReportingYear, number: int) -> Iterator[date]:
    length = (year.last_day - year.first_day).days
    yield from (year.first_day + timedelta(days=day) for day in sorted(between(rng, 0, length) for _ in range(number)))


def _turn(waiting: list[_Plan], sitting: date, year: ReportingYear, *, exact: bool) -> tuple[_Plan | None, date]:
    """Whose order is granted, and when; the sitting moves on to the first day on which somebody can be adopted."""
    if not exact:
        return _next(waiting, sitting, only_ready=True), sitting
    day = sitting
    while day <= year.last_day:
        plan = _next(waiting, day, only_ready=False)
        if plan is not None:
            return plan, day
        day += timedelta(days=1)
    raise UsageError(
        f"The invented council has too few children with an adoption plan in {year}.",
        where=f"{ADOPTIONS[year.start_year]} adoptions belong to that year",
        remedy="Use another seed, or a larger intake.",
    )
