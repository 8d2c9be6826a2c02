"""What an authority may send: rounded counts, the definitions they rest on, and the quality of the data."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import pandas as pd

from pace_analysis.aims import decision_table
from pace_analysis.care.followup import DECISIONS, FIRST_END, OUTCOMES, FollowUp
from pace_analysis.care.stays import waiting_now
from pace_analysis.dates import ReportingYear
from pace_analysis.errors import DisclosureRefused
from pace_analysis.journey import journey_stays
from pace_analysis.measures import measure
from pace_analysis.pathways import Pathway, load_pathway
from pace_analysis.publish.disclosure import SIX_MONTHS
from pace_analysis.sharing.midpoint import STEP, GridCounts, grid_counts, is_midpoint, midpoint, stay_hidden
from pace_analysis.study import Study

DECISION = "decision"  # the clock that the stages of a pathway divide
TABLES_COUNTED = ("child", "period", "milestone")


@dataclass(frozen=True, slots=True)
class YearCounts:
    """Rounded counts of one entry year whose every child was followed for 182 days, and how they stood then."""

    year: str
    children: int
    decided: int
    left: int


@dataclass(frozen=True, slots=True)
class Share:
    """Rounded counts of one authority on one clock to the end of one quarter.

    Every number is audited when the share is made, so there is no share with an exact one.

    Attributes
    ----------
    authority, name, nation, region : str
        Slug, name, nation, and the region it is pooled in (may be empty).
    quarter, measure : str
        Last quarter, ``YYYYQn``, and the clock's id.
    definitions : tuple of (key, value)
        Every choice that changes numbers, as text, by key.
    pathway, pathway_version : str
        The journey's name and a digest of its stages and limits.
    counts : GridCounts
        Cumulative counts on the common grid.
    years : tuple of YearCounts
        Entry years, oldest first; none where they would narrow what the counts hide.
    routes : tuple of (route, children)
        Children decided by each route, rounded; none where they would narrow what the counts hide.
    stages : tuple of (stage, children)
        Children waiting for the decision at the end of the quarter, by stage of the pathway; none where they would
        narrow what the counts hide, or on another clock than the decision's.
    quality : tuple of (what, rows)
        Rows used and set aside, and findings, rounded.
    made_with : str
        Version of the package.
    notice : str
        What the authority says before its papers, such as that it is invented; may be empty.

    Raises
    ------
    DisclosureRefused
        If a number is none that rounding gives, a part of a year is more than the year could hold, or routes, stages or
        years narrow what the counts hide.
    """

    authority: str
    name: str
    nation: str
    region: str
    quarter: str
    measure: str
    definitions: tuple[tuple[str, str], ...]
    pathway: str
    pathway_version: str
    counts: GridCounts
    years: tuple[YearCounts, ...]
    routes: tuple[tuple[str, int], ...]
    stages: tuple[tuple[str, int], ...]
    quality: tuple[tuple[str, int], ...]
    made_with: str
    notice: str = ""

    def __post_init__(self) -> None:
        numbers = [number for year in self.years for number in (year.children, year.decided, year.left)]
        numbers += [number for _, number in (*self.routes, *self.stages, *self.quality)]
        if any(type(number) is not int for number in numbers) or not is_midpoint(np.array(numbers, dtype=int)).all():
            raise DisclosureRefused("A share holds a number that is not rounded to the middle of six.",
                                    where=f"share of {self.name}", remedy="Make the share again with pace share.")
        if any(max(year.decided, year.left) > year.children for year in self.years):
            raise DisclosureRefused("An entry year of a share has a part larger than the whole.",
                                    where=f"share of {self.name}")
        if not (_routes_hide(self.routes, self.counts) and _stages_hide(self.stages, self.counts)
                and _years_hide(self.years, self.counts)):
            raise DisclosureRefused("Routes, stages or entry years of a share narrow what its counts hide.",
                                    where=f"share of {self.name}")


def share(study: Study, *, measure_id: str = DECISION, region: str = "") -> Share:
    """Count what an authority may send of one clock.

    Parameters
    ----------
    study : Study
        The authority to the end of a quarter.
    measure_id : str
        Clock to count; UsageError names the nearest when there is none.
    region : str
        Region in which it is to be pooled, spelt as in the other shares.

    Raises
    ------
    SurvivalInputError
        If the extract holds no wait.
    """
    from pace_analysis import __version__

    follow, pathway = study.follow(measure(measure_id).id), load_pathway(study.authority.nation)
    counts, years, routes = grid_counts(decision_table(follow)), _years(study, follow), _routes(follow)
    stages = _stages(study, pathway) if measure_id == DECISION else ()
    return Share(
        authority=study.authority.slug,
        name=study.authority.name,
        nation=study.authority.nation,
        region=region.strip(),
        quarter=str(study.quarter),
        measure=measure_id,
        definitions=definitions_of(study),
        pathway=pathway.name,
        pathway_version=version_of(pathway),
        counts=counts,
        years=years if _years_hide(years, counts) else (),
        routes=routes if _routes_hide(routes, counts) else (),
        stages=stages if _stages_hide(stages, counts) else (),
        quality=_quality(study),
        made_with=f"pace_analysis {__version__}",
        notice=study.authority.notice,
    )


def definitions_of(study: Study) -> tuple[tuple[str, str], ...]:
    """Every choice of an authority that changes numbers, as text; shares that differ in one are not pooled."""
    chosen = study.authority.definitions.model_dump() | {"year_starts_in_month": study.authority.year_starts_in_month}
    chosen["ends_that_censor"] = ", ".join(sorted(study.authority.definitions.ends_that_censor))
    return tuple((key, str(value)) for key, value in sorted(chosen.items()))


def version_of(pathway: Pathway) -> str:
    """Digest of what a pathway states; titles and wording of its file are no part of it."""
    stages = [(stage.id, stage.start, stage.finish) for stage in pathway.stages]
    limits = [(clock.id, clock.start, clock.finish, str(clock.within)) for clock in pathway.clocks]
    return sha256(repr((pathway.decision, stages, limits)).encode()).hexdigest()[:12]


def _routes_hide(routes: tuple[tuple[str, int], ...], counts: GridCounts) -> bool:
    return stay_hidden([number for _, number in routes], counts.decided[-1], add_up=True)


def _stages_hide(stages: tuple[tuple[str, int], ...], counts: GridCounts) -> bool:
    return stay_hidden([number for _, number in stages], counts.censored[-1], add_up=True)


def _years_hide(years: tuple[YearCounts, ...], counts: GridCounts) -> bool:
    return (
        stay_hidden([year.children for year in years], counts.children + STEP, add_up=False)
        and stay_hidden([year.decided for year in years], counts.by_six_months("decided"), add_up=False)
        and stay_hidden([year.left for year in years], counts.by_six_months("left"), add_up=False)
    )


def _years(study: Study, follow: FollowUp) -> tuple[YearCounts, ...]:
    month = study.authority.year_starts_in_month
    frame = follow.frame.assign(year=[str(ReportingYear.of(day, month)) for day in follow.frame["started"].dt.date])
    lost = (frame["outcome"] == 0) & (frame["last_day"] < SIX_MONTHS)
    is_decided = follow.decided & (frame["last_day"] <= SIX_MONTHS)
    is_left = (frame["outcome"] >= FIRST_END) & (frame["last_day"] <= SIX_MONTHS)
    counts = []
    for year in study.complete_years(study.as_at - pd.Timedelta(days=SIX_MONTHS)):
        of_year = (frame["year"] == str(year)) & ~lost
        exact = np.array([of_year.sum(), (of_year & is_decided).sum(), (of_year & is_left).sum()])
        counts.append(YearCounts(str(year), *midpoint(exact).tolist()))
    return tuple(counts)


def _routes(follow: FollowUp) -> tuple[tuple[str, int], ...]:
    counts = follow.frame["outcome"].value_counts()
    return tuple((route, int(midpoint(int(counts.get(OUTCOMES.index(route), 0))))) for route in DECISIONS)


def _stages(study: Study, pathway: Pathway) -> tuple[tuple[str, int], ...]:
    counts = waiting_now(journey_stays(study, until=pathway.decision))["stage"].value_counts()
    return tuple((stage.id, int(midpoint(int(counts.get(stage.id, 0))))) for stage in pathway.until(pathway.decision))


def _quality(study: Study) -> tuple[tuple[str, int], ...]:
    exact = {f"{table}, {what}": study.accounts.loc[table, column]
             for table in TABLES_COUNTED for what, column in (("rows used", "used"), ("rows set aside", "set_aside"))}
    exact |= {"findings that are errors": study.check.errors, "findings that are warnings": study.check.warnings}
    return tuple((what, int(midpoint(int(rows)))) for what, rows in exact.items())
