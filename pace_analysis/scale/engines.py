"""Where a count runs: DuckDB inside this process, an open DuckDB connection, or another engine through ibis."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pace_analysis.errors import InputError, UsageError
from pace_analysis.scale.sources import Relation, relation
from pace_analysis.scale.warehouse import Warehouse, connected

if TYPE_CHECKING:
    import duckdb
    import ibis


class Engine(Protocol):
    """What a count asks of an engine."""

    def relation(self, source: Any, alias: str) -> Relation:
        """Return a source as a relation of the engine."""

    def rows(self, sql: str, types: Mapping[str, Any]) -> list[tuple]:
        """Run a query written for DuckDB; ``types`` names the columns of its answer and their types."""

    def explained(self, source: Any) -> AbstractContextManager[None]:
        """Turn the engine's own errors into ours: its messages may hold a row, so only their kind is kept."""


@contextmanager
def opened(connection: duckdb.DuckDBPyConnection | ibis.BaseBackend | str | None, memory: str) -> Iterator[Engine]:
    """Open the engine that a connection names; DuckDB inside this process where it is None.

    Parameters
    ----------
    connection : DuckDB connection, ibis backend, str or None
        A string is an address that ``ibis.connect`` takes, opened and closed here.
    memory : str
        What DuckDB may hold where it is opened here.

    Raises
    ------
    UsageError
        If the connection is of neither package.
    InputError
        If a package that it needs is not installed, or an address cannot be opened.
    """
    if connection is None:
        with _embedded(memory) as engine:
            yield DuckDB(engine)
        return
    if isinstance(connection, str):
        with connected(connection) as backend, opened(backend, memory) as engine:
            yield engine
        return
    owner = type(connection).__module__.partition(".")[0]  # told by name, so that neither package is imported for it
    if owner == "ibis" and connection.name == "duckdb":
        with connection.con.cursor() as cursor:  # what is written for DuckDB needs no translation
            yield DuckDB(cursor)
    elif owner == "ibis":
        yield Warehouse(connection)
    elif owner in ("duckdb", "_duckdb"):
        with connection.cursor() as cursor:
            yield DuckDB(cursor)
    else:
        raise UsageError("`connection` is of neither DuckDB nor ibis.", where=type(connection).__name__,
                         remedy="Open it with duckdb.connect or ibis.connect.")


@contextmanager
def _embedded(memory: str) -> Iterator[duckdb.DuckDBPyConnection]:
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


@dataclass(frozen=True, slots=True)
class DuckDB:
    """Files, frames and tables that DuckDB reads."""

    connection: duckdb.DuckDBPyConnection

    def relation(self, source: Any, alias: str) -> Relation:
        """Return a file, folder, frame or table as a relation."""
        return relation(self.connection, source, alias)

    def rows(self, sql: str, types: Mapping[str, Any]) -> list[tuple]:
        """Run a query; DuckDB itself knows the types of its answer."""
        return self.connection.execute(sql).fetchall()

    @contextmanager
    def explained(self, source: Any) -> Iterator[None]:
        """Turn DuckDB's errors into an InputError of their kind."""
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
