"""The sentences of a report's method note: data quality, definitions, protection."""

from __future__ import annotations

from collections.abc import Sequence

from pace_analysis.publish.disclosure import Refused, ReleasedCount, ReleasedTable
from pace_analysis.publish.profiles import Profile
from pace_analysis.publish.wording import series
from pace_analysis.settings import Aim, Definitions
from pace_analysis.tables.schema import CODES


def data_quality(
    rows: ReleasedTable | Refused, notes: Sequence[str], source: str, unknown_start: ReleasedCount
) -> str:
    """Rows used and set aside, children whose wait has no start, then what the format's dates stand for."""
    account = rows.sentence if isinstance(rows, Refused) else _account(rows)
    unknown = (f"{unknown_start.words} periods of care began before the extract, on a day it does not hold; the children in them "
               "may be waiting too and are in no figure.",) if unknown_start.count else ()
    return " ".join([f"The figures come from: {source}.", account, *unknown, *(_sentence(note) for note in notes)])


def method(definitions: Definitions, aim: Aim) -> str:
    """Clock, limit and the choices that change numbers."""
    review = {"first": "the review that first recommends it", "ratified": "the review that ratifies it, where one does"}
    stays = {"each": "every period of care away from home counts, also a child's second",
             "first": "only a child's first period of care away from home counts"}
    clock = {"accommodated": "the day a child is accommodated", "looked_after": "the day a child is looked after, supervision at "
             "home that led straight to accommodation included,"}[definitions.clock_starts]
    ends = [CODES["end_reason"][end] for end in definitions.ends_that_censor]
    censor = f" Nothing is taken as known after these ends: {series(ends)}." if ends else ""
    lag = (f" The last {definitions.recording_lag_days} days of the extract are left out, because events in them are still "
           "being recorded." if definitions.recording_lag_days else "")
    weeks = (f" The curves by week and the quarterly figures take {aim.within} as {aim.within.nominal_days} days."
             if aim.within.unit == "months" else "")
    return (
        f"Waits are counted in whole days from {clock} (day 0) to the decision: a recommendation of "
        f"permanence by any route, return home included. The decision is dated by {review[definitions.recommendation]}; "
        f"{stays[definitions.reentry]}. A decision on the last day of the {aim.within} is in time.{weeks} A decision made before the "
        f"clock started counts on day 0. Leaving care, turning {definitions.care_ends_at_age}, dying or moving to another authority "
        f"before a decision ends the wait without one.{censor}{lag} Shares are cumulative incidences, so decided, left and still "
        "waiting always add to the whole; intervals are Clopper-Pearson intervals at 95%. They take children as independent; "
        "brothers and sisters often share a plan, so the true uncertainty is somewhat larger."
    )


def sensitivity(limit: str, changed: Sequence[tuple[object, ReleasedCount]], years: Sequence[str]) -> str:
    """How many children would change side, in time or not, were the limit read another way."""
    if not changed:
        return "There is no other reading of the limit to try, or no complete year to try it on."
    parts = [f"{count.words} with {other}" for other, count in changed]
    span = years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"
    return (f"Were the limit counted in days or weeks instead of {limit}, the number of children accommodated in {span} for whom "
            f"the answer changes would be: {series(parts)}.")


def protection(profile: Profile) -> str:
    """How counts were protected, so that no child can be told from them."""
    if not profile.protects:
        return "No disclosure control was applied: these figures are not for publication."
    return (
        f"So that no child can be recognised, counts of fewer than {profile.first_step} are never shown. The tables and the "
        f"quarterly figures rest on counts rounded to multiples of {profile.base}, year by year, so that totals within a year add "
        f"up. The curves rest on children grouped in steps of 14 days or more, each with at least {profile.threshold} of them. The "
        "verdict on the aim, and whether it can still be reached, are judged on the rounded counts. Gains, speeds and forecasts are "
        "worked out from exact counts, and shown in whole steps and not for few children. A year's share is shown only when its "
        "children have all been followed to the end of the limit, and only as far as all of them were followed."
    )


def _account(rows: ReleasedTable) -> str:
    parts = [f"{rows.words(name, 'used')} {name} rows" for name in rows.rows]
    aside = rows.words(rows.total, "set aside").replace("fewer than", "none or fewer than")
    return f"Rows used, rounded: {series(parts)}; {aside} rows were set aside because they break a rule."


def _sentence(note: str) -> str:
    text = note[:1].upper() + note[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
