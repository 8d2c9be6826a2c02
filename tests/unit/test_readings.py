"""An extract read once, or keyed after it was checked, is what it is when read anew and checked keyed."""

from pathlib import Path

import pandas as pd
import pytest

from pace_analysis import readings
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


def test_a_file_that_cannot_be_read_is_tried_again(tmp_path):
    with reading_once():
        for _ in range(2):
            with pytest.raises(Exception, match="no file or folder"):
                reading(tmp_path / "absent", repair=False)
