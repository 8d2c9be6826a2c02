"""Everyday averages against the truth, on invented children whose hazards are known.

The question is always the same: of the children who come into care, what share has a decision within 182 days? Five
measures answer it at the end of a quarter. Two count everyone who waits, for as long as each was seen. Three count only
waits that are over, or decided; long waits are missing from them because they are long.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from types import MappingProxyType

import numpy as np
import pandas as pd

from pace_analysis.aims import decision_table
from pace_analysis.care import FollowUp, follow_up
from pace_analysis.dates import Quarter
from pace_analysis.errors import UsageError
from pace_analysis.extract.sample import EXAMPLESHIRE, SEED, Life, first_waits, share_decided, simulate, snapshot
from pace_analysis.survival import share_by

DAY = 182
PROGRAMME_START = EXAMPLESHIRE.programme_start
# the last quarter whose entrants were followed for half a year before the programme, and the same one two years on
QUARTERS = (Quarter(2013, 2), Quarter(2015, 2))
INTAKE = 30.0  # so many children that chance moves a share by one or two points only

EVERYONE = MappingProxyType({
    "entry cohort": "all who came into care in the year",
    "period life table": "all who waited in the quarter",
})
FINISHED_ONLY = MappingProxyType({
    "decisions this quarter": "only decisions of the quarter",
    "known outcome": "only those decided or gone",
    "completed only": "only those with a decision",
})


def everyday_measures(
    seed: int = SEED, intake: float = INTAKE, *, quarters: Sequence[Quarter] = QUARTERS
) -> pd.DataFrame:
    """Share decided within 182 days by five measures, beside the share that the hazards make true.

    Parameters
    ----------
    seed : int
        Of the simulated lives.
    intake : float
        Times the usual number of families; see :func:`pace_analysis.extract.sample.simulate`.
    quarters : sequence of Quarter
        Each measure is taken at the end of each of them, from what is known on that day. "The year" is the quarter
        and the three before it.

    Returns
    -------
    DataFrame, one row a quarter and measure
        ``measure`` (a key of :data:`EVERYONE` or :data:`FINISHED_ONLY`), ``period`` (the quarter, as text), ``value``,
        ``truth`` (exact share of the year's entrants), ``bias`` (value less truth), ``std_error`` (of the value).

    Raises
    ------
    UsageError
        If the simulation holds no extract of a quarter, or entrants of its year met the rates of before and after
        the start of the programme: then no single share is true.

    Notes
    -----
    The children are invented, so nothing here passes the disclosure gate, and nothing here may be published.
    """
    for quarter in quarters:
        _check_one_rate(quarter)
    lives = simulate(seed, intake=intake)
    return pd.concat([_at_end_of(quarter, lives) for quarter in quarters], ignore_index=True)


def _check_one_rate(quarter: Quarter) -> None:
    opens, settled = quarter.shift(-3).first_day, quarter.last_day + timedelta(days=DAY)
    if opens < PROGRAMME_START <= settled:
        raise UsageError(
            f"No single share is true of the children who came into care in the year to the end of {quarter}: some of "
            "their waits met the rates of before the programme and some those of after its start.",
            where=f"quarter {quarter}; programme start {PROGRAMME_START}",
            remedy=f"Choose a quarter up to {QUARTERS[0]}, or from 2015Q1 on.",
        )


def _at_end_of(quarter: Quarter, lives: tuple[Life, ...]) -> pd.DataFrame:
    opens, cut = quarter.shift(-3).first_day, quarter.last_day
    follow = follow_up(snapshot(lives, cut, faults=False))
    year = follow.entered(opens, cut)
    made = follow.decided & follow.ended.between(pd.Timestamp(quarter.first_day), pd.Timestamp(cut))
    shares = {
        "entry cohort": _by_life_table(year),
        "period life table": _by_life_table(follow.during(quarter.first_day, cut)),
        "decisions this quarter": _by_counting(follow.where(made)),
        "known outcome": _by_counting(year.where(year.frame["outcome"] > 0)),
        "completed only": _by_counting(year.where(year.decided)),
    }
    entries = [entry for entry, *_ in first_waits(lives) if opens <= entry.entered <= cut]
    truth = share_decided(EXAMPLESHIRE, DAY, entries)
    value, std_error = np.array(list(shares.values())).T
    return pd.DataFrame({"measure": list(shares), "period": str(quarter), "value": value, "truth": truth,
                         "bias": value - truth, "std_error": std_error})


def _by_life_table(follow: FollowUp) -> tuple[float, float]:
    """Cumulative incidence of a decision by day 182, and its standard error."""
    decided = share_by(decision_table(follow), DAY, outcome=1).iloc[0]
    return float(decided["estimate"]), float(decided["std_error"])


def _by_counting(finished: FollowUp) -> tuple[float, float]:
    """Plain share, of finished waits, of those decided by day 182, and its binomial standard error."""
    share = float((finished.decided & (finished.frame["last_day"] <= DAY)).mean())
    return share, float(np.sqrt(share * (1 - share) / len(finished.frame)))
