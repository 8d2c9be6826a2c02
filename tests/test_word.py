"""The Word file: says what the page says, in Word's own structure, and a council's document can lend its styles."""

import hashlib
import io
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from itertools import pairwise

import docx
import pytest
from conftest import ROOT, need_tool
from council import PRINTED, SECRET, field
from council import council as hostile_council
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.table import Table
from papers import ABOUT, LONG_NAME, LONG_WORD, PAYLOADS, Parts, attack, page_parts, sample

from pace_analysis.errors import InputError
from pace_analysis.report.blocks import Paper
from pace_analysis.report.figurebook import figure_book, figure_files
from pace_analysis.report.html import csv_text
from pace_analysis.report.pdf import pdf_document
from pace_analysis.report.printed import figures_of
from pace_analysis.report.sheets import workbook
from pace_analysis.report.word import word_document
from pace_analysis.report.word.fields import clean_fields


@pytest.fixture(scope="module")
def board() -> bytes:
    return word_document(*sample(), ABOUT)


def opened(content: bytes):
    return docx.Document(io.BytesIO(content))


def word_parts(content: bytes) -> Parts:
    """Words, cells and alt texts in order; numbers of sections and paragraphs are counted as Word counts them."""
    parts, counters = Parts(), [0, 0]
    for block in opened(content).iter_inner_content():
        if isinstance(block, Table):
            rows = [[cell.text for cell in dict.fromkeys(row.cells)] for row in block.rows]
            if block.style.name == "Board Head":
                parts.words += [line for row in rows for cell in row for line in cell.split("\n")]
            else:
                parts.tables.append(rows)
            continue
        parts.alts += [picture.get("descr") for picture in block._p.iter(qn("wp:docPr"))]
        if block.style.name in ("Board Contents Heading", "toc 1") or not block.text:
            continue
        parts.words.append(numbered(block, counters))
    return parts


def numbered(block, counters: list[int]) -> str:
    properties = block._p.pPr.numPr if block._p.pPr is not None else None
    if properties is None or block.style.name == "List Bullet":
        return block.text
    level = properties.ilvl.val
    counters[level] += 1
    counters[level + 1 :] = [0] * (1 - level)
    return f"{'.'.join(map(str, counters[: level + 1]))} {block.text}"


def joined(words: list[str]) -> list[str]:
    # the page has a figure's headline and summary in one caption, Word in two paragraphs
    return re.sub(r"\s+", " ", " ".join(words)).split(" ")


