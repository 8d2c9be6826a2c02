"""The course of one period of care: how the wait ended, and when and how the child left.

Whatever follows a decision is drawn after it and never changes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from pace_analysis.extract.sample.chance import days_later, happens
from pace_analysis.extract.sample.intake import Arrival
from pace_analysis.extract.sample.truth import (
    AGE_BANDS,
    CAUSES,
    DECISIONS,
    END_REASONS,
    TURNED_18,
    Truth,
    age_band,
    birthday,
)
from pace_analysis.extract.sample.waits import draw_waits

KINSHIP_BY_ORDER = 0.70  # of kinship decisions; the other children live with relatives without an order
ORDER_MADE = 0.80  # of permanence order plans
PLAN_REVERSED = 0.06  # of permanence order plans
ADOPTION_IN_DOUBT = 0.25  # of adoption plans: reversed, unless the court grants the order first
LEAVES_LATER = 0.20  # of children with a permanence order plan


@dataclass(frozen=True, slots=True)
class Course:
    """One period away from home.

    Attributes
    ----------
    arrival : Arrival
        The child and the day accommodated.
    cause : str
        One of ``CAUSES`` or ``turned_18``: what ended the wait.
    waited_until : date
        Day of the decision, or of leaving without one.
    end, end_reason : date, str
        Last day of the period: the eighteenth birthday where nothing ends it sooner.
    order : date or None
        Day the final order was granted.
    reversed_on, decided_again, new_route : date or None, date or None, str
        A plan that was given up, and what was recommended instead.
    """

    arrival: Arrival
    cause: str
    waited_until: date
    end: date = date.max
    end_reason: str = ""
    order: date | None = None
    reversed_on: date | None = None
    decided_again: date | None = None
    new_route: str = ""

    @property
    def route(self) -> str:
        """Route of the first decision; ``""`` when the child left without one."""
        return self.cause if self.cause in DECISIONS else ""


def courses(truth: Truth, arrivals: list[Arrival], rng: np.random.Generator) -> list[Course]:
    """Draw every arrival's wait and what follows; adoption plans are left open for the court."""
    entered = np.array([one.start for one in arrivals], dtype="datetime64[D]")
    bands = np.array([AGE_BANDS.index(age_band(one.child.born, one.start)) for one in arrivals], dtype=int)
    wait, cause = draw_waits(truth, entered, bands, rng)
    return [
        _course(one, CAUSES[cause[one.plan_with]], one.start + timedelta(days=int(wait[one.plan_with])), rng)
        for one in arrivals
    ]


def _course(arrival: Arrival, cause: str, until: date, rng: np.random.Generator) -> Course:
    eighteenth = birthday(arrival.child.born, 18)
    if until >= eighteenth:
        return Course(arrival, TURNED_18, eighteenth, eighteenth, TURNED_18)
    if cause in END_REASONS:
        return Course(arrival, cause, until, until, END_REASONS[cause])
    follow = {"home": _home, "kinship": _kinship, "permanence_order": _permanence_order, "adoption": _adoption}
    return _until_18(follow[cause](arrival, until, rng), eighteenth)


def _home(arrival: Arrival, decided: date, rng: np.random.Generator) -> Course:
    return Course(arrival, "home", decided, days_later(rng, decided, 7, 120), "home")


def _kinship(arrival: Arrival, decided: date, rng: np.random.Generator) -> Course:
    if happens(rng, KINSHIP_BY_ORDER):
        order = days_later(rng, decided, 90, 330)
        return Course(arrival, "kinship", decided, order, "kinship_order", order)
    return Course(arrival, "kinship", decided, days_later(rng, decided, 14, 150), "kinship")


def _permanence_order(arrival: Arrival, decided: date, rng: np.random.Generator) -> Course:
    if happens(rng, PLAN_REVERSED):
        given_up = days_later(rng, decided, 100, 400)
        again = days_later(rng, given_up, 20, 90)
        end = days_later(rng, again, 14, 120)
        return Course(
            arrival, "permanence_order", decided, end, "home",
            reversed_on=given_up, decided_again=again, new_route="home",
        )
    order = days_later(rng, decided, 260, 620) if happens(rng, ORDER_MADE) else None
    leaves, end = happens(rng, LEAVES_LATER), days_later(rng, decided, 700, 1800)
    return Course(arrival, "permanence_order", decided, end if leaves else date.max, "other", order)


def _adoption(arrival: Arrival, decided: date, rng: np.random.Generator) -> Course:
    if not happens(rng, ADOPTION_IN_DOUBT):
        return Course(arrival, "adoption", decided)
    given_up = days_later(rng, decided, 300, 650)
    again = days_later(rng, given_up, 20, 90)
    return Course(
        arrival, "adoption", decided, reversed_on=given_up, decided_again=again, new_route="permanence_order"
    )


def _until_18(course: Course, eighteenth: date) -> Course:
    """Care ends at the eighteenth birthday, and no plan is made, changed or secured after that."""
    if course.end < eighteenth:
        return course

    def before(day: date | None) -> date | None:
        return day if day is not None and day < eighteenth else None

    again = before(course.decided_again)
    return replace(
        course, end=eighteenth, end_reason=TURNED_18, order=before(course.order),
        reversed_on=before(course.reversed_on), decided_again=again, new_route=course.new_route if again else "",
    )
