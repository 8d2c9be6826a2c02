"""The answers a board asks for, each composed of a measure, a count and the gate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

import pandas as pd

from pace_analysis.aims import Progress, decision_table, progress, waiting_key
from pace_analysis.answers.balance import BalancingAnswers, balancing_answers
from pace_analysis.answers.changes import ChangeEffect, change_effects
from pace_analysis.answers.cohorts import CohortAnswers, by_cohort
from pace_analysis.answers.ahead import OutlookAnswers, outlook_answers
from pace_analysis.answers.journey import JourneyAnswers, journey_answers
from pace_analysis.answers.runchart import RunChart, run_chart
from pace_analysis.care import FollowUp
from pace_analysis.care.periods import UNKNOWN_START
from pace_analysis.compare import WhatChanged, what_changed
from pace_analysis.dates import Quarter, ReportingYear, say_date
from pace_analysis.errors import DisclosureRefused, SettingsError
from pace_analysis.measures import MEASURES
from pace_analysis.publish import disclosure as gate
from pace_analysis.publish.earlier import Key
from pace_analysis.publish.keys import Figure, Sum, figures, sums
from pace_analysis.publish.profiles import Profile
from pace_analysis.settings import Authority, load_aim
from pace_analysis.study import Study

DECISION_CLOCK = (MEASURES["decision"].start, MEASURES["decision"].finish)
WEEKS_OF_LIMIT = 26
HORIZON_WEEKS = (26, 52, 78)  # curves stop where a whole year of entrants has been followed
CURVES_SHOWN = 3
BANDS = {"under 13 weeks": (0, 90), "13 to 25 weeks": (91, 181), "26 to 38 weeks": (182, 272),
         "39 to 51 weeks": (273, 363), "52 weeks or more": (364, 10**6)}
LONG_WAIT = "26 weeks or more"
ROUTE_NAMES = MappingProxyType({"home": "home", "kinship": "kinship order", "permanence_order": "permanence order",
                                "adoption": "adoption", "not_known": "route not recorded"})
OUTCOME_LABELS = ("decided", "left without a decision")


@dataclass(frozen=True)
class BoardAnswers:
    """Everything a board report shows; every part has passed the gate.

    Attributes
    ----------
    authority, quarter, as_at, source, profile
        Whose answers, to which quarter and day, the line to print as their source, and how they are protected.
    progress : Progress
        Where the authority's aim stands.
    run : RunChart
        The quarterly series as a run chart.
    by_cohort : CohortAnswers
        The aim by age and by first or later stay.
    journey : JourneyAnswers
        Where children wait before the decision.
    effects : tuple of ChangeEffect
        What happened to the speed of each step after its changes began.
    outlook : OutlookAnswers
        What lies ahead of the children now waiting.
    balancing : BalancingAnswers
        Whether speed was bought with harm.
    curves : tuple of (ReportingYear, ReleasedCurve or Refused)
        Decided and left by week, for the latest entry years, oldest first.
    waiting : ReleasedTable or Refused
        Children waiting at the data cut, by how long.
    moved : WhatChanged
        What moved the main figures since the last report that was released.
    unknown_start : ReleasedCount
        Periods of care open at the data cut that began on a day the extract does not hold; they are in no wait.
    adoptions : ReleasedTable or Refused
        Children adopted by reporting year.
    changes : ReleasedRegister
        Tests of change.
    quality : ReleasedTable or Refused
        Rows of the extract used and set aside, by table.
    quality_notes : tuple of str
        Which dates of the format stand for which milestone.
    """

    authority: Authority
    quarter: Quarter
    as_at: date
    source: str
    profile: Profile
    progress: Progress
    run: RunChart
    by_cohort: CohortAnswers
    journey: JourneyAnswers
    effects: tuple[ChangeEffect, ...]
    outlook: OutlookAnswers
    balancing: BalancingAnswers
    curves: tuple[tuple[ReportingYear, gate.ReleasedCurve | gate.Refused], ...]
    waiting: gate.ReleasedTable | gate.Refused
    moved: WhatChanged
    unknown_start: gate.ReleasedCount
    adoptions: gate.ReleasedTable | gate.Refused
    changes: gate.ReleasedRegister
    quality: gate.ReleasedTable | gate.Refused
    quality_notes: tuple[str, ...]

    def __post_init__(self) -> None:
        for part in self.parts:
            gate.publishable(part, internal=not self.profile.protects)

    @property
    def parts(self) -> tuple:
        """Every released part."""
        told = self.progress
        series = (*told.cohorts, *told.years, *told.quarters, *told.sensitivity, *self.curves, *self.by_cohort.shares)
        return (told.verdict, told.decisions_made, self.waiting, self.unknown_start, self.adoptions, self.changes,
                self.quality, *self.by_cohort.tables, *(result for _, result in series), *self.journey.parts,
                *self.outlook.parts, *self.moved.parts, *(part for effect in self.effects for part in effect.parts), *self.balancing.parts)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every number released, in the order of keys; DisclosureRefused if one is given two values."""
        found: dict[Key, Figure] = {}
        for figure in (figure for part in self.parts for figure in figures(part)):
            if found.setdefault(figure.key, figure).value != figure.value:
                raise DisclosureRefused("A report gives one figure two values.", where=" / ".join(figure.key))
        return tuple(found[key] for key in sorted(found))

    @property
    def sums(self) -> tuple[Sum, ...]:
        """Which of the figures are sums of which others."""
        course = self.journey.occupancy
        weeks = () if isinstance(course, gate.Refused) else course.sums
        return tuple(dict.fromkeys((*(each for part in self.parts for each in sums(part)), *weeks)))

    anchor_week = WEEKS_OF_LIMIT
    long_wait = LONG_WAIT
    route_names = ROUTE_NAMES


