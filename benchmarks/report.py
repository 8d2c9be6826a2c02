"""Time ``pace report`` on the sample: as a whole, by its parts, and against plain papermill and nbconvert on the same notebook.

    python benchmarks/report.py [RUNS]

The commands are run in turn, RUNS times; medians of wall and CPU seconds (children included), and ratios pair by pair. The
floor is what no report can do without: the imports of its four big libraries, and the drawing of its figures. Targets: a
cold report at most 1.3 times the four imports and at most a third of the plain pipeline; half a second when nothing has
changed.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
PACE = [sys.executable, "-m", "pace_analysis"]
ASK = ["--authority", "exampleshire", "--quarter", "2015Q3", "--quiet"]
DRAWN, IMPORTS, OURS, PLAIN, AGAIN = ("figures drawn (SVG, PNG)", "four imports", "pace report", "papermill + nbconvert",
                                      "pace report, nothing changed")


def timed(commands: list[list[str]], environment: dict[str, str]) -> tuple[float, float]:
    """Wall and CPU seconds of the commands, one after the other."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    for command in commands:
        subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, cpu


def parts() -> Iterator[tuple[str, float]]:
    """CPU seconds of each part of a report, in the order in which a fresh process comes to it."""
    start = time.process_time()

    def lap(name: str) -> tuple[str, float]:
        nonlocal start
        before, start = start, time.process_time()
        return name, start - before

    import pace_analysis as pace
    from pace_analysis.study import open_study

    yield lap("imports to read (pandas)")
    study = open_study("exampleshire", "2015Q3")
    yield lap("extract read and checked")
    answers = pace.board_answers(study)
    yield lap("estimates and protection")
    from pace_analysis.report import exporter, paper, pdf, sheets, word
    from pace_analysis.report.printed import About

    yield lap("imports to draw and convert")
    opened = paper.open_paper(study, answers)
    pictures = {figure.name: figure.png() for figure in opened.figures}
    yield lap(DRAWN)
    import nbformat

    shown = nbformat.v4.new_output("display_data", opened._repr_mimebundle_())
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("paper", outputs=[shown])])
    exporter.BoardPaperExporter().from_notebook_node(notebook)
    yield lap("conversion to HTML")
    about = About(answers.authority.name, answers.as_at, answers.authority.accent)
    word.word_document(opened.paper, pictures, about)
    yield lap("Word, where asked for")
    pdf.pdf_document(opened.paper, about)
    yield lap("PDF, where asked for")
    sheets.workbook(opened.paper, about)
    yield lap("XLSX, where asked for")


def kernel_start() -> float:
    """Wall seconds until a new kernel is ready."""
    from jupyter_client.manager import start_new_kernel

    start = time.perf_counter()
    manager, client = start_new_kernel()
    taken = time.perf_counter() - start
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    return taken


def commands(folder: str) -> dict[str, list[list[str]]]:
    """What is run in turn, by name."""
    report, executed = [*PACE, "report", *ASK, "--out", f"{folder}/report"], f"{folder}/executed.ipynb"
    return {
        OURS: [[*report, "--force"]],
        AGAIN: [report],
        PLAIN: [
            [str(BIN / "papermill"), "notebooks/02_board_report.ipynb", executed, "-r", "folder", f"{folder}/plain",
             "--no-progress-bar"],
            [str(BIN / "jupyter"), "nbconvert", "--to", "html", "--no-input", "--embed-images", executed],
        ],
        IMPORTS: [[sys.executable, "-c", "import pandas, matplotlib.pyplot, seaborn, lifelines"]],
        "pace --help": [[*PACE, "--help"]],
    }


def main(runs: int) -> None:
    """Run everything in turn and print the tables."""
    seen: dict[str, list[tuple[float, float]]] = {}
    by_part: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        for name in ("data", "notebooks"):
            shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns("private"))
        environment = {**os.environ, "PACE_HOME": str(home), "PACE_PRIVATE": f"{folder}/private"}
        for run in range(runs + 1):  # the first run fills caches and is not counted
            for name, each in commands(folder).items():
                result = timed(each, environment)
                if run:
                    seen.setdefault(name, []).append(result)
            command = [sys.executable, __file__, "--parts"]
            told = subprocess.run(command, check=True, cwd=ROOT, env=environment, capture_output=True)
            for name, seconds in json.loads(told.stdout).items() if run else ():
                by_part.setdefault(name, []).append(seconds)
    print(f"{'':30} {'wall s':>8} {'CPU s':>8}   medians of {runs}, load {os.getloadavg()[0]:.1f}")
    for name, results in seen.items():
        wall, cpu = (statistics.median(part) for part in zip(*results, strict=True))
        print(f"{name:30} {wall:8.2f} {cpu:8.2f}")
    for name, seconds in by_part.items():
        print(f"  {name:37} {statistics.median(seconds):8.2f}")
    floor = [imports[1] + drawn for imports, drawn in zip(seen[IMPORTS], by_part[DRAWN], strict=True)]
    print(f"{'floor: four imports + drawing':39} {statistics.median(floor):8.2f}")
    for other in (PLAIN, IMPORTS):
        for number, kind in enumerate(("wall", "CPU")):
            ratios = [ours[number] / theirs[number] for ours, theirs in zip(seen[OURS], seen[other], strict=True)]
            print(f"pace report / {other}: {kind} {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    ratios = [ours[1] / least for ours, least in zip(seen[OURS], floor, strict=True)]
    print(f"pace report / floor: CPU {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    if sys.argv[1:] == ["--parts"]:
        print(json.dumps({**dict(parts()), "kernel start (wall)": kernel_start()}))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
