"""Rounding of single counts and of single tables, beside everything that is public already."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pace_analysis.errors import DisclosureRefused
from pace_analysis.publish.audit import height, rung
from pace_analysis.publish.cells import CellSystem, of_cube
from pace_analysis.publish.earlier import TOTAL, Earlier, Names
from pace_analysis.publish.linked import protect_cells
from pace_analysis.publish.profiles import Profile
from pace_analysis.publish.tabulate import Layout


def nearest_shown(count: int, *, base: int, first_step: int) -> int:
    """Round one count to the nearest number that may be shown; halves up."""
    below = rung(count, base, first_step)
    low, high = height(below, base, first_step), height(below + 1, base, first_step)
    return low if count == low or count - low < high - count else high


def nearest_interval(shown: int, profile: Profile) -> tuple[int, int]:
    """Return the least and largest count that :func:`nearest_shown` shows as a number."""
    rules = {"base": profile.base, "first_step": profile.first_step}
    reach = range(max(shown - profile.first_step, 0), shown + profile.first_step + 1)
    fitting = [count for count in reach if nearest_shown(count, **rules) == shown]
    return fitting[0], fitting[-1]


@dataclass(frozen=True, slots=True, eq=False)
class Rounded:
    """A table as it may be shown.

    Attributes
    ----------
    interior : ndarray of int64, shape (rows, columns)
    known : ndarray of bool, same shape
        Cells that others published, shown as published.
    method : str
        ``rounded``, or ``rounded-further``.
    """

    interior: np.ndarray
    known: np.ndarray
    method: str


def round_table(exact: np.ndarray, layout: Layout, names: Names, profile: Profile, earlier: Earlier) -> Rounded | str:
    """Round a table so that it agrees with all that is public, or return the code of the refusal."""
    system = _system(exact, layout, names)
    place = {key: position for position, key in enumerate(system.keys)}
    pins = {key: value for key, value in earlier.pins.items() if key in place}
    published = [key for key in earlier.published if key in place]
    if any(system.counts[place[key]] != pins[key] for key in published):
        return "differs-from-published"
    try:
        done = protect_cells(system, pins=pins, exact=published, margins_too=False, base=profile.base,
                             first_step=profile.first_step, threshold=profile.threshold)
    except DisclosureRefused:  # what is pinned fits no table of this extract
        return "differs-from-released"
    if done.code:
        return "differs-from-released" if pins.keys() - set(published) else done.code
    interior = np.array([[place[names.cell(row, column)] for column in layout.columns] for row in layout.rows])
    known = np.isin(interior, [place[key] for key in published])
    return Rounded(done.values[interior], known, done.method)


def _system(exact: np.ndarray, layout: Layout, names: Names) -> CellSystem:
    rows, columns = ({label: positions for label, positions in blocks.items() if named or label != TOTAL}
                     for blocks, named in ((layout.row_blocks, names.axis != "columns"),
                                           (layout.column_blocks, names.axis != "rows")))
    cube = of_cube(exact, [dict(enumerate(blocks.values())) for blocks in (rows, columns)])
    keys = tuple(names.cell(row, column) for row in rows for column in columns)
    return CellSystem(keys, cube.counts, cube.parents, cube.children)
