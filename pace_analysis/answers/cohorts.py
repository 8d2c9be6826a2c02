"""One aim by kind of child: by age when the clock started, and by first or later stay."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from pace_analysis.aims import NO_COMPLETE_YEAR, eligible, in_time, mature_years
from pace_analysis.care import FollowUp
from pace_analysis.dates import ReportingYear
from pace_analysis.publish import disclosure as gate
from pace_analysis.settings import Aim
from pace_analysis.study import Study

AGES = MappingProxyType({"aged three and under": (0, 3), "aged four or five": (4, 5), "aged six to eleven": (6, 11),
                         "aged twelve and over": (12, 99)})
TOGETHER = MappingProxyType({"aged five and under": list(AGES)[:2], "aged under twelve": list(AGES)[:3]})
STAYS = ("accommodated for the first time", "accommodated again")
IN_TIME, LATER = "in time", "later or not"

Shares = tuple[tuple[str, gate.ReleasedShare | gate.Refused], ...]


@dataclass(frozen=True)
class CohortAnswers:
    """Share in time by kind of child, of the latest entry year that is fully followed.

    Attributes
    ----------
    year : ReportingYear or None
    by_age, by_stay : tuple of (kind of child, ReleasedShare or Refused)
        Kinds that sum others come after them; each table is protected as a whole, so that its parts add up.
    """

    year: ReportingYear | None
    by_age: Shares
    by_stay: Shares

    @property
    def shares(self) -> Shares:
        """Both tables, one after the other."""
        return self.by_age + self.by_stay


def by_cohort(study: Study, aim: Aim) -> CohortAnswers:
    """Answer an aim for the children of each age, and for those accommodated for the first time or again."""
    years = mature_years(study, aim)
    bands = [name for name, (youngest, _) in AGES.items() if not aim.age_under or youngest < aim.age_under]
    together = {name: parts for name, parts in TOGETHER.items() if set(parts) <= set(bands)}
    if not years:
        return CohortAnswers(None, *(tuple((kind, NO_COMPLETE_YEAR) for kind in named) for named in ([*bands, *together], STAYS)))
    year = years[-1]
    cohort = eligible(study, aim).entered(year.first_day, year.last_day)
    age, stay = cohort.frame["age"], cohort.frame["stay"]
    ages = pd.Series("", index=age.index).mask(age.notna(), age.map(_age_band))
    stays = stay.map(lambda number: STAYS[min(number, 2) - 1])
    return CohortAnswers(
        year,
        _shares(study, cohort, aim, ages, bands, together),
        _shares(study, cohort, aim, stays, list(STAYS), {}),
    )


def _age_band(age: float) -> str:
    return next((name for name, (low, high) in AGES.items() if low <= age <= high), "")


def _shares(study: Study, cohort: FollowUp, aim: Aim, kind: pd.Series, rows: list[str], groups: dict[str, list[str]]) -> Shares:
    decided = (in_time(cohort, aim) & cohort.decided).map({True: IN_TIME, False: LATER})
    counts = pd.crosstab(kind, decided).reindex(index=rows, columns=[IN_TIME, LATER], fill_value=0).astype("int64")
    table = gate.release_table(counts, title=f"aim {aim.id} by kind of child", profile=study.profile, row_groups=groups)
    return tuple((name, _share(table, name, aim)) for name in [*rows, *groups])


def _share(table: gate.ReleasedTable | gate.Refused, name: str, aim: Aim) -> gate.ReleasedShare | gate.Refused:
    if isinstance(table, gate.Refused):
        return table
    return gate.share_from(table, name, [IN_TIME], what=f"children {name} with {aim.finish.replace('_', ' ')} within {aim.within}")
