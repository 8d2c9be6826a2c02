"""The order of work: authorities side by side, the quarters of one after each other; what fails stops nobody else."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass
from typing import Protocol

from pace_analysis.batch.planfile import Task
from pace_analysis.batch.worker import Made
from pace_analysis.errors import NotebookError, PaceError

MADE, UNCHANGED, FAILED, SKIPPED = "made", "up to date", "failed", "skipped"
BEAT = 0.25  # seconds between two looks at the clock
AGAIN = "then run the plan again: it goes on where it stopped."


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a report.

    Attributes
    ----------
    status : str
        ``made``, ``up to date``, ``failed``, or ``skipped`` because an earlier quarter of the authority failed.
    error : PaceError or None
        Why it failed or was skipped: for the analyst's screen, not for a page that is passed on.
    made : Made or None
        What it took.
    """

    task: Task
    status: str
    error: PaceError | None = None
    made: Made | None = None


class Watcher(Protocol):
    """Is told how the work goes on."""

    def finished(self, result: Result) -> None:
        """One report is done, or will not be."""

    def beat(self, running: Mapping[str, float], left: int) -> None:
        """Told several times a second: what runs, for how many seconds; how many reports are still to come."""


@dataclass(slots=True)
class _Running:
    task: Task
    later: tuple[Task, ...]
    began: float


def drive(chains: Iterable[Sequence[Task]], executor: Executor, slots: int, work: Callable[..., Made], *,
          args: tuple = (), limit: float, watcher: Watcher) -> dict[Task, Result]:
    """Make the reports of all chains, at most ``slots`` at once.

    Parameters
    ----------
    chains : iterable of sequences of Task
        Of one chain, each begins when the one before is made.
    executor : Executor
        Must be able to run ``slots`` calls at once; cancelling one that runs should stop it.
    work : callable
        Called as ``work(task, *args)`` in the executor.
    limit : float
        Seconds that one report may take.
    """
    waiting, running, results = deque(tuple(chain) for chain in chains if chain), {}, {}

    def settle(result: Result, later: tuple[Task, ...]) -> None:
        results[result.task] = result
        watcher.finished(result)
        if result.status == MADE:
            waiting.extendleft([later] if later else [])
            return
        for task in later:
            because = NotebookError(f"Left out, because {result.task.name} failed.",
                                    remedy="Correct that, then run the plan again.")
            results[task] = Result(task, SKIPPED, because)
            watcher.finished(results[task])

    try:
        while waiting or running:
            while waiting and len(running) < slots:
                task, *later = waiting.popleft()
                try:
                    running[executor.submit(work, task, *args)] = _Running(task, tuple(later), time.monotonic())
                except Exception as error:  # noqa: BLE001  a cluster that has gone raises what it likes
                    settle(Result(task, FAILED, _said(error)), tuple(later))
            for future in _over(running, limit):
                one = running.pop(future)
                settle(_result(one.task, future, limit), one.later)
            seconds = {one.task.name: time.monotonic() - one.began for one in running.values()}
            watcher.beat(seconds, sum(map(len, waiting)) + sum(len(one.later) for one in running.values()))
    finally:
        for future in running:
            future.cancel()
    return results


def _over(running: Mapping[Future, _Running], limit: float) -> set[Future]:
    """Calls that have ended, and those that have had their time."""
    done, going_on = wait(running, timeout=BEAT, return_when=FIRST_COMPLETED)
    late = {future for future in going_on if time.monotonic() - running[future].began > limit}
    return done | late


def _result(task: Task, future: Future, limit: float) -> Result:
    if not future.done() and (future.cancel() or not future.done()):
        late = NotebookError(f"The report took longer than {limit:g} seconds and was stopped.", where=task.name,
                             remedy="Give it more time with --time-limit.")
        return Result(task, FAILED, late)
    try:
        return Result(task, MADE, made=future.result())
    except Exception as error:
        return Result(task, FAILED, _said(error))


def _said(error: BaseException) -> PaceError:
    if isinstance(error, PaceError):
        return error
    if isinstance(error, BrokenExecutor):
        return NotebookError("The process that made the report ended before the report did.",
                             remedy=f"Check that there is memory enough, {AGAIN}")
    return NotebookError(f"The report could not be handed to a worker, or was lost with it: {type(error).__name__}.",
                         remedy=f"Check the cluster, {AGAIN}")
