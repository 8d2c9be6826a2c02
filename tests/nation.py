"""An invented nation: councils that share simulated populations by whole families, and the shares they send.

    python -m tests.nation data/sample/nation

writes the committed sample again, byte for byte.
"""

import hashlib
import sys
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from pace_analysis.care import follow_up
from pace_analysis.dates import Quarter
from pace_analysis.extract.sample import EXAMPLESHIRE, Life, Truth, simulate, snapshot
from pace_analysis.extract.sample.truth import DECISIONS
from pace_analysis.publish.profiles import PUBLIC
from pace_analysis.settings import load_authority
from pace_analysis.sharing import Share, share, write_share
from pace_analysis.study import Study
from pace_analysis.tables.check import check, set_aside

QUARTER = Quarter.parse("2015Q3")
NOTICE = "The nation and its councils are invented. Every child, date and figure is simulated."
INTAKE = 2.5  # times the sample's families, in each population


@dataclass(frozen=True, slots=True)
class Council:
    """A council: whose families it holds (from this share of the population to that), and of which population."""

    name: str
    region: str
    population: int
    first: float
    last: float


COUNCILS = (
    Council("Aldermoor", "north", 2, 0.00, 0.36), Council("Brackenside", "south", 2, 0.36, 0.60),
    Council("Cairnholm", "north", 2, 0.60, 0.78), Council("Dunmallet", "south", 2, 0.78, 0.90),
    Council("Eastwater", "north", 2, 0.90, 0.97), Council("Farrow Isles", "south", 2, 0.97, 1.00),
    Council("Glenarrow", "south", 3, 0.00, 0.30), Council("Hartsmere", "north", 3, 0.30, 0.55),
    Council("Inverlaw", "south", 3, 0.55, 0.75), Council("Kirkhollow", "north", 3, 0.75, 0.90),
    Council("Lochbrae", "south", 3, 0.90, 1.00), Council("Marchfield", "north", 4, 0.00, 0.40),
)
SLOWER = {4: 0.55}  # times the hazard of every decision: one council's children wait longer than the nation's


def nation(councils: tuple[Council, ...] = COUNCILS) -> list[Share]:
    """Return the share of every council."""
    return [share(study_of(council), region=council.region) for council in councils]


def study_of(council: Council) -> Study:
    """Return a council's study to the quarter, in memory: its extract as its system would give it, faults included."""
    settings = load_authority("exampleshire")
    slug = council.name.lower().replace(" ", "-")
    settings = settings.model_copy(update={"slug": slug, "name": council.name, "notice": NOTICE})
    tables = snapshot(lives_of(council), QUARTER.last_day, seed=council.population)
    report = check(tables)
    kept, accounts = set_aside(tables, report)
    cut = follow_up(kept, as_at=QUARTER.last_day, definitions=settings.definitions).as_at
    return Study(settings, QUARTER, kept, report, accounts, cut, PUBLIC)


def lives_of(council: Council) -> tuple[Life, ...]:
    """Return the children of the families a council holds."""
    return tuple(life for life in population(council.population)
                 if council.first <= _place(life.sibling_group or life.child_id) < council.last)


@cache
def population(seed: int) -> tuple[Life, ...]:
    """Return the lives of one simulated population."""
    return simulate(seed, truth=_truth(SLOWER.get(seed, 1.0)), intake=INTAKE)


def _truth(times: float) -> Truth:
    hazards = {age: {cause: tuple(rate * (times if cause in DECISIONS else 1) for rate in rates)
                     for cause, rates in causes.items()} for age, causes in EXAMPLESHIRE.hazards.items()}
    return replace(EXAMPLESHIRE, hazards=hazards)


def _place(family: str) -> float:
    return int.from_bytes(hashlib.blake2b(family.encode(), digest_size=4).digest(), "big") / 2**32


if __name__ == "__main__":
    for one in nation():
        print(write_share(one, Path(sys.argv[1])))
