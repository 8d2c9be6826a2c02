"""Balancing measures by year, through the gate: speed must not be bought with harm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

import pandas as pd

from pace_analysis.balancing import BalancingCount, balancing
from pace_analysis.dates import ReportingYear
from pace_analysis.publish import disclosure as gate
from pace_analysis.publish import journeywords
from pace_analysis.study import Study

YEARS_SHOWN = 3


@dataclass(frozen=True)
class YearCount:
    """One measure in one year: the protected pair, and its share where that may be shown."""

    pair: gate.ReleasedTable | gate.Refused
    share: gate.ReleasedShare | gate.Refused

    @property
    def words(self) -> str:
        """As a cell of a table."""
        return journeywords.rare_share(self.pair, self.share)


@dataclass(frozen=True)
class BalancingMeasure:
    """One measure: what it counts, and its count in each year."""

    title: str
    definition: str
    by_year: Mapping[str, YearCount]


@dataclass(frozen=True)
class BalancingAnswers:
    """The latest years that any measure was followed for, and the measures."""

    years: tuple[ReportingYear, ...]
    measures: tuple[BalancingMeasure, ...]

    @property
    def latest(self) -> tuple[tuple[str, str, str], ...]:
        """Title, year and words of each measure in the last year it was followed for."""
        ends = ((measure.title, *list(measure.by_year.items())[-1]) for measure in self.measures if measure.by_year)
        return tuple((title, year, count.words) for title, year, count in ends)

    @property
    def parts(self) -> tuple:
        """Every released part."""
        counts = (count for measure in self.measures for count in measure.by_year.values())
        return tuple(part for count in counts for part in (count.pair, count.share))


def balancing_answers(study: Study) -> BalancingAnswers:
    """Release every balancing measure for the latest years."""
    counts = balancing(study)
    years = tuple(sorted({count.year for count in counts}, key=lambda year: year.first_day)[-YEARS_SHOWN:])
    kept = [count for count in counts if count.year in years]
    measures = [_measure(study, list(group)) for _, group in groupby(kept, key=lambda count: count.id)]
    return BalancingAnswers(years, tuple(measures))


def _measure(study: Study, counts: list[BalancingCount]) -> BalancingMeasure:
    ordered = sorted(counts, key=lambda count: count.year.first_day)
    shares = {str(count.year): _count(study, count) for count in ordered}
    return BalancingMeasure(counts[0].title, counts[0].definition, shares)


def _count(study: Study, count: BalancingCount) -> YearCount:
    what = f"{count.title.lower()}, {count.year}"
    pair = pd.DataFrame([[count.numerator, count.denominator - count.numerator]], columns=["yes", "no"])
    table = gate.release_table(pair, title=what, key=("balancing", count.id, study.scheme, str(count.year)), axis="columns",
                               **study.terms)
    return YearCount(table, table if isinstance(table, gate.Refused) else gate.share_from(table, 0, ["yes"], what=what, earlier=study.earlier))