def answers_alone(thing: Any) -> BoardAnswers:
    """Return ``thing`` if it is the answers of a report, whose parts all passed the gate; DisclosureRefused otherwise."""
    if type(thing) is not BoardAnswers:
        raise DisclosureRefused(f"A {type(thing).__name__} has not passed the disclosure gate.",
                                remedy="Give the answers of pace_analysis.board_answers(study).")
    return thing


def board_answers(study: Study) -> BoardAnswers:
    """Answer a board's standing questions from one study."""
    aim = load_aim(study.authority.aim)
    if (aim.start, aim.finish) != DECISION_CLOCK:
        raise SettingsError(f"The board report cannot answer the aim '{aim.id}' yet: its words are about the wait from "
                            "accommodated to the permanence decision.", where=f"data/authorities/{study.authority.slug}.toml, key 'aim'",
                            remedy="Choose an aim on that clock; pace aims lists them all.")
    told, waiting = progress(study, aim), waiting_bands(study, study.decision)
    return BoardAnswers(
        authority=study.authority,
        quarter=study.quarter,
        as_at=study.as_at,
        source=f"{study.tables.extract.source}, to {say_date(study.as_at)}",
        profile=study.profile,
        progress=told,
        run=run_chart(study, told),
        by_cohort=by_cohort(study, aim, told.latest),
        journey=journey_answers(study, waiting),
        effects=change_effects(study),
        outlook=outlook_answers(study, aim, _long_wait(study, waiting)),
        balancing=balancing_answers(study),
        curves=cohort_curves(study, study.decision),
        waiting=waiting,
        moved=what_changed(study, waiting),
        unknown_start=unknown_starts(study),
        adoptions=adoptions_by_year(study),
        changes=gate.release_register(study.tables.change.drop(columns="change_id"), title="Tests of change", profile=study.profile),
        quality=rows_accounted(study),
        quality_notes=study.tables.extract.definitions,
    )


