"""The tables of a paper as one workbook, after the United Kingdom government's guidance on accessible spreadsheets.

Cover, contents and notes come first, then one table a sheet from its left edge, as an Excel table; no cell is merged,
no row or column empty, nothing said by colour. (Government Analysis Function, "Releasing statistics in spreadsheets".)
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pace_analysis.dates import say_date
from pace_analysis.report.archive import stable_archive
from pace_analysis.report.blocks import FORMULA_STARTS, Paper, TableBlock
from pace_analysis.report.footnotes import footnotes
from pace_analysis.report.headings import plain_headings
from pace_analysis.report.html import INTERNAL
from pace_analysis.report.printed import (
    About,
    column_widths,
    figures_of,
    head_rows,
    notices,
    printable,
    tables_of,
)

COVER, CONTENTS, NOTES = "Cover", "Contents", "Notes"
LONGEST_HEADING = 255  # characters in a heading of an Excel table
LONGEST_CELL = 32767
WHOLE = re.compile(r"\d{1,3}(,\d{3})+|\d{1,15}")
PERCENT = re.compile(r"\d{1,3}(\.\d{1,2})?%")
WIDE = 90  # characters of a sheet with running text
ROOM = 120  # characters of a table


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, its title, the lines under it, and its table."""

    name: str
    title: str
    lines: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    numeric: tuple[bool, ...]


def workbook(paper: Paper, about: About) -> bytes:
    """Return an XLSX file with every table of the paper and the data of every figure; same paper, same bytes.

    Whole numbers and percentages are numbers; whatever else a cell says stays text, and text never becomes a formula.
    """
    import openpyxl
    from openpyxl.worksheet.hyperlink import Hyperlink

    book = openpyxl.Workbook()
    notes = _numbered_notes(paper)
    sheets = [*_table_sheets(paper, notes), *_figure_sheets(paper)]
    _write_cover(book.active, paper, about)
    listed = [(sheet.name, sheet.title) for sheet in sheets]
    _write_sheet(
        book,
        Sheet(
            CONTENTS,
            "Contents",
            _says_one_table(),
            ("Sheet", "What it holds"),
            tuple(listed),
            (20.0, WIDE),
            (False, False),
        ),
    )
    for row, sheet in enumerate(sheets, start=4):
        cell = book[CONTENTS].cell(row, 1)
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{sheet.name}'!A1")
        cell.style = "Hyperlink"
    if notes:
        rows = tuple((f"note {number}", note) for note, number in notes.items())
        _write_sheet(
            book, Sheet(NOTES, "Notes", _says_one_table(), ("Note", "What it says"), rows, (12.0, WIDE), (False, False))
        )
    for sheet in sheets:
        _write_sheet(book, sheet)
    book.properties.title, book.properties.language = printable(paper.head.title)[:255], paper.lang
    book.properties.creator = book.properties.lastModifiedBy = about.author
    packed = io.BytesIO()
    book.save(packed)
    return stable_archive(packed.getvalue(), about)


def _says_one_table() -> tuple[str, ...]:
    return ("This sheet holds one table.",)


def _numbered_notes(paper: Paper) -> dict[str, int]:
    said = dict.fromkeys(note for table in tables_of(paper) for note in _notes(table))
    return {note: number for number, note in enumerate(said, start=1)}


def _notes(table: TableBlock) -> tuple[str, ...]:
    """Notes of a table, and what its protected cells mean."""
    return (*table.notes, *(note.words for note in footnotes(table)))


def _table_sheets(paper: Paper, notes: dict[str, int]) -> Iterator[Sheet]:
    for table in tables_of(paper):
        named = " ".join(f"[note {notes[note]}]" for note in _notes(table))
        lines = (*_says_one_table(), *([f"Notes are in the sheet {NOTES}: {named}"] if named else []))
        yield _sheet(table, table.label, f"{table.label}. {table.caption}", lines, table.source, table.internal)


def _figure_sheets(paper: Paper) -> Iterator[Sheet]:
    for figure in figures_of(paper):
        lines = (
            f"This sheet holds one table, the data drawn in {figure.label}.",
            figure.subtitle,
            f"What the figure shows: {figure.alt}",
        )
        yield _sheet(
            figure.data, figure.label, f"{figure.label}. {figure.headline}", lines, figure.source, figure.internal
        )


