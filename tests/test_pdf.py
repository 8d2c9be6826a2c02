"""The PDF: tagged, described, and word for word what the page says; read back by its structure."""

import re
import subprocess
from dataclasses import replace

import pytest
from conftest import need_tool
from papers import ABOUT, LONG_NAME, LONG_WORD, Parts, attack, page_parts, sample

from pace_analysis.errors import OutputError
from pace_analysis.report.blocks import Paper, Paragraph, Run, Section
from pace_analysis.report.pdf import pdf_document

HEAD, FOOT, TALL, BROAD = 50, 55, 842, 596  # points of an A4 page


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    path = tmp_path_factory.mktemp("pdf") / "board.pdf"
    path.write_bytes(pdf_document(sample()[0], ABOUT))
    return path


def squashed(text: str) -> str:
    """Without white space of any kind: lines break where the page ends."""
    return re.sub(r"[\s\u200b]+", "", text)


def structure(path) -> Parts:
    """Words outside tables, in order, and cells by row, read from the tags."""
    tool = need_tool("pdfinfo")
    text = subprocess.run(
        [tool, "-struct-text", path], check=True, capture_output=True, text=True, errors="replace"
    ).stdout
    parts, within = Parts(words=[""]), None
    for line in text.splitlines():
        indent, line = len(line) - len(line.lstrip()), line.strip()
        if within is not None and indent <= within:
            within = None
        if line.startswith('"'):
            if within is None:
                parts.words[-1] += line[1:-1]
            else:
                parts.tables[-1][-1][-1] += line[1:-1]
        elif re.match(r"Table\b", line):
            parts.tables.append([])
        elif line == "TR":
            parts.tables[-1].append([])
        elif re.match(r"T[HD]\b", line):
            parts.tables[-1][-1].append("")
            within = indent
        elif re.match(r"(P|H\d|Caption|Lbl|LBody|TOCI)\b", line):
            parts.words.append("")
    return parts


class TestTheSamplePaper:
    def test_it_says_word_for_word_and_cell_by_cell_what_the_page_says(self, board):
        page, pdf = page_parts(sample()[0]), structure(board)
        said, wanted = squashed("".join(pdf.words)), squashed("".join(page.words))
        contents, start = said.index("Contents"), wanted.index("1Summary")
        # the contents list is the page's, made when a notebook is turned into one
        assert said[:contents] == wanted[:start] and said.endswith(wanted[start:])
        listed = said[contents + len("Contents") : len(said) - len(wanted) + start]
        assert re.sub(r"[.\d\s]", "", listed) == squashed("".join(section.title for section in sample()[0].sections))
        assert [[[squashed(cell) for cell in row] for row in table] for table in pdf.tables] == [
            [[squashed(cell) for cell in row] for row in table] for table in page.tables
        ]

    def test_every_figure_bears_the_alt_text_of_the_page(self, board):
        content = board.read_bytes()
        assert b"/ObjStm" not in content, "objects are packed, and would not be found below"
        for alt in page_parts(sample()[0]).alts:
            assert f"/Alt({alt})".encode("ascii") in content
        assert len(re.findall(rb"/S\s*/Figure\b", content)) == 3

    def test_it_declares_pdf_ua_its_language_and_its_title_in_tags_of_a_paper(self, board):
        content = board.read_bytes()
        assert b"<pdfuaid:part>1</pdfuaid:part>" in content
        assert re.search(rb"/Lang\s*\(en-GB\)", content)
        assert re.search(rb"/DisplayDocTitle\s+true", content)
        tags = subprocess.run(
            [need_tool("pdfinfo"), "-struct", board], check=True, capture_output=True, text=True
        ).stdout
        counts = {
            tag: len(re.findall(rf"^\s*{tag}\b", tags, re.MULTILINE))
            for tag in ("H1", "H2", "Table", "THead", "Figure")
        }
        assert counts == {"H1": 1, "H2": 8, "Table": 12, "THead": 12, "Figure": 3}
        assert tags.count("/Scope /Column") == sum(len(table[0]) for table in page_parts(sample()[0]).tables)

    def test_every_page_is_a4_with_its_number_and_from_the_second_the_title(self, board):
        info = subprocess.run([need_tool("pdfinfo"), board], check=True, capture_output=True, text=True).stdout
        pages = int(re.search(r"Pages:\s+(\d+)", info)[1])
        assert "(A4)" in info and "Author:          Exampleshire" in info and "Wed Sep 30 00:00:00 2015" in info
        title = sample()[0].head.title
        for page in range(1, pages + 1):
            foot = region(board, page, TALL - FOOT, FOOT)
            assert foot.strip() == f"Page {page} of {pages}"
            assert region(board, page, 0, HEAD).strip() == ("" if page == 1 else title)

    def test_every_font_is_in_the_file_and_none_is_of_the_machine(self, board):
        fonts = subprocess.run(
            [need_tool("pdffonts"), board], check=True, capture_output=True, text=True
        ).stdout.splitlines()[2:]
        assert fonts and all("LibertinusSerif" in font and " yes yes yes " in font for font in fonts)


