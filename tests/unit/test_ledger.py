"""The ledger keeps every released figure, and shows whatever was done to it since."""

import dataclasses
import json
import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pace_analysis.dates import Quarter
from pace_analysis.errors import BusyError, DisclosureRefused, InputError, OutputError, UsageError
from pace_analysis.ledger import (
    PUBLISHED,
    Figure,
    Ledger,
    LedgerError,
    OverrideRecord,
    ReleaseRecord,
    earlier,
    known_public,
    ledger_path,
)
from pace_analysis.ledger.lines import Head, broken_line
from pace_analysis.publish.profiles import PROFILES, PUBLIC

WAITING = ("waiting", "2015Q3", "under 13 weeks")
ADOPTED = ("adoptions", "2014/15")
WHO = "exampleshire"


def record(number: int = 1, *cells: Figure, **more) -> ReleaseRecord:
    quarter = Quarter(2014, 4).shift(number)
    own = Figure(("waiting", str(quarter), "all"), 40)
    usual = (Figure(WAITING, 15), own, Figure(ADOPTED, 24, PUBLISHED))
    return ReleaseRecord(**{"id": f"board-{quarter}", "at": quarter.last_day, "quarter": quarter, "profile": PUBLIC,
                            "cells": cells or usual, **more})


def started(folder: Path, releases: int = 3) -> Ledger:
    ledger = Ledger.open(folder / "ledger.jsonl", WHO)
    for number in range(1, releases + 1):
        ledger = ledger.append(record(number))
    return ledger


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """Folder of a ledger of three releases, 12 lines; tests work on copies."""
    folder = tmp_path_factory.mktemp("ledger")
    started(folder)
    return folder


@pytest.fixture
def folder(written, tmp_path) -> Path:
    return shutil.copytree(written, tmp_path / "copy")


def opened(folder: Path, **more) -> Ledger:
    return Ledger.open(folder / "ledger.jsonl", WHO, **more)


class TestRoundTrip:
    def test_what_was_appended_is_read_again(self, tmp_path):
        ledger = started(tmp_path)
        again = opened(tmp_path)
        assert again == ledger and len(again.entries) == 12
        assert [entry.release for entry in again.releases()] == ["board-2015Q1", "board-2015Q2", "board-2015Q3"]
        assert again.cells()[WAITING].value == 15
        assert [entry.seq for entry in again.history(WAITING)] == [2, 6, 10]
        assert [entry.seq for entry in again.part(again.releases()[1])] == [5, 6, 7, 8]
        assert again.latest("board-2015Q2")[-1].head.seq == 8 and again.latest("nothing") == ()

    def test_lines_are_canonical_and_hang_on_one_another(self, folder):
        data = (folder / "ledger.jsonl").read_bytes()
        assert data.endswith(b"\n") and b"\r" not in data
        first, second = (json.loads(line) for line in data.splitlines()[:2])
        assert first == {
            "seq": 1, "prev": "0" * 64, "authority": WHO, "release": "board-2015Q1", "at": "2015-03-31",
            "quarter": "2015Q1", "kind": "release", "key": [], "value": 3, "method": "", "profile": "public", "base": 5,
        }
        assert second["prev"] == opened(folder).entries[0].head.sha256
        assert data.splitlines()[1] == json.dumps(second, sort_keys=True, separators=(",", ":")).encode()
        assert (second["base"], json.loads(data.splitlines()[3])["base"]) == (5, 1)

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.tuples(st.text(max_size=6), st.integers(0, 10**6)), max_size=6, unique_by=lambda pair: pair[0]))
    def test_any_words_of_one_line_survive(self, tmp_path_factory, pairs):
        path = tmp_path_factory.mktemp("any") / "ledger.jsonl"
        cells = tuple(Figure((word, "é|\"\\"), 5 * value) for word, value in pairs)
        fits = all(word.isprintable() for word, _ in pairs)
        ledger = Ledger.open(path, WHO)
        if fits:
            ledger = ledger.append(record(1, cells=cells))
            held = {key: entry.value for key, entry in Ledger.open(path, WHO).cells().items()}
            assert Ledger.open(path, WHO) == ledger and held == {cell.key: cell.value for cell in cells}
        else:
            with pytest.raises(UsageError, match="cannot keep"):
                ledger.append(record(1, cells=cells))
            assert not path.exists()

    def test_numpy_counts_are_kept_and_fractions_are_not(self, tmp_path):
        ledger = opened(tmp_path).append(record(1, Figure(WAITING, np.int64(15))))
        assert opened(tmp_path) == ledger
        with pytest.raises(UsageError, match="cannot keep"):
            ledger.append(record(2, Figure(("share",), 0.5, "model")))

    def test_the_ledger_is_in_the_private_folder(self, monkeypatch, tmp_path):
        monkeypatch.setenv("PACE_HOME", str(tmp_path))
        monkeypatch.delenv("PACE_PRIVATE")
        assert ledger_path(WHO) == tmp_path / "data" / "private" / WHO / "ledger.jsonl"


