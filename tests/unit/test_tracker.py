"""A council's own spreadsheet, read by its mapping: exactly, every row accounted for, or refused with what to do."""

import shutil
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from pace_analysis.errors import InputError, SettingsError
from pace_analysis.extract import read_extract
from pace_analysis.extract.tracker.grid import Grid, headings

LITTLE = Path(__file__).parents[1] / "data" / "tracker" / "little_council.csv"
MAPPING = LITTLE.with_name("little_council.mapping.toml")
SMALL = """\
as_at = 2015-09-30
[headings]
"No" = "child_id"
"Born" = "date_of_birth"
"Start" = "start_date"
"End" = "end_date"
"Kind" = "kind"
[milestones]
"Rec" = "permanence_recommendation"
[words.kind]
"LAAC" = "away"
"""
HEADER = "No,Born,Start,End,Kind,Rec\n"
ROW = "0042,2012-02-01,2014-05-01,,LAAC,2014-09-30\n"


def tracker(tmp_path, text: str, mapping: str = SMALL) -> Path:
    path = tmp_path / "tracker.csv"
    path.write_text(text, encoding="utf-8")
    (tmp_path / "tracker.mapping.toml").write_text(mapping, encoding="utf-8")
    return path


def refused(tmp_path, text: str, mapping: str = SMALL, error: type = InputError):
    with pytest.raises(error) as caught:
        read_extract(tracker(tmp_path, text, mapping))
    return caught.value


def workbook(tmp_path, rows: list[list], mapping: str = SMALL) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "tracker.xlsx")
    (tmp_path / "tracker.mapping.toml").write_text(mapping, encoding="utf-8")
    return tmp_path / "tracker.xlsx"


def days(*texts: str | None) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(texts, dtype="datetime64[ns]")


def test_a_tracker_with_titles_headings_of_two_rows_and_remarks_is_read():
    tables = read_extract(LITTLE)
    child = pd.DataFrame({
        "child_id": ["0042", "0043", "0044", "0045"],
        "date_of_birth": days("2012-02-01", "2010-06-15", "2013-03-03", "2009-04-04"),
        "sex": [""] * 4, "sibling_group": [""] * 4,
    }, index=[6, 7, 8, 11])
    period = pd.DataFrame({
        "period_id": ["0042-1", "0043-1", "0044-1", "0044-2", "0045-1"],
        "child_id": ["0042", "0043", "0044", "0044", "0045"],
        "kind": ["away"] * 5,
        "start_date": days("2014-05-01", "2014-06-01", "2013-03-10", "2015-01-09", "2013-05-05"),
        "start_reason": [""] * 5,
        "end_date": days(None, "2014-12-01", "2013-08-20", None, "2015-06-06"),
        "end_reason": ["", "home", "home", "", "kinship_order"],
    }, index=[6, 7, 8, 10, 11])
    milestone = pd.DataFrame({
        "period_id": ["0042-1", "0042-1", "0044-2", "0045-1"],
        "milestone": ["permanence_recommendation", "panel", "permanence_recommendation", "permanence_recommendation"],
        "date": days("2014-09-30", "2015-01-12", "2015-07-02", "2013-10-07"),
        "route": ["adoption", "", "permanence_order", "kinship"],
    }, index=[2, 3, 4, 5])
    for found, expected in ((tables.child, child), (tables.period, period), (tables.milestone, milestone)):
        assert_frame_equal(found, expected)
    assert len(tables.change) == 0


def test_every_row_is_accounted_for_and_every_oddity_said():
    extract = read_extract(LITTLE).extract
    assert (extract.form, extract.as_at, extract.covers_from) == ("tracker", date(2015, 9, 30), None)
    assert extract.definitions == ("Every row of the tracker is read as one period of care away from home.",)
    assert extract.set_aside == (
        ("little_council.csv: blank", 1), ("little_council.csv: without any date (titles, totals, remarks)", 1),
    )
    notes = "\n".join(extract.notes)
    assert "little_council.csv: 7 rows read, 5 used; set aside: 1 blank, 1 without any date" in notes
    assert "Without any date: row 9." in notes
    assert "1 words of 'Permanence / ADM decision' stand for no date" in notes


def test_nothing_of_columns_that_are_not_read_is_kept():
    tables = read_extract(LITTLE)
    everything = " ".join(frame.to_string() for _, frame in tables) + str(tables.extract)
    assert not any(name in everything for name in ("O'Neill", "Sample", "Exemplar", "Muster", "rang"))


