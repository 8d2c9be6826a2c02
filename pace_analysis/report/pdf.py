"""The paper as a PDF by typst: tagged and described throughout, it declares PDF/UA-1 (ISO 14289-1).

The words reach the template as data, never as markup. Letters are Libertinus Serif, with DejaVu Sans Mono and New
Computer Modern for what it lacks: all three come with typst, so that no font of the machine changes the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import singledispatch
from pathlib import Path
from typing import Any

from pace_analysis.errors import OutputError
from pace_analysis.report.blocks import Bullets, FigureBlock, Logo, Paper, Paragraph, Run, TableBlock
from pace_analysis.report.footnotes import footnotes, mark
from pace_analysis.report.headings import heading_cells
from pace_analysis.report.html import SHORT
from pace_analysis.report.printed import (
    STAMP,
    About,
    column_widths,
    figures_of,
    head_rows,
    is_long,
    notices,
    printable,
    running_title,
    small_print,
)

TEMPLATE = Path(__file__).parent / "templates" / "pdf" / "board.typ"
STANDARD = "ua-1"
ROOM = 100  # characters of table text across the page
UNBREAKABLE = re.compile(r"\S{30}(?=\S{19})")


def pdf_document(paper: Paper, about: About) -> bytes:
    """Return the paper as a PDF on A4, the same bytes for the same paper.

    Every page has its number, and from the second on the title; a table's headings repeat on every page.

    Raises
    ------
    OutputError
        If the paper holds a character that none of the fonts has, or a figure that PDF/UA-1 does not allow.
    """
    import typst

    files = {"main.typ": TEMPLATE.read_bytes(), "paper.json": json.dumps(_data(paper, about)).encode("ascii")}
    files |= {_file(figure): figure.svg for figure in figures_of(paper)}
    try:
        return typst.compile(
            files, format="pdf", pdf_standards=STANDARD, timestamp=about.moment, ignore_system_fonts=True
        )
    except typst.TypstError as error:
        raise _refusal(str(error)) from None


def _data(paper: Paper, about: About) -> dict[str, Any]:
    lang, _, region = paper.lang.partition("-")
    return {
        "title": printable(paper.head.title),
        "running": running_title(paper.head.title),
        "author": about.author,
        "day": [about.as_at.year, about.as_at.month, about.as_at.day],
        "accent": about.accent,
        "lang": lang,
        "region": region or None,
        "stamp": STAMP if paper.head.internal else "",
        "head": [[term, [_words(line) for line in lines]] for term, lines in head_rows(paper.head)],
        "logo": _logo(paper.head.logo) if paper.head.logo else None,
        "notices": [_words(notice) for notice in notices(paper.head)],
        "contents": is_long(paper),
        "sections": [
            {
                "number": str(section.number),
                "title": _words(section.title),
                "blocks": [_block(block) for block in section.blocks],
            }
            for section in paper.sections
        ],
    }


def _logo(logo: Logo) -> dict[str, Any]:
    # as numbers: typst takes only text for a file
    return {"png": list(logo.png), "alt": printable(logo.alt), "width": logo.width, "height": logo.height}


@singledispatch
def _block(block: object) -> dict[str, Any]:
    raise TypeError(f"no PDF form for {type(block).__name__}")


@_block.register
def _(paragraph: Paragraph) -> dict[str, Any]:
    return {"kind": "paragraph", "number": paragraph.number, "runs": _runs(paragraph.runs)}


@_block.register
def _(bullets: Bullets) -> dict[str, Any]:
    return {"kind": "bullets", "items": [_runs(item) for item in bullets.items]}


@_block.register
def _(table: TableBlock) -> dict[str, Any]:
    widths, marked = column_widths(table, ROOM - 4 * len(table.numeric)), footnotes(table)
    # four characters stand for the white space on both sides of a cell
    share = min(1.0, sum(width + 4 for width in widths) / ROOM)
    return {
        "kind": "table",
        "anchor": table.anchor,
        "label": table.label,
        "caption": _words(table.caption),
        "header": [
            {"text": _words(cell.text), "column": cell.column, "row": row, "span": cell.span, "depth": cell.depth}
            for row, cells in enumerate(heading_cells(table))
            for cell in cells
        ],
        "depth": len(table.header),
        "total": bool(table.total),
        "rows": [
            [[_words(cell), mark(cell, marked) if column else ""] for column, cell in enumerate(row)]
            for row in table.body
        ],
        "footnotes": [[note.mark, note.words] for note in marked],
        "numeric": list(table.numeric),
        "widths": [width + 4 for width in widths],
        "share": share,
        "short": len(table.body) <= SHORT and max(len(cell) for row in table.body for cell in row) < 400,
        "small": [_words(line) for line in small_print(table)],
    }


@_block.register
def _(figure: FigureBlock) -> dict[str, Any]:
    return {
        "kind": "figure",
        "anchor": figure.anchor,
        "label": figure.label,
        "headline": _words(figure.headline),
        "subtitle": _words(figure.subtitle),
        "alt": printable(figure.alt),
        "file": _file(figure),
        "small": [_words(line) for line in small_print(figure)],
    }


def _runs(runs: Iterable[Run]) -> list[dict[str, str | None]]:
    return [{"text": _words(run.text), "anchor": run.anchor} for run in runs]


def _words(text: str) -> str:
    # typst breaks no word by itself: a name of 10 kB would run off the page
    return UNBREAKABLE.sub("\\g<0>\u200b", printable(text))


def _file(figure: FigureBlock) -> str:
    return f"{figure.anchor}.svg"


def _refusal(message: str) -> OutputError:
    glyph = re.search(r'the text `"(.+?)"` could not be displayed', message)
    if glyph:
        return OutputError(
            f"The PDF has no letter for '{glyph[1]}'.",
            where=f"U+{ord(glyph[1][0]):04X}",
            remedy="Write it in other letters, or use the page or the Word file.",
        )
    return OutputError(
        f"The PDF cannot be made: {message.splitlines()[0]}.",
        remedy="Use the page or the Word file, and report this message.",
    )