class TestReleases:
    def test_the_same_release_again_changes_nothing(self, folder):
        ledger, before = opened(folder), (folder / "ledger.jsonl").read_bytes()
        assert ledger.append(record(3)) is ledger
        assert (folder / "ledger.jsonl").read_bytes() == before
        assert len(ledger.append(record(3, manifest="ab")).entries) == 16

    def test_a_figure_changes_only_by_a_revision_which_keeps_both(self, folder):
        ledger, changed = opened(folder), Figure(WAITING, 20)
        with pytest.raises(LedgerError, match=r"1 figure.* would change.\n  waiting, 2015Q3") as refused:
            ledger.append(record(4, changed))
        assert refused.value.exit_code == 13 and isinstance(refused.value, DisclosureRefused)
        ledger = ledger.append(record(4, changed, Figure(("new",), 5), because="A date was corrected."))
        history = opened(folder).history(WAITING)
        assert [(entry.value, entry.kind, entry.because) for entry in history[-2:]] == [
            (15, "cell", ""), (20, "revision", "A date was corrected.")]
        assert ledger.cells()[WAITING].value == 20 and ledger.cells()[("new",)].kind == "cell"
        assert ledger.append(record(5, changed)).cells()[WAITING].kind == "cell"

    def test_going_back_to_what_an_earlier_release_said_is_a_revision_too(self, folder):
        ledger = opened(folder).append(record(4, Figure(WAITING, 20), because="late record"))
        with pytest.raises(LedgerError, match="would change"):
            ledger.append(record(3))
        assert ledger.append(record(3, because="it was right")).cells()[WAITING].value == 15

    @pytest.mark.parametrize(("cells", "says"), [
        ([Figure(WAITING, 3)], "not protected"),
        ([Figure(WAITING, 7)], "not protected"),
        ([Figure(WAITING, 5), Figure(WAITING, 10)], "two values"),
    ])
    def test_what_is_not_protected_or_has_two_values_is_refused(self, tmp_path, cells, says):
        with pytest.raises(LedgerError, match=says):
            opened(tmp_path).append(record(1, *cells))
        assert list(tmp_path.iterdir()) == []

    def test_strict_keeps_no_five_and_internal_is_no_release(self, tmp_path):
        with pytest.raises(LedgerError, match="not protected"):
            opened(tmp_path).append(record(1, Figure(WAITING, 5), profile=PROFILES["strict"]))
        with pytest.raises(LedgerError, match="'internal' is not released"):
            opened(tmp_path).append(record(1, profile=PROFILES["internal"]))

    def test_an_override_names_a_person_and_a_reason(self, tmp_path):
        made = OverrideRecord(ADOPTED, "Already public.", "A. Officer")
        last = opened(tmp_path).append(record(1, overrides=(made,))).entries[-1]
        assert (last.kind, last.key, last.because, last.by) == ("override", ADOPTED, "Already public.", "A. Officer")
        other = OverrideRecord(ADOPTED, "Another reason.", "A. Officer")
        assert opened(tmp_path).append(record(1, overrides=(other,))).entries[-1].because == "Another reason."
        with pytest.raises(UsageError, match="named person"):
            OverrideRecord(ADOPTED, "Already public.", " ")


