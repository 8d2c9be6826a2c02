"""The package's own format: the canonical tables as a folder of CSV or Parquet files, or as one workbook.

A folder holds ``child.csv``, ``period.csv``, ``milestone.csv``, perhaps ``change.csv`` (or the same as
``.parquet``), and ``extract.toml`` with ``source``, ``as_at`` and ``covers_from``. A workbook holds sheets of
the same names, and a sheet ``extract`` with the headings ``key`` and ``value``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pace_analysis.errors import InputError, nearest
from pace_analysis.extract.parquetfiles import columns_of, read_parquet
from pace_analysis.extract.textfiles import TextTable, header_of, read_csv
from pace_analysis.extract.typed import typed
from pace_analysis.extract.workbooks import read_workbook, sheet_names
from pace_analysis.tables.schema import TABLES, CareTables, Extract, empty_table

SAYS = (
    "a folder with child.csv, period.csv, milestone.csv (or .parquet) and extract.toml, or an XLSX workbook with such"
    " sheets"
)
NAMES = frozenset(column.name for columns in TABLES.values() for column in columns)
OPTIONAL = "change"
FACTS = ("source", "as_at", "covers_from")
READERS: Mapping[str, tuple[Callable[[Path], tuple[str, ...]], Callable[[Path], TextTable]]] = {
    ".csv": (header_of, read_csv), ".parquet": (columns_of, read_parquet),
}
ONLY_FACTS = f"It holds {', '.join(FACTS)} and nothing else."
MAX_TOML = 64 * 1024


def recognise(path: Path) -> bool:
    """Whether a table named ``child`` or ``period`` in ``path`` has columns of its own in common with the schema."""
    if path.is_dir():
        headers = {file.stem: READERS[file.suffix][0](file) for file in _files(path)}
        known = {table: {column.name for column in TABLES[table]} for table in headers}
        return any(len(known[table] & set(header)) >= 2 for table, header in headers.items())
    return path.suffix.lower() == ".xlsx" and {"child", "period"} <= set(sheet_names(path))


def read(path: Path, *, as_at: date | None = None, covers_from: date | None = None) -> CareTables:
    """Read a folder or a workbook of canonical tables.

    Raises
    ------
    InputError
        If a table is missing or cannot be read, or no data cut is given.
    """
    texts, facts = _read_folder(path) if path.is_dir() else _read_workbook(path)
    missing = [table for table in TABLES if table not in texts and table != OPTIONAL]
    if missing:
        raise InputError(f"There is no table '{missing[0]}'.", where=path.name, remedy=f"Add it; the format is {SAYS}.")
    frames = {table: typed(table, texts[table]) if table in texts else empty_table(table) for table in TABLES}
    cut = as_at or _day(facts, "as_at", path)
    if cut is None:
        raise InputError(
            "The extract does not say when it was made.",
            where=path.name,
            remedy="Write as_at = 2015-09-30 (its last day) in extract.toml or the sheet 'extract', or give as_at.",
        )
    extract = Extract(
        source=str(facts.get("source") or path.name),
        form="canonical",
        as_at=cut,
        covers_from=covers_from or _day(facts, "covers_from", path),
        notes=tuple(note for text in texts.values() for note in text.notes),
        set_aside=tuple((f"{text.name}: blank rows", text.blank_rows) for text in texts.values() if text.blank_rows),
    )
    return CareTables(**frames, extract=extract)


def _files(folder: Path) -> list[Path]:
    """Files in ``folder`` that are named as a table is."""
    files = (folder / f"{table}{suffix}" for table in TABLES for suffix in READERS)
    return [file for file in files if file.is_file()]


def _read_folder(path: Path) -> tuple[dict[str, TextTable], dict[str, Any]]:
    files: dict[str, Path] = {}
    for file in _files(path):
        if files.setdefault(file.stem, file) != file:
            where = f"{files[file.stem].name} and {file.name}"
            raise InputError(f"There are two tables '{file.stem}'.", where=where, remedy="Leave one in the folder.")
    texts = {table: READERS[file.suffix][1](file) for table, file in files.items()}
    return texts, _read_toml(path / "extract.toml")


def _read_toml(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        if file.stat().st_size > MAX_TOML:
            raise InputError("The file is larger than 64 KB.", where=file.name, remedy=ONLY_FACTS)
        facts = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"The file cannot be read: {error}.", where=file.name, remedy="Write lines such as as_at = 2015-09-30."
        ) from error
    _check_keys(facts, file.name)
    return facts


def _read_workbook(path: Path) -> tuple[dict[str, TextTable], dict[str, Any]]:
    dates = {table: [column.name for column in columns if column.kind == "date"] for table, columns in TABLES.items()}
    texts = read_workbook(path, dates | {"extract": []})
    sheet = texts.pop("extract", None)
    if sheet is None:
        return texts, {}
    if list(sheet.frame.columns) != ["key", "value"]:
        raise InputError("The columns must be 'key' and 'value'.", where=sheet.name, remedy=ONLY_FACTS)
    facts = dict(zip(sheet.frame["key"], sheet.frame["value"], strict=True))
    _check_keys(facts, sheet.name)
    return texts, facts


def _check_keys(facts: Mapping[str, Any], where: str) -> None:
    unknown = [key for key in facts if key not in FACTS]
    if unknown:
        raise InputError(f"'{unknown[0]}' is not known.", where=where, remedy=nearest(unknown[0], FACTS))


def _day(facts: Mapping[str, Any], key: str, path: Path) -> date | None:
    value = facts.get(key) or None
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{key} is not a day: '{value}'.", where=path.name, remedy=f"Write for example {key} = 2015-09-30."
        ) from error
