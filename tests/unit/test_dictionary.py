"""The committed dictionary is the schema, word for word."""

from pathlib import Path

import pytest

from pace_analysis.tables.dictionary import codes, columns, write_dictionary
from pace_analysis.tables.schema import CODES, TABLES

COMMITTED = Path(__file__).parents[2] / "data" / "dictionary"


@pytest.mark.parametrize("name", ["columns.csv", "codes.csv"])
def test_the_committed_dictionary_is_what_the_schema_writes(tmp_path, name):
    write_dictionary(tmp_path)
    assert (tmp_path / name).read_bytes() == (COMMITTED / name).read_bytes()


def test_every_column_and_code_is_explained():
    assert len(columns()) == sum(len(fields) for fields in TABLES.values())
    assert len(codes()) == sum(len(meanings) for meanings in CODES.values())
    assert columns()["says"].str.len().gt(0).all() and codes()["says"].str.len().gt(0).all()
    assert set(columns()["codes"]) - {""} <= set(codes()["codes"])
