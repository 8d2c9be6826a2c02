"""Kill ``pace report`` again and again and look at what is left: ``python -m tests.crash --kills 100``.

Half of the kills (SIGKILL to the whole group of processes) come at random instants, half at a step of the run that
touches the disk, chosen at random: the instants that matter most are the shortest. The author's words change before
each run, so that the old report and the new can be told apart. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WHO, QUARTER = "exampleshire", "2015Q3"
AGAIN = 5  # kills after which a run is left to finish
HOOK = '''
import os, signal, sys

kill_at, kill_to, count_in = (os.environ.pop(f"PACE_KILL_{name}", "") for name in ("AT", "TO", "COUNT"))
watched, seen = os.environ["PACE_KILL_BELOW"], 0

def writes(event, args):
    if event == "open":
        return bool(set(args[1] or "") & set("wax+")) or bool((args[2] or 0) & (os.O_WRONLY | os.O_RDWR))
    return event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir")

def hook(event, args):
    global seen
    if not (args and isinstance(args[0], (str, bytes, os.PathLike)) and writes(event, args)):
        return
    path = os.fsdecode(args[0])
    # a tree is removed by names within its folders
    if path.startswith(watched) or (event in ("os.remove", "os.rmdir") and not os.path.isabs(path)):
        seen += 1
        if count_in:
            os.write(counter, b".")
        arrived = kill_to and event == "os.rename" and os.fsdecode(args[1]).endswith(kill_to)
        if str(seen) == kill_at or arrived:
            os.kill(os.getpid(), signal.SIGKILL)

if kill_at or kill_to or count_in:  # not in the kernel, which is a child
    counter = os.open(count_in, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) if count_in else None
    sys.addaudithook(hook)
'''


@dataclass
class Place:
    """A project of its own in a temporary folder: settings, extract and words, reports and private folder."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)  # a command that starts Python

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def folder(self) -> Path:
        """Where the report goes."""
        return self.home / "reports" / WHO / QUARTER

    @property
    def ledger(self) -> Path:
        return self.root / "private" / WHO / "ledger.jsonl"

    @classmethod
    def new(cls, root: Path) -> Place:
        """Copy what a report needs, and write the hook that kills at a step."""
        for name in ("data", "notebooks"):
            shutil.copytree(ROOT / name, root / "home" / name, ignore=shutil.ignore_patterns("private"))
        (root / "hook").mkdir()
        (root / "hook" / "sitecustomize.py").write_text(HOOK)
        return cls.at(root)

    @classmethod
    def at(cls, root: Path) -> Place:
        """The place that was copied to ``root``."""
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        own = {"PYTHONPATH": path, "PACE_HOME": str(root / "home"), "PACE_PRIVATE": str(root / "private"),
               "PACE_KILL_BELOW": str(root)}
        return cls(root, {**os.environ, **own})

    def words(self, mark: str) -> None:
        """Change the author's words, so that the next report differs."""
        source = (ROOT / "data" / "text" / f"{WHO}.md").read_text(encoding="utf-8")
        text = source.replace("\n## ", f"\n## {mark} ", 1)
        (self.home / "data" / "text" / f"{WHO}.md").write_text(text, encoding="utf-8")

    def start(self, command: str = "report", *more: str, at: int = 0, to: str = "", count_in: str = "",
              **how) -> subprocess.Popen:
        """Start a command in a group of processes of its own; ``at`` and ``to`` say at which step of the disk it is killed."""
        environment = {**self.environment, "PYTHONUNBUFFERED": "1"}
        if at or to or count_in:
            path = os.pathsep.join([str(self.root / "hook"), environment["PYTHONPATH"]])
            environment |= {"PYTHONPATH": path, "PACE_KILL_AT": str(at or ""), "PACE_KILL_TO": to, "PACE_KILL_COUNT": count_in}
        asked = ("--authority", WHO, "--quarter", QUARTER) if command == "report" else (str(self.folder),)
        return subprocess.Popen([*self.before, sys.executable, "-m", "pace_analysis", command, *asked, *more], cwd=self.home,
                                env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                start_new_session=True, **{"preexec_fn": hear_ctrl_c, **how})

    def run(self, command: str = "report", *more: str, **how) -> tuple[int, str]:
        """Run a command to its end; returns exit code and what it said on stderr."""
        process = self.start(command, *more, **how)
        _, said = process.communicate()
        return process.returncode, said

    def left_over(self) -> list[str]:
        """Names of what an unfinished run left beside the report."""
        return sorted(path.name for path in self.folder.parent.iterdir() if path.name != self.folder.name)

    def steps(self) -> int:
        """How many steps of a run touch the disk."""
        counted = self.root / "counted"
        code, said = self.run("report", "--force", count_in=str(counted))
        assert code == 0, said
        return counted.stat().st_size


def hear_ctrl_c() -> None:
    """Let a command hear Ctrl-C though the tests were started where it is ignored, as in the background of a script."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def kill_at(place: Place, instant: float) -> bool:
    """Kill a run ``instant`` seconds after it began; False when it was over by then."""
    process = place.start()
    try:
        process.communicate(timeout=instant)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    return process.returncode == -signal.SIGKILL


def problem(place: Place, marks: tuple[str, str]) -> str:
    """What is wrong with what a killed run left; empty when the report is the old or the new one, whole, and is in the ledger."""
    for more in (("--files-only",), ()):
        code, said = place.run("verify", *more)
        if code:
            return said.splitlines()[0]
    page = (place.folder / "board_report.html").read_text(encoding="utf-8")
    return "" if any(mark in page for mark in marks) else "neither the old report nor the new"


def loop(place: Place, kills: int, seed: int, say=lambda line: None) -> Counter:
    """Kill ``kills`` runs and count what became of them, under ``(how, what)``."""
    chance, seen = random.Random(seed), Counter()
    place.words("mark0x")
    start = time.perf_counter()
    assert place.run()[0] == 0
    whole, steps, old = time.perf_counter() - start, place.steps(), "mark0x"
    for number in range(1, kills + 1):
        new, how = f"mark{number}x", ("random instant", "step on the disk")[number % 2]
        place.words(new)
        if number % 2:
            killed = place.run(at=chance.randint(1, steps))[0] == -signal.SIGKILL
        else:
            killed = kill_at(place, chance.uniform(0.1, whole))
        wrong = problem(place, (old, new))
        old = new if new in (place.folder / "board_report.html").read_text(encoding="utf-8") else old
        found = wrong or ("earlier report, whole" if old != new else "new report, whole")
        seen[how, found if killed else "finished before"] += 1
        seen[how, "left a folder beside it"] += bool(place.left_over()) and killed
        say(f"{number} {how}: {found}; beside it {place.left_over()}")
        if number % AGAIN == 0 or number == kills:
            code, said = place.run("report", "--force")
            seen[how, "next run finished" if code == 0 else f"next run failed: {said}"] += 1
            assert place.left_over() == [], place.left_over()
            old = new
    return seen


def table(seen: Counter) -> str:
    """The counts as Markdown."""
    hows = sorted({how for how, _ in seen})
    whats = dict.fromkeys(what for _, what in sorted(seen))
    rows = [f"| {what} | " + " | ".join(str(seen[how, what]) for how in hows) + " |" for what in whats]
    return "\n".join([f"| after the kill | {' | '.join(hows)} |", f"|---|{'---|' * len(hows)}", *rows])


def main() -> None:
    """Run the loop and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seen = loop(Place.new(Path(folder)), asked.kills, asked.seed, lambda line: sys.stderr.write(line + "\n"))
    sys.stdout.write(table(seen) + "\n")


if __name__ == "__main__":
    main()
