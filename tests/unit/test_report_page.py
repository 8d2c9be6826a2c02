"""The page whatever is typed into it: hostile names stand there literally; long papers get contents; protected cells a note."""

import re
import warnings
from html import escape, unescape
from html.parser import HTMLParser

import nbformat
import pytest

from pace_analysis.errors import NotebookError, SettingsError
from pace_analysis.figures import style
from pace_analysis.figures.reportfigure import ReportFigure
from pace_analysis.publish.disclosure import Release
from pace_analysis.report.blocks import Bullets, FigureBlock, Head, Paper, Paragraph, Run, Section, TableBlock
from pace_analysis.report.contents import contents_html
from pace_analysis.report.exporter import BoardPaperExporter
from pace_analysis.report.printed import RUNNING_TITLE
from pace_analysis.report.footnotes import FEWER, NOT_SHOWN, footnotes
from pace_analysis.report.html import block_html, csv_text, fragment

PAYLOADS = (
    "<script>window.hit=1</script>", "<img src=x onerror=window.hit=1>", "</style><script>window.hit=1</script>",
    "<svg/onload=window.hit=1>", '"><script>window.hit=1</script>', "' onmouseover='window.hit=1",
    "javascript:window.hit=1", "<!--<b>", "]]><b>", "{{7*7}} {% raw %}", "&lt;b&gt; &amp;", "@import 'https://x.example'; }",
)
ALLOWED = {"a", "aside", "body", "caption", "data", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "footer", "h1",
           "h2", "head", "header", "html", "img", "li", "main", "meta", "nav", "p", "section", "span", "style", "summary",
           "sup", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul"}


def paper_of(words: str) -> Paper:
    """A paper with the same words in every place that a person or a data set can fill."""
    table = TableBlock("t", words, ((words, "n"),), ((words, "4"), ("b", words)), total=("All", words), notes=(words,),
                       source=words, number=1)
    figure = FigureBlock("f", f"Headline {words}", words, f"A line falls from 100% to 40%: {words[:400]}", words, b"<svg/>",
                         table, number=1)
    runs = (Run(words), Run(words, fact="share", value=words), Run(words, anchor="t1"))
    section = Section(1, words, (Paragraph("1.1", runs), Bullets((runs,)), table, figure))
    return Paper(Head(words, words, (words, words), words, notices=(words,)), (section,))


def page_of(paper: Paper, **resources: str) -> str:
    output = nbformat.v4.new_output("display_data", data={"text/html": fragment(paper).html})
    cell = nbformat.v4.new_code_cell("", id="c", outputs=[output])
    return BoardPaperExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]), resources=resources)[0]


