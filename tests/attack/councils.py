"""Invented councils of many sizes, each with one extract a quarter, late records and corrections included.

Several councils share one simulated population. Each takes whole families of it, in an order that belongs to the
council, until enough children are away from home on the last day: a small council is then a thinned large one.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pace_analysis.dates import Quarter, ReportingYear
from pace_analysis.extract.sample import Life, simulate, snapshot
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


@dataclass(frozen=True, slots=True)
class Council:
    """An invented council: its name in paths, the children away from home at the end, the seed of its population."""

    slug: str
    children: int
    seed: int


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
        title = council.slug.replace("-", " ").title()
        (home / "data" / "authorities" / f"{council.slug}.toml").write_text(
            SETTINGS.format(slug=council.slug, name=title), encoding="utf-8")
        lives = lives_of(council)
        for name in names:
            tables = snapshot(lives, Quarter.parse(name).last_day, seed=council.seed)
            _write_extract(home / "data" / "extracts" / council.slug / name, tables)
        _write_published(home / "data" / "published" / f"{council.slug}.csv", tables)


def lives_of(council: Council) -> tuple[Life, ...]:
    """The children of one council."""
    last, families, away = LAST_QUARTER.last_day, {}, 0
    for life in _population(council.seed):
        families.setdefault(life.sibling_group or life.child_id, []).append(life)
    order = sorted(families, key=lambda family: hashlib.blake2b(f"{council.slug} {family}".encode()).digest())
    taken: set[str] = set()
    for family in order:
        if away >= council.children:
            break
        taken |= {life.child_id for life in families[family]}
        away += sum(any(stay.kind == "away" and stay.start <= last < stay.end for stay in life.stays)
                    for life in families[family])
    return tuple(life for life in _population(council.seed) if life.child_id in taken)


@lru_cache(maxsize=2)
def _population(seed: int) -> tuple[Life, ...]:
    return simulate(seed, intake=INTAKE)


def _write_extract(folder: Path, tables: CareTables) -> None:
    folder.mkdir(parents=True)
    for name, frame in tables:
        frame.to_csv(folder / f"{name}.csv", index=False, date_format="%Y-%m-%d", lineterminator="\n")
    extract = tables.extract
    said = f'source = "{extract.source}"\nas_at = {extract.as_at}\ncovers_from = {extract.covers_from}\n'
    (folder / "extract.toml").write_text(said, encoding="utf-8")


def _write_published(path: Path, tables: CareTables) -> None:
    ended = tables.period.loc[tables.period["end_reason"] == "adopted", "end_date"].dt.date
    rows = []
    for start in PUBLIC_YEARS:
        year = ReportingYear(start)
        rows.append(f"adoptions,{year},{sum(year.first_day <= day <= year.last_day for day in ended)},invented")
    path.write_text("\n".join(["measure,key,value,source", *rows, ""]), encoding="utf-8")
