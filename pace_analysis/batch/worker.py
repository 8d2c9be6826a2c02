"""One report, made in a process that makes many: what is imported once stays so, and each report starts as new."""

from __future__ import annotations

import gc
import os
import pkgutil
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import pace_analysis
from pace_analysis.batch.asnew import as_new
from pace_analysis.batch.planfile import Task
from pace_analysis.errors import NotebookError, PaceError
from pace_analysis.report import build
from pace_analysis.report.quickstart import skip_slow_import
from pace_analysis.settings import home

PRIVATE = "PACE_PRIVATE"
_ONE_AT_A_TIME = threading.Lock()  # a cluster may give one process several threads; a shell has but one standard output


@dataclass(frozen=True, slots=True)
class Place:
    """Folders as the command was given them: a worker elsewhere must find them under the same paths."""

    home: str
    private: str
    current: str

    @classmethod
    def here(cls) -> Place:
        """The folders of this process."""
        private = os.environ.get(PRIVATE, "")
        return cls(str(home().resolve()), str(Path(private).resolve()) if private else "", str(Path.cwd()))


@dataclass(frozen=True, slots=True)
class Made:
    """A report was made: seconds it took, and the most memory its process ever held, in MB (0 where not known)."""

    seconds: float
    memory: int


def make_report(task: Task, place: Place) -> Made:
    """Make one report in this process; raises its PaceError, also for what nobody foresaw."""
    with _ONE_AT_A_TIME:
        began = time.perf_counter()
        try:
            warm_up()
            from pace_analysis.batch.engine import run_here
            from pace_analysis.readings import reading_once

            with as_new(), reading_once():
                _go_to(place)
                build.report(task.plan, run=run_here)
        except PaceError:
            raise
        except Exception as error:
            raise _unforeseen(error) from None
        finally:
            gc.collect()  # a shell and its names hang together in a circle
        return Made(time.perf_counter() - began, peak_memory())


@cache
def warm_up() -> int:
    """Import everything a report needs, and return the number of this process."""
    skip_slow_import()
    gc.disable()  # an import leaves next to nothing behind
    try:
        for module in pkgutil.walk_packages(pace_analysis.__path__, "pace_analysis."):
            if not module.name.endswith("__main__"):
                import_module(module.name)
        gc.collect()
        gc.freeze()
    finally:
        gc.enable()
    return os.getpid()


def peak_memory() -> int:
    """Most memory this process ever held, in megabytes; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (1024 * 1024 if sys.platform == "darwin" else 1024)


def _go_to(place: Place) -> None:
    os.chdir(place.current)
    os.environ["PACE_HOME"] = place.home
    os.environ.pop(PRIVATE, None)
    if place.private:
        os.environ[PRIVATE] = place.private


def _unforeseen(error: Exception) -> NotebookError:
    # its words may hold a value of the extract; where it happened does not
    last = traceback.extract_tb(error.__traceback__)[-1]
    return NotebookError(f"The report failed for a reason nobody foresaw: {type(error).__name__}.",
                         where=f"{Path(last.filename).name}, line {last.lineno}",
                         remedy="Make this report alone with pace report to see all of it.")
