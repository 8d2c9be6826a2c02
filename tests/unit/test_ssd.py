"""The Standard Safeguarding Dataset: periods by their own number, permanence dates to milestones."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from pace_analysis.care import follow_up
from pace_analysis.errors import InputError
from pace_analysis.extract import read_extract, ssd
from pace_analysis.tables.check import check

FOLDER = Path(__file__).parents[1] / "data" / "ssd" / "folder"


@pytest.fixture
def folder(tmp_path) -> Path:
    return shutil.copytree(FOLDER, tmp_path / "council")


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def milestones(tables) -> list[tuple]:
    frame = tables.milestone.assign(date=tables.milestone["date"].dt.strftime("%Y-%m-%d"))
    return list(frame.itertuples(index=False, name=None))


def test_a_period_is_what_its_number_holds_together_from_the_day_care_was_entered():
    tables = ssd.read(FOLDER)
    dates = {name: tables.period[name].dt.strftime("%Y-%m-%d").fillna("") for name in ("start_date", "end_date")}
    assert list(tables.period.assign(**dates).itertuples(name=None)) == [
        (2, "0001/p1", "0001", "away", "2018-11-05", "new", "2020-10-20", "adopted"),
        (4, "0002/p2", "0002", "away", "2019-06-10", "new", "2020-01-15", "home"),
        (5, "0002/p3", "0002", "away", "2020-05-02", "new", "", ""),
        (6, "0003/2019-02-02", "0003", "away", "2019-02-02", "new", "2020-02-02", "kinship_order"),
        (7, "0004/p5", "0004", "away", "2020-03-03", "new", "2020-04-04", "not_known"),
    ]


def test_permanence_dates_and_ends_give_the_milestones():
    assert milestones(ssd.read(FOLDER)) == [
        ("0001/p1", "agency_decision", "2019-03-01", "adoption"),
        ("0001/p1", "permanence_recommendation", "2019-03-01", "adoption"),
        ("0001/p1", "matched", "2019-11-05", "adoption"),
        ("0001/p1", "placed", "2019-12-01", "adoption"),
        ("0001/p1", "order_granted", "2020-10-20", "adoption"),
        ("0002/p2", "permanence_recommendation", "2020-01-15", "home"),
        ("0002/p3", "agency_decision", "2020-08-02", "adoption"),
        ("0002/p3", "permanence_recommendation", "2020-08-02", "adoption"),
        ("0002/p3", "plan_reversed", "2020-09-09", "adoption"),
        ("0003/2019-02-02", "order_granted", "2020-02-02", "kinship"),
        ("0003/2019-02-02", "permanence_recommendation", "2020-02-02", "kinship"),
    ]


def test_rows_read_are_rows_used_and_rows_set_aside():
    extract = ssd.read(FOLDER).extract
    assert dict(extract.set_aside) == {
        "ssd_person.csv: without a date of birth": 1,
        "ssd_cla_episodes.csv: without a first day": 1,
        "ssd_cla_episodes.csv: without the day on which care was entered": 1,
        "ssd_permanence.csv: of a person without care": 1,
        "ssd_permanence.csv: without a date to use": 1,
    }
    for file in ("ssd_person.csv", "ssd_cla_episodes.csv", "ssd_permanence.csv"):
        rows = len((FOLDER / file).read_text(encoding="utf-8").splitlines()) - 1
        aside = sum(count for said, count in extract.set_aside if said.startswith(f"{file}: "))
        assert any(note.startswith(f"{file}: {rows} rows read, {rows - aside} used") for note in extract.notes)
    assert f"{ssd.UNKNOWN_REASON}: 1." in extract.notes


def test_the_extract_can_be_checked_and_counted():
    tables = read_extract(FOLDER)
    assert (tables.extract.form, tables.extract.as_at) == ("ssd", date(2020, 12, 31))
    assert check(tables).errors == 0
    waits = follow_up(tables).frame
    assert waits.loc["0001/p1", ["first_day", "last_day"]].tolist() == [57, 116]  # in care before the window opens
    assert waits.loc["0002/p3", "last_day"] == 92


def test_files_are_known_by_their_columns(folder):
    for number, file in enumerate(sorted(folder.glob("*.csv"))):
        file.rename(folder / f"export {number}.csv")
    assert milestones(read_extract(folder)) == milestones(ssd.read(FOLDER))


def test_the_newer_name_of_the_day_an_episode_ceased_is_known(folder):
    edit(folder / "ssd_cla_episodes.csv", "clae_cla_episode_ceased,", "clae_cla_episode_ceased_date,")
    assert milestones(read_extract(folder)) == milestones(ssd.read(FOLDER))


def test_a_period_goes_on_while_its_last_episode_does(folder):
    edit(folder / "ssd_cla_episodes.csv", "2020-10-20 00:00:00,E11 - Adopted", ",")
    tables = ssd.read(folder)
    assert tables.period["end_date"].isna()[2] and tables.period["end_reason"][2] == ""
    assert ("0001/p1", "order_granted", "2020-10-20", "adoption") in milestones(tables)


def test_an_order_is_taken_from_how_care_ended_where_the_permanence_file_has_none(folder):
    edit(folder / "ssd_permanence.csv", "2020-02-02 00:00:00,Special Guardianship", ",")
    assert ("0003/2019-02-02", "order_granted", "2020-02-02", "kinship") in milestones(ssd.read(folder))


def test_an_order_of_an_unknown_type_is_said(folder):
    edit(folder / "ssd_permanence.csv", "Special Guardianship", "Other")
    tables = ssd.read(folder)
    assert ("0003/2019-02-02", "order_granted", "2020-02-02", "not_known") in milestones(tables)
    assert f"{ssd.UNKNOWN_ORDER}: 1." in tables.extract.notes


def test_without_a_data_cut_it_is_asked_for(folder):
    (folder / "extract.toml").unlink()
    with pytest.raises(InputError, match="does not say when it was made"):
        ssd.read(folder)
    extract = ssd.read(folder, as_at=date(2020, 12, 31)).extract
    assert extract.covers_from is None and f"{ssd.UNBOUNDED}." in extract.notes and extract.source == "council"


def test_without_persons_there_is_no_date_of_birth(folder):
    (folder / "ssd_person.csv").unlink()
    with pytest.raises(InputError, match="No file holds the dates of birth"):
        read_extract(folder)


def test_two_files_of_one_table_are_refused(folder):
    shutil.copy(folder / "ssd_person.csv", folder / "person.csv")
    with pytest.raises(InputError, match="Two files have the columns of ssd_person") as refused:
        read_extract(folder)
    assert refused.value.where == "person.csv and ssd_person.csv"


def test_a_moment_that_is_no_midnight_is_no_day(folder):
    edit(folder / "ssd_person.csv", "2013-06-03 00:00:00", "2013-06-03 14:30:00")
    with pytest.raises(InputError) as refused:
        ssd.read(folder)
    assert refused.value.where == "ssd_person.csv, row 3, column pers_dob" and "2013-06-03" not in str(refused.value)
