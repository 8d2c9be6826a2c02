"""A paper into a Word document, block by block."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from functools import singledispatchmethod
from pathlib import Path
from typing import Any

from pace_analysis.report.archive import stable_archive
from pace_analysis.report.blocks import Bullets, FigureBlock, Head, Logo, Paper, Paragraph, Run, Section, TableBlock
from pace_analysis.report.footnotes import Footnote, footnotes, mark
from pace_analysis.report.headings import heading_cells
from pace_analysis.report.html import SHORT
from pace_analysis.report.printed import (
    About,
    column_widths,
    head_rows,
    is_long,
    notices,
    printable,
    running_title,
    small_print,
)
from pace_analysis.report.word import parts
from pace_analysis.report.word.opening import has_picture_in_header, open_house, open_reference, set_language, set_properties
from pace_analysis.report.word.running import add_running_lines, stamp

NOTICE, CONTENTS, SUMMARY, FIGURE, NOTE, CELL = (
    "Board Notice",
    "Board Contents Heading",
    "Board Figure Summary",
    "Board Figure",
    "Board Note",
    "Board Table Text",
)
TABLE, HEAD_TABLE = "Board Table", "Board Head"
LONG_ROW = 600  # characters in a cell: such a row may run over to the next page
HEAD_SHARE = 0.17
CHARACTER, PADDING = 66000, 108000  # English Metric Units: of table text on average, and of a cell's two sides
AFTER_SMALL_PRINT = 14  # points


def word_document(paper: Paper, figures: Mapping[str, bytes], about: About, reference: Path | None = None) -> bytes:
    """Return the paper as a DOCX file, the same bytes for the same paper.

    Sections and paragraphs are numbered by Word's own numbering, tables and figures by its fields, so an author
    can go on editing. A table's header rows repeat on every page; a figure stands at its true size, or at the
    width of the text where that is less.

    Parameters
    ----------
    figures : mapping of str to bytes
        PNG of each figure by its name, with its resolution in it.
    about : About
        Author, data cut and colour.
    reference : Path, optional
        A council's DOCX: its styles, page and what its headers and footers print are used. Its text, its properties
        and what nobody sees (who changed what, hidden words, templates, variables, fields but page numbers) are not.

    Raises
    ------
    InputError
        If the reference is no Word document, or lacks one of the styles Title, Heading 1, List Number,
        List Bullet and Caption; the message names it.
    ValueError
        If a figure has no PNG.
    """
    writer = Writer(about, figures, reference, internal=paper.head.internal, running=running_title(paper.head.title))
    writer.add(paper.head)
    if is_long(paper):
        writer.add_contents(paper.sections)
    for section in paper.sections:
        writer.add(section)
    return writer.finish(paper.head.title, paper.lang)


class Writer:
    """A document being written; :meth:`add` puts a block at its end, :meth:`finish` returns the file."""

    def __init__(
        self, about: About, figures: Mapping[str, bytes], reference: Path | None, *, internal: bool, running: str
    ) -> None:
        self._about, self._figures = about, figures
        self._document = open_reference(reference, about) if reference else open_house(about)
        self._sections, self._bullets = parts.add_numbering(self._document)
        self._bookmarks = 0
        section = self._document.sections[-1]
        self._width = int(section.page_width - section.left_margin - section.right_margin)
        if not reference:
            add_running_lines(section, running)
        if internal:
            stamp(self._document)

    @singledispatchmethod
    def add(self, block: Any) -> None:
        """Add a head, a section or any block."""
        raise TypeError(f"no Word form for {type(block).__name__}")

    @add.register
    def _(self, head: Head) -> None:
        if head.logo and not has_picture_in_header(self._document):
            self._add_logo(head.logo)
        rows = head_rows(head)
        table = self._document.add_table(len(rows), 2)
        for row, (term, lines) in zip(table.rows, rows, strict=True):
            self._fill(row.cells[0], term)
            self._fill(row.cells[1], lines[0], bold=True)
            for line in lines[1:]:
                row.cells[1].add_paragraph(style=CELL).add_run(printable(line)).bold = True
        parts.head_table(
            table, HEAD_TABLE, header_rows=0, total=False, title="To whom, when and by whom this paper is reported"
        )
        self._set_widths(table, (self._width * HEAD_SHARE, self._width * (1 - HEAD_SHARE)))
        self.add_paragraph(head.title, "Title")
        for notice in notices(head):
            self.add_paragraph(notice, NOTICE)

    @add.register
    def _(self, section: Section) -> None:
        heading = self.add_paragraph(section.title, "Heading 1")
        parts.number(heading, self._sections, 0)
        self._bookmark(heading, _bookmark_name(f"s{section.number}"))
        for block in section.blocks:
            self.add(block)

    @add.register
    def _(self, paragraph: Paragraph) -> None:
        made = self._document.add_paragraph(style="List Number")
        parts.number(made, self._sections, 1)
        self._add_runs(made, paragraph.runs)

    @add.register
    def _(self, bullets: Bullets) -> None:
        for item in bullets.items:
            made = self._document.add_paragraph(style="List Bullet")
            parts.number(made, self._bullets)
            self._add_runs(made, item)

    @add.register
    def _(self, table: TableBlock) -> None:
        self._add_caption("Table", table, table.caption)
        header = heading_cells(table)
        made = self._document.add_table(len(header) + len(table.body), len(table.numeric))
        for level, cells in enumerate(header):
            for heading in cells:
                last = (level + heading.depth - 1, heading.column + heading.span - 1)
                cell = made.cell(level, heading.column)
                cell = cell.merge(made.cell(*last)) if (level, heading.column) != last else cell
                align = "center" if heading.span > 1 else "right" if table.numeric[heading.column] else "left"
                self._fill(cell, heading.text, align=align)
        marked = footnotes(table)
        kept = len(table.body) <= SHORT
        for index, row in enumerate(table.body):
            cells = made.rows[len(header) + index].cells
            for column, (cell, text, numeric) in enumerate(zip(cells, row, table.numeric, strict=True)):
                self._fill(
                    cell, text, align="right" if numeric else "left", together=kept and index + 1 < len(table.body)
                )
                parts.add_raised(cell.paragraphs[0], mark(text, marked) if column else "")
            if max(map(len, row)) < LONG_ROW:
                parts.keep_whole(made.rows[len(header) + index])
        parts.head_table(made, TABLE, header_rows=len(header), total=bool(table.total), title=table.caption)
        room = (self._width - PADDING * len(table.numeric)) // CHARACTER
        widths = [width * CHARACTER + PADDING for width in column_widths(table, room)]
        self._set_widths(made, [width * min(1, self._width / sum(widths)) for width in widths])
        self._add_small_print(table, marked)

    @add.register
    def _(self, figure: FigureBlock) -> None:
        if figure.name not in self._figures:
            raise ValueError(f"figure '{figure.name}' has no PNG")
        self._add_caption("Figure", figure, figure.headline)
        self.add_paragraph(figure.subtitle, SUMMARY)
        run = self._document.add_paragraph(style=FIGURE).add_run()
        picture = run.add_picture(io.BytesIO(self._figures[figure.name]))
        if picture.width > self._width:
            picture.height, picture.width = int(picture.height * self._width / picture.width), self._width
        parts.describe(run, figure.alt, figure.label)
        self._add_small_print(figure)

    def add_paragraph(self, text: str, style: str) -> Any:
        """Add a paragraph of plain words in a style."""
        return self._document.add_paragraph(printable(text), style=style)

    def add_contents(self, sections: Iterable[Section]) -> None:
        """Add a contents list that Word can bring up to date: the sections, each a link."""
        from docx.oxml.ns import qn

        self.add_paragraph("Contents", CONTENTS)
        lines = [self._document.add_paragraph(style="toc 1") for _ in sections]
        for line, section in zip(lines, sections, strict=True):
            link = parts.element("hyperlink", anchor=_bookmark_name(f"s{section.number}"), history=1)
            run = line.add_run(f"{section.number}\t{printable(section.title)}")
            link.append(run._r)
            line._p.append(link)
        field = lines[0].insert_paragraph_before(style="toc 1")
        parts.add_field(field, r'TOC \o "1-1" \n \h', "")
        # a field's words may run over several paragraphs: its start goes before the first, its end after the last
        runs = field._p.findall(qn("w:r"))
        for run in reversed(runs[:3]):
            lines[0]._p.insert(1, run)
        lines[-1]._p.append(runs[-1])
        field._p.getparent().remove(field._p)

    def finish(self, title: str, lang: str) -> bytes:
        """Set what the file says about itself and return its bytes."""
        set_language(self._document, lang)
        set_properties(self._document, title, lang, self._about)
        packed = io.BytesIO()
        self._document.save(packed)
        return stable_archive(packed.getvalue(), self._about)

    def _add_logo(self, logo: Logo) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Mm

        line = self._document.add_paragraph(style=FIGURE)
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        run = line.add_run()
        run.add_picture(io.BytesIO(logo.png), Mm(logo.width), Mm(logo.height))
        parts.describe(run, logo.alt, "Logo")

    def _add_runs(self, paragraph: Any, runs: Iterable[Run]) -> None:
        for run in runs:
            if run.anchor:
                parts.add_field(paragraph, rf"REF {_bookmark_name(run.anchor)} \h", run.text)
            else:
                paragraph.add_run(printable(run.text))

    def _add_caption(self, kind: str, block: TableBlock | FigureBlock, words: str) -> None:
        caption = self._document.add_paragraph(style="Caption")
        caption.add_run(f"{kind} " if block.number else kind)
        if block.number:
            parts.add_field(caption, rf"SEQ {kind} \* ARABIC", str(block.number))
        self._bookmark(caption, _bookmark_name(block.anchor))
        caption.add_run(f". {printable(words)}")
        caption.paragraph_format.keep_with_next = True

    def _add_small_print(self, block: TableBlock | FigureBlock, marked: tuple[Footnote, ...] = ()) -> None:
        from docx.shared import Pt

        lines = [self.add_paragraph("", NOTE) for _ in marked]
        for line, note in zip(lines, marked, strict=True):
            parts.add_raised(line, note.mark)
            line.add_run(f" {note.words}")
        lines += [self.add_paragraph(line, NOTE) for line in small_print(block)]
        for line in lines[:-1]:
            line.paragraph_format.keep_with_next = True
        for line in lines[-1:]:
            line.paragraph_format.space_after = Pt(AFTER_SMALL_PRINT)

    def _fill(self, cell: Any, text: str, *, align: str = "left", bold: bool = False, together: bool = False) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        paragraph = cell.paragraphs[0]
        paragraph.style = CELL
        paragraph.add_run(printable(text)).bold = bold or None
        if align != "left":
            paragraph.alignment = WD_ALIGN_PARAGRAPH[align.upper()]
        if together:
            paragraph.paragraph_format.keep_with_next = True

    def _set_widths(self, table: Any, widths: Sequence[float]) -> None:
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = int(width)
        for row in table.rows:
            for cell, width in zip(row.cells, widths, strict=True):
                if cell.grid_span == 1:
                    cell.width = int(width)

    def _bookmark(self, paragraph: Any, name: str) -> None:
        self._bookmarks += 1
        parts.bookmark(paragraph, name, self._bookmarks)


def _bookmark_name(anchor: str) -> str:
    # a name such as t1 reads like a cell, and a hidden name (with _) stays out of an author's way
    return f"_{anchor.replace('-', '_')}"
