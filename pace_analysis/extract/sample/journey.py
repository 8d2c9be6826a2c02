"""The milestones of one period of care, laid out around its wait, its order and its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pace_analysis.extract.sample.chance import between, days_later, happens
from pace_analysis.extract.sample.course import Course
from pace_analysis.extract.sample.truth import birthday

EARLY_REFERRAL = date(2014, 9, 1)  # from here on, at once for children aged three and under
RATIFIED = 0.30  # of recommendations
AGENCY_ON_TIME = 0.88  # of agency decisions: within 14 days of the panel


@dataclass(frozen=True, slots=True)
class Step:
    """One milestone of a period."""

    milestone: str
    day: date
    route: str = ""


def steps(course: Course, rng: np.random.Generator) -> tuple[Step, ...]:
    """Draw the milestones of a course in order of date; none after the period's end."""
    found = [*_first_weeks(course, rng)]
    if course.route:
        recommended = _recommended(course, rng)
        found += [*_before(course, recommended, rng), *_recommendation(course, recommended, rng)]
        found += [*_towards_order(course, recommended, rng), *_supervision_ended(course, rng)]
    if course.reversed_on:
        found = [step for step in found if step.day < course.reversed_on]
        found.append(Step("plan_reversed", course.reversed_on))
    if course.decided_again:
        found.append(Step("permanence_recommendation", course.decided_again, course.new_route))
    return tuple(sorted((step for step in found if step.day <= course.end), key=lambda step: step.day))


def _recommended(course: Course, rng: np.random.Generator) -> date:
    """Day of the recommendation; a newborn decided on day 0 had a plan before birth, and before accommodation."""
    born, start = course.arrival.child.born, course.arrival.start
    before_birth = days_later(rng, born, -60, -3)
    planned = course.waited_until == start and course.route in ("adoption", "permanence_order")
    return before_birth if planned and (start - born).days < 14 else course.waited_until


def _first_weeks(course: Course, rng: np.random.Generator) -> Iterator[Step]:
    start = course.arrival.start
    is_young = start < birthday(course.arrival.child.born, 4)
    soon = is_young and start >= EARLY_REFERRAL
    referred, day = happens(rng, 0.65), days_later(rng, start, 0, 3 if soon else 45)
    if referred:
        yield Step("reporter_referral", day)
    first, late = days_later(rng, start, 14, 42), days_later(rng, start, 43, 75)
    yield Step("first_review", first if happens(rng, 0.88) else late)


def _before(course: Course, recommended: date, rng: np.random.Generator) -> Iterator[Step]:
    """Steps that lead to a decision away from the parents, after accommodation and not after the recommendation."""
    room = (recommended - course.arrival.start).days
    if course.route == "home" or room < 1:
        return
    for milestone, share, longest in (
        ("kinship_options_decided", 0.7, 90),
        ("rehabilitation_ruled_out", 0.85, 60),
        ("permanence_planning_meeting", 0.7, 28),
    ):
        held, day = happens(rng, share), recommended - timedelta(days=between(rng, 0, min(longest, room)))
        if held:
            yield Step(milestone, day)


def _recommendation(course: Course, recommended: date, rng: np.random.Generator) -> Iterator[Step]:
    yield Step("permanence_recommendation", recommended, course.route)
    ratified, day = happens(rng, RATIFIED), days_later(rng, recommended, 14, 42)
    if ratified:
        yield Step("ratifying_review", day, course.route)
    agreed, day = happens(rng, 0.5), days_later(rng, recommended, 0, 28)
    if agreed and course.route != "home":
        yield Step("permanence_plan_agreed", day, course.route)


def _towards_order(course: Course, recommended: date, rng: np.random.Generator) -> Iterator[Step]:
    if course.route == "kinship" and course.order:
        lodged = max(course.order - timedelta(days=between(rng, 40, 85)), recommended)
        yield from (Step("court_lodged", lodged), Step("order_granted", course.order, course.route))
    if course.route == "permanence_order":
        gaps = [*_to_agency(rng), ("advice_hearing", between(rng, 20, 90)), ("court_lodged", between(rng, 10, 40))]
        yield from _spread(course, recommended, [*gaps, ("", between(rng, 40, 90))])
    if course.route == "adoption":
        gaps = [*_to_agency(rng), ("matched", between(rng, 20, 120)), ("placed", between(rng, 14, 45))]
        gaps += [("court_lodged", between(rng, 30, 90))]
        yield from _spread(course, recommended, [*gaps, ("", between(rng, 40, 90))])


def _supervision_ended(course: Course, rng: np.random.Generator) -> Iterator[Step]:
    ended = happens(rng, 0.4)
    if ended and course.end_reason in ("home", "kinship_order"):
        yield Step("supervision_ended", course.end)


def _to_agency(rng: np.random.Generator) -> list[tuple[str, int]]:
    on_time, late = between(rng, 3, 14), between(rng, 15, 35)
    decided = on_time if happens(rng, AGENCY_ON_TIME) else late
    return [("report_complete", between(rng, 30, 100)), ("panel", between(rng, 14, 50)), ("agency_decision", decided)]


def _spread(course: Course, recommended: date, gaps: Sequence[tuple[str, int]]) -> Iterator[Step]:
    """Lay milestones out by the gaps between them, drawn together where the order came sooner than that."""
    total = sum(gap for _, gap in gaps)
    room = (course.order - recommended).days if course.order else total
    scale, elapsed = min(1.0, room / total), 0
    for milestone, gap in gaps[:-1]:
        elapsed += gap
        route = course.route if milestone in ("panel", "agency_decision") else ""
        yield Step(milestone, recommended + timedelta(days=int(elapsed * scale)), route)
    if course.order:
        yield Step("order_granted", course.order, course.route)
