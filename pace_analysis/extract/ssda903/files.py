"""The files of an SSDA903 return: recognised by their sets of columns, every row accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pace_analysis.errors import InputError
from pace_analysis.extract.textfiles import TextTable, csv_files, header_of, read_csv

ADDED = frozenset({"LA", "YEAR"})  # columns that merged returns of several years or authorities carry
COLUMNS = MappingProxyType({
    name: frozenset(columns.split())
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


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the rows of one file: read = used + set aside."""

    file: str
    read: int
    used: int
    set_aside: tuple[tuple[str, int], ...] = ()

    def sentence(self) -> str:
        """Say the account in one sentence."""
        reasons = ", ".join(f"{count} {reason}" for reason, count in self.set_aside)
        aside = f"; set aside: {reasons}" if reasons else ""
        return f"{self.file}: {self.read} rows read, {self.used} used{aside}."


@dataclass(frozen=True, slots=True)
class Return:
    """The files of one return as text, by table, and the accounts of files whose rows are not used."""

    texts: Mapping[str, TextTable]
    accounts: tuple[Account, ...]
    notes: tuple[str, ...]


def table_of(file: Path) -> str:
    """Name of the return's table that has exactly the columns of ``file``; empty when none has."""
    found = frozenset(header_of(file)) - ADDED
    return next((name for name, columns in COLUMNS.items() if columns == found), "")


def find_tables(folder: Path) -> tuple[dict[str, list[Path]], list[Path]]:
    """Return the files of each table in ``folder``, and the CSV files that are of no table."""
    files: dict[str, list[Path]] = {}
    strange = []
    for file in csv_files(folder):
        name = table_of(file)
        if name:
            files.setdefault(name, []).append(file)
        else:
            strange.append(file)
    return files, strange


def read_files(folder: Path) -> Return:
    """Read every file of the return as text.

    Where several files have one set of columns, the one whose name begins all others is read
    (``placed_for_adoption`` before ``placed_for_adoption_errors``).

    Raises
    ------
    InputError
        If none of several files of one table goes first, or a file cannot be read exactly.
    """
    files, strange = find_tables(folder)
    texts, accounts, notes = {}, [], [f"{file.name} has no columns of the return and was not read." for file in strange]
    for name, candidates in files.items():
        chosen = _first_of(candidates)
        for other in candidates:
            if other != chosen:
                accounts.append(_unused(read_csv(other), f"same columns as {chosen.name}"))
        text = read_csv(chosen)
        notes += text.notes
        if name in USED:
            texts[name] = text
        else:
            accounts.append(_unused(text, "of a table that holds no milestone"))
    return Return(texts, tuple(accounts), tuple(notes))


def _unused(text: TextTable, reason: str) -> Account:
    rows = len(text.frame) + text.blank_rows
    return Account(text.name, rows, 0, ((reason, rows),) if rows else ())


def _first_of(candidates: list[Path]) -> Path:
    shortest = min(candidates, key=lambda file: len(file.stem))
    if all(file == shortest or file.stem.startswith(f"{shortest.stem}_") for file in candidates):
        return shortest
    raise InputError(
        f"{len(candidates)} files have the same columns, and none of them goes first.",
        where=", ".join(file.name for file in candidates),
        remedy="Leave one in the folder, or merge them into one file with a column YEAR.",
    )
