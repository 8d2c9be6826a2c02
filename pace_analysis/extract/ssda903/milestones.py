"""Milestones from the adoption files and from how periods end.

``DATE_PLACED`` is, its name notwithstanding, the day of the decision that the child should be placed for
adoption: ``agency_decision``. The return records no review that recommends permanence;
:data:`DEFINITION` says what stands for it. A placement order (LS E1) is no milestone of the canonical list.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pace_analysis.extract.accounts import Account
from pace_analysis.extract.attach import attach
from pace_analysis.extract.ssda903 import codes
from pace_analysis.extract.ssda903.periods import LATER_ROW, replaced_later
from pace_analysis.extract.ssda903.returns import Stack
from pace_analysis.tables.schema import empty_table

DEFINITION = (
    "The return records no review that recommends permanence: the first permanence decision is the earlier of the"
    " decision that the child should be placed for adoption (DATE_PLACED, else DATE_INT) and an end of care that is"
    " itself a decision (planned return home E4A; residence, child arrangements or special guardianship order E41,"
    " E43-E48; adoption E11, E12), on its day."
)
PLACED = (
    "A child counts as placed on the first day placed for adoption (PLACE A3 to A6), also where the adopters were the"
    " child's foster carers before."
)
COLUMNS = ["period_id", "milestone", "date", "route"]
UNEXPLAINED = "Decisions for adoption that ceased without a code RD1 to RD4, not read as reversals"
OTHER_DAY = "Children whose decision has another day in AD1 (DATE_INT) than in DATE_PLACED, which is used"
NO_PERIOD = "of a child without care away from home"
NO_DATE = "without a date to use"
Made = tuple[list[pd.DataFrame], tuple[Account, ...], list[str]]


def milestones(
    care: pd.DataFrame, period: pd.DataFrame, tables: Mapping[str, Stack]
) -> tuple[pd.DataFrame, tuple[Account, ...], tuple[str, ...]]:
    """The milestone table, the accounts of the adoption files, and what must be said of it.

    Rows are numbered from 2 in the order of period and date: they come from several files.
    """
    away = period[period["kind"] == "away"]
    parts, accounts, notes = _of_care(care, away), (), []
    if "placed_for_adoption" in tables:
        made, booked, said = _decisions(tables["placed_for_adoption"], away)
        parts, accounts, notes = parts + made, accounts + booked, notes + said
    if "ad1" in tables:
        made, booked, said = _matches(tables["ad1"], away, tables.get("placed_for_adoption"))
        parts, accounts, notes = parts + made, accounts + booked, notes + said
    return numbered(with_first_decisions(parts)), accounts, tuple(notes)


def with_first_decisions(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Join rows of milestones; of a period's decisions the earliest stays as its one recommendation.

    Decisions are the rows named ``agency_decision`` and ``permanence_recommendation``; on one day the agency's
    goes first.
    """
    found = pd.concat([empty_table("milestone"), *(part for part in parts if len(part))], ignore_index=True)
    candidates = found[found["milestone"].isin(["agency_decision", "permanence_recommendation"])]
    first = candidates.sort_values(["date", "milestone"], kind="stable").drop_duplicates("period_id")
    others = found[found["milestone"] != "permanence_recommendation"]
    return pd.concat([others, first.assign(milestone="permanence_recommendation")])


def numbered(found: pd.DataFrame) -> pd.DataFrame:
    """Milestones in the order of period, date and name, numbered from 2 as rows of a file are."""
    found = found.sort_values(["period_id", "date", "milestone"], kind="stable", ignore_index=True)
    return found.set_axis(found.index + 2)


def rows(period_id: pd.Series, milestone: str, day: pd.Series, route: str | pd.Series = "") -> pd.DataFrame:
    """Rows of one milestone, without those that have no period or no day."""
    made = pd.DataFrame({"period_id": period_id, "milestone": milestone, "date": day, "route": route}, columns=COLUMNS)
    return made[made["date"].notna() & (made["period_id"] != "")]


def ends_that_decide(period_id: pd.Series, reason: pd.Series, day: pd.Series) -> list[pd.DataFrame]:
    """Final orders, and decisions, from how periods ended (``REC`` and its day)."""
    route = reason.map(codes.END_ROUTE)
    ordered, decided = reason.isin(codes.END_ORDER), route.notna()
    return [
        rows(period_id[ordered], "order_granted", day[ordered], route[ordered]),
        rows(period_id[decided], "permanence_recommendation", day[decided], route[decided]),
    ]


def _of_care(care: pd.DataFrame, away: pd.DataFrame) -> list[pd.DataFrame]:
    """Placement for adoption and ends that are decisions, from the episodes."""
    care = care[care["period_id"].isin(away["period_id"])]
    placed = care[care["PLACE"].isin(codes.PLACED_FOR_ADOPTION)].drop_duplicates("period_id")
    last = care.drop_duplicates("period_id", keep="last")
    return [
        rows(placed["period_id"], "placed", placed["DECOM"], "adoption"),
        *ends_that_decide(last["period_id"], last["REC"], last["DEC"]),
    ]


def _reasons(period_id: pd.Series, day: pd.Series, replaced: pd.Series) -> pd.Series:
    """Why a row of an adoption file cannot be used, ``""`` where it can."""
    reasons = pd.Series("", index=day.index).mask(period_id == "", NO_PERIOD).mask(day.isna(), NO_DATE)
    return reasons.mask(replaced, LATER_ROW)


def _decisions(table: Stack, away: pd.DataFrame) -> Made:
    """Decisions that a child should be placed for adoption, and their reversals."""
    frame = table.frame
    day, ceased = frame["DATE_PLACED"], frame["DATE_PLACED_CEASED"]
    period_id = attach(frame["CHILD"], day, away)
    reasons = _reasons(period_id, day, replaced_later(frame, ["CHILD", "DATE_PLACED"]))
    used = reasons == ""
    reversal = used & frame["REASON_PLACED_CEASED"].isin(codes.REVERSED)
    unexplained = int((ceased[used].notna() & ~reversal[used]).sum())
    notes = [f"{UNEXPLAINED}: {unexplained}."] if unexplained else []
    made = [
        rows(period_id[used], "agency_decision", day[used], "adoption"),
        rows(period_id[reversal], "plan_reversed", ceased[reversal], "adoption"),
    ]
    return made, table.accounts(reasons), notes


def _matches(table: Stack, away: pd.DataFrame, placed: Stack | None) -> Made:
    """Matches from AD1, and its decision date for children of whom no other is recorded."""
    frame = table.frame
    decided = frame["CHILD"].isin(placed.frame["CHILD"]) if placed else pd.Series(False, index=frame.index)
    matched, decision = frame["DATE_MATCH"], frame["DATE_INT"].mask(decided)
    day = matched.fillna(decision)
    period_id = attach(frame["CHILD"], day, away)
    reasons = _reasons(period_id, day, replaced_later(frame, ["CHILD"]))
    used = reasons == ""
    made = [
        rows(period_id[used], "matched", matched[used], "adoption"),
        rows(period_id[used], "agency_decision", decision[used], "adoption"),
    ]
    return made, table.accounts(reasons), _other_days(frame[used & decided], placed)


def _other_days(frame: pd.DataFrame, placed: Stack | None) -> list[str]:
    if placed is None:
        return []
    pairs = set(zip(placed.frame["CHILD"], placed.frame["DATE_PLACED"], strict=True))
    asked = frame[frame["DATE_INT"].notna()]
    differ = sum(pair not in pairs for pair in zip(asked["CHILD"], asked["DATE_INT"], strict=True))
    return [f"{OTHER_DAY}: {differ}."] if differ else []
