"""The file a paper is written into: our own empty one, or a council's with its styles, headers and footers."""

from __future__ import annotations

import copy
import zipfile
import zlib
from pathlib import Path
from typing import Any

from pace_analysis.errors import InputError
from pace_analysis.report.printed import About, printable
from pace_analysis.report.word.lent import LENT, clean_page, clean_parts
from pace_analysis.report.word.names import w

STYLES = Path(__file__).parents[1] / "templates" / "word" / "styles.xml"
NEEDED = ("Title", "Heading 1", "List Number", "List Bullet", "Caption")
KEPT_PARTS = ("styles", "settings", "theme", "fontTable", "numbering", "webSettings", "footnotes", "endnotes")
LONGEST_PROPERTY = 255  # characters
LARGEST = 64 * 2**20  # bytes, unpacked
NO_DOCUMENT = "The file is no Word document, is damaged, or is locked by a password."
SAVE_AS = "Open it in Word and save it as a Word document (.docx) without a password."
SIZE_A4, MARGIN = (11906, 16838), 1128  # twentieths of a point; the margin leaves a column as wide as our figures
HEADER_DISTANCE = 600


def open_house(about: About) -> Any:
    """Return an empty A4 document with our own styles, in the authority's colour."""
    import docx

    document = docx.Document()
    _replace_children(document.styles.element, _house_styles(about))
    _replace_children(document.part.numbering_part.element, ())
    _keep_parts(document, KEPT_PARTS)
    _modern(document)
    section = document.sections[0]
    section.page_width, section.page_height = (_twips(side) for side in SIZE_A4)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _twips(MARGIN)
    section.header_distance = section.footer_distance = _twips(HEADER_DISTANCE)
    return document


def open_reference(path: Path, about: About) -> Any:
    """Open a council's document and empty it; its styles, page and what its headers and footers print stay.

    Raises
    ------
    InputError
        If it cannot be read as a Word document, or lacks a style that a paper needs.
    """
    document = _read(path)
    held = {style.name for style in document.styles}
    missing = [name for name in NEEDED if name not in held]
    if missing:
        names = ", ".join(f"'{name}'" for name in missing)
        raise InputError(
            f"The Word document has no style {names}.",
            where=path.name,
            remedy="In Word, give one line of it each of these styles (Styles pane, Options: All styles) and save it.",
        )
    _lend(document, path)
    names = {style.name.lower() for style in document.styles}
    for style in _house_styles(about):
        if style.tag.endswith("}style") and _style_name(style).lower() not in names:
            style.attrib.pop(w("default"), None)
            document.styles.element.append(style)
    return document


def has_picture_in_header(document: Any) -> bool:
    """Whether a page header shows a picture already, as a council's own does."""
    headers = [part for part in document.part.package.iter_parts() if "/header" in str(part.partname)]
    return any(b"<a:blip" in part.blob or b"<v:imagedata" in part.blob for part in headers)


