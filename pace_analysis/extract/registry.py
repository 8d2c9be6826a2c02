"""The formats an extract may have, and the one door through which all are read.

To add a format, write one module that offers what :class:`Format` lists, and name it in :data:`FORMATS`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from pace_analysis.errors import InputError
from pace_analysis.extract import canonical, clas, ssd, ssda903, tracker
from pace_analysis.extract.textfiles import csv_files, header_of
from pace_analysis.tables.schema import CareTables

SHOWN = 5  # files named in a message


class Format(Protocol):
    """What a module that reads one format offers: a sentence, the names of its columns, two functions."""

    SAYS: str
    NAMES: frozenset[str]

    def recognise(self, path: Path) -> bool:
        """Whether the content of ``path`` is of this format: its sets of columns, not its name."""

    def read(self, path: Path, *, as_at: date | None, covers_from: date | None) -> CareTables:
        """Read ``path``; days given win over what the files say."""


# the first that recognises an extract reads it: a tracker may have any headings, so it comes last
FORMATS: Mapping[str, Format] = MappingProxyType({
    "canonical": canonical, "ssda903": ssda903, "clas": clas, "ssd": ssd, "tracker": tracker,
})


def read_extract(
    path: str | Path,
    *,
    as_at: date | None = None,
    covers_from: date | None = None,
    mapping: str | Path | None = None,
    repair: bool = False,
) -> CareTables:
    """Read an extract of any known format into canonical tables.

    Parameters
    ----------
    path : str or Path
        A folder of CSV or Parquet files, an XLSX workbook, or a council's own spreadsheet.
    as_at : date, optional
        Data cut, the last day the extract knows of; wins over what the extract says.
    covers_from : date, optional
        First day the extract covers; wins over what the extract says.
    mapping : str or Path, optional
        How to read a council's own spreadsheet; by default ``NAME.mapping.toml`` beside ``NAME.xlsx`` or ``NAME.csv``,
        else the only mapping in the folder.
    repair : bool
        Mend the named defects of an SSDA903 return; the extract's notes count what was mended, and
        :func:`pace_analysis.extract.ssda903.read_return` gives every repair.

    Raises
    ------
    InputError
        If there is no such path, its format is not known, a file of it cannot be read exactly, or ``repair`` is asked
        for and it is no return.
    SettingsError
        If the mapping cannot be used.
    """
    path = Path(path)
    try:
        if not path.exists():
            raise _no_such(path)
        path = path.resolve()  # "." has no name to speak of
        if mapping is not None:
            return tracker.read(path, as_at=as_at, covers_from=covers_from, mapping=Path(mapping))
        for form in FORMATS.values():
            if form.recognise(path):
                if repair:
                    return _mended(form, path, as_at, covers_from)
                return form.read(path, as_at=as_at, covers_from=covers_from)
    except OSError as error:
        raise InputError(
            f"The extract cannot be opened: {error.strerror or 'the system refuses'}.",
            where=str(error.filename or path),
            remedy="Close it in other programs and check that you may read it.",
        ) from error
    raise _unknown(path)


def _mended(form: Format, path: Path, as_at: date | None, covers_from: date | None) -> CareTables:
    if form is not ssda903:
        raise InputError("Only an SSDA903 return can be repaired.", where=path.name, remedy="Read it without repair.")
    return ssda903.read_return(path, as_at=as_at, covers_from=covers_from, repair=True).tables


def _no_such(path: Path) -> InputError:
    folder = path.parent
    if not folder.is_dir():
        return InputError(f"There is no folder '{folder}'.", where=str(path), remedy="Check the path.")
    close = difflib.get_close_matches(path.name, sorted(entry.name for entry in folder.iterdir()), n=3, cutoff=0.5)
    near = f"Did you mean {' or '.join(repr(name) for name in close)}?" if close else "Check the path."
    return InputError(f"There is no file or folder '{path.name}'.", where=f"in {folder}", remedy=near)


def _unknown(path: Path) -> InputError:
    files = csv_files(path) if path.is_dir() else [path]
    found = [f"{file.name}{_columns(file)}" for file in files[:SHOWN]]
    more = f" and {len(files) - SHOWN} more" if len(files) > SHOWN else ""
    known = "; ".join(f"{name}: {form.SAYS}" for name, form in FORMATS.items())
    return InputError(
        f"The format of '{path.name}' is not known.",
        where=f"Found: {'; '.join(found) or 'no CSV file'}{more}.",
        remedy=f"Known formats are {known}.",
    )


def _columns(file: Path) -> str:
    """Say which columns of a CSV file some format knows; without a header, other names may be a child's data."""
    if file.suffix.lower() != ".csv":
        return ""
    header = header_of(file)
    known = [name for name in header if any(name in form.NAMES for form in FORMATS.values())]
    return f" ({len(header)} columns, {'known are ' + ', '.join(known[:6]) if known else 'none of them known'})"
