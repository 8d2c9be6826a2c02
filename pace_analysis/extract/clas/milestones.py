"""Milestones from the permanence block, and from legal reasons that the mapping calls one."""

from __future__ import annotations

from types import MappingProxyType

import pandas as pd

from pace_analysis.extract.accounts import Account
from pace_analysis.extract.attach import attach
from pace_analysis.extract.clas.blocks import Block
from pace_analysis.extract.clas.mapping import NONE, ClasMapping
from pace_analysis.tables.schema import empty_table

MILESTONES = MappingProxyType({
    "recommendation_date": "permanence_recommendation",
    "agency_decision_date": "agency_decision",
    "court_lodged_date": "court_lodged",
    "final_order_date": "order_granted",
})
DEFINITION = (
    "The dates of the permanence data set are used as they stand: recommendation of permanence by a review, approval by"
    " the agency decision maker, application lodged in court, final order."
)
NO_PERIOD, NO_DATE = "of a child without a period of care", "without a date to use"
TWICE = "Milestones that two rows give alike (an order stands in both blocks), used once"
IS_NONE = "of a legal reason that is no milestone"


def of_permanence(block: Block, period: pd.DataFrame, mapping: ClasMapping) -> tuple[list[pd.DataFrame], Account]:
    """Milestones of each row, which belongs to one period by the earliest of its dates."""
    days = {field: block.days(field) for field in MILESTONES}
    order = block.meanings("order_type", mapping)
    first = pd.DataFrame(days).min(axis=1)
    period_id = _attached(block.values("id_number"), first, period)
    made = [
        _rows(period_id, MILESTONES[field], days[field], order if field == "final_order_date" else "")
        for field in MILESTONES
    ]
    return made, block.account(_reasons(period_id, first))


def of_legal_reasons(block: Block, period: pd.DataFrame, mapping: ClasMapping) -> tuple[list[pd.DataFrame], Account]:
    """Milestones of legal reasons, each on its first day; ends are read and hold none."""
    start, meaning = block.days("start_date"), block.meanings("legal_reason", mapping)
    block.days("end_date")
    named = meaning.str.partition("/")
    no_milestone = meaning.isin(["", NONE])
    period_id = _attached(block.values("id_number"), start, period)
    reasons = _reasons(period_id, start).mask(no_milestone, IS_NONE)
    used = reasons == ""
    return [_rows(period_id[used], named[0][used], start[used], named[2][used])], block.account(reasons)


def together(parts: list[pd.DataFrame]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The milestone table, numbered from 2, and how often two rows gave one milestone: the one with a route stays."""
    found = pd.concat([empty_table("milestone"), *(part for part in parts if len(part))], ignore_index=True)
    same = ["period_id", "date", "milestone"]
    once = found.sort_values([*same, "route"], kind="stable").drop_duplicates(same, keep="last", ignore_index=True)
    said = (f"{TWICE}: {len(found) - len(once)}.",) if len(found) > len(once) else ()
    return once.set_axis(once.index + 2), said


def _attached(child: pd.Series, day: pd.Series, period: pd.DataFrame) -> pd.Series:
    return attach(child, day, period[period["kind"] != "short_break"])


def _reasons(period_id: pd.Series, day: pd.Series) -> pd.Series:
    return pd.Series("", index=day.index).mask(period_id == "", NO_PERIOD).mask(day.isna(), NO_DATE)


def _rows(
    period_id: pd.Series, milestone: str | pd.Series, day: pd.Series, route: str | pd.Series
) -> pd.DataFrame:
    made = pd.DataFrame({"period_id": period_id, "milestone": milestone, "date": day, "route": route})
    return made[made["date"].notna() & (made["period_id"] != "")]
