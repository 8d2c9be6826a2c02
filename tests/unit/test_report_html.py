import csv
import io
import re
from dataclasses import replace
from urllib.parse import unquote

import pytest

from pace_analysis.report.blocks import Bullets, FigureBlock, Head, Paper, Paragraph, Run, Section, TableBlock
from pace_analysis.report.html import block_html, csv_text, fragment, runs_html

TABLE = TableBlock(
    "routes", "Decisions by <route>", (("", "Route", "Route", "All"), ("Age", "Adoption", "Kin", "All")),
    (("Under 1", "45", "not shown", "50"), ("1 to 4", "30", "<20", "50")),
    total=("All ages", "75", "25", "100"), notes=("Rounded to the nearest 5.",), source="Case records", number=2,
)
FIGURE = FigureBlock(
    "waiting", "Half no longer wait", "Share still waiting.", 'A line falls from 100% to 40% ("week 20").',
    "Case records", b'<svg xmlns="http://www.w3.org/2000/svg"/>', replace(TABLE, number=0), number=1,
)
HEAD = Head(
    "The Board", "17 November 2015", ("Head of Service", "O'Brien & Co"), "Time to a <decision>", ("Invented.",)
)


def test_head_says_to_on_report_by_and_the_title():
    html = block_html(HEAD)
    assert html.startswith('<header class="head">') and html.endswith("</header>")
    assert "<dt>To</dt><dd>The Board</dd>" in html
    assert "<dt>Report by</dt><dd>Head of Service</dd><dd>O&#x27;Brien &amp; Co</dd>" in html
    assert "<h1>Time to a &lt;decision&gt;</h1>" in html
    assert '<p class="notice">Invented.</p>' in html
    assert "INTERNAL" not in html
    assert "INTERNAL: not for publication." in block_html(replace(HEAD, internal=True))


def test_numbers_of_sections_and_paragraphs_are_in_the_text():
    section = Section(3, "Background & more", (Paragraph("3.2", (Run("A < B."),)), Bullets(((Run("one"),),))))
    html = block_html(section)
    assert '<section id="s3" aria-labelledby="s3-h">' in html
    assert '<h2 id="s3-h"><span class="num">3</span> Background &amp; more</h2>' in html
    assert '<p id="p3.2" class="para"><span class="num">3.2</span> A &lt; B.</p>' in html
    assert "<ul>\n<li>one</li>\n</ul>" in html


def test_a_fact_names_itself_and_a_reference_leads_to_its_table():
    runs = (Run("24 <of> 31", "share", '0.77"'), Run(", see "), Run("Table 2", anchor="t2"), Run("."))
    assert runs_html(runs) == (
        '<data data-fact="share" value="0.77&quot;">24 &lt;of&gt; 31</data>, see <a href="#t2">Table 2</a>.'
    )


def test_a_table_has_a_caption_scopes_and_its_closing_row_once():
    html = block_html(TABLE)
    assert '<div class="tbl short" id="t2">' in html
    assert '<div class="scroll" role="region" aria-labelledby="t2-cap" tabindex="0">' in html
    assert re.search(r'<caption id="t2-cap">.*Table 2\.</span> Decisions by &lt;route&gt;', html)
    assert not re.search(r"<th(?! scope=)[ >]|<th[^>]*></th>", html)
    assert '<th scope="row">Under 1</th><td class="num">45</td><td class="num">not shown<sup> a</sup></td>' in html
    assert '<td class="num">&lt;20</td>' in html
    assert html.count("All ages") == 1 and html.index("<tfoot>") < html.index("All ages")
    assert '<p class="note"><sup> a</sup> Not shown: ' in html
    assert '<p class="note">Rounded to the nearest 5.</p>\n<p class="note">Source: Case records</p>' in html


def test_headings_over_several_columns():
    head = block_html(TABLE).split("<thead>\n")[1].split("\n</thead>")[0].split("\n")
    assert head == [
        '<tr><th scope="col" rowspan="2">Age</th><th scope="colgroup" colspan="2" class="over">Route</th>'
        '<th scope="col" rowspan="2" class="num">All</th></tr>',
        '<tr><th scope="col" class="num">Adoption</th><th scope="col" class="num">Kin</th></tr>',
    ]
    groups = [f'<colgroup span="{span}"></colgroup>' for span in (1, 2, 1)]
    assert "".join(groups) in block_html(TABLE)


