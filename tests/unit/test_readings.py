"""An extract read once, or keyed after it was checked, is what it is when read anew and checked keyed."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from pace_analysis import readings
from pace_analysis.errors import InputError
from pace_analysis.extract import read_extract
from pace_analysis.extract.keyed import keyed_ids
from pace_analysis.readings import reading, reading_once
from pace_analysis.tables.check import check

KEY = bytes(range(32))
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "exampleshire" / "2015Q3"


def test_findings_are_keyed_as_if_keyed_tables_were_checked():
    tables = keyed_ids(read_extract(SAMPLE), KEY)
    found = reading(SAMPLE, repair=False).keyed(KEY)
    assert len(found.check.findings) > 100
    pd.testing.assert_frame_equal(found.check.findings, check(tables).findings)
    for name, frame in tables:
        pd.testing.assert_frame_equal(frame, getattr(found.tables, name))


def test_within_one_report_an_extract_is_read_once_and_nobody_sees_what_another_did(monkeypatch):
    read = []
    monkeypatch.setattr(readings, "read_extract", lambda path, **given: read.append(path) or read_extract(path, **given))
    with reading_once():
        first = reading(SAMPLE, repair=False)
        first.tables.period["start_date"] = pd.Timestamp(2001, 1, 1)
        first.check.findings["rule"] = "X"
        second = reading(SAMPLE, repair=False)
    assert len(read) == 1
    assert second.tables.period["start_date"].nunique() > 1 and "X" not in set(second.check.findings["rule"])
    reading(SAMPLE, repair=False)
    assert len(read) == 2


def test_an_extract_that_is_there_the_second_time_is_read_then(tmp_path):
    path = tmp_path / "2015Q3"
    with reading_once():
        with pytest.raises(InputError, match="no file or folder"):
            reading(path, repair=False)
        shutil.copytree(SAMPLE, path)
        assert len(reading(path, repair=False).tables.period)
