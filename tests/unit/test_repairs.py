"""Named defects of episodes: each row is classified as its name says, mended only when asked, and logged."""

from pathlib import Path

import pandas as pd
import pytest

from pace_analysis.extract import ssda903
from pace_analysis.extract.ssda903.repairs import LOG, SAYS

DATA = Path(__file__).parents[1] / "data" / "ssda903"
DEFECTS = DATA / "named_defects" / "SSDA903_episodes_for_testing_fixes_INPUT.csv"
HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB"

# by hand, from the rows' names: the row of the file, and the rule it needs; every other row is right as it is
NAMED = {
    7: "RULE_1",  # open in 2018, goes on in 2020
    11: "RULE_1A",  # open in 2017, started anew in 2018
    13: "RULE_2",  # open in 2020, never seen again
    15: "RULE_3",  # open in 2017, the same episode stands in 2018 with an earlier first day
    18: "RULE_3A",  # open in 2018, replaced in 2019
    19: "RULE_4",  # runs past the first day of the next, which 2020 sent
    21: "RULE_3A",  # the 2019 form of what 2020 sent as row 20
    23: "RULE_5",  # goes on (X1) four days before the next one starts
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The named defects, with the header that their children need."""
    folder = tmp_path_factory.mktemp("defects")
    episodes = DEFECTS.read_text(encoding="utf-8")
    children = sorted({line.split(",")[0] for line in episodes.splitlines()[1:]})
    (folder / "episodes.csv").write_text(episodes, encoding="utf-8")
    header = [HEADER, *(f"{child},1,2010-01-15,WBRI,,," for child in children)]
    (folder / "header.csv").write_text("\n".join(header) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def as_read(folder):
    return ssda903.read_return(folder)


@pytest.fixture(scope="module")
def mended(folder):
    return ssda903.read_return(folder, repair=True)


def source() -> pd.DataFrame:
    frame = pd.read_csv(DEFECTS, dtype=str, keep_default_na=False)
    return frame.set_axis(frame.index + 2)


def test_each_row_is_classified_as_its_name_says(mended):
    found = mended.repairs.groupby("row")["rule"].unique().map(list).to_dict()
    assert found == {row: [rule] for row, rule in NAMED.items()}
    named = source()["CHILD"].str.extract("^RULE(.*)_BAD$", expand=False)
    for row, rule in NAMED.items():
        if row != 21:  # the sample's own fourth defect holds a replaced row beside the overlap
            assert rule == f"RULE_{named[row]}"
    assert set(named.dropna()) == {rule.removeprefix("RULE_") for rule in NAMED.values()}
    assert not set(found) & set(named.index[named.isna()])


def test_every_rule_has_words_and_an_example():
    assert set(NAMED.values()) == set(SAYS)


def test_the_log_holds_file_row_child_rule_old_and_new(mended):
    log = mended.repairs
    assert tuple(log.columns) == LOG
    assert set(log["file"]) == {"episodes.csv"}
    changed = log[["row", "column", "old", "new"]].itertuples(index=False)
    assert {(row, column): (old, new) for row, column, old, new in changed} == {
        (7, "DEC"): ("", "2017-08-20"), (7, "REC"): ("", "X1"),
        (11, "DEC"): ("", "2017-03-31"), (11, "REC"): ("", "E99"),
        (13, "DEC"): ("", "2020-03-31"), (13, "REC"): ("", "E99"),
        (15, ""): ("", "left out"), (18, ""): ("", "left out"), (21, ""): ("", "left out"),
        (19, "DEC"): ("2018-12-24", "2018-12-20"),
        (23, "DEC"): ("2020-03-29", "2020-04-02"),
    }
    assert log["child_id"].tolist() == [source()["CHILD"][row] for row in log["row"]]


def test_mended_episodes_make_whole_periods(mended):
    period = mended.tables.period
    shown = {
        row: (kind, start.date().isoformat(), "" if pd.isna(end) else end.date().isoformat(), reason)
        for row, kind, start, end, reason in period[["kind", "start_date", "end_date", "end_reason"]].itertuples()
    }
    assert shown == {
        2: ("away", "2015-06-19", "2021-12-12", "turned_18"),
        4: ("away", "2022-02-01", "2022-07-10", "turned_18"),
        5: ("away", "2022-10-23", "", ""),
        6: ("away", "2017-12-15", "", ""),
        7: ("away", "2016-01-13", "2019-07-23", "other"),
        10: ("away", "2016-01-22", "2017-03-31", "not_known"),
        12: ("away", "2017-04-20", "2017-06-13", "other"),
        13: ("away", "2019-05-10", "2020-03-31", "not_known"),
        14: ("away", "2016-09-23", "2017-05-30", "died"),
        16: ("away", "2017-11-25", "2018-05-16", "kinship_order"),
        19: ("away", "2018-11-23", "2019-10-01", "home"),
        23: ("away", "2019-11-06", "", ""),
    }


def test_left_as_they_are_the_defects_are_counted_and_nothing_is_changed(as_read, mended):
    tables = as_read.tables
    assert len(tables.period) == 19  # of 23 episodes, four go on where the one before ends
    for rule in SAYS:
        left, done = (
            [note for note in reading.tables.extract.notes if f"by {rule} " in note] for reading in (as_read, mended)
        )
        assert len(left) == len(done) == 1
        assert left[0].startswith("Episodes not ") and left[0].replace("Episodes not ", "Episodes ") == done[0]
    assert as_read.tables.extract.definitions == tuple(
        said for said in mended.tables.extract.definitions if "fixed rules" not in said
    )
    pd.testing.assert_frame_equal(as_read.repairs, mended.repairs)


def test_notes_of_repairs_name_no_child_and_no_row(mended):
    said = " ".join(note for note in mended.tables.extract.notes if "mended by" in note or "left out by" in note)
    assert said and "BAD" not in said and "row" not in said


def test_every_row_is_accounted_for_with_and_without_repair(as_read, mended):
    of_episodes = [{b.file: b for b in reading.accounts}["episodes.csv"] for reading in (as_read, mended)]
    assert [(b.read, b.used) for b in of_episodes] == [(23, 23), (23, 20)]
    assert of_episodes[1].set_aside == (("left out as a repair (RULE_3, RULE_3A)", 3),)


def test_a_return_of_one_year_has_nothing_to_mend():
    assert len(ssda903.read_return(DATA / "return_2018", repair=True).repairs) == 0


def test_an_authority_that_sent_no_later_return_keeps_its_open_episodes(folder, as_read):
    """Row 6 is open in 2022, and others sent 2023: only its own authority's later return would prove it wrong."""
    assert source()["LA"][6] == "Sutton"
    assert 6 not in set(as_read.repairs["row"])
