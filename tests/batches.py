"""A home for a batch to try, and what a worker does badly: that must be found by name in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from pathlib import Path

from pace_analysis.batch.planfile import Task
from pace_analysis.batch.worker import Made
from pace_analysis.extract.sample import write_councils


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


def home_of(folder: Path, number: int) -> Path:
    """Write a home with so many councils that share one extract."""
    write_councils(folder, 1)
    data = folder / "data"
    names = [f"council-{place + 1:02d}" for place in range(number)]
    for name in names[1:]:
        shutil.copytree(data / "extracts" / names[0], data / "extracts" / name)
        text = (data / "authorities" / f"{names[0]}.toml").read_text(encoding="utf-8").replace(names[0], name)
        text = text.replace(title_of(names[0]), title_of(name))
        (data / "authorities" / f"{name}.toml").write_text(text, encoding="utf-8")
    plan = f"authorities = {json.dumps(names)}\n[defaults]\nquarters = [\"2015Q3\"]\ndrop_errors = true\n"
    (data / "plans" / "councils.toml").write_text(plan, encoding="utf-8")
    return folder


def title_of(slug: str) -> str:
    """The name of a council in words."""
    return slug.replace("-", " ").title()
