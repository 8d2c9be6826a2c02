"""Columns of a tracker to canonical values: the council's words to codes, and one value a child."""

from __future__ import annotations

import pandas as pd

from pace_analysis.errors import InputError
from pace_analysis.extract.dates_in import LONGEST, shape
from pace_analysis.extract.tracker.mapping import CODED, TrackerMapping
from pace_analysis.tables.schema import CODES

MOST_WORDS = 30  # a column with more different words is no list of codes: it may hold names, and none is shown
SHOWN = 5  # rows named in a message


def coded(values: pd.Series, name: str, mapping: TrackerMapping, file: str) -> pd.Series:
    """Read the council's words as codes of ``name``; capitals and spaces within do not matter.

    Raises
    ------
    InputError
        For a word that the mapping does not name and that is no code itself: heading, rows, and the word where it
        stands in several rows (a word of one row only may be a name).
    """
    codes = CODES[CODED[name]]
    known = {"": "", **{code.casefold(): code for code in codes}}
    known |= {word.casefold(): code for word, code in mapping.words.get(name, {}).items()}
    plain = values.map({word: " ".join(word.split()).casefold() for word in values.unique()}).astype(object)
    unknown = values.index[~plain.isin(known)]
    if not len(unknown):
        return plain.map(known).astype(object)
    word = values[unknown[0]]
    same = values.index[plain == plain[unknown[0]]]
    is_shown = len(same) > 1 and plain.nunique() <= MOST_WORDS
    shown = f"word '{word[:LONGEST]}'" if is_shown else f"word of the shape '{shape(word)}'"
    more = f" and {len(same) - SHOWN} more" if len(same) > SHOWN else ""
    rows = f"{'row' if len(same) == 1 else 'rows'} {', '.join(map(str, same[:SHOWN]))}{more}"
    raise InputError(
        f"The {shown} is not in the mapping.",
        where=f"{file}, {rows}, column {values.name}",
        remedy=f"Add it to {mapping.file} under [words.{name}] with the code it means: {', '.join(codes)}.",
    )


def one_value_a_child(children: pd.Series, values: pd.Series, heading: str, file: str) -> pd.Series:
    """Give every row of a child the child's value, blanks included.

    Raises
    ------
    InputError
        If two rows of one child hold different values; the rows are named, the values are not shown.
    """
    filled = values.mask(values.eq("")) if values.dtype == object else values
    first = filled.groupby(children).transform("first")
    differs = filled.notna() & (filled != first)
    if differs.any():
        row = differs.index[differs][0]
        other = children.index[(children == children[row]) & filled.notna()][0]
        raise InputError(
            f"Two rows of one child hold different values of '{heading}'.", where=f"{file}, rows {other} and {row}",
            remedy="Correct whichever is wrong; if they are two children, give each a number of its own.",
        )
    return first.fillna("").astype(object) if values.dtype == object else first
