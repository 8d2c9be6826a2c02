"""Rules for the child table: C01 on."""

from __future__ import annotations

import pandas as pd

from pace_analysis.tables.rules.registry import rule
from pace_analysis.tables.schema import Extract

FIRST_BIRTH = pd.Timestamp(1980, 1, 1)  # a child of 17 when the oldest usable records begin was born later


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
