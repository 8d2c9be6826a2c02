"""Every computed sentence of a report, from released results only. Words are decided here once, for page and alt text.

Each function takes what the gate made and returns plain English; where the gate refused, its own sentence is returned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from pace_analysis.publish.binomial import difference
from pace_analysis.publish.disclosure import (
    Refused,
    ReleasedCurve,
    ReleasedPeriodShare,
    ReleasedShare,
    ReleasedTable,
    ReleasedVerdict,
)

VERDICTS = {
    "met": "the aim is met",
    "not met": "the aim is not met",
    "cannot tell yet": "whether the aim is met cannot be told yet",
}
CHANGE_STATUS = {"implemented": "now usual practice", "testing": "being tested", "planned": "due to start", "abandoned": "stopped"}
NO_YEAR_FOLLOWED = Refused(
    "no-complete-year", "Not shown: no complete year of entrants has been followed for 26 weeks in this extract."
)
TOO_FEW_QUARTERS = Refused("too-few-quarters", "Not shown: fewer than two quarters hold enough decisions to be published.")
NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def share(result: ReleasedShare | Refused) -> str:
    """``55% (80 of 145)``."""
    if isinstance(result, Refused):
        return result.sentence
    return f"{result.percent}% ({result.numerator} of {result.denominator})"


def interval(result: ReleasedShare | ReleasedPeriodShare) -> str:
    """``46% to 63%``."""
    return f"{percent(result.lower)} to {percent(result.upper)}"


def aim_position(
    result: ReleasedShare | Refused, verdict: ReleasedVerdict | Refused, *, year: str, within: str, aim: str, so_far: bool
) -> str:
    """Where the aim stands for the latest year of entry: denominator, interval, verdict. ``aim`` is ``95% by ...``."""
    judged = _judged(verdict, so_far)
    if isinstance(result, ReleasedShare):
        return (
            f"Of the {result.denominator} children accommodated in {year}, {share(result)} had a decision within {within}; the aim "
            f"is {aim}. The 95% confidence interval runs from {interval(result)}. {judged}"
        )
    if result.code == "one-group" and isinstance(verdict, ReleasedVerdict):
        many = "All or nearly all" if verdict.reaches else "None or nearly none"
        return f"{many} of the children accommodated in {year} had a decision within {within}; the aim is {aim}. {judged}"
    return result.sentence


def aim_trend(years: Sequence[tuple[object, ReleasedShare | Refused]], *, whose: str = "children accommodated") -> str:
    """The latest year of entry beside the one before, with the difference and its interval."""
    shown = [(year, result) for year, result in years if isinstance(result, ReleasedShare)]
    if len(shown) < 2:
        return "There is no earlier year of entry to compare with."
    (before, old), (after, new) = shown[-2:]
    change, low, high = (round(100 * part) for part in difference((old.numerator, old.denominator), (new.numerator, new.denominator)))
    told = f"{abs(change)} percentage points {'more' if change >= 0 else 'fewer'}"
    chance = "The difference is larger than chance usually explains." if low > 0 or high < 0 else "The difference may be chance."
    return (
        f"For {whose} in {before} the share was {share(old)}; for {after} it is {share(new)}, {told} "
        f"(95% confidence interval of the difference {low} to {high}). {chance}"
    )


def quarter_position(result: ReleasedPeriodShare | Refused, *, within: str, words: str) -> str:
    """The latest quarter's own rates: the timely figure beside the headline."""
    if isinstance(result, Refused):
        return result.sentence
    return (
        f"If every day's rate of decisions seen in {words} held, {result.percent}% of children would have a decision "
        f"within {within} (95% confidence interval {interval(result)})."
    )


def quarterly_trend(quarters: Sequence[tuple[object, ReleasedPeriodShare | Refused]]) -> str:
    """First and last shown quarter of the series."""
    shown = [(quarter, result) for quarter, result in quarters if isinstance(result, ReleasedPeriodShare)]
    if len(shown) < 2:
        return "There are too few quarters to show a series."
    (first, old), (last, new) = shown[0], shown[-1]
    return (
        "The second way looks at all children in care in a quarter, so it sees a change in the quarter in which it happens. "
        f"It stood at {old.percent}% in {first.words} and stands at {new.percent}% in {last.words}. One quarter holds few "
        "decisions and its figure moves widely by chance: read the whole series, not its ends."
    )


