"""The whole path: from the sample extract to a report folder, by the command."""

import csv
import hashlib
import json
import re
from pathlib import Path

import pytest
from conftest import ROOT, run_pace

SECTIONS = ["Summary", "Recommendations", "Background", "Resources", "Prevention", "Community Involvement/Engagement"]


@pytest.fixture(scope="module")
def page(sample_report) -> str:
    return (sample_report / "board_report.html").read_text(encoding="utf-8")


def test_the_folder_holds_page_figures_tables_and_manifest(sample_report):
    names = sorted(path.relative_to(sample_report).as_posix() for path in sample_report.rglob("*") if path.is_file())
    figures = [name for name in names if name.startswith("figures/")]
    assert {"board_report.html", "manifest.json"} < set(names)
    stems = {name.rsplit(".", 1)[0] for name in figures}
    assert len(stems) >= 2 and sorted(figures) == sorted(f"{stem}.{kind}" for stem in stems for kind in ("svg", "png", "txt", "csv"))
    assert {"tables/adoptions.csv", "tables/aim_three_ways.csv", "tables/routes.csv", "tables/waiting.csv", "tables/changes.csv"} <= set(names)


def test_the_manifest_holds_the_hash_of_every_input_and_output(sample_report):
    manifest = json.loads((sample_report / "manifest.json").read_text(encoding="utf-8"))
    outputs = {path.relative_to(sample_report).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
               for path in sample_report.rglob("*") if path.is_file() and path.name != "manifest.json"}
    assert manifest["outputs"] == outputs
    for name, digest in manifest["inputs"].items():
        assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == digest, name
    assert {"data/sample/exampleshire/2015Q3/period.csv", "data/text/exampleshire.md", "data/authorities/exampleshire.toml"} <= set(manifest["inputs"])
    assert manifest["profile"] == "public" and manifest["parameters"]["quarter"] == "2015Q3"
    assert manifest["code"]["pace_analysis"] and manifest["versions"]["pandas"]


def test_the_page_has_the_form_of_a_board_paper(page):
    for term in ("To", "On", "Report by"):
        assert f"<dt>{term}</dt>" in page
    headings = re.findall(r'<h2[^>]*><span class="num">(\d)</span> ([^<]*)</h2>', page)
    assert [title for _, title in headings][:6] == SECTIONS
    assert [int(number) for number, _ in headings] == list(range(1, len(headings) + 1))
    paragraphs = re.findall(r'<span class="num">(\d+)\.(\d+)</span>', page)
    for section in {section for section, _ in paragraphs}:
        numbers = [int(number) for found, number in paragraphs if found == section]
        assert numbers == list(range(1, len(numbers) + 1))


def test_the_page_loads_and_runs_nothing_and_leaks_no_internal_result(page):
    assert '<html lang="en-GB">' in page
    assert "<script" not in page and "INTERNAL" not in page and "NOT FOR PUBLICATION" not in page
    assert not re.search(r'(?:src|href)="https?:', page)
    assert str(ROOT) not in page


def test_every_figure_and_table_can_be_read_without_seeing_it(page):
    alts = re.findall(r"<img[^>]*alt=\"([^\"]*)\"", page)
    assert alts and all(len(alt) > 40 for alt in alts)
    assert page.count("<table") == page.count("<caption")
    assert all("scope=" in cell for cell in re.findall(r"<th\b[^>]*>", page))


def test_the_adoption_table_is_the_published_one_with_its_total(sample_report):
    rows = read_csv(sample_report / "tables" / "adoptions.csv")[1:]
    assert [row[0] for row in rows] == ["2010/11", "2011/12", "2012/13", "2013/14", "2014/15", "Total"]
    assert [row[1] for row in rows] == ["16", "18", "11", "17", "24", "86"]


def test_every_other_count_is_a_multiple_of_five(sample_report):
    shown = [cell for name in ("routes", "waiting") for row in read_csv(sample_report / "tables" / f"{name}.csv")[1:] for cell in row[1:]]
    assert shown and all(cell == "fewer than 5" or int(cell) % 5 == 0 for cell in shown)


