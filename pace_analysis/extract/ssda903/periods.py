"""Children and periods of care from the header and the episodes.

An episode continues the one before when it starts the day that one ends and that one ends with ``X1``. A
period of care is the longest run of such episodes; in the return all care is away from home, children placed
with parents included. Short breaks (LS V3, V4) that open or close a run are no part of the care: they are a
period of their own, of kind ``short_break``, and so is a run of nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pace_analysis.extract.ssda903 import codes
from pace_analysis.extract.ssda903.returns import Stack

BEGAN_BEFORE = (
    "Periods that open with an episode that is no start (RNE other than S), so that they began before the return on a"
    " day it does not hold, and start here on the first day it does"
)
NOT_CONTINUED = "Periods that end with X1 (care continues) and no episode of that day, ended here without a reason"
UNKNOWN_REASON = "Periods that end with a reason that is no code of the return, read as not known"
MENDED_END = "Periods that end where a repair has put it (E99), the reason not known"
PARTLY_SHORT = "Periods that hold short breaks between other care, read as care away from home"
SHORT = "Periods that are series of short breaks (LS V3, V4), left out of every wait"
BESIDE_SHORT = "Periods of care that a series of short breaks opened or closed, which is a period of its own"
LATER_ROW = "replaced by a row of a later year"


def replaced_later(frame: pd.DataFrame, key: list[str]) -> pd.Series:
    """Whether a later year's return holds a row of the same key, so that this one is out of date."""
    return frame["YEAR"] < frame.groupby(key)["YEAR"].transform("max")


def children(header: Stack) -> tuple[pd.DataFrame, pd.Series]:
    """The child table from the header, and why each row is set aside (``""`` where it is used)."""
    frame = header.frame
    reasons = pd.Series("", index=frame.index)
    reasons[frame["DOB"].isna()] = "without a date of birth"
    reasons[frame["CHILD"] == ""] = "without a child's number"
    usable = frame[reasons == ""]
    late = replaced_later(usable, ["CHILD"])
    reasons[usable.index[late]] = LATER_ROW
    used = usable[~late]
    child = pd.DataFrame({
        "child_id": used["CHILD"],
        "date_of_birth": used["DOB"],
        "sex": used["SEX"].map(codes.SEX).fillna("U"),
        "sibling_group": pd.Series("", index=used.index, dtype=object),
    })
    return child, reasons


def episodes(table: Stack) -> tuple[pd.DataFrame, pd.Series]:
    """Episodes with dates, in order of child and first day, and why each other row is set aside.

    Where a child has two episodes of one first day, the one from the latest year is used, then the closed
    one, then the last row: returns of later years close what earlier ones left open.
    """
    frame = table.frame
    reasons = pd.Series("", index=frame.index)
    reasons[frame["DECOM"].isna()] = "without a first day"
    reasons[frame["CHILD"] == ""] = "without a child's number"
    usable = frame[reasons == ""].assign(closed=frame["DEC"].notna())
    usable = usable.sort_values(["CHILD", "DECOM", "YEAR", "closed"], kind="stable")
    replaced = usable.duplicated(["CHILD", "DECOM"], keep="last")
    reasons[usable.index[replaced]] = "replaced by another row of the same child and first day"
    return usable[~replaced], reasons


def number_periods(care: pd.DataFrame) -> pd.DataFrame:
    """Return the episodes with ``period_id`` (the period's child and first day) and ``follows``.

    ``follows``: the episode continues the one before, in the same period or beside a series of short breaks.
    """
    before = care.shift()
    same_day = (care["CHILD"] == before["CHILD"]) & (care["DECOM"] == before["DEC"])
    follows = same_day & (before["REC"] == codes.CONTINUES)
    run = (~follows).cumsum()
    short = care["LS"].isin(codes.SHORT_BREAK).astype("int64")
    opens = short.groupby(run).cummin()
    closes = short[::-1].groupby(run[::-1]).cummin()[::-1]
    part = pd.Series(np.select([opens == 1, closes == 1], ["opens", "closes"], "between"), index=care.index)
    first_day = care["DECOM"].where(~follows | (part != part.shift())).ffill()
    return care.assign(period_id=care["CHILD"] + "/" + first_day.dt.strftime("%Y-%m-%d"), follows=follows)


def periods(care: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The period table from numbered episodes, and what must be said of it.

    A period is at the row number of its first episode.
    """
    grouped = care.groupby("period_id", sort=False)
    opening, closing = grouped.head(1), grouped.tail(1)
    goes_on = care["follows"].shift(-1, fill_value=False)[closing.index].to_numpy()
    short = care["LS"].isin(codes.SHORT_BREAK).groupby(care["period_id"], sort=False)
    all_short, any_short = short.all().to_numpy(), short.any().to_numpy()
    known = closing["REC"].isin(["", codes.CONTINUES, *codes.END_REASON]).to_numpy()
    reason = closing["REC"].map(codes.END_REASON).fillna("").mask(~known | goes_on, "not_known")
    began_before = ((opening["RNE"] != codes.STARTS) & ~opening["follows"]).to_numpy()
    period = pd.DataFrame({
        "period_id": opening["period_id"].to_numpy(),
        "child_id": opening["CHILD"].to_numpy(),
        "kind": np.where(all_short, "short_break", "away"),
        "start_date": opening["DECOM"].to_numpy(),
        "start_reason": np.where(began_before, "before_extract", "new"),
        "end_date": closing["DEC"].to_numpy(),
        "end_reason": reason.to_numpy(),
    }, index=opening.index)
    continues = (closing["DEC"].notna() & (closing["REC"] == codes.CONTINUES)).to_numpy()
    mended = (closing["REC"] == codes.MENDED).to_numpy()
    return period, _said({
        BEGAN_BEFORE: began_before,
        NOT_CONTINUED: continues & ~goes_on,
        UNKNOWN_REASON: ~known & ~mended,
        MENDED_END: mended,
        PARTLY_SHORT: any_short & ~all_short,
        SHORT: all_short,
        BESIDE_SHORT: ~all_short & (goes_on | opening["follows"].to_numpy()),
    })


def _said(counts: Mapping[str, np.ndarray]) -> tuple[str, ...]:
    return tuple(f"{says}: {int(of.sum())}." for says, of in counts.items() if of.any())
