"""Children and periods of care from the header and the episodes.

An episode continues the one before when it starts the day that one ends and that one ends with ``X1``. A
period of care is the longest run of such episodes. It is a series of short breaks when every episode of it
is (LS V3, V4); in the return all other care is away from home, children placed with parents included.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pace_analysis.extract.dates_in import parse_dates
from pace_analysis.extract.ssda903 import codes
from pace_analysis.extract.ssda903.files import Account
from pace_analysis.extract.textfiles import TextTable

BEGAN_BEFORE = (
    "Periods that open with an episode that is no start (RNE other than S), so that they began before the return on a"
    " day it does not hold, and start here on the first day it does"
)
NOT_CONTINUED = "Periods that end with X1 (care continues) and no episode of that day, ended here without a reason"
UNKNOWN_REASON = "Periods that end with a reason that is no code of the return, read as not known"
PARTLY_SHORT = "Periods that hold short breaks beside other care, read as care away from home"
SHORT = "Periods that are series of short breaks (LS V3, V4)"


def account(text: TextTable, reasons: pd.Series) -> Account:
    """Account of a file from one reason a row, ``""`` where the row is used."""
    counted = reasons[reasons != ""].value_counts().sort_index()
    aside = tuple((reason, int(count)) for reason, count in counted.items())
    blank = (("blank", text.blank_rows),) if text.blank_rows else ()
    return Account(text.name, len(reasons) + text.blank_rows, int((reasons == "").sum()), aside + blank)


def children(text: TextTable) -> tuple[pd.DataFrame, Account]:
    """The child table from the header, and the account of the file."""
    frame = text.frame
    reasons = pd.Series("", index=frame.index)
    reasons[frame["DOB"] == ""] = "without a date of birth"
    reasons[frame["CHILD"] == ""] = "without a child's number"
    used = frame[reasons == ""]
    child = pd.DataFrame({
        "child_id": used["CHILD"],
        "date_of_birth": parse_dates(used["DOB"], file=text.name),
        "sex": used["SEX"].str.upper().map(codes.SEX).fillna("U"),
        "sibling_group": pd.Series("", index=used.index, dtype=object),
    })
    return child, account(text, reasons)


def episodes(text: TextTable) -> tuple[pd.DataFrame, Account]:
    """Episodes with dates, in order of child and first day, and the account of the file.

    Where a child has two episodes of one first day, the one from the latest year is used, then the closed
    one, then the last row: returns of later years close what earlier ones left open.
    """
    frame = text.frame.assign(
        DECOM=parse_dates(text.frame["DECOM"], file=text.name), DEC=parse_dates(text.frame["DEC"], file=text.name)
    )
    for name in ("RNE", "LS", "PLACE", "REC"):
        frame[name] = frame[name].str.upper()
    if "YEAR" not in frame:
        frame["YEAR"] = ""
    reasons = pd.Series("", index=frame.index)
    reasons[frame["DECOM"].isna()] = "without a first day"
    reasons[frame["CHILD"] == ""] = "without a child's number"
    usable = frame[reasons == ""].assign(closed=frame["DEC"].notna())
    usable = usable.sort_values(["CHILD", "DECOM", "YEAR", "closed"], kind="stable")
    replaced = usable.duplicated(["CHILD", "DECOM"], keep="last")
    reasons[usable.index[replaced]] = "replaced by another row of the same child and first day"
    return usable[~replaced], account(text, reasons)


def number_periods(care: pd.DataFrame) -> pd.Series:
    """The period of care that each episode of :func:`episodes` belongs to: its child and first day."""
    before = care.shift()
    same_day = (care["CHILD"] == before["CHILD"]) & (care["DECOM"] == before["DEC"])
    continues = same_day & (before["REC"] == codes.CONTINUES)
    first_day = care["DECOM"].where(~continues).ffill()
    return care["CHILD"] + "/" + first_day.dt.strftime("%Y-%m-%d")


def periods(care: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The period table from episodes with their ``period_id``, and what must be said of it.

    A period is at the row number of its first episode.
    """
    grouped = care.groupby("period_id", sort=False)
    opening, closing = grouped.head(1), grouped.tail(1)
    short = care["LS"].isin(codes.SHORT_BREAK).groupby(care["period_id"], sort=False)
    all_short, any_short = short.all().to_numpy(), short.any().to_numpy()
    known = closing["REC"].isin(["", codes.CONTINUES, *codes.END_REASON]).to_numpy()
    reason = closing["REC"].map(codes.END_REASON).fillna("").mask(~known, "not_known")
    period = pd.DataFrame({
        "period_id": opening["period_id"].to_numpy(),
        "child_id": opening["CHILD"].to_numpy(),
        "kind": np.where(all_short, "short_break", "away"),
        "start_date": opening["DECOM"].to_numpy(),
        "start_reason": np.where(opening["RNE"] == codes.STARTS, "new", "before_extract"),
        "end_date": closing["DEC"].to_numpy(),
        "end_reason": reason.to_numpy(),
    }, index=opening.index)
    said = {
        BEGAN_BEFORE: opening["RNE"] != codes.STARTS,
        NOT_CONTINUED: closing["DEC"].notna() & (closing["REC"] == codes.CONTINUES),
        UNKNOWN_REASON: ~known,
        PARTLY_SHORT: any_short & ~all_short,
        SHORT: all_short,
    }
    return period, tuple(f"{says}: {int(of.sum())}." for says, of in said.items() if of.any())
