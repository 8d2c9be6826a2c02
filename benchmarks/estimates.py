"""What the estimates cost, in one run, against lifelines and against one pass of numpy's bincount.

Run ``python benchmarks/estimates.py``. CPU seconds, median of five runs (fewer for the slow ones); trust ratios, not
seconds. Invented waits up to ten years, five kinds of exit, everyone seen from day 0. lifelines gives the log-log
interval only, so that is the line to compare; the default interval costs one beta quantile a day on top.
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np
from lifelines import AalenJohansenFitter, KaplanMeierFitter

from pace_analysis.survival import cumulative_incidence, kaplan_meier, life_table

OUTCOMES = 5
DAYS = 3650


def invented_waits(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Last days and outcomes of invented children, int32."""
    generator = np.random.default_rng(2015)
    last_day = np.minimum(generator.exponential(600, rows), DAYS - 1).astype(np.int32)
    return last_day, generator.integers(0, OUTCOMES + 1, rows, dtype=np.int32)


def cpu_seconds(work: Callable[[], object], runs: int = 5) -> float:
    """Median CPU time of a piece of work, after one run that is not counted."""
    if runs > 1:
        work()
    taken = []
    for _ in range(runs):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def measure(rows: int) -> None:
    """Print one table of costs for so many rows."""
    last_day, outcome = invented_waits(rows)
    table = life_table(last_day, outcome)
    bincount = cpu_seconds(lambda: np.bincount(last_day, minlength=DAYS), 25)
    curve_fit = cpu_seconds(lambda: KaplanMeierFitter().fit(last_day, outcome > 0))
    ours = {
        "rows -> life table": lambda: life_table(last_day, outcome),
        "rows -> Kaplan-Meier, log-log": lambda: kaplan_meier(life_table(last_day, outcome), interval="log-log"),
        "rows -> Kaplan-Meier, default": lambda: kaplan_meier(life_table(last_day, outcome)),
        "rows -> incidence of 5, log-log": lambda: cumulative_incidence(
            life_table(last_day, outcome), interval="log-log"
        ),
        "rows -> incidence of 5, default": lambda: cumulative_incidence(life_table(last_day, outcome)),
        "rows -> Kaplan-Meier, no interval": lambda: kaplan_meier(life_table(last_day, outcome), interval=None),
        "rows -> incidence of 5, variance only": lambda: cumulative_incidence(
            life_table(last_day, outcome), interval=None
        ),
        "table -> Kaplan-Meier, log-log": lambda: kaplan_meier(table, interval="log-log"),
        "table -> incidence of 5, log-log": lambda: cumulative_incidence(table, interval="log-log"),
    }
    show(f"{rows:,} rows", "CPU ms", "x bincount", "lifelines KM / this")
    show("np.bincount of the day column", f"{1000 * bincount:.3f}", "1.0", f"{curve_fit / bincount:.0f}")
    show("lifelines KaplanMeierFitter", f"{1000 * curve_fit:.2f}", f"{curve_fit / bincount:.0f}", "1.0")
    for name, work in ours.items():
        seconds = cpu_seconds(work)
        show(name, f"{1000 * seconds:.2f}", f"{seconds / bincount:.1f}", f"{curve_fit / seconds:.1f}")
    if rows <= 2000:
        seconds = cpu_seconds(lambda: AalenJohansenFitter(seed=1).fit(last_day, outcome, event_of_interest=1), 1)
        show("lifelines AalenJohansenFitter, one outcome", f"{1000 * seconds:.1f}", f"{seconds / bincount:.0f}", "")
    show("", "", "", "")


def show(name: str, *figures: str) -> None:
    """Print one line of the table."""
    print(f"{name:44}" + "".join(f"{figure:>20}" for figure in figures))


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # lifelines says that it moves tied events
    for size in (2_000, 1_000_000):
        measure(size)
