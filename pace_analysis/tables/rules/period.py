"""Rules for a period of care by itself and beside the child's other periods: P01 on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pace_analysis.tables.rules.registry import rule
from pace_analysis.tables.schema import Extract

FIRST_START = pd.Timestamp(1990, 1, 1)


@rule(
    "P01",
    table="period",
    fields=["period_id"],
    severity="error",
    says="The period's number stands in the table more than once.",
    remedy="Give every period of care a number of its own; the first one is used until then.",
    broken=[{"period_id": "1"}, {"period_id": "1"}],
    mended=[{"period_id": "1"}, {"period_id": "01"}],
)
def period_repeated(period: pd.DataFrame) -> pd.Series:
    return period["period_id"].duplicated()


@rule(
    "P02",
    table="period",
    fields=["child_id"],
    severity="error",
    says="The period's child is not in the child table.",
    remedy="Export the children again with the same selection as the periods.",
    broken=[{"child_id": "0042"}],
    mended=[{"child_id": "42"}],
    given={"child": [{"child_id": "42"}]},
)
def unknown_child(child_of_period: np.ndarray) -> np.ndarray:
    return child_of_period < 0


@rule(
    "P03",
    table="period",
    fields=["start_date", "end_date"],
    severity="error",
    says="The period of care ends before it starts.",
    remedy="Correct whichever date is wrong in the case-management system and export again.",
    broken=[{"start_date": "2015-03-11", "end_date": "2015-03-01"}],
    mended=[{"start_date": "2015-03-01", "end_date": "2015-03-11"}, {"start_date": "2015-03-01", "end_date": None}],
)
def ends_before_start(period: pd.DataFrame) -> pd.Series:
    return period["end_date"] < period["start_date"]


@rule(
    "P04",
    table="period",
    fields=["child_id", "start_date", "end_date"],
    severity="error",
    says="The period starts before an earlier period of the same child has ended.",
    remedy="Close the earlier period on the day the next one starts, or merge the two; short breaks may overlap.",
    broken=[
        {"child_id": "1", "kind": "home", "start_date": "2014-01-01", "end_date": None},
        {"child_id": "1", "kind": "away", "start_date": "2015-01-01"},
    ],
    mended=[
        {"child_id": "1", "kind": "home", "start_date": "2014-01-01", "end_date": "2015-01-01"},
        {"child_id": "1", "kind": "away", "start_date": "2015-01-01"},
        {"child_id": "1", "kind": "short_break", "start_date": "2014-06-01"},
        {"child_id": "2", "kind": "away", "start_date": "2014-06-01"},
    ],
    also="903 rule 501",
)
def overlaps_earlier(period: pd.DataFrame, earlier: pd.DataFrame) -> pd.Series:
    return period["start_date"] < earlier["last_end"]


@rule(
    "P05",
    table="period",
    fields=["start_date"],
    severity="error",
    says="The period of care starts before the child is born.",
    remedy="Correct the start or the date of birth; a plan made before birth belongs in the milestones.",
    broken=[{"child_id": "1", "start_date": "2015-01-31"}],
    mended=[{"child_id": "1", "start_date": "2015-02-01"}],
    given={"child": [{"child_id": "1", "date_of_birth": "2015-02-01"}]},
)
def starts_before_birth(period: pd.DataFrame, birth: pd.Series) -> pd.Series:
    return period["start_date"] < birth


@rule(
    "P06",
    table="period",
    fields=["start_date", "end_date"],
    severity="error",
    says="The period starts or ends after the data cut.",
    remedy="Correct the date, or give the data cut of the day the extract was made.",
    broken=[{"start_date": "2015-09-01", "end_date": "2015-10-01"}],
    mended=[{"start_date": "2015-09-30", "end_date": "2015-09-30"}],
)
def after_data_cut(period: pd.DataFrame, extract: Extract) -> pd.Series:
    cut = pd.Timestamp(extract.as_at)
    return (period["start_date"] > cut) | (period["end_date"] > cut)


@rule(
    "P07",
    table="period",
    fields=["end_date", "end_reason"],
    severity="warning",
    says="The period has ended and no reason is given.",
    remedy="Add where the child went, or the code for 'not known'; it counts as not known until then.",
    broken=[{"end_date": "2015-03-01", "end_reason": ""}],
    mended=[{"end_date": "2015-03-01", "end_reason": "not_known"}, {"end_date": None, "end_reason": ""}],
    also="903 rule 148",
)
def end_without_reason(period: pd.DataFrame) -> pd.Series:
    return period["end_date"].notna() & (period["end_reason"] == "")


@rule(
    "P08",
    table="period",
    fields=["end_date", "end_reason"],
    severity="error",
    says="A reason for the end is given and no end date.",
    remedy="Add the last day of the period, or clear the reason if the child is still looked after.",
    broken=[{"end_date": None, "end_reason": "home"}],
    mended=[{"end_date": "2015-03-01", "end_reason": "home"}],
    also="903 rule 148",
)
def reason_without_end(period: pd.DataFrame) -> pd.Series:
    return period["end_date"].isna() & (period["end_reason"] != "")


@rule(
    "P09",
    table="period",
    fields=["start_date"],
    severity="error",
    says="The period of care starts before 1990.",
    remedy="Correct the start date; such dates are usually a default of the system for 'not known'.",
    broken=[{"start_date": "1900-01-01"}],
    mended=[{"start_date": "1990-01-01"}],
)
def starts_too_early(period: pd.DataFrame) -> pd.Series:
    return period["start_date"] < FIRST_START
