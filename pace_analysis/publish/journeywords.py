"""Sentences on the journey, on changes and on what lies ahead, from released results only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from pace_analysis.pathways import Pathway
from pace_analysis.publish.disclosure import Refused, ReleasedCount, ReleasedCurve, ReleasedEstimate, ReleasedShare, ReleasedTable
from pace_analysis.publish.wording import number, percent, series

DECIDED, LEFT, OVER = "decided", "left", "over"
MODEL = (
    "The gain is worked out by a model: on every day in the stage children would move on twice as often, to a later stage or straight "
    "to the decision, leave care as often as before, and nothing else would change."
)
ENOUGH_STEPS = 4  # of a numerator: of a smaller one rounding is more than a tenth
NOT_SHOWN = "not shown"
NO_PROOF = "Other things may have changed at the same time."


def state_names(pathway: Pathway) -> dict[str, str]:
    """What each state is called in a figure: stages by their title, then how the wait ended."""
    return {stage.id: stage.title for stage in pathway.before_decision} | {DECIDED: "decided", LEFT: "left without a decision"}


def occupancy_headline(shares: pd.DataFrame, year: str, names: Mapping[str, str]) -> str:
    """Where most of those without a decision were in the limit's week (or the last shown); no full stop."""
    week = 26 if 26 in shares.index else int(shares.index[-1])
    at = shares.loc[week]
    stages = at.drop([DECIDED, LEFT])
    busiest = str(stages.idxmax())
    told = f"At week {week}, {percent(at[DECIDED])} of the children accommodated in {year} had a decision"
    if 2 * stages[busiest] <= stages.sum():
        return told
    return f"{told}; most of those still waiting were in one stage: {names[busiest].lower()} ({percent(stages[busiest])})"


def where_time_goes(days: Mapping[str, float], year: str, names: Mapping[str, str]) -> str:
    """Days spent in each stage on average; they add up."""
    shown = days_shown(days)
    stages = [f"{spent} days in the stage {names[state].lower()}" for state, spent in shown.items() if state != OVER and spent]
    return (f"Of their first {sum(shown.values())} days, children accommodated in {year} spent on average {series(stages)}; for the other "
            f"{shown[OVER]} days they had a decision or had left care.")


def days_shown(days: Mapping[str, float]) -> dict[str, int]:
    """Whole days in each stage and, under ``over``, decided or gone; they add up to the time they are of."""
    return whole_days({state: spent for state, spent in days.items() if state not in (DECIDED, LEFT)} | {OVER: days[DECIDED] + days[LEFT]})


def whole_days(days: Mapping[str, float]) -> dict[str, int]:
    """Days as whole numbers that still add up: the largest remainders are rounded up."""
    short = round(sum(days.values())) - sum(int(spent) for spent in days.values())
    up = sorted(days, key=lambda state: int(days[state]) - days[state])[:short]
    return {state: int(spent) + (state in up) for state, spent in days.items()}


def half_moved_on(curve: ReleasedCurve | Refused) -> str:
    """When half had left a stage, to the bins of the released curve, as a cell of a table."""
    if isinstance(curve, Refused):
        return "not shown"
    window = curve.median()
    if window is None:
        return f"over {int(curve.points['day'].iloc[-1])} days"
    after, by = window
    return f"{after} to {by} days" if after else f"within {by} days"


def gain_cell(gain: ReleasedEstimate | Refused) -> str:
    """Percentage points with their interval, as a cell of a table."""
    if isinstance(gain, Refused):
        return "not shown"
    return f"{gain.value:+.0f} ({gain.lower:.0f} to {gain.upper:.0f})"


def blockage_position(ranked: Sequence[tuple[str, str, ReleasedEstimate]], within: str) -> str:
    """Which stage is worth most, and whether the ranking can be told from chance. ``ranked``: (stage, partner, gain), best first."""
    if not ranked:
        return "Which stage holds children back most is not shown: there are too few children to tell."
    stage, partner, best = ranked[0]
    told = (f"If children moved on twice as fast from the stage {stage.lower()} (held by {partner}), about {best.value:.0f} in a hundred "
            f"more would have a decision within {within} (95% interval {best.lower:.0f} to {best.upper:.0f}).")
    others = [other for _, _, other in ranked[1:]]
    if others and others[0].upper > best.lower:
        return f"{told} The intervals of the stages overlap, so their order may be chance. {MODEL}"
    return f"{told} {MODEL}"


def rate_cell(rate: ReleasedEstimate | Refused) -> str:
    """Times as fast, with the interval, as a cell of a table."""
    if isinstance(rate, Refused):
        return "not judged yet" if rate.code == "too-soon" else "too few to judge"
    return f"{rate.value:.1f} ({rate.lower:.1f} to {rate.upper:.1f})"


