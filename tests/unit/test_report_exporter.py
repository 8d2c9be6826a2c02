import base64
import copy
import hashlib
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from pace_analysis.errors import NotebookError
from pace_analysis.report.blocks import Fact, FigureBlock, TableBlock
from pace_analysis.report.exporter import STAMP, TEMPLATES, BoardPaperExporter
from pace_analysis.report.html import Fragment, fragment
from pace_analysis.report.numbering import resolve
from pace_analysis.report.text import parse_text

TEXT = """To: The Board
On: 17 November 2015
Report by: Head of Service

# Time to a decision: "July" & </style>

## Summary

{share} had a decision, see {table:routes} & {figure:waiting}. <b onload=x> https://example.org

## Background

- none
""".replace("- none", "Text.\n\n- a bullet\n\n[table: routes]\n\n[figure: waiting]")
TABLE = TableBlock(
    "routes", "Decisions", (("", "Route", "Route"), ("Age", "Adoption", "Kin")), (("Under 1", "45", "20"),),
    total=("All", "45", "20"), source="Case records",
)
FIGURE = FigureBlock("waiting", "Fewer wait", "Share.", "A line falls from 100% to 40%.", "Records", b"<svg/>", TABLE)


def board(internal: bool = False):
    facts = {"share": Fact("share", "24 of 31", "0.774")}
    parsed = parse_text(TEXT, "board.md")
    return resolve(parsed, facts=facts, tables={"routes": TABLE}, figures={"waiting": FIGURE}, internal=internal)


def shown(html: str):
    return nbformat.v4.new_output("display_data", data={"text/html": html, "text/plain": "words"})


def notebook(*outputs, paper=None, metadata=None):
    """A notebook whose cells show the paper, and then the outputs given."""
    paper = board() if paper is None else paper
    parts = [shown(fragment(part).html) for part in (paper.head, *paper.sections)]
    cells = [nbformat.v4.new_markdown_cell("Prose for analysts.", id="m")]
    for i, output in enumerate([*parts, *outputs]):
        cells.append(nbformat.v4.new_code_cell("secret_code()", id=f"c{i}", outputs=[output]))
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata or {})


def export(nb, **resources) -> str:
    return BoardPaperExporter().from_notebook_node(nb, resources=resources)[0]


@pytest.fixture(scope="module")
def page() -> str:
    return export(notebook(), provenance="Made from <invented> records.")


