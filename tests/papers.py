"""Papers that several tests print: the committed sample's, and a small one in which every label is an attack."""

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from html.parser import HTMLParser

from pace_analysis.report.blocks import Bullets, FigureBlock, Head, Paper, Paragraph, Run, Section, TableBlock
from pace_analysis.report.html import block_html
from pace_analysis.report.printed import About

ABOUT = About("Exampleshire", date(2015, 9, 30))
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "&lt;b&gt; &amp; &#x41;",
    "$\\frac{1}{0}$ and $x$",
    '#import "x.typ": * and #{1 + 1}',
    "*bold* _it_ `raw` @t1 <t1> ~ -- ...",
    '=HYPERLINK("x")',
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "{{7*7}} {% if %} ${x} %s",
    "\\u0041 \\end{document} ]] //",
    "Ng\u00f2 d\u00e0 D\u2019Arcy \u2265 5 \u2013 \u20ac",
)
LONG_WORD, LONG_NAME = "x" * 10_000, "very long name " * 680


@cache
def sample() -> tuple[Paper, dict[str, bytes]]:
    """The sample authority's paper, and the PNG of each figure at 60 dpi."""
    from pace_analysis.report.paper import open_paper
    from pace_analysis.study import open_study

    opened = open_paper(open_study("exampleshire", "2015Q3"))
    return opened.paper, {figure.name: figure.png(dpi=60) for figure in opened.figures}


@cache
def attack(*, internal: bool = False) -> tuple[Paper, dict[str, bytes]]:
    """A paper with payloads in its head, headings, paragraphs, bullets, tables, captions and alt texts."""
    from matplotlib.figure import Figure

    from pace_analysis.figures import ReportFigure
    from pace_analysis.publish.disclosure import Release

    shown = " | ".join(PAYLOADS)
    drawn = ReportFigure("f", Figure(figsize=(6.7, 2.9)), "", "", "", "", None, Release.INTERNAL)
    wide = TableBlock(
        "wide",
        f"Caption {shown}",
        (("Name", "2014/15", "2014/15", "Sum"), ("Name", "=Share", "Number", "Sum")),
        ((*PAYLOADS[:4],), (*PAYLOADS[4:8],), (*PAYLOADS[8:12],), ("Row", "56%", "16", "1,234")),
        total=("Total", "56%", "16", "1,234"),
        notes=(shown,),
        source=PAYLOADS[0],
        number=1,
        internal=internal,
    )
    long = TableBlock("long", "Long", (("Name", LONG_WORD[:400]),), ((LONG_WORD, LONG_NAME), ("a", "b\x07c")), number=2)
    figure = FigureBlock(
        "f", f"Headline {shown}", shown, f"A drawing of {shown}"[:600], PAYLOADS[0], drawn.svg(), wide, number=1
    )
    words = (
        Run(f"{shown} "),
        Run("5 of 10", fact="k", value="5"),
        Run(" in "),
        Run("Table 1", anchor="t1"),
        Run(" and "),
        Run("Figure 1", anchor="f1"),
    )
    blocks = (
        Paragraph("1.1", words),
        Bullets(((Run(shown),), (Run("two"),))),
        wide,
        long,
        figure,
        Paragraph("1.2", (Run("End."),)),
    )
    head = Head(PAYLOADS[0], PAYLOADS[3], (PAYLOADS[4], PAYLOADS[6]), f"Title {shown}", (shown,), internal)
    return Paper(
        head, (Section(1, f"Section {shown}", blocks), Section(2, "Last", (Paragraph("2.1", (Run("Words."),)),)))
    ), {"f": drawn.png(dpi=60)}


@dataclass
class Parts:
    """What a form of a paper says: running words in order, the cells of each table by row, and alt texts."""

    words: list[str] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)
    alts: list[str] = field(default_factory=list)


def page_parts(paper: Paper) -> Parts:
    """What the page says, without the data that can be folded out under a figure."""
    reader = _Page()
    reader.feed(block_html(paper))
    return reader.parts


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts, self._text, self._folded = Parts(), None, 0

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self._folded += tag == "details"
        if self._folded:
            return
        if tag == "table":
            self.parts.tables.append([])
        elif tag == "tr":
            self.parts.tables[-1].append([])
        elif tag == "img":
            self.parts.alts.append(values["alt"])
        if tag in ("h1", "h2", "p", "li", "dt", "dd", "th", "td", "figcaption", "caption"):
            self._text = ""

    def handle_endtag(self, tag):
        if self._folded:
            self._folded -= tag == "details"
        elif tag in ("th", "td"):
            self.parts.tables[-1][-1].append(self._text)
        elif tag in ("h1", "h2", "p", "li", "dt", "dd", "caption", "figcaption"):
            self.parts.words.append(" ".join(self._text.split()))

    def handle_data(self, data):
        if self._text is not None and not self._folded:
            self._text += data
