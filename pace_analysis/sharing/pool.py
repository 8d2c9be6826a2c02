"""Shares pooled into national and regional life tables, once they are all of one kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from pace_analysis.errors import DisclosureRefused, InputError, UsageError, nearest
from pace_analysis.publish.disclosure import Refused, ReleasedCurve, release_curve
from pace_analysis.publish.profiles import PROFILES
from pace_analysis.settings import resolve
from pace_analysis.sharing.combine import CONTRIBUTORS, of_several, pooled_table, refused
from pace_analysis.sharing.share import Share
from pace_analysis.sharing.sharefile import read_share
from pace_analysis.survival import LifeTable

NATIONAL = "all authorities"
PROFILE = "strict"  # of everything pooled
LABELS = ("decided", "left without a decision")
ALIKE = ("nation", "quarter", "measure", "pathway", "pathway_version")
CUT_SAFE = "No merging of bins keeps three authorities in each."


@dataclass(frozen=True)
class Pool:
    """What several authorities' shares say together.

    Attributes
    ----------
    quarter, measure, nation : str
        What all shares have in common.
    contributors : tuple of str
        Names of the authorities, sorted.
    national : LifeTable
        Outcomes 1 decided and 2 left; from rounded counts. Restricted until :meth:`released`.
    regions : mapping of region to LifeTable
        Regions that may be shown.
    withheld : mapping of region to str
        Regions that may not, each with the reason.
    years : DataFrame, one row an entry year that every authority with entry years in its share counted
        children, decided, left (within 182 days), sums of rounded counts.
    routes, stages : Series
        Children decided, by route, and children waiting at the end of the quarter, by stage; sums of rounded counts over
        the authorities whose shares hold them.
    shares : tuple of Share
        What was pooled, in order of name. Restricted.
    without : tuple of str
        Authorities whose shares were left out by choice.
    """

    quarter: str
    measure: str
    nation: str
    contributors: tuple[str, ...]
    national: LifeTable
    regions: Mapping[str, LifeTable]
    withheld: Mapping[str, str]
    years: pd.DataFrame
    routes: pd.Series
    stages: pd.Series
    shares: tuple[Share, ...] = field(repr=False)
    without: tuple[str, ...] = ()

    def released(self, region: str = "") -> ReleasedCurve | Refused:
        """Pass the national table, or that of a region, through the gate: at least ten of each exit in a bin."""
        table = self.regions[region] if region else self.national
        return release_curve(table, profile=PROFILES[PROFILE], labels=LABELS,
                             what=f"children of {region or NATIONAL}, to {self.quarter}")

    def text(self) -> str:
        """Say in a few lines who takes part, what the gate lets out by 26 weeks, and what is withheld."""
        lines = [f"{len(self.contributors)} authorities to {self.quarter}: {', '.join(self.contributors)}"]
        for region in ("", *self.regions):
            curve = self.released(region)
            if isinstance(curve, Refused):
                lines.append(curve.sentence)
                continue
            by = curve.at_anchor
            lines.append(f"{region or NATIONAL}: {by['estimate_1']:.0%} decided and {by['estimate_2']:.0%} left without a "
                         f"decision within {curve.anchor_day} days")
        lines += [f"{region}: withheld. {why}" for region, why in self.withheld.items()]
        return "\n".join([*lines, *(f"{name}: left out by choice" for name in self.without)])


def pool(shares: Iterable[Share]) -> Pool:
    """Add shares into a national life table, and one of each region that may be shown.

    Raises
    ------
    InputError
        If an authority sent two shares, or shares differ in nation, quarter, clock, pathway or a definition; the
        message names what differs, and who differs from most.
    DisclosureRefused
        With fewer than three authorities, one of which has more than nine tenths of the children, or where no merging
        of bins keeps three authorities in each.
    """
    shares = sorted(shares, key=lambda one: one.authority)
    _check_alike(shares)
    national = _table(shares, NATIONAL)
    if isinstance(national, str):
        raise DisclosureRefused(f"The shares cannot be pooled. {national}", where=f"{len(shares)} share(s)",
                                remedy=f"Pool at least {CONTRIBUTORS} authorities of similar size.")
    regions, withheld = _regions(shares)
    first = shares[0]
    named = tuple(sorted(shares, key=lambda one: one.name))
    return Pool(first.quarter, first.measure, first.nation, tuple(one.name for one in named), national, regions, withheld,
                _years(shares), _sums([one.routes for one in shares]), _sums([one.stages for one in shares]), named)


def pool_folder(folder: str | Path, *, without: Sequence[str] = ()) -> Pool:
    """Read every ``.json`` file of a folder and pool them.

    Parameters
    ----------
    folder : str or Path
        Shares as they were received, nothing else.
    without : sequence of str
        Authorities to leave out, by the name in their files' names: their files are not opened.

    Raises
    ------
    UsageError
        If an authority to leave out sent no share.
    InputError, DisclosureRefused
        As :func:`read_share` and :func:`pool`.
    """
    found = resolve(folder)
    files = {file: sender(file) for file in sorted(found.glob("*.json"))}
    if not files:
        raise InputError("There is no share here.", where=str(folder), remedy="Name the folder of the shares received.")
    for name in without:
        if name not in files.values():
            raise UsageError(f"'{name}' sent no share, so it cannot be left out.", where=str(folder),
                             remedy=nearest(name, list(files.values())))
    pooled = pool(read_share(file) for file, name in files.items() if name not in without)
    return replace(pooled, without=tuple(sorted(set(without))))


def sender(file: Path) -> str:
    """Return the authority of a share by its file's name, which a damaged file has too."""
    return file.stem.removeprefix("share-").rpartition("-")[0] or file.stem


