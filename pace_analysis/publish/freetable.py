"""A table of an author's own on its way through the gate: rounded or, where asked for, exact with cells hidden.

Such a table comes from a spreadsheet, so nothing is known of it but its counts: it is protected by itself, not beside
other tables of the same children. What is said of rows in which one group holds everybody is said of the numbers
shown. Said of the exact ones, it would tell the reader what the rounding hides; and where one child stands against all
others, the shown numbers put that child at 0 or tell nobody of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from pace_analysis.errors import UsageError, nearest
from pace_analysis.publish import suppression
from pace_analysis.publish.audit import preimage
from pace_analysis.publish.cells import CellSystem, of_table
from pace_analysis.publish.disclosure.marks import Refused, mark, refused
from pace_analysis.publish.linked import Protected, protect_ladder
from pace_analysis.publish.profiles import PUBLIC, Profile
from pace_analysis.publish.refusals import never
from pace_analysis.publish.released import TOTAL, Released

MOST_CELLS = 1000  # rounded and audited in about a second
MOST_SUPPRESSED = 125  # with totals; 121 cells full of single children take eleven seconds, 144 half a minute
HIDDEN = "c"
NAMED = 3  # rows named in a remark

Method = Literal["rounding", "suppression"]
METHODS: tuple[Method, ...] = ("rounding", "suppression")
Subtotals = dict[str, tuple[str, ...]]
Key = tuple[str, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class ReleasedFreeTable(Released):
    """An author's table as it may be shown.

    Attributes
    ----------
    title : str
    rows, columns : tuple of str
        Labels as shown, subtotals and totals among them; a table of one column has no column of totals.
    method : str
        How it was protected, in sentences for the reader.
    remarks : tuple of str
        Sentences for the author: why another method was taken, and where one group holds everybody.
    """

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    method: str
    remarks: tuple[str, ...]
    _cells: pd.DataFrame = field(repr=False)

    @property
    def cells(self) -> pd.DataFrame:
        """Every cell as text, rows by columns: a number, ``fewer than 5``, or ``c`` where it is hidden."""
        return self._cells.copy()


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """The cells of a table in order, the number of each one shown, its words, and how all was protected."""

    keys: tuple[Key, ...]
    numbers: dict[Key, int]
    words: dict[Key, str]
    method: str


def release_free_table(
    counts: pd.DataFrame,
    *,
    title: str,
    method: Method = "rounding",
    profile: Profile = PUBLIC,
    groups: Mapping[str, Sequence[str]] | None = None,
) -> ReleasedFreeTable | Refused:
    """Protect a table of counts by rounding or by exact suppression.

    Parameters
    ----------
    counts : DataFrame of whole numbers
        Exact counts of children, rows by columns, labels as text, without totals and subtotals.
    title : str
        What is counted, as a refusal names it.
    method : str
        ``rounding`` (:func:`.linked.protect_ladder`) or ``suppression`` (:func:`.suppression.suppress`; zeros may be
        hidden), which gives way to rounding where the best choice of cells is not found in time.
    groups : mapping, optional
        Subtotals to show: label to the row labels, or the column labels, that it sums.

    Returns
    -------
    ReleasedFreeTable or Refused
        ``cannot-be-rounded`` when not even the totals can be.

    Raises
    ------
    DisclosureRefused
        For a profile that protects nothing, over 1,000 cells, or what is no table of counts.
    UsageError
        For an unknown method or label.
    """
    made = mark(profile)
    if not profile.protects:
        never("A table that is not protected cannot be released.", where=title, remedy="Use the profile 'public'.")
    if method not in METHODS:
        raise UsageError(f"There is no method '{method}' of protecting a table.", remedy=nearest(str(method), METHODS))
    if counts.size > MOST_CELLS:
        never(f"The table has {counts.size:,} cells; the limit is {MOST_CELLS:,}.", where=title,
              remedy="Take fewer categories, or release it in parts that share no totals.")
    counts = counts.set_axis(list(map(str, counts.index)), axis=0).set_axis(list(map(str, counts.columns)), axis=1)
    subtotals = by_axis(list(counts.index), list(counts.columns), groups or {})
    trivial = {name for axis, named in zip(counts.axes, subtotals, strict=True)
               for name, members in named.items() if set(members) == set(axis)}
    system, why = of_table(counts, *subtotals), ""
    if method == "suppression":
        hidden, why = _hidden(system, profile.threshold)
        if hidden is not None:
            return _release(_with_gaps(system, hidden, profile.threshold), title, made, trivial)
    rounded = protect_ladder(counts, base=profile.base, first_step=profile.first_step, threshold=profile.threshold,
                             row_groups=subtotals[0], column_groups=subtotals[1])
    if rounded.code:
        return refused(rounded.code, title)
    return _release(_rounded(rounded, system, profile), title, made, trivial, why)


def by_axis(
    rows: Collection[str], columns: Collection[str], groups: Mapping[str, Sequence[str]]
) -> tuple[Subtotals, Subtotals]:
    """Sort subtotals into those of rows and those of columns; UsageError where one fits neither side or both."""
    found: tuple[Subtotals, Subtotals] = {}, {}
    for name, members in groups.items():
        fits = [bool(members) and set(members) <= set(axis) for axis in (rows, columns)]
        if all(fits):
            raise UsageError(f"The labels of the group '{name}' are both rows and columns.",
                             remedy="Rename the rows or the columns.")
        if not any(fits):
            strange = next((label for label in members if label not in {*rows, *columns}), "")
            raise UsageError(f"The group '{name}' does not name labels of one side of the table.",
                             remedy=nearest(strange, [*rows, *columns]) if strange
                             else "Name rows alone or columns alone.")
        found[fits.index(True)][name] = tuple(members)
    return found


def _hidden(system: CellSystem, threshold: int) -> tuple[frozenset[int] | None, str]:
    """Return the cells to hide, or None and the sentence why the numbers are rounded instead."""
    instead = "so the numbers are rounded instead."
    if len(system.keys) > MOST_SUPPRESSED:
        return None, (f"Hiding cells was asked for; with over {MOST_SUPPRESSED} cells, totals included, the search "
                      f"takes too long, {instead}")
    hidden = suppression.suppress(system, threshold=threshold)
    if hidden is None:  # hiding all would be safe, so it is time alone that ran out
        limit = f"{suppression.SECONDS:.0f} seconds"
        return None, f"Hiding cells was asked for; no choice was proved best within {limit}, {instead}"
    return hidden, ""


def _with_gaps(system: CellSystem, hidden: frozenset[int], threshold: int) -> _Shown:
    numbers = {key: int(system.counts[cell]) for cell, key in enumerate(system.keys) if cell not in hidden}
    method = (
        f"{HIDDEN} stands for a number that is hidden so that no child can be recognised: one from 1 to "
        f"{threshold - 1}, or one that would help to work such a number out. All other numbers are exact."
    ) if hidden else f"All numbers are exact; none is from 1 to {threshold - 1}."
    return _Shown(system.keys, numbers, {key: str(number) for key, number in numbers.items()}, method)


def _rounded(done: Protected, asked: CellSystem, profile: Profile) -> _Shown:
    base, first_step = profile.base, profile.first_step
    further = int(done.method == "rounded-further")
    beyond = [preimage(0, base, first_step, steps)[1] + 1 for steps in (0, further)]
    numbers = dict(zip(done.system.keys, done.values.tolist(), strict=True))
    whole = asked if done.margins_only else done.system
    margin = dict(zip(whole.keys, whole.is_margin.tolist(), strict=True))
    words = {key: str(number) if number else f"fewer than {beyond[margin[key]]}" for key, number in numbers.items()}
    ladder = f"multiples of {base}" if first_step == base else f"0, {first_step} or a larger multiple of {base}"
    parts = [f"Counts are rounded to {ladder} so that they still add up and no child can be recognised.",
             f"'Fewer than {beyond[0]}' may be none, and counts as 0 in sums."]
    if further:
        parts.append(f"A total may differ from the true one by up to {first_step + base - 1}.")
    if done.merged:
        parts.append(f"'{done.merged[0]}' and '{done.merged[1]}' are shown as one.")
    if done.margins_only:
        parts.append(f"Only totals are shown; {HIDDEN} stands for a number that is left out.")
    return _Shown(whole.keys, numbers, words, " ".join(parts))


def _release(
    shown: _Shown, title: str, made: Mapping[str, object], trivial: Collection[str], why: str = ""
) -> ReleasedFreeTable:
    rows, columns = (tuple(dict.fromkeys(key[side] for key in shown.keys)) for side in (0, 1))
    one_row, one_column = (len(labels) == 2 for labels in (rows, columns))  # the one, and a total that repeats it
    rows, columns = rows[:-1] if one_row else rows, columns[:-1] if one_column else columns

    def words(row: str, column: str) -> str:
        repeated = (TOTAL if one_row else row, TOTAL if one_column else column)
        return shown.words.get((row, column), shown.words.get(repeated, HIDDEN))

    cells = pd.DataFrame([[words(row, column) for column in columns] for row in rows], dtype=object,
                         index=pd.Index(rows, dtype=object), columns=pd.Index(columns, dtype=object))
    remarks = (why, _one_group(shown.numbers, "row", rows, "column", columns, trivial),
               _one_group({key[::-1]: n for key, n in shown.numbers.items()}, "column", columns, "row", rows, trivial))
    return ReleasedFreeTable(title=title, rows=rows, columns=columns, method=shown.method,
                             remarks=tuple(filter(None, remarks)), _cells=cells, **made)


def _one_group(
    numbers: Mapping[Key, int], kind: str, lines: Sequence[str], other: str, across: Sequence[str],
    trivial: Collection[str],
) -> str:
    """Return a sentence on the lines of which one part is shown as the whole; nothing where there is none."""
    parts = [label for label in across if label != TOTAL and label not in trivial]
    full = [line for line in lines if len(parts) > 1 and numbers.get((line, TOTAL))
            and any(numbers.get((line, part)) == numbers[line, TOTAL] for part in parts)]
    if not full:
        return ""
    named = ", ".join(f"'{line}'" for line in full[:NAMED])
    more = f" and {len(full) - NAMED} more" if len(full) > NAMED else ""
    return (f"By the numbers shown, all or nearly all children of {kind} {named}{more} are in one {other}, which says "
            "something about each of them: decide whether that may be published.")
