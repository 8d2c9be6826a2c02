"""Many invented councils, from small to large, in a folder of their own with a plan that reports on them all."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pace_analysis.dates import Quarter
from pace_analysis.errors import OutputError, UsageError
from pace_analysis.extract.sample.lives import Life, simulate
from pace_analysis.extract.sample.snapshot import snapshot
from pace_analysis.extract.sample.write import extract_texts
from pace_analysis.settings import home

COUNCILS = 32  # as many as Scotland has
SMALLEST, LARGEST = 40, 1500  # children away from home on the last day simulated
QUARTERS = ("2015Q3",)
LAST_DAY = Quarter(2015, 4).last_day
FIRST_SEED = 200  # the committed sample has 1
LEAST_INTAKE = 1.4  # with fewer families the simulated court has too few plans of adoption
CHILDREN_OF_ONE = 300  # away from home on the last day, at least, with an intake of 1
SHARED = ("aims", "dictionary", "pathways", "text")  # folders of data that every home needs
SETTINGS = """\
# An invented council with an invented extract of about {children} children away from home.
name = "{name}"
nation = "scotland"
data = "data/extracts/{slug}"
text = "data/text/board_report.md"
aim = "exampleshire-decision-in-six-months"
year_starts_in_month = 4
notice = "{name} is an invented council. Every child, date and figure in this paper is simulated."

[policy]
profile = "public"
owner = "Data Protection Officer, {name}"
"""
PLAN = """\
# {number} invented councils, from {smallest} to {largest} children away from home.
# Write them with: pace sample FOLDER --councils {number}
title = "{number} invented councils"
authorities = [
{names}
]

[defaults]
quarters = [{quarters}]
drop_errors = true  # go on without the rows that break rules; each report says how many
"""


@dataclass(frozen=True, slots=True)
class Council:
    """An invented council: its name in paths, the children away from home at the end, the seed of its lives."""

    slug: str
    children: int
    seed: int

    @property
    def name(self) -> str:
        """Its name in words."""
        return self.slug.replace("-", " ").title()


def councils(number: int = COUNCILS) -> tuple[Council, ...]:
    """Return so many councils, each larger than the one before by the same factor."""
    growth = (LARGEST / SMALLEST) ** (1 / max(1, number - 1))
    return tuple(Council(f"council-{place + 1:02d}", round(SMALLEST * growth**place), FIRST_SEED + place)
                 for place in range(number))


def write_councils(folder: Path, number: int = COUNCILS) -> list[Path]:
    """Write a folder from which ``pace batch`` can run: settings, extracts, texts, the notebook and the plan.

    Parameters
    ----------
    folder : Path
        New or empty.
    number : int
        The same number gives the same bytes.

    Returns
    -------
    list of Path
        The folder's plan, and the settings of each council.

    Raises
    ------
    UsageError
        When there are fewer than one council.
    OutputError
        When the folder holds anything, or cannot be written.
    """
    if number < 1:
        raise UsageError("There must be at least one council.", where=str(number))
    folder, made = Path(os.path.abspath(folder)), councils(number)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"The folder '{folder.name}' is not empty.", where=str(folder),
                          remedy="Choose a new or an empty folder.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
            fresh = Path(beside) / "new"
            written = _write_all(fresh, made)
            if folder.exists():
                folder.rmdir()
            os.replace(fresh, folder)
    except OSError as error:
        raise OutputError("The councils could not be written.", where=f"{folder}: {error.strerror or error}",
                          remedy="Choose a folder that you may write to.") from error
    return [folder / path.relative_to(fresh) for path in written]


def _write_all(folder: Path, made: tuple[Council, ...]) -> list[Path]:
    for name in SHARED:
        shutil.copytree(home() / "data" / name, folder / "data" / name)
    shutil.copytree(home() / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns(".*"))
    plan = folder / "data" / "plans" / ("thirty-two.toml" if len(made) == COUNCILS else "councils.toml")
    _write(plan, plan_text(made, QUARTERS))
    return [plan, *(_write_council(folder / "data", council, QUARTERS) for council in made)]


def plan_text(made: tuple[Council, ...], quarters: tuple[str, ...]) -> str:
    """Return a plan that reports on the councils."""
    names = "\n".join(f'    "{council.slug}",' for council in made)
    return PLAN.format(number=len(made), smallest=made[0].children, largest=made[-1].children, names=names,
                       quarters=", ".join(f'"{quarter}"' for quarter in quarters))


def lives_of(council: Council) -> tuple[Life, ...]:
    """Simulate the children of one council."""
    everybody = simulate(council.seed, intake=max(LEAST_INTAKE, council.children / CHILDREN_OF_ONE))
    return whole_families(everybody, council.slug, council.children)


def whole_families(everybody: tuple[Life, ...], slug: str, children: int) -> tuple[Life, ...]:
    """Return some of the children, in whole families chosen by a council's name, until enough are away from home on the last day."""
    families: dict[str, list[Life]] = {}
    for life in everybody:
        families.setdefault(life.sibling_group or life.child_id, []).append(life)
    order = sorted(families, key=lambda family: hashlib.blake2b(f"{slug} {family}".encode()).digest())
    taken: set[str] = set()
    away = 0
    for family in order:
        if away >= children:
            break
        taken |= {life.child_id for life in families[family]}
        away += sum(any(stay.kind == "away" and stay.start <= LAST_DAY < stay.end for stay in life.stays)
                    for life in families[family])
    return tuple(life for life in everybody if life.child_id in taken)


def _write_council(data: Path, council: Council, quarters: tuple[str, ...]) -> Path:
    lives = lives_of(council)
    for quarter in quarters:
        tables = snapshot(lives, Quarter.parse(quarter).last_day, seed=council.seed)
        for name, text in extract_texts(tables).items():
            _write(data / "extracts" / council.slug / quarter / name, text)
    return _write(data / "authorities" / f"{council.slug}.toml",
                  SETTINGS.format(slug=council.slug, name=council.name, children=council.children))


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))
    return path
