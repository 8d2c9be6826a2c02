"""Time ``pace report`` on the sample against plain papermill and nbconvert on the same notebook, in turn, in one run.

    python benchmarks/report.py [RUNS]

Prints wall and CPU seconds (children included) of each, medians, and the ratio pair by pair.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent


def timed(commands: list[list[str]]) -> tuple[float, float]:
    """Wall and CPU seconds of the commands, one after the other."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    for command in commands:
        subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, cpu


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ours = [[str(BIN / "pace"), "report", "--authority", "exampleshire", "--quarter", "2015Q3", "--out", f"{folder}/report", "--quiet"]]
        executed = f"{folder}/executed.ipynb"
        plain = [
            [str(BIN / "papermill"), "notebooks/02_board_report.ipynb", executed, "-r", "folder", f"{folder}/plain", "--no-progress-bar"],
            [str(BIN / "jupyter"), "nbconvert", "--to", "html", "--no-input", "--embed-images", executed],
        ]
        imports = [[sys.executable, "-c", "import pandas, matplotlib.pyplot, seaborn, lifelines"]]
        help_ = [[str(BIN / "pace"), "--help"]]
        rows = {"pace report": ours, "papermill + nbconvert": plain, "four imports": imports, "pace --help": help_}
        seen: dict[str, list[tuple[float, float]]] = {name: [] for name in rows}
        for run in range(runs + 1):  # the first run fills caches and is not counted
            for name, commands in rows.items():
                result = timed(commands)
                if run:
                    seen[name].append(result)
    print(f"{'':24} {'wall s':>8} {'CPU s':>8}   medians of {runs}, load {os.getloadavg()[0]:.1f}")
    for name, results in seen.items():
        wall, cpu = (statistics.median(part) for part in zip(*results, strict=True))
        print(f"{name:24} {wall:8.2f} {cpu:8.2f}")
    for other in ("papermill + nbconvert", "four imports"):
        ratios = [a[0] / b[0] for a, b in zip(seen["pace report"], seen[other], strict=True)]
        print(f"pace report / {other}: wall {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
