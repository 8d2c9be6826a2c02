"""Counts, tables, shares and verdicts on their way through the gate."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction

import numpy as np
import pandas as pd

from pace_analysis.errors import nearest
from pace_analysis.publish import binomial, tabulate
from pace_analysis.publish.disclosure.marks import Refused, mark, refused
from pace_analysis.publish.earlier import NOTHING, Axis, Earlier, Key, Names
from pace_analysis.publish.profiles import PUBLIC, Profile
from pace_analysis.publish.refusals import never
from pace_analysis.publish.released import (
    ReleasedCount,
    ReleasedRegister,
    ReleasedShare,
    ReleasedTable,
    ReleasedVerdict,
)
from pace_analysis.publish.rounding import nearest_shown, round_table
from pace_analysis.tables.schema import TABLES


def release_count(
    n: int, *, what: str, profile: Profile = PUBLIC, key: Key = (), earlier: Earlier = NOTHING
) -> ReleasedCount:
    """Protect one count, such as ``what="children waiting"``: the nearest number that may be shown, or as released."""
    made = mark(profile, key)
    if n != int(n) or n < 0:
        never("A count is a whole number of 0 or more.", where=what)
    shown = nearest_shown(int(n), base=profile.base, first_step=profile.first_step) if profile.protects else int(n)
    if profile.protects and key:
        shown = earlier.pins.get(key, shown)
    return ReleasedCount(what=what, count=shown, **made)


def release_table(
    counts: pd.DataFrame,
    *,
    title: str,
    profile: Profile = PUBLIC,
    row_groups: Mapping[Hashable, Sequence[Hashable]] | None = None,
    column_groups: Mapping[Hashable, Sequence[Hashable]] | None = None,
    key: Key = (),
    axis: Axis = "both",
    span: str = "",
    earlier: Earlier = NOTHING,
) -> ReleasedTable | Refused:
    """Protect a table of counts by controlled rounding; see :mod:`pace_analysis.publish.linked`.

    Parameters
    ----------
    counts : DataFrame of whole numbers
        Exact counts of children, rows by columns, without totals.
    row_groups, column_groups : mapping, optional
        Subtotals to show: label to the labels it sums.
    key, axis, span
        What its figures are called; see :class:`pace_analysis.publish.earlier.Names`. A table that names one axis only
        has one row, or one column.
    earlier : Earlier
        Figures already public: shown as they were; the rest is protected beside them.

    Returns
    -------
    ReleasedTable or Refused
        ``differs-from-published``, ``differs-from-released`` or ``cannot-be-rounded``.

    Raises
    ------
    DisclosureRefused
        If the counts are not whole numbers, a label is used twice, a group names no label, or the axis left out has
        more than one label.
    """
    made = mark(profile, key)
    layout = tabulate.layout(counts, row_groups or {}, column_groups or {})
    if {"rows": counts.shape[1], "columns": counts.shape[0]}.get(axis, 1) != 1:
        never("A table that names one axis only has one row, or one column.", where=title)
    exact, names = counts.to_numpy(np.int64), Names(key, axis, span)
    known, method = np.zeros(exact.shape, dtype=bool), "none"
    if profile.protects:
        rounded = round_table(exact, layout, names, profile, earlier)
        if isinstance(rounded, str):
            return refused(rounded, title)
        exact, known, method = rounded.interior, rounded.known, rounded.method
    cells, known_cells = tabulate.with_margins(exact, known, layout)
    return ReleasedTable(title=title, rows=layout.rows, columns=layout.columns, row_groups=layout.row_groups,
                         column_groups=layout.column_groups, names=names, method=method, _cells=cells,
                         _known=known_cells, **made)


def release_share(
    numerator: int, denominator: int, *, what: str, profile: Profile = PUBLIC, target: bool = False, key: Key = (),
    earlier: Earlier = NOTHING,
) -> ReleasedShare | Refused:
    """Protect a pair of counts and work out their share; see :func:`share_from`.
    DisclosureRefused if the numerator is not part of it.
    """
    if not 0 <= numerator <= denominator:
        never("The numerator of a share must be part of its denominator.", where=what)
    pair = pd.DataFrame([[numerator, denominator - numerator]], columns=["yes", "no"])
    table = release_table(pair, title=what, profile=profile, key=key, axis="columns", earlier=earlier)
    return table if isinstance(table, Refused) else share_from(table, 0, ["yes"], what=what, target=target, key=key, earlier=earlier)


def share_from(
    table: ReleasedTable, row: Hashable, numerator_columns: Sequence[Hashable], *, what: str, target: bool = False,
    key: Key = (), earlier: Earlier = NOTHING,
) -> ReleasedShare | Refused:
    """Work out the share of a row that is in some columns, from the table's protected counts alone.

    Returns
    -------
    ReleasedShare or Refused
        ``too-few-children`` below the profile's denominator (a larger one if ``target``), as released; ``one-group``
        when the protected share is 0% or 100%, so that neither a percentage nor its refusal tells more than the pair
        (unless ``earlier.overridden`` names ``what``).

    Raises UsageError if the table has no such row or column, DisclosureRefused if one would be counted twice.
    """
    members = [part for column in numerator_columns for part in table.column_groups.get(column, (column,))]
    if len(set(members)) < len(members):
        never("A column would be counted twice in the numerator of a share.", where=what)
    numerator = sum(table.cell(row, column) for column in numerator_columns)
    denominator = table.cell(row, table.total)
    least = table.profile.minimum_target if target else table.profile.minimum_denominator
    if denominator < least:
        return refused("too-few-children", what, least=least)
    if table.profile.protects and numerator in (0, denominator) and what not in earlier.overridden:
        return refused("one-group", what)
    return ReleasedShare(what=what, numerator=numerator, denominator=denominator, **mark(table.profile, key))


def verdict_from(
    table: ReleasedTable, row: Hashable, numerator_columns: Sequence[Hashable], target: Fraction, *, what: str
) -> ReleasedVerdict | Refused:
    """Judge the share of a row that is in some columns against a target, from the table's protected counts alone.

    Judged on the exact counts, a verdict would tell how few are outside the share. ``too-few-children`` to judge.
    """
    numerator = sum(table.cell(row, column) for column in numerator_columns)
    denominator, least = table.cell(row, table.total), table.profile.pooling_advised
    if denominator < max(1, least):
        return refused("too-few-children", what, least=least)
    return ReleasedVerdict(what=what, target=target, verdict=binomial.verdict(numerator, denominator, target),
                           reaches=Fraction(numerator, denominator) >= target, **mark(table.profile))


def release_register(frame: pd.DataFrame, *, title: str, profile: Profile = PUBLIC) -> ReleasedRegister:
    """Pass a register of tests of change, which holds no child; DisclosureRefused for any other column."""
    allowed = {column.name for column in TABLES["change"]}
    strange = [str(name) for name in frame.columns if name not in allowed]
    if strange:
        never(f"A register of changes has no column '{strange[0]}'.", where=title, remedy=nearest(strange[0], allowed))
    return ReleasedRegister(title=title, _frame=frame.copy(), **mark(profile))
