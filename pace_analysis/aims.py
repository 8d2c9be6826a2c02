"""Progress towards an aim, told three ways, each with its own denominator.

1. *Entry cohort* (the headline): of the children who started the clock in a reporting year, the share who reached
   the finish within the limit. Only years whose every child has been followed to the limit.
2. *Children in care in the quarter* (period life table): the share who would reach it if each day's rates of this
   quarter held. Timely: it sees a change in its first quarter.
3. *Decisions made in the quarter*: workload only. Clearing a backlog makes it look worse.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pace_analysis.care import FollowUp
from pace_analysis.care.followup import DECISIONS, FIRST_END, OUTCOMES
from pace_analysis.care.milestones import first_dates, known_milestones
from pace_analysis.dates import Limit, Quarter, ReportingYear
from pace_analysis.errors import SettingsError, nearest
from pace_analysis.publish import disclosure as gate
from pace_analysis.publish.earlier import Key
from pace_analysis.settings import Aim
from pace_analysis.study import Study, scheme
from pace_analysis.survival import LifeTable, life_table

QUARTERS_SHOWN = 20  # five years: a run chart needs some before a change and some after it
LEFT, WAITING = "left without a decision", "no decision yet"
DECIDED = "decided in time"


@dataclass(frozen=True)
class Progress:
    """Where an aim stands; every part has passed the gate.

    Attributes
    ----------
    cohorts : tuple of (ReportingYear, ReleasedTable or Refused)
        How the waits of each entry year stood at the limit: by route, left, no decision yet. Each year is protected by
        itself, so that a later year changes nothing of it.
    years : tuple of (ReportingYear, ReleasedShare or Refused)
        Share in time by entry year, oldest first, from the protected tables.
    verdict : ReleasedVerdict or Refused
        The latest entry year against the target, judged on the protected counts.
    quarters : tuple of (Quarter, ReleasedPeriodShare or Refused)
        Share within the limit at each quarter's own rates, oldest first.
    decisions_made : ReleasedShare or Refused
        Of the decisions made in the quarter, the share that were in time.
    sensitivity : tuple of (Limit, ReleasedCount)
        Children who change side when calendar months are read as weeks or days.
    """

    aim: Aim
    cohorts: tuple[tuple[ReportingYear, gate.ReleasedTable | gate.Refused], ...]
    years: tuple[tuple[ReportingYear, gate.ReleasedShare | gate.Refused], ...]
    verdict: gate.ReleasedVerdict | gate.Refused
    quarters: tuple[tuple[Quarter, gate.ReleasedPeriodShare | gate.Refused], ...]
    decisions_made: gate.ReleasedShare | gate.Refused
    sensitivity: tuple[tuple[Limit, gate.ReleasedCount], ...] = ()

    @property
    def routes(self) -> list[str]:
        """Routes that the protected tables show, in the order of the code list."""
        shown = [table for _, table in self.cohorts if isinstance(table, gate.ReleasedTable)]
        return [route for route in DECISIONS if shown and route in shown[0].columns]

    @property
    def latest(self) -> gate.ReleasedTable | gate.Refused:
        """Protected table of the latest entry year that is fully followed."""
        return self.cohorts[-1][1] if self.cohorts else NO_COMPLETE_YEAR

    @property
    def headline(self) -> gate.ReleasedShare | gate.Refused:
        """Share in time of the latest entry year that is fully followed."""
        return self.years[-1][1] if self.years else NO_COMPLETE_YEAR


NO_COMPLETE_YEAR = gate.Refused(
    "no-complete-year", "Not shown: the extract holds no complete reporting year whose every child has been followed to the limit."
)


SELECTIVE = gate.Refused(
    "selective-series", "Not shown: more than a third of these quarters hold too few decisions, and the others alone would mislead."
)


def progress(study: Study, aim: Aim) -> Progress:
    """Answer one aim from a study; everything returned has passed the gate."""
    follow = eligible(study, aim)
    cohorts = release_cohorts(study, follow, aim)
    years = tuple((year, _share_in_time(study, table, year, aim)) for year, table in cohorts)
    return Progress(aim, cohorts, years, verdict(cohorts, aim), quarterly_shares(study, follow, aim),
                    decisions_made(study, follow, aim), sensitivity(study, follow, aim))


def eligible(study: Study, aim: Aim) -> FollowUp:
    """Waits on the aim's clock of the children the aim is about; SettingsError if it runs between unknown milestones."""
    for key in ("start", "finish"):
        if getattr(aim, key) not in known_milestones():
            raise SettingsError(f"'{getattr(aim, key)}' is not a milestone.", where=f"data/aims, aim '{aim.id}', key '{key}'",
                                remedy=nearest(getattr(aim, key), known_milestones()))
    follow = study.follow_clock(aim.start, aim.finish)
    keep = pd.Series(True, index=follow.frame.index)
    if aim.age_under:
        keep &= follow.frame["age"] < aim.age_under
    if aim.stay != "any":
        keep &= (follow.frame["stay"] == 1) == (aim.stay == "first")
    if aim.routes:
        known = study.tables.milestone["date"] <= pd.Timestamp(study.as_at)
        route = first_dates(study.tables.milestone[known], "permanence_recommendation")["route"]
        keep &= route.reindex(keep.index).isin(aim.routes)
    return follow.where(keep)


