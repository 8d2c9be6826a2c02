"""CSV files become text exactly, or the line to look at is named."""

import pytest

from pace_analysis.errors import InputError
from pace_analysis.extract.textfiles import header_of, read_csv


def write(tmp_path, content: bytes | str):
    file = tmp_path / "child.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def test_text_stays_text(tmp_path):
    table = read_csv(write(tmp_path, 'id,name\n00123,NA\n 7 ,"a, ""b"""\n1e5,None\n'))
    assert table.frame.to_dict("list") == {"id": ["00123", "7", "1e5"], "name": ["NA", 'a, "b"', "None"]}
    assert table.frame.index.tolist() == [2, 3, 4]
    assert table.notes == ()


@pytest.mark.parametrize(
    ("content", "note"),
    [
        ("id,name\n1,Zoë\n".encode("utf-8"), ""),
        ("id,name\n1,Zoë\n".encode("utf-8-sig"), ""),
        ("id,name\r\n1,Zoë".encode("utf-8"), "does not end with a line break"),
        ("id,name\n1,Zoë\n".encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + "id,name\n1,Zoë\n".encode("utf-16-be"), "UTF-16"),
        ("id,name\n1,Zoë\n".encode("cp1252"), "Windows-1252"),
    ],
    ids=["utf-8", "mark", "crlf, no last line end", "utf-16-le", "utf-16-be", "cp1252"],
)
def test_known_encodings_give_the_same_text(tmp_path, content, note):
    file = write(tmp_path, content)
    table = read_csv(file)
    assert header_of(file) == ("id", "name")
    assert table.frame.to_dict("list") == {"id": ["1"], "name": ["Zoë"]}
    assert (note in table.notes[0]) if note else table.notes == ()


@pytest.mark.parametrize(
    ("content", "what", "where"),
    [
        ("id,name\n1,a\n2\n", "1 values; the header has 2", "line 3"),
        ("id,name\n1,a\n2,b,c\n", "3 values; the header has 2", "line 3"),
        ('id,name\n1,"a\nb"\n2,b,c\n', "3 values", "line 4"),
        ('id,name\n1,a\n2,"b\n3,c\n', "quotation mark", "line 3"),
        ('id,name\n1,"a"b\n', "quotation mark", "line 2"),
        ("id,name\n1,a\n2,\0b\n", "NUL", "line 3"),
        ("id,id\n1,2\n", "'id' stands in the header twice", "row 1"),
        ("id,,name\n1,2,3\n", "Column 2 has no name", "row 1"),
        ("", "no column names", "child.csv"),
        ("id,name\n1,Zoë\n".encode() + "2,Zoë\n".encode("cp1252"), "mixes encodings", "line 3"),
        ("id,name\n1,a\n2,ZoÃ«\n", "a wrong encoding has spoilt", "line 3"),
        (b"id,name\n1,\x81\n", "encoding is not known", "line 2"),
        (b"\xff\xfei\x00d\x00\n\x00\x00\xd8", "mixes encodings or is damaged", "line"),
    ],
)
def test_what_cannot_be_read_exactly_is_refused_with_its_line(tmp_path, content, what, where):
    with pytest.raises(InputError) as refused:
        read_csv(write(tmp_path, content))
    assert what in refused.value.what
    assert "child.csv" in refused.value.where and where in refused.value.where
    assert refused.value.remedy


def test_blank_rows_are_counted_and_row_numbers_stay_those_of_the_file(tmp_path):
    table = read_csv(write(tmp_path, "id,name\n1,a\n, \n2,b\n"))
    assert table.frame.index.tolist() == [2, 4]
    assert table.blank_rows == 1
