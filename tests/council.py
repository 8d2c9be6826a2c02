"""A council's Word document that holds, beside what it prints, everything a paper must not take from it."""

from __future__ import annotations

import io
from pathlib import Path

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm

SECRET = "Bloggs"  # stands in everything that may not be taken, and in nothing that may
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WHO = f'w:id="1" w:author="Jo {SECRET}" w:date="2015-10-01T09:00:00Z"'
SHARE = rf"\\server\{SECRET}"
SMALL = Mm(20)
PRINTED = ["Exampleshire Council", "Committee papers added www.exampleshire.example Page 1", "Cell", ""]


def field(code: str, shown: str) -> str:
    """A field in five runs, as Word writes one."""
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    return (mark.format("begin") + f'<w:r><w:instrText xml:space="preserve"> {code} </w:instrText></w:r>'
            + mark.format("separate") + f"<w:r><w:t>{shown}</w:t></w:r>" + mark.format("end"))


LINE = f"""<w:p {nsdecls("w")} w:rsidR="00B10665"><w:pPr><w:pStyle w:val="Header"/><w:rPr><w:ins {WHO}/></w:rPr>
<w:pPrChange {WHO}><w:pPr/></w:pPrChange></w:pPr><!-- {SECRET} --><w:permStart w:id="3" w:ed="{SECRET}"/>
<w:commentRangeStart w:id="0"/><w:r><w:rPr><w:b/><w:rPrChange {WHO}><w:rPr/></w:rPrChange></w:rPr><w:t>Committee papers</w:t></w:r>
<w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r><w:bookmarkStart w:id="9" w:name="_{SECRET}"/>
<w:ins {WHO}><w:r><w:t xml:space="preserve"> added</w:t></w:r></w:ins><w:del {WHO}><w:r><w:delText>{SECRET}</w:delText></w:r></w:del>
<w:moveFrom {WHO}><w:r><w:t>{SECRET}</w:t></w:r></w:moveFrom><w:r><w:rPr><w:vanish/></w:rPr><w:t>{SECRET}</w:t></w:r>
<w:r><w:rPr><w:rStyle w:val="Unseen"/></w:rPr><w:t>{SECRET}</w:t></w:r>
{field("AUTHOR", SECRET)}{field("FILENAME " + chr(92) + "p", SHARE)}{field(f'DOCPROPERTY "{SECRET}"', SECRET)}
{field("IF 1 = 1 " + field("USERNAME", SECRET), SECRET)}<w:fldSimple w:instr="LASTSAVEDBY"><w:r><w:t>{SECRET}</w:t></w:r></w:fldSimple>
<w:r><w:t xml:space="preserve"> </w:t></w:r>{field(f'HYPERLINK "https://{SECRET}.example"', "www.exampleshire.example")}
<w:sdt><w:sdtPr><w:alias w:val="{SECRET}"/></w:sdtPr><w:sdtContent><w:r><w:t xml:space="preserve"> Page </w:t></w:r></w:sdtContent></w:sdt>
{field("PAGE", "1")}</w:p>"""
TABLE = f"""<w:tbl {nsdecls("w")}><w:tblPr/><w:tblGrid><w:gridCol w:w="9000"/></w:tblGrid>
<w:tr><w:trPr><w:del {WHO}/></w:trPr><w:tc><w:p><w:r><w:t>{SECRET}</w:t></w:r></w:p></w:tc></w:tr>
<w:tr><w:tc><w:p><w:r><w:t>Cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"""
SETTINGS = f"""<w:writeProtection w:hash="{SECRET}"/><w:trackRevisions/><w:mailMerge><w:query w:val="{SECRET}"/></w:mailMerge>
<w:docVars><w:docVar w:name="case" w:val="{SECRET}"/></w:docVars><w:rsids><w:rsid w:val="00B10665"/></w:rsids>"""


def council(path: Path, picture: bytes) -> Path:
    """Write the document, with a picture in its header and one in its text; returns where."""
    document = docx.Document()
    document.styles["Heading 1"].font.name = "Georgia"
    unseen = parse_xml(f'<w:style {nsdecls("w")} w:type="character" w:styleId="Unseen"><w:name w:val="Unseen"/>'
                       "<w:rsid w:val='00B10665'/><w:rPr><w:vanish/></w:rPr></w:style>")
    document.styles.element.append(unseen)
    section = document.sections[0]
    section.header.paragraphs[0].text = PRINTED[0]
    section.header.paragraphs[0]._p.addnext(parse_xml(TABLE))
    section.header.paragraphs[0]._p.addnext(parse_xml(LINE))
    logo = section.header.add_paragraph().add_run().add_picture(io.BytesIO(picture), width=SMALL)._inline.docPr
    logo.set("name", f"{SECRET}.png")
    logo.set("descr", rf"{SHARE}\logo.png")
    section.first_page_header.paragraphs[0].text = f"{SECRET}, not shown"
    section._sectPr.append(parse_xml(f'<w:sectPrChange {nsdecls("w")} {WHO}><w:sectPr/></w:sectPrChange>'))
    line = document.add_paragraph(f"Minutes about {SECRET}")
    document.add_comment(line.runs, text=f"Ask {SECRET}", author=f"Jo {SECRET}", initials="JB")
    line.add_run().add_picture(io.BytesIO(picture))
    about = document.core_properties
    about.author = about.keywords = SECRET
    _hidden_parts(document)
    document.save(path)
    return path


def _hidden_parts(document) -> None:
    package = document.part.package
    settings = document.part.part_related_by(RELATIONSHIP_TYPE.SETTINGS)
    settings.element.extend(parse_xml(f"<w:settings {nsdecls('w')}>{SETTINGS}</w:settings>"))
    template = settings.relate_to(rf"file:///{SHARE}\{SECRET}.dotx", f"{OFFICE}/attachedTemplate", is_external=True)
    settings.element.append(parse_xml(f'<w:attachedTemplate {nsdecls("w", "r")} r:id="{template}"/>'))
    for name, kind in (("footnotes", RELATIONSHIP_TYPE.FOOTNOTES), ("people", f"{OFFICE}/people"),
                       ("item9", RELATIONSHIP_TYPE.CUSTOM_XML)):
        held = Part(PackURI(f"/word/{name}.xml"), "application/xml", f"<a>{SECRET}</a>".encode(), package)
        document.part.relate_to(held, kind)
    header = document.sections[0].header.part
    header.relate_to(rf"file:///{SHARE}\logo.png", RELATIONSHIP_TYPE.IMAGE, is_external=True)
