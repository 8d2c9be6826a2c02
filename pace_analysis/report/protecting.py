"""An author's own table of counts protected by the gate, on the screen and as a file for a paper."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from pace_analysis.errors import DisclosureRefused, OutputError, UsageError
from pace_analysis.publish.disclosure import publishable
from pace_analysis.publish.freetable import Method, ReleasedFreeTable, release_free_table
from pace_analysis.publish.profiles import profile as named_profile
from pace_analysis.report.checking import CONTROL, neutral
from pace_analysis.report.countsfile import parse_groups, read_counts
from pace_analysis.settings import resolve

ONCE = ("Publish one version of this table, and no other table of the same children beside it: together they may tell "
        "what each of them hides.")



def protect_file(
    path: str | Path, *, method: Method = "rounding", profile: str = "public", groups: Sequence[str] = ()
) -> tuple[ReleasedFreeTable, tuple[str, ...]]:
    """Read a table of counts and protect it; return it with the sentences that its author must read.

    Parameters
    ----------
    path : str or Path
        CSV or XLSX of one sheet: labels of columns in the first row, of rows in the first column.
    method, profile
        As for :func:`pace_analysis.publish.freetable.release_free_table`.
    groups : sequence of str
        Subtotals to show, each as ``NAME=LABEL,LABEL``.

    Raises
    ------
    InputError
        If the file cannot be read, or is no table of counts; row and column are named.
    UsageError
        If a group is not understood, or names no label.
    DisclosureRefused
        If the table is too large, or cannot be protected.
    """
    subtotals = parse_groups(groups)
    read = read_counts(path, subtotals)
    released = release_free_table(read.frame, title=Path(path).stem, method=method, profile=named_profile(profile),
                                  groups=subtotals)
    if not isinstance(released, ReleasedFreeTable):
        raise DisclosureRefused(released.sentence, where=Path(path).name,
                                remedy="Take fewer or larger categories, or more years together.")
    return released, (*read.notes, *released.remarks, ONCE)


def as_text(table: ReleasedFreeTable) -> str:
    """Return the shown table in columns, and how it was protected, for a terminal."""
    lines = [[CONTROL.sub("\ufffd", cell) for cell in line] for line in _lines(table)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    first, *others = widths
    shown = ["  ".join([label.ljust(first), *(cell.rjust(width) for cell, width in zip(cells, others, strict=True))])
             for label, *cells in lines]
    return "\n".join([*shown, table.method])


def as_csv(table: ReleasedFreeTable) -> str:
    """Return the shown table as CSV with how it was protected in a last line; no cell can run as a formula."""
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerows([[neutral(cell) for cell in line] for line in _lines(table)])
    writer.writerow([table.method, *[""] * len(table.columns)])
    return content.getvalue()


def write_csv(table: ReleasedFreeTable, path: str | Path, *, counts: str | Path) -> Path:
    """Write the shown table, whole or not at all, in the place of an earlier file of that name.

    Raises
    ------
    UsageError
        If the name does not end in ``.csv``, or is that of the exact ``counts``.
    OutputError
        If the file cannot be written; what was there is untouched.
    """
    path = Path(path)
    if path.suffix.lower() != ".csv":
        raise UsageError(f"A protected table is written as .csv, not as '{path.suffix}'.", where=path.name,
                         remedy=f"Write for example {path.stem}.csv.")
    if path.resolve() == resolve(counts).resolve():
        raise UsageError("The protected table would replace the exact counts.", where=path.name,
                         remedy=f"Write for example {path.stem}-shown.csv.")
    aside = path.with_name(f".{path.name}.new")
    try:
        aside.write_text(as_csv(table), encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise OutputError(f"The table cannot be written: {error.strerror}.", where=str(path),
                          remedy="Check that the folder exists and the file is not open elsewhere.") from None
    return path


def _lines(table: ReleasedFreeTable) -> Iterator[list[str]]:
    shown = publishable(table)
    yield ["", *shown.columns]
    yield from ([row, *cells] for row, cells in zip(shown.rows, shown.cells.to_numpy().tolist(), strict=True))
