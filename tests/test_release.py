"""From one release to the next: what was released stays, what is new is audited beside it, and nothing can be changed in secret."""

import json
import shutil
import stat
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT, run_pace

from pace_analysis.ledger import FIGURES, Ledger
from pace_analysis.report.released import read_released

WHO = "exampleshire"
ASK = ("report", "--authority", WHO, "--out")


def ledger(private: Path) -> Ledger:
    return Ledger.open(private / WHO / "ledger.jsonl", WHO)


def made(private: Path, folder: Path, quarter: str, *more: str):
    return run_pace(*ASK, str(folder), "--quarter", quarter, *more, PACE_PRIVATE=str(private))


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> Path:
    """A folder with a report of 2015Q2 and its private folder; tests work on copies."""
    folder = tmp_path_factory.mktemp("first")
    run = made(folder / "private", folder / "2015Q2", "2015Q2")
    assert run.returncode == 0, run.stderr
    return folder


@pytest.fixture
def released(first, tmp_path) -> Path:
    return shutil.copytree(first, tmp_path / "copy")


@pytest.fixture(scope="module")
def corrected(tmp_path_factory) -> Path:
    """The sample's extract of 2015Q2 with 40 decisions of 2013/14 taken back, as if they had been recorded by mistake."""
    folder = shutil.copytree(ROOT / "data" / "sample" / WHO / "2015Q2", tmp_path_factory.mktemp("corrected") / "2015Q2")
    path = next(folder.glob("milestone*"))
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    wrong = rows.index[(rows["milestone"] == "permanence_recommendation") & rows["date"].str.startswith("2013-0")][:40]
    assert len(wrong) == 40
    rows.drop(wrong).to_csv(path, index=False)
    return folder


class TestWhatWasReleased:
    def test_is_in_the_ledger_with_a_sign_off_page_in_the_private_folder(self, first):
        book = ledger(first / "private")
        figures = read_released(first / "2015Q2").figures
        assert {(entry.key, entry.value) for entry in book.entries if entry.kind in FIGURES} == {
            (figure.key, figure.value) for figure in figures}
        private = first / "private" / WHO / "releases" / "2015Q2"
        assert sorted(path.name for path in private.iterdir()) == ["account-RESTRICTED.jsonl", "board_report.ipynb",
                                                                      "sign-off-RESTRICTED.html"]
        assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in private.iterdir())
        assert "Passed." in (private / "sign-off-RESTRICTED.html").read_text()

    def test_is_the_same_when_it_is_made_again(self, released):
        before, book = (released / "2015Q2" / "board_report.html").read_bytes(), ledger(released / "private")
        assert made(released / "private", released / "2015Q2", "2015Q2", "--force").returncode == 0
        assert (released / "2015Q2" / "board_report.html").read_bytes() == before
        assert ledger(released / "private") == book

    def test_stays_as_it_was_in_the_next_quarter_and_in_a_corrected_extract(self, released, corrected):
        before = {figure.key: figure.value for figure in read_released(released / "2015Q2").figures}
        later = made(released / "private", released / "2015Q3", "2015Q3")
        assert later.returncode == 0, later.stderr
        now = {figure.key: figure.value for figure in read_released(released / "2015Q3").figures}
        shared = before.keys() & now.keys()
        assert len(shared) > 100 and all(before[key] == now[key] for key in shared)
        again = made(released / "private", released / "2015Q2", "2015Q2", "--data", str(corrected))
        assert again.returncode == 0, again.stderr
        now = {figure.key: figure.value for figure in read_released(released / "2015Q2").figures}
        assert all(before[key] == value for key, value in now.items() if key in before)

    def test_can_be_corrected_with_a_reason_and_both_values_are_kept(self, released, corrected):
        run = made(released / "private", released / "2015Q2", "2015Q2", "--data", str(corrected), "--revise", "aim", "--because",
                   "Decisions recorded by mistake.")
        assert run.returncode == 0, run.stderr
        revisions = [entry for entry in ledger(released / "private").entries if entry.kind == "revision"]
        assert revisions and {entry.because for entry in revisions} == {"Decisions recorded by mistake."}
        decided = {entry.key for entry in revisions if entry.key[0] == "aim" and entry.key[-1] == "decided in time"}
        histories = [[entry.value for entry in ledger(released / "private").history(key)] for key in decided]
        assert histories and all(new < old for old, new in histories)
        page = (released / "private" / WHO / "releases" / "2015Q2" / "sign-off-RESTRICTED.html").read_text()
        assert "Decisions recorded by mistake." in page
        assert run_pace("audit", "--authority", WHO, PACE_PRIVATE=str(released / "private")).returncode == 0

    def test_is_not_corrected_by_steps_of_a_few_children_in_a_curve(self, released, corrected):
        before = {figure.key: figure.value for figure in read_released(released / "2015Q2").figures
                  if figure.method == "grouped"}
        one = pd.read_csv(corrected / "milestone.csv", dtype=str, keep_default_na=False)
        every = pd.read_csv(ROOT / "data" / "sample" / WHO / "2015Q2" / "milestone.csv", dtype=str, keep_default_na=False)
        gone = every.merge(one, how="left", indicator=True).query("_merge == 'left_only'").index[:2]
        folder = shutil.copytree(corrected, released / "two")
        every.drop(gone).to_csv(folder / "milestone.csv", index=False)
        run = made(released / "private", released / "2015Q2", "2015Q2", "--data", str(folder), "--revise", "decided by day",
                   "--because", "Two.")
        assert run.returncode == 0, run.stderr
        now = {figure.key: figure.value for figure in read_released(released / "2015Q2").figures}
        assert all(now[key] == value for key, value in before.items() if key in now)

    def test_needs_both_words_to_be_corrected(self, released):
        run = made(released / "private", released / "2015Q2", "2015Q2", "--revise", "aim")
        assert run.returncode == 2 and "--because" in run.stderr
        run = made(released / "private", released / "2015Q2", "2015Q2", "--revise", "aimm", "--because", "A slip.")
        assert run.returncode == 2 and "No figure of 'aimm' was ever released" in run.stderr and "Did you mean 'aim'" in run.stderr
        run = made(released / "private", released / "2015Q2", "2015Q2", "--revise", "aim", "--because", "Two\nlines.")
        assert run.returncode == 2 and "one line of printable words" in run.stderr