class TestDamage:
    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data(), name=st.sampled_from(["ledger.jsonl", "ledger.head"]), flip=st.integers(1, 255))
    def test_any_changed_byte_is_found(self, folder, data, name, flip):
        path = folder / name
        whole = path.read_bytes()
        place = data.draw(st.integers(0, len(whole) - 1))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1:])
        try:
            with pytest.raises(LedgerError) as found:
                opened(folder)
        finally:
            path.write_bytes(whole)
        if name == "ledger.jsonl":
            line = whole[:place].count(b"\n") + 1
            assert f"Line {line} of the ledger" in found.value.what

    @settings(max_examples=60, deadline=None)
    @example(number=12, field="prev")
    @example(number=1, field="prev")
    @given(number=st.integers(1, 12), field=st.sampled_from(["prev", "value", "seq", "release", "method"]))
    def test_the_edited_line_is_named_though_it_is_well_formed(self, written, number, field):
        entries = list(opened(written).entries)
        end = entries[-1].head
        edit = {"prev": "f" * 64, "value": 95, "seq": 40, "release": "another", "method": "other"}[field]
        entries[number - 1] = dataclasses.replace(entries[number - 1], **{field: edit})
        assert broken_line(entries, end) == number

    @pytest.mark.parametrize(("old", "new"), [
        (b'"seq":7', b'"seq": 7'), (b'"seq":7', b'"seq":7.0'), (b"}\n", b"}\r\n"),
    ])
    def test_a_line_that_says_the_same_in_another_form_is_found(self, folder, old, new):
        path = folder / "ledger.jsonl"
        path.write_bytes(path.read_bytes().replace(old, new))
        with pytest.raises(LedgerError, match="Line [17] of the ledger was changed"):
            opened(folder)

    @pytest.mark.parametrize("number", [1, 2, 7, 11])
    def test_a_line_taken_out_is_named(self, folder, number):
        path = folder / "ledger.jsonl"
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(lines[:number - 1] + lines[number:]))
        with pytest.raises(LedgerError, match=f"Line {number} of the ledger was changed or taken out"):
            opened(folder)

    def test_lost_lines_a_lost_file_and_a_lost_head_are_found(self, folder):
        path, head = folder / "ledger.jsonl", folder / "ledger.head"
        data = path.read_bytes()
        path.write_bytes(b"".join(data.splitlines(keepends=True)[:8]))
        with pytest.raises(LedgerError, match="holds 8 of its 12 lines"):
            opened(folder)
        path.write_bytes(data[:-30])
        with pytest.raises(LedgerError, match="Line 12 of the ledger, its last, is cut off"):
            opened(folder)
        for lost in (lambda: path.write_bytes(b""), path.unlink):
            lost()
            with pytest.raises(LedgerError, match="lost; it had 12 lines") as found:
                opened(folder)
            assert "backup" in found.value.remedy and found.value.exit_code == 13
        path.write_bytes(data)
        head.unlink()
        with pytest.raises(LedgerError, match="head of the ledger is lost"):
            opened(folder)

    def test_files_lost_together_are_found_through_a_released_report(self, folder, tmp_path):
        released = opened(folder).latest("board-2015Q2")[-1].head
        assert opened(folder, released=[released]).head.seq == 12
        with pytest.raises(LedgerError, match="with line 8 of the ledger, which is no longer there"):
            opened(tmp_path / "nothing", released=[released])
        other = dataclasses.replace(released, sha256="0" * 64)
        with pytest.raises(LedgerError, match="no longer there"):
            opened(folder, released=[released, other])
        with pytest.raises(LedgerError, match="names the ledger of 'elsewhere'"):
            opened(folder, released=[dataclasses.replace(released, authority="elsewhere")])

    def test_another_authoritys_ledger_is_refused(self, folder):
        with pytest.raises(LedgerError, match="ledger of 'exampleshire', not of 'elsewhere'"):
            Ledger.open(folder / "ledger.jsonl", "elsewhere")
        (folder / "ledger.jsonl").unlink()
        with pytest.raises(LedgerError, match="ledger of 'exampleshire'"):
            Ledger.open(folder / "ledger.jsonl", "elsewhere")

    def test_a_line_added_by_hand_is_refused(self, folder):
        last = opened(folder).entries[-1]
        added = dataclasses.replace(last, seq=13, prev=last.head.sha256)
        with (folder / "ledger.jsonl").open("ab") as handle:
            handle.write(added.line + b"\n")
        with pytest.raises(LedgerError, match="goes on after line 12"):
            opened(folder)

    def test_a_chain_that_holds_may_still_contradict_itself(self, written):
        ledger = opened(written)
        *first, last = ledger.entries[:4]
        Ledger(ledger.path, WHO, (*first, last)).check()
        with pytest.raises(LedgerError, match="line 1 of the ledger is not whole"):
            Ledger(ledger.path, WHO, tuple(first)).check()
        opening, cell = ledger.entries[0], ledger.entries[1]
        one = dataclasses.replace(opening, value=1)
        moved = dataclasses.replace(cell, value=90, prev="")
        chain = []
        for line in (one, cell, one, moved):
            before = chain[-1].head if chain else Head(WHO, 0, "0" * 64)
            chain.append(dataclasses.replace(line, seq=before.seq + 1, prev=before.sha256))
        with pytest.raises(LedgerError, match="Line 4 of the ledger gives a figure another value without a reason"):
            Ledger(ledger.path, WHO, tuple(chain)).check()


