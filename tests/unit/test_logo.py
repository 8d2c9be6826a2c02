"""A council's logo: any PNG or JPEG becomes a small, clean PNG with an alt text; everything else is refused in words."""

import base64
import io
import re
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import docx
import nbformat
import pytest
from docx.oxml.ns import qn
from papers import ABOUT, attack
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from pace_analysis.errors import NotebookError, OutputError, SettingsError
from pace_analysis.report.blocks import Logo
from pace_analysis.report.exporter import BoardPaperExporter
from pace_analysis.report.html import BOARD, fragment
from pace_analysis.report.logo import read_logo
from pace_analysis.report.pdf import pdf_document
from pace_analysis.report.provenance import sources
from pace_analysis.report.word import word_document
from pace_analysis.settings import Authority

SECRET = "Jo Bloggs, 1 High Street"
NAME = "Ng\u00f2 & D'Arcy <b>"


def picture(size: tuple[int, int] = (400, 100), mode: str = "RGB") -> Image.Image:
    """A dark circle on nothing, or on white where there is no transparency."""
    drawn = Image.new("RGBA", size, (255, 255, 255, 0))
    ImageDraw.Draw(drawn).ellipse((4, 4, size[1] - 4, size[1] - 4), fill="#0b5c6b")
    return drawn if mode == "RGBA" else Image.alpha_composite(Image.new("RGBA", size, "white"), drawn).convert(mode)


def saved(file: Path, drawn: Image.Image, form: str = "PNG", **options) -> Path:
    drawn.save(file, form, **options)
    return file


def authority(file: Path | str, name: str = NAME) -> Authority:
    return Authority(slug="north", name=name, logo=str(file))


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_of_sides(width: int, height: int) -> bytes:
    """The start of a PNG that says it has these sides."""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", b"")


def test_an_authority_without_a_logo_has_none():
    assert read_logo(Authority(slug="north", name="North")) is None


@pytest.mark.parametrize(("mode", "form"), [("RGB", "PNG"), ("RGBA", "PNG"), ("P", "PNG"), ("LA", "PNG"), ("1", "PNG"), ("RGB", "JPEG"),
                                            ("CMYK", "JPEG"), ("L", "JPEG")])
def test_every_usual_kind_of_image_becomes_a_png_of_print_size(tmp_path, mode, form):
    logo = read_logo(authority(saved(tmp_path / "logo", picture((1600, 400), mode), form)))
    assert (logo.alt, logo.width, logo.height) == (f"Logo of {NAME}", 60, 15)
    shown = Image.open(io.BytesIO(logo.png))
    assert shown.format == "PNG" and shown.size == (709, 177)
    assert shown.mode == ("RGBA" if mode in ("RGBA", "LA", "P") else "RGB")


@pytest.mark.parametrize(("size", "shown"), [((300, 300), (15, 15)), ((800, 100), (60, 7.5)), ((100, 800), (1.88, 15)), ((32, 32), (15, 15))])
def test_it_keeps_its_shape_and_fits_the_head_of_the_paper(tmp_path, size, shown):
    logo = read_logo(authority(saved(tmp_path / "logo.png", picture(size))))
    assert (logo.width, logo.height) == shown
    assert Image.open(io.BytesIO(logo.png)).size[0] <= size[0], "nothing is gained by making more dots of it"


def test_a_photograph_taken_sideways_stands_upright(tmp_path):
    turned = Image.Exif()
    turned[0x0112] = 6
    logo = read_logo(authority(saved(tmp_path / "logo.jpg", picture((400, 100)), "JPEG", exif=turned)))
    assert (logo.width, logo.height) == (3.75, 15)


