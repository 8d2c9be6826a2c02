"""How often each set of rules fires on a stable series: simulates, and with ``--write`` puts the table into the package.

Run ``python benchmarks/false_alarms.py``. Series of independent points of 16 to 24 children, half of whom are decided: equal numbers of children would give ties that real
series do not have.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np

from pace_analysis.improvement import Point, chart
from pace_analysis.improvement.falsealarms import POINTS

CHARTS, CHILDREN, SHARE, SEED = 1000, (16, 24), 0.5, 2014
ASKED = (("anhoej", "run"), ("ihi", "run"), ("mdc7", "xmr"), ("mdc6", "xmr"), ("mdc_2023", "xmr"), ("nelson", "xmr"), ("anhoej", "p"),
         ("anhoej", "p-prime"), ("nelson", "p"))
MODULE = Path(__file__).resolve().parents[1] / "pace_analysis" / "improvement" / "falsealarms.py"


def rate(rules: str, kind: str, points: int) -> float:
    """Share of stable series on which a rule of the set fires."""
    generator = np.random.default_rng(SEED)
    children = generator.integers(*CHILDREN, (CHARTS, points), endpoint=True)
    decided = generator.binomial(children, SHARE)
    fired = sum(
        bool(chart([Point(str(i), k / n, int(k), int(n)) for i, (k, n) in enumerate(zip(*row, strict=True))], kind, rules=rules).signals)
        for row in zip(decided, children, strict=True)
    )
    return fired / CHARTS


if __name__ == "__main__":
    lines = []
    for rules, kind in ASKED:
        rates = tuple(round(rate(rules, kind, points), 3) for points in POINTS)
        print(rules, kind, dict(zip(POINTS, rates, strict=True)))
        lines.append(f'    ("{rules}", "{kind}"): {rates},\n')
    if "--write" in sys.argv:
        text = MODULE.read_text(encoding="utf-8")
        body = "MappingProxyType({\n" + "".join(lines) + "})"
        MODULE.write_text(re.sub(r"(RATES:[^=]*= )MappingProxyType\(\{.*?\}\)", lambda found: found[1] + body, text, flags=re.DOTALL), encoding="utf-8")
