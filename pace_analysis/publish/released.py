"""The types of what the gate lets through. Anybody may read them; only the gate can make them.

Each carries the profile it was made under and its release. A changed copy cannot be made: a maker needs the gate's
seal, and frames are handed out as copies.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import InitVar, dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

import numpy as np
import pandas as pd

from pace_analysis.errors import DisclosureRefused, UsageError, nearest
from pace_analysis.publish import binomial
from pace_analysis.publish.earlier import TOTAL, Key, Names
from pace_analysis.publish.profiles import Profile
from pace_analysis.survival.intervals import clopper_pearson

SEAL = object()  # for the gate alone, publish/disclosure/; a test looks for any other user


class Release(StrEnum):
    """Whether a result may leave the authority."""

    INTERNAL = "INTERNAL"
    PUBLISHED = "PUBLISHED"


@dataclass(frozen=True, eq=False, kw_only=True)
class Released:
    """What every result carries; ``key`` begins the keys of its figures (:mod:`pace_analysis.publish.keys`), if any."""

    profile: Profile
    release: Release
    key: Key = ()
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        if seal is not SEAL:
            raise DisclosureRefused(
                f"A {type(self).__name__} can be made by the disclosure gate only.",
                where="pace_analysis/publish/disclosure",
                remedy="Call the gate's release_... function on the counts.",
            )


@dataclass(frozen=True, eq=False, kw_only=True)
class ReleasedCount(Released):
    """One protected count; a shown 0 stands for any number below the profile's first step."""

    what: str
    count: int

    @property
    def words(self) -> str:
        """The count as it may be printed, ``fewer than 5`` for a protected 0."""
        return _in_words(self.count, self.profile)


@dataclass(frozen=True, eq=False, kw_only=True)
class ReleasedTable(Released):
    """A table of protected counts that add up.

    Attributes
    ----------
    title : str
    rows, columns : tuple
        Labels of the interior, without subtotals and totals.
    total : str
        Label of the margin, of rows and of columns.
    row_groups, column_groups : dict
        Labels of subtotals, to the rows or columns each sums.
    names : Names
        Keys of its cells.
    method : str
        ``rounded``, or ``rounded-further`` where margins had to go one step further.
    """

    title: str
    rows: tuple[Hashable, ...]
    columns: tuple[Hashable, ...]
    row_groups: dict[Hashable, tuple[Hashable, ...]] = field(repr=False)
    column_groups: dict[Hashable, tuple[Hashable, ...]] = field(repr=False)
    names: Names
    method: str
    _cells: pd.DataFrame = field(repr=False)
    _known: pd.DataFrame = field(repr=False)

    total = TOTAL

    @property
    def cells(self) -> pd.DataFrame:
        """Counts with subtotals and totals, whole numbers."""
        return self._cells.copy()

    @property
    def known(self) -> pd.DataFrame:
        """True for cells that were public before and are shown as published; same shape as ``cells``."""
        return self._known.copy()

    @property
    def is_known(self) -> bool:
        """True when every cell was public before."""
        return bool(self._known.to_numpy().all())

    def cell(self, row: Hashable, column: Hashable) -> int:
        """Return one count, subtotal or total; UsageError names the nearest label when there is none."""
        for label, labels in ((row, self._cells.index), (column, self._cells.columns)):
            if label not in labels:
                raise UsageError(f"The table '{self.title}' has no row or column '{label}'.",
                                 remedy=nearest(str(label), map(str, labels)))
        return int(self._cells.at[row, column])

    def words(self, row: Hashable, column: Hashable) -> str:
        """Return one count as it may be printed: ``fewer than 5`` for a protected 0, more for a margin that went further."""
        shown = self.cell(row, column)
        further = self.method == "rounded-further" and not (row in self.rows and column in self.columns)
        return str(shown) if self._known.at[row, column] else _in_words(shown, self.profile, int(further))


