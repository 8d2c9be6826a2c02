"""The package's own format: folders and workbooks, read exactly or refused with a remedy."""

import re
import zipfile
from datetime import date, datetime

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from pace_analysis.errors import InputError
from pace_analysis.extract import read_extract
from pace_analysis.tables.schema import CODES, TABLES

FILES = {
    "child.csv": "child_id,date_of_birth,sex\n0042,01/02/2012,F\n0043,15/06/2010,\n",
    "period.csv": (
        "period_id,child_id,kind,start_date,end_date,end_reason\n"
        "1,0042,away,2014-05-01,,\n2,0043,away,2014-06-01,2014-12-01,home\n"
    ),
    "milestone.csv": "period_id,milestone,date,route\n1,permanence_recommendation,2014-09-30,adoption\n",
    "change.csv": "change_id,title,start_date,status\nreports,One template,2014-10-01,testing\n",
    "extract.toml": 'source = "Exampleshire (invented)"\nas_at = 2015-09-30\ncovers_from = 2010-04-01\n',
}


def folder(tmp_path, **changed: str | None):
    """Write the extract, with files (named without suffix) replaced, or left out where None."""
    path = tmp_path / "extract"
    path.mkdir(exist_ok=True)
    for name, content in FILES.items():
        content = changed.get(name.split(".")[0], content)
        if content is not None:
            (path / name).write_text(content, encoding="utf-8")
    return path


def workbook(tmp_path, sheets: dict[str, list[list]], epoch=None):
    book = openpyxl.Workbook()
    book.remove(book.active)
    if epoch:
        book.epoch = epoch
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path = tmp_path / "extract.xlsx"
    book.save(path)
    return path


SHEETS = {
    "child": [["child_id", "date_of_birth"], ["0042", date(2012, 2, 1)], [43, datetime(2010, 6, 15)]],
    "period": [
        ["period_id", "child_id", "kind", "start_date", "end_date", "end_reason"],
        [1, "0042", "away", "2014-05-01", None, None],
        [None] * 6,
        [2, 43, "away", "2014-06-01", "2014-12-01", "home"],
    ],
    "milestone": [["period_id", "milestone", "date"], [1, "permanence_recommendation", 41912]],
    "extract": [["key", "value"], ["as_at", date(2015, 9, 30)]],
}


def test_a_folder_is_read(tmp_path):
    tables = read_extract(folder(tmp_path))
    assert tables.child.loc[2].tolist() == ["0042", pd.Timestamp(2012, 2, 1), "F", ""]
    assert tables.period["end_date"].isna().tolist() == [True, False]
    assert tables.period["start_reason"].tolist() == ["", ""]
    assert tables.change.loc[2, "status"] == "testing"
    extract = tables.extract
    assert (extract.source, extract.form) == ("Exampleshire (invented)", "canonical")
    assert (extract.as_at, extract.covers_from) == (date(2015, 9, 30), date(2010, 4, 1))
    for name, frame in tables:
        kinds = {column.name: "datetime64[ns]" if column.kind == "date" else "object" for column in TABLES[name]}
        assert frame.dtypes.astype(str).to_dict() == kinds


def test_days_given_win_and_changes_are_optional(tmp_path):
    path = folder(tmp_path, change=None)
    tables = read_extract(path, as_at=date(2015, 6, 30), covers_from=date(2011, 4, 1))
    assert (tables.extract.as_at, tables.extract.covers_from) == (date(2015, 6, 30), date(2011, 4, 1))
    assert len(tables.change) == 0


