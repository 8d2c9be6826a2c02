"""The workbook: every table of the page, one a sheet, and nothing that runs."""

import io
import re
import zipfile
from datetime import datetime

import openpyxl
import pytest
from papers import ABOUT, LONG_NAME, LONG_WORD, PAYLOADS, attack, page_parts, sample

from pace_analysis.report.printed import figures_of, tables_of
from pace_analysis.report.sheets import workbook


@pytest.fixture(scope="module")
def book():
    return openpyxl.load_workbook(io.BytesIO(workbook(sample()[0], ABOUT)))


def shown(cell) -> str:
    """What a reader sees in a cell."""
    if isinstance(cell.value, str):
        return cell.value
    if cell.number_format.endswith("%"):
        return f"{cell.value:.{cell.number_format.count('0') - 1}%}"
    return f"{cell.value:,}" if "," in cell.number_format else str(cell.value)


def area(sheet) -> list[list]:
    (table,) = sheet.tables.values()
    return [list(row) for row in sheet[table.ref]]


def test_every_table_of_the_page_is_there_cell_by_cell(book):
    paper = sample()[0]
    for table, page in zip(tables_of(paper), page_parts(paper).tables, strict=True):
        cells = [[shown(cell) for cell in row] for row in area(book[table.label])]
        # on the page a letter behind a protected number leads to its footnote; here the notes of the sheet say it
        assert cells == [[re.sub(r"^(not shown|fewer than .*) [ab]$", r"\1", cell) for cell in row] for row in page]


def test_every_figure_has_a_sheet_with_its_data_and_its_words(book):
    for figure in figures_of(sample()[0]):
        sheet = book[figure.label]
        assert [[shown(cell) for cell in row] for row in area(sheet)][1:] == [list(row) for row in figure.data.body]
        above = [cell.value for cell in sheet["A"]][:6]
        assert f"What the figure shows: {figure.alt}" in above and f"Source: {figure.source}" in above


def test_it_follows_the_guidance_on_accessible_spreadsheets(book):
    paper = sample()[0]
    assert book.sheetnames == [
        "Cover",
        "Contents",
        "Notes",
        *(f"Table {n}" for n in range(1, 13)),
        *(f"Figure {n}" for n in (1, 2, 3)),
    ]
    assert book["Cover"]["A1"].value == paper.head.title and book["Cover"]["A2"].value == paper.head.notices[0]
    for sheet in book.worksheets[1:]:
        assert not sheet.merged_cells.ranges and len(sheet.tables) == 1 and sheet["A1"].value
        (table,) = sheet.tables.values()
        top = int(re.match(r"A(\d+):", table.ref)[1])
        assert all(sheet.cell(row, 1).value for row in range(1, sheet.max_row + 1)), "a blank row"
        assert all(cell.value is not None for row in area(sheet) for cell in row), "an empty cell"
        assert sheet.freeze_panes == f"B{top + 1}" and sheet.max_row == top + len(area(sheet)) - 1
    names = [table.displayName for sheet in book.worksheets for table in sheet.tables.values()]
    assert len(set(names)) == len(names)


def test_contents_lead_to_every_sheet_and_notes_are_found_by_number(book):
    rows = area(book["Contents"])[1:]
    assert [row[0].value for row in rows] == book.sheetnames[3:]
    assert [row[0].hyperlink.location for row in rows] == [f"'{name}'!A1" for name in book.sheetnames[3:]]
    notes = {row[0].value: row[1].value for row in area(book["Notes"])[1:]}
    for table in tables_of(sample()[0]):
        lines = " ".join(str(cell.value) for cell in book[table.label]["A"][:4])
        assert set(table.notes) <= {notes[name] for name in re.findall(r"\[(note \d+)\]", lines)}


def test_counts_and_shares_are_numbers_and_years_are_not(book):
    assert [cell.value for cell in area(book["Table 11"])[1]] == ["2010/11", 16]
    assert [cell.value for cell in area(book["Table 1"])[1]][1:3] == ["95 of 165", 0.58]


def test_payloads_stay_words_and_long_names_whole():
    paper = attack()[0]
    content = workbook(paper, ABOUT)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert not [name for name in packed.namelist() if b"<f>" in packed.read(name) or b"<f " in packed.read(name)]
        assert b"TargetMode" not in b"".join(
            packed.read(name) for name in packed.namelist() if name.endswith(".rels") and "sheet" in name
        ).replace(b'TargetMode="Internal"', b"")
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for row in area(book["Table 1"])[1:] for cell in row]
    assert [cell.value for cell in cells[:12]] == list(PAYLOADS[:12])
    assert all(
        cell.data_type == "s" and cell.quotePrefix == cell.value.startswith(("=", "+", "-", "@")) for cell in cells[:12]
    )
    assert [cell.value for cell in cells[12:16]] == ["Row", 0.56, 16, 1234]
    assert [shown(cell) for cell in cells[12:16]] == ["Row", "56%", "16", "1,234"]
    heading, long = area(book["Table 2"])[0][1].value, area(book["Table 2"])[1]
    assert len(heading) <= 255 and f"Column 2 in full: {LONG_WORD[:400]}" in [
        cell.value for cell in book["Table 2"]["A"]
    ]
    assert [cell.value for cell in long] == [LONG_WORD, LONG_NAME]
    assert area(book["Table 2"])[2][1].value == "b\ufffdc"


def test_headings_over_several_columns_are_said_in_each():
    book = openpyxl.load_workbook(io.BytesIO(workbook(attack()[0], ABOUT)))
    assert [cell.value for cell in area(book["Table 1"])[0]] == ["Name", "2014/15: =Share", "2014/15: Number", "Sum"]


def test_an_internal_paper_says_so_on_cover_and_sheet():
    book = openpyxl.load_workbook(io.BytesIO(workbook(attack(internal=True)[0], ABOUT)))
    assert book["Cover"]["A2"].value == book["Table 1"]["A2"].value == "INTERNAL: not for publication."


def test_it_names_the_authority_and_the_data_cut_instead_of_a_clock(book):
    about = book.properties
    assert (about.creator, about.title, about.language) == ("Exampleshire", sample()[0].head.title, "en-GB")
    assert about.created == about.modified == datetime(2015, 9, 30)
