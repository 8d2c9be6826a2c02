"""A small Dask cluster on this machine, in processes of its own, as an existing cluster would be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 60  # seconds for it to start
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where it answers, and its processes: the scheduler first."""

    address: str
    scheduler: subprocess.Popen
    worker: subprocess.Popen


@contextmanager
def dask_cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """Start a scheduler and workers of one thread each, and stop them at the end."""
    told = folder / "scheduler.json"
    environment = {**os.environ, "DASK_DISTRIBUTED__WORKER__DAEMON": "false"}
    common = ["--no-dashboard", "--scheduler-file", str(told)]
    scheduler = subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", *common],
                                 cwd=folder, env=environment, **QUIET)
    worker = None
    try:
        _until(told.exists)
        worker = subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_worker", "--nthreads", "1", "--nworkers", str(workers),
                                   "--local-directory", str(folder), *common], cwd=folder, env=environment, **QUIET)
        address = json.loads(told.read_text(encoding="utf-8"))["address"]
        _until(lambda: _workers(address) == workers)
        yield Cluster(address, scheduler, worker)
    finally:
        for process in (worker, scheduler):
            if process is not None:
                process.terminate()
                process.wait(PATIENCE)


def _workers(address: str) -> int:
    code = f"from distributed import Client\nwith Client({address!r}) as client: print(len(client.nthreads()))"
    return int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def _until(met) -> None:
    give_up = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < give_up, "the cluster does not start"
        time.sleep(0.2)
