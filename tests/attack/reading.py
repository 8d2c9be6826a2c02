"""Numbers read back from a finished report folder, as somebody would who holds nothing but the report.

HTML tables, CSV files, captions and alt texts, the list of released figures, and the drawn curves: their corners are
turned back into days and shares by the ticks of the axes.
"""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import accumulate, chain
from pathlib import Path

SVG = "{http://www.w3.org/2000/svg}"
PAIR, DECISIONS = re.compile(r"(\d+) of (\d+)"), re.compile(r"(\d+) (?:decisions|children)")
WHOLE = re.compile(r"\d+")
FEWER = re.compile(r"[Ff]ewer than \d+")  # a shown 0
INTAKE = re.compile(r"\d+ children a quarter")
NO_COUNTS = re.compile(r"week|days|changes", re.IGNORECASE)

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it is printed: caption, headings of the columns, and rows that begin with their heading."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def counts(self) -> Iterator[tuple[str, str, int]]:
        """Every count of children: heading of the row, of the column, and the number.

        Pairs such as ``15 of 40``, numbers of decisions, and whole numbers that stand alone; percentages, intervals,
        weeks and numbers of changes are none.
        """
        shares = "By week" in self.columns
        for row in self.rows:
            for column, cell in zip(self.columns[1:], row[1:], strict=False):
                text = FEWER.sub("0", cell)
                if WHOLE.fullmatch(text) and not (shares or NO_COUNTS.search(column)):
                    yield row[0], column, int(text)
                yield from ((row[0], column, number) for number in counts_in(text))


def counts_in(words: str) -> list[int]:
    """Numbers of children in words: pairs such as ``15 of 40``, and numbers of decisions or children."""
    # an intake in words names a row of a table of sizes; what it was looked up for is released
    text = INTAKE.sub("", FEWER.sub("0", words))
    return list(map(int, [*chain.from_iterable(PAIR.findall(text)), *DECISIONS.findall(text)]))


@dataclass(frozen=True, slots=True)
class Report:
    """What is written in one report folder.

    Attributes
    ----------
    tables, sheets : tuple of Table
        From the page, and from the CSV files.
    words : str
        Sentences, captions and alt texts, in the order of the page and of the files; no tables.
    figures : mapping
        Released figures by key.
    curves : mapping of year to tuple of (day, share)
        Corners of the drawn curves of children decided.
    """

    tables: tuple[Table, ...]
    sheets: tuple[Table, ...]
    words: str
    figures: Mapping[Key, int]
    curves: Mapping[str, tuple[tuple[float, float], ...]]


def read_report(folder: Path) -> Report:
    """Read back everything that is written in a report folder."""
    page = _Page()
    page.feed("".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.html"))))
    sheets = tuple(_sheet(path) for path in sorted(folder.rglob("*.csv")))
    captions = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("figures/*.txt"))]
    said = json.loads((folder / "released.json").read_text(encoding="utf-8"))
    listed = said["figures"] if isinstance(said, dict) else said
    figures = {tuple(one["key"]): int(one["value"]) for one in listed}
    return Report(tuple(page.tables), sheets, "\n".join(["".join(page.words), *captions]), figures, _curves(folder))


def running_totals(figures: Mapping[Key, int]) -> dict[tuple[Key, str, int], int]:
    """Totals of every curve up to each of its edges, by key of the curve, kind of exit and day.

    Two reports may cut the days differently; their totals at a common edge can be compared.
    """
    counts: dict[tuple[Key, str], dict[int, int]] = defaultdict(dict)
    for key, value in figures.items():
        if len(key) > 2 and key[-2].startswith("days "):
            counts[key[:-2], key[-1]][int(key[-2].split("-")[-1])] = value
    return {(curve, name, day): total for (curve, name), by_day in counts.items()
            for day, total in zip(sorted(by_day), accumulate(by_day[day] for day in sorted(by_day)), strict=True)}


def _sheet(path: Path) -> Table:
    columns, *rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    caption = f"Data for {path.stem}" if path.parent.name == "figures" else path.stem
    return Table(caption, tuple(columns), tuple(map(tuple, rows)))


def _curves(folder: Path) -> dict[str, tuple[tuple[float, float], ...]]:
    """Days and shares at the corners of each line of the figure of curves, by entry year."""
    drawn = next(iter(sorted(folder.glob("figures/*decided-by-week.svg"))), None)
    if drawn is None:
        return {}
    sheet = _sheet(drawn.with_suffix(".csv"))
    if "By week" not in sheet.columns:
        return {}
    year_at, week_at = sheet.columns.index("Year of entry"), sheet.columns.index("By week")
    years = list(dict.fromkeys(row[year_at] for row in sheet.rows))
    last_week = max(int(row[week_at]) for row in sheet.rows)
    groups = ElementTree.fromstring(drawn.read_bytes()).iter(f"{SVG}g")
    axes = next(group for group in groups if group.get("id") == "axes_1")
    lines = [_corners(group) for group in axes.findall(f"{SVG}g") if group.get("id", "").startswith("line2d")]
    lines = [line for line in lines if len(line) > 1][: len(years)]
    bottom, top = (_ticks(axes, "ytick", "y")[place] for place in (0, -1))
    left = _ticks(axes, "xtick", "x")[0]
    a_week = (max(line[-1][0] for line in lines) - left) / last_week
    return {year: tuple((7 * (x - left) / a_week, (bottom - y) / (bottom - top)) for x, y in line)
            for year, line in zip(years, lines, strict=True)}


def _corners(group: ElementTree.Element) -> list[tuple[float, float]]:
    path = group.find(f"{SVG}path")
    numbers = [float(part) for part in re.findall(r"-?\d+(?:\.\d+)?", path.get("d", ""))] if path is not None else []
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _ticks(axes: ElementTree.Element, name: str, coordinate: str) -> list[float]:
    ticks = [group for group in axes.iter(f"{SVG}g") if group.get("id", "").startswith(name)]
    return [float(next(tick.iter(f"{SVG}use")).get(coordinate)) for tick in ticks]


@dataclass
class _Page(HTMLParser):
    """Tables, words and alt texts of a page."""

    tables: list[Table] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.inside, self.in_table = "", False
        self.caption, self.head, self.rows = "", [], []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.words.append(said.get("alt") or "")
        if tag == "table":
            self.in_table = True
            self.caption, self.head, self.rows = "", [], []
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("caption", "td", "th"):
            self.inside = tag
            if tag != "caption":
                self.rows[-1] += [""] * int(said.get("colspan") or 1)
        elif tag in ("p", "li", "h1", "h2", "figcaption", "img"):
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == self.inside:
            self.inside = ""
        if tag == "thead":
            self.head, self.rows = self.rows, []
        elif tag == "table":
            self.in_table = False
            self.tables.append(Table(self.caption, tuple(self.head[-1]), tuple(map(tuple, self.rows))))

    def handle_data(self, data: str) -> None:
        self.words += [] if self.in_table else [data]
        if self.inside == "caption":
            self.caption += data
        elif self.inside:
            self.rows[-1][-1] += data
