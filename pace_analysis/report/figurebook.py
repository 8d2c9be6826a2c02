"""Figures for authors to lift: all of them in one Word file, or one as the files an author pastes from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pace_analysis.figures import ReportFigure
from pace_analysis.publish.disclosure import Release
from pace_analysis.report.blocks import FigureBlock, Paper, TableBlock
from pace_analysis.report.html import INTERNAL, csv_text
from pace_analysis.report.printed import About, figures_of, notices, running_title
from pace_analysis.report.word import NOTE, NOTICE, Writer

BOOK = "figures.docx"


def figure_book(paper: Paper, figures: Mapping[str, bytes], about: About, reference: Path | None = None) -> bytes:
    """Return a DOCX file with every figure of the paper, its caption, source and alt text, ready to copy.

    The alt text is also printed under each figure, for programs that lose it. Parameters and errors are those of
    :func:`~pace_analysis.report.word.word_document`.

    Raises
    ------
    ValueError
        If the paper has no figure, or a figure has no PNG.
    """
    drawn = figures_of(paper)
    if not drawn:
        raise ValueError("the paper has no figure")
    title = f"Figures: {paper.head.title}"
    writer = Writer(about, figures, reference, internal=paper.head.internal, running=running_title(paper.head.title))
    writer.add_paragraph(title, "Title")
    for notice in notices(paper.head):
        writer.add_paragraph(notice, NOTICE)
    for figure in drawn:
        writer.add(figure)
        writer.add_paragraph(f"Alt text: {figure.alt}", NOTE)
    return writer.finish(title, paper.lang)


def figure_block(drawn: ReportFigure) -> FigureBlock:
    """Return a drawn figure as a block of a paper, its data as words and printed numbers."""
    # column by column: a row of mixed types would turn counts into 30.0
    cells = [drawn.data[column].map(str) for column in drawn.data]
    internal = drawn.release is Release.INTERNAL
    data = TableBlock(f"{drawn.name}_data", drawn.subtitle, (tuple(map(str, drawn.data.columns)),),
                      tuple(zip(*cells, strict=True)), internal=internal)
    return FigureBlock(drawn.name, drawn.headline, drawn.subtitle, drawn.alt, drawn.source, drawn.svg(), data,
                       internal=internal)


def figure_files(figure: FigureBlock, png: bytes) -> dict[str, bytes]:
    """Return one figure as files by name: the drawing as SVG and PNG, its words as text, its data as CSV.

    A figure without a number leaves the numbering to its author.
    """
    stem = f"figure-{figure.number}-{figure.name.replace('_', '-')}" if figure.number else figure.name.replace("_", "-")
    words = (
        f"{figure.label}. {figure.headline}" if figure.number else figure.headline,
        figure.subtitle,
        f"Source: {figure.source}",
        f"Alt text: {figure.alt}",
        *([INTERNAL] if figure.internal else []),
        "",
    )
    return {
        f"{stem}.svg": figure.svg,
        f"{stem}.png": png,
        f"{stem}.txt": "\n".join(words).encode("utf-8"),
        f"{stem}.csv": csv_text(figure.data).encode("utf-8-sig"),
    }
