"""`pace protect`: an author's own table read, protected, printed and written; every mistake one message."""

import csv
import io
import re
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from conftest import ROOT, run_pace

from pace_analysis.cli import main
from pace_analysis.errors import DisclosureRefused, InputError, OutputError, UsageError
from pace_analysis.report.countsfile import parse_groups, read_counts
from pace_analysis.report.protecting import as_csv, as_text, protect_file, write_csv

COUNTS = """Route,0-4,5-11,12-15,All
Home,12,30,7,49
Kinship,3,9,1,13
Adoption,14,2,0,16
Permanence order,6,11,4,21
Total,35,52,12,99
"""
INTERIOR = [[12, 30, 7], [3, 9, 1], [14, 2, 0], [6, 11, 4]]


@pytest.fixture
def counts(tmp_path) -> Path:
    return written(tmp_path, COUNTS)


def written(folder: Path, text: str, name: str = "counts.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def workbook(folder: Path, rows, *more: str) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name in more:
        book.create_sheet(name)
    book.save(folder / "counts.xlsx")
    return folder / "counts.xlsx"


def test_the_command_prints_the_table_and_one_note_and_writes_only_when_told(counts):
    before = sorted(counts.parent.iterdir())
    run = run_pace("protect", str(counts))
    assert run.returncode == 0, run.stderr
    assert sorted(counts.parent.iterdir()) == before
    lines = run.stdout.splitlines()
    assert lines[0].split() == ["0-4", "5-11", "12-15", "total"]
    assert lines[-1].startswith("Counts are rounded to multiples of 5")
    assert "Publish one version of this table" in run.stderr
    for exact in ("49", "52", "99", " 12 ", " 14 "):
        assert exact not in run.stdout


def test_the_file_holds_the_table_printed_and_the_note(counts):
    out = counts.parent / "shown.csv"
    out.write_text("an earlier one", encoding="utf-8")
    run = CliRunner().invoke(main, ["protect", str(counts), "--groups", "under 12=0-4,5-11", "--out", str(out)])
    assert run.exit_code == 0, run.output
    header, *rows, note = csv.reader(io.StringIO(out.read_text(encoding="utf-8")))
    assert header == ["", "0-4", "5-11", "12-15", "under 12", "total"]
    assert [row[0] for row in rows] == ["Home", "Kinship", "Adoption", "Permanence order", "total"]
    assert note[0] == run.stdout.splitlines()[-1] and not any(note[1:])
    assert [re.split(r"\s{2,}", line) for line in run.stdout.splitlines()[1:-1]] == rows
    assert sorted(path.name for path in counts.parent.iterdir()) == ["counts.csv", "shown.csv"]


def test_suppression_hides_the_small_numbers_and_keeps_the_others(counts):
    table, remarks = protect_file(counts, method="suppression")
    assert table.cells.at["total", "5-11"] == "52"
    assert {table.cells.at["Kinship", "0-4"], table.cells.at["Kinship", "12-15"]} == {"c"}
    assert remarks[-1].startswith("Publish one version")


def test_a_workbook_is_read_like_the_csv(tmp_path, counts):
    rows = [line.split(",") for line in COUNTS.splitlines()]
    path = workbook(tmp_path, [rows[0], *([row[0], *map(int, row[1:])] for row in rows[1:])])
    assert read_counts(path).frame.equals(read_counts(counts).frame)
    assert read_counts(path).frame.to_numpy().tolist() == INTERIOR
    with pytest.raises(InputError, match="2 sheets"):
        read_counts(workbook(tmp_path, rows, "Notes"))


def test_blank_rows_and_blanks_around_labels_do_not_matter(tmp_path):
    path = written(tmp_path, "Route, 0-4 ,5-11,,\n\n Home ,12,30,,\nKinship,3,9,,\n,,,,\n")
    assert read_counts(path).frame.to_dict() == {"0-4": {"Home": 12, "Kinship": 3}, "5-11": {"Home": 30, "Kinship": 9}}


def test_a_subtotal_in_the_table_is_checked_and_made_anew(tmp_path):
    text = "Route,0-4,5-11,under 12,12-15\nHome,12,30,42,7\nKinship,3,9,12,1\nAdoption,14,2,16,0\n"
    groups = {"under 12": ("0-4", "5-11")}
    assert list(read_counts(written(tmp_path, text), groups).frame.columns) == ["0-4", "5-11", "12-15"]
    with pytest.raises(InputError, match="not the sum of its parts") as error:
        read_counts(written(tmp_path, text.replace("3,9,12,1", "3,9,13,1")), groups)
    assert error.value.where == "counts.csv, column 4, row 3"


def test_a_group_may_be_called_like_a_label_of_the_other_side(counts):
    frame = read_counts(counts, {"Home": ("0-4", "5-11")}).frame
    assert frame.loc["Home"].tolist() == [12, 30, 7] and frame.columns.tolist() == ["0-4", "5-11", "12-15"]


def test_a_subtotal_that_is_not_named_is_asked_about(tmp_path):
    text = "Route,0-4,5-11,under 12,12-15\nHome,12,30,42,7\nKinship,3,9,12,1\nAdoption,14,2,16,0\n"
    with pytest.raises(InputError, match="like a subtotal") as error:
        read_counts(written(tmp_path, text))
    assert error.value.where == "counts.csv, column 4" and "--groups" in error.value.remedy
    turned = "\n".join(map(",".join, zip(*(line.split(",") for line in text.splitlines()), strict=True)))
    with pytest.raises(InputError, match="like a subtotal") as error:
        read_counts(written(tmp_path, turned))
    assert error.value.where == "counts.csv, row 4"


@pytest.mark.parametrize(("old", "new", "says", "where"), [
    ("12,30,7,49", "12,thirty,7,49", "holds text", "row 2, column 3"),
    ("12,30,7,49", "12,*,7,49", "holds text", "row 2, column 3"),
    ("12,30,7,49", "12,-30,7,49", "a negative number", "row 2, column 3"),
    ("12,30,7,49", "12,30.5,7,49", "a decimal number", "row 2, column 3"),
    ("12,30,7,49", "12,,7,49", "is empty", "row 2, column 3"),
    ("12,30,7,49", "12,30,7", "is empty", "row 2, column 5"),
    ("12,30,7,49", "12,30,7,49,1", "right of the last named column", "row 2, column 6"),
    ("12,30,7,49", "12,99999999999999999999,7,49", "over 1,000,000", "row 2, column 3"),
    ("12,30,7,49", "12,30,7,50", "not the sum of its parts", "column 5, row 2"),
    ("35,52,12,99", "35,53,12,99", "not the sum of its parts", "row 6, column 3"),
    ("Kinship", "home", "same as that in row 2, column 1", "row 3, column 1"),
    ("Kinship", "", "label is missing", "row 3, column 1"),
    ("Kinship", "All", "2 totals of one kind", "row 3 and 6"),
    ("5-11", "05-Nov", "a date", "row 1, column 3"),
    ("5-11", "2015-11-05", "a date", "row 1, column 3"),
    ("Kinship", "S1234567", "five digits", "row 3, column 1"),
])
def test_a_mistake_in_the_table_is_named_by_row_and_column(tmp_path, old, new, says, where):
    path = written(tmp_path, COUNTS.replace(old, new, 1))
    with pytest.raises(InputError, match=says) as error:
        protect_file(path)
    assert error.value.where == f"counts.csv, {where}" and error.value.remedy


@pytest.mark.parametrize(("text", "says"), [
    ("", "no table"), ("Route,0-4\n", "no table"), ("Route;0-4\nHome;12\n", "no table"),
    ("Total,All\nTotal,5\n", "totals alone"),
])
def test_what_is_no_table(tmp_path, text, says):
    with pytest.raises(InputError, match=says):
        read_counts(written(tmp_path, text))


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="no file 'counts.csv'"):
        read_counts(tmp_path / "counts.csv")
    with pytest.raises(InputError, match="from .csv or .xlsx"):
        read_counts(written(tmp_path, COUNTS, "counts.txt"))
    with pytest.raises(InputError, match="no XLSX workbook"):
        read_counts(written(tmp_path, COUNTS, "counts.xlsx"))


