"""What is public already of an authority: its ledger, and what others published."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping

from pace_analysis.errors import InputError, UsageError, nearest
from pace_analysis.ledger.book import Ledger
from pace_analysis.ledger.lines import FIGURES, PUBLISHED, Figure, Key
from pace_analysis.ledger.store import ledger_path
from pace_analysis.publish.earlier import Earlier
from pace_analysis.publish.keys import GROUPED
from pace_analysis.settings import home

COLUMNS = ("measure", "key", "value", "source")


def earlier(authority: str, *, revise: Collection[str] = ()) -> Earlier:
    """Return all figures of an authority that are public already: released before, or published by others.

    Parameters
    ----------
    revise : collection of str
        Measures whose figures may be corrected, such as ``aim``: the first words of their keys.

    Raises
    ------
    LedgerError
        The ledger is lost or was changed.
    InputError
        See :func:`known_public`.
    """
    book = Ledger.open(ledger_path(authority), authority)
    measures = {key[0] for key in book.cells()}
    for measure in set(revise) - measures:
        raise UsageError(f"No figure of '{measure}' was ever released, so none can be corrected.",
                         remedy=nearest(measure, measures))
    return Earlier(_released(book), {cell.key: cell.value for cell in known_public(authority)}, revise=frozenset(revise))


def _released(book: Ledger) -> dict[Key, int]:
    """Figures as they stand; of a curve, those of the last release that shows it, for a correction may move its edges."""
    released: dict[Key, int] = {}
    for part in map(book.part, book.releases()):
        figures = [entry for entry in part if entry.kind in FIGURES and entry.method != PUBLISHED]
        curves = {_curve(entry.key) for entry in figures if entry.method == GROUPED}
        released = {key: value for key, value in released.items() if _curve(key) not in curves}
        released |= {entry.key: entry.value for entry in figures}
    return released


def _curve(key: Key) -> Key:
    """What a figure of a curve begins with: all but ``n``, ``at risk``, or a stretch of days and what is counted in it."""
    return key[:-2] if len(key) > 1 and key[-2].startswith("days ") else key[:-1]


def known_public(authority: str) -> tuple[Figure, ...]:
    """Figures that others published, from ``data/published/<authority>.csv``; exact, and never rounded.

    The key of a figure is its measure, then the parts of the column ``key``, which ``|`` separates. Empty when there is
    no such file.

    Raises
    ------
    InputError
        A column is missing, a value is not a whole number of 0 or more, or a figure has two values.
    """
    path = home() / "data" / "published" / f"{authority}.csv"
    if not path.exists():
        return ()
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"Published figures cannot be read: {error}.", where=path.name) from None
    if missing:
        raise InputError(f"Published figures need a column '{missing[0]}'.", where=path.name,
                         remedy=f"Its columns are {', '.join(COLUMNS)}.")
    cells: dict[Key, Figure] = {}
    for number, row in rows:
        cell = _cell(row, f"{path.name}, row {number}")
        if cells.setdefault(cell.key, cell) != cell:
            raise InputError("A published figure has two values.", where=f"{path.name}, row {number}",
                             remedy="Keep the one that was published last.")
    return tuple(cells.values())


def _cell(row: Mapping[str, str | None], where: str) -> Figure:
    value = (row["value"] or "").strip()
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise InputError("A published figure is not a whole number of 0 or more.", where=f"{where}, column value")
    key = (row["measure"] or "", *(row["key"] or "").split("|"))
    if not all(part.strip() for part in key):
        raise InputError("A published figure has no name.", where=f"{where}, columns measure and key")
    return Figure(tuple(part.strip() for part in key), int(value), PUBLISHED)