def _sheet(table: TableBlock, name: str, title: str, lines: tuple[str, ...], source: str, internal: bool) -> Sheet:
    headings = plain_headings(table)
    cut = tuple(
        f"Column {place} in full: {text}" for place, text in enumerate(headings, start=1) if len(text) > LONGEST_HEADING
    )
    lines = (*([INTERNAL] if internal else []), *lines, *([f"Source: {source}"] if source else []), *cut)
    return Sheet(name, title, lines, _distinct(headings), table.body, column_widths(table, ROOM), table.numeric)


def _distinct(headings: Sequence[str]) -> tuple[str, ...]:
    """Headings as an Excel table takes them: on one line, short enough, no two the same."""
    taken: set[str] = set()
    result = []
    for text in headings:
        short = " ".join(printable(text).split())
        short = short if len(short) <= LONGEST_HEADING else f"{short[: LONGEST_HEADING - 10]}..."
        name, again = short, 2
        while name.lower() in taken:
            name, again = f"{short} ({again})", again + 1
        taken.add(name.lower())
        result.append(name)
    return tuple(result)


def _write_cover(sheet: Any, paper: Paper, about: About) -> None:
    from openpyxl.styles import Alignment

    sheet.title = COVER
    head = [f"{term}: {', '.join(lines)}" for term, lines in head_rows(paper.head)]
    lines = [
        *notices(paper.head),
        f"Author: {about.author}. Data to {say_date(about.as_at)}.",
        *head,
        f"The sheet {CONTENTS} lists the tables; each is on a sheet of its own, under the lines that explain it.",
        "Numbers rounded or left out to protect children say so in words: no cell is empty.",
    ]
    _write_lines(sheet, paper.head.title, lines)
    sheet.column_dimensions["A"].width = WIDE
    for (cell,) in sheet.iter_rows():
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _write_sheet(book: Any, sheet: Sheet) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.table import Table, TableStyleInfo

    made = book.create_sheet(sheet.name)
    _write_lines(made, sheet.title, sheet.lines)
    top = len(sheet.lines) + 2
    for column, heading in enumerate(sheet.headings, start=1):
        cell = _write_text(made.cell(top, column), heading)
        cell.font = Font(bold=True)
        cell.alignment = Alignment(
            wrap_text=True, vertical="bottom", horizontal="right" if sheet.numeric[column - 1] else "left"
        )
        made.column_dimensions[get_column_letter(column)].width = max(12.0, sheet.widths[column - 1] + 3)
    for row, texts in enumerate(sheet.rows, start=top + 1):
        for column, text in enumerate(texts, start=1):
            cell = made.cell(row, column)
            _write_number(cell, text) if column > 1 else _write_text(cell, text)
            cell.alignment = Alignment(
                wrap_text=True, vertical="top", horizontal="right" if sheet.numeric[column - 1] else "left"
            )
    area = f"A{top}:{get_column_letter(len(sheet.headings))}{top + len(sheet.rows)}"
    table = Table(displayName=sheet.name.replace(" ", "_").lower() + "_data", ref=area)
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showFirstColumn=False, showRowStripes=False)
    made.add_table(table)
    made.freeze_panes = made.cell(top + 1, 2)
    made.print_title_rows = f"{top}:{top}"
    made.page_setup.paperSize, made.page_setup.fitToWidth, made.page_setup.fitToHeight = made.PAPERSIZE_A4, 1, 0
    made.sheet_properties.pageSetUpPr.fitToPage = True


def _write_lines(sheet: Any, title: str, lines: Sequence[str]) -> None:
    from openpyxl.styles import Font

    _write_text(sheet["A1"], title).font = Font(bold=True, size=14)
    for row, line in enumerate(lines, start=2):
        _write_text(sheet.cell(row, 1), line)


def _write_text(cell: Any, text: str) -> Any:
    """Write words, whatever they begin with."""
    cell.value = printable(text)[:LONGEST_CELL]
    cell.data_type = "s"
    if text.startswith(FORMULA_STARTS):
        cell.quotePrefix = True  # keeps them words when the cell is edited, too
    return cell


def _write_number(cell: Any, text: str) -> None:
    if WHOLE.fullmatch(text) and (text == "0" or not text.startswith("0")):
        cell.value, cell.number_format = int(text.replace(",", "")), "#,##0" if "," in text else "0"
    elif PERCENT.fullmatch(text):
        digits = text.rstrip("%")
        places = len(digits.partition(".")[2])
        cell.value = round(float(digits) / 100, places + 2)
        cell.number_format = f"0.{'0' * places}%" if places else "0%"
    else:
        _write_text(cell, text)
