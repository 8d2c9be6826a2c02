"""All reports of one council on one list of cells, with what is known of each: what the attacker starts from.

Cells with one key are one cell as long as the exact count behind them stays the same. A count that was corrected
between two reports becomes another cell, so that nothing is held to be equal that is not. Which counts were corrected
is more than an attacker can know; it is granted here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from pace_analysis.ledger import PUBLISHED
from pace_analysis.publish.audit import Interval, knowledge
from pace_analysis.publish.cells import CellSystem, Key
from pace_analysis.publish.keys import FURTHER, IN_PART, NEAREST, ROUNDED
from pace_analysis.publish.profiles import PUBLIC
from pace_analysis.publish.rounding import nearest_interval

from .reading import running_totals
from .releasing import Release

OUTCOMES = {"events 1": "decided", "events 2": "left"}  # of a curve, and of the journey
EXACT = ("grouped", PUBLISHED)
COUNTS = (ROUNDED, FURTHER, NEAREST, IN_PART, *EXACT)


@dataclass(frozen=True, slots=True)
class Stack:
    """Cells of all reports, and what is known of them.

    Attributes
    ----------
    system : CellSystem
        Every count that was released, as it truly was, and the sums between them.
    known : mapping of position to interval
        What the released numbers say of single cells.
    public : frozenset of positions
        Cells that others published exactly: nothing of them is left to find.
    """

    system: CellSystem
    known: Mapping[int, Interval]
    public: frozenset[int]

    @property
    def small(self) -> np.ndarray:
        """Positions of the cells of 1 to threshold - 1 children that nobody published."""
        small = np.flatnonzero((self.system.counts >= 1) & (self.system.counts < PUBLIC.threshold))
        return np.array([cell for cell in small.tolist() if cell not in self.public and cell in self.known], dtype=np.int64)

    def parts(self) -> Iterator[Stack]:
        """Parts that no sum binds to one another; only those with a small cell."""
        from scipy.sparse.csgraph import connected_components

        matrix = abs(self.system.matrix)
        _, labels = connected_components(matrix.T @ matrix, directed=False)
        for label in np.unique(labels[self.small]):
            cells = np.flatnonzero(labels == label)
            place = {int(cell): position for position, cell in enumerate(cells)}
            yield Stack(self.system.restricted(cells.tolist()),
                        {place[cell]: told for cell, told in self.known.items() if cell in place},
                        frozenset(place[cell] for cell in self.public if cell in place))


def stacked(releases: Sequence[Release]) -> Stack:
    """Put the reports of one council on one list; released numbers of other methods than counts are left out."""
    counts: dict[Key, int] = {}
    names = [_versions(release, counts) for release in releases]
    sums = (_sums(release, name) for release, name in zip(releases, names, strict=True))
    relations = dict.fromkeys(chain.from_iterable(sums))
    place = {key: position for position, key in enumerate(counts)}
    system = CellSystem(
        tuple(counts), np.array(list(counts.values()), dtype=np.int64), tuple(place[parent] for parent, _ in relations),
        tuple(tuple(sorted(place[child] for child in children)) for _, children in relations))
    known: dict[int, Interval] = {}
    public: set[int] = set()
    for release, name in zip(releases, names, strict=True):
        method = {place[name[key]]: release.methods[key] for key in name if key in release.figures}
        shown = {place[name[key]]: release.figures[key] for key in name if key in release.figures}
        exact = {cell for cell in shown if method[cell] in EXACT}
        public |= {cell for cell in shown if method[cell] == PUBLISHED}
        by_curve = {place[name[key]]: (value, value) for key, value in _as_curves_tell(release) if key in name}
        nearest = {cell: nearest_interval(value, PUBLIC) for cell, value in shown.items() if method[cell] == NEAREST}
        for cell, (low, high) in (*(_told(system, shown, exact) | nearest).items(), *by_curve.items()):
            if not low <= system.counts[cell] <= high:
                continue
            known[cell] = (max(known.get(cell, (0, np.inf))[0], low), min(known.get(cell, (0, np.inf))[1], high))
    return Stack(system, known, frozenset(public))


def _versions(release: Release, counts: dict[Key, int]) -> dict[Key, Key]:
    """Name of the cell that each count of a report is: a new one where the exact count is new.

    A part of a sum that no report shows is a cell too, of which nothing is known.
    """
    names = {}
    for key, method in release.methods.items():
        if method not in COUNTS or key not in release.exact:
            continue
        count = release.exact[key]
        names[key] = (*key, f"counted {count}")
        counts[names[key]] = count
    for parent, children in release.sums:
        hidden = [child for child in children if child not in release.methods]
        if len(hidden) == 1 and parent in names and all(child in names for child in children if child not in hidden):
            count = release.exact[parent] - sum(release.exact[child] for child in children if child not in hidden)
            names[hidden[0]] = (*hidden[0], f"counted {count}")
            counts[names[hidden[0]]] = count
    return names


def _sums(release: Release, names: Mapping[Key, Key]) -> Iterator[tuple[Key, frozenset[Key]]]:
    for parent, children in release.sums:
        if parent in names and all(child in names for child in children):
            yield names[parent], frozenset(names[child] for child in children)


def _as_curves_tell(release: Release) -> Iterator[tuple[Key, int]]:
    """Counts that a curve gives exactly and a table rounded: all who entered in a year, and where they were by a week.

    Only where the exact counts agree, as the two may not be of the same children after a correction.
    """
    told: dict[tuple[str, str], int] = {(key[-2], ""): n for key, n in release.figures.items() if key[-1] == "n"}
    for (curve, name, day), total in running_totals(release.figures).items():
        if name in OUTCOMES and day % 7 == 0:
            told[curve[-1], f"week {day // 7} {OUTCOMES[name]}"] = total
    for key, count in release.exact.items():
        for place in range(1, len(key)):
            if told.get((key[place], " ".join(key[place + 1:]))) == count:
                yield key, count


def _told(system: CellSystem, shown: Mapping[int, int], exact: set[int]) -> dict[int, Interval]:
    """What each number says; a margin that went a step further, or a number kept after a correction, says less."""
    rules = {"base": PUBLIC.base, "first_step": PUBLIC.first_step}
    near, far = (knowledge(system, shown, steps=steps, exact=exact, **rules) for steps in (0, 1))
    told = {}
    for cell in shown:
        fitting = [one[cell] for one in (near, far) if one[cell][0] <= system.counts[cell] <= one[cell][1]]
        if fitting:
            told[cell] = fitting[0]
    return told