def cohort_curves(study: Study, follow: FollowUp) -> tuple:
    """Grouped curves of the latest entry years, each to the last whole horizon that all its children reached.

    A curve is released only as far as the whole year was followed, stretch by stretch, so that a later quarter adds to it
    and never changes it.
    """
    horizons = ((year, _horizon(study, year)) for year in study.complete_years())
    shown = [(year, horizon) for year, horizon in horizons if horizon][-CURVES_SHOWN:]
    return tuple((year, _cohort_curve(study, follow, year, horizon)) for year, horizon in shown)


def _horizon(study: Study, year: ReportingYear) -> int:
    """Days to the last whole horizon that every entrant of the year reached; 0 before the first."""
    followed = (study.as_at - year.last_day).days
    return max((7 * weeks for weeks in HORIZON_WEEKS if 7 * weeks <= followed), default=0)


def _cohort_curve(study: Study, follow: FollowUp, year: ReportingYear, horizon: int) -> gate.ReleasedCurve | gate.Refused:
    entrants = follow.entered(year.first_day, year.last_day).up_to(horizon)
    if entrants.frame.empty:
        return gate.Refused("nobody", f"Not shown: no child was accommodated in {year}.")
    return gate.release_curve(decision_table(entrants), anchor_day=7 * WEEKS_OF_LIMIT, labels=OUTCOME_LABELS,
                              stops=[7 * weeks for weeks in HORIZON_WEEKS[1:]], what=f"children accommodated in {year}",
                              key=("decided by day", study.scheme, str(year)), **study.terms)


def waiting_bands(study: Study, follow: FollowUp) -> gate.ReleasedTable | gate.Refused:
    """Children waiting for a decision at the data cut, by completed weeks waited."""
    days = follow.frame.loc[follow.waiting, "last_day"]
    counts = pd.DataFrame({"children": [int(days.between(*band).sum()) for band in BANDS.values()]}, index=list(BANDS))
    return gate.release_table(counts, title="Children waiting for a decision", axis="rows",
                              row_groups={LONG_WAIT: list(BANDS)[2:]}, key=waiting_key(study), **study.terms)


def _long_wait(study: Study, waiting: gate.ReleasedTable | gate.Refused) -> tuple[int, int] | None:
    """Children who have waited long: exact, and as shown."""
    if isinstance(waiting, gate.Refused):
        return None
    days = study.decision.frame.loc[study.decision.waiting, "last_day"]
    return int((days >= 7 * WEEKS_OF_LIMIT).sum()), waiting.cell(LONG_WAIT, "children")


def unknown_starts(study: Study) -> gate.ReleasedCount:
    """Periods away from home open at the data cut whose first day is not in the extract."""
    period, cut = study.tables.period, pd.Timestamp(study.as_at)
    is_open = period["end_date"].isna() | (period["end_date"] > cut)
    number = int(((period["start_reason"] == UNKNOWN_START) & (period["kind"] == "away") & is_open).sum())
    return gate.release_count(number, what="periods of care of unknown start", key=("unknown start", study.scheme, study.as_at.isoformat()),
                              **study.terms)


def adoptions_by_year(study: Study) -> gate.ReleasedTable | gate.Refused:
    """Children adopted in each complete reporting year; years already public are printed as published."""
    counts = study.adoptions().to_frame("children adopted")
    if counts.empty:
        return gate.Refused("no-complete-year", "Not shown: the extract holds no complete reporting year.")
    return gate.release_table(counts, title="Children adopted by reporting year", key=("adoptions",), axis="rows",
                              span=f"{counts.index[0]} to {counts.index[-1]}", **study.terms)


def rows_accounted(study: Study) -> gate.ReleasedTable | gate.Refused:
    """Rows of each table used and set aside; a rare reason is a small count, so the account passes the gate too."""
    counts = study.accounts.loc[["child", "period", "milestone"], ["used", "set_aside"]].astype("int64")
    return gate.release_table(counts.rename(columns={"set_aside": "set aside"}), title="Rows of the extract",
                              key=("rows of the extract", study.scheme, study.as_at.isoformat()), **study.terms)