@dataclass(frozen=True, eq=False, kw_only=True)
class ReleasedShare(Released):
    """A share worked out from a protected pair of counts, and from nothing else."""

    what: str
    numerator: int
    denominator: int

    @property
    def is_one_group(self) -> bool:
        """Whether all shown are in the share, or none."""
        return self.numerator in (0, self.denominator)

    @property
    def percent(self) -> int:
        """Whole percent, halves up."""
        return (200 * self.numerator + self.denominator) // (2 * self.denominator)

    @property
    def lower(self) -> float:
        """Lower limit of Clopper and Pearson's 95% interval, a proportion."""
        return self._limits[0]

    @property
    def upper(self) -> float:
        """Upper limit of Clopper and Pearson's 95% interval, a proportion."""
        return self._limits[1]

    @cached_property
    def _limits(self) -> tuple[float, float]:
        share, number = np.array([self.numerator / self.denominator]), np.array([float(self.denominator)])
        lower, upper = clopper_pearson(share, number, 0.95)
        return float(lower[0]), float(upper[0])


@dataclass(frozen=True, eq=False, kw_only=True)
class ReleasedVerdict(Released):
    """Whether a released share meets a target, judged on its protected pair.

    Attributes
    ----------
    what : str
    target : Fraction
    verdict : str
        ``met``, ``not met`` or ``cannot tell yet``, by the exact 95% interval.
    reaches : bool
        Whether the share itself is at or above the target.
    """

    what: str
    target: Fraction
    verdict: binomial.Verdict
    reaches: bool


@dataclass(frozen=True, eq=False, kw_only=True)
class ReleasedCurve(Released):
    """A grouped life table, and the shares that follow from it.

    Attributes
    ----------
    what : str
        Whose waits.
    labels : tuple of str
        Outcomes, in the order of the columns.
    n : int
        Children who entered.
    anchor_day : int
        Day that is an edge of the bins.
    advice : str
        Empty, or a sentence that advises to pool.
    """

    what: str
    labels: tuple[str, ...]
    n: int
    anchor_day: int
    advice: str
    _points: pd.DataFrame = field(repr=False)

    @property
    def points(self) -> pd.DataFrame:
        """One row a bin, from the first, which starts at day 0.

        ``day`` (last day of the bin); counts ``at_risk`` (at its start), ``entered`` (late), ``censored`` (before the
        curve's last day), ``events_1`` ...; and from these counts alone ``estimate_1`` ..., ``lower_1`` ...,
        ``upper_1`` ... (share who have left by each outcome at the end of the bin) and ``waiting``.
        """
        return self._points.copy()

    @property
    def at_anchor(self) -> pd.Series:
        """The row of :attr:`points` whose bin ends on the anchor day."""
        return self._points.set_index("day").loc[self.anchor_day]

    @property
    def estimate_columns(self) -> tuple[str, ...]:
        """Names of the columns of shares, by outcome."""
        return tuple(f"estimate_{number}" for number in range(1, len(self.labels) + 1))

    def median(self) -> tuple[int, int] | None:
        """Days after which and by which half were no longer waiting: the bin, or None if half still are."""
        days, waiting = self._points["day"].to_numpy(), self._points["waiting"].to_numpy()
        reached = np.flatnonzero(waiting <= 0.5 + 1e-9)
        if not reached.size:
            return None
        first = int(reached[0])
        return (int(days[first - 1]) if first else 0), int(days[first])


@dataclass(frozen=True, eq=False, kw_only=True)
class ReleasedPeriodShare(Released):
    """Share who would leave by an outcome within some days if the rates of one period held.

    Attributes
    ----------
    what : str
    day : int
        Days within which.
    decisions : int
        Exits by the outcome that the share rests on.
    percent : int
    lower, upper : float
        95% interval, proportions in whole percent, outwards.
    """

    what: str
    day: int
    decisions: int
    percent: int
    lower: float
    upper: float

    @property
    def estimate(self) -> float:
        """The share as a proportion in whole percent."""
        return self.percent / 100


@dataclass(frozen=True, eq=False, kw_only=True)
class ReleasedEstimate(Released):
    """The result of a model of many children, in whole steps.

    Attributes
    ----------
    what : str
    step : float
        What the three numbers are multiples of.
    value, lower, upper : float
        Estimate and 95% interval, outwards.
    """

    what: str
    step: float
    value: float
    lower: float
    upper: float


@dataclass(frozen=True, eq=False, kw_only=True)
class ReleasedRegister(Released):
    """Tests of change: what an authority does differently, and no child."""

    title: str
    _frame: pd.DataFrame = field(repr=False)

    @property
    def frame(self) -> pd.DataFrame:
        """One row a test of change."""
        return self._frame.copy()


def _in_words(shown: int, profile: Profile, steps: int = 0) -> str:
    return f"fewer than {profile.first_step + steps * profile.base}" if shown == 0 and profile.protects else str(shown)
