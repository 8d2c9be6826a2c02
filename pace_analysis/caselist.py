"""The champions' list: which child waits where, for how long, and what falls due. Restricted, never for publication.

It holds the numbers of children, so nothing here passes the disclosure gate and nothing here can: the gate knows no
list. It holds no name and no date of birth. The canonical tables name no team: children are grouped by the partner who
holds their stage.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

import numpy as np
import pandas as pd

from pace_analysis.aims import eligible
from pace_analysis.care import FollowUp
from pace_analysis.care.milestones import RECOMMENDATION, first_dates
from pace_analysis.care.stays import waiting_now
from pace_analysis.dates import Limit
from pace_analysis.journey import journey_stays, pathway_of
from pace_analysis.pathways import Pathway
from pace_analysis.publish.released import Release
from pace_analysis.settings import Aim, Authority, load_aim
from pace_analysis.study import Study
from pace_analysis.tables.rules import RULES

AHEAD_DAYS = 42  # the list is made every six weeks
TO_FIX = 40  # findings that one week can hold
AIM = "aim"  # name of the aim's limit beside those of the clocks
BANDS = MappingProxyType({"under 13 weeks": 13, "13 to 25 weeks": 26, "26 to 38 weeks": 39, "39 to 51 weeks": 52,
                          "52 weeks or more": 10**6})  # weeks below which a wait belongs there
FIX_COLUMNS = ["rule", "severity", "table", "row", "id", "child_id", "says", "remedy"]


@dataclass(frozen=True)
class CaseList:
    """Where each child waits at one data cut. Restricted: holds the numbers of children.

    Attributes
    ----------
    authority, aim, pathway
        Whose list, the aim whose limit is counted down, and the stages.
    as_at : date
        Data cut; every day is counted to it.
    source : str
        Name of the extract.
    waiting : DataFrame, indexed by ``period_id``, longest over the limit first
        child_id, route (as recommended, ``""`` before that), stage (id), title, partner, decided (the pathway's
        decision is recorded; a child can be at a later stage without one), days_waiting (in all, since accommodated),
        days_in_stage, days_to_limit (of the aim; below 0 when over; missing for a child who is not on its clock),
        clock (the statutory clock that falls next, ``""`` where none runs), clock_due (its last day, or NaT).
    bands : DataFrame of int64, bands of completed weeks by ids of stages
        Children without a decision: those of the follow-up of the decision.
    ahead : DataFrame, soonest first
        Limits whose last day is the data cut or within six weeks after it: due, days_left, limit (``"aim"`` or the
        clock), child_id, title, partner.
    to_fix : DataFrame
        rule, severity, table, row (0: the whole table), id (as in that row), child_id (``""`` where it cannot be
        told), says, remedy. Errors first; then children without a decision, others of the list, and all the rest.
    to_fix_more : int
        Findings beyond those.
    """

    authority: Authority
    aim: Aim
    pathway: Pathway
    as_at: date
    source: str
    waiting: pd.DataFrame
    bands: pd.DataFrame
    ahead: pd.DataFrame
    to_fix: pd.DataFrame
    to_fix_more: int
    release = Release.INTERNAL

    @property
    def ahead_until(self) -> date:
        """Last day that the limits ahead reach to."""
        return self.as_at + timedelta(days=AHEAD_DAYS)

    @property
    def over(self) -> int:
        """Children over the aim's limit."""
        return int((self.waiting["days_to_limit"] < 0).sum())

    @property
    def clocks_over(self) -> int:
        """Children whose next statutory clock has run out."""
        return int((self.waiting["clock_due"] < pd.Timestamp(self.as_at)).sum())

    def by_partner(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Yield each partner who holds a stage now and the children there, in the order of the pathway."""
        for partner in dict.fromkeys(stage.partner for stage in self.pathway.stages):
            held = self.waiting[self.waiting["partner"] == partner]
            if len(held):
                yield partner, held


def pack(study: Study, aim: Aim | None = None) -> CaseList:
    """List who waits where at the data cut of a study, by the authority's definitions.

    Parameters
    ----------
    study : Study
        Whose children.
    aim : Aim, optional
        The aim whose limit is counted down; the authority's own by default.

    Raises
    ------
    SettingsError
        If the aim or the pathway cannot be used.
    """
    aim, pathway = aim or load_aim(study.authority.aim), pathway_of(study)
    listed = _listed(study, pathway)
    limits = _limits(study, aim, pathway, listed)
    waiting = _with_limits(listed, limits, study.as_at)
    ahead = _ahead(waiting, limits, study.as_at)
    to_fix = _to_fix(study, waiting)
    return CaseList(study.authority, aim, pathway, study.as_at, study.tables.extract.source, waiting,
                    _bands(waiting, pathway), ahead, to_fix.head(TO_FIX).reset_index(drop=True),
                    max(0, len(to_fix) - TO_FIX))


def _listed(study: Study, pathway: Pathway) -> pd.DataFrame:
    """Children still in care without the pathway's last milestone, by period."""
    now = waiting_now(journey_stays(study))
    stages = {stage.id: stage for stage in pathway.stages}
    known = study.tables.milestone["date"] <= pd.Timestamp(study.as_at)
    decision = first_dates(study.tables.milestone[known], RECOMMENDATION,
                           recommendation=study.authority.definitions.recommendation)
    follow = study.follow_clock(pathway.milestones[0], pathway.decision)
    undecided = follow.frame.index[follow.waiting]
    return pd.DataFrame({
        "child_id": now["child_id"],
        "route": decision["route"].reindex(now.index).fillna(""),
        "stage": now["stage"],
        "title": now["stage"].map({name: stage.title for name, stage in stages.items()}),
        "partner": now["stage"].map({name: stage.partner for name, stage in stages.items()}),
        "decided": ~now.index.isin(undecided),
        "days_waiting": now["days_waiting"].astype("int64"),
        "days_in_stage": now["days_in_stage"].astype("int64"),
    })


def _limits(study: Study, aim: Aim, pathway: Pathway, listed: pd.DataFrame) -> pd.DataFrame:
    """Every limit that runs for a child of the list at the data cut: period_id, limit, due."""
    parts = [_running(eligible(study, aim), aim.within, AIM)]
    place = {stage.id: number for number, stage in enumerate(pathway.stages)}
    at = listed["stage"].map(place).astype("int64")
    for clock in pathway.clocks:
        running = _running(study.follow_clock(clock.start, clock.finish), clock.within, clock.id.replace("-", " "))
        if clock.finish in pathway.milestones:
            # a child further along has skipped the step: that is no longer waited for
            behind = at.index[at >= pathway.milestones.index(clock.finish)]
            running = running[~running["period_id"].isin(behind)]
        parts.append(running)
    limits = pd.concat(parts, ignore_index=True)
    return limits[limits["period_id"].isin(listed.index)]


def _running(follow: FollowUp, within: Limit, name: str) -> pd.DataFrame:
    frame = follow.frame[follow.waiting]
    return pd.DataFrame({"period_id": frame.index, "limit": name,
                         "due": within.due(frame["started"].to_numpy()).astype("datetime64[ns]")})


def _with_limits(listed: pd.DataFrame, limits: pd.DataFrame, as_at: date) -> pd.DataFrame:
    of_aim = limits[limits["limit"] == AIM].set_index("period_id")["due"]
    clocks = limits[limits["limit"] != AIM].sort_values("due", kind="stable").drop_duplicates("period_id")
    clocks = clocks.set_index("period_id")
    left = (of_aim.reindex(listed.index) - pd.Timestamp(as_at)).dt.days.astype("Int64")
    full = listed.assign(days_to_limit=left, clock=clocks["limit"].reindex(listed.index).fillna(""),
                         clock_due=clocks["due"].reindex(listed.index))
    keys = full.assign(stayed=-full["days_in_stage"])
    return full.loc[keys.sort_values(["days_to_limit", "stayed", "child_id"], kind="stable").index]


def _bands(waiting: pd.DataFrame, pathway: Pathway) -> pd.DataFrame:
    open_now = waiting[~waiting["decided"]]
    edges = [0, *(7 * weeks for weeks in BANDS.values())]
    band = pd.cut(open_now["days_waiting"], edges, right=False, labels=list(BANDS))
    counts = pd.crosstab(band, open_now["stage"], dropna=False)
    before = len(pathway.before_decision)
    stages = [stage.id for number, stage in enumerate(pathway.stages) if number < before or stage.id in counts]
    counts = counts.reindex(index=list(BANDS), columns=stages, fill_value=0).astype("int64")
    return counts.rename_axis(index="waiting", columns=None)


def _ahead(waiting: pd.DataFrame, limits: pd.DataFrame, as_at: date) -> pd.DataFrame:
    days = (limits["due"] - pd.Timestamp(as_at)).dt.days
    falling = limits.assign(days_left=days)[days.between(0, AHEAD_DAYS)]
    who = waiting.loc[falling["period_id"], ["child_id", "title", "partner"]].set_axis(falling.index)
    found = falling[["due", "days_left", "limit"]].join(who)
    return found.sort_values(["due", "limit", "child_id"], kind="stable", ignore_index=True)


def _to_fix(study: Study, waiting: pd.DataFrame) -> pd.DataFrame:
    """Every finding in the rule's words, with the child it is about; the most useful to put right first."""
    found = study.check.findings
    of_period = study.tables.period.drop_duplicates("period_id").set_index("period_id")["child_id"]
    child = _child_of(found, of_period)
    words = {name: found["rule"].map({code: getattr(rule, name) for code, rule in RULES.items()})
             for name in ("says", "remedy")}
    says = (words["says"] + np.where(found["counted"] == "", "", " " + found["counted"] + ".")).astype(object)
    open_now = waiting.loc[~waiting["decided"], "child_id"]
    far = 2 - child.isin(waiting["child_id"]).astype(int) - child.isin(open_now).astype(int)
    full = found.assign(child_id=child, says=says, remedy=words["remedy"], far=far)
    return full.sort_values(["severity", "far", "rule", "row"], kind="stable")[FIX_COLUMNS]


def _child_of(found: pd.DataFrame, of_period: pd.Series) -> pd.Series:
    """Child of each finding: the row's own, or that of its period; ``""`` for a table, a change or a row set aside."""
    own = found["id"].where(found["table"] == "child", "")
    through = found["id"].map(of_period).where(found["table"].isin(["period", "milestone"]))
    return through.fillna(own).astype(object)
