"""A first mapping of a tracker, guessed from its headings and values, each guess with its reason.

A guess is for a person to check: nothing is read by it until it is written to a file. Reasons hold counts and our
own words only; the council's words are listed for columns of codes alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pace_analysis.errors import InputError
from pace_analysis.extract.dates_in import fit_of_forms
from pace_analysis.extract.tracker.aliases import FIELDS, MILESTONES
from pace_analysis.extract.tracker.columns import MOST_WORDS
from pace_analysis.extract.tracker.grid import Grid, body, headings, open_grid, sheets_of
from pace_analysis.extract.tracker.guesses import DAY_FIELDS, Guess, best_guesses, is_no_date, word_guesses
from pace_analysis.extract.tracker.mapping import CODED, NEEDED, TrackerMapping
from pace_analysis.extract.tracker.matching import ENOUGH, ranked
from pace_analysis.extract.workbooks import cell_text

LOOKED_AT = 20  # rows in which headings are looked for
MOST_HEADER_ROWS = 3
FEWEST = 3  # headings known from which a sheet looks like a tracker


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping as proposed, and why.

    Attributes
    ----------
    tracker : str
        Name of the file.
    mapping : TrackerMapping
        What can be guessed; a person completes it.
    guesses : tuple of Guess
        One for each heading, in the order of the sheet.
    date_remarks : mapping of heading to str
        What to check of the form of a column of dates.
    unknown_words : mapping of field to (mapping of word to rows)
        Words of columns of codes that no alias is near: to be mapped by a person.
    remarks : tuple of str
        What a person should look at first.
    """

    tracker: str
    mapping: TrackerMapping
    guesses: tuple[Guess, ...]
    date_remarks: Mapping[str, str]
    unknown_words: Mapping[str, Mapping[str, int]]
    remarks: tuple[str, ...]


def looks_like_a_tracker(path: Path) -> bool:
    """Whether some sheet has headings that councils give to a child's number or birth, and to milestones."""
    _, rows, known = _best_place(path)
    return bool(rows) and known >= FEWEST


