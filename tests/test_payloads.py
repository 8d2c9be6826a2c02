"""Payloads in whatever an author, a council or a record can say: every form of the paper prints them, and none obeys them."""

import csv
import io
import json
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import docx
import nbformat
import openpyxl
import pytest
from click.testing import CliRunner
from conftest import ROOT, need_tool
from docx.oxml.ns import qn
from papers import ABOUT, attack
from PIL import Image

from pace_analysis.answers import board_answers
from pace_analysis.cli import main
from pace_analysis.errors import InputError, SettingsError
from pace_analysis.figures import draw
from pace_analysis.report.exporter import ATTRIBUTES, TAGS, BoardPaperExporter
from pace_analysis.report.formats import printed_forms
from pace_analysis.report.paper import open_paper, read_text
from pace_analysis.study import open_study

PAYLOADS = (
    "<script>window.hit=1</script>", "<img src=x onerror=window.hit=1>", "</style><script>window.hit=1</script>",
    "<svg/onload=window.hit=1>", '"><iframe src=javascript:window.hit=1>', "' onmouseover='window.hit=1", "&lt;b&gt; &amp; &#x41;",
    "{{7*7}} {% raw %} ${x}", "$\\frac{1}{0}$ and $x^2$", '#import "x.typ": *', '=HYPERLINK("//x.example")', "@SUM(A1) ]]> -->",
)
EVERYTHING = " | ".join(PAYLOADS)
NAME = "Comhairle Ng\u00f2 d\u00e0 & D'Arcy <b>O\u2019Neill</b>"  # at most 120 characters
PLACES = ("To", "On", "Report by", "title", "heading", "paragraph", "bullet", "notice", "aim", "change", "partner")
OF_THE_PAGE = {"html", "head", "meta", "title", "style", "body", "aside", "nav", "main", "footer"}


def copied_home(folder: Path) -> Path:
    """A home of its own with everything that is not private."""
    for name in ("authorities", "aims", "pathways", "published", "text", "dictionary"):
        shutil.copytree(ROOT / "data" / name, folder / "data" / name)
    shutil.copytree(ROOT / "data" / "sample" / "exampleshire" / "2015Q3", folder / "data" / "sample" / "exampleshire" / "2015Q3")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    return folder


def reword(file: Path, pattern: str, new: str) -> None:
    """Put ``new`` in the place of the first match; there must be one."""
    text, found = re.subn(pattern, lambda _: new, file.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE | re.DOTALL)
    assert found, pattern
    file.write_text(text, encoding="utf-8")


def setting(home: Path, key: str, value: str) -> None:
    """Set a key of the sample authority's settings, written as TOML writes text."""
    settings = home / "data" / "authorities" / "exampleshire.toml"
    kept = [line for line in settings.read_text(encoding="utf-8").splitlines() if not line.startswith(f"{key} =")]
    settings.write_text("\n".join([f"{key} = {json.dumps(value, ensure_ascii=False)}", *kept]), encoding="utf-8")


def said(place: str) -> str:
    return f"{place}: {EVERYTHING}"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Forms of the sample's paper, by name, with every payload in each of ``PLACES``, and the study it was made of."""
    home = copied_home(tmp_path_factory.mktemp("home"))
    typed = {place: said(place).replace("{", "{{").replace("}", "}}") for place in PLACES}
    words = home / "data" / "text" / "exampleshire.md"
    for place in ("To", "On", "Report by"):
        reword(words, rf"^{place}: .*?$", f"{place}: {typed[place]}")
    reword(words, r"^# .*?$", f"# {NAME}, {typed['title']}")
    reword(words, r"^## Summary$", f"## {typed['heading']}\n\n{typed['paragraph']}\n\n- {typed['bullet']}")
    setting(home, "name", NAME)
    setting(home, "logo", "logo.png")
    Image.new("RGB", (80, 40), "#0b5c6b").save(home / "logo.png")
    setting(home, "notice", said("notice"))
    reword(home / "data" / "aims" / "exampleshire.toml", r"^says = .*?$", f"says = {json.dumps(said('aim'))}")
    register = home / "data" / "sample" / "exampleshire" / "2015Q3" / "change.csv"
    with register.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    rows[1][1], rows[1][2] = said("change"), said("partner")
    with register.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PACE_HOME", str(home))
        patch.chdir(home)
        paper = open_paper(open_study("exampleshire", "2015Q3"))
        output = nbformat.v4.new_output("display_data", data=paper._repr_mimebundle_())
        cell = nbformat.v4.new_code_cell("", id="c", outputs=[output])
        page, _ = BoardPaperExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
        yield {"board_report.html": page.encode("utf-8")} | paper.printed("docx,pdf,xlsx")


