"""Rules for brothers and sisters who came into care together: S01 on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pace_analysis.tables.rules.registry import rule

FAR_APART = pd.Timedelta(days=182)
TOGETHER = {
    "child": [{"child_id": name, "sibling_group": "k"} for name in ("1", "2")],
    "period": [
        {"period_id": "a", "child_id": "1", "kind": "away", "start_date": "2014-01-01"},
        {"period_id": "b", "child_id": "2", "kind": "away", "start_date": "2014-01-01"},
    ],
}


def _recommended(period: str, day: str, route: str) -> dict[str, str]:
    return {"period_id": period, "milestone": "permanence_recommendation", "date": day, "route": route}


def _decided(
    child: pd.DataFrame, period: pd.DataFrame, milestone: pd.DataFrame, period_of_milestone: np.ndarray,
    child_of_period: np.ndarray,
) -> pd.DataFrame:
    """First recommendations of siblings accommodated on one day, earliest first.

    date, route; ``group`` : the siblings; ``row`` : position in the milestone table.
    """
    recommended = (milestone["milestone"] == "permanence_recommendation").to_numpy()
    row = np.flatnonzero(recommended & (period_of_milestone >= 0))
    at = period_of_milestone[row]
    known = (child_of_period[at] >= 0) & (period["kind"].to_numpy()[at] == "away")
    row, at = row[known], at[known]
    decided = milestone.iloc[row][["date", "route"]].assign(
        row=row, period=at, start=period["start_date"].to_numpy()[at],
        family=child["sibling_group"].to_numpy()[child_of_period[at]],
    )
    decided = decided[decided["family"] != ""].sort_values(["date", "row"], kind="stable").drop_duplicates("period")
    return decided.assign(group=decided.groupby(["family", "start"]).ngroup())


def _rows(decided: pd.DataFrame, broken: pd.Series, milestone: pd.DataFrame) -> np.ndarray:
    found = np.zeros(len(milestone), dtype=bool)
    found[decided.loc[broken, "row"]] = True
    return found


@rule(
    "S01",
    table="milestone",
    fields=["route"],
    severity="warning",
    says="The route differs from that of a brother or sister accommodated the same day and decided earlier.",
    remedy="Check both routes; right where the siblings are to grow up apart.",
    broken=[_recommended("a", "2014-03-01", "adoption"), _recommended("b", "2014-03-02", "home")],
    mended=[_recommended("a", "2014-03-01", "adoption"), _recommended("b", "2014-03-02", "adoption")],
    given=TOGETHER,
)
def siblings_of_different_routes(
    child: pd.DataFrame, period: pd.DataFrame, milestone: pd.DataFrame, period_of_milestone: np.ndarray,
    child_of_period: np.ndarray,
) -> np.ndarray:
    decided = _decided(child, period, milestone, period_of_milestone, child_of_period)
    decided = decided[~decided["route"].isin(["", "not_known"])]
    first = decided.groupby("group")["route"].transform("first")
    return _rows(decided, decided["route"] != first, milestone)


@rule(
    "S02",
    table="milestone",
    fields=["date"],
    severity="warning",
    says="The recommendation lies more than 26 weeks after that of a brother or sister accommodated the same day.",
    remedy="Check both dates, and whether the plan for the siblings was made at one review.",
    broken=[_recommended("a", "2014-03-01", "adoption"), _recommended("b", "2014-08-31", "adoption")],
    mended=[_recommended("a", "2014-03-01", "adoption"), _recommended("b", "2014-08-30", "adoption")],
    given=TOGETHER,
)
def siblings_decided_far_apart(
    child: pd.DataFrame, period: pd.DataFrame, milestone: pd.DataFrame, period_of_milestone: np.ndarray,
    child_of_period: np.ndarray,
) -> np.ndarray:
    decided = _decided(child, period, milestone, period_of_milestone, child_of_period)
    first = decided.groupby("group")["date"].transform("min")
    return _rows(decided, decided["date"] - first > FAR_APART, milestone)
