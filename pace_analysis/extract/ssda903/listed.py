"""Codes outside the list of their collection year: said in notes, never a reason to stop reading."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from pace_analysis.extract.ssda903.codes import MENDED
from pace_analysis.extract.ssda903.returns import Stack
from pace_analysis.extract.ssda903.years import LAST_YEAR, spec

CODE = re.compile("[A-Z0-9]{1,6}")  # what may be shown: a date or a name is none
SHOWN = 5


def outside_lists(tables: Mapping[str, Stack]) -> tuple[str, ...]:
    """One note a column that holds codes its row's collection year does not list; blanks are not codes."""
    notes = (_outside(stack.frame, column) for stack in tables.values() for column in sorted(spec(LAST_YEAR).codes)
             if column in stack.frame)
    return tuple(note for note in notes if note)


def _outside(frame: pd.DataFrame, column: str) -> str:
    odd = frame[column].ne("") & frame[column].ne(MENDED)
    for year, rows in frame.groupby("YEAR"):
        odd[rows.index] &= ~rows[column].isin(spec(int(year) or LAST_YEAR).codes[column])
    found = frame[odd]
    if not len(found):
        return ""
    shown = [code for code in sorted(set(found[column])) if CODE.fullmatch(code)]
    named = f": {', '.join(shown[:SHOWN])}{' ...' if len(shown) > SHOWN else ''}" if shown else ""
    first = f"first in {found['FILE'].iloc[0]}, row {found['ROW'].iloc[0]}"
    return f"{column}: {len(found)} values are no code of their collection year ({first}){named}."