def _check_alike(shares: Sequence[Share]) -> None:
    twice = [slug for slug, times in Counter(one.authority for one in shares).items() if times > 1]
    if twice:
        raise InputError(f"There are two shares of '{twice[0]}'.", where="the shares to pool",
                         remedy="Keep the newer one only.")
    stated = {one.name: {**{key: getattr(one, key) for key in ALIKE}, **dict(one.definitions)} for one in shares}
    for key in dict.fromkeys(key for one in stated.values() for key in one):
        values = {name: one.get(key, "not stated") for name, one in stated.items()}
        (usual, _), *others = Counter(values.values()).most_common()
        if others:
            name = next(name for name, value in values.items() if value != usual)
            number = sum(value != usual for value in values.values())
            raise InputError(f"The shares differ in '{key}': '{values[name]}' for {name}, '{usual}' for most.",
                             where=f"{number} of {len(shares)} shares",
                             remedy="Agree on one value, set it in each authority's settings, and share again.")


def _table(shares: Sequence[Share], label: str) -> LifeTable | str:
    """Pooled table, or why there is none."""
    counts = [one.counts for one in shares]
    return refused(counts) or pooled_table(counts, label) or CUT_SAFE


def _regions(shares: Sequence[Share]) -> tuple[dict[str, LifeTable], dict[str, str]]:
    """Tables of regions, and why others have none; what is left of the nation is never fewer than three either."""
    members: dict[str, list[Share]] = {}
    for one in shares:
        members.setdefault(one.region, []).append(one)
    members.pop("", None)
    made = {region: _table(inside, region) for region, inside in sorted(members.items())}
    withheld = {region: table for region, table in made.items() if isinstance(table, str)}
    tables = {region: table for region, table in made.items() if isinstance(table, LifeTable)}
    while tables and refused([one.counts for one in shares if one.region not in tables]):
        if all(one.region in tables for one in shares):
            break
        smallest = min(tables, key=lambda region: (tables[region].entered.sum(), region))
        del tables[smallest]
        withheld[smallest] = "Shown beside the nation it would give away authorities outside the shown regions."
    return tables, withheld


def _years(shares: Sequence[Share]) -> pd.DataFrame:
    rows = pd.DataFrame(
        [(one.authority, year.year, year.children, year.decided, year.left) for one in shares for year in one.years],
        columns=["authority", "year", "children", "decided", "left"],
    )
    counts = ["children", "decided", "left"]
    sums, most = rows.groupby("year")[counts].sum(), rows.groupby("year")[counts].max()
    some = rows[counts].gt(0).groupby(rows["year"]).sum()
    everyone = rows.groupby("year").size() == rows["authority"].nunique()
    safe = of_several(sums, some, most).all(axis=1)
    return sums[everyone & safe]


def _sums(parts: Sequence[tuple[tuple[str, int], ...]]) -> pd.Series:
    """Children by part, of the authorities whose shares hold parts; without those that are too few's."""
    rows = pd.DataFrame([dict(part) for part in parts if part])
    safe = of_several(rows.sum(), rows.gt(0).sum(), rows.max())
    return rows.sum()[safe].rename("children").astype("int64")
