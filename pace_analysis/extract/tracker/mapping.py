"""Which heading of a council's tracker is what, from a TOML file beside it; unknown keys are refused.

The council's words stand on the left and ours on the right, throughout.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pace_analysis.errors import InputError, SettingsError, nearest
from pace_analysis.extract.dates_in import FORMS
from pace_analysis.settings import read_toml
from pace_analysis.tables.schema import CODES, TABLES, Column

ENDING = ".mapping.toml"
FIELDS: Mapping[str, Column] = MappingProxyType({
    column.name: column for column in (*TABLES["child"], *TABLES["period"])
})
NEEDED = ("child_id", "date_of_birth", "start_date", "end_date")
CODED = MappingProxyType({**{name: column.codes for name, column in FIELDS.items() if column.codes}, "route": "route"})
MOST_HEADER_ROWS = 5


@dataclass(frozen=True, slots=True)
class TrackerMapping:
    """What a mapping states.

    Attributes
    ----------
    file : str
        Name of the mapping's file.
    headings : mapping of heading to field
        A field of the child or the period table; each once.
    milestones : mapping of heading to milestone
        Several headings may hold one milestone.
    routes : mapping of heading to heading
        Heading of a milestone, and of the column that holds its route.
    dates : mapping of heading to form
        Forms of ``dates_in.FORMS``; a heading not named has ``yyyy-mm-dd`` or ``dd/mm/yyyy`` throughout.
    words : mapping of field to (mapping of the council's word to code)
        For the fields with codes and for ``route``; a blank code stands for a blank.
    blanks : tuple of str
        Words in columns of dates that stand for no date.
    ignore : tuple of str
        Headings of columns that are not read.
    sheet : str
        Sheet of a workbook; the first where blank.
    header_rows : tuple of int
        Rows of headings, one below the other.
    source : str
        Name of the system, for the report; the file's name where blank.
    as_at, covers_from : date or None
        Last day the tracker knows of; first day from which every child in care is in it.
    """

    file: str
    headings: Mapping[str, str]
    milestones: Mapping[str, str]
    routes: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    blanks: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    sheet: str = ""
    header_rows: tuple[int, ...] = (1,)
    source: str = ""
    as_at: date | None = None
    covers_from: date | None = None

    @property
    def heading_of(self) -> dict[str, str]:
        """Heading of each field."""
        return {name: heading for heading, name in self.headings.items()}

    @property
    def date_headings(self) -> list[str]:
        """Headings of columns of dates: of the child, the period, and the milestones."""
        days = [heading for heading, name in self.headings.items() if FIELDS[name].kind == "date"]
        return [*days, *self.milestones]

    @property
    def used(self) -> list[str]:
        """Every heading that is read."""
        return list(dict.fromkeys((*self.headings, *self.milestones, *self.routes.values())))


TEXTS = ("sheet", "source")
DAYS = ("as_at", "covers_from")
LISTS = ("blanks", "ignore")
TABLES_OF_WORDS = ("headings", "milestones", "routes", "dates")
KEYS = (*TEXTS, *DAYS, *LISTS, "header_rows", *TABLES_OF_WORDS, "words")


def find_mapping(path: Path) -> Path | None:
    """The mapping beside a tracker: of the same name, else the only one in the folder; None when there is none.

    Raises
    ------
    InputError
        If there are several in the folder and none has the tracker's name.
    """
    own = path.with_name(path.stem + ENDING)
    if own.is_file():
        return own
    others = sorted(file for file in path.parent.glob(f"*{ENDING}") if file.is_file())
    if len(others) > 1:
        raise InputError(
            "There are several mappings, and none has the tracker's name.",
            where=", ".join(file.name for file in others[:5]),
            remedy=f"Name the right one {own.name}, or give it with the extract.",
        )
    return others[0] if others else None


def load_mapping(path: Path) -> TrackerMapping:
    """Read a mapping.

    Raises
    ------
    SettingsError
        If the file is no TOML, or a key, heading, field, milestone, form or code in it cannot be used.
    """
    values = read_toml(path)
    _known(values, KEYS, path.name, "key")
    _check_kinds(values, path.name)
    words = values.get("words", {})
    read = {name: {_plain(key): value for key, value in values.get(name, {}).items()} for name in TABLES_OF_WORDS}
    mapping = TrackerMapping(
        file=path.name,
        **{name: values[name] for name in (*TEXTS, *DAYS) if name in values},
        **{name: tuple(_plain(word) for word in values[name]) for name in LISTS if name in values},
        **({"header_rows": tuple(values["header_rows"])} if "header_rows" in values else {}),
        **read | {"routes": {heading: _plain(route) for heading, route in read["routes"].items()}},
        words={name: {_plain(word): code for word, code in table.items()} for name, table in words.items()},
    )
    _check(mapping)
    return mapping


def _plain(text: str) -> str:
    return " ".join(text.split())


def _check_kinds(values: Mapping[str, Any], file: str) -> None:
    """Every key holds what it should: a text, a day, a list of texts or rows, or a table of texts."""
    words = values.get("words", {})
    tables = [(name, values.get(name, {})) for name in TABLES_OF_WORDS]
    are_tables = isinstance(words, dict)
    tables += [(f"words.{name}", table) for name, table in words.items()] if are_tables else [("words", words)]
    wrong = [(name, 'a text in quotation marks') for name in TEXTS if not isinstance(values.get(name, ""), str)]
    wrong += [
        (name, "a day such as 2015-09-30, without quotation marks") for name in DAYS
        if name in values and (not isinstance(values[name], date) or isinstance(values[name], datetime))
    ]
    wrong += [(name, 'a list such as ["Notes", "Team"]') for name in LISTS if not _all_text(values.get(name, []), list)]
    lines = 'a table with lines such as "Our word" = "word"'
    wrong += [(name, lines) for name, table in tables if not _all_text(table, dict)]
    rows = values.get("header_rows", [1])
    are_rows = isinstance(rows, list) and all(type(row) is int and row > 0 for row in rows)
    if not are_rows or not 1 <= len(rows) <= MOST_HEADER_ROWS or rows != list(range(rows[0], rows[0] + len(rows))):
        wrong.append(("header_rows", "a list of rows one below the other, such as [3, 4]"))
    if wrong:
        raise SettingsError(f"The setting '{wrong[0][0]}' must be {wrong[0][1]}.", where=file)


def _all_text(value: Any, kind: type) -> bool:
    parts = value.values() if isinstance(value, dict) else value
    return isinstance(value, kind) and all(isinstance(part, str) for part in parts)


def _known(found: Iterable[str], known: Iterable[str], where: str, what: str) -> None:
    unknown = [word for word in found if word not in known]
    if unknown:
        raise SettingsError(f"'{unknown[0]}' is not a known {what}.", where=where, remedy=nearest(unknown[0], known))


def _once(found: Sequence[str], says: str, where: str) -> None:
    twice = [word for word in found if found.count(word) > 1]
    if twice:
        raise SettingsError(says.format(twice[0]), where=where, remedy="Leave one of them.")


def _check(mapping: TrackerMapping) -> None:
    """Every word on the right is one of ours, no heading is two things, and what every extract needs is there."""
    file = mapping.file
    _known(mapping.headings.values(), FIELDS, f"{file}, [headings]", "field")
    _known(mapping.milestones.values(), CODES["milestone"], f"{file}, [milestones]", "milestone")
    _known(mapping.routes, mapping.milestones, f"{file}, [routes]", "heading under [milestones]")
    _known(mapping.dates, mapping.date_headings, f"{file}, [dates]", "heading of dates")
    _known(mapping.dates.values(), FORMS, f"{file}, [dates]", "form of dates")
    _known(mapping.words, CODED, f"{file}, [words]", "field with codes")
    for name, table in mapping.words.items():
        where = f"{file}, [words.{name}]"
        _known(table.values(), ("", *CODES[CODED[name]]), where, f"code of {name}")
        _once([word.casefold() for word in table], "The word '{}' stands twice, but for capitals.", where)
    fields = list(mapping.headings.values())
    _once(fields, "Two headings are '{}'.", f"{file}, [headings]")
    places = (*mapping.headings, *mapping.milestones, *set(mapping.routes.values()), *mapping.ignore)
    _once(places, "The heading '{}' is used for two things.", file)
    missing = [name for name in NEEDED if name not in fields]
    if missing or not mapping.milestones:
        what = f"'{missing[0]}' ({FIELDS[missing[0]].says})" if missing else "any milestone"
        raise SettingsError(
            f"No heading is named for {what}.", where=f"{file}, [{'headings' if missing else 'milestones'}]",
            remedy="Name it; where the tracker lacks the column, add it there: without it no wait can be counted.",
        )
