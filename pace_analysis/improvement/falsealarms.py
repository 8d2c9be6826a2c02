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
    ("anhoej", "p"): (0.028, 0.03, 0.052, 0.066, 0.081),
    ("anhoej", "p-prime"): (0.054, 0.073, 0.094, 0.11, 0.123),
    ("nelson", "p"): (0.029, 0.07, 0.099, 0.12, 0.195),
})
BASELINES = (8, 12, 16, 20, 24)  # first points that the lines are frozen on; of shorter charts, all points
FROZEN: MappingProxyType[tuple[str, str], tuple[tuple[float, ...], ...]] = MappingProxyType({
    ("anhoej", "run"): (
        (0.016, 0.06, 0.129, 0.131, 0.159),
        (0.011, 0.013, 0.065, 0.076, 0.121),
        (0.011, 0.012, 0.028, 0.045, 0.086),
        (0.011, 0.012, 0.017, 0.033, 0.06),
        (0.011, 0.012, 0.017, 0.027, 0.039),
    ),
    ("ihi", "run"): (
        (0.162, 0.295, 0.419, 0.498, 0.632),
        (0.12, 0.187, 0.327, 0.433, 0.563),
        (0.12, 0.185, 0.285, 0.373, 0.519),
        (0.12, 0.185, 0.264, 0.349, 0.494),
        (0.12, 0.185, 0.264, 0.337, 0.46),
    ),
    ("mdc7", "xmr"): (
        (0.154, 0.262, 0.357, 0.43, 0.507),
        (0.063, 0.154, 0.246, 0.319, 0.425),
        (0.063, 0.105, 0.184, 0.255, 0.37),
        (0.063, 0.105, 0.144, 0.195, 0.311),
        (0.063, 0.105, 0.144, 0.189, 0.28),
    ),
    ("mdc6", "xmr"): (
        (0.182, 0.334, 0.447, 0.524, 0.632),
        (0.104, 0.225, 0.338, 0.425, 0.56),
        (0.104, 0.193, 0.279, 0.36, 0.502),
        (0.104, 0.193, 0.242, 0.314, 0.462),
        (0.104, 0.193, 0.242, 0.295, 0.432),
    ),
    ("mdc_2023", "xmr"): (
        (0.154, 0.262, 0.357, 0.43, 0.507),
        (0.063, 0.154, 0.246, 0.319, 0.425),
        (0.063, 0.105, 0.184, 0.255, 0.37),
        (0.063, 0.105, 0.144, 0.195, 0.311),
        (0.063, 0.105, 0.144, 0.189, 0.28),
    ),
    ("nelson", "xmr"): (
        (0.161, 0.278, 0.362, 0.416, 0.528),
        (0.067, 0.179, 0.257, 0.306, 0.423),
        (0.067, 0.122, 0.19, 0.251, 0.396),
        (0.067, 0.122, 0.142, 0.191, 0.338),
        (0.067, 0.122, 0.142, 0.174, 0.28),
    ),
    ("anhoej", "p"): (
        (0.035, 0.076, 0.139, 0.147, 0.206),
        (0.028, 0.03, 0.102, 0.103, 0.15),
        (0.028, 0.03, 0.056, 0.076, 0.124),
        (0.028, 0.03, 0.052, 0.067, 0.108),
        (0.028, 0.03, 0.052, 0.066, 0.088),
    ),
    ("anhoej", "p-prime"): (
        (0.13, 0.217, 0.273, 0.314, 0.376),
        (0.054, 0.127, 0.181, 0.234, 0.288),
        (0.054, 0.073, 0.129, 0.172, 0.251),
        (0.054, 0.073, 0.094, 0.134, 0.206),
        (0.054, 0.073, 0.094, 0.11, 0.157),
    ),
    ("nelson", "p"): (
        (0.049, 0.149, 0.245, 0.263, 0.377),
        (0.029, 0.087, 0.164, 0.194, 0.305),
        (0.029, 0.07, 0.115, 0.151, 0.276),
        (0.029, 0.07, 0.099, 0.13, 0.254),
        (0.029, 0.07, 0.099, 0.12, 0.211),
    ),
})


def false_alarm_rate(rules: str, kind: str, points: int, *, baseline: int | None = None) -> float | None:
    """Chance of any signal on a stable series; None where it was not simulated.

    Parameters
    ----------
    rules, kind : str
        As a chart has them.
    points : int
        Of the series, each of about 20 children at 50%.
    baseline : int, optional
        First points that the lines are frozen on: fewer points make poorer lines, which later ones cross more seldom.
    """
    rates = RATES.get((rules, kind))
    if rates is None or not POINTS[0] <= points <= POINTS[-1]:
        return None
    if baseline is None or baseline >= points:
        return float(np.interp(points, POINTS, rates))
    if not BASELINES[0] <= baseline <= BASELINES[-1]:
        return None
    return float(np.interp(baseline, BASELINES, [np.interp(points, POINTS, row) for row in FROZEN[rules, kind]]))
