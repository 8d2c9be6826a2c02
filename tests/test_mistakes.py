"""Mistakes a user makes: one message, its exit code, nothing half-written, an earlier report untouched."""

import json
import os
import shutil
from pathlib import Path

import pytest
from conftest import ROOT, run_pace

from pace_analysis.extract import read_extract
from pace_analysis.extract.tracker.example import write_example
from pace_analysis.report.manifest import make_manifest

SAMPLE = ROOT / "data" / "sample" / "exampleshire" / "2015Q3"


@pytest.fixture
def extract(tmp_path) -> Path:
    """A copy of the sample that a test may spoil."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "extract"))


def report(folder: Path, *more: str, quarter: str = "2015Q3", authority: str = "exampleshire"):
    return run_pace("report", "--authority", authority, "--quarter", quarter, "--out", str(folder / "out"), *more)


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def assert_refused(run, code: int, *words: str) -> None:
    assert run.returncode == code, run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    assert run.stdout == ""
    for word in words:
        assert word in run.stderr, run.stderr


def test_an_unknown_authority_names_the_nearest(tmp_path):
    assert_refused(report(tmp_path, authority="exampelshire"), 2, "exampelshire", "Did you mean 'exampleshire'?")
    assert_refused(report(tmp_path, authority="../../etc"), 2, "There is no authority")


def test_a_quarter_that_is_no_quarter_or_in_the_future(tmp_path):
    assert_refused(report(tmp_path, quarter="15Q3"), 2, "15Q3", "for example 2015Q3")
    assert_refused(report(tmp_path, quarter="2031Q1"), 11, "no extract that reaches 2031Q1", "Ask for 2015Q3")
    assert_refused(report(tmp_path, "--data", str(SAMPLE), quarter="2031Q1"), 11, "before 2031Q1", "Ask for 2015Q3")


def test_a_missing_folder_names_its_neighbours(tmp_path, extract):
    assert_refused(report(tmp_path, "--data", str(extract) + "s"), 11, "extracts", "Did you mean 'extract'?")


def test_a_file_that_cannot_be_read(tmp_path, extract):
    (extract / "child.csv").write_bytes(b"child_id,date_of_birth\n1,\x00\n")
    assert_refused(report(tmp_path, "--data", str(extract)), 11, "child.csv")


def test_an_unknown_column_names_the_nearest(tmp_path, extract):
    spoil(extract / "period.csv", "end_reason", "end_raeson")
    assert_refused(report(tmp_path, "--data", str(extract)), 11, "period.csv", "end_raeson", "end_reason")


def test_an_unknown_code_names_file_row_and_column(tmp_path, extract):
    spoil(extract / "milestone.csv", ",panel,", ",pannel,")
    assert_refused(report(tmp_path, "--data", str(extract)), 11, "milestone.csv", "row", "pannel", "panel")


def test_an_impossible_date_names_file_row_and_column(tmp_path, extract):
    lines = (extract / "milestone.csv").read_text(encoding="utf-8").splitlines()
    row = lines[1].split(",")
    lines[1] = ",".join([row[0], row[1], "2015-02-31", *row[3:]])
    (extract / "milestone.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert_refused(report(tmp_path, "--data", str(extract)), 11, "milestone.csv", "row 2", "date")


def test_rows_that_break_a_rule_stop_the_report_until_told_otherwise(tmp_path, extract):
    lines = (extract / "period.csv").read_text(encoding="utf-8").splitlines()
    (extract / "period.csv").write_text("\n".join([*lines, lines[-1]]) + "\n", encoding="utf-8")
    run = report(tmp_path, "--data", str(extract))
    assert_refused(run, 12, "P01", "pace check", "--drop-errors")
    assert report(tmp_path, "--data", str(extract), "--drop-errors").returncode == 0


def test_a_placeholder_that_does_not_exist_names_the_nearest(tmp_path):
    text = tmp_path / "words.md"
    shutil.copy(ROOT / "data" / "text" / "exampleshire.md", text)
    spoil(text, "{aim_position}", "{aim_positoin}")
    assert_refused(report(tmp_path, "--text", str(text)), 10, "words.md, line", "aim_positoin", "aim_position")


def test_an_unknown_profile_names_the_nearest(tmp_path):
    assert_refused(report(tmp_path, "--profile", "pubic"), 10, "pubic", "public")


def test_an_output_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    run = run_pace("report", "--authority", "exampleshire", "--quarter", "2015Q3", "--out", str(tmp_path / "file" / "out"))
    assert_refused(run, 15, "cannot be written", "--out")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "in the way"


def test_a_folder_that_holds_other_files_is_never_replaced(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    assert_refused(report(tmp_path), 15, "not a folder of an earlier report", "--out")
    assert_refused(report(tmp_path, "--dry-run"), 15, "not a folder of an earlier report")
    assert (tmp_path / "out" / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_the_current_folder_is_never_replaced(tmp_path):
    run = run_pace("report", "--authority", "exampleshire", "--quarter", "2015Q3", "--out", ".", cwd=tmp_path)
    assert_refused(run, 15, "current folder")


def test_no_path_of_this_machine_is_written_down(tmp_path, extract):
    assert report(tmp_path, "--data", str(extract)).returncode == 0
    written = (tmp_path / "out" / "manifest.json").read_text(encoding="utf-8")
    assert str(tmp_path) not in written and "outside/extract/period.csv" in written


def test_checking_a_folder_of_quarters_names_them():
    assert_refused(run_pace("check", "data/sample/exampleshire"), 11, "2015Q2, 2015Q3", "pace check")


def test_an_earlier_report_survives_a_run_that_fails(tmp_path, extract):
    earlier = tmp_path / "out"
    earlier.mkdir()
    (earlier / "board_report.html").write_text("the earlier report", encoding="utf-8")
    text = make_manifest(parameters={"authority": "exampleshire"}, profile="public", inputs={}, outputs={})
    (earlier / "manifest.json").write_text(text, encoding="utf-8")
    spoil(extract / "milestone.csv", ",panel,", ",pannel,")
    assert report(tmp_path, "--data", str(extract)).returncode == 11
    assert (earlier / "board_report.html").read_text(encoding="utf-8") == "the earlier report"
    assert sorted(os.listdir(tmp_path)) == ["extract", "out"]


def test_a_settings_key_that_does_not_exist(tmp_path):
    home = tmp_path / "home"
    shutil.copytree(ROOT / "data" / "authorities", home / "data" / "authorities")
    spoil(home / "data" / "authorities" / "exampleshire.toml", "recommendation =", "recomendation =")
    run = run_pace("report", "--authority", "exampleshire", "--quarter", "2015Q3", PACE_HOME=str(home))
    assert_refused(run, 10, "recomendation", "Did you mean 'recommendation'?")


def test_the_check_lists_findings_and_says_so_by_its_exit_code(extract):
    clean = run_pace("check", str(extract))
    assert clean.returncode == 0 and "0 errors" in clean.stdout
    lines = (extract / "period.csv").read_text(encoding="utf-8").splitlines()
    (extract / "period.csv").write_text("\n".join([*lines, lines[-1]]) + "\n", encoding="utf-8")
    findings = extract.parent / "findings.csv"
    broken = run_pace("check", str(extract), "--out", str(findings))
    assert broken.returncode == 12
    written = findings.with_name("findings-RESTRICTED.csv")
    assert "P01" in broken.stdout and str(written) in broken.stderr
    assert written.read_text(encoding="utf-8").startswith("RESTRICTED: holds the numbers of children")
    assert run_pace("check", str(extract), "--max-errors", "5").returncode == 0
    assert run_pace("check", str(extract), "--only", "M04").returncode == 0
    told = json.loads(run_pace("check", str(extract), "--json").stdout)
    assert told["errors"] >= 1 and "P01" in {rule["rule"] for rule in told["rules"] if rule["findings"]}
    assert_refused(run_pace("check", str(extract), "--only", "P0"), 2, "P0")


@pytest.mark.parametrize("arguments", [["measures"], ["aims"], ["--help"], ["report", "-h"], ["--version"]])
def test_listing_commands_answer(arguments):
    run = run_pace(*arguments)
    assert run.returncode == 0 and run.stdout.strip() and run.stderr == ""


def test_the_sample_is_written_where_asked_and_never_over_other_files(tmp_path):
    assert run_pace("sample", str(tmp_path / "new")).returncode == 0
    assert (tmp_path / "new" / "2015Q3" / "period.csv").read_bytes() == (SAMPLE / "period.csv").read_bytes()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine", encoding="utf-8")
    assert_refused(run_pace("sample", str(tmp_path / "full")), 15, "full")


def test_a_councils_own_spreadsheet_becomes_a_check_in_two_steps(tmp_path):
    tracker = write_example(read_extract(SAMPLE), tmp_path / "tracker.xlsx")
    assert_refused(run_pace("check", str(tracker)), 11, "pace map tracker.xlsx")
    mapped = run_pace("map", str(tracker))
    assert mapped.returncode == 0 and (tmp_path / "tracker.mapping.toml").exists()
    assert_refused(run_pace("map", str(tracker)), 15, "There is a mapping already")


def test_a_repair_is_logged_value_by_value(tmp_path):
    episodes = (ROOT / "tests/data/ssda903/named_defects/SSDA903_episodes_for_testing_fixes_INPUT.csv").read_text(encoding="utf-8")
    children = sorted({line.split(",")[0] for line in episodes.splitlines()[1:]})
    source = tmp_path / "return"
    source.mkdir()
    (source / "episodes.csv").write_text(episodes, encoding="utf-8")
    header = ["CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB", *(f"{child},1,2010-01-15,WBRI,,," for child in children)]
    (source / "header.csv").write_text("\n".join(header) + "\n", encoding="utf-8")
    run = run_pace("check", str(source), "--repair", "--out", str(tmp_path / "f.csv"), "--max-errors", "1000")
    assert run.returncode == 0, run.stderr
    log = (tmp_path / "f-repairs-RESTRICTED.csv").read_text(encoding="utf-8").splitlines()
    assert log[0].startswith("RESTRICTED") and log[1] == "file,row,child_id,rule,column,old,new" and len(log) > 10
    assert_refused(run_pace("check", str(SAMPLE), "--repair"), 11, "Only an SSDA903 return")
