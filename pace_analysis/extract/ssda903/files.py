"""The files of an SSDA903 return, known by their sets of columns, grouped into the returns of single years.

A folder holds one return; or files of several years, told apart by a column YEAR or by a year in their names;
or one sub-folder a year. A year in a name is ``2018``, or a span such as ``2017-18``, of which the later counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pace_analysis.errors import InputError
from pace_analysis.extract.ssda903.xmlfile import is_return
from pace_analysis.extract.textfiles import csv_files, header_of

ADDED = frozenset({"LA", "YEAR"})  # columns that merged returns of several years or authorities carry
LAYOUT = MappingProxyType({
    name: tuple(columns.split())
    for name, columns in {
        "header": "CHILD SEX DOB ETHNIC UPN MOTHER MC_DOB",
        "episodes": "CHILD DECOM RNE LS CIN PLACE PLACE_PROVIDER DEC REC REASON_PLACE_CHANGE HOME_POST PL_POST URN",
        "placed_for_adoption": "CHILD DOB DATE_PLACED DATE_PLACED_CEASED REASON_PLACED_CEASED",
        "ad1": "CHILD DOB DATE_INT DATE_MATCH FOSTER_CARE NB_ADOPTR SEX_ADOPTR LS_ADOPTR",
        "reviews": "CHILD DOB REVIEW REVIEW_CODE",
        "uasc": "CHILD SEX DOB DUC",
        "oc2": "CHILD DOB SDQ_SCORE SDQ_REASON CONVICTED HEALTH_CHECK IMMUNISATIONS TEETH_CHECK HEALTH_ASSESSMENT"
        " SUBSTANCE_MISUSE INTERVENTION_RECEIVED INTERVENTION_OFFERED",
        "oc3": "CHILD DOB IN_TOUCH ACTIV ACCOM",
        "previous_permanence": "CHILD DOB PREV_PERM LA_PERM DATE_PERM",
        "missing": "CHILD DOB MISSING MIS_START MIS_END",
        "sw_episodes": "CHILD DOB SW_ID SW_DECOM SW_DEC SW_REASON",
        "dolo": "CHILD DOB DOLO_START DOLO_END",
    }.items()
})
NEEDED = ("header", "episodes")
USED = (*NEEDED, "placed_for_adoption", "ad1")
YEAR_IN_NAME = re.compile(r"(?<!\d)(20\d\d)(?:[-_ ]?(?:20)?(\d\d))?(?!\d)")
UNREAD = "The folder {} holds a return of its own and was not read: the folder above it is read as one return."
OTHER_FORMS = (".xlsx", ".xls", ".xml")  # files that may hold data, and are no part of a return as CSV files


@dataclass(frozen=True, slots=True)
class YearSet:
    """The files of one return.

    Attributes
    ----------
    name : str
        How messages name it: its year, folder or file.
    year : int
        Collection year that its name says, 0 when it says none.
    csv : mapping of table to files
    xml : Path or None
        The return as one XML file, when it is one.
    """

    name: str
    year: int
    csv: Mapping[str, tuple[Path, ...]]
    xml: Path | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The returns found at a path, and what must be said of the files that are in none of them."""

    sets: tuple[YearSet, ...]
    notes: tuple[str, ...]


def table_of(file: Path) -> str:
    """Name of the return's table that has exactly the columns of ``file``; empty when none has."""
    found = frozenset(header_of(file)) - ADDED
    return next((name for name, columns in LAYOUT.items() if frozenset(columns) == found), "")


def year_in(name: str) -> int:
    """Collection year that a name says: its last ``2018`` or ``2017-18``, 0 for none."""
    years = [0]
    for first, second in YEAR_IN_NAME.findall(name):
        next_year = int(first) + 1
        years.append(next_year if second and next_year % 100 == int(second) else int(first))
    return years[-1]


def find(path: Path) -> Found:
    """Find the returns at ``path``: an XML file, a folder that holds a return, or a folder of such folders."""
    if path.is_file():
        return Found((YearSet(path.name, 0, {}, path),), ()) if is_return(path) else Found((), ())
    if not path.is_dir():
        return Found((), ())
    here = {file: table_of(file) for file in csv_files(path)}
    below = sorted(folder for folder in path.iterdir() if folder.is_dir() and not folder.name.startswith("."))
    if set(NEEDED) <= set(here.values()) or any(_returns_as_xml(path)):
        found = _grouped({path: here}, path)
        unread = (UNREAD.format(folder.name) for folder in below if _holds_any(folder))
        return Found(found.sets, (*found.notes, *unread))
    return _grouped({path: here} | {folder: {f: table_of(f) for f in csv_files(folder)} for folder in below}, path)


def first_of(candidates: tuple[Path, ...]) -> Path:
    """Of files of one table and year, the one whose name begins all others.

    ``placed_for_adoption`` goes before ``placed_for_adoption_errors``.

    Raises
    ------
    InputError
        If there is none.
    """
    shortest = min(candidates, key=lambda file: len(file.stem))
    if all(file == shortest or file.stem.startswith(f"{shortest.stem}_") for file in candidates):
        return shortest
    raise InputError(
        f"{len(candidates)} files have the same columns, and none of them goes first.",
        where=", ".join(file.name for file in candidates),
        remedy="Put each year into a folder of its own, write it into the names, or merge them with a column YEAR.",
    )


def _grouped(places: Mapping[Path, Mapping[Path, str]], root: Path) -> Found:
    """Group files by the year in their own names, else in their folder's, else by folder."""
    groups: dict[tuple[int, str], dict[str, list[Path]]] = {}
    sets, notes = [], []
    for folder, tables in places.items():
        folder_year = 0 if folder == root else year_in(folder.name)
        for file, table in tables.items():
            year = year_in(file.stem) or folder_year
            if table:
                group = groups.setdefault((year, "" if year else folder.name), {})
                group.setdefault(table, []).append(file)
            else:
                notes.append(f"{said(file, root)} has no columns of the return and was not read.")
        as_xml = _returns_as_xml(folder)
        if not any(tables.values()):
            sets += [YearSet(said(file, root), year_in(file.stem) or folder_year, {}, file) for file in as_xml]
            as_xml = []
        notes += _left_out(folder, root, as_xml)
    sets += [
        YearSet(str(year) if year else name, year, {table: tuple(files) for table, files in tables.items()})
        for (year, name), tables in groups.items()
    ]
    return Found(tuple(sorted(sets, key=lambda one: (one.year, one.name))), tuple(notes))


def said(file: Path, root: Path) -> str:
    """Name of a file as messages say it: with its folder, when that is below ``root``."""
    return file.name if file.parent == root or file == root else f"{file.parent.name}/{file.name}"


def _holds_any(folder: Path) -> bool:
    return any(map(table_of, csv_files(folder))) or bool(_returns_as_xml(folder))


def _returns_as_xml(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.suffix.lower() == ".xml" and is_return(file))


def _left_out(folder: Path, root: Path, as_xml: list[Path]) -> list[str]:
    """Notes of the files of a folder that are not read; an XML return that is read is in none of them."""
    notes = [f"{said(file, root)} holds a return as XML beside CSV files and was not read." for file in as_xml]
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() in OTHER_FORMS and file.is_file() and not is_return(file):
            notes.append(f"{said(file, root)} is no file of the return and was not read.")
    return notes
