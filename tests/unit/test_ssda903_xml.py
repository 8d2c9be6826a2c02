"""The return as XML: the same data as CSV files gives the same tables, and hostile XML is refused."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pytest

from pace_analysis.errors import InputError
from pace_analysis.extract import read_extract, ssda903
from pace_analysis.extract.ssda903.files import LAYOUT
from pace_analysis.extract.ssda903.xmlfile import is_return, read_xml

RETURN = Path(__file__).parents[1] / "data" / "ssda903" / "return_2018.xml"
GROUPS = {
    "reviews": "AREVIEW", "missing": "AMISSING", "previous_permanence": "PERMANENCE", "oc2": "OC2",
    "placed_for_adoption": "AD_PLACED",
}
CHILD = "<HEADER><CHILDID>0042</CHILDID><SEX>1</SEX><DOB>01/02/2012</DOB></HEADER>"
EPISODE = "<EPISODE><DECOM>01/05/2017</DECOM><RNE>S</RNE><LS>C1</LS><PL>U4</PL><DEC /><REC /></EPISODE>"


def write(tmp_path, body: str, name: str = "return.xml") -> Path:
    path = tmp_path / name
    path.write_text(f"<EXPSSDA903>{body}</EXPSSDA903>", encoding="utf-8")
    return path


def values(element: ET.Element) -> dict[str, str]:
    return {part.tag: part.text or "" for part in element if not len(part)}


def as_csv(source: Path, folder: Path) -> None:
    """The return's elements as CSV files, the way of the tree: each table from the elements that hold its columns."""
    children = ET.parse(source).getroot().findall("CHILD")
    for table, columns in LAYOUT.items():
        rows = []
        for child in children:
            header = child.find("HEADER")
            texts = values(header)
            own = {"CHILD": texts["CHILDID"], "DOB": texts["DOB"], "SEX": texts["SEX"]}
            if table == "episodes":
                found = [own | values(one) | {"PLACE": values(one)["PL"]} for one in child.findall("EPISODE")]
            elif table in GROUPS:
                found = [own | values(one) for one in header.findall(GROUPS[table])]
            else:
                row = texts | own
                found = [row] if table == "header" or any(row.get(c) for c in columns if c not in own) else []
            rows += [",".join(row.get(column, "") for column in columns) for row in found]
        if rows:
            (folder / f"{table}.csv").write_text("\n".join([",".join(columns), *rows]) + "\n", encoding="utf-8")


def assert_same_tables(one, other) -> None:
    for name, frame in one:
        pd.testing.assert_frame_equal(frame, getattr(other, name), check_index_type=False)


def test_csv_and_xml_of_the_same_data_give_identical_tables(tmp_path):
    as_csv(RETURN, tmp_path)
    from_csv, from_xml = ssda903.read_return(tmp_path), ssda903.read_return(RETURN)
    assert len(from_xml.tables.period) > 20 and len(from_xml.tables.milestone) > 5
    assert_same_tables(from_csv.tables, from_xml.tables)
    extracts = [reading.tables.extract for reading in (from_csv, from_xml)]
    assert extracts[0].as_at == extracts[1].as_at and extracts[0].covers_from == extracts[1].covers_from
    booked = [
        {b.file.removeprefix("return_2018.xml, ").removesuffix(".csv"): (b.read, b.used, b.set_aside) for b in accounts}
        for accounts in (from_csv.accounts, from_xml.accounts)
    ]
    assert booked[0] == booked[1]


def test_every_element_is_accounted_for():
    reading = ssda903.read_return(RETURN)
    children = ET.parse(RETURN).getroot()
    counted = {
        "header": len(children), "episodes": len(children.findall("CHILD/EPISODE")),
        "ad1": len(children.findall("CHILD/HEADER/DATE_INT")), "oc3": len(children.findall("CHILD/HEADER/IN_TOUCH")),
        "uasc": len(children.findall("CHILD/HEADER/DUC")),
    } | {table: len(children.findall(f"CHILD/HEADER/{tag}")) for table, tag in GROUPS.items()}
    booked = {b.file.removeprefix("return_2018.xml, "): b for b in reading.accounts}
    assert {table: b.read for table, b in booked.items()} == {table: n for table, n in counted.items() if n}
    for b in booked.values():
        assert b.read == b.used + sum(count for _, count in b.set_aside)


def test_a_return_as_xml_is_recognised_by_its_root_whatever_its_name(tmp_path):
    path = write(tmp_path, f"<CHILD>{CHILD}{EPISODE}</CHILD>", "anything.XML")
    assert read_extract(path).extract.form == "ssda903"
    assert read_extract(tmp_path).extract.source == tmp_path.name
    (tmp_path / "other.xml").write_text("<OTHER/>", encoding="utf-8")
    assert not is_return(tmp_path / "other.xml")
    assert not is_return(tmp_path / "none.xml")


