"""The English return: recognised by its columns, periods built from episodes, every row accounted for."""

import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from pace_analysis.care import follow_up
from pace_analysis.errors import InputError
from pace_analysis.extract import read_extract, ssda903
from pace_analysis.extract.ssda903.codes import END_REASON, END_ROUTE
from pace_analysis.extract.ssda903.milestones import DEFINITION
from pace_analysis.extract.ssda903.periods import BESIDE_SHORT, NOT_CONTINUED, PARTLY_SHORT, SHORT
from pace_analysis.tables.check import check, set_aside
from pace_analysis.tables.schema import CODES

RETURN = Path(__file__).parents[1] / "data" / "ssda903" / "return_2018"
HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB"
EPISODES = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN"
PLACED = "CHILD,DOB,DATE_PLACED,DATE_PLACED_CEASED,REASON_PLACED_CEASED"
AD1 = "CHILD,DOB,DATE_INT,DATE_MATCH,FOSTER_CARE,NB_ADOPTR,SEX_ADOPTR,LS_ADOPTR"


def episode(child, decom, rne="S", ls="C1", place="U4", dec="", rec="", **more) -> str:
    return ",".join([child, decom, rne, ls, "N1", place, "PR1", dec, rec, "", "", "", "", *more.values()])


def read(tmp_path, *rows: str, columns: str = EPISODES, **files: list[str]):
    """Read a return of these episodes, with two children and files given as lines."""
    header = [HEADER, "0042,1,01/02/2012,WBRI,,0,", "43,2,15/06/2010,WBRI,,0,"]
    for name, lines in {"header": header, "episodes": [columns, *rows], **files}.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    reading = ssda903.read_return(tmp_path)
    return reading.tables, reading.accounts


def periods(tables) -> list[tuple]:
    """Period table as text, dates as ISO."""
    dates = {name: tables.period[name].dt.strftime("%Y-%m-%d").fillna("") for name in ("start_date", "end_date")}
    frame = tables.period.assign(**dates).drop(columns=["period_id", "child_id"])
    return list(frame.itertuples(index=False, name=None))


def milestones(tables) -> list[tuple]:
    frame = tables.milestone.assign(date=tables.milestone["date"].dt.strftime("%Y-%m-%d"))
    return list(frame[["milestone", "date", "route"]].itertuples(index=False, name=None))


@pytest.fixture(scope="module")
def committed():
    reading = ssda903.read_return(RETURN)
    return reading.tables, reading.accounts


def test_the_committed_return_is_read_whole(committed):
    tables, accounts = committed
    assert tables.extract.form == "ssda903"
    assert (tables.extract.as_at, tables.extract.covers_from) == (date(2018, 3, 31), date(2017, 4, 1))
    assert len(tables.child) == 200
    assert {booked.file: booked.read for booked in accounts} == {
        file.name: sum(1 for line in file.read_text(encoding="utf-8-sig").splitlines() if line.strip()) - 1
        for file in RETURN.glob("*.csv")
    }
    assert DEFINITION in tables.extract.definitions


def test_rows_read_are_rows_used_and_rows_set_aside_in_every_file(committed):
    tables, accounts = committed
    for booked in accounts:
        assert booked.read == booked.used + sum(count for _, count in booked.set_aside), booked.file
        assert any(note.startswith(booked.file) for note in tables.extract.notes)
    assert sum(count for _, count in tables.extract.set_aside) == sum(b.read - b.used for b in accounts)


def test_the_committed_return_can_be_checked_and_counted(committed):
    tables, _ = committed
    report = check(tables)
    assert report.errors > 0
    used, accounts = set_aside(tables, report)
    assert check(used).errors == 0
    assert (accounts["read"] == accounts["used"] + accounts["set_aside"]).all()


def test_files_are_known_by_their_columns_not_their_names(tmp_path, committed):
    for number, file in enumerate(sorted(RETURN.glob("*.csv"))):
        if file.stem != "placed_for_adoption_errors":
            shutil.copy(file, tmp_path / f"export {number}.csv")
    tables = read_extract(tmp_path)
    for name, frame in tables:
        pd.testing.assert_frame_equal(frame, getattr(committed[0], name))


def test_a_second_file_with_the_same_columns_is_counted_and_not_read(committed):
    booked = next(b for b in committed[1] if b.file == "placed_for_adoption_errors.csv")
    assert (booked.read, booked.used) == (30, 0)
    assert booked.set_aside == (("same columns as placed_for_adoption.csv", 30),)


def test_two_files_of_which_none_goes_first_are_refused(tmp_path):
    with pytest.raises(InputError) as refused:
        read(tmp_path, episode("0042", "01/05/2017"), **{"episodes b": [EPISODES], "old": [EPISODES]})
    assert "episodes b.csv" in refused.value.where and "YEAR" in refused.value.remedy


