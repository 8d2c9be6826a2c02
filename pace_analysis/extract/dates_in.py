"""Dates as people write them, read strictly: ``dd/mm/yyyy`` or ``yyyy-mm-dd``, one form a column, never guessed.

Guessing is what turns 3 February into 2 March: a column is read by one form or refused with the row to look at.
Other forms of :data:`FORMS` are read only where a mapping declares them for the column.
Whether a day is plausible (after birth, before the data cut) is for the rules, not for the reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import partial

import numpy as np
import pandas as pd

from pace_analysis.errors import InputError

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR, _MONTH, _DAY, _SHORT = "(?P<y>[0-9]{4})", "(?P<m>[0-9]{2})", "(?P<d>[0-9]{2})", "[0-9]{1,2}"
_MONTH_NAME = (
    "(?P<m>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?)"
)
FORMS = {
    "yyyy-mm-dd": f"{_YEAR}-{_MONTH}-{_DAY}",
    "dd/mm/yyyy": f"{_DAY}/{_MONTH}/{_YEAR}",
    "d/m/yyyy": f"(?P<d>{_SHORT})/(?P<m>{_SHORT})/{_YEAR}",
    "dd.mm.yyyy": f"{_DAY}[.]{_MONTH}[.]{_YEAR}",
    "dd-mm-yyyy": f"{_DAY}-{_MONTH}-{_YEAR}",
    "d month yyyy": f"(?i:(?P<d>{_SHORT})[ -]{_MONTH_NAME}[ -]{_YEAR})",
    "mm/dd/yyyy": f"{_MONTH}/{_DAY}/{_YEAR}",
}
UNASKED = ("yyyy-mm-dd", "dd/mm/yyyy")
TWO_DIGIT_YEAR = re.compile("[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2}")
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
PRIVATE = frozenset({"date_of_birth", "DOB", "MC_DOB"})  # their values are never printed
REMEDY = "Write every date of the column as dd/mm/yyyy (31/03/2015), or every one as yyyy-mm-dd (2015-03-31)."
MISTYPED = "Correct the day where it was recorded, or leave the row out of the extract."
AS_A_DAY = "; in a workbook type the day again, so that the cell holds a day and not text"
EARLIEST, LATEST = 1850, 2130  # years; the nanoseconds between any two of their days can be counted
LONGEST = 30  # characters of a value shown


def parse_dates(
    text: pd.Series, *, file: str, form: str = "", show: Callable[[str], str] | None = None
) -> pd.Series:
    """Read one column of dates.

    Parameters
    ----------
    text : Series of str
        ``""`` is a blank; the index is the row number and the name the column's.
    file : str
        File or sheet, for messages.
    form : str, optional
        The form of :data:`FORMS` that the column is declared to have; else one of :data:`UNASKED`.
    show : function, optional
        What of a value a message may show; by default all of it, but of a date of birth only the shape.

    Returns
    -------
    Series of datetime64[ns]
        NaT where blank.

    Raises
    ------
    InputError
        For another form, a second form in the column, or a day that does not exist. Names file, row and column.
    """
    codes, values = pd.factorize(text.to_numpy(dtype=object))
    unique = pd.Series(values, dtype=object)
    blank = unique.eq("").to_numpy()
    allowed = (form,) if form else UNASKED
    fits = {name: unique.str.fullmatch(FORMS[name]).to_numpy(dtype=bool) for name in allowed}
    refuse = partial(_refuse, text, file=file, form=form, show=show)
    strange = ~np.logical_or.reduce([blank, *fits.values()])
    if strange.any():
        row = int(np.argmax(strange[codes]))
        raise refuse(row, _why(text.iloc[row], form))
    used = sorted((int(np.argmax(mask[codes])), name) for name, mask in fits.items() if mask.any())
    if len(used) > 1:
        raise refuse(used[1][0], f"is written {used[1][1]}, and rows above it {used[0][1]}")
    parsed = _days(unique, used[0][1] if used else allowed[0])
    impossible = parsed.isna().to_numpy() & ~blank
    if impossible.any():
        row = int(np.argmax(impossible[codes]))
        years = [int(year) for year in re.findall(r"[0-9]{4}", text.iloc[row])]
        if not all(EARLIEST <= year <= LATEST for year in years):
            raise refuse(row, f"lies before {EARLIEST} or after {LATEST}", remedy=MISTYPED)
        raise refuse(row, "is no day of the calendar")
    return pd.Series(parsed.to_numpy(dtype="datetime64[ns]")[codes], index=text.index, name=text.name)


def fit_of_forms(values: Collection[str]) -> dict[str, float]:
    """Share of different ``values`` that are days by each form of :data:`FORMS`; nothing when there is no value."""
    unique = pd.Series(sorted(set(values)), dtype=object)
    return {form: float(_days(unique, form).notna().mean()) for form in FORMS} if len(unique) else {}


def _days(unique: pd.Series, form: str) -> pd.Series:
    """Days of values by one form; NaT where the value has another or is no day."""
    parts = map(re.compile(FORMS[form]).fullmatch, unique)
    written = [f"{found['y']}-{_month(found['m'])}-{found['d']:0>2}"
               if found and EARLIEST <= int(found["y"]) <= LATEST else None for found in parts]
    return pd.to_datetime(pd.Series(written, dtype=object), format="%Y-%m-%d", errors="coerce")


def _month(written: str) -> str:
    return f"{written:0>2}" if written.isdigit() else f"{MONTHS.index(written[:3].lower()) + 1:02d}"


def shape(value: str) -> str:
    """Return ``value`` with every digit as 9 and every letter as a, so that nothing of a child is shown."""
    return "".join("9" if c.isdigit() else "a" if c.isalpha() else c for c in value[:LONGEST])


def name_shown(column: str) -> str:
    """A column's name as messages say it: only the shape where it holds a digit, for a file may lack its header."""
    return shape(column) if any(c.isdigit() for c in column) else column[:LONGEST]


def _why(value: str, form: str) -> str:
    other = next((name for name in FORMS if form and name != form and re.fullmatch(FORMS[name], value)), "")
    if other:
        return f"is written {other}, and the column is declared to be {form}"
    if TWO_DIGIT_YEAR.fullmatch(value):
        return "has a year of two digits"
    if NUMBER.fullmatch(value):
        return "is a number, perhaps a spreadsheet's own count of days"
    return "is not written as a date"


def _refuse(
    text: pd.Series, position: int, why: str, *, file: str, form: str, show: Callable[[str], str] | None, remedy: str = ""
) -> InputError:
    value, name = text.iloc[position], text.name
    shown = (show or (shape if name in PRIVATE else str))(value[:LONGEST])
    of_shape = "" if shown == value[:LONGEST] else "of the shape "
    return InputError(
        f"The value {of_shape}'{shown}' {why}.",
        where=f"{file}, row {text.index[position]}, column {name}",
        remedy=remedy or (f"Write every date of the column as {form}{AS_A_DAY}." if form else REMEDY),
    )
