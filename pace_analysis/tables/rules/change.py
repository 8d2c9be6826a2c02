"""Rules for the table of tests of change: T01 on."""

from __future__ import annotations

import pandas as pd

from pace_analysis.tables.rules.registry import rule
from pace_analysis.tables.schema import Extract


@rule(
    "T01",
    table="change",
    fields=["start_date", "end_date"],
    severity="error",
    says="The test of change ends before it starts.",
    remedy="Correct whichever date is wrong in the list of changes.",
    broken=[{"change_id": "a", "start_date": "2015-03-11", "end_date": "2015-03-01"}],
    mended=[{"change_id": "a", "start_date": "2015-03-01", "end_date": "2015-03-01"}],
)
def change_ends_before_start(change: pd.DataFrame) -> pd.Series:
    return change["end_date"] < change["start_date"]


@rule(
    "T02",
    table="change",
    fields=["status", "start_date"],
    severity="warning",
    says="The change is being tested or is usual practice, and has no start date.",
    remedy="Add the day it started; until then it cannot be marked on a chart.",
    broken=[{"change_id": "a", "status": "testing"}],
    mended=[
        {"change_id": "a", "status": "testing", "start_date": "2015-03-01"},
        {"change_id": "b", "status": "planned"},
    ],
)
def running_without_start(change: pd.DataFrame) -> pd.Series:
    return change["status"].isin(["testing", "implemented"]) & change["start_date"].isna()


@rule(
    "T03",
    table="change",
    fields=["change_id"],
    severity="error",
    says="The change's short name stands in the table more than once.",
    remedy="Give every test of change a short name of its own; the first one is used until then.",
    broken=[{"change_id": "a"}, {"change_id": "a"}],
    mended=[{"change_id": "a"}, {"change_id": "b"}],
)
def change_repeated(change: pd.DataFrame) -> pd.Series:
    return change["change_id"].duplicated()


@rule(
    "T04",
    table="change",
    fields=["status", "end_date"],
    severity="warning",
    says="The change was stopped and has no end date.",
    remedy="Add the last day of the test; a chart shows it as going on until then.",
    broken=[{"change_id": "a", "status": "abandoned", "start_date": "2015-03-01"}],
    mended=[
        {"change_id": "a", "status": "abandoned", "start_date": "2015-03-01", "end_date": "2015-04-01"},
        {"change_id": "b", "status": "testing", "start_date": "2015-03-01"},
    ],
)
def stopped_without_end(change: pd.DataFrame) -> pd.Series:
    return (change["status"] == "abandoned") & change["end_date"].isna()


@rule(
    "T05",
    table="change",
    fields=["status", "start_date"],
    severity="warning",
    says="The change was due to start before the data cut and is still planned.",
    remedy="Say that it is being tested, or move the day it is due to start.",
    broken=[{"change_id": "a", "status": "planned", "start_date": "2015-09-30"}],
    mended=[{"change_id": "a", "status": "planned", "start_date": "2015-10-01"}],
)
def planned_in_the_past(change: pd.DataFrame, extract: Extract) -> pd.Series:
    return (change["status"] == "planned") & (change["start_date"] <= pd.Timestamp(extract.as_at))


@rule(
    "T06",
    table="change",
    fields=["status", "start_date"],
    severity="warning",
    says="The change is being tested or is usual practice, and starts after the data cut.",
    remedy="Say that it is planned, or correct the day it started.",
    broken=[{"change_id": "a", "status": "testing", "start_date": "2015-10-01"}],
    mended=[
        {"change_id": "a", "status": "testing", "start_date": "2015-09-30"},
        {"change_id": "b", "status": "planned", "start_date": "2015-10-01"},
    ],
)
def running_in_the_future(change: pd.DataFrame, extract: Extract) -> pd.Series:
    running = change["status"].isin(["testing", "implemented"])
    return running & (change["start_date"] > pd.Timestamp(extract.as_at))