def rate_reading(rate: ReleasedEstimate | Refused) -> str:
    """What the interval allows to say: faster, slower, or neither."""
    if isinstance(rate, Refused):
        return "-"
    if rate.lower > 1:
        return "faster"
    return "slower" if rate.upper < 1 else "no clear difference"


def changes_effect(rates: Sequence[tuple[str, ReleasedEstimate | Refused]]) -> str:
    """Which steps went faster or slower after their changes; ``rates``: (stage, rate)."""
    judged = [(stage, rate) for stage, rate in rates if isinstance(rate, ReleasedEstimate)]
    if not judged:
        return "No change can be judged yet: each began too recently, or too few children have met it."
    faster, slower = [pair for pair in judged if pair[1].lower > 1], [pair for pair in judged if pair[1].upper < 1]
    compared = ("One comparison of a step before and after its changes" if len(judged) == 1
                else f"{number(len(judged)).capitalize()} comparisons of a step before and after its changes")
    return f"{compared} can be judged. Faster since: {_rates(faster)}; slower since: {_rates(slower)}. {NO_PROOF}"


def outlook_position(decided: ReleasedEstimate | Refused, in_time: ReleasedEstimate | Refused, *, by: str, within: str) -> str:
    """How many of those waiting will have a decision by a date, with the prediction interval."""
    if isinstance(decided, Refused):
        return decided.sentence
    told = (f"If decisions go on at the rate of the past year, {_about(decided)} of the children now waiting will have a decision "
            f"by {by} (95% prediction interval {decided.lower:.0f} to {decided.upper:.0f})")
    if isinstance(in_time, Refused):
        return f"{told}."
    return f"{told}; {_about(in_time)} of them within {within} ({in_time.lower:.0f} to {in_time.upper:.0f})."


def limits_position(over: ReleasedCount, falling: ReleasedCount, *, within: str, until: str) -> str:
    """Children over their limit, and children whose limit falls next."""
    return (f"Of the children now waiting, {over.words} have already waited more than {within}, and for {falling.words} the limit falls "
            f"by {until}.")


NEEDED_TOO_FEW = "Too few children have been accommodated this year to say what the aim still needs."


def needed_position(
    verdict: str, number: int, table: ReleasedTable, *, year: str, aim: str, within: str
) -> str:
    """What the children of the current entry year still need for the aim. ``table``: one row, decided, open and other."""
    decided, still_open, everyone = (table.cell(0, column) for column in ("decided", "open", table.total))
    told = (f"Of about {everyone} children accommodated so far in {year}, {table.words(0, 'decided')} had a decision within {within} and "
            f"{table.words(0, 'open')} are still waiting within their limit.")
    if verdict == "already reached":
        return f"{told} The aim of {aim} is reached for them whatever happens now."
    best = percent((decided + still_open) / everyone)
    if verdict == "out of reach":
        return f"{told} Even if all of these are decided in time the share would be about {best}, and the aim of {aim} is out of reach for them."
    return (f"{told} The aim of {aim} can still be reached for them if about {number} of these are decided in time; if all are, the share would be "
            f"about {best}.")


def balancing_position(measures: Sequence[tuple[str, str, str]]) -> str:
    """The balancing measures of the latest years, in one sentence. ``measures``: (title, year, words of its cell)."""
    shown = [f"{title[:1].lower()}{title[1:]}, {words} ({year})" for title, year, words in measures if words != NOT_SHOWN]
    if not shown:
        return "Whether speed is bought with harm cannot be shown: the numbers are too small."
    return f"So that speed is not bought with harm, these are watched too, in rounded counts: {'; '.join(shown)}."


def rare_share(pair: ReleasedTable | Refused, share: ReleasedShare | Refused) -> str:
    """A share of something rare: the percentage, or the protected pair alone where rounding would make most of it."""
    if isinstance(share, ReleasedShare) and share.numerator >= ENOUGH_STEPS * share.profile.base:
        return f"{share.percent}% ({share.numerator} of {share.denominator})"
    if isinstance(pair, Refused) or not pair.cell(0, pair.total):
        return NOT_SHOWN
    return f"{pair.words(0, pair.columns[0])} of {pair.words(0, pair.total)}"


def waiting_now(table: ReleasedTable | Refused, stage: str) -> str:
    """Children in a stage now, as a cell of a table."""
    return "not shown" if isinstance(table, Refused) else table.words(stage, table.columns[0])


def _about(number: ReleasedEstimate) -> str:
    """A forecast of children: a rounded 0 is any number below the step."""
    return f"fewer than {number.step:.0f}" if number.value == 0 and number.step > 1 else f"about {number.value:.0f}"


def _rates(pairs: Sequence[tuple[str, ReleasedEstimate]]) -> str:
    if not pairs:
        return "none"
    return series([f"{stage} ({rate.value:.1f} times as fast, {rate.lower:.1f} to {rate.upper:.1f})" for stage, rate in pairs])
