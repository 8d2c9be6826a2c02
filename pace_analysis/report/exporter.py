"""An executed notebook as a board paper: one page that loads nothing and runs nothing.

Only what :func:`pace_analysis.report.html.fragment` made is shown. The notebook's own prose, code and other
outputs are for analysts and stay out. What a board may not see stops the export instead of being left out: a
failed cell, a warning on stderr, a figure without alt text, or anything INTERNAL in a paper that is to be
published. ``jupyter nbconvert --to board_paper executed.ipynb`` uses the same class.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NoReturn

from pace_analysis.errors import NotebookError
from pace_analysis.report import quickstart
from pace_analysis.report.blocks import LOGO_ALT, alt_problem
from pace_analysis.report.contents import contents_html
from pace_analysis.report.html import BOARD, HEAD_END, HEAD_START
from pace_analysis.report.printed import STAMP, running_title
from pace_analysis.settings import COLOUR, authorities, load_authority

quickstart.skip_slow_import()

from nbconvert.exporters import TemplateExporter  # noqa: E402  after the line that makes it start quickly
from nbconvert.preprocessors import Preprocessor  # noqa: E402
from nbformat import NotebookNode  # noqa: E402
from traitlets import default  # noqa: E402

TEMPLATES = Path(__file__).parent / "templates"
WASH = 0.07  # share of the accent in the ground of a notice
STDERR = (  # what in a warning tells its cause, then what is said of it and what to do
    ("missing from font", "A name in a figure has a character that the font of figures does not hold.",
     "Write that name in the settings with letters, digits and common signs."),
    ("findfont", "A figure asks for a font that this machine does not have.",
     "Install the font, or take it out of matplotlibrc."),
    ("", "The cell wrote to stderr, where warnings go.", "Open the notebook, read the warning and mend it."),
)
TAGS = frozenset(
    "a caption colgroup data dd details div dl dt figcaption figure h1 h2 header img li p section span summary "
    "sup table tbody td tfoot th thead tr ul".split()
)
ATTRIBUTES = frozenset(
    "alt aria-labelledby class colspan data-fact download href id lang role rowspan scope span src tabindex "
    "value".split()
)
ADDRESSES = re.compile(r"#|data:text/csv;charset=utf-8,|data:image/(?:svg\+xml|png);base64,")


class BoardPaperExporter(TemplateExporter):
    """Write the board paper that an executed notebook shows.

    ``resources["provenance"]``, when given, is the line printed at the foot of the page, and
    ``resources["accent"]`` (``#rrggbb``) the colour of headings, links and rules; by default that of the authority which
    the papermill parameter ``authority`` names. A notebook whose metadata has ``pace.internal`` or the papermill
    parameter ``internal`` set to true is stamped on every page.

    Raises
    ------
    NotebookError
        If the notebook failed, wrote to stderr, shows no paper, or shows what a board may not see.
    """

    export_from_notebook = "Board paper"
    output_mimetype = "text/html"

    def __init__(self, config: Any = None, **kw: Any) -> None:
        super().__init__(config=config, **kw)
        self.register_preprocessor(_Page, enabled=True)

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    @default("template_name")
    def _template_name_default(self) -> str:
        return "board"

    @default("extra_template_basedirs")
    def _default_extra_template_basedirs(self) -> list[str]:
        return [str(TEMPLATES)]


class _Page(Preprocessor):
    """Check the outputs and hand the template the parts of the page; runs last, on a copy of the notebook."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        environment = self.parent.environment
        css, _, _ = environment.loader.get_source(environment, "style.css")
        where = resources.get("metadata", {}).get("name") or "notebook"
        accent = resources.get("accent") or accent_of(nb)
        resources["board"] = page_parts(nb, css, where=where, provenance=resources.get("provenance", ""), accent=accent)
        return nb, resources


def page_parts(
    nb: Mapping[str, Any], css: str, *, where: str, provenance: str = "", accent: str = ""
) -> dict[str, str]:
    """Check a notebook's outputs and return what the template prints.

    Returns
    -------
    dict of str
        ``title`` and ``provenance`` (escaped), ``head``, ``contents`` (empty unless the paper is long), ``body``,
        ``css``, ``csp``, ``stamp`` (empty unless the notebook is internal).

    Raises
    ------
    NotebookError
        See :class:`BoardPaperExporter`.
    """
    internal = is_internal(nb)
    gate = _Gate(internal)
    fragments = []
    for cell_where, html in _fragments(nb, where):
        gate.check(html, cell_where)
        fragments.append(html)
    if not fragments:
        remedy = "Run it from top to bottom first."
        raise NotebookError("The notebook shows no board paper.", where=where, remedy=remedy)
    if len(gate.titles) != 1:
        what = f"The paper has {len(gate.titles)} titles, not one."
        raise NotebookError(what, where=where, remedy="Show the head of the paper in exactly one cell.")
    before, start, rest = "\n".join(fragments).partition(HEAD_START)
    head, end, after = rest.partition(HEAD_END)
    title = " ".join(gate.titles[0].split())
    css += accent_rules(accent) + print_rules(title, STAMP if internal else "")
    return {
        "title": escape(title),
        "head": start + head + end,
        "contents": contents_html(before + after),
        "body": before + after,
        "css": css,
        "csp": content_policy(css),
        "stamp": STAMP if internal else "",
        "provenance": escape(provenance),
    }


def is_internal(nb: Mapping[str, Any]) -> bool:
    """Whether the notebook says that its paper is not for publication."""
    metadata = nb["metadata"]
    said = (metadata.get("pace", {}), metadata.get("papermill", {}).get("parameters", {}))
    return any(part.get("internal") is True for part in said)


def accent_of(nb: Mapping[str, Any]) -> str:
    """Return the accent of the authority that papermill ran a notebook for; nothing where none has settings here."""
    slug = nb["metadata"].get("papermill", {}).get("parameters", {}).get("authority")
    return load_authority(slug).accent if slug in authorities() else ""


def content_policy(css: str) -> str:
    """Return a Content-Security-Policy that allows this one style and drawings inside the page, nothing else."""
    digest = base64.b64encode(hashlib.sha256(css.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def accent_rules(accent: str) -> str:
    """Return the CSS that sets an authority's colour; nothing, so that the style's own holds, where there is none.

    Raises
    ------
    ValueError
        If it is no ``#rrggbb``; :mod:`pace_analysis.settings` has checked that it can be read on white.
    """
    if not accent:
        return ""
    if not re.fullmatch(COLOUR, accent):
        raise ValueError("an accent is a colour such as #0b5c6b")
    channels = (int(accent[start : start + 2], 16) for start in (1, 3, 5))
    wash = "".join(f"{round(255 - WASH * (255 - value)):02x}" for value in channels)
    return f"\n:root{{--accent:{accent};--accent-wash:#{wash}}}"


def print_rules(title: str, stamp: str) -> str:
    """Return the CSS that prints the title on every page but the first, and a stamp on every page."""
    rules = f'\n@page{{@top-left{{content:"{_css_string(running_title(title))}"}}}}\n@page:first{{@top-left{{content:none}}}}\n'
    return rules + (f'@page{{@top-right{{content:"{_css_string(stamp)}";font-weight:700}}}}\n' if stamp else "")


def _css_string(text: str) -> str:
    # the space ends an escape and is not printed
    return "".join(c if c.isascii() and (c.isalnum() or c == " ") else f"\\{ord(c):x} " for c in text)


def _fragments(nb: Mapping[str, Any], where: str) -> Iterator[tuple[str, str]]:
    """Every board fragment with its cell; a failed cell or a line on stderr stops the export."""
    for number, cell in enumerate(nb["cells"], start=1):
        cell_where = f"{where}, cell {number}"
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error":
                what = f"The notebook stopped with {output['ename']}."
                raise NotebookError(what, where=cell_where, remedy="Open the notebook, read the message and mend it.")
            if output["output_type"] == "stream" and output["name"] == "stderr":
                what, remedy = next(said for cause, *said in STDERR if cause in "".join(output["text"]))
                raise NotebookError(what, where=cell_where, remedy=remedy)
            html = "".join(output.get("data", {}).get("text/html", ""))
            if html.startswith(BOARD):
                yield cell_where, html


class _Gate(HTMLParser):
    """Raise at the first thing that a board paper may not hold."""

    def __init__(self, internal: bool) -> None:
        super().__init__()
        self.internal = internal
        self.titles: list[str] = []
        self._ids: set[str] = set()
        self._in_title = False
        self._where = ""

    def check(self, html: str, where: str) -> None:
        self._where = where
        self.feed(html)
        if self.rawdata:
            self._refuse("The cell holds HTML that is cut off.", "Show the paper with pace_analysis only.")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self._refuse(f"The cell holds <{tag}>, which a board paper may not.", "Show it as a block of the paper.")
        if tag == "h1":
            self.titles.append("")
            self._in_title = True
        values = {name: value or "" for name, value in attrs}
        for name, value in values.items():
            if name not in ATTRIBUTES:
                self._refuse(f"<{tag}> has the attribute '{name}'.", "Show it as a block of the paper.")
            if name in ("href", "src") and not ADDRESSES.match(value):
                self._refuse(f"<{tag}> points outside the page.", "A board paper loads and links to nothing.")
        if tag == "img":
            self._check_alt(values.get("alt", ""), logo=values.get("class") == "logo")
        self._check_id(values.get("id", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "h1":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.titles[-1] += data
        self._check_release(data)

    def handle_comment(self, data: str) -> None:
        self._refuse("The cell holds a comment or declaration in HTML.", "Show it as a block of the paper.")

    handle_decl = handle_pi = unknown_decl = handle_comment

    def _check_alt(self, alt: str, *, logo: bool) -> None:
        # a logo is told in few words: whose it is
        problem = "" if logo and alt.startswith(LOGO_ALT) else alt_problem(alt)
        if problem:
            self._refuse(f"The alt text of a figure {problem}.", "Say in a sentence what the figure shows.")
        self._check_release(alt)

    def _check_id(self, name: str) -> None:
        if name in self._ids:
            self._refuse(f"'{name}' is shown twice.", "Show each section of the paper in one cell only.")
        if name:
            self._ids.add(name)

    def _check_release(self, words: str) -> None:
        if not self.internal and re.search(r"\bINTERNAL\b", words):
            remedy = "Publish the numbers through the disclosure gate, or run the report with internal = True."
            self._refuse("The paper holds something INTERNAL, which may not be published.", remedy)

    def _refuse(self, what: str, remedy: str) -> NoReturn:
        raise NotebookError(what, where=self._where, remedy=remedy)
