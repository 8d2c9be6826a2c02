"""Pieces of a Word file that python-docx has no call for: numbering, fields, bookmarks, table headers, descriptions."""

from __future__ import annotations

from typing import Any

from pace_analysis.report.printed import printable

HANGING = 737  # twentieths of a point: 13 mm, room for 10.12
BULLET = 360


def element(name: str, /, **attributes: str | int) -> Any:
    """Return ``<w:name w:attribute="...">``."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    made = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), str(value))
    return made


def add_numbering(document: Any) -> tuple[int, int]:
    """Add a list of two levels (1 and 1.1) and one of bullets; returns their numbers, for :func:`number`."""
    numbering = _numbering(document)
    sections = [_level(0, "decimal", "%1", HANGING, HANGING), _level(1, "decimal", "%1.%2", HANGING, HANGING)]
    bullets = [_level(0, "bullet", "\u2022", HANGING + BULLET, BULLET)]
    return _add_list(numbering, "multilevel", sections), _add_list(numbering, "singleLevel", bullets)


def number(paragraph: Any, list_number: int, level: int = 0) -> None:
    """Make a paragraph an item of a list at a level."""
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = level
    properties.get_or_add_numId().val = list_number


def add_field(paragraph: Any, code: str, shown: str) -> None:
    """Add a field with the words it shows until Word works it out again."""
    for part in ("begin", "code", "separate", "shown", "end"):
        run = paragraph.add_run()
        if part == "code":
            instruction = element("instrText")
            instruction.text = f" {code} "
            run._r.append(instruction)
        elif part == "shown":
            run.text = printable(shown)
        else:
            run._r.append(element("fldChar", fldCharType=part))


def add_raised(paragraph: Any, letter: str) -> None:
    """Add the mark of a footnote, if there is one."""
    if letter:
        # the space keeps letter and number apart for whoever copies or listens
        paragraph.add_run(f" {letter}").font.superscript = True


def bookmark(paragraph: Any, name: str, number: int) -> None:
    """Name the words a paragraph has so far, so that a reference can point at them and repeat them."""
    runs = paragraph._p.r_lst
    runs[0].addprevious(element("bookmarkStart", id=number, name=name))
    runs[-1].addnext(element("bookmarkEnd", id=number))


def describe(run: Any, alt: str, name: str) -> None:
    """Set the alt text of the picture in a run."""
    for properties in run._r.xpath(".//wp:docPr | .//pic:cNvPr"):
        properties.set("descr", printable(alt))
        properties.set("name", name)


def head_table(table: Any, style: str, *, header_rows: int, total: bool, title: str) -> None:
    """Style a table, repeat its header rows on every page, and tell readers what it is and where its headings are."""
    properties = table._tbl.tblPr
    table.style = style
    for look in properties.findall(element("tblLook").tag):
        properties.remove(look)
    # the first value is the sum of the others, for programs older than Word 2010
    value = 0x0600 | (0x20 if header_rows else 0) | (0x40 if total else 0) | 0x80
    properties.append(
        element(
            "tblLook",
            val=f"{value:04X}",
            firstRow=int(header_rows > 0),
            lastRow=int(total),
            firstColumn=1,
            lastColumn=0,
            noHBand=1,
            noVBand=1,
        )
    )
    properties.append(element("tblCaption", val=printable(title)))
    for row in table.rows[:header_rows]:
        row._tr.get_or_add_trPr().append(element("tblHeader"))


def keep_whole(row: Any) -> None:
    """Keep a row on one page."""
    row._tr.get_or_add_trPr().insert(0, element("cantSplit"))


def _numbering(document: Any) -> Any:
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.parts.numbering import NumberingPart

    try:
        return document.part.part_related_by(RELATIONSHIP_TYPE.NUMBERING).element
    except KeyError:
        part = NumberingPart(
            PackURI("/word/numbering.xml"), CONTENT_TYPE.WML_NUMBERING, element("numbering"), document.part.package
        )
        document.part.relate_to(part, RELATIONSHIP_TYPE.NUMBERING)
        return part.element


def _add_list(numbering: Any, kind: str, levels: list[Any]) -> int:
    abstract_tag, key = element("abstractNum").tag, element("x", abstractNumId=0).attrib.keys()[0]
    abstracts = numbering.findall(abstract_tag)
    identity = 1 + max((int(one.get(key)) for one in abstracts), default=0)
    abstract = element("abstractNum", abstractNumId=identity)
    abstract.append(element("multiLevelType", val=kind))
    abstract.extend(levels)
    # every definition has to stand before the first list that uses one
    numbering.insert(numbering.index(abstracts[-1]) + 1 if abstracts else 0, abstract)
    return numbering.add_num(identity).numId


def _level(level: int, kind: str, text: str, left: int, hanging: int) -> Any:
    made = element("lvl", ilvl=level)
    properties = element("pPr")
    tabs = element("tabs")
    tabs.append(element("tab", val="num", pos=left))
    properties.extend([tabs, element("ind", left=left, hanging=hanging)])
    made.extend(
        [
            element("start", val=1),
            element("numFmt", val=kind),
            element("lvlText", val=text),
            element("lvlJc", val="left"),
            properties,
        ]
    )
    return made
