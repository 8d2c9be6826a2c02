"""A paper's other forms, asked for by name: a Word file with a second one of its figures, a PDF, and a workbook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pace_analysis.errors import UsageError, nearest
from pace_analysis.report.blocks import Paper
from pace_analysis.report.printed import About, figures_of
from pace_analysis.settings import resolve

FORMATS = ("docx", "pdf", "xlsx")
STEM = "board_report"


def asked_forms(also: str, reference: str | Path = "") -> tuple[str, ...]:
    """Return which forms ``docx,pdf,xlsx``, or part of it, asks for, in that order.

    Raises
    ------
    UsageError
        If there is no such form, or there is a reference document and no Word file to take its styles.
    """
    asked = {name.strip() for name in also.split(",")} - {""}
    for name in sorted(asked - set(FORMATS)):
        raise UsageError(f"A report cannot be written as '{name[:64]}'.", remedy=nearest(name, FORMATS))
    if reference and "docx" not in asked:
        what = "A reference document lends its styles to the Word file, and none is asked for."
        raise UsageError(what, remedy='Add --docx, or docx to the "also" of a plan; or leave the reference out: reference = "" there.')
    return tuple(name for name in FORMATS if name in asked)


def names(also: str) -> tuple[str, ...]:
    """Names of the files that ``also`` asks for."""
    from pace_analysis.report.figurebook import BOOK

    return tuple(name for form in asked_forms(also) for name in (f"{STEM}.{form}", *([BOOK] if form == "docx" else [])))


def printed_forms(
    paper: Paper, pictures: Mapping[str, bytes], about: About, also: str, reference: str | Path = ""
) -> dict[str, bytes]:
    """Return the forms that ``also`` asks for, as files by name.

    Parameters
    ----------
    pictures : mapping of str to bytes
        PNG of each figure by its name; only the Word files need them.
    also : str
        As in ``docx,pdf,xlsx``; nothing is made where it is empty.
    reference : str or Path, optional
        A council's DOCX that lends its styles to the Word files.

    Raises
    ------
    UsageError
        See :func:`asked_forms`.
    InputError
        If the reference cannot be read, is no Word document or lacks a style.
    OutputError
        If the PDF would hold what PDF/UA-1 does not allow.
    """
    asked, files = asked_forms(also, reference), {}
    if "docx" in asked:
        files |= _word_files(paper, pictures, about, resolve(reference) if reference else None)
    if "pdf" in asked:
        from pace_analysis.report.pdf import pdf_document

        files[f"{STEM}.pdf"] = pdf_document(paper, about)
    if "xlsx" in asked:
        from pace_analysis.report.sheets import workbook

        files[f"{STEM}.xlsx"] = workbook(paper, about)
    return files


def _word_files(paper: Paper, pictures: Mapping[str, bytes], about: About, reference: Path | None) -> dict[str, bytes]:
    from pace_analysis.report.figurebook import BOOK, figure_book
    from pace_analysis.report.word import word_document

    files = {f"{STEM}.docx": word_document(paper, pictures, about, reference)}
    # a paper without a figure has no book of figures
    return files | ({BOOK: figure_book(paper, pictures, about, reference)} if figures_of(paper) else {})
