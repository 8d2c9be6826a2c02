"""Where children wait along the pathway: exact counts and estimates of a study. Not for publication.

Each answer is of the children who were accommodated in one reporting year, or of everyone where no year is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pandas as pd

from pace_analysis.care import FollowUp
from pace_analysis.care.stays import (
    Stays,
    check_milestones,
    milestone_days,
    stage_table,
    stage_waits,
    stays,
    waiting_now,
)
from pace_analysis.dates import ReportingYear, say_date
from pace_analysis.errors import UsageError
from pace_analysis.pathways import Pathway, PathwayClock, load_pathway
from pace_analysis.study import Study
from pace_analysis.survival import expected_days, life_table, quantile

MOVED_ON, LEFT_CARE = 1, 2  # outcomes of a stage's waits
CLOCK_PARTS = ("in_time", "overdue", "left_first", "not_yet_due", "began_before_extract")


def pathway_of(study: Study) -> Pathway:
    """Pathway of the authority's nation."""
    return load_pathway(study.authority.nation)


def journey_stays(study: Study, year: ReportingYear | None = None, *, until: str | None = None) -> Stays:
    """Stays of the study's children, by the authority's definitions; ``until`` as for :func:`pace_analysis.care.stays.stays`."""
    found = stays(study.histories, pathway_of(study), until=until)
    return found.where(_started_in(found.frame, year))


def where_time_goes(study: Study, year: ReportingYear | None = None, horizon: int = 182) -> pd.DataFrame:
    """Mean days spent in each stage before the decision, within so many days of being accommodated.

    Returns
    -------
    DataFrame, one row a stage, then ``decided`` and ``left``
        As of :func:`pace_analysis.survival.expected_days`; the estimates add up to the horizon.

    Raises
    ------
    SurvivalInputError
        If nobody was accommodated in the year, or they are not followed to the horizon.
    """
    return expected_days(stage_table(journey_stays(study, year, until=pathway_of(study).decision)), horizon)


def occupancy_counts(study: Study, found: Stays, year: ReportingYear, days: Sequence[int]) -> pd.DataFrame:
    """Children of an entry year in each stage at the end of some days since they were accommodated.

    ``found`` are stays up to the decision, as :func:`journey_stays` gives them. Children lost before the last of the days, by ends that only censor, are left out: where they were is not known.

    Returns
    -------
    DataFrame of int64, days by stages in order, then ``decided`` and ``left``; every row has the same sum.

    Raises
    ------
    UsageError
        If the year is not wholly in the extract, or its children are not followed to the last of the days.
    """
    if year not in study.complete_years() or year.last_day + timedelta(days=max(days)) > study.as_at:
        raise UsageError(f"Not every child accommodated in {year} has been followed for {max(days)} days.",
                         where=f"The extract is used from {say_date(study.first_day)} to {say_date(study.as_at)}.",
                         remedy="Ask for an earlier year or for fewer days.")
    found = found.where(_started_in(found.frame, year))
    final = found.frame.drop_duplicates("period_id", keep="last")
    lost = final.loc[final["next_stage"].isna() & (final["last_day"] < max(days)), "period_id"]
    frame = found.frame[~found.frame["period_id"].isin(lost)]
    first, last = frame["first_day"].to_numpy(), frame["last_day"].to_numpy()
    here, after = (pd.Categorical(frame[name], list(found.states)).codes for name in ("stage", "next_stage"))
    goes_on = frame["period_id"].duplicated(keep="last").to_numpy()  # the next row is the same child's
    counts = []
    for day in days:
        opened = first <= day
        latest = opened & ~(goes_on & np.append(opened[1:], False))
        state = np.where((after >= 0) & (last <= day), after, here)[latest]
        counts.append(np.bincount(state, minlength=len(found.states)))
    return pd.DataFrame(counts, index=pd.Index(days, name="day"), columns=pd.Index(found.states, name="stage"))


