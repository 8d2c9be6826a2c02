"""Follow-up: how long each period waited, and how the wait ended, in whole closed days.

Day 0 is the day the clock starts. A child waits on every day from ``first_day`` to ``last_day``, both included;
the wait ends on ``last_day`` with ``outcome``, or is censored at its end when the data cut comes first.
On one day a decision comes before leaving, and leaving before the data cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np
import pandas as pd

from pace_analysis.care.milestones import ACCOMMODATED, first_dates
from pace_analysis.care.periods import periods_of_care
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
        return self.frame["started"] + pd.to_timedelta(self.frame["last_day"], unit="D")

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
        opens = (pd.Timestamp(first) - frame["started"]).dt.days.clip(lower=frame["first_day"])
        closes = (pd.Timestamp(last) - frame["started"]).dt.days
        seen = frame.assign(
            first_day=opens,
            outcome=frame["outcome"].where(frame["last_day"] <= closes, 0),
            last_day=frame["last_day"].clip(upper=closes),
        )
        return FollowUp(seen[seen["first_day"] <= seen["last_day"]], min(last, self.as_at), self.left_out)

    def up_to(self, day: int) -> FollowUp:
        """Return the same waits, followed to the end of ``day`` at most."""
        frame = self.frame
        cut = frame.assign(outcome=frame["outcome"].where(frame["last_day"] <= day, 0), last_day=frame["last_day"].clip(upper=day))
        return FollowUp(cut[cut["first_day"] <= day], self.as_at, self.left_out)


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
    _check_ends(definitions.ends_that_censor)
    cut = definitions.cut(min(as_at or tables.extract.as_at, tables.extract.as_at))
    care = periods_of_care(tables, reentry=definitions.reentry, clock_starts=definitions.clock_starts,
                           ends_at_age=definitions.care_ends_at_age)
    frame, left_out = care.frame, dict(care.left_out)
    choice = {"recommendation": definitions.recommendation}
    started = frame["start"] if start == ACCOMMODATED else first_dates(tables.milestone, start, **choice)["date"]
    finished = first_dates(tables.milestone, finish, **choice).reindex(frame.index)
    frame = frame.assign(started=started.reindex(frame.index), finished=finished["date"], route=finished["route"])
    left_out["clock never started"] = int(frame["started"].isna().sum())
    frame = frame[frame["started"].notna()]
    left_out["started after the data cut"] = int((frame["started"] > pd.Timestamp(cut)).sum())
    frame = frame[frame["started"] <= pd.Timestamp(cut)]
    gone = frame["end"] < frame["started"]
    left_out["child had left before the clock started"] = int(gone.sum())
    of_age = ~gone & (frame["of_age"] <= frame["started"])
    left_out[f"already {definitions.care_ends_at_age} when the clock started"] = int(of_age.sum())
    waits = _waits(frame[~gone & ~of_age], pd.Timestamp(cut), definitions.ends_that_censor)
    late = _first_days(waits["started"], tables.extract.covers_from)
    left_out["ended before the extract's window opens"] = int((late > waits["last_day"]).sum())
    waits.insert(2, "first_day", late)
    return FollowUp(waits[waits["first_day"] <= waits["last_day"]], cut, left_out)


def _waits(frame: pd.DataFrame, cut: pd.Timestamp, ends_that_censor: tuple[str, ...]) -> pd.DataFrame:
    finished = frame["finished"].where(frame["finished"] <= cut)
    left = frame["end"].where(frame["end"] <= cut)
    aged_out = frame["of_age"].where((frame["of_age"] <= cut) & ~(left <= frame["of_age"]))
    left = left.mask(aged_out.notna(), aged_out)
    is_decided = finished.notna() & ~(left < finished)
    is_left = ~is_decided & left.notna()
    last = finished.where(is_decided, left.where(is_left, cut))
    outcome = np.where(is_decided, _codes(frame["route"].replace("", "not_known")), 0)
    end_reason = frame["end_reason"].mask(aged_out.notna(), "turned_18")
    end_name = end_reason.map(END_OF_REASON).fillna("left_care")
    outcome = np.where(is_left, np.where(end_reason.isin(ends_that_censor), 0, _codes(end_name)), outcome)
    wait = (last - frame["started"]).dt.days
    return pd.DataFrame({
        "child_id": frame["child_id"],
        "started": frame["started"],
        "last_day": wait.clip(lower=0).astype("int64"),
        "outcome": outcome.astype("int64"),
        "age": frame["age"],
        "stay": frame["stay"],
        "pre_birth": is_decided & (wait < 0),
    })


def _check_ends(ends: tuple[str, ...]) -> None:
    for end in ends:
        if end not in CODES["end_reason"]:
            raise SettingsError(f"'{end}' is not a way to leave care.", where="definitions, ends_that_censor",
                                remedy=nearest(end, CODES["end_reason"]))


def _codes(names: pd.Series) -> np.ndarray:
    return names.map({name: code for code, name in enumerate(OUTCOMES)}).to_numpy()


def _first_days(started: pd.Series, covers_from: date | None) -> pd.Series:
    if covers_from is None:
        return pd.Series(0, index=started.index, dtype="int64")
    return (pd.Timestamp(covers_from) - started).dt.days.clip(lower=0).astype("int64")