class TestADraft:
    def test_is_marked_and_not_recorded(self, released):
        book = ledger(released / "private")
        assert made(released / "private", released / "2015Q3", "2015Q3", "--draft").returncode == 0
        page = (released / "2015Q3-DRAFT" / "board_report.html").read_text(encoding="utf-8")
        assert "Draft: not recorded as released, and not for publication." in page
        assert ledger(released / "private") == book and not (released / "2015Q3").exists()
        assert "ledger_head" not in json.loads((released / "2015Q3-DRAFT" / "manifest.json").read_text())


class TestNothingIsReleased:
    def refused(self, released: Path, says: str, **environment: str) -> None:
        run = run_pace(*ASK, str(released / "2015Q3"), "--quarter", "2015Q3", PACE_PRIVATE=str(released / "private"), **environment)
        assert run.returncode == 13 and says in run.stderr and "Traceback" not in run.stderr
        assert not (released / "2015Q3").exists()

    def test_beside_a_ledger_that_was_edited(self, released):
        path = released / "private" / WHO / "ledger.jsonl"
        path.write_bytes(path.read_bytes().replace(b'"value":15', b'"value":20', 1))
        self.refused(released, "of the ledger was changed")

    def test_without_the_ledger(self, released):
        (released / "private" / WHO / "ledger.jsonl").unlink()
        self.refused(released, "The ledger is lost")

    def test_where_sign_off_pages_are_left_and_no_ledger(self, released):
        for name in ("ledger.jsonl", "ledger.head"):
            (released / "private" / WHO / name).unlink()
        self.refused(released, "holds sign-off pages, and no ledger")

    def test_in_the_place_of_a_report_that_the_ledger_does_not_hold(self, released, tmp_path):
        run = made(tmp_path / "another", released / "2015Q2", "2015Q2")
        assert run.returncode == 13 and "is no longer there" in run.stderr

    def test_under_another_profile_beside_what_was_released(self, released):
        run = made(released / "private", released / "2015Q3", "2015Q3", "--profile", "strict")
        assert run.returncode == 13 and "Keep the profile 'public'" in run.stderr

    def test_beside_a_report_that_the_ledger_does_not_hold(self, released):
        home = released / "home"
        for name in ("data", "notebooks"):
            shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns("private"))
        shutil.copytree(released / "2015Q2", home / "reports" / WHO / "2015Q2")
        shutil.rmtree(released / "private")
        self.refused(released, "is no longer there", PACE_HOME=str(home))


class TestVerify:
    def test_passes_what_is_as_it_was_written(self, first):
        run = run_pace("verify", str(first / "2015Q2"), PACE_PRIVATE=str(first / "private"))
        assert run.returncode == 0 and "are in the ledger with equal values" in run.stdout

    def test_names_the_file_in_which_one_byte_was_changed(self, released):
        path = released / "2015Q2" / "tables" / "waiting.csv"
        data = bytearray(path.read_bytes())
        data[-3] ^= 1
        path.write_bytes(data)
        run = run_pace("verify", str(released / "2015Q2"), PACE_PRIVATE=str(released / "private"))
        assert run.returncode == 15 and "changed: tables/waiting.csv" in run.stderr


def test_an_override_is_kept_in_the_ledger_and_on_the_sign_off_page(first, tmp_path):
    refused = [each.sentence for each in read_released(first / "2015Q2").refused if each.code == "one-group"]
    named = refused[0].removeprefix("Not shown: ").partition(". ")[0]
    home = tmp_path / "home"
    for name in ("data", "notebooks"):
        shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns("private"))
    settings = home / "data" / "authorities" / f"{WHO}.toml"
    decided = f'[[policy.overrides]]\nresult = "{named}"\nby = "A. Officer"\nbecause = "It harms nobody."\n\n[definitions]'
    settings.write_text(settings.read_text(encoding="utf-8").replace("[definitions]", decided), encoding="utf-8")
    run = run_pace(*ASK, str(tmp_path / "2015Q2"), "--quarter", "2015Q2", PACE_HOME=str(home), PACE_PRIVATE=str(tmp_path / "private"))
    assert run.returncode == 0, run.stderr
    assert [(entry.key, entry.by, entry.because) for entry in ledger(tmp_path / "private").entries if entry.kind == "override"] == [
        ((named,), "A. Officer", "It harms nobody.")]
    assert not [each for each in read_released(tmp_path / "2015Q2").refused if named in each.sentence]
    page = (tmp_path / "private" / WHO / "releases" / "2015Q2" / "sign-off-RESTRICTED.html").read_text(encoding="utf-8")
    assert "A. Officer" in page and "It harms nobody." in page
