"""What each heading of a tracker probably is: by its words first, then by whether its values can be that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from pace_analysis.extract.dates_in import TWO_DIGIT_YEAR, fit_of_forms
from pace_analysis.extract.tracker import aliases
from pace_analysis.extract.tracker.columns import MOST_WORDS
from pace_analysis.extract.tracker.mapping import CODED, FIELDS
from pace_analysis.extract.tracker.matching import ENOUGH, Match, plain, ranked
from pace_analysis.tables.schema import CODES

DAY_FIELDS = tuple(name for name, column in FIELDS.items() if column.kind == "date")
ROUTED = (  # milestones that have a route to permanence
    "permanence_recommendation", "ratifying_review", "permanence_plan_agreed", "panel", "agency_decision",
    "order_granted",
)
MOSTLY = 0.8  # share of different values that must be days in a column of dates
FIRST_YEAR, LAST_YEAR = 1980, 2100  # a number is a likely day only between these
DIFFERENT = 0.3  # share of different values from which a column may number children
NO_DATE = frozenset(aliases.NO_DATE)
TARGETS = {**aliases.FIELDS, **aliases.MILESTONES, "route": aliases.ROUTE}


@dataclass(frozen=True, slots=True)
class Guess:
    """What one heading probably is.

    Attributes
    ----------
    heading : str
    kind : {"field", "milestone", "route", "ignored"}
    target : str
        Field or milestone; blank for a route or an ignored heading.
    why : str
        The reason, in one clause, with counts and our own words only.
    """

    heading: str
    kind: Literal["field", "milestone", "route", "ignored"]
    target: str
    why: str

    @property
    def has_route(self) -> bool:
        """Whether it is a milestone that has a route to permanence."""
        return self.target in ROUTED


@dataclass(frozen=True)
class _Column:
    """What the values of one column are like."""

    filled: int
    different: int
    dates: int  # different values that are no words for "no date"
    share_days: float  # of these


def best_guesses(names: list[str], frame: pd.DataFrame, as_days: pd.DataFrame) -> tuple[Guess, ...]:
    """Guess every heading of ``names``: nearest words first, each field once, a milestone as often as it comes.

    Parameters
    ----------
    names : list of str
        Headings in the order of the sheet.
    frame, as_days : DataFrame of str
        Columns whose heading stands once; in ``as_days`` plain numbers of a workbook are read as days.
    """
    found: dict[str, Guess] = {name: why for name in names if (why := _not_to_read(name, name in frame))}
    columns = {name: _look(frame[name], as_days[name]) for name in names if name not in found}
    nearest = {name: ranked(name, TARGETS) for name in columns}
    pairs = [(match, name) for name, matches in nearest.items() for match in matches if match.score >= ENOUGH]
    taken: set[str] = set()
    for match, name in sorted(pairs, key=lambda pair: -pair[0].score):
        if name not in found and match.name not in taken and _can_be(match.name, columns[name]):
            found[name] = _guess(name, match, columns[name], len(frame))
            taken |= {match.name} & set(FIELDS)
    for name in columns:
        found.setdefault(name, _ignored(name, nearest[name][0], columns[name]))
    return tuple(found[name] for name in names)


def is_no_date(value: str) -> bool:
    """Whether a value is a word that people write where there is no date."""
    return value.casefold() in NO_DATE


def word_guesses(name: str, words: Iterable[str]) -> dict[str, str]:
    """Codes of the council's ``words`` for the field ``name``; words that no alias is near are left out."""
    codes = CODES[CODED[name]]
    guessed = {}
    for word in words:
        match = ranked(word, aliases.WORDS[name])[0]
        if word in codes or match.score >= ENOUGH:
            guessed[word] = word if word in codes else match.name
        elif is_no_date(word):
            guessed[word] = ""
    return guessed


def _not_to_read(name: str, is_single: bool) -> Guess | None:
    words = set(plain(name).split())
    if words & aliases.NEVER:
        return Guess(name, "ignored", "", "may hold names or remarks, which are never read")
    if words & aliases.PLANNED:
        return Guess(name, "ignored", "", "says what is hoped for or how long it took, not what happened")
    if not is_single:
        return Guess(name, "ignored", "", "stands over several columns; rename one to read it")
    return None


def _look(values: pd.Series, as_days: pd.Series) -> _Column:
    filled = values[values != ""]
    dates = [value for value in as_days[as_days != ""].unique() if not is_no_date(value)]
    likely = [value for value in dates if not value[:4].isdigit() or FIRST_YEAR <= int(value[:4]) <= LAST_YEAR]
    short = sum(bool(TWO_DIGIT_YEAR.fullmatch(value)) for value in dates)
    share = max(fit_of_forms(likely).values(), default=0.0) * len(likely) + short
    return _Column(len(filled), filled.nunique(), len(dates), share / len(dates) if dates else 0.0)


def _can_be(target: str, column: _Column) -> bool:
    """Whether the values of a column allow it to be ``target``; an empty column may be anything."""
    if not column.filled:
        return True
    if target in DAY_FIELDS or target in aliases.MILESTONES:
        return column.share_days >= MOSTLY or not column.dates
    if target in CODED:
        return column.different <= MOST_WORDS and column.share_days < MOSTLY
    if target == "child_id":
        return column.different >= DIFFERENT * column.filled
    return True


def _guess(name: str, match: Match, column: _Column, rows: int) -> Guess:
    kind = "route" if match.name == "route" else "milestone" if match.name in aliases.MILESTONES else "field"
    why = f"{match.score:.0%} like '{match.alias}'; {column.filled:,} of {rows:,} rows filled"
    if kind == "milestone" or match.name in DAY_FIELDS:
        why += f", {int(100 * column.share_days)}% of the values are days" if column.dates else ""
    return Guess(name, kind, "" if kind == "route" else match.name, why)


def _ignored(name: str, match: Match, column: _Column) -> Guess:
    if column.filled and column.share_days >= MOSTLY:
        near = f"; the nearest is {match.name} ({match.score:.0%})" if match.score else ""
        why = f"holds days, but is not known{near}"
    elif match.score >= ENOUGH:
        why = f"is like {match.name}, but another heading is nearer or the values do not fit"
    else:
        why = "is not known; what is needed of it must be named by a person"
    return Guess(name, "ignored", "", why)