@pytest.mark.parametrize(
    ("changed", "what", "where", "remedy"),
    [
        ({"child": "child_id,date_of_brith\n"}, "'date_of_brith' is not known", "child.csv, row 1", "'date_of_birth'"),
        ({"child": "child_id,sex\n"}, "'date_of_birth' is missing", "child.csv, row 1", "date of birth"),
        ({"milestone": None}, "no table 'milestone'", "extract", "milestone.csv"),
        (
            {"milestone": "period_id,milestone,date\n1,panel,2014-09-30\n1,panels,2014-09-30\n"},
            "'panels' is not known", "milestone.csv, row 3, column milestone", "'panel'",
        ),
        (
            {"milestone": "period_id,milestone,date\n1,panel,\n1,panel,2014-09-30\n2,panel,\n"},
            "2 rows have one", "milestone.csv, first in row 2", "the day it happened",
        ),
        ({"milestone": "period_id,milestone,date\n1,panel,soon\n"}, "'soon'", "row 2, column date", "yyyy-mm-dd"),
        ({"extract": 'source = "a"\n'}, "does not say when it was made", "extract", "as_at = 2015-09-30"),
        ({"extract": None}, "does not say when it was made", "extract", "as_at = 2015-09-30"),
        ({"extract": "asat = 2015-09-30\n"}, "'asat' is not known", "extract.toml", "'as_at'"),
        ({"extract": "as_at = tomorrow\n"}, "cannot be read", "extract.toml", "as_at = 2015-09-30"),
        ({"extract": 'as_at = "30/09/2015"\n'}, "as_at is not a day", "extract", "as_at = 2015-09-30"),
    ],
)
def test_mistakes_are_said_with_what_where_and_remedy(tmp_path, changed, what, where, remedy):
    with pytest.raises(InputError) as refused:
        read_extract(folder(tmp_path, **changed))
    assert what in refused.value.what
    assert where in refused.value.where
    assert remedy in refused.value.remedy


def test_a_date_of_birth_is_not_in_the_message(tmp_path):
    with pytest.raises(InputError) as refused:
        read_extract(folder(tmp_path, child="child_id,date_of_birth\n0042,31/02/2012\n"))
    assert "2012" not in str(refused.value)


def test_a_row_that_stands_for_the_header_is_not_printed(tmp_path):
    with pytest.raises(InputError) as refused:
        read_extract(folder(tmp_path, child="2012-02-01,0042\n"))
    assert "2012-02-01" not in str(refused.value) and "9999-99-99" in refused.value.what


def test_a_missing_path_names_its_neighbours(tmp_path):
    folder(tmp_path)
    with pytest.raises(InputError) as refused:
        read_extract(tmp_path / "extrcat")
    assert "'extract'" in refused.value.remedy
    with pytest.raises(InputError, match="no folder"):
        read_extract(tmp_path / "none" / "extract")


def test_an_unknown_format_says_what_was_found_and_what_is_known(tmp_path):
    (tmp_path / "list.csv").write_text("CHILD,Forename,02/05/2012\n")
    with pytest.raises(InputError) as refused:
        read_extract(tmp_path)
    assert refused.value.where == "Found: list.csv (3 columns, known are CHILD)."
    assert "canonical" in refused.value.remedy and "ssda903" in refused.value.remedy


def test_a_workbook_is_read_with_its_own_dates(tmp_path):
    tables = read_extract(workbook(tmp_path, SHEETS))
    assert tables.child["child_id"].tolist() == ["0042", "43"]
    assert tables.child["date_of_birth"].tolist() == [pd.Timestamp(2012, 2, 1), pd.Timestamp(2010, 6, 15)]
    assert tables.period.index.tolist() == [2, 4]
    assert tables.milestone["date"].tolist() == [pd.Timestamp(2014, 9, 30)]
    assert tables.extract.as_at == date(2015, 9, 30)
    assert tables.extract.notes == (
        "extract.xlsx, sheet milestone: 1 values of date are plain numbers, read by the workbook's calendar of 1900.",
    )
    assert tables.extract.set_aside == (("extract.xlsx, sheet period: blank rows", 1),)


def test_a_number_is_a_day_of_the_workbooks_own_calendar(tmp_path):
    path = workbook(tmp_path, SHEETS, epoch=openpyxl.utils.datetime.CALENDAR_MAC_1904)
    tables = read_extract(path)
    assert tables.milestone["date"].tolist() == [pd.Timestamp(2018, 10, 1)]
    assert tables.child["date_of_birth"].tolist()[0] == pd.Timestamp(2012, 2, 1)


