"""How often each set of rules fires on a stable series: simulates; ``--write`` puts the tables into the package.

Run ``python benchmarks/false_alarms.py``. Series of independent points of 16 to 24 children, half of whom are decided:
equal numbers of children would give ties that real series do not have. The rules are asked without a chart's guards,
which would keep percentages of so few children from every rule.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np

from pace_analysis.improvement.falsealarms import BASELINES, POINTS
from pace_analysis.improvement.limits import lines
from pace_analysis.improvement.rules import Phase, rules_for

CHARTS, CHILDREN, SHARE, SEED = 1000, (16, 24), 0.5, 2014
ASKED = (("anhoej", "run"), ("ihi", "run"), ("mdc7", "xmr"), ("mdc6", "xmr"), ("mdc_2023", "xmr"), ("nelson", "xmr"),
         ("anhoej", "p"), ("anhoej", "p-prime"), ("nelson", "p"))
MODULE = Path(__file__).resolve().parents[1] / "pace_analysis" / "improvement" / "falsealarms.py"


def rate(
    rules: str, kind: str, points: int, baseline: int | None = None, *, charts: int = CHARTS, seed: int = SEED
) -> float:
    """Share of stable series on which a rule of the set fires, with lines of the first points or of all."""
    generator = np.random.default_rng(seed)
    children = generator.integers(*CHILDREN, (charts, points), endpoint=True)
    decided = generator.binomial(children, SHARE)
    basis = np.arange(points) < (baseline or points)
    exact = "mdc" if rules.startswith("mdc") else "auto"
    asked = rules_for(rules, kind)
    fired = 0
    for numerator, denominator in zip(decided, children, strict=True):
        value = numerator / denominator
        phase = Phase(value, *lines(kind, value, numerator, denominator, basis, screen=True, exact=exact))
        fired += any(rule(phase) for rule in asked)
    return fired / charts


def main() -> None:
    """Print both tables, and write them if asked."""
    tables: dict[str, list[str]] = {"RATES": [], "FROZEN": []}
    for rules, kind in ASKED:
        free = tuple(round(rate(rules, kind, points), 3) for points in POINTS)
        frozen = tuple(
            tuple(round(rate(rules, kind, points, first), 3) if first < points else free[place]
                  for place, points in enumerate(POINTS))
            for first in BASELINES
        )
        print(rules, kind, free, frozen, flush=True)
        tables["RATES"].append(f'    ("{rules}", "{kind}"): {free},\n')
        rows = "".join(f"        {row},\n" for row in frozen)
        tables["FROZEN"].append(f'    ("{rules}", "{kind}"): (\n{rows}    ),\n')
    if "--write" in sys.argv:
        text = MODULE.read_text(encoding="utf-8")
        for name, rows in tables.items():
            start, end = re.search(rf"\n{name}:[^=]*= MappingProxyType\(\{{\n(.*?)\}}\)", text, re.DOTALL).span(1)
            text = text[:start] + "".join(rows) + text[end:]
        MODULE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