class Elements(HTMLParser):
    """Tags, names of attributes and words of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.words = set(), set(), []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.words.append(data)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_looks_like_html_is_printed_as_it_was_typed(payload):
    page = page_of(paper_of(payload), provenance=payload)
    found = Elements(page)
    assert found.tags <= ALLOWED
    assert not [name for name in found.attributes if name == "style" or name.startswith("on")]
    assert page.count("</style>") == page.count("<style>") == 1
    body = page.split("</style>")[1]
    assert unescape(body).count(payload) >= 20 and found.words.count(payload) >= 10
    assert "default-src 'none'" in page


def test_ten_kilobytes_of_name_are_printed_whole_and_cut_only_at_the_head_of_printed_pages():
    name = "Ab" * 5000
    page = page_of(paper_of(name))
    assert f"<h1>{name}</h1>" in page
    running = re.search(r'@top-left\{content:"([^"]*)"', page)[1]
    assert running == f"{name[:RUNNING_TITLE]}" + "\\2e " * 3


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "+1+cmd|' /C calc'!A0", "-2+3+cmd|x!A0", "\t=1", "\r=1",
                                  "\n=1", "＝1+1", "-1 to 2+A1", "+1 (=A1 to 2)"])
def test_no_cell_of_saved_data_can_run_as_a_formula(text):
    cells = csv_text(TableBlock("t", "c", (("a", "b"),), (("x", text),)))
    assert f"'{text}" in cells


@pytest.mark.parametrize("text", ["-5", "+19 (17 to 21)", "+1 (−2 to 4)", "-0.4%", "−3", "-", "+", "1,200", "95 of 170"])
def test_numbers_in_saved_data_stay_numbers(text):
    assert f",{text}\r\n" in csv_text(TableBlock("t", "c", (("a", "b"),), (("x", text),))).replace('"', "")


@pytest.mark.parametrize("words", ["$x^2$ costs $5 \\frac{1}{", "<script>1</script>", "_^{}%&#~", "Ab" * 5000], ids=lambda w: w[:8])
def test_labels_of_figures_are_drawn_as_they_were_typed(words):
    figure, axes = style.blank()
    style.label(axes, x=words, y=words)
    style.write(axes, 0.5, 0.5, words)
    drawn = ReportFigure("f", figure, "h", "s", "s", "a", None, Release.INTERNAL)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg = drawn.svg()
    assert not any(text.get_parse_math() for text in (axes.xaxis.label, axes.yaxis.label, axes.texts[0]))
    assert b"<script" not in svg and len(re.findall(rb"<use ", svg)) >= 3 * len(words.replace(" ", "")), "one outline a letter"


@pytest.mark.parametrize(("warning", "what"), [
    ("UserWarning: Glyph 28450 (\\N{CJK UNIFIED IDEOGRAPH-6F22}) missing from font(s) DejaVu Sans.", "a character that the font"),
    ("findfont: Font family 'Nosuch' not found.", "a font that this machine does not have"),
    ("DeprecationWarning: old", "wrote to stderr"),
])
def test_a_missing_font_is_refused_by_name_of_the_mistake(warning, what):
    cell = nbformat.v4.new_code_cell("", id="c", outputs=[nbformat.v4.new_output("stream", name="stderr", text=warning)])
    with pytest.raises(NotebookError, match=what) as refused:
        BoardPaperExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    assert refused.value.remedy and "6F22" not in str(refused.value)


@pytest.mark.parametrize("form", ["svg", "png"])
def test_a_figure_with_a_character_that_its_font_lacks_is_refused_by_that_character(form):
    figure, axes = style.blank()
    style.write(axes, 0.5, 0.5, "\u6f22")
    with pytest.raises(SettingsError, match="no letter for '\u6f22'") as refused:
        getattr(ReportFigure("f", figure, "h", "s", "s", "a", None, Release.INTERNAL), form)()
    assert refused.value.where == "figure 'f', U+6F22" and refused.value.remedy


def test_a_protected_cell_bears_a_mark_and_the_mark_a_sentence():
    table = TableBlock("t", "c", (("a", "b", "c"),), (("x", "5", "fewer than 5 of 45"), ("y", "not shown", "fewer than 5")))
    assert [(note.mark, note.words) for note in footnotes(table)] == [("a", FEWER), ("b", NOT_SHOWN)]
    html = block_html(table)
    assert '">fewer than 5 of 45<sup> a</sup></td>' in html and '">not shown<sup> b</sup></td>' in html
    assert html.index("</table>") < html.index(f"<sup> a</sup> {FEWER}") < html.index(f"<sup> b</sup> {escape(NOT_SHOWN)}")
    assert "<sup>" not in block_html(TableBlock("t", "c", (("a", "b"),), (("not shown", "5"), ("y", "not yet"))))
    assert "sup" not in csv_text(table) and "fewer than 5 of 45\r\n" in csv_text(table)


def section(number: int, paragraphs: int) -> Section:
    words = "Children wait for a decision on where they will live for good, and the wait is counted in days. " * 8
    return Section(number, f"Part & {number}", tuple(Paragraph(f"{number}.{p}", (Run(words),)) for p in range(1, paragraphs + 1)))


def test_a_paper_of_more_than_four_pages_has_contents_and_a_shorter_one_has_none():
    page = page_of(Paper(Head("a", "b", ("c",), "Long"), tuple(section(number, 9) for number in range(1, 6))))
    nav = page[page.index("<nav") : page.index("</nav>")]
    assert page.index("</header>") < page.index("<nav") < page.index("<main")
    assert re.findall(r'<li><a href="#(s\d)"><span class="num">(\d)</span> ([^<]*)</a>', nav) == [
        (f"s{number}", str(number), f"Part &amp; {number}") for number in range(1, 6)
    ]
    assert all(f'id="s{number}"' in page for number in range(1, 6))
    assert "<nav" not in page_of(Paper(Head("a", "b", ("c",), "Short"), tuple(section(n, 2) for n in range(1, 6))))


def test_what_is_folded_away_does_not_make_a_paper_long():
    rows = "<tr><td>1</td></tr>" * 400
    assert not contents_html(f"<h2>1 One</h2><details><table>{rows}</table></details>")
    assert contents_html(f"<h2>1 One</h2><table>{rows}</table>")
