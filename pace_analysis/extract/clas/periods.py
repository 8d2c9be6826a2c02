"""Periods of care from CLAS episodes and placements.

In the return an episode is a whole time of being looked after, at home or away from home; its placements say where.
An episode is therefore cut wherever the child moves between home, care away from home and short breaks: each
stretch is one period.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

FROM_HOME = "from_home_supervision"
NO_PLACEMENT = "without a placement, so that it is not known whether at home or away"
OUTSIDE = "outside every episode of the child"
SAME_DAY = "replaced by another placement of the same first day"
CUT = (
    "Episodes cut where the child moved between home, care away from home and short breaks (the later parts are"
    " numbered after the file's last row)"
)
LATE_PLACEMENT = "Episodes whose first placement starts later, taken to hold from the episode's first day"


def in_episode(placement: pd.DataFrame, episode: pd.DataFrame) -> pd.Series:
    """Row of the episode that each placement starts in, -1 for none; of two that meet that day, the later one."""
    keyed = episode.assign(episode=episode.index).sort_values("start", kind="stable")
    asked = placement.assign(row=placement.index).sort_values("start", kind="stable")
    columns = ["child_id", "start", "end", "episode"]
    joined = pd.merge_asof(asked[["row", "child_id", "start"]], keyed[columns], on="start", by="child_id")
    began = keyed.set_index("episode")["end"].reindex(joined["episode"]).to_numpy()
    within = joined["episode"].notna() & ~(began < joined["start"].to_numpy())
    found = joined["episode"].where(within, -1).astype("int64")
    return pd.Series(found.to_numpy(), index=joined["row"]).reindex(placement.index)


def periods(
    episode: pd.DataFrame, placement: pd.DataFrame
) -> tuple[pd.DataFrame, pd.Series, pd.Series, tuple[str, ...]]:
    """Cut episodes into periods.

    Parameters
    ----------
    episode : DataFrame
        ``child_id``, ``start``, ``end``, ``destination`` (canonical end reason); the index is the row number.
    placement : DataFrame
        ``child_id``, ``start``, ``kind`` (of care).

    Returns
    -------
    DataFrame
        The period table, each period at a number of its own: the episode's row for its first period, and numbers
        above all rows for those cut off.
    Series, Series
        Why an episode or placement is not used, ``""`` where it is.
    tuple of str
        What must be said, with counts.
    """
    placed = placement.assign(episode=in_episode(placement, episode))
    of_placements = pd.Series("", index=placement.index).mask(placed["episode"] == -1, OUTSIDE)
    placed = placed[placed["episode"] != -1].sort_values(["episode", "start"], kind="stable")
    again = placed.duplicated(["episode", "start"], keep="last")
    of_placements[placed.index[again]] = SAME_DAY
    placed = placed[~again]
    of_episodes = pd.Series("", index=episode.index).mask(~episode.index.isin(placed["episode"]), NO_PLACEMENT)

    first = ~placed.duplicated("episode")
    begins = first | (placed["kind"] != placed["kind"].shift())
    late = placed["start"][first] > episode["start"].reindex(placed["episode"][first]).to_numpy()
    stretch = placed[begins]
    opens = ~stretch.duplicated("episode")
    closes = ~stretch.duplicated("episode", keep="last")
    whole = episode.loc[stretch["episode"]].set_axis(stretch.index)
    from_home = ~opens & (stretch["kind"] == "away") & (stretch["kind"].shift() == "home")
    start = stretch["start"].mask(opens, whole["start"])
    period = pd.DataFrame({
        "period_id": stretch["child_id"] + "/" + start.dt.strftime("%Y-%m-%d"),
        "child_id": stretch["child_id"],
        "kind": stretch["kind"],
        "start_date": start,
        "start_reason": np.where(from_home, FROM_HOME, "not_known"),
        "end_date": whole["end"].where(closes, start.shift(-1)),
        "end_reason": whole["destination"].where(closes, _moved_to(stretch["kind"].shift(-1))),
    }).set_axis(_numbers(stretch["episode"], opens, episode.index))
    counts = {CUT: int((stretch["episode"].value_counts() > 1).sum()), LATE_PLACEMENT: int(late.sum())}
    said = tuple(f"{says}: {count}." for says, count in counts.items() if count)
    return period.sort_index(), of_episodes, of_placements, said


def _moved_to(following: pd.Series) -> pd.Series:
    """Reason of an end within an episode: the child moved home, or to other care."""
    return following.map({"home": "home"}).fillna("other")


def _numbers(episode: pd.Series, opens: pd.Series, rows: pd.Index) -> pd.Index:
    above = int(rows.max()) + 1 if len(rows) else 2
    return pd.Index(np.where(opens, episode, above + (~opens).cumsum() - 1).astype("int64"))