def stage_summary(study: Study, year: ReportingYear | None = None, *, until: str | None = None) -> pd.DataFrame:
    """How long each stage lasted, and who is in it now.

    Returns
    -------
    DataFrame, indexed by stage id, stages in order up to ``until`` (by default all)
        title, partner; entered, moved_on, left (stays whose beginning the extract holds; the rest are still in the
        stage or lost); median_days (first whole day since the stage began by which half had moved on or left; missing
        while that is not reached); clock (id of the clock that runs over the stage, or ``""``), share_in_time (of the
        children due by it); waiting_now (whenever the stage began).

    Notes
    -----
    With ``until`` at the pathway's decision, those waiting now are those of the follow-up of the decision. After the
    decision, children on a route without panel or court stay in the stage where they are until they leave care.
    """
    pathway = pathway_of(study)
    found = journey_stays(study, year, until=until)
    waiting = waiting_now(found)["stage"].value_counts()
    on_time = clocks(study, year)
    rows = {}
    for stage in pathway.until(until or pathway.milestones[-1]):
        seen = stage_waits(found, stage.id).query("first_day == 0")
        over_it = (each.id for each in pathway.clocks if (each.start, each.finish) == (stage.start, stage.finish))
        clock = next(over_it, "")
        rows[stage.id] = {
            "title": stage.title, "partner": stage.partner, "entered": len(seen),
            "moved_on": int((seen["outcome"] == MOVED_ON).sum()), "left": int((seen["outcome"] == LEFT_CARE).sum()),
            "median_days": _median(seen), "clock": clock,
            "share_in_time": on_time.loc[clock, "share_in_time"] if clock else np.nan,
            "waiting_now": int(waiting.get(stage.id, 0)),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("stage")
    return table.astype({"median_days": "Int64", "share_in_time": "float64"})


def clocks(study: Study, year: ReportingYear | None = None) -> pd.DataFrame:
    """How each clock of the pathway was kept.

    A child is due when the limit's last day has passed with the child still in care, or the step was taken by then.

    Returns
    -------
    DataFrame, indexed by clock id
        says, within, source; due (= in_time + overdue), in_time, overdue (taken later, or not at all),
        share_in_time (missing if nobody is due); and not counted as due: left_first (left care or lost by the last day
        of the limit without the step), not_yet_due, began_before_extract (the clock started before the extract's
        window, which holds only those still waiting).
    """
    pathway = pathway_of(study)
    check_milestones(pathway)
    whole = study.follow_clock(pathway.milestones[0], pathway.milestones[-1]).frame
    began = None if year is None else _started_in(whole, year)
    rows = {clock.id: _clock_row(study, clock, began) for clock in pathway.clocks}
    columns = ["says", "within", "source", "due", *CLOCK_PARTS[:2], "share_in_time", *CLOCK_PARTS[2:]]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("clock")


def milestones_met(study: Study, year: ReportingYear | None = None) -> pd.DataFrame:
    """How each milestone of the pathway was met; every wait is in one column of each row.

    Returns
    -------
    DataFrame of int64, indexed by milestone in order
        in_order (before every later milestone that was reached), same_day (on the day of a later one: no stage of its
        own), out_of_order (dated after a later one), skipped (no date, though a later one was reached), not_reached
        (nor any later one). Nothing is said of waits that ended before they reached a milestone.
    """
    pathway = pathway_of(study)
    check_milestones(pathway)
    follow = study.follow_clock(pathway.milestones[0], pathway.milestones[-1])
    follow = follow.where(_started_in(follow.frame, year))
    day = milestone_days(study.histories, follow, list(pathway.milestones[1:]))
    later = day.iloc[:, ::-1].cummin(axis=1).ffill(axis=1).iloc[:, ::-1].shift(-1, axis=1)
    reached, reached_later = day.notna(), later.notna()
    return pd.DataFrame({
        "in_order": (reached & ~(day >= later)).sum(),
        "same_day": (day == later).sum(),
        "out_of_order": (day > later).sum(),
        "skipped": (~reached & reached_later).sum(),
        "not_reached": (~reached & ~reached_later).sum(),
    }).rename_axis("milestone")


def _started_in(frame: pd.DataFrame, year: ReportingYear | None) -> pd.Series:
    if year is None:
        return pd.Series(True, index=frame.index)
    return frame["started"].between(pd.Timestamp(year.first_day), pd.Timestamp(year.last_day))


def _median(waits: pd.DataFrame) -> int | None:
    if waits.empty:
        return None
    table = life_table(waits["last_day"].to_numpy(), waits["outcome"].to_numpy(), n_outcomes=2)
    return quantile(table, 0.5)[table.groups[0]]


def _clock_row(study: Study, clock: PathwayClock, began: pd.Series | None) -> dict[str, object]:
    """One clock, of the periods for which ``began`` is true: those whose journey began in the year asked about."""
    follow = study.follow_clock(clock.start, clock.finish)
    if began is not None:
        follow = follow.where(began.reindex(follow.frame.index, fill_value=False))
    counts = _clock_parts(follow, clock)
    due = counts["in_time"] + counts["overdue"]
    share = counts["in_time"] / due if due else np.nan
    return {"says": clock.says, "within": str(clock.within), "source": clock.source, "due": due, "share_in_time": share, **counts}


def _clock_parts(follow: FollowUp, clock: PathwayClock) -> dict[str, int]:
    due = clock.within.due(follow.frame["started"].to_numpy())
    ended, decided, waiting = (column.to_numpy() for column in (follow.ended, follow.decided, follow.waiting))
    parts = {
        "began_before_extract": follow.frame["first_day"].to_numpy() > 0,
        "in_time": decided & (ended <= due),
        "not_yet_due": waiting & (due > np.datetime64(follow.as_at)),
        "overdue": (ended > due) | waiting,
    }
    part = np.select(list(parts.values()), range(len(parts)), default=len(parts))
    counts = np.bincount(part, minlength=len(CLOCK_PARTS)).tolist()
    return dict(zip([*parts, "left_first"], counts, strict=True))