def test_a_mapping_is_found_by_name_or_alone_in_the_folder_or_named(tmp_path):
    newer = tmp_path / "little_2015Q4.csv"
    shutil.copy(LITTLE, newer)
    with pytest.raises(InputError, match="no mapping for 'little_2015Q4.csv'") as caught:
        read_extract(newer)
    assert "pace map little_2015Q4.csv" in caught.value.remedy
    by_name = read_extract(newer, mapping=MAPPING)
    shutil.copy(MAPPING, tmp_path)
    for found in (read_extract(newer), read_extract(tmp_path)):
        assert found.extract == by_name.extract
        assert_frame_equal(found.milestone, by_name.milestone)
    shutil.copy(MAPPING, tmp_path / "other.mapping.toml")
    with pytest.raises(InputError, match="several mappings"):
        read_extract(newer)


def test_days_given_win_over_the_mapping():
    extract = read_extract(LITTLE, as_at=date(2015, 6, 30), covers_from=date(2011, 4, 1)).extract
    assert (extract.as_at, extract.covers_from) == (date(2015, 6, 30), date(2011, 4, 1))


def test_a_spreadsheet_that_is_no_tracker_is_not_taken_for_one(tmp_path):
    (tmp_path / "list.csv").write_text("Town,Trees\nAlloa,7\n")
    with pytest.raises(InputError, match="format of 'list.csv' is not known") as caught:
        read_extract(tmp_path / "list.csv")
    assert "pace map FILE" in caught.value.remedy


class TestHeadings:
    def test_a_heading_that_vanished_and_one_that_appeared_are_named(self, tmp_path):
        error = refused(tmp_path, HEADER.replace("Rec", "LAC rec 2015") + ROW)
        assert "no heading 'Rec'" in error.what and "'LAC rec 2015'" in error.where
        assert "tracker.mapping.toml" in error.remedy

    def test_a_new_heading_alone_is_said_and_not_read(self, tmp_path):
        text = HEADER.replace("\n", ",Panel\n") + ROW.replace("\n", ",soon\n")
        tables = read_extract(tracker(tmp_path, text, 'ignore = ["Team"]\n' + SMALL))
        assert "New headings, not read: 'Panel'." in tables.extract.notes
        assert "Ignored headings no longer there: 'Team'." in tables.extract.notes

    def test_headings_that_moved_are_found_again(self, tmp_path):
        error = refused(tmp_path, ",,,,,\nA title,,,,,\n" + HEADER + ROW)
        assert "header_rows = [3]" in error.remedy

    def test_a_row_of_a_child_in_the_place_of_headings_is_not_printed(self, tmp_path):
        error = refused(tmp_path, "0042,2012-02-01,Sam,,,\n" + ROW)
        assert "2012" not in str(error)

    def test_a_heading_stands_over_the_columns_to_its_right(self):
        rows = [
            ["Title", "", "", "", "", ""],
            ["No", "Review", "", "", "Court", ""],
            ["", "First", "Second", "", "", "Order"],
        ]
        assert headings(Grid("x", rows), (2, 3)) == ["No", "Review / First", "Review / Second", "", "Court", "Order"]

    @pytest.mark.parametrize(
        ("header", "row", "what"),
        [
            ("No,Born,Start,End,Kind,Rec,Rec\n", "1,2012-02-01,2014-05-01,,LAAC,,\n", "'Rec' stands over two columns"),
            ("No,Born,Start,End,Kind,Rec,\n", "1,2012-02-01,2014-05-01,,LAAC,,x\n", "column 7, which has no heading"),
            (HEADER, "1,2012-02-01,2014-05-01,,LAAC\n", "has 5 values; the headings have 6"),
        ],
    )
    def test_columns_that_cannot_be_told_apart_are_refused(self, tmp_path, header, row, what):
        error = refused(tmp_path, header + row)
        assert what in error.what and "row" in error.where

    def test_two_columns_of_one_name_may_be_ignored(self, tmp_path):
        text = HEADER.replace("\n", ",Notes,Notes\n") + ROW.replace("\n", ",a,b\n")
        assert len(read_extract(tracker(tmp_path, text, 'ignore = ["Notes"]\n' + SMALL)).milestone) == 1


