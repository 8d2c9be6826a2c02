"""Alt texts: what a chart shows, for those who cannot see it, from the same released results as the sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from pace_analysis.publish.disclosure import ReleasedCurve, ReleasedPeriodShare, ReleasedTable
from pace_analysis.publish.wording import decided_at, percent, series


def curves_alt(curves: Sequence[tuple[str, ReleasedCurve]], week: int) -> str:
    """Lines of the share decided, one an entry year."""
    parts = []
    for year, curve in curves:
        last = int(curve.points["day"].iloc[-1])
        late = f" and {percent(decided_at(curve, last))} by week {last // 7}" if last > 7 * week else ""
        parts.append(f"for {year} it rises from 0% to {percent(decided_at(curve, 7 * week))} by week {week}{late}")
    return f"Line chart of the share of children with a decision by weeks since accommodated: {'; '.join(parts)}."


def stack_alt(curve: ReleasedCurve, *, year: str) -> str:
    """Stacked areas of decided, waiting and left."""
    last = curve.points.iloc[-1]
    decided, left = (float(last[column]) for column in curve.estimate_columns)
    return (
        f"Stacked area chart for children accommodated in {year}. By week {int(last['day']) // 7}, {percent(decided)} have a "
        f"decision, {percent(left)} have left without one and {percent(float(last['waiting']))} are still waiting."
    )


def run_chart_alt(shown: Sequence[tuple[object, ReleasedPeriodShare]], signal: str, *, within: str) -> str:
    """Points by quarter, and what the rules say of them."""
    (first, old), (last, new) = shown[0], shown[-1]
    values = [result.percent for _, result in shown]
    return (
        f"Run chart of {len(shown)} quarters: the share decided within {within} is {old.percent}% in {first.words} and {new.percent}% "
        f"in {last.words}; the lowest is {min(values)}% and the highest {max(values)}%. {signal}"
    )[:600]


def bars_alt(table: ReleasedTable) -> str:
    """One bar a row of a table of one column."""
    return f"Bar chart. {table.title}: {series([f'{row} {table.words(row, table.columns[0])}' for row in table.rows])}."


def routes_alt(table: ReleasedTable, states: Sequence[str], names: Sequence[str], years: int) -> str:
    """One stacked bar an entry year; the latest is read out."""
    year = table.rows[-1]
    parts = [f"{name} {table.words(year, state)}" for state, name in zip(states, names, strict=True)]
    return f"Stacked bar chart of {years} years of entry. For {year}: {series(parts)}."


def occupancy_alt(shares: pd.DataFrame, year: str, names: Mapping[str, str]) -> str:
    """Stacked areas of stages: the limit's week and the last are read out."""
    parts = []
    for week in sorted({26, int(shares.index[-1])} & set(shares.index)):
        held = [f"{names[state].lower().replace(chr(10), ' ')} {percent(share)}" for state, share in shares.loc[week].items() if share > 0]
        parts.append(f"at week {week}, {series(held)}")
    return f"Stacked area chart of the stages of children accommodated in {year}: {'; '.join(parts)}."[:600]
