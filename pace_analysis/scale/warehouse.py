"""Tables of another engine, reached through ibis: the query that DuckDB runs, translated into the engine's own SQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pace_analysis.errors import InputError, PaceError, nearest
from pace_analysis.scale.known import CELLS, known_query
from pace_analysis.scale.query import COUNTS, name
from pace_analysis.scale.sources import Kind, Relation

if TYPE_CHECKING:
    import ibis


@contextmanager
def connected(address: str) -> Iterator[ibis.BaseBackend]:
    """Open the engine at an address and close it at the end.

    Raises
    ------
    InputError
        If ibis is not installed, or the engine cannot be opened; the address may hold a password and is not shown.
    """
    try:
        import ibis
    except ImportError as error:
        remedy = "Install it (pip install 'pace-analysis[warehouse]'), or count files and frames without `connection`."
        raise InputError("Counting in another engine needs the package ibis.", remedy=remedy) from error
    try:
        backend = ibis.connect(address)
    except Exception as error:  # every engine's driver has errors of its own
        remedy = "Check the address with ibis.connect, and that ibis is installed with the engine's driver."
        raise InputError(f"The engine cannot be opened ({type(error).__name__}).", where=address.partition(":")[0],
                         remedy=remedy) from None
    try:
        yield backend
    finally:
        backend.disconnect()


@dataclass(frozen=True, slots=True)
class Warehouse:
    """Tables and views of one ibis backend."""

    backend: ibis.BaseBackend

    def relation(self, source: Any, alias: str) -> Relation:
        """Return a table or view of the engine as a relation; InputError for any other source."""
        if not isinstance(source, str):
            raise InputError("Another engine counts its own tables alone.", where=type(source).__name__,
                             remedy="Name a table of `connection`, or count files and frames without it.")
        tables = self.backend.list_tables()
        if source not in tables:
            raise InputError(f"There is no table '{source}'.", where=self.backend.name, remedy=nearest(source, tables))
        types = self.backend.table(source).schema()
        return Relation(name(source), {column: self._kind(types[column]) for column in types}, source, types)

    def rows(self, sql: str, types: Mapping[str, Any]) -> list[tuple]:
        """Run a query written for DuckDB; with its types given, ibis needs no view in the database to ask for them."""
        answer = self.backend.sql(sql, schema=types, dialect="duckdb").to_pyarrow()
        return list(zip(*answer.to_pydict().values(), strict=True))

    @contextmanager
    def explained(self, source: Any) -> Iterator[None]:
        """Count rows that are known first; turn errors of ibis and of the driver into an InputError of their kind."""
        try:
            self._must_count_what_is_known()
            yield
        except PaceError:
            raise
        except Exception as error:  # every engine's driver has errors of its own
            remedy = "See that columns of dates are of the type date; docs/scale.md names the engines that were tried."
            raise InputError(f"The engine {self.backend.name} cannot count this ({type(error).__name__}).",
                             where=source if isinstance(source, str) else "", remedy=remedy) from None

    def _must_count_what_is_known(self) -> None:
        if set(self.rows(known_query(), {"grp": "string", **COUNTS})) != CELLS:
            raise InputError("The engine miscounts rows whose counts are known.", where=self.backend.name,
                             remedy="Do not count there: copy the rows into a Parquet file, and count that.")

    def _kind(self, type_: Any) -> Kind:
        if type_.is_date() or type_.is_timestamp():
            # SQLite keeps any text in a column of dates, so each must be read as text
            return "text" if self.backend.name == "sqlite" else "date"
        return "text" if type_.is_string() else "other"