def test_continuing_episodes_make_one_period(tmp_path):
    tables, _ = read(
        tmp_path,
        episode("0042", "01/05/2017", dec="01/06/2017", rec="X1"),
        episode("0042", "01/06/2017", "P", dec="01/09/2017", rec="X1"),
        episode("0042", "01/09/2017", "L", dec="01/12/2017", rec="E45"),
        episode("0042", "01/02/2018"),
    )
    assert periods(tables) == [
        ("away", "2017-05-01", "new", "2017-12-01", "kinship_order"),
        ("away", "2018-02-01", "new", "", ""),
    ]
    assert tables.period["period_id"].tolist() == ["0042/2017-05-01", "0042/2018-02-01"]
    assert tables.period.index.tolist() == [2, 5]


def test_care_that_began_before_the_return_has_no_known_start(tmp_path):
    tables, _ = read(tmp_path, episode("43", "01/05/2017", "P"))
    assert periods(tables) == [("away", "2017-05-01", "before_extract", "", "")]
    assert any(note.startswith("Periods that open") and note.endswith(": 1.") for note in tables.extract.notes)


def test_care_said_to_continue_without_an_episode_ends_without_a_reason(tmp_path):
    tables, _ = read(
        tmp_path, episode("43", "01/05/2017", dec="01/06/2017", rec="X1"), episode("43", "02/06/2017", "P")
    )
    assert periods(tables) == [
        ("away", "2017-05-01", "new", "2017-06-01", ""),
        ("away", "2017-06-02", "before_extract", "", ""),
    ]
    assert "P07" in check(tables).findings["rule"].tolist()


def test_short_breaks_are_kept_as_their_own_kind(tmp_path):
    tables, _ = read(
        tmp_path,
        episode("0042", "01/05/2017", ls="V4", dec="08/05/2017", rec="X1"),
        episode("0042", "08/05/2017", "P", ls="V3", dec="10/05/2017", rec="E4A"),
    )
    assert periods(tables) == [("short_break", "2017-05-01", "new", "2017-05-10", "home")]
    assert milestones(tables) == []
    assert "Periods that are series of short breaks (LS V3, V4), left out of every wait: 1." in tables.extract.notes
    follow = follow_up(tables)
    assert len(follow.frame) == 0 and follow.left_out["short break"] == 1


def test_short_breaks_before_and_after_care_are_no_part_of_it(tmp_path):
    tables, _ = read(
        tmp_path,
        episode("43", "01/05/2015", ls="V4", dec="08/05/2017", rec="X1"),
        episode("43", "08/05/2017", "L", ls="C1", dec="01/06/2017", rec="X1"),
        episode("43", "01/06/2017", "L", ls="V3", dec="08/06/2017", rec="X1"),
        episode("43", "08/06/2017", "L", ls="C1", dec="01/09/2017", rec="X1"),
        episode("43", "01/09/2017", "L", ls="V4"),
    )
    assert periods(tables) == [
        ("short_break", "2015-05-01", "new", "2017-05-08", "not_known"),
        ("away", "2017-05-08", "new", "2017-09-01", "not_known"),
        ("short_break", "2017-09-01", "new", "", ""),
    ]
    said = dict(note.rsplit(": ", 1) for note in tables.extract.notes if note.startswith("Periods"))
    assert said[PARTLY_SHORT] == said[BESIDE_SHORT] == "1." and said[SHORT] == "2."
    assert NOT_CONTINUED not in said


@pytest.mark.parametrize(("rec", "reason"), [*END_REASON.items(), ("E99", "not_known"), ("E1", "not_known"), ("", "")])
def test_every_reason_for_an_end_is_read(tmp_path, rec, reason):
    tables, _ = read(tmp_path, episode("0042", "01/05/2017", dec="01/06/2017", rec=rec))
    assert periods(tables)[0][4] == reason
    assert reason in {"", *CODES["end_reason"]}
    made = dict((name, route) for name, _, route in milestones(tables))
    assert made.get("permanence_recommendation", "") == END_ROUTE.get(rec, "")
    assert ("order_granted" in made) == (reason in ("adopted", "kinship_order"))


def test_adoption_gives_decision_match_placement_order_and_one_recommendation(tmp_path):
    tables, accounts = read(
        tmp_path,
        episode("0042", "01/05/2015", dec="01/03/2017", rec="X1"),
        episode("0042", "01/03/2017", "P", "E1", "A5", dec="01/06/2017", rec="X1"),
        episode("0042", "01/06/2017", "T", "E1", "A6", dec="01/12/2017", rec="E11"),
        placed=[PLACED, "0042,01/02/2012,10/02/2016,,", "43,15/06/2010,10/02/2016,,"],
        ad1=[AD1, "0042,01/02/2012,10/02/2016,05/01/2017,0,2,MF,L11"],
    )
    assert milestones(tables) == [
        ("agency_decision", "2016-02-10", "adoption"),
        ("permanence_recommendation", "2016-02-10", "adoption"),
        ("matched", "2017-01-05", "adoption"),
        ("placed", "2017-03-01", "adoption"),
        ("order_granted", "2017-12-01", "adoption"),
    ]
    assert tables.milestone.index.tolist() == [2, 3, 4, 5, 6]
    booked = {b.file: (b.read, b.used, b.set_aside) for b in accounts}
    assert booked["placed.csv"] == (2, 1, (("of a child without care away from home", 1),))
    assert booked["ad1.csv"] == (1, 1, ())