def region(path, page: int, top: int, height: int) -> str:
    """Words in a band across a page."""
    command = [
        need_tool("pdftotext"),
        "-f",
        str(page),
        "-l",
        str(page),
        "-x",
        "0",
        "-y",
        str(top),
        "-W",
        str(BROAD),
        "-H",
        str(height),
        path,
        "-",
    ]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.replace("\f", "")


class TestAttacks:
    def test_payloads_are_printed_as_they_are_and_run_nothing(self, tmp_path):
        paper = attack()[0]
        path = tmp_path / "attack.pdf"
        content = pdf_document(paper, ABOUT)
        path.write_bytes(content)
        page, pdf = page_parts(paper), structure(path)
        said = squashed("".join(pdf.words))
        place = 0
        for words in map(squashed, page.words):
            place = said.index(words, place) + len(words)
        assert [[squashed(cell) for cell in row] for row in pdf.tables[0][2:]] == [
            [squashed(cell) for cell in row] for row in page.tables[0][2:]
        ]
        assert squashed(pdf.tables[1][1][1]) == squashed(LONG_NAME)
        text = subprocess.run([need_tool("pdftotext"), path, "-"], check=True, capture_output=True, text=True).stdout
        repeated = text.count("Name\n")  # pages on which the long heading stands
        assert len(LONG_WORD) + 400 <= len(re.findall(r"x(?=x|\s|\u200b)", text)) <= len(LONG_WORD) + 400 * repeated
        assert not re.search(rb"/(JavaScript|JS|URI|Launch|EmbeddedFile)\b", content)

    def test_a_long_word_stays_on_the_page(self, tmp_path):
        path = tmp_path / "attack.pdf"
        path.write_bytes(pdf_document(attack()[0], ABOUT))
        boxes = subprocess.run(
            [need_tool("pdftotext"), "-bbox", path, "-"], check=True, capture_output=True, text=True
        ).stdout
        assert max(float(edge) for edge in re.findall(r'xMax="([\d.]+)"', boxes)) <= BROAD - 50

    def test_an_internal_paper_is_stamped_on_every_page(self, tmp_path):
        path = tmp_path / "internal.pdf"
        path.write_bytes(pdf_document(attack(internal=True)[0], ABOUT))
        assert "NOT FOR PUBLICATION" in region(path, 1, 0, HEAD) and "NOT FOR PUBLICATION" in region(path, 2, 0, HEAD)

    def test_a_letter_that_no_font_has_is_refused_by_name(self):
        paper = attack()[0]
        foreign = Paper(paper.head, (Section(1, "Section", (Paragraph("1.1", (Run("Name: \u65e5\u672c"),)),)),))
        with pytest.raises(OutputError, match="no letter for '\u65e5") as caught:
            pdf_document(foreign, ABOUT)
        assert "U+65E5" in caught.value.where and "Word file" in caught.value.remedy

    def test_a_figure_without_alt_text_stops_the_file(self):
        paper = sample()[0]
        blocks = paper.sections[2].blocks
        place = next(index for index, block in enumerate(blocks) if hasattr(block, "svg"))
        silent = replace(blocks[place])
        object.__setattr__(silent, "alt", "")  # a block refuses this itself; the file has to as well
        section = replace(paper.sections[2], blocks=(silent,))
        with pytest.raises(OutputError, match="alt"):
            pdf_document(replace(paper, sections=(section,)), ABOUT)