def propose_mapping(path: str | Path) -> Proposal:
    """Propose a mapping for a council's own spreadsheet.

    Parameters
    ----------
    path : str or Path
        A CSV or XLSX file.

    Raises
    ------
    InputError
        If the file cannot be read, or no row of it has known headings.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"There is no file '{path.name}'.", where=str(path.parent), remedy="Check the path.")
    sheet, header_rows, known = _best_place(path)
    if not known:
        raise InputError(
            f"No row of '{path.name}' looks like headings.", where=f"the first {LOOKED_AT} rows of every sheet",
            remedy="Write the headings in one row above the data, and name for example 'Child ID' and 'Date of birth'.",
        )
    grid = open_grid(path, sheet)
    names = headings(grid, header_rows)
    once = [name for name in names if name and names.count(name) == 1]
    frame = body(grid, header_rows, used=once, dates=()).frame
    # numbers of a workbook may be days; whether they are is for each column's guess to say
    as_days = body(grid, header_rows, used=once, dates=once).frame
    guesses = best_guesses(list(dict.fromkeys(name for name in names if name)), frame, as_days)
    return _proposal(path, sheet, header_rows, guesses, frame, as_days, _other_sheets(path, sheet))


def _proposal(
    path: Path, sheet: str, header_rows: tuple[int, ...], guesses: tuple[Guess, ...], frame: pd.DataFrame,
    as_days: pd.DataFrame, remarks: tuple[str, ...],
) -> Proposal:
    fields = {guess.heading: guess.target for guess in guesses if guess.kind == "field"}
    milestones = {guess.heading: guess.target for guess in guesses if guess.kind == "milestone"}
    dated = [heading for heading, name in fields.items() if name in DAY_FIELDS] + list(milestones)
    forms, said = _forms(as_days[dated])
    words, unknown = _words(frame, guesses)
    no_dates = {value.casefold() for heading in dated for value in as_days[heading] if is_no_date(value)}
    mapping = TrackerMapping(
        file="", headings=fields, milestones=milestones, routes=_routes(guesses), dates=forms, words=words,
        blanks=tuple(sorted(no_dates)), ignore=tuple(guess.heading for guess in guesses if guess.kind == "ignored"),
        sheet=sheet, header_rows=header_rows,
    )
    missing = [name for name in NEEDED if name not in fields.values()]
    remarks += tuple(f"No heading was found for {name}: name it under [headings]." for name in missing)
    return Proposal(path.name, mapping, guesses, said, unknown, remarks)


def _best_place(path: Path) -> tuple[str, tuple[int, ...], int]:
    """Sheet and rows whose headings are known best, and how many are; of equals, the most columns and fewest rows."""
    best, best_score = ("", (), 0), (0, 0, 0)
    for sheet in sheets_of(path):
        grid = open_grid(path, sheet, limit=LOOKED_AT)
        for rows in _candidates(grid):
            names = [name for name in headings(grid, rows) if name]
            score = (_known(names), len(names), -len(rows))
            if score[0] and score > best_score:
                best, best_score = (sheet, rows, score[0]), score
    return best


def _candidates(grid: Grid) -> Iterator[tuple[int, ...]]:
    """Rows one below the other that may be headings: most of what each holds is words."""
    wordy = set()
    for number, row in enumerate(grid.rows, start=1):
        texts = [text for text in map(cell_text, row) if text]
        if 2 * sum(any(c.isalpha() for c in text) for text in texts) > len(texts):
            wordy.add(number)
    for length in range(1, MOST_HEADER_ROWS + 1):
        for first in range(1, len(grid.rows) - length + 2):
            rows = tuple(range(first, first + length))
            if wordy.issuperset(rows):
                yield rows


def _known(names: list[str]) -> int:
    """How many different fields and milestones the headings name."""
    matches = (ranked(name, FIELDS | MILESTONES)[0] for name in set(names))
    return len({match.name for match in matches if match.score >= ENOUGH})


def _other_sheets(path: Path, sheet: str) -> tuple[str, ...]:
    others = len(sheets_of(path)) - 1
    return (f"Sheets not read: {others}; name another in 'sheet' if it holds the children.",) if others else ()


def _forms(frame: pd.DataFrame) -> tuple[dict[str, str], dict[str, str]]:
    """The form of each column of dates, and what a person should check of it."""
    forms, said = {}, {}
    for heading in frame:
        values = [value for value in frame[heading].unique() if value and not is_no_date(value)]
        fit = fit_of_forms(values)
        if fit:
            forms[heading] = max(fit, key=fit.get)  # of forms that fit alike the first: the UK order before the US
            if fit[forms[heading]] < 1:
                wrong = round((1 - fit[forms[heading]]) * len(values))
                said[heading] = f"LOOK: {wrong:,} of {len(values):,} different values are no days in this form: mend them"
            elif {fit["mm/dd/yyyy"], fit["d/m/yyyy"]} == {1.0}:
                said[heading] = "every value would also be a day as mm/dd/yyyy: the UK order is taken"
    return forms, said


def _words(
    frame: pd.DataFrame, guesses: tuple[Guess, ...]
) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, int]]]:
    """Words of the columns of codes with their codes, and those that no alias is near."""
    known: dict[str, dict[str, str]] = {}
    unknown: dict[str, dict[str, int]] = {}
    for guess in guesses:
        name = "route" if guess.kind == "route" else guess.target
        if guess.kind in ("field", "route") and name in CODED:
            counts = frame[guess.heading].value_counts().drop("", errors="ignore")
            counts = counts.groupby(lambda word: " ".join(word.split()), sort=False).sum()
            if len(counts) <= MOST_WORDS:
                coded = word_guesses(name, counts.index)
                known.setdefault(name, {}).update(coded)
                unknown.setdefault(name, {}).update({word: int(n) for word, n in counts.items() if word not in coded})
    return known, unknown


def _routes(guesses: tuple[Guess, ...]) -> dict[str, str]:
    """Which column holds the route of which milestone: of the nearest before it that has one, or of all if alone."""
    routes = [guess for guess in guesses if guess.kind == "route"]
    routed = [guess for guess in guesses if guess.kind == "milestone" and guess.has_route]
    if len(routes) == 1:
        return {guess.heading: routes[0].heading for guess in routed}
    order = {guess.heading: place for place, guess in enumerate(guesses)}
    found = {}
    for route in routes:
        before = [guess.heading for guess in routed if order[guess.heading] < order[route.heading]]
        if before:
            found[before[-1]] = route.heading
    return found
