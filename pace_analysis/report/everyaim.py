"""Every aim answered for one authority, as text for a terminal: number, denominator, interval, verdict, trend, kinds of child."""

from __future__ import annotations

from pace_analysis.aims import Progress, progress
from pace_analysis.answers.cohorts import CohortAnswers, by_cohort
from pace_analysis.publish import wording
from pace_analysis.publish.disclosure import Refused, ReleasedShare
from pace_analysis.settings import Aim, load_aims
from pace_analysis.study import Study

INDENT = "    "


def every_aim(study: Study) -> str:
    """Answer every stated aim in ``data/aims`` from one study; recalled aims are left out."""
    stated = [aim for aim in load_aims().values() if aim.status == "stated"]
    return "\n\n".join(_answer(aim, progress(study, aim), by_cohort(study, aim)) for aim in stated)


def _answer(aim: Aim, told: Progress, kinds: CohortAnswers) -> str:
    year = f"{told.years[-1][0]}" if told.years else "no complete year"
    lines = [
        aim.id,
        aim.says,
        f"children whose clock started in {year}: {_in_time(told.headline)}",
        f"aim of {aim.percent} within {aim.within}: {_verdict(told)}",
        f"trend: {wording.aim_trend(told.years, whose='children whose clock started')}",
        *(f"{kind}: {_in_time(share)}" for kind, share in kinds.shares),
    ]
    return f"\n{INDENT}".join(lines)


def _in_time(share: ReleasedShare | Refused) -> str:
    if isinstance(share, Refused):
        return "not shown, too few or all alike"
    return f"{wording.share(share)} in time (95% confidence interval {wording.interval(share)})"


def _verdict(told: Progress) -> str:
    return "too few children to judge" if isinstance(told.verdict, Refused) else told.verdict.verdict
