"""What the estimates cost, in one run, against other libraries and against one pass of numpy's bincount.

Run ``python benchmarks/estimates.py``; with ``--write`` it also writes the tables to ``docs/cost.md``. CPU seconds,
least of nine runs (fewer for the slow ones), for what else the machine does only adds; trust ratios, not seconds. Invented waits up to ten years, five kinds of
exit, two groups, everyone seen from day 0. A library that is not installed is named and left out; lifelines,
statsmodels and scikit-survival give the log-log interval, so that is the line to compare with theirs.
"""

from __future__ import annotations

import importlib
import math
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
import warnings
from collections.abc import Callable
from functools import partial
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd

from pace_analysis.survival import (
    cox,
    cumulative_incidence,
    gray_test,
    kaplan_meier,
    life_table,
    logrank,
    restricted_mean,
    restricted_mean_difference,
)

OUTCOMES = 5
DAYS = 3650
YEAR = 365
SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
STEADY = 100_000  # rows from which the growth is fitted: below, the cost is that of the days
GROUPED = ("np.bincount of day, outcome and group", "life table of 2 groups", "log-rank test", "Gray's test", "difference of means",
           "Cox, 2 patterns")
PAGE = Path(__file__).resolve().parents[1] / "docs" / "cost.md"
PATTERNS = pd.DataFrame({"group": [0, 1]})
R_PROGRAM = """
library(survival)
con <- commandArgs(TRUE)
day <- readBin(con[1], "integer", as.integer(con[3])); kind <- readBin(con[2], "integer", as.integer(con[3]))
cat(system.time(survfit(Surv(day, kind > 0) ~ 1, conf.type = "log-log"))[["user.self"]])
"""

Waits = tuple[np.ndarray, np.ndarray, np.ndarray]


def invented_waits(rows: int) -> Waits:
    """Last days and outcomes (int32) and groups (int8) of invented children."""
    generator = np.random.default_rng(2015)
    last_day = np.minimum(generator.exponential(600, rows), DAYS - 1).astype(np.int32)
    outcome = generator.integers(0, OUTCOMES + 1, rows, dtype=np.int32)
    return last_day, outcome, generator.integers(0, 2, rows, dtype=np.int8)


def cpu_seconds(work: Callable[[], object], runs: int = 9) -> float:
    """Least CPU time of a piece of work, after one run that is not counted."""
    if runs > 1:
        work()
    taken = []
    for _ in range(runs):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def counting_passes(waits: Waits) -> dict[str, float]:
    """CPU seconds of the bincount that an estimate cannot do without: of day and outcome, and of group as well."""
    last_day, outcome, group = waits
    cells = outcome * DAYS + last_day
    both = group.astype(np.int32) * ((OUTCOMES + 1) * DAYS) + cells
    sizes = {"np.bincount of day and outcome": (cells, (OUTCOMES + 1) * DAYS)}
    sizes |= {"np.bincount of day, outcome and group": (both, 2 * (OUTCOMES + 1) * DAYS)}
    return {name: cpu_seconds(partial(np.bincount, cell, minlength=size), 25) for name, (cell, size) in sizes.items()}


def analyses(waits: Waits) -> dict[str, Callable[[], object]]:
    """Every estimate, each from the rows."""
    last_day, outcome, group = waits

    def one() -> object:
        return life_table(last_day, outcome)

    def two() -> object:
        return life_table(last_day, outcome, group=group)

    return {
        "life table": one,
        "Kaplan-Meier": lambda: kaplan_meier(one(), interval=None),
        "Kaplan-Meier, log-log": lambda: kaplan_meier(one(), interval="log-log"),
        "Kaplan-Meier, default interval": lambda: kaplan_meier(one()),
        "incidence of 5, variance": lambda: cumulative_incidence(one(), interval=None),
        "incidence of 5, default interval": lambda: cumulative_incidence(one()),
        "restricted mean": lambda: restricted_mean(one(), YEAR),
        "life table of 2 groups": two,
        "log-rank test": lambda: logrank(two()),
        "Gray's test": lambda: gray_test(two(), 1),
        "difference of means": lambda: restricted_mean_difference(two(), YEAR),
        "Cox, 2 patterns": lambda: cox(two(), PATTERNS),
    }


def others(waits: Waits) -> dict[str, float | str]:
    """CPU seconds of a Kaplan-Meier curve with its interval in other libraries, or why there are none."""
    last_day, outcome, _ = waits
    event = outcome > 0

    def lifelines() -> object:
        return importlib.import_module("lifelines").KaplanMeierFitter().fit(last_day, event)

    def statsmodels() -> object:
        return importlib.import_module("statsmodels.api").SurvfuncRight(last_day, event).surv_prob_se

    def sksurv() -> object:
        curve = importlib.import_module("sksurv.nonparametric").kaplan_meier_estimator
        return curve(event, last_day, conf_type="log-log")

    costs: dict[str, float | str] = {}
    for name, work in {"lifelines": lifelines, "statsmodels": statsmodels, "scikit-survival": sksurv}.items():
        try:
            costs[name] = cpu_seconds(work)
        except ImportError:
            costs[name] = "not installed"
    return costs | {"R survival": in_r(waits)}