def in_time(follow: FollowUp, aim: Aim) -> pd.Series:
    """True where the wait ended, any way, on or before the last day of the limit."""
    due = aim.within.due(follow.frame["started"].to_numpy())
    return (follow.frame["outcome"] > 0) & (follow.ended.to_numpy().astype("datetime64[D]") <= due)


def mature_years(study: Study, aim: Aim) -> list[ReportingYear]:
    """Complete reporting years whose last entrant has been followed to the end of the limit."""
    def due(year: ReportingYear):
        return aim.within.due(np.array([year.last_day], dtype="datetime64[D]"))[0]

    return [year for year in study.complete_years() if due(year) <= np.datetime64(study.as_at, "D")]


def not_lost(follow: FollowUp, aim: Aim) -> FollowUp:
    """Leave out who was lost to follow-up within the limit, by an end that censors: whether in time is not known."""
    due = aim.within.due(follow.frame["started"].to_numpy())
    lost = (follow.frame["outcome"] == 0) & (follow.ended.to_numpy().astype("datetime64[D]") < due)
    return follow.where(~lost)


def cohort_counts(study: Study, follow: FollowUp, aim: Aim) -> pd.DataFrame:
    """Exact counts: entry year by how each wait of :func:`not_lost` stood at the limit (not for publication)."""
    follow = not_lost(follow, aim)
    frame, within = follow.frame, in_time(follow, aim)
    names = np.array([*OUTCOMES[:FIRST_END], *[LEFT] * (len(OUTCOMES) - FIRST_END)])
    state = pd.Series(np.where(within, names[frame["outcome"]], WAITING), index=frame.index)
    entry = frame["started"].dt.date.map(lambda day: str(ReportingYear.of(day, study.authority.year_starts_in_month)))
    counts = pd.crosstab(entry, state)
    years = [str(year) for year in mature_years(study, aim)]
    return counts.reindex(index=years, columns=[*DECISIONS, LEFT, WAITING], fill_value=0).astype("int64")


def aim_scheme(study: Study, aim: Aim) -> str:
    """Short digest of everything that decides who is counted for an aim, and when; another digest is another figure."""
    asked = {name: getattr(aim, name) for name in ("start", "finish", "within", "age_under", "stay", "routes")}
    return scheme(study.scheme, *(f"{name}={value}" for name, value in asked.items()))


def cohort_key(study: Study, aim: Aim, year: ReportingYear) -> Key:
    """What the figures of an entry year are of, by whatever they are broken down."""
    return ("aim", aim.id, aim_scheme(study, aim), str(year))


def release_cohorts(study: Study, follow: FollowUp, aim: Aim) -> tuple:
    """Protect the counts of each mature year by itself, routes with their subtotal; oldest first."""
    counts = cohort_counts(study, follow, aim)
    if not counts["not_known"].any():
        counts = counts.drop(columns="not_known")
    routes = [name for name in DECISIONS if name in counts]
    return tuple(
        (year, gate.release_table(counts.loc[[str(year)]], title=f"children accommodated in {year}, after {aim.within}",
                                  column_groups={DECIDED: routes}, key=cohort_key(study, aim, year), axis="columns", **study.terms))
        for year in mature_years(study, aim)
    )


def verdict(cohorts: tuple, aim: Aim) -> gate.ReleasedVerdict | gate.Refused:
    """Judge the latest mature year against the target, in exact arithmetic on the protected counts."""
    if not cohorts:
        return NO_COMPLETE_YEAR
    year, table = cohorts[-1]
    if isinstance(table, gate.Refused):
        return table
    return gate.verdict_from(table, str(year), [DECIDED], aim.share,
                             what=f"whether the aim is met by children accommodated in {year}")


