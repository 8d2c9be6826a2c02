"""Rules for a milestone and its day: M01 to M09."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pace_analysis.tables.rules.registry import rule
from pace_analysis.tables.rules.steps import Steps
from pace_analysis.tables.schema import Extract

FIRST_DATE = pd.Timestamp(1990, 1, 1)
PREGNANCY = pd.DateOffset(months=9)  # a plan may be made for a child not yet born, never earlier
MAY_PRECEDE = ("home_supervision_start", "reporter_referral")  # steps that lead to care away from home
IN_ORDER = (
    ("permanence_recommendation", "ratifying_review"),
    ("permanence_recommendation", "panel"),
    ("report_complete", "panel"),
    ("panel", "agency_decision"),
    ("agency_decision", "court_lodged"),
    ("court_lodged", "order_granted"),
)
PERIOD = {"period": [{"period_id": "a", "start_date": "2015-01-01", "end_date": "2015-08-01"}]}


@rule(
    "M01",
    table="milestone",
    fields=["period_id"],
    severity="error",
    says="The milestone's period is not in the period table.",
    remedy="Export the periods again with the same selection as the milestones.",
    broken=[{"period_id": "b"}],
    mended=[{"period_id": "a"}],
    given=PERIOD,
)
def unknown_period(period_of_milestone: np.ndarray) -> np.ndarray:
    return period_of_milestone < 0


@rule(
    "M02",
    table="milestone",
    fields=["date"],
    severity="error",
    says="The milestone lies after the data cut.",
    remedy="Leave planned dates out, or give the data cut of the day the extract was made.",
    broken=[{"period_id": "a", "date": "2015-10-01"}],
    mended=[{"period_id": "a", "date": "2015-09-30"}],
    given=PERIOD,
)
def milestone_after_data_cut(milestone: pd.DataFrame, extract: Extract) -> pd.Series:
    return milestone["date"] > pd.Timestamp(extract.as_at)


def _may_not_precede(milestone: pd.DataFrame) -> pd.Series:
    return ~milestone["milestone"].isin(MAY_PRECEDE)


@rule(
    "M03",
    table="milestone",
    fields=["date"],
    severity="error",
    says="The milestone lies more than nine months before its period starts.",
    remedy="Correct the date, or attach the milestone to the period of care it belongs to.",
    broken=[{"period_id": "a", "milestone": "panel", "date": "2014-03-31"}],
    mended=[
        {"period_id": "a", "milestone": "panel", "date": "2014-04-01"},
        {"period_id": "a", "milestone": "home_supervision_start", "date": "2013-01-01"},
    ],
    given=PERIOD,
)
def long_before_start(milestone: pd.DataFrame, period_start: pd.Series) -> pd.Series:
    return (milestone["date"] + PREGNANCY < period_start) & _may_not_precede(milestone)


@rule(
    "M04",
    table="milestone",
    fields=["date"],
    severity="warning",
    says="The milestone lies before its period starts, by up to nine months.",
    remedy="Right for a plan made before birth, which counts on the first day of care; otherwise correct the date.",
    broken=[{"period_id": "a", "milestone": "panel", "date": "2014-12-31"}],
    mended=[{"period_id": "a", "milestone": "panel", "date": "2015-01-01"}],
    given=PERIOD,
)
def before_start(milestone: pd.DataFrame, period_start: pd.Series) -> pd.Series:
    within_pregnancy = (milestone["date"] < period_start) & (milestone["date"] + PREGNANCY >= period_start)
    return within_pregnancy & _may_not_precede(milestone)


@rule(
    "M05",
    table="milestone",
    fields=["period_id", "date"],
    severity="warning",
    says="The period has an earlier recommendation of permanence on another day.",
    remedy="Record a second review that ratifies the first as 'ratifying_review'; the first day is used until then.",
    broken=[
        {"period_id": "a", "milestone": "permanence_recommendation", "date": "2015-02-01"},
        {"period_id": "a", "milestone": "permanence_recommendation", "date": "2015-03-01"},
    ],
    mended=[
        {"period_id": "a", "milestone": "permanence_recommendation", "date": "2015-02-01"},
        {"period_id": "a", "milestone": "ratifying_review", "date": "2015-03-01"},
    ],
)
def recommended_again(milestone: pd.DataFrame, steps: Steps) -> pd.Series:
    recommended = milestone["milestone"] == "permanence_recommendation"
    return recommended & (milestone["date"] > steps.first("permanence_recommendation"))


@rule(
    "M06",
    table="milestone",
    fields=["date"],
    severity="warning",
    says="The milestone lies after the end of its period.",
    remedy="Check the end of the period and the date; a date after the end does not count in that period's wait.",
    broken=[{"period_id": "a", "milestone": "panel", "date": "2015-08-02"}],
    mended=[{"period_id": "a", "milestone": "panel", "date": "2015-08-01"}],
    given=PERIOD,
)
def after_end(milestone: pd.DataFrame, period_end: pd.Series) -> pd.Series:
    return milestone["date"] > period_end


@rule(
    "M07",
    table="milestone",
    fields=["milestone", "date"],
    severity="warning",
    says="The milestone lies before one that comes first in the process.",
    remedy="Check both dates: recommendation, report, panel, agency decision, court and order follow in that order.",
    broken=[
        {"period_id": "a", "milestone": "panel", "date": "2015-03-02"},
        {"period_id": "a", "milestone": "agency_decision", "date": "2015-03-01"},
    ],
    mended=[
        {"period_id": "a", "milestone": "panel", "date": "2015-03-02"},
        {"period_id": "a", "milestone": "agency_decision", "date": "2015-03-02"},
        {"period_id": "b", "milestone": "agency_decision", "date": "2015-03-01"},
    ],
)
def out_of_order(milestone: pd.DataFrame, steps: Steps) -> pd.Series:
    found = pd.Series(False, index=milestone.index)
    for earlier, later in IN_ORDER:
        found |= (milestone["milestone"] == later) & (milestone["date"] < steps.first(earlier))
    return found


@rule(
    "M08",
    table="milestone",
    fields=["period_id", "milestone", "date"],
    severity="warning",
    says="The same milestone of the same day stands in the table more than once.",
    remedy="Remove the repeated row; it changes no figure.",
    broken=[{"period_id": "a", "milestone": "panel", "date": "2015-03-02"}] * 2,
    mended=[
        {"period_id": "a", "milestone": "panel", "date": "2015-03-02"},
        {"period_id": "a", "milestone": "panel", "date": "2015-03-03"},
    ],
)
def milestone_repeated(milestone: pd.DataFrame, period_number: np.ndarray) -> pd.Series:
    return milestone[["milestone", "date"]].assign(period=period_number).duplicated()


@rule(
    "M09",
    table="milestone",
    fields=["date"],
    severity="error",
    says="The milestone lies before 1990.",
    remedy="Correct the date; such dates are usually a default of the system for 'not known'.",
    broken=[{"period_id": "a", "date": "1900-01-01"}],
    mended=[{"period_id": "a", "date": "1990-01-01"}],
)
def milestone_too_early(milestone: pd.DataFrame) -> pd.Series:
    return milestone["date"] < FIRST_DATE
