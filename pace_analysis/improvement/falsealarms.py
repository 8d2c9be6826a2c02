"""How often each set of rules fires on a stable series: `python benchmarks/false_alarms.py --write` makes the table again."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

POINTS = (12, 16, 20, 24, 32)
RATES: MappingProxyType[tuple[str, str], tuple[float, ...]] = MappingProxyType({
    ("anhoej", "run"): (0.011, 0.012, 0.017, 0.027, 0.032),
    ("ihi", "run"): (0.12, 0.185, 0.264, 0.337, 0.451),
    ("mdc7", "xmr"): (0.063, 0.105, 0.144, 0.189, 0.24),
    ("mdc6", "xmr"): (0.104, 0.193, 0.242, 0.295, 0.405),
    ("mdc_2023", "xmr"): (0.063, 0.105, 0.144, 0.189, 0.24),
    ("nelson", "xmr"): (0.067, 0.122, 0.142, 0.174, 0.249),
    ("anhoej", "p"): (0.017, 0.013, 0.029, 0.034, 0.038),
    ("anhoej", "p-prime"): (0.032, 0.032, 0.051, 0.058, 0.065),
    ("nelson", "p"): (0.019, 0.033, 0.054, 0.057, 0.097),
})


def false_alarm_rate(rules: str, kind: str, points: int) -> float | None:
    """Chance of any signal on a stable series of so many points of about 20 children at 50%; None where it was not simulated."""
    rates = RATES.get((rules, kind))
    if rates is None or not POINTS[0] <= points <= POINTS[-1]:
        return None
    return float(np.interp(points, POINTS, rates))
