"""The leak check: planted canaries are all found however they are packed, and a clean report stays clean."""

import base64
import calendar
import gzip
import io
import json
import re
import shutil
import struct
import zipfile
import zlib
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pace_analysis.errors import DisclosureRefused, InputError
from pace_analysis.report.leakcheck import Needles, days_in, days_reported, leakcheck
from pace_analysis.study import open_study
from pace_analysis.tables.schema import TABLES, CareTables, Extract, empty_table

ROOT = Path(__file__).resolve().parents[2]
CHILD, PERIOD, SIBLINGS = "40711", "40711-2", "SG0042"
BORN, MET = "2009-02-13", "2014-07-08"


def care_tables(child_id: str = CHILD, period_id: str = PERIOD, siblings: str = SIBLINGS) -> CareTables:
    rows = {
        "child": {"child_id": child_id, "date_of_birth": BORN, "sibling_group": siblings},
        "period": {"period_id": period_id, "child_id": child_id, "kind": "away", "start_date": "2014-03-20"},
        "milestone": {"period_id": period_id, "milestone": "first_review", "date": MET},
    }
    frames = {name: empty_table(name) for name in TABLES}
    for name, row in rows.items():
        cells = {
            column.name: pd.to_datetime([row.get(column.name)]) if column.kind == "date" else [row.get(column.name, "")]
            for column in TABLES[name]
        }
        frames[name] = pd.DataFrame(cells, index=[2])
    return CareTables(**frames, extract=Extract("invented", "canonical", date(2015, 9, 30)))


NEEDLES = Needles.of(care_tables(), machine=False, names=["Morag Exampleson"])


