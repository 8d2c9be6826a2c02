"""When each milestone of a period was reached, by definitions a person chose."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pace_analysis.errors import SettingsError, nearest
from pace_analysis.tables.schema import CODES

ACCOMMODATED = "accommodated"
RECOMMENDATION = "permanence_recommendation"
RATIFYING = "ratifying_review"


def known_milestones() -> list[str]:
    """Every name that may start or finish a clock."""
    return [ACCOMMODATED, *CODES["milestone"]]


def first_dates(milestone: pd.DataFrame, name: str, *, recommendation: str = "first") -> pd.DataFrame:
    """First date of milestone ``name`` in each period.

    Parameters
    ----------
    milestone : DataFrame
        The canonical table.
    name : str
        A code of the milestone list.
    recommendation : {"first", "ratified"}
        For the permanence recommendation where a second review ratifies it: the date of the review that
        first recommended it, or of the one that ratified it. A recommendation never ratified keeps its date.

    Returns
    -------
    DataFrame indexed by ``period_id``: ``date``, ``route`` (``""`` where not recorded).
    """
    return first_of(earliest(milestone), name, recommendation=recommendation)


def first_of(found: Mapping[str, pd.DataFrame], name: str, *, recommendation: str = "first") -> pd.DataFrame:
    """The same from the rows of :func:`earliest`, which serve for every milestone."""
    if name not in CODES["milestone"]:
        raise SettingsError(f"'{name}' is not a milestone.", remedy=nearest(name, known_milestones()))
    first = found[name]
    if name == RECOMMENDATION and recommendation == "ratified":
        ratified = found[RATIFYING]["date"].reindex(first.index)
        later = ratified.notna() & (ratified > first["date"])
        first = first.assign(date=first["date"].mask(later, ratified))
    return first


def earliest(milestone: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """First row of every milestone in each period, by milestone; each frame as :func:`first_dates` has it."""
    rows = milestone.sort_values(["period_id", "date"], kind="stable").drop_duplicates(["milestone", "period_id"])
    places = rows.groupby("milestone", sort=False).indices
    dates = rows.set_index("period_id")[["date", "route"]]
    return {name: dates.iloc[places.get(name, [])] for name in CODES["milestone"]}