class TestValues:
    def test_a_word_in_several_rows_is_named_with_its_rows(self, tmp_path):
        text = HEADER + ROW + ROW.replace("LAAC", "Foster") + ROW.replace("LAAC", "foster")
        error = refused(tmp_path, text)
        assert error.what == "The word 'Foster' is not in the mapping."
        assert error.where == "tracker.csv, rows 3, 4, column Kind"
        assert "[words.kind]" in error.remedy and "away" in error.remedy

    def test_a_word_in_one_row_may_be_a_name_and_is_not_shown(self, tmp_path):
        error = refused(tmp_path, HEADER + ROW + ROW.replace("LAAC", "Sam Muster"))
        assert "Muster" not in str(error) and "aaa aaaaaa" in error.what and "row 3" in error.where

    def test_capitals_and_spaces_of_a_word_do_not_matter_and_codes_stand_for_themselves(self, tmp_path):
        text = HEADER + ROW.replace("LAAC", " laac ") + ROW.replace("LAAC", "short_break")
        tables = read_extract(tracker(tmp_path, text))
        assert tables.period["kind"].tolist() == ["away", "short_break"]

    @pytest.mark.parametrize(
        ("old", "new", "what", "where"),
        [
            ("2014-09-30", "31/09/2014", "'31/09/2014' is no day of the calendar", "row 2, column Rec"),
            ("2014-09-30", "30/9/14", "two digits", "row 2, column Rec"),
            ("2014-09-30", "Sam to ask", "shape 'aaa aa aaa'", "row 2, column Rec"),
            ("2012-02-01", "30/02/2012", "shape '99/99/9999'", "row 2, column Born"),
            ("2012-02-01", "", "may hold no blank", "first in row 2"),
            ("0042", "", "may hold no blank", "first in row 2"),
            ("0042", "00\u200b42", "cannot be seen", "row 2, column No"),
            ("2014-05-01", "", "may hold no blank", "first in row 2"),
        ],
    )
    def test_values_that_cannot_be_read_exactly_are_refused(self, tmp_path, old, new, what, where):
        error = refused(tmp_path, HEADER + ROW.replace(old, new))
        assert what in error.what and where in error.where

    def test_a_declared_form_of_dates_is_the_only_one(self, tmp_path):
        mapping = SMALL.replace("[words.kind]", '[dates]\n"Rec" = "mm/dd/yyyy"\n[words.kind]')
        read = read_extract(tracker(tmp_path, HEADER + ROW.replace("2014-09-30", "02/03/2015"), mapping))
        assert read.milestone["date"].tolist() == [pd.Timestamp(2015, 2, 3)]
        error = refused(tmp_path, HEADER + ROW, mapping)
        assert "is written yyyy-mm-dd, and the column is declared to be mm/dd/yyyy" in error.what

    def test_two_rows_of_a_child_must_agree(self, tmp_path):
        later = ROW.replace("2014-05-01,,", "2015-05-01,,").replace("2014-09-30", "")
        tables = read_extract(tracker(tmp_path, HEADER + ROW + later.replace("2012-02-01", "")))
        assert tables.child["date_of_birth"].tolist() == [pd.Timestamp(2012, 2, 1)]
        error = refused(tmp_path, HEADER + ROW + later.replace("2012-02-01", "2012-01-02"))
        assert "different values of 'Born'" in error.what and "rows 2 and 3" in error.where
        assert "2012" not in str(error)

    def test_periods_are_numbered_by_their_starts(self, tmp_path):
        earlier = ROW.replace("2014-05-01,,", "2013-05-01,2013-06-01,").replace("2014-09-30", "")
        tables = read_extract(tracker(tmp_path, HEADER + ROW + earlier))
        assert tables.period["period_id"].tolist() == ["0042-2", "0042-1"]
        assert tables.milestone["period_id"].tolist() == ["0042-2"]

    def test_a_route_beside_no_date_is_said(self, tmp_path):
        mapping = SMALL.replace("[words.kind]", '[routes]\n"Rec" = "Plan"\n[words.kind]')
        text = HEADER.replace("\n", ",Plan\n") + ROW.replace("2014-09-30\n", ",adoption\n")
        tables = read_extract(tracker(tmp_path, text, mapping))
        assert "tracker.csv: 1 values of 'Plan' stand beside no date and are not read." in tables.extract.notes

    def test_a_tracker_of_open_cases_only_is_said_to_be_one(self, tmp_path):
        open_only = read_extract(tracker(tmp_path, HEADER + ROW)).extract.notes
        assert any("No child has left" in note for note in open_only)
        assert not any("No child has left" in note for note in read_extract(LITTLE).extract.notes)

    def test_without_a_data_cut_the_remedy_says_where_to_write_it(self, tmp_path):
        error = refused(tmp_path, HEADER + ROW, SMALL.removeprefix("as_at = 2015-09-30\n"))
        assert "as_at = 2015-09-30" in error.remedy and "tracker.mapping.toml" in error.remedy

    def test_a_sheet_without_a_child_gives_empty_tables(self, tmp_path):
        tables = read_extract(tracker(tmp_path, HEADER))
        assert [len(frame) for _, frame in tables] == [0, 0, 0, 0]
        assert tables.milestone["date"].dtype == "datetime64[ns]"


