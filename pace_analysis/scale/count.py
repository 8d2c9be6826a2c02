"""Counting waits where they lie: Parquet or CSV files, a frame, or a table of a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from pace_analysis.errors import InputError, nearest
from pace_analysis.scale.counted import Counted, counted_cells
from pace_analysis.scale.engines import Engine, opened
from pace_analysis.scale.query import COUNTS, NO_DAY, Waits, as_date, count_query, literal, name, no_date
from pace_analysis.scale.sources import Relation

if TYPE_CHECKING:
    import duckdb
    import ibis

MEMORY = "300MB"  # what the engine may hold before it writes to disk; the process itself comes on top
MILESTONES = ("period_id", "milestone", "date")


def count_table(
    source: Any,
    *,
    origin: str,
    finish: Sequence[str],
    as_at: date,
    covers_from: date | None = None,
    by: str | None = None,
    where: dict[str, str] | None = None,
    milestones: Any = None,
    connection: duckdb.DuckDBPyConnection | ibis.BaseBackend | str | None = None,
    memory: str = MEMORY,
) -> Counted:
    """Count the waits of a source into a life table with one ``GROUP BY``; rows stay in the engine.

    Parameters
    ----------
    source : path, DataFrame or str
        A Parquet or CSV file (with a header; dates as YYYY-MM-DD), a folder of them, a data frame, or, with
        ``connection``, the name of a table or view there. One row a wait.
    origin : str
        Column with the date on which the wait starts.
    finish : sequence of str
        Columns with the dates that end it, by outcome 1, 2 ... The earliest ends it; of several on one day, the one
        named first. A date before the origin counts on day 0.
    as_at : date
        Data cut: whoever has no finish by the end of this day is censored then.
    covers_from : date, optional
        First day covered: who started before it enters late, and who ended before it is left out.
    by : str, optional
        Column with the group.
    where : dict of column to value, optional
        Count only rows that hold these values.
    milestones : path, DataFrame or str, optional
        A second source with columns ``period_id``, ``milestone`` and ``date``, joined by ``period_id``; the names of
        its milestones may then stand for columns in ``origin`` and ``finish``, and mean the first date of each.
    connection : DuckDB connection, ibis backend or str, optional
        Where the source is a table; by default DuckDB runs inside this process. Through ibis, another engine counts
        its own tables; a string is an address that ``ibis.connect`` takes, such as ``sqlite://waits.db``.
    memory : str
        What the DuckDB inside this process may hold, such as ``2GB``; beyond it, it writes to a temporary folder that
        is removed at the end.

    Returns
    -------
    Counted
        The life table, and rows left out by reason. Counts of parts add: see :func:`pace_analysis.scale.merge`.

    Raises
    ------
    UsageError
        If no finish is named, the first day covered is after the data cut, or the connection is of another package.
    InputError
        If DuckDB or ibis is not there, a file, table or column is missing or is not of dates, or the engine cannot read
        or count the source.
    SurvivalInputError
        If a row has no group or a wait is longer than a hundred years.
    """
    waits = Waits(origin, tuple(finish), as_at, covers_from, by, where or {})
    with opened(connection, memory) as engine, engine.explained(source):
        rows = engine.relation(source, "source")
        if milestones is not None:
            rows = _joined(engine, rows, engine.relation(milestones, "milestones"), waits)
        _check_columns(rows, waits)
        text = frozenset(column for column in waits.dates if rows.columns[column] == "text")
        label = rows.types.get(by, "string")
        cells = engine.rows(count_query(rows.sql, waits, text_dates=text), {"grp": label, **COUNTS})
    return counted_cells(cells, len(waits.finish))


def _joined(engine: Engine, rows: Relation, milestones: Relation, waits: Waits) -> Relation:
    """Join to each row the first date of every milestone that the clock names."""
    for found, wanted in ((milestones, MILESTONES), (rows, MILESTONES[:1])):
        for column in wanted:
            _must_have(found, column)
    named = [column for column in dict.fromkeys(waits.dates) if column not in rows.columns]
    for code in named:
        _must_occur(engine, milestones, code)
    if not named:
        return rows
    key, step = name(MILESTONES[0]), name(MILESTONES[1])
    # a milestone without a date becomes the first day there is, so that the row can be refused without a second count
    text = milestones.columns["date"] == "text"
    known = f"COALESCE({as_date('date', text=text)}, {NO_DAY})"
    day = f"CASE WHEN {no_date('date', text=text)} THEN {NO_DAY} ELSE {known} END"
    firsts = ", ".join(f"MIN(CASE WHEN {step} = {literal(code)} THEN {day} END) AS {name(code)}" for code in named)
    sql = f"""(SELECT periods.*, {", ".join(f"firsts.{name(code)}" for code in named)}
  FROM {rows.sql} AS periods LEFT JOIN (
    SELECT {key}, {firsts} FROM {milestones.sql} AS steps
    WHERE {step} IN ({", ".join(map(literal, named))}) GROUP BY {key}
  ) AS firsts ON periods.{key} = firsts.{key})"""
    return replace(rows, sql=sql, columns={**rows.columns, **dict.fromkeys(named, "date")})


def _must_occur(engine: Engine, milestones: Relation, code: str) -> None:
    one = f"SELECT 1 AS found FROM {milestones.sql} AS steps WHERE {name(MILESTONES[1])} = {literal(code)} LIMIT 1"
    if not engine.rows(one, {"found": "int64"}):
        raise InputError(f"'{code}' is neither a column nor a milestone.", where=milestones.label,
                         remedy="Name a column of the source, or a milestone that the second source holds.")


def _check_columns(rows: Relation, waits: Waits) -> None:
    for column in (*waits.dates, *([waits.by] if waits.by else []), *waits.where):
        _must_have(rows, column)
    for column in waits.dates:
        if rows.columns[column] == "other":
            raise InputError(f"The column '{column}' does not hold dates.", where=rows.label,
                             remedy="Name a column of dates, or of text written YYYY-MM-DD.")


def _must_have(rows: Relation, column: str) -> None:
    if column not in rows.columns:
        raise InputError(f"There is no column '{column}'.", where=rows.label, remedy=nearest(column, rows.columns))
