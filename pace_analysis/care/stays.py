"""Stays: in which stage of the journey each child was, and from which day to which.

The stage of a child on a day is set by the *furthest* milestone of the pathway reached by then. A milestone that was
skipped, or is dated on or after a later one, opens no stage; no date is ever made up. Days and moves are those of
:mod:`pace_analysis.survival.stages`: a move happens on the ``last_day`` of a stay, the next stay starts the day after,
and several moves on one day are one. A milestone dated before the wait starts counts on day 0. A decision that is
reversed opens no stage either: reversals are counted by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from pace_analysis.care.followup import FollowUp, Histories
from pace_analysis.care.milestones import known_milestones
from pace_analysis.errors import SettingsError, UsageError, nearest
from pace_analysis.pathways import DECIDED, FINISHED, LEFT, Pathway
from pace_analysis.survival import StageTable, transitions

NEVER = 10**9  # a day that does not come
COLUMNS = ("period_id", "child_id", "started", "stage", "next_stage", "began", "first_day", "last_day", "age", "stay")


@dataclass(frozen=True)
class Stays:
    """Stays in the stages of a pathway.

    Attributes
    ----------
    frame : DataFrame, one row a stay, in the order of periods and days
        period_id, child_id, started (date on which the wait began), stage, next_stage (None where none is known),
        began (day on which the stage began), first_day, last_day (days seen in it), age, stay (as in a follow-up).
        Days are closed and counted from ``started``. Who moves on the day of the data cut has no further row.
    as_at : date
        Nothing after this day was used.
    left_out : mapping of reason to number of periods
        As in the follow-up.
    stages : tuple of str
        Ids of the stages, in order.
    absorbing : tuple of str
        What ends the wait: ``decided`` (``finished`` where another milestone ends it), then ``left``.
    """

    frame: pd.DataFrame
    as_at: date
    left_out: Mapping[str, int]
    stages: tuple[str, ...]
    absorbing: tuple[str, ...]

    @property
    def states(self) -> tuple[str, ...]:
        """Stages in order, then what ends the wait."""
        return self.stages + self.absorbing

    def where(self, keep: pd.Series) -> Stays:
        """Return the stays for which ``keep`` is true."""
        return Stays(self.frame[keep], self.as_at, self.left_out, self.stages, self.absorbing)


def stays(histories: Histories, pathway: Pathway, *, until: str | None = None) -> Stays:
    """Cut each wait of a follow-up into stays in the stages of a pathway.

    Parameters
    ----------
    histories : Histories
        Who is followed, from when and until when.
    pathway : Pathway
        Milestones in order.
    until : str, optional
        Milestone of the pathway that ends the wait; by default the last one. With the pathway's decision, children are
        decided, leave and are censored on the very days of the follow-up of the decision.

    Raises
    ------
    SettingsError
        If a milestone of the pathway does not exist, or ``until`` is not on it.
    """
    check_milestones(pathway)
    finish = until or pathway.milestones[-1]
    chosen = pathway.until(finish)
    follow = histories.waits(pathway.milestones[0], finish)
    ends = (DECIDED if finish == pathway.decision else FINISHED, LEFT)
    states = np.array([*(stage.id for stage in chosen), *ends], dtype=object)
    reached = _reached(histories, follow, [stage.start for stage in chosen[1:]])
    return Stays(_cut(follow, reached, states), follow.as_at, follow.left_out, tuple(states[:-2]), ends)


def stage_table(stays: Stays, *, where: pd.Series | None = None) -> StageTable:
    """Count stays into a table of moves, all stages and ends in order.

    ``where`` picks rows of the frame; SurvivalInputError if none is left.
    """
    frame = stays.frame if where is None else stays.frame[where]
    return transitions(frame["stage"], frame["last_day"], frame["next_stage"], first_day=frame["first_day"],
                       stages=stays.states)


def stage_waits(stays: Stays, stage: str) -> pd.DataFrame:
    """Waits in one stage on the stage's own clock.

    Returns
    -------
    DataFrame, indexed by ``period_id``
        child_id, started (date of the milestone that opened the stage, or on which the wait began), first_day,
        last_day (whole days since then; ``first_day`` is above 0 only where the extract's window opened during the
        stage), outcome (1 moved on, 2 left care, 0 censored), age, stay.

    Raises
    ------
    UsageError
        If there is no such stage.
    """
    if stage not in stays.stages:
        raise UsageError(f"There is no stage '{stage}'.", remedy=nearest(stage, stays.stages))
    here = (stays.frame["stage"] == stage).to_numpy()
    frame, is_first = stays.frame[here], ~stays.frame["period_id"].duplicated().to_numpy()[here]
    first, last, began = (frame[name].to_numpy() for name in ("first_day", "last_day", "began"))
    return pd.DataFrame({
        "child_id": frame["child_id"],
        "started": frame["started"].to_numpy() + began.astype("timedelta64[D]"),
        "first_day": np.where(is_first, first - began, 0),
        "last_day": last - began,
        "outcome": np.select([frame["next_stage"].isna(), frame["next_stage"] == LEFT], [0, 2], 1),
        "age": frame["age"],
        "stay": frame["stay"],
    }).set_axis(pd.Index(frame["period_id"], name="period_id"))


def waiting_now(stays: Stays) -> pd.DataFrame:
    """Children still in care and without the finish at the end of the data cut, one row each.

    Returns
    -------
    DataFrame, indexed by ``period_id``
        child_id, started, stage, days_in_stage, days_waiting (whole days to the data cut since the stage and the wait
        began), age, stay.
    """
    last = stays.frame.drop_duplicates("period_id", keep="last")
    to_cut = (pd.Timestamp(stays.as_at) - last["started"]).dt.days
    open_now = (last["last_day"] == to_cut) & ~last["next_stage"].isin(stays.absorbing)
    last, to_cut = last[open_now], to_cut[open_now]
    moved_today = last["next_stage"].notna()
    return pd.DataFrame({
        "child_id": last["child_id"],
        "started": last["started"],
        "stage": last["stage"].mask(moved_today, last["next_stage"]),
        "days_in_stage": (to_cut - last["began"]).mask(moved_today, 0),
        "days_waiting": to_cut,
        "age": last["age"],
        "stay": last["stay"],
    }).set_axis(pd.Index(last["period_id"], name="period_id"))


def check_milestones(pathway: Pathway) -> None:
    """Refuse a pathway that names a milestone that does not exist; SettingsError names its file and key."""
    known = known_milestones()
    parts = [*(("stage", part) for part in pathway.stages), *(("clock", part) for part in pathway.clocks)]
    for kind, part in parts:
        for key in ("start", "finish"):
            if getattr(part, key) not in known:
                raise SettingsError(f"'{getattr(part, key)}' is not a milestone.",
                                    where=f"{pathway.file}, {kind} '{part.id}', key '{key}'",
                                    remedy=nearest(getattr(part, key), known))


def milestone_days(histories: Histories, follow: FollowUp, milestones: list[str]) -> pd.DataFrame:
    """Day on which each milestone was first reached, periods by milestones; missing if not by the end of the wait."""
    days = {}
    for name in milestones:
        found = histories.first_dates(name)["date"]
        day = (found.reindex(follow.frame.index) - follow.frame["started"]).dt.days.clip(lower=0)
        days[name] = day.where(day <= follow.frame["last_day"])
    return pd.DataFrame(days, index=follow.frame.index)


def _reached(histories: Histories, follow: FollowUp, milestones: list[str]) -> np.ndarray:
    days = milestone_days(histories, follow, milestones)
    return days.fillna(NEVER).to_numpy().astype(np.int64) if milestones else np.empty((len(days), 0), np.int64)


def _cut(follow: FollowUp, reached: np.ndarray, states: np.ndarray) -> pd.DataFrame:
    """Rows of stays, found from the last stage back to the first: each lasts until the next that was opened."""
    waits = follow.frame
    seen_from, seen_to = waits["first_day"].to_numpy(), waits["last_day"].to_numpy()
    finish, left = len(states) - 2, len(states) - 1
    # the code of the state that comes next, and its day; NEVER where none is known
    next_state = np.where(follow.decided, finish, left)
    next_day = np.where(waits["outcome"] == 0, NEVER, seen_to)
    parts = []
    for stage in range(finish - 1, -1, -1):
        opened_on = reached[:, stage - 1] if stage else np.full(len(waits), -1)
        opened = opened_on < next_day
        last = np.minimum(next_day, seen_to)
        first = np.maximum(np.where(opened, opened_on + 1, 0), seen_from)
        row = np.flatnonzero(opened & (first <= last))
        target = np.where(next_day == NEVER, None, states[next_state])
        parts.append(pd.DataFrame({
            "row": row, "stage": states[stage], "next_stage": target[row], "began": np.maximum(opened_on[row], 0),
            "first_day": first[row], "last_day": last[row],
        }))
        next_state, next_day = np.where(opened, stage, next_state), np.where(opened, opened_on, next_day)
    found = pd.concat(parts).sort_values(["row", "first_day"], kind="stable", ignore_index=True)
    of_wait = waits.reset_index().loc[found["row"], ["period_id", "child_id", "started", "age", "stay"]]
    return pd.concat([of_wait.reset_index(drop=True), found], axis=1)[list(COLUMNS)]