def in_r(waits: Waits) -> float | str:
    """CPU seconds of R's survfit on the same rows, once."""
    program = shutil.which("Rscript")
    if program is None:
        return "not installed"
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("day", "kind")]
        for path, values in zip(files, waits, strict=False):
            values.tofile(path)
        command = [program, "-e", R_PROGRAM, *map(str, files), str(len(waits[0]))]
        run = subprocess.run(command, capture_output=True, text=True)
    return float(run.stdout) if run.returncode == 0 else "not installed"


def against_others(rows: int) -> list[str]:
    """Lines of a table: each estimate's cost, beside a bincount and beside the others' Kaplan-Meier."""
    waits = invented_waits(rows)
    passes = counting_passes(waits)
    alone, grouped = passes.values()
    peers = others(waits)
    known = {name: cost for name, cost in peers.items() if isinstance(cost, float)}
    lines = [f"| {rows:,} rows | CPU ms | x its bincount |" + "".join(f" {name} KM / this |" for name in known)]
    lines.append("|---|" + "--:|" * (2 + len(known)))
    costs = passes | {f"{name}, Kaplan-Meier": cost for name, cost in known.items()}
    costs |= {name: cpu_seconds(work) for name, work in analyses(waits).items()}
    for name, cost in costs.items():
        ratios = "".join(f" {peer / cost:.3g} |" for peer in known.values())
        needed = grouped if name in GROUPED else alone
        lines.append(f"| {name} | {1000 * cost:.2f} | {cost / needed:.1f} |{ratios}")
    missing = [name for name, cost in peers.items() if not isinstance(cost, float)]
    return lines + ([f"\nNot installed, so not timed: {', '.join(missing)}."] if missing else [])


def growth() -> list[str]:
    """Lines of a table: cost of each estimate against rows, and the exponent fitted above ``STEADY``."""
    costs: dict[str, list[float]] = {}
    for rows in SIZES:
        for name, work in analyses(invented_waits(rows)).items():
            costs.setdefault(name, []).append(cpu_seconds(work, 5))
    lines = ["| rows, CPU ms |" + "".join(f" {rows:,} |" for rows in SIZES) + " exponent |"]
    lines.append("|---|" + "--:|" * (len(SIZES) + 1))
    steady = [index for index, rows in enumerate(SIZES) if rows >= STEADY]
    for name, taken in costs.items():
        slope = np.polyfit([math.log(SIZES[i]) for i in steady], [math.log(taken[i]) for i in steady], 1)[0]
        lines.append(f"| {name} |" + "".join(f" {1000 * cost:.2f} |" for cost in taken) + f" {slope:.2f} |")
    return lines


def memory(rows: int) -> str:
    """Most memory that all estimates together take beyond the columns themselves."""
    waits = invented_waits(rows)
    tracemalloc.start()
    for work in analyses(waits).values():
        work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    columns = sum(column.nbytes for column in waits)
    return f"Memory at {rows:,} rows: at most {peak / 1e6:.0f} MB beyond the {columns / 1e6:.0f} MB of the columns."


def versions() -> str:
    """Which Python and libraries were measured, in words."""
    found = []
    for name in ("numpy", "pandas", "scipy", "lifelines", "statsmodels", "scikit-survival"):
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return f"Python {platform.python_version()}, {', '.join(found)}."


def page() -> str:
    """The whole page, in Markdown."""
    parts = [
        "# What the estimates cost",
        "Measured by `python benchmarks/estimates.py --write`, which writes this page anew. Ten years of days, five "
        f"kinds of exit; CPU milliseconds, the least of several runs, so trust the ratios. {versions()}",
        "An estimate of one group needs one pass of `np.bincount` over cells of day and outcome, one of two groups over cells "
        "of group too, made beforehand; the second column says how many such passes it costs in all.",
        "Rows are counted once; all that follows costs a few thousand cells whatever the number of children. So the "
        f"exponents, fitted from {STEADY:,} rows on, are below 1: part of the cost is that of the days.",
        "## Against others",
        *("\n".join(against_others(rows)) for rows in (2_000, 1_000_000)),
        "## Against the number of rows",
        "\n".join(growth()),
        memory(SIZES[-1]),
    ]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    text = page()
    print(text)
    if "--write" in sys.argv:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(text, encoding="utf-8")
