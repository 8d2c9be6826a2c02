from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pace_analysis.errors import SettingsError
from pace_analysis.report.blocks import Bullets, Fact, FigureBlock, Paragraph, Run, TableBlock
from pace_analysis.report.numbering import resolve
from pace_analysis.report.text import LARGEST_FILE, parse_text

HEAD = "To: The Board\nOn: 17 November 2015\nReport by: Head of Service\n\n# Permanence\n\n"
TABLE = TableBlock("any", "Children adopted", (("Year", "Children"),), (("2014/15", "25"),))
FIGURE = FigureBlock("any", "Fewer wait", "Share waiting.", "A line falls from 100% to 40%.", "", b"<svg/>", TABLE)
FACTS = {"share": Fact("share", "24 of 31", "0.774"), "quarter": Fact("quarter", "July to September 2015", "2015Q3")}


def paper(body: str, **kwargs):
    parsed = parse_text(HEAD + body, "board.md")
    names = {"adoptions", "routes"}
    return resolve(parsed, facts=FACTS, tables=dict.fromkeys(names, TABLE), figures={"waiting": FIGURE}, **kwargs)


def words(block) -> str:
    return "".join(run.text for run in block.runs)


def mistake(text: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        parse_text(text, "board.md")
    assert caught.value.remedy
    return caught.value


def test_head_title_and_sections_are_read():
    text = HEAD.replace("Head of Service", "\nHead of Service,\nChildren's Services")
    text = text.replace("17 November", "{quarter},")
    parsed = parse_text("\ufeff" + text + "## Summary\r\n\r\nOne.\r\n", "board.md")
    head = resolve(parsed, facts=FACTS, tables={}, figures={}, notices=("Invented.",), internal=True).head
    assert (head.to, head.on) == ("The Board", "July to September 2015, 2015")
    assert head.report_by == ("Head of Service,", "Children's Services")
    assert (head.title, head.notices, head.internal) == ("Permanence", ("Invented.",), True)


def test_paragraphs_tables_and_figures_are_numbered_by_position():
    first, second = paper(
        "## Summary\nOne\nline.\n\nTwo, see {table:routes}.\n- a\n- b\n  goes on\n\n"
        "## Background\n\n[table: routes]\nThree.\n[figure: waiting]\n\n[Table: adoptions]\n\n- c\n"
    ).sections
    assert (first.number, first.title, second.number) == (1, "Summary", 2)
    one, two, bullets = first.blocks
    assert (one.number, words(one)) == ("1.1", "One line.")
    assert (two.number, two.runs[1]) == ("1.2", Run("Table 1", anchor="t1"))
    assert bullets == Bullets(((Run("a"),), (Run("b goes on"),)))
    routes, three, waiting, adoptions, last = second.blocks
    assert (routes.label, waiting.label, adoptions.label) == ("Table 1", "Figure 1", "Table 2")
    assert (routes.name, waiting.anchor, three.number) == ("routes", "f1", "2.1")
    assert isinstance(last, Bullets)


def test_swapping_two_sections_renumbers_everything():
    sections = ["## A\n\n[table: routes]\n\n{table:adoptions}\n\n", "## B\n\nText.\n\n[table: adoptions]\n\n"]
    forward, backward = paper("".join(sections)), paper("".join(reversed(sections)))
    assert [words(p.blocks[1]) for p in forward.sections[:1]] == ["Table 2"]
    assert words(backward.sections[1].blocks[1]) == "Table 1"
    assert backward.sections[1].blocks[1].number == "2.1"


def test_a_fact_keeps_its_key_and_value():
    (paragraph,) = paper("## S\n\n{share}\nof them.").sections[0].blocks
    assert paragraph == Paragraph("1.1", (Run("24 of 31", "share", "0.774"), Run(" of them.")))


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("{{share}} costs $5 & <b>*more*</b>", "{share} costs $5 & <b>*more*</b>"),
        ("{{{share}}}", "{24 of 31}"),
        ("a <!-- {nothing} --> b", "a  b"),
        ("a\n<!-- two\n\nlines -->\nb", "a b"),
        ("1. not a list", "1. not a list"),
        ("a [b] [see: c] d", "a [b] [see: c] d"),
        ("#7 is near", "#7 is near"),
    ],
)
def test_anything_else_is_printed_as_typed(typed, printed):
    (paragraph,) = paper("## S\n\n" + typed).sections[0].blocks
    assert words(paragraph) == printed


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("On: x\nReport by: y\n# T\n## S\nA.", "no 'To:'", None),
        ("To:\nOn: x\nReport by: y\n# T\n## S\nA.", "no 'To:'", None),
        ("To: x\nOn: y\n# T\n## S\nA.", "no 'Report by:'", None),
        ("To: x\nTo: y\n# T", "twice", 2),
        ("Two: x\n# T", "'Two' is not a line of the head", 1),
        ("To: x\nHello\n# T", "before the title", 2),
        ("To: x\nOn: y\nReport by: z\n## S\nA.", "no title", None),
        (HEAD, "no section", None),
        (HEAD + "Hello\n## S\nA.", "before the first section", 7),
        (HEAD + "## S\nA.\n### Deep\n", "heading is not supported", 9),
        (HEAD + "## S\nA.\n# Again\n", "heading is not supported", 9),
        (HEAD + "##S\nA.", "heading is not supported", 7),
        (HEAD + "## S\n\n## T\nA.", "'S' is empty", 7),
        (HEAD + "## S\n- a", "list needs a paragraph", 8),
        (HEAD + "## S\n[chart: a]", "'[chart ...]' is not understood", 8),
        (HEAD + "## S\n[table adoptions]", "'[table ...]' is not understood", 8),
        (HEAD + "## S\n[table: ]", "'' is not a name of a table", 8),
        (HEAD + "## S\nA.\nOne { brace", "'{' is not a placeholder", 9),
        (HEAD + "## S\n{}", "'{}' is not a placeholder", 8),
        (HEAD + "## S\n{Share decided}", "'{Share decided}' is not a placeholder", 8),
        (HEAD + "## S\n{chart:a}", "'{chart:a}' is not a placeholder", 8),
        (HEAD + "## S\nA <!-- b\n", "comment is not closed", 8),
        (HEAD + "<!--\n\n-->\n## S\nA\x07.", "control character", 11),
        (HEAD + "## S\n" + "é" * (LARGEST_FILE // 2), "larger than 64 kB", None),
    ],
)
def test_a_mistake_is_told_with_file_line_and_remedy(text, what, line):
    error = mistake(text)
    assert what in error.what
    assert error.where == ("board.md" if line is None else f"board.md, line {line}")


