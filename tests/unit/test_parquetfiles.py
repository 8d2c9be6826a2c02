"""Parquet files of canonical tables give what CSV files give, or are refused."""

import shutil
import sys
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal

from pace_analysis.errors import InputError
from pace_analysis.extract import read_extract
from pace_analysis.extract.parquetfiles import read_parquet

SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "exampleshire" / "2015Q3"


def written(tmp_path, columns: dict) -> Path:
    path = tmp_path / "child.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def test_the_sample_as_parquet_is_the_sample(tmp_path):
    tables = read_extract(SAMPLE)
    for name, frame in tables:
        frame.to_parquet(tmp_path / f"{name}.parquet", index=name == "child")
    shutil.copy(SAMPLE / "extract.toml", tmp_path)
    read = read_extract(tmp_path)
    for (_, found), (_, expected) in zip(read, tables, strict=True):
        assert_frame_equal(found, expected)
    assert read.extract.notes == ("child.parquet: row labels without a name were not read.",)


def test_text_whole_numbers_and_days_become_text(tmp_path):
    path = written(tmp_path, {
        "text": pa.array([" 007 ", "NA", None, None]),
        "coded": pa.array(["F", None, "M", None]).dictionary_encode(),
        "number": pa.array([1, None, 3, None]),
        "day": pa.array([date(2015, 2, 3), None, None, None]),
        "midnight": pa.array([datetime(2015, 2, 3), None, None, None], pa.timestamp("ns")),
        "hour": pa.array([datetime(2015, 2, 3, 14), None, None, None], pa.timestamp("s")),
    })
    table = read_parquet(path)
    assert table.frame.to_dict("list") == {
        "text": ["007", "NA", ""], "coded": ["F", "", "M"], "number": ["1", "", "3"], "day": ["2015-02-03", "", ""],
        "midnight": ["2015-02-03", "", ""], "hour": ["2015-02-03T14:00:00", "", ""],
    }
    assert table.frame.index.tolist() == [2, 3, 4]
    assert table.blank_rows == 1


@pytest.mark.parametrize(
    "values", [pa.array([1.5]), pa.array([True]), pa.array([[1]]), pa.array([b"x"])],
    ids=["float", "bool", "list", "bytes"],
)
def test_other_kinds_of_columns_are_refused(tmp_path, values):
    with pytest.raises(InputError, match="holds values of the kind") as caught:
        read_parquet(written(tmp_path, {"child_id": values}))
    assert caught.value.where == "child.parquet, column child_id"


def test_a_damaged_file_is_refused(tmp_path):
    path = written(tmp_path, {"child_id": pa.array(["1"] * 50)})
    whole = path.read_bytes()
    for damaged in (whole[:-10], whole[:4] + b"\xff" * 40 + whole[44:], b"not parquet"):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match="no Parquet file, or is damaged"):
            read_parquet(path)


def test_a_changed_page_is_found_by_its_checksum(tmp_path):
    path = tmp_path / "child.parquet"
    pq.write_table(pa.table({"child_id": ["00042"]}), path, write_page_checksum=True, compression="none")
    path.write_bytes(path.read_bytes().replace(b"00042", b"00043", 1))
    with pytest.raises(InputError, match="no Parquet file, or is damaged"):
        read_parquet(path)


def test_a_day_of_no_calendar_is_refused(tmp_path):
    path = written(tmp_path, {"date_of_birth": pa.array([2**30], pa.int32()).cast(pa.date32())})
    with pytest.raises(InputError, match="day of no calendar") as caught:
        read_parquet(path)
    assert caught.value.where == "child.parquet, column date_of_birth"


def test_a_small_file_that_unpacks_to_too_much_is_refused(tmp_path):
    path = written(tmp_path, {"child_id": pa.array(["1"]).take(pa.array([0] * 5_000_001))})
    assert path.stat().st_size < 20_000
    with pytest.raises(InputError, match="5,000,001 rows, too much"):
        read_parquet(path)


def test_two_files_of_one_table_are_refused(tmp_path):
    shutil.copytree(SAMPLE, tmp_path / "extract")
    pd.read_csv(SAMPLE / "child.csv", dtype=str).to_parquet(tmp_path / "extract" / "child.parquet")
    with pytest.raises(InputError, match="two tables 'child'") as caught:
        read_extract(tmp_path / "extract")
    assert caught.value.where == "child.csv and child.parquet"


def test_without_pyarrow_the_remedy_says_what_to_do(tmp_path, monkeypatch):
    path = written(tmp_path, {"child_id": pa.array(["1"])})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match="needs the package pyarrow") as caught:
        read_parquet(path)
    assert "CSV" in caught.value.remedy
