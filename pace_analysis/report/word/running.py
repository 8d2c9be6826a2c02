"""What stands at the head and foot of every page of a Word file."""

from __future__ import annotations

from typing import Any

from pace_analysis.report.printed import STAMP
from pace_analysis.report.word.parts import add_field


def add_running_lines(section: Any, title: str) -> None:
    """Put the title at the head of every page but the first, and the page's number at the foot of all."""
    section.different_first_page_header_footer = True
    section.header.paragraphs[0].text = title
    for footer in (section.first_page_footer, section.footer):
        line = footer.paragraphs[0]
        line.style = "Footer"
        line.add_run("Page ")
        add_field(line, "PAGE", "1")
        line.add_run(" of ")
        add_field(line, "NUMPAGES", "1")


def stamp(document: Any) -> None:
    """Say at the head of every page that the paper is not for publication."""
    section = document.sections[-1]
    headers = [section.header]
    if section.different_first_page_header_footer:
        headers.append(section.first_page_header)
    if document.settings.odd_and_even_pages_header_footer:
        headers.append(section.even_page_header)
    for header in headers:
        header.add_paragraph().add_run(STAMP).bold = True
