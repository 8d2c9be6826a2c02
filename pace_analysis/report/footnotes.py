"""Footnotes of a table: what a protected number in it means."""

from __future__ import annotations

from dataclasses import dataclass

from pace_analysis.report.blocks import TableBlock

NOT_SHOWN = "Not shown: too few children stand behind this figure, or it would give a hidden one away."
FEWER = "The exact number, which may be none, is kept back so that no child can be recognised."


@dataclass(frozen=True, slots=True)
class Footnote:
    """A mark that stands at a cell, and the sentence under the table that it leads to."""

    mark: str
    words: str


def footnotes(table: TableBlock) -> tuple[Footnote, ...]:
    """Return the footnotes of a table in the order in which a reader meets their marks."""
    met = dict.fromkeys(filter(None, (_meaning(cell) for row in table.body for cell in row[1:])))
    return tuple(Footnote(mark, words) for mark, words in zip("ab", met))


def mark(cell: str, notes: tuple[Footnote, ...]) -> str:
    """Return the mark that a cell bears, or an empty string."""
    meaning = _meaning(cell)
    return next((note.mark for note in notes if note.words == meaning), "")


def _meaning(cell: str) -> str:
    if cell.startswith("fewer than "):
        return FEWER
    return NOT_SHOWN if cell == "not shown" else ""