@pytest.mark.parametrize(
    ("sheet", "rows", "what"),
    [
        ("child", [["child_id", "date_of_birth"], ["1", datetime(2012, 2, 1, 14, 30)]], "not written as a date"),
        ("child", [["child_id", "date_of_birth"], ["1", date(2012, 2, 1)], ["2", "13/02/2012"]], "written dd/mm/yyyy"),
        ("child", [["child_id", "date_of_birth"], ["1", date(2012, 2, 1), "note"]], "right of the last named column"),
        ("child", [["child_id", "date_of_birth"], ["1", 1e12]], "count of days"),
        ("child", [["child_id", "date_of_birth"], ["1", "=A2"]], "no result stored with it"),
        ("child", [["child_id", "date_of_birth"], ["#REF!", date(2012, 2, 1)]], "#REF! is the error of a formula"),
        ("child", [["child_id", "date_of_birth"], ["00\u200b42", date(2012, 2, 1)]], "cannot be seen"),
        ("extract", [["name", "value"], ["as_at", date(2015, 9, 30)]], "must be 'key' and 'value'"),
    ],
)
def test_cells_that_cannot_be_read_exactly_are_refused(tmp_path, sheet, rows, what):
    with pytest.raises(InputError, match=what):
        read_extract(workbook(tmp_path, SHEETS | {sheet: rows}))


def test_a_formula_stands_for_its_stored_result_also_where_that_is_no_text(tmp_path):
    child = [["child_id", "date_of_birth", "sex"], ["0042", date(2012, 2, 1), "=X"]]
    path = workbook(tmp_path, SHEETS | {"child": child})
    stored = tmp_path / "stored.xlsx"
    with zipfile.ZipFile(path) as packed, zipfile.ZipFile(stored, "w") as again:
        for entry in packed.infolist():
            cell = re.sub(rb'<c r="C2"><f>X</f><v ?(?:/>|></v>)</c>', b'<c r="C2" t="str"><f>X</f><v></v></c>', packed.read(entry))
            again.writestr(entry, cell)
    assert read_extract(stored).child["sex"].tolist() == [""]
    with pytest.raises(InputError, match="no result stored") as refused:
        read_extract(path)
    assert refused.value.where == "extract.xlsx, cell C2"


def test_two_sheets_of_one_name_are_refused(tmp_path):
    with pytest.raises(InputError, match="Two sheets have the same name"):
        read_extract(workbook(tmp_path, SHEETS | {"child ": SHEETS["child"]}))


def test_a_workbook_that_unpacks_to_too_much_is_refused_unread(tmp_path):
    path = workbook(tmp_path, SHEETS)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/bomb.xml", b"0" * 30_000_000)
    with pytest.raises(InputError, match="too much for its size"):
        read_extract(path)


def test_a_file_that_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "extract.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0 locked")
    with pytest.raises(InputError, match="locked by a password"):
        read_extract(path)


def test_a_damaged_workbook_is_refused(tmp_path):
    path = tmp_path / "extract.xlsx"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("xl/workbook.xml", "<workbook")
    with pytest.raises(InputError, match="damaged"):
        read_extract(path)


DAYS = st.dates(date(1990, 1, 1), date(2015, 9, 30))
# Â, Ã, â and ï open what a wrong encoding leaves, which is refused
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="ÂÃâï"), max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(DAYS, st.sampled_from(["", *CODES["sex"]]), TEXT), max_size=6))
def test_what_is_written_is_read_back(tmp_path, children):
    path = folder(tmp_path)
    written = pd.DataFrame({
        "child_id": [f"{i:03d}" for i in range(len(children))],
        "date_of_birth": pd.Series([child[0] for child in children], dtype="datetime64[ns]"),
        "sex": pd.Series([child[1] for child in children], dtype=object),
        "sibling_group": pd.Series([child[2] for child in children], dtype=object),
    })
    written.to_csv(path / "child.csv", index=False, encoding="utf-8", date_format="%d/%m/%Y")
    read = read_extract(path).child
    assert_frame_equal(read.reset_index(drop=True), written.astype({"child_id": object}))