def set_language(document: Any, lang: str) -> None:
    """Set the language of the whole document, for spelling and for reading aloud."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    styles = document.styles.element
    for language in styles.iter(qn("w:lang")):
        language.set(qn("w:val"), lang)
    defaults = styles.find(qn("w:docDefaults"))
    if defaults is None:
        defaults = OxmlElement("w:docDefaults")
        styles.insert(0, defaults)
    inner = defaults.find(qn("w:rPrDefault"))
    if inner is None:
        inner = OxmlElement("w:rPrDefault")
        defaults.insert(0, inner)
    properties = inner.find(qn("w:rPr"))
    if properties is None:
        properties = OxmlElement("w:rPr")
        inner.append(properties)
    if properties.find(qn("w:lang")) is None:
        language = OxmlElement("w:lang")
        language.set(qn("w:val"), lang)
        properties.append(language)
    for language in document.settings.element.iter(qn("w:themeFontLang")):
        language.set(qn("w:val"), lang)


def set_properties(document: Any, title: str, lang: str, about: About) -> None:
    """Set what the file says about itself, in place of whatever the document it was written into said."""
    properties = document.core_properties
    for name in ("category", "comments", "content_status", "identifier", "keywords", "subject", "version"):
        setattr(properties, name, "")
    properties.title, properties.language = printable(title)[:LONGEST_PROPERTY], lang
    properties.author = properties.last_modified_by = printable(about.author)[:LONGEST_PROPERTY]
    properties.created = properties.modified = about.moment
    properties.revision = 1
    for printed in properties._element.xpath("./*[local-name() = 'lastPrinted']"):
        properties._element.remove(printed)


def _lend(document: Any, path: Path) -> None:
    """Take out of a council's document its text and all that nobody sees of the rest."""
    from lxml.etree import LxmlError

    body = document.element.body
    for child in list(body)[: -1 if body[-1].tag.endswith("}sectPr") else None]:
        body.remove(child)
    _replace_children(document.core_properties._element, ())
    clean_page(document)
    _keep_parts(document, LENT)
    try:
        clean_parts(document)
    except LxmlError:
        raise InputError(NO_DOCUMENT, where=path.name, remedy=SAVE_AS) from None


def _read(path: Path) -> Any:
    import docx
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    try:
        with zipfile.ZipFile(path) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > LARGEST:
                raise InputError(
                    "The Word document is too large.",
                    where=path.name,
                    remedy="Delete its pictures and text; only styles are used.",
                )
        return docx.Document(str(path))
    except (
        zipfile.BadZipFile,
        zlib.error,
        OpcError,
        LxmlError,
        KeyError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ):
        raise InputError(NO_DOCUMENT, where=path.name, remedy=SAVE_AS) from None
    except OSError as error:
        raise InputError(
            f"The Word document cannot be read: {error.strerror}.",
            where=path.name,
            remedy="Name a Word document (.docx) that exists.",
        ) from None


def _house_styles(about: About) -> list[Any]:
    from docx.oxml.parser import parse_xml

    xml = STYLES.read_text(encoding="utf-8").replace("ACCENT", about.accent.removeprefix("#").upper())
    return [child for child in parse_xml(xml.encode("utf-8")) if isinstance(child.tag, str)]


def _keep_parts(document: Any, parts: tuple[str, ...]) -> None:
    """Let go of pictures, comments, thumbnails and whatever else the emptied text brought along."""
    from docx.oxml.ns import qn

    used = {
        reference.get(qn("r:id"))
        for reference in document.element.body.iter(qn("w:headerReference"), qn("w:footerReference"))
    }
    for name, relation in list(document.part.rels.items()):
        if relation.is_external or (relation.reltype.rpartition("/")[2] not in parts and name not in used):
            document.part.rels.pop(name)
    package = document.part.package
    for name, relation in list(package.rels.items()):
        if relation.reltype.rpartition("/")[2] not in ("officeDocument", "core-properties"):
            package.rels.pop(name)


def _modern(document: Any) -> None:
    """Keep Word from opening the file in compatibility mode, and drop marks of the editing of the empty file."""
    from docx.oxml.ns import qn

    settings = document.settings.element
    for setting in settings.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), "15")
    for name in ("w:rsids", "w:shapeDefaults", "w:proofState", "w:savePreviewPicture"):
        for child in settings.findall(qn(name)):
            settings.remove(child)
    for child in settings.findall("{http://schemas.microsoft.com/office/word/2010/wordml}docId"):
        settings.remove(child)


def _replace_children(element: Any, children: Any) -> None:
    for child in list(element):
        element.remove(child)
    for child in children:
        element.append(copy.copy(child))


def _style_name(style: Any) -> str:
    return style.find(w("name")).get(w("val"))


def _twips(count: int) -> Any:
    from docx.shared import Twips

    return Twips(count)
