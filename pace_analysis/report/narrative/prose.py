"""An author's file as prose with places: ``paragraph 3.2``, as it is numbered on the page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pace_analysis.report.text import Piece, TextPaper

FILLED = "\ufffc"  # stands in prose for a placeholder, and for what an author vouches for


@dataclass(frozen=True, slots=True)
class Prose:
    """The words of one paragraph, list item or heading.

    Attributes
    ----------
    place : str
        As a reader of the page finds it.
    text : str
        What is typed; a placeholder is one character.
    facts : tuple of Piece
        Placeholders of facts, in order.
    head : str
        ``On`` for that line of the head; empty elsewhere.
    """

    place: str
    text: str
    facts: tuple[Piece, ...]
    starts: tuple[int, ...]
    lines: tuple[int, ...]
    head: str = ""

    def line(self, at: int) -> int:
        """Line of the file that holds a character of ``text``."""
        return self.lines[max(0, bisect_right(self.starts, at) - 1)]

    @property
    def commented(self) -> bool:
        """Whether the author says something of their own here, beside facts."""
        return any(character.isalpha() for character in self.text)


@dataclass(frozen=True, slots=True)
class Remark:
    """What an author should look at, and where."""

    kind: Literal["typed", "unknown", "earlier", "moved"]
    place: str
    line: int
    says: str

    @property
    def text(self) -> str:
        """One line for a screen."""
        return f"{self.place[:1].upper()}{self.place[1:]} (line {self.line}) {self.says}"


def prose(parsed: TextPaper) -> Iterator[Prose]:
    """Yield everything an author typed, in the order of the page."""
    heads = [("To", parsed.to), ("On", parsed.on), *(("Report by", line) for line in parsed.report_by)]
    for name, pieces in heads:
        yield _prose(f"the line '{name}:' of the head", pieces, head=name)
    yield _prose("the title", parsed.title)
    for number, section in enumerate(parsed.sections, start=1):
        yield _prose(f"the heading of section {number}", section.title)
        paragraphs = 0
        for block in section.blocks:
            paragraphs += block.kind == "paragraph"
            if block.kind in ("paragraph", "bullet"):
                under = "the list under " if block.kind == "bullet" else ""
                yield _prose(f"{under}paragraph {number}.{paragraphs}", block.pieces)


def _prose(place: str, pieces: tuple[Piece, ...], head: str = "") -> Prose:
    text, starts = "", []
    for piece in pieces:
        starts.append(len(text))
        text += piece.value if piece.kind == "words" else FILLED
    facts = tuple(piece for piece in pieces if piece.kind == "fact")
    return Prose(place, text, facts, tuple(starts), tuple(piece.line for piece in pieces), head)
