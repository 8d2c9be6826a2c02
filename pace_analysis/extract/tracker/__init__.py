"""Tracker: the wide spreadsheet a council keeps for permanence, one row a child and period, a column a milestone.

Its headings are the council's own. A mapping says which is what; :func:`propose_mapping` proposes one from the
headings and values, to be corrected by a person and kept for the next quarter.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pace_analysis.errors import InputError
from pace_analysis.extract.tracker.grid import SUFFIXES
from pace_analysis.extract.tracker.mapping import ENDING, TrackerMapping, find_mapping, load_mapping
from pace_analysis.extract.tracker.proposal import Proposal, looks_like_a_tracker, propose_mapping
from pace_analysis.extract.tracker.reading import read_tracker
from pace_analysis.extract.tracker.writing import mapping_beside, write_mapping
from pace_analysis.tables.schema import CareTables

__all__ = [
    "Proposal", "TrackerMapping", "find_mapping", "load_mapping", "mapping_beside", "propose_mapping", "read_tracker",
    "write_mapping",
]

SAYS = "a council's own spreadsheet (CSV or XLSX) with a mapping beside it, which 'pace map FILE' proposes"
NAMES: frozenset[str] = frozenset()  # headings are the council's own


def recognise(path: Path) -> bool:
    """Whether ``path`` has a mapping beside it, or has the headings of a tracker."""
    tracker = _tracker_in(path)
    return tracker is not None and (find_mapping(tracker) is not None or looks_like_a_tracker(tracker))


def read(
    path: Path, *, as_at: date | None = None, covers_from: date | None = None, mapping: Path | None = None
) -> CareTables:
    """Read a tracker by ``mapping``, else by the one beside it.

    Raises
    ------
    InputError
        If there is no mapping, or the tracker cannot be read by it exactly.
    SettingsError
        If the mapping cannot be used.
    """
    tracker = _tracker_in(path)
    if tracker is None:
        what = "There is no single spreadsheet to read by the mapping."
        raise InputError(what, where=path.name, remedy="Name the CSV or XLSX file.")
    chosen = mapping or find_mapping(tracker)
    if chosen is None:
        raise InputError(
            f"There is no mapping for '{tracker.name}', which has the headings of a tracker.",
            where=f"{tracker.stem}{ENDING} is looked for beside it.",
            remedy=f"Run: pace map {tracker.name}, correct what it proposes, and read again.",
        )
    return read_tracker(tracker, load_mapping(chosen), as_at=as_at, covers_from=covers_from)


def _tracker_in(path: Path) -> Path | None:
    """The file itself, or the only spreadsheet of a folder that holds a mapping."""
    if path.is_file():
        return path if path.suffix.lower() in SUFFIXES else None
    if not any(path.glob(f"*{ENDING}")):
        return None
    # a spreadsheet program keeps a hidden file, such as ~$name.xlsx, beside the one that is open
    sheets = [file for file in path.iterdir() if file.suffix.lower() in SUFFIXES and file.name[0] not in "~."]
    return sheets[0] if len(sheets) == 1 else None
