"""Every figure of a released result by its key: what a ledger keeps, and what an attacker is given.

Tables in marginal notation: the cell of a row and a column is ``(*key, row, column)``, a row's total ``(*key, row)``,
a column's ``(*key, column)`` and the grand total ``key`` itself. A table of which one axis only is named keeps that
axis: children by route of one entry year are ``(*key, route)``.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import singledispatch
from itertools import pairwise

import numpy as np

from pace_analysis.publish.earlier import TOTAL, Key
from pace_analysis.publish.grouping import Bins
from pace_analysis.publish.released import (
    Released,
    ReleasedCount,
    ReleasedCurve,
    ReleasedEstimate,
    ReleasedPeriodShare,
    ReleasedShare,
    ReleasedTable,
)

Sum = tuple[Key, tuple[Key, ...]]
ROUNDED, FURTHER, NEAREST, GROUPED, IN_PART = "rounded", "rounded-further", "nearest", "grouped", "published in part"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a result: its key, a whole number, and how it was protected."""

    key: Key
    value: int
    method: str = ROUNDED


@singledispatch
def figures(result: Released) -> tuple[Figure, ...]:
    """Return every figure of a released result; none of one that shows no number or has no key."""
    return ()


@figures.register
def _(result: ReleasedCount) -> tuple[Figure, ...]:
    return (Figure(result.key, result.count, NEAREST),) if result.key else ()


@figures.register
def _(result: ReleasedTable) -> tuple[Figure, ...]:
    if not result.key:
        return ()
    cells, known = result.cells, result.known
    method = IN_PART if known.to_numpy().any() else result.method
    rows = cells.index if result.names.axis != "columns" else cells.index[:1]
    columns = cells.columns if result.names.axis != "rows" else cells.columns[:1]
    return tuple(
        Figure(result.names.cell(row, column), int(cells.at[row, column]),
               "published" if known.at[row, column] else method)
        for row in rows for column in columns
    )


@figures.register
def _(result: ReleasedShare) -> tuple[Figure, ...]:
    if not result.key:
        return ()
    parts = {"yes": result.numerator, "no": result.denominator - result.numerator}
    return (Figure(result.key, result.denominator, ROUNDED),
            *(Figure((*result.key, name), value, ROUNDED) for name, value in parts.items()))


@figures.register
def _(result: ReleasedPeriodShare) -> tuple[Figure, ...]:
    said = {"decisions": result.decisions, "percent": result.percent,
            "lower": round(100 * result.lower), "upper": round(100 * result.upper)}
    return _named(result.key, said, "period life table")


@figures.register
def _(result: ReleasedEstimate) -> tuple[Figure, ...]:
    said = {name: round(getattr(result, name) / result.step) for name in ("value", "lower", "upper")}
    return _named(result.key, said, "estimate")


@figures.register
def _(result: ReleasedCurve) -> tuple[Figure, ...]:
    points = result.points
    said = {("n",): result.n, ("at risk",): int(points["at_risk"].iloc[0])}
    first = 0
    for _, row in points.iterrows():
        span = f"days {first}-{int(row['day'])}"
        said |= {(span, "entered"): int(row["entered"]), (span, "censored"): int(row["censored"])}
        said |= {(span, f"events {j}"): int(row[f"events_{j}"]) for j in range(1, len(result.labels) + 1)}
        first = int(row["day"]) + 1
    return tuple(Figure((*result.key, *key), value, GROUPED) for key, value in said.items()) if result.key else ()


def bins_before(said: Mapping[Key, int], outcomes: int) -> Bins | None:
    """Read the bins of a curve back from its figures; None when none were released."""
    spans = sorted({key[0] for key in said if len(key) == 2}, key=lambda span: int(span.split("-")[-1]))
    if not spans:
        return None

    def column(name: str) -> np.ndarray:
        return np.array([said[span, name] for span in spans], dtype=np.int64)

    day = np.array([int(span.split("-")[-1]) for span in spans], dtype=np.int64)
    events = np.array([column(f"events {j}") for j in range(1, outcomes + 1)])
    return Bins.following(day, said["at risk",], column("entered"), column("censored"), events)


def sums(result: Released) -> tuple[Sum, ...]:
    """Return which figures of a result are sums of others: parent, and children."""
    if not isinstance(result, ReleasedTable) or not result.key:
        return ()
    across = [] if result.names.axis == "rows" else [(TOTAL, result.columns), *result.column_groups.items()]
    down = [] if result.names.axis == "columns" else [(TOTAL, result.rows), *result.row_groups.items()]
    rows = result.cells.index if result.names.axis != "columns" else result.rows
    columns = result.cells.columns if result.names.axis != "rows" else result.columns
    found = [(row, group, [(row, part) for part in parts]) for row in rows for group, parts in across]
    found += [(group, column, [(part, column) for part in parts]) for column in columns for group, parts in down]
    named = ((result.names.cell(row, column), _keys(result, parts)) for row, column, parts in found)
    return tuple((parent, parts) for parent, parts in named if parts != (parent,))


def course_sums(key: Key, times: Sequence[str], states: Sequence[str], absorbing: Sequence[str]) -> tuple[Sum, ...]:
    """Sums that bind the same children at several times: each time's total, one total for all, and who came since.

    Who came to a state that nobody leaves between two times is a count too, though it is not shown.
    """
    found = [((*key, time), tuple((*key, time, state) for state in states)) for time in times]
    found += [((*key, time), ((*key, times[0]),)) for time in times[1:]]
    found += [((*key, time, state), ((*key, before, state), (*key, time, state, f"more since {before}")))
              for before, time in pairwise(times) for state in absorbing]
    return tuple(found)


def _keys(result: ReleasedTable, cells: Sequence[tuple[Hashable, Hashable]]) -> tuple[Key, ...]:
    return tuple(result.names.cell(row, column) for row, column in cells)


def _named(key: Key, said: Mapping[str, int], method: str) -> tuple[Figure, ...]:
    return tuple(Figure((*key, name), value, method) for name, value in said.items()) if key else ()
