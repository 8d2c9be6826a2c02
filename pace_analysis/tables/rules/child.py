"""Rules for the child table: C01 on."""

from __future__ import annotations

import pandas as pd

from pace_analysis.tables.rules.registry import rule
from pace_analysis.tables.schema import Extract

FIRST_BIRTH = pd.Timestamp(1980, 1, 1)  # a child of 17 when the oldest usable records begin was born later
LARGEST_FAMILY = 12  # children
MANY_PERIODS = 5


@rule(
    "C01",
    table="child",
    fields=["child_id"],
    severity="error",
    says="The child's number stands in the table more than once.",
    remedy="Keep one row for each child; the first one is used until then.",
    broken=[{"child_id": "0042"}, {"child_id": "0042"}],
    mended=[{"child_id": "0042"}, {"child_id": "042"}],
)
def child_repeated(child: pd.DataFrame) -> pd.Series:
    return child["child_id"].duplicated()


@rule(
    "C02",
    table="child",
    fields=["date_of_birth"],
    severity="error",
    says="The date of birth lies after the data cut or before 1980.",
    remedy="Correct the date of birth in the case-management system and export again.",
    broken=[{"child_id": "1", "date_of_birth": "2016-01-01"}],
    mended=[{"child_id": "1", "date_of_birth": "2015-01-01"}],
)
def birth_out_of_range(child: pd.DataFrame, extract: Extract) -> pd.Series:
    born = child["date_of_birth"]
    return (born > pd.Timestamp(extract.as_at)) | (born < FIRST_BIRTH)


@rule(
    "C03",
    table="child",
    fields=["child_id"],
    severity="warning",
    says="The child has no period of care.",
    remedy="Check that the extract of periods covers the same children; the child is in no figure.",
    broken=[{"child_id": "1"}, {"child_id": "2"}],
    mended=[{"child_id": "1"}],
    given={"period": [{"period_id": "a", "child_id": "1"}]},
)
def child_without_period(child: pd.DataFrame, period: pd.DataFrame) -> pd.Series:
    return ~child["child_id"].isin(period["child_id"])


@rule(
    "C04",
    table="child",
    fields=["sex"],
    severity="warning",
    says="The child's sex is not recorded, and other children's is.",
    remedy="Add it in the case-management system; the child is left out where figures are shown by sex.",
    broken=[{"child_id": "1", "sex": "F"}, {"child_id": "2", "sex": "U"}],
    mended=[{"child_id": "1", "sex": "F"}, {"child_id": "2", "sex": "O"}],
)
def sex_not_known(child: pd.DataFrame) -> pd.Series:
    known = ~child["sex"].isin(["", "U"])
    return ~known & known.any()


@rule(
    "C05",
    table="child",
    fields=["sibling_group"],
    severity="warning",
    says="The sibling group holds this child alone.",
    remedy="Give brothers and sisters the same text in every row; leave it blank for a child without any in care.",
    broken=[{"child_id": "1"}, {"child_id": "2", "sibling_group": "k"}],
    mended=[{"child_id": "1", "sibling_group": "k"}, {"child_id": "2"}, {"child_id": "3", "sibling_group": "k"}],
)
def sibling_alone(child: pd.DataFrame) -> pd.Series:
    return (child["sibling_group"] != "") & ~child["sibling_group"].duplicated(keep=False)


@rule(
    "C06",
    table="child",
    fields=["sibling_group"],
    severity="warning",
    says="The sibling group holds twelve children or more before this one.",
    remedy="Check that the text stands for one family and is not a word such as 'yes' or 'none'.",
    broken=[{"child_id": "1", "sibling_group": "yes"}] * 13,
    mended=[{"child_id": "1", "sibling_group": "k"}] * 12 + [{"child_id": "2"}] * 13,
)
def sibling_group_too_large(child: pd.DataFrame) -> pd.Series:
    return (child["sibling_group"] != "") & (child.groupby("sibling_group").cumcount() >= LARGEST_FAMILY)


@rule(
    "C07",
    table="child",
    fields=["child_id"],
    severity="warning",
    says="The child has more than five periods of care away from home.",
    remedy="Check that the rows are periods of care and not placements; a change of placement starts no new period.",
    broken=[{"child_id": "1"}, {"child_id": "2"}],
    mended=[{"child_id": "1"}],
    given={"period": [{"child_id": "1", "kind": "away"}] * 5 + [{"child_id": "1", "kind": "short_break"}]
           + [{"child_id": "2", "kind": "away"}] * 6},
)
def many_periods(child: pd.DataFrame, period: pd.DataFrame) -> pd.Series:
    away = period.loc[period["kind"] == "away", "child_id"].value_counts()
    return child["child_id"].map(away) > MANY_PERIODS
