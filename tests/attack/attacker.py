"""What somebody who holds every report of a council can find out of single children.

Each attack says how many things it tried, how many counts of 1 to 4 it recovered exactly, and of how many it knows that
they lie within 1 to 4. All of it starts from what was written, and is judged by the truth.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pace_analysis.publish.audit import bounds, preimage
from pace_analysis.publish.keys import FURTHER, NEAREST, ROUNDED
from pace_analysis.publish.profiles import PUBLIC
from pace_analysis.publish.rounding import nearest_interval

from .reading import Key, Report, counts_in, read_report, running_totals
from .releasing import Release
from .stacking import COUNTS, stacked

GRID, ANCHOR = 14, 182
NEAR = 0.3  # of a day: a corner of a drawing is read more exactly than this
SMALL = range(1, PUBLIC.threshold)
STEPS = {ROUNDED: 0, FURTHER: 1}  # how far beyond the numbers beside a count each method may go
RULES = {"base": PUBLIC.base, "first_step": PUBLIC.first_step}


@dataclass(frozen=True, slots=True)
class Found:
    """What one attack found; ``tried`` counts things of the kind that ``of`` names."""

    attack: str
    of: str
    tried: int
    exact: int = 0
    small: int = 0

    def __add__(self, other: Found) -> Found:
        return Found(self.attack, self.of, self.tried + other.tried, self.exact + other.exact, self.small + other.small)


def added(found: Iterable[Found]) -> tuple[Found, ...]:
    """Add what each attack found of several councils, in the order of the first."""
    total: dict[str, Found] = {}
    for one in found:
        total[one.attack] = total[one.attack] + one if one.attack in total else one
    return tuple(total.values())


def attack(releases: Sequence[Release]) -> tuple[Found, ...]:
    """Attack all reports of one council."""
    reports = [read_report(release.folder) for release in releases]
    return (numbers_of_the_gate(releases, reports), all_together(releases), differences(releases, reports),
            *steps(releases, reports))


def numbers_of_the_gate(releases: Sequence[Release], reports: Sequence[Report]) -> Found:
    """Every count on the page, in a CSV file, a caption or an alt text must be a number that the gate released."""
    tried = strange = 0
    for release, report in zip(releases, reports, strict=True):
        allowed = {value for key, value in release.figures.items()
                   if release.methods[key] in COUNTS or key[-1] == "decisions"}
        written = [number for table in (*report.tables, *report.sheets) for _, _, number in table.counts()]
        written += counts_in(report.words)
        tried += len(written)
        strange += sum(number not in allowed for number in written)
        strange += sum(release.figures.get(key) != value for key, value in report.figures.items())
    return Found("numbers that the gate did not release", "numbers read", tried, strange)


def all_together(releases: Sequence[Release]) -> Found:
    """Bounds of every small cell over all tables that agree with all reports, by linear and integer programming."""
    tried = exact = small = 0
    for part in stacked(releases).parts():
        cells = part.small
        found = bounds(part.system, part.known, cells=cells.tolist())[cells]
        tried += cells.size
        exact += int((found[:, 0] == found[:, 1]).sum())
        small += int(((found[:, 0] >= 1) & (found[:, 1] < PUBLIC.threshold)).sum())
    return Found("bounds over all reports", "cells of 1 to 4", tried, exact, small)


def differences(releases: Sequence[Release], reports: Sequence[Report]) -> Found:
    """Two reports give one figure twice: a difference that is certainly of 1 to 4 children tells of those."""
    told: dict[Key, list[tuple[int, int]]] = defaultdict(list)
    for release, report in zip(releases, reports, strict=True):
        for key, value in report.figures.items():
            method = release.methods.get(key)
            if method == "grouped":
                told[key].append((value, value))
            elif method == NEAREST:
                told[key].append(nearest_interval(value, PUBLIC))
            elif method in STEPS:
                told[key].append(preimage(value, **RULES, steps=STEPS[method]))
        for (curve, name, day), total in running_totals(report.figures).items():
            told[*curve, f"{name} to day {day}"].append((total, total))
    tried = exact = small = 0
    for intervals in told.values():
        for first, second in itertools.combinations(intervals, 2):
            low, high = second[0] - first[1], second[1] - first[0]
            sure = bool({low, high} <= {*SMALL} or {-low, -high} <= {*SMALL})
            tried, exact, small = tried + 1, exact + (sure and low == high), small + sure
    return Found("differences of two reports", "pairs of figures", tried, exact, small)


def steps(releases: Sequence[Release], reports: Sequence[Report]) -> tuple[Found, Found]:
    """Corners of the drawn curves: a day off the grid that is a child's, and a stretch with fewer than five exits."""
    corners = of_a_child = stretches = few = 0
    seen: set[tuple[str, int, int]] = set()
    for release, report in zip(releases, reports, strict=True):
        for year, curve in report.curves.items():
            waits = release.waits[year]
            left = waits[waits["outcome"] > 0]
            days = [0.0, *(day for day, _ in curve[1:])]
            corners += len(days) - 1
            of_a_child += sum(_is_off_grid(day) and (left["day"] == round(day)).any() for day in days[1:])
            for start, end in itertools.pairwise(map(round, days)):
                # a stretch that was shown before stays as it was, whatever was corrected since
                if (year, start, end) in seen:
                    continue
                seen.add((year, start, end))
                stretches += 1
                few += _holds_few(left, start, end)
    return (Found("days of single children in curves", "corners of curves", corners, of_a_child),
            Found("stretches of curves with fewer than five exits", "stretches", stretches, 0, few))


def _is_off_grid(day: float) -> bool:
    away = (day - ANCHOR) % GRID
    return min(away, GRID - away) > NEAR


def _holds_few(left: pd.DataFrame, start: int, end: int) -> bool:
    inside = left[(left["day"] > start if start else left["day"] >= 0) & (left["day"] <= end)]
    by_outcome = np.bincount(inside["outcome"], minlength=3)[1:]
    return bool(len(inside) < PUBLIC.threshold or ((by_outcome > 0) & (by_outcome < PUBLIC.threshold)).any())
