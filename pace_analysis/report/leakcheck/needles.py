"""What is looked for: ids, birth dates and single dates of an extract, names, and what tells of this machine.

An id is looked for as a whole word, whatever its case, and a day in every form :func:`days_in` reads. A value so short
that ordinary numbers and words are like it is left out, and :attr:`Needles.left_out` says how many and how long.
"""

from __future__ import annotations

import calendar
import getpass
import re
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from pace_analysis.dates import Quarter, ReportingYear
from pace_analysis.settings import home, load_aims
from pace_analysis.study import Study
from pace_analysis.tables.schema import CareTables

WORD = re.compile(r"[^\W_]+")
SHORTEST_NUMBER, SHORTEST_WORD, SHORTEST_MIXED = 5, 5, 4  # characters below which a match would be chance
SHARED_ACCOUNTS = frozenset({  # say nothing of a person, and are ordinary words of pages
    "admin", "administrator", "builder", "default", "guest", "jovyan", "localhost", "owner", "root", "runner", "system",
    "test", "ubuntu", "user", "vagrant",
})
_MONTHS = {name.casefold(): number for names in (calendar.month_name, calendar.month_abbr)
           for number, name in enumerate(names) if name} | {"sept": 9}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_PART = re.compile(rf"\d+|{_MONTH}")
# a first digit or letter, and only then what may not stand before it: re skips to such a first character by itself
_NUMBERED = (
    r"\d(?<!\d\d)(?:"
    r"(?P<iso>(?<=[12])\d{3}[-/]\d{1,2}[-/]\d{1,2})"
    r"|(?P<british>\d?[-/.]\d{1,2}[-/.][12]\d{3})"
    r"|(?P<compact>(?<=[12])(?<!\d\.\d)\d{3}[01]\d[0-3]\d)"
    rf"|(?P<words>\d?(?:st|nd|rd|th)?[\s-]+(?:of\s+)?(?:{_MONTH})\.?,?[\s-]+[12]\d{{3}})"
    r")(?!\d)"
)
_AMERICAN = rf"(?:{_MONTH})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+[12]\d{{3}}(?!\d)"
NUMBERED, AMERICAN = re.compile(_NUMBERED), re.compile(_AMERICAN)
DAY = re.compile(rf"{_NUMBERED}|(?P<american>\b{_AMERICAN})")


class Needle(NamedTuple):
    """One value to look for: its folded text, its longest word's place in it, and what it is."""

    text: str
    at: int
    kind: str


@dataclass(frozen=True, slots=True)
class Needles:
    """Everything to look for; its ``repr`` tells none of it.

    Attributes
    ----------
    words : mapping of a value's longest word to the values that hold it
    days : mapping of day to kind; days a report may print are not in it
    paths : tuple of str
        Folders of this machine, folded, with forward slashes.
    left_out : tuple of str
        Sentences on values too short to look for: how many, of what length, never which.
    """

    words: Mapping[str, tuple[Needle, ...]] = field(repr=False)
    days: Mapping[date, str] = field(repr=False)
    paths: tuple[str, ...] = field(default=(), repr=False)
    left_out: tuple[str, ...] = ()

    @classmethod
    def of(cls, tables: CareTables | None, machine: bool = True, *, allowed: Iterable[date] = (),
           names: Iterable[str] = (), texts: Iterable[str] = ()) -> Needles:
        """Collect what must not be found.

        Parameters
        ----------
        tables : CareTables or None
            The extract as read, before its ids are keyed. None: nothing of an extract.
        machine : bool
            Also the folders, user and host name of this machine.
        allowed : iterable of date
            Days a report may print, such as :func:`days_reported`; not looked for, even where one is a birth date.
        names : iterable of str
            Names of people, such as a case-management system lists; canonical tables hold none.
        texts : iterable of str
            What the author typed. Days in it may be printed, and a user or host name in it is an ordinary word.
        """
        typed = list(texts)
        printed = frozenset(allowed).union(*map(days_in, typed))
        values = {"name": set(names)}
        if tables is not None:
            values |= _ids(tables)
        if machine:
            ordinary = SHARED_ACCOUNTS.union(*(WORD.findall(text.casefold()) for text in typed))
            values |= {kind: {name for name in found if name.casefold() not in ordinary}
                       for kind, found in _accounts().items()}
        kept = [(value, kind) for kind, found in values.items() for value in found if _long_enough(value)]
        days = {} if tables is None else _days(tables)
        return cls(
            words=_by_longest_word(kept),
            days={day: kind for day, kind in days.items() if day not in printed},
            paths=_folders() if machine else (),
            left_out=tuple(_too_short(kind, found) for kind, found in values.items()
                           if not all(map(_long_enough, found))),
        )

    def __or__(self, other: Needles) -> Needles:
        """Look for the values of both, such as ids as read and ids as keyed."""
        kept = {(needle.text, needle.kind) for part in (self, other) for held in part.words.values() for needle in held}
        return Needles(_by_longest_word(kept), {**self.days, **other.days},
                       tuple(dict.fromkeys((*self.paths, *other.paths))),
                       tuple(dict.fromkeys((*self.left_out, *other.left_out))))