class Live(HTMLParser):
    """Tags and attributes of a page, and its words, as a browser takes them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.words = set(), set(), ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.words += data


@pytest.fixture(scope="module")
def words(hostile, tmp_path_factory) -> dict[str, str]:
    """What a reader of each form reads, without white space: lines break where they must."""
    file = tmp_path_factory.mktemp("pdf") / "board_report.pdf"
    file.write_bytes(hostile["board_report.pdf"])
    word = docx.Document(io.BytesIO(hostile["board_report.docx"]))
    book = openpyxl.load_workbook(io.BytesIO(hostile["board_report.xlsx"]))
    told = {
        "html": Live(hostile["board_report.html"].decode("utf-8")).words,
        "docx": "".join(text.text or "" for text in word.element.body.iter(qn("w:t"))),
        "pdf": subprocess.run([need_tool("pdftotext"), "-raw", file, "-"], check=True, capture_output=True, text=True).stdout,
        "xlsx": " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None),
    }
    return {form: re.sub(r"[\s\u200b\f]+", "", text) for form, text in told.items()}


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("form", ["html", "docx", "pdf"])
def test_it_is_printed_as_it_was_typed_wherever_it_was_typed(words, form, payload):
    for place in PLACES:
        start = words[form].index(f"{place.replace(' ', '')}:{PAYLOADS[0][:7]}")
        assert payload.replace(" ", "") in words[form][start : start + 2 * len(EVERYTHING)], place


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_workbook_says_it_in_the_register_of_changes_and_runs_no_formula(hostile, words, payload):
    assert words["xlsx"].count(payload.replace(" ", "")) >= 2
    with zipfile.ZipFile(io.BytesIO(hostile["board_report.xlsx"])) as packed:
        assert not [name for name in packed.namelist() if re.search(rb"<f[ >]", packed.read(name))]


def test_the_page_has_no_tag_and_no_attribute_of_theirs(hostile):
    page = hostile["board_report.html"].decode("utf-8")
    live = Live(page)
    assert live.tags <= TAGS | OF_THE_PAGE
    assert live.attributes <= ATTRIBUTES | {"charset", "content", "http-equiv", "name", "aria-label"}
    assert page.count("<style>") == page.count("</style>") == 1 and "window.hit" not in re.sub(r"&[#\w]+;|[^<>]+", "", page)


def test_no_file_holds_a_script_a_link_or_a_field_of_theirs(hostile):
    assert not re.search(rb"/(JavaScript|JS|URI|Launch|EmbeddedFile)\b", hostile["board_report.pdf"])
    for name in ("board_report.docx", "figures.docx", "board_report.xlsx"):
        with zipfile.ZipFile(io.BytesIO(hostile[name])) as packed:
            parts = {part: packed.read(part) for part in packed.namelist()}
        assert b'TargetMode="External"' not in b"".join(parts.values()), name
        assert not [part for part, content in parts.items() if re.search(rb"<(?:\w+:)?(?:script|img|iframe)\b", content)], name
    word = docx.Document(io.BytesIO(hostile["board_report.docx"])).element.body
    assert {code.text.split()[0] for code in word.iter(qn("w:instrText"))} <= {"REF", "SEQ", "TOC"}


def test_a_name_with_apostrophe_ampersand_angle_and_gaelic_letters_is_that_of_every_file(hostile):
    assert docx.Document(io.BytesIO(hostile["board_report.docx"])).core_properties.author == NAME
    assert openpyxl.load_workbook(io.BytesIO(hostile["board_report.xlsx"])).properties.creator == NAME
    page = hostile["board_report.html"].decode("utf-8")
    title, alt = re.search(r"<title>([^<]*)</title>", page)[1], re.search(r'<img class="logo" alt="([^"]*)"', page)[1]
    assert unescape(title) == f"{NAME}, {said('title')}" and unescape(alt) == f"Logo of {NAME}"
    assert f"<h1>{title}</h1>" in page


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A copy of the project's data that a test may spoil, and the current home."""
    monkeypatch.setenv("PACE_HOME", str(copied_home(tmp_path)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def reported(*more: str):
    """What the command says and returns, without writing anything."""
    return CliRunner().invoke(main, ("report", "--authority", "exampleshire", "--quarter", "2015Q3", "--dry-run", *more))


def assert_refused(run, code: int, *words: str) -> None:
    assert run.exit_code == code, run.output
    assert "Traceback" not in run.output and all(word in run.output for word in words), run.output


@pytest.fixture(scope="module")
def answers():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PACE_HOME", str(ROOT))
        return board_answers(open_study("exampleshire", "2015Q3"))


@pytest.mark.parametrize("words", ["$\\frac{1}{0}$ and $x^2$", "<script>window.hit=1</script>", "_^{}%&#~ $", "A long name " * 850],
                         ids=["mathtext", "script", "signs", "ten kilobytes"])
def test_a_stage_that_a_council_named_is_drawn_as_it_is_named(answers, words):
    first, *others = answers.journey.pathway.stages
    pathway = replace(answers.journey.pathway, stages=(first.model_copy(update={"title": words}), *others))
    drawn = draw("where_children_are", replace(answers, journey=replace(answers.journey, pathway=pathway)))
    svg = drawn.svg()
    letters = [text for axes in drawn.figure.axes for text in axes.texts]
    assert any("".join(text.get_text().split()) == "".join(words.split()) for text in letters)
    assert not any(text.get_parse_math() for text in letters)
    assert b"<script" not in svg and svg.count(b"<use ") > len("".join(words.split()))


def test_a_stage_named_in_letters_that_the_font_lacks_is_refused(home):
    reword(home / "data" / "pathways" / "scotland.toml", r"^title = \"Deciding on return home\"$", 'title = "\u6f22"')
    run = CliRunner().invoke(main, ("figure", "where_children_are", "--authority", "exampleshire", "--quarter", "2015Q3"))
    assert_refused(run, 10, "no letter for '\u6f22'", "U+6F22", "common signs")
    assert not (home / "reports").exists()


def test_an_accent_without_contrast_is_refused_with_one_that_has_enough(home):
    setting(home, "accent", "#ffd700")
    assert_refused(reported(), 10, "exampleshire.toml, key 'accent'", "4.5 to 1", "nearest darker colour")


def test_a_logo_that_is_no_image_is_refused_before_any_work_is_done(home):
    setting(home, "logo", "data/logo.png")
    (home / "data" / "logo.png").write_text("<svg onload=alert(1)>", encoding="utf-8")
    assert_refused(reported(), 10, "The logo is a drawing in SVG.", "exampleshire.toml, key 'logo': logo.png", "Save it as PNG.")


def test_a_word_reference_without_styles_is_refused(home):
    document = docx.Document()
    document.styles["Caption"].delete()
    document.save(home / "council.docx")
    run = reported("--docx", "--reference", str(home / "council.docx"))
    assert_refused(run, 11, "The Word document has no style 'Caption'.", "council.docx", "Styles pane")


def test_a_word_reference_that_is_none_is_refused(tmp_path):
    (tmp_path / "council.docx").write_text("<html>no Word</html>", encoding="utf-8")
    with pytest.raises(InputError, match="no Word document") as refused:
        printed_forms(*attack(), ABOUT, "docx", tmp_path / "council.docx")
    assert refused.value.exit_code == 11 and "save it as a Word document" in refused.value.remedy


def test_a_comment_that_an_author_does_not_close_is_refused_by_its_line(tmp_path):
    (tmp_path / "words.md").write_text("To: a\nOn: b\nReport by: c\n\n# d\n\n## e\n\n<!--<b>\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="A comment is not closed.") as refused:
        read_text(tmp_path / "words.md")
    assert refused.value.exit_code == 10 and refused.value.where == "words.md, line 9"
