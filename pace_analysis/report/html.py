"""Blocks as HTML: pure functions, each from one block to a string.

What an author or a data set says is escaped. No block carries a style, a script or an address to load from;
numbers stand in the text itself, so that copying, searching and reading aloud keep them.
"""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import singledispatch
from html import escape
from html.parser import HTMLParser
from urllib.parse import quote

from pace_analysis.report.blocks import (
    FORMULA_STARTS,
    Bullets,
    FigureBlock,
    Head,
    Paper,
    Paragraph,
    Run,
    Section,
    TableBlock,
)
from pace_analysis.report.footnotes import Footnote, footnotes, mark
from pace_analysis.report.headings import HeadingCell, column_groups, heading_cells, plain_headings

BOARD = '<div class="board"'
HEAD_START, HEAD_END = '<header class="head">', "</header>"
SHORT = 14  # rows
INTERNAL = "INTERNAL: not for publication."
# a dash, or a number and perhaps its interval
SIGNED = re.compile(r"[+-](?:\d[\d,.]*%?(?: \([+−-]?[\d,.]+%? to [+−-]?[\d,.]+%?\))?)?")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of the board paper that a notebook shows and the exporter recognises by how ``html`` starts."""

    html: str
    plain: str

    def _repr_html_(self) -> str:
        return self.html

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.plain}


def fragment(block: Head | Section | Paragraph | Bullets | TableBlock | FigureBlock | Paper) -> Fragment:
    """Return what a notebook cell shows for a block, a section or a whole paper."""
    html = f'{BOARD} lang="en-GB">\n{block_html(block)}\n</div>'
    return Fragment(html, plain_text(html))


@singledispatch
def block_html(block: object) -> str:
    """Return the HTML of any block, section, head or paper."""
    raise TypeError(f"no HTML for {type(block).__name__}")


@block_html.register
def head_html(head: Head) -> str:
    """The logo, if any, To, On and Report by as a list of terms, then the title, then the notices."""
    image = base64.b64encode(head.logo.png).decode("ascii") if head.logo else ""
    logo = f'\n<img class="logo" alt="{escape(head.logo.alt)}" src="data:image/png;base64,{image}">' if head.logo else ""
    rows = [("To", (head.to,)), ("On", (head.on,)), ("Report by", head.report_by)]
    terms = "\n".join(
        f"<div><dt>{term}</dt>{''.join(f'<dd>{escape(line)}</dd>' for line in lines)}</div>" for term, lines in rows
    )
    notices = ((INTERNAL,) if head.internal else ()) + head.notices
    boxes = "".join(f'\n<p class="notice">{escape(notice)}</p>' for notice in notices)
    return f"{HEAD_START}{logo}\n<dl>\n{terms}\n</dl>\n<h1>{escape(head.title)}</h1>{boxes}\n{HEAD_END}"


@block_html.register
def section_html(section: Section) -> str:
    """A section under its numbered heading."""
    anchor = f"s{section.number}"
    heading = f'<h2 id="{anchor}-h"><span class="num">{section.number}</span> {escape(section.title)}</h2>'
    blocks = "\n".join(block_html(block) for block in section.blocks)
    return f'<section id="{anchor}" aria-labelledby="{anchor}-h">\n{heading}\n{blocks}\n</section>'


@block_html.register
def paragraph_html(paragraph: Paragraph) -> str:
    """A paragraph with its number in front."""
    number = escape(paragraph.number)
    return f'<p id="p{number}" class="para"><span class="num">{number}</span> {runs_html(paragraph.runs)}</p>'


@block_html.register
def bullets_html(bullets: Bullets) -> str:
    """A list."""
    return "<ul>\n" + "\n".join(f"<li>{runs_html(item)}</li>" for item in bullets.items) + "\n</ul>"


@block_html.register
def table_html(table: TableBlock) -> str:
    """A table with its caption, notes and source; it scrolls by itself where the screen is narrow."""
    caption = f'<span class="label">{table.label}.</span> {escape(table.caption)}'
    size = "tbl short" if len(table.body) <= SHORT else "tbl"  # print keeps a short table on one page
    return f'<div class="{size}" id="{table.anchor}">\n{_scrolling(table, table.anchor, caption)}\n</div>'


@block_html.register
def figure_html(figure: FigureBlock) -> str:
    """A figure: headline, drawing with its alt text, source, and the data to read or to save."""
    anchor, label = figure.anchor, figure.label
    image = base64.b64encode(figure.svg).decode("ascii")
    sheet = quote("\ufeff" + csv_text(figure.data))
    data = _scrolling(figure.data, f"{anchor}-data", f"Data for {label}: {escape(figure.data.caption)}")
    return "\n".join(
        (
            f'<figure id="{anchor}">',
            f'<figcaption><span class="label">{label}.</span> <span class="headline">{escape(figure.headline)}</span>',
            f'<span class="subtitle">{escape(figure.subtitle)}</span></figcaption>',
            f'<img alt="{escape(figure.alt)}" src="data:image/svg+xml;base64,{image}">',
            _small_print((), figure.source, figure.internal),
            f"<details><summary>Data for {label}</summary>",
            data,
            f'<p class="note"><a download="{_file_name(figure)}" href="data:text/csv;charset=utf-8,{sheet}">'
            f"Save the data for {label} as a CSV file</a></p>",
            "</details>",
            "</figure>",
        )
    )


@block_html.register
def paper_html(paper: Paper) -> str:
    """The head and all sections, in order."""
    return "\n".join(map(block_html, (paper.head, *paper.sections)))


def runs_html(runs: Iterable[Run]) -> str:
    """Words, with every fact in a ``data`` element that names it."""
    return "".join(map(_run_html, runs))


def csv_text(table: TableBlock) -> str:
    """The table as CSV with one heading row, safe to open in a spreadsheet.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV injection").
    """
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow([_cell(heading) for heading in plain_headings(table)])
    writer.writerows([_cell(cell) for cell in row] for row in table.body)
    return sheet.getvalue()


def plain_text(html: str) -> str:
    """The words of our own HTML, one block a line; an image is told by its alt text."""
    reader = _Words()
    reader.feed(html)
    lines = (" ".join(line.split()) for line in "".join(reader.words).split("\n"))
    return "\n".join(line for line in lines if line)


def _run_html(run: Run) -> str:
    text = escape(run.text)
    if run.fact is not None:
        return f'<data data-fact="{escape(run.fact)}" value="{escape(run.value or "")}">{text}</data>'
    return f'<a href="#{escape(run.anchor)}">{text}</a>' if run.anchor else text


def _scrolling(table: TableBlock, anchor: str, caption: str) -> str:
    cap, marked = f"{anchor}-cap", footnotes(table)
    return "\n".join(
        (
            f'<div class="scroll" role="region" aria-labelledby="{cap}" tabindex="0">',
            f'<table>\n<caption id="{cap}"><span class="cap">{caption}</span></caption>',
            f"{_colgroups(table)}<thead>\n{_header(table)}\n</thead>",
            "<tbody>\n" + "\n".join(_row(row, table.numeric, marked) for row in table.rows) + "\n</tbody>",
            *([f"<tfoot>\n{_row(table.total, table.numeric, marked)}\n</tfoot>"] if table.total else []),
            f"</table>\n</div>{_footnotes(marked)}{_small_print(table.notes, table.source, table.internal)}",
        )
    )


def _colgroups(table: TableBlock) -> str:
    # a heading over several columns can name them only if they are a column group
    if len(table.header) == 1:
        return ""
    spans = [f'<colgroup span="{stop - start}"></colgroup>' for start, stop in column_groups(table.header[0])]
    return "".join(spans) + "\n"


def _header(table: TableBlock) -> str:
    rows = ("".join(_heading(cell, table) for cell in cells) for cells in heading_cells(table))
    return "\n".join(f"<tr>{row}</tr>" for row in rows)


def _heading(cell: HeadingCell, table: TableBlock) -> str:
    if cell.span > 1:
        return f'<th scope="colgroup" colspan="{cell.span}" class="over">{escape(cell.text)}</th>'
    depth = f' rowspan="{cell.depth}"' if cell.depth > 1 else ""
    return f'<th scope="col"{depth}{_num(table.numeric[cell.column])}>{escape(cell.text)}</th>'


def _row(row: tuple[str, ...], numeric: tuple[bool, ...], marked: tuple[Footnote, ...]) -> str:
    cells = "".join(
        f"<td{_num(n)}>{escape(cell)}{_raised(mark(cell, marked))}</td>"
        for cell, n in zip(row[1:], numeric[1:], strict=True)
    )
    return f'<tr><th scope="row">{escape(row[0])}</th>{cells}</tr>'


def _raised(letter: str) -> str:
    # the space keeps letter and number apart for whoever copies or listens
    return f"<sup> {letter}</sup>" if letter else ""


def _footnotes(marked: tuple[Footnote, ...]) -> str:
    return "".join(f'\n<p class="note">{_raised(note.mark)} {escape(note.words)}</p>' for note in marked)


def _num(numeric: bool) -> str:
    return ' class="num"' if numeric else ""


def _small_print(notes: tuple[str, ...], source: str, internal: bool) -> str:
    lines = (*notes, *([f"Source: {source}"] if source else []), *([INTERNAL] if internal else []))
    return "".join(f'\n<p class="note">{escape(line)}</p>' for line in lines)


def _file_name(figure: FigureBlock) -> str:
    return f"figure-{figure.number or figure.name}.csv"


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not SIGNED.fullmatch(text) else text


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.words.append({"td": " | ", "dd": " "}.get(tag, "") + (dict(attrs).get("alt") or ""))

    def handle_data(self, data: str) -> None:
        self.words.append(data)
