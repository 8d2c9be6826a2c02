"""The long attack: ``python -m tests.attack --councils 50 --quarters 12 --jobs 2``.

Progress goes to stderr; two Markdown tables go to stdout, or with ``--write FILE`` into the place that the file keeps
for them.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from .attacker import Found, added, attack
from .councils import Council, quarters, spread, write_home
from .crossed import crossed
from .naive import attack_naive
from .releasing import release_all
from .utility import UNITS, Errors, errors, summary

START, END = "<!-- measured: start -->", "<!-- measured: end -->"


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found of one council, or of all: attacks on what was released, on naive methods, and errors."""

    found: tuple[Found, ...]
    naive: tuple[Found, ...]
    errors: Errors
    reports: int
    asked: int


def measure(council: Council, names: Sequence[str]) -> Measured:
    """Release every report of one council in a folder of its own, and attack them."""
    with tempfile.TemporaryDirectory() as folder:
        write_home(Path(folder), [council], names)
        with patch.dict(os.environ, PACE_HOME=folder, PACE_PRIVATE=str(Path(folder, "private"))):
            releases = tuple(release_all(council.slug, names))
            return Measured((*attack(releases), crossed(releases)), attack_naive(releases), errors(releases), len(releases), len(names))


def together(parts: Sequence[Measured]) -> Measured:
    """Add what was found of several councils."""
    total: dict[str, list[float]] = defaultdict(list)
    for part in parts:
        for name, values in part.errors.items():
            total[name] += values
    return Measured(
        added(one for part in parts for one in part.found), added(one for part in parts for one in part.naive),
        dict(total), sum(part.reports for part in parts), sum(part.asked for part in parts))


def markdown(measured: Measured, councils: int) -> str:
    """The two tables: what was attacked and found, and what protection costs."""
    lines = [f"{measured.reports} of {measured.asked} reports of {councils} councils were released; the audit before "
             "release refused the others.", "",
             "| attack | tried | recovered exactly | known to be 1 to 4 |", "|---|---|---|---|"]
    for title, found in (("what is released", measured.found), ("methods in common use", measured.naive)):
        lines += [f"| **{title}** | | | |", *map(_row, found)]
    lines += ["", "| released number | unit | how many | mean error | 95% within | largest |",
              "|---|---|---|---|---|---|"]
    for name, number, *sizes in summary(measured.errors).itertuples():
        lines.append(f"| {name} | {UNITS[name]} | {number:,} | {' | '.join(f'{size:.2f}' for size in sizes)} |")
    return "\n".join(lines) + "\n"


def _row(one: Found) -> str:
    return f"| {one.attack} | {one.tried:,} {one.of} | {one.exact:,} | {one.small:,} |"


def write_into(path: Path, text: str) -> None:
    """Put the tables between the two marks of a file, or in a new file."""
    old = path.read_text(encoding="utf-8") if path.exists() else f"{START}\n{END}\n"
    head, _, rest = old.partition(START)
    _, _, tail = rest.partition(END)
    path.write_text(f"{head}{START}\n{text}{END}{tail}", encoding="utf-8", newline="\n")


def main() -> None:
    """Run the long attack."""
    ask = argparse.ArgumentParser(prog="python -m tests.attack", description=__doc__)
    ask.add_argument("--councils", type=int, default=50)
    ask.add_argument("--quarters", type=int, default=12)
    ask.add_argument("--jobs", type=int, default=1, help="processes")
    ask.add_argument("--write", type=Path, help="file to put the tables into")
    given = ask.parse_args()
    names, parts, began = quarters(given.quarters), {}, time.monotonic()
    councils = spread(given.councils)
    with ProcessPoolExecutor(given.jobs, initializer=warnings.simplefilter, initargs=("ignore",)) as pool:
        # the largest first, so that no process is left alone with one at the end
        running = {pool.submit(measure, council, names): council for council in reversed(councils)}
        for done in as_completed(running):
            parts[running[done].slug] = done.result()
            seconds = time.monotonic() - began
            print(f"{len(parts)} of {len(councils)}: {running[done].slug}, {seconds:.0f} s", file=sys.stderr)
    text = markdown(together([parts[council.slug] for council in councils]), len(councils))
    if given.write:
        write_into(given.write, text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