@pytest.mark.parametrize(
    ("body", "what", "remedy"),
    [
        ("{shares}", "no fact 'shares'", "Did you mean 'share'?"),
        ("[table: adoption]", "no table 'adoption'", "Did you mean 'adoptions'?"),
        ("[figure: waits]", "no figure 'waits'", "waiting"),
        ("A.\n\n[table: routes]\n\n[table: routes]", "placed twice", "{table:routes}"),
        ("See {table:routes}.", "does not place it", "[table: routes]"),
        ("See {figure:waiting}.", "does not place it", "[figure: waiting]"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest(body, what, remedy):
    with pytest.raises(SettingsError) as caught:
        paper("## S\n\n" + body)
    assert what in caught.value.what
    assert remedy in caught.value.remedy
    assert caught.value.where.startswith("board.md, line ")


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(blacklist_categories=["Cc", "Cs"], blacklist_characters="{}[]#<-"), min_size=1))
def test_any_line_of_plain_words_comes_back(line):
    if line.strip():
        (paragraph,) = paper("## S\n\n" + line).sections[0].blocks
        assert words(paragraph) == line.strip()


@pytest.mark.parametrize("key", ["", "Share", "9a", "a b", "é"])
def test_a_fact_needs_a_key_that_can_be_typed(key):
    with pytest.raises(ValueError, match="small letters"):
        Fact(key, "text", "1")


def test_a_block_refuses_nonsense():
    with pytest.raises(ValueError, match="no text"):
        Fact("a", " ", "1")
    with pytest.raises(ValueError, match="must have 2 cells"):
        replace(TABLE, rows=(("2014/15",),))
    with pytest.raises(ValueError, match="empty heading"):
        replace(TABLE, rows=(("", "25"),))
    with pytest.raises(ValueError, match="needs a caption"):
        replace(TABLE, caption="")
    with pytest.raises(ValueError, match="20 to 600"):
        replace(FIGURE, alt="A chart.")
    with pytest.raises(ValueError, match="stock phrase"):
        replace(FIGURE, alt="No description has been provided for this image")
    with pytest.raises(ValueError, match="repeats the headline"):
        replace(FIGURE, headline=FIGURE.alt)
    with pytest.raises(ValueError, match="without a script"):
        replace(FIGURE, svg=b"<svg><SCRIPT/></svg>")


def test_columns_of_figures_are_told_from_columns_of_words():
    table = TableBlock(
        "t", "c", (("a", "b", "c", "d", "e"),),
        (("1", "12", "53% to 69%", "met in 2014", "fewer than 5"), ("2", "not shown", "[c]", "not met", "7")),
    )
    assert table.numeric == (False, True, True, False, True)
