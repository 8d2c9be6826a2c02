"""The blocks a board paper is made of: the one list that every form of the page is drawn from.

A block holds words that are ready to print. Numbers were worked out, released and put into words before they
came here, and each is a :class:`Run` that still names the fact it came from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

# a spreadsheet would run a cell that begins with one of these
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
KEY = re.compile(r"[a-z][a-z0-9_]*")
ALT_LENGTHS = (20, 600)
LOGO_ALT = "Logo of "  # what the alt text of a logo starts with
PLACEHOLDER_ALTS = ("no description has been provided", "todo", "alt text", "image of a chart")
NUMBER_WORDS = {"about", "and", "fewer", "more", "of", "or", "over", "p", "than", "to", "under"}


@dataclass(frozen=True, slots=True)
class Fact:
    """A number the project worked out, ready for a sentence.

    Parameters
    ----------
    key : str
        What an author types between braces: small letters, digits and underscores.
    text : str
        The words on the page, from ``24 of 31`` to whole sentences.
    value : str
        The same for a machine: ``0.774``, ``2015-09-30``.
    definition : str
        What is counted, of whom and how, in a sentence.
    """

    key: str
    text: str
    value: str
    definition: str = ""

    def __post_init__(self) -> None:
        check_key(self.key)
        if not self.text.strip():
            raise ValueError(f"fact '{self.key}' has no text")


@dataclass(frozen=True, slots=True)
class Run:
    """Words within a paragraph: plain, stating a fact, or referring to a table or figure by its anchor."""

    text: str
    fact: str | None = None
    value: str | None = None
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Logo:
    """An authority's logo as PNG, its alt text, and the size at which it is printed, in millimetres."""

    png: bytes
    alt: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Head:
    """To, On, Report by and the title; ``notices`` are sentences a reader must see before the paper."""

    to: str
    on: str
    report_by: tuple[str, ...]
    title: str
    notices: tuple[str, ...] = ()
    internal: bool = False  # True when disclosure control was skipped
    logo: Logo | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One numbered paragraph, such as 3.2."""

    number: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list that belongs to the paragraph above it."""

    items: tuple[tuple[Run, ...], ...]


@dataclass(frozen=True)  # no slots: a property is kept
class TableBlock:
    """A table ready to print.

    Parameters
    ----------
    name : str
        What an author types in ``[table: name]``.
    caption : str
        One line, without "Table 1": numbers are given by position.
    header : tuple of tuple of str
        One or more rows of column headings, each as long as a body row. Equal neighbours in a row above
        the last are one heading over several columns. The first column's heading is read from the last row.
    rows : tuple of tuple of str
        Body; the first cell of a row is its heading.
    total : tuple of str, optional
        The closing row.
    notes, source : optional
        Printed under the table.
    number : int
        0 until the table has a place in a paper.
    internal : bool
        True when the numbers did not pass the disclosure gate.

    Raises
    ------
    ValueError
        If a row is of another length, or a heading or the caption is empty.
    """

    name: str
    caption: str
    header: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    source: str = ""
    number: int = 0
    internal: bool = False

    def __post_init__(self) -> None:
        check_key(self.name)
        if not self.caption.strip() or not self.header or not self.rows:
            raise ValueError(f"table '{self.name}' needs a caption, a header row and at least one row")
        width = len(self.header[-1])
        if any(len(row) != width for row in (*self.header, *self.body)):
            raise ValueError(f"every row of table '{self.name}' must have {width} cells")
        headings = (*self.header[-1], *(row[0] for row in self.body), *(h for row in self.header for h in row[1:]))
        if not all(heading.strip() for heading in headings):
            raise ValueError(f"table '{self.name}' has an empty heading; name the column or row")

    @property
    def body(self) -> tuple[tuple[str, ...], ...]:
        """Rows and the closing row, if any."""
        return (*self.rows, self.total) if self.total else self.rows

    @cached_property
    def numeric(self) -> tuple[bool, ...]:
        """For each column, whether it holds figures (and is set to the right)."""
        columns = list(zip(*self.body, strict=True))
        return (False, *(_holds_figures(column) for column in columns[1:]))

    @property
    def label(self) -> str:
        """``Table 1``, or ``Table`` until it is numbered."""
        return f"Table {self.number}" if self.number else "Table"

    @property
    def anchor(self) -> str:
        """The id on the page: ``t1``, or ``table-name`` until it is numbered."""
        return f"t{self.number}" if self.number else f"table-{self.name}"


@dataclass(frozen=True, slots=True)
class FigureBlock:
    """A figure ready to print, with its words and the data drawn.

    Parameters
    ----------
    name : str
        What an author types in ``[figure: name]``.
    headline, subtitle, source : str
        What the figure says, what it shows, and where that comes from.
    alt : str
        20 to 600 characters for a reader who cannot see it; not the headline again.
    svg : bytes
        The drawing.
    data : TableBlock
        What was drawn.

    Raises
    ------
    ValueError
        If the alt text is missing, a stock phrase or the headline, or the drawing holds a script.
    """

    name: str
    headline: str
    subtitle: str
    alt: str
    source: str
    svg: bytes
    data: TableBlock
    number: int = 0
    internal: bool = False

    def __post_init__(self) -> None:
        check_key(self.name)
        problem = alt_problem(self.alt) or ("repeats the headline" if self.alt == self.headline else "")
        if problem:
            raise ValueError(f"the alt text of figure '{self.name}' {problem}")
        if b"<svg" not in self.svg or b"<script" in self.svg.lower():
            raise ValueError(f"figure '{self.name}' must be SVG without a script")

    @property
    def label(self) -> str:
        """``Figure 1``, or ``Figure`` until it is numbered."""
        return f"Figure {self.number}" if self.number else "Figure"

    @property
    def anchor(self) -> str:
        """The id on the page: ``f1``, or ``figure-name`` until it is numbered."""
        return f"f{self.number}" if self.number else f"figure-{self.name}"


Block = Paragraph | Bullets | TableBlock | FigureBlock


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered section and what it holds, in order."""

    number: int
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole board paper, numbered and with every fact in place."""

    head: Head
    sections: tuple[Section, ...]
    lang: str = "en-GB"


def check_key(key: str) -> None:
    """Raise ``ValueError`` unless ``key`` is small letters, digits and underscores."""
    if not KEY.fullmatch(key):
        raise ValueError(f"'{key}' is not a key: use small letters, digits and underscores, starting with a letter")


def alt_problem(alt: str) -> str:
    """Say what is wrong with an alt text, or return an empty string."""
    shortest, longest = ALT_LENGTHS
    if not shortest <= len(alt.strip()) <= longest:
        return f"must have {shortest} to {longest} characters, not {len(alt.strip())}"
    if alt.strip().lower().startswith(PLACEHOLDER_ALTS):
        return "is a stock phrase; say what the figure shows"
    return ""


def _holds_figures(column: tuple[str, ...]) -> bool:
    # "not shown" or a dash may stand among figures; a sentence with a number in it makes the column text
    with_digits = [cell for cell in column if any(character.isdigit() for character in cell)]
    words = {word.lower() for cell in with_digits for word in re.findall(r"[^\W\d_]+", re.sub(r"\[.*?\]", "", cell))}
    return 2 * len(with_digits) >= len(column) and words <= NUMBER_WORDS
