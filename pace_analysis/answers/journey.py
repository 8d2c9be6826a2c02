"""Where children wait: stages of the journey, where time goes, and which stage is worth shortening."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pace_analysis.care.stays import Stays, stage_table, stage_waits, waiting_now
from pace_analysis.dates import ReportingYear
from pace_analysis.journey import clocks, journey_stays, occupancy_counts, pathway_of
from pace_analysis.pathways import Pathway, PathwayClock, PathwayStage
from pace_analysis.publish import disclosure as gate
from pace_analysis.publish.keys import Sum, course_sums, figures
from pace_analysis.study import Study
from pace_analysis.survival import life_table
from pace_analysis.survival.counterfactual import gain

WEEKS = (0, 4, 8, 13, 17, 21, 26, 30, 34, 39, 43, 47, 52)  # about a month apart, through the weeks of the aims
LIMIT_WEEKS = 26
YEARS_TOGETHER = 2  # entry years that the gain rests on: one is few children for a model
DRAWS, SEED = 200, 26  # the same draws every time, so that a report can be made again
ANCHOR_DAY = 42  # six weeks: the limit of the first review, and early enough that most stages are followed to it
NO_YEAR = gate.Refused("no-complete-year", "Not shown: no complete year of entrants has been followed for 26 weeks in this extract.")
NO_COURSE = gate.Refused("too-few-children", "Not shown: too few children of the year of entry to say where they were week by week.")
STAGE_LABELS = ("moved on or left care",)  # apart, few left care from a stage, and no curve could be shown

Table = gate.ReleasedTable | gate.Refused


@dataclass(frozen=True)
class Occupancy:
    """Where the children of one entry year were, at some weeks after they were accommodated.

    Attributes
    ----------
    year : ReportingYear
    states : tuple of str
        Stages in order, then what ends the wait; every child is in one of them.
    weeks : tuple of int
    tables : tuple of ReleasedTable
        One a week, protected together.
    """

    year: ReportingYear
    states: tuple[str, ...]
    weeks: tuple[int, ...]
    tables: tuple[gate.ReleasedTable, ...]

    @property
    def sums(self) -> tuple[Sum, ...]:
        """What binds the weeks to one another."""
        key, weeks = self.tables[0].key[:-1], [table.key[-1] for table in self.tables]
        return course_sums(key, weeks, list(map(str, self.tables[0].columns)), self.states[-2:])

    @property
    def release(self) -> gate.Release:
        """That of the tables."""
        return self.tables[0].release

    @property
    def shares(self) -> pd.DataFrame:
        """Share of children in each state, weeks by states; each row adds to one."""
        counts = pd.DataFrame([[table.cell(f"week {week}", state) for state in self.states]
                               for week, table in zip(self.weeks, self.tables, strict=True)],
                              index=list(self.weeks), columns=list(self.states))
        return counts.div(counts.sum(axis=1), axis=0)

    def expected_days(self, weeks: int = LIMIT_WEEKS) -> dict[str, float]:
        """Days that a child spends in each state, on average, within the first weeks: the states add to them all."""
        shares = self.shares.loc[:weeks]
        width = np.diff(shares.index.to_numpy()) * 7
        middle = (shares.to_numpy()[1:] + shares.to_numpy()[:-1]) / 2
        return dict(zip(self.states, (width[:, None] * middle).sum(axis=0), strict=True))


@dataclass(frozen=True)
class StageAnswer:
    """One stage before the decision.

    Attributes
    ----------
    stage : PathwayStage
    curve : ReleasedCurve or Refused
        Moved on or left, by days since the stage began.
    gain : ReleasedEstimate or Refused
        Percentage points more children decided within the limit if children moved on twice as fast.
    """

    stage: PathwayStage
    curve: gate.ReleasedCurve | gate.Refused
    gain: gate.ReleasedEstimate | gate.Refused


@dataclass(frozen=True)
class JourneyAnswers:
    """Where children wait; every part has passed the gate.

    Attributes
    ----------
    pathway : Pathway
    years : tuple of ReportingYear
        Entry years that stage times and gains rest on.
    occupancy : Occupancy or Refused
    stages : tuple of StageAnswer
        Stages before the decision, in order.
    waiting : ReleasedTable or Refused
        Children in each of those stages now.
    clocks : tuple of (PathwayClock, ReleasedShare or Refused)
        How the limits of the law were kept for the children of the latest of the years.
    """

    pathway: Pathway
    years: tuple[ReportingYear, ...]
    occupancy: Occupancy | gate.Refused
    stages: tuple[StageAnswer, ...]
    waiting: Table
    clocks: tuple[tuple[PathwayClock, gate.ReleasedShare | gate.Refused], ...]

    @property
    def parts(self) -> tuple:
        """Every released part."""
        whole = self.occupancy.tables if isinstance(self.occupancy, Occupancy) else (self.occupancy,)
        kept = (share for _, share in self.clocks)
        return (*whole, self.waiting, *kept, *(part for answer in self.stages for part in (answer.curve, answer.gain)))


def journey_answers(study: Study, waiting: Table | None = None) -> JourneyAnswers:
    """Answer where children wait before the decision, from one study; everything returned has passed the gate.

    ``waiting`` is the released table of the children who wait, to which those of the stages are made to add up.
    """
    pathway = pathway_of(study)
    found = journey_stays(study, until=pathway.decision)
    years = tuple(year for year in study.complete_years() if (study.as_at - year.last_day).days >= 7 * LIMIT_WEEKS)
    together = years[-YEARS_TOGETHER:]
    cohort = _entered(found, together)
    gains = _gains(study, cohort, together)
    stages = tuple(StageAnswer(stage, _curve(study, cohort, stage, together), gains[stage.id]) for stage in pathway.before_decision)
    return JourneyAnswers(pathway, together, _occupancy(study, found, years), stages,
                          _waiting(study, found, pathway, waiting), _clocks(study, pathway, years))


def _entered(found: Stays, years: tuple[ReportingYear, ...]) -> Stays:
    started = found.frame["started"]
    within = [started.between(pd.Timestamp(year.first_day), pd.Timestamp(year.last_day)) for year in years]
    return found.where(np.logical_or.reduce(within) if within else pd.Series(False, index=started.index))


def _occupancy(study: Study, found: Stays, years: tuple[ReportingYear, ...]) -> Occupancy | gate.Refused:
    if not years:
        return NO_YEAR
    year = years[-1]
    weeks = [week for week in WEEKS if 7 * week <= (study.as_at - year.last_day).days]
    counts = occupancy_counts(study, found, year, [7 * week for week in weeks])
    key = ("stage", study.scheme, str(year))
    tables = gate.release_course(counts.set_axis([f"week {week}" for week in weeks]), key=key, absorbing=counts.columns[-2:],
                                 title=f"where children accommodated in {year} were, week by week", **study.terms)
    if isinstance(tables, gate.Refused):
        return tables
    told = Occupancy(year, found.states, tuple(weeks), tables)
    # where every count of a week is rounded to none, nobody has a share
    return NO_COURSE if told.shares.isna().any(axis=None) else told


def _curve(study: Study, cohort: Stays, stage: PathwayStage, years: tuple[ReportingYear, ...]) -> gate.ReleasedCurve | gate.Refused:
    """Time in a stage, seen as far as every child of the cohort has been followed: a later quarter changes nothing."""
    what = f"children in the stage {stage.title.lower()}"
    began = cohort.frame.loc[cohort.frame["stage"] == stage.id, "began"].to_numpy()
    waits = stage_waits(cohort, stage.id).assign(limit=7 * LIMIT_WEEKS - began)
    seen = waits[waits["first_day"] <= waits["limit"]]
    if seen.empty:
        return gate.Refused("nobody", f"Not shown: {what}. Nobody was in it.")
    outcome = ((seen["outcome"] > 0) & (seen["last_day"] <= seen["limit"])).astype("int64")
    last = np.minimum(seen["last_day"], seen["limit"])
    table = life_table(last, outcome, first_day=seen["first_day"], n_outcomes=len(STAGE_LABELS))
    return gate.release_curve(table, anchor_day=ANCHOR_DAY, what=what, labels=STAGE_LABELS,
                              key=("time in stage", stage.id, study.scheme, *map(str, years)), **study.terms)


def _gains(study: Study, cohort: Stays, years: tuple[ReportingYear, ...]) -> dict[str, gate.ReleasedEstimate | gate.Refused]:
    frame = cohort.frame
    children = frame["period_id"].nunique()
    named = {stage: f"what halving the time in the stage {stage} would gain" for stage in cohort.stages}
    if not children:
        return {stage: gate.Refused("nobody", f"Not shown: {what}. There are no children to tell.") for stage, what in named.items()}
    found = gain(stage_table(cohort), cohort.stages, day=7 * LIMIT_WEEKS, draws=DRAWS, seed=SEED).set_index("stage")
    moved = frame[frame["next_stage"].notna()].groupby("stage").size()
    return {
        stage: gate.release_estimate(*(100 * found.loc[stage, ["gain", "lower", "upper"]]), step=1, children=children,
                                     exits=int(moved.get(stage, 0)), what=what, key=("gain", stage, study.scheme, *map(str, years)), **study.terms)
        for stage, what in named.items()
    }


def _waiting(study: Study, found: Stays, pathway: Pathway, waiting: Table | None) -> Table:
    now = waiting_now(found)["stage"].value_counts()
    titles = {stage.title: int(now.get(stage.id, 0)) for stage in pathway.before_decision}
    same = sum(titles.values()) == int(study.decision.waiting.sum())
    shown = {each.key: each.value for each in figures(waiting)} if same and isinstance(waiting, gate.ReleasedTable) else {}
    key = ("waiting" if same else "waiting on the pathway", study.scheme, study.as_at.isoformat())
    return gate.release_table(pd.DataFrame({"children": titles}), title="Children waiting, by stage", axis="rows", key=key,
                              profile=study.profile, earlier=study.earlier.beside(shown))


def _clocks(study: Study, pathway: Pathway, years: tuple[ReportingYear, ...]) -> tuple:
    if not years:
        return tuple((clock, NO_YEAR) for clock in pathway.clocks)
    kept = clocks(study, years[-1])
    return tuple(
        (clock, gate.release_share(int(kept.at[clock.id, "in_time"]), int(kept.at[clock.id, "due"]), **study.terms,
                                   key=("clock", clock.id, study.scheme, str(years[-1]), study.as_at.isoformat()),
                                   what=f"{clock.says.rstrip('.').lower()}, children accommodated in {years[-1]}"))
        for clock in pathway.clocks
    )
