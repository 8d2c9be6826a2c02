"""Rules for a milestone beside the stages before it: M10 to M17, M23, M24 and M26.

A stage is missing only where the extract records it for other periods: many returns do not hold every milestone.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pandas as pd

from pace_analysis.tables.rules.registry import rule
from pace_analysis.tables.rules.steps import Steps

NOT_BEFORE_BIRTH = ("home_supervision_start", "first_review", "placed", "order_granted", "supervision_ended")
NEEDS_ONE_OF = MappingProxyType({
    "agency_decision": ("permanence_recommendation", "panel"),
    "court_lodged": ("permanence_recommendation", "agency_decision"),
    "matched": ("permanence_recommendation", "agency_decision"),
    "placed": ("permanence_recommendation", "agency_decision"),
    "order_granted": ("permanence_recommendation", "agency_decision", "court_lodged"),
    "plan_reversed": ("permanence_recommendation", "permanence_plan_agreed", "agency_decision"),
})
DECISIONS = ("permanence_recommendation", "permanence_plan_agreed", "agency_decision")
LONG_AFTER_PANEL = pd.Timedelta(days=365)
LONG_TO_REVIEW = pd.Timedelta(days=365)


def _of(period: str, milestone: str, day: str, **more: str) -> dict[str, str]:
    """One row of an example."""
    return {"period_id": period, "milestone": milestone, "date": day, **more}


@rule(
    "M10",
    table="milestone",
    fields=["milestone", "date"],
    severity="error",
    says="The milestone lies before the child is born, and only a plan can be made before birth.",
    remedy="Correct the date or the date of birth.",
    broken=[_of("a", "first_review", "2015-01-31")],
    mended=[_of("a", "first_review", "2015-02-01"), _of("a", "permanence_recommendation", "2015-01-31")],
    given={
        "child": [{"child_id": "1", "date_of_birth": "2015-02-01"}],
        "period": [{"period_id": "a", "child_id": "1", "start_date": "2015-02-01"}],
    },
)
def before_birth(milestone: pd.DataFrame, birth_of_milestone: pd.Series) -> pd.Series:
    return milestone["milestone"].isin(NOT_BEFORE_BIRTH) & (milestone["date"] < birth_of_milestone)


@rule(
    "M11",
    table="milestone",
    fields=["period_id", "milestone"],
    severity="warning",
    says="The milestone is of a later stage, and none of the stages that lead to it is recorded.",
    remedy="Add the recommendation, panel, decision or application before it, or attach it to another period.",
    broken=[_of("b", "permanence_recommendation", "2015-01-01"), _of("a", "court_lodged", "2015-03-01")],
    mended=[
        _of("b", "permanence_recommendation", "2015-01-01"),
        _of("b", "court_lodged", "2015-03-01"),
        _of("c", "panel", "2015-01-01"),
        _of("c", "agency_decision", "2015-01-02"),
        _of("c", "court_lodged", "2015-03-01"),
    ],
)
def jumps_over_stages(milestone: pd.DataFrame, steps: Steps) -> pd.Series:
    found = pd.Series(False, index=milestone.index)
    for later, needed in NEEDS_ONE_OF.items():
        used = [name for name in needed if steps.recorded(name)]
        if used:
            found |= (milestone["milestone"] == later) & np.isnat(steps.earliest(used))
    return found


@rule(
    "M12",
    table="milestone",
    fields=["period_id", "milestone"],
    severity="warning",
    says="A review ratifies a recommendation, and none is recorded.",
    remedy="Add the review that first recommended permanence; the wait has no end until then.",
    broken=[_of("b", "permanence_recommendation", "2015-01-01"), _of("a", "ratifying_review", "2015-03-01")],
    mended=[_of("a", "permanence_recommendation", "2015-01-01"), _of("a", "ratifying_review", "2015-03-01")],
)
def ratifies_nothing(milestone: pd.DataFrame, steps: Steps) -> pd.Series:
    return _without("permanence_recommendation", "ratifying_review", milestone, steps)


def _without(needed: str, later: str, milestone: pd.DataFrame, steps: Steps) -> pd.Series:
    """Rows of milestone ``later`` in periods without ``needed``, where the extract records that at all."""
    return (milestone["milestone"] == later) & steps.recorded(needed) & np.isnat(steps.first(needed))


@rule(
    "M13",
    table="milestone",
    fields=["milestone", "date"],
    severity="warning",
    says="The agency decision lies more than a year after the panel.",
    remedy="Check the year of both dates; the decision is due within days, and a later panel may be missing.",
    broken=[_of("a", "panel", "2014-03-01"), _of("a", "agency_decision", "2015-03-02")],
    mended=[
        _of("a", "panel", "2013-03-01"),
        _of("a", "panel", "2014-03-01"),
        _of("a", "agency_decision", "2015-03-01"),
    ],
)
def long_after_panel(milestone: pd.DataFrame, steps: Steps) -> pd.Series:
    last = steps.last("panel")
    before = np.where(last <= milestone["date"].to_numpy(), last, steps.first("panel"))
    return (milestone["milestone"] == "agency_decision") & (milestone["date"] - before > LONG_AFTER_PANEL)


@rule(
    "M14",
    table="milestone",
    fields=["milestone", "date"],
    severity="warning",
    says="The child is placed before being matched with the family.",
    remedy="Correct whichever date is wrong; a stay with the same carers before the match is not the placement.",
    broken=[_of("a", "matched", "2015-03-02"), _of("a", "placed", "2015-03-01")],
    mended=[_of("a", "matched", "2015-03-01"), _of("a", "placed", "2015-03-01"), _of("b", "placed", "2015-02-01")],
    also="903 rule 331",
)
def placed_before_match(milestone: pd.DataFrame, steps: Steps) -> pd.Series:
    return (milestone["milestone"] == "placed") & (milestone["date"] < steps.first("matched"))


@rule(
    "M15",
    table="milestone",
    fields=["milestone", "date"],
    severity="warning",
    says="The child is matched before the agency decision.",
    remedy="Correct whichever date is wrong; a decision of an earlier plan may be missing.",
    broken=[_of("a", "agency_decision", "2015-03-02"), _of("a", "matched", "2015-03-01")],
    mended=[
        _of("a", "agency_decision", "2015-03-01"),
        _of("a", "matched", "2015-03-01"),
        _of("b", "matched", "2015-02-01"),
    ],
    also="903 rule 333",
)
def matched_before_decision(milestone: pd.DataFrame, steps: Steps) -> pd.Series:
    return (milestone["milestone"] == "matched") & (milestone["date"] < steps.first("agency_decision"))


@rule(
    "M16",
    table="milestone",
    fields=["milestone", "date"],
    severity="warning",
    says="The child is placed before the agency decision.",
    remedy="Correct whichever date is wrong; the date of placement is the day the child lives there for good.",
    broken=[_of("a", "agency_decision", "2015-03-02"), _of("a", "placed", "2015-03-01")],
    mended=[
        _of("a", "agency_decision", "2015-03-01"),
        _of("a", "placed", "2015-03-01"),
        _of("b", "placed", "2015-02-01"),
    ],
    also="903 rule 552",
)
def placed_before_decision(milestone: pd.DataFrame, steps: Steps) -> pd.Series:
    return (milestone["milestone"] == "placed") & (milestone["date"] < steps.first("agency_decision"))


@rule(
    "M17",
    table="milestone",
    fields=["milestone", "date"],
    severity="warning",
    says="The plan is reversed before any decision is recorded that it could reverse.",
    remedy="Add the first decision: systems often overwrite it with that of the new plan, so that it looks late.",
    broken=[_of("a", "permanence_recommendation", "2015-03-02"), _of("a", "plan_reversed", "2015-03-01")],
    mended=[
        _of("a", "permanence_recommendation", "2015-03-01"),
        _of("a", "plan_reversed", "2015-03-01"),
        _of("b", "plan_reversed", "2015-02-01"),
    ],
    also="903 rule 522",
)
def reversed_before_decision(milestone: pd.DataFrame, steps: Steps) -> pd.Series:
    return (milestone["milestone"] == "plan_reversed") & (milestone["date"] < steps.earliest(DECISIONS))


@rule(
    "M23",
    table="milestone",
    fields=["period_id", "milestone"],
    severity="warning",
    says="The panel considered the child, and no day is recorded on which the report was complete.",
    remedy="Add the day of the report; without it the time to write reports cannot be measured.",
    broken=[_of("b", "report_complete", "2015-01-01"), _of("a", "panel", "2015-03-01")],
    mended=[_of("a", "report_complete", "2015-01-01"), _of("a", "panel", "2015-03-01")],
)
def panel_without_report(milestone: pd.DataFrame, steps: Steps) -> pd.Series:
    return _without("report_complete", "panel", milestone, steps)


@rule(
    "M24",
    table="milestone",
    fields=["period_id", "milestone"],
    severity="warning",
    says="There is an agency decision, and no panel is recorded.",
    remedy="Add the day the panel considered the child; without it the days from panel to decision cannot be counted.",
    broken=[_of("b", "panel", "2015-01-01"), _of("a", "agency_decision", "2015-03-01")],
    mended=[_of("a", "panel", "2015-03-01"), _of("a", "agency_decision", "2015-03-01")],
)
def decision_without_panel(milestone: pd.DataFrame, steps: Steps) -> pd.Series:
    return _without("panel", "agency_decision", milestone, steps)


@rule(
    "M26",
    table="milestone",
    fields=["milestone", "date"],
    severity="warning",
    says="The first review lies more than a year after the period started.",
    remedy="Check its date; it is due within weeks, so the first review itself is probably missing.",
    broken=[_of("a", "first_review", "2015-01-02")],
    mended=[_of("a", "first_review", "2015-01-01"), _of("a", "panel", "2015-02-01")],
    given={"period": [{"period_id": "a", "start_date": "2014-01-01"}]},
)
def late_first_review(milestone: pd.DataFrame, steps: Steps, period_start: pd.Series) -> pd.Series:
    first = (milestone["milestone"] == "first_review") & (milestone["date"] == steps.first("first_review"))
    return first & (milestone["date"] - period_start > LONG_TO_REVIEW)