def test_every_grid_of_headings_fills_its_columns_once():
    """Each heading row covers every column exactly once, counting headings that reach down from above."""
    grids = [
        (("A", "b", "c"),),
        (("", "S", "S", "S", "T"), ("", "r", "r", "q", "T"), ("A", "b", "c", "d", "T")),
        (("", "S", "T"), ("A", "b", "T")),
        (("", "S", "S"), ("A", "S", "S")),
    ]
    for header in grids:
        width = len(header[0])
        html = block_html(TableBlock("t", "c", header, (tuple("x" * width),))).split("</thead>")[0]
        left = [0] * len(header)
        for level, row in enumerate(re.findall(r"<tr>(.*?)</tr>", html)):
            for attributes in re.findall(r"<th ([^>]*)>", row):
                spans = (re.search(rf'{name}="(\d+)"', attributes) for name in ("colspan", "rowspan"))
                columns, depth = (int(span[1]) if span else 1 for span in spans)
                for reached in range(level, level + depth):
                    left[reached] += columns
        assert left == [width] * len(header)


def test_a_figure_is_described_captioned_and_gives_its_data():
    html = block_html(FIGURE)
    assert html.startswith('<figure id="f1">') and html.endswith("</figure>")
    assert 'alt="A line falls from 100% to 40% (&quot;week 20&quot;)."' in html
    assert 'src="data:image/svg+xml;base64,PHN2Zy' in html
    assert '<span class="label">Figure 1.</span> <span class="headline">Half no longer wait</span>' in html
    assert "<details><summary>Data for Figure 1</summary>" in html
    sheet = re.search(r'<a download="figure-1.csv" href="data:text/csv;charset=utf-8,([^"]*)">', html)[1]
    assert unquote(sheet) == "\ufeff" + csv_text(FIGURE.data)


def test_internal_tables_and_figures_say_so():
    assert "INTERNAL: not for publication." in block_html(replace(TABLE, internal=True))
    assert "INTERNAL: not for publication." in block_html(replace(FIGURE, internal=True))
    assert "INTERNAL" not in block_html(TABLE) + block_html(FIGURE)


def test_csv_reads_back_and_holds_no_formula():
    table = replace(TABLE, rows=(("=1+1", "-5", "-", "@x"), ('a "b", c', "+cmd", "−", "£4")))
    heading, first, second, total = csv.reader(io.StringIO(csv_text(table)))
    assert heading == ["Age", "Route: Adoption", "Route: Kin", "All"]
    assert first == ["'=1+1", "-5", "-", "'@x"]
    assert second == ['a "b", c', "'+cmd", "−", "£4"]
    assert total == ["All ages", "75", "25", "100"]


def test_a_fragment_shows_in_a_notebook_as_html_and_as_words():
    shown = fragment(Section(1, "Summary", (Paragraph("1.1", (Run("One & two."),)), FIGURE)))
    bundle = shown._repr_mimebundle_()
    assert bundle["text/html"] == shown._repr_html_() == shown.html
    assert shown.html.startswith('<div class="board" lang="en-GB">\n<section')
    assert shown.html.endswith("</section>\n</div>")
    assert bundle["text/plain"].startswith("1 Summary\n1.1 One & two.\nFigure 1. Half no longer wait\n")
    assert 'A line falls from 100% to 40% ("week 20").' in shown.plain
    assert "base64" not in shown.plain


def test_a_paper_is_its_head_and_sections():
    paper = Paper(HEAD, (Section(1, "Summary", (TABLE,)),))
    assert block_html(paper) == block_html(HEAD) + "\n" + block_html(paper.sections[0])
    assert fragment(paper) == fragment(paper)


def test_what_is_no_block_has_no_html():
    with pytest.raises(TypeError, match="no HTML for str"):
        block_html("text")
