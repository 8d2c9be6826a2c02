"""What a national report tells of a pool: released results, and, for the authorities that share, each beside the nation."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from pace_analysis.errors import UsageError
from pace_analysis.improvement.funnel import LEVELS, chance_of_at_most
from pace_analysis.pathways import load_pathway
from pace_analysis.publish.disclosure import (
    Refused,
    Release,
    ReleasedCurve,
    ReleasedShare,
    ReleasedTable,
    release_share,
    release_table,
)
from pace_analysis.publish.profiles import PROFILES
from pace_analysis.sharing.midpoint import STEP
from pace_analysis.sharing.pool import Pool
from pace_analysis.sharing.share import DECISION
from pace_analysis.tables.schema import CODES

STRICT = PROFILES["strict"]
LEAST = 20  # children of a year below which rounding alone moves a share by more than fifteen points
BETWEEN_US = Refused("between-authorities", "Not shown: figures of one authority are for the authorities that share, and "
                                            "this version is for publication. Each authority publishes its own.")
NO_YEAR = Refused("no-common-year", "Not shown: there is no entry year that every authority counted and followed for 26 weeks.")
NO_PART = "Not shown: fewer than three authorities sent counts that can be added, or one has nearly all of them."
OUTSIDE = ("fewer than chance explains", "more than chance explains")
FAR_OUTSIDE = ("far fewer than chance explains", "far more than chance explains")
INSIDE, TOO_FEW = "within what chance and rounding explain", "too few to place"


@dataclass(frozen=True)
class Funnel:
    """Each authority's share of one entry year beside the nation's. Between data controllers only.

    Attributes
    ----------
    year : str
    share : float
        The nation's share decided within 182 days.
    authorities : DataFrame, largest first
        name, children, decided (rounded to the middle of six), position (words).
    """

    year: str
    share: float
    authorities: pd.DataFrame
    release: Release = Release.INTERNAL

    @property
    def drawn(self) -> pd.DataFrame:
        """Authorities with children enough to be placed."""
        return self.authorities[self.authorities["position"] != TOO_FEW]


@dataclass(frozen=True)
class National:
    """Everything a national report tells.

    Attributes
    ----------
    pool : Pool
    curve : ReleasedCurve or Refused
        Decided and left by week, of all children.
    regions : tuple of (region, ReleasedCurve or Refused)
    years : tuple of (entry year, ReleasedShare or Refused)
        Share decided within 182 days, oldest first.
    routes, stages : ReleasedTable or Refused
        Children decided by route; children waiting by stage, titles as labels.
    funnel : Funnel or Refused
    public : bool
        Whether the pool alone is told, every part of it released by the gate.
    """

    pool: Pool
    curve: ReleasedCurve | Refused
    regions: tuple[tuple[str, ReleasedCurve | Refused], ...]
    years: tuple[tuple[str, ReleasedShare | Refused], ...]
    routes: ReleasedTable | Refused
    stages: ReleasedTable | Refused
    funnel: Funnel | Refused = field(repr=False)
    public: bool


def national(pool: Pool, *, public: bool = False) -> National:
    """Work out and release what a national report tells.

    Parameters
    ----------
    pool : Pool
    public : bool
        Tell the pool alone. Otherwise each authority is shown beside the nation, INTERNAL: that goes to the authorities that share, as their shares do.

    Raises
    ------
    UsageError
        If the shares count another clock than the decision's.
    """
    if pool.measure != DECISION:
        raise UsageError(f"The national report tells of decisions, and the shares count '{pool.measure}'.",
                         remedy="Share and pool the measure decision; pace pool adds up any measure.")
    titles = {stage.id: stage.title for stage in load_pathway(pool.nation).stages}
    funnel = BETWEEN_US if public else funnel_of(pool)
    years = tuple((str(year), release_share(int(row.decided), int(row.children), profile=STRICT,
                                            what=f"children accommodated in {year} decided within 26 weeks"))
                  for year, row in pool.years.iterrows())
    return National(
        pool, pool.released(), tuple((region, pool.released(region)) for region in pool.regions), years,
        routes=_parts(pool.routes.rename(index=CODES["route"]), "Children decided, by route"),
        stages=_parts(pool.stages.rename(index=titles), "Children waiting for a decision, by stage"),
        funnel=funnel, public=public,
    )


def funnel_of(pool: Pool) -> Funnel | Refused:
    """Place each authority's share of the latest common entry year beside the nation's."""
    if pool.years.empty:
        return NO_YEAR
    year, whole = str(pool.years.index[-1]), pool.years.iloc[-1]
    share = float(whole["decided"] / whole["children"])
    counted = {one.name: each for one in pool.shares for each in one.years if each.year == year}
    rows = [(name, each.children, each.decided, position(each.decided, each.children, share)) for name, each in counted.items()]
    frame = pd.DataFrame(rows, columns=["name", "children", "decided", "position"])
    return Funnel(year, share, frame.sort_values(["children", "name"], ascending=[False, True], ignore_index=True))


def position(decided: int, children: int, share: float) -> str:
    """Say where a rounded share lies: outside limits only where every number that its rounding hides is outside.

    A count shown as the middle of six is at most two less or three more. Of these the least extreme are judged: for too
    many, the fewest of the most children; for too few, the most of the fewest.
    """
    if children < LEAST:
        return TOO_FEW
    most, fewest = children + STEP // 2, children - STEP // 2 + 1
    low = max(decided - STEP // 2 + 1, 0)
    high = min(decided + STEP // 2, fewest) if decided else 0
    chances = (chance_of_at_most(high, fewest, share), 1 - chance_of_at_most(low - 1, most, share))
    for level, words in ((LEVELS[1], FAR_OUTSIDE), (LEVELS[0], OUTSIDE)):
        for chance, said in zip(chances, words, strict=True):
            if chance < (1 - level) / 2:
                return said
    return INSIDE


def _parts(counts: pd.Series, title: str) -> ReleasedTable | Refused:
    some = counts[counts > 0]
    if some.empty:
        return Refused("too-few-authorities", NO_PART)
    return release_table(some.to_frame(), title=title, profile=STRICT)