class Audit(HTMLParser):
    """Every element of a page with its attributes, and the words inside it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict, list[str]]] = []
        self.open: list[list[str]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), []))
        if tag not in ("meta", "img"):
            self.open.append(self.elements[-1][2])

    def handle_endtag(self, tag):
        self.open.pop()

    def handle_data(self, data):
        for words in self.open:
            words.append(data)

    def all(self, *tags):
        return [(attrs, "".join(words).strip()) for tag, attrs, words in self.elements if tag in tags]


def test_the_page_is_well_built(page):
    audit = Audit(page)
    assert audit.open == []
    ids = [attrs["id"] for _, attrs, _ in audit.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert [tag for tag, _, _ in audit.elements if re.fullmatch(r"h\d", tag)] == ["h1", "h2", "h2"]
    assert audit.all("html")[0][0]["lang"] == "en-GB"
    assert len(audit.all("main")) == len(audit.all("title")) == len(audit.all("footer")) == 1
    assert audit.all("title")[0][1] == audit.all("h1")[0][1] == 'Time to a decision: "July" & </style>'
    assert all(attrs.get("scope") and words for attrs, words in audit.all("th"))
    assert len(audit.all("caption")) == len(audit.all("table")) == 2
    assert all(words for _, words in audit.all("caption", "summary", "figcaption"))
    assert all(20 <= len(attrs["alt"]) <= 600 for attrs, _ in audit.all("img"))
    tabbed = [attrs for _, attrs, _ in audit.elements if "tabindex" in attrs]
    assert [attrs["class"] for attrs in tabbed] == ["scroll", "scroll"]
    assert all(attrs["aria-labelledby"] in ids for _, attrs, _ in audit.elements if "aria-labelledby" in attrs)
    assert all(attrs["href"][1:] in ids for attrs, _ in audit.all("a") if attrs["href"].startswith("#"))
    assert re.search(r'<a class="skip" href="#main">', page)


def test_the_page_loads_nothing_and_runs_nothing(page):
    audit = Audit(page)
    for tag, attrs, _ in audit.elements:
        assert tag not in ("script", "link", "iframe", "object", "embed", "form", "base")
        assert not [name for name in attrs if name == "style" or name.startswith("on")]
        assert all(attrs[name].startswith(("#", "data:")) for name in ("src", "href") if name in attrs)
    ((_, css),) = audit.all("style")
    css = page[page.index("<style>") + 7 : page.index("</style>")]
    assert not re.search(r"url\(|@import|http", css)
    (policy,) = [attrs["content"] for attrs, _ in audit.all("meta") if attrs.get("http-equiv")]
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_the_page_shows_the_paper_and_nothing_else(page):
    assert "24 of 31" in page and "Made from &lt;invented&gt; records." in page
    assert "&lt;b onload=x&gt; https://example.org" in page
    for hidden in ("Prose for analysts", "secret_code", "words", STAMP, "INTERNAL"):
        assert hidden not in page.split("</style>")[1]
    assert page.index('<header class="head">') < page.index('<main id="main">') < page.index('<section id="s1"')


def test_other_outputs_are_left_out(page):
    stdout = nbformat.v4.new_output("stream", name="stdout", text="progress")
    nb = notebook(shown("<table>rows of children</table>"), stdout)
    assert export(nb, provenance="Made from <invented> records.") == page


def test_same_notebook_same_bytes_and_untouched(page):
    nb = notebook()
    before = copy.deepcopy(nb)
    exporter = BoardPaperExporter()
    first, second = (exporter.from_notebook_node(nb)[0] for _ in range(2))
    assert first == second == export(nb)
    assert nb == before


def test_a_whole_paper_in_one_cell_is_the_same_paper(page):
    nb = notebook()
    nb.cells = [nb.cells[1]]
    nb.cells[0].outputs = [shown(fragment(board()).html)]
    whole = export(nb, provenance="Made from <invented> records.")
    assert Audit(whole).all("h1", "h2", "p", "td", "th") == Audit(page).all("h1", "h2", "p", "td", "th")


BOARD = '<div class="board" lang="en-GB">\n{}\n</div>'


@pytest.mark.parametrize(
    ("output", "what"),
    [
        (nbformat.v4.new_output("error", ename="KeyError", evalue="Jo Smith", traceback=["x"]), "KeyError"),
        (nbformat.v4.new_output("stream", name="stderr", text="UserWarning"), "stderr"),
        (shown(BOARD.format('<img src="data:image/png;base64,AA">')), "alt text"),
        (shown(BOARD.format('<img alt="No description has been provided for this image" src="#">')), "stock phrase"),
        (shown(BOARD.format("<script>x</script>")), "<script>"),
        (shown(BOARD.format("<SCRIPT>x</SCRIPT>")), "<script>"),
        (shown(BOARD.format("<style>p{}</style>")), "<style>"),
        (shown(BOARD.format('<img alt="A line falls from 9 to 4." src="http://x.org/a.png">')), "outside the page"),
        (shown(BOARD.format('<a href="//x.org">x</a>')), "outside the page"),
        (shown(BOARD.format('<a href="javascript:x">x</a>')), "outside the page"),
        (shown(BOARD.format('<p style="color:red">x</p>')), "attribute 'style'"),
        (shown(BOARD.format('<p onclick="x">x</p>')), "attribute 'onclick'"),
        (shown(BOARD.format("<!-- hidden -->")), "comment"),
        (shown('<div class="board"><p'), "cut off"),
        (shown(BOARD.format('<section id="s1"></section>')), "'s1' is shown twice"),
        (shown(BOARD.format("<h1>Another</h1>")), "2 titles"),
        (shown(BOARD.format("<p>INTERNAL</p>")), "INTERNAL"),
        (shown(BOARD.format('<img alt="INTERNAL: a line falls to 40%." src="#">')), "INTERNAL"),
    ],
)
def test_what_a_board_may_not_see_stops_the_export(output, what):
    with pytest.raises(NotebookError) as caught:
        export(notebook(output), metadata={"name": "02_board_report"})
    assert what in caught.value.what
    assert caught.value.remedy
    assert caught.value.where in ("02_board_report, cell 5", "02_board_report")
    assert "Jo Smith" not in str(caught.value)


def test_a_notebook_without_a_paper_is_refused():
    nb = notebook()
    nb.cells = nb.cells[:1]
    with pytest.raises(NotebookError, match="shows no board paper"):
        export(nb)
    nb = notebook()
    del nb.cells[1]
    with pytest.raises(NotebookError, match="0 titles"):
        export(nb)


@pytest.mark.parametrize("metadata", [{"pace": {"internal": True}}, {"papermill": {"parameters": {"internal": True}}}])
def test_an_internal_paper_is_stamped_on_screen_and_on_every_printed_page(metadata):
    paper = board(internal=True)
    with pytest.raises(NotebookError, match="INTERNAL"):
        export(notebook(paper=paper))
    page = export(notebook(paper=paper, metadata=metadata))
    assert f'<aside class="stamp" aria-label="Status"><p>{STAMP}</p></aside>' in page
    assert f'@page{{@top-right{{content:"{STAMP}"' in page
    assert STAMP in export(notebook(metadata=metadata)), "stamped even if nothing in it is internal"


def test_every_printed_page_names_the_paper_and_is_numbered(page):
    assert r'@page{@top-left{content:"Time to a decision\3a  \22 July\22  \26  \3c \2f style\3e "}}' in page
    assert 'content: "Page " counter(page) " of " counter(pages)' in page


def test_colours_can_be_read():
    css = (TEMPLATES / "board" / "style.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", css))
    for text in ("accent", "ink", "quiet"):
        for ground in ("#ffffff", colours["accent-wash"]):
            assert contrast(colours[text], ground) >= 4.5
    assert contrast("#ffffff", colours["accent"]) >= 4.5


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, WCAG 2.2, 1.4.3."""
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_slow_import_is_kept_out():
    code = "import sys, pace_analysis.report.exporter; print(sys.modules['rfc3987_syntax'])"
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert run.stdout == "None\n"


def test_a_fragment_is_the_only_thing_recognised():
    with pytest.raises(NotebookError, match="shows no board paper"):
        export(nbformat.v4.new_notebook(cells=[
            nbformat.v4.new_code_cell("x", id="c", outputs=[shown(Fragment("<p>1.1 Text</p>", "").html)])
        ]))
