"""Dates as people write them, read strictly: ``dd/mm/yyyy`` or ``yyyy-mm-dd``, one form a column, never guessed.

Guessing is what turns 3 February into 2 March: a column is read by one form or refused with the row to look at.
Whether a day is plausible (after birth, before the data cut) is for the rules, not for the reader.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from pace_analysis.errors import InputError

FORMS = {
    "yyyy-mm-dd": ("[0-9]{4}-[0-9]{2}-[0-9]{2}", "%Y-%m-%d"),
    "dd/mm/yyyy": ("[0-9]{2}/[0-9]{2}/[0-9]{4}", "%d/%m/%Y"),
}
TWO_DIGIT_YEAR = re.compile("[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2}")
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
PRIVATE = frozenset({"date_of_birth", "DOB", "MC_DOB"})  # their values are never printed
REMEDY = "Write every date of the column as dd/mm/yyyy (31/03/2015), or every one as yyyy-mm-dd (2015-03-31)."
LONGEST = 30  # characters of a value shown


def parse_dates(text: pd.Series, *, file: str) -> pd.Series:
    """Read one column of dates.

    Parameters
    ----------
    text : Series of str
        ``""`` is a blank; the index is the row number and the name the column's.
    file : str
        File or sheet, for messages.

    Returns
    -------
    Series of datetime64[ns]
        NaT where blank.

    Raises
    ------
    InputError
        For another form, a second form in the column, or a day that does not exist. Names file, row, column
        and value; of a date of birth only the value's shape.
    """
    codes, values = pd.factorize(text.to_numpy(dtype=object))
    unique = pd.Series(values, dtype=object)
    blank = unique.eq("").to_numpy()
    forms = {name: unique.str.fullmatch(pattern).to_numpy(dtype=bool) for name, (pattern, _) in FORMS.items()}
    strange = ~np.logical_or.reduce([blank, *forms.values()])
    if strange.any():
        row = int(np.argmax(strange[codes]))
        raise _refuse(text, row, _why(text.iloc[row]), file)
    used = sorted((int(np.argmax(mask[codes])), name) for name, mask in forms.items() if mask.any())
    if len(used) > 1:
        raise _refuse(text, used[1][0], f"is written {used[1][1]}, and rows above it {used[0][1]}", file)
    form = used[0][1] if used else "yyyy-mm-dd"
    parsed = pd.to_datetime(unique.mask(blank), format=FORMS[form][1], errors="coerce")
    impossible = parsed.isna().to_numpy() & ~blank
    if impossible.any():
        raise _refuse(text, int(np.argmax(impossible[codes])), "is no day of the calendar", file)
    return pd.Series(parsed.to_numpy(dtype="datetime64[ns]")[codes], index=text.index, name=text.name)


def shape(value: str) -> str:
    """Return ``value`` with every digit as 9 and every letter as a, so that nothing of a child is shown."""
    return "".join("9" if c.isdigit() else "a" if c.isalpha() else c for c in value[:LONGEST])


def name_shown(column: str) -> str:
    """A column's name as messages say it: only the shape where it holds a digit, for a file may lack its header."""
    return shape(column) if any(c.isdigit() for c in column) else column[:LONGEST]


def _why(value: str) -> str:
    if TWO_DIGIT_YEAR.fullmatch(value):
        return "has a year of two digits"
    if NUMBER.fullmatch(value):
        return "is a number, perhaps a spreadsheet's own count of days"
    return "is not written as a date"


def _refuse(text: pd.Series, position: int, why: str, file: str) -> InputError:
    value = text.iloc[position]
    shown = f"of the shape '{shape(value)}'" if text.name in PRIVATE else f"'{value[:LONGEST]}'"
    return InputError(
        f"The value {shown} {why}.", where=f"{file}, row {text.index[position]}, column {text.name}", remedy=REMEDY
    )
