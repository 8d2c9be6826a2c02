"""The blocks of a CLAS folder: one CSV file each, recognised by its headings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pace_analysis.errors import InputError
from pace_analysis.extract.accounts import Account, account
from pace_analysis.extract.clas.mapping import ClasMapping
from pace_analysis.extract.dates_in import parse_dates, shape
from pace_analysis.extract.textfiles import TextTable, csv_files, header_of, read_csv


@dataclass(frozen=True)
class Block:
    """One block as text.

    Attributes
    ----------
    text : TextTable
    columns : mapping of field to heading
        Fields as in :data:`~pace_analysis.extract.clas.mapping.LABELS`; those the council does not have are not in it.
    """

    text: TextTable
    columns: Mapping[str, str]

    def values(self, field: str) -> pd.Series:
        """Text of one field, named after its heading; blank where the council does not have it."""
        frame = self.text.frame
        if field not in self.columns:
            return pd.Series("", index=frame.index, name=field, dtype=object)
        return frame[self.columns[field]]

    def days(self, field: str) -> pd.Series:
        """Dates of one field; of a date of birth no message shows more than the shape."""
        private = shape if field == "date_of_birth" else None
        return parse_dates(self.values(field), file=self.text.name, show=private)

    def meanings(self, field: str, mapping: ClasMapping) -> pd.Series:
        """Canonical meanings of a field's codes."""
        return mapping.meaning(self.values(field), field, file=self.text.name)

    def account(self, reasons: pd.Series) -> Account:
        """Account of the file from one reason a row."""
        return account(self.text.name, reasons, self.text.blank_rows)


def find_blocks(folder: Path, mapping: ClasMapping) -> dict[str, Path]:
    """File of each block in ``folder``; InputError when two files are the same block."""
    found: dict[str, Path] = {}
    for file in csv_files(folder):
        for block in mapping.columns_of(header_of(file)):
            if found.setdefault(block, file) != file:
                where = f"{found[block].name} and {file.name}"
                raise InputError(f"Two files are the {block} block.", where=where, remedy="Leave one in the folder.")
    return found


def read_block(file: Path, mapping: ClasMapping, block: str) -> Block:
    """Read one block's file as text."""
    text = read_csv(file)
    return Block(text, mapping.columns_of(text.frame.columns)[block])