def zipped(**members: str | bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in members.items():
            book.writestr(name.replace("__", "/") + ".xml", text)
    return content.getvalue()


def png(kind: bytes, body: bytes, after: bytes = b"") -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (kind, body), (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts) + after


def workbook(value: object) -> bytes:
    book, content = openpyxl.Workbook(), io.BytesIO()
    hidden = book.create_sheet("behind the chart")
    hidden.sheet_state = "veryHidden"
    hidden["A1"] = value
    book.save(content)
    return content.getvalue()


def notebook(output: dict) -> str:
    cell = {"cell_type": "code", "source": ["study"], "outputs": [{"output_type": "display_data", "data": output}]}
    return json.dumps({"nbformat": 4, "cells": [cell]})


def as_base64(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def pdf(page: str, info: str) -> bytes:
    drawn = f"BT /F1 12 Tf 20 50 Td {page} Tj ET".encode()
    packed_page = zlib.compress(drawn)
    return b"\n".join([
        b"%PDF-1.4",
        b"1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj",
        b"2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj",
        b"3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 600 100] /Contents 4 0 R",
        b"/Resources <</Font <</F1 5 0 R>>>>>> endobj",
        b"4 0 obj <</Filter /FlateDecode /Length %d>> stream\n%s\nendstream endobj" % (len(packed_page), packed_page),
        b"5 0 obj <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>> endobj",
        f"6 0 obj <</Author ({info})>> endobj".encode(),
        b"trailer <</Root 1 0 R /Info 6 0 R>>",
        b"%%EOF",
    ])


def check(tmp_path: Path, name: str, content: str | bytes, needles: Needles = NEEDLES):
    (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return leakcheck(tmp_path, needles=needles)


ROW = f"row 7, child {CHILD}, seen {MET}"
PICTURE = as_base64(png(b"tEXt", b"Note\0" + ROW.encode()))
CANARIES = {  # file, content, where it is found, kinds found
    "html text": ("a.html", f"<html><p>Child {CHILD}</p></html>", "html", {"child id"}),
    "html attribute": ("a.html", "<html><p title='13&#32;Feb&#114;uary&nbsp;2009 &#x34;0711'>-</p></html>", "html",
                       {"birth date", "child id"}),
    "html split by tags": ("a.html", "<html><p>40<b>711</b>, 8&nbsp;<i>July</i> 2014</p></html>", "html",
                           {"child id", "single date"}),
    "svg comment": ("a.svg", f'<svg><!-- {CHILD} --><path d="M 1 2"/></svg>', "svg > comment", {"child id"}),
    "svg picture": ("a.svg", f'<svg><image href="data:image/png;base64,{PICTURE}"/></svg>',
                    "svg > base64 > png > tEXt > text", {"child id", "single date"}),
    "png tEXt": ("a.png", png(b"tEXt", b"Comment\0" + ROW.encode()), "png > tEXt > text", {"child id", "single date"}),
    "png zTXt": ("a.png", png(b"zTXt", b"Comment\0\0" + zlib.compress(ROW.encode())), "png > zTXt > text",
                 {"child id", "single date"}),
    "png iTXt": ("a.png", png(b"iTXt", b"Comment\0\1\0en\0\0" + zlib.compress(ROW.encode())), "png > iTXt > text",
                 {"child id", "single date"}),
    "png eXIf": ("a.png", png(b"eXIf", b"MM\0*\0\0\0\x08\0\1" + ROW.encode() + b"\0"), "png > eXIf > binary",
                 {"child id", "single date"}),
    "after a png": ("a.png", png(b"tEXt", b"Software\0none", ROW.encode()), "png > after the picture > text",
                    {"child id", "single date"}),
    "base64 in csv": ("a.csv", f"link,count\ndata:text/csv;base64,{as_base64(ROW)},5\n", "csv > base64 > text",
                      {"child id", "single date"}),
    "base64 in lines": ("a.txt", f"see\n{base64.encodebytes((ROW * 4).encode()).decode()}above", "text > base64 > text",
                        {"child id", "single date"}),
    "xlsx shared string": ("a.xlsx", workbook(f"child {CHILD}"), "xlsx > member > xml", {"child id"}),
    "xlsx number": ("a.xlsx", workbook(int(CHILD)), "xlsx > member > xml", {"child id"}),
    "docx text in runs": ("a.docx", zipped(word__document="<?xml version='1.0'?><w:p><w:r><w:t>407</w:t></w:r><w:r>"
                                           "<w:rPr/><w:t>11</w:t></w:r></w:p>"), "docx > member > xml", {"child id"}),
    "notebook output": ("a.ipynb", notebook({"text/html": f"<td>\n{CHILD}</td>"}), "notebook", {"child id"}),
    "notebook picture": ("a.ipynb", notebook({"image/png": PICTURE + "\n"}),
                         "notebook > base64 > png > tEXt > text", {"child id", "single date"}),
    "utf-16 with mark": ("a.txt", ROW.encode("utf-16"), "text", {"child id", "single date"}),
    "utf-16 without mark": ("a.txt", ROW.encode("utf-16-be"), "text", {"child id", "single date"}),
    "json escapes": ("a.json", '{"text": "\\u00340711"}', "json", {"child id"}),
    "script escapes": ("a.html", "<html><script>x = '\\x340711\\n';</script></html>", "html", {"child id"}),
    "percent-encoding": ("a.html", "<html><a href='?id=%340711&amp;on=08%2F07%2F2014'>-</a></html>", "html",
                         {"child id", "single date"}),
    "gzip": ("a.gz", gzip.compress(ROW.encode(), mtime=0), "gzip > unpacked > text", {"child id", "single date"}),
    "zlib": ("a.bin", zlib.compress(ROW.encode()), "zlib > unpacked > text", {"child id", "single date"}),
    "zip in zip": ("a.zip", zipped(outer=zipped(inner=ROW)), "zip > member > zip > member > text",
                   {"child id", "single date"}),
    "pdf metadata": ("a.pdf", pdf("(Board paper)", ROW), "pdf > strings > text", {"child id", "single date"}),
    "pdf page": ("a.pdf", pdf(f"({ROW})", "Board"), "pdf > strings > text", {"child id", "single date"}),
    "binary": ("a.bin", bytes(range(256)) + ROW.encode() + bytes(9), "binary", {"child id", "single date"}),
    "period id": ("a.txt", f"x_{PERIOD}_y", "text", {"child id", "period id"}),
    "sibling group": ("a.txt", f"with {SIBLINGS.lower()}.", "text", {"sibling group"}),
    "name": ("a.txt", "seen by MORAG\n  Exampleson today", "text", {"name"}),
    "id read as decimal": ("a.csv", f"id\n{CHILD}.0\n", "csv", {"child id"}),
}


@pytest.mark.parametrize(("name", "content", "where", "kinds"), CANARIES.values(), ids=CANARIES)
def test_every_planted_canary_is_found_and_never_repeated(tmp_path, name, content, where, kinds):
    result = check(tmp_path, name, content)
    assert {(leak.where, leak.kind) for leak in result.leaks} >= {(where, kind) for kind in kinds}
    assert all(leak.file == name and leak.count == 1 for leak in result.leaks)
    for value in (CHILD, SIBLINGS, BORN, MET, "Morag"):
        assert value not in result.text() and value not in repr(NEEDLES)


@pytest.mark.parametrize("text", [
    "140711", "407112", "A40711", "0.40711", "40711.25", "7.40711 and 3.40711,", "40,711", "#407", "fill: #040711",
    "SG00421", "2014-07-081", "8 July", "July 2014", "12014-07-08", "0.20140708", "31/02/2014", "Morag",
    "Demorag Exampleson",
    'points="40711 1"',
])
def test_what_only_looks_like_a_value_is_not_found(tmp_path, text):
    assert check(tmp_path, "a.svg", f"<svg><g {text}>{text}</g></svg>").passed


@pytest.mark.parametrize("text", [
    "2015-09-30", "2015-9-30T00:00:00", "30/09/2015", "30.9.2015", "30-09-2015", "20150930", "30 September 2015",
    "30 Sep 2015", "30th of Sept. 2015", "September 30, 2015", "30\u00a0SEPTEMBER\u00a02015",
])
def test_a_day_is_read_in_every_form(text):
    assert days_in(f"to {text}, and on") == {date(2015, 9, 30)}


MONTH = "|".join(sorted([*calendar.month_name[1:], *calendar.month_abbr[1:], "sept"], key=len, reverse=True)).casefold()
PLAIN_DAY = re.compile(  # the same forms as they would be written if speed did not matter
    r"(?<!\d)(?:[12]\d{3}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.][12]\d{3}|(?<!\d\.)[12]\d{3}[01]\d[0-3]\d"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?[\s-]+(?:of\s+)?(?:{MONTH})\.?,?[\s-]+[12]\d{{3}})(?!\d)"
    rf"|\b(?:{MONTH})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+[12]\d{{3}}(?!\d)")
MORSELS = ("2015", "1999", "30", "09", "9", "1", "3", ".", "-", "/", " ", ", ", "th", "of", "september", "sept.", "may", "x",
           "20150930", "2015-09-30", "30/09/2015", "sep 30, 2015", "\n", "\N{ARABIC-INDIC DIGIT THREE}")


@settings(max_examples=500, deadline=None, derandomize=True)
@given(text=st.lists(st.sampled_from(MORSELS), max_size=12).map("".join))
def test_days_stand_where_the_plain_forms_say(text):
    assert days_in(text) == days_in(" | ".join(match[0] for match in PLAIN_DAY.finditer(text)))


def test_the_example_report_is_clean():
    study = open_study("exampleshire", "2015Q3", identified=True)
    typed = (ROOT / "data/text/exampleshire.md").read_text(encoding="utf-8")
    needles = Needles.of(study.tables, allowed=days_reported(study), texts=[typed])
    result = leakcheck(ROOT / "reports/example/2015Q3", needles=needles)
    assert result.passed and result.files > 10, result.text()
    result.refuse()


def test_the_sample_extract_itself_is_full_of_leaks():
    study = open_study("exampleshire", "2015Q3", identified=True)
    result = leakcheck(ROOT / "data/sample/exampleshire/2015Q3", needles=Needles.of(study.tables, machine=False))
    counts = {(leak.file, leak.kind): leak.count for leak in result.leaks}
    assert counts["child.csv", "child id"] == study.tables.child["child_id"].nunique()
    # a birth date that is also a single date counts as a birth date
    assert counts["child.csv", "birth date"] == study.tables.child["date_of_birth"].nunique()
    assert counts["period.csv", "period id"] == study.tables.period["period_id"].nunique()


def test_days_allowed_and_days_the_author_typed_are_not_looked_for(tmp_path):
    text = "8 July 2014 and 20 March 2014"
    allowed = Needles.of(care_tables(), machine=False, allowed=[date(2014, 7, 8)])
    assert [leak.count for leak in check(tmp_path, "a.txt", text, allowed).leaks] == [1]
    assert check(tmp_path, "a.txt", text, Needles.of(care_tables(), machine=False, texts=[text])).passed


def test_a_report_prints_its_own_days():
    study = open_study("exampleshire", "2015Q3", identified=True)
    days = days_reported(study)
    own = {study.as_at, study.authority.programme_start, date(2015, 12, 31)}
    assert own | {date(2013, 3, 31), date(2014, 7, 1)} <= days
    assert date(2014, 7, 8) not in days


def test_ids_too_short_are_left_out_and_their_lengths_said(tmp_path):
    needles = Needles.of(care_tables("407", "407-1", "S7"), machine=False)
    result = check(tmp_path, "a.txt", "407, 407-1 and S7", needles)
    assert result.passed
    assert [line.split(";")[0] for line in result.left_out] == [
        "Not looked for: 1 of kind period id, 5 characters long",
        "Not looked for: 1 of kind child id, 3 characters long",
        "Not looked for: 1 of kind sibling group, 2 characters long",
    ]


def test_this_machine_is_found(tmp_path, monkeypatch):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, "/srv/staff/mexample")
    monkeypatch.setenv("LOGNAME", "mexample")
    monkeypatch.setenv("PACE_HOME", "/srv/council/pace")
    needles = Needles.of(None)
    text = "file:///srv/council/pace/data and C:\\Users\\Somebody\\x by MExample"
    found = check(tmp_path, "a.txt", text, needles).leaks
    assert {(leak.kind, leak.count) for leak in found} == {("machine path", 2), ("user name", 1)}
    near = "/srv/council/pacemaker, /data/home/kinship, <root></root>, mexamples"
    assert check(tmp_path, "a.txt", near, needles).passed
    assert check(tmp_path, "a.txt", "mexample", Needles.of(None, texts=["By M. Mexample"])).passed


def test_a_file_whose_name_gives_a_child_away_is_not_named(tmp_path):
    result = check(tmp_path, f"child-{CHILD}.csv", "nothing")
    assert [str(leak) for leak in result.leaks] == ["file 1 of 1 in order of name: child id, 1 different, in file name"]


def test_two_sets_of_needles_are_looked_for_together(tmp_path):
    both = NEEDLES | Needles.of(care_tables("abc123def4567890", "p-1234567", "s-1234567"), machine=False)
    assert {leak.count for leak in check(tmp_path, "a.txt", f"{CHILD} abc123def4567890", both).leaks} == {2}


ZEROS = bytes(3_000_000)


@pytest.mark.parametrize("bomb", [zipped(a=ZEROS), gzip.compress(ZEROS), zlib.compress(ZEROS)],
                         ids=["zip", "gzip", "zlib"])
def test_a_file_that_unpacks_to_too_much_is_refused(tmp_path, bomb):
    assert len(bomb) < 30_000
    with pytest.raises(InputError, match="unpacks to too much") as error:
        check(tmp_path, "a.bin", bomb)
    assert error.value.where == "a.bin"


def test_a_file_packed_into_itself_many_times_is_said_not_to_be_searched(tmp_path):
    content = ROW.encode()
    for _ in range(12):
        content = gzip.compress(content)
    result = check(tmp_path, "a.gz", content)
    assert [note.says for note in result.notes] == ["it is packed more than 8 times"] and not result.passed


@pytest.mark.parametrize(("name", "content"), [
    ("a.zip", b"PK\x03\x04 torn"), ("a.gz", b"\x1f\x8b torn"), ("a.parquet", b"PAR1..."), ("a.xz", b"\xfd7zXZ\0"),
    ("a.png", png(b"zTXt", b"Comment\0\0torn")),
])
def test_what_cannot_be_read_is_no_pass(tmp_path, name, content):
    result = check(tmp_path, name, content)
    assert len(result.notes) == 1 and not result.passed
    with pytest.raises(DisclosureRefused, match="could not be searched"):
        result.refuse()


def test_without_pdftotext_a_pdf_is_no_pass(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    result = check(tmp_path, "a.pdf", pdf("(Board paper)", "Board"))
    assert [str(note) for note in result.notes] == [
        "a.pdf: pdf not searched: pdftotext (poppler) is not installed, which reads its pages"]


def test_pages_of_a_pdf_are_read_or_said_not_to_be(tmp_path):
    content = pdf(f"<{ROW.encode().hex()}>", "Board")  # letters as hexadecimal, as most programs write them
    result = check(tmp_path, "a.pdf", content)
    if shutil.which("pdftotext"):
        assert {(leak.where, leak.kind) for leak in result.leaks} == {
            ("pdf > pages > text", "child id"), ("pdf > pages > text", "single date")}
    else:
        assert result.notes and not result.passed


def test_a_refusal_names_the_place_but_not_the_value(tmp_path):
    with pytest.raises(DisclosureRefused) as error:
        check(tmp_path, "a.txt", f"C:\\Users\\somebody\\x {CHILD}").refuse()
    assert error.value.what == "A file tells of a child (child id), so nothing may be published."
    assert error.value.where == "a.txt, in text (places in all: 2)" and CHILD not in str(error.value)
    assert "Word reference document" in error.value.remedy


def test_a_folder_that_is_not_there_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="no folder 'gone'"):
        leakcheck(tmp_path / "gone", needles=NEEDLES)


def test_a_file_with_many_values_counts_each_once(tmp_path):
    assert [leak.count for leak in check(tmp_path, "a.txt", f"{CHILD} " * 5).leaks] == [1]
