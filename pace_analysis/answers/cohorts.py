"""One aim by kind of child: by age when the clock started, and by first or later stay."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from pace_analysis.aims import DECIDED, NO_COMPLETE_YEAR, cohort_key, eligible, in_time, mature_years, not_lost
from pace_analysis.care import FollowUp
from pace_analysis.dates import ReportingYear
from pace_analysis.publish import disclosure as gate
from pace_analysis.publish.keys import figures
from pace_analysis.settings import Aim
from pace_analysis.study import Study

AGES = MappingProxyType({"aged three and under": (0, 3), "aged four or five": (4, 5), "aged six to eleven": (6, 11),
                         "aged twelve and over": (12, 99)})
TOGETHER = MappingProxyType({"aged five and under": list(AGES)[:2], "aged under twelve": list(AGES)[:3]})
STAYS = ("accommodated for the first time", "accommodated again")
LATER = "later or not"
NO_AGE = "age not recorded"

Shares = tuple[tuple[str, gate.ReleasedShare | gate.Refused], ...]


@dataclass(frozen=True)
class CohortAnswers:
    """Share in time by kind of child, of the latest entry year that is fully followed.

    Attributes
    ----------
    year : ReportingYear or None
    by_age, by_stay : tuple of (kind of child, ReleasedShare or Refused)
        Kinds that sum others come after them; each table is protected as a whole, so that its parts add up.
    tables : tuple of ReleasedTable or Refused
        What the shares are made of.
    """

    year: ReportingYear | None
    by_age: Shares
    by_stay: Shares
    tables: tuple[gate.ReleasedTable | gate.Refused, ...] = ()

    @property
    def shares(self) -> Shares:
        """Both tables, one after the other."""
        return self.by_age + self.by_stay


def by_cohort(study: Study, aim: Aim, whole: gate.ReleasedTable | gate.Refused | None = None) -> CohortAnswers:
    """Answer an aim for the children of each age, and for those accommodated for the first time or again.

    ``whole`` is the released table of the same children together, to which the parts are made to add up.
    """
    years = mature_years(study, aim)
    bands = [name for name, (youngest, _) in AGES.items() if not aim.age_under or youngest < aim.age_under]
    together = {name: parts for name, parts in TOGETHER.items() if set(parts) <= set(bands)}
    if not years:
        return CohortAnswers(None, *(tuple((kind, NO_COMPLETE_YEAR) for kind in named) for named in ([*bands, *together], STAYS)))
    year = years[-1]
    cohort = not_lost(eligible(study, aim).entered(year.first_day, year.last_day), aim)
    shown = {each.key: each.value for each in figures(whole)} if isinstance(whole, gate.ReleasedTable) else {}
    terms = {**study.terms, "earlier": study.earlier.beside(shown), "key": cohort_key(study, aim, year)}
    age, stay = cohort.frame["age"], cohort.frame["stay"]
    ages = pd.Series(NO_AGE, index=age.index).mask(age.notna(), age.map(_age_band))
    unknown = [NO_AGE] if age.isna().any() else []
    stays = stay.map(lambda number: STAYS[min(number, 2) - 1])
    of_ages = _table(cohort, aim, ages, [*bands, *unknown], together, terms)
    of_stays = _table(cohort, aim, stays, list(STAYS), {}, terms)
    named = ((of_ages, [*bands, *unknown, *together]), (of_stays, STAYS))
    return CohortAnswers(year, *(tuple((name, _share(study, table, name, aim)) for name in names) for table, names in named),
                         (of_ages, of_stays))


def _age_band(age: float) -> str:
    return next((name for name, (low, high) in AGES.items() if low <= age <= high), "")


def _table(
    cohort: FollowUp, aim: Aim, kind: pd.Series, rows: list[str], groups: dict[str, list[str]], terms: dict[str, Any]
) -> gate.ReleasedTable | gate.Refused:
    decided = (in_time(cohort, aim) & cohort.decided).map({True: DECIDED, False: LATER})
    counts = pd.crosstab(kind, decided).reindex(index=rows, columns=[DECIDED, LATER], fill_value=0).astype("int64")
    return gate.release_table(counts, title=f"aim {aim.id} by kind of child", row_groups=groups, **terms)


def _share(study: Study, table: gate.ReleasedTable | gate.Refused, name: str, aim: Aim) -> gate.ReleasedShare | gate.Refused:
    if isinstance(table, gate.Refused):
        return table
    return gate.share_from(table, name, [DECIDED], what=f"children {name} with {aim.finish.replace('_', ' ')} within {aim.within}", earlier=study.earlier)
