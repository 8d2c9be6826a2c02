"""Processes that stay warm, as an executor; and an executor of a cluster in their place.

Each process is a pool of its own: where one dies, or is stopped because its report takes too long, the others go on and
a new one takes its place. Cancelling a call that runs stops its process.
"""

from __future__ import annotations

import logging
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pace_analysis.batch.worker import warm_up
from pace_analysis.errors import UsageError

if TYPE_CHECKING:
    from distributed import Client

WAIT = "10s"  # for a scheduler to answer
POLL = 0.1  # seconds between two looks at a scheduler that is away


class Workers(Executor):
    """So many processes, each started when it is first needed.

    ``ready`` is called in each before anything else; it returns the number of its process.
    """

    def __init__(self, number: int, ready: Callable[[], int] = warm_up) -> None:
        self._lanes = tuple(_Lane(ready) for _ in range(number))

    def submit(self, fn: Callable, /, *args: Any, **kwargs: Any) -> Future:
        """Call in the process with the least to do; cancelling the future stops it."""
        return min(self._lanes, key=lambda lane: lane.calls).submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End all processes, after their work where ``wait``."""
        for lane in self._lanes:
            lane.close(wait, cancel_futures)


@contextmanager
def cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """Give the executor of a Dask cluster, and how many reports it can make at once: one in each worker process.

    Raises
    ------
    UsageError
        The package is missing, nobody answers at the address, or the cluster has no worker.
    """
    try:
        from distributed import Client
    except ImportError:
        raise UsageError("--dask needs the package 'distributed', which is not installed.", where="--dask",
                         remedy="Install it with: pip install 'pace-analysis[dask]'. Or go without --dask.") from None
    # it tells of a scheduler that has gone with a traceback; each report that was lost says so by itself
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=WAIT)
    except (OSError, ValueError) as error:
        raise UsageError(f"No Dask scheduler answers there ({type(error).__name__}).", where=f"--dask {address}",
                         remedy="Start one, or correct the address, such as tcp://localhost:8786.") from None
    with client:
        number = len(client.nthreads())
        if not number:
            raise UsageError("The Dask cluster has no worker.", where=f"--dask {address}",
                             remedy="Start workers, with one thread each.")
        yield ClusterExecutor(client), number


class ClusterExecutor(Executor):
    """A client's executor that takes nothing while the scheduler is away: a call made while a client closes never ends."""

    def __init__(self, client: Client) -> None:
        self._client, self._inner = client, client.get_executor(pure=False)

    def submit(self, fn: Callable, /, *args: Any, **kwargs: Any) -> Future:
        """Hand a call to a worker; ConnectionError when the scheduler is gone and does not come back."""
        while self._client.status == "connecting":  # for as long as the client tries
            time.sleep(POLL)
        if self._client.status != "running":
            raise ConnectionError("the scheduler is gone")
        return self._inner.submit(fn, *args, **kwargs)


class _Lane:
    """One process, replaced when it has died or was stopped."""

    def __init__(self, ready: Callable[[], int]) -> None:
        self._ready = ready
        self._pool: ProcessPoolExecutor | None = None
        self._number: Future | None = None
        self._open: set[Future] = set()

    @property
    def calls(self) -> int:
        """How many calls it has not ended."""
        return len(self._open)

    def submit(self, fn: Callable, *args: Any, **kwargs: Any) -> Future:
        try:
            inner = self._started().submit(fn, *args, **kwargs)
        except BrokenExecutor:
            self._forget()
            inner = self._started().submit(fn, *args, **kwargs)
        self._open.add(inner)
        outer = _Call(self)
        inner.add_done_callback(lambda done: self._pass_on(done, outer))
        return outer

    def stop(self) -> None:
        """Stop the process now, or as soon as its number is known; the next call gets another."""
        if self._number is not None:
            self._number.add_done_callback(_kill)
        self._forget()

    def close(self, wait: bool, stop: bool) -> None:
        if stop and self._open:
            self.stop()
        if self._pool is not None:
            self._pool.shutdown(wait, cancel_futures=stop)

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # a fork would copy locks that other threads hold
            self._pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=_begin)
            self._number = self._pool.submit(self._ready)
        return self._pool

    def _forget(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False)
        self._pool, self._number, self._open = None, None, set()

    def _pass_on(self, inner: Future, outer: Future) -> None:
        self._open.discard(inner)
        if not outer.set_running_or_notify_cancel():
            return
        error = inner.exception()
        if error is None:
            outer.set_result(inner.result())
        else:
            outer.set_exception(error)


class _Call(Future):
    def __init__(self, lane: _Lane) -> None:
        super().__init__()
        self._lane = lane

    def cancel(self) -> bool:
        cancelled = super().cancel()
        if cancelled:
            self._lane.stop()
        return cancelled


def _kill(number: Future) -> None:
    if number.exception() is None:
        try:
            os.kill(number.result(), getattr(signal, "SIGKILL", signal.SIGTERM))
        except OSError:
            return  # it has ended by itself


def _begin() -> None:
    # Ctrl-C goes to the whole group of processes; who asked for the work stops it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    multiprocessing.connection.wait([multiprocessing.parent_process().sentinel])
    os._exit(1)
