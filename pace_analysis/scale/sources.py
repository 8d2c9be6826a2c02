"""Where waits lie: files, frames and tables that DuckDB reads, each as a relation that a query can name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pace_analysis.errors import InputError
from pace_analysis.scale.query import literal, name

if TYPE_CHECKING:
    import duckdb

READERS = {
    ".parquet": "read_parquet({files})",
    ".csv": "read_csv({files}, header = true, delim = ',', all_varchar = true)",
}
KINDS = {"DATE": "date", "VARCHAR": "text"}

Kind = Literal["date", "text", "other"]


@dataclass(frozen=True, slots=True)
class Relation:
    """SQL that names rows, the kind of each column, what messages call it, and types where answers must name them."""

    sql: str
    columns: Mapping[str, Kind]
    label: str
    types: Mapping[str, Any] = field(default_factory=dict)


def relation(engine: duckdb.DuckDBPyConnection, source: Any, alias: str) -> Relation:
    """Return a source as a relation of the engine.

    Parameters
    ----------
    engine : DuckDB connection
    source : path, DataFrame or str
        A Parquet or CSV file or a folder of one kind of them; a frame; or the name of a table of the engine.
    alias : str
        Name under which a frame is made known to the engine.

    Raises
    ------
    InputError
        If there is no such file or table, or a folder holds none or both kinds.
    """
    if isinstance(source, str) and _is_table(engine, source):
        return _described(engine, name(source), source)
    if isinstance(source, str | Path):
        path = Path(source)
        return _described(engine, _reader(path), path.name)
    engine.register(alias, source)
    return _described(engine, name(alias), alias)


def _is_table(engine: duckdb.DuckDBPyConnection, table: str) -> bool:
    found = engine.execute("SELECT COUNT(*) FROM information_schema.tables WHERE table_name = ?", [table]).fetchone()
    return bool(found[0])


def _reader(path: Path) -> str:
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    files = [file for file in files if file.is_file() and file.suffix.lower() in READERS]
    kinds = {file.suffix.lower() for file in files}
    if len(kinds) != 1:
        remedy = "Name a file .parquet or .csv, a folder of one kind of them, or a table of `connection`."
        what = "The folder holds both Parquet and CSV files." if kinds else "There is no file of waits here."
        raise InputError(what, where=path.name, remedy=remedy)
    listed = ", ".join(literal(_as_itself(file)) for file in files)
    return READERS[kinds.pop()].format(files=f"[{listed}]")


def _as_itself(path: Path) -> str:
    """Path whose signs are not taken for a pattern."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in path.as_posix())


def _described(engine: duckdb.DuckDBPyConnection, sql: str, label: str) -> Relation:
    described = engine.execute(f"DESCRIBE SELECT * FROM {sql}").fetchall()
    columns = {row[0]: "date" if row[1].startswith("TIMESTAMP") else KINDS.get(row[1], "other") for row in described}
    return Relation(sql, columns, label)
