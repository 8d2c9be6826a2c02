"""The life table as one query: dates to waits, waits to cells of group, kind and day; only cells leave the engine.

The query is written for DuckDB, in what ibis can translate for other engines. Each row of its answer is a cell
``(grp, kind, day, n)``: kind 0 counts those who enter late, on the day, 1 those censored at its end, 1 + j those who
leave by outcome *j*; a negative kind counts rows that are no wait, by reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from pace_analysis.errors import UsageError
from pace_analysis.scale.counted import AFTER_CUT, BEFORE_WINDOW, NEVER_STARTED, NO_DATE, NO_GROUP
from pace_analysis.survival.counting import EVERYONE

COUNTS = {"kind": "int64", "day": "int64", "n": "int64"}  # types of a cell, after its group
NEVER = "DATE '9999-12-31'"
NO_DAY = "DATE '0001-01-01'"  # stands for what is no date; no record is so old


@dataclass(frozen=True, slots=True)
class Waits:
    """Which columns make a wait, and between which days it is seen.

    Parameters
    ----------
    origin : str
        Column with the date on which the wait starts, day 0.
    finish : tuple of str
        Columns with the dates that end it, by outcome 1, 2 ... The earliest ends it; of several on one day, the one
        named first. A date before the origin counts on day 0.
    as_at : date
        Data cut: whoever has no finish by the end of this day is censored then.
    covers_from : date, optional
        First day covered: who started before it enters late, and who ended before it is left out.
    by : str, optional
        Column with the group.
    where : mapping of column to value, optional
        Rows to count: those that hold each value, compared as text.
    """

    origin: str
    finish: tuple[str, ...]
    as_at: date
    covers_from: date | None = None
    by: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.finish or isinstance(self.finish, str):
            raise UsageError("A wait needs a tuple of columns that end it, `finish`; at least one.")
        if self.covers_from is not None and self.covers_from > self.as_at:
            raise UsageError("The first day covered is after the data cut.", where="`covers_from` and `as_at`")

    @property
    def dates(self) -> tuple[str, ...]:
        """Columns of dates."""
        return (self.origin, *self.finish)


def name(identifier: str) -> str:
    """Quote the name of a column or table."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text value."""
    return "'" + text.replace("'", "''") + "'"


def as_date(column: str, *, text: bool) -> str:
    """Return SQL for a column as a date; text that is none gives null, or whatever the engine takes it for."""
    return f"TRY_CAST(NULLIF({name(column)}, '') AS DATE)" if text else f"CAST({name(column)} AS DATE)"


def no_date(column: str, *, text: bool) -> str:
    """Return SQL that tells what is no date: text other than YYYY-MM-DD, with or without a time of day, or NO_DAY."""
    day = as_date(column, text=text)
    if not text:
        return f"COALESCE({day} = {NO_DAY}, FALSE)"
    # engines differ in what they take for a date, so the day must read as it was written; that no day is added makes
    # SQLite, which else hands the 31st of February through, name the day that it means
    read = f"CAST(CAST(DATE_ADD({day}, INTERVAL 0 DAY) AS DATE) AS VARCHAR)"
    return f"COALESCE({name(column)} <> '' AND COALESCE({read} <> SUBSTRING({name(column)}, 1, 10), TRUE), FALSE)"


def count_query(relation: str, waits: Waits, *, text_dates: frozenset[str] = frozenset()) -> str:
    """Return the query that counts the waits of a relation.

    Parameters
    ----------
    relation : str
        A table, view or sub-query in parentheses, as SQL.
    waits : Waits
        Which columns make a wait.
    text_dates : frozenset of str
        Columns of dates that are text; the others must be dates.

    Returns
    -------
    str
        SQL; ``counted_cells`` makes a life table of its answer.
    """
    origin, *finish = (as_date(column, text=column in text_dates) for column in waits.dates)
    columns = ",\n    ".join([
        f"{_group(waits.by)} AS grp",
        f"{origin} AS origin",
        *(f"COALESCE({day}, {NEVER}) AS f{j}" for j, day in enumerate(finish, start=1)),
        f"{_wrong(waits.dates, text_dates)} AS wrong",
    ])
    return f"""WITH dated AS (
  SELECT
    {columns}
  FROM {relation} AS source{_where(waits.where)}
), ended AS (
  SELECT *, {_least([f"f{j}" for j in range(1, 1 + len(waits.finish))])} AS ending FROM dated
), waited AS (
  SELECT
    grp, origin, wrong,
    GREATEST(date_diff('day', origin, LEAST(ending, {_day(waits.as_at)})), 0) AS last_day,
    {_first_day(waits.covers_from)} AS first_day,
    {_outcome(waits)} AS outcome
  FROM ended
), known AS (
  SELECT grp, last_day, first_day, CASE
    WHEN wrong THEN {NO_DATE}
    WHEN grp IS NULL THEN {NO_GROUP}
    WHEN origin IS NULL THEN {NEVER_STARTED}
    WHEN origin > {_day(waits.as_at)} THEN {AFTER_CUT}
    WHEN first_day > last_day THEN {BEFORE_WINDOW}
    ELSE 1 + outcome END AS kind
  FROM waited
)
{_cells(late=waits.covers_from is not None)}"""


def _cells(late: bool) -> str:
    if not late:
        return """SELECT grp, kind, CASE WHEN kind > 0 THEN last_day ELSE 0 END AS day, COUNT(*) AS n
FROM known
GROUP BY 1, 2, 3"""
    # who enters late counts twice, once on the day of entry, so that one pass gives both and cells stay few
    return """SELECT
  grp,
  CASE WHEN leaves = 0 THEN 0 ELSE kind END AS kind,
  CASE WHEN kind < 0 THEN 0 WHEN leaves = 0 THEN first_day ELSE last_day END AS day,
  COUNT(*) AS n
FROM known CROSS JOIN (SELECT 0 AS leaves UNION ALL SELECT 1) AS sides
WHERE leaves = 1 OR (kind > 0 AND first_day > 0)
GROUP BY 1, 2, 3"""


def _group(column: str | None) -> str:
    if column is None:
        return literal(EVERYONE)
    return f"CASE WHEN CAST({name(column)} AS VARCHAR) <> '' THEN {name(column)} END"


def _wrong(columns: tuple[str, ...], text_dates: frozenset[str]) -> str:
    return " OR ".join(no_date(column, text=column in text_dates) for column in columns)


def _where(values: Mapping[str, str]) -> str:
    tests = [f"CAST({name(column)} AS VARCHAR) = {literal(value)}" for column, value in values.items()]
    return f"\n  WHERE {' AND '.join(tests)}" if tests else ""


def _least(columns: list[str]) -> str:
    return columns[0] if len(columns) == 1 else f"LEAST({', '.join(columns)})"


def _outcome(waits: Waits) -> str:
    cases = " ".join(f"WHEN f{j} = ending THEN {j}" for j in range(1, 1 + len(waits.finish)))
    return f"CASE WHEN ending > {_day(waits.as_at)} THEN 0 {cases} END"


def _first_day(covers_from: date | None) -> str:
    return "0" if covers_from is None else f"GREATEST(date_diff('day', origin, {_day(covers_from)}), 0)"


def _day(day: date) -> str:
    return f"DATE '{day.isoformat()}'"
