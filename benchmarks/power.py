"""Quarters until a change shows: simulates, and with ``--write`` puts the table into the package.

Run ``python benchmarks/power.py``. What is simulated: the text of ``pace_analysis/improvement/power.py``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from pace_analysis.improvement.power import DESIGNS, INTAKES, MOST_QUARTERS
from pace_analysis.survival import life_table, logrank, split_at

QUARTER, BASELINE, RUNS, SEED = 91, 8, 200, 1981
SHAPE, SCALE, LEAVES_AFTER = 1.1, 420.0, 700.0
RATIOS = (1.25, 1.5, 2.0)
LIMIT = 182
MODULE = Path(__file__).resolve().parents[1] / "pace_analysis" / "improvement" / "power.py"
OPENS = pd.Timestamp("2000-01-01")


def lives(intake: float, ratio: float, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Start day, days waited and outcome of children of all quarters; the change begins after the baseline."""
    days = QUARTER * (BASELINE + MOST_QUARTERS)
    start = generator.integers(0, days, generator.poisson(intake * (BASELINE + MOST_QUARTERS)))
    until_change = np.maximum(QUARTER * BASELINE - start, 0)
    before = (until_change / SCALE) ** SHAPE
    drawn = generator.exponential(size=start.size)
    hazard = np.where(drawn <= before, drawn, before + (drawn - before) / ratio)
    decided = SCALE * hazard ** (1 / SHAPE)
    left = generator.exponential(LEAVES_AFTER, start.size)
    return start, np.minimum(decided, left).astype(int), np.where(decided < left, 1, 2)


def shows(start: np.ndarray, wait: np.ndarray, outcome: np.ndarray, quarters: int, design: str) -> bool:
    """Whether a test so many quarters after the change is significant."""
    change, cut = QUARTER * BASELINE, QUARTER * (BASELINE + quarters)
    seen = start < cut
    last = np.minimum(wait, cut - 1 - start)[seen]
    kind = np.where(start + wait < cut, outcome, 0)[seen]
    first = start[seen]
    if design == "exposure":
        waits = pd.DataFrame({"started": OPENS + pd.to_timedelta(first, unit="D"), "first_day": 0, "last_day": last, "outcome": kind})
        rows = split_at(waits.reset_index(drop=True), OPENS + pd.Timedelta(days=change))
        table = life_table(rows["last_day"], rows["outcome"], first_day=rows["first_day"], group=rows["exposed"], n_outcomes=2)
    else:
        followed = np.minimum(last, LIMIT)
        kind = np.where(last <= LIMIT, kind, 0)
        table = life_table(followed, kind, group=(first >= change).astype(int), n_outcomes=2)
    return len(table.groups) == 2 and logrank(table, outcome=1).p_value < 0.05


def power(intake: float, ratio: float, quarters: int, design: str, *, runs: int = RUNS, seed: int = SEED) -> float:
    """Share of simulated authorities in which the test is significant."""
    generator = np.random.default_rng([seed, int(100 * ratio), int(intake), quarters])
    return sum(shows(*lives(intake, ratio, generator), quarters, design) for _ in range(runs)) / runs


def quarters_needed(intake: float, ratio: float, design: str) -> int | None:
    """First quarter with a power of 80%, found by halving (power grows with the quarters)."""
    if power(intake, ratio, MOST_QUARTERS, design) < 0.8:
        return None
    low, high = 0, MOST_QUARTERS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(intake, ratio, middle, design) >= 0.8 else (middle, high)
    return high


if __name__ == "__main__":
    lines = []
    for design in DESIGNS:
        for ratio in RATIOS:
            needed = tuple(quarters_needed(intake, ratio, design) for intake in INTAKES)
            print(design, ratio, dict(zip(INTAKES, needed, strict=True)), flush=True)
            lines.append(f'    ("{design}", {ratio}): {needed},\n')
    if "--write" in sys.argv:
        text = MODULE.read_text(encoding="utf-8")
        body = "MappingProxyType({\n" + "".join(lines) + "})"
        MODULE.write_text(re.sub(r"(QUARTERS:[^=]*= )MappingProxyType\(\{.*?\}\)", lambda found: found[1] + body, text, flags=re.DOTALL), encoding="utf-8")
