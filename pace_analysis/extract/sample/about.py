"""What a written sample says of itself: ``README.md`` and ``truth.toml``."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from pace_analysis.dates import Quarter, say_date
from pace_analysis.extract.sample import course, faults, intake
from pace_analysis.extract.sample.court import ADOPTIONS
from pace_analysis.extract.sample.journey import RATIFIED
from pace_analysis.extract.sample.truth import (
    AGE_BANDS,
    CAUSES,
    DAY_BANDS,
    DECISIONS,
    END_REASONS,
    Truth,
    cumulative_incidence,
)

WIDTH = 116
MARK = "# Written by `pace sample`: the known hazards of an invented council."
DAYS_SHOWN = (42, 91, 182, 365, 730)
BEFORE, AFTER = date(2011, 1, 1), date(2014, 6, 1)  # entrants who met one rate of decisions for two years

README = """\
# Exampleshire, an invented council

Every child, date and figure in this folder is simulated. Nothing in it comes from a real child or a real council.

Each folder holds one extract as the council's system would have given it at the end of a quarter:
{quarters}. Its files are `child.csv`, `period.csv`,
`milestone.csv`, `change.csv` and `extract.toml`. The columns are described in
`data/dictionary`. The window opens on {covers_from}: children already in care then have their true start date,
children who had left before it are absent.

Written again, byte for byte, by `pace sample FOLDER` (seed {seed}).

## The lives

- About 160 periods away from home begin each year from {first_year} to {last_year}; about a quarter of the children
  came with brothers or sisters, {shared:.0%} of whose families have one plan for children of one age band.
- {returns:.0%} of the children who go home or to relatives without an order come back within two years: a new
  period of the same child, who then waits by the hazards of the new start and age.
- {supervised:.0%} of the children over one year were supervised at home before (a period of kind `home`).
- Short breaks are periods of kind `short_break`. A few newborn children have a plan made before birth: the
  recommendation is dated before accommodation, and counts on day 0.
- {ratified:.0%} of recommendations are ratified by a second review two to six weeks later.
- {reversed:.0%} of permanence order plans are given up, and {doubt:.0%} of adoption plans unless an order comes
  first; the new plan is a second recommendation.
- Care ends at the eighteenth birthday.
- {total} adoptions in five years from 1 April: {adoptions}.
  The court decides when a child is adopted, never how long the child waited for the decision.

## The truth

`truth.toml` holds the daily hazards of the first of: a permanence decision by one of four routes, or leaving care
without one. They are constant within bands of age at accommodation and of days since accommodation. From
{programme} each hazard of a decision is {speed_up:g} times as high, also for children already waiting; leaving is
unaffected. `pace_analysis.extract.sample.cumulative_incidence` gives the exact probabilities that follow, and
`share_decided` their average over the entrants of a window.

Share decided, and share who left without a decision, by the end of a day, for children accommodated where one
rate held throughout:

{table}

## The faults of recording

Decided from the seed and the record alone, so that the extracts are consistent views of the same lives. The truth
without faults: `snapshot(simulate({seed}), as_at, faults=False)`.

- Recorded late: {late}. All else is recorded on the day.
- Never recorded: {never}.
- Wrong dates: {wrong:.0%} of milestones and ends are first recorded up to {off} days off, and corrected {soonest}
  to {latest} days later. Ends by an order, a birthday or a death are always right.
- Recorded twice: {twice:.0%} of first reviews and referrals to the Reporter; the second record is removed {removed}
  days later.
- Overwritten: {overwritten:.0%} of decisions that were replaced by another plan are lost when the new one is
  recorded, so that the child seems to have waited until then.
- Not recorded: {start_reason:.0%} of start reasons; {destination:.0%} of destinations of ends without an order.

