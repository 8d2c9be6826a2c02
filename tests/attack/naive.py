"""Methods in common use that do not protect: the attacker must succeed against them, or the attack has no teeth."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np

from pace_analysis.publish.audit import Interval, bounds
from pace_analysis.publish.cells import CellSystem
from pace_analysis.publish.profiles import PUBLIC

from .attacker import Found
from .releasing import Release
from .stacking import Stack, stacked

ALONE = 1  # exits on one day


def primary_only(system: CellSystem, threshold: int) -> frozenset[int]:
    """Hide the small cells and nothing else."""
    return frozenset(np.flatnonzero((system.counts >= 1) & (system.counts < threshold)).tolist())


def next_smallest(system: CellSystem, threshold: int) -> frozenset[int]:
    """Hide the small cells; while a sum has one hidden cell alone, hide the smallest other cell above 0 in it."""
    hidden = set(primary_only(system, threshold))
    while True:
        before = len(hidden)
        for parent, members in zip(system.parents, system.children, strict=True):
            relation = {parent, *members}
            others = sorted(relation - hidden, key=lambda cell: (system.counts[cell], system.keys[cell]))
            others = [cell for cell in others if system.counts[cell] > 0]
            if len(relation & hidden) == 1 and others:
                hidden.add(others[0])
        if len(hidden) == before:
            return frozenset(hidden)


def attack_naive(releases: Sequence[Release]) -> tuple[Found, ...]:
    """Attack the same reports, had they been protected by each of the methods in common use."""
    parts = list(stacked(releases).parts())
    return (_suppressed("small cells hidden, nothing else", parts, primary_only),
            _suppressed("next smallest cell hidden too", parts, next_smallest),
            _nearest_five(parts), _curves(releases))


def _suppressed(name: str, parts: Sequence[Stack], method: Callable[[CellSystem, int], frozenset[int]]) -> Found:
    """Hidden cells, zeros printed: whoever knows the rule knows that each hidden one is at least 1."""
    found = Found(name, "cells of 1 to 4", 0)
    for part in parts:
        hidden = method(part.system, PUBLIC.threshold)
        most = PUBLIC.threshold - 1 if method is primary_only else np.inf
        counts = part.system.counts.tolist()
        known = {cell: (1, most) if cell in hidden else (count, count) for cell, count in enumerate(counts)}
        found += _judged(name, part, bounds(part.system, known, cells=part.small.tolist()))
    return found


def _nearest_five(parts: Sequence[Stack]) -> Found:
    """Each cell to the nearest 5 by itself, with exact percentages of each total to one decimal."""
    name = "each cell to the nearest 5, exact percentages"
    found = Found(name, "cells of 1 to 4", 0)
    for part in parts:
        counts, system = part.system.counts, part.system
        shown = 5 * ((counts + 2) // 5)
        known = {cell: (max(0, int(value) - 2), int(value) + 2) for cell, value in enumerate(shown)}
        for parent, members in zip(system.parents, system.children, strict=True):
            for child in members:
                known[child] = _by_percentage(known[child], known[parent], counts[child], counts[parent])
        found += _judged(name, part, bounds(system, known, cells=part.small.tolist()))
    return found


def _by_percentage(part: Interval, whole: Interval, count: int, total: int) -> Interval:
    """Least and largest number that gives the printed percentage with a total that rounds as the printed one does."""
    printed = f"{100 * count / total:.1f}" if total else ""
    parts, wholes = (range(int(low), int(high) + 1) for low, high in (part, whole))
    fitting = [k for k, n in itertools.product(parts, wholes) if 0 < n >= k and f"{100 * k / n:.1f}" == printed]
    return (min(fitting), max(fitting)) if fitting else part


def _judged(name: str, part: Stack, told: np.ndarray) -> Found:
    cells = told[part.small]
    exact = int((cells[:, 0] == cells[:, 1]).sum())
    small = int(((cells[:, 0] >= 1) & (cells[:, 1] < PUBLIC.threshold)).sum())
    return Found(name, "cells of 1 to 4", len(cells), exact, small)


def _curves(releases: Sequence[Release]) -> Found:
    """An unprotected curve of each entry year to three decimals: the days on which it falls by one child alone."""
    tried = alone = small = 0
    for waits in releases[-1].waits.values():
        days, exits = np.unique(waits.loc[waits["outcome"] > 0, "day"], return_counts=True)
        n = len(waits)
        waiting = np.round(1 - np.concatenate([[0], np.cumsum(exits)]) / max(n, 1), 3)
        read = np.rint(-np.diff(waiting) * n).astype(int)
        sure = read == exits
        tried += len(days)
        alone += int((sure & (read == ALONE)).sum())
        small += int((sure & (read < PUBLIC.threshold)).sum())
    return Found("unprotected curve", "days with an exit", tried, alone, small)
