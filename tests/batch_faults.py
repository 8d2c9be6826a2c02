"""Faults of a batch, tried one after the other: who is done, who is named, and whether the next run completes.

    python -m tests.batch_faults [COUNCILS] [FAULT ...]

Prints a table. Each fault strikes a plan of invented councils of equal size (4 by default), made by two workers or by two
workers of a Dask cluster. Without names of faults, all are tried.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.batches import home_of
from tests.clusters import dask_cluster

COMMAND = (sys.executable, "-m", "pace_analysis", "batch", "data/plans/councils.toml", "--jobs", "2")
STRUCK = "council-02"
PATIENCE = 600  # seconds until a fault that never strikes ends the script
FULL = 50_000  # bytes that a file may have on a disk that is as good as full
Fault = Callable[[Path], tuple[subprocess.Popen, Callable[[], None]]]


def started(home: Path, *more: str, **options) -> subprocess.Popen:
    """Start the command."""
    return subprocess.Popen([*COMMAND, *more], cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env=environment_of(home), **options)


def environment_of(home: Path) -> dict[str, str]:
    """The environment of a command that keeps all it writes in a home."""
    return {**os.environ, "PACE_HOME": str(home), "PACE_PRIVATE": str(home / "data" / "private")}


def when_writing(home: Path, run: subprocess.Popen) -> None:
    """Wait until a report is being written."""
    give_up = time.monotonic() + PATIENCE
    while not list(home.glob("reports/*/.*.new-*")) and run.poll() is None and time.monotonic() < give_up:
        time.sleep(0.05)


def workers_of(number: int) -> list[int]:
    """Processes of a run that make reports."""
    children = [path.parent for path in Path("/proc").glob("[0-9]*/status") if f"\nPPid:\t{number}\n" in path.read_text()]
    return [int(child.name) for child in children if b"spawn_main" in (child / "cmdline").read_bytes()]


def killed_worker(home: Path):
    """One worker is killed while it writes a report."""
    run = started(home)
    when_writing(home, run)
    os.kill(workers_of(run.pid)[0], signal.SIGKILL)
    return run, lambda: None


def killed_parent(home: Path):
    """The command itself is killed."""
    run = started(home)
    when_writing(home, run)
    run.kill()
    return run, lambda: None


def interrupted(home: Path):
    """Ctrl-C."""
    run = started(home)
    when_writing(home, run)
    run.send_signal(signal.SIGINT)
    return run, lambda: None


def _with_cell(home: Path, source: str) -> Callable[[], None]:
    path = home / "notebooks" / "02_board_report.ipynb"
    before = path.read_text(encoding="utf-8")
    said = json.loads(before)
    cell = {"cell_type": "code", "execution_count": None, "id": "fault", "metadata": {}, "outputs": [], "source": source}
    said["cells"].insert(3, cell)
    path.write_text(json.dumps(said), encoding="utf-8")
    return lambda: path.write_text(before, encoding="utf-8") and None


def notebook_hangs(home: Path):
    """The notebook of one authority never ends; the time limit is 60 seconds."""
    put_back = _with_cell(home, f'import time\nif authority == "{STRUCK}": time.sleep(3600)')
    return started(home, "--time-limit", "60"), put_back


def full_disk(home: Path):
    """No file may grow beyond 50 kB, as on a disk that is full."""
    return started(home, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (FULL, FULL))), lambda: None


def _spoilt(home: Path, path: Path, spoil: Callable[[str], str]):
    before = path.read_text(encoding="utf-8")
    path.write_text(spoil(before), encoding="utf-8")
    return started(home), lambda: path.write_text(before, encoding="utf-8") and None


def killed_kernel(home: Path):
    """The notebook of one authority kills its own process, as a kernel that is killed."""
    put_back = _with_cell(home, f'import os, signal\nif authority == "{STRUCK}": os.kill(os.getpid(), signal.SIGKILL)')
    return started(home), put_back


def lost_scheduler(home: Path):
    """The scheduler of a Dask cluster is killed while reports are written."""
    with tempfile.TemporaryDirectory() as folder, dask_cluster(Path(folder)) as cluster:
        run = started(home, "--dask", cluster.address)
        when_writing(home, run)
        cluster.scheduler.kill()
        run.wait(PATIENCE)
    return run, lambda: None


def lost_worker(home: Path):
    """A worker of a Dask cluster is killed by the notebook of one authority, each time it is tried."""
    put_back = _with_cell(home, f'import os, signal\nif authority == "{STRUCK}": os.kill(os.getpid(), signal.SIGKILL)')
    with tempfile.TemporaryDirectory() as folder, dask_cluster(Path(folder)) as cluster:
        run = started(home, "--dask", cluster.address)
        run.wait(PATIENCE)
    return run, put_back


def corrupt_input(home: Path):
    """One extract is cut off in the middle of a table's header."""
    return _spoilt(home, home / "data" / "extracts" / STRUCK / "2015Q3" / "period.csv", lambda text: text[:9])


