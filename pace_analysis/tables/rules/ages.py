"""Rules for how old the child was: A01 on."""

from __future__ import annotations

import pandas as pd

from pace_analysis.tables.rules.registry import rule
from pace_analysis.tables.schema import Extract

ADULT_AGE = pd.DateOffset(years=18)
LEAVING_AGE = pd.DateOffset(years=16)  # nobody leaves care for reason of age before
FIRST_BIRTHDAY = pd.DateOffset(years=1)
MANY_FOR_A_BABY = 3  # periods of care
BORN_1997 = {"child": [{"child_id": "1", "date_of_birth": "1997-02-01"}]}


@rule(
    "A01",
    table="period",
    fields=["start_date"],
    severity="error",
    says="The young person is 18 or older when the period starts.",
    remedy="Correct the start or the date of birth, or leave adults out of the extract.",
    broken=[{"child_id": "1", "start_date": "2015-02-01"}],
    mended=[{"child_id": "1", "start_date": "2015-01-31"}],
    given=BORN_1997,
)
def adult_at_start(period: pd.DataFrame, birth: pd.Series) -> pd.Series:
    return period["start_date"] >= birth + ADULT_AGE


@rule(
    "A02",
    table="period",
    fields=["end_date"],
    severity="warning",
    says="The period continues at the data cut and the young person is 18 or older.",
    remedy="Add the end of the period; the wait counts to the eighteenth birthday until then.",
    broken=[{"child_id": "1", "start_date": "2014-01-01"}],
    mended=[{"child_id": "1", "start_date": "2014-01-01", "end_date": "2015-02-01"}],
    given=BORN_1997,
)
def adult_still_in_care(period: pd.DataFrame, birth: pd.Series, extract: Extract) -> pd.Series:
    return period["end_date"].isna() & (birth + ADULT_AGE <= pd.Timestamp(extract.as_at))


@rule(
    "A03",
    table="period",
    fields=["end_date"],
    severity="warning",
    says="The period ends after the young person's eighteenth birthday.",
    remedy="End the period on the birthday where what follows is continuing care or aftercare; the wait counts to it.",
    broken=[{"child_id": "1", "start_date": "2014-01-01", "end_date": "2015-02-02"}],
    mended=[{"child_id": "1", "start_date": "2014-01-01", "end_date": "2015-02-01"}],
    given=BORN_1997,
)
def ends_as_adult(period: pd.DataFrame, birth: pd.Series) -> pd.Series:
    return period["end_date"] > birth + ADULT_AGE


@rule(
    "A04",
    table="period",
    fields=["end_date", "end_reason"],
    severity="warning",
    says="The period ended because the young person reached the age at which care ends, and they were under 16.",
    remedy="Correct the reason, the end or the date of birth; a child who went elsewhere has another reason.",
    broken=[{"child_id": "1", "end_date": "2013-01-31", "end_reason": "turned_18"}],
    mended=[
        {"child_id": "1", "end_date": "2013-02-01", "end_reason": "turned_18"},
        {"child_id": "1", "end_date": "2013-01-31", "end_reason": "home"},
    ],
    given=BORN_1997,
)
def too_young_to_age_out(period: pd.DataFrame, birth: pd.Series) -> pd.Series:
    return (period["end_reason"] == "turned_18") & (period["end_date"] < birth + LEAVING_AGE)


@rule(
    "A05",
    table="period",
    fields=["end_date", "end_reason"],
    severity="warning",
    says="The period ended with adoption or a kinship order, and the young person was 18 or older.",
    remedy="Correct the reason, the end or the date of birth; such orders are made for children.",
    broken=[{"child_id": "1", "end_date": "2015-02-01", "end_reason": "adopted"}],
    mended=[
        {"child_id": "1", "end_date": "2015-01-31", "end_reason": "adopted"},
        {"child_id": "1", "end_date": "2015-02-01", "end_reason": "turned_18"},
    ],
    given=BORN_1997,
    also="903 rules 386 and 407",
)
def order_for_an_adult(period: pd.DataFrame, birth: pd.Series) -> pd.Series:
    return period["end_reason"].isin(["adopted", "kinship_order"]) & (period["end_date"] >= birth + ADULT_AGE)


@rule(
    "A06",
    table="period",
    fields=["child_id", "start_date"],
    severity="warning",
    says="The child is under one year old and already has two earlier periods of care.",
    remedy="Check the date of birth, above all its year, and that the periods are of one child.",
    broken=[
        {"child_id": "1", "start_date": "2015-02-02"},
        {"child_id": "1", "start_date": "2015-04-02"},
        {"child_id": "1", "start_date": "2015-06-02"},
    ],
    mended=[
        {"child_id": "1", "start_date": "2015-02-02"},
        {"child_id": "1", "start_date": "2015-04-02"},
        {"child_id": "1", "kind": "short_break", "start_date": "2015-05-02"},
        {"child_id": "1", "start_date": "2016-02-01"},
    ],
    given={"child": [{"child_id": "1", "date_of_birth": "2015-02-01"}]},
)
def baby_with_a_long_history(period: pd.DataFrame, birth: pd.Series) -> pd.Series:
    care = period[period["kind"] != "short_break"].sort_values(["child_id", "start_date"], kind="stable")
    number = care.groupby("child_id", sort=False).cumcount().reindex(period.index) + 1
    return (number >= MANY_FOR_A_BABY) & (period["start_date"] < birth + FIRST_BIRTHDAY)


@rule(
    "A07",
    table="milestone",
    fields=["date"],
    severity="warning",
    says="The milestone lies after the young person's eighteenth birthday.",
    remedy="Check the date and the date of birth; the wait ended on the birthday, so the milestone counts in none.",
    broken=[{"period_id": "a", "milestone": "panel", "date": "2015-02-02"}],
    mended=[{"period_id": "a", "milestone": "panel", "date": "2015-02-01"}],
    given=BORN_1997 | {"period": [{"period_id": "a", "child_id": "1", "start_date": "2014-01-01"}]},
)
def milestone_of_an_adult(milestone: pd.DataFrame, birth_of_milestone: pd.Series) -> pd.Series:
    return milestone["date"] > birth_of_milestone + ADULT_AGE