def test_a_decision_in_ad1_alone_is_used(tmp_path):
    tables, _ = read(
        tmp_path, episode("0042", "01/05/2015"), ad1=[AD1, "0042,01/02/2012,10/02/2016,,0,2,MF,L11", "0042,,,,,,,"]
    )
    assert [name for name, _, _ in milestones(tables)] == ["agency_decision", "permanence_recommendation"]


@pytest.mark.parametrize(("reason", "reversed_"), [("RD1", True), ("rd4", True), ("XXX", False), ("", False)])
def test_a_reversal_needs_its_code(tmp_path, reason, reversed_):
    tables, _ = read(
        tmp_path, episode("0042", "01/05/2015"), placed=[PLACED, f"0042,01/02/2012,10/02/2016,11/05/2016,{reason}"]
    )
    assert (("plan_reversed", "2016-05-11", "adoption") in milestones(tables)) is reversed_
    assert any("without a code RD1" in note for note in tables.extract.notes) is not reversed_


@pytest.mark.parametrize(
    ("day", "start"),
    [
        ("10/06/2015", "2015-05-01"),  # within the first period
        ("01/01/2016", "2016-03-01"),  # between the two: a plan before the second
        ("01/01/2015", "2015-05-01"),  # before both
        ("01/01/2018", "2016-03-01"),  # after both
    ],
)
def test_a_decision_belongs_to_the_period_that_holds_it_else_to_the_next(tmp_path, day, start):
    tables, _ = read(
        tmp_path,
        episode("0042", "01/05/2015", dec="01/09/2015", rec="E4B"),
        episode("0042", "01/03/2016", dec="01/02/2017", rec="E4B"),
        placed=[PLACED, f"0042,01/02/2012,{day},,"],
    )
    assert set(tables.milestone["period_id"]) == {f"0042/{start}"}


def test_rows_that_no_table_can_hold_are_counted_by_reason(tmp_path):
    tables, accounts = read(
        tmp_path,
        episode("0042", "01/05/2017"),
        episode("0042", "01/05/2017", dec="01/06/2017", rec="E4A"),
        episode("", "01/05/2017"),
        episode("43", ""),
        "," * 12,
    )
    booked = next(b for b in accounts if b.file == "episodes.csv")
    assert (booked.read, booked.used) == (5, 1)
    assert dict(booked.set_aside) == {
        "replaced by another row of the same child and first day": 1,
        "without a child's number": 1,
        "without a first day": 1,
        "blank": 1,
    }
    assert periods(tables) == [("away", "2017-05-01", "new", "2017-06-01", "home")]


def test_merged_years_use_the_latest_row_and_cover_all_their_years(tmp_path):
    tables, _ = read(
        tmp_path,
        episode("0042", "01/05/2016", dec="01/06/2017", rec="E4A", la="Exampleshire", year="2018"),
        episode("0042", "01/05/2016", la="Exampleshire", year="2017"),
        columns=f"{EPISODES},LA,YEAR",
    )
    assert periods(tables) == [("away", "2016-05-01", "new", "2017-06-01", "home")]
    assert (tables.extract.as_at, tables.extract.covers_from) == (date(2018, 3, 31), date(2016, 4, 1))


def test_an_end_on_the_first_of_april_is_of_the_year_just_closed(tmp_path):
    tables, _ = read(tmp_path, episode("0042", "01/05/2017", dec="01/04/2018", rec="E4A"))
    assert tables.extract.as_at == date(2018, 3, 31)
    assert "P06" in check(tables).findings["rule"].tolist()


def test_days_given_win(tmp_path):
    read(tmp_path, episode("0042", "01/05/2017"))
    extract = read_extract(tmp_path, as_at=date(2017, 9, 30), covers_from=date(2012, 4, 1)).extract
    assert (extract.as_at, extract.covers_from) == (date(2017, 9, 30), date(2012, 4, 1))


def test_a_return_without_episodes_needs_a_data_cut(tmp_path):
    with pytest.raises(InputError, match="No episode holds a date"):
        read(tmp_path)
    tables = read_extract(tmp_path, as_at=date(2018, 3, 31))
    assert (len(tables.child), len(tables.period), len(tables.milestone)) == (2, 0, 0)


def test_a_date_that_cannot_be_read_names_file_row_and_column(tmp_path):
    with pytest.raises(InputError) as refused:
        read(tmp_path, episode("0042", "01/05/2017"), episode("43", "31/02/2017"))
    assert refused.value.where == "episodes.csv, row 3, column DECOM"
