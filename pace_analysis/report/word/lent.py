"""A council's document made fit to lend its styles, headers and footers: what nobody sees in it is taken out.

Headers and footers keep what is printed: words as all tracked changes accepted would leave them, tables, pictures and
page numbers. What is kept is listed, so that what a later Word adds is taken out too. The elements are those of
ISO/IEC 29500-1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pace_analysis.report.word.fields import clean_fields, unwrap
from pace_analysis.report.word.names import is_on, is_relation, local, mc, w, ws

LENT = ("styles", "settings", "theme", "numbering")
SETTINGS = ws(
    "zoom mirrorMargins alignBordersAndEdges bordersDoNotSurroundHeader bordersDoNotSurroundFooter gutterAtTop "
    "defaultTabStop autoHyphenation consecutiveHyphenLimit hyphenationZone doNotHyphenateCaps evenAndOddHeaders "
    "characterSpacingControl compat themeFontLang clrSchemeMapping decimalSymbol listSeparator"
)
CONTENT = ws(
    "p tbl tr tc r t tab ptab br cr noBreakHyphen softHyphen sym fldSimple fldChar instrText tblGrid gridCol"
) | {mc("AlternateContent"), mc("Choice"), mc("Fallback")}
UNWRAPPED = ws("ins moveTo hyperlink sdt sdtContent customXml smartTag dir bdo")
FORMATTING = ws("pPr rPr tblPr tblPrEx trPr tcPr")
DRAWN = ws("drawing pict")
DELETED = (w("trPr"), w("del")), (w("tcPr"), w("cellDel"))
EDITING = ws("rsid ins del moveFrom moveTo cellIns cellDel cellMerge")
TRACES = re.compile(r"rsid\w*|paraId|textId")
LINKS = frozenset({"hlinkClick", "hlinkHover", "hlinkMouseOver", "extLst", "OLEObject", "control", "movie"})
ADDRESSES = frozenset({"gfxdata", "href", "title", "src", "link", "tooltip", "macro"})
ALT_TEXTS = frozenset({"descr", "alt"})
FILE_NAME = re.compile(r"[\\/]|\.\w{2,5}$")
COMPATIBILITY = "http://schemas.microsoft.com/office/word"


def clean_page(document: Any) -> None:
    """Take printer settings and tracked changes out of the page's set-up, and headers that are on no page."""
    _remove(child for child in document.element if child is not document.element.body)
    for section in document.element.body.iter(w("sectPr")):
        _remove(section.findall(w("printerSettings")))
        shown = {"default": True, "first": is_on(section.find(w("titlePg"))),
                 "even": is_on(document.settings.element.find(w("evenAndOddHeaders")))}
        for reference in (*section.findall(w("headerReference")), *section.findall(w("footerReference"))):
            name = next((value for key, value in reference.items() if is_relation(key)), "")
            relation = document.part.rels.get(name)
            wanted = local(reference.tag).removesuffix("Reference")
            held = relation is not None and not relation.is_external and _kind(relation) == wanted
            if not (held and shown.get(reference.get(w("type"), "default"))):
                section.remove(reference)
    _clear_traces(document.element)


def clean_parts(document: Any) -> None:
    """Clean every part that the document still holds: headers, footers, settings, styles, theme and numbering.

    Raises
    ------
    lxml.etree.LxmlError
        If a part is damaged.
    """
    hidden = _hidden_styles(document.styles.element)
    for name, relation in list(document.part.rels.items()):
        part, kind = _as_xml(relation.target_part), _kind(relation)
        document.part.rels.add_relationship(relation.reltype, part, name)
        if kind in ("header", "footer"):
            _clean_story(part.element, hidden)
        elif kind == "settings":
            _clean_settings(part.element)
        elif kind == "numbering":
            # a list whose bullet is a picture falls back to the sign it has for older programs
            _remove(part.element.iter(*ws("numPicBullet lvlPicBulletId")))
        _clear_traces(part.element)
        _clean_drawings(part.element)
        _let_go(part)


def _kind(relation: Any) -> str:
    return relation.reltype.rpartition("/")[2]


def _as_xml(part: Any) -> Any:
    from docx.opc.part import XmlPart

    if isinstance(part, XmlPart):
        return part
    read = XmlPart.load(part.partname, part.content_type, part.blob, part.package)
    read.rels.update(part.rels)
    return read


