"""Controlled rounding of any number of linked tables: every number rounded, every sum still true.

A cell becomes one of the two numbers beside it that may be shown; margins too, or one base further where that cannot
be (K = 1). What may be shown already stays as it is. Cells that were released before keep their value, so that two
releases never show one cell in two ways. Of all such tables the one nearest to the truth is taken.

Protection: the shown table is itself one that could be true, for it adds up and each of its numbers rounds to itself.
In it no rounded cell is 1 to threshold - 1. So no attacker who knows the rules and holds every release can be sure
that a cell is that small; :mod:`pace_analysis.publish.audit` checks it. What is outside this claim: an attacker who
knows other children, or who could repeat the optimisation for every possible table.

Figures published exactly elsewhere are pinned like earlier releases, and need not be multiples of the base: cells that
hold them are shown as the exact part plus the rest, rounded. A sum published exactly while none of its parts is cannot
be kept by rounding; :mod:`pace_analysis.publish.suppression` can.

Source: zero-restricted controlled rounding, Cox (1987), J. Am. Stat. Assoc. 82, 520-524, as an integer programme over
all cells; pins and K after Salazar-Gonzalez (2006), Math. Program. 105, 583-603.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pace_analysis.errors import DisclosureRefused
from pace_analysis.publish.audit import exposed_among, height, knowledge, on_ladder, public_part, rung
from pace_analysis.publish.cells import CellSystem, Key, of_table

SECONDS = 20.0
TIE_BREAK = 0.25  # what all tie-breaking weights add up to; distances are whole numbers, so ties alone feel it
GOLDEN = (5**0.5 - 1) / 2
REFUSAL = "cannot-be-rounded"

Subtotals = dict[str, list[str]]


@dataclass(frozen=True, slots=True, eq=False)
class Protected:
    """What was done to protect some cells, and why nothing less.

    Attributes
    ----------
    method : str
        ``rounded``, ``rounded-further`` (K = 1) or ``refused``.
    system : CellSystem
        The cells that are shown; with ``refused``, those that were asked for.
    values : ndarray of int64, shape (cells of the system,)
        What is shown; empty with ``refused``.
    merged : tuple of str
        The two categories shown as one, or none.
    margins_only : bool
        Whether the interior is left out.
    tried : tuple of str
        What failed before, in order: the reason for going further.
    code : str
        Code of the refusal, or nothing.
    """

    method: str
    system: CellSystem
    values: np.ndarray
    merged: tuple[str, ...] = ()
    margins_only: bool = False
    tried: tuple[str, ...] = ()
    code: str = ""


def round_cells(
    system: CellSystem, *, base: int, first_step: int, pins: Mapping[int, int] | None = None
) -> np.ndarray | None:
    """Round all cells of a system so that every relation still holds; None when that cannot be, or takes too long.

    The answer depends on the keys and counts alone, not on the order of the cells.

    Parameters
    ----------
    base, first_step : int
        Counts become 0, ``first_step``, or a larger multiple of ``base``.
    pins : mapping of position to value, optional
        Values to keep: what was released earlier, or is published exactly.

    Returns
    -------
    ndarray of int64, shape (cells,), or None
        Every cell beside the truth (K = 0) or, if that cannot be, margins one ``base`` further (K = 1).

    Raises
    ------
    DisclosureRefused
        If a pinned cell that is no sum is neither a number that rounding can show nor the count itself.
    """
    for steps in (0, 1):
        shown = rounded_within(system, steps, base=base, first_step=first_step, pins=pins)
        if shown is not None:
            return shown
    return None


def rounded_within(
    system: CellSystem, steps: int, *, base: int, first_step: int, pins: Mapping[int, int] | None = None
) -> np.ndarray | None:
    """Do one of the two attempts of :func:`round_cells`: margins up to ``steps`` rungs beyond the two beside them."""
    ordered, order = system.by_key()
    place = np.argsort(order)
    pinned = {int(place[cell]): int(value) for cell, value in (pins or {}).items()}
    public = public_part(ordered, pinned, base, first_step)
    _compare(ordered, pinned, public)
    choices = [
        [pinned[cell]] if cell in pinned else
        [int(part) + value for value in _choices(int(count - part), steps * int(margin), base, first_step)]
        for cell, (count, part, margin) in enumerate(zip(ordered.counts, public, ordered.is_margin, strict=True))
    ]
    shown = _nearest(ordered, choices)
    return None if shown is None else shown[place]


def protect_ladder(
    counts: pd.DataFrame,
    *,
    base: int,
    first_step: int,
    threshold: int,
    row_groups: Mapping[Hashable, Sequence[Hashable]] | None = None,
    column_groups: Mapping[Hashable, Sequence[Hashable]] | None = None,
    prefix: Key = (),
    pins: Mapping[Key, int] | None = None,
    exact: Collection[Key] = (),
) -> Protected:
    """Protect one two-way table by the mildest means that works; :func:`of_table` says what the first arguments are.

    In turn: rounding, rounding with margins one base further, the same with the two smallest categories of the longer
    axis as one, margins only, refusal. Each is taken only if the attacker's audit finds nothing.
    """
    groups = _as_text(row_groups), _as_text(column_groups)
    counts = counts.set_axis(list(map(str, counts.index)), axis=0).set_axis(list(map(str, counts.columns)), axis=1)
    rules = {"base": base, "first_step": first_step, "threshold": threshold, "pins": pins or {}, "exact": exact}
    system = of_table(counts, *groups, prefix)
    whole = protect_cells(system, margins_too=False, **rules)
    if not whole.code:
        return whole
    tried = whole.tried
    merged = _merged(counts, groups, prefix, pins or {})
    if merged is not None:
        table, new_groups, labels = merged
        done = protect_cells(of_table(table, *new_groups, prefix), margins_too=False, **rules)
        tried += tuple(f"merged, {step}" for step in done.tried)
        if not done.code:
            return Protected(done.method, done.system, done.values, merged=labels, tried=tried)
    last = protect_cells(system, **rules)
    return Protected(last.method, last.system, last.values, (), last.margins_only,
                     tried + last.tried[len(whole.tried):], last.code)


def protect_cells(
    system: CellSystem, *, base: int, first_step: int, threshold: int, pins: Mapping[Key, int],
    exact: Collection[Key] = (), margins_too: bool = True,
) -> Protected:
    """Protect any system by the mildest means that works: rounding, K = 1, margins only, refusal.

    Parameters
    ----------
    threshold : int
        No cell may be known to lie within 1 to ``threshold - 1``.
    pins : mapping of key to value
        Values released earlier or published exactly; keys that the system does not hold are passed over.
    exact : collection of keys
        Those of the pins that were published exactly, not rounded. A value that rounding cannot show is so in any case.
    margins_too : bool
        Whether to try margins alone when the whole cannot be shown.
    """
    tried: tuple[str, ...] = ()
    parts = [system]
    if margins_too and 0 < system.is_margin.sum() < len(system.keys):
        parts.append(system.restricted(np.flatnonzero(system.is_margin).tolist()))
    for part in parts:
        for steps, method in ((0, "rounded"), (1, "rounded-further")):
            held = {place: pins[key] for key, place in part.places.items() if key in pins}
            values = rounded_within(part, steps, base=base, first_step=first_step, pins=held)
            if values is not None and not _found(system, part, values, pins, exact, base, first_step, threshold):
                return Protected(method, part, values, margins_only=part is not system, tried=tried)
            tried += (method if part is system else f"margins only, {method}",)
    return Protected("refused", system, np.zeros(0, dtype=np.int64), tried=tried, code=REFUSAL)


def _found(
    system: CellSystem, part: CellSystem, values: np.ndarray, pins: Mapping[Key, int], exact: Collection[Key],
    base: int, first_step: int, threshold: int,
) -> list[int]:
    """Audit what is shown, and what was before, against the whole system; exact figures are known and do not count."""
    place, rules = system.places, {"base": base, "first_step": first_step}
    shown = {place[key]: value for key, value in pins.items() if key in place}
    open_cells = {cell for cell, value in shown.items() if not on_ladder(value, **rules)}
    open_cells |= {place[key] for key in exact if key in place}
    shown |= {place[key]: value for key, value in zip(part.keys, values.tolist(), strict=True)}
    near, far = (knowledge(system, shown, steps=steps, exact=open_cells, **rules) for steps in (0, 1))
    # margins of an earlier release may have gone further than those of this one; who knows which, knows most
    known = {cell: near[cell] if near[cell][0] <= system.counts[cell] <= near[cell][1] else far[cell] for cell in shown}
    small = set(np.flatnonzero((system.counts >= 1) & (system.counts < threshold)).tolist())
    table = system.counts.copy()
    table[list(shown)] = list(shown.values())
    return exposed_among(sorted(small - open_cells), system, known, threshold, table)


def _choices(count: int, steps: int, base: int, first_step: int) -> list[int]:
    """Values that a count may become, ascending; nothing becomes something nowhere."""
    if count == 0:
        return [0]
    low = rung(count, base, first_step)
    high = low + (height(low, base, first_step) < count)
    return [height(number, base, first_step) for number in range(max(low - steps, 0), high + steps + 1)]


def _nearest(system: CellSystem, choices: list[list[int]]) -> np.ndarray | None:
    """Take one choice for each cell so that all adds up, as near to the counts as can be."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array, csr_array, vstack

    matrix = system.matrix
    nearest = np.array([min(values, key=lambda value, count=count: (abs(value - count), value))
                        for values, count in zip(choices, system.counts.tolist(), strict=True)], dtype=np.int64)
    if not (matrix @ nearest).any():
        return nearest  # no table can be nearer; of two numbers as near the lower, as the tie-break below has it
    lowest = np.array([values[0] for values in choices], dtype=np.int64)
    owner = np.repeat(np.arange(len(choices)), [len(values) - 1 for values in choices])
    n, short = owner.size, -(matrix @ lowest)
    if not n:
        return None
    ends = np.array([pair for values in choices for pair in zip(values, values[1:], strict=False)])
    gap, away = ends[:, 1] - ends[:, 0], np.abs(ends - system.counts[owner, None])
    by_key = np.mod((owner + 1) * GOLDEN, 1) * TIE_BREAK / n
    gaps = coo_array((gap, (owner, np.arange(n))), shape=(len(choices), n)).tocsr()
    second = np.flatnonzero(owner[1:] == owner[:-1])  # a rung is reached only over the one below it
    where = (np.tile(np.arange(second.size), 2), np.concatenate([second + 1, second]))
    steps = csr_array((np.repeat([1.0, -1.0], second.size), where), shape=(second.size, n))
    rows = vstack([matrix @ gaps, steps]).tocsr()
    solved = milp(
        away[:, 1] - away[:, 0] + by_key, integrality=np.ones(n), bounds=Bounds(0, 1),
        constraints=LinearConstraint(rows, np.concatenate([short, np.full(second.size, -1.0)]),
                                     np.concatenate([short, np.zeros(second.size)])),
        options={"time_limit": SECONDS, "mip_rel_gap": 0})
    if solved.status != 0:
        return None
    return lowest + gaps @ np.rint(solved.x).astype(np.int64)


