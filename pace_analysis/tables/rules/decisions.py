"""Rules for decisions and orders: repeated, without a route, or attached to the wrong period: M18 to M28."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pace_analysis.tables.rules.registry import rule

OF_A_WAIT = (
    "permanence_recommendation", "ratifying_review", "panel", "agency_decision", "court_lodged", "matched", "placed",
)
TWO_PERIODS = {"period": [
    {"period_id": "a", "kind": "home", "start_date": "2014-01-01"},
    {"period_id": "b", "kind": "away", "start_date": "2014-01-01"},
]}


def _of(period: str, milestone: str, day: str, route: str = "") -> dict[str, str]:
    """One row of an example."""
    return {"period_id": period, "milestone": milestone, "date": day, "route": route}


@rule(
    "M18",
    table="milestone",
    fields=["period_id", "milestone", "date"],
    severity="warning",
    says="The period has an earlier agency decision on another day, and no reversal of it.",
    remedy="Record the day the first plan was reversed, or remove the decision entered twice; the first day is used.",
    broken=[_of("a", "agency_decision", "2015-03-01"), _of("a", "agency_decision", "2015-04-01")],
    mended=[
        _of("a", "agency_decision", "2015-03-01"),
        _of("a", "plan_reversed", "2015-03-15"),
        _of("a", "agency_decision", "2015-04-01"),
    ],
    also="903 rule 579",
)
def decided_again(milestone: pd.DataFrame, period_number: np.ndarray) -> pd.Series:
    kept = milestone["milestone"].isin(["agency_decision", "plan_reversed"])
    course = milestone[kept].assign(period=period_number[kept]).drop_duplicates(["period", "milestone", "date"])
    # on one day the old plan ends before the new one is decided
    course = course.sort_values(["period", "date", "milestone"], ascending=[True, True, False], kind="stable")
    again = (course["period"] == course["period"].shift()) & (course["milestone"] == course["milestone"].shift())
    return (again & (course["milestone"] == "agency_decision")).reindex(milestone.index, fill_value=False)


@rule(
    "M19",
    table="milestone",
    fields=["period_id", "milestone", "date", "route"],
    severity="warning",
    says="A final order of the same route was granted in this period on an earlier day.",
    remedy="Remove the order entered twice; a permanence order followed by adoption has two routes.",
    broken=[_of("a", "order_granted", "2015-03-01", "adoption"), _of("a", "order_granted", "2015-04-01", "adoption")],
    mended=[
        _of("a", "order_granted", "2015-03-01", "permanence_order"),
        _of("a", "order_granted", "2015-04-01", "adoption"),
    ],
)
def ordered_again(milestone: pd.DataFrame, period_number: np.ndarray) -> pd.Series:
    orders = milestone.assign(period=period_number)[milestone["milestone"] == "order_granted"]
    first = orders.groupby(["period", "route"])["date"].transform("min")
    return (orders["date"] > first).reindex(milestone.index, fill_value=False)


@rule(
    "M20",
    table="milestone",
    fields=["milestone", "date"],
    severity="warning",
    says="The child is matched on the very day the adoption ends the period.",
    remedy="Correct the day of the match, which comes well before the order.",
    broken=[_of("a", "matched", "2015-03-01")],
    mended=[_of("a", "matched", "2015-02-28"), _of("b", "matched", "2015-03-01")],
    given={"period": [
        {"period_id": "a", "end_date": "2015-03-01", "end_reason": "adopted"},
        {"period_id": "b", "end_date": "2015-03-01", "end_reason": "home"},
    ]},
    also="903 rule 582",
)
def matched_on_adoption(milestone: pd.DataFrame, period_end: pd.Series, period_end_reason: pd.Series) -> pd.Series:
    adopted_that_day = (period_end_reason == "adopted") & (period_end == milestone["date"])
    return (milestone["milestone"] == "matched") & adopted_that_day


def _route_missing(milestone: pd.DataFrame, names: tuple[str, ...]) -> pd.Series:
    """Rows of ``names`` without a route, where the extract names routes at all."""
    unknown = milestone["route"].isin(["", "not_known"])
    return milestone["milestone"].isin(names) & unknown & ~unknown.all()


@rule(
    "M21",
    table="milestone",
    fields=["route"],
    severity="warning",
    says="The recommendation has no route to permanence.",
    remedy="Add the route that was recommended; the wait ends as 'route not known' until then.",
    broken=[
        _of("a", "permanence_recommendation", "2015-03-01", "adoption"),
        _of("b", "permanence_recommendation", "2015-03-01", "not_known"),
    ],
    mended=[_of("a", "permanence_recommendation", "2015-03-01", "home"), _of("a", "panel", "2015-03-01")],
)
def recommended_without_route(milestone: pd.DataFrame) -> pd.Series:
    return _route_missing(milestone, ("permanence_recommendation",))


@rule(
    "M22",
    table="milestone",
    fields=["route"],
    severity="warning",
    says="The agency decision or final order has no route to permanence.",
    remedy="Add the route that was decided or granted.",
    broken=[
        _of("a", "permanence_recommendation", "2015-03-01", "adoption"),
        _of("a", "order_granted", "2015-03-01"),
    ],
    mended=[_of("a", "order_granted", "2015-03-01", "adoption"), _of("b", "matched", "2015-03-01")],
)
def ordered_without_route(milestone: pd.DataFrame) -> pd.Series:
    return _route_missing(milestone, ("agency_decision", "order_granted"))


@rule(
    "M25",
    table="milestone",
    fields=["period_id", "milestone"],
    severity="warning",
    says="The milestone belongs to supervision at home or short breaks, and so ends no wait of a child away from home.",
    remedy="Attach it to the period away from home; right where permanence is planned for a child at home.",
    broken=[_of("a", "panel", "2015-03-01")],
    mended=[_of("b", "panel", "2015-03-01"), _of("a", "home_supervision_start", "2014-01-01")],
    given=TWO_PERIODS,
)
def not_of_a_wait(milestone: pd.DataFrame, period_kind: pd.Series) -> pd.Series:
    return milestone["milestone"].isin(OF_A_WAIT) & period_kind.isin(["home", "short_break"])


@rule(
    "M28",
    table="milestone",
    fields=["milestone", "date"],
    severity="warning",
    says="Supervision at home begins during a period away from home.",
    remedy="End the period away on the day the child went home, or correct the date.",
    broken=[_of("b", "home_supervision_start", "2014-06-01")],
    mended=[_of("b", "home_supervision_start", "2014-01-01"), _of("a", "home_supervision_start", "2014-06-01")],
    given=TWO_PERIODS,
)
def at_home_while_away(
    milestone: pd.DataFrame, period_kind: pd.Series, period_start: pd.Series, period_end: pd.Series
) -> pd.Series:
    during = (milestone["date"] > period_start) & ~(milestone["date"] >= period_end)
    return (milestone["milestone"] == "home_supervision_start") & (period_kind == "away") & during