def test_nothing_but_the_dots_of_the_file_goes_along_and_the_bytes_are_the_same_every_time(tmp_path):
    said, exif = PngInfo(), Image.Exif()
    said.add_text("Author", SECRET)
    exif[0x010E] = SECRET
    plain = read_logo(authority(saved(tmp_path / "plain.png", picture())))
    told = saved(tmp_path / "told.png", picture(), pnginfo=said, exif=exif, dpi=(72, 72), icc_profile=SECRET.encode())
    told.write_bytes(told.read_bytes() + SECRET.encode())
    assert SECRET.encode() in told.read_bytes()
    assert read_logo(authority(told)) == plain == read_logo(authority(told))
    kinds = re.findall(rb"IHDR|IDAT|IEND|tEXt|zTXt|iTXt|eXIf|iCCP|pHYs|tIME", plain.png)
    assert set(kinds) == {b"IHDR", b"IDAT", b"IEND"}


REFUSED = {
    "text": (b"no image", "no image in PNG or JPEG", "Save it as PNG."),
    "empty": (b"", "no image in PNG or JPEG", "Save it as PNG."),
    "svg": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "drawing in SVG", "Save it as PNG."),
    "script": (b"<svg><script>alert(1)</script></svg>", "drawing in SVG", "Save it as PNG."),
    "gif": (b"GIF89a" + bytes(60), "no image in PNG or JPEG", "Save it as PNG."),
    "large": (bytes(2**20 + 2**19), "has 1.5 MB; it may have 1 MB", "400 pixels are enough"),
    "tiny": (png_of_sides(31, 200), "31 by 200 pixels; each side may have 32 to 4000", "another size"),
    "broad": (png_of_sides(4001, 40), "4001 by 40 pixels", "another size"),
    "bomb": (png_of_sides(12_000, 12_000), "12000 by 12000 pixels", "another size"),
    "greater bomb": (png_of_sides(2**20, 2**20), "far too many pixels", "another size"),
    "cut off": (png_of_sides(100, 100), "damaged", "Save it as PNG."),
}


@pytest.mark.parametrize("content", REFUSED)
def test_what_is_no_logo_is_refused_with_the_file_the_fault_and_the_remedy(tmp_path, content):
    data, what, remedy = REFUSED[content]
    (tmp_path / "logo.png").write_bytes(data)
    with pytest.raises(SettingsError, match=what) as refused:
        read_logo(authority(tmp_path / "logo.png"))
    assert refused.value.where == "north.toml, key 'logo': logo.png" and remedy in refused.value.remedy
    assert str(tmp_path) not in str(refused.value)


def test_a_logo_made_for_dark_paper_and_one_of_sixteen_bits_are_refused(tmp_path):
    white = Image.new("RGBA", (100, 50), (255, 255, 255, 0))
    ImageDraw.Draw(white).rectangle((10, 10, 60, 40), fill="white")
    with pytest.raises(SettingsError, match="cannot be seen on a white page") as refused:
        read_logo(authority(saved(tmp_path / "white.png", white)))
    assert "white paper" in refused.value.remedy
    with pytest.raises(SettingsError, match="16 bits") as refused:
        read_logo(authority(saved(tmp_path / "deep.png", Image.new("I;16", (100, 50)))))
    assert "8 bits" in refused.value.remedy


def test_a_missing_logo_names_its_neighbour_and_a_folder_is_none(tmp_path):
    saved(tmp_path / "crest.png", picture())
    with pytest.raises(SettingsError, match="does not exist") as refused:
        read_logo(authority(tmp_path / "crets.png"))
    assert refused.value.remedy == "Did you mean 'crest.png'?"
    with pytest.raises(SettingsError, match="cannot be read"):
        read_logo(authority(tmp_path))


@pytest.fixture(scope="module")
def with_logo(tmp_path_factory):
    """The attacked paper with a logo in its head, and its pictures."""
    logo = read_logo(authority(saved(tmp_path_factory.mktemp("logo") / "logo.png", picture(mode="RGBA"))))
    paper, pictures = attack()
    return replace(paper, head=replace(paper.head, logo=logo)), pictures, logo


