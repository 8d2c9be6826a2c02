"""Follow-up: how long each period waited, and how the wait ended, in whole closed days.

Day 0 is the day the clock starts. A child waits on every day from ``first_day`` to ``last_day``, both included;
the wait ends on ``last_day`` with ``outcome``, or is censored at its end when the data cut comes first.
On one day a decision comes before leaving, and leaving before the data cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from types import MappingProxyType

import numpy as np
import pandas as pd

from pace_analysis.care.milestones import ACCOMMODATED, earliest, first_of
from pace_analysis.care.periods import PeriodsOfCare, periods_of_care
from pace_analysis.errors import SettingsError, nearest
from pace_analysis.settings import Definitions
from pace_analysis.tables.schema import CODES, CareTables

DECISIONS = tuple(CODES["route"])  # ways to be decided
ENDS = ("left_care", "aged_out", "died", "moved_away")  # ways to leave without a decision
END_OF_REASON = MappingProxyType({"turned_18": "aged_out", "died": "died", "moved_away": "moved_away"})  # others: left_care
OUTCOMES = ("censored", *DECISIONS, *ENDS)  # position = outcome code of the life table
FIRST_END = 1 + len(DECISIONS)  # outcomes below this are decisions, from it on other ends


@dataclass(frozen=True)
class FollowUp:
    """Waits from one milestone to another.

    Attributes
    ----------
    frame : DataFrame, indexed by ``period_id``
        child_id, started (date), first_day, last_day (whole days), outcome (position in :data:`OUTCOMES`),
        age, stay, and ``pre_birth`` (the finish is dated before the start and counts on day 0).
    as_at : date
        Nothing after this day was used: the data cut less the recording lag.
    left_out : mapping of reason to number of periods
    """

    frame: pd.DataFrame
    as_at: date
    left_out: Mapping[str, int]

    @property
    def decided(self) -> pd.Series:
        """True for waits that ended with the finishing milestone."""
        return self.frame["outcome"].between(1, FIRST_END - 1)

    @property
    def ended(self) -> pd.Series:
        """Date of each wait's last day: the decision, the leaving, or the data cut."""
        days = self.frame["last_day"].to_numpy().astype("timedelta64[D]")
        return pd.Series(self.frame["started"].to_numpy() + days, index=self.frame.index)

    @property
    def waiting(self) -> pd.Series:
        """True for children still waiting at the end of the data cut."""
        return (self.frame["outcome"] == 0) & (self.ended == pd.Timestamp(self.as_at))

    def where(self, keep: pd.Series) -> FollowUp:
        """Return the waits for which ``keep`` is true."""
        return FollowUp(self.frame[keep], self.as_at, self.left_out)

    def entered(self, first: date, last: date) -> FollowUp:
        """Return the waits that started from day ``first`` to day ``last``: an entry cohort."""
        return self.where(self.frame["started"].between(pd.Timestamp(first), pd.Timestamp(last)))

    def during(self, first: date, last: date) -> FollowUp:
        """Return what was seen from day ``first`` to day ``last``: the follow-up of a period life table.

        Everybody waiting at some time between the two days takes part: from the first day seen there (delayed
        entry), to the wait's end or the end of ``last`` (censored).
        """
        frame = self.frame
        opens = np.maximum(_days_to(first, frame["started"]), frame["first_day"].to_numpy())
        closes, last_day = _days_to(last, frame["started"]), frame["last_day"].to_numpy()
        last_seen = np.minimum(last_day, closes)
        seen = opens <= last_seen
        part = frame[seen].assign(
            first_day=opens[seen],
            outcome=np.where(last_day <= closes, frame["outcome"].to_numpy(), 0)[seen],
            last_day=last_seen[seen],
        )
        return FollowUp(part, min(last, self.as_at), self.left_out)

    def up_to(self, day: int) -> FollowUp:
        """Return the same waits, followed to the end of ``day`` at most."""
        frame = self.frame[self.frame["first_day"] <= day]
        last_day = frame["last_day"].to_numpy()
        cut = frame.assign(outcome=np.where(last_day <= day, frame["outcome"], 0), last_day=np.minimum(last_day, day))
        return FollowUp(cut, self.as_at, self.left_out)


def follow_up(
    tables: CareTables,
    *,
    start: str = ACCOMMODATED,
    finish: str = "permanence_recommendation",
    as_at: date | None = None,
    definitions: Definitions = Definitions(),
) -> FollowUp:
    """Turn tables into waits from milestone ``start`` to milestone ``finish``.

    Parameters
    ----------
    tables : CareTables
        Checked tables, without the rows that break error rules.
    start, finish : str
        ``accommodated`` or a milestone code; SettingsError names the nearest otherwise.
    as_at : date, optional
        Data cut; the extract's own by default, and never later than it. The recording lag of ``definitions``
        is taken off.
    definitions : Definitions
        Which recommendation, which re-entries, where the clock starts, which ends censor instead of compete ...

    Raises
    ------
    SettingsError
        If a milestone or an end of the definitions does not exist.
    """
    return Histories(tables, definitions, as_at).waits(start, finish)


