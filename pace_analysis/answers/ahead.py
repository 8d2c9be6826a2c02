"""What lies ahead of the children now waiting: decisions by the aim's date, limits that fall, what the aim still needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from pace_analysis.aims import aim_scheme, decision_table, eligible, in_time
from pace_analysis.care import FollowUp
from pace_analysis.dates import ReportingYear
from pace_analysis.improvement import power_sentence
from pace_analysis.outlook import limits_ahead, still_needed
from pace_analysis.publish import disclosure as gate
from pace_analysis.publish import journeywords
from pace_analysis.settings import Aim
from pace_analysis.study import Study
from pace_analysis.survival.forecast import Forecast, forecasts

PAST_QUARTERS = 4  # quarters whose rates are taken to go on
SEED = 2015
SPEED_UP = 1.5  # the change whose detection is asked about: decisions half as fast again

Estimate = gate.ReleasedEstimate | gate.Refused


@dataclass(frozen=True)
class OutlookAnswers:
    """What lies ahead; every part has passed the gate.

    Attributes
    ----------
    by : date
        The aim's date, or the end of the next quarter once that is past.
    next_quarter_ends : date
    decided, in_time : ReleasedEstimate or Refused
        Children now waiting who will be decided by then, and those of them within their limit.
    over, falling : ReleasedCount
        Children now waiting whose limit has passed, and whose limit falls by the end of the next quarter.
    still_needed, quarters_to_tell : str
        Sentences.
    needed_parts : tuple
        What the sentences are made of.
    """

    by: date
    next_quarter_ends: date
    decided: Estimate
    in_time: Estimate
    over: gate.ReleasedCount
    falling: gate.ReleasedCount
    still_needed: str
    needed_parts: tuple
    quarters_to_tell: str

    @property
    def parts(self) -> tuple:
        """Every released part."""
        return self.decided, self.in_time, self.over, self.falling, *self.needed_parts


def outlook_answers(study: Study, aim: Aim, long_wait: tuple[int, int] | None = None) -> OutlookAnswers:
    """Look ahead from the data cut at the rates of the past year; everything returned has passed the gate.

    ``long_wait`` is an exact count of children whose wait is long and what was shown for it: where those over the limit
    are as many, they are shown as the same number.
    """
    follow, limits = eligible(study, aim), limits_ahead(study, aim)
    next_ends = study.quarter.shift(1).last_day
    by = aim.by if aim.by and aim.by > study.as_at else next_ends
    day = study.as_at.isoformat()
    key = ("over the limit", aim_scheme(study, aim), day)
    shown = {key: long_wait[1]} if long_wait and long_wait[0] == limits.over else {}
    over = gate.release_count(limits.over, what="children over their limit", key=key, profile=study.profile,
                              earlier=study.earlier.beside(shown))
    falling = gate.release_count(limits.falling(next_ends), what="children whose limit falls",
                                 key=("limit falls", aim_scheme(study, aim), day, next_ends.isoformat()), **study.terms)
    past = follow.during(study.quarter.shift(1 - PAST_QUARTERS).first_day, study.as_at)
    decided, on_time = _forecasts(study, aim, past, {
        "children now waiting who will have a decision": limits.until(by),
        "children now waiting who will have a decision within their limit": limits.in_time_until(by),
    })
    needed, needed_parts = _needed(study, follow, aim)
    intake = _intake(study, follow)
    return OutlookAnswers(by, next_ends, decided, on_time, over, falling, needed, (*needed_parts, intake),
                          power_sentence(intake.count / PAST_QUARTERS, SPEED_UP))


def _forecasts(study: Study, aim: Aim, past: FollowUp, questions: dict[str, tuple[np.ndarray, np.ndarray]]) -> list[Estimate]:
    decisions = int(past.decided.sum())
    asked = {what: days for what, days in questions.items() if len(days[0]) and decisions}
    told = forecasts(decision_table(past), list(asked.values()), outcome=1, seed=SEED) if asked else []
    found = dict(zip(asked, told, strict=True))
    return [_released(study, aim, past, what, found.get(what)) for what in questions]


def _released(study: Study, aim: Aim, past: FollowUp, what: str, told: Forecast | None) -> Estimate:
    if told is None:
        return gate.Refused("nobody", f"Not shown: {what}. There is nobody to say it of, or no decision in the past year.")
    step = max(1, study.profile.base)
    return gate.release_estimate(told.expected, told.lower, told.upper, step=step, children=len(past.frame),
                                 exits=int(past.decided.sum()), what=what, **study.terms,
                                 key=("forecast", what, aim_scheme(study, aim), study.as_at.isoformat()))


def _needed(study: Study, follow: FollowUp, aim: Aim) -> tuple[str, tuple]:
    """What the children of the current entry year still need for the aim, from protected counts alone, and these."""
    year = ReportingYear.of(study.as_at, study.authority.year_starts_in_month)
    entered = follow.where(follow.frame["started"] >= pd.Timestamp(year.first_day))
    due = aim.within.due(entered.frame["started"].to_numpy())
    decided = (in_time(entered, aim) & entered.decided).to_numpy()
    is_open = entered.waiting.to_numpy() & (due > np.datetime64(study.as_at))
    counts = {"decided": int(decided.sum()), "open": int(is_open.sum()), "other": int((~decided & ~is_open).sum())}
    table = gate.release_table(pd.DataFrame([counts]), title=f"children accommodated so far in {year}", axis="columns",
                               key=("so far", aim.id, aim_scheme(study, aim), str(year), study.as_at.isoformat()), **study.terms)
    if isinstance(table, gate.Refused) or table.cell(0, table.total) < study.profile.minimum_target:
        return journeywords.NEEDED_TOO_FEW, ()
    needed = still_needed(*(table.cell(0, column) for column in ("decided", table.total, "open")), aim.share)
    words = journeywords.needed_position(needed.verdict, needed.number, table, year=str(year), aim=aim.percent,
                                         within=str(aim.within))
    return words, (table,)


def _intake(study: Study, follow: FollowUp) -> gate.ReleasedCount:
    """Children accommodated in the past year."""
    first = pd.Timestamp(study.quarter.shift(1 - PAST_QUARTERS).first_day)
    return gate.release_count(int((follow.frame["started"] >= first).sum()), what="children accommodated in the past year",
                              key=("intake", study.scheme, study.as_at.isoformat()), **study.terms)