def another_pathway(home: Path):
    """One authority names a nation whose pathway does not exist."""
    return _spoilt(home, home / "data" / "authorities" / f"{STRUCK}.toml", lambda text: text.replace('"scotland"', '"wales"'))


FAULTS: tuple[Fault, ...] = (killed_worker, killed_kernel, killed_parent, interrupted, notebook_hangs, full_disk, lost_scheduler,
                             lost_worker, corrupt_input, another_pathway)


def tried(fault: Fault, home: Path) -> str:
    """Try one fault on a fresh home and return its row of the table."""
    run, put_back = fault(home)
    _, said = run.communicate(timeout=PATIENCE)
    time.sleep(1)  # workers that lost their parent notice
    named = re.findall(r"^(\S+ \d{4}Q\d) +failed", said, re.MULTILINE)
    done = len(list(home.glob("reports/*/*/manifest.json")))
    put_back()
    again = started(home)
    _, told = again.communicate(timeout=PATIENCE)
    complete = len(list(home.glob("reports/*/*/manifest.json"))) if again.returncode == 0 else f"exit {again.returncode}"
    traces = "a traceback" if "Traceback" in said + told else "none"
    return f"| {fault.__doc__.rstrip('.')} | {done} | {', '.join(named) or '-'} | {run.returncode} | {complete} | {traces} |"


def corrupt_share(home: Path) -> str:
    """One share is cut off, then left out by name; done are the shares that the nation's paper is made of."""
    def pace(*given: str) -> subprocess.CompletedProcess:
        return subprocess.run([*COMMAND[:3], *given], cwd=home, env=environment_of(home), capture_output=True, text=True)

    for authority in sorted(path.stem for path in home.glob("data/authorities/council-*.toml")):
        pace("share", "--authority", authority, "--quarter", "2015Q3", "--drop-errors", "--out", "shares").check_returncode()
    path = home / "shares" / f"share-{STRUCK}-2015Q3.json"
    path.write_bytes(path.read_bytes()[:-200])
    run, again = pace("national", "shares", "--out", "nation"), pace("national", "shares", "--out", "other", "--without", STRUCK)
    done = [_shares_in(home / name / "manifest.json") for name in ("nation", "other")]
    named = path.name if path.name in run.stderr else "-"
    traces = "a traceback" if "Traceback" in run.stderr + again.stderr else "none"
    return f"| {corrupt_share.__doc__.partition(';')[0]} | {done[0]} | {named} | {run.returncode} | {done[1]} | {traces} |"


def _shares_in(manifest: Path) -> int:
    """Shares that a finished paper of the nation is made of."""
    return len(json.loads(manifest.read_text(encoding="utf-8"))["parameters"]["shares"]) if manifest.exists() else 0


def main(number: int, *names: str) -> None:
    """Print the table."""
    print(f"| fault, of {number} reports | done | named as failed | exit code | done after the next run | tracebacks |\n|---|--:|---|--:|--:|---|")
    with tempfile.TemporaryDirectory() as folder:
        clean = home_of(Path(folder, "clean"), number)
        for fault in (each for each in FAULTS if each.__name__ in names or not names):
            print(tried(fault, Path(shutil.copytree(clean, Path(folder, fault.__name__)))), flush=True)
        if corrupt_share.__name__ in names or not names:
            print(corrupt_share(clean))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4, *sys.argv[2:])
