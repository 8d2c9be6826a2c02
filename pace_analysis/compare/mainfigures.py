"""The main figures of a report as sets of periods of care, and its period share: exact, and not for publication."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pace_analysis.aims import DECIDED, cohort_key, decision_table, decisions_key, eligible, in_time, mature_years, not_lost, waiting_key
from pace_analysis.care import FollowUp
from pace_analysis.measures import MEASURES
from pace_analysis.publish.earlier import Key
from pace_analysis.settings import Aim
from pace_analysis.study import Study
from pace_analysis.survival import SurvivalInputError, share_by

ENTRY, ALL, IN_TIME = "entry year", "all", "in time"
WAITING: Key = ("waiting",)
DECISIONS: Key = ("decisions made", ALL)
DECISIONS_IN_TIME: Key = ("decisions made", IN_TIME)


@dataclass(frozen=True)
class MainFigures:
    """What is counted in each main figure of a study.

    Attributes
    ----------
    counted : mapping of figure to set of period ids
        Each figure is the size of its set: children due in each entry year and those decided in time, children waiting
        at the data cut, decisions made in the quarter and those in time.
    released : mapping of figure to key
        What the ledger calls each figure.
    share : float or None
        Share decided within the limit at the quarter's own rates; None where nobody was followed to the limit.
    """

    counted: Mapping[Key, frozenset[str]]
    released: Mapping[Key, Key]
    share: float | None


def main_figures(study: Study, aim: Aim) -> MainFigures:
    """Count the main figures of a study, as its report does."""
    decision = study.decision
    follow = decision if _is_of_every_decision(aim) else eligible(study, aim)
    counted = {WAITING: frozenset(decision.frame.index[decision.waiting]), **_decisions(study, follow, aim)}
    made = decisions_key(study, aim)
    released = {WAITING: waiting_key(study), DECISIONS: made, DECISIONS_IN_TIME: (*made, "yes")}
    known = not_lost(follow, aim)
    for year in mature_years(study, aim):
        cohort = known.entered(year.first_day, year.last_day)
        counted[ENTRY, str(year), ALL] = frozenset(cohort.frame.index)
        counted[ENTRY, str(year), IN_TIME] = frozenset(cohort.frame.index[in_time(cohort, aim) & cohort.decided])
        entered = cohort_key(study, aim, year)
        released |= {(ENTRY, str(year), ALL): entered, (ENTRY, str(year), IN_TIME): (*entered, DECIDED)}
    return MainFigures(counted, released, _share(study, follow, aim))


def _is_of_every_decision(aim: Aim) -> bool:
    """Whether an aim is about every wait for a decision, so that they need not be followed twice."""
    clock = MEASURES["decision"]
    return (aim.start, aim.finish, aim.age_under, aim.stay, aim.routes) == (clock.start, clock.finish, None, "any", ())


def _decisions(study: Study, follow: FollowUp, aim: Aim) -> dict[Key, frozenset[str]]:
    first, last = pd.Timestamp(study.quarter.first_day), pd.Timestamp(study.quarter.last_day)
    made = follow.where(follow.decided & follow.ended.between(first, last))
    return {DECISIONS: frozenset(made.frame.index), DECISIONS_IN_TIME: frozenset(made.frame.index[in_time(made, aim)])}


def _share(study: Study, follow: FollowUp, aim: Aim) -> float | None:
    seen = follow.during(study.quarter.first_day, min(study.quarter.last_day, study.as_at))
    if seen.frame.empty:
        return None
    try:
        share = float(share_by(decision_table(seen), aim.within.nominal_days, outcome=1)["estimate"].iloc[0])
    except SurvivalInputError:  # nobody was followed to the limit
        return None
    return share if np.isfinite(share) else None
