"""What every printed form of a paper says besides its blocks, worked out once for the page, Word, PDF and XLSX."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from pace_analysis.report.blocks import FigureBlock, Head, Paper, TableBlock
from pace_analysis.report.contents import contents_html
from pace_analysis.report.footnotes import footnotes, mark
from pace_analysis.report.html import INTERNAL, block_html
from pace_analysis.settings import COLOUR

STAMP = "NOT FOR PUBLICATION"
RUNNING_TITLE = 90  # characters
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
HEADING_LINES = 2.5  # a column heading runs over about as many
KEPT_WHOLE = (24, 20, 16, 12, 8)  # characters up to which a text is kept on one line: the first that fits


@dataclass(frozen=True, slots=True)
class About:
    """What a file says about itself: who made it, and the last day of its data instead of a clock.

    Parameters
    ----------
    author : str
        The authority.
    as_at : date
        The data cut: stands for the day the file was created and changed, so that two runs give the same bytes.
    accent : str
        Colour of headings and rules, as ``#rrggbb``.
    """

    author: str
    as_at: date
    accent: str = "#0b5c6b"

    def __post_init__(self) -> None:
        if not self.author.strip() or not re.fullmatch(COLOUR, self.accent):
            raise ValueError("a file needs an author, and an accent such as #0b5c6b")

    @property
    def moment(self) -> datetime:
        """Midnight UTC at the start of the data cut."""
        return datetime(self.as_at.year, self.as_at.month, self.as_at.day, tzinfo=UTC)


def head_rows(head: Head) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """To, On and Report by with their lines."""
    return (("To", (head.to,)), ("On", (head.on,)), ("Report by", head.report_by))


def notices(head: Head) -> tuple[str, ...]:
    """The sentences before the paper, the one that it is internal first."""
    return ((INTERNAL,) if head.internal else ()) + head.notices


def small_print(block: TableBlock | FigureBlock) -> tuple[str, ...]:
    """Notes, source and, where it did not pass the gate, the stamp."""
    notes = block.notes if isinstance(block, TableBlock) else ()
    return (*notes, *([f"Source: {block.source}"] if block.source else []), *([INTERNAL] if block.internal else []))


def running_title(title: str) -> str:
    """The title, as much of it as fits on one line at the head of a page."""
    title = printable(title)
    return (
        title
        if len(title) <= RUNNING_TITLE
        else f"{title[:RUNNING_TITLE].rpartition(' ')[0] or title[:RUNNING_TITLE]}..."
    )


def column_widths(table: TableBlock, room: int) -> tuple[float, ...]:
    """Width of each column in characters, together ``room`` at most.

    Where not all the text fits on one line, long columns are broken into as few lines as will do. Single words are
    left whole, and so are figures and short texts where there is room for that.
    """
    marked = footnotes(table)
    # a heading over several columns does not widen one of them
    headings, columns = table.header[-1], list(zip(*table.body, strict=True))
    word = [
        max(_longest(heading) + 2, len(heading) / HEADING_LINES + 2, *(_longest(cell) + 1 for cell in column))
        for heading, column in zip(headings, columns, strict=True)
    ]
    line = [
        max(shortest, *(len(f"{cell} {mark(cell, marked)}") for cell in column))
        for shortest, column in zip(word, columns, strict=True)
    ]
    for kept in KEPT_WHOLE:
        least = [
            whole if whole <= kept or (figures and whole <= KEPT_WHOLE[0]) else shortest
            for whole, shortest, figures in zip(line, word, table.numeric, strict=True)
        ]
        for tenths in range(10, 100):
            widths = [max(shortest, 10 * whole / tenths) for shortest, whole in zip(least, line, strict=True)]
            if sum(widths) <= room:
                return tuple(widths)
    return tuple(room * min(whole, room) / sum(min(whole, room) for whole in line) for whole in line)


def is_long(paper: Paper) -> bool:
    """Whether a paper opens with a contents list, as its page does."""
    return contents_html(block_html(paper)) != ""


def figures_of(paper: Paper) -> tuple[FigureBlock, ...]:
    """Every figure, in order."""
    return tuple(block for section in paper.sections for block in section.blocks if isinstance(block, FigureBlock))


def tables_of(paper: Paper) -> tuple[TableBlock, ...]:
    """Every table the text places, in order; not the data behind figures."""
    return tuple(block for section in paper.sections for block in section.blocks if isinstance(block, TableBlock))


def printable(text: str) -> str:
    """The text with every character that XML cannot hold replaced by a mark; nothing else is changed."""
    return UNPRINTABLE.sub("\ufffd", text)


def _longest(text: str) -> int:
    return max(map(len, text.split()), default=0)
