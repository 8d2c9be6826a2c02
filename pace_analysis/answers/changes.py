"""Did the tests of change help? Changes to one part of the journey that began together are judged together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import pandas as pd

from pace_analysis.answers.runchart import numbered_register
from pace_analysis.care import FollowUp
from pace_analysis.care.milestones import ACCOMMODATED, known_milestones
from pace_analysis.dates import say_date
from pace_analysis.effects import Effect, exposure_effect, waits_of
from pace_analysis.publish import disclosure as gate
from pace_analysis.study import Study
from pace_analysis.survival import SurvivalInputError

TOGETHER_DAYS = 183  # changes that begin within half a year of each other cannot be told apart
FOLLOWED_DAYS = 183  # shorter than this after its start, a change has not met enough children
SHORT_NAMES = MappingProxyType({"recommendation": "permanence_recommendation", "court": "court_lodged", "order": "order_granted",
                                "decision": "permanence_recommendation", "review": "first_review"})


@dataclass(frozen=True)
class ChangeEffect:
    """What happened to the speed of one step after one or more changes began.

    Attributes
    ----------
    numbers : tuple of int
        The changes judged together, as the register numbers them.
    stage : str
        The step, as the register names it.
    began : date
        First day of the first of them.
    rate : ReleasedEstimate or Refused
        Times as fast as before: the hazard ratio of the step, after against before.
    before, after : ReleasedCount
        Steps taken before and after.
    """

    numbers: tuple[int, ...]
    stage: str
    began: date
    rate: gate.ReleasedEstimate | gate.Refused
    before: gate.ReleasedCount
    after: gate.ReleasedCount

    @property
    def parts(self) -> tuple:
        """Every released part."""
        return self.rate, self.before, self.after


def change_effects(study: Study) -> tuple[ChangeEffect, ...]:
    """Judge every change that has begun, on the step that the register says it should shorten, for all children.

    Which children a change is for is free text, so every child at the step is counted, before and after. Changes to no
    step that the extract dates are left out.
    """
    return tuple(_effect(study, group) for group in _groups(study))


def stage_clock(stage: str) -> tuple[str, str] | None:
    """Milestones that a step such as ``agency decision to court`` runs between; None when they are not recognised."""
    parts = [_milestone(part) for part in re.split(r"\s+to\s+", stage.strip().lower())]
    return (parts[0], parts[1]) if len(parts) == 2 and all(parts) and parts[1] not in (parts[0], ACCOMMODATED) else None


def _milestone(name: str) -> str:
    code = SHORT_NAMES.get(name, name.replace(" ", "_"))
    return code if code in known_milestones() else ""


def _groups(study: Study) -> list[pd.DataFrame]:
    register = numbered_register(study.tables.change)
    begun = register[(register["start_date"] <= pd.Timestamp(study.as_at)) & (register["status"] != "planned")]
    groups = []
    clocks = begun["stage"].fillna("").map(lambda stage: " to ".join(stage_clock(stage) or ()))
    for clock, rows in begun.groupby(clocks, sort=True):
        if not clock:
            continue
        while len(rows):
            near = rows["start_date"] <= rows["start_date"].iloc[0] + pd.Timedelta(days=TOGETHER_DAYS)
            groups.append(rows[near])
            rows = rows[~near]
    return sorted(groups, key=lambda rows: rows["start_date"].iloc[0])


def _effect(study: Study, rows: pd.DataFrame) -> ChangeEffect:
    stage, began = rows["stage"].iloc[0], rows["start_date"].iloc[0].date()
    start, finish = stage_clock(stage)
    follow = study.follow_clock(start, finish)
    reached, ended = follow.decided, follow.ended
    after = int((reached & (ended >= pd.Timestamp(began))).sum())
    key = ("steps", stage, study.scheme, began.isoformat(), study.as_at.isoformat())
    counted = [gate.release_count(number, what=f"steps taken {when} {say_date(began)}", key=(*key, when), **study.terms)
               for number, when in ((int(reached.sum()) - after, "before"), (after, "from"))]
    return ChangeEffect(tuple(rows["number"]), stage, began, _rate(study, follow, stage, began), *counted)


def _rate(study: Study, follow: FollowUp, stage: str, began: date) -> gate.ReleasedEstimate | gate.Refused:
    if (study.as_at - began).days < FOLLOWED_DAYS:
        return gate.Refused("too-soon", f"Not judged: {stage}. The change began less than half a year before the data end.")
    effect = _effect_or_none(follow, began)
    if effect is None:
        return gate.Refused("too-few-exits", f"Not judged: {stage}. There are too few steps before or after the change.")
    return gate.release_estimate(effect.estimate, effect.lower, effect.upper, step=0.1, children=effect.children,
                                 exits=min(effect.decisions_before, effect.decisions_after), **study.terms,
                                 key=("rate", stage, study.scheme, began.isoformat(), study.as_at.isoformat()),
                                 what=f"how much faster {stage} was after {say_date(began)}")


def _effect_or_none(follow: FollowUp, began: date) -> Effect | None:
    """None where nobody took the step, too few did, or the days before and after have no bounded ratio."""
    if follow.frame.empty:
        return None
    try:
        effect = exposure_effect(waits_of(follow), began)
    except SurvivalInputError:
        return None
    return effect if isinstance(effect, Effect) else None
