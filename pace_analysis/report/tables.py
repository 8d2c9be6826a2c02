"""Released results as the tables of a board paper, by the names an author types in ``[table: name]``."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from pace_analysis.aims import DECIDED, LEFT, WAITING
from pace_analysis.answers import BoardAnswers, answers_alone
from pace_analysis.answers.runchart import numbered_register
from pace_analysis.dates import say_date
from pace_analysis.publish import disclosure as gate
from pace_analysis.publish import wording
from pace_analysis.publish.disclosure import Refused, Release, ReleasedPeriodShare, ReleasedShare
from pace_analysis.report import comparing, journeytables
from pace_analysis.report.blocks import TableBlock

ROUNDED = "Counts are rounded to multiples so that they add up; they are not exact."
_STATES = "Decided: by any route within the limit. Left: left care without a decision. Waiting: no decision yet at the limit."
KNOWN = "These figures were public before and are shown as published; the extract agrees with them."


def tables(answers: BoardAnswers) -> dict[str, TableBlock]:
    """Return every table by its name; a refused one says why in its place."""
    answers_alone(answers)
    return {name: make(answers) for name, make in TABLES.items()}


def aim_three_ways(answers: BoardAnswers) -> TableBlock:
    """The aim answered by entry cohort, by children in care in the quarter, and by decisions made."""
    progress, months = answers.progress, answers.quarter.words
    year = progress.years[-1][0] if progress.years else "the latest year"
    quarter = progress.quarters[-1][1] if progress.quarters else wording.TOO_FEW_QUARTERS
    rows = (
        _way(f"Children accommodated in {year} (headline)", progress.headline, _verdict(progress.verdict)),
        _way(f"All children in care in {months}, at that quarter's rates", quarter, "not judged"),
        _way(f"Decisions made in {months} (workload, not waits)", progress.decisions_made, "not judged"),
    )
    return TableBlock(
        "aim_three_ways", f"Share decided within {progress.aim.within}, counted three ways",
        (("Counted among", "Number", "Share", "95% interval", f"Aim of {progress.aim.percent}"),), rows,
        notes=("A verdict is given for the headline only: met when the whole interval is at or above the aim, not met when "
               "it is below, otherwise it cannot be told yet.",),
        source=answers.source, internal=_internal(progress.headline),
    )


def routes(answers: BoardAnswers) -> TableBlock:
    """How the wait stood at the limit, by entry year."""
    progress = answers.progress
    caption = f"How the wait stood {progress.aim.within} after children were accommodated, by year of entry"
    if not progress.routes:
        return withheld("routes", caption, progress.latest)
    columns = [*progress.routes, DECIDED, LEFT, WAITING, gate.ReleasedTable.total]
    names = [*(answers.route_names[r].capitalize() for r in progress.routes), "Decided", "Left", "Waiting", "All"]
    rows = tuple(
        (str(year), *(table.words(str(year), c) if isinstance(table, gate.ReleasedTable) else "not shown" for c in columns))
        for year, table in progress.cohorts
    )
    notes = () if _internal(progress.latest) else (ROUNDED,)
    return TableBlock("routes", caption, (("Year of entry", *names),), rows, notes=(_STATES, *notes),
                      source=answers.source, internal=_internal(progress.latest))


def waiting(answers: BoardAnswers) -> TableBlock:
    """Children waiting at the data cut, by time waited."""
    unknown = answers.unknown_start
    note = (f"{unknown.words} more children are in care whose first day the extract does not hold.",) if unknown.count else ()
    return _one_column("waiting", f"Children waiting for a decision on {say_date(answers.as_at)}", answers.waiting,
                       ("Time waited", "Children", "All waiting"), answers.source, note)


def adoptions(answers: BoardAnswers) -> TableBlock:
    """Children adopted by reporting year."""
    return _one_column("adoptions", "Children adopted, by year", answers.adoptions, ("Year", "Number of children", "Total"),
                       answers.source)


def changes(answers: BoardAnswers) -> TableBlock:
    """The register of tests of change."""
    frame = answers.changes.frame
    if frame.empty:
        return withheld("changes", "Tests of change", Refused("none", "No test of change is recorded in this extract."))
    rows = tuple(
        (f"{row.number}. {row.title}", row.partner or "not recorded", row.applies_to or "all children", wording.CHANGE_STATUS[row.status],
         _span(row.start_date, row.end_date))
        for row in numbered_register(frame).itertuples()
    )
    return TableBlock("changes", "Tests of change", (("Change", "Led by", "For", "Status", "Tested"),), rows,
                      source=answers.source)


def withheld(name: str, caption: str, refused: Refused) -> TableBlock:
    """A table in the place of one that may not be shown: says why."""
    return TableBlock(name, caption, (("Result", "Why it is not shown"),), ((caption, refused.sentence),))


def _way(name: str, result: ReleasedShare | ReleasedPeriodShare | Refused, verdict: str) -> tuple[str, ...]:
    if isinstance(result, Refused):
        return (name, "not shown", "not shown", "not shown", verdict)
    number = f"{result.numerator} of {result.denominator}" if isinstance(result, ReleasedShare) else f"{result.decisions} decisions"
    return (name, number, f"{result.percent}%", wording.interval(result), verdict)


def _verdict(verdict: gate.ReleasedVerdict | Refused) -> str:
    return "not shown" if isinstance(verdict, Refused) else verdict.verdict


def _one_column(
    name: str, caption: str, table: gate.ReleasedTable | Refused, labels: tuple[str, str, str], source: str, notes: tuple = ()
) -> TableBlock:
    if isinstance(table, Refused):
        return withheld(name, caption, table)
    column = table.columns[0]
    rows = tuple((row, table.words(row, column)) for row in table.rows)
    heading, counted, total = labels
    return TableBlock(name, caption, ((heading, counted),), rows, source=source, notes=(*notes, *_notes(table)), internal=_internal(table),
                      total=(total, table.words(table.total, column)))


def _notes(table) -> tuple[str, ...]:
    if _internal(table):
        return ()
    return (KNOWN,) if table.is_known else (ROUNDED,)


def _internal(result) -> bool:
    return not isinstance(result, Refused) and result.release == Release.INTERNAL


def _span(start: pd.Timestamp, end: pd.Timestamp) -> str:
    first, last = (day.strftime("%b %Y") if not pd.isna(day) else "" for day in (start, end))
    if first and last:
        return first if first == last else f"{first} to {last}"
    return f"from {first}" if first else "not recorded"


TABLES: dict[str, Callable[[BoardAnswers], TableBlock]] = {
    "aim_three_ways": aim_three_ways,
    "routes": routes,
    "waiting": waiting,
    "adoptions": adoptions,
    "changes": changes,
    "blockages": journeytables.blockages,
    "clocks": journeytables.clocks,
    "effects": journeytables.effects,
    "balancing": journeytables.balancing,
    "by_cohort": journeytables.by_cohort,
    "what_changed": comparing.what_changed,
}