class TestTheSamplePaper:
    def test_it_says_word_for_word_and_cell_by_cell_what_the_page_says(self, board):
        page, word = page_parts(sample()[0]), word_parts(board)
        assert len(page.tables) == 12 and len(page.alts) == 3
        assert joined(word.words) == joined(page.words)
        assert word.tables == page.tables
        assert word.alts == page.alts

    def test_paragraphs_are_numbered_by_word_and_never_by_hand(self, board):
        paper = sample()[0]
        wanted = [block.number for section in paper.sections for block in section.blocks if hasattr(block, "runs")]
        found = [line.split(" ")[0] for line in word_parts(board).words if re.match(r"\d+\.\d+ ", line)]
        assert found == wanted
        assert not [p.text for p in opened(board).paragraphs if re.match(r"\d+\.\d+ ", p.text)]

    def test_it_is_built_of_styles(self, board):
        document = opened(board)
        styles = [paragraph.style.name for paragraph in document.paragraphs]
        assert styles.count("Title") == 1 and styles.count("Heading 1") == 8 and styles.count("Caption") == 15
        assert "Normal" not in styles
        assert not list(document.element.body.iter(qn("w:rFonts"))), "fonts belong in styles"

    def test_every_table_repeats_its_headings_and_has_a_title_for_screen_readers(self, board):
        for table in opened(board).tables:
            look = table._tbl.tblPr.find(qn("w:tblLook"))
            assert look.get(qn("w:firstColumn")) == "1" and table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))
            repeated = [bool(row._tr.xpath("./w:trPr/w:tblHeader")) for row in table.rows]
            assert repeated == [table.style.name == "Board Table"] + [False] * (len(repeated) - 1)

    def test_references_captions_and_contents_are_fields_whose_targets_exist(self, board):
        body = opened(board).element.body
        codes = ["".join(code.text.split()) for code in body.iter(qn("w:instrText"))]
        names = [mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))]
        assert len(set(names)) == len(names) == 23
        targets = {re.fullmatch(r"REF(\w+)\\h", code)[1] for code in codes if code.startswith("REF")}
        links = {link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))}
        assert targets == {"_t1", "_t3", "_t5"} and len(links) == 8 and targets | links <= set(names)
        assert codes.count(r"SEQTable\*ARABIC") == 12 and codes.count(r"SEQFigure\*ARABIC") == 3
        kinds = [mark.get(qn("w:fldCharType")) for mark in body.iter(qn("w:fldChar"))]
        assert [kinds.count(kind) for kind in ("begin", "separate", "end")] == [len(codes)] * 3

    def test_figures_stand_at_their_true_size_on_a4(self, board):
        document = opened(board)
        section = document.sections[0]
        assert (section.page_width.mm, section.page_height.mm) == pytest.approx((210, 297), abs=0.1)
        for shape in document.inline_shapes:
            assert (shape.width.inches, shape.height.inches) == pytest.approx((6.7, 2.9), abs=0.01)
        identities = [picture.get("id") for picture in document.element.body.iter(qn("wp:docPr"))]
        assert len(set(identities)) == len(identities) == 3

    def test_it_speaks_british_english_and_names_the_authority_and_the_data_cut(self, board):
        document = opened(board)
        assert {lang.get(qn("w:val")) for lang in document.styles.element.iter(qn("w:lang"))} == {"en-GB"}
        about = document.core_properties
        assert (about.title, about.author, about.last_modified_by, about.language) == (
            sample()[0].head.title,
            "Exampleshire",
            "Exampleshire",
            "en-GB",
        )
        assert about.created.date() == about.modified.date() == ABOUT.as_at

    def test_libreoffice_shows_every_paragraph_number_reference_and_figure(self, board, tmp_path):
        soffice, pdftotext, pdfimages = (
            need_tool("soffice", "libreoffice"),
            need_tool("pdftotext"),
            need_tool("pdfimages"),
        )
        (tmp_path / "board.docx").write_bytes(board)
        subprocess.run(
            [
                soffice,
                "--headless",
                f"-env:UserInstallation={(tmp_path / 'home').as_uri()}",
                "--convert-to",
                "pdf",
                "--outdir",
                tmp_path,
                tmp_path / "board.docx",
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        text = subprocess.run(
            [pdftotext, "-layout", tmp_path / "board.pdf", "-"], check=True, capture_output=True, text=True
        ).stdout
        lines = [" ".join(line.split()) for line in text.splitlines()]
        headings = [f"{section.number} {section.title}" for section in sample()[0].sections]
        for words in (*headings, *(words for words in page_parts(sample()[0]).words if re.match(r"\d+\.\d+ ", words))):
            assert any(line.startswith(" ".join(words.split()[:6])) for line in lines), words[:60]
        assert "Error:" not in text and "Reference source" not in text
        assert "Page 1 of " in text and "stands (Table 1)" in " ".join(lines)
        images = subprocess.run(
            [pdfimages, "-list", tmp_path / "board.pdf"], check=True, capture_output=True, text=True
        ).stdout
        assert len(re.findall(r"^ *\d+ +\d+ image ", images, re.MULTILINE)) == 3


class TestAttacks:
    def test_payloads_and_long_names_are_printed_as_they_are(self):
        paper, pictures = attack()
        word = word_parts(word_document(paper, pictures, ABOUT))
        page = page_parts(paper)
        assert joined(word.words) == joined(page.words)
        assert word.alts == page.alts
        assert [row for row in word.tables[0][2:]] == [list(row) for row in paper.sections[0].blocks[2].body]
        assert word.tables[1][1] == [LONG_WORD, LONG_NAME] and word.tables[1][2] == ["a", "b\ufffdc"]

    def test_headings_over_several_columns_are_one_cell(self):
        table = opened(word_document(*attack(), ABOUT)).tables[1]
        assert [[cell.text for cell in dict.fromkeys(row.cells)] for row in table.rows[:2]] == [
            ["Name", "2014/15", "Sum"],
            ["Name", "=Share", "Number", "Sum"],
        ]
        assert [bool(row._tr.xpath("./w:trPr/w:tblHeader")) for row in table.rows[:3]] == [True, True, False]

    def test_no_payload_becomes_a_field_a_link_or_markup(self):
        with zipfile.ZipFile(io.BytesIO(word_document(*attack(), ABOUT))) as packed:
            body = packed.read("word/document.xml").decode()
            assert "<script" not in body and "<img" not in body
            assert not [name for name in packed.namelist() if "external" in name.lower()]
            assert b'TargetMode="External"' not in b"".join(
                packed.read(name) for name in packed.namelist() if name.endswith(".rels")
            )
        assert {code.split()[0] for code in re.findall(r"<w:instrText[^>]*>([^<]+)</", body)} == {"REF", "SEQ"}

    def test_an_internal_paper_is_stamped_on_every_page(self):
        section = opened(word_document(*attack(internal=True), ABOUT)).sections[0]
        for header in (section.header, section.first_page_header):
            assert "NOT FOR PUBLICATION" in [paragraph.text for paragraph in header.paragraphs]
        public = opened(word_document(*attack(), ABOUT)).sections[0]
        assert "NOT FOR PUBLICATION" not in [paragraph.text for paragraph in public.header.paragraphs]

    def test_a_figure_without_a_picture_is_refused(self):
        with pytest.raises(ValueError, match="figure 'f' has no PNG"):
            word_document(attack()[0], {}, ABOUT)


@pytest.fixture
def council(tmp_path):
    return hostile_council(tmp_path / "council.docx", attack()[1]["f"])


def printed(header) -> list[str]:
    """The lines of a header, also those in its tables."""
    return [" ".join("".join(words.text for words in line.iter(qn("w:t"))).split()) for line in header._element.iter(qn("w:p"))]


class TestReference:
    @pytest.mark.parametrize("written", [word_document, figure_book])
    def test_its_styles_and_header_are_used_and_nothing_else_of_it(self, council, written):
        paper, pictures = attack()
        with zipfile.ZipFile(council) as packed:
            lent = b"".join(packed.read(name) for name in packed.namelist())
        content = written(paper, pictures, ABOUT, council)
        document = opened(content)
        assert document.styles["Heading 1"].font.name == "Georgia"
        assert printed(document.sections[0].header) == PRINTED
        assert written is figure_book or joined(word_parts(content).words) == joined(page_parts(paper).words)
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            everything = b"".join(packed.read(name) for name in packed.namelist())
            assert len([name for name in packed.namelist() if name.startswith("word/media/")]) == 1
        for trace in (SECRET, "Minutes", "00B10665", "w:rsid", "2015-10-01", "External", "server", "docVar", "w:author"):
            assert trace.encode() in lent and trace.encode() not in everything, trace

    def test_of_its_fields_page_numbers_stay_and_links_are_words(self, council):
        header = opened(word_document(*attack(), ABOUT, council)).sections[0].header._element
        assert [code.text for code in header.iter(qn("w:instrText"))] == [" PAGE "]
        kinds = [mark.get(qn("w:fldCharType")) for mark in header.iter(qn("w:fldChar"))]
        assert kinds == ["begin", "separate", "end"]

    @pytest.mark.parametrize(("code", "kept"), [
        (r"PAGE \* MERGEFORMAT", True), (r'numpages \# "0"', True), ("SECTIONPAGES", True),
        ("PAGEREF _name", False), ("PAGE Bloggs", False), (r'PAGE \* "\\server"', False), ("TITLE", False), ("SAVEDATE", False),
    ])
    def test_a_field_is_kept_when_all_of_its_code_is_of_a_page_number(self, code, kept):
        story = parse_xml(f"<w:hdr {nsdecls('w')}><w:p>{field(code, 'x')}<w:fldSimple w:instr='{code}'/></w:p></w:hdr>")
        clean_fields(story)
        assert bool(list(story.iter(qn("w:instrText"), qn("w:t"), qn("w:fldChar")))) == kept == bool(list(story.iter(qn("w:fldSimple"))))

    def test_a_field_that_is_not_closed_goes_with_what_follows(self):
        cut = field("AUTHOR", "Bloggs").rpartition("<w:r>")[0]
        story = parse_xml(f"<w:hdr {nsdecls('w')}><w:p><w:r><w:t>Council</w:t></w:r>{cut}</w:p></w:hdr>")
        clean_fields(story)
        assert [words.text for words in story.iter(qn("w:t"))] == ["Council"]

    def test_what_decides_its_look_stays(self, council):
        document = docx.Document(str(council))
        document.settings.odd_and_even_pages_header_footer = True
        document.sections[0].even_page_header.paragraphs[0].text = "Even"
        document.save(council)
        made = opened(word_document(*attack(), ABOUT, council))
        assert made.settings.odd_and_even_pages_header_footer
        assert made.sections[0].even_page_header.paragraphs[0].text == "Even"
        kept = {child.tag.rpartition("}")[2] for child in made.settings.element}
        assert {"compat", "clrSchemeMapping", "themeFontLang", "defaultTabStop"} <= kept

    def test_the_stamp_of_an_internal_paper_joins_its_header(self, council):
        header = opened(word_document(*attack(internal=True), ABOUT, council)).sections[0].header
        assert [words for words in printed(header) if words] == [*filter(None, PRINTED), "NOT FOR PUBLICATION"]

    def test_missing_styles_are_named(self, council):
        document = docx.Document(str(council))
        for name in ("Caption", "List Number"):
            document.styles[name].delete()
        document.save(council)
        with pytest.raises(InputError, match="no style 'List Number', 'Caption'") as caught:
            word_document(*attack(), ABOUT, council)
        assert caught.value.where == "council.docx" and "Styles pane" in caught.value.remedy

    @pytest.mark.parametrize(
        "content",
        [b"", b"plain text", b"PK\x03\x04 cut off", workbook(attack()[0], ABOUT)],
        ids=["empty", "text", "cut", "xlsx"],
    )
    def test_what_is_no_word_document_is_refused(self, tmp_path, content):
        (tmp_path / "styles.docx").write_bytes(content)
        with pytest.raises(InputError, match="no Word document"):
            word_document(*attack(), ABOUT, tmp_path / "styles.docx")

    def test_a_file_that_does_not_exist_is_refused(self, tmp_path):
        with pytest.raises(InputError, match="cannot be read: No such file"):
            word_document(*attack(), ABOUT, tmp_path / "nowhere.docx")

    def test_a_document_without_any_list_gets_numbers_all_the_same(self, council):
        document = docx.Document(str(council))
        part = document.part
        name = next(name for name, relation in part.rels.items() if relation.reltype.endswith("/numbering"))
        part.rels.pop(name)
        document.save(council)
        assert word_parts(word_document(*attack(), ABOUT, council)).words[-1] == "2.1 Words."


class TestFigures:
    def test_the_book_holds_every_figure_with_caption_source_and_alt_text(self):
        paper, pictures = sample()
        book = word_parts(figure_book(paper, pictures, ABOUT))
        figures = figures_of(paper)
        assert book.alts == [figure.alt for figure in figures]
        for before, after in pairwise(
            [0, *(book.words.index(f"{figure.label}. {figure.headline}") for figure in figures)]
        ):
            assert before < after
        for figure in figures:
            assert {figure.subtitle, f"Source: {figure.source}", f"Alt text: {figure.alt}"} <= set(book.words)

    def test_a_paper_without_figures_has_no_book(self):
        paper = attack()[0]
        bare = Paper(paper.head, paper.sections[1:])
        with pytest.raises(ValueError, match="no figure"):
            figure_book(bare, {}, ABOUT)

    def test_one_figure_is_four_files(self):
        paper, pictures = sample()
        figure = figures_of(paper)[0]
        files = figure_files(figure, pictures[figure.name])
        assert sorted(files) == [f"figure-1-run-chart.{kind}" for kind in ("csv", "png", "svg", "txt")]
        committed = ROOT / "reports" / "example" / "2015Q3" / "figures" / "figure-1-run-chart.txt"
        assert files["figure-1-run-chart.txt"] == committed.read_bytes()
        assert files["figure-1-run-chart.csv"] == csv_text(figure.data).encode("utf-8-sig")


def digests() -> list[str]:
    """Digest of every printed form of one paper."""
    paper, pictures = attack()
    forms = (
        word_document(paper, pictures, ABOUT),
        figure_book(paper, pictures, ABOUT),
        pdf_document(paper, ABOUT),
        workbook(paper, ABOUT),
    )
    return [hashlib.sha256(form).hexdigest() for form in forms]


def test_another_process_day_and_time_zone_give_the_same_bytes(tmp_path):
    elsewhere = {
        **os.environ,
        "PYTHONHASHSEED": "7",
        "TZ": "Pacific/Auckland",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}",
    }
    run = subprocess.run(
        [sys.executable, "-c", "import test_word; print(test_word.digests())"],
        cwd=tmp_path,
        env=elsewhere,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == str(digests())


def test_another_data_cut_gives_other_bytes():
    paper, pictures = attack()
    later = replace(ABOUT, as_at=ABOUT.as_at.replace(year=2016))
    assert word_document(paper, pictures, later) != word_document(paper, pictures, ABOUT)
    assert len(PAYLOADS) == len(set(PAYLOADS))