{counts}
"""


def truth_toml(truth: Truth, seed: int) -> str:
    """Return ``truth.toml``: hazards per day by age band and cause, one number for each band of days."""
    lines = [
        MARK,
        f"seed = {seed}",
        f"programme_start = {truth.programme_start.isoformat()}",
        f"speed_up = {truth.speed_up!r}  # times the hazard of every decision, from programme_start on",
        f"first_day_of_band = {list(DAY_BANDS)}  # days since accommodation",
        f"decisions = {_quoted(DECISIONS)}",
        f"ends_without_decision = {_quoted(END_REASONS)}",
    ]
    for age in AGE_BANDS:
        lines += ["", f'[hazard_per_day."{age}"]']
        lines += [f"{cause} = [{', '.join(f'{rate:.7f}' for rate in truth.hazards[age][cause])}]" for cause in CAUSES]
    return "\n".join(lines) + "\n"


def readme(
    truth: Truth, seed: int, quarters: tuple[str, ...], covers_from: date, counts: Mapping[str, Mapping[str, int]]
) -> str:
    """Return ``README.md``; ``counts`` holds the faults of each kind by quarter."""
    text = README.format(
        quarters=", ".join(f"{quarter}: {Quarter.parse(quarter).words}" for quarter in quarters),
        covers_from=say_date(covers_from),
        seed=seed,
        first_year=intake.FIRST_YEAR,
        last_year=intake.LAST_YEAR,
        shared=intake.SHARED_PLAN,
        returns=intake.RETURNS,
        supervised=intake.SUPERVISED_BEFORE,
        ratified=RATIFIED,
        reversed=course.PLAN_REVERSED,
        doubt=course.ADOPTION_IN_DOUBT,
        adoptions=", ".join(f"{year}/{(year + 1) % 100}: {number}" for year, number in ADOPTIONS.items()),
        total=sum(ADOPTIONS.values()),
        programme=say_date(truth.programme_start),
        speed_up=truth.speed_up,
        table="\n".join(_share_rows(truth)),
        counts="\n".join(_count_rows(quarters, counts)),
        **_fault_rates(),
    )
    return "\n".join(_wrapped(line) for line in text.splitlines()) + "\n"


def _wrapped(line: str) -> str:
    """Break a long line of prose; rows of a table stay whole."""
    if line.startswith("|") or len(line) <= WIDTH:
        return line
    return textwrap.fill(line, WIDTH, subsequent_indent="  " if line.startswith(("-", " ")) else "")


def _fault_rates() -> dict[str, object]:
    return {
        "late": ", ".join(
            f"{share:.0%} of {what}s, by {low} to {high} days" for what, (share, low, high) in faults.LATENESS.items()
        ),
        "never": ", ".join(f"{share:.0%} of `{name}`" for name, share in faults.NEVER_RECORDED.items()),
        "wrong": faults.WRONG_DATE,
        "off": faults.OFF_BY,
        "soonest": faults.CORRECTED_AFTER[0],
        "latest": faults.CORRECTED_AFTER[1],
        "twice": faults.RECORDED_TWICE["first_review"],
        "removed": "{} to {}".format(*faults.REMOVED_AFTER),
        "overwritten": faults.OVERWRITTEN,
        "start_reason": faults.START_REASON_NOT_RECORDED,
        "destination": faults.DESTINATION_NOT_RECORDED,
    }


def _share_rows(truth: Truth) -> Iterator[str]:
    yield "| rate | age at accommodation | " + " | ".join(f"day {day}" for day in DAYS_SHOWN) + " |"
    yield "|---|---|" + "---|" * len(DAYS_SHOWN)
    for rate, entered in (("before the programme", BEFORE), ("with the programme", AFTER)):
        for age in AGE_BANDS:
            cells = []
            for day in DAYS_SHOWN:
                shares = cumulative_incidence(truth, day, entered=entered, age_band=age)
                decided, left = (sum(shares[cause] for cause in causes) for causes in (DECISIONS, END_REASONS))
                cells.append(f"{decided:.3f}, {left:.3f}")
            yield f"| {rate} | {age} | {' | '.join(cells)} |"


def _count_rows(quarters: tuple[str, ...], counts: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    yield f"| fault | {' | '.join(quarters)} |"
    yield "|---|" + "---|" * len(quarters)
    for fault, says in faults.FAULTS.items():
        yield f"| {says} | {' | '.join(str(counts[quarter][fault]) for quarter in quarters)} |"


def _quoted(names: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"