def test_a_large_table_is_refused_before_any_work(tmp_path):
    def table(rows: int, columns: int) -> str:
        header = ["Route", *(f"age {j}" for j in range(columns))]
        return "\n".join(map(",".join, [header, *([f"route {i}", *["7"] * columns] for i in range(rows))]))

    with pytest.raises(DisclosureRefused, match="limit is 1,000"):
        protect_file(written(tmp_path, table(101, 10)))
    with pytest.raises(DisclosureRefused, match="more than a table of 1,000 cells"):
        protect_file(written(tmp_path, table(400, 10)))
    with pytest.raises(DisclosureRefused, match="more than a table of 1,000 cells"):
        protect_file(written(tmp_path, "x" * 5_000_001))
    with pytest.raises(DisclosureRefused, match="more than a table of 1,000 cells"):
        protect_file(workbook(tmp_path, [["Route", "age"], *[["", ""]] * 2000, ["late", 7]]))


def test_groups_as_they_are_typed():
    assert parse_groups(["under 12 = 0-4, 5-11", 'g="a, b",c']) == {"under 12": ("0-4", "5-11"), "g": ("a, b", "c")}
    for text in ("under 12", "=a,b", "g=a", "g=a,", "g=a,a"):
        with pytest.raises(UsageError, match="not understood"):
            parse_groups([text])
    for texts in (["g=a,b", "g=c,d"], ["All=a,b"]):
        with pytest.raises(UsageError, match="named twice, or like a total"):
            parse_groups(texts)


