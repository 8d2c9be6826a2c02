"""Years of the return: code lists at each boundary, and folders of several years read as one extract."""

from datetime import date
from pathlib import Path

import pytest

from pace_analysis.errors import InputError
from pace_analysis.extract import read_extract, ssda903
from pace_analysis.extract.ssda903.codes import CONTINUES, END_REASON, SEX
from pace_analysis.extract.ssda903.files import LAYOUT, year_in
from pace_analysis.extract.ssda903.years import BASE, FIRST_YEAR, LAST_YEAR, OVERLAYS, begins, spec

DATA = Path(__file__).parents[1] / "data" / "ssda903"
HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB"
EPISODES = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN"
PLACED = "CHILD,DOB,DATE_PLACED,DATE_PLACED_CEASED,REASON_PLACED_CEASED"
AD1 = "CHILD,DOB,DATE_INT,DATE_MATCH,FOSTER_CARE,NB_ADOPTR,SEX_ADOPTR,LS_ADOPTR"
CHILD = "0042,1,01/02/2012,WBRI,,0,"


def episode(decom, rne="S", dec="", rec="", child="0042", place="U4") -> str:
    return ",".join([child, decom, rne, "C1", "N1", place, "PR1", dec, rec, "", "", "", ""])


def write(folder: Path, **files: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in files.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def a_return(folder: Path, *episodes: str, header: str = CHILD, **files: list[str]) -> None:
    write(folder, header=[HEADER, header], episodes=[EPISODES, *episodes], **files)


def two_years(root: Path, first: str, second: str) -> None:
    """A child in care since 2016, open in the return of 2017 and gone home in that of 2018."""
    a_return(root / first, episode("01/05/2016", dec="01/11/2016", rec="X1"), episode("01/11/2016", "P"))
    a_return(root / second, episode("01/11/2016", "P", "01/06/2017", "E4A"))


def notes(tables, word: str) -> list[str]:
    return [note for note in tables.extract.notes if word in note]


@pytest.mark.parametrize(("year", "column", "codes", "listed"), [
    (2018, "REC", "E43 E44", True), (2018, "REC", "E45 E46 E47 E48", False),
    (2019, "REC", "E43 E44", False), (2019, "REC", "E45 E46 E47 E48", True),
    (2018, "REASON_PLACE_CHANGE", "CUSTOD", False), (2019, "REASON_PLACE_CHANGE", "CUSTOD", True),
    (2024, "SEX", "1 2", True), (2024, "SEX", "M F U", False), (2024, "PLACE", "K3", False),
    (2025, "SEX", "1 2", False), (2025, "SEX", "M F U", True), (2025, "PLACE", "K3 H5 P2 Z1", True),
    (2025, "PLACE", "Z11 Z12 Z13 Z14", False),
    (2026, "PLACE", "H5 P2 Z1", False), (2026, "PLACE", "K3 Z11 Z12 Z13 Z14", True),
])
def test_code_lists_change_at_the_year_they_did(year, column, codes, listed):
    assert {code in spec(year).codes[column] for code in codes.split()} == {listed}


@pytest.mark.parametrize(("table", "first"), [("header", 2017), ("sw_episodes", 2024), ("dolo", 2027)])
def test_tables_begin_in_the_year_they_did(table, first):
    assert begins(table) == first
    assert table in spec(first).tables
    assert first == FIRST_YEAR or table not in spec(first - 1).tables


def test_a_year_differs_from_the_one_before_by_its_overlay_alone():
    by_year = {overlay.year: overlay for overlay in OVERLAYS}
    assert list(by_year) == sorted(by_year) and len(by_year) == len(OVERLAYS)
    for year in range(FIRST_YEAR + 1, LAST_YEAR + 1):
        before, now, overlay = spec(year - 1), spec(year), by_year.get(year)
        assert now.year == year
        for column in now.codes:
            added = frozenset(overlay.adds.get(column, "").split()) if overlay else frozenset()
            dropped = frozenset(overlay.drops.get(column, "").split()) if overlay else frozenset()
            assert dropped <= before.codes[column] and not added & before.codes[column]
            assert now.codes[column] == before.codes[column] - dropped | added
        assert now.tables == before.tables | (overlay.tables if overlay else frozenset())


def test_years_outside_the_known_ones_are_read_by_the_nearest():
    assert spec(2015).codes == BASE.codes and spec(2015).year == FIRST_YEAR
    assert spec(2040).codes == spec(LAST_YEAR).codes
    assert spec(LAST_YEAR).tables == frozenset(LAYOUT)


@pytest.mark.parametrize("year", range(FIRST_YEAR, LAST_YEAR + 1))
def test_every_code_of_every_year_has_a_meaning(year):
    assert spec(year).codes["REC"] - {CONTINUES} <= set(END_REASON)
    assert spec(year).codes["SEX"] <= set(SEX)


@pytest.mark.parametrize(("name", "year"), [
    ("2018", 2018), ("2017-18", 2018), ("2017_2018", 2018), ("2017 18", 2018), ("201718", 2018),
    ("SSDA903_2020_episodes", 2020),
    ("return_2018", 2018), ("2018_04", 2018), ("from 2016 to 2018", 2018), ("csc-validator-be-903", 0), ("20180331", 0),
    ("episodes", 0), ("1999", 0),
])
def test_years_in_names(name, year):
    assert year_in(name) == year


@pytest.mark.parametrize(("first", "second"), [
    ("2017", "2018"), ("2016-17", "2017-18"), ("a", "b"),
    ("2016", "2017"),  # named for the year they begin in: the content says so
])
def test_sub_folders_are_years_whatever_they_are_called(tmp_path, first, second):
    two_years(tmp_path, first, second)
    tables = read_extract(tmp_path)
    assert tables.period[["start_reason", "end_reason"]].to_numpy().tolist() == [["new", "home"]]
    assert (tables.extract.as_at, tables.extract.covers_from) == (date(2018, 3, 31), date(2016, 4, 1))
    assert len(tables.child) == 1
    aside = dict(tables.extract.set_aside)
    assert aside[f"{first}/header.csv: replaced by a row of a later year"] == 1
    assert aside[f"{first}/episodes.csv: replaced by another row of the same child and first day"] == 1
    assert len(notes(tables, "is named for")) == (2 if first == "2016" else 0)


def test_years_in_the_names_of_files_do_as_well(tmp_path):
    two_years(tmp_path, "2017", "2018")
    for file in sorted(tmp_path.glob("*/*.csv")):
        file.rename(tmp_path / f"{file.stem}_{file.parent.name}.csv")
    tables = read_extract(tmp_path)
    assert tables.period["end_reason"].tolist() == ["home"]
    assert tables.extract.covers_from == date(2016, 4, 1)


def test_a_column_year_does_as_well(tmp_path):
    merged = [f"{EPISODES},LA,YEAR", *(f"{row},A,{year}" for row, year in [
        (episode("01/11/2016", "P", "01/06/2017", "E4A"), 2018), (episode("01/11/2016", "P"), 2017),
        (episode("01/05/2016", dec="01/11/2016", rec="X1"), 2017),
    ])]
    write(tmp_path, header=[HEADER, CHILD], episodes=merged)
    assert read_extract(tmp_path).period["end_reason"].tolist() == ["home"]


def test_rows_of_several_files_are_numbered_through_and_said(tmp_path):
    two_years(tmp_path, "2017", "2018")
    reading = ssda903.read_return(tmp_path)
    assert reading.tables.period.index.tolist() == [2]
    assert reading.tables.child.index.tolist() == [3]
    assert notes(reading.tables, "numbered through")[1] == (
        "episodes: Rows are numbered through: 2 to 3 are rows 2 to 3 of 2017/episodes.csv;"
        " 4 to 4 are rows 2 to 2 of 2018/episodes.csv."
    )
    for booked in reading.accounts:
        assert booked.read == booked.used + sum(count for _, count in booked.set_aside)
    assert [(b.file, b.read) for b in reading.accounts] == [
        ("2017/header.csv", 1), ("2018/header.csv", 1), ("2017/episodes.csv", 2), ("2018/episodes.csv", 1),
    ]


def test_care_whose_first_day_an_earlier_year_holds_has_a_known_start(tmp_path):
    two_years(tmp_path, "2017", "2018")
    assert read_extract(tmp_path / "2018").period["start_reason"].tolist() == ["before_extract"]
    assert read_extract(tmp_path).period["start_reason"].tolist() == ["new"]


def test_care_that_began_before_the_window_on_a_known_day_is_counted(tmp_path):
    a_return(tmp_path, episode("01/05/2016"), episode("01/11/2016", "P", child="43"), episode("01/05/2017", child="44"))
    tables = read_extract(tmp_path)
    assert f"{ssda903.SELECTED}: 1." in tables.extract.notes
    assert tables.period["start_reason"].tolist() == ["new", "before_extract", "new"]


def test_a_missing_year_closes_what_is_covered(tmp_path):
    a_return(tmp_path / "2015", episode("01/05/2014"))
    two_years(tmp_path, "2017", "2018")
    tables = read_extract(tmp_path)
    assert tables.extract.covers_from == date(2016, 4, 1)
    assert notes(tables, "No return is of 2016")


def test_two_returns_of_one_year_are_refused(tmp_path):
    two_years(tmp_path, "a", "b")
    (tmp_path / "a").rename(tmp_path / "c")
    a_return(tmp_path / "a", episode("01/05/2017"))
    with pytest.raises(InputError, match="to 31 March 2018") as refused:
        read_extract(tmp_path)
    assert "a/episodes.csv and b/episodes.csv" in refused.value.where


def test_an_error_in_a_folder_of_years_names_the_folder(tmp_path):
    two_years(tmp_path, "2017", "2018")
    a_return(tmp_path / "2017", episode("01/05/2016"), episode("31/02/2017"))
    with pytest.raises(InputError) as refused:
        read_extract(tmp_path)
    assert refused.value.where == "2017/episodes.csv, row 3, column DECOM"
    a_return(tmp_path / "2017", "0042,01/05/2016")
    with pytest.raises(InputError) as refused:
        read_extract(tmp_path)
    assert refused.value.where == "2017/episodes.csv, line 2"


def test_each_file_may_have_its_own_form_of_date(tmp_path):
    two_years(tmp_path, "2017", "2018")
    a_return(tmp_path / "2018", episode("2016-11-01", "P", "2017-06-01", "E4A"))
    assert read_extract(tmp_path).period["end_reason"].tolist() == ["home"]


@pytest.mark.parametrize("year", ["18", "2O18", "2017/18"])
def test_a_column_year_that_holds_no_year_is_refused(tmp_path, year):
    write(tmp_path, header=[HEADER, CHILD], episodes=[f"{EPISODES},LA,YEAR", f"{episode('01/05/2016')},A,{year}"])
    with pytest.raises(InputError, match="no collection year") as refused:
        read_extract(tmp_path)
    assert refused.value.where == "episodes.csv, row 2, column YEAR"


def test_a_number_that_two_authorities_use_is_refused(tmp_path):
    header = [f"{HEADER},LA,YEAR", f"{CHILD},A,2018", f"{CHILD},B,2018"]
    write(tmp_path, header=header, episodes=[EPISODES, episode("01/05/2017")])
    with pytest.raises(InputError, match="two authorities") as refused:
        read_extract(tmp_path)
    assert refused.value.where == "header.csv, row 3, column CHILD" and "0042" not in str(refused.value)


def test_adoption_rows_that_later_years_repeat_are_used_once(tmp_path):
    two_years(tmp_path, "2017", "2018")
    write(tmp_path / "2017", placed=[PLACED, "0042,01/02/2012,10/02/2017,,"], ad1=[AD1, "0042,,10/02/2017,,0,2,MF,L11"])
    write(
        tmp_path / "2018", placed=[PLACED, "0042,01/02/2012,10/02/2017,11/05/2017,RD1"],
        ad1=[AD1, "0042,,11/02/2017,12/03/2017,0,2,MF,L11"],
    )
    tables = read_extract(tmp_path)
    made = tables.milestone[["milestone", "date"]].itertuples(index=False)
    assert [(name, str(day.date())) for name, day in made] == [
        ("agency_decision", "2017-02-10"), ("permanence_recommendation", "2017-02-10"), ("matched", "2017-03-12"),
        ("plan_reversed", "2017-05-11"),
    ]
    assert dict(tables.extract.set_aside)["2017/placed.csv: replaced by a row of a later year"] == 1
    assert dict(tables.extract.set_aside)["2017/ad1.csv: replaced by a row of a later year"] == 1
    assert notes(tables, "another day in AD1")[0].endswith(": 1.")


def test_codes_outside_their_year_are_said_and_read(tmp_path):
    a_return(tmp_path / "2018", episode("01/05/2017", dec="01/06/2017", rec="E45"), header=CHILD.replace(",1,", ",F,"))
    shifted = episode("01/07/2018", place="01/02/2012")
    a_return(tmp_path / "2019", episode("01/05/2018", dec="01/06/2018", rec="E43"), shifted)
    tables = read_extract(tmp_path)
    assert notes(tables, "are no code") == [
        "SEX: 1 values are no code of their collection year (first in 2018/header.csv, row 2): F.",
        "PLACE: 1 values are no code of their collection year (first in 2019/episodes.csv, row 3).",
        "REC: 2 values are no code of their collection year (first in 2018/episodes.csv, row 2): E43, E45.",
    ]
    assert tables.period["end_reason"].tolist() == ["kinship_order", "kinship_order", ""]


def test_a_table_of_later_years_is_said(tmp_path):
    a_return(tmp_path, episode("01/05/2017"), dolo=["CHILD,DOB,DOLO_START,DOLO_END", "0042,01/02/2012,01/05/2017,"])
    assert notes(read_extract(tmp_path), "from 2027 on")


def test_a_date_far_off_does_not_move_the_data_cut(tmp_path):
    """One wrong end among many is found by the rules, which need the true data cut to see it."""
    rows = [episode(f"{day:02}/05/2017", dec=f"{day:02}/06/2017", rec="E4A") for day in range(1, 31)]
    a_return(tmp_path, *rows, episode("01/09/2017", dec="01/10/2027", rec="E4A"))
    assert read_extract(tmp_path).extract.as_at == date(2018, 3, 31)


def test_a_return_whose_folder_holds_sub_folders_is_read_alone(tmp_path):
    two_years(tmp_path, "2017", "2018")
    for file in (tmp_path / "2018").glob("*.csv"):
        file.rename(tmp_path / file.name)
    tables = read_extract(tmp_path)
    assert tables.extract.covers_from == date(2017, 4, 1)
    assert notes(tables, "2017 holds a return of its own")


def test_files_of_other_forms_are_said_not_to_be_read(tmp_path):
    a_return(tmp_path, episode("01/05/2017"))
    (tmp_path / "providers.xlsx").write_bytes(b"")
    (tmp_path / "return.xml").write_text("<EXPSSDA903/>", encoding="utf-8")
    (tmp_path / "postcodes.csv").write_text("a,b\n", encoding="utf-8")
    said = " ".join(read_extract(tmp_path).extract.notes)
    assert "providers.xlsx is no file of the return" in said
    assert "return.xml holds a return as XML beside CSV files" in said
    assert "postcodes.csv has no columns of the return" in said


def test_the_dirty_little_return_of_2020_is_read_whole():
    reading = ssda903.read_return(DATA / "return_2020")
    assert {b.file: (b.read, b.used) for b in reading.accounts} == {
        "SSDA903_2020_header.csv": (5, 5), "SSDA903_2020_episodes.csv": (5, 5),
    }
    assert reading.tables.extract.as_at == date(2020, 3, 31)
    assert sorted(reading.tables.period["kind"]) == ["away", "away", "away", "short_break", "short_break"]