@dataclass(frozen=True)
class Histories:
    """The dated events of each child, and the waits on every clock over them, each found once: not to be changed.

    Attributes
    ----------
    tables : CareTables
        Checked tables, without the rows that break error rules.
    definitions, as_at
        As for :func:`follow_up`; SettingsError if an end of the definitions does not exist.
    """

    tables: CareTables
    definitions: Definitions = Definitions()
    as_at: date | None = None

    def __post_init__(self) -> None:
        _check_ends(self.definitions.ends_that_censor)

    @property
    def cut(self) -> date:
        """Last day used: the data cut less the recording lag."""
        last = self.tables.extract.as_at
        return self.definitions.cut(min(self.as_at or last, last))

    @cached_property
    def periods(self) -> PeriodsOfCare:
        """Periods away from home."""
        chosen = self.definitions
        return periods_of_care(self.tables, reentry=chosen.reentry, clock_starts=chosen.clock_starts,
                               ends_at_age=chosen.care_ends_at_age)

    def first_dates(self, name: str) -> pd.DataFrame:
        """First date of a milestone, as :func:`pace_analysis.care.milestones.first_dates`."""
        return first_of(self._earliest, name, recommendation=self.definitions.recommendation)

    def waits(self, start: str, finish: str) -> FollowUp:
        """Waits from one milestone to another; SettingsError as for :func:`follow_up`."""
        if (start, finish) not in self._waits:
            self._waits[start, finish] = _follow(self, start, finish)
        return self._waits[start, finish]

    @cached_property
    def _earliest(self) -> dict[str, pd.DataFrame]:
        return earliest(self.tables.milestone)

    @cached_property
    def _waits(self) -> dict[tuple[str, str], FollowUp]:
        return {}


def _follow(histories: Histories, start: str, finish: str) -> FollowUp:
    definitions, cut = histories.definitions, np.datetime64(histories.cut)
    frame, left_out = histories.periods.frame, dict(histories.periods.left_out)
    started = frame["start"] if start == ACCOMMODATED else histories.first_dates(start)["date"].reindex(frame.index)
    finished = histories.first_dates(finish).reindex(frame.index)
    frame = frame.assign(started=started, finished=finished["date"], route=finished["route"])
    day, end, of_age = (frame[name].to_numpy() for name in ("started", "end", "of_age"))
    # a missing day compares as false
    follows = day <= cut
    gone = follows & (end < day)
    too_old = follows & ~gone & (of_age <= day)
    left_out["clock never started"] = int(np.isnat(day).sum())
    left_out["started after the data cut"] = int((day > cut).sum())
    left_out["child had left before the clock started"] = int(gone.sum())
    left_out[f"already {definitions.care_ends_at_age} when the clock started"] = int(too_old.sum())
    waits = _waits(frame[follows & ~gone & ~too_old], cut, definitions.ends_that_censor)
    late = _first_days(waits["started"], histories.tables.extract.covers_from)
    left_out["ended before the extract's window opens"] = int((late > waits["last_day"]).sum())
    waits.insert(2, "first_day", late)
    return FollowUp(waits[waits["first_day"] <= waits["last_day"]], histories.cut, left_out)


def _waits(frame: pd.DataFrame, cut: np.datetime64, ends_that_censor: tuple[str, ...]) -> pd.DataFrame:
    started, finished, left, of_age = (frame[name].to_numpy() for name in ("started", "finished", "end", "of_age"))
    aged_out = (of_age <= cut) & ~(left <= of_age)
    left = np.where(aged_out, of_age, left)
    is_decided = (finished <= cut) & ~(left < finished)
    is_left = ~is_decided & (left <= cut)
    last = np.where(is_decided, finished, np.where(is_left, left, cut))
    reason = frame["end_reason"].mask(aged_out, "turned_18")
    outcome = np.select([is_decided, is_left], [_route_codes(frame["route"]), _end_codes(reason, ends_that_censor)], 0)
    wait = (last - started) // np.timedelta64(1, "D")
    return pd.DataFrame({
        "child_id": frame["child_id"],
        "started": frame["started"],
        "last_day": wait.clip(min=0),
        "outcome": outcome.astype("int64"),
        "age": frame["age"],
        "stay": frame["stay"],
        "pre_birth": is_decided & (wait < 0),
    })


def _days_to(day: date, started: pd.Series) -> np.ndarray:
    return (np.datetime64(day) - started.to_numpy()) // np.timedelta64(1, "D")


def _check_ends(ends: tuple[str, ...]) -> None:
    for end in ends:
        if end not in CODES["end_reason"]:
            raise SettingsError(f"'{end}' is not a way to leave care.", where="definitions, ends_that_censor",
                                remedy=nearest(end, CODES["end_reason"]))


def _route_codes(routes: pd.Series) -> np.ndarray:
    """Outcome of each route, a blank one as not known; missing where the milestone was not reached."""
    return routes.map({"": OUTCOMES.index("not_known")} | {name: OUTCOMES.index(name) for name in DECISIONS}).to_numpy()


def _end_codes(reasons: pd.Series, ends_that_censor: tuple[str, ...]) -> np.ndarray:
    """Outcome of each reason to leave care: 0 for one that only censors."""
    names = {reason: END_OF_REASON.get(reason, "left_care") for reason in CODES["end_reason"]}
    codes = {reason: 0 if reason in ends_that_censor else OUTCOMES.index(name) for reason, name in names.items()}
    return reasons.map(codes).fillna(OUTCOMES.index("left_care")).to_numpy()


def _first_days(started: pd.Series, covers_from: date | None) -> pd.Series:
    if covers_from is None:
        return pd.Series(0, index=started.index, dtype="int64")
    return pd.Series(_days_to(covers_from, started).clip(min=0), index=started.index)