def _compare(system: CellSystem, pinned: Mapping[int, int], public: np.ndarray) -> None:
    for cell, value in pinned.items():
        if public[cell] and not system.is_margin[cell] and value != system.counts[cell]:
            raise DisclosureRefused(
                "A figure to be kept is neither one that rounding can show nor the number counted in this extract.",
                where=" / ".join(system.keys[cell]),
                remedy="Find out which is right, and use the profile of the earlier release.")


def _as_text(groups: Mapping[Hashable, Sequence[Hashable]] | None) -> Subtotals:
    return {str(name): list(map(str, members)) for name, members in (groups or {}).items()}


def _merged(
    counts: pd.DataFrame, groups: tuple[Subtotals, Subtotals], prefix: Key, pins: Mapping[Key, int]
) -> tuple[pd.DataFrame, list[Subtotals], tuple[str, ...]] | None:
    """Merge the two smallest categories of the longer axis; None where no two can be.

    Two can be that belong to the same subtotals, and were not released before: what is known of them stays known.
    """
    rows = len(counts.index) >= len(counts.columns)
    table = counts if rows else counts.T
    at = len(prefix) + (0 if rows else 1)
    released = {key[at] for key in pins if len(key) == len(prefix) + 2 and key[: len(prefix)] == prefix}
    parts = groups[0 if rows else 1]
    inside = {label: frozenset(name for name, members in parts.items() if label in members) for label in table.index}
    sizes = sorted((int(size), label) for label, size in table.sum(axis=1).items() if label not in released)
    pairs = [(first, second) for i, (_, second) in enumerate(sizes) for _, first in sizes[:i]
             if inside[first] == inside[second]]
    if not pairs or len(table.index) < 3:
        return None
    labels = tuple(label for label in table.index if label in pairs[0])
    name = " and ".join(labels)
    now = {label: name if label in labels else label for label in table.index}
    renamed = table.groupby(list(now.values()), sort=False).sum()
    new = {group: list(dict.fromkeys(now[label] for label in members)) for group, members in parts.items()}
    return (renamed if rows else renamed.T), [new, groups[1]] if rows else [groups[0], new], labels