def test_an_unknown_label_of_a_group_names_the_nearest(counts):
    run = run_pace("protect", str(counts), "--groups", "under 12=0-4,5-12")
    assert run.returncode == 2 and "Did you mean '5-11'?" in run.stderr and run.stdout == ""


def test_the_exact_counts_are_never_replaced(counts):
    table, _ = protect_file(counts)
    with pytest.raises(UsageError, match="would replace the exact counts"):
        write_csv(table, counts, counts=counts)
    with pytest.raises(UsageError, match="written as .csv"):
        write_csv(table, counts.with_suffix(".xlsx"), counts=counts)
    with pytest.raises(OutputError, match="cannot be written"):
        write_csv(table, counts.parent / "nowhere" / "shown.csv", counts=counts)
    assert counts.read_text(encoding="utf-8") == COUNTS


def test_a_refusal_ends_the_command_with_its_sentence(tmp_path):
    six = [f"--groups={a}{b}={a},{b}" for a, b in ("ab", "ac", "ad", "bc", "bd", "cd")]
    path = written(tmp_path, "Route,x,y,z\na,3,4,2\nb,5,3,2\nc,4,9,5\nd,5,5,5\n")
    run = run_pace("protect", str(path), "--profile", "strict", *six)
    assert run.returncode == 13 and "Not shown: counts." in run.stderr and run.stdout == ""


def test_no_label_runs_as_a_formula_or_moves_the_cursor(tmp_path):
    table, _ = protect_file(written(tmp_path, "Route,=1+1,b\n@home,12,30\n\x1b[2Jkin,30,9\n"))
    rows = list(csv.reader(io.StringIO(as_csv(table))))
    assert rows[0][1] == "'=1+1" and rows[1][0] == "'@home"
    assert "\x1b" not in as_text(table) and "\x1b" not in as_csv(table)


@pytest.mark.parametrize("render", [as_text, as_csv])
@pytest.mark.parametrize("raw", [pd.DataFrame({"a": [1]}), {"a": 1}, "3 children"], ids=lambda raw: type(raw).__name__)
def test_nothing_is_shown_that_the_gate_has_not_made(render, raw):
    with pytest.raises(DisclosureRefused, match="has not passed the disclosure gate"):
        render(raw)


def test_the_page_for_authors_tells_of_every_option():
    page = (ROOT / "docs" / "own-tables.md").read_text(encoding="utf-8")
    for option in main.commands["protect"].params:
        assert option.name == "file" or f"--{option.name}" in page
