"""A whole plan: what is unchanged is left, the rest is made, and the page of the batch is written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pace_analysis.batch.drive import FAILED, SKIPPED, UNCHANGED, Result, Watcher, drive
from pace_analysis.batch.planfile import BatchPlan, Task
from pace_analysis.batch.summary import write_summary
from pace_analysis.batch.worker import Place, make_report
from pace_analysis.batch.workers import Workers, cluster
from pace_analysis.errors import BatchIncomplete, PaceError, UsageError
from pace_analysis.report.manifest import input_files
from pace_analysis.report.unchanged import up_to_date

LIMIT = 600.0  # seconds for one report
NAMED = 5  # reports that an error names


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a plan.

    Attributes
    ----------
    results : tuple of Result
        In the order of the plan.
    page : Path
        The page of the batch.
    """

    results: tuple[Result, ...]
    page: Path

    @property
    def is_unchanged(self) -> bool:
        """Whether there was nothing to do."""
        return all(result.status == UNCHANGED for result in self.results)

    def refuse(self) -> None:
        """Raise BatchIncomplete when a report failed or was left out."""
        missing = [result.task.name for result in self.results if result.status in (FAILED, SKIPPED)]
        if missing:
            what = f"{len(missing)} of {len(self.results)} reports are missing."
            raise BatchIncomplete(what, where="; ".join(missing[:NAMED]),
                                  remedy="Correct what is said above, then run the plan again: only these are made.")


def run_batch(plan: BatchPlan, watcher: Watcher, *, jobs: int = 0, dask: str = "", limit: float = LIMIT,
              force: bool = False) -> Outcome:
    """Make every report of a plan that is missing or changed.

    Parameters
    ----------
    plan : BatchPlan
    watcher : Watcher
    jobs : int
        Reports made at once; by default one for each core, or one for each worker of the cluster.
    dask : str
        Address of a Dask scheduler; its workers must see the same folders.
    limit : float
        Seconds that one report may take.
    force : bool
        Make reports again that have not changed.

    Raises
    ------
    UsageError
        A number makes no sense, or there is no such cluster.
    OutputError
        The page of the batch cannot be written.
    """
    if jobs < 0 or not limit > 0:
        raise UsageError("The number of jobs is at least 1, and the time limit above 0 seconds.",
                         where="--jobs, --time-limit")
    unchanged = set() if force else {task for task in plan.tasks if is_unchanged(task)}
    results = {task: Result(task, UNCHANGED) for task in plan.tasks if task in unchanged}
    for result in results.values():
        watcher.finished(result)
    chains = [left for chain in plan.chains if (left := [task for task in chain if task not in unchanged])]
    if chains:
        with _executor(jobs, dask, len(chains)) as (executor, slots):
            place = Place.here()
            results |= drive(sorted(chains, key=_size, reverse=True), executor, slots, make_report, args=(place,), limit=limit,
                             watcher=watcher)
    return Outcome(tuple(results[task] for task in plan.tasks), write_summary(plan, results))


def is_unchanged(task: Task) -> bool:
    """Whether a report may stay as it is, by the rule of ``pace report``; what cannot be told is made, and says what is wrong."""
    try:
        return up_to_date(task.plan)
    except (PaceError, OSError):
        return False


def _size(chain: list[Task]) -> int:
    """Bytes of a chain's extracts: the longest comes first, so that at the end no core waits long for another."""
    try:
        return sum(path.stat().st_size for task in chain for path in input_files(task.plan.extract))
    except (PaceError, OSError):
        return 0


@contextmanager
def _executor(jobs: int, dask: str, most: int) -> Iterator[tuple[Executor, int]]:
    if dask:
        with cluster(dask) as (executor, number):
            yield executor, jobs or number
        return
    number = min(jobs or os.cpu_count() or 1, most)
    with Workers(number) as workers:
        yield workers, number