def page_of(html: str) -> str:
    output = nbformat.v4.new_output("display_data", data={"text/html": html})
    cell = nbformat.v4.new_code_cell("", id="c", outputs=[output])
    return BoardPaperExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))[0]


def test_the_page_shows_it_at_its_head_with_its_alt_text(with_logo):
    paper, _, logo = with_logo
    page = page_of(fragment(paper).html)
    alt, source = re.search(r'<header class="head">\n<img class="logo" alt="([^"]*)" src="data:image/png;base64,([^"]*)">', page).groups()
    assert alt == "Logo of Ng\u00f2 &amp; D&#x27;Arcy &lt;b&gt;" and base64.b64decode(source) == logo.png
    assert page.index(alt) < page.index("<dl>") < page.index("<h1>") < page.index("<main")


@pytest.mark.parametrize("image", ['<img class="logo" alt="">', '<img class="logo" alt="a crest">', '<img alt="Logo of North">'])
def test_the_short_alt_text_of_a_logo_is_for_a_logo_alone(image):
    with pytest.raises(NotebookError, match="alt text"):
        page_of(f"{BOARD}><h1>Title</h1>{image}</div>")


def test_word_shows_it_first_at_its_size_with_its_alt_text(with_logo):
    paper, pictures, logo = with_logo
    content = word_document(paper, pictures, ABOUT)
    document = docx.Document(io.BytesIO(content))
    assert [shape.get("descr") for shape in document.element.body.iter(qn("wp:docPr"))][0] == logo.alt
    assert (document.inline_shapes[0].width.mm, document.inline_shapes[0].height.mm) == pytest.approx((60, 15), abs=0.01)
    assert document.element.body[0].tag == qn("w:p"), "before the table of To, On and Report by"
    assert content == word_document(paper, pictures, ABOUT)


@pytest.mark.parametrize(("in_header", "shown"), [(True, 1), (False, 2)])
def test_word_shows_no_second_logo_where_the_councils_own_header_has_one(with_logo, tmp_path, in_header, shown):
    paper, pictures, logo = with_logo
    council = docx.Document()
    place = council.sections[0].header.paragraphs[0]
    place.text = "A council"
    if in_header:
        place.add_run().add_picture(io.BytesIO(logo.png))
    council.save(tmp_path / "council.docx")
    document = docx.Document(io.BytesIO(word_document(paper, pictures, ABOUT, tmp_path / "council.docx")))
    assert len(document.inline_shapes) == shown


def test_the_pdf_shows_it_as_a_figure_with_its_alt_text(with_logo):
    paper, _, logo = with_logo
    content, plain = pdf_document(paper, ABOUT), pdf_document(attack()[0], ABOUT)
    figures = [len(re.findall(rb"/S\s*/Figure\b", each)) for each in (plain, content)]
    assert figures == [1, 2] and content == pdf_document(paper, ABOUT)
    said = (b"\xfe\xff" + logo.alt.encode("utf-16-be")).replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    assert said in content or said.hex().upper().encode() in content.upper()
    short = replace(paper, head=replace(paper.head, logo=replace(logo, alt="Logo of North")))
    assert b"/Alt(Logo of North)" in pdf_document(short, ABOUT)


def test_a_pdf_whose_logo_has_no_alt_text_is_refused(with_logo):
    paper, _, logo = with_logo
    silent = replace(paper, head=replace(paper.head, logo=Logo(logo.png, "", 60, 15)))
    with pytest.raises(OutputError, match="alt"):
        pdf_document(silent, ABOUT)


def test_it_is_one_of_the_files_that_a_report_is_made_from(tmp_path):
    file, extract, text = saved(tmp_path / "logo.png", picture()), tmp_path / "extract.csv", tmp_path / "words.md"
    extract.touch()
    assert sources(authority(file), extract, text)[file] == "logo"
    assert "logo" not in sources(Authority(slug="north", name="North"), extract, text).values()
