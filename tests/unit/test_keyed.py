"""Keyed ids: nothing but the ids changes, only the key's holder can make them, and the key stays where it belongs."""

import hashlib
import hmac
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from pace_analysis.care import follow_up
from pace_analysis.errors import InputError, OutputError, SettingsError
from pace_analysis.extract import read_extract
from pace_analysis.extract.keyed import KINDS, key_file, keyed, keyed_ids

ROOT = Path(__file__).resolve().parents[2]
KEY = bytes(range(32))
WHO = "exampleshire"


@pytest.fixture(scope="module")
def tables():
    return read_extract(ROOT / "data" / "sample" / "exampleshire" / "2015Q3")


def test_a_keyed_id_is_the_start_of_an_hmac():
    expected = hmac.new(KEY, b"child_id\x0000042", hashlib.sha256).hexdigest()[:16]
    assert keyed(["00042", ""], KEY, "child_id") == {"00042": f"1-{expected}", "": ""}
    assert keyed(["00042"], KEY, "sibling_group")["00042"] != f"1-{expected}"
    assert keyed(["00042"], bytes(32), "child_id")["00042"] != f"1-{expected}"


def test_keyed_ids_stand_in_the_order_of_the_ids():
    ids = [f"C{number}" for number in range(12, 0, -1)]
    new = keyed(ids, KEY, "child_id")
    assert sorted(ids) == sorted(ids, key=new.get) and new["C1"].startswith("01-")


def test_rows_keep_their_order_and_all_but_the_ids_stays(tables):
    new = keyed_ids(tables, KEY)
    assert new.extract is tables.extract
    for (name, before), (_, after) in zip(tables, new, strict=True):
        ids = [kind for kind in KINDS if kind in before.columns]
        assert_frame_equal(before.drop(columns=ids), after.drop(columns=ids))
        for kind in ids:
            filled = before[kind] != ""
            assert after.loc[filled, kind].str.fullmatch("[0-9]+-[0-9a-f]{16}").all()
            assert (after.loc[~filled, kind] == "").all()
            # equal before is equal after, and different is different
            assert (pd.factorize(before[kind])[0] == pd.factorize(after[kind])[0]).all(), name


def test_the_tables_still_belong_together(tables):
    new = keyed_ids(tables, KEY)
    assert set(new.period["child_id"]) <= set(new.child["child_id"])
    assert set(new.milestone["period_id"]) <= set(new.period["period_id"])
    assert not set(new.child["child_id"]) & set(tables.child["child_id"])


@pytest.mark.parametrize("finish", ["permanence_recommendation", "order_granted"])
def test_every_wait_stays_what_it_was(tables, finish):
    before, after = follow_up(tables, finish=finish), follow_up(keyed_ids(tables, KEY), finish=finish)
    new = {kind: keyed(tables.period[kind], KEY, kind) for kind in ("period_id", "child_id")}
    frame = before.frame.assign(child_id=before.frame["child_id"].map(new["child_id"]))
    frame.index = frame.index.map(new["period_id"])
    assert len(frame) > 500 and before.left_out == after.left_out
    assert_frame_equal(frame.sort_index(), after.frame.sort_index())


def test_two_ids_that_would_become_one_are_refused_without_naming_them():
    with pytest.raises(InputError, match="Two different values of child_id") as error:
        keyed([f"{number:05}" for number in range(17)], KEY, "child_id", digits=1)
    assert "000" not in str(error.value)


def test_a_key_of_the_wrong_size_is_refused(tables):
    with pytest.raises(SettingsError, match="16 bytes instead of 32"):
        keyed_ids(tables, KEY[:16])


@pytest.fixture
def private(tmp_path, monkeypatch):
    monkeypatch.setenv("PACE_HOME", str(tmp_path))
    monkeypatch.delenv("PACE_PRIVATE")
    return tmp_path / "data" / "private" / "exampleshire"


def test_the_key_is_made_once_for_its_owner_alone(private):
    key = key_file(WHO)
    assert len(key) == 32 and len(set(key)) > 8
    assert key_file(WHO) == key and [path.name for path in private.iterdir()] == ["id.key"]
    if os.name == "posix":
        assert stat.S_IMODE((private / "id.key").stat().st_mode) == 0o600
    assert key_file("elsewhereshire") != key


def test_a_key_that_others_may_read_is_closed_again(private):
    key_file(WHO)
    (private / "id.key").chmod(0o644)
    key_file(WHO)
    if os.name == "posix":
        assert stat.S_IMODE((private / "id.key").stat().st_mode) == 0o600


def test_runs_that_make_the_key_at_once_get_the_same(private):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(key_file, [WHO] * 16))
    assert len(keys) == 1 and [path.name for path in private.iterdir()] == ["id.key"]


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_a_damaged_key_is_one_clear_error_and_is_kept(private, content):
    private.mkdir(parents=True)
    (private / "id.key").write_bytes(content)
    with pytest.raises(SettingsError, match=f"{len(content)} bytes instead of 32") as error:
        key_file(WHO)
    assert error.value.where == "data/private/exampleshire/id.key"
    assert (private / "id.key").read_bytes() == content


def test_a_folder_that_cannot_be_made_is_an_output_error(private):
    private.parent.mkdir(parents=True)
    private.write_text("a file where the folder should be")
    with pytest.raises(OutputError, match="cannot be read or made"):
        key_file(WHO)
