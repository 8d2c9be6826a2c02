"""What a worker of a batch does badly, for its tests: it must be found by name in a process of its own."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from pace_analysis.batch.planfile import Task
from pace_analysis.batch.worker import Made


def work(task: Task, folder: str) -> Made:
    """Do what the authority's name says, and leave a file that says so."""
    if task.authority == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if task.authority == "slow":
        time.sleep(60)
    if task.authority == "odd":
        raise ValueError("child 4711 waits")
    Path(folder, f"{task.name}.txt").write_text(str(time.monotonic_ns()), encoding="utf-8")
    return Made(0.0, 0)
