"""What counts as an input of a report: everything that decides what it says."""

import pytest

from pace_analysis.compare import account, latest_before
from pace_analysis.dates import Quarter
from pace_analysis.extract.tracker.mapping import ENDING
from pace_analysis.report import provenance
from pace_analysis.report.manifest import MAPPING, input_files


def test_reads_the_files_that_it_names():
    """Their names are written down a second time, because importing where they are defined takes a second."""
    assert (MAPPING, provenance.ACCOUNT) == (ENDING, account.NAME)


def names(path, root) -> list[str]:
    return [file.relative_to(root).as_posix() for file in input_files(path)]


def test_the_mapping_beside_a_spreadsheet_is_an_input(tmp_path):
    for name in ("tracker.csv", "tracker.mapping.toml", "other.mapping.toml", "notes.txt"):
        (tmp_path / name).touch()
    assert names(tmp_path / "tracker.csv", tmp_path) == ["tracker.csv", "tracker.mapping.toml"]
    (tmp_path / "tracker.mapping.toml").unlink()
    assert names(tmp_path / "tracker.csv", tmp_path) == ["tracker.csv", "other.mapping.toml"]


def test_the_returns_of_several_years_are_inputs(tmp_path):
    for name in ("2014/episodes.csv", "2015/episodes.csv", ".cache/x.csv", "header.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert names(tmp_path, tmp_path) == ["header.csv", "2014/episodes.csv", "2015/episodes.csv"]


@pytest.mark.parametrize("quarter, expected", [("2014Q4", ""), ("2015Q1", "2014Q4"), ("2016Q1", "2015Q2")])
def test_the_report_compared_with_is_the_last_one_before(own_private_folder, quarter, expected):
    for name in ("2014Q4", "2015Q2", "2015Q1-DRAFT", "notes"):
        folder = own_private_folder / "exampleshire" / "releases" / name
        folder.mkdir(parents=True)
        (folder / provenance.ACCOUNT).touch()
    assert provenance.compared_with("exampleshire", Quarter.parse(quarter)) == expected
    before = [kept for kept in account.kept_quarters("exampleshire") if kept < Quarter.parse(quarter)]
    assert (str(before[-1]) if before else "") == expected
    assert expected or latest_before("exampleshire", Quarter.parse(quarter)) is None
