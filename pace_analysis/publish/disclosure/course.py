"""Where the same children are at several times, on its way through the gate: one table a time, protected together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pace_analysis.errors import DisclosureRefused
from pace_analysis.publish import tabulate
from pace_analysis.publish.cells import CellSystem
from pace_analysis.publish.disclosure.marks import Refused, mark, refused
from pace_analysis.publish.earlier import NOTHING, Earlier, Key, Names
from pace_analysis.publish.keys import course_sums
from pace_analysis.publish.linked import protect_cells
from pace_analysis.publish.profiles import PUBLIC, Profile
from pace_analysis.publish.refusals import never
from pace_analysis.publish.released import ReleasedTable


def release_course(
    counts: pd.DataFrame, *, title: str, absorbing: Sequence[str], profile: Profile = PUBLIC, key: Key,
    earlier: Earlier = NOTHING,
) -> tuple[ReleasedTable, ...] | Refused:
    """Protect where the same children were at several times, so that nothing follows from comparing two of them.

    Parameters
    ----------
    counts : DataFrame of whole numbers
        Times by states; every row has the same sum, and columns of absorbing states never fall.
    absorbing : sequence of str
        States that nobody leaves: what is shown of them never falls either.
    key, earlier
        Figures of a time are ``(*key, time, state)``, and their total ``(*key, time)``.

    Returns
    -------
    tuple of ReleasedTable, one a time, or Refused
        ``cannot-be-rounded`` or ``differs-from-released``.

    Raises
    ------
    DisclosureRefused
        If the rows are not of the same children.
    """
    made, layout = mark(profile, key), tabulate.layout(counts, {}, {})
    if counts.sum(axis=1).nunique() > 1 or (counts[list(absorbing)].diff().to_numpy() < 0).any():
        never("Children at several times must be the same children.", where=title)
    shown, method = counts.to_numpy(np.int64), "none"
    if profile.protects:
        system = _system(counts, key, absorbing)
        pins = {name: value for name, value in earlier.pins.items() if name in system.places}
        try:
            done = protect_cells(system, pins=pins, margins_too=False, base=profile.base, first_step=profile.first_step,
                                 threshold=profile.threshold)
        except DisclosureRefused:  # what is pinned fits no table of this extract
            return refused("differs-from-released", title)
        if done.code:
            return refused("differs-from-released" if pins else done.code, title)
        place, method = done.system.places, done.method
        shown = np.array([[done.values[place[*key, str(row), str(column)]] for column in layout.columns] for row in layout.rows])
    return tuple(_one(layout, row, cells, method, made) for row, cells in zip(layout.rows, shown, strict=True))


def _system(counts: pd.DataFrame, key: Key, absorbing: Sequence[str]) -> CellSystem:
    known = {(*key, str(row), str(column)): int(counts.at[row, column]) for row in counts.index for column in counts.columns}
    known |= {(*key, str(row)): int(counts.loc[row].sum()) for row in counts.index}
    sums = course_sums(key, list(map(str, counts.index)), list(map(str, counts.columns)), absorbing)
    for parent, (before, more) in (each for each in sums if each[1][-1] not in known):
        known[more] = known[parent] - known[before]
    place = {name: position for position, name in enumerate(known)}
    return CellSystem(tuple(known), np.array(list(known.values()), dtype=np.int64), tuple(place[parent] for parent, _ in sums),
                      tuple(tuple(place[part] for part in parts) for _, parts in sums))


def _one(layout: tabulate.Layout, row: object, cells: np.ndarray, method: str, made: dict) -> ReleasedTable:
    alone = tabulate.Layout((row,), layout.columns, {}, {})
    shown, known = tabulate.with_margins(cells[None, :], np.zeros((1, cells.size), dtype=bool), alone)
    own = {**made, "key": (*made["key"], str(row))}
    return ReleasedTable(title=str(row), rows=(row,), columns=layout.columns, row_groups={}, column_groups={},
                         names=Names(own["key"], "columns"), method=method, _cells=shown, _known=known, **own)