def days_in(text: str) -> frozenset[date]:
    """Return every day written in a text.

    Forms: 2015-09-30, 30/09/2015 (British order, also with ``-`` or ``.``), 20150930, 30 September 2015,
    30th of Sept. 2015, September 30, 2015; upper and lower case are alike.
    """
    folded = text.casefold()
    form = DAY if AMERICAN.search(folded) else NUMBERED
    return frozenset(day for match in form.finditer(folded) if (day := _day(match)) is not None)


def days_reported(study: Study) -> frozenset[date]:
    """Return the days a report of a study prints of itself.

    Data cut, window, first and last days of quarters and reporting years, last day of the next quarter, programme
    start, days of aims and of tests of change.
    """
    extract, start = study.tables.extract, study.authority.year_starts_in_month
    quarters = [Quarter.of(study.first_day)]
    while quarters[-1] < study.quarter:
        quarters.append(quarters[-1].shift(1))
    years = {ReportingYear.of(quarter.first_day, start) for quarter in quarters}
    days = {day for span in (*quarters, *years) for day in (span.first_day, span.last_day)}
    days |= {study.as_at, extract.as_at, study.first_day, study.authority.programme_start, study.quarter.shift(1).last_day}
    days |= {study.authority.definitions.cut(quarter.last_day) for quarter in quarters}  # data cuts of earlier reports
    days |= {aim.by for aim in load_aims().values()}
    days |= set(_column_days(study.tables.change, "start_date")) | set(_column_days(study.tables.change, "end_date"))
    return frozenset(days - {None})


def _day(match: re.Match[str]) -> date | None:
    text, form = match[0], match.lastgroup
    if form == "compact":
        parts = [text[:4], text[4:6], text[6:]]
    else:
        parts = _PART.findall(text)
        if form == "american":
            parts = [parts[1], parts[0], parts[2]]
        parts = parts if form == "iso" else parts[::-1]
    year, month, day = (_MONTHS.get(part) or int(part) for part in parts)
    try:
        return date(year, month, day)
    except ValueError:
        return None  # no such day, so no date


def _ids(tables: CareTables) -> dict[str, set[str]]:
    columns = {
        "period id": (tables.period["period_id"], tables.milestone["period_id"]),
        "child id": (tables.child["child_id"], tables.period["child_id"]),
        "sibling group": (tables.child["sibling_group"],),
    }
    return {kind: {value.strip() for column in found for value in column.unique()} - {""}
            for kind, found in columns.items()}


def _days(tables: CareTables) -> dict[date, str]:
    single = [_column_days(tables.period, "start_date"), _column_days(tables.period, "end_date"),
              _column_days(tables.milestone, "date")]
    days = {day: "single date" for column in single for day in column}
    return days | {day: "birth date" for day in _column_days(tables.child, "date_of_birth")}


def _column_days(frame: pd.DataFrame, name: str) -> list[date]:
    return pd.DatetimeIndex(frame[name].dropna().unique()).date.tolist()


def _accounts() -> dict[str, set[str]]:
    host = socket.gethostname()
    try:
        user = getpass.getuser()
    except (ImportError, KeyError, OSError):
        user = ""  # an account without a name
    return {"user name": {user} - {""}, "host name": {host, host.split(".")[0]} - {""}}


def _folders() -> tuple[str, ...]:
    """Home folder, current folder and the project's home, unless it is the root of a drive."""
    named = {Path.home(), Path.cwd(), home().absolute()}
    folders = named | {folder.resolve() for folder in named}
    return tuple(sorted(folder.as_posix().casefold() for folder in folders if folder != Path(folder.anchor)))


def _long_enough(value: str) -> bool:
    core = "".join(WORD.findall(value))
    shortest = SHORTEST_NUMBER if core.isdigit() else SHORTEST_WORD if core.isalpha() else SHORTEST_MIXED
    return len(core) >= shortest


def _too_short(kind: str, values: Iterable[str]) -> str:
    lengths = [len(value) for value in values if not _long_enough(value)]
    span = f"{min(lengths)} to {max(lengths)}" if min(lengths) < max(lengths) else f"{lengths[0]}"
    return (f"Not looked for: {len(lengths):,} of kind {kind}, {span} characters long; "
            "so short, they would be met by chance.")


def _by_longest_word(values: Iterable[tuple[str, str]]) -> dict[str, tuple[Needle, ...]]:
    held: dict[str, list[Needle]] = {}
    for value, kind in values:
        folded = " ".join(value.casefold().split())
        word = max(WORD.finditer(folded), key=lambda match: len(match[0]))
        held.setdefault(word[0], []).append(Needle(folded, word.start(), kind))
    return {word: tuple(needles) for word, needles in held.items()}