class TestWorkbooks:
    HEADER = ["No", "Born", "Start", "End", "Kind", "Rec"]

    def test_days_are_cells_of_days_or_numbers_by_the_workbooks_calendar(self, tmp_path):
        path = workbook(tmp_path, [self.HEADER, [42, datetime(2012, 2, 1), "2014-05-01", None, "LAAC", 41912]])
        tables = read_extract(path)
        assert tables.child["child_id"].tolist() == ["42"]
        assert tables.milestone["date"].tolist() == [pd.Timestamp(2014, 9, 30)]
        notes = "\n".join(tables.extract.notes)
        assert "of 'Rec', 1 values are plain numbers, read by the workbook's calendar of 1900" in notes
        assert "of 'No', 1 values are numbers: zeros that the sheet shows" in notes

    @pytest.mark.parametrize(
        ("row", "what"),
        [
            ([1, date(2012, 2, 1), date(2014, 5, 1), None, "LAAC", "#REF!"], "error of a formula"),
            ([1, date(2012, 2, 1), date(2014, 5, 1), None, "LAAC", "=C2+7"], "no result stored"),
            ([1, date(2012, 2, 1), date(2014, 5, 1), None, "LAAC", 2.5e9], "count of days"),
            ([1, date(2012, 2, 1), date(2014, 5, 1), None, "LAAC", None, "stray"], "column 7, which has no heading"),
        ],
    )
    def test_cells_that_cannot_be_read_exactly_are_refused(self, tmp_path, row, what):
        with pytest.raises(InputError, match=what) as caught:
            read_extract(workbook(tmp_path, [self.HEADER, row]))
        assert caught.value.where.startswith("tracker.xlsx")

    def test_a_sheet_that_is_not_there_is_named_with_its_nearest(self, tmp_path):
        path = workbook(tmp_path, [self.HEADER], 'sheet = "Shete"\n' + SMALL)
        with pytest.raises(InputError, match="no sheet 'Shete'") as caught:
            read_extract(path)
        assert "'Sheet'" in caught.value.remedy


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("as_at = 2015-09-30", "asat = 2015-09-30", "'asat' is not a known key"),
        ("as_at = 2015-09-30", 'as_at = "2015-09-30"', "'as_at' must be a day"),
        ("as_at = 2015-09-30", "as_at = 2015-09-30\nheader_rows = [1, 3]", "'header_rows' must be"),
        ("as_at = 2015-09-30", "as_at = 2015-09-30\nheader_rows = [true]", "'header_rows' must be"),
        ("as_at = 2015-09-30", 'as_at = 2015-09-30\nignore = "Notes"', "'ignore' must be a list"),
        ("[words.kind]", "[words]", "'words.LAAC' must be a table"),
        ('"child_id"', '"childid"', "'childid' is not a known field"),
        ('"permanence_recommendation"', '"recommendation"', "'recommendation' is not a known milestone"),
        ('"End" = "end_date"', '"End" = "end_reason"', "No heading is named for 'end_date'"),
        ('"Rec" = "permanence_recommendation"', "", "No heading is named for any milestone"),
        ('"Kind" = "kind"', '"Kind" = "start_date"', "Two headings are 'start_date'"),
        ('"Rec" =', '"Start" =', "'Start' is used for two things"),
        ('"away"', '"awya"', "'awya' is not a known code of kind"),
        ("[words.kind]", '[words.kind]\n"laac" = "home"', "'laac' stands twice, but for capitals"),
        ("[words.kind]", '[dates]\n"Rec" = "dd/mm/yy"\n[words.kind]', "'dd/mm/yy' is not a known form"),
        ("[words.kind]", '[dates]\n"Kind" = "dd/mm/yyyy"\n[words.kind]', "'Kind' is not a known heading of dates"),
        ("[words.kind]", '[routes]\n"Recc" = "Plan"\n[words.kind]', "'Recc' is not a known heading under"),
        ("[words.kind]", "[words.kinds]", "'kinds' is not a known field with codes"),
        ("[words.kind]", "[words.kind", "is not valid TOML"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused(tmp_path, old, new, says):
    error = refused(tmp_path, HEADER + ROW, SMALL.replace(old, new, 1), SettingsError)
    assert says in error.what and ("tracker.mapping.toml" in error.where or "TOML" in error.what)
