"""Invented councils of many sizes, each with one extract a quarter, late records and corrections included.

Several councils share one simulated population. Each takes whole families of it, in an order that belongs to the
council, until enough children are away from home on the last day: a small council is then a thinned large one.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from pace_analysis.dates import Quarter, ReportingYear
from pace_analysis.extract.sample import Council, Life, extract_texts, simulate, snapshot, whole_families
from pace_analysis.tables.schema import CareTables

ROOT = Path(__file__).resolve().parents[2]
SMALLEST, LARGEST = 40, 400  # children away from home on the last day
INTAKE = 1.3  # times the sample's: enough children for the largest council
COUNCILS_A_SEED = 5
FIRST_SEED = 100  # the committed sample has 1
LAST_QUARTER = Quarter.parse("2015Q4")
PUBLIC_YEARS = (2010, 2011)  # years whose adoptions are known from elsewhere, exactly
SHARED = ("aims", "pathways", "text", "dictionary")
SETTINGS = """\
name = "{name}"
nation = "scotland"
data = "data/extracts/{slug}"
text = "data/text/exampleshire.md"
aim = "exampleshire-decision-in-six-months"
year_starts_in_month = 4
programme_start = 2014-03-01

[policy]
profile = "public"
owner = "Data Protection Officer, {name}"
"""


def spread(number: int, smallest: int = SMALLEST, largest: int = LARGEST) -> tuple[Council, ...]:
    """Return so many councils, their sizes evenly spread."""
    step, seeds = (largest - smallest) / max(1, number - 1), -(-number // COUNCILS_A_SEED)
    return tuple(Council(f"council-{place + 1:02d}", round(smallest + place * step), FIRST_SEED + place % seeds)
                 for place in range(number))


def quarters(number: int) -> tuple[str, ...]:
    """Return the last quarters that the simulation reaches, oldest first."""
    return tuple(str(LAST_QUARTER.shift(-back)) for back in reversed(range(number)))


def write_home(home: Path, councils: Sequence[Council], names: Sequence[str]) -> None:
    """Write a folder that ``PACE_HOME`` may name: settings, texts, aims, pathways, and each council's extracts."""
    for name in SHARED:
        shutil.copytree(ROOT / "data" / name, home / "data" / name)
    for name in ("authorities", "published"):
        (home / "data" / name).mkdir(parents=True)
    for council in councils:
        (home / "data" / "authorities" / f"{council.slug}.toml").write_text(
            SETTINGS.format(slug=council.slug, name=council.name), encoding="utf-8")
        lives = lives_of(council)
        for name in names:
            tables = snapshot(lives, Quarter.parse(name).last_day, seed=council.seed)
            extract = home / "data" / "extracts" / council.slug / name
            extract.mkdir(parents=True)
            for file, text in extract_texts(tables).items():
                (extract / file).write_text(text, encoding="utf-8", newline="\n")
        _write_published(home / "data" / "published" / f"{council.slug}.csv", tables)


def lives_of(council: Council) -> tuple[Life, ...]:
    """The children of one council."""
    return whole_families(_population(council.seed), council.slug, council.children)


@lru_cache(maxsize=2)
def _population(seed: int) -> tuple[Life, ...]:
    return simulate(seed, intake=INTAKE)


def _write_published(path: Path, tables: CareTables) -> None:
    ended = tables.period.loc[tables.period["end_reason"] == "adopted", "end_date"].dt.date
    rows = []
    for start in PUBLIC_YEARS:
        year = ReportingYear(start)
        rows.append(f"adoptions,{year},{sum(year.first_day <= day <= year.last_day for day in ended)},invented")
    path.write_text("\n".join(["measure,key,value,source", *rows, ""]), encoding="utf-8")
