"""Counting waits where they lie: Parquet or CSV files, a frame, or a table of a database that DuckDB can read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pace_analysis.errors import InputError, nearest
from pace_analysis.scale.counted import Counted, counted_cells
from pace_analysis.scale.query import NO_DAY, Waits, count_query, literal, name
from pace_analysis.scale.sources import Relation, relation

if TYPE_CHECKING:
    import duckdb

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
    connection: duckdb.DuckDBPyConnection | None = None,
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
    connection : DuckDB connection, optional
        Where the source is a table; by default DuckDB runs inside this process.
    memory : str
        What DuckDB may hold, such as ``2GB``; beyond it, it writes to a temporary folder that is removed at the end.

    Returns
    -------
    Counted
        The life table, and rows left out by reason. Counts of parts add: see :func:`pace_analysis.scale.merge`.

    Raises
    ------
    UsageError
        If no finish is named, or the first day covered is after the data cut.
    InputError
        If DuckDB is not there, a file or column is missing or is not of dates, or the engine cannot read the source.
    SurvivalInputError
        If a row has no group or a wait is longer than a hundred years.
    """
    waits = Waits(origin, tuple(finish), as_at, covers_from, by, where or {})
    with _engine(connection, memory) as engine, _explained(source):
        rows = relation(engine, source, "source")
        if milestones is not None:
            rows = _joined(engine, rows, relation(engine, milestones, "milestones"), waits)
        _check_columns(rows, waits)
        text = frozenset(column for column in waits.dates if rows.columns[column] == "text")
        cells = engine.execute(count_query(rows.sql, waits, text_dates=text)).fetchall()
    return counted_cells(cells, len(waits.finish))


def _joined(engine: duckdb.DuckDBPyConnection, rows: Relation, milestones: Relation, waits: Waits) -> Relation:
    """Join to each row the first date of every milestone that the clock names."""
    for found, wanted in ((milestones, MILESTONES), (rows, MILESTONES[:1])):
        for column in wanted:
            _must_have(found, column)
    named = [column for column in dict.fromkeys(waits.dates) if column not in rows.columns]
    for code in named:
        _must_occur(engine, milestones, code)
    if not named:
        return rows
    # a milestone without a date becomes the first day there is, so that the row can be refused without a second count
    day = f"COALESCE({'TRY_CAST' if milestones.columns['date'] == 'text' else 'CAST'}(date AS DATE), {NO_DAY})"
    firsts = ", ".join(f"MIN(CASE WHEN milestone = {literal(code)} THEN {day} END) AS {name(code)}" for code in named)
    sql = f"""(SELECT * FROM {rows.sql} AS rows LEFT JOIN (
    SELECT period_id, {firsts} FROM {milestones.sql} AS steps
    WHERE milestone IN ({", ".join(map(literal, named))}) GROUP BY period_id
  ) AS firsts USING (period_id))"""
    return Relation(sql, {**rows.columns, **dict.fromkeys(named, "date")}, rows.label)


def _must_occur(engine: duckdb.DuckDBPyConnection, milestones: Relation, code: str) -> None:
    one = f"SELECT 1 FROM {milestones.sql} AS steps WHERE milestone = {literal(code)} LIMIT 1"
    if engine.execute(one).fetchone() is None:
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


@contextmanager
def _engine(connection: duckdb.DuckDBPyConnection | None, memory: str) -> Iterator[duckdb.DuckDBPyConnection]:
    if connection is not None:
        with connection.cursor() as cursor:
            yield cursor
        return
    try:
        import duckdb
    except ImportError as error:
        remedy = "Install it (pip install duckdb), or count in memory with pace_analysis.survival."
        raise InputError("Counting in the database engine needs the package duckdb.", remedy=remedy) from error
    with tempfile.TemporaryDirectory(prefix="pace-") as spill:
        settings = {"memory_limit": memory, "temp_directory": spill, "preserve_insertion_order": "false",
                    "autoinstall_known_extensions": "false"}
        with duckdb.connect(config=settings) as engine:
            yield engine


@contextmanager
def _explained(source: Any) -> Iterator[None]:
    """Turn the engine's own errors into ours: its messages may hold a row, so only their kind is kept."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        where = Path(source).name if isinstance(source, str | Path) else type(source).__name__
        remedy = "Give the engine more with `memory`, such as memory='2GB'."
        if not isinstance(error, duckdb.OutOfMemoryException):
            remedy = "Write the file again with another program, as Parquet, or as CSV in UTF-8 with one header row."
        raise InputError(f"The database engine cannot read or count this ({type(error).__name__}).", where=where,
                         remedy=remedy) from None
