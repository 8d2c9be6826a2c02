"""Milestones from the adoption files and from how periods end.

``DATE_PLACED`` is, its name notwithstanding, the day of the decision that the child should be placed for
adoption: ``agency_decision``. The return records no review that recommends permanence;
:data:`DEFINITION` says what stands for it.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pace_analysis.extract.dates_in import parse_dates
from pace_analysis.extract.ssda903 import codes
from pace_analysis.extract.ssda903.files import Account
from pace_analysis.extract.ssda903.periods import account
from pace_analysis.extract.textfiles import TextTable
from pace_analysis.tables.schema import empty_table

DEFINITION = (
    "The return records no review that recommends permanence: the first permanence decision is the earlier of the"
    " decision that the child should be placed for adoption (DATE_PLACED, else DATE_INT) and an end of care that is"
    " itself a decision (planned return home E4A; residence, child arrangements or special guardianship order E41,"
    " E43-E48; adoption E11, E12), on its day."
)
COLUMNS = ["period_id", "milestone", "date", "route"]
UNEXPLAINED = "Decisions for adoption that ceased without a code RD1 to RD4, not read as reversals"
NO_PERIOD = "of a child without care away from home"


def milestones(
    care: pd.DataFrame, period: pd.DataFrame, texts: Mapping[str, TextTable]
) -> tuple[pd.DataFrame, tuple[Account, ...], tuple[str, ...]]:
    """The milestone table, the accounts of the adoption files, and what must be said of it.

    Rows are numbered from 2 in the order of period and date: they come from several files.
    """
    away = period[period["kind"] == "away"]
    parts, accounts, notes, decided = _of_care(care, away), [], [], []
    if "placed_for_adoption" in texts:
        made, booked, said = _decisions(texts["placed_for_adoption"], away)
        parts, accounts, notes = parts + made, [*accounts, booked], notes + said
        decided = texts["placed_for_adoption"].frame["CHILD"]
    if "ad1" in texts:
        made, booked = _matches(texts["ad1"], away, set(decided))
        parts, accounts = parts + made, [*accounts, booked]
    found = pd.concat([empty_table("milestone"), *(part for part in parts if len(part))], ignore_index=True)
    found = pd.concat([found[found["milestone"] != "permanence_recommendation"], _first_decisions(found)])
    found = found.sort_values(["period_id", "date", "milestone"], kind="stable", ignore_index=True)
    return found.set_axis(found.index + 2), tuple(accounts), tuple(notes)


def attach(child: pd.Series, day: pd.Series, away: pd.DataFrame) -> pd.Series:
    """Period of care that each day belongs to, ``""`` for a child without one; the index is kept.

    The period that holds the day; else the nearest that starts after it (a plan before care); else the
    one that ended last before it.
    """
    asked = pd.DataFrame({"row": child.index, "child_id": child.to_numpy(), "day": day.to_numpy()})
    pairs = asked.merge(away[["period_id", "child_id", "start_date", "end_date"]], on="child_id")
    early, late = pairs["day"] < pairs["start_date"], pairs["day"] > pairs["end_date"]
    pairs["rank"] = early.astype("int64") + 2 * (late & ~early)
    start_gap, end_gap = pairs["start_date"] - pairs["day"], pairs["day"] - pairs["end_date"]
    pairs["gap"] = start_gap.where(early, end_gap.where(late, pd.Timedelta(0)))
    best = pairs.sort_values(["row", "rank", "gap", "start_date"], kind="stable").drop_duplicates("row")
    return best.set_index("row")["period_id"].reindex(child.index).fillna("")


def _reasons(period_id: pd.Series, day: pd.Series) -> pd.Series:
    """Why a row of an adoption file cannot be used, ``""`` where it can."""
    return pd.Series("", index=day.index).mask(period_id == "", NO_PERIOD).mask(day.isna(), "without a date to use")


def _rows(period_id: pd.Series, milestone: str, day: pd.Series, route: str | pd.Series = "") -> pd.DataFrame:
    made = pd.DataFrame({"period_id": period_id, "milestone": milestone, "date": day, "route": route}, columns=COLUMNS)
    return made[made["date"].notna() & (made["period_id"] != "")]


def _of_care(care: pd.DataFrame, away: pd.DataFrame) -> list[pd.DataFrame]:
    """Placement for adoption and final orders, and ends that are decisions, from the episodes."""
    care = care[care["period_id"].isin(away["period_id"])]
    placed = care[care["PLACE"].isin(codes.PLACED_FOR_ADOPTION)].drop_duplicates("period_id")
    last = care.drop_duplicates("period_id", keep="last")
    ordered = last[last["REC"].isin(codes.END_ORDER)]
    ended = last[last["REC"].isin(codes.END_ROUTE)]
    return [
        _rows(placed["period_id"], "placed", placed["DECOM"], "adoption"),
        _rows(ordered["period_id"], "order_granted", ordered["DEC"], ordered["REC"].map(codes.END_ROUTE)),
        _rows(ended["period_id"], "permanence_recommendation", ended["DEC"], ended["REC"].map(codes.END_ROUTE)),
    ]


def _decisions(text: TextTable, away: pd.DataFrame) -> tuple[list[pd.DataFrame], Account, list[str]]:
    """Decisions that a child should be placed for adoption, and their reversals."""
    frame, file = text.frame, text.name
    day = parse_dates(frame["DATE_PLACED"], file=file)
    ceased = parse_dates(frame["DATE_PLACED_CEASED"], file=file)
    reversal = frame["REASON_PLACED_CEASED"].str.upper().isin(codes.REVERSED)
    period_id = attach(frame["CHILD"], day, away)
    reasons = _reasons(period_id, day)
    used = reasons == ""
    reversal &= used
    unexplained = int((ceased[used].notna() & ~reversal[used]).sum())
    notes = [f"{UNEXPLAINED}: {unexplained}."] if unexplained else []
    made = [
        _rows(period_id[used], "agency_decision", day[used], "adoption"),
        _rows(period_id[reversal], "plan_reversed", ceased[reversal], "adoption"),
    ]
    return made, account(text, reasons), notes


def _matches(text: TextTable, away: pd.DataFrame, decided: set[str]) -> tuple[list[pd.DataFrame], Account]:
    """Matches from AD1, and its decision date for children of whom no other is recorded."""
    frame, file = text.frame, text.name
    matched, decision = parse_dates(frame["DATE_MATCH"], file=file), parse_dates(frame["DATE_INT"], file=file)
    decision = decision.mask(frame["CHILD"].isin(decided))
    day = matched.fillna(decision)
    period_id = attach(frame["CHILD"], day, away)
    reasons = _reasons(period_id, day)
    made = [
        _rows(period_id, "matched", matched, "adoption"),
        _rows(period_id, "agency_decision", decision, "adoption"),
    ]
    return made, account(text, reasons)


def _first_decisions(found: pd.DataFrame) -> pd.DataFrame:
    """The earliest decision of each period as its one recommendation; on one day the agency's goes first."""
    candidates = found[found["milestone"].isin(["agency_decision", "permanence_recommendation"])]
    first = candidates.sort_values(["date", "milestone"], kind="stable").drop_duplicates("period_id")
    return first.assign(milestone="permanence_recommendation")
