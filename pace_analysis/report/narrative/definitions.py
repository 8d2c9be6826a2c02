"""What each fact is, in one sentence a report author can rely on: of whom, since when, counted how."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pace_analysis.report.blocks import Fact

DEFINITIONS = {
    "authority": "Name of the authority, from its settings.",
    "quarter": "Last quarter that the report includes: calendar year and quarter.",
    "quarter_months": "The same quarter as its months.",
    "as_at": (
        "Last day of data used: the quarter's last day, less the recording lag of the settings. Nobody is "
        "followed beyond it."
    ),
    "aim": "The aim as it was published.",
    "aim_limit": "Time within which the aim wants a decision; its last day counts as in time.",
    "aim_position": "Where the aim stands: the share of aim_share with its interval and the verdict of aim_verdict.",
    "aim_share": (
        "Children who started the aim's clock in the latest reporting year whose every child has been followed to"
        " the end of the limit: those with a decision within it, of all of them. Counts are protected by "
        "rounding."
    ),
    "aim_verdict": (
        "That share against the aim's target, judged on exact counts; \"cannot tell yet\" where chance could "
        "explain the gap."
    ),
    "aim_trend": (
        "The same share beside that of the year of entry before, with the difference in percentage points and its"
        " interval."
    ),
    "quarter_position": (
        "Share of children who would have a decision within the limit if each day's rate of decisions in this "
        "quarter held (period life table of all children in care in it)."
    ),
    "quarterly_trend": "That share in the first and the last quarter shown.",
    "decisions_made": (
        "Decisions dated in the quarter: those made within the limit, of all made. Counts work done, not waits."
    ),
    "routes_position": (
        "Decisions within the limit by route, for the children of aim_share, and how many left care without one."
    ),
    "decided_by_week": (
        "Share with a decision by the end of the week of the limit, for the latest year of entry, read from its "
        "curve (cumulative incidence; leaving care without a decision competes)."
    ),
    "decided_by_26_weeks": "That share alone.",
    "half_decided": (
        "Between which weeks half of the children of the year with the longest curve were no longer waiting."
    ),
    "waiting_position": "Children waiting on the last day of data, and how many of them for long. Rounded.",
    "waiting_total": "Children waiting for a decision on the last day of data. Rounded.",
    "adoptions_position": "Children adopted in the latest reporting year and in all years shown.",
    "changes_position": (
        "Tests of change in the register, by how far they have come. Changes are counted exactly: they are no "
        "children."
    ),
    "run_chart_position": (
        "Whether the quarterly series shows a change that chance does not explain, by the rules the settings "
        "choose."
    ),
    "baseline_suggestion": "Whether the run chart suggests a new baseline.",
    "where_time_goes": (
        "Average days in each stage, of the days of the limit, for the latest year of entry that can be shown; "
        "they add up."
    ),
    "blockage_position": (
        "Stage in which moving on twice as fast would bring most decisions within the limit, by a model of the "
        "journey."
    ),
    "changes_effect": "Speed of each step after its changes began against before, where both can be judged.",
    "quarters_to_tell": "Quarters it takes until a change of a stated size is likely to show.",
    "outlook_position": (
        "Forecast of decisions for the children now waiting, at the rate of the past year, with its prediction "
        "interval."
    ),
    "limits_position": (
        "Children waiting whose limit has passed, and those whose limit falls by the end of next quarter. "
        "Rounded."
    ),
    "still_needed": (
        "What the children of this reporting year who are still within their limit must bring for the aim to be "
        "met."
    ),
    "balancing_position": "Harms that speed could do, each with the latest year in which it can be shown. Rounded.",
    "compared_with": "Last report of an earlier quarter that was released.",
    "waiting_moved": (
        "What moved the number of children waiting since that report, each child for one reason. Rounded, and "
        "adding up."
    ),
    "late_records": (
        "Children of the latest entry year of that report, and decisions of its quarter, whose place in its "
        "figures records that came late or were corrected would move. Its figures stay as released. Rounded."
    ),
    "counted_alike": (
        "Whether figures are counted by the same definitions, window and version of the program as in that "
        "report."
    ),
    "data_quality": "Where the figures come from, rows used, and rows set aside because they break a rule.",
    "method": "How waits are counted, by the definitions of the settings.",
    "sensitivity": "Children for whom the answer would change if the limit were counted in weeks or days. Rounded.",
    "protection": "How numbers are protected, by the profile of the report.",
}


def defined(facts: Iterable[Fact]) -> dict[str, Fact]:
    """Return facts by key, each with its definition; ``KeyError`` for a fact that nobody defined."""
    return {fact.key: replace(fact, definition=DEFINITIONS[fact.key]) for fact in facts}
