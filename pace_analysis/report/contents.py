"""The contents list of a long paper: its numbered headings, where it would print on more than four pages."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

SHORT = 4  # pages
LINES_A_PAGE = 52  # of A4, by the print rules of style.css, less what figures that do not split leave white
CHARACTERS_A_LINE = 105
# besides the words of each; those of a table are in its rows
LINES = {"h2": 3, "p": 0.8, "li": 0.8, "figure": 22, "table": 4, "tr": 1.6}


def contents_html(body: str) -> str:
    """Return the contents list of a paper's sections as a landmark, or an empty string where the paper is short.

    The length is estimated from the words, tables and figures that are printed: what a figure's ``details`` hold
    is not. A page that is only printed by the reader's browser cannot be counted beforehand.
    """
    outline = _Outline()
    outline.feed(body)
    if outline.pages <= SHORT:
        return ""
    entries = "\n".join(_entry(anchor, "".join(words)) for anchor, words in outline.headings)
    heading = '<h2 id="contents">Contents</h2>'
    return f'<nav class="contents" aria-labelledby="contents">\n{heading}\n<ul>\n{entries}\n</ul>\n</nav>'


def _entry(anchor: str, heading: str) -> str:
    number, _, title = heading.partition(" ")
    return f'<li><a href="#{escape(anchor)}"><span class="num">{escape(number)}</span> {escape(title)}</a></li>'


class _Outline(HTMLParser):
    """Numbered headings, and about how many pages a paper takes in print."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[tuple[str, list[str]]] = []
        self.pages = 0.0
        self._section = ""
        self._within: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within.add(tag)
        if tag == "section":
            self._section = dict(attrs).get("id") or ""
        if tag == "h2":
            self.headings.append((self._section, []))
        if "details" not in self._within:
            self._add(LINES.get(tag, 0))

    def handle_endtag(self, tag: str) -> None:
        self._within.discard(tag)

    def handle_data(self, data: str) -> None:
        if "h2" in self._within:
            self.headings[-1][1].append(data)
        if not self._within & {"details", "table"}:
            self._add(len(data.strip()) / CHARACTERS_A_LINE)

    def _add(self, lines: float) -> None:
        self.pages += lines / LINES_A_PAGE
