"""Time 32 reports on 2 cores against plain loops of papermill and nbconvert over the same notebook, in one run.

    python benchmarks/batch.py [JOBS] [COUNCILS] [SAMPLED]

Of 32 invented councils, ``pace batch`` makes every fourth, every second and all, in new processes each time; the plain
loops make SAMPLED of them, evenly spread over the sizes, and are scaled up: one process that calls papermill and
nbconvert, and the two commands one after the other. The plain loops release nothing, search for no leaks and audit
nothing. Prints wall and CPU seconds a report, ratios, the memory of a worker, and what a run costs when nothing changed.
"""

from __future__ import annotations

import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pace_analysis.batch.drive import MADE
from pace_analysis.batch.planfile import BatchPlan, load_plan
from pace_analysis.batch.progress import Silent
from pace_analysis.batch.run import run_batch
from pace_analysis.extract.sample import write_councils

BIN = Path(sys.executable).parent
NOTEBOOK = "notebooks/02_board_report.ipynb"
API = """
import sys
import papermill
from nbconvert import HTMLExporter
exporter = HTMLExporter(exclude_input=True, embed_images=True)
for council in sys.argv[1:]:
    given = {"authority": council, "quarter": "2015Q3", "drop_errors": True, "folder": f"plain/{council}"}
    executed = papermill.execute_notebook("notebooks/02_board_report.ipynb", None, given, kernel_name="python3", progress_bar=False)
    open(f"{council}.html", "w", encoding="utf-8").write(exporter.from_notebook_node(executed)[0])
"""


def timed(work: Callable[[], object]) -> tuple[float, float, object]:
    """Wall seconds, CPU seconds with those of child processes, and what the work returns."""
    began, before = time.perf_counter(), _cpu()
    made = work()
    return time.perf_counter() - began, _cpu() - before, made


def command_line(councils: list[str]) -> None:
    """Two commands for each report, one after the other."""
    for council in councils:
        given = [part for name, value in (("authority", council), ("quarter", "2015Q3"), ("folder", f"plain/{council}"))
                 for part in ("-r", name, value)]
        _run([str(BIN / "papermill"), NOTEBOOK, f"{council}.ipynb", *given, "-p", "drop_errors", "True", "-k", "python3", "--no-progress-bar"])
        _run([str(BIN / "jupyter"), "nbconvert", "--to", "html", "--no-input", "--embed-images", f"{council}.ipynb"])


def main(jobs: int, number: int, sampled: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        write_councils(home, number)
        os.chdir(home)
        os.environ["PACE_HOME"] = str(home)
        plan = load_plan(next(Path("data/plans").glob("*.toml")))
        rows: dict[str, tuple[float, float, int]] = {}
        for step in (4, 2, 1):
            part = replace(plan, chains=plan.chains[step // 2::step])
            rows[f"pace batch, {jobs} workers, {len(part.chains)} reports"] = (*_batch(part, jobs, f"{folder}/private-{step}"), len(part.chains))
        again, _, outcome = timed(lambda: run_batch(plan, Silent(sys.stderr, number), jobs=jobs))
        assert outcome.is_unchanged
        names = [plan.chains[round((place + 0.5) * number / sampled - 0.5)][0].authority for place in range(sampled)]
        os.environ["PACE_PRIVATE"] = f"{folder}/private-plain"
        for name, work in ((f"papermill + nbconvert, API loop ({sampled} measured)", lambda: _run([sys.executable, "-c", API, *names])),
                           (f"papermill + nbconvert, commands ({sampled} measured)", lambda: command_line(names))):
            rows[name] = (*timed(work)[:2], sampled)
        _print(rows, number)
        print(f"nothing changed, {number} reports: {again:.2f} s")


def _batch(plan: BatchPlan, jobs: int, private: str) -> tuple[float, float]:
    os.environ["PACE_PRIVATE"] = private
    shutil.rmtree("reports", ignore_errors=True)
    wall, cpu, outcome = timed(lambda: run_batch(plan, Silent(sys.stderr, len(plan.tasks)), jobs=jobs))
    assert {result.status for result in outcome.results} == {MADE}
    print(f"{len(plan.tasks)} reports: most memory of a worker {max(result.made.memory for result in outcome.results)} MB")
    return wall, cpu


def _print(rows: dict[str, tuple[float, float, int]], number: int) -> None:
    whole = next(row for row in rows.values() if row[2] == number)
    print(f"| how | wall s a report | CPU s a report | x pace batch, wall | x, CPU |\n|---|--:|--:|--:|--:|   load {os.getloadavg()[0]:.1f}")
    for name, (wall, cpu, reports) in rows.items():
        ratios = (wall / reports) / (whole[0] / number), (cpu / reports) / (whole[1] / number)
        print(f"| {name} | {wall / reports:.2f} | {cpu / reports:.2f} | {ratios[0]:.1f} | {ratios[1]:.1f} |")
    few, _, most = [row for name, row in rows.items() if name.startswith("pace batch")]
    print(f"growth of CPU from {few[2]} to {most[2]} reports: exponent {math.log(most[1] / few[1]) / math.log(most[2] / few[2]):.2f}")


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _cpu() -> float:
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


if __name__ == "__main__":
    main(*(int(given) for given in (*sys.argv[1:], *("2", "32", "3")[len(sys.argv) - 1:])))