def decisions_made(result: ReleasedShare | Refused, *, within: str, words: str) -> str:
    """Workload, with its warning wherever it is printed."""
    if isinstance(result, Refused):
        return f"Decisions made in the quarter. {result.sentence}"
    return (
        f"Of the decisions made in {words}, {share(result)} were made within {within}. This counts work done, not "
        "children's waits: children still waiting are not in it, and clearing a backlog makes it fall."
    )


def decided_by(curve: ReleasedCurve | Refused, week: int, *, year: str) -> str:
    """Share decided by the end of a week, from the released curve; no full stop, so that it may be a headline."""
    if isinstance(curve, Refused):
        return curve.sentence
    return f"By week {week}, {percent(decided_at(curve, 7 * week))} of the children accommodated in {year} had a decision"


def decided_at(curve: ReleasedCurve, day: int) -> float:
    """Released share decided by the end of ``day``, which must be an edge of the curve's grid."""
    points = curve.points.set_index("day")
    return float(points.at[day, curve.estimate_columns[0]])


def half_decided(curve: ReleasedCurve | Refused, *, year: str) -> str:
    """When half of the children were no longer waiting, to the curve's grid."""
    if isinstance(curve, Refused):
        return ""
    window = curve.median()
    if window is None:
        last = int(curve.points["day"].iloc[-1]) // 7
        return f"Of the children accommodated in {year}, more than half were still waiting at {last} weeks."
    after, by = (day // 7 for day in window)
    return f"Half of the children accommodated in {year} were no longer waiting somewhere between week {after} and week {by}."


def routes_position(
    table: ReleasedTable | Refused, *, year: str, within: str, routes: Sequence[str], names: Mapping[str, str], left: str
) -> str:
    """Which decisions were made for the latest year of entry."""
    if isinstance(table, Refused):
        return table.sentence
    parts = [f"{table.words(year, route)} {names[route]}" for route in routes]
    return (
        f"Of the decisions made within {within} for children accommodated in {year}, by route: {series(parts)}; "
        f"{table.words(year, left)} children left without a decision."
    )


def waiting_position(table: ReleasedTable | Refused, *, on: str, long: str) -> str:
    """How many children wait at the data cut, and how many of them for long."""
    if isinstance(table, Refused):
        return table.sentence
    column = table.columns[0]
    return (
        f"On {on}, {table.words(table.total, column)} children were waiting for a decision; {table.words(long, column)} of them "
        f"had been waiting for {long}."
    )


def waiting_headline(table: ReleasedTable, *, long: str) -> str:
    """Headline of the waiting figure: how many of how many have waited long."""
    column = table.columns[0]
    counted = f"{table.words(long, column)} of {table.words(table.total, column)} waiting children"
    return f"{counted[:1].upper()}{counted[1:]} have waited {long}"


def adoptions_position(table: ReleasedTable | Refused) -> str:
    """Adoptions of the latest year and of all years shown."""
    if isinstance(table, Refused):
        return table.sentence
    column, latest, first = table.columns[0], table.rows[-1], table.rows[0]
    latest_year = f"{table.words(latest, column)} children were adopted in {latest}"
    if latest == first:
        return f"{latest_year}."
    return f"{latest_year}, and {table.words(table.total, column)} in the {number(len(table.rows))} years from {first}."


def changes_position(register: pd.DataFrame) -> str:
    """How many changes are at which stage."""
    counts = register["status"].value_counts()
    parts = [f"{number(int(counts[status]))} {'is' if counts[status] == 1 else 'are'} {text}"
             for status, text in CHANGE_STATUS.items() if status in counts.index]
    return f"Of {number(len(register))} changes, {series(parts)}." if parts else "No test of change is recorded."


def number(count: int) -> str:
    """Small numbers in words, as a board paper writes them."""
    return NUMBER_WORDS[count] if 0 <= count < len(NUMBER_WORDS) else str(count)


def _judged(verdict: ReleasedVerdict | Refused, so_far: bool) -> str:
    if isinstance(verdict, Refused):
        return "There are too few children to say whether the aim is met."
    words = VERDICTS[verdict.verdict] + (" so far" if so_far and verdict.verdict == "not met" else "")
    if verdict.verdict == "cannot tell yet":
        side = "reaches" if verdict.reaches else "is below"
        return f"The share {side} the aim, but {words}: with so few children it could differ by chance alone."
    return f"{words[:1].upper()}{words[1:]}."


def percent(proportion: float) -> str:
    """A proportion as whole percent."""
    return f"{round(100 * proportion)}%"


def series(parts: Sequence[str]) -> str:
    """``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