def test_the_committed_example_was_made_from_the_same_inputs(second_report):
    manifest, example = (json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
                         for folder in (second_report, ROOT / "reports" / "example" / "2015Q3"))
    assert manifest["inputs"] == example["inputs"]


def test_the_committed_example_holds_the_same_tables(second_report):
    example = ROOT / "reports" / "example" / "2015Q3" / "tables"
    built = {path.name: read_csv(path) for path in (second_report / "tables").iterdir()}
    assert built == {path.name: read_csv(path) for path in example.iterdir()}


def test_the_committed_example_says_why_figures_moved():
    moved = read_csv(ROOT / "reports" / "example" / "2015Q3" / "tables" / "what_changed.csv")
    waiting = next(row for row in moved if row[0] == "Children waiting for a decision")
    assert waiting[1:3] == ["80", "70"] and "had come into care and were waiting" in waiting[3]


def test_the_page_names_the_files_it_is_made_from(sample_report, page):
    stated = json.loads((sample_report / "manifest.json").read_text(encoding="utf-8"))["inputs"]
    named = {row[0]: row[2] for row in read_csv(sample_report / "tables" / "made_from.csv")[1:]}
    assert named == {path: digest[:12] for path, digest in stated.items()}
    assert all(path in page for path in named)


def test_no_child_of_the_extract_is_named_anywhere(sample_report):
    periods = read_csv(ROOT / "data" / "sample" / "exampleshire" / "2015Q3" / "period.csv")
    ids = {row[1] for row in periods[1:]} | {row[0] for row in periods[1:]}
    for path in sample_report.rglob("*"):
        if path.suffix in (".html", ".csv", ".txt", ".json"):
            words = set(re.findall(r"[\w-]+", re.sub(r'base64,[^"]*|"[0-9a-f]{64}"', "", path.read_text(encoding="utf-8-sig"))))
            assert not words & ids, path.name


def test_a_dry_run_lists_what_would_be_done_and_writes_nothing(tmp_path):
    run = run_pace("report", "--authority", "exampleshire", "--quarter", "2015Q3", "--out", str(tmp_path / "new"), "--dry-run")
    assert run.returncode == 0
    assert "board_report.html" in run.stdout and "exampleshire" in run.stdout
    assert list(tmp_path.iterdir()) == []


def test_an_internal_report_is_stamped_in_page_and_folder_name(tmp_path):
    run = run_pace("report", "--authority", "exampleshire", "--quarter", "2015Q3", "--profile", "internal", "--out", str(tmp_path / "r"))
    assert run.returncode == 0, run.stderr
    assert Path(run.stdout.strip()).parent.name == "r-NOT-FOR-PUBLICATION"
    assert "NOT FOR PUBLICATION" in Path(run.stdout.strip()).read_text(encoding="utf-8")


def test_the_return_of_another_project_becomes_a_report_with_its_notice(tmp_path):
    run = run_pace("report", "--authority", "ssda903-test", "--quarter", "2018Q1", "--data", "tests/data/ssda903/return_2018", "--drop-errors",
                   "--out", str(tmp_path / "r"))
    assert run.returncode == 0, run.stderr
    text = (tmp_path / "r" / "board_report.html").read_text(encoding="utf-8")
    assert "random test data" in text and "DATE_PLACED" in text


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.reader(lines))


@pytest.mark.parametrize("quarter", ["2010Q2", "2014Q2"])
def test_an_earlier_quarter_is_reported_too(quarter, tmp_path):
    """Its page names days that are also some child's; those are the report's own, and no leak."""
    run = run_pace("report", "--authority", "exampleshire", "--quarter", quarter, "--out", str(tmp_path / quarter))
    assert run.returncode == 0, run.stderr
    assert (tmp_path / quarter / "manifest.json").exists()
