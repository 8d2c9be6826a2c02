"""The data dictionary: the schema as two plain tables, committed in ``data/dictionary``."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pace_analysis.tables.schema import CODES, TABLES


def columns() -> pd.DataFrame:
    """One row a column of the canonical tables: table, column, kind, required, filled, codes, says.

    ``required``: the column must be present. ``filled``: it may hold no blank. ``codes``: its code list.
    """
    rows = [
        (table, column.name, column.kind, _yes(column.required), _yes(column.filled), column.codes, column.says)
        for table, fields in TABLES.items()
        for column in fields
    ]
    return pd.DataFrame(rows, columns=["table", "column", "kind", "required", "filled", "codes", "says"])


def codes() -> pd.DataFrame:
    """One row a code: the name of its list, the code, what it says."""
    rows = [(name, code, says) for name, meanings in CODES.items() for code, says in meanings.items()]
    return pd.DataFrame(rows, columns=["codes", "code", "says"])


def write_dictionary(folder: Path) -> list[Path]:
    """Write ``columns.csv`` and ``codes.csv`` (UTF-8, LF) into ``folder``; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, frame in (("columns", columns()), ("codes", codes())):
        path = folder / f"{name}.csv"
        frame.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
        written.append(path)
    return written


def _yes(flag: bool) -> str:
    return "yes" if flag else ""
