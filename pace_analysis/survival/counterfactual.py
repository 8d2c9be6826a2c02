"""What if children moved on faster from one stage? Shares in each stage had the moves of a table been more frequent."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pace_analysis.survival.curves import ratio
from pace_analysis.survival.errors import SurvivalInputError
from pace_analysis.survival.intervals import EXACT, check_interval
from pace_analysis.survival.occupancy import _check_horizon, _start
from pace_analysis.survival.stages import StageTable, check_stage

if TYPE_CHECKING:
    import pandas as pd

ASSUMPTION = (
    "Each day, the chance of moving on depends only on the stage and on the days since the start. Children in the stage"
    " move on twice as often each day, which halves the mean time in it when the rate is steady; they leave care as"
    " often as before, and nothing else changes."
)
LEAVING = ("left",)


def speed_up(
    table: StageTable, stage: Hashable, factor: float = 2.0, *, leaving: Sequence[Hashable] = LEAVING
) -> pd.DataFrame:
    """Share of children in each stage by day, had those in one stage moved on more often.

    A share ``h`` who move on from the stage on a day becomes ``1 - (1 - h)**factor``, whereto they move in the same
    proportions, and at most all who do not leave that day. Moves to a state of ``leaving`` stay as they were, and so
    does every other stage. Stages are taken as Markov in days since the start: see :data:`ASSUMPTION`, which is worded
    for a factor of 2.

    Parameters
    ----------
    table : StageTable
        Counts of moves per whole day, with children at risk on day 0.
    stage : label
        Where moves are to be more frequent.
    factor : float
        Above 0; 1 gives the shares of :func:`pace_analysis.survival.state_occupancy`.
    leaving : sequence of labels
        States that are not moving on.

    Returns
    -------
    DataFrame indexed by ``day``, one column a stage; each row adds to one, at the *end* of its day.

    Raises
    ------
    SurvivalInputError
        If a stage is not known, the factor not above 0, or nobody is at risk on day 0.

    Source
    ------
    Putter, Fiocco and Geskus (2007), Stat. Med. 26, 2389-2430, section 4, for shares predicted from transition
    hazards; to change a hazard and predict again is the g-formula of that model.
    """
    import pandas as pd

    hastened = _Hastened(table, [stage], factor, leaving)
    share = np.empty((table.started.shape[1], len(table.stages)))
    now = _start(table, None)[0][None, None, None, :].repeat(2, axis=0)
    for day in range(len(share)):
        now = hastened.step(now, hastened.observed(day))
        share[day] = now[1, 0, 0]
    return pd.DataFrame(share, index=pd.RangeIndex(len(share), name="day"), columns=list(table.stages))


def gain(
    table: StageTable,
    stages: Sequence[Hashable],
    *,
    target: Hashable = "decided",
    day: int = 182,
    factor: float = 2.0,
    draws: int = 200,
    seed: int,
    leaving: Sequence[Hashable] = LEAVING,
    level: float = 0.95,
) -> pd.DataFrame:
    """Rank stages by what would be gained if children moved on from them more often, each stage by itself.

    Parameters
    ----------
    table : StageTable
        Counts of moves per whole day, with children at risk on day 0.
    stages : sequence of labels
        Stages to hasten, in the order in which equal gains are shown.
    target : label
        State whose share is to be larger.
    day : int
        Whole day by whose end the share is taken.
    factor, leaving
        As for :func:`speed_up`.
    draws, seed : int
        Tables drawn for the interval, 2 or more; the same seed gives the same draws.
    level : float
        Coverage of the interval.

    Returns
    -------
    DataFrame, one row a stage, largest gain first
        ``stage``, ``share_now``, ``share_then``, ``gain`` (their difference), ``lower``, ``upper`` (percentiles of
        the gain over the draws).

    Raises
    ------
    SurvivalInputError
        As for :func:`speed_up`; if ``draws`` is not 2 or more, or the day is beyond follow-up while a child may move.

    Notes
    -----
    A draw keeps the children at risk in each stage on each day, and draws their moves of that day anew from the shares
    observed (a multinomial for each stage and day): the variation that Greenwood's variance describes.
    """
    import pandas as pd

    check_interval(EXACT, level)
    _check_question(table, target, day, draws)
    hastened = _Hastened(table, stages, factor, leaving)
    generator = np.random.default_rng(seed)
    start = _start(table, None)[0]
    share = np.tile(start, (1 + len(stages), 1 + draws, 1, 1))
    for each in range(min(day, table.started.shape[1] - 1) + 1):
        if hastened.moving[each]:
            share = hastened.step(share, hastened.drawn(each, draws, generator))
    _check_horizon(table, day, share[0, 0, 0])
    reached = share[:, :, 0, check_stage(table, target)]
    more = reached[1:] - reached[0]
    lower, upper = np.quantile(more[:, 1:], [(1 - level) / 2, (1 + level) / 2], axis=1)
    shares = {"share_now": reached[0, 0], "share_then": reached[1:, 0]}
    found = pd.DataFrame({"stage": list(stages)} | shares | {"gain": more[:, 0], "lower": lower, "upper": upper})
    return found.sort_values("gain", ascending=False, kind="stable", ignore_index=True)


class _Hastened:
    """One day's step for several worlds at once: the first as observed, then one for each stage hastened alone."""

    def __init__(
        self, table: StageTable, stages: Sequence[Hashable], factor: float, leaving: Sequence[Hashable]
    ) -> None:
        if not factor > 0:
            raise SurvivalInputError(f"`factor` must be above 0, not {factor}.", remedy="Write 2 for twice as often.")
        self.table, self.factor, self.at_risk = table, factor, table.at_risk
        self.places = [check_stage(table, stage) for stage in stages]
        gone = {check_stage(table, state) for state in leaving}
        self.on = np.array([place not in gone for place in range(len(table.stages))])
        self.moving = table.moved.any(axis=(0, 1))

    def observed(self, day: int) -> np.ndarray:
        """Shares of each stage that move to each other on a day, shape (1, stages, stages)."""
        return ratio(self.table.moved[:, :, day], self.at_risk[:, None, day])[None]

    def drawn(self, day: int, draws: int, generator: np.random.Generator) -> np.ndarray:
        """The observed shares and ``draws`` drawn ones, shape (1 + draws, stages, stages)."""
        hazard = self.observed(day).repeat(1 + draws, axis=0)
        busy = np.flatnonzero(self.table.moved[:, :, day].any(axis=1))
        number, moved = self.at_risk[busy, day], self.table.moved[busy, :, day]
        cells = np.column_stack([moved, number - moved.sum(axis=1)]) / number[:, None]
        counts = generator.multinomial(number, cells, size=(draws, len(busy)))
        hazard[1:, busy] = counts[..., :-1] / number[:, None]
        return hazard

    def step(self, share: np.ndarray, hazard: np.ndarray) -> np.ndarray:
        """Shares at the end of the day, from those of the day before, shape (worlds, draws, 1, stages)."""
        after = share + share @ hazard - share * hazard.sum(axis=-1)[:, None, :]
        rows = hazard[:, self.places]
        extra = self._faster(rows) - rows  # (draws, hastened worlds, stages)
        worlds = np.arange(1, len(share))
        here = share[worlds, :, 0, self.places]
        after[1:, :, 0] += here[..., None] * extra.swapaxes(0, 1)
        after[worlds, :, 0, self.places] -= here * extra.sum(axis=-1).T
        return after

    def _faster(self, hazard: np.ndarray) -> np.ndarray:
        on, off = np.where(self.on, hazard, 0.0), np.where(self.on, 0.0, hazard)
        whole = on.sum(axis=-1, keepdims=True)
        often = 1 - (1 - np.minimum(whole, 1.0)) ** self.factor
        return off + on * ratio(np.minimum(often, 1 - off.sum(axis=-1, keepdims=True)), whole)


def _check_question(table: StageTable, target: Hashable, day: int, draws: int) -> None:
    check_stage(table, target)
    if day != int(day) or day < 1:
        raise SurvivalInputError(f"`day` must be a whole day from 1 on, not {day}.")
    if draws != int(draws) or draws < 2:
        raise SurvivalInputError(f"`draws` must be a whole number from 2 on, not {draws}.", remedy="Write 200.")
