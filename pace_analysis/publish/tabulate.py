"""Tables on their way through the gate: labels checked, known figures set apart, margins added."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pace_analysis.errors import DisclosureRefused, nearest
from pace_analysis.publish.earlier import TOTAL

Groups = Mapping[Hashable, Sequence[Hashable]]


@dataclass(frozen=True, slots=True)
class Layout:
    """Labels of a table and of its subtotals."""

    rows: tuple[Hashable, ...]
    columns: tuple[Hashable, ...]
    row_groups: dict[Hashable, tuple[Hashable, ...]]
    column_groups: dict[Hashable, tuple[Hashable, ...]]

    @property
    def row_blocks(self) -> dict[Hashable, list[int]]:
        """Positions summed for each shown row: the interior, subtotals, the total."""
        return _blocks(self.rows, self.row_groups)

    @property
    def column_blocks(self) -> dict[Hashable, list[int]]:
        """Positions summed for each shown column."""
        return _blocks(self.columns, self.column_groups)


def layout(counts: pd.DataFrame, row_groups: Groups, column_groups: Groups) -> Layout:
    """Check counts and labels; DisclosureRefused for what cannot be a table of counts."""
    whole = all(kind.kind in "iu" for kind in counts.dtypes)
    if counts.empty or not whole or (counts.to_numpy() < 0).any():
        raise DisclosureRefused("A table must hold counts: whole numbers of 0 or more, none missing.",
                                remedy="Count with pandas.crosstab(...) and fill what is missing with 0.")
    made = []
    for axis, groups in ((counts.index, row_groups), (counts.columns, column_groups)):
        labels = [*axis, *groups, TOTAL]
        twice = {str(label) for label in labels if labels.count(label) > 1}
        if twice:
            raise DisclosureRefused(f"The label '{min(twice)}' of a table is used twice.",
                                    remedy=f"Rename one; '{TOTAL}' is kept for the margin.")
        missing = [label for parts in groups.values() for label in parts if label not in axis]
        if missing:
            raise DisclosureRefused(f"A subtotal names '{missing[0]}', which the table does not hold.",
                                    remedy=nearest(str(missing[0]), map(str, axis)))
        made.append((tuple(axis), {name: tuple(dict.fromkeys(parts)) for name, parts in groups.items()}))
    (rows, row_groups), (columns, column_groups) = made
    return Layout(rows, columns, row_groups, column_groups)


def with_margins(shown: np.ndarray, is_known: np.ndarray, layout: Layout) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add subtotals and totals; a margin is known when all it sums is."""
    rows, columns = layout.row_blocks, layout.column_blocks
    labels = {"index": pd.Index(list(rows), dtype=object), "columns": pd.Index(list(columns), dtype=object)}
    of_row, of_column = _membership(rows, len(shown)), _membership(columns, shown.shape[1])
    cells, not_known = (of_row @ counted @ of_column.T for counted in (shown, ~is_known))
    return pd.DataFrame(cells, **labels), pd.DataFrame(not_known == 0, **labels)


def _membership(blocks: Mapping[Hashable, list[int]], n: int) -> np.ndarray:
    """1 where a shown row or column sums one of the ``n`` of the interior, shape (shown, n)."""
    member = np.zeros((len(blocks), n), dtype=np.int64)
    for row, positions in zip(member, blocks.values(), strict=True):
        row[positions] = 1
    return member


def _blocks(labels: tuple, groups: Mapping[Hashable, tuple]) -> dict[Hashable, list[int]]:
    place = {label: position for position, label in enumerate(labels)}
    summed = {name: [place[label] for label in parts] for name, parts in groups.items()}
    return {label: [position] for label, position in place.items()} | summed | {TOTAL: list(place.values())}