class TestWriting:
    def test_a_run_that_is_overtaken_is_told_to_run_again(self, folder):
        early, late = opened(folder), opened(folder)
        early.append(record(4))
        with pytest.raises(BusyError, match="has released figures since"):
            late.append(record(5))
        assert len(opened(folder).releases()) == 4

    def test_of_two_writers_at_once_one_gets_in_whole(self, folder):
        start, outcomes = threading.Barrier(6), []

        def write(number):
            ledger = opened(folder)
            start.wait()
            try:
                outcomes.append(ledger.append(record(number)))
            except BusyError as error:
                outcomes.append(error)

        threads = [threading.Thread(target=write, args=(number,)) for number in range(4, 10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        won = [outcome for outcome in outcomes if isinstance(outcome, Ledger)]
        assert len(outcomes) == 6 and len(won) == 1
        assert opened(folder) == won[0]

    def test_a_held_ledger_is_busy(self, folder):
        ledger = opened(folder)
        with FileLock(folder / ".ledger.jsonl.lock"), pytest.raises(BusyError, match="Another run is writing"):
            in_another_thread(lambda: ledger.append(record(4)))

    # a ledger that begins has no head to bring up to date first
    @pytest.mark.parametrize(("releases", "survives"), [(0, 0), (0, 1), (0, 2), (3, 0), (3, 1), (3, 2), (3, 3)])
    def test_a_run_killed_between_two_replacements_leaves_the_old_ledger_or_the_new(
        self, tmp_path, monkeypatch, releases, survives
    ):
        ledger = started(tmp_path, releases)
        killed_after(monkeypatch, survives)
        with pytest.raises(KeyboardInterrupt):
            ledger.append(record(9))
        monkeypatch.undo()
        found = opened(tmp_path)
        assert found.entries[:len(ledger.entries)] == ledger.entries
        assert len(found.entries) in (len(ledger.entries), len(ledger.entries) + 4)
        killed_after(monkeypatch, 2)  # and once more, with what the first left behind
        with pytest.raises(KeyboardInterrupt):
            found.append(record(10, Figure(("new",), 5)))
        monkeypatch.undo()
        grown = opened(tmp_path).append(record(11))
        assert opened(tmp_path) == grown and grown.releases()[-1].release == "board-2017Q3"

    def test_a_full_or_closed_disk_is_said_and_changes_nothing(self, folder, monkeypatch):
        ledger, before = opened(folder), (folder / "ledger.jsonl").read_bytes()

        def full(handle):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OutputError, match="cannot be written: No space left on device"):
            ledger.append(record(4))
        monkeypatch.undo()
        assert (folder / "ledger.jsonl").read_bytes() == before and opened(folder) == ledger
        (folder / "file").write_text("")
        with pytest.raises(OutputError, match="cannot be written"):
            Ledger(folder / "file" / "ledger.jsonl", WHO).append(record(1))


class TestPublicFigures:
    @pytest.fixture(autouse=True)
    def at_home(self, monkeypatch, tmp_path):
        monkeypatch.setenv("PACE_HOME", str(tmp_path))
        monkeypatch.delenv("PACE_PRIVATE")
        self.path = tmp_path / "data" / "published" / f"{WHO}.csv"
        self.path.parent.mkdir(parents=True)

    def test_figures_of_others_are_exact_and_in_the_same_keys(self, folder):
        self.path.write_text("measure,key,value,source\nadoptions,2014/15,24,a table\nadoptions,2013/14 | kin,3,\n"
                             "adoptions,2014/15,24,again\n")
        known = known_public(WHO)
        assert known == (Figure(ADOPTED, 24, PUBLISHED), Figure(("adoptions", "2013/14", "kin"), 3, PUBLISHED))

    def test_what_is_public_is_the_ledger_and_what_others_published(self, tmp_path):
        folder = tmp_path / "data" / "private" / WHO
        ledger = Ledger.open(folder / "ledger.jsonl", WHO).append(record(1))
        self.path.write_text("measure,key,value,source\nadoptions,2013/14,3,a table\n")
        public = earlier(WHO)
        assert public.published == {("adoptions", "2013/14"): 3}
        assert public.released == {key: line.value for key, line in ledger.cells().items() if line.method != PUBLISHED}
        assert public.pins == {**public.released, **public.published}
        assert earlier(WHO, revise={"waiting"}).pins == {key: value for key, value in public.pins.items() if key[0] != "waiting"}

    def test_no_file_is_no_figure(self):
        assert known_public(WHO) == ()

    @pytest.mark.parametrize(("text", "says"), [
        ("measure,key,value\na,b,1\n", "need a column 'source'"),
        ("measure,key,value,source\na,b,1,\na,b,1.5,\n", "whole number of 0 or more.\n  .*csv, row 3, column value"),
        ("measure,key,value,source\na,b,-1,\n", "whole number"),
        ("measure,key,value,source\na,b\n", "whole number"),
        ("measure,key,value,source\na,,1,\n", "has no name"),
        ("measure,key,value,source\na,b,1,\na,b,2,\n", "two values.\n  exampleshire.csv, row 3"),
        ("measure,key,value,source\na,\"b,1,\n", "cannot be read"),
    ])
    def test_a_wrong_file_is_said_with_its_row(self, text, says):
        self.path.write_text(text)
        with pytest.raises(InputError, match=says):
            known_public(WHO)

    def test_the_sample_has_five_years_of_adoptions(self, monkeypatch):
        monkeypatch.setenv("PACE_HOME", str(Path(__file__).resolve().parents[2]))
        assert [cell.value for cell in known_public(WHO)] == [16, 18, 11, 17, 24]
        assert known_public(WHO)[-1].key == ADOPTED


def in_another_thread(action):
    raised = []

    def run():
        try:
            action()
        except Exception as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    raise raised[0]


def killed_after(monkeypatch, replacements: int) -> None:
    """End the run, as a signal would, instead of doing the replacement after so many."""
    done, replace = [], os.replace

    def sometimes(source, target):
        if len(done) == replacements:
            raise KeyboardInterrupt
        done.append(target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", sometimes)