def _share_in_time(study: Study, table: gate.ReleasedTable | gate.Refused, year: ReportingYear, aim: Aim) -> gate.ReleasedShare | gate.Refused:
    if isinstance(table, gate.Refused):
        return table
    return gate.share_from(table, str(year), [DECIDED], what=f"children of {year} decided within {aim.within}", target=True,
                           earlier=study.earlier)


def other_limits(limit: Limit) -> tuple[Limit, ...]:
    """Limits that mean nearly the same as calendar months: weeks, and days either side; none for other limits."""
    if limit.unit != "months":
        return ()
    days = limit.nominal_days
    return Limit(round(days / 7), "weeks"), Limit(days + 1, "days")


def sensitivity(study: Study, follow: FollowUp, aim: Aim) -> tuple[tuple[Limit, gate.ReleasedCount], ...]:
    """Children of the mature years who change side, in time or not, when the limit is read another way."""
    years = mature_years(study, aim)
    if not years:
        return ()
    cohort = follow.entered(years[0].first_day, years[-1].last_day)
    as_stated = in_time(cohort, aim)
    changed = [(other, int((in_time(cohort, aim.model_copy(update={"within": other})) != as_stated).sum()))
               for other in other_limits(aim.within)]
    return tuple((other, gate.release_count(count, what=f"children who change side at {other}", **study.terms,
                                        key=("changes side", aim.id, aim_scheme(study, aim), str(other), str(years[0]), str(years[-1]))))
                 for other, count in changed)


def decision_table(follow: FollowUp) -> LifeTable:
    """Life table of two outcomes: 1 the finishing milestone by any route, 2 left without it."""
    last, first, code = (follow.frame[name].to_numpy() for name in ("last_day", "first_day", "outcome"))
    outcome = np.where(code == 0, 0, np.where(code < FIRST_END, 1, 2))
    return life_table(last, outcome, first_day=first, n_outcomes=2)


def quarterly_shares(study: Study, follow: FollowUp, aim: Aim) -> tuple:
    """Period life tables of the last quarters that the extract covers, oldest first, through the gate."""
    quarters = [study.quarter.shift(-back) for back in reversed(range(QUARTERS_SHOWN))]
    key = ("period share", aim.id, aim_scheme(study, aim))
    shares = []
    for quarter in quarters:
        if quarter.first_day < study.first_day:
            continue
        seen = follow.during(quarter.first_day, min(quarter.last_day, study.as_at))
        what = f"children in care in {quarter.words} who would be decided within {aim.within}"
        shares.append((quarter, _period_share(study, seen, aim, (*key, *_so_far(study, quarter)), what)))
    refused = sum(isinstance(share, gate.Refused) for _, share in shares)
    if 3 * refused > len(shares):
        # a quarter is shown when it holds many decisions: those alone would run high
        return tuple((quarter, SELECTIVE) for quarter, _ in shares)
    return tuple(shares)


def _period_share(study: Study, seen: FollowUp, aim: Aim, key: Key, what: str):
    if seen.frame.empty:
        return gate.Refused("nobody", "Not shown: nobody was waiting in this quarter.")
    return gate.release_period_share(decision_table(seen), day=aim.within.nominal_days, outcome=1, what=what,
                                     key=key, **study.terms)


def _so_far(study: Study, quarter: Quarter) -> Key:
    """Name of a quarter in keys: of one that the data do not reach the end of, with the last day used."""
    return (str(quarter), *([study.as_at.isoformat()] if quarter.last_day > study.as_at else []))


def waiting_key(study: Study) -> Key:
    """What the children waiting for a decision at the data cut are called."""
    return ("waiting", study.scheme, study.as_at.isoformat())


def decisions_key(study: Study, aim: Aim) -> Key:
    """What the share of the quarter's decisions is of."""
    return ("decisions made", aim.id, aim_scheme(study, aim), *_so_far(study, study.quarter))


def decisions_made(study: Study, follow: FollowUp, aim: Aim) -> gate.ReleasedShare | gate.Refused:
    """Of the decisions dated in the quarter, the share made within the limit. Workload only: see the module's text."""
    first, last = pd.Timestamp(study.quarter.first_day), pd.Timestamp(study.quarter.last_day)
    made = follow.where(follow.decided & follow.ended.between(first, last))
    return gate.release_share(int(in_time(made, aim).sum()), len(made.frame), **study.terms,
                              key=decisions_key(study, aim),
                              what=f"decisions made in {study.quarter.words} that were within {aim.within}")
