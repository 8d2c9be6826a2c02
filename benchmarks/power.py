"""Quarters until a change shows: simulates, and with ``--write`` puts the table into the package.

Run ``python benchmarks/power.py``. What is simulated: the text of ``pace_analysis/improvement/power.py``.
"""

from __future__ import annotations

import re
import sys
from math import erfc, sqrt
from pathlib import Path

import numpy as np

from pace_analysis.improvement.power import DESIGNS, INTAKES, MOST_QUARTERS

QUARTER, BASELINE, RUNS, SEED = 91, 8, 2000, 1981
SHAPE, SCALE, LEAVES_AFTER = 1.1, 420.0, 700.0
RATIOS = (1.25, 1.5, 2.0)
CHANGE = QUARTER * BASELINE
MODULE = Path(__file__).resolve().parents[1] / "pace_analysis" / "improvement" / "power.py"

Rows = tuple[np.ndarray, np.ndarray, np.ndarray]  # first day, last day, whether decided on it


def lives(intake: float, ratio: float, generator: np.random.Generator) -> Rows:
    """Start day, days waited and whether decided, of the children of all quarters."""
    days = QUARTER * (BASELINE + MOST_QUARTERS)
    start = generator.integers(0, days, generator.poisson(intake * (BASELINE + MOST_QUARTERS)))
    before = (np.maximum(CHANGE - start, 0) / SCALE) ** SHAPE
    drawn = generator.exponential(size=start.size)
    hazard = np.where(drawn <= before, drawn, before + (drawn - before) / ratio)
    decided = SCALE * hazard ** (1 / SHAPE)
    left = generator.exponential(LEAVES_AFTER, start.size)
    return start, np.minimum(decided, left).astype(int), decided < left


def sides(start: np.ndarray, wait: np.ndarray, decided: np.ndarray, quarters: int, design: str) -> tuple[Rows, Rows]:
    """What is seen before the change and from it on, so many quarters later.

    By ``cohort``, children who started before are followed to the change and then left out; by ``exposure`` their days
    from the change on count as after.
    """
    end = QUARTER * (BASELINE + quarters)
    early = start < CHANGE
    until = np.minimum(wait, CHANGE - 1 - start)
    before = np.zeros(early.sum(), int), until[early], (decided & (until == wait))[early]
    since = np.maximum(CHANGE - start, 0)
    until = np.minimum(wait, end - 1 - start)
    seen = (since <= until) & ((design == "exposure") | ~early)
    return before, (since[seen], until[seen], (decided & (until == wait))[seen])


def chance(before: Rows, after: Rows) -> float:
    """Two-sided p-value of the log-rank test; 1 when nobody is decided while both sides are at risk."""
    days = max((rows[1].max(initial=0) for rows in (before, after))) + 2
    at_risk, events = [], []
    for first, last, decided in (before, after):
        at_risk.append(np.cumsum(np.bincount(first, minlength=days) - np.bincount(last + 1, minlength=days)))
        events.append(np.bincount(last[decided], minlength=days))
    n, d = sum(at_risk), sum(events)
    used = (d > 0) & (n > 1)
    n, d, share = n[used], d[used], at_risk[1][used] / n[used]
    variance = (d * share * (1 - share) * (n - d) / (n - 1)).sum()
    return erfc(abs((events[1][used] - d * share).sum()) / sqrt(2 * variance)) if variance > 0 else 1.0


def powers(
    intake: float, ratio: float, quarters: list[int], design: str, *, runs: int = RUNS, seed: int = SEED
) -> np.ndarray:
    """Share of simulated authorities in which the test is significant at 5%, one a quarter, on the same lives."""
    generator = np.random.default_rng([seed, int(100 * ratio), int(intake)])
    shown = np.zeros(len(quarters))
    for _ in range(runs):
        children = lives(intake, ratio, generator)
        shown += [chance(*sides(*children, quarter, design)) < 0.05 for quarter in quarters]
    return shown / runs


def quarters_needed(intake: float, ratio: float, design: str) -> int | None:
    """First quarter after the change with a power of 80%; None if there is none."""
    quarters = list(range(1, MOST_QUARTERS + 1))
    enough = powers(intake, ratio, quarters, design) >= 0.8
    return quarters[int(np.argmax(enough))] if enough.any() else None


if __name__ == "__main__":
    lines = []
    for design in DESIGNS:
        for ratio in RATIOS:
            needed = tuple(quarters_needed(intake, ratio, design) for intake in INTAKES)
            print(design, ratio, dict(zip(INTAKES, needed, strict=True)), flush=True)
            lines.append(f'    ("{design}", {ratio}): {needed},\n')
    if "--write" in sys.argv:
        text = MODULE.read_text(encoding="utf-8")
        table = r"\1MappingProxyType({\n" + "".join(lines) + "})"
        text = re.sub(r"(QUARTERS:[^=]*= )MappingProxyType\(\{.*?\}\)", table, text, flags=re.DOTALL)
        MODULE.write_text(text, encoding="utf-8")