def _clean_story(story: Any, hidden: frozenset[str]) -> None:
    """Leave of a header or footer what is printed."""
    for outer, mark in DELETED:
        _remove(found.getparent().getparent() for found in list(story.iter(mark)) if found.getparent().tag == outer)
    _clean_content(story, hidden)
    clean_fields(story)
    _remove(row for row in list(story.iter(w("tr"))) if row.find(w("tc")) is None)
    _remove(table for table in list(story.iter(w("tbl"))) if table.find(w("tr")) is None)
    for place in (story, *story.iter(*ws("tc txbxContent"))):
        # each has to end with a paragraph
        if not len(place) or place[-1].tag != w("p"):
            place.append(place.makeelement(w("p")))


def _clean_content(place: Any, hidden: frozenset[str]) -> None:
    for child in list(place):
        if child.tag in DRAWN:
            for box in child.iter(w("txbxContent")):
                _clean_content(box, hidden)
        elif child.tag in UNWRAPPED:
            _clean_content(child, hidden)
            unwrap(child)
        elif child.tag in CONTENT and not _is_unseen(child, hidden):
            _clean_content(child, hidden)
        elif child.tag not in FORMATTING:
            place.remove(child)


def _is_unseen(piece: Any, hidden: frozenset[str]) -> bool:
    """Whether a run is hidden, by itself or by its style, or a paragraph was deleted under tracked changes."""
    if piece.tag == w("p"):
        return piece.find(f"{w('pPr')}/{w('rPr')}/{w('del')}") is not None and not any(
            True for _ in piece.iter(*ws("t drawing pict")))
    if piece.tag != w("r"):
        return False
    for name in ("vanish", "specVanish"):
        said = piece.find(f"{w('rPr')}/{w(name)}")
        if said is not None:
            return is_on(said)
    paragraph = next(piece.iterancestors(w("p")), None)
    styles = [piece.find(f"{w('rPr')}/{w('rStyle')}")]
    styles += [] if paragraph is None else [paragraph.find(f"{w('pPr')}/{w('pStyle')}")]
    return any(style is not None and style.get(w("val")) in hidden for style in styles)


def _hidden_styles(styles: Any) -> frozenset[str]:
    """Ids of the styles whose words are hidden, by themselves or by a style they are based on."""
    says, based = {}, {}
    for style in styles.iter(w("style")):
        name, parent = style.get(w("styleId")), style.find(w("basedOn"))
        says[name] = style.find(f"{w('rPr')}/{w('vanish')}")
        based[name] = None if parent is None else parent.get(w("val"))
    hidden = set()
    for name in says:
        line = [name]
        while says.get(line[-1]) is None and based.get(line[-1]) not in (None, *line):
            line.append(based[line[-1]])
        if is_on(says.get(line[-1])):
            hidden.add(name)
    return frozenset(hidden)


def _clean_settings(settings: Any) -> None:
    _remove(child for child in list(settings) if child.tag not in SETTINGS)
    for setting in list(settings.iter(w("compatSetting"))):
        name, value = (setting.get(w(key), "") for key in ("name", "val"))
        if setting.get(w("uri")) != COMPATIBILITY or not (name.isalpha() and value.isalnum() and len(value) < 6):
            setting.getparent().remove(setting)


def _clear_traces(root: Any) -> None:
    """Drop the marks of editing, with who edited and when, and comments in the markup."""
    for element in list(root.iter()):
        if not isinstance(element.tag, str) or element.tag in EDITING or (
                element.tag.startswith(w("")) and element.tag.endswith("Change")):
            _remove([element])
            continue
        for key in list(element.attrib):
            if TRACES.fullmatch(local(key)):
                del element.attrib[key]


def _clean_drawings(root: Any) -> None:
    """Leave of pictures what is seen, and an alt text unless it is a file's name."""
    for element in list(root.iter()):
        if element.tag.startswith(w("")):
            continue
        if local(element.tag) in LINKS:
            _remove([element])
        for key, value in list(element.attrib.items()):
            if local(key) in ADDRESSES or (local(key) in ALT_TEXTS and FILE_NAME.search(value)):
                del element.attrib[key]
        if local(element.tag) in ("docPr", "cNvPr"):
            element.set("name", "Picture")


def _let_go(part: Any) -> None:
    """Keep the pictures that a part shows, and none of its other relations: to files, servers, templates, programs."""
    pictures = {name for name, relation in part.rels.items()
                if not relation.is_external and _kind(relation) == "image"}
    used = set()
    for element in list(part.element.iter()):
        for key, name in list(element.attrib.items()):
            if is_relation(key) and name in pictures:
                used.add(name)
            elif is_relation(key):
                del element.attrib[key]
                _remove(list(element.iterancestors(*DRAWN))[-1:])
    for name in set(part.rels) - used:
        part.rels.pop(name)
    for relation in part.rels.values():
        relation.target_part.rels.clear()


def _remove(elements: Iterable[Any]) -> None:
    for element in list(elements):
        if element.getparent() is not None:
            element.getparent().remove(element)