@pytest.mark.parametrize("content", [b"", b"no xml", b"<?xml version='1.0' encoding='no-such'?><A/>"])
def test_what_is_no_xml_is_no_return(tmp_path, content):
    (tmp_path / "x.xml").write_bytes(content)
    assert not is_return(tmp_path / "x.xml")


def test_folders_of_yearly_xml_are_read_as_years(tmp_path):
    (tmp_path / "2017").mkdir()
    write(tmp_path / "2017", f"<CHILD>{CHILD}<EPISODE><DECOM>01/05/2016</DECOM><RNE>S</RNE></EPISODE></CHILD>")
    later = "<EPISODE><DECOM>01/05/2016</DECOM><RNE>S</RNE><DEC>01/06/2017</DEC><REC>E4A</REC></EPISODE>"
    write(tmp_path, f"<CHILD>{CHILD}{later}</CHILD>", "2018.xml")
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "2017").rename(root / "2017")
    (root / "2018").mkdir()
    (tmp_path / "2018.xml").rename(root / "2018" / "return.xml")
    tables = read_extract(root)
    assert tables.period["end_reason"].tolist() == ["home"]
    assert str(tables.extract.covers_from) == "2016-04-01"


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE EXPSSDA903 [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    "<EXPSSDA903><CHILD><HEADER><CHILDID>&c;</CHILDID></HEADER></CHILD></EXPSSDA903>"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("text", [
    BOMB, '<!DOCTYPE EXPSSDA903 SYSTEM "file:///etc/hostname"><EXPSSDA903/>',
])
def test_a_document_type_declaration_is_refused(tmp_path, text, encoding):
    path = tmp_path / "return.xml"
    path.write_text(text, encoding=encoding)
    with pytest.raises(InputError, match="declares a document type") as refused:
        read_extract(path)
    assert refused.value.where == "return.xml"


@pytest.mark.parametrize(("body", "says", "where"), [
    (f"<CHILD>{CHILD}", "damaged", "return.xml, line 1"),
    (f"<CHILD>{CHILD}{EPISODE}</CHILD><CHILD>&x;</CHILD>", "damaged", "return.xml, line 1"),
    (f"<CHILD>{CHILD}{CHILD}</CHILD>", "CHILDID stands twice in one HEADER", "child number 1 in the file"),
    (f"<CHILD>{CHILD}<EPISODE><DECOM/><DECOM/></EPISODE></CHILD>", "DECOM stands twice in one EPISODE", "number 1"),
    (f"<CHILD>{CHILD}</CHILD><CHILD>{CHILD}<EPISODE>text<DECOM/></EPISODE></CHILD>", "Text stands beside", "number 2"),
    (f"<CHILD>{CHILD}<EPISODE><DECOM><A><B/></A></DECOM></EPISODE></CHILD>", "nested deeper", "child number 1"),
    (f"<CHILD>{CHILD}<EPISODE><DECOM>2017</DECOM></EPISODE></CHILD>", "is a number", "episodes, row 2, column DECOM"),
])
def test_damage_is_one_clear_error_that_says_where(tmp_path, body, says, where):
    with pytest.raises(InputError) as refused:
        ssda903.read(write(tmp_path, body))
    assert says in refused.value.what and where in refused.value.where
    assert "01/02/2012" not in str(refused.value)


def test_a_date_of_birth_that_cannot_be_read_is_not_shown(tmp_path):
    path = write(tmp_path, "<CHILD><HEADER><CHILDID>1</CHILDID><DOB>1.2.2012</DOB></HEADER></CHILD>")
    with pytest.raises(InputError) as refused:
        ssda903.read(path)
    assert "1.2.2012" not in str(refused.value) and "9.9.9999" in refused.value.what


def test_elements_that_are_not_known_are_counted_in_a_note(tmp_path):
    body = f"<CHILD>{CHILD}{EPISODE}<NEW><A>x</A></NEW></CHILD><OTHER/>"
    notes = ssda903.read(write(tmp_path, body)).extract.notes
    assert "return.xml: 1 elements OTHER are not known and were not read." in notes
    assert "return.xml: 1 elements A are not known and were not read." in notes


def test_values_keep_their_zeros_and_lose_their_spaces(tmp_path):
    texts, _ = read_xml(write(tmp_path, f"<CHILD>{CHILD.replace('0042', ' 0042 ')}</CHILD>"), LAYOUT, "x")
    assert texts["header"].frame["CHILD"].tolist() == ["0042"]
    assert texts["episodes"].frame.empty
